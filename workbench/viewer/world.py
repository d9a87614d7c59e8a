"""The demo's data as the dashboards need it: the same organisation and course, and what an administrator adds later.

Beside the feeds there are two sweeps of the inventories with changes between them that no event explains, the use of
rights, baselines, the ledger of the feeds, and every detection's run. All of it comes of the app's own inputs and
searches. It is kept in a folder and can be opened again; its time goes on from where it was made.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple

import trustme

from workbench.collect import APP
from workbench.demonstration.course import EXPORT, PREFIX, Account, accounts, backfill, collect
from workbench.demonstration.steps import Steps
from workbench.errors import BadInput, WorkbenchError
from workbench.splunkd import Splunkd
from workbench.tenants import Office365, Organisation, Standing, Workspace
from workbench.tenants.records import CONTENT_TYPES
from workbench.tenants.standing import MailboxRight

SEED, DAYS, MAILBOXES = 7, 30, 240
MINUTE = 60
# After a sweep: until the last of the searches that read it has taken its slice of index time.
SETTLED = 50 * MINUTE
BACKFILL = {
    "Backfill identities": "ids learnt",
    "Backfill accounts": "facts on accounts learnt",
    "Backfill grants": "rows on delegations scored",
    "Backfill uses": "rows on the use of rights",
}
KEEPING = (
    "Learn identities", "Learn accounts", "Collect grants", "Collect uses", "Keep directory", "Keep group members",
    "Keep state from events",
    "Close replaced delegates", "Keep state from sweeps", "Compare sweeps", "Keep sweeps", "Keep ledger",
    "Learn what usually comes", "Learn baselines",
)  # fmt: skip
# What has nothing to do with a sweep that comes alone. "Learn what usually comes" goes on: it runs once an hour, for
# which the time behind the first sweep may be too short.
RECORDS_ONLY = (
    "Learn accounts", "Collect grants", "Collect uses", "Keep state from events", "Close replaced delegates",
    "Learn baselines",
)  # fmt: skip
HOME = APP / "var" / "serve"
_MADE = "made.json"


class Made(NamedTuple):
    """The data that a folder keeps: the time at which it ends, and when the organisation's own records do."""

    now: float
    end: float
    mailboxes: int
    days: int

    def organisation(self) -> Organisation:
        """The organisation whose data it is, as it stands at the end."""
        made = Organisation(SEED, datetime.fromtimestamp(self.end, timezone.utc), self.days, self.mailboxes)
        _change(made.standing)
        return made


@contextmanager
def held(home: Path, wait: bool = False) -> Iterator[None]:
    """Have the folder alone, so that no other process makes its data anew or serves it.

    BadInput where another has it, unless `wait`.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        lock = home.with_name(f"{home.name}.lock").open("w")
    except OSError as error:
        raise BadInput(f"cannot use the folder {home}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            raise BadInput(f"{home} is in use by another `serve`; end that one, or name another --home") from error
        yield


def ready(home: Path, steps: Steps, fresh: bool = False, mailboxes: int = MAILBOXES, days: int = DAYS) -> Made:
    """Make the data in `home` unless it is there; the folder should be `held`.

    What is there counts only if it was made whole, of the same size, by the same app.
    """
    wanted = {"mailboxes": mailboxes, "days": days, "seed": SEED, "searches": _app_state()}
    mark = home / _MADE
    if not fresh and mark.is_file():
        made = json.loads(mark.read_text(encoding="utf-8"))
        if {name: made.get(name) for name in wanted} == wanted and "end" in made:
            return Made(float(made["now"]), float(made["end"]), mailboxes, days)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    made = _make(home, steps, mailboxes, days)
    mark.write_text(json.dumps({**wanted, "now": made.now, "end": made.end}), encoding="utf-8")
    return made


def clock(now: float) -> Callable[[], float]:
    """A clock that stands at `now` and goes on."""
    begun = time.time()
    return lambda: now + time.time() - begun


class _Time:
    """A clock that is set by hand."""

    def __init__(self, now: float):
        self.now = now

    def __call__(self) -> float:
        return self.now


def _make(home: Path, steps: Steps, mailboxes: int, days: int) -> Made:
    """All of it, from nothing."""
    at = _Time(float(int(time.time())))
    end = at.now
    organisation = Organisation(SEED, datetime.fromtimestamp(end, timezone.utc), days, mailboxes)
    with ExitStack() as running:
        authority = trustme.CA()
        office365 = running.enter_context(Office365(organisation, ca=authority, subscribed=CONTENT_TYPES))
        workspace = running.enter_context(Workspace(organisation, ca=authority))
        splunkd = running.enter_context(Splunkd(APP, home, clock=at))
        backfill(splunkd, organisation, home / EXPORT, steps, BACKFILL)
        (home / EXPORT).unlink(missing_ok=True)
        _switch(splunkd, KEEPING, on=True)
        tenants = accounts(office365, workspace)
        for account in tenants:
            collect(splunkd, account, steps)
            _sweep(splunkd, account, steps)
        _settle(splunkd, at, steps)
        _change(organisation.standing)
        for account in tenants:
            _sweep(splunkd, account, steps)
        _switch(splunkd, RECORDS_ONLY, on=False)
        _settle(splunkd, at, steps)
        _switch(splunkd, RECORDS_ONLY, on=True)
    return Made(at.now, end, mailboxes, days)


def _switch(splunkd: Splunkd, names: Iterable[str], on: bool) -> None:
    for name in names:
        splunkd.conf.set("savedsearches", PREFIX + name, "disabled", "0" if on else "1")


def _sweep(splunkd: Splunkd, account: Account, steps: Steps) -> None:
    """One sweep of the account's inventory; WorkbenchError when it fails."""
    stanza = f"delegation_inventory://{account.name}"
    with steps.step(f"running the input {stanza}") as done:
        ended = splunkd.run_input(stanza, {"provider": account.provider, "account": account.name, "connections": "8"})
        if ended.errors or ended.exit_code:
            raise WorkbenchError(f"the input {stanza} failed: {'; '.join(ended.errors) or ended.exit_code}")
        done(f"{ended.events:,} events of a sweep by {stanza}")


def _settle(splunkd: Splunkd, at: _Time, steps: Steps) -> None:
    """Let the schedule run until every search has seen what was indexed last."""
    with steps.step(f"running the schedule over {SETTLED // MINUTE} simulated minutes") as done:
        runs = splunkd.run_schedule(at.now, at.now + SETTLED)
        done(f"{runs} runs of scheduled searches in {SETTLED // MINUTE} simulated minutes")
    at.now += SETTLED


def _change(standing: Standing) -> None:
    """What happens between the sweeps and leaves no record: some delegations come, some go, and a delegate leaves."""
    held: List[MailboxRight] = [right for box in standing.mailboxes() for right in standing.of(MailboxRight, box.upn)]
    for right in held[:2]:
        standing.revoke(right)
    people = [account.upn for account in standing.of_microsoft() if account.has_mailbox and account.kind == "user"]
    for mailbox, delegate in zip(people[3:6], people[30:33]):
        standing.grant(MailboxRight(mailbox, delegate))
    standing.accounts[people[30].lower()].enabled = False  # who left, and can still open a mailbox
    owners = sorted(standing.gmail)
    if owners:
        standing.gmail[owners[0]] = []
    google = [account.upn for account in standing.of_google() if account.upn not in owners]
    standing.gmail[google[-1]] = [(google[0], "accepted")]


def _app_state() -> str:
    """A mark of all that the data depends on: the app's settings, tables and code, and the stand-ins' organisation."""
    folders: Dict[str, str] = {"default": "*.conf", "lookups": "*", "bin": "**/*.py", "workbench/tenants": "**/*.py"}
    digest = hashlib.sha256()
    for folder, pattern in folders.items():
        for path in sorted((APP / folder).glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
