"""Exchange's own operations: cmdlets on mailboxes, recipients, folders and roles, and the mailbox audit of folders.

Each reader takes the columns common to all and the record, and gives the grant rows of the record: one per mailbox,
folder, grantee and right. OPERATIONS at the end is the table of what is read.
"""

import json
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .fields import EVERY_MAILBOX, Row
from .folders import folder_kind, split_identity
from .office import cmdlet
from .parties import Party, mailbox, party, relation, same_domain
from .rights import MAIL_ROLES, folder_access, mailbox_right, names
from .shapes import Body
from .values import flag, listed, named_values, object_of, text_of

Reader = Callable[[Row, Body], List[Row]]


def on_mailbox(row: Row, identity: Optional[str], object_id: Any = None) -> None:
    """Fill in whose mailbox it is."""
    named = object_id if isinstance(object_id, str) else text_of(object_id)
    row["mailbox"], row["mailbox_id"], row["mailbox_kind"] = mailbox(identity, named)


def to_grantee(row: Row, who: Party) -> None:
    """Fill in who gets in, and how he stands to the actor and the mailbox."""
    row["grantee"], row["grantee_id"], row["grantee_kind"] = who
    row["relation"] = relation(row["actor"], row["actor_id"], who.name, row["mailbox"])


def add_error(row: Row, message: str) -> None:
    """Tell what could not be read; what was told before stays."""
    row["parse_error"] = f"{row['parse_error']}; {message}" if row["parse_error"] else message


def mailbox_permission(action: str, grantee_parameter: str) -> Reader:
    """Add-/Remove-MailboxPermission and -RecipientPermission: a right on a whole mailbox for one trustee."""

    other = {"user": "trustee", "trustee": "user"}[grantee_parameter]

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        on_mailbox(row, given.get("identity"), body.get("ObjectId"))
        row["grant_action"] = action
        owner = given.get("owner")
        grantee = given.get(grantee_parameter) or given.get(other)
        rights = names(given.get("accessrights"))
        if owner and not grantee:
            grantee, rights = owner, ("ChangeOwner",)
        to_grantee(row, party(grantee))
        row["inheritance"] = given.get("inheritancetype")
        if "deny" in given:
            row["deny"] = "true" if flag(given["deny"]) else "false"
        if not (row["mailbox"] and grantee and rights):
            missing(row, Identity=row["mailbox"], **{grantee_parameter.title(): grantee}, AccessRights=rights)
        if len(rights) == 1:
            return [_with_right(row, rights[0])]
        return [_with_right(row.copy(), native) for native in rights] or [_with_right(row, "")]

    return read


def missing(row: Row, **parameters: Any) -> None:
    """Tell which of the parameters a grant needs are absent."""
    absent = ", ".join(name for name, value in parameters.items() if not value)
    if absent:
        add_error(row, "record without " + absent)


def _with_right(row: Row, native: str) -> Row:
    row["right_native"] = native or None
    row["right"], row["access"] = mailbox_right(native)
    return row


def folder_permission(action: str) -> Reader:
    """Add-/Set-/Remove-MailboxFolderPermission: roles or single rights on one folder."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        identity = given.get("identity") or text_of(body.get("ObjectId"))
        owner, folder = split_identity(identity) if identity else (None, None)
        on_mailbox(row, owner)
        grantee = given.get("user")
        native = names(given.get("accessrights"))
        _folder_row(row, action, folder, native)
        to_grantee(row, party(grantee))
        row["sharing_flags"] = given.get("sharingpermissionflags")
        missing(row, Identity=owner, User=grantee, AccessRights=native or action == "revoke")
        return [row]

    return read


def _folder_row(row: Row, action: str, folder: Optional[str], native: Tuple[str, ...]) -> None:
    row["grant_action"] = action
    row["right_native"] = ", ".join(native) or None
    row["folder"] = folder
    row["folder_kind"] = folder_kind(folder)
    row["right"], row["access"], unknown = folder_access(native)
    if not native and action != "revoke":
        row["access"] = "read"
    if unknown:
        add_error(row, "unknown folder right " + ", ".join(unknown))


def folder_audit(action: str) -> Reader:
    """The mailbox audit's Add-/Modify-/RemoveFolderPermissions: the rights that the member has afterwards."""

    def read(row: Row, body: Body) -> List[Row]:
        item = object_of(body.get("Item"))
        found = item.get("ParentFolder") or item.get("Folder") or body.get("Folder") or body.get("ParentFolder")
        folder = object_of(found)
        row["mailbox"] = text_of(body.get("MailboxOwnerUPN")) or text_of(body.get("MailboxGuid"))
        row["mailbox_id"] = text_of(body.get("MailboxGuid"))
        member = text_of(folder.get("MemberUpn"))
        sid = text_of(folder.get("MemberSid"))
        path = text_of(folder.get("Path")) or text_of(folder.get("Name"))
        native = names(folder.get("MemberRights"))
        _folder_row(row, action, path, native)
        who = party(member or sid)
        kind = party(sid).kind if who.kind in ("unknown", "user") and party(sid).kind != "unknown" else who.kind
        to_grantee(row, Party(who.name, sid or who.id, kind))
        missing(row, MailboxOwnerUPN=row["mailbox"], MemberUpn=who.name, Path=path,
                MemberRights=native or action == "revoke")  # fmt: skip
        return [row]

    return read


def set_mailbox(row: Row, body: Body) -> List[Row]:
    """Set-Mailbox, where it delegates or forwards: GrantSendOnBehalfTo, ForwardingSmtpAddress, ForwardingAddress."""
    given = cmdlet(body)
    on_mailbox(row, given.get("identity"), body.get("ObjectId"))
    rows: List[Row] = []
    if "grantsendonbehalfto" in given:
        rows += send_on_behalf(row, named_values(body.get("Parameters"))["grantsendonbehalfto"])
    for name in ("forwardingsmtpaddress", "forwardingaddress"):
        if name in given:
            rows.append(forwarding(row, name, given[name] or None, given))
    for one in rows:
        missing(one, Identity=one["mailbox"])
    return rows


_NULL = "$null"
_VERB = re.compile(r"""["']?\b(add|remove)["']?\s*[=:]""", re.IGNORECASE)
_NAME = re.compile(r"""["]([^"]*)["]|[']([^']*)[']|([^\s,;(){}\[\]@"'][^,;(){}\[\]"']*)""")


def send_on_behalf(row: Row, value: Any) -> List[Row]:
    """Rows of a GrantSendOnBehalfTo value: a list replaces all delegates, an empty one clears them, an edit edits.

    How the edit form `@{Add=…; Remove=…}` is written in a record has not been seen; it is read by the cmdlet's own
    syntax and as JSON, and `right_native` tells that it was an edit.
    """
    value = None if value == _NULL else value
    text = text_of(value) if not isinstance(value, (list, dict)) else json.dumps(value)
    row = dict(row, right="send_on_behalf", right_native="GrantSendOnBehalfTo", access="send")
    edits = _edits(text) if text and text.lstrip()[:1] in ("@", "{") else []
    delegates = [("grant" if verb == "add" else "revoke", name) for verb, name in edits]
    if delegates:
        row["right_native"] += " (edit)"
    rows = []
    for action, name in delegates or [("replace", name) for name in _delegates(value)]:
        rows.append(dict(row, grant_action=action))
        to_grantee(rows[-1], party(name))
    return rows or [dict(row, grant_action="replace", access="none", grantee_kind="unknown", relation=relation(
        row["actor"], row["actor_id"], None, row["mailbox"]))]  # fmt: skip


def _edits(text: str) -> List[Tuple[str, str]]:
    """(add or remove, name) of each name in `@{Add="a","b"; Remove='c'}`, with or without quotes, and in JSON."""
    verbs = list(_VERB.finditer(text))
    ends = [verb.start() for verb in verbs[1:]] + [len(text)]
    found = []
    for verb, end in zip(verbs, ends):
        for groups in _NAME.findall(text[verb.end() : end]):
            name = next(filter(None, groups), "").strip()
            parts = name.split(",") if name.count("@") > 1 else [name]
            found += [(verb.group(1).lower(), part.strip()) for part in parts if part.strip()]
    return found


def _delegates(value: Any) -> List[str]:
    text = text_of(value) or ""
    if not isinstance(value, list) and (text.upper().startswith("CN=") or text.lower().startswith("/o=")):
        return [text]  # a distinguished name has commas of its own
    return listed(value)


def forwarding(row: Row, name: str, target: Optional[str], given: Dict[str, Any]) -> Row:
    """The row of one forwarding parameter; no target means that forwarding was ended."""
    one = row.copy()
    target = None if target == _NULL else target
    keep = given.get("delivertomailboxandforward")
    one["grant_action"] = "setting"
    one["right"] = "forwarding"
    one["right_native"] = _FORWARDING[name] + (f", DeliverToMailboxAndForward={keep}" if keep else "")
    one["access"] = "read" if target else "none"
    address = target[5:] if target and target.lower().startswith("smtp:") else target
    who = party(address)
    if name == "forwardingsmtpaddress" and who.kind == "user":
        who = who._replace(kind="user" if same_domain(address, row["actor"], row["mailbox"]) else "external")
    to_grantee(one, who)
    return one


_FORWARDING = {"forwardingsmtpaddress": "ForwardingSmtpAddress", "forwardingaddress": "ForwardingAddress"}


def audit_bypass(row: Row, body: Body) -> List[Row]:
    """Set-MailboxAuditBypassAssociation: what this account does in any mailbox goes unlogged, or no longer."""
    given = cmdlet(body)
    if "auditbypassenabled" not in given:
        return []
    on_mailbox(row, given.get("identity"), body.get("ObjectId"))
    enabled = flag(given["auditbypassenabled"])
    row.update(grant_action="setting", right="audit_bypass", right_native=f"AuditBypassEnabled={enabled}",
               access="own" if enabled else "none")  # fmt: skip
    to_grantee(row, party(row["mailbox"]))
    row["relation"] = relation(row["actor"], row["actor_id"], row["grantee"], None)
    return [row]


# Parameters that name who holds a role, and what they say of its kind.
_ROLE_HOLDERS = {"user": "", "member": "", "members": "", "securitygroup": "group", "app": "application",
                 "policy": "", "computer": ""}  # fmt: skip


def role_assignment(action: str) -> Reader:
    """Management roles that open mailboxes: assigned, put into a role group, or taken away."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        wanted = [(native, MAIL_ROLES[native.lower()]) for native in _roles(given) if native.lower() in MAIL_ROLES]
        holders: List[Tuple[Optional[str], str]] = [
            (name, kind) for key, kind in _ROLE_HOLDERS.items() for name in listed(given.get(key))
        ]
        group = given.get("name")
        scope = next((given[key] for key in _SCOPES if given.get(key)), None)
        rows = []
        for native, (right, access) in wanted:
            for holder, kind in holders or [(group, "group" if "roles" in given else "")]:
                one = dict(row, grant_action=action, right=right, right_native=native, access=access,
                           mailbox=EVERY_MAILBOX, inheritance=scope)  # fmt: skip
                to_grantee(one, party(holder))
                if one["grantee_kind"] == "unknown" and kind:
                    one["grantee_kind"] = kind
                if not holder and action != "revoke":
                    add_error(one, "role without anyone who holds it")
                rows.append(one)
        return rows

    return read


_SCOPES = ("customrecipientwritescope", "customresourcescope", "recipientorganizationalunitscope",
           "recipientrelativewritescope")  # fmt: skip


def _roles(given: Dict[str, Any]) -> List[str]:
    roles = listed(given.get("role")) + listed(given.get("roles"))
    if not roles:  # Set- and Remove-ManagementRoleAssignment name the assignment, which begins with its role
        identity = (given.get("identity") or "").rpartition("\\")[2].rpartition("/")[2]
        roles = [role for role in MAIL_ROLES if identity.lower().startswith(role)]
    return roles


OPERATIONS: Dict[str, Reader] = {
    "Add-MailboxPermission": mailbox_permission("grant", "user"),
    "Remove-MailboxPermission": mailbox_permission("revoke", "user"),
    "Add-RecipientPermission": mailbox_permission("grant", "trustee"),
    "Remove-RecipientPermission": mailbox_permission("revoke", "trustee"),
    "Add-MailboxFolderPermission": folder_permission("grant"),
    "Set-MailboxFolderPermission": folder_permission("change"),
    "Remove-MailboxFolderPermission": folder_permission("revoke"),
    "AddFolderPermissions": folder_audit("grant"),
    "ModifyFolderPermissions": folder_audit("change"),
    "UpdateFolderPermissions": folder_audit("change"),
    "RemoveFolderPermissions": folder_audit("revoke"),
    "Set-Mailbox": set_mailbox,
    "Set-MailboxAuditBypassAssociation": audit_bypass,
    "New-ManagementRoleAssignment": role_assignment("grant"),
    "Set-ManagementRoleAssignment": role_assignment("change"),
    "Remove-ManagementRoleAssignment": role_assignment("revoke"),
    "New-RoleGroup": role_assignment("grant"),
}
