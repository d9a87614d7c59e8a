"""What a feed gives, whichever vendor it comes from; what it keeps count of is in health.py.

A feed yields `Event`s, one by one or many in a list, and, after each stretch of which every event was given, a
`Checkpoint`. Whoever reads it writes
the events out, flushes them, and only then stores the checkpoint's state; so a run that ends anywhere loses nothing.
"""

import json
import re
from functools import lru_cache
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

from ..grants.values import epoch
from .health import Tally

__all__ = [
    "DEEP", "Checkpoint", "Event", "Item", "State", "Tally", "compact", "elements", "end_of", "placed", "skip",
    "time_of",
]  # fmt: skip

State = Dict[str, Any]


class Event(NamedTuple):
    """One record as the vendor wrote it; `time` is the record's own, None when it has none that can be read.

    `sourcetype` is None for the feed's own; `operation` and `id` are the record's where the feed tells them.
    """

    raw: str
    time: Optional[float]
    sourcetype: Optional[str] = None
    operation: str = ""
    id: str = ""


class Checkpoint(NamedTuple):
    """All events up to here were given; `state` is what the next run needs."""

    state: State


Item = Union[Event, List[Event], Checkpoint]


def placed(state: State, now: float) -> State:
    """The state of a feed. Where a clock that was ahead began it, only what it knows to have been given is left."""
    if float(state.get("first", now)) <= now:
        return state
    return {name: part for name, part in state.items() if isinstance(part, dict) and "segments" in part}


def time_of(text: Any) -> Optional[float]:
    """Epoch of a time as the vendors write it, None when it is none."""
    if not isinstance(text, str):
        return None
    seconds = _SECONDS.get(text[16:])
    if seconds is None:
        return _epoch(text)
    minute = _epoch(text[:16] + ":00")
    return None if minute is None else minute + seconds


@lru_cache(maxsize=256)  # records of one minute come together
def _epoch(text: str) -> Optional[float]:
    try:
        return float(epoch(text))
    except ValueError:
        return None


_SECONDS = {f":{number:02d}": number for number in range(60)}  # behind 2026-11-20T12:00
_SCAN = json.JSONDecoder(strict=False).raw_decode
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_SPACE = (" ", "\n", "\r", "\t", "\ufeff")
# Stands for the value of an element that is nested deeper than Python reads; its text is whole all the same.
DEEP = object()


def elements(text: str) -> Iterator[Tuple[str, Any]]:
    """(text, value) of each element of a JSON list, each in the vendor's own bytes where they are of one line.

    The value is DEEP where it is nested too deep to be read. Raises ValueError where the text is no JSON list, or ends
    before the list does; elements before that were given.
    """
    at = skip(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("no JSON list")
    at = skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        try:
            value, end = _SCAN(text, at)
        except RecursionError:
            value, end = DEEP, end_of(text, at)
        raw = text[at:end]
        yield (_line(raw, value) if "\n" in raw or "\r" in raw else raw), value
        if text.startswith(",{", end):
            at = end + 1
            continue
        at = skip(text, end)
        if text.startswith("]", at):
            return
        if not text.startswith(",", at):
            raise ValueError(f"JSON list broken at character {at}")
        at = skip(text, at + 1)


def end_of(text: str, at: int) -> int:
    """Where the map or list ends that begins here, by its brackets alone; ValueError when it does not."""
    depth = 0
    for mark in _STRING_OR_BRACKET.finditer(text, at):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark.group(), 0)
        if not depth:
            return mark.end()
    raise ValueError("JSON that ends before its brackets do")


def _line(raw: str, value: Any) -> str:
    """The text of an element of several lines on one."""
    return compact(value) if value is not DEEP else " ".join(raw.splitlines())


def skip(text: str, at: int) -> int:
    """Where the text goes on behind blanks."""
    while text.startswith(_SPACE, at):
        at += 1
    return at


def compact(value: Any) -> str:
    """JSON on one line, keys in the order they came in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
