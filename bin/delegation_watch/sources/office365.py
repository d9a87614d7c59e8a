"""The audit feed of Office 365, one content type: which blobs to read, in which order, and what to remember.

Blobs are listed by the time they became available. Each run lists the last hours again, since a blob may be listed
late, and leaves out the blobs it has seen; one that cannot be read holds the checkpoint back, not the blobs after it.
"""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Deque, Dict, Iterable, Iterator, List, NamedTuple, Set, Tuple

from .activity_api import CODES, LOST, RELIST, START, STOP, ActivityApi, Content
from .errors import RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State, Tally, elements, time_of

_HOUR, _DAY = 3600, 86400
# The feed keeps content for seven days; asking a little less leaves room for clocks that differ.
KEPT = 7 * _DAY - 300
WINDOW = 6 * _HOUR
OVERLAP = 6 * _HOUR
_REMEMBERED_RECORDS = 50_000
_RELISTS = 2


class _Read(NamedTuple):
    """A blob that was fetched, or why it could not be."""

    content: Content
    text: str
    error: "SourceError | None"


def subscribed(api: ActivityApi, wanted: Iterable[str], tally: Tally) -> List[str]:
    """The content types of `wanted` that can be read; what is not enabled is started, and a refusal told.

    The vendor asks for a pause between two starts, so one that comes too soon is left to a later run.
    """
    present = api.subscriptions()
    ready = []
    for content_type in wanted:
        status = present.get(content_type)
        if status != "enabled":
            was = f"{content_type}: the subscription was {status or 'missing'}"
            try:
                api.start(content_type)
            except RefusedError as error:
                if error.status == 429 or "429" in error.code:
                    tally.warnings.append(f"{was} and cannot be started yet; a later run starts it")
                else:
                    tally.failed.append(f"{content_type}: {error}")
                continue
            tally.warnings.append(f"{was} and is started; its first content may take twelve hours")
        ready.append(content_type)
    return ready


class Office365Feed:
    """One content type of one tenant."""

    def __init__(self, api: ActivityApi, content_type: str, connections: int, tally: Tally):
        self._api = api
        self._type = content_type
        self._connections = connections
        self._tally = tally
        self._records: Dict[bytes, None] = {}

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything since the last run, or since `first` when there was none, up to `now`; see feed.py."""
        seen: Dict[str, float] = dict(state.get("seen", {}))
        held = now
        for start, end in self._windows(state, first, now):
            for content, text, error in self._blobs(start, end, seen):
                if error is None and self._complete(text):
                    yield from self._events(text)
                    self._tally.blobs += 1
                elif error is not None and self._gone(error):
                    self._tally.lost += 1
                    self._tally.warnings.append(f"{self._type}: content {content.id} is lost: {error}")
                else:
                    held = min(held, content.created)
                    why = error or "the text of the blob ends before its list does"
                    self._tally.failed.append(f"{self._type}: content {content.id} could not be read: {why}")
                    continue
                seen[_short(content.id)] = content.created
            until = min(end, held)
            seen = {key: created for key, created in seen.items() if created >= until - 2 * OVERLAP}
            yield Checkpoint({"until": until, "seen": seen})

    def _windows(self, state: State, first: float, now: float) -> List[Tuple[float, float]]:
        oldest = now - KEPT
        start = float(state["until"]) if "until" in state else first
        if start < oldest - 600:
            self._tally.warnings.append(
                f"{self._type}: what became available more than seven days ago can no longer be had; "
                f"{round((oldest - start) / _HOUR)} hours are not covered"
            )
        start = max(start - (OVERLAP if "until" in state else 0), oldest)
        edges = [start]
        while edges[-1] < now:
            edges.append(min(edges[-1] + WINDOW, now))
        return list(zip(edges, edges[1:]))

    def _blobs(self, start: float, end: float, seen: Dict[str, float]) -> Iterator[_Read]:
        """The window's new blobs, fetched by several threads a little ahead, given in the order of the listing."""
        waiting: Deque[Future[_Read]] = deque()
        with ThreadPoolExecutor(self._connections) as pool:
            try:
                for content in self._listed(start, end, seen):
                    waiting.append(pool.submit(self._fetch, content))
                    if len(waiting) > 2 * self._connections:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _listed(self, start: float, end: float, seen: Dict[str, float]) -> Iterator[Content]:
        given: Set[str] = set()
        for attempt in range(_RELISTS + 1):
            try:
                for page in self._api.listing(self._type, start, end):
                    self._tally.pages += 1
                    for content in page:
                        if content.id not in given and _short(content.id) not in seen:
                            given.add(content.id)
                            yield content
                return
            except RefusedError as error:
                action = CODES.get(error.code, (STOP,))[0]
                if action not in (RELIST, START) or attempt == _RELISTS:
                    raise
                if action == START:
                    self._api.start(self._type)

    def _fetch(self, content: Content) -> _Read:
        """The blob's text; once more when it came cut off."""
        try:
            text = self._api.blob(content)
            if not self._complete(text):
                text = self._api.blob(content)
            return _Read(content, text, None)
        except SourceError as error:
            return _Read(content, "", error)

    def _gone(self, error: SourceError) -> bool:
        return isinstance(error, RefusedError) and CODES.get(error.code, (STOP,))[0] == LOST

    def _complete(self, text: str) -> bool:
        """Whether the text ends as a JSON value does; one that is cut off is fetched again, not taken for content."""
        return text.rstrip()[-1:] in ("]", "}")

    def _events(self, text: str) -> Iterator[Event]:
        """The records of a blob, each once; what is no record is given as it is, and counted."""
        given = 0
        try:
            for raw, value in elements(text):
                given += 1
                if self._new(raw):
                    yield self._event(raw, value)
        except ValueError:
            self._tally.unreadable += 1
            self._tally.events += 1
            self._tally.warnings.append(f"{self._type}: a blob that is no list of records is kept as one event")
            yield Event(" ".join(text.split()), None)

    def _event(self, raw: str, value: object) -> Event:
        self._tally.events += 1
        if not isinstance(value, dict):
            self._tally.unreadable += 1
            return Event(raw, None)
        return Event(raw, time_of(value.get("CreationTime")))

    def _new(self, raw: str) -> bool:
        """Whether this very record has not come lately: the vendor repeats records, to the letter, across blobs."""
        key = hashlib.blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        if key in self._records:
            self._tally.duplicates += 1
            return False
        self._records[key] = None
        if len(self._records) > _REMEMBERED_RECORDS:
            del self._records[next(iter(self._records))]
        return True


def _short(content_id: str) -> str:
    return hashlib.blake2b(content_id.encode(), digest_size=8).hexdigest()
