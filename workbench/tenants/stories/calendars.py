"""Everyday: people share calendars, assistants look after executives', rooms show when they are taken."""

from __future__ import annotations

from typing import Tuple

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import exchange, mailbox
from workbench.tenants.shapes.mailbox import EDITOR, EVERYONE, REVIEWER, Session

_SHARES = 130
_CMDLET_SHARES = 36
_PRIVATE_AGAIN = 12

# what an owner gives a colleague on the calendar: role in the cmdlet, flags in the mailbox audit
_ROLES: Tuple[Tuple[str, str], ...] = (
    ("AvailabilityOnly", "FreeBusySimple"),
    ("LimitedDetails", "FreeBusySimple, FreeBusyDetailed"),
    ("Reviewer", REVIEWER + ", FreeBusySimple, FreeBusyDetailed"),
    ("Editor", EDITOR + ", FreeBusySimple, FreeBusyDetailed"),
)


def tell(ledger: Ledger) -> None:
    """Tell the sharings of the time."""
    for _ in range(_SHARES):
        owner, colleague = ledger.draw.sample(ledger.people.users, 2)
        _audited(ledger, owner, colleague, ledger.draw.choice(_ROLES)[1])
    for _ in range(_CMDLET_SHARES):
        owner, colleague = ledger.draw.sample(ledger.people.users, 2)
        _cmdlet(ledger, owner, colleague, ledger.draw.choice(_ROLES)[0])
    for _ in range(_PRIVATE_AGAIN):
        owner = ledger.draw.choice(ledger.people.users)
        path = "\\" + owner.folder("calendar")
        session = Session(owner, owner, owner.address)
        rights = "FreeBusySimple"
        mailbox.permission(ledger, ledger.sometime(), session, "ModifyFolderPermissions", path, *EVERYONE, rights)
    for executive, assistant in zip(ledger.people.executives, ledger.people.assistants):
        _assistant(ledger, executive, assistant)
    for room in ledger.people.rooms:
        _room(ledger, room)


def _audited(ledger: Ledger, owner: Person, colleague: Person, rights: str) -> None:
    operation = ledger.draw.choice(("AddFolderPermissions", "ModifyFolderPermissions"))
    session = Session(owner, owner, owner.address)
    path = "\\" + owner.folder("calendar")
    time = ledger.sometime()
    mailbox.permission(ledger, time, session, operation, path, colleague.upn, colleague.sid, rights)


def _cmdlet(ledger: Ledger, owner: Person, colleague: Person, role: str) -> None:
    operation = ledger.draw.choice(("Add-MailboxFolderPermission", "Set-MailboxFolderPermission"))
    identity = f"{owner.upn}:\\{owner.folder('calendar')}"
    parameters = {"Identity": identity, "User": colleague.upn, "AccessRights": role}
    exchange.cmdlet(ledger, ledger.sometime(), "owa", owner, operation, identity, parameters)


def _assistant(ledger: Ledger, executive: Person, assistant: Person) -> None:
    """The executive makes the assistant delegate of the calendar; the audit shows the same act in other words."""
    time = ledger.sometime()
    identity = f"{executive.upn}:\\{executive.folder('calendar')}"
    parameters = {
        "Identity": identity,
        "User": assistant.upn,
        "AccessRights": "Editor",
        "SharingPermissionFlags": "Delegate",
    }
    operation = "Add-MailboxFolderPermission"
    exchange.cmdlet(ledger, time, "owa", executive, operation, identity, parameters)
    session = Session(executive, executive, executive.address)
    path = "\\" + executive.folder("calendar")
    operation = "ModifyFolderPermissions"
    mailbox.permission(ledger, time + 1, session, operation, path, assistant.upn, assistant.sid, EDITOR)


def _room(ledger: Ledger, room: Person) -> None:
    actor = ledger.draw.choice(ledger.people.helpdesk)
    identity = f"{room.upn}:\\{room.folder('calendar')}"
    parameters = {"Identity": identity, "User": "Default", "AccessRights": "LimitedDetails"}
    operation = "Set-MailboxFolderPermission"
    exchange.cmdlet(ledger, ledger.sometime(), "powershell", actor, operation, identity, parameters)
