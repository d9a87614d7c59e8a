"""The Workspace feed: windows, pages newest first, single events, and each of them once."""

import json

import pytest
from delegation_watch.sources.errors import RefusedError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event, Tally
from delegation_watch.sources.workspace import WorkspaceFeed
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import DAY, GOOGLE, HOUR, NOW, Answer, kept, stamp

ADMIN = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/admin"

LOGIN = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/login"
ACCOUNTS = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/user_accounts"


def moment(minutes_ago):
    return stamp(NOW - minutes_ago * 60) + ".123Z"


def activity(number, minutes_ago=30, events=None, **more):
    identity = {"time": moment(minutes_ago), "uniqueQualifier": str(number), "applicationName": "admin",
                "customerId": "C1"}  # fmt: skip
    events = [{"type": "x", "name": f"EVENT_{number}"}] if events is None else events
    return {"kind": "admin#reports#activity", "id": identity, "etag": f'"e{number}"', "actor": {"email": "a@b.c"},
            "events": events, **more}  # fmt: skip


def page(*items, following=None):
    body = {"kind": "admin#reports#activities", "etag": '"x"', "items": list(items)}
    if following:
        body["nextPageToken"] = following
    return Answer(body)


def names(events):
    return [json.loads(text)["event"]["name"] for text in events]


def serve(collector, *activities, url=ADMIN):
    """The activities of whichever window is asked for, newest first."""

    def answer(call):
        inside = [item for item in activities if call.query["startTime"] <= item["id"]["time"] <= call.query["endTime"]]
        return page(*sorted(inside, key=lambda item: item["id"]["time"], reverse=True))

    collector.vendor.on("GET", url, answer)


def test_an_activity_becomes_one_event_for_each_of_its_events_with_all_else_repeated(collector):
    events = [{"type": "a", "name": "ONE", "parameters": [{"name": "x", "boolValue": True}]}, {"name": "TWO"}]
    serve(collector, activity(1, events=events, ipAddress="192.0.2.1"))
    given, _ = collector.workspace()
    one, two = map(json.loads, given)
    assert (one["event"], two["event"]) == tuple(events)
    for single in (one, two):
        assert "events" not in single
        assert (single["ipAddress"], single["id"]["uniqueQualifier"]) == ("192.0.2.1", "1")
    assert list(one) == ["kind", "id", "etag", "actor", "ipAddress", "event"]


def test_an_event_has_the_time_of_its_activity(collector):
    serve(collector, activity(1, 45))
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "", collector.token, Tally())
    [event] = [item for item in feed.read({}, NOW - HOUR, NOW) if isinstance(item, Event)]
    assert event.time == NOW - 45 * 60 + 0.123


@pytest.mark.parametrize("odd", [{"id": {"time": moment(5)}}, {"events": []}, {"events": {"name": "X"}}, 7, "text"])
def test_what_has_no_list_of_events_is_kept_as_it_is_and_counted(collector, odd):
    collector.vendor.on("GET", ADMIN, page(odd, activity(1)))
    given, _ = collector.workspace()
    assert json.loads(given[0]) == odd
    assert (collector.tally.events, collector.tally.unreadable) == (2, 1)
    assert "1 of what is no activity; it is kept as it is" in collector.tally.warnings[0]


def test_an_activity_nested_too_deep_is_kept_and_keeps_no_other_back(collector):
    deep = '{"id":' * 20_000 + "1" + "}" * 20_000
    text = json.dumps({"items": [activity(1), "-", activity(2)]}).replace('"-"', deep)
    collector.vendor.on("GET", ADMIN, Answer(text))
    given, state = collector.workspace()
    assert [one for one in given if one == deep] == [deep]
    assert (len(given), collector.tally.unreadable, state["until"]) == (3, 1, NOW)
    assert collector.workspace(state)[0] == []


def test_text_of_any_language_and_half_characters_survive(collector):
    serve(collector, activity(1, events=[{"name": "é😀\ud83d"}]))
    assert names(collector.workspace()[0]) == ["é😀\ud83d"]


# windows and pages


def test_the_window_is_asked_for_whole_with_every_parameter_on_every_page(collector):
    pages = {None: page(activity(3, 10), following="p2"), "p2": page(activity(2, 20), following="p3"),
             "p3": page(activity(1, 30))}  # fmt: skip
    collector.vendor.on("GET", ADMIN, lambda call: pages[call.query.get("pageToken")])
    given, _ = collector.workspace()
    assert names(given) == ["EVENT_3", "EVENT_2", "EVENT_1"]
    asked = [{name: value for name, value in call.query.items() if name != "pageToken"}
             for call in collector.vendor.calls]  # fmt: skip
    assert asked == [{
        "startTime": "2026-11-20T11:00:00.000Z", "endTime": "2026-11-20T12:00:00.000Z", "maxResults": "1000",
        "customerId": "C1",
    }] * 3  # fmt: skip


def test_a_customer_is_named_only_when_it_is_given(collector):
    serve(collector)
    collector.workspace(customer="")
    assert "customerId" not in collector.vendor.calls[0].query


def test_a_page_without_items_is_an_empty_one(collector):
    for empty in ({}, {"items": []}, {"items": None}):
        collector.vendor.on("GET", ADMIN, Answer({"kind": "admin#reports#activities", **empty}))
        assert collector.workspace()[0] == []
    collector.vendor.on("GET", ADMIN, Answer({"nextPageToken": "p"}), page(activity(1)))
    assert names(collector.workspace()[0]) == ["EVENT_1"]


def test_a_checkpoint_behind_each_page_keeps_what_was_given_and_the_place_only_when_all_are_read(collector):
    collector.vendor.on("GET", ADMIN, page(activity(2, 10), following="p"), page(activity(1, 20)))
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "", collector.token, Tally())
    items = list(feed.read({}, NOW - HOUR, NOW))
    assert [type(item) for item in items] == [Event, Checkpoint, Event, Checkpoint, Checkpoint]
    places = [item.state.get("until") for item in items if isinstance(item, Checkpoint)]
    assert places == [None, None, NOW]


def test_a_run_that_ends_between_two_pages_keeps_its_place_and_gives_nothing_twice(collector):
    state = {"first": NOW - DAY, "until": NOW - 7 * HOUR, "seen": {}}
    collector.vendor.on("GET", ADMIN, page(activity(2, 10), following="p"), Broken("reset"))
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "", collector.token, Tally())
    items = []
    with pytest.raises(UnreachableError):
        items.extend(feed.read(state, NOW - DAY, NOW))
    assert [type(item) for item in items] == [Event, Checkpoint, Checkpoint]
    assert items[-1].state["until"] == NOW - 7 * HOUR
    state = kept(items[-1].state, kept(items[1].state, None))
    serve(collector, activity(2, 10), activity(1, 20))
    given, state = collector.workspace(state)
    assert names(given) == ["EVENT_1"]
    assert state["until"] == NOW


def test_pages_that_go_in_a_circle_end_and_are_told(collector):
    pages = [page(activity(number), following="ab"[number % 2]) for number in range(4)]
    collector.vendor.on("GET", ADMIN, *pages)
    collector.workspace()
    assert "same next page again" in collector.tally.failed[0]
    assert len(collector.vendor.calls) < 6


def test_a_long_time_is_read_day_by_day_oldest_first(collector):
    serve(collector, activity(1, 60 * 60), activity(2, 30 * 60), activity(3, 60))
    assert names(collector.workspace(first=NOW - 3 * DAY)[0]) == ["EVENT_1", "EVENT_2", "EVENT_3"]
    asked = [(call.query["startTime"], call.query["endTime"]) for call in collector.vendor.calls]
    assert len(asked) == 3
    assert [end for _, end in asked[:-1]] == [start for start, _ in asked[1:]]


def test_what_is_older_than_the_vendor_keeps_is_told(collector):
    serve(collector)
    collector.workspace(first=NOW - 200 * DAY)
    [warning] = collector.tally.warnings
    assert "older than 180 days can no longer be had" in warning
    assert collector.vendor.calls[0].query["startTime"] >= stamp(NOW - 180 * DAY)


# each once


def test_the_last_hours_are_read_again_without_giving_anything_twice(collector):
    serve(collector, activity(1, 50), activity(2, 10))
    given, state = collector.workspace(first=NOW - DAY)
    assert sorted(names(given)) == ["EVENT_1", "EVENT_2"]
    collector.vendor.calls.clear()
    serve(collector, activity(1, 50), activity(3, 40), activity(2, 10))
    given, state = collector.workspace(state, now=NOW + 300)
    assert names(given) == ["EVENT_3"]
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW - 6 * HOUR) + ".000Z"
    assert collector.workspace(state, now=NOW + 600)[0] == []


@pytest.mark.parametrize(("application", "hours"), [("admin", 6), ("login", 6), ("token", 24)])
def test_how_far_each_run_reads_back_follows_how_late_the_records_come(collector, application, hours):
    url = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/{application}"
    serve(collector, url=url)
    serve(collector, url=ACCOUNTS)
    _, state = collector.workspace(first=NOW - 3 * DAY, application=application)
    collector.vendor.calls.clear()
    collector.workspace(state, application=application, now=NOW + 300)
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW - hours * HOUR) + ".000Z"


def test_reading_again_never_reaches_behind_the_start_of_the_stanza(collector):
    serve(collector, activity(1, 90), activity(2, 30))
    given, state = collector.workspace(first=NOW - HOUR)
    assert names(given) == ["EVENT_2"]
    assert collector.workspace(state, first=NOW, now=NOW + 300)[0] == []


def test_a_record_on_the_edge_of_two_windows_is_given_once(collector):
    edge = activity(1, 24 * 60)
    edge["id"]["time"] = stamp(NOW - DAY) + ".000Z"
    serve(collector, edge)
    assert names(collector.workspace(first=NOW - 2 * DAY)[0]) == ["EVENT_1"]
    assert collector.tally.duplicates == 1


def test_activities_of_the_same_id_with_different_events_are_all_kept(collector):
    """Twelve such pairs stand in one real export of `login`."""
    twins = [activity(1, events=[{"name": name}], etag=name) for name in ("login_success", "login_verification")]
    serve(collector, *twins)
    given, state = collector.workspace()
    assert names(given) == ["login_success", "login_verification"]
    assert collector.workspace(state, now=NOW + 60)[0] == []


def test_the_same_event_under_another_etag_is_no_new_one(collector):
    serve(collector, activity(1, etag='"old"'))
    _, state = collector.workspace()
    serve(collector, activity(1, etag='"new"'))
    assert collector.workspace(state, now=NOW + 60)[0] == []


def test_the_same_event_with_its_keys_in_another_order_is_no_new_one(collector):
    """The order of keys means nothing in JSON, and no document promises one."""
    parameter = {"name": "USER_EMAIL", "value": "ada@x.example"}
    event = {"type": "USER_SETTINGS", "name": "CHANGE", "parameters": [parameter]}
    serve(collector, activity(1, events=[event]))
    _, state = collector.workspace()
    turned = {**dict(reversed(event.items())), "parameters": [dict(reversed(parameter.items()))]}
    serve(collector, activity(1, events=[turned]))
    assert collector.workspace(state, now=NOW + 60)[0] == []
    serve(collector, activity(1, events=[{**turned, "name": "OTHER"}]))
    assert names(collector.workspace(state, now=NOW + 60)[0]) == ["OTHER"]


def test_an_event_that_joins_a_known_activity_later_is_given(collector):
    one, two = {"name": "ONE"}, {"name": "TWO"}
    serve(collector, activity(1, events=[one]))
    _, state = collector.workspace()
    serve(collector, activity(1, events=[one, two]))
    assert names(collector.workspace(state, now=NOW + 60)[0]) == ["TWO"]


def test_an_event_is_remembered_by_a_few_bytes(collector):
    serve(collector, *(activity(number, number) for number in range(1, 600)))
    _, state = collector.workspace(first=NOW - 10 * HOUR)
    assert 599 * 8 < len(json.dumps(state)) < 599 * 20


# faults


def google_error(status, reason, message="said so"):
    return Answer({"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}, status)


@pytest.mark.parametrize(
    "busy",
    [
        google_error(503, "backendError"), google_error(403, "userRateLimitExceeded"), google_error(429, ""),
        google_error(403, "quotaExceeded"), google_error(403, "rateLimitExceeded"), Answer("<html>", 502),
        google_error(500, "internalError"), Answer("", 504),
    ],
)  # fmt: skip
def test_later_is_tried_again_after_a_growing_pause(collector, busy):
    collector.vendor.on("GET", ADMIN, busy, busy, page(activity(1)))
    assert names(collector.workspace()[0]) == ["EVENT_1"]
    assert 0.5 < collector.slept[0] < 1.5 < collector.slept[1] < 2.6


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (google_error(400, "invalid", "Bad\n  Request"), "HTTP 400: invalid: Bad Request"),
        (google_error(403, "forbidden"), "HTTP 403: forbidden: said so - subject needs an administrator's role"),
        (Answer({"error": "text"}, 400), "HTTP 400"),
        (Answer({"error": {"message": "m", "errors": []}}, 400), "HTTP 400: m"),
        (Answer("<html>No</html>", 404), 'HTTP 404: a page of HTML ("No")'),
    ],
)
def test_a_refusal_is_one_line_and_not_tried_again(collector, answer, text):
    collector.vendor.on("GET", ADMIN, answer)
    with pytest.raises(RefusedError) as caught:
        collector.workspace()
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    windows = [call.query["startTime"] for call in collector.vendor.calls]
    assert (len(windows), collector.slept) == (len(set(windows)), [])


def test_a_token_that_is_refused_is_renewed_once(collector):
    collector.vendor.on("GET", ADMIN, google_error(401, "authError"), page(activity(1)))
    assert names(collector.workspace()[0]) == ["EVENT_1"]
    assert collector.tokens == ["token-1", "token-2"]
    collector.vendor.on("GET", ADMIN, google_error(401, "authError"))
    collector.vendor.calls.clear()
    with pytest.raises(RefusedError, match="HTTP 401: authError"):
        collector.workspace()
    assert len(collector.vendor.calls) == 2


def test_a_redirect_is_refused(collector):
    collector.vendor.on("GET", ADMIN, Answer("", 302, {"Location": "https://example.net/"}))
    with pytest.raises(RefusedError, match="redirect"):
        collector.workspace()
