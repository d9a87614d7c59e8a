"""Very many small records: made when they are asked for, each known by its number."""

import json
import tracemalloc

import requests

from tests.workbench.tenants.conftest import NOW, Clock, Feed, token_of
from workbench.tenants import Bulk, Office365

DAY = 86400


def ids_of(bulk):
    return [record["Id"] for blob in bulk.blobs for record in json.loads(blob.body())]


def test_every_record_is_published_once_when_none_is_to_come_again():
    bulk = Bulk(1234, end=NOW, per_blob=100)
    assert len(bulk.blobs) == 13
    assert ids_of(bulk) == list(bulk.identities())
    assert bulk.compare(ids_of(bulk)) == ([], [], [])


def test_a_comparison_names_what_was_lost_doubled_and_made_up():
    bulk = Bulk(10, end=NOW)
    other = Bulk(10, end=NOW, seed=2)
    seen = [bulk.identity(n) for n in (0, 1, 2, 3, 3, 3, 5, 6, 7, 8)] + [other.identity(4), "x"]
    told = bulk.compare(seen)
    assert told.lost == [bulk.identity(4), bulk.identity(9)]
    assert told.doubled == [bulk.identity(3)]
    assert told.strange == [other.identity(4), "x"]


def test_some_records_come_again_days_later_in_another_blob():
    bulk = Bulk(2000, end=NOW, days=6, again=0.05, apart=2 * DAY)
    seen = {}
    for blob in bulk.blobs:
        for record in blob.records:
            seen.setdefault(record.body["Id"], []).append(blob.created)
    twice = {name: times for name, times in seen.items() if len(times) > 1}
    assert set(seen) == set(bulk.identities())
    assert 30 < len(twice) < 100
    assert all(later - first >= 2 * DAY for first, later in twice.values())


def test_blobs_come_evenly_up_to_the_end_in_order():
    created = [blob.created for blob in Bulk(1000, end=NOW, days=2, per_blob=100).blobs]
    assert created == sorted(created)
    assert NOW - 2 * DAY < created[0] < created[-1] <= NOW


def test_a_million_records_take_little_memory():
    tracemalloc.start()
    bulk = Bulk(1_000_000, end=NOW, days=7)
    for blob in bulk.blobs[:20]:
        blob.body()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bulk.blobs) == 2000
    assert peak < 8_000_000


def test_a_collector_finds_them_all_in_the_feed():
    bulk = Bulk(3000, end=NOW, per_blob=250)
    with Office365(bulk, clock=Clock()) as tenant:
        tenant.subscriptions["Audit.Exchange"] = "enabled"
        feed = Feed(tenant, token_of(tenant))
        seen = [r["Id"] for row in feed.content().json() for r in feed.get(row["contentUri"]).json()]
        assert bulk.compare(seen) == ([], [], [])
        feed.close()


def test_an_audit_log_query_finds_them_too():
    bulk = Bulk(50, end=NOW, days=30)
    with Office365(bulk, clock=Clock()) as tenant, requests.Session() as session:
        session.trust_env, session.verify = False, str(tenant.ca_file)
        session.headers["Authorization"] = "Bearer " + token_of(tenant, tenant.graph_root)
        url = f"{tenant.graph_root}/v1.0/security/auditLog/queries"
        tenant.faults.query_polls = 1
        span = {"filterStartDateTime": "2026-10-01T00:00:00Z", "filterEndDateTime": "2026-11-20T12:00:00Z"}
        number = session.post(url, json=span).json()["id"]
        assert session.get(f"{url}/{number}").json()["status"] == "succeeded"
        seen = [row["id"] for row in session.get(f"{url}/{number}/records").json()["value"]]
        assert bulk.compare(seen) == ([], [], [])
