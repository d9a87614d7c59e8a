"""Blobs that are asked for in vain: which that failed before a run asks for again, and when it leaves the rest.

Where the service is down, or something on the way to it refuses each blob, a run must not ask for all of them, nor
every run again; and a few that stay broken must not keep back what is new. What is not asked for stays to be asked for.
"""

from itertools import islice
from typing import Dict

from .activity_api import RETRY, Content, action
from .errors import RefusedError, SourceError, UnreachableError
from .feed import Tally

# So many blobs in a row that the network or the service fails to give, each after minutes of trying, or that fail for
# whatever reason: the rest must wait. A blob that is read in between shows that it need not; one that failed before
# shows nothing.
_DOWN, _IN_VAIN = 10, 50
# Of what failed before a run asks for so many again, and for all once one of them is read.
_AGAIN = 50
# So many are told of by name in the log.
_TOLD = 10
_ADVICE = (
    "unless the service is down, a proxy, a firewall or a policy refuses them on the way from this host: have it let "
    "all addresses of the feed's host through"
)


class Vain:
    """What one run of a content type could not read.

    failing: when each blob came to be that failed in earlier runs, by its id, the one whose turn is longest ago first.
    Those whose turn it is now are moved to the end, also where the service lists them no longer.
    """

    def __init__(self, content_type: str, failing: Dict[str, float], tally: Tally):
        self._type = content_type
        self._again = list(islice(failing, _AGAIN))
        for name in self._again:
            failing[name] = failing.pop(name)
        self._tally = tally
        self._is_mended = False
        self._down = self._in_row = self._failed = 0
        self._all_told = False

    def is_asked_again(self, name: str) -> bool:
        """Whether a blob that failed before is asked for in this run."""
        return self._is_mended or name in self._again

    def read(self, known: bool) -> None:
        """A blob was read; known: it had failed before."""
        self._down = self._in_row = 0
        self._is_mended = self._is_mended or known

    def failed(self, content: Content, error: SourceError, known: bool) -> None:
        """Tell of a blob that the next run has to fetch; RefusedError where so many fail that the rest has to wait.

        One that was `known` to fail does not count: such come one after another, what was read between them being left
        out, and would keep all that is new back.
        """
        self._failed += 1
        if self._failed <= _TOLD:
            self._tally.failed.append(f"{self._type}: content {content.id} could not be read: {error}")
        self._in_row += not known
        self._down += not known and _is_of_service(error)
        if self._down >= _DOWN or self._in_row >= _IN_VAIN:
            self._all_told = True
            told = f"{self._failed} blobs could not be read, and the rest is left to the next run"
            raise RefusedError(f"{told}; {_ADVICE}")

    def end(self) -> None:
        """Tell of those that no line was for."""
        if self._failed > _TOLD and not self._all_told:
            advice = f"; {_ADVICE}" if self._failed >= _IN_VAIN else ""
            self._tally.failed.append(f"{self._type}: {self._failed - _TOLD} more blobs could not be read{advice}")


def _is_of_service(error: SourceError) -> bool:
    """Whether an error says that the service is out, or too busy, rather than something of one blob."""
    status = error.status if isinstance(error, RefusedError) else 0
    return isinstance(error, UnreachableError) or action(error) == RETRY or status == 429 or status >= 500
