"""Investigators' exports: files are taken apart into single audit records, recognised by their content.

`read(path)` gives an Export; going through it gives one Exported for each record. What a record says is not
looked at here; that is the app's own business. Readers: text (encodings), values and shapes (JSON), tables
(CSV), events (XML of Windows), archive (zip).
"""

import zipfile
import zlib
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from workbench.errors import BadInput
from workbench.exports import archive
from workbench.exports.events import events
from workbench.exports.shapes import Found, found_in
from workbench.exports.tables import Table, read_table
from workbench.exports.text import Text, lines
from workbench.exports.values import values

__all__ = ["Export", "Exported", "Table", "read", "read_columns"]

_ZIP = b"PK\x03\x04"
_REFUSED = {
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"PK\x05\x06": "the archive holds no file",
    b"PAR1": "a Parquet file; export as JSON or CSV",
    b"%PDF": "a PDF; export as JSON or CSV",
}


class Exported(NamedTuple):
    """One record: its JSON text unchanged, where it stood (`file:line`), why it cannot be read, its format.

    Several records on one line of JSON are told apart as `file:record N`. With a `problem`, `raw` is the text
    that could not be read.
    """

    raw: str
    source: str
    problem: Optional[str] = None
    format: str = ""


class Export:
    """One file. Each iteration reads it anew; `formats` and `notes` are complete when the iteration is.

    formats: records by the name of their format (0 for a format that was recognised but held none).
    notes:   what a person should know, as "3 lines read as cp1252".
    size:    bytes to read in one iteration (unpacked, for an archive).

    Iterating raises BadInput when the file as a whole cannot be used.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.formats: Counter[str] = Counter()
        self.notes: List[str] = []
        try:
            self.size = path.stat().st_size if path.is_file() else 0
        except OSError as error:
            raise BadInput(f"{name}: cannot be read ({error.strerror})") from error
        self._earlier = 0
        self._text: Optional[Text] = None

    @property
    def done(self) -> int:
        """Bytes read so far, by all iterations."""
        return self._earlier + (self._text.read if self._text else 0)

    def __iter__(self) -> Iterator[Exported]:
        self.formats.clear()
        self.notes.clear()
        try:
            if self.path.is_dir():
                raise BadInput(f"{self.name}: a folder; name the files in it")
            with self.path.open("rb") as stream:
                start = stream.read(4)
                stream.seek(0)
                for magic, why in _REFUSED.items():
                    if start.startswith(magic):
                        raise BadInput(f"{self.name}: {why}")
                yield from self._archive(stream) if start == _ZIP else self._records(stream, self.name)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise BadInput(f"{self.name}: cannot be read ({reason})") from error

    def _archive(self, stream: BinaryIO) -> Iterator[Exported]:
        with zipfile.ZipFile(stream) as packed:
            found = archive.members(packed, self.name)
            self.size = sum(info.file_size for info in found)
            unusable: List[str] = []
            for info in found:
                name = f"{self.name}/{info.filename}"
                with archive.open_member(packed, info, name) as member:
                    try:
                        yield from self._records(member, name)
                    except BadInput as error:
                        unusable.append(str(error))
                        if len(unusable) == len(found):
                            raise
                        why = str(error)[len(name) + 2 :]
                        yield Exported("", name, why)

    def _records(self, stream: BinaryIO, name: str) -> Iterator[Exported]:
        self._earlier, self._text = self.done, None
        text = self._text = Text(stream, name)
        start, chunks = _start(text.chunks())
        if not start:
            raise BadInput(f"{name}: nothing but blank space; export it again")
        for each in _READERS.get(start, _from_csv)(chunks, name):
            if each.format:
                self.formats[each.format] += each.problem is None and bool(each.raw)
            if each.raw or each.problem:
                yield each
        if text.odd_lines:
            self.notes.append(f"{text.odd_lines} line{'s' * (text.odd_lines > 1)} read as cp1252")
        elif text.encoding != "utf-8":
            self.notes.append(f"read as {text.encoding.upper()}")


def read(path: Path, name: Optional[str] = None) -> Export:
    """The export at `path`, not opened yet; `name` is what its records' sources call it (else the file's own)."""
    return Export(path, name or path.name or str(path))


def read_columns(path: Path, wanted: Tuple[str, ...]) -> List[Dict[str, str]]:
    """The rows of a CSV file that must have the columns `wanted`; columns are named in lower case.

    Raises BadInput when the file cannot be read or a column is missing.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error
    with stream:
        table = Table(lines(Text(stream, path.name).chunks()), (frozenset(wanted),))
        columns = {column.lower() for column in table.columns}
        missing = [column for column in wanted if column not in columns]
        if missing:
            raise BadInput(f"{path.name}: no column {', '.join(missing)}; expected {', '.join(wanted)}")
        return [{column.lower(): cell for column, cell in cells.items()} for _, cells in table.rows()]


def _start(chunks: Iterator[str]) -> Tuple[str, Iterator[str]]:
    """The first character that is not blank ("" if there is none), and the text from its chunk on."""
    blank: List[str] = []
    for chunk in chunks:
        shown = chunk.lstrip(" \t\r\n\ufeff")
        if shown:
            return shown[0], chain(blank, [chunk], chunks)
        blank.append(chunk)
    return "", iter(())


def _from_json(chunks: Iterator[str], name: str) -> Iterator[Exported]:
    readable, problem, last_line = False, "", 0
    for number, value in enumerate(values(chunks), 1):
        found = Found("", value.text, value.problem) if value.problem else found_in(value.value, value.text)
        place = f"record {number}" if value.line == last_line else str(value.line)
        last_line = value.line
        readable = readable or found.problem is None
        problem = problem or f"line {value.line}: {found.problem}"
        yield Exported(found.raw or "", f"{name}:{place}", found.problem, found.format)
    if not last_line:
        yield Exported("", name, None, "JSON without records")
    elif not readable:
        raise BadInput(f"{name}: no record can be read ({problem}); expected audit records as JSON or CSV")


def _from_xml(chunks: Iterator[str], name: str) -> Iterator[Exported]:
    readable, problem, last_line = False, "", 0
    for number, piece in enumerate(events(chunks), 1):
        place = f"record {number}" if piece.line == last_line else str(piece.line)
        last_line = piece.line
        readable = readable or piece.problem is None
        problem = problem or f"line {piece.line}: {piece.problem}"
        yield Exported(piece.text, f"{name}:{place}", piece.problem, "Windows events")
    if not readable:
        raise BadInput(f"{name}: no Windows event in this XML ({problem or 'it is empty'})")


def _from_csv(chunks: Iterator[str], name: str) -> Iterator[Exported]:
    kind, rows = read_table(lines(chunks), name)
    yield Exported("", name, None, kind)
    for row in rows:
        yield Exported(row.raw, f"{name}:{row.line}", row.problem, kind)


_READERS: Dict[str, Callable[[Iterator[str], str], Iterator[Exported]]] = {
    "{": _from_json,
    "[": _from_json,
    "<": _from_xml,
}
