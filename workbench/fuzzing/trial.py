"""Runs odd searches in a process of its own, watched from outside: what dies or hangs is told, and the rest goes on."""

from __future__ import annotations

import multiprocessing
import resource
import time
import traceback
from dataclasses import dataclass
from typing import Any, Iterator, Optional

from workbench.errors import WorkbenchError
from workbench.fuzzing.searches import SearchMaker
from workbench.fuzzing.world import OddWorld, odd_rows
from workbench.spl import search

# Seconds that a search over a dozen rows may take, and bytes that its process may have.
LONGEST = 10.0
MOST_MEMORY = 3 << 30


@dataclass(frozen=True)
class Finding:
    """A search on which the engine died or hung; its number makes it again."""

    number: int
    text: str
    what: str


def try_case(maker: SearchMaker, number: int) -> Optional[Finding]:
    """Run one search; None when it ended with rows or was refused in words."""
    text = maker.make(number)
    try:
        search(text, OddWorld(number), odd_rows(number) if text.lstrip().startswith("|") else None)
    except WorkbenchError as error:
        return None if str(error).strip() else Finding(number, text, "refused without a word")
    except BaseException:
        return Finding(number, text, traceback.format_exc(limit=-4))
    return None


class Trials:
    """Cases `first`, `first + step`, … until the time is over."""

    def __init__(self, maker: SearchMaker, first: int = 0, step: int = 1):
        self._maker = maker
        self._next = first
        self._step = step
        self._context = multiprocessing.get_context("fork")
        self.tried = 0

    def until(self, end: float) -> Iterator[Finding]:
        """Findings as they come, up to a time of the monotonic clock."""
        while time.monotonic() < end:
            yield from self._watched(end)

    def _watched(self, end: float) -> Iterator[Finding]:
        """One process, until it is stuck or the time is over."""
        here, there = self._context.Pipe(duplex=False)
        given = (self._maker, self._next, self._step, end, there)
        process = self._context.Process(target=_work, args=given, daemon=True)
        process.start()
        there.close()
        try:
            while True:
                if not here.poll(LONGEST):
                    yield Finding(self._next, self._maker.make(self._next), f"no answer within {LONGEST:.0f} seconds")
                    break
                try:
                    finding = here.recv()
                except EOFError:
                    if time.monotonic() < end:
                        yield Finding(self._next, self._maker.make(self._next), "its process died")
                    break
                self.tried += 1
                self._next += self._step
                if finding is not None:
                    yield finding
        finally:
            self._next += self._step
            process.kill()
            process.join()
            here.close()


def _work(maker: SearchMaker, number: int, step: int, end: float, answers: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    while time.monotonic() < end:
        answers.send(try_case(maker, number))
        number += step
