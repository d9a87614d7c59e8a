"""The tables that decide a score, read from CSV files in the app's lookups folder.

delegation_watch_weights.csv         factor,family,points,when,reason,why    shipped; replaced on upgrade
delegation_watch_weights_local.csv   the same columns; the site's own, never in the package: a factor of the same name
                                     replaces the shipped one, and its bases are tried first
delegation_watch_benign.csv          pattern,score,when,allows,reason,why    patterns that may lower a score
delegation_watch_benign_local.csv    the same columns; the site's own

Families: `base` and `alone` are what a row starts from, the first line of them that holds; beside `alone` no other
factor counts, since nothing was conferred. Of the others (relation actor grantee mailbox timing client use) the largest
that holds counts. A benign pattern brings the score down to `score`, but only when no factor outside
`allows` (names separated by blanks, `*` for any) is there.
"""

import csv
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Tuple, TypeVar

from .conditions import Test, parse

BASES = ("base", "alone")
FAMILIES = (*BASES, "relation", "actor", "grantee", "mailbox", "timing", "client", "use")
WEIGHTS = "delegation_watch_weights"
BENIGN = "delegation_watch_benign"


class TableError(ValueError):
    """A table of weights that cannot be read; the message names file, line and what is wrong."""


@dataclass(frozen=True)
class Weight:
    """One line of the weights table; points from 0 to 100."""

    name: str
    family: str
    points: int
    when: Tuple[Test, ...]
    reason: str


@dataclass(frozen=True)
class Benign:
    """One line of the table of benign patterns; `score` is what a matching row comes down to."""

    name: str
    score: int
    when: Tuple[Test, ...]
    allows: FrozenSet[str]
    reason: str


@dataclass(frozen=True)
class Tables:
    """All tables of a judgement, the site's own lines already in their places."""

    bases: Tuple[Weight, ...]
    factors: Tuple[Weight, ...]
    benign: Tuple[Benign, ...]


def load_tables(folder: str) -> Tables:
    """Read the tables of a lookups folder; TableError when one is missing or cannot be read."""
    weights = _merged(folder, WEIGHTS, _weight)
    benign = _merged(folder, BENIGN, _benign)
    bases = tuple(weight for weight in weights if weight.family in BASES)
    factors = tuple(weight for weight in weights if weight.family not in BASES)
    if not bases:
        raise TableError(f"{WEIGHTS}.csv has no line of family base")
    return Tables(bases, factors, tuple(benign))


Line = TypeVar("Line", Weight, Benign)


def _merged(folder: str, name: str, read: Callable[[Dict[str, str]], Line]) -> List[Line]:
    shipped = list(_lines(os.path.join(folder, name + ".csv"), read))
    local = os.path.join(folder, name + "_local.csv")
    own = list(_lines(local, read)) if os.path.exists(local) else []
    replaced = {line.name for line in own}
    return own + [line for line in shipped if line.name not in replaced]


def _lines(path: str, read: Callable[[Dict[str, str]], Line]) -> Iterator[Line]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                try:
                    yield read({key: (value or "").strip() for key, value in row.items() if key})
                except (KeyError, ValueError) as error:
                    raise TableError(f"{os.path.basename(path)}, line {reader.line_num}: {_said(error)}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{os.path.basename(path)} cannot be read: {error}") from None


def _said(error: Exception) -> str:
    return f"no column {error}" if isinstance(error, KeyError) else str(error)


def _weight(row: Dict[str, str]) -> Weight:
    if row["family"] not in FAMILIES:
        raise ValueError(f"family {row['family']!r} is none of {', '.join(FAMILIES)}")
    return Weight(row["factor"], row["family"], _points(row["points"]), parse(row["when"]), row["reason"])


def _benign(row: Dict[str, str]) -> Benign:
    allows = frozenset(row["allows"].split())
    return Benign(row["pattern"], _points(row["score"]), parse(row["when"]), allows, row["reason"])


def _points(text: Any) -> int:
    points = int(text)
    if not 0 <= points <= 100:
        raise ValueError(f"{points} is not between 0 and 100")
    return points
