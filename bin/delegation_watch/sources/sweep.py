"""The book of one sweep through a tenant, whichever vendor's: what it met so far, and the event that closes it.

A sweep that is cut off goes on where it stopped; what it could not see is named, so that nothing of it counts as gone.
"""

import uuid
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, Dict, FrozenSet, List, Set

from .errors import RefusedError, SettingsError, SignInError, SourceError, UntrustedError
from .feed import Event, State, compact
from .notes import Notes

SNAPSHOT, DIRECTORY, SWEEP = "delegation:snapshot", "delegation:directory", "delegation:sweep"
# A sweep that was cut off goes on unless it came no further for so many seconds: its parts would be of different days.
# One of a very large tenant takes days, but goes on for a week at most: searches read the events of eight days.
STALE, LONGEST = 20 * 3600, 7 * 24 * 3600
# So many attempts in a row that come no further, though others may: what they stop at is named and left.
ATTEMPTS = 8
_NOTES = ("skipped", "failed")


def written(time: float) -> str:
    """ISO 8601 in UTC, of an epoch time."""
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def stale_at(state: State, now: float) -> float:
    """When the sweep that a checkpoint is of is too old to go on.

    Of one whose clock was ahead meanwhile, only the start counts.
    """
    started, reached = (float(state.get(name) or 0) for name in ("started", "reached"))
    return min((reached if started <= reached <= now else started) + STALE, started + LONGEST)


def unfinished(state: State, now: float) -> bool:
    """Whether a checkpoint is of a sweep that was cut off, not so long ago that it is begun anew."""
    return bool(state.get("sweep")) and float(state.get("started", 0)) <= now < stale_at(state, now)


def _second(time: float) -> str:
    """The same to the second, as the searches read it: never later than it was."""
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Sweep:
    """Counts and names of one sweep; `page` and `last` are where it is: a page token, and the last one done on it.

    `asked` tells what it was asked for: one that is asked for something else is another sweep. `part` is what it reads
    at present, where it reads several things; `met` the folders asked for that some mailbox has; `reached` when it came
    to its last checkpoint, 0 before the first.
    """

    sweep: str
    started: float
    provider: str
    asked: str = ""
    tenant: str = ""
    part: str = ""
    page: str = ""
    last: str = ""
    mailboxes: int = 0
    covered: int = 0
    delegations: int = 0
    requests: int = 0
    skipped: Notes = field(default_factory=lambda: Notes({"count": 0}))
    failed: Notes = field(default_factory=lambda: Notes({"count": 0}))
    failed_kinds: List[Dict[str, str]] = field(default_factory=list)
    met: Set[str] = field(default_factory=set)
    reached: float = 0.0

    @classmethod
    def of(cls, state: State, now: float, provider: str, asked: str) -> "Sweep":
        """The sweep that a checkpoint tells of, or a new one of this provider, `o365` or `workspace`.

        What was cut off under other settings does not go on: it would claim to have read what nobody asked it for; nor
        does one of whose notes some are missing, or that an earlier version began: what it could not read, or read in
        another order, would count as gone.
        """
        known = {one.name: state[one.name] for one in fields(cls) if one.name in state}
        if unfinished(state, now) and (known.get("provider"), known.get("asked")) == (provider, asked):
            try:
                notes = {name: Notes(known[name]) for name in _NOTES}
                return cls(**{**known, **notes, "met": set(known["met"])})
            except (AttributeError, KeyError, TypeError, ValueError):
                pass
        return cls(uuid.uuid4().hex, now, provider, asked)

    def moment(self, now: float) -> float:
        """When something was read: never before the sweep began, even where the clock was set back since.

        What stands and was seen before `started` would count as not seen, and so as gone.
        """
        return max(now, self.started)

    def state(self, now: float) -> State:
        """What a checkpoint of this moment keeps; of notes what is new since the last one, see there."""
        self.reached = now
        known = {**vars(self), **{name: getattr(self, name).state() for name in _NOTES}}
        return {**known, "failed_kinds": list(self.failed_kinds), "met": sorted(self.met)}

    def skip(self, mailbox: str, why: str) -> None:
        """Note a mailbox that there is nothing to read of, once: a sweep that goes on may meet it again."""
        if mailbox not in self.skipped.mailboxes:
            self.skipped.add({"mailbox": mailbox, "why": why})

    def fail(self, mailbox: str, kind: str, why: str) -> None:
        """Note a mailbox, or a group, that could not be read."""
        self.failed.add({"mailbox": mailbox, "kind": kind, "why": why})

    def fail_kind(self, kind: str, part: str, error: SourceError) -> None:
        """Note that a whole kind, or one part of it, could not be read."""
        if all(one["part"] != part for one in self.failed_kinds):  # a sweep that goes on may meet it again
            self.failed_kinds.append({"kind": kind, "part": part, "why": str(error)})

    def closing(self, now: float, kinds: List[str], scope: Any, **known: Any) -> Event:
        """The event that says what the sweep saw: of these kinds, of none when it failed; `known` stands beside it.

        scope: `all`, or the addresses that were asked for.

        Lists that may be long stand at its end: Splunk extracts by itself only from the first 5,000 characters, so the
        searches read these lists from the whole event.
        """
        partly, now = self.failed or self.failed_kinds, self.moment(now)
        told: Dict[str, Any] = {
            "delegation_watch_sweep": self.sweep, "provider": self.provider, "tenant": self.tenant,
            "started": _second(self.started), "ended": _second(now),
            "status": ("partial" if partly else "complete") if kinds else "failed", "kinds": kinds, **known,
            "scope": scope, "mailboxes": self.mailboxes, "covered": self.covered, "skipped": list(self.skipped),
            "failed": list(self.failed), "failed_kinds": self.failed_kinds, "delegations": self.delegations,
            "requests": self.requests,
        }  # fmt: skip
        return Event(compact(told), now, SWEEP)


def snapshot(sweep: Sweep, now: float, inventory: str, columns: Dict[str, Any]) -> Event:
    """The event of one delegation that stands, with the vendor's own columns; counted."""
    sweep.delegations += 1
    now = sweep.moment(now)
    row = {"delegation_watch_inventory": inventory, "time": written(now), "tenant": sweep.tenant,
           "sweep": sweep.sweep, "columns": columns}  # fmt: skip
    return Event(compact(row), now, SNAPSHOT)


def directory(sweep: Sweep, now: float, subject: str, facts: Dict[str, Any]) -> Event:
    """The event of one `user` or `group` with what is known of it; what is None is left out.

    Long lists belong at the end of facts: Splunk extracts by itself only from the first 5,000 characters.
    """
    now = sweep.moment(now)
    head = {"delegation_watch_directory": subject, "time": written(now), "tenant": sweep.tenant, "sweep": sweep.sweep}
    known = {name: value for name, value in facts.items() if value is not None}
    return Event(compact({**head, **known}), now, DIRECTORY)


def passing(error: SourceError, later: FrozenSet[str] = frozenset()) -> bool:
    """Whether another run may do what this one could not, with nothing changed: a host or a service that is out.

    later: the vendor's codes that mean it, whatever the status.
    """
    if not isinstance(error, (RefusedError, SignInError)):
        return not isinstance(error, SettingsError)
    return error.status == 429 or error.status >= 500 or error.code in later


def outage(error: SourceError, later: FrozenSet[str] = frozenset()) -> bool:
    """Whether the same may work in a while, with nobody doing anything; a certificate stays as it is."""
    return passing(error, later) and not isinstance(error, UntrustedError)


def of_settings(error: SourceError) -> bool:
    """Whether a person can mend what keeps all of a sweep back, which can go on then: settings, a sign-in, a right."""
    return not isinstance(error, RefusedError) or error.status in (401, 403)


class Attempts:
    """Counts what a reader tried in vain over the attempts of a run, so that no part of a sweep stops it for good."""

    def __init__(self, later: FrozenSet[str] = frozenset()):
        self._later = later
        self._vain = 0

    def came_on(self) -> None:
        """There was an answer; what was in vain before counts no more."""
        self._vain = 0

    def given_up(self, error: SourceError) -> bool:
        """Whether this error, of a part whose sweep goes on elsewhere, was met often enough to leave the part."""
        if not outage(error, self._later):
            return False
        self._vain += 1
        return self._vain >= ATTEMPTS
