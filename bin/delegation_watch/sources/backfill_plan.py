"""Which stretches of time a backfill has still to read: what lies before the feed, and what the feed missed since."""

import time
from typing import Iterable, List, Sequence, Tuple

from .aside import between
from .audit_queries import Query, Standing
from .border import Missed
from .feed import State
from .seen import Seen

_DAY = 86400
WIDTH = 30 * _DAY
# How late a record may come, by the feed or by a query. Longest that users told of: 53 hours.
SETTLED = 3 * _DAY
# Ids of so many records stand in a checkpoint; the stretch that has more is cut into parts.
MOST = 20_000
_NARROWEST = 60
_PARTS = 64

Stretch = Tuple[float, float, int]  # start, end, how often it failed


class Plan:
    """The stretches, the first of them now, with its query and page.

    since: how far back to read. border: where the feed's coverage began. missed: stretches of availability that the
    feed could not give since then; of each, records are asked for that are so much older as a record may come late. No
    time is asked for twice. operations: those that are asked for, all when empty; where that is more than it was, all
    is read `anew`.
    """

    def __init__(
        self, state: State, since: float, border: float, missed: Iterable[Missed] = (), operations: Iterable[str] = ()
    ):
        self.operations = sorted(operations)
        self.anew = not _within(self.operations, state.get("operations", self.operations))
        if self.anew:
            state = {"border": state.get("border", border)}
        self.since = float(state.get("since", border))
        self.border = float(state.get("border", border))
        self.todo: List[Stretch] = [(float(start), float(end), tries) for start, end, tries in state.get("todo", ())]
        self.query = Query(*state["query"]) if state.get("query") else None
        self.page = str(state.get("page") or "")
        self.seen = Seen(state.get("seen"))
        self._filled: List[Missed] = [(float(start), float(end)) for start, end in state.get("filled", ())]
        if int(since) < self.since:
            self._extend(int(since))
        for start, end in missed:
            if (start, end) not in self._filled and end > max(since, self.border):
                for one, other in between(max(start - SETTLED, self.border), end, self._asked):
                    self.todo += _cut(one, other)
                self._filled.append((start, end))

    @property
    def start(self) -> float:
        """Where the first stretch begins."""
        return self.todo[0][0]

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.todo[0][1]

    @property
    def _asked(self) -> List[Missed]:
        """Of which times, behind the border, records are asked for, or were."""
        return [(start - SETTLED, end) for start, end in self._filled]

    @property
    def ends(self) -> float:
        """Where the last of all stretches ends, those that are read too."""
        return max([self.border, *(end for _, end in self._filled)])

    @property
    def covered(self) -> Tuple[float, float]:
        """From when until when nothing is left to do."""
        return self.since, max(self.since, min([self.ends, *(start for start, _, _ in self.todo)]))

    def _extend(self, since: float) -> None:
        """Plan what lies before; the last days, which the feed overlaps with, are a stretch of their own."""
        last = max(self.border - SETTLED, since) if self.since == self.border else self.since
        edges = [*_cut(since, last), *_cut(last, self.since)]
        self.todo[1:1] = edges  # what is being read stays first
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
        never = sum(end - start for start, end in between(self.border, self.ends, self._asked))
        whole = self.ends - self.since - never
        share = f"{100 * max(0, 1 - left / max(whole, 1)):.0f} % of {_day(self.since)} to {_day(self.ends)} is read"
        return share + (f"; a query for {self.told()} is running" if self.query and self.todo else "")

    def state(self) -> State:
        """What a checkpoint keeps."""
        return {"since": self.since, "border": self.border, "filled": self._filled, "todo": self.todo,
                "query": self.query, "page": self.page, "seen": self.seen.state(),
                "operations": self.operations}  # fmt: skip


def _within(asked: Sequence[str], known: Sequence[str]) -> bool:
    """Whether what is asked for was asked for before; an empty list stands for all."""
    return not known or (bool(asked) and set(asked) <= set(known))


def _cut(start: float, end: float) -> List[Stretch]:
    """The time from start to end in stretches that are not too wide; none where there is none."""
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + WIDTH, end))
    return [(one, other, 0) for one, other in zip(edges, edges[1:])]


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(moment))
