"""The surroundings of an odd search: a few events and lookups, macros that call themselves, values of every kind."""

from __future__ import annotations

import random
from typing import Any, Dict, Iterable, List, Optional

from workbench.spl.environment import Among, Environment, Lookup, Macro, Terms, Window
from workbench.spl.tables import TableLookup
from workbench.spl.values import Row

NOW = 1_772_452_800.0
_VALUES: List[Any] = [
    "", "0", "1", "-1", "1.50", "1e3", "1e400", "nan", "abc", "ABC", "a b", "x=1", "10.0.0.1", "2001:db8::1",
    "10.0.0.0/8", "2026-03-02T12:00:00Z", "1772452800",
    '{"a": {"b": [1, 2, {"c": null}]}}', "<a b='1'>t</a>", 'k=v, k2="v 2"',
    "é名\u202e", "a,b,,c", "\n", "\x00", "(((", "%", "*", "\\", '"', "'", "$a$", "x" * 5000,
    ["a", "b"], ["1", "10", "9"], ["", "x"],
    0, 1, -1, 2.5, 1e308, -0.0, NOW, True,
]  # fmt: skip
_NAMES = ["a", "b", "c", "n", "t", "mv", "_time", "_raw", "host", "a b", "x.y", "x{}.y"]
_MACROS = {
    ("m", 0): Macro("a=1"), ("m", 1): Macro("eval x=$y$", ["y"]), ("self", 0): Macro("`self`"),
    ("one", 0): Macro("`two`"), ("two", 0): Macro("`one`"), ("open", 0): Macro('search "'),
}  # fmt: skip


def odd_rows(number: int) -> List[Row]:
    """Up to a dozen rows with fields missing, doubled and of every kind; the same for the same number."""
    draw = random.Random(f"rows/{number}")  # noqa: S311 (not for security)
    rows: List[Row] = []
    for _ in range(draw.randrange(12)):
        row: Row = {name: draw.choice(_VALUES) for name in _NAMES if draw.randrange(3)}
        if draw.randrange(2):
            row["_time"] = NOW - draw.randrange(100_000)
        rows.append(row)
    return rows


class OddWorld(Environment):
    """An Environment with the rows of a number as its events."""

    def __init__(self, number: int):
        super().__init__(now=NOW)
        self._number = number

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """One of a few, two of which call each other."""
        return _MACROS.get((name, arity))

    def events(self, window: Window, terms: Terms, among: Optional[Among] = None) -> Iterable[Row]:
        """Rows that have a time."""
        return [{"_raw": "", **row} for row in odd_rows(self._number) if isinstance(row.get("_time"), float)]

    def eventtype(self, name: str) -> Optional[str]:
        """One that is sound and one that refers to itself."""
        return {"sound": "a=1", "self": "eventtype=self"}.get(name)

    def lookup(self, name: str) -> Optional[Lookup]:
        """A small table."""
        rows: List[Dict[str, str]] = [{"a": "1", "b": "x"}, {"a": "abc", "b": "y"}]
        return TableLookup(["a", "b"], rows, {}) if name == "table" else None
