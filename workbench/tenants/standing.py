"""What stands in a tenant now: accounts, groups, applications, and who may open, read or send from which mailbox.

Plain data that the stand-ins read at each request, so a test may grant and take back while they run. Names no
service: how Exchange, Graph or Google write it is the business of their modules. `aftermath` makes one from an
Organisation; by hand: `Standing([Account("ada@x.example"), Account("info@x.example", kind="shared")])`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple, Type, TypeVar, Union

from workbench.tenants.names import FOLDERS, ORGANIZATION_NAME
from workbench.tenants.people import FOREST

MAILBOX_KINDS = ("user", "shared", "room", "discovery")
DEFAULT, ANONYMOUS = "Default", "Anonymous"
_SPACE = uuid.UUID("6f0f2f0e-52a5-4b53-9d0e-6a0f3f1d7c11")


@dataclass
class Account:
    """One entry of a directory.

    `kind`: user, shared, room, discovery (these have a mailbox, unless `licensed` is False), guest, workspace (a
    Google account). Ids that are not given are drawn from the address, the same each time. `created` in epoch
    seconds; `manager` an address; `roles` names of directory roles; `bypassed`: Set-MailboxAuditBypassAssociation;
    `forwards_to` an address (ForwardingSmtpAddress), `forwards_within` a recipient: the address of an account or group,
    or the name of a mail contact (ForwardingAddress).
    """

    upn: str
    display_name: str = ""
    kind: str = "user"
    object_id: str = ""
    exchange_name: str = ""
    mailbox_guid: str = ""
    sid: str = ""
    aliases: Tuple[str, ...] = ()
    language: str = "en"
    department: str = ""
    title: str = ""
    manager: str = ""
    roles: Tuple[str, ...] = ()
    created: float = 1.6e9
    enabled: bool = True
    licensed: bool = True
    bypassed: bool = False
    audited: bool = True
    forwards_to: str = ""
    forwards_within: str = ""

    def __post_init__(self) -> None:
        self.display_name = self.display_name or self.upn.split("@")[0]
        self.object_id = self.object_id or made_id(self.upn)
        self.exchange_name = self.exchange_name or self.object_id
        self.mailbox_guid = self.mailbox_guid or made_id("mailbox " + self.upn)
        self.sid = self.sid or f"S-1-5-21-1-2-3-{uuid.UUID(self.mailbox_guid).int % 10**9}"

    @property
    def has_mailbox(self) -> bool:
        """Whether Exchange Online keeps a mailbox for it."""
        return self.kind in MAILBOX_KINDS and self.licensed

    @property
    def dn(self) -> str:
        """Exchange's canonical name."""
        return f"{FOREST}/{ORGANIZATION_NAME}/{self.exchange_name}"

    def folder(self, kind: str) -> str:
        """The path of a folder (inbox, calendar, sent) in this mailbox's language: `\\Posteingang`."""
        return "\\" + FOLDERS[self.language][kind]

    def names(self) -> List[str]:
        """Everything it may be addressed by, as written."""
        return [self.upn, *self.aliases, self.object_id, self.exchange_name, self.mailbox_guid, self.sid]


class MailboxRight(NamedTuple):
    """An entry on a mailbox: `grantee` an address of an account or group, or a text such as a SID nobody bears."""

    mailbox: str
    grantee: str
    rights: Tuple[str, ...] = ("FullAccess",)
    deny: bool = False
    inherited: bool = False


class SendAs(NamedTuple):
    """The right to send as a mailbox."""

    mailbox: str
    trustee: str


class OnBehalf(NamedTuple):
    """The right to send on behalf of a mailbox."""

    mailbox: str
    delegate: str


class FolderRight(NamedTuple):
    """An entry on a folder: `user` an address, Default, Anonymous, or any text; `flags` SharingPermissionFlags."""

    mailbox: str
    folder: str
    user: str
    rights: Tuple[str, ...] = ("Reviewer",)
    flags: str = ""


Right = Union[MailboxRight, SendAs, OnBehalf, FolderRight]
Kind = TypeVar("Kind", MailboxRight, SendAs, OnBehalf, FolderRight)


@dataclass
class Group:
    """A group; `members` are addresses of accounts or of groups; a dynamic one has no list of its own.

    roles: names of directory roles, which its members have through it.
    """

    address: str
    display_name: str = ""
    members: List[str] = field(default_factory=list)
    object_id: str = ""
    security: bool = False
    roles: Tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.display_name = self.display_name or self.address.split("@")[0]
        self.object_id = self.object_id or made_id("group " + self.address)


@dataclass
class Application:
    """A service principal; `roles` names of directory roles, `permissions` those of its own at an API, by their values.

    `consents` are the scopes it has by consent, by the address of who consented, "" for everybody.
    """

    app_id: str
    display_name: str
    object_id: str = ""
    roles: Tuple[str, ...] = ()
    enabled: bool = True
    permissions: Tuple[str, ...] = ()
    consents: Dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.object_id = self.object_id or made_id("application " + self.app_id)


class Standing:
    """All of it; changed by `add`, `grant` and `revoke` at will. `accounts` and `groups` are by address in lower case.

    `gmail` maps a Google mailbox's address to (delegate, status), with a status of Gmail's VerificationStatus:
    accepted, pending, rejected, expired. `contacts` are the addresses of mail contacts by their names, `folders` the
    paths a mailbox has beside root, inbox, calendar and sent.
    """

    def __init__(
        self,
        accounts: Iterable[Account] = (),
        rights: Iterable[Right] = (),
        groups: Iterable[Group] = (),
        applications: Iterable[Application] = (),
        gmail: Optional[Dict[str, List[Tuple[str, str]]]] = None,
        folders: Optional[Dict[str, List[str]]] = None,
        contacts: Optional[Dict[str, str]] = None,
    ) -> None:
        self.accounts: Dict[str, Account] = {}
        self.groups: Dict[str, Group] = {group.address.lower(): group for group in groups}
        self.applications: List[Application] = list(applications)
        self.gmail: Dict[str, List[Tuple[str, str]]] = dict(gmail or {})
        self.folders: Dict[str, List[str]] = dict(folders or {})
        self.contacts: Dict[str, str] = dict(contacts or {})
        self._names: Dict[str, List[Account]] = {}
        self._rights: Dict[Tuple[str, str], List[Any]] = {}
        for account in accounts:
            self.add(account)
        for right in rights:
            self.grant(right)

    def add(self, account: Account) -> Account:
        """Add an account; its names are those it has now."""
        self.accounts[account.upn.lower()] = account
        if account.kind != "workspace":
            for name in {name.lower() for name in (*account.names(), account.dn)}:
                self._names.setdefault(name, []).append(account)
        return account

    def grant(self, right: Right) -> None:
        """Add a right; one of the same kind to the same party (and folder) is replaced."""
        self.revoke(right)
        self._rights.setdefault(_place(right), []).append(right)

    def revoke(self, right: Right) -> None:
        """Take back what stands for the same party (and folder), whatever its rights."""
        entries = self._rights.get(_place(right), [])
        entries[:] = [entry for entry in entries if _party(entry) != _party(right)]

    def of(self, kind: Type[Kind], mailbox: str) -> List[Kind]:
        """The rights of a kind on a mailbox, in the order in which they were given."""
        return list(self._rights.get((kind.__name__, mailbox.lower()), []))

    def mailboxes(self) -> List[Account]:
        """The accounts with an Exchange mailbox, in a fixed order."""
        return [account for account in self.accounts.values() if account.has_mailbox]

    def of_google(self) -> List[Account]:
        """The accounts of the Workspace customer."""
        return [account for account in self.accounts.values() if account.kind == "workspace"]

    def of_microsoft(self) -> List[Account]:
        """The accounts of the Office 365 tenant, with or without a mailbox."""
        return [account for account in self.accounts.values() if account.kind != "workspace"]

    def find(self, name: str) -> List[Account]:
        """The Microsoft accounts with this address, alias, id, Name, canonical or display name, in any case."""
        wanted = name.lower()
        return self._names.get(wanted) or [a for a in self.of_microsoft() if a.display_name.lower() == wanted]

    def paths(self, account: Account) -> List[str]:
        """The paths of all folders of a mailbox, the root `\\` first."""
        usual = [account.folder(kind) for kind in ("inbox", "calendar", "sent")]
        named = [right.folder for right in self.of(FolderRight, account.upn)]
        return list(dict.fromkeys(["\\", *usual, *self.folders.get(account.upn.lower(), []), *named]))


def made_id(text: str) -> str:
    """A GUID drawn from a text, the same each time."""
    return str(uuid.uuid5(_SPACE, text.lower()))


def _place(right: Right) -> Tuple[str, str]:
    return type(right).__name__, right.mailbox.lower()


def _party(right: Right) -> Tuple[str, ...]:
    """What tells two rights of one kind on one mailbox apart."""
    if isinstance(right, FolderRight):
        return right.folder.lower(), right.user.lower()
    if isinstance(right, MailboxRight):
        return right.grantee.lower(), str(right.deny)
    return (right[1].lower(),)
