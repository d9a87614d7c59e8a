"""The labelled set: every story told over the same people and days, as the events that Splunk would hold."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Dict, List, NamedTuple, Tuple

from workbench.errors import BadInput
from workbench.evaluation.plot import EVERYDAY, INTRUSIONS, Story
from workbench.evaluation.stories.cast import row
from workbench.tenants.ledger import DAY, Ledger, key_of, provider_of
from workbench.tenants.people import Directory
from workbench.tenants.records import GOOGLE, INVENTORY, WINDOWS, Record

FEWEST_MAILBOXES = 60
FEWEST_DAYS = 14
# beginning of a record's content type: sourcetype and source of its event; {} stands for the rest
_FEEDS: Tuple[Tuple[str, str, str], ...] = (
    (GOOGLE, "gws:reports:{}", "delegation_audit://workspace"),
    (INVENTORY, "delegation:snapshot", "delegation_inventory://workspace"),
    (WINDOWS, "XmlWinEventLog", "XmlWinEventLog:{}"),
    ("", "o365:management:activity", "delegation_audit://office365"),
)


class Event(NamedTuple):
    """One record as its feed brings it.

    `time` in epoch seconds; `story` and, where the story marked the act, `scene`; `step` and `label` of an intrusion's
    act, 0 and "" for all else; `provider` as in a grant row; `key` tells it from every other (the Id of Office 365);
    `raw` is its text.
    """

    time: float
    story: str
    scene: str
    step: int
    label: str
    provider: str
    sourcetype: str
    source: str
    key: str
    raw: str


class Labelled(NamedTuple):
    """The set: `records` oldest first; `people` as rows of a directory (`cast.row`).

    `truth` has a dict for each act of an intrusion: story, id (the event's key), provider, time, operation, step,
    label. `tenant` and `customer` are the ids of the Office 365 tenant and of the Workspace customer; `start` and `end`
    epoch seconds.
    """

    records: List[Event]
    people: List[Dict[str, str]]
    truth: List[Dict[str, Any]]
    tenant: str
    customer: str
    start: float
    end: float
    days: int
    mailboxes: int


def make(seed: int, end: datetime, days: int = 90, mailboxes: int = 1000) -> Labelled:
    """The set of a seed: same seed, end, days and mailboxes, same bytes. `end` is UTC when it bears no zone.

    BadInput when it is too small for the stories.
    """
    if mailboxes < FEWEST_MAILBOXES or days < FEWEST_DAYS:
        raise BadInput(
            f"the stories need at least {FEWEST_MAILBOXES} mailboxes and {FEWEST_DAYS} days; "
            f"{mailboxes} and {days} were asked for"
        )
    until = (end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp()
    directory = Directory(seed, mailboxes)
    events: List[Event] = []
    people = [row(person) for person in directory.everyone()]
    truth: List[Dict[str, Any]] = []
    for story in (*INTRUSIONS, *EVERYDAY):
        ledger = told(story, seed, directory, until - days * DAY, until)
        labels = {str(each["id"]): (int(each["step"]), str(each["label"])) for each in ledger.truth}
        events += [_event(record, story, ledger, labels) for record in ledger.records]
        people += ledger.cast
        truth += [{"story": story.name, **each} for each in ledger.truth]
    events.sort(key=lambda event: (event.time, event.story, event.key))
    truth.sort(key=lambda each: (each["time"], each["story"]))
    return Labelled(
        events, people, truth, directory.tenant, directory.customer, until - days * DAY, until, days, mailboxes
    )


def told(story: Story, seed: int, directory: Directory, start: float, end: float) -> Ledger:
    """One story in a ledger of its own, whose chance depends on the seed and its name alone."""
    ledger = Ledger(seed, story.name, directory, start, end)
    story.tell(ledger)
    return ledger


def _event(record: Record, story: Story, ledger: Ledger, labels: Dict[str, Tuple[int, str]]) -> Event:
    key = key_of(record)
    head, sourcetype, source = next(feed for feed in _FEEDS if record.content_type.startswith(feed[0]))
    rest = record.content_type[len(head) :]
    windows = record.content_type.startswith(WINDOWS)
    raw = str(record.body["xml"]) if windows else json.dumps(record.body, ensure_ascii=False, separators=(",", ":"))
    step, label = labels.get(key, (0, ""))
    return Event(
        record.time,
        story.name,
        ledger.scenes.get(key, ""),
        step,
        label,
        provider_of(record),
        sourcetype.format(rest),
        source.format(rest),
        key,
        raw,
    )
