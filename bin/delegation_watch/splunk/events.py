"""Events on their way to splunkd: written as splunkd's XML, without a tree of objects for each."""

import json
import re
import sys
import time
from itertools import groupby
from operator import attrgetter
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, TextIO, Tuple
from xml.sax.saxutils import escape, quoteattr

from splunklib.modularinput import EventWriter

# What XML 1.0 does not allow, escaped or not.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_RARE = (b"\xed", b"\xef\xbf")  # with which surrogates and noncharacters begin, and a few that are legal

# So many events are written at once: the texts of more would be held several times.
_TOGETHER = 100


def _shown(match: "re.Match[str]") -> str:
    return f"\\u{ord(match.group()):04x}"


def _allowed(text: str) -> str:
    """The text; a character that XML does not allow is written as JSON would, `\\u0000`."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data.translate(None, _CONTROLS)) == len(data) and (data.isascii() or not any(map(data.count, _RARE))):
        return text  # as nearly every text; the search below takes five times as long
    return _ILLEGAL.sub(_shown, text)


def _escaped(text: str) -> str:
    return escape(text) if "&" in text or "<" in text or ">" in text else text


def xml_text(text: str) -> str:
    """Text as XML content."""
    return _escaped(_allowed(text))


class EventsXml:
    """Events of one head, time and data of each, for `EventWriter.write_event`, which calls write_to."""

    def __init__(self, head: str, events: Iterable[Tuple[Optional[float], str]]):
        parts = [
            f"{head}{'' if moment is None else f'<time>{moment:.3f}</time>'}<data>{_escaped(data)}</data></event>"
            for moment, data in events
        ]
        self._text = _allowed("".join(parts))

    def write_to(self, stream: TextIO) -> None:
        """Write the events whole, all at once."""
        stream.write(self._text)


def event_head(stanza: str, source: str, sourcetype: str, index: str) -> str:
    """The part that all events of a feed share."""
    return (
        f"<event stanza={quoteattr(stanza)} unbroken=\"0\"><source>{xml_text(source)}</source>"
        f"<sourcetype>{xml_text(sourcetype)}</sourcetype><index>{xml_text(index)}</index>"
    )


class Output:
    """What one stanza gives to splunkd: its events, all of one index, and lines of its log."""

    def __init__(self, writer: EventWriter, stanza: str, given: Mapping[str, Any]):
        self._writer = writer
        self._stanza = stanza
        self._index = str(given.get("index") or "default")
        self._heads: Dict[str, str] = {}

    def made(self, sourcetype: str, events: Sequence[Any]) -> List[EventsXml]:
        """Events, with `raw`, `time` and a `sourcetype` of their own or None, ready to be written."""
        return [
            EventsXml(self._head(own or sourcetype), ((event.time, event.raw) for event in alike))
            for at in range(0, len(events), _TOGETHER)
            for own, alike in groupby(events[at : at + _TOGETHER], attrgetter("sourcetype"))
        ]

    def write(self, events: Iterable[EventsXml]) -> None:
        """Write what was made ready; it has left this process when `flush` has come back."""
        for together in events:
            self._writer.write_event(together)

    def tell(self, sourcetype: str, body: Mapping[str, Any]) -> None:
        """Write an event of this app's own, a JSON object of now, at once."""
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        self.write([EventsXml(self._head(sourcetype), [(time.time(), raw)])])
        self.flush()

    def flush(self) -> None:
        """Hand on what was written."""
        sys.stdout.flush()

    def _head(self, sourcetype: str) -> str:
        head = self._heads.get(sourcetype)
        if head is None:
            head = self._heads[sourcetype] = event_head(self._stanza, self._stanza, sourcetype, self._index)
        return head

    def log(self, level: str, line: str) -> None:
        """A line of splunkd's log; `level` is one of EventWriter's."""
        self._writer.log(level, line)
