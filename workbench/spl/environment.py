"""What a search sees of the world around it: time, events, knowledge objects, commands.

`Environment` has neutral defaults; the stand-in for splunkd and the oracle subclass it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timezone, tzinfo
from typing import Any, Callable, Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Tuple

from workbench.spl.datamodel import DataModel
from workbench.spl.values import Row

Terms = Sequence[FrozenSet[str]]
# Whether an index, by its name, may hold what is looked for.
Among = Callable[[str], bool]


@dataclass(frozen=True)
class Window:
    """Bounds of event time and of index time in epoch seconds; earliest included, latest not; None is open."""

    earliest: Optional[float] = None
    latest: Optional[float] = None
    index_earliest: Optional[float] = None
    index_latest: Optional[float] = None


@dataclass(frozen=True)
class Macro:
    """One stanza of macros.conf."""

    definition: str
    args: List[str] = field(default_factory=list)
    iseval: bool = False
    validation: Optional[str] = None
    errormsg: Optional[str] = None


@dataclass(frozen=True)
class SearchInfo:
    """What a custom command is told about the search that runs it."""

    search: str
    command: str
    now: float
    window: Window
    generating: bool


class Lookup:
    """A lookup table; `fields` names its columns."""

    fields: Sequence[str] = ()

    def match(self, inputs: Dict[str, str], at: Optional[float]) -> List[Dict[str, str]]:
        """Rows that agree with the inputs (table's field -> value), by the lookup's own rules and limits."""
        raise NotImplementedError

    def rows(self) -> List[Row]:
        """Every row, in the order of the table."""
        raise NotImplementedError

    def write(self, rows: List[Row], append: bool, key_field: Optional[str]) -> None:
        """Replace, append to or update (by key_field) the table."""
        raise NotImplementedError


class Command:
    """A custom search command; splunkd's stand-in runs it as a process."""

    def run(self, args: List[str], rows: List[Row], info: SearchInfo) -> List[Row]:
        """Rows that the command answers; `args` are the raw tokens, quotes kept."""
        raise NotImplementedError


class Event(Dict[str, Any]):
    """A row whose search-time fields are extracted when a field is asked for that it does not have.

    `extract` is given the event as it was at first and returns the fields to add; those that the search
    has set meanwhile win.
    """

    __slots__ = ("_extract", "_origin")

    def __init__(self, fields: Row, extract: Callable[[Row], Row]):
        super().__init__(fields)
        self._extract: Optional[Callable[[Row], Row]] = extract
        self._origin = fields

    def _fill(self) -> None:
        extract, self._extract = self._extract, None
        if extract is not None:
            for name, value in extract(self._origin).items():
                if value is not None:
                    self.setdefault(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        """The field, extracted if it must be."""
        if self._extract is not None and not dict.__contains__(self, name):
            self._fill()
        return dict.get(self, name, default)

    def __missing__(self, name: str) -> Any:
        if self._extract is None:
            raise KeyError(name)
        self._fill()
        return self[name]

    def __contains__(self, name: object) -> bool:
        if not dict.__contains__(self, name):
            self._fill()
        return dict.__contains__(self, name)

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self._fill()
        return dict.__len__(self)

    def keys(self) -> Any:
        """All fields, extracted."""
        self._fill()
        return dict.keys(self)

    def items(self) -> Any:
        """All fields and values, extracted."""
        self._fill()
        return dict.items(self)

    def values(self) -> Any:
        """All values, extracted."""
        self._fill()
        return dict.values(self)

    def pop(self, name: str, *default: Any) -> Any:
        """Remove a field for good: what was not extracted yet is extracted first."""
        self._fill()
        return dict.pop(self, name, *default)

    def copy(self) -> Row:
        """A plain row with all fields."""
        return dict(self)


class Environment:
    """Neutral defaults: no events, no knowledge objects, UTC, the clock's time."""

    tz: tzinfo = timezone.utc
    window: Window = Window()
    default_indexes: Optional[List[str]] = None
    # How many events of each index searches had to read.
    scanned: Dict[str, int]

    def __init__(self, now: Optional[float] = None, tz: tzinfo = timezone.utc):
        self.now = time.time() if now is None else now
        self.tz = tz
        self.scanned = {}

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """The macro of that name and number of arguments."""
        return None

    def events(self, window: Window, terms: Terms, among: Optional[Among] = None) -> Iterable[Row]:
        """Events within the window, newest first; the search may change the rows it is given.

        `terms` and `among` are hints: an event can only match if, for each set, its `_raw` in lower case holds at
        least one of the set's texts, and if `among` lets its index pass. The search checks everything but the window
        again.
        """
        return ()

    def eventtype(self, name: str) -> Optional[str]:
        """The search text of an event type."""
        return None

    def tagged(self, tag: str) -> Optional[List[Tuple[str, str]]]:
        """The (field, value) pairs that carry a tag; None where events hold their tags in the field `tag`."""
        return None

    def lookup(self, name: str) -> Optional[Lookup]:
        """A lookup by its transforms.conf name or its file name."""
        return None

    def create_lookup(self, name: str) -> Optional[Lookup]:
        """A new, empty lookup that outputlookup asked for by file name; None where there can be none."""
        return None

    def command(self, name: str) -> Optional[Command]:
        """A custom search command."""
        return None

    def collect(self, rows: List[Row], options: Dict[str, str]) -> None:
        """Take rows that `collect` writes; options as typed (index, source, output_format, ...)."""

    def saved_search(self, name: str) -> Optional[str]:
        """The search text of a saved search."""
        return None

    def data_model(self, name: str) -> Optional[DataModel]:
        """A data model by its name."""
        return None
