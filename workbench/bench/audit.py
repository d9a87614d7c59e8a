"""Throughput of the Office 365 audit input against one plain thread that gives the events of the same blobs.

That thread is what the SDK makes easy: it fetches a blob, parses it, and writes each record with the SDK's own writer.
The same thread that parses and gives nothing runs too, and is told beside it without a goal: what it does the input
does first. Each stand-in runs in a process of its own, with the blobs made beforehand. All sides are started as
processes; what counts is the time they take, less that of a run over a few blobs. Each runs once in each round, one
after the other, and the round whose ratio is the median counts. The processor time is told too: other than time that
passes, it hardly depends on what else the machine does, but it knows nothing of answers that are waited for at once.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache, partial
from multiprocessing.connection import Connection
from operator import sub
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Tuple
from xml.sax.saxutils import escape, quoteattr

from workbench.bench.commands import REFERENCE
from workbench.collect import set_account
from workbench.errors import WorkbenchError
from workbench.splunkd import Splunkd
from workbench.tenants import Faults, Office365
from workbench.tenants.bulk import Bulk, BulkBlob
from workbench.tenants.organisation import Organisation
from workbench.tenants.records import EXCHANGE

# No page of the vendor's says how many records a blob holds [unverified].
PER_BLOB = 200
FEW = 4  # blobs of the run that shows what a start takes
DELAYS = ((0.05, 3.0), (0.0, 1.0))  # seconds that each answer is held back, and the goal
_DAY = 86400


@dataclass(frozen=True)
class Throughput:
    """Records a second of both sides, and how many times the reference's the input's must be.

    parsed: those of the thread that only parses. work: processor time of the input, in times that of the reference.
    """

    delay: float
    ours: float
    theirs: float
    parsed: float
    goal: float
    work: float

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.ours / self.theirs

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.ratio >= self.goal

    def __str__(self) -> str:
        """One line for a person."""
        verdict = "reached" if self.reached else "MISSED"
        return (
            f"audit input, answers after {self.delay * 1000:.0f} ms: {self.ratio:.2f} times one plain thread "
            f"(goal at least {self.goal}: {verdict}; {self.ours:,.0f} against {self.theirs:,.0f} records a second, "
            f"for {self.work:.1f} times the processor time; "
            f"{self.ours / self.parsed:.2f} times a thread that only parses)"
        )


class Spent(NamedTuple):
    """Seconds that a process took, and those of the processor."""

    passed: float
    processor: float


class Site(NamedTuple):
    """Where the stand-ins are, and what opens them."""

    authority: str
    api_root: str
    ca_file: str
    tenant: str
    client_id: str
    secret: str
    splunkd: str
    session_key: str
    end: float  # all is published before


Side = Callable[[Path, Site, int], Spent]


class _Mixed(Bulk):
    """Records of Exchange as the made-up organisation has them, in their proportions, each with an Id of its own.

    They have 1.2 kB on average.
    """

    def text(self, number: int) -> str:
        """A record as JSON."""
        body = {**_shapes()[number % len(_shapes())], "CreationTime": self.filed(number), "Id": self.identity(number)}
        return json.dumps(body, separators=(",", ":"))


@cache
def _shapes() -> List[Dict[str, Any]]:
    made = Organisation(1, datetime(2026, 3, 2, tzinfo=timezone.utc), days=7)
    return [record.body for record in made.records if record.content_type == EXCHANGE]


class _Made(BulkBlob):
    """A blob whose text is made once."""

    def body(self) -> bytes:
        return _body(self.bulk, self.numbers[0], len(self.numbers))


@cache
def _body(bulk: Bulk, first: int, count: int) -> bytes:
    return ("[" + ",".join(map(bulk.text, range(first, first + count))) + "]").encode()


def throughput_figures(app: Path, count: int, rounds: int) -> Iterator[Throughput]:
    """With answers that take a while, and without."""
    for delay, goal in DELAYS:
        with _stand_ins(app, FEW * PER_BLOB, delay) as few, _stand_ins(app, count, delay) as many:
            start = [_least(side(app, few, FEW * PER_BLOB) for _ in range(2)) for side in _SIDES]
            measured = []
            for _ in range(rounds):
                taken = [side(app, many, count) for side in _SIDES]
                spent = [Spent(*map(sub, whole, begun)) for whole, begun in zip(taken, start)]
                ours, theirs, parsed = ((count - FEW * PER_BLOB) / one.passed for one in spent)
                work = spent[0].processor / spent[1].processor
                measured.append(Throughput(delay, ours, theirs, parsed, goal, work))
        yield sorted(measured, key=lambda one: one.ratio)[rounds // 2]


@contextmanager
def _stand_ins(app: Path, count: int, delay: float) -> Iterator[Site]:
    with _apart(_tenant, count, delay) as (tenant, settings), _apart(_splunkd, app, settings, tenant["secret"]) as keys:
        yield Site(**tenant, splunkd=keys[0], session_key=keys[1], end=time.time())


@contextmanager
def _apart(serve: Callable[..., None], *given: Any) -> Iterator[Any]:
    """What a stand-in tells of itself, which runs in a process of its own meanwhile."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, *given))
    process.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        process.join()


def _tenant(pipe: Connection, count: int, delay: float) -> None:
    bulk = _Mixed(count, end=time.time() - 60, days=0.2, per_blob=PER_BLOB)
    bulk.blobs = [_Made(*blob) for blob in bulk.blobs]
    for blob in bulk.blobs:
        blob.body()
    with Office365(bulk, faults=Faults(delay=delay)) as tenant:
        tenant.subscriptions[EXCHANGE] = "enabled"
        account = {"authority": tenant.uri, "api_root": tenant.api_root, "ca_file": str(tenant.ca_file),
                   "tenant": tenant.tenant, "client_id": tenant.client_id}  # fmt: skip
        known = {**account, "secret": tenant.secret}
        _until_closed(pipe, (known, {**account, "provider": "o365", "cloud": "custom"}))


def _splunkd(pipe: Connection, app: Path, settings: Dict[str, str], secret: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Splunkd(app, Path(folder)) as splunkd:
        set_account(splunkd, "bench", settings, secret)
        _until_closed(pipe, (splunkd.uri, splunkd.session_key))


def _until_closed(pipe: Connection, told: object) -> None:
    pipe.send(told)
    with suppress(EOFError):
        pipe.recv()


def _ours(app: Path, site: Site, count: int) -> Spent:
    """What a first run of the input takes, which writes its events to a file."""
    params = {"provider": "o365", "account": "bench", "content_types": EXCHANGE, "start": "-1d", "connections": 4}
    shown = "".join(f'<param name="{name}">{value}</param>' for name, value in params.items())
    stanza = f"delegation_audit://bench{time.monotonic_ns()}"
    told = (
        f"<input><server_host>bench</server_host><server_uri>{escape(site.splunkd)}</server_uri><session_key>"
        f"{escape(site.session_key)}</session_key><checkpoint_dir>.</checkpoint_dir><configuration>"
        f"<stanza name={quoteattr(stanza)}>{shown}</stanza></configuration></input>"
    )
    with tempfile.TemporaryFile() as events:
        taken, _ = _spent([str(app / "bin" / "delegation_audit.py")], told, app, events)
        events.seek(0)
        came = sum(line.count(b"<sourcetype>o365:management:activity<") for line in events)
    return _whole(taken, came, count)


def _thread(gives: str, app: Path, site: Site, count: int) -> Spent:
    """What the plain thread takes that gives events, or nothing."""
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) for at in (site.end - _DAY + 60, site.end))
    given = [site.authority, site.api_root, site.ca_file, site.tenant, site.client_id, start, end, gives]
    with tempfile.TemporaryFile() as output:
        taken, said = _spent([str(REFERENCE / "thread.py"), *given], site.secret, app, output)
    return _whole(taken, int(said), count)


# The input, and the thread with events and without.
_SIDES: Tuple[Side, ...] = (_ours, partial(_thread, "events"), partial(_thread, "nothing"))


def _spent(line: List[str], told: str, app: Path, output: Any) -> Tuple[Spent, bytes]:
    """By a process without what this one's environment says, a proxy or certificates among it; and what it says."""
    begun, before = time.monotonic(), os.times()
    done = subprocess.run(
        [sys.executable, "-B", *line], input=told.encode(), stdout=output, stderr=subprocess.PIPE, cwd=app,
        env={"PATH": os.environ["PATH"]}, check=False,
    )  # fmt: skip
    passed, after = time.monotonic() - begun, os.times()
    if done.returncode:
        raise WorkbenchError(f"{Path(line[0]).name} failed: {done.stderr.decode(errors='replace')[-500:]}")
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return Spent(passed, processor), done.stderr


def _least(runs: Iterable[Spent]) -> Spent:
    return Spent(*map(min, zip(*runs)))


def _whole(taken: Spent, came: int, count: int) -> Spent:
    if came != count:
        raise WorkbenchError(f"{came:,} of {count:,} records came; a figure over fewer counts for nothing")
    return taken
