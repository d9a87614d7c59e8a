"""The bytes of the chunked protocol: frames, and rows as CSV with their multivalue columns."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import IO, Any, Dict, Iterable, List, Optional

from workbench.spl.values import Row, one_or_many, text

_HEADER = re.compile(rb"chunked\s+1.0\s*,\s*(\d+)\s*,\s*(\d+)\s*\n\Z")
_LONGEST_HEADER = 200
_VALUE = re.compile(r"\$((?:\$\$|[^$])*)\$(?:;|\Z)")
_MULTI = "__mv_"

csv.field_size_limit(1 << 30)


class FrameError(Exception):
    """Bytes that are no frame; the text says what was wrong."""


@dataclass(frozen=True)
class Frame:
    """Metadata (a JSON object) and body (CSV) of one message."""

    metadata: Dict[str, Any]
    body: bytes


def encode(metadata: Dict[str, Any], body: bytes = b"") -> bytes:
    """One frame; lengths count bytes."""
    head = json.dumps(metadata, separators=(",", ":"), ensure_ascii=False).encode()
    return b"chunked 1.0,%d,%d\n" % (len(head), len(body)) + head + body


def read(stream: IO[bytes], limit: int = 0) -> Optional[Frame]:
    """The next frame, or None at the end of the stream.

    Raises FrameError for a bad header, for less than it promises, for metadata that is no JSON object
    and for a body of more than `limit` bytes (0 is any).
    """
    header = stream.readline(_LONGEST_HEADER)
    if not header:
        return None
    match = _HEADER.match(header)
    if match is None:
        raise FrameError(f"bad header: {header[:60]!r}")
    sizes = int(match.group(1)), int(match.group(2))
    if limit and sizes[1] > limit:
        raise FrameError(f"chunk of {sizes[1]} bytes is larger than maxchunksize={limit}")
    head, body = (stream.read(size) for size in sizes)
    if (len(head), len(body)) != sizes:
        raise FrameError("the stream ends within a frame")
    try:
        metadata = json.loads(head) if head else {}
    except ValueError as error:
        raise FrameError(f"metadata is no JSON: {error}") from error
    if not isinstance(metadata, dict):
        raise FrameError("metadata is no JSON object")
    return Frame(metadata, body)


def to_csv(rows: Iterable[Row], columns: List[str]) -> bytes:
    """Rows as splunkd sends them: all plain columns, then all `__mv_` columns."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns + [_MULTI + name for name in columns])
    for row in rows:
        values = [row.get(name) for name in columns]
        writer.writerow([text(value) for value in values] + [_encode_many(value) for value in values])
    return buffer.getvalue().encode()


def from_csv(body: bytes) -> List[Row]:
    """Rows of a reply; an empty cell is null, `__mv_` columns win over their plain ones.

    Raises FrameError when it is not UTF-8, or a line has another number of cells than the header.
    """
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
        header = next(reader, [])
        rows: List[Row] = []
        for cells in reader:
            if len(cells) != len(header):
                raise FrameError(f"{len(cells)} cells under {len(header)} columns")
            rows.append(_row(header, cells))
        return rows
    except (UnicodeDecodeError, csv.Error) as error:
        raise FrameError(f"body is no CSV: {error}") from error


def _row(header: List[str], cells: List[str]) -> Row:
    row: Row = {}
    for name, cell in zip(header, cells):
        if not cell:
            continue
        if name.startswith(_MULTI):
            row[name[len(_MULTI) :]] = _decode_many(cell)
        else:
            row.setdefault(name, cell)
    return row


def _encode_many(value: Any) -> str:
    if not isinstance(value, list):
        return ""
    return ";".join("${}$".format(text(item).replace("$", "$$")) for item in value)


def _decode_many(cell: str) -> Any:
    return one_or_many([match.replace("$$", "$") for match in _VALUE.findall(cell)])
