"""The Office 365 feed: windows, pages, blobs, records, and what the next run is told."""

import json
import threading
import time
from datetime import datetime

import pytest
from delegation_watch.sources.errors import RefusedError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event, Tally
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
    listed,
    numbers,
    record,
    refusal,
    stamp,
)

NEXT = CONTENT.replace("v1.0", "v1") + "?contentType=Audit.Exchange&nextPage="


def windows(collector):
    """(start, end) of each listing, in seconds before NOW."""
    asked = [call.query for call in collector.vendor.to(CONTENT)]
    return [tuple(NOW - moment(query[name]) for name in ("startTime", "endTime")) for query in asked]


def moment(text):
    return datetime.strptime(text + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp()


# windows


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


def test_what_lies_out_of_reach_is_told_in_hours(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - 8 * DAY)
    [warning] = collector.tally.warnings
    assert warning.startswith("Audit.Exchange: what became available more than seven days ago can no longer be had")
    assert "24 hours are not covered" in warning


def test_a_collector_that_was_down_too_long_says_what_it_missed_and_goes_on(collector):
    collector.blobs(1)
    events, state = collector.read({"until": NOW - 9 * DAY, "seen": {}})
    assert numbers(events) == [1]
    assert "48 hours are not covered" in collector.tally.warnings[0]
    assert windows(collector)[0][0] <= 7 * DAY
    assert state["until"] == NOW


def test_seven_days_and_less_are_in_reach_and_told_of_by_no_warning(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - 7 * DAY)
    assert collector.tally.warnings == []


def test_each_run_lists_the_last_hours_again(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(first=NOW - DAY)
    collector.vendor.calls.clear()
    collector.read(state, now=NOW + 300)
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW - 6 * HOUR)
    assert collector.vendor.calls[-1].query["endTime"] == stamp(NOW + 300)


def test_content_that_is_listed_late_is_fetched_and_what_was_seen_is_not(collector):
    collector.blobs(2)
    _, state = collector.read()
    collector.blobs(1, 2)
    events, _ = collector.read(state, now=NOW + 300)
    assert numbers(events) == [1]
    assert len(collector.vendor.to(blob_uri(2))) == 1


def test_the_start_of_a_stanza_counts_at_the_first_run_only(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(first=NOW - DAY)
    collector.vendor.calls.clear()
    collector.read(state, first=NOW - 5 * DAY)
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW - 6 * HOUR)


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


def test_what_is_remembered_does_not_grow_for_ever(collector):
    seen = {f"{number:016x}": NOW - number * HOUR for number in range(7 * 24)}
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read({"until": NOW, "seen": seen})
    assert 6 <= len(state["seen"]) <= 24


# pages


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


def test_pages_that_go_in_a_circle_end_in_an_error(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([listed(1)], headers={"NextPageUri": NEXT + "a"}))
    round_trip = [Answer([listed(1)], headers={"NextPageUri": NEXT + page}) for page in ("b", "a", "b")]
    collector.vendor.on("GET", CONTENT.replace("v1.0", "v1"), *round_trip)
    with pytest.raises(RefusedError, match="same next page again"):
        collector.read()
    assert len(collector.vendor.calls) < 10


@pytest.mark.parametrize("page", [{"Message": "a map where a list is due"}, "text", None, 7])
def test_a_listing_that_is_no_list_is_never_taken_for_an_empty_one(collector, page):
    collector.vendor.on("GET", CONTENT, Answer(json.dumps(page)))
    with pytest.raises(RefusedError, match="no list"):
        collector.read()


def test_an_error_that_comes_as_a_success_is_an_error(collector):
    collector.vendor.on("GET", CONTENT, refusal("AF20010", 200))
    with pytest.raises(RefusedError, match="AF20010"):
        collector.read()


def test_a_listing_that_is_no_json_is_an_error(collector):
    collector.vendor.on("GET", CONTENT, Answer("<html>sign in to the proxy</html>"))
    with pytest.raises(RefusedError, match="no JSON"):
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


# blobs


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


def test_a_run_that_ends_in_the_middle_of_a_listing_loses_nothing_and_gives_nothing_twice(collector):
    collector.blobs(*range(12))
    next_page = {"NextPageUri": CONTENT + "?nextPage=2"}
    pages = {"": Answer([listed(number) for number in range(11)], headers=next_page), "2": Broken("reset")}
    collector.vendor.on("GET", CONTENT, lambda call: pages[call.query.get("nextPage", "")])
    events, state = collector.interrupted(UnreachableError)
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


# records


def text_of_blob(collector, body):
    """The events of a blob of this body."""
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    return collector.read()[0]


def test_a_record_keeps_its_bytes_its_order_and_its_numbers(collector):
    first = r'{"b":1.10, "a" : "\u00e9\/\ud83d\ude00", "CreationTime":"2026-11-20T10:00:00","big":12345678901234567890}'
    second = '{"Id":"é😀  ","Id":"twice"}'
    assert text_of_blob(collector, f"[ {first} ,\n{second}]") == [first, second]


def test_a_record_over_many_lines_becomes_one_line_of_the_same_content(collector):
    [event] = text_of_blob(collector, json.dumps([record(1, Parameters=[{"Name": "é"}])], indent=2))
    assert "\n" not in event
    assert json.loads(event) == record(1, Parameters=[{"Name": "é"}])
    assert list(json.loads(event)) == list(record(1, Parameters=[]))


def test_a_byte_order_mark_and_an_empty_list_are_no_errors(collector):
    assert text_of_blob(collector, b"\xef\xbb\xbf[]") == []
    assert numbers(text_of_blob(collector, b"\xef\xbb\xbf" + json.dumps([record(1)]).encode())) == [1]
    assert (collector.tally.failed, collector.tally.unreadable) == ([], 0)


def test_bytes_that_are_no_utf8_cost_no_record(collector):
    body = b'[{"Id":"record-1","Subject":"caf\xe9"},{"Id":"record-2"}]'
    assert numbers(text_of_blob(collector, body)) == [1, 2]


def test_control_characters_inside_a_string_cost_no_record(collector):
    assert len(text_of_blob(collector, '[{"Id":"record-1","Subject":"a\x00\x1fb\tc"}]')) == 1
    assert (collector.tally.unreadable, collector.tally.failed) == (0, [])


def test_elements_that_are_no_records_are_kept_and_counted(collector):
    assert text_of_blob(collector, '[7, "text", null, [1], {"Id":"record-1"}]') == [
        "7", '"text"', "null", "[1]", '{"Id":"record-1"}',
    ]  # fmt: skip
    assert (collector.tally.events, collector.tally.unreadable) == (5, 4)


def test_a_blob_that_is_no_list_is_kept_as_one_event_counted_and_told(collector):
    events = text_of_blob(collector, '{"contentId":\n "blob-1"}')
    assert [json.loads(event) for event in events] == [{"contentId": "blob-1"}]
    assert "\n" not in events[0]
    assert (collector.tally.events, collector.tally.unreadable, collector.tally.failed) == (1, 1, [])
    assert "content blob-1 has 1 of what is no record; it is kept as it is" in collector.tally.warnings[0]


def test_nesting_beyond_all_measure_holds_back_its_blob_alone(collector):
    collector.blobs(1, 2)
    collector.vendor.on("GET", blob_uri(1), Answer("[" * 200_000 + "]" * 200_000))
    assert numbers(collector.read()[0]) == [2]
    assert len(collector.tally.failed) == 1


def events_of(collector, body):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    feed = Office365Feed(collector.api, "Audit.Exchange", 1, Tally())
    return [item for item in feed.read({}, NOW - HOUR, NOW) if isinstance(item, Event)]


def test_an_event_has_the_time_of_its_record_in_utc(collector):
    bodies = [{"CreationTime": "2026-11-20T10:00:00"}, {"CreationTime": "2026-11-20T10:00:00.5Z"}, {"Id": "none"}]
    bodies += [{"CreationTime": "yesterday"}, {"CreationTime": 5}, 7]
    times = [event.time for event in events_of(collector, bodies)]
    assert times == [NOW - 2 * HOUR, NOW - 2 * HOUR + 0.5, None, None, None, None]


def test_the_same_record_to_the_letter_is_given_once_a_near_copy_as_well(collector):
    collector.blobs(1, 2)
    twin = record(7)
    near = [record(7, Operation="Sent"), {**record(7), "ClientIP": "192.0.2.1"}]
    collector.vendor.on("GET", blob_uri(1), Answer([twin, twin, record(8)]))
    collector.vendor.on("GET", blob_uri(2), Answer([twin, *near]))
    assert numbers(collector.read()[0]) == [7, 8, 7, 7]
    assert collector.tally.duplicates == 2


# addresses


@pytest.mark.parametrize(
    "foreign",
    [
        "https://content.example.net/blob", "https://manage.test.example.net/blob", "https://manage.test:8443/blob",
        "http://manage.test/blob", "https://manage.test@example.net/blob", "https://user@manage.test/blob",
        "//example.net/blob", "/blob", "file:///etc/passwd", "https://manage.test:port/blob",
        "https://manage.test\\.example.net/blob", "",
    ],
)  # fmt: skip
def test_no_token_leaves_for_an_address_that_is_not_the_vendors(collector, foreign):
    collector.blobs(2)
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentUri=foreign), listed(2)]))
    events, _ = collector.read()
    assert numbers(events) == [2]
    assert {call.url for call in collector.vendor.calls} == {CONTENT, blob_uri(2)}
    assert len(collector.tally.failed) + collector.tally.lost == 1


def test_no_token_leaves_for_a_next_page_that_is_not_the_vendors(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([listed(1)], headers={"NextPageUri": "https://example.net/page"}))
    with pytest.raises(RefusedError, match=r"refused to call example\.net: only manage\.test:443"):
        collector.read()
    assert "example.net" not in str(collector.vendor.calls)


def test_the_vendors_host_may_be_written_in_any_case_and_with_its_port(collector):
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentUri="https://MANAGE.test:443/x")]))
    collector.vendor.on("GET", "https://manage.test/x", Answer([record(1)]))
    collector.vendor.on("GET", "https://manage.test:443/x", Answer([record(1)]))
    assert numbers(collector.read()[0]) == [1]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(collector, status):
    collector.vendor.on("GET", CONTENT, Answer("", status, {"Location": "https://manage.test/elsewhere"}))
    with pytest.raises(RefusedError, match="redirect"):
        collector.read()
    assert len(collector.vendor.calls) == 1


# tokens


def test_a_token_that_is_refused_is_renewed_once(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer({}, 401), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert [call.headers["Authorization"] for call in collector.vendor.calls] == [
        "Bearer token-1", "Bearer token-2", "Bearer token-2",
    ]  # fmt: skip


def test_a_token_that_is_refused_twice_ends_the_feed_with_advice(collector):
    collector.vendor.on("GET", CONTENT, Answer({"Message": "Authorization has been denied for this request."}, 401))
    with pytest.raises(RefusedError, match="check tenant, cloud and the application's permission ActivityFeed"):
        collector.read()
    assert len(collector.vendor.calls) == 2
    assert collector.slept == []


def test_threads_that_meet_the_same_refused_token_renew_it_once(collector):
    collector.blobs(*range(20))
    good = [record(number) for number in range(20)]

    def answer(call):
        number = int(call.url.rpartition("-")[2])
        return Answer([good[number]]) if call.headers["Authorization"] == "Bearer token-2" else Answer({}, 401)

    for number in range(20):
        collector.vendor.on("GET", blob_uri(number), answer)
    assert numbers(collector.read()[0]) == list(range(20))
    assert collector.tokens == ["token-1", "token-2"]


def test_a_token_about_to_end_is_renewed_before_it_is_refused(collector):
    collector.token_life = 1000
    collector.blobs(1, 2, 3)

    def slow(call):
        collector.now += 400
        return Answer([record(int(call.url[-1]))])

    for number in (1, 2, 3):
        collector.vendor.on("GET", blob_uri(number), slow)
    assert numbers(collector.read(connections=1)[0]) == [1, 2, 3]
    used = [call.headers["Authorization"] for call in collector.vendor.calls]
    assert used == ["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"]


# order, look-ahead, connections


def test_a_checkpoint_comes_behind_the_events_it_stands_for(collector):
    collector.list(listed(1, 11 * 60), listed(2, 60))
    for number in (1, 2):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    items = list(Office365Feed(collector.api, "Audit.Exchange", 4, Tally()).read({}, NOW - 12 * HOUR, NOW))
    assert [type(item) for item in items] == [Event, Checkpoint, Event, Checkpoint]
    assert [item.state["until"] for item in items[1::2]] == [NOW - 6 * HOUR, NOW]
    assert [len(item.state["seen"]) for item in items[1::2]] == [1, 2]


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
    assert len([item for item in run if isinstance(item, Event)]) == 299


def test_blobs_are_fetched_over_several_connections_at_once_and_given_in_order(collector):
    collector.blobs(*range(12))
    together, most, lock = [0], [0], threading.Lock()

    def slow(call):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        time.sleep(0.01)
        with lock:
            together[0] -= 1
        return Answer([record(int(call.url.rpartition("-")[2]))])

    for number in range(12):
        collector.vendor.on("GET", blob_uri(number), slow)
    assert numbers(collector.read(connections=4)[0]) == list(range(12))
    assert most[0] == 4
