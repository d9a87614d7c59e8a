"""What splunkd does by itself as time goes on: it starts the inputs and the scheduled searches that are due."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Callable, Dict, List, NamedTuple, Optional, Type

from workbench.errors import WorkbenchError
from workbench.splunkd.intervals import Interval
from workbench.splunkd.scheduler import Schedule

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

Settings = Dict[str, str]
_TICK = 5.0
_JOIN = 0.05


class _Start(NamedTuple):
    """With which settings an input was seen first, when it was last started, and what keeps it from being started."""

    settings: Settings
    seen: float
    last: Optional[float] = None
    wrong: str = ""


class Operation:
    """A context manager: until it ends, inputs and searches run by the stand-in's clock, each kind in a thread.

    What it does and what fails goes to `tell`, a line each; nothing that fails ends it. A scheduled search that was due
    while others ran is run late, never left out.
    """

    def __init__(self, splunkd: Splunkd, tell: Callable[[str], None], tick: float = _TICK):
        self._splunkd, self._tell, self._tick = splunkd, tell, tick
        self._stop = threading.Event()
        self._starts: Dict[str, _Start] = {}
        self._searched = splunkd.clock()
        self._threads: List[threading.Thread] = [
            threading.Thread(target=self._repeat, args=(work,), daemon=True) for work in (self.inputs, self.searches)
        ]

    def __enter__(self) -> Operation:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._stop.set()
        stopped = False
        for thread in self._threads:
            while thread.is_alive():
                stopped = stopped or self._splunkd.inputs.stop()  # one that is being started cannot be stopped yet
                thread.join(_JOIN)

    def searches(self) -> None:
        """Run what is scheduled between the last call and now."""
        now = self._splunkd.clock()
        due = Schedule(self._splunkd.conf.stanzas("savedsearches"), self._splunkd.tz).between(self._searched, now)
        for at, name in due:
            if self._stop.is_set():
                return
            try:
                self._splunkd.run_saved_search(name, at)
            except WorkbenchError as error:
                self._tell(f"the search {name} failed: {error}")
                continue
            run = self._splunkd.history(name)[0]
            if run.fired:
                self._tell(f"the search {name} raised {_count(run.fired, 'alert')}")
        self._searched = now

    def inputs(self) -> None:
        """Run the inputs that are due: one that is new, changed or switched on at once, others by their interval."""
        enabled = self._splunkd.inputs.enabled()
        self._starts = {stanza: start for stanza, start in self._starts.items() if stanza in enabled}
        for stanza, settings in enabled.items():
            now = self._splunkd.clock()
            start = self._starts.get(stanza)
            if start is None or start.settings != settings:
                start = _Start(settings, now)
            self._starts[stanza] = start if start.wrong or self._stop.is_set() else self._due(stanza, start, now)

    def _due(self, stanza: str, start: _Start, now: float) -> _Start:
        """Start an input if it is due. One that cannot be started is left until its settings change."""
        try:
            if not Interval(start.settings["interval"], self._splunkd.tz).due(start.last, start.seen, now):
                return start
            ended = self._splunkd.run_input(stanza)
        except WorkbenchError as error:
            self._tell(f"the input {stanza} cannot run: {error}")
            return start._replace(wrong=str(error))
        failed = "; ".join(ended.errors) or (f"exit code {ended.exit_code}" if ended.exit_code else "")
        if not failed:
            self._tell(f"the input {stanza} ran: {_count(ended.events, 'event')}")
        elif not self._stop.is_set():
            self._tell(f"the input {stanza} failed: {failed}")
        return start._replace(last=now)

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(self._tick):
            try:
                work()
            except WorkbenchError as error:  # a setting that cannot be read; it may be put right
                self._tell(str(error))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
