"""What the aggregate functions keep while they are fed, value by value or many at once; readable at any moment.

Where Splunk's pages leave a result open (the mode of a tie, the least of numbers and texts, a counter that went
back) an accumulator refuses instead of choosing.
"""

from __future__ import annotations

import bisect
import math
import operator
from functools import reduce
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from workbench.spl.errors import SearchError
from workbench.spl.values import number, one_or_many, text

LIST_MAXSIZE = 100
Time = Optional[float]


class Delimited(List[Any]):
    """A multivalue that nomv joins with a delimiter of its own; None where no page says which."""

    def __init__(self, values: Sequence[Any], delimiter: Optional[str]):
        super().__init__(values)
        self.delimiter = delimiter


def delimited(values: Sequence[Any], delimiter: Optional[str]) -> Any:
    """Values as a field holds them, with the delimiter that nomv will use."""
    return Delimited(values, delimiter) if len(values) > 1 else one_or_many(list(values))


class Aggregate:
    """Takes every value of a field, or every row when it has no field; gives a result."""

    def add(self, value: Any, time: Time) -> None:
        """One value, with the time of its row."""
        raise NotImplementedError

    def take(self, values: Sequence[Any], times: Sequence[Time]) -> None:
        """Many values with the times of their rows."""
        add = self.add
        for value, time in zip(values, times):
            add(value, time)

    def result(self) -> Any:
        """The result so far; None when there is none."""
        raise NotImplementedError


class _Count(Aggregate):
    """How many values."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, value: Any, time: Time) -> None:
        self.count += 1

    def take(self, values: Sequence[Any], times: Sequence[Time]) -> None:
        self.count += len(values)

    def result(self) -> Any:
        return self.count


class _Sum(Aggregate):
    """Count and sum of what `measure` makes of each number; `give` makes the result of them."""

    def __init__(self, give: Callable[[float, int], float], measure: Optional[Callable[[float], float]] = None):
        self.give, self.measure = give, measure
        self.count, self.sum = 0, 0.0

    def add(self, value: Any, time: Time) -> None:
        parsed = number(value)
        if parsed is not None:
            self.count += 1
            self.sum += parsed if self.measure is None else self.measure(parsed)

    def take(self, values: Sequence[Any], times: Sequence[Time]) -> None:
        parsed = [found for found in map(number, values) if found is not None]
        self.count += len(parsed)
        # One after the other, as IEEE doubles: the built-in sum corrects the error that Splunk's page shows.
        self.sum = reduce(operator.add, parsed if self.measure is None else map(self.measure, parsed), self.sum)

    def result(self) -> Any:
        return self.give(self.sum, self.count) if self.count else None


class _Spread(Aggregate):
    """Mean and squared deviation of the numbers; `give` makes the result of the deviation and the count."""

    def __init__(self, give: Callable[[float, int], float]):
        self.give = give
        self.count, self.mean, self.deviation = 0, 0.0, 0.0

    def add(self, value: Any, time: Time) -> None:
        parsed = number(value)
        if parsed is not None:
            self.count += 1
            step = parsed - self.mean
            self.mean += step / self.count
            self.deviation += step * (parsed - self.mean)

    def result(self) -> Any:
        return self.give(self.deviation, self.count) if self.count else None


class _Distinct(Aggregate):
    """The distinct values as texts; `give` makes the result of them."""

    def __init__(self, give: Callable[[Set[str]], Any]):
        self.give = give
        self.seen: Set[str] = set()

    def add(self, value: Any, time: Time) -> None:
        self.seen.add(text(value))

    def take(self, values: Sequence[Any], times: Sequence[Time]) -> None:
        self.seen.update(map(text, values))

    def result(self) -> Any:
        return self.give(self.seen)


class _Everything(Aggregate):
    """The values in order of arrival, at most 100 (limits.conf, list_maxsize)."""

    def __init__(self) -> None:
        self.found: List[Any] = []

    def add(self, value: Any, time: Time) -> None:
        if len(self.found) < LIST_MAXSIZE:
            self.found.append(text(value))

    def result(self) -> Any:
        return delimited(self.found, None)


class _Extreme(Aggregate):
    """The least and the greatest value, of numbers or of texts."""

    def __init__(self, give: Callable[[Any, Any], Any]):
        self.give = give
        self.numbers: Optional[Tuple[Tuple[float, Any], Tuple[float, Any]]] = None
        self.texts: Optional[Tuple[str, str]] = None

    def add(self, value: Any, time: Time) -> None:
        parsed = number(value)
        if parsed is None:
            written = text(value)
            low, high = self.texts or (written, written)
            self.texts = (min(low, written), max(high, written))
            return
        if self.numbers is None:
            self.numbers = ((parsed, value), (parsed, value))
        elif parsed < self.numbers[0][0]:
            self.numbers = ((parsed, value), self.numbers[1])
        elif parsed > self.numbers[1][0]:
            self.numbers = (self.numbers[0], (parsed, value))

    def result(self) -> Any:
        if self.texts is not None and self.numbers is not None:
            raise SearchError("The order of numbers and texts in one field is not implemented.")
        if self.numbers is not None:
            return self.give(self.numbers[0][1], self.numbers[1][1])
        return self.give(*self.texts) if self.texts is not None else None


class _Ends(Aggregate):
    """The first and the last value, by arrival or (`by_time`) by the rows' time."""

    def __init__(self, by_time: bool, give: Callable[[Tuple[float, Any], Tuple[float, Any]], Any]):
        self.by_time, self.give = by_time, give
        self.first: Optional[Tuple[float, Any]] = None
        self.last: Optional[Tuple[float, Any]] = None
        self.arrived = 0

    def add(self, value: Any, time: Time) -> None:
        self.arrived += 1
        place = time if self.by_time else float(self.arrived)
        if place is None:
            return
        if self.first is None or place < self.first[0]:
            self.first = (place, value)
        if self.last is None or place >= self.last[0]:
            self.last = (place, value)

    def result(self) -> Any:
        return None if self.first is None or self.last is None else self.give(self.first, self.last)


class _Rate(Aggregate):
    """A counter's growth a second, from its earliest to its latest value."""

    def __init__(self) -> None:
        self.points: List[Tuple[float, float]] = []

    def add(self, value: Any, time: Time) -> None:
        parsed = number(value)
        if parsed is not None and time is not None:
            bisect.insort(self.points, (time, parsed))

    def result(self) -> Any:
        if len(self.points) < 2 or self.points[0][0] == self.points[-1][0]:
            return None
        if any(later[1] < earlier[1] for earlier, later in zip(self.points, self.points[1:])):
            raise SearchError("The rate of a counter that goes back is not implemented.")
        (start, low), (end, high) = self.points[0], self.points[-1]
        return (high - low) / (end - start)


class _Ranked(Aggregate):
    """The numbers in order, for percentiles."""

    def __init__(self, rank: Callable[[List[float]], float]):
        self.rank = rank
        self.ordered: List[float] = []

    def add(self, value: Any, time: Time) -> None:
        parsed = number(value)
        if parsed is not None:
            bisect.insort(self.ordered, parsed)

    def take(self, values: Sequence[Any], times: Sequence[Time]) -> None:
        self.ordered += [found for found in map(number, values) if found is not None]
        self.ordered.sort()

    def result(self) -> Any:
        return self.rank(self.ordered) if self.ordered else None


class _Mode(Aggregate):
    """The most frequent value."""

    def __init__(self) -> None:
        self.counts: Dict[str, int] = {}

    def add(self, value: Any, time: Time) -> None:
        written = text(value)
        self.counts[written] = self.counts.get(written, 0) + 1

    def result(self) -> Any:
        most = max(self.counts.values(), default=0)
        found = [value for value, count in self.counts.items() if count == most]
        if len(found) > 1:
            raise SearchError("The mode of values that are equally frequent is not implemented.")
        return found[0] if found else None


def _median(ordered: List[float]) -> float:
    """The middle; of an even number the manual says the higher of the two and shows the mean of both."""
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low != high:
        raise SearchError("The median between two values is not implemented.")
    return high


def _span(low: Any, high: Any) -> Any:
    least, greatest = number(low), number(high)
    return None if least is None or greatest is None else greatest - least


def _sample(deviation: float, count: int) -> float:
    return deviation / (count - 1) if count > 1 else 0.0


def _total(total: float, count: int) -> float:
    return total


MAKERS: Dict[str, Callable[[], Aggregate]] = {
    "count": _Count,
    "sum": lambda: _Sum(_total),
    "avg": lambda: _Sum(lambda total, count: total / count),
    "sumsq": lambda: _Sum(_total, lambda value: value * value),
    "var": lambda: _Spread(_sample),
    "varp": lambda: _Spread(lambda deviation, count: deviation / count),
    "stdev": lambda: _Spread(lambda deviation, count: math.sqrt(_sample(deviation, count))),
    "stdevp": lambda: _Spread(lambda deviation, count: math.sqrt(deviation / count)),
    "dc": lambda: _Distinct(len),
    "values": lambda: _Distinct(lambda seen: delimited(sorted(seen), None)),
    "list": _Everything,
    "min": lambda: _Extreme(lambda low, high: low),
    "max": lambda: _Extreme(lambda low, high: high),
    "range": lambda: _Extreme(_span),
    "first": lambda: _Ends(False, lambda first, last: first[1]),
    "last": lambda: _Ends(False, lambda first, last: last[1]),
    "earliest": lambda: _Ends(True, lambda first, last: first[1]),
    "latest": lambda: _Ends(True, lambda first, last: last[1]),
    "earliest_time": lambda: _Ends(True, lambda first, last: first[0]),
    "latest_time": lambda: _Ends(True, lambda first, last: last[0]),
    "rate": _Rate,
    "median": lambda: _Ranked(_median),
    "mode": _Mode,
}


def ranked(rank: Callable[[List[float]], float]) -> Aggregate:
    """What takes numbers and gives the one that `rank` picks of them in order."""
    return _Ranked(rank)
