"""Everyday: calendars are shown, shared and looked after."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import folder, often, on_behalf, on_day, share
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import mailbox
from workbench.tenants.shapes.exchange import cmdlet, partner
from workbench.tenants.shapes.mailbox import EDITOR, EVERYONE, OUTLOOK, REVIEWER, Session

_PARTNER = "198.51.100.77"
_CHANGE = "Set-MailboxFolderPermission"
# what an owner gives a colleague: role of the cmdlet, flags of the mailbox audit
_ROLES: Tuple[Tuple[str, str], ...] = (
    ("AvailabilityOnly", "FreeBusySimple"),
    ("LimitedDetails", "FreeBusySimple, FreeBusyDetailed"),
    ("LimitedDetails", "FreeBusySimple, FreeBusyDetailed"),
    ("Reviewer", REVIEWER + ", FreeBusySimple, FreeBusyDetailed"),
    ("Editor", EDITOR + ", FreeBusySimple, FreeBusyDetailed"),
)


def _partner_calendar_defaults(ledger: Ledger) -> None:
    """A partner's script shows everyone when anyone is free: once for all, then each week for those who joined."""
    home = ledger.guid()
    technician = cast.technician(ledger, "Delia Munro", "cloudpartner.example", _PARTNER)
    everyone, time = ledger.people.users, on_day(ledger, 0.3, 9.0)
    for number, person in enumerate(everyone):
        _shows_free_and_busy(ledger, time + 1.4 * number, technician, home, person)
    for week in range(4, 12):
        at = on_day(ledger, week / 13, 9.5)
        for number, person in enumerate(ledger.draw.sample(everyone, min(4, len(everyone)))):
            _shows_free_and_busy(ledger, at + 2 * number, technician, home, person)


def _shows_free_and_busy(ledger: Ledger, time: float, technician: Person, home: str, person: Person) -> None:
    identity = f"{person.upn}:\\{person.folder('calendar')}"
    parameters = {"Identity": identity, "User": "Default", "AccessRights": "LimitedDetails"}
    partner(ledger, float(int(time)), technician, home, _CHANGE, identity, parameters)


def _shared_with_colleagues(ledger: Ledger) -> None:
    for number in range(often(ledger, 700)):
        owner, colleague = ledger.draw.sample(ledger.people.users, 2)
        role, flags = ledger.draw.choice(_ROLES)
        if number % 4 == 0:
            record = folder(
                ledger, ledger.sometime(), "owa", owner, owner, "calendar", colleague.upn, role, owner.address
            )
        else:
            operation = ledger.draw.choice(("AddFolderPermissions", "ModifyFolderPermissions"))
            record = share(ledger, ledger.sometime(), owner, "calendar", colleague, flags, None, operation)
        ledger.mark(role, record)


def _shared_with_partners(ledger: Ledger) -> None:
    """Free and busy times for somebody at a customer, a calendar published, an organisation relationship."""
    for number in range(often(ledger, 45)):
        owner = ledger.draw.choice(ledger.people.users)
        session, path = Session(owner, owner, owner.address), "\\" + owner.folder("calendar")
        outside = f"contact{number}@customer{number % 7}.example"
        operation = "AddFolderPermissions"
        rights = "FreeBusySimple"
        sid = f"S-1-8-{ledger.draw.randrange(10**9)}-{ledger.draw.randrange(10**9)}"
        record = mailbox.permission(ledger, ledger.sometime(), session, operation, path, outside, sid, rights)
        ledger.mark("free-busy", record)
    for _ in range(often(ledger, 12)):
        owner = ledger.draw.choice(ledger.people.users)
        identity = f"{owner.upn}:\\{owner.folder('calendar')}"
        parameters = {"Identity": identity, "PublishEnabled": "True", "DetailLevel": "AvailabilityOnly"}
        operation = "Set-MailboxCalendarFolder"
        record = cmdlet(ledger, ledger.sometime(), "owa", owner, operation, identity, parameters)
        ledger.mark("published", record)
    admin = ledger.people.helpdesk[0]
    parameters = {
        "Name": "Freight partner",
        "DomainNames": "freightpartner.example",
        "FreeBusyAccessEnabled": "True",
        "FreeBusyAccessLevel": "AvailabilityOnly",
    }
    operation = "New-OrganizationRelationship"
    time = on_day(ledger, 0.4, 11.0)
    ledger.mark("relationship", cmdlet(ledger, time, "eac", admin, operation, "Freight partner", parameters))


def _delegate_wizard(ledger: Ledger) -> None:
    """Outlook's wizard leaves four records of one act: two folders, the delegation, and the right to send."""
    owners = [one for one in ledger.people.users if one.title.startswith(("Chief", "Head", "General", "Account"))]
    for _ in range(often(ledger, 60)):
        owner = ledger.draw.choice(owners)
        team = [one for one in ledger.people.users if one.department == owner.department and one is not owner]
        delegate = ledger.draw.choice(team or ledger.people.assistants)
        time = ledger.sometime()
        first = share(ledger, time, owner, "calendar", delegate, EDITOR, app=OUTLOOK)
        ledger.mark("calendar", first)
        session = Session(owner, owner, owner.address, OUTLOOK)
        operation, rights = "AddFolderPermissions", EDITOR
        mailbox.permission(ledger, time + 1, session, operation, "\\Tasks", delegate.upn, delegate.sid, rights)
        mailbox.calendar_delegation(ledger, time + 2, session, delegate, EDITOR)
        on_behalf(ledger, time + 3, "owa", owner, owner, delegate)


def _rooms(ledger: Ledger) -> None:
    """Rooms are set up: who books, who decides, what everyone sees."""
    for room in ledger.people.rooms:
        actor, time = ledger.draw.choice(ledger.people.helpdesk), ledger.sometime()
        processing = {
            "Identity": room.upn,
            "AutomateProcessing": "AutoAccept",
            "AddOrganizerToSubject": "True",
            "DeleteSubject": "False",
        }
        operation = "Set-CalendarProcessing"
        cmdlet(ledger, time, "powershell", actor, operation, room.exchange_name, processing)
        decides = ledger.draw.choice(ledger.people.assistants)
        who = {"Identity": room.upn, "ResourceDelegates": decides.upn}
        ledger.mark("delegate", cmdlet(ledger, time + 40, "powershell", actor, operation, room.exchange_name, who))
        shown = folder(
            ledger, time + 70, "powershell", actor, room, "calendar", "Default", "LimitedDetails", operation=_CHANGE
        )
        ledger.mark("default", shown)


def _first_logons(ledger: Ledger) -> None:
    """The first logon to Outlook on the web makes calendars that nobody else may see."""
    for person in ledger.draw.sample(ledger.people.users, min(often(ledger, 150), len(ledger.people.users))):
        time, session = ledger.sometime(), Session(person, person, "::1")
        for calendar in ("holidays", "birthdays"):
            path = f"\\{person.folder('calendar')}\\{person.folder(calendar)}"
            mailbox.permission(ledger, time, session, "ModifyFolderPermissions", path, *EVERYONE, "None")


def _private_again(ledger: Ledger) -> None:
    """Owners show less than before."""
    for _ in range(often(ledger, 80)):
        owner, time = ledger.draw.choice(ledger.people.users), ledger.sometime()
        session, path = Session(owner, owner, owner.address), "\\" + owner.folder("calendar")
        rights = ledger.draw.choice(("None", "FreeBusySimple"))
        mailbox.permission(ledger, time, session, "ModifyFolderPermissions", path, *EVERYONE, rights)


def _assistants_in_calendars(ledger: Ledger) -> None:
    """Executives make their assistants delegates of the calendar, two with private items."""
    people = ledger.people
    for number, executive in enumerate(people.executives):
        assistant = people.assistants[number % len(people.assistants)]
        flags = "Delegate, CanViewPrivateItems" if number < 2 else "Delegate"
        record = folder(
            ledger, ledger.sometime(), "owa", executive, executive, "calendar", assistant.upn, "Editor", flags=flags
        )
        ledger.mark("private-items" if number < 2 else "calendar", record)


def _team_shows_more(ledger: Ledger) -> None:
    """Teams agree to show each other what they do: the Default of a calendar becomes LimitedDetails, by its owner."""
    for _ in range(often(ledger, 15)):
        department = ledger.draw.choice(("Sales", "Operations", "Customer Care"))
        team = [one for one in ledger.people.users if one.department == department]
        begun = ledger.sometime()
        for owner in ledger.draw.sample(team, min(8, len(team))):
            time = begun + ledger.draw.randrange(4 * 3600)
            path = "\\" + owner.folder("calendar")
            rights = "FreeBusySimple, FreeBusyDetailed"
            session = Session(owner, owner, owner.address)
            mailbox.permission(ledger, time, session, "ModifyFolderPermissions", path, *EVERYONE, rights)


def _holiday_cover(ledger: Ledger) -> None:
    """Somebody goes on leave and lets a colleague read the inbox; back again, takes it back."""
    for _ in range(often(ledger, 70)):
        owner = ledger.draw.choice(ledger.people.users[12:])
        team = [one for one in ledger.people.users if one.department == owner.department and one is not owner]
        colleague, time = ledger.draw.choice(team or ledger.people.assistants), ledger.sometime()
        ledger.mark("inbox", share(ledger, time, owner, "inbox", colleague, REVIEWER, app=OUTLOOK))
        session = Session(colleague, owner, colleague.address, OUTLOOK)
        for day in range(1, ledger.draw.randrange(3, 12)):
            mailbox.accessed(ledger, time + day * DAY, session, "\\" + owner.folder("inbox"), 3)
        back, removal = time + 14 * DAY, "RemoveFolderPermissions"
        ledger.mark("removed", share(ledger, back, owner, "inbox", colleague, "None", None, removal, OUTLOOK))


def _travelling(ledger: Ledger) -> None:
    """Executives abroad let a colleague see their calendar, from the hotel."""
    for number in range(often(ledger, 5)):
        executive = ledger.draw.choice(ledger.people.executives)
        colleague = ledger.draw.choice([one for one in ledger.people.users[1:12] if one is not executive])
        time, hotel = ledger.sometime(), f"203.0.113.{240 + number % 10}"
        rights = REVIEWER + ", FreeBusySimple, FreeBusyDetailed"
        ledger.mark("calendar", share(ledger, time, executive, "calendar", colleague, rights, hotel))


STORIES: Tuple[Story, ...] = (
    Story(
        "partner-calendar-defaults",
        EVERYDAY,
        "",
        "peers.md 2 (11) and office365.md 1.7: scripts of partners set the Default of every calendar",
        _partner_calendar_defaults,
    ),
    Story(
        "calendars-to-colleagues",
        EVERYDAY,
        "",
        "peers.md 3.1: every calendar share counts in ESCU's folder search",
        _shared_with_colleagues,
    ),
    Story(
        "calendars-to-partners",
        EVERYDAY,
        "",
        "peers.md 4: availability only lowers; the cmdlets' pages on published calendars and relationships",
        _shared_with_partners,
    ),
    Story(
        "outlook-delegate-wizard",
        EVERYDAY,
        "",
        "office365.md 1.5: folder permissions and UpdateCalendarDelegation by owners; peers.md 3.2 Delegate Rule",
        _delegate_wizard,
    ),
    Story(
        "room-mailboxes",
        EVERYDAY,
        "",
        "peers.md 4: shared or room mailbox lowers; ESCU rates FullAccess on a room like one on the CEO (2 (8))",
        _rooms,
    ),
    Story(
        "first-logons",
        EVERYDAY,
        "",
        "office365.md 1.8 (3): first logon: Everyone is None on holiday calendars, from ::1",
        _first_logons,
    ),
    Story(
        "calendars-private-again",
        EVERYDAY,
        "",
        "peers.md 3.1: ESCU's assigned search fires on a reduction of rights",
        _private_again,
    ),
    Story(
        "assistants-in-calendars",
        EVERYDAY,
        "",
        "peers.md 3.2: executive assistants; delegates with private items",
        _assistants_in_calendars,
    ),
    Story(
        "teams-show-more",
        EVERYDAY,
        "",
        "peers.md 3.2: Default and Anonymous as a pattern others leave out; here by the owners, on calendars",
        _team_shows_more,
    ),
    Story(
        "executives-travelling",
        EVERYDAY,
        "",
        "peers.md 4: a new address raises, a calendar share lowers; an owner on his own calendar",
        _travelling,
    ),
    Story(
        "holiday-cover",
        EVERYDAY,
        "",
        "peers.md 3.2: leave and leavers; 1 F: vacation mode of CIPP",
        _holiday_cover,
    ),
)
