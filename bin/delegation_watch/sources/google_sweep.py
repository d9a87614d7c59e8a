"""The book of one sweep through a Workspace customer: what it met so far, and the event that closes it.

A sweep that is cut off goes on where it stopped; what it could not see is named, so that nothing of it counts as gone.
"""

import uuid
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, Dict, List

from .errors import SourceError
from .feed import Event, State, compact

SNAPSHOT, DIRECTORY, SWEEP = "delegation:snapshot", "delegation:directory", "delegation:sweep"
# A sweep that was cut off longer ago than this many seconds is begun anew: its parts would be of different days.
STALE = 12 * 3600


def written(time: float) -> str:
    """ISO 8601 in UTC, of an epoch time."""
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass
class Sweep:
    """Counts and names of one sweep; `page` and `last` are where it is: a page token, and the last one done on it."""

    sweep: str
    started: float
    tenant: str = ""
    part: str = ""
    page: str = ""
    last: str = ""
    mailboxes: int = 0
    covered: int = 0
    delegations: int = 0
    requests: int = 0
    skipped: List[Dict[str, str]] = field(default_factory=list)
    failed: List[Dict[str, str]] = field(default_factory=list)
    failed_kinds: List[Dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, state: State, now: float) -> "Sweep":
        """The sweep that a checkpoint tells of, or a new one."""
        known = {one.name: state[one.name] for one in fields(cls) if one.name in state}
        if known.get("sweep") and 0 <= now - float(known.get("started", 0)) < STALE:
            return cls(**known)
        return cls(uuid.uuid4().hex, now)

    def state(self) -> State:
        """What a checkpoint keeps."""
        return asdict(self)

    def skip(self, mailbox: str, why: str) -> None:
        """Note a mailbox that there is nothing to read of."""
        self.skipped.append({"mailbox": mailbox, "why": why})

    def fail(self, mailbox: str, kind: str, why: str) -> None:
        """Note a mailbox, or a group, that could not be read."""
        self.failed.append({"mailbox": mailbox, "kind": kind, "why": why})

    def fail_kind(self, kind: str, part: str, error: SourceError) -> None:
        """Note that a whole kind, or one part of it, could not be read."""
        if all(one["part"] != part for one in self.failed_kinds):  # a sweep that goes on may meet it again
            self.failed_kinds.append({"kind": kind, "part": part, "why": str(error)})

    def closing(self, now: float, kinds: List[str], **known: Any) -> Event:
        """The event that says what the sweep saw: of these kinds, of none when it failed; `known` stands beside it."""
        partly = self.failed or self.failed_kinds
        told: Dict[str, Any] = {
            "delegation_watch_sweep": self.sweep, "provider": "workspace", "tenant": self.tenant,
            "started": written(self.started), "ended": written(now),
            "status": ("partial" if partly else "complete") if kinds else "failed", "kinds": kinds, **known,
            "mailboxes": self.mailboxes, "covered": self.covered, "skipped": self.skipped, "failed": self.failed,
            "failed_kinds": self.failed_kinds, "delegations": self.delegations, "requests": self.requests,
        }  # fmt: skip
        return Event(compact(told), now, SWEEP)
