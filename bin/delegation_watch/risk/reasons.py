"""The sentence that goes with a score: who gave whom what, why it matters, how to check it and how to undo it."""

from typing import Any, Dict, Mapping, Tuple

# right → (what the grantee can do, how to undo it). %(m)s, %(g)s, %(f)s and %(n)s are mailbox, grantee,
# folder and the right as the vendor names it.
_RIGHTS: Dict[str, Tuple[str, str]] = {
    "full_access": ("open all of mailbox %(m)s", "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights FullAccess"),
    "send_as": ("send as %(m)s", "Remove-RecipientPermission %(m)s -Trustee %(g)s -AccessRights SendAs"),
    "send_on_behalf": ("send on behalf of %(m)s", "Set-Mailbox %(m)s -GrantSendOnBehalfTo without %(g)s"),
    "change_permission": ("change who may open mailbox %(m)s",
                          "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights ChangePermission"),
    "change_owner": ("take ownership of mailbox %(m)s",
                     "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights ChangeOwner"),
    "read_permission": ("read the permissions of mailbox %(m)s",
                        "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights ReadPermission"),
    "delete_item": ("delete mailbox %(m)s", "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights DeleteItem"),
    "external_account": ("own mailbox %(m)s from another forest",
                         "Remove-MailboxPermission %(m)s -User %(g)s -AccessRights ExternalAccount"),
    "folder": ("use folder %(f)s of %(m)s as %(n)s", "Remove-MailboxFolderPermission %(m)s:%(f)s -User %(g)s"),
    "folder for all": ("use folder %(f)s of %(m)s as %(n)s",
                       "Set-MailboxFolderPermission %(m)s:%(f)s -User %(g)s -AccessRights None"),
    "gmail_delegate": ("read, send and delete mail of %(m)s", "remove the delegate in Gmail's settings or by its API"),
    "impersonation": ("act as any mailbox in scope", "remove the role assignment of %(g)s"),
    "app_mail": ("reach mail of %(m)s with permission %(n)s", "revoke the permission of application %(g)s"),
    "role": ("reach mailboxes by role %(n)s", "remove the role assignment of %(g)s"),
    "group_member": ("have what group %(m)s has, as its %(n)s", "take %(g)s out of the group"),
    "delegation_switch": ("delegate", "set mail delegation of %(m)s back"),
    "audit_bypass": ("go unlogged", "Set-MailboxAuditBypassAssociation %(m)s -AuditBypassEnabled $false"),
    "audit off": ("go unlogged", "set %(n)s of %(m)s back"),
    "forwarding": ("receive the mail of %(m)s", "remove the forwarding address of %(m)s"),
    "inbox_rule": ("act on incoming mail of %(m)s by a rule", "remove the inbox rule"),
    "sharing_policy": ("see what is shared", "restore the sharing policy"),
    "unknown": ("use an unknown right (%(n)s) on %(m)s %(f)s", "look the right up, and remove it if unasked for"),
}  # fmt: skip
# Rights that are a setting and give nothing to anyone by name: (what was done, how it stands).
_SETTINGS: Dict[str, Tuple[str, str]] = {
    "delegation_switch": ("set %(n)s for %(m)s", "%(m)s has %(n)s"),
    "audit_bypass": ("set %(n)s for %(m)s", "%(m)s has %(n)s"),
    "sharing_policy": ("set %(n)s", "%(n)s is set"),
    "inbox_rule": ("set a rule in %(m)s (%(n)s)", "%(m)s has the rule (%(n)s)"),
}
_MANY = {"everyone": "everyone in the organisation", "anonymous": "anyone, without signing in"}
# The names by which the cmdlets know those who stand for many.
_PRINCIPALS = {"everyone": "Default", "anonymous": "Anonymous"}
_LET = "{} let {} {}"
_DEEDS = {
    "failure": "{} tried, and failed, to let {} {}",
    "revoke": "{} took from {} the right to {}",
    "snapshot": "{1} can {2}, as it stands",
    "use": "{0} used the right to {2}",
    "cleared": "{0} took from everyone who had it the right to {2}",
}


def sentence(row: Mapping[str, Any], why: str) -> str:
    """One sentence that a person can act on; `why` says what makes the row dangerous."""
    get = row.get
    mailbox = get("mailbox_key") or _short(get("mailbox")) or "an unnamed mailbox"
    grantee = get("grantee_key") or _short(get("grantee"))
    right = get("right") or "unknown"
    names = {
        "m": "every mailbox" if mailbox == "*" else mailbox,
        "g": _PRINCIPALS.get(get("grantee_kind") or "") or grantee or "the grantee",
        "f": get("folder") or "",
        "n": get("right_native") or get("access") or "",
    }
    many = get("grantee_kind") in _PRINCIPALS and right == "folder"  # their entries stay, and are set to None
    can, undo = _RIGHTS.get("folder for all" if many else right) or _RIGHTS["unknown"]
    if right == "audit_bypass" and not names["n"].startswith("AuditBypass"):
        undo = _RIGHTS["audit off"][1]
    actor = get("actor_key") or get("actor") or "someone"
    action = get("grant_action")
    failed = get("status") == "failure"
    if right == "forwarding" and get("access") == "none":
        deed = f"{actor} ended the forwarding of {mailbox}"
    elif right in _SETTINGS or (action == "setting" and not grantee):
        done, standing = _SETTINGS.get(right) or _SETTINGS["sharing_policy"]
        tried = "tried, and failed, to " if failed else ""
        deed = standing % names if action == "snapshot" else f"{actor} {tried}{done % names}"
    else:
        if get("relation") == "self_grant":
            grantee = "themself"
        else:
            grantee = _MANY.get(get("grantee_kind") or "") or grantee or "someone unnamed"
        if action == "replace" and get("access") == "none":
            action = "cleared"
        deed = _DEEDS.get("failure" if failed else action or "", _LET).format(actor, grantee, can % names)
    if failed or action in ("revoke", "use") or get("access") == "none":
        return f"{deed}: {why}"
    return f"{deed}: {why}; if nobody asked for it, undo with: {undo % names}"


def _short(name: Any) -> Any:
    """The last part of a canonical distinguished name, which is the recipient's Name; other names as they are."""
    return name.rpartition("/")[2] if isinstance(name, str) and "Exchange Hosted Organizations/" in name else name
