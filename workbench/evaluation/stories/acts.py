"""What many stories do: give and take rights by cmdlet or by client, read, and times at which things happen."""

from __future__ import annotations

from typing import List, Optional

from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import Record, utc
from workbench.tenants.shapes import mailbox
from workbench.tenants.shapes.exchange import CLIENTS, cmdlet, grant, named
from workbench.tenants.shapes.mailbox import Session

_FULL = {"AccessRights": "FullAccess", "InheritanceType": "All"}
_SEND_AS = {"AccessRights": "SendAs"}
_MAILBOXES, _DAYS = 1000, 90


def staff(ledger: Ledger) -> List[Person]:
    """Everyone but executives, assistants and the help desk."""
    apart = ("Help Desk", "Executive Assistant")
    return [one for one in ledger.people.users if not one.vip and one.title not in apart]


def shared_box(ledger: Ledger, alias: str) -> Person:
    """The shared mailbox of this alias; the first one in an organisation too small to have it."""
    boxes = ledger.people.shared
    return next((one for one in boxes if one.upn.startswith(alias + "@")), boxes[0])


def often(ledger: Ledger, number: float) -> int:
    """How often something happens here that happens `number` times to 1,000 mailboxes in 90 days; once at least."""
    people = ledger.people
    size = len(people.users) + len(people.shared) + len(people.rooms)
    share = size / _MAILBOXES * (ledger.end - ledger.start) / (_DAYS * DAY)
    return max(1, round(number * share))


def on_day(ledger: Ledger, share: float, hour: float) -> float:
    """A second near this hour (UTC) of the workday after `share` of the time."""
    days = ledger.workdays
    day = days[min(int(share * len(days)), len(days) - 1)]
    return float(int(day + hour * 3600 + ledger.draw.randrange(1800)))


def late(ledger: Ledger, hour: float = 22.0) -> float:
    """A time for an intrusion: in the second half, after there is something to compare with, before the last days."""
    return on_day(ledger, ledger.draw.uniform(0.5, 0.9), hour)


def weekend(ledger: Ledger, share: float, hour: float) -> float:
    """The same hour of the first Saturday after `share` of the time."""
    wanted = ledger.start + share * (ledger.end - ledger.start)
    days = [day for day in ledger.days() if utc(day, "%w") == "6" and day >= wanted] or [wanted - wanted % DAY]
    return float(int(days[0] + hour * 3600 + ledger.draw.randrange(1800)))


def full_access(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    box: Person,
    delegate: Person,
    address: Optional[str] = None,
    succeeded: bool = True,
    removed: bool = False,
) -> Record:
    """FullAccess given, or taken back."""
    operation = "Remove-MailboxPermission" if removed else "Add-MailboxPermission"
    return grant(ledger, time, client, actor, operation, box, {"User": delegate}, _FULL, succeeded, address)


def send_as(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    box: Person,
    delegate: Person,
    address: Optional[str] = None,
    removed: bool = False,
) -> Record:
    """Send As given, or taken back."""
    operation = "Remove-RecipientPermission" if removed else "Add-RecipientPermission"
    return grant(ledger, time, client, actor, operation, box, {"Trustee": delegate}, _SEND_AS, True, address)


def on_behalf(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    box: Person,
    delegate: Person,
    address: Optional[str] = None,
) -> Record:
    """Send on Behalf: the list of the mailbox is this delegate now."""
    form = CLIENTS[client].identity
    parameters = {"Identity": named(box, form), "GrantSendOnBehalfTo": named(delegate, form)}
    return cmdlet(ledger, time, client, actor, "Set-Mailbox", box.exchange_name, parameters, True, address)


def folder(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    box: Person,
    kind: str,
    user: str,
    role: str,
    address: Optional[str] = None,
    operation: str = "Add-MailboxFolderPermission",
    flags: str = "",
) -> Record:
    """A role on a folder (inbox, calendar, sent, "" for the root) by cmdlet; `user` as typed, Default for one."""
    identity = f"{box.upn}:\\" + (box.folder(kind) if kind else "")
    parameters = {"Identity": identity, "User": user, "AccessRights": role}
    if flags:
        parameters["SharingPermissionFlags"] = flags
    return cmdlet(ledger, time, client, actor, operation, identity, parameters, True, address)


def share(
    ledger: Ledger,
    time: float,
    owner: Person,
    kind: str,
    member: Person,
    rights: str,
    address: Optional[str] = None,
    operation: str = "AddFolderPermissions",
    app: str = mailbox.OWA,
) -> Record:
    """An owner shares a folder in Outlook: the mailbox audit's form."""
    session = Session(owner, owner, address or owner.address, app)
    path = "\\" + (owner.folder(kind) if kind else "")
    return mailbox.permission(ledger, time, session, operation, path, member.upn, member.sid, rights)


def read(
    ledger: Ledger,
    time: float,
    actor: Person,
    box: Person,
    count: int,
    address: Optional[str] = None,
    kind: str = "inbox",
    app: str = mailbox.OWA,
) -> Record:
    """Somebody reads messages of a mailbox."""
    return mailbox.accessed(
        ledger, time, Session(actor, box, address or actor.address, app), "\\" + box.folder(kind), count
    )


def group_access(ledger: Ledger, time: float, actor: Person, box: Person, group: str) -> Record:
    """FullAccess given to a group, by its address."""
    parameters = {"Identity": box.upn, "AccessRights": "FullAccess", "User": group, "InheritanceType": "All"}
    return cmdlet(ledger, time, "powershell", actor, "Add-MailboxPermission", box.exchange_name, parameters)
