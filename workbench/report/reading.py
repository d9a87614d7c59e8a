"""What was read: records, duplicates, unreadable ones, span, operations; and the grant rows among them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

from workbench.report.coverage import Signs

Row = Dict[str, Any]


@dataclass
class FileRead:
    """One file: its name, the formats recognised in it with their records, and what else to say of it."""

    name: str
    formats: Dict[str, int]
    notes: List[str]


@dataclass
class Reading:
    """Everything one replay has read; `fold` takes in the rows that the app's macro answered.

    `records` counts every record, unreadable ones and duplicates included. `first` and `last` are epoch
    seconds. `unreadable` holds (source, problem). `grants` holds each row with a right once, by its row_id.
    """

    files: List[FileRead] = field(default_factory=list)
    records: int = 0
    duplicates: int = 0
    unreadable: List[Tuple[str, str]] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)
    first: Optional[float] = None
    last: Optional[float] = None
    grants: List[Row] = field(default_factory=list)
    signs: Signs = field(default_factory=Signs)
    _known: Set[str] = field(default_factory=set)

    def fold(self, rows: Iterable[Row], sources: Iterable[str]) -> None:
        """Take in the rows that the app answered for the records of these sources (their rows' `evidence`).

        A record all of whose rows are known is a duplicate. A record that the app could not read, or did not
        answer for, is counted as unreadable.
        """
        of_record: Dict[str, List[Row]] = {source: [] for source in sources}
        for row in rows:
            of_record.setdefault(str(row.get("evidence", "")), []).append(row)
        for evidence, its_rows in of_record.items():
            self._fold_record(evidence, its_rows or [{"parse_error": "the app gave no answer"}])

    def _fold_record(self, evidence: str, rows: List[Row]) -> None:
        problem = next((str(row["parse_error"]) for row in rows if row.get("parse_error")), "")
        if problem:
            self.unreadable.append((evidence, problem))
        new = [row for row in rows if not row.get("row_id") or row["row_id"] not in self._known]
        self._known.update(str(row["row_id"]) for row in new if row.get("row_id"))
        if not new:
            self.duplicates += 1
            return
        self.grants.extend(row for row in new if row.get("right"))
        if new[0].get("operation"):
            self.operations[str(new[0]["operation"])] += 1
        self._span(moment(new[0]))

    def _span(self, at: Optional[float]) -> None:
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)


def moment(row: Row) -> Optional[float]:
    """The record's own time in epoch seconds; None where it has none, as in a permission list."""
    try:
        return float(row["_time"])
    except (KeyError, TypeError, ValueError):
        return None
