"""The event index: in memory, and as append-only JSON lines under SPLUNK_HOME so that a home can be reopened."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import IO, Any, Dict, Iterable, Iterator, List, Optional, Tuple

from workbench.conf.files import write_whole
from workbench.spl.environment import Terms, Window
from workbench.spl.values import Row

# Up to this many events are put in their place one by one.
_FEW = 100


class _Sorted:
    """Events sorted by one of their times."""

    def __init__(self, name: str, events: List[Row]):
        self._name = name
        self.events: List[Row] = []
        self.keys: List[float] = []
        self.add(events)

    def add(self, events: List[Row]) -> None:
        """Take events in: a few where they belong, many by sorting anew."""
        if len(events) < _FEW:
            for event in events:
                place = bisect_right(self.keys, event[self._name])
                self.keys.insert(place, event[self._name])
                self.events.insert(place, event)
            return
        self.events = sorted(self.events + events, key=lambda event: float(event[self._name]))
        self.keys = [event[self._name] for event in self.events]

    def between(self, earliest: Optional[float], latest: Optional[float]) -> Tuple[int, int]:
        """Places of the first event in the bounds and behind the last; None is open, latest is not included."""
        first = 0 if earliest is None else bisect_left(self.keys, earliest)
        return first, len(self.keys) if latest is None else bisect_left(self.keys, latest)


class EventIndex:
    """Events of all indexes. Adding and reading may come from several threads."""

    def __init__(self, path: Path):
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        events: List[Row] = []
        if path.is_file():
            with path.open(encoding="utf-8") as stream:
                events = [json.loads(line) for line in stream if line.endswith("\n")]
        self._path = path
        self._made = len(events)
        self._by_time = _Sorted("_time", events)
        self._by_indextime = _Sorted("_indextime", events)
        self._file: IO[str] = path.open("a", encoding="utf-8")

    def __len__(self) -> int:
        return len(self._by_time.events)

    def add(self, events: Iterable[Dict[str, Any]]) -> int:
        """Index events that have _time, _indextime, _raw, host, source, sourcetype and index; their number."""
        with self._lock:
            stored = [{**event, "_cd": f"0:{place}"} for place, event in enumerate(events, self._made)]
            self._made += len(stored)
            self._file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in stored)
            self._file.flush()
            self._by_time.add(stored)
            self._by_indextime.add(stored)
        return len(stored)

    def find(self, window: Window, terms: Terms, now: float) -> Iterator[Row]:
        """Events within the window, newest first. What is indexed after `now` does not exist yet."""
        with self._lock:
            candidates = self._candidates(window, now)
        for event in candidates:
            if _inside(event, window, now) and _has(event["_raw"], terms):
                yield event

    def count(self, index: str) -> int:
        """How many events an index has."""
        with self._lock:
            return sum(event["index"] == index for event in self._by_time.events)

    def drop(self, index: str) -> None:
        """Delete the events of an index, on disk as well."""
        with self._lock:
            kept = [event for event in self._by_indextime.events if event["index"] != index]
            self._file.close()
            write_whole(self._path, "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept))
            self._file = self._path.open("a", encoding="utf-8")
            self._by_time, self._by_indextime = _Sorted("_time", kept), _Sorted("_indextime", kept)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _candidates(self, window: Window, now: float) -> List[Row]:
        """Every match and more: the shorter of the cut by event time and the cut by index time."""
        first, last = self._by_time.between(window.earliest, window.latest)
        low, high = self._by_indextime.between(window.index_earliest, window.index_latest)
        if last - first <= high - low:
            return self._by_time.events[first:last][::-1]
        newest_first = self._by_indextime.events[low:high][::-1]
        return sorted(newest_first, key=lambda event: -event["_time"])


def _inside(event: Row, window: Window, now: float) -> bool:
    moment, indexed = event["_time"], event["_indextime"]
    return not (
        indexed > now
        or (window.earliest is not None and moment < window.earliest)
        or (window.latest is not None and moment >= window.latest)
        or (window.index_earliest is not None and indexed < window.index_earliest)
        or (window.index_latest is not None and indexed >= window.index_latest)
    )


def _has(raw: str, terms: Terms) -> bool:
    if not terms:
        return True
    lower = raw.lower()
    return all(any(term in lower for term in alternatives) for alternatives in terms)


def index_name(name: Optional[str]) -> str:
    """The index that is meant; no name, or `default`, is main."""
    return "main" if name in (None, "", "default") else str(name)
