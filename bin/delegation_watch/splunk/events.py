"""Events on their way to splunkd: written as splunkd's XML, without a tree of objects for each."""

import re
from typing import Optional, TextIO
from xml.sax.saxutils import escape, quoteattr

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
