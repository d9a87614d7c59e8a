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

Every line counts or is a fault; tables with a fault are refused as a whole.
"""

import csv
import os
from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterator, List, Tuple, TypeVar

from .conditions import Test, parse
from .faults import Columns, Fault, LineError, TableError, Wrong, condition, name, reasons, whole

BASES = ("base", "alone")
FAMILIES = (*BASES, "relation", "actor", "grantee", "mailbox", "timing", "client", "use")
WEIGHTS = "delegation_watch_weights"
BENIGN = "delegation_watch_benign"
_COLUMNS = {
    WEIGHTS: ("factor", "family", "points", "when", "reason", "why"),
    BENIGN: ("pattern", "score", "when", "allows", "reason", "why"),
}


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
    """Read the tables of a lookups folder; TableError names every fault in them."""
    tables, faults = read_tables(folder)
    if faults:
        raise TableError(faults)
    return tables


def read_tables(folder: str) -> Tuple[Tables, List[Fault]]:
    """The tables of a lookups folder as far as their lines can be read, and what is wrong with the others."""
    faults: List[Fault] = []
    weights = [line for _, line in _merged(folder, WEIGHTS, _weight, faults)]
    benign = _merged(folder, BENIGN, _benign, faults)
    bases = tuple(weight for weight in weights if weight.family in BASES)
    if not bases and not faults:
        faults.append(Fault(f"{WEIGHTS}.csv", 1, "has no line of family base", "restore the file from the package"))
    known = {"*", *(weight.name for weight in weights)}
    for where, line in benign:
        for allowed in sorted(line.allows - known):
            faults.append(Fault(*where, f"allows names {allowed}, which is no factor", "take it out, or correct it"))
    factors = tuple(weight for weight in weights if weight.family not in BASES)
    return Tables(bases, factors, tuple(line for _, line in benign)), sorted(faults)


Line = TypeVar("Line", Weight, Benign)
# File name and line.
Where = Tuple[str, int]


def _merged(
    folder: str, table: str, read: Callable[[Columns], Line], faults: List[Fault]
) -> List[Tuple[Where, Line]]:
    shipped = list(_lines(os.path.join(folder, table + ".csv"), table, read, faults))
    local = os.path.join(folder, table + "_local.csv")
    own = list(_lines(local, table, read, faults)) if os.path.exists(local) else []
    replaced = {line.name for _, line in own}
    return own + [(where, line) for where, line in shipped if line.name not in replaced]


def _lines(
    path: str, table: str, read: Callable[[Columns], Line], faults: List[Fault]
) -> Iterator[Tuple[Where, Line]]:
    """The lines that can be read; what is wrong with the others goes to `faults`."""
    file = os.path.basename(path)
    seen: Dict[str, int] = {}
    for number, row in _rows(path, _COLUMNS[table], faults):
        try:
            line = read(row)
        except LineError as error:
            faults.extend(Fault(file, number, *wrong) for wrong in error.wrongs)
            continue
        if line.name in seen:
            remedy = "give it another name, or take one of the two out"
            faults.append(Fault(file, number, f"{line.name} stands in line {seen[line.name]} already", remedy))
        seen.setdefault(line.name, number)
        yield (file, number), line


def _rows(path: str, columns: Tuple[str, ...], faults: List[Fault]) -> Iterator[Tuple[int, Columns]]:
    """(line, its cells by column) of a file; lines without any text are left out."""
    file = os.path.basename(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = [cell.strip() for cell in next(reader, [])]
            absent = [column for column in columns if column not in header]
            if absent:
                faults.append(Fault(file, 1, f"no column {', '.join(absent)}", f"begin with {','.join(columns)}"))
                return
            for cells in reader:
                if len(cells) != len(header):
                    problem = f"{len(cells)} cells under {len(header)} columns"
                    if any(cells):
                        remedy = "put a text that has commas in double quotes, and leave no column out"
                        faults.append(Fault(file, reader.line_num, problem, remedy))
                elif any(cells):
                    yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.append(Fault(file, 0, f"cannot be read: {error}", "save it as CSV in UTF-8; restore a shipped file"))


def _weight(row: Columns) -> Weight:
    wrongs: List[Wrong] = [*name(row["factor"]), *whole("points", row["points"]), *condition(row["when"])]
    if row["family"] not in FAMILIES:
        wrongs.append((f"family is {row['family']!r}", f"it is one of {', '.join(FAMILIES)}"))
    _refuse([*wrongs, *reasons(row)])
    return Weight(row["factor"], row["family"], int(row["points"]), parse(row["when"]), row["reason"])


def _benign(row: Columns) -> Benign:
    wrongs: List[Wrong] = [*name(row["pattern"]), *whole("score", row["score"]), *condition(row["when"])]
    if not row["when"]:
        wrongs.append(("when is empty, so every row would fit", "say in when which rows are harmless"))
    _refuse([*wrongs, *reasons(row)])
    return Benign(
        row["pattern"], int(row["score"]), parse(row["when"]), frozenset(row["allows"].split()), row["reason"]
    )


def _refuse(wrongs: List[Wrong]) -> None:
    if wrongs:
        raise LineError(wrongs)
