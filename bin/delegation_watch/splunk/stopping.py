"""An end in order when splunkd asks for one: at once where nothing is half done, else when it is done."""

import signal
import time
from typing import Any


class Stopped(SystemExit):
    """splunkd has asked this process to end."""


class Stopping:
    """Turns SIGTERM into Stopped, but not between `begin` and `end`: what was written there needs its checkpoint."""

    def __init__(self) -> None:
        self._asked = False
        self._busy = False
        signal.signal(signal.SIGTERM, self._on_signal)

    def begin(self) -> None:
        """From here on the end waits."""
        self._busy = True

    def end(self) -> None:
        """It waits no longer; Stopped when it was asked for."""
        self._busy = False
        if self._asked:
            raise Stopped(128 + signal.SIGTERM)

    def sleep(self, seconds: float) -> None:
        """Sleep, in any thread; Stopped when the end was asked for, though it be waited with."""
        time.sleep(seconds)
        if self._asked:
            raise Stopped(128 + signal.SIGTERM)

    def _on_signal(self, number: int, frame: Any) -> None:
        self._asked = True
        if not self._busy:
            raise Stopped(128 + number)
