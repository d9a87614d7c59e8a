"""The course of a sweep through a directory, whichever vendor's: part after part, each of which may be refused.

What users and groups are, and how they are listed, is the business of `google_directory` and `graph_directory`.
"""

import time
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from .errors import OutError, RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State
from .sweep import Attempts, Sweep, passing

KIND = "directory"
END = "end"
# Groups that are asked for their members at once: where the service gives those of none, it is out, not they.
TOGETHER = 20
_RELISTS = 2


class Roles(NamedTuple):
    """Names of the roles of users, groups and applications by their ids; not `whole` where others may hold some too."""

    given: Mapping[str, List[str]] = {}
    whole: bool = False

    def of(self, holder: str) -> Optional[List[str]]:
        """The roles of one; None where it is not known whether there are any."""
        return self.given.get(holder) or ([] if self.whole else None)


class DirectorySweep:
    """Facts on each user and group: a Reader, see feed.py.

    Gives a `delegation:directory` event for each and at the end one `delegation:sweep`; a Checkpoint whenever a page or
    a batch is done. source is the input's name, client the id by which its own calls are known, asked whose directory
    it is.
    """

    provider = ""
    after: Dict[str, str]  # the parts in their order, and what comes after each
    later: FrozenSet[str] = frozenset()  # the vendor's codes for: try again

    def __init__(self, source: str, client: str, asked: str, clock: Callable[[], float] = time.time):
        self._source = source
        self._client = client
        self._asked = asked
        self._clock = clock
        self._attempts = Attempts(self.later)

    def calls(self) -> int:
        """Requests so far."""
        raise NotImplementedError

    def tenant(self) -> str:
        """The tenant's id as audit records bear it."""
        raise NotImplementedError

    def beside(self, sweep: Sweep) -> Any:
        """What is to be known of everybody before the first page, by `tried` where it may be refused."""
        raise NotImplementedError

    def pages(self, sweep: Sweep, beside: Any) -> Iterator[List[Event]]:
        """The events of each page of the sweep's part, or of each batch of it, its place set behind them."""
        raise NotImplementedError

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everyone once, from where `state` stopped; `first` means nothing to a sweep."""
        sweep = Sweep.of(state, now, self.provider, self._asked)
        before, relists = sweep.requests - self.calls(), _RELISTS
        sweep.part = sweep.part or next(iter(self.after))
        sweep.tenant = sweep.tenant or self.tenant()
        beside = self.beside(sweep)
        while sweep.part != END:
            part = sweep.part
            try:
                for events in self.pages(sweep, beside):
                    yield from events
                    sweep.requests = before + self.calls()
                    self._attempts.came_on()
                    yield Checkpoint(sweep.state(self._clock()))
            except SourceError as error:
                if sweep.page and relists and isinstance(error, RefusedError) and error.status == 400:
                    relists -= 1  # the names of pages end: this part once more
                else:
                    self._note(sweep, part, error)
                    sweep.part = self.after[part]
                sweep.page = sweep.last = ""
        sweep.requests = before + self.calls()
        blind = {one["part"] for one in sweep.failed_kinds} >= set(self.after)
        kinds = [] if blind else [KIND]
        yield sweep.closing(self._clock(), kinds, "all", input=self._source, folders=[], client=self._client)
        yield Checkpoint({})

    def tried(self, sweep: Sweep, part: str, ask: Callable[[], Any]) -> Any:
        """The answer; None where it is refused, which is noted."""
        try:
            return ask()
        except SourceError as error:
            self._note(sweep, part, error)
            return None

    def through(
        self, sweep: Sweep, given: Mapping[str, List[str]], ask: Callable[[], Mapping[str, Any]]
    ) -> Roles:
        """The roles of everybody: what was given to each holder, and to members through groups.

        ask gives, by the id of each group that holds a role, the ids of its members, also of groups within it, or the
        error that keeps them back: it is noted, and whoever holds no other role may be one of them. A group that is not
        there gives its roles to nobody.
        """
        members = self.tried(sweep, "roles", ask)
        held, whole = {holder: set(names) for holder, names in given.items()}, members is not None
        for group, found in (members or {}).items():
            if not isinstance(found, SourceError):
                for one in found:
                    held.setdefault(one, set()).update(given[group])
            elif not (isinstance(found, RefusedError) and found.status == 404):
                self._note(sweep, "roles", found)
                whole = False
        return Roles({holder: sorted(names) for holder, names in held.items()}, whole)

    def expect_some(self, answers: Sequence[Any]) -> None:
        """OutError where so many groups are without an answer at present, and none has one."""
        errors = [one for one in answers if isinstance(one, SourceError) and passing(one, self.later)]
        if len(errors) == len(answers) >= TOGETHER:
            raise OutError(f"the members of no group can be read at present; the last: {errors[-1]}")

    def _note(self, sweep: Sweep, part: str, error: SourceError) -> None:
        """Note that a part cannot be read; raised again where another attempt may do it as it is."""
        known = any(one["part"] == part for one in sweep.failed_kinds)
        if passing(error, self.later) and not known and not self._attempts.given_up(error):
            raise error
        sweep.fail_kind(KIND, part, error)
