"""What happened before the Office 365 feed began, by Graph's audit log query: which stretches to ask for, read once.

The feed knows where its coverage begins and which older records it gave all the same (`BorderedFeed`); the backfill
(`BackfillFeed`) reads up to there and leaves those out. Stretches are asked for oldest first, since they expire; one
whose answer is cut off, or too long for a checkpoint, is halved. A run waits a little for a query and leaves the rest
to the next, so that the feed is never kept waiting.
"""

import time
from typing import Callable, FrozenSet, Generator, Iterator, List, Optional, Protocol, Tuple

from .audit_queries import ENDED, AuditQueries, Query, Standing, found, require_permission
from .errors import RefusedError
from .feed import Checkpoint, Event, Item, State
from .health import Tally
from .memory import Memory
from .office365 import KEPT
from .seen import Seen
from .settings import start_time

_DAY = 86400
WIDTH = 30 * _DAY
# How late a record may come, by the feed or by a query. Longest that users told of: 53 hours.
SETTLED = 3 * _DAY
# Ids of so many records stand in a checkpoint; the stretch that has more is cut into parts.
MOST = 20_000
_NARROWEST = 60
_PARTS = 64
# Seconds between looks at a query; then it is left to the next run, and after a day given up.
_LOOKS = (2, 4, 8, 16, 30, 30, 30)
_GIVEN_UP = _DAY
# Seconds after which a run begins nothing new.
BUDGET = 300
_HOPELESS = 3
# Statuses of a refusal that may be the stretch's or the query's own.
_ITS_OWN = (200, 400, 404, 410)

Stretch = Tuple[float, float, int]  # start, end, how often it failed


class Feed(Protocol):
    """Anything that reads like a feed; see feed.py."""

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything that is new."""


class BorderedFeed:
    """An Office 365 feed that remembers where its coverage begins, and the Ids of older records that it gave.

    operations: those whose Ids are remembered, since the backfill will meet them; all when empty. After `read`,
    `begun` and `until` are the time that the feed covers (of availability), None and 0 before.
    """

    def __init__(self, feed: Feed, operations: FrozenSet[str]):
        self._feed = feed
        self._operations = operations
        self.begun: Optional[float] = None
        self.until = 0.0
        self.early = Memory()

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """What the feed gives; its checkpoints bear the border too."""
        first = float(state.get("first", first))
        begun = float(state.get("begun", first))
        if float(state.get("until", first)) <= first:  # nothing is read yet, and the vendor keeps a week
            begun = max(begun, int(now - KEPT))
        self.begun, self.until = begun, float(state.get("until", 0))
        self.early = Memory(state.get("early"))
        for item in self._feed.read(state, first, now):
            if isinstance(item, Checkpoint):
                self.until = float(item.state["until"])
                yield Checkpoint({**item.state, "begun": begun, "early": self.early.state()})
                continue
            for event in [item] if isinstance(item, Event) else item:
                if event.time is not None and event.time < begun:
                    self._note(event)
            yield item

    def _note(self, event: Event) -> None:
        if event.id and (not self._operations or event.operation in self._operations):
            self.early.add(event.id)


class BackfillFeed:
    """The records of one content type from `since` (as settings.start_time reads it) until the feed began.

    sleep and clock (monotonic, seconds) are given by tests.
    """

    def __init__(self, queries: AuditQueries, feed: BorderedFeed, since: str, tally: Tally,
                 sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic):  # fmt: skip
        self._queries = queries
        self._feed = feed
        self._since = since
        self._tally = tally
        self._sleep = sleep
        self._clock = clock
        self._ends = 0.0

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """What is not read yet, as far as a run gets; see feed.py. `first` is the feed's, and of no use here."""
        if self._feed.begun is None:
            return
        plan = _Plan(state, start_time(self._since, now), self._feed.begun)
        if not plan.todo:
            return
        require_permission(self._queries)
        self._ends = self._clock() + BUDGET
        failures = 0
        while plan.todo and failures < _HOPELESS and self._clock() < self._ends:
            if not plan.settle(self._feed.until):
                self._tally.notes.append("backfill: its last days wait until the feed has caught up with them")
                break
            self._tally.windows += 1
            try:
                if not (yield from self._stretch(plan, now)):
                    break
            except RefusedError as error:
                if error.status not in _ITS_OWN:
                    raise
                failures += 1
                self._tally.failed.append(f"backfill: {plan.told()} cannot be read, and is asked for again: {error}")
                plan.put_off()
                yield Checkpoint(plan.state())
        self._tally.notes.append(f"backfill: {plan.progress()}")
        yield Checkpoint(plan.state())

    def _stretch(self, plan: "_Plan", now: float) -> Generator[Item, None, bool]:
        """The events of the plan's first stretch; whether the run may go on with the next."""
        if plan.query is None:
            plan.query = self._queries.make(plan.start, plan.end, now)
            yield Checkpoint(plan.state())
        if not plan.page:
            standing = self._ended(plan.query)
            if standing is None:
                if now - plan.query.made > _GIVEN_UP:
                    raise RefusedError("its query did not end within a day", 200)
                return False
            if standing.status != "succeeded":
                raise RefusedError(f"its query ended as {standing.status}", 200)
            if plan.cut(standing):
                yield Checkpoint(plan.state())
                return True
            if standing.truncated:
                why = "it has more records than Graph gives; name fewer backfill_operations"
                self._tally.lose(plan.told(), why)
                self._tally.warnings.append(f"backfill: {plan.told()}: {why}")
        if not (yield from self._records(plan, plan.query)):
            return False
        plan.advance()
        yield Checkpoint(plan.state())
        return True

    def _ended(self, query: Query) -> Optional[Standing]:
        """How a query ended; None when it runs on for longer than a run waits."""
        for pause in (*_LOOKS, 0):
            standing = self._queries.standing(query)
            if standing.status in ENDED:
                return standing
            if pause:
                self._sleep(pause)
        return None

    def _records(self, plan: "_Plan", query: Query) -> Generator[Item, None, bool]:
        """The events of a query that has succeeded, page by page, each page with its checkpoint; whether all came."""
        followed = {plan.page}
        restarted = False
        while True:
            try:
                page = self._queries.page(query, plan.page)
            except RefusedError as error:
                if not plan.page or restarted or error.status not in _ITS_OWN:
                    raise
                plan.page, restarted, followed = "", True, {""}  # the page's address is taken no longer
                continue
            self._tally.pages += 1
            for row in page.rows:
                yield from self._events(row, plan)
            plan.page = page.following
            if not plan.page:
                return True
            if plan.page in followed:
                raise RefusedError("Microsoft Graph names the same next page again and again", 200)
            followed.add(plan.page)
            yield Checkpoint(plan.state())
            if self._clock() >= self._ends:
                return False

    def _events(self, row: object, plan: "_Plan") -> Iterator[Event]:
        """The record of a row, unless it is of the next stretch, or was given before by this or by the feed."""
        record = found(row)
        if record.filed is not None and not plan.start <= record.filed < plan.end:
            return
        filed = plan.start if record.filed is None else record.filed
        if record.id in self._feed.early or not plan.seen.add(record.id, filed):
            self._tally.duplicates += 1
            return
        self._tally.events += 1
        self._tally.unreadable += not record.sound
        yield record.event


class _Plan:
    """Which stretches are still to be read, the first of them now, and how far that is."""

    def __init__(self, state: State, since: float, border: float):
        self.since = float(state.get("since", border))
        self.border = float(state.get("border", border))
        self.todo: List[Stretch] = [(float(start), float(end), tries) for start, end, tries in state.get("todo", ())]
        self.query = Query(*state["query"]) if state.get("query") else None
        self.page = str(state.get("page") or "")
        self.seen = Seen(state.get("seen"))
        if int(since) < self.since:
            self._extend(int(since))

    @property
    def start(self) -> float:
        """Where the first stretch begins."""
        return self.todo[0][0]

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.todo[0][1]

    def _extend(self, since: float) -> None:
        """Plan what lies before; the last days, which the feed overlaps with, are a stretch of their own."""
        edges = [since]
        last = self.border - SETTLED if self.since == self.border else self.since
        while edges[-1] < last:
            edges.append(min(edges[-1] + WIDTH, last))
        edges += [self.since] if edges[-1] < self.since else []
        # what is being read stays first
        self.todo[1:1] = [(start, end, 0) for start, end in zip(edges, edges[1:])]
        self.since = since

    def settle(self, until: float) -> bool:
        """Put a stretch first of which the feed, read up to here, gives nothing any more; whether there is one."""
        settled = [one for one in self.todo if one[1] + SETTLED <= until]
        if settled and self.todo[0] not in settled:  # what was put off stands behind the last days
            self.todo.remove(settled[0])
            self.todo.insert(0, settled[0])
        return bool(settled)

    def cut(self, standing: Standing) -> bool:
        """Part the first stretch where its answer is cut off or too long; whether it was."""
        wide = self.end - self.start
        parts = -(-standing.records // MOST)
        parts = min(max(parts, 2 if standing.truncated else 1), _PARTS, int(wide // _NARROWEST))
        if parts < 2:
            return False
        start, end, _ = self.todo[0]
        edges = [start + int(wide * part / parts) for part in range(parts)] + [end]
        self.todo[:1] = [(one, other, 0) for one, other in zip(edges, edges[1:])]
        self._begin()
        return True

    def put_off(self) -> None:
        """The first stretch failed: it goes to the end, and in halves when that is no news."""
        start, end, tries = self.todo.pop(0)
        middle = int((start + end) / 2)
        halves = [(start, middle, 0), (middle, end, 0)]
        self.todo += halves if tries and end - start > _NARROWEST else [(start, end, tries + 1)]
        self._begin()

    def advance(self) -> None:
        """The first stretch is read; of one that was put off what was given of it stays known."""
        start, end, _ = self.todo.pop(0)
        self.seen.forget(start, end)
        if not self.todo:
            self.seen = Seen()
        self._begin()

    def _begin(self) -> None:
        self.query, self.page = None, ""

    def told(self) -> str:
        """The first stretch for a person."""
        return f"{_day(self.start)} to {_day(self.end)}"

    def progress(self) -> str:
        """How far it is, for a person."""
        left = sum(end - start for start, end, _ in self.todo)
        whole = max(self.border - self.since, 1)
        share = f"{100 * (1 - left / whole):.0f} % of {_day(self.since)} to {_day(self.border)} is read"
        return share + (f"; a query for {self.told()} is running" if self.query and self.todo else "")

    def state(self) -> State:
        """What a checkpoint keeps."""
        return {"since": self.since, "border": self.border, "todo": self.todo, "query": self.query, "page": self.page,
                "seen": self.seen.state()}  # fmt: skip


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(moment))
