"""The aggregate functions of stats and its kin by their names."""

from __future__ import annotations

import math
import re
from typing import Any, Callable, FrozenSet, List

from workbench.spl.accumulators import MAKERS, Aggregate, Time, ranked
from workbench.spl.errors import SearchError
from workbench.spl.values import many


def _percentile(percentile: float) -> Callable[[List[float]], float]:
    """The value at a rank.

    limits.conf has the nearest rank as the default, the aggregate functions' page shows interpolated results.
    Where these differ there is no answer.
    """

    def rank(ordered: List[float]) -> float:
        count, share = len(ordered), percentile / 100
        nearest = ordered[min(math.floor(count * share), count - 1)]
        classic = ordered[max(math.ceil(count * share) - 1, 0)]
        low = ordered[math.floor((count - 1) * share)]
        high = ordered[math.ceil((count - 1) * share)]
        if nearest == classic == low == high:
            return nearest
        raise SearchError("A percentile that lies between two values is not implemented.")

    return rank


_ALIASES = {"c": "count", "distinct_count": "dc", "estdc": "dc", "mean": "avg"}
_PERCENTILE = re.compile(r"(?:perc|p|exactperc|upperperc)(\d+(?:\.\d+)?)")
_REFUSED = ("sparkline", "estdc_error", "rate_avg", "rate_sum")
# timechart's: the sum over a bin, as so much in so many seconds.
PER_SECONDS = {"per_second": 1.0, "per_minute": 60.0, "per_hour": 3600.0, "per_day": 86400.0}
# Those that stats leaves out of a group with other than numbers under allnum=true.
NUMERIC: FrozenSet[str] = frozenset(
    ["sum", "avg", "sumsq", "var", "varp", "stdev", "stdevp", "range", "median", "rate", "min", "max"]
)


def factory(name: str) -> Callable[[], Aggregate]:
    """What makes the aggregate of that name; SearchError when there is none."""
    lowered = name.lower()
    found = MAKERS.get(_ALIASES.get(lowered, lowered))
    if found is not None:
        return found
    if lowered in PER_SECONDS:
        return MAKERS["sum"]
    if lowered in _REFUSED:
        raise SearchError(f"The aggregate '{name}' is not implemented.")
    percentile = _PERCENTILE.fullmatch(lowered)
    if percentile is None:
        raise SearchError(f"The argument '{name}' is invalid.")
    rank = float(percentile.group(1))
    if rank >= 100:
        raise SearchError("Percentile must be a floating point number that is >= 0 and < 100.")
    return lambda: ranked(_percentile(rank))


def is_aggregate(name: str) -> bool:
    """Whether a function of that name aggregates."""
    lowered = name.lower()
    known = lowered in MAKERS or lowered in _ALIASES or lowered in PER_SECONDS or lowered in _REFUSED
    return known or _PERCENTILE.fullmatch(lowered) is not None


def canonical(name: str) -> str:
    """The one name of an aggregate function that has several."""
    return _ALIASES.get(name.lower(), name.lower())


def feed(aggregate: Aggregate, value: Any, time: Time) -> None:
    """Give a field's values, one by one, to an aggregate."""
    for item in many(value):
        aggregate.add(item, time)
