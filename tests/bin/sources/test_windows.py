"""The Office 365 feed: which stretches of time are listed, and what of them the next run is told."""

from datetime import datetime

import pytest
from delegation_watch.sources.errors import RefusedError

from tests.bin.sources.vendor import (
    CONTENT,
    DAY,
    HOUR,
    NOW,
    TENANT,
    Answer,
    blob_uri,
    listed,
    numbers,
    record,
    refusal,
    stamp,
)


def windows(collector):
    """(start, end) of each listing, in seconds before NOW."""
    asked = [call.query for call in collector.vendor.to(CONTENT)]
    return [tuple(NOW - moment(query[name]) for name in ("startTime", "endTime")) for query in asked]


def moment(text):
    return datetime.strptime(text + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp()


@pytest.mark.parametrize("first", [NOW - HOUR, NOW - 31 * HOUR, NOW - 7 * DAY, NOW - 8 * DAY, NOW - 7.5 * HOUR - 0.7])
def test_windows_follow_each_other_without_a_gap_and_are_never_too_long_or_empty(collector, first):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=first, now=NOW + 0.9)
    asked = windows(collector)
    assert all(0 < start - end <= DAY for start, end in asked)
    assert [end for _, end in asked[:-1]] == [start for start, _ in asked[1:]]
    assert asked[-1][1] == 0
    assert min(NOW - first, 7 * DAY) - 600 <= asked[0][0] <= min(NOW - first + 1, 7 * DAY)


@pytest.mark.parametrize("hours", [6, 12, 24, 48])
@pytest.mark.parametrize("fraction", [0.0, 0.4])
def test_a_span_of_whole_windows_leaves_no_empty_window_behind(collector, hours, fraction):
    """The vendor refuses a window whose start is its end: AF20055."""
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - hours * HOUR, now=NOW + fraction)
    assert all(start > end for start, end in windows(collector))


def test_times_are_written_without_zone_and_fraction(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - HOUR)
    [call] = collector.vendor.calls
    assert call.query == {
        "contentType": "Audit.Exchange", "startTime": "2026-11-20T11:00:00", "endTime": "2026-11-20T12:00:00",
        "PublisherIdentifier": TENANT,
    }  # fmt: skip


def test_what_lies_out_of_reach_is_told_to_the_second(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - 8 * DAY)
    [warning] = collector.tally.warnings
    assert warning == (
        "Audit.Exchange: 2026-11-12T12:00:00Z to 2026-11-13T12:05:00Z is not covered: what became available more than "
        "seven days ago can no longer be had"
    )


def test_a_collector_that_was_down_too_long_says_what_it_missed_and_goes_on(collector):
    collector.blobs(1)
    events, state = collector.read({"first": NOW - 30 * DAY, "until": NOW - 9 * DAY})
    assert numbers(events) == [1]
    assert "2026-11-11T12:00:00Z to 2026-11-13T12:05:00Z is not covered" in collector.tally.warnings[0]
    assert 7 * DAY - 600 <= windows(collector)[0][0] <= 7 * DAY
    assert state["until"] == NOW
    [gap] = collector.tally.gaps
    assert gap[:2] == (NOW - 9 * DAY, NOW - 7 * DAY + 300)
    assert collector.tally.covered == (gap.end, NOW)
    collector.read(state, now=NOW + 300)
    assert collector.tally.gaps == []


def test_a_feed_that_fails_at_the_edge_of_seven_days_tells_of_every_minute_it_loses(collector):
    """The gap grows from run to run; it is told when it is passed, once, and whole."""
    state, gaps = {"first": NOW - 30 * DAY, "until": NOW - 7 * DAY}, []
    collector.vendor.on("GET", CONTENT, refusal("AF50000", 500))
    for run in range(3):
        _, state = collector.interrupted(RefusedError, state, now=NOW + run * 300)
    collector.vendor.on("GET", CONTENT, Answer([]))
    for run in range(3, 6):
        _, state = collector.read(state, now=NOW + run * 300)
        gaps += collector.tally.gaps
    assert [gap[:2] for gap in gaps] == [(NOW - 7 * DAY, NOW + 900 - 7 * DAY + 300)]


@pytest.mark.parametrize("behind", [10 * 60, 3 * HOUR])
def test_a_clock_that_is_behind_costs_only_the_edge_that_the_vendor_refuses(collector, behind):
    edge = stamp(NOW + behind - 7 * DAY)
    refused, empty = refusal("AF20030"), Answer([])
    collector.vendor.on("GET", CONTENT, lambda call: refused if call.query["startTime"] < edge else empty)
    _, state = collector.read({"first": NOW - 30 * DAY, "until": NOW - 7 * DAY})
    assert state["until"] == NOW
    [gap] = collector.tally.gaps
    assert gap.start == NOW - 7 * DAY
    assert NOW + behind - 7 * DAY <= gap.end <= NOW + 2 * behind - 7 * DAY + 600


def test_a_clock_that_is_days_behind_is_told_and_nothing_given_up(collector):
    collector.vendor.on("GET", CONTENT, refusal("AF20030"))
    state = {"first": NOW - 30 * DAY, "until": NOW - 7 * DAY}
    _, after = collector.interrupted(RefusedError, state)
    assert after["until"] == NOW - 7 * DAY
    assert len(collector.vendor.calls) < 40


def test_seven_days_and_less_are_in_reach_and_told_of_by_no_warning(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - 7 * DAY)
    assert collector.tally.warnings == []


def test_each_run_lists_the_last_day_again(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(first=NOW - 3 * DAY)
    collector.vendor.calls.clear()
    collector.read(state, now=NOW + 300)
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW - DAY)
    assert collector.vendor.calls[-1].query["endTime"] == stamp(NOW + 300)


def test_content_that_is_listed_late_is_fetched_and_what_was_seen_is_not(collector):
    collector.blobs(2)
    _, state = collector.read()
    collector.blobs(1, 2)
    events, _ = collector.read(state, now=NOW + 300)
    assert numbers(events) == [1]
    assert len(collector.vendor.to(blob_uri(2))) == 1


def test_a_start_that_moves_on_changes_nothing_and_one_that_is_put_back_is_read_once(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(first=NOW - DAY)
    for first, since in ((NOW - HOUR, NOW - DAY), (NOW - 5 * DAY, NOW - 5 * DAY), (NOW - 5 * DAY, NOW - DAY)):
        collector.vendor.calls.clear()
        _, state = collector.read(state, first=first)
        assert min(call.query["startTime"] for call in collector.vendor.to(CONTENT)) == stamp(since)


def test_every_few_hours_all_that_the_vendor_keeps_is_listed_again(collector):
    collector.list(listed(2, 60))
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    _, state = collector.read(first=NOW - 6 * DAY)
    collector.list(listed(1, 3 * 24 * 60), listed(2, 60))
    collector.vendor.on("GET", blob_uri(1), Answer([record(1)]))
    found = {}
    for minutes in range(10, 600, 50):
        found[minutes], state = collector.read(state, now=NOW + minutes * 60)
    assert [minutes for minutes, events in found.items() if events] == [360]
    assert numbers(found[360]) == [1]
    assert len(collector.vendor.to(blob_uri(1))) == len(collector.vendor.to(blob_uri(2))) == 1


def test_what_was_missed_while_the_vendors_clock_was_behind_is_found_afterwards(collector):
    """What became available then bears a time that was thought to be covered."""
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(first=NOW - 6 * DAY)
    collector.blobs(1)
    events, _ = collector.read(state, now=NOW + 12 * HOUR)
    assert numbers(events) == [1]


def test_reading_the_last_hours_again_never_reaches_behind_the_start_of_the_stanza(collector):
    """A second run would else give records that nobody asked for."""
    collector.list(listed(1, 90), listed(2, 30))
    for number in (1, 2):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    events, state = collector.read(first=NOW - HOUR)
    assert numbers(events) == [2]
    for later in (300, 3600):
        events, state = collector.read(state, first=NOW - HOUR + later, now=NOW + later)
        assert events == []


def test_a_clock_that_was_set_back_does_no_harm(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    assert collector.read({"until": NOW + 7 * HOUR, "seen": {}})[0] == []
    collector.read({"until": NOW + HOUR, "seen": {}})
    assert all(start > end for start, end in windows(collector))
