"""Exchange's cmdlets that give rights on mailboxes and folders, in the cloud and on premises.

Each reader takes the columns common to all and the record, and gives the grant rows of the record: one per mailbox,
folder, grantee and right. OPERATIONS at the end is the table of what is read.
"""

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .columns import add_error, missing, on_mailbox, to_grantee
from .fields import Row
from .folders import folder_kind, split_identity
from .office import cmdlet
from .parties import party
from .rights import folder_access, mailbox_right, names
from .shapes import Body
from .values import flag, listed, text_of

Reader = Callable[[Row, Body], List[Row]]


def mailbox_permission(action: str, grantee_parameter: str) -> Reader:
    """Add-/Remove-MailboxPermission and -RecipientPermission: a right on a whole mailbox for one trustee."""

    other = {"user": "trustee", "trustee": "user"}[grantee_parameter]

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        on_mailbox(row, given.get("identity"), body.get("ObjectId"))
        row["grant_action"] = action
        if "resetdefault" in given and flag(given["resetdefault"]):
            return [_reset(row, "full_access", "ResetDefault")]
        if "clearautomapping" in given and not given.get("accessrights"):
            return []  # Outlook no longer opens the mailbox by itself; the rights stay
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


def _with_right(row: Row, native: str) -> Row:
    row["right_native"] = native or None
    row["right"], row["access"] = mailbox_right(native)
    return row


def _reset(row: Row, right: str, native: str) -> Row:
    """A switch that takes the right from everyone who has it: a list of delegates that is empty."""
    to_grantee(row, party(None))
    row.update(grant_action="replace", right=right, right_native=native, access="none")
    missing(row, Identity=row["mailbox"])
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
        folder_row(row, action, folder, native)
        if "resetdelegateusercollection" in given and flag(given["resetdelegateusercollection"]) and not grantee:
            return [_reset(row, "folder", "ResetDelegateUserCollection")]
        to_grantee(row, party(grantee))
        row["sharing_flags"] = given.get("sharingpermissionflags")
        missing(row, Identity=owner, User=grantee, AccessRights=native or action == "revoke")
        return [row]

    return read


def folder_row(row: Row, action: str, folder: Optional[str], native: Tuple[str, ...]) -> None:
    """Fill in which folder, and what the rights on it allow; rights that are not told count as reading."""
    row["grant_action"] = action
    row["right_native"] = ", ".join(native) or None
    row["folder"] = folder
    row["folder_kind"] = folder_kind(folder)
    row["right"], row["access"], unknown = folder_access(native)
    if not native and action != "revoke":
        row["access"] = "read"
    if unknown:
        add_error(row, "unknown folder right " + ", ".join(unknown))


# Rights on the directory object of a mailbox. Send-As and Receive-As are extended rights; Receive-As opens the
# mailbox, on a database every mailbox in it. Source: Add-ADPermission, ExtendedRights and AccessRights; "Allow mailbox
# access" of Exchange Server.
_EXTENDED: Dict[str, Tuple[str, str]] = {
    "sendas": ("send_as", "send"),
    "receiveas": ("full_access", "own"),
    "allextendedrights": ("full_access", "own"),
}
_DIRECTORY_RIGHTS: Dict[str, Tuple[str, str]] = {
    "genericall": ("full_access", "own"),
    "writedacl": ("change_permission", "own"),
    "writeowner": ("change_owner", "own"),
}


def directory_permission(action: str) -> Reader:
    """Add-/Remove-ADPermission: rights on the directory object; those that reach no mail give no row."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        on_mailbox(row, given.get("identity"), body.get("ObjectId"))
        to_grantee(row, party(given.get("user") or given.get("owner")))
        row.update(grant_action=action, inheritance=given.get("inheritancetype"))
        if "deny" in given:
            row["deny"] = "true" if flag(given["deny"]) else "false"
        rows = [dict(row, right=right, right_native=native, access=access)
                for native, (right, access) in _directory_rights(given)]  # fmt: skip
        for one in rows:
            missing(one, Identity=one["mailbox"], User=one["grantee"])
        return rows

    return read


def _directory_rights(given: Dict[str, Any]) -> List[Tuple[str, Tuple[str, str]]]:
    """(as written, (right, access)) of each right that reaches mail."""
    extended = listed(given.get("extendedrights"))
    plain = names(given.get("accessrights"))
    if "extendedright" in map(str.lower, plain) and not extended:
        extended = ["All-Extended-Rights"]  # no extended right named: every one of them
    if given.get("owner") and not given.get("user"):
        plain = ("WriteOwner",)
    found = {name: _EXTENDED.get(re.sub(r"[\s-]", "", name).lower()) for name in extended}
    found.update((name, _DIRECTORY_RIGHTS.get(name.lower())) for name in plain)
    return [(name, known) for name, known in found.items() if known]


OPERATIONS: Dict[str, Reader] = {
    "Add-MailboxPermission": mailbox_permission("grant", "user"),
    "Remove-MailboxPermission": mailbox_permission("revoke", "user"),
    "Add-RecipientPermission": mailbox_permission("grant", "trustee"),
    "Remove-RecipientPermission": mailbox_permission("revoke", "trustee"),
    "Add-MailboxFolderPermission": folder_permission("grant"),
    "Set-MailboxFolderPermission": folder_permission("change"),
    "Remove-MailboxFolderPermission": folder_permission("revoke"),
    "Add-ADPermission": directory_permission("grant"),
    "Remove-ADPermission": directory_permission("revoke"),
}
