"""The made-up organisation: an Office 365 tenant and a Workspace subsidiary, their days and one attack on each."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cached_property
from typing import Any, Dict, List, Set

from workbench.errors import BadInput
from workbench.tenants.aftermath import standing_after
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import Directory
from workbench.tenants.records import GOOGLE, Record
from workbench.tenants.standing import Standing
from workbench.tenants.stories import STORIES

FEWEST_MAILBOXES = 40
FEWEST_DAYS = 4
_MAILBOX_AUDIT = (2, 3, 50)


class Organisation:
    """Records, people and truth, all made from the seed: same seed, end, days and mailboxes, same bytes.

    `end` is where the records stop (UTC when it bears no zone). `records` are oldest first. `truth` has one
    dict for each malicious record: id (the record's Id; for Workspace `ledger.workspace_key`), provider,
    time, operation, step, label. BadInput when it is too small for the stories. `people` are rows of text
    fields, as `people.Person.row` gives them.
    """

    def __init__(self, seed: int, end: datetime, days: int = 30, mailboxes: int = 240) -> None:
        if mailboxes < FEWEST_MAILBOXES or days < FEWEST_DAYS:
            raise BadInput(
                f"the stories need at least {FEWEST_MAILBOXES} mailboxes and {FEWEST_DAYS} days; "
                f"{mailboxes} and {days} were asked for"
            )
        self.seed = seed
        self.end = (end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp()
        self.start = self.end - days * DAY
        self.directory = Directory(seed, mailboxes)
        self.tenant = self.directory.tenant
        self.customer = self.directory.customer
        self.people: List[Dict[str, str]] = [person.row() for person in self.directory.everyone()]
        records: List[Record] = []
        self.truth: List[Dict[str, Any]] = []
        for name, tell in STORIES.items():
            ledger = Ledger(seed, name, self.directory, self.start, self.end)
            tell(ledger)
            records += ledger.records
            self.truth += ledger.truth
        self.records = _without_bypassed(sorted(records, key=lambda record: record.time))

    @cached_property
    def standing(self) -> Standing:
        """What stands at the end: one object, which the stand-ins share, so that a change shows in both."""
        return standing_after(self)

    def office365_records(self) -> List[Record]:
        """The Office 365 records, oldest first."""
        return [record for record in self.records if not record.content_type.startswith(GOOGLE)]

    def workspace_activities(self, application: str) -> List[Dict[str, Any]]:
        """The activities of one Workspace application, oldest first."""
        return [record.body for record in self.records if record.content_type == GOOGLE + application]


def _without_bypassed(records: List[Record]) -> List[Record]:
    """The records but the mailbox audit of accounts whose audit was switched off before: it is never written."""
    bypassed: Set[str] = set()
    written = []
    for record in records:
        body = record.body
        if body.get("Operation") == "Set-MailboxAuditBypassAssociation":
            bypassed.update(entry["Value"] for entry in body["Parameters"] if entry["Name"] == "Identity")
        if body.get("RecordType") not in _MAILBOX_AUDIT or body["UserId"] not in bypassed:
            written.append(record)
    return written
