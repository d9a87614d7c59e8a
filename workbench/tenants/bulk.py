"""Very many small audit records, for figures: made from a template when asked for, never all in memory.

The shape is that of an ExchangeAdmin record (reference office365.md 1.1); everyone in it is made up.

    bulk = Bulk(1_000_000, end=clock())
    with Office365(bulk) as tenant: …
    bulk.compare(ids_seen)  ->  Compared(lost=[], doubled=[], strange=[])
"""

from __future__ import annotations

import json
import random
import re
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Sequence

from workbench.tenants.blobs import content_id
from workbench.tenants.records import EXCHANGE, Record

DAY = 86400
_NUMBER = re.compile(r"[0-9a-f]{8}")
_TEMPLATE = (
    '{"CreationTime":"%(time)s","Id":"%(id)s","Operation":"%(operation)s",'
    '"OrganizationId":"5d0a8c1e-2f6b-4c39-9a57-6e1d4b8f2c70","RecordType":1,"ResultStatus":"True",'
    '"UserKey":"NT AUTHORITY\\\\SYSTEM (Microsoft.Exchange.ServiceHost)","UserType":3,"Version":1,'
    '"Workload":"Exchange","ObjectId":"mailbox%(number)d","UserId":'
    '"NT AUTHORITY\\\\SYSTEM (Microsoft.Exchange.ServiceHost)","AppId":"","ClientAppId":"","ExternalAccess":true,'
    '"OrganizationName":"harbourfinch.onmicrosoft.example","OriginatingServer":"AM9PR05MB8120 (15.20.9320.012)",'
    '"Parameters":[{"Name":"Identity","Value":"mailbox%(number)d"}%(more)s]}'
)
_CHANGE = ("Set-Mailbox", "")
_GRANT = (
    "Add-MailboxPermission",
    ',{"Name":"User","Value":"DiscoveryManagement"},{"Name":"AccessRights","Value":"FullAccess"}',
)


class Compared(NamedTuple):
    """What a collector made of a bulk: identities it lost, those it has more than once, and those never published."""

    lost: List[str]
    doubled: List[str]
    strange: List[str]


def compared(count: int, identity: Callable[[int], str], seen: Iterable[str]) -> Compared:
    """What became of `count` things, when these identities were seen; an identity begins with its number in hex."""
    times = bytearray(count)
    strange = []
    for text in seen:
        head = _NUMBER.match(text)
        number = int(head.group(), 16) if head else count
        if number < count and identity(number) == text:
            times[number] = min(2, times[number] + 1)
        else:
            strange.append(text)
    lost = [identity(number) for number, often in enumerate(times) if often == 0]
    return Compared(lost, [identity(number) for number, often in enumerate(times) if often > 1], strange)


class BulkBlob(NamedTuple):
    """A blob of a `Bulk`: as `blobs.Blob`, but its records and its text are made when they are asked for."""

    content_id: str
    content_type: str
    created: float
    numbers: Sequence[int]
    bulk: Bulk

    @property
    def records(self) -> List[Record]:
        """The records, as they are published."""
        return [self.bulk.record(number) for number in self.numbers]

    def body(self) -> bytes:
        """The JSON array a GET of the blob returns."""
        return ("[" + ",".join(map(self.bulk.text, self.numbers)) + "]").encode()


class Bulk:
    """`count` records of one content type in blobs of `per_blob`, published evenly over `days` before `end`.

    With `grants` each is an Add-MailboxPermission, else none is a grant. `again` of them are published a second time,
    `apart` seconds later at least, in a blob of their own. A record is an hour old when it is published.
    """

    def __init__(
        self,
        count: int,
        end: float,
        days: float = 1.0,
        per_blob: int = 500,
        again: float = 0.0,
        apart: float = 2 * DAY,
        content_type: str = EXCHANGE,
        seed: int = 1,
        grants: bool = False,
    ) -> None:
        self.count = count
        self._operation, self._more = _GRANT if grants else _CHANGE
        self._seed = seed
        self._content_type = content_type
        self._start = end - days * DAY
        self._step = days * DAY / max(1, count)
        self._per_blob = per_blob
        self._every = round(1 / again) if again else 0
        first = [range(at, min(at + per_blob, count)) for at in range(0, count, per_blob)]
        self.blobs = [self._blob(numbers, self._published(numbers[-1])) for numbers in first]
        for numbers in first:
            twice = [number for number in numbers if self._every and number % self._every == 0]
            later = self._published(numbers[-1]) + apart
            if twice and later <= end:
                self.blobs.append(self._blob(twice, later))
        self.blobs.sort(key=lambda blob: (blob.created, blob.content_id))

    def identity(self, number: int) -> str:
        """The Id of a record."""
        return f"{number:08x}-0000-4000-8000-{self._seed:012x}"

    def identities(self) -> Iterator[str]:
        """The Ids of all records."""
        return map(self.identity, range(self.count))

    def filed(self, number: int) -> str:
        """The CreationTime of a record."""
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self._published(number) - 3600))

    def text(self, number: int) -> str:
        """A record as JSON."""
        known = {"operation": self._operation, "more": self._more}
        return _TEMPLATE % {"time": self.filed(number), "id": self.identity(number), "number": number, **known}

    def record(self, number: int) -> Record:
        """A record as the other parts of the workbench know it."""
        body: Dict[str, Any] = json.loads(self.text(number))
        return Record(float(int(self._published(number) - 3600)), self._content_type, body)

    def records(self) -> Iterator[Record]:
        """All records, oldest first."""
        return map(self.record, range(self.count))

    def compare(self, seen: Iterable[str]) -> Compared:
        """What was lost, doubled or made up, when these Ids were collected; a byte a record of memory."""
        return compared(self.count, self.identity, seen)

    def _published(self, number: int) -> float:
        return self._start + (number + 0.5) * self._step

    def _blob(self, numbers: Sequence[int], created: float) -> BulkBlob:
        draw = random.Random(f"{self._seed}/{numbers[0]}/{created}")  # noqa: S311 (not for security)
        name = content_id(self._content_type, created - 900, created, draw)
        return BulkBlob(name, self._content_type, round(created, 3), numbers, self)
