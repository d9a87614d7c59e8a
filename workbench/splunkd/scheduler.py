"""When scheduled searches run, by cron lines of five fields in a time zone, and what came of each run."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Dict, FrozenSet, Iterator, List, Set, Tuple

from workbench.conf.files import true
from workbench.errors import BadInput
from workbench.splunkd.actions import ActionRun

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))


class Cron:
    """One cron line; day of month and weekday are alternatives when both are restricted.

    Times that a change of the clock skips run as if it had not been changed, those that it repeats run once
    [unverified].
    """

    def __init__(self, line: str, tz: tzinfo = timezone.utc):
        parts = line.split()
        if len(parts) != len(_FIELDS):
            raise BadInput(f"cron_schedule = {line}: five fields are needed")
        minute, hour, day, month, weekday = (
            _values(part, *field, line) for part, field in zip(parts, _FIELDS)
        )
        self._tz = tz
        self._minutes, self._hours, self._months = sorted(minute), sorted(hour), month
        self._days, self._weekdays = day, frozenset(value % 7 for value in weekday)
        self._either = parts[2] != "*" and parts[4] != "*"

    def between(self, start: float, end: float) -> Iterator[float]:
        """Epochs of the runs after `start`, up to and including `end`."""
        day = datetime.fromtimestamp(start, self._tz).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        last = datetime.fromtimestamp(end, self._tz).replace(tzinfo=None)
        while day <= last:
            if self._on(day):
                for hour in self._hours:
                    for minute in self._minutes:
                        at = day.replace(hour=hour, minute=minute, tzinfo=self._tz).timestamp()
                        if start < at <= end:
                            yield at
            day += timedelta(days=1)

    def _on(self, day: datetime) -> bool:
        if day.month not in self._months:
            return False
        fits = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return any(fits) if self._either else all(fits)


class Schedule:
    """Enabled saved searches with a schedule."""

    def __init__(self, stanzas: Dict[str, Dict[str, str]], tz: tzinfo = timezone.utc):
        self._crons: List[Tuple[str, Cron]] = [
            (name, Cron(stanza.get("cron_schedule", ""), tz))
            for name, stanza in stanzas.items()
            if true(stanza.get("enableSched", "0")) and not true(stanza.get("disabled", "0"))
        ]

    def between(self, start: float, end: float) -> Iterator[Tuple[float, str]]:
        """(epoch, name) of each run in the span, in order of time, then of the file."""
        runs = [
            [(at, place, name) for at in cron.between(start, end)]
            for place, (name, cron) in enumerate(self._crons)
        ]
        for at, _, name in heapq.merge(*runs):
            yield at, name


@dataclass(frozen=True)
class Run:
    """One run of a saved search: under which sid, for which time, how many rows it gave, how many alerts fired."""

    sid: str
    search: str
    time: float
    count: int
    fired: int
    actions: List[ActionRun] = field(default_factory=list)


class History:
    """The runs of saved searches, without their rows."""

    def __init__(self) -> None:
        self._runs: Dict[str, List[Run]] = defaultdict(list)
        self._made = 0

    def sid(self, app: str, name: str, at: float) -> str:
        """A new sid in the form that the scheduler gives, the search's name shortened to its letters and digits."""
        self._made += 1
        short = "".join(char for char in name if char.isalnum())[:32]
        return f"scheduler__nobody__{app}__{short}_at_{at:.0f}_{self._made}"

    def add(self, run: Run) -> None:
        """Keep a run."""
        self._runs[run.search].append(run)

    def of(self, name: str) -> List[Run]:
        """The runs of one saved search, newest first."""
        return self._runs[name][::-1]


def _values(part: str, name: str, low: int, high: int, line: str) -> FrozenSet[int]:
    """The numbers of one field: `*`, `a`, `a-b`, with `/step`, in a comma list.

    Names of months and days are refused, as Splunk's cron does not know them (savedsearches.conf.spec).
    """
    found: Set[int] = set()
    for piece in part.split(","):
        span, slash, step = piece.partition("/")
        first, mark, last = (str(low), "-", str(high)) if span == "*" else span.partition("-")
        last = last if mark else (str(high) if step else first)
        if not all(number.isascii() and number.isdigit() for number in (first, last, step if slash else "1")):
            raise BadInput(f"cron_schedule = {line}: cannot read the {name} field {part}")
        if slash and not int(step):
            raise BadInput(f"cron_schedule = {line}: the {name} field {part} has a step of 0")
        numbers = range(int(first), int(last) + 1, int(step) if slash else 1)
        if not numbers or numbers[0] < low or int(last) > high:
            raise BadInput(f"cron_schedule = {line}: the {name} field {part} is out of range")
        found.update(numbers)
    return frozenset(found)
