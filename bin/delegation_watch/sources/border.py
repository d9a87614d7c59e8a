"""What an Office 365 feed leaves to a backfill: where its coverage begins, what it missed, which records it gave.

It is kept whether a backfill is asked for or not, since one may be asked for later.
"""

from typing import Callable, FrozenSet, Iterator, List, Optional, Protocol, Tuple

from .clouds import AUDIT_QUERY, CUSTOM
from .feed import Checkpoint, Event, Item, State, placed
from .health import Tally, written
from .memory import Memory
from .office365 import KEPT
from .office365_place import WINDOW

_DAY = 86400
# So many times 131,072 Ids are known: of what a backfill asks for, much less comes than of all.
_MOST = 2

Missed = Tuple[float, float]
Remedy = Callable[[float], str]  # what to do about a stretch that begins then


def remedy(backfill: str, cloud: str) -> Remedy:
    """What fills a stretch that the feed missed, by the settings of the same names."""
    if cloud not in ("", CUSTOM, *AUDIT_QUERY):
        return lambda start: "export it with Search-UnifiedAuditLog and index that"
    if backfill:
        return lambda start: f"backfill = {backfill} reads it, as far as that reaches back"
    return lambda start: f"set backfill = {written(start)} in the input to read it"


class Feed(Protocol):
    """Anything that reads like a feed; see feed.py."""

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything that is new."""


class BorderedFeed:
    """An Office 365 feed with its borders.

    tally: the feed's own, whose gaps are told with what fills them. operations: those that a backfill asks for, all
    when empty. remedy: see there. After `read`, `begun` and `until` are the time that the feed covers (of
    availability), None and 0 before; `missed` are the stretches of which it can give nothing more, or not all. Where
    its subscription was never on before, it begins at that start, whatever comes of the time before. It knows the Ids
    of the last quarter of a million records of these operations, and apart from them of as many that are older than
    `begun`: these a backfill meets where it ends, however much came since.
    """

    def __init__(self, feed: Feed, operations: FrozenSet[str], tally: Tally, remedy: Remedy):
        self._feed = feed
        self._operations = operations
        self._tally = tally
        self._remedy = remedy
        self._told = self._told_losses = 0
        self.begun: Optional[float] = None
        self.until = 0.0
        self.missed: List[Missed] = []
        self._given, self._early = Memory(most=_MOST), Memory(most=_MOST)

    def gave(self, record: str) -> bool:
        """Whether it is known to have given the record with this Id."""
        return record in self._early or record in self._given

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """What the feed gives; its checkpoints bear the borders too."""
        state = placed(state, now)
        since = float(state.get("first", first))
        begun = float(state.get("begun", since))
        if float(state.get("until", since)) <= since:  # nothing is read yet, and the vendor keeps a week
            begun = max(begun, int(now - KEPT))
        self.begun, self.until = begun, float(state.get("until", 0))
        self.missed = [(float(start), float(end)) for start, end in state.get("missed", ())]
        self._given, self._early = Memory(state.get("given"), _MOST), Memory(state.get("early"), _MOST)
        self._tell_put_back(first, since, now - KEPT)
        for item in self._feed.read(state, first, now):
            if not isinstance(item, Checkpoint):
                self._note([item] if isinstance(item, Event) else item, self.begun)
                yield item
                continue
            self._begin(item.state)
            self._take_gaps(self.begun)
            self._take_losses(self.begun)
            self.until = float(item.state["until"])
            known = {"given": self._given.state(), "early": self._early.state()}
            yield Checkpoint({**item.state, "begun": self.begun, "missed": self.missed, **known})

    def _tell_put_back(self, first: float, since: float, oldest: float) -> None:
        """Warn where the start is put back to `first`: of what comes twice, and of what can no longer be had."""
        if max(first, oldest) < since:
            self._tally.warnings.append(
                f"start is put back: what became available since {written(max(first, oldest))} is read, and what a "
                "backfill gave of it comes twice, which is one row in the summary"
            )
        if first < min(oldest, since):
            gone = f"{written(first)} to {written(min(oldest, since))}"
            self._tally.warnings.append(f"start is put back: {gone} can no longer be had; {self._remedy(first)}")

    def _note(self, events: List[Event], begun: float) -> None:
        """Remember the Ids of the records that a backfill would meet."""
        asked = self._operations
        early: List[str] = []
        others: List[str] = []
        for event in events:
            if event.id and (not asked or event.operation in asked):
                (others if event.time is None or event.time >= begun else early).append(event.id)
        self._early.fresh(early)
        self._given.fresh(others)

    def _begin(self, state: State) -> None:
        """Move the beginning to the first start of the subscription; who has planned with another misses the time."""
        off, started = state.get("off") or (0.0, 0.0)
        if self.begun is not None and off <= self.begun < started:
            self.missed.append((self.begun, started))
            self.begun = started

    def _take_gaps(self, begun: float) -> None:
        """Keep what the feed has told to be missing since it began, and tell with it what fills it."""
        gaps = self._tally.gaps
        for place in range(self._told, len(gaps)):
            gap = gaps[place]
            if gap.start >= begun:  # all that lies before, a backfill reads anyway
                self.missed.append((gap.start, gap.end))
            advice = self._remedy(gap.start)
            self._tally.notes.append(f"{written(gap.start)} to {written(gap.end)}: {advice}")
            gaps[place] = gap._replace(why=f"{gap.why}; {advice}")
        self._told = len(gaps)

    def _take_losses(self, begun: float) -> None:
        """Keep the days of content that is lost, each once, and tell with it what reads its records.

        A day and a window: of content whose listing says no time, only its window's beginning is known.
        """
        losses = self._tally.losses
        for place in range(self._told_losses, len(losses)):
            loss = losses[place]
            if loss.available is None:
                continue
            day = loss.available // _DAY * _DAY
            stretch = (day, day + _DAY + WINDOW)
            advice = self._remedy(day)
            if stretch not in self.missed:
                if stretch[1] > begun:
                    self.missed.append(stretch)
                self._tally.notes.append(f"content of {written(day)[:10]} that is lost: {advice}")
            losses[place] = loss._replace(why=f"{loss.why}; {advice}")
        self._told_losses = len(losses)
