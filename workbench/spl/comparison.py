"""Comparisons of a field with a value as `search` makes them: any value of the field may match."""

from __future__ import annotations

import operator as operators
import re
from functools import lru_cache
from typing import Any, Callable, Dict, Pattern

from workbench.spl.errors import SearchError
from workbench.spl.values import Row, address, in_network, is_network, many, number, text

RowTest = Callable[[Row], bool]
ValueTest = Callable[[Any], bool]
_ORDER: Dict[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt, ">": operators.gt, "<=": operators.le, ">=": operators.ge,
}  # fmt: skip
_NETWORK = re.compile(r"[0-9A-Fa-f.:]+/\d{1,3}\Z")


@lru_cache(maxsize=1024)
def wildcard(pattern: str, case: bool = False) -> Pattern[str]:
    """A pattern with `*` as a regular expression for the whole text."""
    body = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    return re.compile(body, re.DOTALL if case else re.DOTALL | re.IGNORECASE)


def _equality(value: str) -> ValueTest:
    if "*" in value:
        if not value.strip("*"):
            return lambda item: True
        full = wildcard(value).fullmatch
        return lambda item: full(text(item)) is not None
    parsed = number(value)
    lowered = value.lower()
    if parsed is not None:
        return lambda item: text(item).lower() == lowered or _unsettled(item, parsed, value)
    if _NETWORK.match(value) and is_network(value):
        return lambda item: text(item).lower() == lowered or bool(in_network(value, text(item)))
    return lambda item: text(item).lower() == lowered


def _unsettled(item: Any, parsed: float, value: str) -> bool:
    """False, unless the same number is written in another way: no document says which counts in `search`."""
    if number(item) == parsed:
        raise SearchError(f"Whether {text(item)} equals {value} in a search expression is not implemented.")
    return False


def _ordering(operator: str, value: str) -> ValueTest:
    holds = _ORDER[operator]
    parsed = number(value)
    network = address(value)

    def test(item: Any) -> bool:
        if parsed is not None:
            other = number(item)
            return other is not None and holds(other, parsed)
        if network is not None:
            place = address(text(item))
            return place is not None and holds(place, network)
        return holds(text(item), value)

    return test


def compare_field(name: str, operator: str, value: str) -> RowTest:
    """The test `name operator value` of a row; a missing field fits none, `!=` included."""
    if operator == "!=":
        equal = _equality(value)
        return lambda row: any(not equal(item) for item in many(row.get(name)))
    test = _equality(value) if operator == "=" else _ordering(operator, value)
    if name == "index" and value == "*":
        return lambda row: not text(row.get(name)).startswith("_")
    return lambda row: any(test(item) for item in many(row.get(name)))


def equals_case(name: str, value: str) -> RowTest:
    """The test `name=CASE(value)`."""
    full = wildcard(value, case=True).fullmatch
    return lambda row: any(full(text(item)) for item in many(row.get(name)))
