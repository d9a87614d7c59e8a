"""Speed of the search engine: processor time over rows of ten fields, the best of several rounds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Iterator, List, Tuple

from workbench.spl import Environment, Row, search

# What is measured in rows a second, with a search that does what people do with the command.
RATES: Tuple[Tuple[str, str], ...] = (
    ("search", "| search action=grant OR user=user5*"),
    ("eval", '| eval score=if(bytes>500, hour+1, 0), name=lower(user), kb=bytes/1024'),
    ("stats", "| stats count sum(bytes) avg(bytes) dc(user) BY action"),
    ("bin", "| bin _time span=1h"),
)
SORT = "| sort 0 -bytes"
STREAMS: Tuple[Tuple[str, str], ...] = (
    ("streamstats", "| streamstats count sum(bytes) AS total BY user"),
    ("streamstats in a window", "| streamstats window=10 avg(bytes) BY user"),
)
LEAST_RATE = 100_000.0
MOST_SECONDS = 1.0
MOST_GROWTH = 2.6
_ACTIONS = ("grant", "revoke", "change")
_NOW = 1_772_442_833.0


@dataclass(frozen=True)
class Speed:
    """One measured figure and its goal: at least (`more`) or at most that much."""

    what: str
    value: float
    unit: str
    goal: float
    more: bool

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.more else self.value <= self.goal

    def __str__(self) -> str:
        """One line for a person."""
        digits = 0 if self.more else 2
        bound, verdict = ("at least" if self.more else "at most"), ("reached" if self.reached else "MISSED")
        return f"{self.what}: {self.value:,.{digits}f} {self.unit} (goal {bound} {self.goal:,.{digits}f}: {verdict})"


def rows_of(count: int) -> List[Row]:
    """Rows of ten fields: a time, people, addresses, numbers written as text; the same each time."""
    return [
        {
            "_time": _NOW - number, "user": f"user{number * 7 % 97}", "action": _ACTIONS[number % 3],
            "bytes": str(number * 7919 % 1_000_003), "hour": str(number % 24), "host": f"host{number % 5}",
            "src": f"198.51.{number % 256}.{number % 7}", "status": "success", "mailbox": f"box{number % 1009}",
            "right": "full_access",
        }
        for number in range(count)
    ]  # fmt: skip


def engine_figures(count: int, rounds: int) -> Iterator[Speed]:
    """Rows a second of four commands, seconds of a sort, and how streamstats grows with the rows."""
    rows = rows_of(count)
    for name, spl in RATES:
        yield Speed(name, count / _seconds(spl, rows, rounds), "rows a second", LEAST_RATE, True)
    yield Speed(f"sort of {count:,} rows", _seconds(SORT, rows, rounds), "seconds", MOST_SECONDS, False)
    for name, spl in STREAMS:
        growth = _seconds(spl, rows, rounds) / _seconds(spl, rows[: count // 2], rounds)
        yield Speed(name, growth, "times as long over twice the rows", MOST_GROWTH, False)


def _seconds(spl: str, rows: List[Row], rounds: int) -> float:
    """Processor seconds of the quickest round: what else the machine does can only add to it."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        search(spl, Environment(now=_NOW), rows)
        best = min(best, time.process_time() - begun)
    return best
