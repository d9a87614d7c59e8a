"""The labelled set on its way through the app, as a site would have it: slice after slice, by the app's own searches.

The records of each two days are indexed when these are over, and the searches that learn, collect and detect take them
as the schedule would, each at the minute at which its slice of index time holds them. Nothing here judges a record.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from workbench.collect import APP
from workbench.evaluation.directory import delegation, directory_events, sweep_events, vip_rows
from workbench.evaluation.set import Event, Labelled
from workbench.splunkd import Splunkd
from workbench.tenants.ledger import DAY
from workbench.tenants.records import utc

Row = Dict[str, Any]
Told = Callable[[int], None]

PREFIX, RULE = "Delegation Watch - ", " - Rule"
SLICE_DAYS = 2
# The searches of a slice, in the order of the schedule, each with the minutes after its records came at which it takes
# them. A sweep comes before them, so that what it shows is in the summary with the day's grants.
SWEEPING = (("Keep state from sweeps", -8), ("Keep sweeps", 3), ("Compare sweeps", 12))
LEARNING = (("Learn identities", 8), ("Keep directory", 8), ("Learn accounts", 9))
COLLECTING = (("Collect grants", 10), ("Collect uses", 12))
AFTERWARDS = (("Keep state from events", 28), ("Close replaced delegates", 29), ("Learn baselines", 29))
_SWEPT, _DETECTED = -23, 27
_SNAPSHOT = "delegation:snapshot"


class Alert(NamedTuple):
    """A case that a detection found: which detection, the case, its score, and whose stories its rows are of."""

    detection: str
    case: str
    score: float
    stories: Tuple[str, ...]


class Judged(NamedTuple):
    """What the app made of the set.

    `rows`: scored rows of the summary, and what sweeps found, each with `story` and `scene` of its record. `lost`: keys
    of the records that it could not read. `alert_score` is the macro of the app's alerts.
    """

    rows: List[Row]
    alerts: List[Alert]
    lost: List[str]
    alert_score: float


def run(labelled: Labelled, home: Path, told: Told) -> Judged:
    """The whole way in `home`, an empty folder; `told` gets the number of slices that are done."""
    now = [labelled.start]
    with Splunkd(APP, home, clock=lambda: now[0]) as splunkd:
        course = _Course(splunkd, labelled)
        course.know(labelled.records)
        splunkd.search("| outputlookup append=true delegation_watch_vip", rows=vip_rows(labelled.people))
        for number, (time, events) in enumerate(slices(labelled)):
            now[0] = time
            if events or not number:
                course.take(time, events, first=not number)
            told(number + 1)
        return course.judged(now[0] + DAY)


def slices(labelled: Labelled) -> List[Tuple[float, List[Event]]]:
    """The end of each slice of the time, and its records."""
    length = SLICE_DAYS * DAY
    found: Dict[int, List[Event]] = {
        number: [] for number in range(int(labelled.start // length), int(labelled.end // length) + 1)
    }
    for event in labelled.records:
        found[int(event.time // length)].append(event)
    return [((number + 1.0) * length, events) for number, events in found.items()]


class _Course:
    """One stand-in for splunkd with the app, driven along the time of the set."""

    def __init__(self, splunkd: Splunkd, labelled: Labelled):
        self._splunkd, self._labelled = splunkd, labelled
        self._detections = [name for name in splunkd.conf.stanzas("savedsearches") if name.endswith(RULE)]
        self._people = list(labelled.people)
        self._standing: Dict[Tuple[str, str], Row] = {}
        self._found: Dict[Tuple[str, str], Row] = {}
        self._of_row: Dict[str, Event] = {}
        self._of_delegate: Dict[Tuple[str, str], Event] = {}
        self._lost: List[str] = []

    def know(self, events: Sequence[Event]) -> None:
        """Learn which row comes from which record, by the rows that the app gives for each, and what it cannot read."""
        rows = [{"_raw": event.raw, "source": str(place)} for place, event in enumerate(events)]
        for row in self._splunkd.search("| delegationgrants keep=true", rows=rows).rows if rows else ():
            event = events[int(row["evidence"])]
            known = self._of_row.setdefault(str(row["row_id"]), event)
            if event.scene and not known.scene:  # two records of one act have one row
                self._of_row[str(row["row_id"])] = event
            if row.get("parse_error"):
                self._lost.append(event.key)

    def take(self, time: float, events: List[Event], first: bool) -> None:
        """One slice: what happened is indexed at its end, and taken by the searches."""
        swept = [event for event in events if event.sourcetype == _SNAPSHOT]
        records = [event for event in events if event.sourcetype != _SNAPSHOT]
        if swept or first:
            self._sweep(time + 60 * _SWEPT, swept)
            self._run(SWEEPING, time)
        self._splunkd.index([*map(_indexed, records), *self._joined(time)])
        self._run((*LEARNING, *COLLECTING), time)
        for name in self._detections:
            for row in self._splunkd.run_saved_search(name, time + 60 * _DETECTED).rows:
                case = (name[len(PREFIX) : -len(RULE)], str(row["case_key"]))
                if score(row) >= score(self._found.get(case, {})):
                    self._found[case] = row
        self._run(AFTERWARDS, time)

    def judged(self, now: float) -> Judged:
        """Everything that the slices came to."""
        rows = self._splunkd.search("`delegation_watch_grants`", now=now).rows
        rows += self._splunkd.search("`delegation_watch_changes` | where change=\"new\"", now=now).rows
        cases: Dict[str, Set[str]] = defaultdict(set)
        for row in rows:
            event = self._origin(row)
            row.update(story=event.story if event else "", scene=event.scene if event else "")
            cases[str(row.get("case_key"))].add(row["story"])
        macro = self._splunkd.conf.stanza("macros", "delegation_watch_alert_score") or {}
        alerts = [self._alert(name, key, row, cases[key]) for (name, key), row in self._found.items()]
        return Judged(rows, alerts, self._lost, float(macro["definition"]))

    def _joined(self, time: float) -> Iterator[Row]:
        """The directory, whole at first, then who is new."""
        told = [person for person in self._people if person["created"] <= utc(time)]
        self._people = [person for person in self._people if person["created"] > utc(time)]
        return directory_events(self._labelled, told, time)

    def _sweep(self, time: float, swept: List[Event]) -> None:
        """A sweep of Gmail's delegates: the first, and where some were seen; who was seen once still stands."""
        for event in swept:
            body = json.loads(event.raw)
            pair = delegation(body["columns"])
            self._standing[pair] = body
            self._of_delegate.setdefault(pair, event)
        events = sweep_events(self._labelled, list(self._standing.values()), time)
        self._splunkd.index({**event, "indextime": time} for event in events)

    def _run(self, searches: Iterable[Tuple[str, int]], time: float) -> None:
        for name, minutes in searches:
            self._splunkd.run_saved_search(PREFIX + name, time + 60 * minutes)

    def _origin(self, row: Row) -> Optional[Event]:
        """The record that a row comes from; of what a sweep found, the delegate that it shows."""
        pair = str(row.get("mailbox_key")), str(row.get("grantee_key"))
        return self._of_row.get(str(row["row_id"])) or self._of_delegate.get(pair)

    def _alert(self, name: str, case: str, row: Row, stories: Set[str]) -> Alert:
        return Alert(name, case, score(row), tuple(sorted(stories)))


def score(row: Row) -> float:
    """The score of a row or an alert; 0 where it has none."""
    return float(row.get("delegation_score") or 0)


def _indexed(event: Event) -> Row:
    return {
        "host": "workbench", "source": event.source, "sourcetype": event.sourcetype, "index": "main",
        "time": event.time, "data": event.raw,
    }  # fmt: skip
