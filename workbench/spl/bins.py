"""Spans and the bins they make, of times and of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any, Iterator, Optional

from workbench.spl.errors import SearchError
from workbench.spl.timeformat import local
from workbench.spl.timemods import SECONDS, UNITS, shift, snap, span
from workbench.spl.values import number, print_number

# The manual's "Default time spans" of timechart: the shortest that gives at most 100 bins.
_NICE = ("1s", "5s", "10s", "30s", "1m", "5m", "10m", "30m", "1h", "1d", "1mon")
_LONG = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "mon": 2592000.0}


@dataclass(frozen=True)
class TimeSpan:
    """Bins of time: of so many seconds, or of one calendar unit in a zone."""

    amount: float
    unit: str
    weekday: int
    tz: tzinfo

    def start(self, epoch: float) -> float:
        """The start of the bin that holds an epoch."""
        if self.unit not in SECONDS:
            return snap(epoch, self.unit, self.weekday, self.tz)
        seconds = self.amount * SECONDS[self.unit]
        offset = (local(epoch, self.tz).utcoffset() or timedelta()).total_seconds()
        if offset % seconds:
            raise SearchError("Spans that do not divide the zone's offset from UTC are not implemented.")
        return math.floor(epoch / seconds) * seconds

    def following(self, start: float) -> float:
        """The start of the bin behind the one that begins there."""
        if self.unit in SECONDS:
            return start + self.amount * SECONDS[self.unit]
        return self.start(shift(start, 1, self.unit, self.tz))

    @property
    def seconds(self) -> float:
        """The usual length of a bin."""
        return self.amount * SECONDS.get(self.unit, _LONG.get(self.unit, 604800.0))

    def all(self, first: float, last: float) -> Iterator[float]:
        """The starts of all bins from the one that holds `first` to the one that holds `last`."""
        place = self.start(first)
        while place <= last:
            yield place
            place = self.following(place)


def time_span(written: str, tz: tzinfo) -> TimeSpan:
    """The span `10m`, `1d`, `1w@w0`; ValueError when it cannot be read."""
    plain, _, snapped = written.partition("@")
    parsed = span(plain)
    if parsed is None or parsed[0] <= 0:
        raise ValueError("a time span")
    amount, unit = parsed[0], parsed[1] or "s"
    weekday = 0
    if snapped:
        if unit != "w" or not (snapped[0] == "w" and snapped[1:].isdigit()):
            raise SearchError(f"The span '{written}' is not implemented.")
        weekday = int(snapped[1:])
    elif unit == "w" or (unit not in SECONDS and amount != 1):
        raise SearchError(f"The span '{written}' is not implemented.")
    return TimeSpan(amount, unit, weekday, tz)


def default_span(first: float, last: float, bins: int, tz: tzinfo) -> TimeSpan:
    """The shortest usual span that cuts a range into at most so many bins."""
    spans = [time_span(written, tz) for written in _NICE]
    return next((found for found in spans if last - first <= found.seconds * bins), spans[-1])


def number_bin(value: Any, width: float) -> Optional[str]:
    """The bin of a number, `low-high`; None for what is no number."""
    parsed = number(value)
    if parsed is None:
        return None
    low = math.floor(parsed / width) * width
    return f"{print_number(low)}-{print_number(low + width)}"


def is_time_unit(written: str) -> bool:
    """Whether a span is written with a unit of time."""
    return written.partition("@")[0].lstrip("0123456789.").lower() in UNITS
