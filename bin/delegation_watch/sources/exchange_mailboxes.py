"""The mailboxes and groups of an Exchange Online tenant, and the folders of one mailbox that a sweep asks for.

Folder names are in the language of each mailbox, so folders are found by their type.
Sources: Get-Mailbox, Get-Recipient, Get-MailboxFolderStatistics, Get-MailboxFolderPermission; FolderPath writes a slash
that belongs to a name as U+F8FF, as published scripts undo it. Whether it writes a backslash that does as it is, or as
U+F8FE, is [unverified]: either is understood.
"""

from functools import partial
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..grants.folders import folder_kind
from .errors import RefusedError, SourceError, of_one
from .exchange_api import ExchangeApi, gone
from .odata import Row
from .sweep import passing

_COLUMNS = (
    "Identity,Name,UserPrincipalName,PrimarySmtpAddress,ExternalDirectoryObjectId,ExchangeGuid,RecipientTypeDetails,"
    "GrantSendOnBehalfTo,AuditEnabled,ForwardingSmtpAddress,ForwardingAddress,DeliverToMailboxAndForward"
)
_GROUP_COLUMNS = "Identity,Name,PrimarySmtpAddress,GrantSendOnBehalfTo"
_GROUPS = ("Get-DistributionGroup", "Get-DynamicDistributionGroup", "Get-UnifiedGroup")
_CHECK = "check the scope of the role of its service principal"
_UNSEEN = f"Exchange Online shows this application nothing of it; {_CHECK}"
_FOLDER_COLUMNS = "Name,FolderPath,FolderId,FolderType"
# Kinds of folders that may be asked for, and the FolderType of each.
FOLDER_TYPES = {"root": "root", "inbox": "inbox", "calendar": "calendar", "contacts": "contacts", "sent": "sentitems"}
# With one of these in its name, or in that of a folder above it, a path is no name for a folder: it reads as another.
_ODD = ("\\", "\uf8ff", "\uf8fe")
# RecipientTypeDetails in the words of this app; another one is given as it is, in lower case.
_KINDS = {
    "usermailbox": "user", "sharedmailbox": "shared", "roommailbox": "room", "equipmentmailbox": "equipment",
    "schedulingmailbox": "scheduling", "groupmailbox": "group", "discoverymailbox": "system",
    "linkedmailbox": "user", "teammailbox": "shared",
}  # fmt: skip


class Mailbox(NamedTuple):
    """One mailbox: the address by which it is asked for, in lower case, and its row of Get-Mailbox."""

    address: str
    row: Row

    @property
    def key(self) -> str:
        """Its place in a sweep, by what stays when it is renamed: one that goes on passes over none."""
        return f"{self.row.get('ExternalDirectoryObjectId') or self.row.get('ExchangeGuid') or ''} {self.address}"

    @property
    def kind(self) -> Optional[str]:
        """`user shared room equipment system …`, None where the row does not say."""
        details = str(self.row.get("RecipientTypeDetails") or "").lower()
        return _KINDS.get(details, details) or None


class Folder(NamedTuple):
    """One folder: its path with backslashes, its FolderType, and how a cmdlet's Identity names it in its mailbox.

    asked: the names, of those wanted, that mean it.
    """

    path: str
    type: str
    identity: str
    asked: Tuple[str, ...] = ()


class Mailboxes(NamedTuple):
    """Mailboxes in the order of their addresses, names that are no mailbox, and why nothing was shown of others."""

    found: List[Mailbox]
    missing: List[str]
    unseen: Dict[str, str]


def mailboxes(api: ExchangeApi, named: Sequence[str] = ()) -> Mailboxes:
    """All mailboxes, or those named.

    RefusedError when none is to be seen: an application without rights over any mailbox may get an empty list. What of
    one that is named is no answer at present is that of all where no other has one.
    """
    rows: List[Row] = []
    missing: List[str] = []
    unseen: Dict[str, str] = {}
    silent: List[SourceError] = []
    for name in named:
        shown = of_one(partial(api.rows, "Get-Mailbox", _COLUMNS, Identity=name))
        if not isinstance(shown, SourceError):
            known = [row for row in shown if _mailbox(row).address]
            rows += known
            unseen.update({} if known else {name: _UNSEEN})
        elif isinstance(shown, RefusedError) and gone(shown):
            missing.append(name)
        elif passing(shown):
            silent.append(shown)
            unseen[name] = str(shown)
        else:
            raise shown
    if not named:
        rows = api.rows("Get-Mailbox", _COLUMNS, ResultSize="Unlimited")
    found = {box.address: box for box in map(_mailbox, rows) if box.address}
    if not found and silent:
        raise silent[-1]
    if not found and not missing:
        raise RefusedError(f"Exchange Online shows this application no mailbox; {_CHECK}", 403)
    return Mailboxes(sorted(found.values(), key=lambda box: box.key), missing, unseen)


def require_columns(whose: str, recipients: Sequence[Mailbox], *columns: str) -> None:
    """RefusedError where no row has one of these columns: that is no answer to what stands in it.

    whose: `mailbox` or `group`. That a column comes all the same where it is empty is [unverified].
    """
    missing = [column for column in columns if not any(column in one.row for one in recipients)]
    if recipients and missing:
        raise RefusedError(f"Exchange Online gives no {whose}'s {' and '.join(missing)}", 200)


def address_of(api: ExchangeApi, name: str) -> str:
    """The address of any recipient, a mail contact too; its name as it is where there is none of that name."""
    try:
        rows = api.rows("Get-Recipient", "PrimarySmtpAddress", Identity=name)
    except RefusedError as error:
        if gone(error):
            return name
        raise
    found = [str(row["PrimarySmtpAddress"]).lower() for row in rows if row.get("PrimarySmtpAddress")]
    return found[0] if len(found) == 1 else name


def groups(api: ExchangeApi) -> List[Mailbox]:
    """The groups that mail can be sent to."""
    rows = [row for cmdlet in _GROUPS for row in api.rows(cmdlet, _GROUP_COLUMNS, ResultSize="Unlimited")]
    return [Mailbox(str(row["PrimarySmtpAddress"]).lower(), row) for row in rows if row.get("PrimarySmtpAddress")]


def by_name(recipients: Sequence[Mailbox]) -> Dict[str, str]:
    """The address of a recipient by its Name and Identity, as rows of permissions give it, in lower case."""
    return {str(one.row.get(column)).lower(): one.address for one in recipients for column in ("Identity", "Name")}


def folders_of(api: ExchangeApi, mailbox: str, wanted: Sequence[str]) -> List[Folder]:
    """The folders of a mailbox that are wanted and there; wanted are kinds of FOLDER_TYPES and paths, `\\Projects`."""
    if set(wanted) == {"root"}:
        return [Folder("\\", "Root", f"{mailbox}:\\", ("root",))]
    rows = api.rows("Get-MailboxFolderStatistics", _FOLDER_COLUMNS, mailbox, Identity=mailbox, ResultSize="Unlimited")
    every = [_folder(mailbox, row) for row in rows]
    if not any(folder.type.lower() == "root" for folder in every):
        raise RefusedError("Exchange Online lists the folders of this mailbox without its root", 200)
    meant = [(name, FOLDER_TYPES.get(name), _folded(name)) for name in wanted]
    named = [
        folder._replace(asked=tuple(name for name, kind, path in meant
                                    if folder.type.lower() == kind or _folded(folder.path) == path))
        for folder in every
    ]  # fmt: skip
    return [folder for folder in named if folder.asked]


def _folded(path: str) -> str:
    """A path to be compared: whether a slash belongs to a name or parts two of them, whoever asks need not tell."""
    return path.replace("/", "\\").casefold()


def folder_name(text: str) -> Any:
    """A folder as a stanza names it: one of FOLDER_TYPES, or its path; None when it is neither."""
    name = text.strip()
    if name.lower() in FOLDER_TYPES:
        return name.lower()
    path = "\\" + name.replace("/", "\\").strip("\\") if name[:1] in ("\\", "/") else ""
    kind = folder_kind(path) if path else None
    return kind if kind in FOLDER_TYPES else path or None


def _mailbox(row: Row) -> Mailbox:
    return Mailbox(str(row.get("UserPrincipalName") or row.get("PrimarySmtpAddress") or "").lower(), row)


def _folder(mailbox: str, row: Row) -> Folder:
    kind, written = str(row.get("FolderType") or ""), str(row.get("FolderPath") or "")
    if kind.lower() == "root":
        return Folder("\\", kind, f"{mailbox}:\\")
    path = written.replace("/", "\\").replace("\uf8ff", "/").replace("\uf8fe", "\\")
    odd = any(mark in written + str(row.get("Name")) for mark in _ODD) and row.get("FolderId")
    return Folder(path, kind, f"{mailbox}:{row['FolderId'] if odd else path}")
