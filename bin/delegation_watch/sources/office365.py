"""The audit feed of Office 365, one content type: which blobs to read, in which order, and what to remember.

Blobs are listed by the time they became available. Each run lists the last hours again, since a blob may be listed
late, and leaves out the blobs it has seen; one that cannot be read holds the checkpoint back, not the blobs after it.
"""

import hashlib
import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from .activity_api import LOST, RELIST, RETRY, START, ActivityApi, Content, action
from .errors import RefusedError, SourceError, UnreachableError
from .feed import Checkpoint, Event, Item, State, Tally, compact, elements, time_of

_HOUR, _DAY = 3600, 86400
# The feed keeps content for seven days; asking a little less leaves room for clocks that differ.
KEPT = 7 * _DAY - 300
WINDOW = 6 * _HOUR
OVERLAP = 6 * _HOUR
_REMEMBERED_RECORDS = 50_000
_RELISTS = 2
_BODIES = 2
# So many blobs in a row that the network or the service fails to give, each after minutes of trying: it is down, and
# the rest must wait. A blob that is read in between shows that it is not.
_DOWN = 10


class _BrokenTextError(SourceError):
    """The text of a blob is no JSON, most often since it was cut off."""

    def __init__(self, text: str):
        super().__init__("the text of the blob ends before its list does")
        self.text = " ".join(text.split())


class _Record(NamedTuple):
    """An element of a blob as an event, and whether it is a record at all."""

    event: Event
    sound: bool


class _Read(NamedTuple):
    """A blob that was fetched, or why it could not be."""

    content: Content
    records: List[_Record]
    error: Optional[SourceError]


def ensure_subscriptions(api: ActivityApi, wanted: Iterable[str], tally: Tally) -> List[str]:
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
                if action(error) == RETRY or error.status == 429:
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
        self._seen: Dict[str, float] = {}
        self._held = 0
        self._down = 0
        self._last_day = 0.0

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything since the last run, or since `first` when there was none, up to `now`; see feed.py."""
        now = int(now)
        first = float(state.get("first", first))
        known = min(float(state.get("until", first)), now)
        self._held = now
        self._last_day = now - KEPT + _DAY
        self._seen = dict(state.get("seen", {}))
        for start, end in self._windows(known, first, now):
            self._tally.windows += 1
            try:
                for read in self._blobs(start, end):
                    yield from self._given(read, start)
            except SourceError:
                yield self._checkpoint(first, max(start, known))
                raise
            yield self._checkpoint(first, end)

    def _given(self, read: _Read, start: float) -> Iterator[Event]:
        """A blob's events; one that can be had no more is a loss, any other that was not read is for the next run."""
        content, records, error = read
        created = start if content.created is None else max(content.created, start)
        if error is None:
            self._down = 0
            yield from self._events(content, records)
        elif action(error) == LOST:
            self._tally.lost += 1
            self._tally.warnings.append(f"{self._type}: content {content.id} is lost: {error}")
        else:
            self._held = min(self._held, int(created))
            if isinstance(error, _BrokenTextError):
                yield from self._kept(content.id + error.text, error.text, created)
            self._fail(content, error)
            return
        self._seen[_short(content.id)] = created

    def _kept(self, key: str, text: str, created: float) -> Iterator[Event]:
        """A broken text as it is, once, when its last day has come; the blob is asked for again all the same."""
        if text and created < self._last_day and _short(key) not in self._seen:
            self._seen[_short(key)] = created
            self._tally.events += 1
            self._tally.unreadable += 1
            yield Event(text, None)

    def _checkpoint(self, first: float, until: float) -> Checkpoint:
        """Where the next run begins: at a blob that could not be read, else at the end of what was."""
        until = min(until, self._held)
        self._seen = {key: created for key, created in self._seen.items() if created >= until - 2 * OVERLAP}
        return Checkpoint({"first": first, "until": until, "seen": dict(self._seen)})

    def _windows(self, start: float, first: float, now: int) -> List[Tuple[int, int]]:
        """Start and end of each stretch to list, in whole seconds: the vendor knows no others, nor an empty one."""
        oldest = now - KEPT
        if start < oldest - 600:
            self._tally.warnings.append(
                f"{self._type}: what became available more than seven days ago can no longer be had; "
                f"{round((oldest - start) / _HOUR)} hours are not covered"
            )
        edges = [int(max(start - OVERLAP, first, oldest))]
        while edges[-1] < now:
            edges.append(min(edges[-1] + WINDOW, now))
        return list(zip(edges, edges[1:]))

    def _blobs(self, start: float, end: float) -> Iterator[_Read]:
        """The window's new blobs, fetched by several threads a little ahead, given in the order of the listing."""
        waiting: Deque[Future[_Read]] = deque()
        with ThreadPoolExecutor(self._connections) as pool:
            try:
                for content in self._listed(start, end):
                    waiting.append(pool.submit(self._fetch, content))
                    if len(waiting) > 2 * self._connections:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _listed(self, start: float, end: float) -> Iterator[Content]:
        given: Set[str] = set()
        for attempt in range(_RELISTS + 1):
            try:
                for page in self._api.listing(self._type, start, end):
                    self._tally.pages += 1
                    for content in page:
                        key = _short(content.id)
                        if key in self._seen:  # for as long as it is listed, whatever time it bears
                            self._seen[key] = max(self._seen[key], start)
                        elif content.id not in given:
                            given.add(content.id)
                            yield content
                return
            except RefusedError as error:
                if action(error) not in (RELIST, START) or attempt == _RELISTS:
                    raise
                if action(error) == START:
                    self._api.start(self._type)

    def _fetch(self, content: Content) -> _Read:
        """The blob's records; its text is fetched once more when it came cut off."""
        text = ""
        for _ in range(_BODIES):
            try:
                text = self._api.blob(content)
                return _Read(content, _records(text), None)
            except SourceError as error:
                return _Read(content, [], error)
            except ValueError:
                continue
        return _Read(content, [], _BrokenTextError(text))

    def _events(self, content: Content, records: List[_Record]) -> Iterator[Event]:
        """The records of a blob, each once; what is no record is given as it is, counted and told."""
        unreadable = 0
        for event, sound in records:
            if self._new(event.raw):
                self._tally.events += 1
                unreadable += not sound
                yield event
        self._tally.blobs += 1
        self._tally.unreadable += unreadable
        if unreadable:
            self._tally.warnings.append(
                f"{self._type}: content {content.id} has {unreadable} of what is no record; it is kept as it is"
            )

    def _fail(self, content: Content, error: SourceError) -> None:
        """Note a blob that the next run has to fetch; RefusedError where so many fail that the service must be down."""
        self._tally.failed.append(f"{self._type}: content {content.id} could not be read: {error}")
        self._down += isinstance(error, UnreachableError) or action(error) == RETRY
        if self._down >= _DOWN:
            raise RefusedError("so many blobs could not be had that the rest is left to the next run")

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


def _records(text: str) -> List[_Record]:
    """The elements of a blob; whole JSON that is no list counts as one. ValueError where it is not whole."""
    try:
        if text.lstrip()[:1] == "[":
            return [_record(raw, value) for raw, value in elements(text)]
        return [_Record(Event(compact(json.loads(text, strict=False)), None), False)]
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None


def _record(raw: str, value: object) -> _Record:
    if isinstance(value, dict):
        return _Record(Event(raw, time_of(value.get("CreationTime"))), True)
    return _Record(Event(raw, None), False)
