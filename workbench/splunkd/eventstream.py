"""The event stream that a modular input writes, read piece by piece as it arrives."""

from __future__ import annotations

from typing import Dict, List, Optional
from xml.parsers import expat

_TRUE = ("1", "true")


class StreamError(Exception):
    """Output that is no event stream; the text says why."""


class Written:
    """One event as the input wrote it; parts it left out are None, `time` is epoch seconds."""

    __slots__ = ("data", "host", "index", "source", "sourcetype", "stanza", "time")

    def __init__(self, stanza: Optional[str], parts: Dict[str, str], data: str):
        self.stanza = stanza
        self.data = data
        try:
            self.time = float(parts["time"]) if parts.get("time") else None
        except ValueError as error:
            raise StreamError(f"<time>{parts['time']}</time> is no time") from error
        self.source = parts.get("source") or None
        self.sourcetype = parts.get("sourcetype") or None
        self.index = parts.get("index") or None
        self.host = parts.get("host") or None


class EventStream:
    """Feed it bytes, take events. Memory stays flat: nothing is kept but an event that is not complete yet."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._begun = False
        self._depth = 0
        self._attributes: Dict[str, str] = {}
        self._parts: Dict[str, str] = {}
        self._text: List[str] = []
        self._unfinished: Dict[Optional[str], List[str]] = {}
        self._ready: List[Written] = []
        self._error: Optional[StreamError] = None

    def feed(self, data: bytes) -> List[Written]:
        """Events that are complete after these bytes. StreamError, at the next call if events stand in front
        of it, for what is not an event stream.
        """
        if not self._begun and data.strip():
            self._begun = True
            if data.lstrip()[:1] != b"<":
                self._error = StreamError("text where <stream> was expected")
        if self._error is None:
            try:
                self._parser.Parse(data, False)
            except StreamError as error:
                self._error = error
            except expat.ExpatError as error:
                self._error = StreamError(f"malformed XML: {error}")
        if self._error is not None and not self._ready:
            raise self._error
        ready, self._ready = self._ready, []
        return ready

    @property
    def broken(self) -> bool:
        """Whether an error waits to be raised."""
        return self._error is not None

    def _start(self, name: str, attributes: Dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "stream":
            raise StreamError(f"<{name}> where <stream> was expected")
        if self._depth == 2:
            if name != "event":
                raise StreamError(f"<{name}> where <event> was expected")
            self._attributes, self._parts = attributes, {}
        self._text = []

    def _characters(self, text: str) -> None:
        if self._depth == 3:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if self._depth == 3:
            self._parts[name] = "".join(self._text)
        elif self._depth == 2:
            self._event()
        self._depth -= 1

    def _event(self) -> None:
        """One event is complete, or a piece of one that waits for its `<done/>`."""
        stanza = self._attributes.get("stanza")
        data = self._parts.get("data", "")
        if self._attributes.get("unbroken", "0").lower() in _TRUE:
            self._unfinished.setdefault(stanza, []).append(data)
            if "done" not in self._parts:
                return
            data = "".join(self._unfinished.pop(stanza))
        self._ready.append(Written(stanza, self._parts, data))
