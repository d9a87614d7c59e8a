"""The mailbox audit: permissions of folders as clients set them, and what delegates do in mailboxes.

A record names the owner of the mailbox in MailboxOwnerUPN and who logged on in UserId. Use of a delegation is read
from records with LogonType 2 (delegate; an administrator with FullAccess counts as one too) or 6 (a partner's
administrator), and from SendAs and SendOnBehalf. No public source shows a real record of UpdateCalendarDelegation,
SendAs, SendOnBehalf, MailboxLogin or of a delegate's MailItemsAccessed: their fields are those of the Management API
schema [unverified].
"""

from typing import Any, Callable, Dict, List, Optional, Tuple

from .columns import missing, to_grantee
from .exchange import folder_row
from .fields import Row
from .folders import folder_kind
from .parties import Party, party, same
from .rights import names
from .shapes import Body
from .values import named_values, object_of, text_of

Reader = Callable[[Row, Body], List[Row]]


def _in_mailbox(row: Row, body: Body) -> None:
    row["mailbox"] = text_of(body.get("MailboxOwnerUPN")) or text_of(body.get("MailboxGuid"))
    row["mailbox_id"] = text_of(body.get("MailboxGuid"))


def _member(row: Row, folder: Body) -> None:
    """Fill in who gets in: MemberUpn, whose kind the well-known SID tells where the name does not."""
    sid = text_of(folder.get("MemberSid"))
    who = party(text_of(folder.get("MemberUpn")) or sid)
    by_sid = party(sid).kind
    kind = by_sid if who.kind in ("unknown", "user") and by_sid != "unknown" else who.kind
    to_grantee(row, Party(who.name, sid or who.id, kind))


def folder_audit(action: str) -> Reader:
    """The mailbox audit's Add-/Modify-/RemoveFolderPermissions: the rights that the member has afterwards."""

    def read(row: Row, body: Body) -> List[Row]:
        item = object_of(body.get("Item"))
        found = item.get("ParentFolder") or item.get("Folder") or body.get("Folder") or body.get("ParentFolder")
        folder = object_of(found)
        _in_mailbox(row, body)
        path = text_of(folder.get("Path")) or text_of(folder.get("Name"))
        native = names(folder.get("MemberRights"))
        folder_row(row, action, path, native)
        _member(row, folder)
        missing(row, MailboxOwnerUPN=row["mailbox"], MemberUpn=row["grantee"], Path=path,
                MemberRights=native or action == "revoke")  # fmt: skip
        return [row]

    return read


def calendar_delegation(row: Row, body: Body) -> List[Row]:
    """UpdateCalendarDelegation: a delegate of the calendar, as Outlook's wizard and Outlook on the web make them."""
    told = named_values(body.get("OperationProperties"))
    folder = object_of(object_of(body.get("Item")).get("ParentFolder"))
    _in_mailbox(row, body)
    native = names(folder.get("MemberRights")) or ("UpdateCalendarDelegation",)
    row.update(grant_action="change", right="folder", right_native=", ".join(native), access="write",
               folder=text_of(folder.get("Path")) or "\\Calendar", folder_kind="calendar",
               sharing_flags=text_of(told.get("delegateflags")) or "Delegate")  # fmt: skip
    if folder.get("MemberUpn") or folder.get("MemberSid"):
        _member(row, folder)
    else:  # the documents do not say that it names one
        to_grantee(row, party(text_of(told.get("delegate") or told.get("delegateuser") or told.get("delegates"))))
    missing(row, MailboxOwnerUPN=row["mailbox"])
    return [row]


# Delegates, and administrators of a partner (delegated administrators), who read no mailbox of their own either.
_DELEGATE = frozenset(("2", "delegated", "delegate", "6", "delegatedadmin"))


def by_delegate(body: Body) -> bool:
    """Whether the one who acted was logged on as a delegate, or as a partner's administrator."""
    return str(body.get("LogonType")).lower() in _DELEGATE


def used(row: Row, right: str, access: str, folder: Optional[str] = None) -> Row:
    """The row of a right being used by the actor; nobody gives anything, so there is no relation."""
    row.update(grant_action="use", right=right, access=access, grantee=row["actor"], grantee_id=row["actor_id"],
               grantee_kind=party(row["actor"]).kind, relation=None, folder=folder,
               folder_kind=folder_kind(folder))  # fmt: skip
    row["right_native"] = row["right_native"] or row["operation"]
    if row["actor_kind"] == "application":
        row["grantee_kind"] = "application"
    missing(row, MailboxOwnerUPN=row["mailbox"], UserId=row["actor"])
    return row


def use_of(right: str, access: str) -> Reader:
    """What a delegate does in a mailbox: a row for each folder that the record names."""

    def read(row: Row, body: Body) -> List[Row]:
        if not by_delegate(body):
            return []
        _in_mailbox(row, body)
        told = named_values(body.get("OperationProperties"))
        kind = text_of(told.get("mailaccesstype"))
        row["right_native"] = f"{row['operation']} {kind}" if kind else row["operation"]
        return [used(row.copy(), right, access, path) for path in _folders(body) or [None]]

    return read


def _folders(body: Body) -> List[Optional[str]]:
    """The paths of the folders in which items were touched, each once."""
    listing = body.get("Folders")
    single = object_of(body.get("Item")).get("ParentFolder") or body.get("Folder")
    found = [*(listing if isinstance(listing, list) else ()), single]
    paths = (text_of(each.get("Path")) for each in found if isinstance(each, dict))
    return list(dict.fromkeys(path for path in paths if path))


# Who was sent as, and for whom: the Sentinel table writes the second with a small b.
_SENT: Dict[str, Tuple[str, str]] = {
    "send_as": ("sendasusersmtp", "sendasusermailboxguid"),
    "send_on_behalf": ("sendonbehalfofusersmtp", "sendonbehalfofusermailboxguid"),
}


def sent(right: str) -> Reader:
    """SendAs and SendOnBehalf: mail that the actor sent as, or for, another mailbox."""
    address, guid = _SENT[right]

    def read(row: Row, body: Body) -> List[Row]:
        small: Dict[str, Any] = {str(name).lower(): value for name, value in body.items()}
        row["mailbox"] = text_of(small.get(address)) or text_of(small.get("mailboxownerupn"))
        row["mailbox_id"] = text_of(small.get(guid))
        if same(row["actor"], row["mailbox"]):
            return []
        return [used(row, right, "send")]

    return read


# What a delegate can do to items. Source: "Manage mailbox auditing", mailbox actions.
_READS = ("MailItemsAccessed", "FolderBind", "MessageBind", "Copy", "AttachmentAccess", "SearchQueryInitiatedExchange",
          "SearchQueryInitiated")  # fmt: skip
_WRITES = ("Create", "Update", "Move", "MoveToDeletedItems", "SoftDelete", "HardDelete", "RecordDelete",
           "ApplyRecord")  # fmt: skip

CHANGES: Dict[str, Reader] = {
    "AddFolderPermissions": folder_audit("grant"),
    "ModifyFolderPermissions": folder_audit("change"),
    "UpdateFolderPermissions": folder_audit("change"),
    "RemoveFolderPermissions": folder_audit("revoke"),
    "UpdateCalendarDelegation": calendar_delegation,
}
OPERATIONS: Dict[str, Reader] = {
    **CHANGES,
    "SendAs": sent("send_as"),
    "SendOnBehalf": sent("send_on_behalf"),
    "MailboxLogin": use_of("full_access", "read"),
    **dict.fromkeys(_READS, use_of("folder", "read")),
    **dict.fromkeys(_WRITES, use_of("folder", "write")),
}
