"""What may be wrong with a line of the tables of weights, cell by cell, each with what to do about it."""

import re
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from .conditions import parse
from .vocabulary import unknown

# What is wrong, and what to do.
Wrong = Tuple[str, str]
Columns = Dict[str, str]


class Fault(NamedTuple):
    """Something wrong in a table: file name, line from 1 (0: the file as a whole), what is wrong, what to do."""

    table: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """File, line, problem and remedy on one line."""
        where = f"{self.table}, line {self.line}" if self.line else self.table
        return " ".join(f"{where}: {self.problem}: {self.remedy}".split())


class TableError(ValueError):
    """Tables that cannot be used; `faults` are all that is wrong, the message names the first ones."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
        super().__init__("; ".join(map(str, faults[:3])) + more)


class LineError(ValueError):
    """A line that cannot be used, with all that is wrong with it."""

    def __init__(self, wrongs: List[Wrong]):
        self.wrongs = wrongs
        super().__init__("; ".join(problem for problem, _ in wrongs))


def name(text: str) -> Iterator[Wrong]:
    """A factor's or a pattern's name: it stands in delegation_factors before a bar, and in `allows` between blanks."""
    if not text:
        yield "has no name", "give one in the first column, as help_desk"
    elif not re.fullmatch(r"[^\s|*]+", text):
        yield f"has the name {text!r}", "write it without blanks, | and *, as help_desk"


def whole(column: str, text: str) -> Iterator[Wrong]:
    """Points and scores."""
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        yield f"{column} is {text!r}", "give a whole number from 0 to 100"
    elif not 0 <= int(text) <= 100:
        yield f"{column} is {text}, out of range", "give a whole number from 0 to 100"


def condition(text: str) -> Iterator[Wrong]:
    """The condition: its form, its fields, and the values of those that have a closed list."""
    try:
        tests = parse(text)
    except ValueError as error:
        yield f"when cannot be read: {error}", "write field=value or field!=value, in quotes where there are blanks"
        return
    for test in tests:
        yield from unknown(test)


def reasons(row: Columns) -> Iterator[Wrong]:
    """What the analyst reads, and what the one who tunes reads."""
    if not row["reason"]:
        yield "has no reason", "say in reason what makes it dangerous, or harmless; alerts show it"
    if not row["why"]:
        yield "does not say why", "say in why where the number comes from"
