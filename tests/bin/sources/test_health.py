"""What a run tells of itself: short in front, where searches look without being asked, and never too much."""

import json

import pytest
from delegation_watch.sources.health import Feed, Tally, health_event, health_events, totals

FEED = Feed("delegation_audit://hq", "Audit.Exchange", "o365", "t")
NOW = 1772452800.0  # 2026-03-02 12:00 UTC


def told(tally):
    return json.loads(json.dumps(health_event(FEED, tally, NOW - 2, NOW)))


def test_a_run_that_got_nothing_says_so_and_leaves_out_what_it_does_not_know():
    assert told(Tally()) == {
        "delegation_watch_health": "feed", "time": "2026-03-02T12:00:00Z", "input": "delegation_audit://hq",
        "feed": "Audit.Exchange", "provider": "o365", "tenant": "t", "status": "ok", "events": 0, "blobs": 0,
        "windows": 0, "pages": 0, "duplicates": 0, "unreadable": 0, "lost": 0, "seconds": 2.0, "gaps": [],
        "failures": [], "losses": [], "operations": {}, "fields": {},
    }  # fmt: skip


def test_lateness_is_that_of_half_of_nearly_all_and_of_the_last_record():
    tally = Tally()
    for minutes in range(100):
        tally.came([("Send", (), NOW - minutes * 60)], NOW)
    lateness = told(tally)["lateness"]
    assert lateness["p50"] == pytest.approx(50 * 60, abs=60)
    assert lateness["p95"] == pytest.approx(95 * 60, abs=60)
    assert lateness["max"] == 99 * 60


def test_a_record_from_the_future_is_not_late_and_one_without_a_time_says_nothing():
    tally = Tally()
    tally.came([("Send", (), NOW + 60)], NOW)
    tally.came([("Send", (), None)], NOW)
    tally.came([("Send", (), NOW)], None)
    assert told(tally)["lateness"] == {"p50": 0, "p95": 0, "max": 0}
    assert told(tally)["latest_record"] == "2026-03-02T12:01:00Z"


def test_operations_have_the_fields_that_any_of_their_records_had():
    tally = Tally()
    tally.came([("Send", ["Id", "ClientIP"], None)], None)
    tally.came([("Send", ["Id", "SessionId"], None)], None)
    tally.came([("Create", ["Id"], None)], None)
    body = told(tally)
    assert body["operations"] == {"Send": 2, "Create": 1}
    assert body["fields"] == {"Send": ["ClientIP", "Id", "SessionId"], "Create": ["Id"]}


def test_names_without_end_are_counted_together():
    tally = Tally()
    for number in range(1000):
        tally.came([(f"made up {number}", ["Id"], None)], None)
    assert sum(told(tally)["operations"].values()) == 1000
    assert len(told(tally)["operations"]) == 301
    assert told(tally)["operations"]["(others)"] == 700


def test_what_the_ledger_reads_is_within_what_searches_read_however_much_went_wrong():
    tally = Tally(covered=(NOW - 300, NOW))
    for number in range(5000):
        tally.failed.append(f"content {number} could not be read: {'x' * 1000} - do this")
        tally.lose(f"content {number}", "y" * 1000)
        tally.came([(f"operation {number}", map(str, range(50)), NOW)], NOW)
    tally.miss(NOW - 900000, NOW - 800000, "older than seven days")
    text = json.dumps(health_event(FEED, tally, NOW, NOW), ensure_ascii=False, separators=(",", ":"))
    assert text.index('"operations"') < 5000
    body = json.loads(text)
    assert (body["status"], body["lost"]) == ("failed", 5000)
    assert body["failures"][0].endswith(" - do this")
    assert [line.split()[1] for line in body["failures"][:4]] == ["0", "1", "2", "4999"]
    assert body["failures"][-1] == "and 4996 more, in the log"
    assert len(body["losses"]) == 4
    assert body["gaps"] == [
        {"from": "2026-02-20T02:00:00Z", "until": "2026-02-21T05:46:40Z", "why": "older than seven days"}
    ]
    assert (body["from"], body["until"]) == ("2026-03-02T11:55:00Z", "2026-03-02T12:00:00Z")


def test_several_feeds_together_are_one_line():
    one, other = Tally(events=2, lost=1), Tally(events=3, pages=1)
    one.failed.append("x")
    assert totals([one, other]) == "events=5 pages=1 lost=1"
    assert totals([]) == "events=0"


@pytest.mark.parametrize(
    ("interval", "every"), [("300", 300), ("86400.0", 86400), ("*/5 * * * *", None), ("", None), (None, None)]
)
def test_how_often_an_input_runs_is_told_where_it_is_a_number_of_seconds(interval, every):
    given = {"provider": "o365", "interval": interval}
    [event] = health_events("delegation_audit://hq", given, "t", {"Audit.Exchange": Tally()}, 0.0)
    assert event.get("every") == every
    assert (event["feed"], event["provider"], event["tenant"]) == ("Audit.Exchange", "o365", "t")
