"""CSV exports, taken apart row by row; the columns tell what they are.

Seen in real exports: Search-UnifiedAuditLog. Written from documents and public scripts, no real file at hand:
the Purview portal (learn.microsoft.com/purview/audit-log-export-records), Splunk's CSV with `_raw`, Sentinel
OfficeActivity (learn.microsoft.com/azure/azure-monitor/reference/tables/officeactivity; the portal writes
`TimeGenerated [UTC]`, with times as `8/2/2021, 1:32:07.000 PM` [unverified]), Get-MailboxPermission,
Get-RecipientPermission, Get-MailboxFolderPermission and Get-Mailbox through Export-Csv
(learn.microsoft.com/powershell/module/exchange), GAM's `print delegates`
(`User,delegateAddress,delegationStatus`, with `shownames` also `delegateName`).
"""

import csv
import json
from datetime import datetime
from typing import Callable, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Tuple

from workbench.errors import BadInput

Cells = Dict[str, str]

SEPARATORS = (",", ";", "\t")
FIELD_LIMIT = 64 << 20
_EXCEL_CELL = 32767  # where Excel cuts a cell when a CSV was opened and saved again
_UTC_MARK = " [UTC]"
_PORTAL_TIME = "%m/%d/%Y, %I:%M:%S.%f %p"
_TOOLS = {"GAM print delegates": "gmail"}  # by what name the app knows a list, where that is not the cmdlet's
_ERROR = "\0"  # the cell that says why the row itself cannot be read; no column has this name


class Row(NamedTuple):
    """One row: the line it starts on, the record's text, what is wrong when it cannot be read."""

    line: int
    raw: str
    problem: Optional[str] = None


class Table:
    """A CSV with a header: `columns`, and `rows()` as (line, cells by column name).

    `lines` are whole lines with their ends. The separator is the one among SEPARATORS by which the header
    holds one of the `wanted` column sets (case does not count); `known` is the first such set, or None, and
    then the separator that gives most columns is taken. A `#TYPE` line of Export-Csv and a `sep=` line of
    Excel may precede.
    """

    def __init__(self, lines: Iterator[str], wanted: Tuple[FrozenSet[str], ...]) -> None:
        csv.field_size_limit(FIELD_LIMIT)
        self._lines = lines
        self._before = 0
        header = self._header()
        best: Tuple[bool, int] = (False, -1)
        self.known: Optional[FrozenSet[str]] = None
        for separator in SEPARATORS:
            columns = _columns(header, separator)
            names = {_plain(name) for name in columns}
            known = next((each for each in wanted if each <= names), None)
            if (known is not None, len(columns)) > best:
                best = (known is not None, len(columns))
                self.known, self.columns, self._separator = known, columns, separator

    def _header(self) -> str:
        for line in self._lines:
            self._before += 1
            if line.strip() and not line.startswith(("#TYPE", "sep=")):
                return line
        return ""

    def rows(self) -> Iterator[Tuple[int, Cells]]:
        """Every row that is not blank; it may be short; cells beyond the last column are left out."""
        reader = csv.reader(self._lines, delimiter=self._separator)
        while True:
            line = self._before + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, {_ERROR: f"not a CSV row ({error})"}
                continue
            if any(cell.strip() for cell in cells):
                yield line, dict(zip(self.columns, cells))


def _columns(header: str, separator: str) -> List[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
    except csv.Error:
        return [header.strip()]


def read_table(lines: Iterator[str], name: str) -> Tuple[str, Iterator[Row]]:
    """The format of a CSV export and its rows. Raises BadInput when its columns are of no known kind."""
    table = Table(lines, tuple(columns for _, columns, _ in _KINDS))
    if table.known is None:
        shown = ", ".join(table.columns[:8])[:120].encode("unicode_escape").decode()
        raise BadInput(
            f"{name}: neither JSON nor a CSV of a known kind; expected an AuditData column (audit log), _raw "
            f"(Splunk) or the columns of a permission export, found: {shown or 'nothing'}"
        )
    kind, _, read_row = next(each for each in _KINDS if each[1] == table.known)
    return kind, (read_row(kind, line, cells) for line, cells in table.rows())


def _plain(column: str) -> str:
    return (column[: -len(_UTC_MARK)] if column.endswith(_UTC_MARK) else column).lower()


def _cell(cells: Cells, wanted: str) -> str:
    return next((cell for column, cell in cells.items() if _plain(column) == wanted), "")


def _as_json(cells: Cells) -> str:
    return json.dumps(cells, ensure_ascii=False)


def _audit_row(kind: str, line: int, cells: Cells) -> Row:
    text = _cell(cells, "auditdata").strip()
    if not text:
        return Row(line, _as_json(cells), cells.get(_ERROR) or "AuditData is empty")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        cut = " (cut at 32,767 characters, as Excel does)" if len(text) == _EXCEL_CELL else ""
        return Row(line, text, f"AuditData is not JSON{cut}")
    return Row(line, text, None if isinstance(value, dict) else "AuditData is no JSON object")


def _raw_row(kind: str, line: int, cells: Cells) -> Row:
    text = _cell(cells, "_raw")
    if text.strip():
        return Row(line, text)
    return Row(line, _as_json(cells), cells.get(_ERROR) or "_raw is empty")


def _plain_row(kind: str, line: int, cells: Cells) -> Row:
    """A row that is a record by itself: its filled cells, under the plain column names."""
    record = {column.replace(_UTC_MARK, ""): _plain_time(column, cell) for column, cell in cells.items() if cell}
    return Row(line, _as_json(record), cells.get(_ERROR))


def _plain_time(column: str, cell: str) -> str:
    if not column.endswith(_UTC_MARK):
        return cell
    try:
        return datetime.strptime(cell, _PORTAL_TIME).isoformat()
    except ValueError:
        return cell


def _inventory_row(kind: str, line: int, cells: Cells) -> Row:
    names = {_plain(column) for column in cells}
    missing = sorted(next(columns for name, columns, _ in _KINDS if name == kind) - names)
    problem = cells.get(_ERROR) or (f"the row ends before {', '.join(missing)}" if missing else None)
    text = json.dumps({"delegation_watch_inventory": _TOOLS.get(kind, kind), "columns": cells}, ensure_ascii=False)
    return Row(line, text, problem)


_KINDS: Tuple[Tuple[str, FrozenSet[str], Callable[[str, int, Cells], Row]], ...] = (
    ("Purview portal CSV", frozenset({"recordid", "auditdata"}), _audit_row),
    ("Search-UnifiedAuditLog CSV", frozenset({"auditdata"}), _audit_row),
    ("Splunk CSV", frozenset({"_raw"}), _raw_row),
    ("Sentinel OfficeActivity CSV", frozenset({"timegenerated", "operation", "officeworkload"}), _plain_row),
    ("Get-MailboxFolderPermission", frozenset({"foldername", "user", "accessrights"}), _inventory_row),
    ("Get-RecipientPermission", frozenset({"identity", "trustee", "accessrights"}), _inventory_row),
    ("Get-MailboxPermission", frozenset({"identity", "user", "accessrights"}), _inventory_row),
    ("Get-Mailbox", frozenset({"grantsendonbehalfto"}), _inventory_row),
    ("GAM print delegates", frozenset({"user", "delegateaddress"}), _inventory_row),
)
