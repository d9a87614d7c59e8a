"""The audit feed of Office 365, one content type: which blobs to read, in which order, and what to remember.

Blobs are listed by the time they became available. Each run lists the last day again, and every few hours all that the
vendor keeps, since a blob may be listed late or a clock be wrong; what was given before, blob or record, is left out. A
blob that cannot be read holds the checkpoint back, not the blobs after it; so does a stretch that cannot be listed.
"""

from itertools import compress
from typing import Generator, Iterator, List, Mapping, Optional, Set, Tuple

from .activity_api import CLAMP, CODES, LOST, RELIST, RETRY, START, ActivityApi, Content, action
from .aside import LATEST, MOST, VAIN, halves, may_be_its_own
from .blobs import Blob, BrokenTextError, Record, fetched
from .errors import RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State, Tally
from .health import written
from .office365_place import Place, Windows
from .vain import Vain

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# The feed keeps content for seven days; asking a little less leaves room for clocks that differ.
KEPT = 7 * _DAY - 5 * _MINUTE
OVERLAP = _DAY
# So often all that the vendor keeps is listed again.
_LIST_ALL = 6 * _HOUR
_RELISTS = 2
# A checkpoint stands for at most so many records, or for one blob if that has more: so much may come twice after a
# run was killed.
_TOGETHER = 100
# What props.conf keeps of an event: TRUNCATE.
_LONGEST = 25_000_000
_TOO_OLD = "what became available more than seven days ago can no longer be had"
_WAS_OFF = "the subscription was off, and what became available in that time is not kept"


def ensure_subscriptions(api: ActivityApi, tallies: Mapping[str, Tally]) -> Iterator[str]:
    """The content types of `tallies` that can be read; what is not enabled is started, and a refusal told there.

    Each is started when its turn comes to be read, which keeps in mind that it was off. The vendor asks for a pause
    between two starts, so one that comes too soon is left to a later run.
    """
    present = api.subscriptions()
    for content_type, tally in tallies.items():
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
        yield content_type


class Office365Feed:
    """One content type of one tenant."""

    def __init__(self, api: ActivityApi, content_type: str, connections: int, tally: Tally):
        self._api = api
        self._type = content_type
        self._connections = connections
        self._tally = tally
        self._pending = 0  # blobs and records behind the last checkpoint
        self._in_vain = 0  # windows in a row
        self._last_day = 0.0
        self._now = 0

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything since the last run, or since `first` when there was none, up to `now`; see feed.py.

        `blobs` and `records` of a state have `segments`: a checkpoint has those that changed, what is given here all.
        """
        self._now = int(now)
        self._place = Place(state, first, self._now)
        self._vain = Vain(self._type, self._place.failing, self._tally)
        if not self._place.is_first:
            self._tally.unjudged.begin(now)
        try:
            yield from self._read(self._place, self._now)
        except SourceError:
            yield self._checkpoint()
            raise
        finally:
            self._vain.end()

    def _checkpoint(self) -> Checkpoint:
        self._pending = 0
        return self._place.checkpoint()

    def _read(self, place: Place, now: int) -> Iterator[Item]:
        oldest = now - KEPT
        self._last_day = oldest + _DAY
        self._give_up(oldest)
        if self._note_off():
            yield self._checkpoint()
        begun = place.until
        aside = list(place.aside)
        windows = place.free(max(place.again - OVERLAP, place.first, oldest), now)
        for start, whole in windows:
            listed_from, error = yield from self._tried(start, whole)
            end = whole if error is None else self._set_aside(start, whole, error)
            if listed_from >= end:  # all of it refused; what the next one says decides whether it is lost
                continue
            if place.unkept is not None:
                begun = place.unkept
            elif listed_from > place.until:
                self._miss(place.until, listed_from)
                begun = listed_from
            if end == now and place.off:
                since = place.first if place.unkept is not None else max(begun, place.off[0])
                if since < place.off[1]:  # else it is told with what can no longer be had
                    self._lose_time(since, place.off[1], _WAS_OFF)
                place.off = None
            if self._pending or error or end > place.until:
                place.until = max(place.until, end)
                yield self._checkpoint()
            self._tally.covered = (min(begun, place.held), place.held)
        yield from self._again(aside, oldest)
        if windows and now - place.listed_all >= _LIST_ALL:
            for start, end in place.free(max(place.first, oldest), windows[0][0]):
                _, error = yield from self._tried(start, end)
                if error is not None:
                    self._set_aside(start, end, error)
            place.listed_all = now
            yield self._checkpoint()
        if windows:
            self._tally.covered = (min(begun, place.held), place.held)

    def _again(self, aside: Windows, oldest: int) -> Iterator[Item]:
        """What earlier runs set aside, behind what is new."""
        vain = 0
        for number, (start, end) in enumerate(aside):
            if vain == VAIN:
                left = f"{len(aside) - number} more stretches that could not be listed before are left to a later run"
                self._tally.notes.append(f"{self._type}: {left}")
                return
            listed_from, error = yield from self._tried(max(start, oldest), end)
            vain = 0 if error is None else vain + 1
            self._place.aside.remove((start, end))
            if error is not None:
                self._tell_aside(start, end, error)
                self._place.aside += [(int(one), int(other)) for one, other in halves((start, end), len(aside))]
            elif listed_from > start:
                self._lose_time(start, min(listed_from, end), _TOO_OLD)
            yield self._checkpoint()

    def _tried(self, start: int, end: int) -> Generator[Item, None, Tuple[int, Optional[SourceError]]]:
        """A window's events and checkpoints; gives from when on it was listed, and the error if it may be its own."""
        if self._in_vain == VAIN:
            raise RefusedError(f"{VAIN} windows in a row cannot be listed, and the rest is left to the next run")
        try:
            listed_from = yield from self._window(start, end)
        except SourceError as error:
            code = error.code if isinstance(error, RefusedError) else ""
            vendors = (code in CODES or code.startswith("AF")) and code != "AF50000"
            if vendors or not may_be_its_own(error):
                raise
            return start, error
        self._in_vain = 0
        return listed_from, None

    def _set_aside(self, start: int, end: int, error: SourceError) -> int:
        """Leave a window that cannot be listed to later runs, if the last minutes can be; gives where it ends then."""
        latest = self._now - LATEST
        end = min(end, latest)
        try:
            if start >= end or len(self._place.aside) >= MOST:
                raise error
            next(self._api.listing(self._type, latest, self._now), None)
            self._tally.pages += 1
        except SourceError:
            raise error from None
        self._in_vain += 1
        self._tell_aside(start, end, error)
        self._place.aside.append((start, end))
        return end

    def _tell_aside(self, start: int, end: int, error: SourceError) -> None:
        self._tally.failed.append(f"{self._type}: {written(start)} to {written(end)} cannot be listed: {error}")

    def _note_off(self) -> bool:
        """Keep from when to when the subscription was off, once this run has started it; whether that is new.

        What became available before the first start of all is not kept either, though what comes of it is given.
        Source: Office 365 Management Activity API reference, "Stop a subscription": content of the time from a start
        on. That it is so for the first start as well no sentence says [unverified]; a backfill reads it in any case.
        """
        place = self._place
        if self._type not in self._api.started or place.off:
            return False
        place.off = (place.until, self._now)
        return True

    def _give_up(self, oldest: float) -> None:
        """What could not be read, or listed, for seven days is listed no longer: a loss."""
        for stretch in [stretch for stretch in self._place.aside if stretch[1] <= oldest]:
            self._place.aside.remove(stretch)
            self._lose_time(*stretch, "it could not be listed for seven days, and can no longer be had")
        for name, created in list(self._place.failing.items()):
            if created < oldest:
                del self._place.failing[name]
                self._lose(name, "it could not be read for seven days", created)

    def _lose(self, name: str, why: str, created: float) -> None:
        self._tally.lose(f"content {name}", why, min(created, self._now))
        self._tally.warnings.append(f"{self._type}: content {name} is lost: {why}")

    def _miss(self, until: float, listed_from: float) -> None:
        """Tell of time between what was covered and what can still be listed."""
        gap = listed_from - until
        if self._place.is_first and gap < 10 * _MINUTE:  # who asks for seven days is not told of KEPT's margin
            return
        self._lose_time(until, listed_from, _TOO_OLD)

    def _lose_time(self, start: float, end: float, why: str) -> None:
        self._tally.miss(start, end, why)
        self._tally.warnings.append(f"{self._type}: {written(start)} to {written(end)} is not covered: {why}")

    def _window(self, start: int, end: int) -> Generator[Item, None, int]:
        """The window's events and checkpoints; gives from when on it was listed.

        Where clocks differ the vendor refuses the edge of its seven days, so a little less of the last day is asked
        for, and again a little less.
        """
        step = 5 * _MINUTE
        while True:
            try:
                self._tally.windows += 1
                yield from self._blobs(start, end)
                return start
            except RefusedError as error:
                if action(error) != CLAMP or start + step > self._last_day:
                    raise
            start, step = start + step, 2 * step
            if start >= end:
                return end

    def _blobs(self, start: int, end: int) -> Iterator[Item]:
        """The window's new blobs one after another, with a checkpoint behind each or behind a few small ones."""
        known = self._place.blobs
        known.horizon = max(known.horizon, end)
        for blob in fetched(self._api, self._listed(start, end), self._connections):
            records = _TOGETHER if blob is None else len(blob.records)
            if self._pending and self._pending + records > _TOGETHER:
                yield self._checkpoint()
            if blob is None:
                continue
            events = self._given(blob, start)
            self._pending += 1 + len(events)
            if events:
                yield events
            if self._pending > _TOGETHER:
                yield self._checkpoint()

    def _given(self, blob: Blob, start: float) -> List[Event]:
        """A blob's events; one that can be had no more is a loss, any other that was not read is for the next run."""
        content, records, error = blob
        created = start if content.created is None else max(content.created, start)
        known = content.id in self._place.failing
        events: List[Event] = []
        if error is None:
            self._vain.read(known)
            events = self._events(content, records, created)
        elif action(error) == LOST:
            self._lose(content.id, str(error), created)
        else:
            self._place.failing[content.id] = int(created)
            self._vain.failed(content, error, known)
            if isinstance(error, BrokenTextError):  # where that ended the run, the next one keeps it
                events = self._kept(content.id + error.text, error.text, created)
            return events
        self._place.failing.pop(content.id, None)
        self._place.blobs.add(content.id)
        return events

    def _kept(self, key: str, text: str, created: float) -> List[Event]:
        """A broken text as it is, once, when its last day has come; the blob is asked for again all the same."""
        if not text or created >= self._last_day or not self._place.blobs.add(key):
            return []
        self._tally.events += 1
        self._tally.unreadable += 1
        return [Event(text, None)]

    def _events(self, content: Content, records: List[Record], created: float) -> List[Event]:
        """The records of a blob, each once; what is no record is given as it is, counted and told."""
        new = self._place.records.fresh(event.raw for event, _ in records)
        fresh = list(compress(records, new))
        events = [event for event, _ in fresh]
        self._tally.blobs += 1
        self._tally.duplicates += len(records) - len(fresh)
        self._tally.came([(event.operation or "(unreadable)", fields, event.time) for event, fields in fresh], created)
        self._tally.events += len(fresh)
        for event in events:
            if len(event.raw) > _LONGEST:
                said = f"{self._type}: content {content.id} has a record of {len(event.raw):,} characters"
                self._tally.warnings.append(f"{said}, more than Splunk keeps of an event (TRUNCATE in props.conf)")
        unreadable = sum(not event.operation for event in events)
        self._tally.unreadable += unreadable
        if unreadable:
            self._tally.warnings.append(
                f"{self._type}: content {content.id} has {unreadable} of what is no record; it is kept as it is"
            )
        return events

    def _listed(self, start: int, end: int) -> Iterator[Optional[Content]]:
        """The window's blobs that are new, or could not be read before; None before each page has to be waited for."""
        given: Set[str] = set()
        for attempt in range(_RELISTS + 1):
            try:
                yield None
                for page in self._api.listing(self._type, start, end):
                    self._tally.pages += 1
                    for content in page:
                        if content.id not in given and self._wanted(content, start):
                            given.add(content.id)
                            yield content
                    yield None
                return
            except RefusedError as error:
                if action(error) not in (RELIST, START) or attempt == _RELISTS:
                    raise
                if action(error) == START:
                    self._api.start(self._type)
                    self._note_off()

    def _wanted(self, content: Content, start: int) -> bool:
        """Whether a blob is to be fetched: of a time that the memory no longer reaches only what is known to fail."""
        place = self._place
        if content.id in place.failing:
            return self._vain.is_asked_again(content.id)
        created = start if content.created is None else content.created
        if any(first <= created < last for first, last in place.aside):
            return content.id not in place.blobs
        return content.id not in place.blobs and not (created < place.blobs.since and created < place.until)
