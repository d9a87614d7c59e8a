"""A feed that an outage cuts off is read on in the same run: behind the other feeds, and after a pause."""

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

Feed = Tuple[str, str, Any]  # its name, the sourcetype of its events, its reader


class Rounds:
    """The feeds of a run one after another, then those that were put off, until none is.

    pauses: seconds between two rounds, the last of them again and again; they begin anew where a feed came further.
    wait is called with one of them, and why each feed was put off.
    """

    def __init__(self, pauses: Sequence[float], wait: Callable[[float, Mapping[str, Exception]], None]):
        self._pauses = pauses
        self._wait = wait
        self._feed: Feed = ("", "", None)
        self._left: List[Feed] = []
        self._why: Dict[str, Exception] = {}
        self._states: Dict[str, Any] = {}
        self._in_vain = 0

    def of(self, feeds: Iterable[Feed]) -> Iterator[Feed]:
        """Each feed, and again each that was put off while it was the one at hand."""
        while True:
            for self._feed in feeds:
                yield self._feed
            if not self._left:
                return
            feeds, self._left = self._left, []
            self._wait(self._pauses[min(self._in_vain, len(self._pauses) - 1)], self._why)
            self._in_vain += 1
            self._why = {}

    def put_off(self, error: Exception, state: Any) -> None:
        """Read the feed at hand on in the next round; it ended with this error, and with this state."""
        feed = self._feed[0]
        if self._states.get(feed, state) != state:
            self._in_vain = 0
        self._states[feed] = state
        self._why[feed] = error
        self._left.append(self._feed)
