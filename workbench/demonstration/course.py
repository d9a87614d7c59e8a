"""The course of the demo: what an administrator does with the app, step by step, on the stand-ins.

docs/collecting.md tells the same steps for a real Splunk. Nothing here judges a record: the app's own input, commands
and searches do, started as splunkd starts them.
"""

import json
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple

import trustme

from workbench.collect import APP, feeds, set_account
from workbench.demonstration.outcome import Outcome
from workbench.demonstration.steps import Steps
from workbench.errors import WorkbenchError
from workbench.exports import read
from workbench.splunkd import Splunkd
from workbench.tenants import Office365, Organisation, Workspace, export_csv
from workbench.tenants.records import CONTENT_TYPES

DAY = 86400
FEED_DAYS = 7  # as long as the Management Activity API keeps its content
OVERLAP = 3600  # the export reaches so far into the feed; what comes twice is folded by its row_id
WATCHED = 35 * 60  # long enough for each search to see what the one before it wrote
EXPORT = "export.csv"

PREFIX = "Delegation Watch - "
BACKFILL = {"Backfill identities": "ids learnt", "Backfill grants": "rows on delegations scored"}
COLLECTING = ("Learn identities", "Collect grants")
DETECTIONS = ("High-risk grant - Rule", "Folder opened to everyone - Rule")


class Account(NamedTuple):
    """One tenant: what its input collects, the settings of its account, its secret."""

    name: str
    provider: str
    content_types: str
    settings: Dict[str, str]
    secret: str


def play(seed: int, days: int, mailboxes: int, home: Path, steps: Steps) -> Outcome:
    """Run the whole course in `home`, an empty folder; WorkbenchError when an input fails."""
    now = float(int(time.time()))
    with steps.step("making up an organisation") as done:
        organisation = Organisation(seed, datetime.fromtimestamp(now, timezone.utc), days, mailboxes)
        done(f"an organisation of {mailboxes} mailboxes made up: {len(organisation.records):,} records, {days} days")
    with ExitStack() as running:
        authority = trustme.CA()
        office365 = running.enter_context(Office365(organisation, ca=authority, subscribed=CONTENT_TYPES))
        workspace = running.enter_context(Workspace(organisation, ca=authority))
        splunkd = running.enter_context(Splunkd(APP, home, clock=lambda: now))
        older = backfill(splunkd, organisation, home / EXPORT, steps)
        collected = {each.name: collect(splunkd, each, steps) for each in accounts(office365, workspace)}
        _watch(splunkd, now, steps)
        return _outcome(splunkd, organisation, older, collected, now + WATCHED)


def backfill(
    splunkd: Splunkd, organisation: Organisation, path: Path, steps: Steps, searches: Dict[str, str] = BACKFILL
) -> int:
    """What is older than the feed: an administrator's export, indexed, and the searches that take it in by hand.

    `searches` are their names, without what all have before them, and what the rows that each gives are.
    """
    before = organisation.end - FEED_DAYS * DAY + OVERLAP
    older = [record for record in organisation.office365_records() if record.time < before]
    if not older:
        return 0
    with steps.step("indexing an export of the older days") as done:
        export_csv(older, path)
        count = splunkd.index(_events(path))
        done(f"{count:,} records that the feed no longer offers indexed from an export, {path.name}")
    for name, found in searches.items():
        with steps.step(f"running the search {name}") as done:
            done(f"{len(splunkd.run_saved_search(PREFIX + name).rows):,} {found} by the search {name}, run by hand")
    return count


def _events(path: Path) -> Iterator[Dict[str, Any]]:
    """The records of an export as events; each gets its own time by props.conf."""
    for record in read(path):
        yield {
            "host": "workbench",
            "source": record.source,
            "sourcetype": "o365:management:activity",
            "index": "main",
            "data": record.raw,
        }


def accounts(office365: Office365, workspace: Workspace) -> List[Account]:
    """The accounts of the two tenants, for feeds and inventories alike."""
    custom = {"cloud": "custom"}
    microsoft = {**office365.roots, "ca_file": str(office365.ca_file)}
    google = {"api_root": workspace.uri, "ca_file": str(workspace.ca_file)}
    return [
        Account(
            "office365",
            "o365",
            "Audit.Exchange, Audit.AzureActiveDirectory",
            {"tenant": office365.tenant, "client_id": office365.client_id, **custom, **microsoft},
            office365.secret,
        ),
        Account(
            "workspace",
            "workspace",
            "admin, token, login",
            {"customer": workspace.customer, "subject": workspace.subject, **custom, **google},
            json.dumps(workspace.key_file()),
        ),
    ]


def collect(splunkd: Splunkd, account: Account, steps: Steps) -> int:
    """One run of the account's audit input; how many records came. WorkbenchError when it fails."""
    stanza = f"delegation_audit://{account.name}"
    with steps.step(f"running the input {stanza}") as done:
        settings = {"provider": account.provider, **account.settings}
        set_account(splunkd, account.name, settings, account.secret)
        params = {"provider": account.provider, "account": account.name, "content_types": account.content_types}
        ended = splunkd.run_input(stanza, {**params, "start": f"-{FEED_DAYS}d"})
        if ended.errors or ended.exit_code:
            why = "; ".join(ended.errors) or f"exit code {ended.exit_code}"
            raise WorkbenchError(f"the input {stanza} failed: {why}")
        done(f"{ended.events:,} records collected by {stanza}: {account.content_types}")
    return ended.events


def _watch(splunkd: Splunkd, now: float, steps: Steps) -> None:
    """Enable the collecting searches, then the detections, and let the schedule run over simulated time."""
    searches, minutes = (*COLLECTING, *DETECTIONS), WATCHED // 60
    with steps.step(f"running the schedule over {minutes} simulated minutes") as done:
        for name in searches:
            splunkd.conf.set("savedsearches", PREFIX + name, "disabled", "0")
        runs = splunkd.run_schedule(now, now + WATCHED)
        done(f"{runs} runs of {len(searches)} scheduled searches in {minutes} simulated minutes")


def _outcome(
    splunkd: Splunkd, organisation: Organisation, older: int, collected: Dict[str, int], now: float
) -> Outcome:
    counted = splunkd.search("index=main | stats count BY sourcetype | sort sourcetype", now=now).rows
    macro = splunkd.conf.stanza("macros", "delegation_watch_alert_score") or {}
    return Outcome(
        older=older,
        collected=collected,
        feeds=feeds(splunkd),
        sourcetypes={str(row["sourcetype"]): int(str(row["count"])) for row in counted},
        identities=len(splunkd.search("| inputlookup delegation_watch_identities", now=now).rows),
        rows=splunkd.search("`delegation_watch_grants`", now=now).rows,
        alerts=list(splunkd.alerts),
        truth=organisation.truth,
        threshold=int(macro["definition"]),
    )
