"""What a feed gives and what it keeps count of, whichever vendor it comes from.

A feed yields `Event`s and, after each stretch of which every event was given, a `Checkpoint`. Whoever reads it writes
the events out, flushes them, and only then stores the checkpoint's state; so a run that ends anywhere loses nothing.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

from ..grants.values import epoch

State = Dict[str, Any]


class Event(NamedTuple):
    """One record as the vendor wrote it; `time` is the record's own, None when it has none that can be read.

    `sourcetype` is None for the feed's own.
    """

    raw: str
    time: Optional[float]
    sourcetype: Optional[str] = None


class Checkpoint(NamedTuple):
    """All events up to here were given; `state` is what the next run needs."""

    state: State


Item = Union[Event, Checkpoint]


@dataclass
class Tally:
    """What a run did, for its closing line; `failed` holds a line for each stretch that could not be read."""

    events: int = 0
    blobs: int = 0
    windows: int = 0
    pages: int = 0
    duplicates: int = 0
    unreadable: int = 0
    lost: int = 0
    failed: List[str] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)

    def __str__(self) -> str:
        """`events=… blobs=…` of what is not zero, events always."""
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return " ".join(f"{name}={value}" for name, value in counts.items() if value or name == "events")


def time_of(text: Any) -> Optional[float]:
    """Epoch of a time as the vendors write it, None when it is none."""
    try:
        return float(epoch(text))
    except ValueError:
        return None


_SCAN = json.JSONDecoder(strict=False).raw_decode


def elements(text: str) -> Iterator[Tuple[str, Any]]:
    """(text, value) of each element of a JSON list, each in the vendor's own bytes where they are of one line.

    Raises ValueError where the text is no JSON list, or ends before the list does; elements before that were given.
    """
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("no JSON list")
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        value, end = _SCAN(text, at)
        raw = text[at:end]
        yield (raw if "\n" not in raw and "\r" not in raw else compact(value)), value
        at = _skip(text, end)
        mark = text[at : at + 1]
        if mark == "]":
            return
        if mark != ",":
            raise ValueError(f"JSON list broken at character {at}")
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\r", "\t", "\ufeff") and at < len(text):
        at += 1
    return at


def compact(value: Any) -> str:
    """JSON on one line, keys in the order they came in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
