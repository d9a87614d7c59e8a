"""What an Office 365 feed cannot give, by Graph's audit log query: what happened before it began, and what it missed.

The feed knows its borders and which records it gave (border.py); the backfill reads up to there and leaves those out.
Stretches (backfill_plan.py) are asked for oldest first, since they expire; one whose answer is cut off, or too long for
a checkpoint, is halved. A run waits a little for a query and leaves the rest to the next, so that the feed is never
kept waiting.
"""

import time
from typing import Callable, Generator, Iterator, Optional

from .aside import may_be_its_own
from .audit_queries import ENDED, AuditQueries, Query, Standing, found, require_permission
from .backfill_plan import Plan
from .border import BorderedFeed
from .errors import RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State
from .health import Tally
from .settings import start_time

# Seconds between looks at a query; then it is left to the next run, and after a day given up.
_LOOKS = (2, 4, 8, 16, 30, 30, 30)
_GIVEN_UP = 86400
# Seconds after which a run begins nothing new.
BUDGET = 300
_HOPELESS = 3
# Statuses of a refusal that may be the stretch's or the query's own.
_ITS_OWN = (200, 400, 404, 410)


class BackfillFeed:
    """The records of one content type from `since` (as settings.start_time reads it) on that the feed cannot give.

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
        feed = self._feed
        if feed.begun is None:
            return
        plan = Plan(state, start_time(self._since, now), feed.begun, feed.missed, self._queries.operations)
        if plan.anew:
            self._tally.warnings.append(
                "backfill: backfill_operations asks for more than before, so all is read once more; what comes twice "
                "is one row in the summary"
            )
        self._tally.covered, self._tally.ends = plan.covered, plan.ends
        self._tally.unjudged.begin(now)
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
            except SourceError as error:
                if not self._is_its_own(error):
                    raise
                failures += 1
                self._tally.failed.append(f"backfill: {plan.told()} cannot be read, and is asked for again: {error}")
                plan.put_off()
                yield Checkpoint(plan.state())
        self._tally.notes.append(f"backfill: {plan.progress()}")
        yield Checkpoint(plan.state())

    def _is_its_own(self, error: SourceError) -> bool:
        """Whether an error comes of the stretch or its query: where Graph fails, or the way to it, its list tells."""
        if isinstance(error, RefusedError) and error.status in _ITS_OWN:
            return True
        if not may_be_its_own(error):
            return False
        try:
            self._queries.look()
        except SourceError:
            return False
        return True

    def _stretch(self, plan: Plan, now: float) -> Generator[Item, None, bool]:
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
        self._tally.covered = plan.covered
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

    def _records(self, plan: Plan, query: Query) -> Generator[Item, None, bool]:
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

    def _events(self, row: object, plan: Plan) -> Iterator[Event]:
        """The record of a row, unless it is of the next stretch, or was given before by this or by the feed."""
        record = found(row)
        if record.filed is not None and not plan.start <= record.filed < plan.end:
            return
        filed = plan.start if record.filed is None else record.filed
        if self._feed.gave(record.id) or not plan.seen.add(record.id, filed):
            self._tally.duplicates += 1
            return
        # How late it could be had says nothing here: it was looked for, and did not come.
        self._tally.came([(record.event.operation or "(unreadable)", record.fields, record.event.time)], None)
        self._tally.events += 1
        self._tally.unreadable += not record.sound
        yield record.event
