"""A run that is ended at any moment loses nothing, and repeats at most what one blob or page holds.

What comes twice all the same is one row in the app's own summary.
"""

import random
import signal
import time
from collections import Counter
from datetime import datetime, timezone

import pytest

from tests.soak.collector import Collector
from tests.soak.trial import APP, RECORD, STANZA, Trial
from workbench.splunkd import Splunkd
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk
from workbench.tenants.google_bulk import GoogleBulk, identity_of
from workbench.tenants.records import EXCHANGE
from workbench.tenants.workspace import Workspace

TOGETHER = 200  # records in a blob, rows on a page


def office365(folder, count, seed):
    """What is published, the service, and the trial of its feed."""
    bulk = Bulk(count, end=time.time() - 60, per_blob=TOGETHER, seed=seed)
    tenant = Office365(bulk, subscribed=[EXCHANGE])
    return bulk, tenant, lambda: Trial.of_office365(folder, tenant, start="-2d")


def workspace(folder, count, seed):
    """The same of Workspace."""
    bulk = GoogleBulk(count, end=time.time() - 300, seed=seed)
    customer = Workspace(bulk.records)
    customer.faults.page_size = TOGETHER // 3  # an activity has up to three events
    return bulk, customer, lambda: Trial.of_workspace(folder, customer, identity_of, start="-2d")


def backfill(folder, count, seed):
    """The same of half a year before the feed of Office 365, by Graph's audit log query."""
    bulk = Bulk(count, end=time.time() - 60, days=175, per_blob=TOGETHER, seed=seed)
    tenant = Office365(bulk, subscribed=[EXCHANGE])
    tenant.faults.graph_page, tenant.faults.query_polls = TOGETHER, 1
    return bulk, tenant, lambda: Trial.of_office365(folder, tenant, backfill="-178d")


@pytest.mark.parametrize(
    ("vendor", "number", "kills", "doubled_each"),
    [
        (office365, signal.SIGKILL, 200, TOGETHER),
        (office365, signal.SIGTERM, 50, 0),
        (workspace, signal.SIGKILL, 60, TOGETHER),
        (workspace, signal.SIGTERM, 15, 0),
        (backfill, signal.SIGKILL, 60, TOGETHER),
        (backfill, signal.SIGTERM, 15, 0),
    ],
    ids=["Office 365-KILL", "Office 365-TERM", "Workspace-KILL", "Workspace-TERM", "backfill-KILL", "backfill-TERM"],
)
def test_an_input_that_is_ended_loses_nothing(tmp_path, full, figures, vendor, number, kills, doubled_each):
    draw = random.Random(f"kills/{number}")
    wanted = kills if full else 2
    places = Counter()
    tenants = 0
    while sum(places.values()) < wanted:
        tenants += 1
        folder = tmp_path / str(tenants)
        folder.mkdir()
        bulk, service, begin = vendor(folder, 20_000 if full else 4_000, tenants)
        here = 0
        with service, begin() as trial:
            service.faults.delay = 0.02
            while sum(places.values()) < wanted:
                place = trial.end(draw.uniform(0, 2.5), number, service if draw.random() < 0.8 else None)
                if place is None:
                    break
                places[place] += 1
                here += 1
            ended = trial.run()
        assert ended.code == 0, ended.told
        found = bulk.compare(trial.seen)
        figures.add(f"ended by {number.name}", len(found.lost), len(found.doubled))
        assert (found.lost, found.strange) == ([], [])
        assert len(found.doubled) <= here * doubled_each
    assert set(places) == {"sign-in", "events"} or not full, places


def test_a_collector_that_is_killed_with_all_around_it_loses_nothing(tmp_path, full, figures):
    draw = random.Random("collector")
    bulk = Bulk(20_000 if full else 4_000, end=time.time() - 60, per_blob=TOGETHER)
    with Office365(bulk, subscribed=[EXCHANGE]) as tenant:
        tenant.faults.delay = 0.02
        collector = Collector(tmp_path, tenant, start="-2d")
        kills = 0
        while kills < (20 if full else 1) and collector.end(draw.uniform(1.0, 4.0), signal.SIGKILL):
            kills += 1
        code, said = collector.run()
    assert code == 0, said
    found = bulk.compare(collector.ids())
    figures.add("killed with splunkd", len(found.lost), len(found.doubled))
    assert kills
    assert (found.lost, found.strange) == ([], [])
    assert len(found.doubled) <= kills * TOGETHER


def test_what_comes_twice_is_one_row_in_the_summary(tmp_path, full):
    now = datetime(2026, 3, 2, 12, tzinfo=timezone.utc).timestamp()
    count = 500 if full else 40
    bulk = Bulk(count, end=now, per_blob=count, days=0.01, grants=True)
    texts = [bulk.text(number) for number in range(count)]
    event = {"time": now, "host": "h", "index": "main", "source": STANZA, "sourcetype": RECORD}
    with Splunkd(APP, tmp_path) as splunkd:
        # A blob that was cut off by a kill, and comes whole in the next run; then once more, at another time.
        for moment, came in ((now, texts[: count // 2] + texts), (now + 600, texts)):
            splunkd.index({**event, "indextime": moment, "data": text} for text in came)
            splunkd.run_saved_search("Delegation Watch - Collect grants", moment + 600)
        rows = {
            name: splunkd.search(f"{name} | table record_id row_id", now=now + 3600, earliest=0).rows
            for name in ("index=summary", "`delegation_watch_grants`")
        }
    assert len(rows["index=summary"]) == 2 * count + count // 2
    kept = rows["`delegation_watch_grants`"]
    assert sorted(row["record_id"] for row in kept) == sorted(bulk.identities())
    assert len({row["row_id"] for row in kept}) == count
