"""Events on their way to splunkd: written as splunkd's XML, without a tree of objects for each."""

import json
import re
import sys
import time
from typing import Any, Dict, Mapping, Optional, TextIO
from xml.sax.saxutils import escape, quoteattr

from splunklib.modularinput import EventWriter

# Characters that XML 1.0 does not allow, even escaped.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _shown(match: "re.Match[str]") -> str:
    return f"\\u{ord(match.group()):04x}"


def xml_text(text: str) -> str:
    """Text as XML content; a character that XML does not allow is written as JSON would, `\\u0000`."""
    return escape(_ILLEGAL.sub(_shown, text))


class EventXml:
    """One event for `EventWriter.write_event`, which calls write_to."""

    def __init__(self, head: str, time: Optional[float], data: str):
        self._head = head
        self._time = time
        self._data = data

    def write_to(self, stream: TextIO) -> None:
        """Write the event whole."""
        time = "" if self._time is None else f"<time>{self._time:.3f}</time>"
        stream.write(f"{self._head}{time}<data>{xml_text(self._data)}</data></event>")


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

    def event(self, sourcetype: str, moment: Optional[float], raw: str) -> None:
        """Write an event; it has left this process when `flush` has come back."""
        head = self._heads.get(sourcetype)
        if head is None:
            head = self._heads[sourcetype] = event_head(self._stanza, self._stanza, sourcetype, self._index)
        self._writer.write_event(EventXml(head, moment, raw))

    def tell(self, sourcetype: str, body: Mapping[str, Any]) -> None:
        """Write an event of this app's own, a JSON object of now, at once."""
        self.event(sourcetype, time.time(), json.dumps(body, ensure_ascii=False, separators=(",", ":")))
        self.flush()

    def flush(self) -> None:
        """Hand on what was written."""
        sys.stdout.flush()

    def log(self, level: str, line: str) -> None:
        """A line of splunkd's log; `level` is one of EventWriter's."""
        self._writer.log(level, line)
