"""A stretch of time that Office 365 never lists: what comes behind it is read, and it is asked for again."""

import pytest
from delegation_watch.sources import memory
from delegation_watch.sources.aside import MOST, between, halves
from delegation_watch.sources.errors import RefusedError, UnreachableError
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import CONTENT, DAY, HOUR, NOW, Answer, blob_uri, listed, numbers, record, refusal, stamp

FAULTS = [refusal("AF50000", 500), Broken("cut off"), Answer("<html>Blocked</html>", 403), Answer("<html>")]


def twice_a_day(collector, fault, *moments, healed=False):
    """A blob every twelve hours, 1 to 14 before NOW, and a fault for each listing that holds one of the moments."""
    entries = [listed(number, number * 720 - 690) for number in range(15)]
    for number in range(15):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))

    def answer(call):
        start, end = call.query["startTime"], call.query["endTime"]
        if not healed and any(start <= stamp(moment) < end for moment in moments):
            return fault
        return Answer([entry for entry in entries if start <= entry["contentCreated"] < end])

    collector.vendor.on("GET", CONTENT, answer)


BAD = NOW - 4 * DAY - 1800  # where blob 9 lies


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stretch_that_is_never_listed_keeps_nothing_back_and_is_given_once_when_it_is(collector, fault):
    twice_a_day(collector, fault, BAD)
    events, state = collector.read(first=NOW - 7 * DAY)
    assert sorted(numbers(events)) == [number for number in range(1, 15) if number != 9]
    assert "cannot be listed" in collector.tally.failed[0]
    assert state["until"] <= BAD < collector.tally.covered[1] + 6 * HOUR  # nothing is said to be covered behind it
    assert collector.tally.gaps == []
    events, state = collector.read(state, now=NOW + DAY)
    assert numbers(events) == [0]
    twice_a_day(collector, fault, BAD, healed=True)
    events, state = collector.read(state, now=NOW + DAY + 300)
    assert (numbers(events), state["until"], "aside" in state) == ([9], NOW + DAY + 300, False)
    assert collector.read(state, now=NOW + DAY + 600)[0] == []


def test_it_is_given_though_the_memory_no_longer_reaches_back_to_it(collector, monkeypatch):
    for name, number in (("SEGMENT", 2), ("_TOGETHER", 1), ("_MOST", 2)):
        monkeypatch.setattr(memory, name, number)
    twice_a_day(collector, FAULTS[0], BAD)
    _, state = collector.read(first=NOW - 7 * DAY)
    assert memory.Memory(state["blobs"]).since > BAD
    twice_a_day(collector, FAULTS[0], BAD, healed=True)
    assert numbers(collector.read(state, now=NOW + 300)[0]) == [9]


def test_one_that_fails_again_is_asked_for_in_halves_until_hardly_more_than_a_minute_is_left(collector):
    twice_a_day(collector, FAULTS[0], BAD)
    _, state = collector.read(first=NOW - 7 * DAY)
    for run in range(1, 11):
        _, state = collector.read(state, now=NOW + run * 300)
    [(start, end)] = state["aside"]
    assert start <= BAD < end <= start + 60


def test_one_that_is_not_listed_in_seven_days_is_told_as_a_gap_once(collector):
    twice_a_day(collector, FAULTS[0], BAD)
    _, state = collector.read(first=NOW - 7 * DAY)
    [aside] = state["aside"]
    gaps = []
    for days in range(1, 6):
        collector.now = NOW + days * DAY
        _, state = collector.read(state, now=collector.now)
        gaps += collector.tally.gaps
    assert all("could not be listed for seven days" in gap.why for gap in gaps)
    assert aside[0] <= gaps[0].start <= BAD < gaps[-1].end <= aside[1]
    assert (state["until"], "aside" in state) == (collector.now, False)


def test_the_newest_stretch_is_left_out_up_to_the_last_minutes(collector):
    twice_a_day(collector, FAULTS[0], NOW - 1800)
    events, state = collector.read(first=NOW - 2 * HOUR)
    assert (events, state["aside"]) == ([], [[NOW - 2 * HOUR, NOW - 300]])
    twice_a_day(collector, FAULTS[0], healed=True)
    assert numbers(collector.read(state, now=NOW + 60)[0]) == [1]


def test_three_in_a_row_end_a_run_and_the_next_one_goes_on_behind_them(collector):
    twice_a_day(collector, FAULTS[0], *(NOW - 5 * DAY + number * 6 * HOUR for number in range(5)))
    _, state = collector.interrupted(RefusedError, first=NOW - 6 * DAY)
    assert len(state["aside"]) == 3
    events, state = collector.read(state, first=NOW - 6 * DAY, now=NOW + 60)
    assert 1 in numbers(events)


@pytest.mark.parametrize(("fault", "error"), [(FAULTS[0], RefusedError), (FAULTS[1], UnreachableError)])
def test_a_service_that_is_out_leaves_no_stretch_out_though_something_was_listed_before(collector, fault, error):
    collector.vendor.on("GET", CONTENT, Answer([]), Answer([]), fault)
    _, state = collector.interrupted(error, first=NOW - 3 * DAY)
    assert (state["until"], "aside" in state) == (NOW - 3 * DAY + 12 * HOUR, False)
    assert collector.tally.failed == []


def test_what_is_set_aside_is_cut_out_of_the_time_to_ask_for():
    assert between(0, 10, [(4, 6), (2, 5), (12, 20), (-3, 0)]) == [(0, 2), (6, 10)]
    assert between(3, 9, [(0, 4), (8, 12)]) == [(4, 8)]
    assert between(3, 9, [(0, 12)]) == []
    assert between(5, 5, []) == []


def test_halves_have_an_end_in_length_and_in_number():
    assert halves((0, 100), 0) == [(0, 50), (50, 100)]
    assert halves((0, 60), 0) == [(0, 60)]
    assert halves((0, 100), MOST) == [(0, 100)]
