"""The aggregate functions of stats and its kin, each fed value by value and readable at any moment."""

from __future__ import annotations

import bisect
import math
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from workbench.spl.errors import SearchError
from workbench.spl.values import many, number, one_or_many, order_key, text

LIST_MAXSIZE = 100


class Aggregate:
    """Takes every value of a field (`add`), or every row when it has no field; gives a result."""

    def add(self, value: Any, time: Optional[float]) -> None:
        """One value, with the time of its row."""
        raise NotImplementedError

    def result(self) -> Any:
        """The result so far; None when there is none."""
        raise NotImplementedError


class _Count(Aggregate):
    """How many values."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, value: Any, time: Optional[float]) -> None:
        self.count += 1

    def result(self) -> Any:
        return self.count


class _Numbers(Aggregate):
    """Count, sum and sum of squares of the numbers among the values; `give` makes the result of them."""

    def __init__(self, give: Callable[[_Numbers], Any]):
        self.give = give
        self.count, self.sum, self.squares = 0, 0.0, 0.0
        self.mean, self.deviation = 0.0, 0.0

    def add(self, value: Any, time: Optional[float]) -> None:
        parsed = number(value)
        if parsed is None:
            return
        self.count += 1
        self.sum += parsed
        self.squares += parsed * parsed
        step = parsed - self.mean
        self.mean += step / self.count
        self.deviation += step * (parsed - self.mean)

    def result(self) -> Any:
        return self.give(self) if self.count else None


class _Distinct(Aggregate):
    """The distinct values as texts, sorted; `give` makes the result of them."""

    def __init__(self, give: Callable[[List[str]], Any]):
        self.give = give
        self.seen: Dict[str, None] = {}
        self.ordered: List[str] = []

    def add(self, value: Any, time: Optional[float]) -> None:
        written = text(value)
        if written not in self.seen:
            self.seen[written] = None
            bisect.insort(self.ordered, written)

    def result(self) -> Any:
        return self.give(self.ordered)


class _Everything(Aggregate):
    """The values in order of arrival, at most 100 (limits.conf, list_maxsize)."""

    def __init__(self) -> None:
        self.found: List[Any] = []

    def add(self, value: Any, time: Optional[float]) -> None:
        if len(self.found) < LIST_MAXSIZE:
            self.found.append(text(value))

    def result(self) -> Any:
        return one_or_many(list(self.found))


class _Extreme(Aggregate):
    """The least and the greatest value; numbers come before texts."""

    def __init__(self, give: Callable[[_Extreme], Any]):
        self.give = give
        self.least: Optional[Tuple[Tuple[int, Any], Any]] = None
        self.greatest: Optional[Tuple[Tuple[int, Any], Any]] = None

    def add(self, value: Any, time: Optional[float]) -> None:
        key = order_key(value)
        if self.least is None or key < self.least[0]:
            self.least = (key, value)
        if self.greatest is None or key > self.greatest[0]:
            self.greatest = (key, value)

    def result(self) -> Any:
        return None if self.least is None else self.give(self)


class _Ends(Aggregate):
    """The first and the last value, by arrival or (`by_time`) by the rows' time."""

    def __init__(self, by_time: bool, give: Callable[[_Ends], Any]):
        self.by_time, self.give = by_time, give
        self.first: Optional[Tuple[float, Any]] = None
        self.last: Optional[Tuple[float, Any]] = None
        self.arrived = 0

    def add(self, value: Any, time: Optional[float]) -> None:
        self.arrived += 1
        place = time if self.by_time else float(self.arrived)
        if place is None:
            return
        if self.first is None or place < self.first[0]:
            self.first = (place, value)
        if self.last is None or place >= self.last[0]:
            self.last = (place, value)

    def result(self) -> Any:
        return None if self.first is None or self.last is None else self.give(self)


class _Ranked(Aggregate):
    """The numbers in order, for percentiles by nearest rank."""

    def __init__(self, percentile: float):
        self.percentile = percentile
        self.ordered: List[float] = []

    def add(self, value: Any, time: Optional[float]) -> None:
        parsed = number(value)
        if parsed is not None:
            bisect.insort(self.ordered, parsed)

    def result(self) -> Any:
        if not self.ordered:
            return None
        place = math.floor(len(self.ordered) * self.percentile / 100)
        return self.ordered[min(place, len(self.ordered) - 1)]


class _Mode(Aggregate):
    """The most frequent value; of several the one that reached the number first."""

    def __init__(self) -> None:
        self.counts: Dict[str, int] = {}

    def add(self, value: Any, time: Optional[float]) -> None:
        written = text(value)
        self.counts[written] = self.counts.get(written, 0) + 1

    def result(self) -> Any:
        return max(self.counts, key=lambda value: self.counts[value], default=None)


def _span(extreme: _Extreme) -> Any:
    least, greatest = extreme.least, extreme.greatest
    low = number(least[1]) if least else None
    high = number(greatest[1]) if greatest else None
    return None if low is None or high is None else high - low


def _rate(ends: _Ends) -> Any:
    if ends.first is None or ends.last is None or ends.first[0] == ends.last[0]:
        return None
    low, high = number(ends.first[1]), number(ends.last[1])
    return None if low is None or high is None else (high - low) / (ends.last[0] - ends.first[0])


def _sample(numbers: _Numbers) -> float:
    return numbers.deviation / (numbers.count - 1) if numbers.count > 1 else 0.0


_FACTORIES: Dict[str, Callable[[], Aggregate]] = {
    "count": _Count,
    "sum": lambda: _Numbers(lambda n: n.sum),
    "avg": lambda: _Numbers(lambda n: n.sum / n.count),
    "sumsq": lambda: _Numbers(lambda n: n.squares),
    "var": lambda: _Numbers(_sample),
    "varp": lambda: _Numbers(lambda n: n.deviation / n.count),
    "stdev": lambda: _Numbers(lambda n: math.sqrt(_sample(n))),
    "stdevp": lambda: _Numbers(lambda n: math.sqrt(n.deviation / n.count)),
    "dc": lambda: _Distinct(len),
    "values": lambda: _Distinct(lambda found: one_or_many(list(found))),
    "list": _Everything,
    "min": lambda: _Extreme(lambda e: e.least[1] if e.least else None),
    "max": lambda: _Extreme(lambda e: e.greatest[1] if e.greatest else None),
    "range": lambda: _Extreme(_span),
    "first": lambda: _Ends(False, lambda e: e.first[1] if e.first else None),
    "last": lambda: _Ends(False, lambda e: e.last[1] if e.last else None),
    "earliest": lambda: _Ends(True, lambda e: e.first[1] if e.first else None),
    "latest": lambda: _Ends(True, lambda e: e.last[1] if e.last else None),
    "earliest_time": lambda: _Ends(True, lambda e: e.first[0] if e.first else None),
    "latest_time": lambda: _Ends(True, lambda e: e.last[0] if e.last else None),
    "rate": lambda: _Ends(True, _rate),
    "median": lambda: _Ranked(50.0),
    "mode": _Mode,
}
_ALIASES = {"c": "count", "distinct_count": "dc", "estdc": "dc", "mean": "avg"}
_PERCENTILE = re.compile(r"(?:perc|p|exactperc|upperperc)(\d+(?:\.\d+)?)")
NUMERIC = frozenset(["sum", "avg", "sumsq", "var", "varp", "stdev", "stdevp", "range", "median", "rate"])


def factory(name: str) -> Callable[[], Aggregate]:
    """What makes the aggregate of that name; SearchError when there is none."""
    lowered = name.lower()
    found = _FACTORIES.get(_ALIASES.get(lowered, lowered))
    if found is not None:
        return found
    percentile = _PERCENTILE.fullmatch(lowered)
    if percentile is None:
        raise SearchError(f"The argument '{name}' is invalid.")
    rank = float(percentile.group(1))
    if rank >= 100:
        raise SearchError("Percentile must be a floating point number that is >= 0 and < 100.")
    return lambda: _Ranked(rank)


def canonical(name: str) -> str:
    """The one name of an aggregate function that has several."""
    return _ALIASES.get(name.lower(), name.lower())


def feed(aggregate: Aggregate, value: Any, time: Optional[float]) -> None:
    """Give a field's values, one by one, to an aggregate."""
    for item in many(value):
        aggregate.add(item, time)
