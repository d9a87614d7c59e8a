"""One collector of an input at a time: a lease in the KV store, which the hosts of a cluster share.

`run_only_one` is no promise, and an input may be enabled on two hosts. Whoever holds the lease counts up a number in it
every few seconds; a second one watches the number by its own clock, so that clocks may differ. While it moves, the
second leaves; when it stands still for `LIFE` seconds, or the holder was a process of this very host that is gone, the
lease is taken over.
"""

import json
import os
import platform
import threading
import time
import uuid
from contextlib import suppress
from functools import partial
from typing import Any, Callable, Dict, Optional

from splunklib import client
from splunklib.binding import HTTPError

from .checkpoints import collection
from .session import AWAY, LOOK, SplunkError, one_line, waited

COLLECTION = "delegation_watch_leases"
# Seconds between two counts, after which a holder that does not count is taken for dead.
BEAT, LIFE = 5.0, 60.0
_FAILED = "the KV store does not answer ({}); it must be enabled on this host"
_CONFLICT = 409


class TakenError(Exception):
    """Another process collects this input; no fault, and nothing to mend."""


class Lease:
    """A context manager: taken on entry, given back on exit; TakenError where another process has it.

    beat, life, look, away: seconds; clock and sleep are given by tests.
    """

    def __init__(
        self, service: client.Service, stanza: str, beat: float = BEAT, life: float = LIFE, look: float = LOOK,
        away: float = AWAY, clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):  # fmt: skip
        self._data = collection(service, COLLECTION)
        self._key = stanza
        self._beat, self._life, self._look = beat, life, look
        self._clock, self._sleep = clock, sleep
        self._waited = partial(waited, sleep=self._away, clock=clock, longest=away, look=look)
        self._was_away = False
        self._document: Dict[str, Any] = {
            "_key": stanza, "holder": uuid.uuid4().hex, "host": platform.node(), "machine": _machine(),
            "pid": os.getpid(), "count": 0, "updated": round(time.time(), 3),
        }  # fmt: skip
        self._ended = threading.Event()
        self._lost = False
        self._sure = clock()
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> "Lease":
        seen: Any = None
        since = 0.0
        while not self._waited(self._made):
            there = self._waited(self._read)
            if there is None:
                continue
            if there.get("holder") == self._document["holder"]:  # it was made, though the answer did not arrive
                break
            now = (there.get("holder"), there.get("count"))
            if seen is None or self._was_away:  # while it was, no holder could count
                seen, since, self._was_away = now, self._clock(), False
            if _is_gone(there) or (now == seen and self._clock() - since >= self._life):
                self._waited(partial(self._remove, holder=now[0], count=now[1]))
            elif now != seen:
                raise TakenError(f"another process collects this input: {there.get('pid')} on {there.get('host')}")
            else:
                self._sleep(self._look)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()  # what it is just writing would stand for a holder that is gone
        with suppress(SplunkError):  # it runs out by itself
            self._remove(holder=self._document["holder"])

    def check(self) -> None:
        """TakenError when the lease is another's by now; to be asked before a checkpoint is stored.

        Within `life` seconds of the last count nobody else can have it; half of that is left to what follows.
        """
        if not self._lost and self._clock() - self._sure > self._life / 2:
            self._renew()
        if self._lost:
            raise TakenError("another process collects this input now; this one stood still for too long")

    def _count(self) -> None:
        while not self._ended.wait(self._beat) and not self._lost:
            try:
                self._renew()
            except SplunkError:  # the next checkpoint will say so
                continue

    def _renew(self) -> None:
        begun = self._clock()  # whoever watches sees the count no earlier, however late the answer comes
        there = self._read()
        if self._ended.is_set():
            return
        if there is not None and there.get("holder") != self._document["holder"]:
            self._lost = True
            return
        self._document.update(count=self._document["count"] + 1, updated=round(time.time(), 3))
        with one_line(_FAILED):
            self._data.batch_save(self._document)
        self._sure = begun

    def _made(self) -> bool:
        """Whether the document could be made: only one process can. It is the first that a run asks the KV store."""
        self._sure = self._clock()
        with one_line(_FAILED):
            try:
                self._data.insert(json.dumps(self._document))
                return True
            except HTTPError as error:
                if error.status == _CONFLICT:
                    return False
                raise

    def _read(self) -> Optional[Dict[str, Any]]:
        with one_line(_FAILED):
            found = self._data.query(query=json.dumps({"_key": self._key}))
        return dict(found[0]) if found else None

    def _away(self, seconds: float) -> None:
        self._was_away = True
        self._sleep(seconds)

    def _remove(self, **still: Any) -> None:
        """Remove the lease, if it still is as it was seen."""
        with one_line(_FAILED):
            self._data.delete(query=json.dumps({"_key": self._key, **still}))


def _machine() -> str:
    """What tells this running system, and the part of it that has process ids of its own; "" where nothing does."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return stream.read().strip() + os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _is_gone(document: Dict[str, Any]) -> bool:
    """Whether the holder is a process of this machine that runs no longer."""
    machine = _machine()
    if not machine or document.get("machine") != machine:
        return False
    try:
        os.kill(int(document["pid"]), 0)
    except ProcessLookupError:
        return True
    except (KeyError, TypeError, ValueError, OSError):
        return False
    return False
