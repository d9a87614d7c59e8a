"""Finished searches by sid, as search/jobs shows them. The stand-in runs a search before it answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Tuple

from workbench.spl import Result


@dataclass
class Job:
    """One search that has run; `saved` names the saved search it came from.

    It lives for `ttl` seconds after it was last `touched`: whoever looks at it keeps it.

    `bounds`: earliest and latest as they were asked for, for post-process searches that need them, as timechart does.
    """

    sid: str
    spl: str
    created: float
    result: Result
    saved: Optional[str] = None
    owner: str = "admin"
    ttl: int = 600
    bounds: Tuple[Optional[str], Optional[str]] = (None, None)
    touched: float = 0.0


class Jobs:
    """Jobs of one stand-in, until they are cancelled or their time is over."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: Dict[str, Job] = {}
        self._made = 0

    def add(
        self,
        spl: str,
        created: float,
        result: Result,
        saved: Optional[str] = None,
        sid: Optional[str] = None,
        owner: str = "admin",
    ) -> Job:
        """Keep a result under a new sid, or under the one it has."""
        with self._lock:
            self._drop()
            self._made += 1
            sid = sid or f"{created:.0f}.{self._made}"
            self._jobs[sid] = job = Job(sid, spl, created, result, saved, owner)
            job.touched = self._clock()
        return job

    def get(self, sid: str) -> Optional[Job]:
        """The job, which then lives on, or None."""
        with self._lock:
            self._drop()
            job = self._jobs.get(sid)
            if job is not None:
                job.touched = self._clock()
        return job

    def remove(self, sid: str) -> None:
        """Forget a job."""
        with self._lock:
            self._jobs.pop(sid, None)

    def list(self, saved: Optional[str] = None) -> List[Job]:
        """All jobs, or those of one saved search, newest first."""
        with self._lock:
            self._drop()
            jobs = list(self._jobs.values())[::-1]
        return [job for job in jobs if saved is None or job.saved == saved]

    def _drop(self) -> None:
        """Forget the jobs whose time is over."""
        now = self._clock()
        for job in [job for job in self._jobs.values() if job.touched + job.ttl < now]:
            del self._jobs[job.sid]
