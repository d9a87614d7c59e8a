"""What a run tells of itself: one `delegation:health` event for each feed, from which the app keeps its ledger.

Whoever reads a feed notes in a Tally what came and what went wrong, and when the run has ended, however it ended,
writes `health_event`; so a feed that cannot even sign in has its line too. Nothing here knows a vendor or Splunk: the
audit feeds of both providers use it, and the sweeps.

    tally = Tally()
    tally.came([("Add-MailboxPermission", record, time)], available)  records that are given
    tally.lose("content 1$2", "the content has expired")             what the vendor no longer gives
    tally.miss(start, end, "older than seven days")                  time that can never be covered
    tally.failed.append("one line that says what is wrong")          what another run may mend
    tally.covered = (start, end)                                     what the checkpoint stands for
    health_event(Feed(stanza, name, provider, tenant), tally, started, ended)
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from operator import itemgetter
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple
from typing import Counter as Counted

from .unjudged import Unjudged

HEALTH = "delegation:health"
# Searches read the first 5,000 bytes of an event's JSON without being asked to, so that what the ledger needs stands
# in front and is short. Source: limits.conf, [spath] extraction_cutoff.
_LINES, _LENGTH = 4, 360
# Operations that are counted by name; further ones are counted together.
_OPERATIONS = 300
_OTHERS = "(others)"


class Feed(NamedTuple):
    """Whose health is told: the input's stanza, the feed within it, `o365` or `workspace`, the tenant or customer.

    `every` is how many seconds lie between two runs, None where they follow a schedule.
    """

    input: str
    feed: str
    provider: str
    tenant: str
    every: Optional[int] = None


# A record's operation, the names of the fields that it has on top, and its own time, epoch seconds, if it has one.
Came = Tuple[str, Iterable[str], Optional[float]]


class Gap(NamedTuple):
    """Time that is not covered and never will be, epoch seconds."""

    start: float
    end: float
    why: str


class Loss(NamedTuple):
    """A thing that the vendor no longer gives; `available` is when it could be had, where another way may have it."""

    what: str
    why: str
    available: Optional[float] = None


@dataclass
class Tally:
    """What a run did with one feed; `failed` holds a line for each stretch that could not be read.

    `notes` are lines that need nobody to do anything.
    `covered` is the time that the last checkpoint stands for, of an inventory that of the sweep that ended; None when
    there was none. `ends` is where a feed ends that is to be read once; None for one that goes on. `late` counts
    records by how many minutes after their own time they could be had; `unjudged` those that come too late for the
    searches.
    """

    events: int = 0
    blobs: int = 0
    windows: int = 0
    pages: int = 0
    duplicates: int = 0
    unreadable: int = 0
    lost: int = 0
    failed: List[str] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    losses: List[Loss] = field(default_factory=list)
    gaps: List[Gap] = field(default_factory=list)
    covered: Optional[Tuple[float, float]] = None
    ends: Optional[float] = None
    latest: Optional[float] = None
    latest_by: float = 0.0
    late: Counted[int] = field(default_factory=Counter)
    operations: Counted[str] = field(default_factory=Counter)
    fields: Dict[str, Set[str]] = field(default_factory=dict)
    alike: Dict[str, Iterable[str]] = field(default_factory=dict)
    unjudged: Unjudged = field(default_factory=Unjudged)

    def __str__(self) -> str:
        """`events=… blobs=…` of what is not zero, events always."""
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return " ".join(f"{name}={value}" for name, value in counts.items() if value or name == "events")

    def came(self, records: Sequence[Came], available: Optional[float]) -> None:
        """Count records that could be had at the same time, `available` (epoch seconds) at the earliest."""
        for operation, number in Counter(map(itemgetter(0), records)).items():
            known = operation in self.fields or len(self.fields) < _OPERATIONS
            self.operations[operation if known else _OTHERS] += number
            if known:
                self.fields.setdefault(operation, set())
        alike = self.alike
        for operation, fields, _ in records:  # most records of an operation have the same fields
            if alike.get(operation) is not fields and operation in self.fields:
                alike[operation] = fields
                self.fields[operation].update(fields)
        times = [time for _, _, time in records if time is not None]
        if times:
            newest = max(times)
            self.latest = newest if self.latest is None else max(self.latest, newest)
            if min(times) < self.unjudged.before:
                self.unjudged.add(times)
        if times and available is not None:
            late = [max(0.0, available - time) for time in times]
            self.late.update(int(seconds // 60) for seconds in late)
            latest = max(late)
            self.latest_by = max(self.latest_by, latest)

    def tell_unjudged(self, feed: str) -> None:
        """Warn of what the feed brought too late for the searches; once, at a run's end."""
        self.warnings += self.unjudged.told(feed, self.ends is not None)

    def lose(self, what: str, why: str, available: Optional[float] = None) -> None:
        """Count a thing that the vendor no longer gives, and could from `available` on, epoch seconds."""
        self.lost += 1
        self.losses.append(Loss(what, why, available))

    def miss(self, start: float, end: float, why: str) -> None:
        """Note a stretch of time that can never be covered; each is told by one run alone."""
        self.gaps.append(Gap(start, end, why))


def totals(tallies: Iterable[Tally]) -> str:
    """`events=… blobs=…` of several feeds together, what is not zero, events always."""
    total = Tally()
    for tally in tallies:
        for name, value in vars(tally).items():
            if isinstance(value, int):
                setattr(total, name, getattr(total, name) + value)
    return str(total)


def health_events(
    name: str, given: Mapping[str, Any], tenant: str, tallies: Mapping[str, Tally], started: float
) -> Iterator[Dict[str, Any]]:
    """The events of a run's feeds, by the input's name and its stanza's parameters as they were given."""
    interval = str(given.get("interval") or "").strip()
    every = int(float(interval)) if interval.replace(".", "", 1).isdecimal() else None
    for feed, tally in tallies.items():
        about = Feed(name, feed, str(given.get("provider") or ""), tenant, every)
        yield health_event(about, tally, started, time.time())


def health_event(feed: Feed, tally: Tally, started: float, ended: float) -> Dict[str, Any]:
    """The event: counts, what is covered, gaps, failures, losses, how late records came, which operations and fields.

    Times are ISO 8601 in UTC, spans seconds. Keys without a value are left out.
    """
    known: Dict[str, Any] = {
        "delegation_watch_health": "feed", "time": written(ended), **feed._asdict(),
        "status": "failed" if tally.failed else "ok",
        **{name: value for name, value in vars(tally).items() if isinstance(value, int)},
        "seconds": round(ended - started, 1),
        "from": written(tally.covered[0]) if tally.covered else None,
        "until": written(tally.covered[1]) if tally.covered else None,
        "ends": None if tally.ends is None else written(tally.ends),
        "latest_record": None if tally.latest is None else written(tally.latest),
        "lateness": _lateness(tally),
        "gaps": [{"from": written(gap.start), "until": written(gap.end), "why": gap.why} for gap in tally.gaps],
        "failures": _few(tally.failed),
        "losses": [{"what": _short(loss.what), "why": _short(loss.why)} for loss in tally.losses[:_LINES]],
        "operations": dict(tally.operations.most_common()),
        "fields": {name: sorted(found) for name, found in tally.fields.items() if found},
    }  # fmt: skip
    return {name: value for name, value in known.items() if value is not None}


def _lateness(tally: Tally) -> Optional[Dict[str, int]]:
    """Of the records of this run, in seconds: half came within p50, all but a twentieth within p95."""
    total = sum(tally.late.values())
    if not total:
        return None
    found: Dict[str, int] = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        below = 0
        for minutes in sorted(tally.late):
            below += tally.late[minutes]
            if below >= share * total:
                found[name] = min(minutes * 60 + 30, int(tally.latest_by))
                break
    return {**found, "max": int(tally.latest_by)}


def _few(lines: List[str]) -> List[str]:
    """The first lines and the last one: what ended the reading says most."""
    more = len(lines) - _LINES
    if more <= 0:
        return [_short(line) for line in lines]
    return [*map(_short, lines[: _LINES - 1]), _short(lines[-1]), f"and {more} more, in the log"]


def _short(text: str) -> str:
    """The text without its middle: its end has the advice."""
    half = _LENGTH // 2
    return text if len(text) <= _LENGTH else f"{text[:half]} … {text[-half:]}"


def written(time: float) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(int(time), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
