"""Spans and the bins they make, of times and of numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any, Dict, Iterable, Iterator, List, Optional

from workbench.spl.errors import SearchError
from workbench.spl.timeformat import local
from workbench.spl.timemods import SECONDS, UNITS, shift, snap, span
from workbench.spl.values import number, print_number

# The manual's "Default time spans" of timechart: the shortest that gives at most 100 bins.
_NICE = ("1s", "5s", "10s", "30s", "1m", "5m", "10m", "30m", "1h", "1d", "1mon")
_LONG = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "mon": 2592000.0}
_LOG = re.compile(r"(\d+(?:\.\d+)?)?log(\d+(?:\.\d+)?)?\Z")
# Zones change and days begin at multiples of a quarter of an hour, as far as events go back.
_QUARTER = 900
# The years that the calendar knows, a day off both ends for the zones.
_FIRST, _LAST = -62_135_510_400.0, 253_402_214_400.0
MAX_BINS = 50_000
_LAST_POWER = 700.0


@dataclass(frozen=True)
class TimeSpan:
    """Bins of time: of so many seconds, or of one calendar unit in a zone.

    `align` moves bins of seconds: one of them begins there instead of at epoch 0.
    """

    amount: float
    unit: str
    weekday: int
    tz: tzinfo
    align: Optional[float] = None
    _known: Dict[int, float] = field(default_factory=dict, compare=False, repr=False)

    def start(self, epoch: float) -> float:
        """The start of the bin that holds an epoch; SearchError for one outside the years 1 to 9999."""
        if not _FIRST < epoch < _LAST:
            raise SearchError(f"The time {print_number(epoch)} is out of range.")
        if self.unit in SECONDS:
            seconds = self.amount * SECONDS[self.unit]
            if self.align is not None:
                return math.floor((epoch - self.align) / seconds) * seconds + self.align
            if _QUARTER % seconds:
                self._check_offset(epoch, seconds)
            return math.floor(epoch / seconds) * seconds
        quarter = int(epoch // _QUARTER)
        found = self._known.get(quarter)
        if found is None:
            found = self._known[quarter] = snap(quarter * _QUARTER, self.unit, self.weekday, self.tz)
        return found

    def _check_offset(self, epoch: float, seconds: float) -> None:
        """Refuse a span that is cut otherwise by the zone's clock than by UTC's: no page says which counts."""
        quarter = int(epoch // _QUARTER)
        offset = self._known.get(quarter)
        if offset is None:
            found = local(quarter * _QUARTER, self.tz).utcoffset() or timedelta()
            offset = self._known[quarter] = found.total_seconds()
        if offset % seconds:
            raise SearchError("Spans that do not divide the zone's offset from UTC are not implemented.")

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


def time_span(written: str, tz: tzinfo, align: Optional[float] = None) -> TimeSpan:
    """The span `10m`, `1d`, `1w@w0`; ValueError when it cannot be read."""
    plain, _, snapped = written.partition("@")
    parsed = span(plain)
    if parsed is None or parsed[0] <= 0:
        raise ValueError("a time span")
    amount, unit = parsed[0], parsed[1] or "s"
    weekday = 0
    if snapped:
        if unit != "w" or amount != 1 or not (snapped[0] == "w" and snapped[1:].isdigit()):
            raise SearchError(f"The span '{written}' is not implemented.")
        weekday = int(snapped[1:])
    elif unit == "w" or (unit not in SECONDS and amount != 1):
        raise SearchError(f"The span '{written}' is not implemented.")
    if align is not None and unit == "w":
        raise SearchError(f"The span '{written}' with an aligntime is not implemented.")
    # The manual: aligntime is ignored where the span is in days, months or years.
    return TimeSpan(amount, unit, weekday, tz, align if unit in SECONDS else None)


def default_span(first: float, last: float, bins: int, tz: tzinfo, least: float = 0.0) -> TimeSpan:
    """The shortest usual span, not below `least` seconds, that cuts a range into at most so many bins."""
    spans = [time_span(written, tz) for written in _NICE]
    fitting = [found for found in spans if found.seconds >= least and last - first <= found.seconds * bins]
    return fitting[0] if fitting else spans[-1]


@dataclass(frozen=True)
class NumberBins:
    """Bins of numbers, written `low-high`: of a width, or (width None) between powers of a base."""

    width: Optional[Decimal]
    coefficient: float = 1.0
    base: float = 10.0

    def label(self, value: Any) -> Optional[str]:
        """The bin of a number; None for what is no number."""
        parsed = number(value)
        if parsed is None or not math.isfinite(parsed):
            return None
        if self.width is None:
            return self._between_powers(parsed)
        # As decimals: doubles would show the error of their last digit.
        low = math.floor(Decimal(repr(parsed)) / self.width) * self.width
        return f"{print_number(float(low))}-{print_number(float(low + self.width))}"

    def _between_powers(self, value: float) -> str:
        if value <= 0:
            raise SearchError("Numbers that are not positive in a logarithmic span are not implemented.")
        power = math.floor(math.log(value / self.coefficient, self.base))
        while self._edge(power + 1) <= value:
            power += 1
        while self._edge(power) > value:
            power -= 1
        return f"{print_number(self._edge(power))}-{print_number(self._edge(power + 1))}"

    def _edge(self, power: int) -> float:
        if abs(power) * math.log(self.base) > _LAST_POWER:
            raise SearchError("Numbers at the end of what a double holds are in no logarithmic bin.")
        return self.coefficient * self.base**power if power >= 0 else self.coefficient / self.base**-power

    def all(self, labels: Iterable[str]) -> List[str]:
        """The bins from the lowest to the highest of those given, the empty ones between them included."""
        found = sorted(set(labels), key=low_end)
        if self.width is None or len(found) < 2:
            return found
        low, high = Decimal(repr(low_end(found[0]))), Decimal(repr(low_end(found[-1])))
        count = int((high - low) / self.width) + 1
        if count > MAX_BINS:
            raise SearchError(f"More than {MAX_BINS} bins are not implemented.")
        middle = self.width / 2
        return [str(self.label(float(low + self.width * place + middle))) for place in range(count)]


def number_bins(written: str) -> Optional[NumberBins]:
    """The bins of a span: a width, or a logarithm (`log`, `2log5`); None when it is neither."""
    match = _LOG.match(written)
    if match is not None:
        coefficient, base = float(match[1] or 1), float(match[2] or 10)
        if base <= 1 or not 1 <= coefficient < base:
            raise ValueError("a logarithmic span: its coefficient at least 1 and less than its base")
        return NumberBins(None, coefficient, base)
    width = number(written)
    return None if width is None or not 0 < width < math.inf else NumberBins(Decimal(written))


def low_end(label: str) -> float:
    """The number at which a bin `low-high` begins."""
    match = re.match(r"-?[\d.]+(?:e[-+]?\d+)?", label)
    return float(match.group()) if match else math.inf


def is_time_unit(written: str) -> bool:
    """Whether a span is written with a unit of time."""
    return written.partition("@")[0].lstrip("0123456789.").lower() in UNITS
