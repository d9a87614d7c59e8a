"""Everyday: shared mailboxes, and those who are let into them and out again."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import full_access, often, on_behalf, on_day, read, send_as, shared_box, staff
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import OFFICE_ADDRESS, Person
from workbench.tenants.shapes.exchange import cmdlet

_CLIENTS = ("eac", "eac", "admin_center", "powershell")


def _where(ledger: Ledger, person: Person) -> str:
    """Where somebody works today: mostly the office, now and then at home."""
    return OFFICE_ADDRESS if ledger.draw.random() < 0.7 else _at_home(person)


def _at_home(person: Person) -> str:
    """Somebody's address at home, the same each time."""
    return f"192.0.2.{1 + sum(map(ord, person.upn)) % 250}" if person.address == OFFICE_ADDRESS else person.address


def _joiners(ledger: Ledger) -> None:
    """Somebody joins and is let into the twenty mailboxes of the team, within minutes."""
    for _ in range(often(ledger, 12)):
        actor, joiner = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(staff(ledger))
        time = on_day(ledger, ledger.draw.random(), ledger.draw.uniform(8, 15))
        address = _where(ledger, actor)
        boxes = ledger.draw.sample(ledger.people.shared, min(20, len(ledger.people.shared)))
        for number, box in enumerate(boxes):
            at = time + 25 * number
            ledger.mark("grant", full_access(ledger, at, "powershell", actor, box, joiner, address))
            send_as(ledger, at + 2, "powershell", actor, box, joiner, address)


def _requests(ledger: Ledger) -> None:
    """The help desk's daily requests: one mailbox, one colleague, half of them with Send As; a third ends again."""
    for _ in range(often(ledger, 260)):
        draw, time = ledger.draw, ledger.sometime()
        actor, box = draw.choice(ledger.people.helpdesk), draw.choice(ledger.people.shared)
        delegate, client, address = draw.choice(staff(ledger)), draw.choice(_CLIENTS), _where(ledger, actor)
        ledger.mark("full-access", full_access(ledger, time, client, actor, box, delegate, address))
        sends = draw.random() < 0.5
        if sends:
            ledger.mark("send-as", send_as(ledger, time + 20, client, actor, box, delegate, address))
        if draw.random() < 0.3:
            later = time + draw.randrange(5, 30) * DAY
            taken = full_access(ledger, later, client, actor, box, delegate, address, removed=True)
            ledger.mark("removed", taken)
            if sends:
                send_as(ledger, later + 15, client, actor, box, delegate, address, removed=True)


def _new_shared_mailboxes(ledger: Ledger) -> None:
    for number in range(often(ledger, 8)):
        actor, time = ledger.draw.choice(ledger.people.helpdesk), ledger.sometime()
        box = cast.join(ledger, f"project{number}.team", f"Project {number} Team", kind="shared", created=time)
        made = {"Name": box.display_name, "Alias": f"project{number}.team", "Shared": "True"}
        cmdlet(ledger, time, "eac", actor, "New-Mailbox", box.exchange_name, made)
        for place, member in enumerate(ledger.draw.sample(staff(ledger), min(6, len(staff(ledger))))):
            full_access(ledger, time + 600 + 20 * place, "eac", actor, box, member)
            send_as(ledger, time + 605 + 20 * place, "eac", actor, box, member)


def _send_on_behalf_lists(ledger: Ledger) -> None:
    for _ in range(often(ledger, 25)):
        actor, box = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.shared)
        client = ledger.draw.choice(("admin_center", "powershell"))
        record = on_behalf(ledger, ledger.sometime(), client, actor, box, ledger.draw.choice(staff(ledger)))
        ledger.mark("grant", record)


def _ticketing(ledger: Ledger) -> None:
    """The ticketing system's account opens the mailboxes it takes tickets from, and reads them all day."""
    account = cast.service(ledger, "svc.ticketing", "Ticketing", "198.51.100.40")
    actor, time = ledger.people.helpdesk[0], on_day(ledger, 0.25, 10.0)
    wanted = ("support", "returns", "claims", "orders", "facilities", "onboarding", "customs", "events")
    boxes = list(dict.fromkeys(shared_box(ledger, alias) for alias in wanted))
    for number, box in enumerate(boxes):
        ledger.mark("grant", full_access(ledger, time + 30 * number, "powershell", actor, box, account))
    for day in ledger.workdays:
        if day > time:
            for box in boxes:
                read(ledger, ledger.office_hour(day), account, box, 20)


def _portal(ledger: Ledger) -> None:
    """The people portal gives and takes rights through its own account, from its own server, at all hours."""
    portal = cast.service(ledger, "svc.peopleportal", "People Portal", "198.51.100.61")
    for _ in range(often(ledger, 240)):
        time, box, user = ledger.sometime(), ledger.draw.choice(ledger.people.shared), ledger.draw.choice(staff(ledger))
        time += ledger.draw.randrange(-4, 5) * 3600
        ledger.mark("grant", full_access(ledger, time, "powershell", portal, box, user))
        if ledger.draw.random() < 0.4:
            later = time + ledger.draw.randrange(20, 60) * DAY
            ledger.mark("removed", full_access(ledger, later, "powershell", portal, box, user, removed=True))


def _troubleshooting(ledger: Ledger) -> None:
    """The help desk gives itself a mailbox to see what is wrong with it, and takes the right back within the hour."""
    for number in range(often(ledger, 15)):
        actor, time = ledger.draw.choice(ledger.people.helpdesk), ledger.sometime()
        own = number % 3 == 2
        box = ledger.draw.choice(staff(ledger) if own else ledger.people.shared)
        address = _where(ledger, actor)
        scene = "user-mailbox" if own else "shared-mailbox"
        ledger.mark(scene, full_access(ledger, time, "eac", actor, box, actor, address))
        read(ledger, time + 400, actor, box, 2, address)
        back = time + ledger.draw.randrange(1200, 3600)
        ledger.mark("removed", full_access(ledger, back, "eac", actor, box, actor, address, removed=True))


def _failed(ledger: Ledger) -> None:
    """Names mistyped, rights missing: attempts that change nothing."""
    for _ in range(often(ledger, 40)):
        actor, box = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.shared)
        delegate, client = ledger.draw.choice(staff(ledger)), ledger.draw.choice(_CLIENTS)
        record = full_access(ledger, ledger.sometime(), client, actor, box, delegate, succeeded=False)
        ledger.mark("failed", record)


def _forwardings(ledger: Ledger) -> None:
    """Shared mailboxes send copies to a colleague; once in a while one is ended."""
    for number in range(often(ledger, 14)):
        actor, box = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.shared)
        ended = number % 4 == 3
        target = "" if ended else "smtp:" + ledger.draw.choice(staff(ledger)).upn
        parameters = {
            "Identity": box.object_id,
            "ForwardingSmtpAddress": target,
            "DeliverToMailboxAndForward": "False" if ended else "True",
        }
        record = cmdlet(ledger, ledger.sometime(), "eac", actor, "Set-Mailbox", box.exchange_name, parameters)
        ledger.mark("ended" if ended else "inside", record)


def _deny(ledger: Ledger) -> None:
    """Somebody who left a team is kept out of its mailbox although a group would let him in."""
    for _ in range(often(ledger, 5)):
        actor, box = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.shared)
        user = ledger.draw.choice(staff(ledger))
        rights = {"Identity": box.upn, "AccessRights": "FullAccess", "User": user.upn, "Deny": "True"}
        rights["InheritanceType"] = "All"
        operation = "Add-MailboxPermission"
        cmdlet(ledger, ledger.sometime(), "powershell", actor, operation, box.exchange_name, rights)


def _on_call(ledger: Ledger) -> None:
    """A shift at night needs a shared mailbox; whoever is on call gives it from home."""
    for _ in range(often(ledger, 10)):
        actor, box = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.shared)
        user = ledger.draw.choice([one for one in staff(ledger) if one.department in ("Operations", "Customer Care")])
        time = on_day(ledger, ledger.draw.random(), ledger.draw.uniform(20.5, 23.5))
        ledger.mark("grant", full_access(ledger, time, "eac", actor, box, user, _at_home(actor)))


def _auditors(ledger: Ledger) -> None:
    """By ticket, guests of the auditing firm read the folder of the audit in a shared mailbox."""
    box, actor, time = shared_box(ledger, "archive"), ledger.people.helpdesk[1], on_day(ledger, 0.5, 10.5)
    for number, auditor in enumerate(ledger.people.guests):
        identity = f"{box.upn}:\\Audit 2026"
        parameters = {"Identity": identity, "User": auditor.upn, "AccessRights": "Reviewer"}
        operation = "Add-MailboxFolderPermission"
        given = cmdlet(ledger, time + 50 * number, "powershell", actor, operation, identity, parameters)
        ledger.mark("folder", given)


STORIES: Tuple[Story, ...] = (
    Story(
        "joiners-to-shared-mailboxes",
        EVERYDAY,
        "",
        "peers.md 3.2: shared mailboxes, project access; 3.1: Elastic sees no account that grants daily",
        _joiners,
    ),
    Story(
        "help-desk-requests",
        EVERYDAY,
        "",
        "peers.md 3.2: shared mailboxes; the false-positive texts of Elastic, Datadog and Vectra",
        _requests,
    ),
    Story(
        "new-shared-mailboxes", EVERYDAY, "", "peers.md 3.2: shared mailboxes, project access", _new_shared_mailboxes
    ),
    Story(
        "send-on-behalf-lists",
        EVERYDAY,
        "",
        "peers.md 3.1: Elastic fires on any GrantSendOnBehalfTo; CIPP#5519",
        _send_on_behalf_lists,
    ),
    Story("ticketing-account", EVERYDAY, "", "peers.md 3.2: service accounts", _ticketing),
    Story(
        "people-portal",
        EVERYDAY,
        "",
        "peers.md 4: grantor is the provisioning account from its usual address and client",
        _portal,
    ),
    Story(
        "troubleshooting-self-grants",
        EVERYDAY,
        "",
        "peers.md 3.1: reprise99's grantor is grantee, which also finds administrators at work",
        _troubleshooting,
    ),
    Story("failed-attempts", EVERYDAY, "", "office365.md 1.1: failed cmdlets are records, ResultStatus False", _failed),
    Story(
        "forwarding-inside",
        EVERYDAY,
        "",
        "peers.md 3.1: forwarding rules of others count internal targets too; office365.md 0.1: cleared values",
        _forwardings,
    ),
    Story(
        "on-call-at-night", EVERYDAY, "", "peers.md 4: off hours only raises; here nothing else is strange", _on_call
    ),
    Story("auditors-in-a-folder", EVERYDAY, "", "peers.md 2 (17): external delegates that are wanted", _auditors),
    Story("kept-out-by-deny", EVERYDAY, "", "peers.md 3.2: Deny entries are left out by the state tools", _deny),
)
