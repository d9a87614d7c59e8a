"""Everyday: people sign in, read and send mail, read shared mailboxes they were given; admins look after accounts."""

from __future__ import annotations

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import entra, exchange, mailbox
from workbench.tenants.shapes.mailbox import OUTLOOK, OWA, Session

# on a working day, per person
_AT_WORK = 0.88
_SECOND_SIGN_IN = 0.3
_FAILED_SIGN_IN = 0.06
_READS = 0.95
_SENDS = 0.55
_DELETES = 0.14
_READS_SHARED = 0.07
_ACCOUNT_CHANGES_A_DAY = 20
_RULES = 25

_SUBJECTS = ("Re: delivery dates", "Minutes of today", "Fwd: offer", "Question on order", "Lunch?", "Weekly figures")
_RULE_NAMES = ("Newsletters", "Build reports", "Team", "Travel", "To read")
_ACCOUNT_CHANGES = (
    ("Update user.", "User", (("Included Updated Properties", "Department", ""),)),
    ("Update user.", "User", (("Included Updated Properties", "TelephoneNumber", ""),)),
    ("Change user license.", "User", ()),
    ("Reset user password.", "User", ()),
    ("Add member to group.", "Group", (("Group.DisplayName", "All staff", ""),)),
)


def tell(ledger: Ledger) -> None:
    """Tell every day of the time."""
    for day in ledger.workdays:
        for person in ledger.people.users:
            if ledger.draw.random() < _AT_WORK:
                _working_day(ledger, day, person)
        for _ in range(_ACCOUNT_CHANGES_A_DAY):
            operation, category, changes = ledger.draw.choice(_ACCOUNT_CHANGES)
            actor, target = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(ledger.people.users)
            entra.change(ledger, ledger.office_hour(day), operation, actor, target, category, changes)
    for _ in range(_RULES):
        _inbox_rule(ledger, ledger.draw.choice(ledger.people.users))


def _working_day(ledger: Ledger, day: float, person: Person) -> None:
    draw = ledger.draw
    own = Session(person, person, person.address, OWA if draw.random() < 0.5 else OUTLOOK)
    if draw.random() < _FAILED_SIGN_IN:
        entra.sign_in(ledger, ledger.office_hour(day), person, person.address, succeeded=False)
    entra.sign_in(ledger, ledger.office_hour(day), person, person.address)
    if draw.random() < _SECOND_SIGN_IN:
        entra.sign_in(ledger, ledger.office_hour(day), person, person.address)
    if draw.random() < _READS:
        path = "\\" + person.folder("inbox")
        mailbox.accessed(ledger, ledger.office_hour(day), own, path, draw.randrange(1, 6))
    if draw.random() < _SENDS:
        mailbox.sent(ledger, ledger.office_hour(day), own, draw.choice(_SUBJECTS))
    if draw.random() < _DELETES:
        mailbox.deleted(ledger, ledger.office_hour(day), own, draw.randrange(1, 4))
    if draw.random() < _READS_SHARED:
        shared = draw.choice(ledger.people.shared)
        session = Session(person, shared, person.address, OUTLOOK)
        mailbox.accessed(ledger, ledger.office_hour(day), session, "\\" + shared.folder("inbox"), draw.randrange(1, 6))


def _inbox_rule(ledger: Ledger, person: Person) -> None:
    name = ledger.draw.choice(_RULE_NAMES)
    parameters = {
        "AlwaysDeleteOutlookRulesBlob": "False",
        "Force": "False",
        "MoveToFolder": name,
        "Name": name,
        "SubjectContainsWords": name.lower(),
        "StopProcessingRules": "False",
    }
    object_id = f"{person.dn}\\{name}"
    exchange.cmdlet(ledger, ledger.sometime(), "owa", person, "New-InboxRule", object_id, parameters)
