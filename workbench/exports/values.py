"""JSON values out of a stream of text: JSON lines, arrays, concatenated objects, pages with a list inside.

Each value comes with its own text, unchanged. What is broken is cut out and told, and reading goes on with
the next value; the text is never held as a whole, unless one single value is that long.
"""

import json
import re
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

LIMIT = 64 << 20  # characters; a single value beyond this is given up, records are far smaller
_HEAD = 1 << 16  # characters looked at for the start of a page

_GAP = re.compile(r"[\s,\ufeff\x1e]*")
_STRING = r'"(?:[^"\\]|\\.)*"'
_SMALL = rf"(?:{_STRING}|[-+.\w]+|\[[^\[\]]*\]|\{{[^{{}}]*\}})"
# What stands before and in the list of a page: Microsoft Graph (`value`), the Reports API (`items`), ALFA's
# files (`activities`), Splunk's results endpoint (`results`), Azure's diagnostic exports (`records`).
_PAGE = re.compile(
    r'\{\s*(?:"(?:kind|etag|nextPageToken|@odata[^"]*|@nextLink|count|Count|preview|init_offset|messages|fields)"'
    rf'\s*:\s*{_SMALL}\s*,\s*)*"(?:value|items|activities|results|records)"\s*:\s*\['
)
_COLON = re.compile(r"\s*:\s*")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\]]')
_WORD = re.compile(r"[^,\n\[\]{}]*")
_decode = json.JSONDecoder().raw_decode
_decode_bare = json.JSONDecoder(strict=False).raw_decode  # control characters as they are, inside of strings


class Value(NamedTuple):
    """One value: the line it starts on, its text, what it is, and what is wrong when it cannot be read."""

    line: int
    text: str
    value: Any
    problem: Optional[str] = None


class _Buffer:
    """The part of the text that is being looked at; `pos` is where the next value is looked for."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self.text = ""
        self.pos = 0
        self.line = 1

    def more(self) -> bool:
        """Read on, at least doubling what is left; False at the end of the text."""
        left = self.text[self.pos :]
        parts, wanted = [left], len(left)
        for chunk in self._chunks:
            parts.append(chunk)
            wanted -= len(chunk)
            if chunk and wanted <= 0:
                break
        self.text, self.pos = "".join(parts), 0
        return len(self.text) > len(left)

    def advance(self, end: int) -> str:
        """Take the text up to `end`."""
        taken = self.text[self.pos : end]
        self.line += taken.count("\n")
        self.pos = end
        return taken

    def skip_gap(self) -> bool:
        """Go to the next character that is neither blank nor a comma; False at the end of the text."""
        while True:
            gap = _GAP.match(self.text, self.pos)
            self.advance(gap.end() if gap else self.pos)
            if self.pos < len(self.text):
                return True
            if not self.more():
                return False

    def has(self, count: int) -> bool:
        return len(self.text) - self.pos >= count


def values(chunks: Iterator[str]) -> Iterator[Value]:
    """Every value of the text, in order; lists and pages are taken apart, at any depth of lists."""
    buffer = _Buffer(chunks)
    opened: List[str] = []  # "[" for a list, "{" for a page whose list is being read
    whole = True
    while buffer.skip_gap():
        start = buffer.text[buffer.pos]
        if not buffer.has(_HEAD):
            buffer.more()
        page = _PAGE.match(buffer.text, buffer.pos) if start == "{" else None
        if start == "[" or page:
            buffer.advance(page.end() if page else buffer.pos + 1)
            opened.append("{" if page else "[")
        elif start == "]" and opened:
            buffer.advance(buffer.pos + 1)
            if opened.pop() == "{" and not _close_page(buffer):
                yield Value(buffer.line, "", None, "the page around the list is broken")
        else:
            value = _value(buffer)
            whole = value.problem is None
            yield value
    if opened and whole:
        yield Value(buffer.line, "", None, "the file ends before its list is closed")


def _value(buffer: _Buffer) -> Value:
    """The value that starts at the buffer's position, or the broken text in its place."""
    line = buffer.line
    while True:
        try:
            value, end = _decoded(buffer)
            return Value(line, buffer.advance(end), value)
        except json.JSONDecodeError as error:
            if _may_go_on(buffer, error) and buffer.more():
                continue
            what = error.msg if _is_inside(buffer, error) else "the file ends in the middle"
        except RecursionError:
            what = "nested too deeply"
        except ValueError as error:  # a number of more digits than Python reads
            what = str(error)
        return Value(line, _broken(buffer), None, f"not JSON: {what}")


def _decoded(buffer: _Buffer) -> Tuple[Any, int]:
    try:
        return _decode(buffer.text, buffer.pos)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control character"):
            raise
        return _decode_bare(buffer.text, buffer.pos)


def _is_inside(buffer: _Buffer, error: json.JSONDecodeError) -> bool:
    return error.pos < len(buffer.text) - 10 and not error.msg.startswith("Unterminated string")


def _may_go_on(buffer: _Buffer, error: json.JSONDecodeError) -> bool:
    """Whether the error may come from the text not having been read far enough."""
    return not _is_inside(buffer, error) and not buffer.has(LIMIT)


def _broken(buffer: _Buffer) -> str:
    """Take the broken value: up to where its brackets close or the next value begins on its own line."""
    if buffer.text[buffer.pos] not in "{[":
        word = _WORD.match(buffer.text, buffer.pos + 1)
        return buffer.advance(word.end() if word else buffer.pos + 1)
    margin = buffer.text[buffer.text.rfind("\n", 0, buffer.pos) + 1 : buffer.pos]
    next_line = re.compile(r"\n" + re.escape(margin) + r"(?=[{\]])") if not margin.strip() else None
    while True:
        ends = [end for end in (_line_end(buffer, next_line), _closing(buffer)) if end is not None]
        if ends:
            return buffer.advance(min(ends))
        if buffer.has(LIMIT) or not buffer.more():
            return buffer.advance(len(buffer.text))


def _line_end(buffer: _Buffer, next_line: "Optional[re.Pattern[str]]") -> Optional[int]:
    found = next_line.search(buffer.text, buffer.pos) if next_line else None
    return found.start() if found else None


def _closing(buffer: _Buffer) -> Optional[int]:
    depth = 0
    for token in _TOKEN.finditer(buffer.text, buffer.pos):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
        if depth <= 0 and token.group() in "}]":
            return token.end() if depth == 0 else token.start()
    return None


def _close_page(buffer: _Buffer) -> bool:
    """Go past what follows a page's list; False when that is no JSON."""
    while buffer.skip_gap():
        if buffer.text[buffer.pos] == "}":
            buffer.advance(buffer.pos + 1)
            return True
        key = _value(buffer)
        if key.problem or not isinstance(key.value, str) or not buffer.skip_gap():
            return False
        colon = _COLON.match(buffer.text, buffer.pos)
        if not colon:
            return False
        buffer.advance(colon.end())
        if not buffer.skip_gap() or _value(buffer).problem:
            return False
    return False
