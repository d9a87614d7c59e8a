"""How far each feed of each input is read: in the KV store, which a cluster shares.

A `Keeper` stores what its thread is given while the run goes on, one checkpoint after another.

One document a feed holds its state. What in it has `segments` may be large, so these are documents of their own, of
which each checkpoint writes those that changed, in one request with the state and in front of it.
"""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Optional, Tuple

from splunklib import client

from .session import SplunkError, one_line, waited

COLLECTION = "delegation_watch_checkpoints"
_FAILED = "the KV store does not answer ({}); it must be enabled on this host"
# Documents of a batch and of an answer; a segment has less than 8 kB, of a sweep's notes some 30 kB.
_BATCH = 500


class Checkpoints:
    """The checkpoints of one input.

    A KV store that is away is waited for. check: raises an error where another process has the input by now, which may
    be since the KV store was away for this host only. sleep: as time.sleep, in whatever thread; it may raise Stopped.
    """

    def __init__(
        self, service: client.Service, stanza: str, check: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ):  # fmt: skip
        self._stanza = stanza
        self._check, self._sleep = check, sleep
        self._data = collection(service, COLLECTION)
        self._first: Dict[Tuple[str, str], int] = {}

    def load(self, feed: str) -> Dict[str, Any]:
        """The state that was stored last for a feed; empty when none was."""
        found = self._asked(self._data.query, query=json.dumps({"_key": self._key(feed)}))
        if not found:
            return {}
        try:
            state = json.loads(found[0]["state"])
        except (KeyError, TypeError, ValueError):
            state = None
        if not isinstance(state, dict):
            key = self._key(feed)
            raise SplunkError(f"the checkpoint {key} cannot be read; remove it from {COLLECTION} to begin at start")
        for name, part in _parts(state):
            self._first[feed, name] = int(part.get("first", 0))
            part["segments"] = self._load_segments(self._key(feed, name), self._first[feed, name])
        return state

    def store(self, feed: str, state: Dict[str, Any]) -> None:
        """Keep the state; call it only when the events before it are out."""
        self.made(feed, state)()

    def made(self, feed: str, state: Dict[str, Any]) -> Callable[[], None]:
        """What keeps the state as it now is, when it is called."""
        documents: List[Dict[str, Any]] = []
        kept = dict(state)
        for name, part in _parts(state):
            kept[name] = {**part, "segments": {}}
            documents += _segments(self._key(feed, name), part["segments"])
        documents.append({"_key": self._key(feed), "state": json.dumps(kept), "updated": round(time.time(), 3)})
        first = [(name, int(part.get("first", 0))) for name, part in _parts(state)]

        def keep() -> None:
            for at in range(0, len(documents), _BATCH):
                self._asked(self._data.batch_save, *documents[at : at + _BATCH])
            for name, number in first:
                self._forget_before(feed, name, number)
            self._drop(feed, [name for name, _ in first])

        return keep

    def forget(self, feed: str) -> None:
        """Remove what was stored of a feed, once it is loaded."""
        self._asked(self._data.delete, query=json.dumps({"_key": self._key(feed)}))
        self._drop(feed, [])

    def _drop(self, feed: str, names: List[str]) -> None:
        """Remove the segments of what the state has no more."""
        for known, name in list(self._first):
            if known == feed and name not in names:
                self._asked(self._data.delete, query=json.dumps({"feed": self._key(feed, name)}))
                del self._first[known, name]

    def _forget_before(self, feed: str, name: str, first: int) -> None:
        """Remove the segments before the first that is of use."""
        if first > self._first.get((feed, name), 0):
            query = {"feed": self._key(feed, name), "number": {"$lt": first}}
            self._asked(self._data.delete, query=json.dumps(query))
        self._first[feed, name] = first

    def _load_segments(self, key: str, first: int) -> Dict[str, str]:
        found: Dict[str, str] = {}
        query = json.dumps({"feed": key, "number": {"$gte": first}})
        while True:
            page = self._asked(self._data.query, query=query, sort="number", limit=_BATCH, skip=len(found))
            found.update((str(int(document["number"])), document["digests"]) for document in page)
            if len(page) < _BATCH:
                return found

    def _asked(self, ask: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """What the KV store answers; all that is asked of it here may be asked twice."""

        def once() -> Any:
            self._check()
            with one_line(_FAILED):
                return ask(*given, **named)

        return waited(once, self._sleep)

    def _key(self, *names: str) -> str:
        return "|".join([self._stanza, *names])


class Keeper:
    """A context manager, which is not left before the checkpoint that is on its way has arrived."""

    def __init__(self, checkpoints: Checkpoints):
        self._checkpoints = checkpoints
        self._thread = ThreadPoolExecutor(1)
        self._coming: Optional[Future[None]] = None

    def __enter__(self) -> "Keeper":
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.shutdown()
        self.settle()

    def store(self, feed: str, state: Dict[str, Any]) -> None:
        """Have the state kept; call it only when the events before it are out."""
        self.settle()
        self._coming = self._thread.submit(self._checkpoints.made(feed, state))

    def settle(self) -> None:
        """Wait until what was given is kept; SplunkError where it cannot be."""
        if self._coming is not None:
            self._coming.result()
            self._coming = None


def _parts(state: Dict[str, Any]) -> List[Tuple[str, Dict[str, Any]]]:
    """What of a state has segments."""
    return [(name, part) for name, part in state.items() if isinstance(part, dict) and "segments" in part]


def _segments(key: str, segments: Dict[str, str]) -> List[Dict[str, Any]]:
    return [
        {"_key": f"{key}|{number}", "feed": key, "number": int(number), "digests": digests}
        for number, digests in segments.items()
    ]


def collection(service: client.Service, name: str) -> Any:
    """A collection's documents; SplunkError when the KV store or the collection is not there."""
    with one_line(_FAILED):
        try:
            return service.kvstore[name].data
        except KeyError:
            raise SplunkError(f"the KV store has no collection {name}; is the app installed whole?") from None
