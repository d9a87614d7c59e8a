"""The series of chart and timechart: which become columns, in which order and under which names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from workbench.spl.arguments import Arguments, Reader, boolean
from workbench.spl.commands.chartterms import Term
from workbench.spl.values import Row, many, number, text

SPLIT: Dict[str, Reader] = {
    "limit": str, "agg": str, "useother": boolean, "usenull": boolean, "nullstr": str, "otherstr": str, "sep": str,
    "format": str,
}  # fmt: skip
# What a series' cells come to; of the others the manual does not tell what an empty cell counts.
_SCORES: Dict[str, Callable[[List[float]], float]] = {"sum": sum, "max": max}
_WHERE = re.compile(
    r"where\s+(?P<agg>\w+)\s*(?:(?P<which>in|notin)\s+(?P<end>top|bottom)(?P<count>\d+)"
    r"|(?P<sign>[<>])\s*(?P<bound>-?\d+(?:\.\d+)?))\s*\Z",
    re.IGNORECASE,
)
Scores = Dict[str, List[float]]


@dataclass(frozen=True)
class Choice:
    """Which series are shown: those at the top or bottom of a score, or beyond a bound."""

    score: Callable[[List[float]], float] = sum
    count: int = 10
    bottom: bool = False
    inside: bool = True
    above: Optional[float] = None
    below: Optional[float] = None

    def __call__(self, scores: Scores) -> List[str]:
        """The names of the series to show."""
        found = {name: self.score(values) if values else 0.0 for name, values in scores.items()}
        if self.above is not None:
            return [name for name, score in found.items() if score > self.above]
        if self.below is not None:
            return [name for name, score in found.items() if score < self.below]
        ranked = sorted(found, key=lambda name: (found[name] if self.bottom else -found[name], name))
        if not self.count:
            return ranked
        return ranked[: self.count] if self.inside else ranked[self.count :]


def _score(arguments: Arguments, name: str) -> Callable[[List[float]], float]:
    score = _SCORES.get(name.lower())
    if score is None:
        raise arguments.error(f"Choosing series by '{name}' is not implemented.")
    return score


def take_where(arguments: Arguments) -> Optional[Choice]:
    """The clause `where sum in top5` or `where max > 10` behind the split-by field, consumed."""
    place = next((n for n, token in enumerate(arguments.tokens) if token.text.lower() == "where"), None)
    if not place:
        return None
    written = arguments.text[arguments.tokens[place].start : arguments.tokens[-1].end]
    match = _WHERE.match(written)
    if match is None:
        raise arguments.invalid(written)
    del arguments.tokens[place:]
    score = _score(arguments, match["agg"])
    if match["sign"]:
        bound = float(match["bound"])
        return Choice(score, above=bound) if match["sign"] == ">" else Choice(score, below=bound)
    return Choice(score, int(match["count"]), match["end"].lower() == "bottom", match["which"].lower() == "in")


def limit(arguments: Arguments, options: Dict[str, Any]) -> Choice:
    """What `limit=[top|bottom]N` and `agg=` choose; the ten greatest sums by default."""
    written = options.get("limit", "10").lower()
    match = re.fullmatch(r"(top|bottom)?(\d+)", written)
    if match is None:
        raise arguments.error(f"Invalid value for option 'limit': '{options['limit']}'.")
    return Choice(_score(arguments, options.get("agg", "sum")), int(match[2]), match[1] == "bottom")


@dataclass(frozen=True)
class Series:
    """How rows become columns: the field, the choice, and what becomes of nulls and of what is not chosen."""

    field: Optional[str]
    choice: Choice
    useother: bool = True
    usenull: bool = True
    nullstr: str = "NULL"
    otherstr: str = "OTHER"
    sep: str = ": "
    format: str = ""

    def names(self, row: Row, distinct: bool) -> Iterable[str]:
        """The series that a row belongs to."""
        if self.field is None:
            return ("",)
        found = [text(value) for value in many(row.get(self.field))]
        if distinct:
            found = list(dict.fromkeys(found))
        return found or ((self.nullstr,) if self.usenull else ())

    def column(self, name: str, term: Term, several: bool) -> str:
        """The name of a column."""
        if self.field is None:
            return term.output or ""
        if not several:
            return name
        if self.format:
            return self.format.replace("$AGG$", term.output or "").replace("$VAL$", name)
        return f"{term.output}{self.sep}{name}"

    def shown(self, cells: Dict[Tuple[Any, str], List[Row]], first: Callable[[List[Row]], Any]) -> List[str]:
        """The names of the series with columns of their own; `first` is a cell's value to choose by."""
        names = list(dict.fromkeys(name for _, name in cells))
        apart = [name for name in names if name == self.nullstr and self.field is not None]
        scores: Scores = {name: [] for name in names if name not in apart}
        if self.field is not None:
            for (_, name), rows in cells.items():
                value = number(first(rows)) if name in scores else None
                if value is not None:
                    scores[name].append(value)
            names = sorted(self.choice(scores)) + apart
        return names

    def merged(
        self, cells: Dict[Tuple[Any, str], List[Row]], names: Sequence[str]
    ) -> Tuple[Dict[Tuple[Any, str], List[Row]], List[str]]:
        """The cells with what is not shown put together as OTHER, and the names with it before NULL."""
        found: Dict[Tuple[Any, str], List[Row]] = {}
        for (key, name), rows in cells.items():
            if name in names:
                found.setdefault((key, name), []).extend(rows)
            elif self.useother:
                found.setdefault((key, self.otherstr), []).extend(rows)
        other = [self.otherstr] if any(name not in names for _, name in found) else []
        nulls = [name for name in names if name == self.nullstr and self.field is not None]
        return found, [*(name for name in names if name not in nulls), *other, *nulls]
