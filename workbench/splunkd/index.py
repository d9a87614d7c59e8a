"""The event index: in memory, and as append-only JSON lines under SPLUNK_HOME so that a home can be reopened."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from itertools import chain
from pathlib import Path
from typing import IO, Any, Dict, Iterable, Iterator, List, Optional, Tuple

from workbench.conf.files import write_whole
from workbench.spl.environment import Among, Terms, Window
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


class _Part:
    """The events of one index."""

    def __init__(self, events: List[Row]):
        self.by_time, self.by_indextime = _Sorted("_time", events), _Sorted("_indextime", events)

    def __len__(self) -> int:
        return len(self.by_time.events)

    def add(self, events: List[Row]) -> None:
        """Take events in."""
        self.by_time.add(events)
        self.by_indextime.add(events)

    def candidates(self, window: Window) -> List[Row]:
        """Every match and more, newest first: the shorter of the cut by event time and the cut by index time."""
        first, last = self.by_time.between(window.earliest, window.latest)
        low, high = self.by_indextime.between(window.index_earliest, window.index_latest)
        if last - first <= high - low:
            return self.by_time.events[first:last][::-1]
        newest_first = self.by_indextime.events[low:high][::-1]
        return sorted(newest_first, key=lambda event: -event["_time"])


class EventIndex:
    """Events of all indexes, each apart. Adding and reading may come from several threads."""

    def __init__(self, path: Path):
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        events: List[Row] = []
        if path.is_file():
            with path.open(encoding="utf-8") as stream:
                events = [json.loads(line) for line in stream if line.endswith("\n")]
        self._path = path
        self._made = max(map(_place, events), default=-1) + 1
        self._parts = {name: _Part(found) for name, found in _by_index(events).items()}
        self._file: IO[str] = path.open("a", encoding="utf-8")

    def __len__(self) -> int:
        return sum(map(len, self._parts.values()))

    def add(self, events: Iterable[Dict[str, Any]]) -> int:
        """Index events that have _time, _indextime, _raw, host, source, sourcetype and index; their number."""
        with self._lock:
            stored = [{**event, "_cd": f"0:{place}"} for place, event in enumerate(events, self._made)]
            self._made += len(stored)
            self._file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in stored)
            self._file.flush()
            for name, found in _by_index(stored).items():
                self._parts.setdefault(name, _Part([])).add(found)
        return len(stored)

    def find(self, window: Window, terms: Terms, now: float, among: Optional[Among] = None) -> Iterator[Row]:
        """Events within the window, newest first, of the indexes that `among` lets pass.

        What is indexed after `now` does not exist yet.
        """
        with self._lock:
            found = [part.candidates(window) for name, part in self._parts.items() if among is None or among(name)]
        for event in found[0] if len(found) == 1 else _merged(found):
            if _inside(event, window, now) and _has(event["_raw"], terms):
                yield event

    def count(self, index: str) -> int:
        """How many events an index has."""
        with self._lock:
            return len(self._parts.get(index, ()))

    def drop(self, index: str) -> None:
        """Delete the events of an index, on disk as well."""
        with self._lock:
            self._parts.pop(index, None)
            kept = sorted(
                (event for part in self._parts.values() for event in part.by_indextime.events), key=_place
            )
            self._file.close()
            write_whole(self._path, "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept))
            self._file = self._path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _place(event: Row) -> int:
    """The how-manieth event it is of all that were ever indexed."""
    return int(event["_cd"].partition(":")[2])


def _by_index(events: Iterable[Row]) -> Dict[str, List[Row]]:
    found: Dict[str, List[Row]] = {}
    for event in events:
        found.setdefault(event["index"], []).append(event)
    return found


def _merged(found: List[List[Row]]) -> List[Row]:
    """Events of several indexes, newest first; of the same time, the one that came last is first."""
    return sorted(chain.from_iterable(found), key=lambda event: (-event["_time"], -_place(event)))


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
