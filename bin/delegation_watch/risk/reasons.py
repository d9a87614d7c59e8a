"""The sentence that goes with a score: who gave whom what, why it matters, how to check it and how to undo it."""

from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple

if TYPE_CHECKING:
    from .judge import Factor

# right → (what the grantee can do, how to undo it). {m}, {g} and {f} are mailbox, grantee and folder.
_RIGHTS: Dict[str, Tuple[str, str]] = {
    "full_access": ("open all of mailbox {m}", "Remove-MailboxPermission {m} -User {g} -AccessRights FullAccess"),
    "send_as": ("send as {m}", "Remove-RecipientPermission {m} -Trustee {g} -AccessRights SendAs"),
    "send_on_behalf": ("send on behalf of {m}", "Set-Mailbox {m} -GrantSendOnBehalfTo without {g}"),
    "change_permission": ("change who may open mailbox {m}",
                          "Remove-MailboxPermission {m} -User {g} -AccessRights ChangePermission"),
    "change_owner": ("take ownership of mailbox {m}",
                     "Remove-MailboxPermission {m} -User {g} -AccessRights ChangeOwner"),
    "read_permission": ("read the permissions of mailbox {m}",
                        "Remove-MailboxPermission {m} -User {g} -AccessRights ReadPermission"),
    "delete_item": ("delete mailbox {m}", "Remove-MailboxPermission {m} -User {g} -AccessRights DeleteItem"),
    "external_account": ("own mailbox {m} from another forest",
                         "Remove-MailboxPermission {m} -User {g} -AccessRights ExternalAccount"),
    "folder": ("use folder {f} of {m} as {n}", "Remove-MailboxFolderPermission or, for Default and Anonymous, "
               "Set-MailboxFolderPermission {m}:{f} -User {g} -AccessRights None"),
    "gmail_delegate": ("read, send and delete mail of {m}", "remove the delegate in Gmail's settings or by its API"),
    "impersonation": ("act as any mailbox in scope", "remove the role assignment of {g}"),
    "app_mail": ("reach mail of {m} with permission {n}", "revoke the permission of application {g}"),
    "role": ("reach mailboxes by role {n}", "remove the role assignment of {g}"),
    "delegation_switch": ("delegate", "set mail delegation of {m} back"),
    "audit_bypass": ("go unlogged", "Set-MailboxAuditBypassAssociation {m} -AuditBypassEnabled $false"),
    "forwarding": ("receive the mail of {m}", "remove the forwarding address of {m}"),
    "inbox_rule": ("act on incoming mail of {m} by a rule", "remove the inbox rule"),
    "sharing_policy": ("see what is shared", "restore the sharing policy"),
    "unknown": ("use a right that is not known ({n}) on {m} {f}", "look the right up, and remove it if unasked for"),
}  # fmt: skip
# Rights that are a setting and give nothing to anyone by name: (what was done, how it stands).
_SETTINGS: Dict[str, Tuple[str, str]] = {
    "delegation_switch": ("set {n} for {m}", "{m} has {n}"),
    "audit_bypass": ("set {n} for {m}", "{m} has {n}"),
    "sharing_policy": ("set {n}", "{n} is set"),
}
_MANY = {"everyone": "everyone in the organisation", "anonymous": "anyone, without signing in"}


def sentence(row: Mapping[str, Any], factors: "Tuple[Factor, ...]") -> str:
    """One sentence that a person can act on."""
    get = row.get
    mailbox = get("mailbox_key") or get("mailbox") or "an unnamed mailbox"
    names = {
        "m": "every mailbox" if mailbox == "*" else mailbox,
        "g": get("grantee_key") or get("grantee") or "the grantee",
        "f": get("folder") or "",
        "n": get("right_native") or get("access") or "",
    }
    can, undo = (part.format(**names) for part in _RIGHTS.get(get("right") or "", _RIGHTS["unknown"]))
    why = "; ".join(factor.reason for factor in factors if factor.points > 0) or "nothing speaks against it"
    after = f"; if nobody asked for it, undo with: {undo}"
    return f"{_deed(row, names, can)}: {why}" + (after if _stands(row) else "")


def _stands(row: Mapping[str, Any]) -> bool:
    """Whether there is anything to undo."""
    return row.get("status") != "failure" and row.get("grant_action") != "revoke" and row.get("access") != "none"


def _deed(row: Mapping[str, Any], names: Dict[str, str], can: str) -> str:
    get = row.get
    actor = get("actor_key") or get("actor") or "someone"
    action = get("grant_action")
    setting = _SETTINGS.get(get("right") or "")
    if setting:
        done, standing = (part.format(**names) for part in setting)
        tried = "tried, and failed, to " if get("status") == "failure" else ""
        return standing if action == "snapshot" else f"{actor} {tried}{done}"
    grantee = _grantee(row)
    if get("status") == "failure":
        return f"{actor} tried, and failed, to let {grantee} {can}"
    if action == "revoke":
        return f"{actor} took from {grantee} the right to {can}"
    if action == "snapshot":
        return f"{grantee} can {can}, as it stands"
    return f"{actor} let {grantee} {can}"


def _grantee(row: Mapping[str, Any]) -> str:
    if row.get("relation") == "self_grant":
        return "themself"
    many = _MANY.get(row.get("grantee_kind") or "")
    return many or row.get("grantee_key") or row.get("grantee") or "someone unnamed"
