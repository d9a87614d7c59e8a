"""When scheduled searches run: cron lines of five fields, over any span of time, in UTC."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta, timezone
from typing import Dict, FrozenSet, Iterator, List, Set, Tuple

from workbench.errors import BadInput

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))


class Cron:
    """One cron line; day of month and weekday are alternatives when both are restricted."""

    def __init__(self, line: str):
        parts = line.split()
        if len(parts) != len(_FIELDS):
            raise BadInput(f"cron_schedule = {line}: five fields are needed")
        minute, hour, day, month, weekday = (
            _values(part, *field, line) for part, field in zip(parts, _FIELDS)
        )
        self._minutes, self._hours, self._months = sorted(minute), sorted(hour), month
        self._days, self._weekdays = day, frozenset(value % 7 for value in weekday)
        self._either = parts[2] != "*" and parts[4] != "*"

    def between(self, start: float, end: float) -> Iterator[float]:
        """Epochs of the runs after `start`, up to and including `end`."""
        day = datetime.fromtimestamp(start, timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        while day.timestamp() <= end:
            if self._on(day):
                for hour in self._hours:
                    for minute in self._minutes:
                        at = day.timestamp() + hour * 3_600 + minute * 60
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

    def __init__(self, stanzas: Dict[str, Dict[str, str]]):
        self._crons: List[Tuple[str, Cron]] = [
            (name, Cron(stanza.get("cron_schedule", "")))
            for name, stanza in stanzas.items()
            if _true(stanza.get("enableSched", "0")) and not _true(stanza.get("disabled", "0"))
        ]

    def between(self, start: float, end: float) -> Iterator[Tuple[float, str]]:
        """(epoch, name) of each run in the span, in order of time, then of the file."""
        runs = [
            [(at, place, name) for at in cron.between(start, end)]
            for place, (name, cron) in enumerate(self._crons)
        ]
        for at, _, name in heapq.merge(*runs):
            yield at, name


def _values(part: str, name: str, low: int, high: int, line: str) -> FrozenSet[int]:
    """The numbers of one field: `*`, `a`, `a-b`, with `/step`, in a comma list. Names are not taken."""
    found: Set[int] = set()
    for piece in part.split(","):
        span, _, step = piece.partition("/")
        first, mark, last = (str(low), "-", str(high)) if span == "*" else span.partition("-")
        last = last if mark else (str(high) if step else first)
        if not (first.isdigit() and last.isdigit() and (step or "1").isdigit() and int(step or 1)):
            raise BadInput(f"cron_schedule = {line}: cannot read the {name} field {part}")
        numbers = range(int(first), int(last) + 1, int(step or 1))
        if not numbers or numbers[0] < low or int(last) > high:
            raise BadInput(f"cron_schedule = {line}: the {name} field {part} is out of range")
        found.update(numbers)
    return frozenset(found)


def _true(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "t", "yes")
