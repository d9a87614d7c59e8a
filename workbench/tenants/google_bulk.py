"""Very many small activities of a Workspace customer, for figures, as `bulk` has them of Office 365.

The shape is that of ADD_GROUP_MEMBER in the `admin` application (reference workspace.md 1.7); everyone in it is made
up. As at Google, an activity may hold several events, and two activities may share time and qualifier.
"""

from __future__ import annotations

import random
import re
from typing import Dict, Iterable, List

from workbench.tenants.bulk import DAY, Compared, compared
from workbench.tenants.records import GOOGLE, Record, milliseconds

CUSTOMER = "C01made00"
_MEMBER = re.compile(r"member-(\w+)@")


class GoogleBulk:
    """`count` single events of `admin` in activities of up to three, evenly over `days` before `end`."""

    def __init__(self, count: int, end: float, days: float = 1.0, seed: int = 1) -> None:
        self.count = count
        self._seed = seed
        self._start = end - days * DAY
        self._step = days * DAY / max(1, count)
        self.records: List[Record] = []
        draw = random.Random(seed)  # noqa: S311 (not for security)
        at = 0
        while at < count:
            size = min(draw.choice((1, 1, 1, 2, 3)), count - at)
            shared = self.records and draw.random() < 0.05
            time = self.records[-1].time if shared else round(self._start + (at + 0.5) * self._step, 3)
            identity = self.records[-1].body["id"] if shared else _id(time, draw)
            self.records.append(self._activity(range(at, at + size), time, identity))
            at += size

    def identity(self, number: int) -> str:
        """What `identity_of` finds in an event."""
        return f"{number:08x}x{self._seed:x}"

    def compare(self, seen: Iterable[str]) -> Compared:
        """What was lost, doubled or made up, when these identities were collected."""
        return compared(self.count, self.identity, seen)

    def _activity(self, numbers: range, time: float, identity: Dict[str, str]) -> Record:
        events = [
            {"type": "GROUP_SETTINGS", "name": "ADD_GROUP_MEMBER", "parameters": [
                {"name": "USER_EMAIL", "value": f"member-{self.identity(number)}@subsidiary.example"},
                {"name": "GROUP_EMAIL", "value": "everyone@subsidiary.example"}]}
            for number in numbers
        ]  # fmt: skip
        actor = {"callerType": "USER", "email": "reports.reader@subsidiary.example", "profileId": "1000000000000001"}
        body = {"kind": "admin#reports#activity", "id": identity, "etag": f'"{numbers[0]:x}"', "actor": actor,
                "ipAddress": "198.51.100.7", "events": events}  # fmt: skip
        return Record(time, GOOGLE + "admin", body)


def _id(time: float, draw: random.Random) -> Dict[str, str]:
    qualifier = str(draw.randrange(-(2**63), 2**63))
    whose = {"applicationName": "admin", "customerId": CUSTOMER}
    return {"time": milliseconds(time), "uniqueQualifier": qualifier, **whose}


def identity_of(text: str) -> str:
    """The identity in an event that a collector wrote; the text itself where there is none."""
    found = _MEMBER.search(text)
    return found.group(1) if found else text
