"""Between feed and backfill: where the one begins, what it missed, what the ledger is told."""

import json

import pytest
from delegation_watch.sources import memory
from delegation_watch.sources.backfill_plan import Plan
from delegation_watch.sources.border import BorderedFeed, remedy
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Tally

from tests.bin.sources.ground import BEGUN, Given, Ground, numbers, record
from tests.bin.sources.vendor import DAY, HOUR, NOW

# the border


def bordered(items, operations=frozenset(("Set-Mailbox",)), state=None, now=NOW, first=NOW - 30 * DAY, gaps=(),
             backfill="", cloud=""):  # fmt: skip
    tally = Tally()
    feed = BorderedFeed(Given(items, gaps, tally), operations, tally, remedy(backfill, cloud))
    items = list(feed.read(state or {}, first, now))
    feed.tally = tally
    return feed, items


def test_the_feed_covers_what_it_could_ask_for_and_no_more():
    feed, items = bordered([Checkpoint({"until": NOW})])
    assert feed.begun == NOW - 7 * DAY + 300
    [(state,)] = items
    assert {**state, "given": None, "early": None} == {
        "until": NOW, "begun": feed.begun, "missed": [], "given": None, "early": None,
    }  # fmt: skip
    feed, _ = bordered([Checkpoint({"until": NOW})], first=NOW - HOUR)
    assert feed.begun == NOW - HOUR


def test_the_border_stays_once_something_was_read_and_moves_while_nothing_was():
    state = {"first": NOW - 30 * DAY, "begun": NOW - 7 * DAY}
    assert bordered([], state={**state, "until": NOW - DAY}, now=NOW + 9 * DAY)[0].begun == NOW - 7 * DAY
    assert bordered([], state={**state, "until": NOW - 30 * DAY}, now=NOW + DAY)[0].begun == NOW - 6 * DAY + 300


def test_a_start_that_is_put_back_moves_no_border_and_of_what_is_gone_it_is_told_what_reads_it():
    state = {"first": NOW - 2 * DAY, "begun": NOW - 2 * DAY, "until": NOW - DAY}
    feed, _ = bordered([], state=state, first=NOW - 30 * DAY)
    assert feed.begun == NOW - 2 * DAY
    assert feed.tally.warnings == [
        "start is put back: what became available since 2026-11-13T12:05:00Z is read, and what a backfill gave of it "
        "comes twice, which is one row in the summary",
        "start is put back: 2026-10-21T12:00:00Z to 2026-11-13T12:05:00Z can no longer be had; set backfill = "
        "2026-10-21T12:00:00Z in the input to read it",
    ]
    feed, _ = bordered([], state={**state, "first": NOW - 9 * DAY}, first=NOW - 30 * DAY, backfill="-60d")
    assert feed.tally.warnings == [
        "start is put back: 2026-10-21T12:00:00Z to 2026-11-11T12:00:00Z can no longer be had; backfill = -60d reads "
        "it, as far as that reaches back"
    ]


def test_records_that_the_feed_gives_are_remembered_if_the_backfill_may_meet_them():
    events = [
        Event("{}", NOW - 8 * DAY, None, "Set-Mailbox", "a"),
        Event("{}", NOW - 8 * DAY, None, "Send", "b"),
        Event("{}", NOW - 6 * DAY, None, "Send", "c"),
        Event("no record", NOW - 8 * DAY),
        Event("{}", None, None, "Set-Mailbox", "e"),
    ]
    feed, items = bordered([events, Checkpoint({"until": NOW})])
    assert items[:-1] == [events]
    assert ["".join(one for one in "abcde" if feed.gave(one))] == ["ae"]
    again, _ = bordered([], state=json.loads(json.dumps(items[-1].state)))
    assert again.gave("a")


def test_records_older_than_the_border_stay_known_however_much_comes_after_them(monkeypatch):
    for name, number in (("SEGMENT", 2), ("_TOGETHER", 2)):
        monkeypatch.setattr(memory, name, number)
    old = [Event("{}", NOW - 8 * DAY, None, "Set-Mailbox", "old")]
    others = [Event("{}", NOW - DAY, None, "Set-Mailbox", str(number)) for number in range(100)]
    feed, items = bordered([old, others, Checkpoint({"until": NOW})])
    assert (feed.gave("old"), feed.gave("0"), feed.gave("99")) == (True, False, True)
    again, _ = bordered([], state=json.loads(json.dumps(items[-1].state)))
    assert again.gave("old")


def test_where_the_subscription_was_never_on_the_feed_begins_at_its_start_and_what_comes_from_before_is_known():
    first = NOW - 6 * DAY
    off = Checkpoint({"until": first, "off": [first, NOW]})
    events = [Event("{}", NOW - DAY, None, "Set-Mailbox", "a")]
    feed, items = bordered([off, events, Checkpoint({"until": NOW})], first=first)
    assert (feed.begun, feed.missed) == (NOW, [(first, NOW)])
    assert [len(items[-1].state[name]["segments"]) for name in ("early", "given")] == [1, 0]


def test_a_backfill_that_was_planned_before_the_first_start_reads_up_to_it_and_a_later_one_has_it_in_its_plan():
    stretch = (NOW - 6 * DAY, NOW)
    early = planned(since=NOW - 10 * DAY, border=NOW - 6 * DAY)
    state = json.loads(json.dumps(early.state()))
    assert planned(stretch, border=NOW, since=NOW - 10 * DAY, state=state).ends == NOW
    plan = planned(stretch, border=NOW, since=NOW - 10 * DAY)
    assert sorted(plan.todo) == [(NOW - 10 * DAY, NOW - 3 * DAY, 0), (NOW - 3 * DAY, NOW, 0)]


# what the feed missed


GAP = (NOW - 9 * DAY, NOW - 7 * DAY + 300)
READ = {"first": NOW - 60 * DAY, "begun": NOW - 60 * DAY, "until": NOW - 9 * DAY}


def test_what_the_feed_missed_is_kept_until_a_backfill_has_planned_it_and_told_with_the_setting_that_reads_it():
    feed, items = bordered([Checkpoint({"until": NOW})], state=READ, gaps=[GAP])
    assert feed.missed == [GAP]
    [gap] = feed.tally.gaps
    assert gap == (*GAP, "it is gone; set backfill = 2026-11-11T12:00:00Z in the input to read it")
    note = "2026-11-11T12:00:00Z to 2026-11-13T12:05:00Z: set backfill = 2026-11-11T12:00:00Z in the input to read it"
    assert feed.tally.notes == [note]
    later, _ = bordered([Checkpoint({"until": NOW})], state=json.loads(json.dumps(items[-1].state)))
    assert later.missed == [GAP]


@pytest.mark.parametrize(
    ("backfill", "cloud", "said"),
    [
        ("-180d", "gcc", "it is gone; backfill = -180d reads it, as far as that reaches back"),
        ("", "gcchigh", "it is gone; export it with Search-UnifiedAuditLog and index that"),
    ],
)
def test_who_has_a_backfill_or_cannot_have_one_is_told_so(backfill, cloud, said):
    feed, _ = bordered([Checkpoint({"until": NOW})], state=READ, gaps=[GAP], backfill=backfill, cloud=cloud)
    assert feed.tally.gaps[0].why == said


def test_what_lies_before_the_feed_is_no_stretch_that_it_missed():
    feed, _ = bordered([Checkpoint({"until": NOW})], gaps=[(NOW - 30 * DAY, NOW - 7 * DAY + 300)])
    assert feed.missed == []
    assert feed.tally.gaps[0].why.endswith("set backfill = 2026-10-21T12:00:00Z in the input to read it")


def test_lost_content_is_a_stretch_by_the_day_that_is_kept_once_and_told_with_the_setting_that_reads_it():
    tally = Tally()
    feed = BorderedFeed(Given([Checkpoint({"until": NOW})]), frozenset(), tally, remedy("", ""))
    for number, hours in enumerate((30, 29, 1, 24 * 90)):
        tally.lose(f"content {number}", "it is gone", NOW - hours * HOUR)
    state = list(feed.read(READ, NOW, NOW))[-1].state
    assert feed.missed == [(NOW - 36 * HOUR, NOW - 6 * HOUR), (NOW - 12 * HOUR, NOW + 18 * HOUR)]
    said = "set backfill = 2026-11-19T00:00:00Z in the input to read it"
    assert tally.losses[1].why == f"it is gone; {said}"
    assert tally.notes[0] == f"content of 2026-11-19 that is lost: {said}"
    assert len(tally.notes) == 3  # what a backfill reads anyway is told of too
    tally.lose("content 5", "it is gone", NOW - 2 * HOUR)
    list(feed.read(json.loads(json.dumps(state)), NOW, NOW))
    assert len(feed.missed) == 2


def outage(**faults):
    """A feed that began 60 days ago, and was away from the ninth day before now to the seventh."""
    records = [record(number, days) for number, days in enumerate((50, 11.9, 9.2, 8.9, 8, 7.1, 6.9, 5))]
    ground = Ground(records, **faults)
    ground.gaps, ground.begun = [GAP], NOW - 60 * DAY
    return ground


def test_a_backfill_set_to_where_the_feed_was_missed_reads_that_and_nothing_else():
    with outage() as ground:
        ground.early = ["record-2"]  # given before the outage, though the query finds it too
        events, state = ground.read(since="2026-11-11T12:00:00Z")
        assert numbers(events) == [1, 3, 4, 5]  # the first happened before, and may have come in the outage
        assert ground.read(state, since="2026-11-11T12:00:00Z")[0] == []
        assert len(ground.asked()) == 1


def test_a_backfill_of_all_reads_what_lies_before_and_what_was_missed():
    with outage() as ground:
        events, state = ground.read(since="-70d")
        assert numbers(events) == [1, 2, 3, 4, 5]
        state = json.loads(json.dumps(state))
        assert ground.read(state, since="-70d")[0] == []


def planned(*missed, since=NOW - 60 * DAY, border=NOW - 60 * DAY, state=None):
    return Plan(state or {}, since, border, missed)


def test_an_outage_of_months_is_read_month_by_month_with_what_came_late_in_it():
    plan = planned((NOW - 50 * DAY, GAP[1]))
    assert plan.todo == [(NOW - 53 * DAY, NOW - 23 * DAY, 0), (NOW - 23 * DAY, GAP[1], 0)]
    assert planned((NOW - 59 * DAY, NOW - 55 * DAY)).todo == [(NOW - 60 * DAY, NOW - 55 * DAY, 0)]


def test_no_time_is_planned_twice_though_stretches_and_the_days_before_them_overlap():
    days = [(NOW - number * DAY, NOW - number * DAY + 30 * HOUR) for number in (9, 20, 7, 8, 11)]
    plan = planned(*days)
    assert sorted(plan.todo) == [
        (NOW - 23 * DAY, NOW - 20 * DAY + 30 * HOUR, 0), (NOW - 14 * DAY, NOW - 12 * DAY, 0),
        (NOW - 12 * DAY, NOW - 9 * DAY + 30 * HOUR, 0), (NOW - 9 * DAY + 30 * HOUR, NOW - 7 * DAY + 30 * HOUR, 0),
    ]  # fmt: skip
    assert plan.progress().startswith("0 % ")
    within = (NOW - 9 * DAY, NOW - 8 * DAY)
    state = json.loads(json.dumps(plan.state()))
    assert planned(*days, within, state=state).todo == plan.todo


def test_a_backfill_that_begins_behind_what_was_missed_leaves_it_and_one_that_is_set_farther_back_later_reads_it():
    plan = planned(GAP, since=NOW - 5 * DAY)
    assert plan.todo == []
    assert len(planned(GAP, since=NOW - 8 * DAY, state=plan.state()).todo) == 1


def test_what_was_planned_once_is_not_planned_again():
    state = json.loads(json.dumps(planned(GAP).state()))
    assert len(planned(GAP, (NOW - 4 * DAY, NOW - 3 * DAY), state=state).todo) == 2


def test_what_the_feed_missed_a_moment_ago_waits_until_late_records_have_come():
    with outage() as ground:
        ground.gaps = [(NOW - 2 * DAY, NOW)]
        assert ground.read(since="-3d")[0] == []
        assert ground.asked() == []


# the ledger


def test_the_ledger_is_told_how_far_it_is_and_where_it_ends(ten):
    ten.tenant.faults.query_outcome = "failed"
    ten.read()
    assert (ten.tally.covered, ten.tally.ends) == ((NOW - 170 * DAY, NOW - 170 * DAY), BEGUN)
    ten.tenant.faults.query_outcome = "succeeded"
    ten.read()
    assert (ten.tally.covered, ten.tally.ends) == ((NOW - 170 * DAY, BEGUN), BEGUN)


def test_what_is_not_read_yet_is_not_covered_though_later_stretches_are():
    plan = planned(GAP, since=NOW - 170 * DAY)
    assert plan.covered == (NOW - 170 * DAY, NOW - 170 * DAY)
    plan.advance()
    assert plan.covered == (NOW - 170 * DAY, NOW - 140 * DAY)
    plan.put_off()
    assert plan.covered == (NOW - 170 * DAY, NOW - 140 * DAY)
    while plan.todo:
        plan.advance()
    assert plan.covered == (NOW - 170 * DAY, plan.ends) == (NOW - 170 * DAY, GAP[1])
    assert planned(since=NOW - 200 * DAY, state=plan.state()).covered == (NOW - 200 * DAY, NOW - 200 * DAY)


def test_one_that_has_nothing_to_read_is_at_its_end():
    plan = planned(since=NOW - 5 * DAY)
    assert (plan.covered, plan.ends) == ((NOW - 60 * DAY, NOW - 60 * DAY), NOW - 60 * DAY)
