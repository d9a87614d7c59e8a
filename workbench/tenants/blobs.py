"""Audit records as the Management Activity API publishes them: content blobs, by the time they become
available.

A record becomes available minutes to hours after the act; a few come a day late; events within a blob stand
in no order; some records are published a second time in a later blob (reference, 2.3).
"""

from __future__ import annotations

import json
import random
import zlib
from typing import Callable, Dict, Iterable, List, NamedTuple, Protocol, Sequence, Tuple

from workbench.tenants.records import Record, utc

BLOB_SECONDS = 900
_TWICE = 100  # one record in so many is published a second time

# share of records up to here, minutes from, minutes to. "Typically 60 to 90 minutes", tails beyond a day.
_LAGS = ((0.05, 3.0, 50.0), (0.90, 50.0, 95.0), (0.99, 95.0, 300.0), (1.0, 360.0, 1560.0))
LONGEST_LAG = _LAGS[-1][2] * 60

Lag = Callable[[Record], float]


class Blob(NamedTuple):
    """One content blob: its id (opaque to clients), type, the second it became available, its records."""

    content_id: str
    content_type: str
    created: float
    records: Sequence[Record]

    def body(self) -> bytes:
        """The JSON array a GET of the blob returns."""
        return json.dumps([record.body for record in self.records], ensure_ascii=False).encode()


class AnyBlob(Protocol):
    """What the feed publishes: a `Blob`, or one whose records are made when they are asked for."""

    @property
    def content_id(self) -> str:
        """Its id, opaque to clients."""

    @property
    def content_type(self) -> str:
        """Its content type."""

    @property
    def created(self) -> float:
        """The second it becomes available."""

    @property
    def records(self) -> Sequence[Record]:
        """The records in it."""

    def body(self) -> bytes:
        """The JSON array a GET of it returns."""


def usual_lag(record: Record) -> float:
    """Seconds from the act to its publication, drawn from the record's Id, so that it is always as late."""
    place = zlib.crc32(str(record.body.get("Id")).encode()) / 2**32
    below = 0.0
    for share, least, most in _LAGS:
        if place < share:
            return (least + (place - below) / (share - below) * (most - least)) * 60
        below = share
    return LONGEST_LAG


def pack(records: Iterable[Record], lag: Lag = usual_lag) -> List[Blob]:
    """The blobs of these records, in the order in which they become available."""
    heaps: Dict[Tuple[int, str], List[Record]] = {}
    for record in records:
        slot = int((record.time + lag(record)) // BLOB_SECONDS)
        heaps.setdefault((slot, record.content_type), []).append(record)
    for (slot, content_type), again in {key: _again(heap) for key, heap in heaps.items()}.items():
        heaps.get((slot + 1, content_type), []).extend(again)
    blobs = [_blob(slot, content_type, heap) for (slot, content_type), heap in heaps.items()]
    return sorted(blobs, key=lambda blob: (blob.created, blob.content_id))


def _again(heap: List[Record]) -> List[Record]:
    return [record for record in heap if zlib.crc32(str(record.body.get("Id")).encode()) % _TWICE == 0]


def _blob(slot: int, content_type: str, heap: List[Record]) -> Blob:
    draw = random.Random(f"{slot}{content_type}")  # noqa: S311 (not for security)
    draw.shuffle(heap)
    created = (slot + 1) * BLOB_SECONDS + draw.randrange(1000) / 1000
    return Blob(content_id(content_type, slot * BLOB_SECONDS, created, draw), content_type, created, heap)


def content_id(content_type: str, begun: float, created: float, draw: random.Random) -> str:
    """The id of a blob of what became known from `begun` to `created`."""
    times = [utc(time, "%Y%m%d%H%M%S") + f"{draw.randrange(10**9):09d}" for time in (begun, created)]
    name = content_type.replace(".", "_")
    return f"{times[0]}${times[1]}${name.lower()}${name}$eu0017"
