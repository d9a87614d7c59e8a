"""What a story writes into: records, the truth about the malicious ones, and the story's own source of chance."""

from __future__ import annotations

import random
import uuid
from typing import Any, Dict, Iterator, List

from workbench.tenants.people import Directory
from workbench.tenants.records import GOOGLE, INVENTORY, WINDOWS, Record, utc

DAY = 86400


class Ledger:
    """The records of one story.

    `draw` is seeded by the story's name, so that a change in one story leaves the others as they were.
    `start` and `end` bound the time (epoch seconds). `cast` are rows of people whom only this story knows, `scenes` the
    names of single acts by the key of their record.
    """

    def __init__(self, seed: int, story: str, people: Directory, start: float, end: float) -> None:
        self.draw = random.Random(f"{seed}/{story}")  # noqa: S311 (not for security)
        self.people = people
        self.start = start
        self.end = end
        self.records: List[Record] = []
        self.truth: List[Dict[str, Any]] = []
        self.cast: List[Dict[str, str]] = []
        self.scenes: Dict[str, str] = {}
        self.workdays = [day for day in self.days() if utc(day, "%w") not in "06"]

    def add(self, time: float, content_type: str, body: Dict[str, Any]) -> Record:
        """Write a record down; one outside the time is dropped."""
        record = Record(time, content_type, body)
        if self.start <= time < self.end:
            self.records.append(record)
        return record

    def blame(self, step: int, label: str, record: Record) -> None:
        """Say that this record is part of the attack: step of the story and a one-line label."""
        if not self.start <= record.time < self.end:
            return
        self.truth.append(
            {
                "id": key_of(record),
                "provider": provider_of(record),
                "time": record.time,
                "operation": _operation(record),
                "step": step,
                "label": label,
            }
        )

    def mark(self, scene: str, record: Record) -> Record:
        """Give a record's act a name of its own, under which it can be compared with others."""
        self.scenes[key_of(record)] = scene
        return record

    def guid(self) -> str:
        """A new GUID."""
        return str(uuid.UUID(int=self.draw.getrandbits(128), version=4))

    def port(self) -> int:
        """A client's port."""
        return self.draw.randrange(1024, 65536)

    def days(self) -> Iterator[float]:
        """The epoch second at which each day of the time begins (UTC); `workdays` are those but weekends."""
        day = self.start - self.start % DAY
        while day < self.end:
            yield day
            day += DAY

    def office_hour(self, day: float) -> float:
        """A whole second within the working hours of a day."""
        return float(int(day + min(max(self.draw.gauss(12.5, 2.5), 6), 20) * 3600))

    def sometime(self) -> float:
        """A whole second in the working hours of a workday of the time."""
        return self.office_hour(self.draw.choice(self.workdays))


def provider_of(record: Record) -> str:
    """Whose record it is, in the words of a grant row: workspace, exchange_server or exchange_online."""
    if record.content_type.startswith((GOOGLE, INVENTORY + "gmail")):
        return "workspace"
    return "exchange_server" if record.content_type.startswith(WINDOWS) else "exchange_online"


def key_of(record: Record) -> str:
    """What tells a record from every other."""
    body = record.body
    if record.content_type.startswith(GOOGLE):
        return workspace_key(body)
    if record.content_type.startswith(INVENTORY):
        return f"{record.content_type}:{body['time']}:" + ":".join(map(str, body["columns"].values()))
    return str(body["Id"])


def _operation(record: Record) -> str:
    if record.content_type.startswith(GOOGLE):
        return str(record.body["events"][0]["name"])
    return str(record.body["delegation_watch_inventory" if record.content_type.startswith(INVENTORY) else "Operation"])


def workspace_key(body: Dict[str, Any]) -> str:
    """What tells one Workspace activity from another, as text: application, time, uniqueQualifier."""
    return f"{body['id']['applicationName']}:{body['id']['time']}:{body['id']['uniqueQualifier']}"
