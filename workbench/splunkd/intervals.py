"""When splunkd starts an input: the `interval` of its stanza (inputs.conf.spec, for scripted inputs)."""

from __future__ import annotations

import re
from datetime import timezone, tzinfo
from typing import Iterator, Optional

from workbench.errors import BadInput
from workbench.splunkd.scheduler import Cron

_NUMBER = re.compile(r"\d+(\.\d+)?|-1")


class Interval:
    """Seconds between starts, a cron line, -1 for once at start, 0 for again as soon as it has ended."""

    def __init__(self, written: str, tz: tzinfo = timezone.utc):
        text = written.strip()
        self._cron = Cron(text, tz) if len(text.split()) > 1 else None
        if self._cron is None and not _NUMBER.fullmatch(text):
            raise BadInput(
                f"interval = {written}: write seconds, -1 (once at start), 0 (without a pause) or a cron line of five"
            )
        self._seconds = 0.0 if self._cron else float(text)

    def starts(self, begin: float, end: float) -> Iterator[float]:
        """Epochs of the starts of an input that takes no time, by a splunkd that runs from `begin` to `end`.

        A cron line does not start it at once. BadInput for 0, which in no time would be without end.
        """
        if self._cron is not None:
            yield from self._cron.between(begin, end)
            return
        if not self._seconds:
            raise BadInput("interval = 0 starts the input again as soon as it has ended; here no time passes by itself")
        at = begin
        while at <= end:
            yield at
            if self._seconds < 0:
                return
            at += self._seconds

    def due(self, last: Optional[float], begin: float, now: float) -> bool:
        """Whether an input that is there since `begin`, and was started at `last` or never, is to be started by now."""
        if self._cron is not None:
            return any(True for _ in self._cron.between(begin if last is None else last, now))
        return last is None or (self._seconds >= 0 and now - last >= self._seconds)
