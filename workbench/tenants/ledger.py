"""What a story writes into: records, the truth about the malicious ones, and the story's own source of chance."""

from __future__ import annotations

import random
import uuid
from typing import Any, Dict, Iterator, List

from workbench.tenants.people import Directory
from workbench.tenants.records import GOOGLE, Record, utc

DAY = 86400


class Ledger:
    """The records of one story.

    `draw` is seeded by the story's name, so that a change in one story leaves the others as they were.
    `start` and `end` bound the time (epoch seconds).
    """

    def __init__(self, seed: int, story: str, people: Directory, start: float, end: float) -> None:
        self.draw = random.Random(f"{seed}/{story}")  # noqa: S311 (not for security)
        self.people = people
        self.start = start
        self.end = end
        self.records: List[Record] = []
        self.truth: List[Dict[str, Any]] = []
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
        body = record.body
        google = record.content_type.startswith(GOOGLE)
        event = body["events"][0]["name"] if google else body["Operation"]
        self.truth.append(
            {
                "id": workspace_key(body) if google else body["Id"],
                "provider": "workspace" if google else "exchange_online",
                "time": record.time,
                "operation": event,
                "step": step,
                "label": label,
            }
        )

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


def workspace_key(body: Dict[str, Any]) -> str:
    """What tells one Workspace activity from another, as text: application, time, uniqueQualifier."""
    return f"{body['id']['applicationName']}:{body['id']['time']}:{body['id']['uniqueQualifier']}"
