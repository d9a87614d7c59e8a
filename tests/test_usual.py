"""What the learned baselines tell of rows: first times, bursts and waves."""

import pathlib

import pytest

from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
DAY, HOUR = 86400, 3600
ROW = {"tenant": "t", "grantee_key": "bob", "right": "full_access", "access": "own"}
LEARNED = [
    {"habit": "t|tenant", "first_seen": NOW - 60 * DAY, "days": 40},
    {"habit": "t|grantor|desk", "first_seen": NOW - 60 * DAY, "days": 30, "most": 3},
    {"habit": "t|pair|bob|box0", "first_seen": NOW - 9 * DAY, "days": 1},
]


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("usual"), clock=lambda: NOW) as running:
        rows = [{**line, "_key": line["habit"], "tenant": "t"} for line in LEARNED]
        running.search("| outputlookup append=true key_field=_key delegation_watch_baseline", now=NOW, rows=rows)
        yield running


def told(splunkd, count, apart, actor="desk"):
    rows = [
        {**ROW, "_time": str(NOW + number * apart), "actor_key": actor, "mailbox_key": f"box{number}"}
        for number in range(count)
    ]
    return splunkd.search("| `delegation_watch_unusual`", now=NOW, rows=rows).rows


def test_many_mailboxes_within_an_hour_are_a_burst_and_by_one_who_grants_every_day_a_wave(splunkd):
    rows = told(splunkd, 12, 60)
    assert {(row.get("burst"), row.get("wave")) for row in rows} == {("true", "true")}


def test_as_many_over_a_day_are_neither_however_many_are_collected_at_once(splunkd):
    rows = told(splunkd, 12, HOUR)
    assert {(row.get("burst"), row.get("wave")) for row in rows} == {(None, None)}


def test_a_pair_that_was_seen_before_is_no_first_one(splunkd):
    first = {row["mailbox_key"]: row.get("first_pair") for row in told(splunkd, 2, 60)}
    assert first == {"box0": None, "box1": "true"}


def test_who_never_granted_is_a_first_grantor(splunkd):
    assert told(splunkd, 1, 60, "eve")[0]["first_grantor"] == "true"
    assert told(splunkd, 1, 60)[0].get("first_grantor") is None
