"""The Office 365 feed: pages of a listing, its blobs, those that cannot be read, and how many are fetched at once."""

import json
import threading

import pytest
from delegation_watch.sources.errors import RefusedError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Tally
from delegation_watch.sources.office365 import Office365Feed
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import (
    CONTENT,
    DAY,
    HOUR,
    NOW,
    TENANT,
    Answer,
    blob_uri,
    events_in,
    listed,
    numbers,
    record,
    refusal,
)

NEXT = CONTENT.replace("v1.0", "v1") + "?contentType=Audit.Exchange&nextPage="


@pytest.mark.parametrize("header", ["NextPageUri", "nextpageuri", "NEXTPAGEURI", "NextPageUrl", "nextPageUrl"])
def test_pages_are_followed_whatever_their_header_is_called(collector, header):
    collector.blobs(1, 2, 3)
    pages = [Answer([listed(1)], headers={header: NEXT + "a"}), Answer([listed(2)], headers={header: NEXT + "b"})]
    collector.vendor.on("GET", CONTENT, *pages[:1])
    collector.vendor.on("GET", CONTENT.replace("v1.0", "v1"), pages[1], Answer([listed(3)]))
    assert numbers(collector.read()[0]) == [1, 2, 3]
    assert [call.query["nextPage"] for call in collector.vendor.to(CONTENT.replace("v1.0", "v1"))] == ["a", "b"]


def test_an_empty_page_that_names_a_next_one_is_not_the_end(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([], headers={"NextPageUri": NEXT + "a"}))
    collector.vendor.on("GET", CONTENT.replace("v1.0", "v1"), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]


def test_pages_that_go_in_a_circle_end_and_are_told(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([listed(1)], headers={"NextPageUri": NEXT + "a"}))
    round_trip = [Answer([listed(1)], headers={"NextPageUri": NEXT + page}) for page in ("b", "a", "b")]
    collector.vendor.on("GET", CONTENT.replace("v1.0", "v1"), *round_trip)
    collector.read()
    assert "same next page again" in collector.tally.failed[0]
    assert len(collector.vendor.calls) < 10


@pytest.mark.parametrize("page", [{"Message": "a map where a list is due"}, "text", None, 7])
def test_a_listing_that_is_no_list_is_never_taken_for_an_empty_one(collector, page):
    collector.vendor.on("GET", CONTENT, Answer(json.dumps(page)))
    with pytest.raises(RefusedError, match="no list"):
        collector.read()


@pytest.mark.parametrize(
    "once", [Answer({"Message": "a map where a list is due"}), Answer("<html>"), refusal("AF50000", 200)],
    ids=["map", "page of a proxy", "AF50000 in 200"],
)  # fmt: skip
def test_a_listing_that_goes_wrong_once_is_asked_for_again_in_the_same_run(collector, once):
    collector.blobs(1)
    calls = []

    def answer(call):
        calls.append(call)
        inside = call.query["startTime"] <= listed(1)["contentCreated"] < call.query["endTime"]
        return once if len(calls) == 1 else Answer([listed(1)] if inside else [])

    collector.vendor.on("GET", CONTENT, answer)
    assert numbers(collector.read()[0]) == [1]
    assert collector.tally.failed == []


def test_an_error_that_comes_as_a_success_is_an_error(collector):
    collector.vendor.on("GET", CONTENT, refusal("AF20010", 200))
    with pytest.raises(RefusedError, match="AF20010"):
        collector.read()


def test_a_listing_that_is_no_json_is_an_error(collector):
    collector.vendor.on("GET", CONTENT, Answer("<html>sign in to the proxy</html>"))
    with pytest.raises(RefusedError, match=r"page of HTML"):
        collector.read()


def test_an_entry_without_an_address_is_a_loss_that_is_told(collector):
    collector.blobs(2)
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentUri=None), "odd", listed(2)]))
    events, _ = collector.read()
    assert numbers(events) == [2]
    assert collector.tally.lost == 2


def test_an_entry_without_a_time_is_read_once_and_holds_the_checkpoint_at_its_window(collector):
    collector.blobs(1, 2)
    odd = [listed(1, contentCreated=None), listed(2, contentCreated="?")]
    collector.vendor.on("GET", CONTENT, Answer(odd))
    collector.vendor.on("GET", blob_uri(2), Answer("[", 200))
    events, state = collector.read()
    assert numbers(events) == [1]
    assert state["until"] == NOW - HOUR
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    events, state = collector.read(state)
    assert numbers(events) == [2]
    assert state["until"] == NOW


def test_every_call_names_the_publisher_and_bears_the_token(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([], headers={"NextPageUri": NEXT + "a&PublisherIdentifier=" + TENANT}))
    collector.vendor.on("GET", CONTENT.replace("v1.0", "v1"), Answer([listed(1)], headers={"NextPageUri": NEXT + "b"}),
                        Answer([listed(2, contentUri=blob_uri(2) + "?x=%24")]))  # fmt: skip
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    assert numbers(collector.read()[0]) == [1, 2]
    assert len(collector.vendor.calls) == 5
    for call in collector.vendor.calls:
        assert call.query["PublisherIdentifier"] == TENANT
        assert call.headers["Authorization"] == "Bearer token-1"
    assert collector.vendor.to(blob_uri(2))[0].query["x"] == "$"


def failing(collector):
    """Three blobs, of which the second cannot be read; (events, state) of the run."""
    collector.list(listed(1, 50), listed(2, 40), listed(3, 30))
    collector.vendor.on("GET", blob_uri(2), refusal("AF50000", 500))
    for number in (1, 3):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    return collector.read()


def test_a_blob_that_fails_holds_the_checkpoint_back_and_not_the_blobs_behind_it(collector):
    events, state = failing(collector)
    assert numbers(events) == [1, 3]
    assert state["until"] == pytest.approx(NOW - 40 * 60, abs=1)
    [line] = collector.tally.failed
    assert line.startswith("Audit.Exchange: content blob-2 could not be read: ")
    assert "AF50000" in line


def test_the_next_run_fetches_the_blob_that_failed_and_only_that(collector):
    _, state = failing(collector)
    collector.vendor.calls.clear()
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    events, state = collector.read(state, now=NOW + 300)
    assert numbers(events) == [2]
    assert [call.url for call in collector.vendor.calls if call.url != CONTENT] == [blob_uri(2)]
    assert (state["until"], collector.tally.failed) == (NOW + 300, [])


def test_a_listing_that_breaks_off_in_its_middle_loses_nothing_and_gives_nothing_twice(collector):
    collector.blobs(*range(12))
    next_page = {"NextPageUri": CONTENT + "?nextPage=2"}
    pages = {"": Answer([listed(number) for number in range(11)], headers=next_page), "2": Broken("reset")}
    collector.vendor.on("GET", CONTENT, lambda call: pages[call.query.get("nextPage", "")])
    events, state = collector.read()
    assert numbers(events) == list(range(len(events))) != []
    assert state["until"] == NOW - HOUR
    pages["2"] = Answer([listed(11)])
    assert numbers(events + collector.read(state)[0]) == list(range(12))


def test_a_run_that_cannot_list_the_last_hours_keeps_the_place_it_had(collector):
    state = {"first": NOW - DAY, "until": NOW - 300, "seen": {}}
    collector.vendor.on("GET", CONTENT, Broken("reset"))
    for _ in range(3):
        _, state = collector.interrupted(UnreachableError, state)
    assert state["until"] == NOW - 300


@pytest.mark.parametrize("fault", [refusal("AF50000", 500), refusal("AF429", 403), Broken("reset")])
def test_a_service_that_is_down_is_not_tried_for_every_single_blob(collector, fault):
    collector.blobs(*range(100))
    for number in range(5, 100):
        collector.vendor.on("GET", blob_uri(number), fault)
    events, state = collector.interrupted(RefusedError, connections=2)
    assert numbers(events) == [0, 1, 2, 3, 4]
    assert len({call.url for call in collector.vendor.calls}) < 30
    for number in range(5, 100):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    assert numbers(collector.read(state)[0]) == list(range(5, 100))


def test_blobs_that_keep_failing_keep_nothing_back_that_is_new(collector):
    collector.blobs(*range(30))
    for number in range(0, 30, 2):
        collector.vendor.on("GET", blob_uri(number), refusal("AF50000", 500))
    events, state = collector.read()
    assert numbers(events) == list(range(1, 30, 2))
    collector.blobs(*range(1, 30, 2))
    collector.list(*map(listed, range(31)))
    collector.vendor.on("GET", blob_uri(30), Answer([record(30)]))
    assert numbers(collector.read(state)[0]) == [30]


@pytest.mark.parametrize("status", [429, 503])
def test_a_front_door_that_is_down_without_a_code_of_the_vendors_is_not_tried_for_every_blob(collector, status):
    collector.blobs(*range(100))
    for number in range(100):
        collector.vendor.on("GET", blob_uri(number), Answer("<html>busy</html>", status))
    collector.interrupted(RefusedError, connections=2)
    assert len({call.url for call in collector.vendor.calls}) < 30


def test_blobs_that_something_on_the_way_refuses_are_not_all_asked_for_by_every_run_and_none_is_lost(collector):
    every = range(300)
    entries = [listed(number, 59 - number / 10) for number in every]
    collector.list(*entries)
    for number in every:
        collector.vendor.on("GET", blob_uri(number), Answer("<html>blocked by policy</html>", 403))
    state = None
    for run in range(4):
        collector.vendor.calls.clear()
        _, state = collector.interrupted(RefusedError, state, connections=4, now=NOW + 300 * run)
        assert len(collector.vendor.calls) < 120
        assert len(collector.tally.failed) == 10
        assert "HTTP 403" in collector.tally.failed[0]
        assert all(state["until"] <= NOW - (59 - number / 10) * 60 for number in every)
    for number in every:
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    found = []
    for run in (4, 5):
        events, state = collector.read(state, now=NOW + 300 * run)
        found += numbers(events)
    assert sorted(found) == list(every)
    assert (state["until"], collector.tally.failed) == (NOW + 1500, [])


def test_what_ends_a_content_type_is_one_line_that_says_what_to_do(collector):
    collector.blobs(*range(60))
    for number in range(60):
        collector.vendor.on("GET", blob_uri(number), Answer("<html>blocked by policy</html>", 403))
    feed = Office365Feed(collector.api, "Audit.Exchange", 1, collector.tally)
    with pytest.raises(RefusedError, match=r"^50 blobs could not be read, .* a proxy, a firewall or a policy"):
        list(feed.read({}, NOW - HOUR, NOW))


def test_of_many_that_failed_before_each_has_its_turn_and_those_behind_them_are_read(collector):
    """Seventy stay broken; the run asks for some of them, and in another one for the others."""
    collector.list(*[listed(number, 50) for number in range(140)])
    for number in range(140):
        broken = number % 2
        answer = Answer("<html>no</html>", 403) if broken else Answer([record(number)])
        collector.vendor.on("GET", blob_uri(number), answer)
    events, state = collector.read()
    assert numbers(events) == list(range(0, 140, 2))
    assert collector.tally.failed[10].startswith("Audit.Exchange: 60 more blobs could not be read; unless")
    asked = []
    for run in (1, 2):
        collector.vendor.calls.clear()
        _, state = collector.read(state, now=NOW + 300 * run)
        asked.append({call.url for call in collector.vendor.calls if call.url != CONTENT})
    assert (len(asked[0]), len(asked[1]), len(asked[0] | asked[1])) == (50, 50, 70)


def test_blobs_that_failed_and_are_listed_no_more_keep_none_of_the_others_back(collector):
    collector.list(*[listed(number, 50) for number in range(140)])
    for number in range(140):
        collector.vendor.on("GET", blob_uri(number), Answer("<html>no</html>", 403) if number % 2 else Answer([]))
    _, state = collector.read()
    there = range(101, 140, 2)
    collector.list(*[listed(number, 50) for number in there])
    for number in there:
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    first, state = collector.read(state, now=NOW + 300)
    second, _ = collector.read(state, now=NOW + 600)
    assert sorted(numbers(first) + numbers(second)) == list(there)


def test_a_blob_that_fails_for_a_day_is_still_listed_and_fetched(collector):
    _, state = failing(collector)
    for hour in range(1, 25):
        _, state = collector.read(state, now=NOW + hour * HOUR)
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    events, state = collector.read(state, now=NOW + DAY)
    assert numbers(events) == [2]
    assert state["until"] == NOW + DAY


def test_later_windows_do_not_move_the_checkpoint_past_a_blob_that_failed(collector):
    collector.list(listed(1, 20 * 60), listed(2, 60))
    collector.vendor.on("GET", blob_uri(1), refusal("AF50000", 500))
    collector.vendor.on("GET", blob_uri(2), Answer([record(2)]))
    events, state = collector.read(first=NOW - 24 * HOUR)
    assert numbers(events) == [2]
    assert state["until"] == pytest.approx(NOW - 20 * HOUR, abs=1)
    collector.vendor.on("GET", blob_uri(1), Answer([record(1)]))
    assert numbers(collector.read(state)[0]) == [1]


WHOLE = json.dumps([record(1, Parameters=[{"Name": "a", "Value": "b"}]), record(2)])


@pytest.mark.parametrize("end", range(0, len(WHOLE), 7))
def test_a_body_that_was_cut_off_anywhere_is_not_taken_for_content(collector, end):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(WHOLE[:end]))
    events, state = collector.read()
    assert events == []
    assert "ends before its list does" in collector.tally.failed[0]
    assert state["until"] < NOW
    collector.vendor.on("GET", blob_uri(1), Answer(WHOLE))
    assert numbers(collector.read(state)[0]) == [1, 2]


def test_a_body_that_was_cut_off_right_behind_a_record_is_not_taken_for_content(collector):
    collector.blobs(1)
    for end in (WHOLE.index("}, {") + 1, WHOLE.index("}]") + 2):
        collector.vendor.on("GET", blob_uri(1), Answer(WHOLE[:end]))
        events, state = collector.read()
        assert events == []
        assert state["until"] < NOW


def test_a_body_that_was_cut_off_is_fetched_once_more_in_the_same_run(collector):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(WHOLE[:40]), Answer(WHOLE))
    assert numbers(collector.read()[0]) == [1, 2]
    assert collector.tally.failed == []


def test_a_connection_that_breaks_is_tried_again(collector):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Broken("reset"), Broken("reset"), Answer([record(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert len(collector.slept) == 2


def test_a_listing_that_cannot_be_reached_ends_the_run(collector):
    collector.vendor.on("GET", CONTENT, Broken("Name or service not known"))
    with pytest.raises(UnreachableError, match=r"cannot reach manage\.test"):
        collector.read()


def test_an_error_in_place_of_a_blob_is_an_error_although_it_comes_as_a_success(collector):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), refusal("AF20051", 200))
    assert collector.read()[0] == []
    assert collector.tally.lost == 1


def test_a_checkpoint_comes_behind_the_events_it_stands_for(collector):
    collector.list(listed(1, 11 * 60), listed(2, 60))
    for number in (1, 2):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    items = list(Office365Feed(collector.api, "Audit.Exchange", 4, Tally()).read({}, NOW - 12 * HOUR, NOW))
    assert [type(item) for item in items] == [list, Checkpoint, list, Checkpoint]
    assert [item.state["until"] for item in items[1::2]] == [NOW - 6 * HOUR, NOW]
    assert all(list(item.state["records"]["segments"]) == ["0"] for item in items[1::2])


def test_no_more_blobs_are_held_than_a_few_for_each_connection(collector):
    collector.blobs(*range(200))
    feed = Office365Feed(collector.api, "Audit.Exchange", 2, Tally())
    run = feed.read({}, NOW - HOUR, NOW)
    for given in range(1, 60):
        next(run)
        fetched = len([call for call in collector.vendor.calls if call.url != CONTENT])
        assert fetched <= given + 3 * 2
    run.close()
    assert len(collector.vendor.calls) < 80


def test_pages_of_a_listing_are_not_read_far_ahead(collector):
    page = [Answer([listed(n) for n in range(10 * p, 10 * p + 10)], headers={"NextPageUri": f"{CONTENT}?nextPage={p}"})
            for p in range(30)]  # fmt: skip
    collector.vendor.on("GET", CONTENT, *page, Answer([]))
    for number in range(300):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    run = Office365Feed(collector.api, "Audit.Exchange", 1, Tally()).read({}, NOW - HOUR, NOW)
    next(run)
    assert len(collector.vendor.to(CONTENT)) == 1
    assert len(events_in(run)) == 299


def test_blobs_are_fetched_over_several_connections_at_once_and_given_in_order(collector):
    collector.blobs(*range(12))
    together, most, lock, all_four = [0], [0], threading.Lock(), threading.Barrier(4, timeout=60)

    def slow(call):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        all_four.wait()
        with lock:
            together[0] -= 1
        return Answer([record(int(call.url.rpartition("-")[2]))])

    for number in range(12):
        collector.vendor.on("GET", blob_uri(number), slow)
    assert numbers(collector.read(connections=4)[0]) == list(range(12))
    assert most[0] == 4
