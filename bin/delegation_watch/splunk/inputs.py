"""What the modular inputs have in common: parameters as splunkd is told of them, a run from its lease to its end."""

import os
import sys
import time
from collections import Counter
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple, Type
from typing import Counter as Counted

from splunklib import client
from splunklib.modularinput import Argument, EventWriter, Scheme, Script

from .checkpoints import Checkpoints, Keeper
from .events import Output
from .heap import keep_large_apart
from .lease import Lease, TakenError
from .rounds import Feed, Rounds
from .secrets import read_secret
from .session import SplunkError, account_settings, connect
from .stopping import Stopped, Stopping

# What in a checkpoint names the tenant that it is of.
_TENANT = "of"

Tallies = Dict[str, Any]


class FeedInput(Script):
    """One process for each stanza; it reads what is new, writes it out, and ends.

    A script fills in what is declared here. An error of `mendable` ends a run, one of `refused` a feed, one that
    `is_away` a feed as well, unless the next meets one too; a tally counts what a feed did, with the lists `notes`,
    `warnings` and `failed`. pauses: seconds after which a run reads on what an outage cut off, see rounds.py; without
    any it ends.
    """

    title = description = ""
    arguments: Dict[str, Tuple[str, str, bool]] = {}  # noqa: RUF012  name: title, description, required
    mendable: Tuple[Type[Exception], ...] = ()
    refused: Tuple[Type[Exception], ...] = ()
    pauses: Tuple[float, ...] = ()
    tally: Callable[[], Any]

    def __init__(self) -> None:
        super().__init__()
        self.failed = False
        self.stopping = Stopping()

    def read(self, given: Mapping[str, Any]) -> Any:
        """The stanza, checked; it has the name of its account as `account`."""
        raise NotImplementedError

    def account(self, stanza: Any, settings: Mapping[str, Any]) -> Any:
        """The account, checked; it has `tenant`, `customer` and `of`, by any of which its tenant is known again.

        Where `of` is empty the feeds know by themselves whether a state is of theirs.
        """
        raise NotImplementedError

    def names(self, stanza: Any) -> Iterable[str]:
        """The names of the stanza's feeds."""
        raise NotImplementedError

    def feeds(self, stanza: Any, account: Any, secret: str, tallies: Tallies, run: "Run") -> Iterator[Feed]:
        """What is to be read, one after another."""
        raise NotImplementedError

    def items(self, stanza: Any, reader: Any, state: Dict[str, Any], now: float, tally: Any) -> Iterable[Any]:
        """What a feed gives: events (`raw`, `time`, `sourcetype`), or lists of them, and checkpoints, with `state`."""
        raise NotImplementedError

    def is_away(self, error: Exception) -> bool:
        """Whether an error says that no answer comes: to one feed alone, or to all of them."""
        return False

    def patience(self, error: Exception, state: Mapping[str, Any], began: float, now: float) -> float:
        """Until when a feed that ended with this error, of `refused`, and this state is read on by a run that began so.

        Asked where there are pauses; a time that is over where another run, or a person, has to do it.
        """
        return 0.0

    def trial(self, stanza: Any, account: Any, secret: str) -> None:
        """Raise an error where no run can work."""
        raise NotImplementedError

    def end(self, run: "Run", started: float) -> str:
        """Tell what is due at a run's end, also by the tallies; the text for the line that closes its log."""
        raise NotImplementedError

    def get_scheme(self) -> Scheme:
        """What splunkd shows and asks for."""
        scheme = Scheme(self.title)
        scheme.description = self.description
        scheme.use_external_validation = True
        scheme.use_single_instance = False
        for name, (title, description, required) in self.arguments.items():
            scheme.add_argument(Argument(name, title=title, description=description, required_on_create=required))
        return scheme

    def validate_input(self, definition: Any) -> None:
        """Refuse a stanza that cannot be right; the message is for the person who writes it."""
        stanza = self.read(definition.parameters)
        service = connect(definition.metadata)
        settings = account_settings(service, stanza.account)
        account = self.account(stanza, settings)
        secret = read_secret(service, stanza.account, settings)
        Checkpoints(service, "")
        self.trial(stanza, account, secret)

    def stream_events(self, inputs: Any, ew: EventWriter) -> None:
        """Read each stanza; an error that a person can mend is one ERROR line and a non-zero exit."""
        for name, given in inputs.inputs.items():
            run = Run(self, name, given, Output(ew, name, given))
            try:
                run.go(inputs.metadata)
            finally:
                self.failed = self.failed or run.failed


class Run:
    """One stanza's run: its feeds one after another, and at its end, however that comes, a line on each of them.

    clock and sleep are given by tests.
    """

    def __init__(
        self, script: FeedInput, name: str, given: Mapping[str, Any], output: Output,
        clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep,
    ):  # fmt: skip
        self._script = script
        self._clock, self._sleep = clock, sleep
        self.name = name
        self.given = given
        self.output = output
        self.tallies: Tallies = {"-": script.tally()}
        self.tenant = ""
        self._of: List[str] = []
        self._done: Set[str] = set()
        self._away: Optional[Tuple[str, Exception]] = None
        self._told: Counted[Tuple[str, str]] = Counter()
        self._checkpoints: Optional[Checkpoints] = None

    @property
    def failed(self) -> bool:
        """Whether there is something that a person, or another run, has to mend."""
        return any(tally.failed for tally in self.tallies.values())

    def go(self, metadata: Mapping[str, str]) -> None:
        """Run to the end; what a person can mend is logged and told."""
        started = self._clock()
        mendable: Tuple[Type[Exception], ...] = (SplunkError, *self._script.mendable)
        try:
            self._collect(metadata, started)
        except TakenError as taken:
            self.output.log(EventWriter.INFO, f"input={self.name} {taken}")
            return
        except mendable as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}, a fault of this app; the log has more")
            self._end(started)
            raise
        except Stopped:
            self._end(started)
            raise
        self._end(started)

    def load(self, feed: str) -> Dict[str, Any]:
        """The state of a feed as it is kept; empty before the first, and where it is of another tenant."""
        if self._checkpoints is None:
            return {}
        state = self._checkpoints.load(feed)
        before = state.pop(_TENANT, None) or self._of  # a checkpoint of an earlier version does not tell
        if not self._of or set(before) & set(self._of):
            return state
        self._checkpoints.forget(feed)
        self.tallies[feed].warnings.append(
            f"{feed}: the account is of {self._of[0]} now, and was of {before[0]}; it is begun anew, at start"
        )
        return {}

    def _collect(self, metadata: Mapping[str, str], now: float) -> None:
        script = self._script
        stanza = script.read(self.given)
        self.tallies = {feed: script.tally() for feed in script.names(stanza)}
        service: client.Service = connect(metadata)
        settings = account_settings(service, stanza.account)
        account = script.account(stanza, settings)
        self.tenant = account.tenant or account.customer
        self._of = account.of
        secret = read_secret(service, stanza.account, settings)
        rounds = Rounds(script.pauses, self._pause)
        with Lease(service, self.name) as lease:
            self._checkpoints = Checkpoints(service, self.name, lease.check, script.stopping.sleep)
            try:
                for feed, sourcetype, reader in rounds.of(script.feeds(stanza, account, secret, self.tallies, self)):
                    tally = self.tallies[feed]
                    try:
                        items = script.items(stanza, reader, self.load(feed), now, tally)
                        self._read(feed, sourcetype, items, self._checkpoints)
                    except script.refused as error:  # one feed that is refused keeps none of the others back
                        if script.pauses and self._is_patient(error, left := self.load(feed), now):
                            rounds.put_off(error, left)
                            continue
                        tally.failed.append(f"{feed}: {error}")
                    except script.mendable as error:
                        self._wait_for_the_next(feed, error)
                        continue
                    self._tell_away()
                    self._done.add(feed)
            finally:
                self._tell_away()

    def _wait_for_the_next(self, feed: str, error: Exception) -> None:
        """Leave a feed to which no answer came; what the next one meets says whether the others are kept back too."""
        before, self._away = self._away, (feed, error)
        if before is None and self._script.is_away(error):
            return
        self._away = before
        if before is not None and str(before[1]) == str(error):  # told once, of all that are not read
            self._away = None
        raise error

    def _tell_away(self) -> None:
        """Tell of the feed to which no answer came that it was this one alone."""
        if self._away is not None:
            feed, error = self._away
            self._away = None
            self.tallies[feed].failed.append(f"{feed}: {error}")
            self._done.add(feed)

    def _read(self, feed: str, sourcetype: str, items: Iterable[Any], checkpoints: Checkpoints) -> None:
        """Write what comes, and store the checkpoints behind it.

        While one is on its way what follows is made ready, but not written before that is known to be stored.
        """
        stopping = self._script.stopping
        with Keeper(checkpoints) as keeper:
            for item in items:
                if hasattr(item, "state"):
                    stopping.begin()
                    self.output.flush()
                    keeper.store(feed, {**item.state, _TENANT: self._of})
                    self._tell()
                    stopping.end()
                else:
                    events = self.output.made(sourcetype, item if isinstance(item, list) else [item])
                    keeper.settle()
                    stopping.begin()
                    self.output.write(events)
            keeper.settle()

    def _is_patient(self, error: Exception, state: Mapping[str, Any], began: float) -> bool:
        """Whether the feed that ended with this error is read on after a pause, however long that will be."""
        now = self._clock()
        return now + max(self._script.pauses) < self._script.patience(error, state, began, now)

    def _pause(self, seconds: float, why: Mapping[str, Exception]) -> None:
        """Tell why, and wait: nothing is half done, so that SIGTERM ends it at once. The lease is counted meanwhile."""
        for feed, error in why.items():
            self.tallies[feed].warnings.append(f"{feed}: {error}; it is read on in {seconds / 60:.3g} minutes")
        self._tell()
        self.output.flush()
        self._script.stopping.end()
        self._sleep(seconds)

    def _fail(self, line: str) -> None:
        """What keeps all feeds back that are not read yet: one line of the log, and one in what is told of each."""
        self._tell()
        self.output.log(EventWriter.ERROR, line)
        for feed, tally in self.tallies.items():
            if feed not in self._done:
                tally.failed.append(line)
                self._told[feed, EventWriter.ERROR] += 1

    def _tell(self) -> None:
        """Log what a person should know while the run goes on, so that its end, whatever it be, costs no line."""
        for feed, tally in self.tallies.items():
            for level, prefix, lines in ((EventWriter.INFO, f"input={self.name} ", tally.notes),
                                         (EventWriter.WARN, f"input={self.name} ", tally.warnings),
                                         (EventWriter.ERROR, "", tally.failed)):  # fmt: skip
                for line in lines[self._told[feed, level] :]:
                    self.output.log(level, prefix + line)
                self._told[feed, level] = len(lines)

    def _end(self, started: float) -> None:
        self._tell()
        line = self._script.end(self, started)
        self._tell()
        self.output.log(EventWriter.INFO, f"input={self.name} {line}")


def main(script: Type[FeedInput], argv: List[str]) -> None:
    """Run the script as splunkd asks for it, and exit: 1 where a run failed."""
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the host's language is
    keep_large_apart()
    made = script()
    try:
        code = made.run(argv)
    except Stopped as stopped:
        sys.stdout.flush()
        os._exit(int(str(stopped.code)))  # what is still on its way from the vendor is not waited for
    sys.exit(1 if made.failed else code)
