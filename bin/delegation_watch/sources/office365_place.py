"""How far one content type of Office 365 was read: what a checkpoint says of it, and what is left to ask for."""

from typing import Dict, List, Optional, Tuple

from .aside import between
from .feed import Checkpoint, State, placed
from .memory import Memory

WINDOW = 6 * 3600

Windows = List[Tuple[int, int]]


class Place:
    """How far a content type was read, what of it was given, and which of its blobs could not be read.

    `off`: from when to when the subscription was off, until that is told. `aside`: stretches that could not be listed.
    """

    def __init__(self, state: State, first: float, now: int):
        state = placed(state, now)
        self.is_first = "until" not in state
        begun = float(state.get("first", first))
        self.first = min(begun, first)
        reached = state["reached"] if "reached" in state else state.get("until", self.first)
        self.until = min(float(reached), now)
        # A start that was put back makes this run list all that there is.
        self.listed_all = min(float(state.get("listed_all", now)), now) if self.first == begun else 0.0
        self.failing: Dict[str, float] = dict(state.get("failing", {}))
        self.aside = [(int(start), min(int(end), now)) for start, end in state.get("aside", ()) if start < now]
        self.off: Optional[Tuple[float, float]] = tuple(state["off"]) if state.get("off") else None
        # Apart, since the many records would make the few blobs be forgotten before the vendor forgets them.
        self.blobs, self.records = Memory(state.get("blobs")), Memory(state.get("records"))
        self.blobs.horizon = self.until

    @property
    def unkept(self) -> Optional[float]:
        """Up to when nothing was kept, where the subscription was never on before; else None."""
        return self.off[1] if self.off and self.off[0] <= self.first else None

    @property
    def held(self) -> float:
        """Up to where all is read: to a blob or a stretch that could not be, else to the end of what was."""
        return min([self.again, *(start for start, _ in self.aside)])

    @property
    def again(self) -> float:
        """Where the next run begins: at a blob that could not be read, else at the end of what was."""
        return min([self.until, *self.failing.values()])

    def free(self, start: float, end: int) -> Windows:
        """The windows from start to end, without what is set aside."""
        return [window for first, last in between(int(start), end, self.aside) for window in _windows(first, last)]

    def checkpoint(self) -> Checkpoint:
        """What the next run needs to know."""
        known = {"first": self.first, "until": self.held, "reached": self.until, "listed_all": self.listed_all}
        given = {"blobs": self.blobs.state(), "records": self.records.state()}
        off = {"off": self.off} if self.off else {}
        aside = {"aside": list(self.aside)} if self.aside else {}
        return Checkpoint({**known, "failing": dict(self.failing), **off, **aside, **given})


def _windows(start: float, end: float) -> Windows:
    """Start and end of each stretch to list, in whole seconds: the vendor knows no others, nor an empty one."""
    start, end = int(start), int(end)
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + WINDOW, end))
    return list(zip(edges, edges[1:]))
