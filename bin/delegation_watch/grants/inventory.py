"""Standing delegations as inventories list them: rows of Exchange's Get- cmdlets, of Graph, of Gmail delegate lists.

A row comes as `{"delegation_watch_inventory": "<kind>", "tenant": …, "columns": {…}}`; an inventory tells what stands,
neither who gave it nor when, so the time is that of the sweep or of the file.
"""

from typing import Any, Callable, Dict, List

from .columns import add_error, on_mailbox, to_grantee
from .fields import ACCESS, BLANK, EVERY_MAILBOX, Row
from .folders import folder_kind, split_identity
from .parties import party
from .rights import app_scope, folder_access, mailbox_right, names
from .send_on_behalf import forwarding, send_on_behalf
from .shapes import Body
from .values import epoch, flag, listed, text_of

MARK = "delegation_watch_inventory"
DIRECTORY_MARK = "delegation_watch_directory"
# What the inputs write beside records and delegations; none of it is a grant.
BESIDE = (DIRECTORY_MARK, "delegation_watch_sweep", "delegation_watch_health")
# FolderType of Get-MailboxFolderStatistics, which is the same in every language.
_FOLDER_TYPES = {"root": "root", "inbox": "inbox", "calendar": "calendar", "contacts": "contacts", "sentitems": "sent"}


def _mailbox_rights(grantee: str) -> Callable[[Row, Dict[str, Any]], List[Row]]:
    def read(row: Row, columns: Dict[str, Any]) -> List[Row]:
        on_mailbox(row, columns.get("identity"))
        to_grantee(row, party(text_of(columns.get(grantee))))
        row["inheritance"] = text_of(columns.get("inheritancetype"))
        row["inherited"] = "true" if flag(columns.get("isinherited")) else "false"
        control = str(columns.get("accesscontroltype", "")).lower()
        row["deny"] = "true" if flag(columns.get("deny")) or control == "deny" else "false"
        rows = []
        for native in names(columns.get("accessrights")):
            right, access = mailbox_right(native)
            rows.append(dict(row, right=right, right_native=native, access=access))
        return rows

    return read


def _folder_rights(row: Row, columns: Dict[str, Any]) -> List[Row]:
    mailbox, folder = split_identity(text_of(columns.get("identity")) or "")
    named = text_of(columns.get("foldername")) or text_of(columns.get("folderpath"))
    on_mailbox(row, mailbox)
    known = _FOLDER_TYPES.get(str(columns.get("foldertype")).lower())
    row["folder"] = named if named and folder == "\\" and not known else folder
    row["folder_kind"] = known or folder_kind(row["folder"])
    native = names(columns.get("accessrights"))
    row["right_native"] = ", ".join(native) or None
    row["right"], row["access"], unknown = folder_access(native)
    if unknown:
        add_error(row, "unknown folder right " + ", ".join(unknown))
    row["sharing_flags"] = text_of(columns.get("sharingpermissionflags"))
    to_grantee(row, party(text_of(columns.get("user"))))
    return [row]


def _mailboxes(row: Row, columns: Dict[str, Any]) -> List[Row]:
    on_mailbox(row, columns.get("identity") or columns.get("userprincipalname") or columns.get("primarysmtpaddress"))
    value = columns.get("grantsendonbehalfto")
    rows = send_on_behalf(row, value) if text_of(value) else []
    for name in ("forwardingsmtpaddress", "forwardingaddress"):
        target = text_of(columns.get(name))
        if target:
            rows.append(forwarding(row, name, target, columns))
    return [dict(one, grant_action="snapshot") for one in rows]


def _applications(row: Row, columns: Dict[str, Any]) -> List[Row]:
    """What an application may do by permissions of its own (AppRoles) and by consent (Scopes), as one row."""
    person = text_of(columns.get("principalid"))
    on_mailbox(row, person or EVERY_MAILBOX)
    native = [app_scope(str(name)) for key in ("approles", "scopes") for name in listed(columns.get(key))]
    unknown = [name for name, access in native if not access]
    if unknown:
        add_error(row, "unknown application permission " + ", ".join(unknown))
    row["access"] = max((access or "read" for _, access in native), key=ACCESS.index, default="read")
    row.update(right="app_mail", right_native=", ".join(dict.fromkeys(name for name, _ in native)) or None)
    row.update(grantee=text_of(columns.get("application")), grantee_id=text_of(columns.get("serviceprincipalid")),
               grantee_kind="application")  # fmt: skip
    return [row]


def _gmail(row: Row, columns: Dict[str, Any]) -> List[Row]:
    row["provider"] = "workspace"
    row["mailbox"] = text_of(columns.get("user") or columns.get("delegator"))
    delegate = columns.get("delegateaddress") or columns.get("delegateemail") or columns.get("delegate")
    status = text_of(columns.get("delegationstatus") or columns.get("verificationstatus"))
    row.update(right="gmail_delegate", right_native=status, access="send")
    to_grantee(row, party(text_of(delegate)))
    return [row]


KINDS: Dict[str, Callable[[Row, Dict[str, Any]], List[Row]]] = {
    "get-mailboxpermission": _mailbox_rights("user"),
    "get-exomailboxpermission": _mailbox_rights("user"),
    "get-recipientpermission": _mailbox_rights("trustee"),
    "get-exorecipientpermission": _mailbox_rights("trustee"),
    "get-mailboxfolderpermission": _folder_rights,
    "get-exomailboxfolderpermission": _folder_rights,
    "get-mailbox": _mailboxes,
    "get-exomailbox": _mailboxes,
    "graph:mailpermissions": _applications,
    "gmail": _gmail,
}


def read_inventory(record: Body) -> List[Row]:
    """The snapshot rows of one inventory row."""
    kind = str(record[MARK])
    columns = record.get("columns")
    row = dict(BLANK, provider="exchange_online", tenant=text_of(record.get("tenant")), operation=kind,
               grant_action="snapshot", status="success", actor_kind="unknown")  # fmt: skip
    if text_of(record.get("time")):
        try:
            row["_time"] = epoch(record["time"])
        except ValueError:
            add_error(row, "no time: " + str(record["time"])[:40])
    reader = KINDS.get(kind.lower())
    if reader is None or not isinstance(columns, dict):
        add_error(row, "inventory of unknown kind " + kind)
        return [row]
    rows = reader(row, {str(name).lower(): value for name, value in columns.items()})
    for one in rows:
        one["relation"] = None  # an inventory does not tell who gave it
        for name in ("mailbox", "grantee"):
            if not one[name]:
                add_error(one, f"inventory row without {name}")
    return rows or [dict(row, grant_action=None)]
