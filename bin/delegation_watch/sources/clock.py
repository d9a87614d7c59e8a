"""A feed that was read up to a time that is yet to come by this machine's clock: its place is kept until that is sure.

Such a clock may be behind, as that of a host that has just booted, or have been ahead before. A vendor that answers has
taken it: Google signs nobody in whose clock is an hour off, and Office 365 lists nothing that is older than seven days.
"""

from typing import Iterator

from .border import Feed
from .errors import ClockError, SourceError
from .feed import Checkpoint, Item, State, placed
from .health import Tally, written

# Whose clock is less behind loses nothing: so much is read again at least.
_HARMLESS = 3600


class ClockedFeed:
    """A feed that keeps its place by a clock that is behind. name: how it is told of; tally: its own."""

    def __init__(self, name: str, feed: Feed, tally: Tally):
        self._name = name
        self._feed = feed
        self._tally = tally

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """What the feed gives; ClockError, and no checkpoint, where by such a clock nothing could be read at all."""
        until = max(float(state.get(name, 0)) for name in ("first", "until", "reached"))
        is_sure = placed(state, now) is state and until <= now + _HARMLESS
        why = ""
        try:
            for item in self._feed.read(state, first, now):
                if is_sure or self._tally.pages or not isinstance(item, Checkpoint):
                    yield item
        except SourceError as error:
            if is_sure or self._tally.pages:
                raise
            why = f"{error} - "
        if not is_sure and not self._tally.pages:
            raise ClockError(
                f"{self._name}: {why}this machine's clock says {written(now)}, and the feed was read up to "
                f"{written(until)} already; set the clock right if it is behind"
            )
