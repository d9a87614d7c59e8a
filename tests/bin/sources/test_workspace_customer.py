"""The Workspace feed of an account that names another domain: the same customer's place is kept, another's is not."""

import json

import pytest
from delegation_watch.sources.errors import RefusedError
from delegation_watch.sources.workspace import WorkspaceFeed

from tests.bin.sources.test_workspace import ADMIN, activity, google_error, names, page, serve
from tests.bin.sources.vendor import DAY, GOOGLE, NOW, stamp

ONE, OTHER = ["contoso.com"], ["contoso.co.uk"]


def daily(days, customer="C1"):
    """An activity a day, newest first, named by how many days ago it was; the first an hour ago."""
    made = [activity(day, day * 24 * 60 + 60) for day in days]
    for one in made:
        one["id"]["customerId"] = customer
    return made


def days(events):
    return sorted(int(name.rpartition("_")[2]) for name in names(events))


def refused(collector, moment, *activities):
    """The window that holds the moment is bad input to the vendor; each other one has all of these activities."""
    at = stamp(moment) + ".000Z"

    def answer(call):
        within = call.query["startTime"] <= at <= call.query["endTime"]
        return google_error(400, "invalid") if within else page(*activities)

    collector.vendor.on("GET", ADMIN, answer)


@pytest.fixture
def left(collector):
    """The place of an account that was read up to 20 days ago, from 7 days before on."""
    serve(collector, *daily(range(40)))
    given, state = collector.workspace(first=NOW - 27 * DAY, now=NOW - 20 * DAY, names=ONE)
    assert days(given) == list(range(20, 27))
    return state


def test_an_administrator_of_the_customer_s_other_domain_reads_on_where_the_first_one_stopped(collector, left):
    given, state = collector.workspace(left, first=NOW - 7 * DAY, names=OTHER)
    assert days(given) == list(range(20))
    assert (collector.tally.warnings, state["first"]) == ([], left["first"])
    [line] = collector.tally.notes
    assert line == (
        "admin: the account is of contoso.co.uk now, and was of contoso.com; that is the same customer, and reading "
        "goes on where it was"
    )
    assert collector.workspace(state, first=NOW - 7 * DAY, now=NOW + 300, names=OTHER)[0] == []
    assert collector.tally.notes == []


def test_another_customer_is_begun_anew_at_start_and_told_once(collector):
    serve(collector, *daily(range(10)))
    _, left = collector.workspace(first=NOW - 7 * DAY, customer="my_customer", names=ONE)
    serve(collector, *daily(range(10), "C2"))
    given, state = collector.workspace(left, NOW - 7 * DAY, customer="my_customer", now=NOW + 300, names=OTHER)
    assert days(given) == list(range(7))
    assert {json.loads(text)["id"]["customerId"] for text in given} == {"C2"}
    [line] = collector.tally.warnings
    assert line == (
        "admin: the account is of contoso.co.uk now, and was of contoso.com; of its last days nothing was read before, "
        f"so it is begun anew, at {stamp(NOW - 7 * DAY)}.000Z"
    )
    serve(collector, *daily(range(-1, 10), "C2"))
    given, _ = collector.workspace(state, NOW - 7 * DAY, customer="my_customer", now=NOW + DAY, names=OTHER)
    assert (days(given), collector.tally.warnings) == ([-1], [])


def test_one_that_cannot_be_told_loses_nothing_since_the_place_and_doubles_nothing(collector):
    before, since = daily([26]), daily([3, 10, 19])
    serve(collector, *before, *since)
    _, left = collector.workspace(first=NOW - 27 * DAY, now=NOW - 20 * DAY, names=ONE)
    given, state = collector.workspace(left, first=NOW - 7 * DAY, names=OTHER)
    assert days(given) == [3, 10, 19]
    assert len(collector.tally.warnings) == 1
    assert collector.workspace(state, first=NOW - 60 * DAY, now=NOW + 300, names=OTHER)[0] == []


def test_a_page_of_what_came_late_hides_no_customer_that_is_the_same(collector, left):
    pages = {None: page(activity(99, 20 * 24 * 60 + 1), following="p"), "p": page(*daily([20]))}
    collector.vendor.on("GET", ADMIN, lambda call: pages[call.query.get("pageToken")])
    assert names(collector.workspace(left, now=NOW - 20 * DAY + 60, names=OTHER)[0]) == ["EVENT_99"]
    assert len(collector.tally.notes) == 1


def test_a_refusal_while_it_is_asked_decides_nothing(collector, left):
    collector.vendor.on("GET", ADMIN, google_error(403, "forbidden"))
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "", collector.token, collector.tally, OTHER)
    with pytest.raises(RefusedError):
        next(feed.read(left, NOW - 7 * DAY, NOW))


def test_a_window_that_is_refused_for_good_keeps_nothing_back(collector, left):
    refused(collector, NOW - 21 * DAY, *daily(range(21)))
    given, _ = collector.workspace(left, first=NOW - 7 * DAY, names=OTHER)
    assert days(given) == list(range(20))
    assert len(collector.tally.warnings) == 1


@pytest.mark.parametrize(("now", "calls"), [(ONE, 1), ([*ONE, "C1"], 2)])
def test_only_where_the_names_change_it_is_asked(collector, left, now, calls):
    before = len(collector.vendor.calls)
    collector.workspace(left, now=NOW - 20 * DAY + 60, names=now)
    assert len(collector.vendor.calls) - before == calls
    assert (len(collector.tally.notes), collector.tally.warnings) == (calls - 1, [])


def test_what_was_refused_is_asked_for_again_though_the_customer_cannot_be_told(collector):
    missed = activity(30, 30 * 24 * 60 + 60)
    refused(collector, NOW - 30 * DAY - 3600)
    _, left = collector.workspace(first=NOW - 40 * DAY, now=NOW - 20 * DAY, names=ONE)
    assert len(left["gaps"]) == 1
    serve(collector, missed)
    given, state = collector.workspace(left, first=NOW - 7 * DAY, names=OTHER)
    assert (names(given), len(collector.tally.warnings)) == (["EVENT_30"], 1)
    assert "gaps" not in state


def test_a_place_that_names_no_customer_is_the_account_s_own(collector, left):
    del left["names"]
    given, _ = collector.workspace(left, first=NOW - 7 * DAY, names=OTHER)
    assert days(given) == list(range(20))
    assert collector.tally.notes == collector.tally.warnings == []
