"""The audit feed of Google Workspace, one application of the Reports API: windows, pages, single events.

Pages come newest first, so a window counts only when all its pages are read. Records come late, so each run reads the
last hours again, and once a day the last four days, so that three days are reached at any hour; the documented id is
not unique, so an event is known by its id and its content together. Every call is unfiltered: a filter has a tenth of
the quota and hides an activity's other events. Sources: Reports API, activities.list and its limits; Google's "Data
retention and lag times".
"""

import time
from datetime import datetime, timezone
from typing import Any, Dict, Generator, Iterable, Iterator, List, Optional, Tuple
from urllib.parse import quote

from .aside import LATEST, MOST, VAIN, Stretch, between, halves, may_be_its_own
from .errors import RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State, Tally, compact, placed, time_of
from .google_api import QUOTA, GoogleApi, Line
from .http import Http, Token
from .memory import Memory
from .nested import Deep, body_of
from .workspace_activities import FOLDED, identity, key, named, singles

_HOUR, _DAY = 3600, 86400
KEPT = 180 * _DAY - 3600
WINDOW = _DAY
# How far back each run reads again, by how late the application's records come; and once a day all of them.
OVERLAP: Dict[str, int] = {"token": 24 * _HOUR}
USUAL_OVERLAP = 6 * _HOUR
REREAD = 96 * _HOUR
# Parts of the memory of what was given, 131,072 events each. No time is read again whose events it may have forgotten.
REMEMBERED = 8
# Of 2,400 calls a minute of one user and project.
_A_MINUTE = 2_000
_RESTARTS = 2
# Statuses that say that an application cannot be had at all.
_NOT_SERVED = (400, 401, 403, 404)
_ADVICE = "subject needs an administrator's role with the privilege Reports, and the client its scope"
_LICENSED = {
    "gmail": "Gmail activities need Enterprise, Education Standard or Plus, Frontline Standard or Plus",
}

Window = Stretch


def applications(names: Iterable[str]) -> Tuple[str, ...]:
    """The applications to read for those asked for: each once, and none whose activities another one has too."""
    return tuple(dict.fromkeys(FOLDED.get(name, name) for name in names))


class WorkspaceFeed:
    """One application of one customer. `customer` may be empty: the subject's own then.

    names: what the account gives the customer by; one that was read under others may be the same, or another.
    """

    def __init__(
        self, http: Http, api_root: str, application: str, customer: str, token: Token, tally: Tally,
        names: Iterable[str] = (),
    ):  # fmt: skip
        of_customer = f"customer {customer} must be the subject's own organisation" if customer else None
        advice = "; ".join(filter(None, (_LICENSED.get(application), _ADVICE, of_customer)))
        self._api = GoogleApi(Line(http, api_root, _A_MINUTE), token, "the Reports API", advice, body_of)
        self._twins = [twin for twin, folded in FOLDED.items() if folded == application]
        self._application = application
        self._customer = customer
        self._names = list(names)
        self._tally = tally

    def look(self, now: Optional[float] = None) -> None:
        """RefusedError where one activity of the last hour is not given; with the remedy."""
        now = time.time() if now is None else now
        try:
            self._api.get(self._path(self._application), {**self._asked((now - _HOUR, now)), "maxResults": "1"})
        except RefusedError as error:
            raise self._unserved(error) from None

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything since the last run, or since `first` when there was none, up to `now`; see feed.py."""
        place = self._place(state, first, now)
        begun = place.first if place.until is None else place.until
        self._tell_too_old(place, begun, now - KEPT)
        arrived = None if place.until is None else now  # a first run reads what came long ago
        if arrived is not None:
            self._tally.unjudged.begin(now)
        whole = place.due(now)
        known = sorted(place.gaps, key=lambda gap: gap[1] <= place.early)
        vain = 0
        for window in self._windows(place, now, whole):
            error = yield from self._window(window, arrived, place)
            if error is None:
                place.advance(window)
            else:
                aside = (window[0], min(window[1], now - LATEST))
                if aside[0] >= aside[1] or len(place.gaps) >= MOST or not self._answers(now):
                    yield Checkpoint(place.state())
                    raise self._unserved(error)
                self._miss(aside, error)
                place.set_aside(aside)
            vain = 0 if error is None else vain + 1
            if place.until is not None:
                self._tally.covered = (max(begun, now - KEPT), place.until)
            yield Checkpoint(place.state())
            if vain == VAIN:
                raise RefusedError(f"{VAIN} windows in a row cannot be read, and the rest is left to the next run")
        yield from self._again(known, arrived, place)
        if whole:
            place.reread = now
            yield Checkpoint(place.state())

    def _again(self, windows: List[Window], arrived: Optional[float], place: "_Place") -> Iterator[Item]:
        """What earlier runs set aside, or was never asked for, behind what is new."""
        vain = 0
        for number, window in enumerate(windows):
            if vain == VAIN:
                left = f"{len(windows) - number} more windows that could not be read before are left to a later run"
                self._tally.notes.append(f"{self._application}: {left}")
                return
            error = yield from self._window(window, None if window[1] <= place.early else arrived, place)
            vain = 0 if error is None else vain + 1
            if error is None:
                place.advance(window)
            else:
                self._miss(window, error)
                place.put_off(window)
            yield Checkpoint(place.state())

    def _window(
        self, window: Window, arrived: Optional[float], place: "_Place"
    ) -> Generator[Item, None, Optional[SourceError]]:
        """The events and checkpoints of a window; gives the error where it fails, perhaps it alone."""
        self._tally.windows += 1
        place.seen.horizon = max(place.seen.horizon, window[1])
        try:
            for page in self._pages(window):
                unreadable = self._tally.unreadable
                for activity in page:
                    yield from self._events(activity, arrived, place.seen)
                self._warn(self._tally.unreadable - unreadable)
                yield Checkpoint(place.state())  # so that a run that is killed repeats a page at most
        except SourceError as error:
            if not may_be_its_own(error):
                yield Checkpoint(place.state())
                raise
            return error
        return None

    def _answers(self, now: float) -> bool:
        """Whether the last minutes can be had, so that it is not the whole feed that fails."""
        try:
            for application in (self._application, *self._twins):
                self._api.get(self._path(application), self._asked((now - LATEST, now)))
                self._tally.pages += 1
        except SourceError:
            return False
        return True

    def _tell_too_old(self, place: "_Place", begun: float, oldest: float) -> None:
        """Tell of what can no longer be had: the time before the first window, and windows that were refused so long.

        Who asks for 180 days at the first run is not told of KEPT's margin.
        """
        if begun < oldest - (_HOUR if place.until is None else 0):
            self._lose_time((begun, oldest), "activities older than 180 days can no longer be had")
        for window in place.forget(oldest):
            self._lose_time(window, "it could not be read in 180 days, and can no longer be had")

    def _lose_time(self, window: Window, why: str) -> None:
        start, end = map(_written, window)
        self._tally.miss(*window, why)
        self._tally.warnings.append(f"{self._application}: {start} to {end} is not covered: {why}")

    def _miss(self, window: Window, error: SourceError) -> None:
        """Tell of a window that is set aside: others are read, and later runs ask for it again."""
        start, end = map(_written, window)
        self._tally.failed.append(f"{self._application}: {start} to {end} cannot be read: {error}")

    def _unserved(self, error: SourceError) -> SourceError:
        """A refusal of a call that nothing is wrong with, as bad input: it must be the application's name."""
        if not isinstance(error, RefusedError) or error.status not in (400, 404):
            return error
        name = self._application
        advice = f"the Reports API may have no application {name} for this customer; take it out of content_types"
        return RefusedError(f"{error} - {advice}", error.status, error.code)

    def _warn(self, unreadable: int) -> None:
        """Tell of what is no activity, or is nested too deep to be read as one."""
        if unreadable:
            self._tally.warnings.append(
                f"{self._application}: a page has {unreadable} of what is no activity; it is kept as it is"
            )

    def _events(self, activity: Any, arrived: Optional[float], seen: Memory) -> Iterator[Event]:
        """The single events of an activity that were not given before."""
        moment = time_of(identity(activity).get("time"))
        for single in singles(activity):
            if not seen.add(key(single)):
                self._tally.duplicates += 1
                continue
            self._tally.events += 1
            self._tally.unreadable += not isinstance(single, dict) or "event" not in single
            self._tally.came([(*named(single), moment)], arrived)
            yield Event(single if isinstance(single, Deep) else compact(single), moment)

    def _windows(self, place: "_Place", now: float, whole: bool) -> List[Window]:
        oldest = now - KEPT
        start = place.first
        if place.until is not None:
            known = min(place.seen.since, place.until)
            start = max(place.until - self._overlap(whole), place.first)
            if start < known:
                self._tally.warnings.append(
                    f"{self._application}: so many events come that nothing before {_written(known)} is read again: "
                    "what is new there could not be told from what was given"
                )
                start = known
        free = between(max(start, oldest), now, place.gaps)
        return [window for stretch in free for window in _cut(*stretch)]

    def _pages(self, window: Window) -> Iterator[List[Any]]:
        """The activities of a window, page by page, newest first, and those of an application folded into this one.

        That one keeps nothing back: where it is refused it is told, and left alone for the rest of the run.
        """
        yield from self._listed(self._application, window)
        for twin in list(self._twins):
            read = 0
            try:
                for page in self._listed(twin, window):
                    read += 1
                    yield page
            except RefusedError as error:
                if read or error.status not in _NOT_SERVED or error.code in QUOTA:
                    raise
                self._twins.remove(twin)
                self._tally.warnings.append(f"{self._application}: {twin}, which is read along, is refused: {error}")

    def _listed(self, application: str, window: Window) -> Iterator[List[Any]]:
        """The pages of one application; from the newest on again where a page token is taken no longer."""
        path, params = self._path(application), self._asked(window)
        for attempt in range(_RESTARTS + 1):
            pages = 0
            try:
                for page in self._api.pages(path, params):
                    pages += 1
                    self._tally.pages += 1
                    items = page.get("items") or []
                    yield items if isinstance(items, list) else [items]
                return
            except RefusedError as error:
                if error.status != 400 or not pages or attempt == _RESTARTS:
                    raise

    def _place(self, state: State, first: float, now: float) -> "_Place":
        """How far this customer was read; where it goes by other names now, it may be another one.

        One that is not known again is begun anew, without leaving out what may be missing, and without forgetting what
        was given: it may be the same after all.
        """
        place = _Place(state, first, now, self._names)
        before = state.get("names") or self._names
        if place.until is None or before == self._names:
            return place
        changed = f"{self._application}: the account is of {' '.join(self._names)} now, and was of {' '.join(before)}"
        if self._gave(place, now):
            self._tally.notes.append(f"{changed}; that is the same customer, and reading goes on where it was")
            return place
        begun = min(first, place.until - self._overlap(False))
        self._tally.warnings.append(
            f"{changed}; of its last days nothing was read before, so it is begun anew, at {_written(begun)}"
        )
        return _Place({"seen": state.get("seen"), "gaps": place.gaps}, begun, now, self._names)

    def _gave(self, place: "_Place", now: float) -> bool:
        """Whether the customer's activities before this place are among those that were given: a key has its id."""
        until = place.until or 0.0
        start = max(until - REREAD, place.seen.since, now - KEPT)
        if start >= until:
            return False
        try:
            listed = (activity for page in self._listed(self._application, (start, until)) for activity in page)
            return any(key(single) in place.seen for activity in listed for single in singles(activity))
        except SourceError as error:
            if not may_be_its_own(error) or not self._answers(now):
                raise
            return False  # it can fail for good

    def _overlap(self, whole: bool) -> int:
        return REREAD if whole else OVERLAP.get(self._application, USUAL_OVERLAP)

    def _path(self, application: str) -> str:
        return f"/admin/reports/v1/activity/users/all/applications/{quote(application)}"

    def _asked(self, window: Window) -> Dict[str, str]:
        customer = {"customerId": self._customer} if self._customer else {}
        return {"startTime": _written(window[0]), "endTime": _written(window[1]), "maxResults": "1000", **customer}


class _Place:
    """How far an application was read, what was left out on the way or lies before, and what was given lately."""

    def __init__(self, state: State, first: float, now: float, names: List[str]):
        self._names = names
        state = placed(state, now)
        begun = float(state.get("first", first))
        self.first = min(begun, first)
        self.until: Optional[float] = min(float(state["until"]), now) if "until" in state else None
        self.seen = Memory(state.get("seen"), REMEMBERED)
        self.gaps: List[Window] = [(float(start), float(end)) for start, end in state.get("gaps", ())]
        # Before this time nobody asked for anything until the start was put back; what comes of it is not late.
        self.early = float(state.get("early", 0))
        if self.until is not None and first < begun:
            self.early = begun
            self.gaps += _cut(max(first, now - KEPT + 1), begun)
        self.reread = min(float(state.get("reread", now)), now)

    def due(self, now: float) -> bool:
        """Whether the last days are to be read again, for what came later than records usually do."""
        return now - self.reread >= _DAY

    def forget(self, oldest: float) -> List[Window]:
        """The windows that were refused and begin before this; they are noted no longer."""
        gone = [gap for gap in self.gaps if gap[0] <= oldest]
        self.gaps = [gap for gap in self.gaps if gap[0] > oldest]
        return gone

    def advance(self, window: Window) -> None:
        """Note that a window was read."""
        self.gaps = [gap for gap in self.gaps if gap != window]
        self.until = max(window[1], self.until or 0)

    def set_aside(self, window: Window) -> None:
        """Note that a window was not read, and that what is behind it is all the same."""
        self.gaps.append(window)
        self.until = max(window[1], self.until or 0)

    def put_off(self, window: Window) -> None:
        """Note that a window that was set aside failed again: its turn is over, and comes again in halves."""
        self.gaps.remove(window)
        self.gaps += halves(window, len(self.gaps))

    def state(self) -> State:
        """What a checkpoint keeps."""
        kept = {"first": self.first, "reread": self.reread, "seen": self.seen.state(), "names": self._names}
        place = {} if self.until is None else {"until": self.until}
        return {**kept, **place, "gaps": self.gaps, "early": self.early} if self.gaps else {**kept, **place}


def _cut(start: float, end: float) -> List[Window]:
    """The time from start to end in windows; none where there is none."""
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + WINDOW, end))
    return list(zip(edges, edges[1:]))


def _written(time: float) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
