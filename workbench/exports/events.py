"""Windows events as XML, one `<Event>` after another, with or without an `<Events>` around them.

That is what `wevtutil query-events /format:xml` and "Save All Events As" write (from documents, no real file at hand).
"""

import re
from typing import Iterator, NamedTuple, Optional

_OPEN = re.compile(r"<Event[\s>]")
_CLOSE = "</Event>"
_AROUND = re.compile(r"\s*(?:<\?xml[^>]*\?>|</?Events[^>]*>|\s)*")
LIMIT = 8 << 20  # characters of one event; Windows itself keeps events below 64 KiB


class Piece(NamedTuple):
    """One event's text and the line it starts on, or what stands in an event's place and why it cannot be read."""

    line: int
    text: str
    problem: Optional[str] = None


def events(chunks: Iterator[str]) -> Iterator[Piece]:
    """Every event of the text, in order; what lies between events is told, not dropped."""
    rest, line = "", 1
    for chunk in chunks:
        rest += chunk
        while True:
            opened = _OPEN.search(rest)
            end = rest.find(_CLOSE, opened.end()) if opened else -1
            if opened is None or end < 0:
                break
            yield from _between(rest[: opened.start()], line)
            line += rest.count("\n", 0, opened.start())
            end += len(_CLOSE)
            yield Piece(line, rest[opened.start() : end])
            line += rest.count("\n", opened.start(), end)
            rest = rest[end:]
        if len(rest) > LIMIT:
            break
    yield from _between(rest, line)


def _between(text: str, line: int) -> Iterator[Piece]:
    around = _AROUND.match(text)
    odd = text[around.end() if around else 0 :]
    if odd.strip():
        cut = _OPEN.match(odd) is not None
        why = "the file ends before its event is closed" if cut else "text that is no Windows event"
        yield Piece(line + text[: len(text) - len(odd)].count("\n"), odd, why)
