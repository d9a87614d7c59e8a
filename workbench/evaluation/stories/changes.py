"""Everyday: people come, go and move, and so do their mailboxes; rights are cleaned up."""

from __future__ import annotations

from typing import List, Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import folder, full_access, often, on_day, read, send_as, staff, weekend
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import applications, entra
from workbench.tenants.shapes.exchange import cmdlet
from workbench.tenants.shapes.mailbox import EWS, OUTLOOK

_SERVER = "198.51.100.60"


def _head_of(ledger: Ledger, person: Person) -> Person:
    return next((one for one in ledger.people.users if one.upn == person.manager), ledger.people.users[1])


def _leavers(ledger: Ledger) -> None:
    """Somebody leaves: account disabled, mailbox made shared and handed to the manager, a month later taken back."""
    for leaver in ledger.draw.sample(staff(ledger), min(often(ledger, 24), len(staff(ledger)))):
        actor, head, time = ledger.draw.choice(ledger.people.helpdesk), _head_of(ledger, leaver), ledger.sometime()
        entra.change(ledger, time, "Disable account.", actor, leaver, "UserManagement")
        shared = {"Identity": leaver.object_id, "Type": "Shared"}
        cmdlet(ledger, time + 200, "eac", actor, "Set-Mailbox", leaver.exchange_name, shared)
        ledger.mark("grant", full_access(ledger, time + 260, "eac", actor, leaver, head))
        for day in range(1, 4):
            read(ledger, time + day * DAY, head, leaver, 6, app=OUTLOOK)
        ledger.mark("removed", full_access(ledger, time + 30 * DAY, "eac", actor, leaver, head, removed=True))


def _assistants(ledger: Ledger) -> None:
    """By ticket, the help desk lets an executive's assistant into the whole mailbox; she works there from then on."""
    people = ledger.people
    for number, executive in enumerate(people.executives[:4]):
        assistant = people.assistants[number % len(people.assistants)]
        actor, time = people.helpdesk[number % 2], on_day(ledger, 0.1 + 0.2 * number, 10.0)
        ledger.mark("grant", full_access(ledger, time, "eac", actor, executive, assistant))
        ledger.mark("send-as", send_as(ledger, time + 25, "eac", actor, executive, assistant))
        for day in ledger.workdays:
            if day > time:
                read(ledger, ledger.office_hour(day), assistant, executive, 12, app=OUTLOOK)


def _migration_wave(ledger: Ledger) -> None:
    """Three waves of a migration: its account gets each mailbox of the wave, and loses it a week later.

    What colleagues had before the move is given again. The last wave has the executives in it.
    """
    people = ledger.people
    account = cast.service(ledger, "svc.migration", "Mailbox Migration", _SERVER)
    lead = next(one for one in people.users if one.title == "Head of IT")
    wave = min(often(ledger, 70), len(people.users) // 4)
    last = [*people.executives, *people.users[-wave:]]
    for number, owners in enumerate((people.users[20 : 20 + wave], people.users[-3 * wave : -2 * wave], last)):
        time = weekend(ledger, 0.15 + 0.25 * number, 7.0)
        for place, owner in enumerate(owners):
            at = time + 9 * place
            given = full_access(ledger, at, "powershell", lead, owner, account, _SERVER)
            ledger.mark("executive" if owner.vip else "grant", given)
            read(ledger, at + 4000, account, owner, 200, _SERVER, app=EWS)
            taken = full_access(ledger, at + 7 * DAY, "powershell", lead, owner, account, _SERVER, removed=True)
            ledger.mark("removed", taken)
            if place % 5 == 0:
                colleague = ledger.draw.choice(staff(ledger))
                folder(ledger, at + 30000, "powershell", lead, owner, "calendar", colleague.upn, "Editor", _SERVER)


def _clean_up(ledger: Ledger) -> None:
    """A script takes away what nobody needs any more: rights on mailboxes, on folders, and orphans."""
    lead = next(one for one in ledger.people.users if one.title == "Head of IT")
    time = on_day(ledger, 0.6, 8.0)
    for number in range(often(ledger, 220)):
        at, box, user = time + 6 * number, ledger.draw.choice(ledger.people.users), ledger.draw.choice(staff(ledger))
        if number % 3 == 0:
            operation = "Remove-MailboxFolderPermission"
            identity = f"{box.upn}:\\{box.folder('calendar')}"
            parameters = {"Identity": identity, "User": user.upn, "Confirm": "False"}
            record = cmdlet(ledger, at, "powershell", lead, operation, identity, parameters)
        elif number % 11 == 1:
            gone = f"S-1-5-21-2107437116-1586319521-3489264017-{ledger.draw.randrange(1100, 4000)}"
            parameters = {"Identity": box.upn, "AccessRights": "FullAccess", "User": gone, "InheritanceType": "All"}
            operation = "Remove-MailboxPermission"
            record = cmdlet(ledger, at, "powershell", lead, operation, box.exchange_name, parameters)
        else:
            record = full_access(ledger, at, "powershell", lead, box, user, removed=True)
        ledger.mark("removed", record)


def _access_review(ledger: Ledger) -> None:
    """A quarter's review ends: members who were not confirmed leave their groups, and rights go."""
    reviews = applications.new_app(ledger, "Azure AD Identity Governance")
    time, actor = on_day(ledger, 0.45, 6.0), ledger.people.helpdesk[0]
    groups = [(f"Access {number}", ledger.guid()) for number in range(9)]
    for number in range(often(ledger, 110)):
        member, group = ledger.draw.choice(staff(ledger)), ledger.draw.choice(groups)
        applications.group_member(ledger, time + 3 * number, actor, member, group, removed=True, by_app=reviews)
    for number in range(often(ledger, 30)):
        box, user = ledger.draw.choice(ledger.people.shared), ledger.draw.choice(staff(ledger))
        full_access(ledger, time + 7200 + 40 * number, "powershell", actor, box, user, removed=True)


def _team_folders(ledger: Ledger) -> None:
    """Colleagues of a team share a folder of contacts or of a project."""
    owners = staff(ledger)
    for _ in range(often(ledger, 60)):
        owner = ledger.draw.choice(owners)
        team: List[Person] = [one for one in owners if one.department == owner.department and one is not owner]
        colleague = ledger.draw.choice(team or owners)
        name = ledger.draw.choice(("Contacts", "Projects\\Harbour", "Offers 2026"))
        identity = f"{owner.upn}:\\{name}"
        role = ledger.draw.choice(("Reviewer", "Author"))
        parameters = {"Identity": identity, "User": colleague.upn, "AccessRights": role}
        operation = "Add-MailboxFolderPermission"
        ledger.mark("folder", cmdlet(ledger, ledger.sometime(), "owa", owner, operation, identity, parameters))


STORIES: Tuple[Story, ...] = (
    Story("leavers", EVERYDAY, "", "peers.md 3.2: leave and leavers; 2 (15): CIPP#876, #1874, #5110", _leavers),
    Story(
        "assistants-of-executives",
        EVERYDAY,
        "",
        "peers.md 3.2: executive assistants, in the texts of Elastic, Datadog and Vectra",
        _assistants,
    ),
    Story(
        "migration-wave",
        EVERYDAY,
        "",
        "peers.md 4: part of a wave of equal grants; 1 F: planned work, migration wave",
        _migration_wave,
    ),
    Story("clean-up", EVERYDAY, "", "peers.md 2 (9): orphans that are removed; a reduction of rights", _clean_up),
    Story("access-review", EVERYDAY, "", "peers.md 2 (5): confirm these permissions are still needed", _access_review),
    Story("team-folders", EVERYDAY, "", "peers.md 3.1: Reviewer and Author on any folder fire in ESCU", _team_folders),
)
