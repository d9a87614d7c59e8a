"""Bytes of an export into text: encodings, read block by block; knows nothing of JSON or CSV."""

import codecs
from typing import BinaryIO, Iterator

from workbench.errors import BadInput

BLOCK = 1 << 20  # bytes asked for at a time; a longer line is read in several blocks

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Text:
    """The text of one binary stream.

    UTF-8 and UTF-16 (with or without a byte order mark) are recognised by their first bytes. A line that is
    not UTF-8 is read as cp1252, line by line, so one odd line does not spoil the others; `odd_lines` counts
    them. `read` is the number of bytes taken from the stream so far.

    Raises BadInput when the stream is empty or plainly no text.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self.read = 0
        self.odd_lines = 0
        self._first = self._block()
        if not self._first:
            raise BadInput(f"{name}: the file is empty (0 bytes); export it again")
        self.encoding, mark = _encoding(self._first)
        self._first = self._first[mark:]
        if self.encoding == "utf-8" and b"\x00" in self._first:
            raise BadInput(f"{name}: not a text file; expected JSON, CSV or a zip of them")

    def chunks(self) -> Iterator[str]:
        """The decoded text in pieces, each ending with a line where lines are not longer than BLOCK."""
        if self.encoding != "utf-8":
            decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
            for block in self._blocks():
                yield decoder.decode(block)
            yield decoder.decode(b"", True)
            return
        rest = b""
        for block in self._blocks():
            data = rest + block
            cut = data.rfind(b"\n") + 1 or _whole_characters(data)
            yield self._decoded(data[:cut])
            rest = data[cut:]
        yield self._decoded(rest)

    def _blocks(self) -> Iterator[bytes]:
        block = self._first
        while block:
            yield block
            block = self._block()

    def _block(self) -> bytes:
        block = self._stream.read(BLOCK)
        self.read += len(block)
        return block

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return "".join(self._line(line) for line in data.splitlines(keepends=True))

    def _line(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.odd_lines += 1
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:  # five byte values mean nothing in cp1252
            return line.decode("latin-1")


def lines(chunks: Iterator[str]) -> Iterator[str]:
    """Whole lines, split at line feeds only (a record may hold U+2028 and the like), ends kept."""
    rest = ""
    for chunk in chunks:
        pieces = (rest + chunk).split("\n")
        rest = pieces.pop()
        for piece in pieces:
            yield piece + "\n"
    if rest:
        yield rest


def _encoding(head: bytes) -> "tuple[str, int]":
    """The encoding that the first bytes show, and the length of the mark to leave out."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    if len(head) > 1 and (head[0] == 0) != (head[1] == 0):  # JSON and CSV both start with an ASCII character
        return ("utf-16-be" if head[0] == 0 else "utf-16-le"), 0
    return "utf-8", 0


def _whole_characters(data: bytes) -> int:
    """The length of `data` without a UTF-8 character that its end cuts in two."""
    end = len(data)
    while end and len(data) - end < 3 and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if end and data[end - 1] >= 0xC0 else len(data)
