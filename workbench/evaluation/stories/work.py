"""Everyday: people sign in and read, send and delete mail, their own and that which they are let into."""

from __future__ import annotations

from typing import List, Tuple

from workbench.evaluation.stories.acts import often, read
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import entra, mailbox
from workbench.tenants.shapes.mailbox import OUTLOOK, Session

_SUBJECTS = ("Re: delivery dates", "Minutes of today", "Fwd: offer", "Question on order", "Weekly figures")


def _working_days(ledger: Ledger) -> None:
    """A sample of what a thousand people do in a quarter; all of it would be millions."""
    for _ in range(often(ledger, 9000)):
        person, time = ledger.draw.choice(ledger.people.users), ledger.sometime()
        entra.sign_in(ledger, time, person, person.address)
        session = Session(person, person, person.address, OUTLOOK)
        mailbox.accessed(ledger, time + 60, session, "\\" + person.folder("inbox"), ledger.draw.randrange(1, 6))
        if ledger.draw.random() < 0.5:
            mailbox.sent(ledger, time + 300, session, ledger.draw.choice(_SUBJECTS))
        if ledger.draw.random() < 0.15:
            mailbox.deleted(ledger, time + 400, session, ledger.draw.randrange(1, 4))
    for _ in range(often(ledger, 500)):
        person = ledger.draw.choice(ledger.people.users)
        entra.sign_in(ledger, ledger.sometime(), person, person.address, succeeded=False)
    for _ in range(often(ledger, 300)):
        actor, person = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.users)
        operation = ledger.draw.choice(("Reset user password.", "Update user.", "Change user license."))
        entra.change(ledger, ledger.sometime(), operation, actor, person, "User")


def _delegates_at_work(ledger: Ledger) -> None:
    """Teams read their shared mailboxes and answer as them, by rights that they have had for years."""
    people = ledger.people
    care = [one for one in people.users if one.department in ("Customer Care", "Sales", "Operations")]
    teams: List[Tuple[Person, List[Person]]] = [
        (box, ledger.draw.sample(care, min(6, len(care)))) for box in people.shared
    ]
    for _ in range(often(ledger, 5000)):
        box, team = ledger.draw.choice(teams)
        member, time = ledger.draw.choice(team), ledger.sometime()
        ledger.mark("read", read(ledger, time, member, box, ledger.draw.randrange(1, 9), app=OUTLOOK))
        if ledger.draw.random() < 0.3:
            session = Session(member, box, member.address, OUTLOOK)
            answer = mailbox.sent(ledger, time + 500, session, ledger.draw.choice(_SUBJECTS), sent_as=box)
            ledger.mark("send-as", answer)


STORIES: Tuple[Story, ...] = (
    Story(
        "working-days",
        EVERYDAY,
        "",
        "office365.md 0.3: sign-ins, MailItemsAccessed and Send make up what is left beside the system's records",
        _working_days,
    ),
    Story(
        "delegates-at-work",
        EVERYDAY,
        "",
        "peers.md 2 (8): non-owner access 'generates a lot of alerts'; 3.1 Sentinel's anomalous access",
        _delegates_at_work,
    ),
)
