"""What the Workspace feed does with windows, pages and answers that go wrong: told, asked for again, never dropped."""

import json

import pytest
from delegation_watch.sources import memory
from delegation_watch.sources.aside import MOST
from delegation_watch.sources.errors import RefusedError, UnreachableError
from delegation_watch.sources.feed import Tally
from delegation_watch.sources.workspace import WorkspaceFeed, applications
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.test_workspace import ACCOUNTS, ADMIN, LOGIN, activity, google_error, names, page, serve
from tests.bin.sources.vendor import DAY, GOOGLE, HOUR, NOW, Answer, drained, stamp

BAD = google_error(400, "invalid", "Bad Request")


def failing_at(collector, answer, moments, *activities):
    """Every window that holds one of the moments has this answer; the others have their activities."""

    def answered(call):
        start, end = call.query["startTime"], call.query["endTime"]
        if any(start <= stamp(moment) + ".000Z" <= end for moment in moments):
            return answer
        return page(*(item for item in activities if start <= item["id"]["time"] <= end))

    collector.vendor.on("GET", ADMIN, answered)


def refusing(collector, moment, *activities):
    """Every window that holds the moment is refused; the others have their activities."""
    failing_at(collector, BAD, [moment], *activities)


def test_a_window_that_is_refused_keeps_none_of_the_others_back_and_is_told(collector):
    refusing(collector, NOW - 36 * HOUR, activity(1, 60 * 60), activity(2, 30))
    given, state = collector.workspace(first=NOW - 3 * DAY)
    assert names(given) == ["EVENT_1", "EVENT_2"]
    [line] = collector.tally.failed
    assert "admin: 2026-11-18T12:00:00.000Z to 2026-11-19T12:00:00.000Z cannot be read" in line
    assert (state["until"], state["gaps"]) == (NOW, [[NOW - 2 * DAY, NOW - DAY]])


def test_what_stood_in_a_refused_window_is_given_once_as_soon_as_it_can_be_read(collector):
    missed = activity(3, 36 * 60)
    refusing(collector, NOW - 36 * HOUR, activity(2, 30))
    _, state = collector.workspace(first=NOW - 3 * DAY)
    serve(collector, missed, activity(2, 30))
    given, state = collector.workspace(state, now=NOW + 300)
    assert names(given) == ["EVENT_3"]
    assert "gaps" not in state
    assert collector.workspace(state, now=NOW + 600)[0] == []


def test_a_gap_stays_noted_while_it_is_refused_and_the_feed_goes_on(collector):
    refusing(collector, NOW - 36 * HOUR, activity(2, 30))
    _, state = collector.workspace(first=NOW - 3 * DAY)
    refusing(collector, NOW - 36 * HOUR, activity(2, 30), activity(4, -4))
    given, state = collector.workspace(state, now=NOW + 300)
    assert names(given) == ["EVENT_4"]
    assert state["gaps"] == [[NOW - 48 * HOUR, NOW - 36 * HOUR], [NOW - 36 * HOUR, NOW - 24 * HOUR]]
    assert len(collector.tally.failed) == 1


def test_what_came_from_a_window_before_it_was_refused_is_not_given_again_days_later(collector):
    pages = [page(activity(3, 36 * 60), following="p"), BAD]

    def answer(call):
        inside = call.query["startTime"] <= stamp(NOW - 36 * HOUR) + ".000Z" <= call.query["endTime"]
        return pages[bool(call.query.get("pageToken"))] if inside else page()

    collector.vendor.on("GET", ADMIN, answer)
    given, state = collector.workspace(first=NOW - 3 * DAY)
    assert names(given) == ["EVENT_3"]
    for days in range(1, 6):
        given, state = collector.workspace(state, now=NOW + days * DAY)
        assert given == []
    serve(collector, activity(3, 36 * 60), activity(5, 37 * 60))
    assert names(collector.workspace(state, now=NOW + 6 * DAY)[0]) == ["EVENT_5"]


def test_a_feed_of_which_nothing_can_be_read_is_given_up_after_one_window_and_the_last_minutes(collector):
    collector.vendor.on("GET", ADMIN, BAD)
    with pytest.raises(RefusedError, match="HTTP 400"):
        collector.workspace(first=NOW - 30 * DAY)
    assert len(collector.vendor.calls) == 2


def test_a_newest_window_that_is_refused_is_left_up_to_the_last_minutes_and_given_later(collector):
    _, state = read_until(collector, NOW - DAY)
    failing_at(collector, BAD, [NOW - HOUR / 2])
    _, state = collector.workspace(state)
    assert state["gaps"] == [[NOW - HOUR, NOW - 300]]
    failing_at(collector, BAD, [NOW - HOUR / 2], activity(2, -1))
    given, state = collector.workspace(state, now=NOW + 120)
    assert names(given) == ["EVENT_2"]
    serve(collector, activity(1, 30), activity(2, -1))
    assert names(collector.workspace(state, now=NOW + 180)[0]) == ["EVENT_1"]


@pytest.mark.parametrize("poison", [google_error(503, "backendError"), Broken("cut off"), Answer("<html>", 403)])
def test_a_window_that_always_fails_stops_nothing_behind_it_and_is_given_once_when_it_heals(collector, poison):
    """The service fails at one second of it, or a proxy breaks one page of it off, each time."""
    moment = NOW - 5 * DAY + HOUR
    activities = [activity(number, 7 * 24 * 60 - number * 60 + 1) for number in range(1, 20 * 24)]
    inside = activity(999, 5 * 24 * 60 - 60)
    given, state = [], {}
    for days in range(0, 12, 3):
        failing_at(collector, poison, [moment], inside, *activities)
        collector.now = NOW + days * DAY
        events, state = collector.workspace(state, first=NOW - 7 * DAY, now=collector.now)
        given += names(events)
        assert state["until"] == collector.now
        assert len(collector.tally.failed) == 1
    assert [gap for gap in state["gaps"] if gap[0] <= moment <= gap[1]]
    serve(collector, inside, *activities)
    events, state = collector.workspace(state, first=NOW - 7 * DAY, now=collector.now + 60)
    told = {item["events"][0]["name"] for item in (inside, *activities) if item["id"]["time"] <= stamp(collector.now)}
    assert sorted(given + names(events)) == sorted(told)
    assert "gaps" not in state


def test_what_fails_again_is_asked_for_in_halves_until_a_minute_is_left(collector):
    moment = NOW - 36 * HOUR + 1234
    failing_at(collector, BAD, [moment])
    _, state = collector.workspace(first=NOW - 3 * DAY)
    for run in range(1, 14):
        _, state = collector.workspace(state, now=NOW + run * 300)
    [gap] = state["gaps"]
    assert gap[0] <= moment <= gap[1]
    assert gap[1] - gap[0] <= 60


def test_many_windows_that_fail_side_by_side_are_passed_in_a_few_runs(collector):
    failing_at(collector, BAD, [NOW - days * DAY + HOUR for days in range(2, 10)], activity(1, 60))
    with pytest.raises(RefusedError, match="3 windows in a row cannot be read, and the rest is left to the next run"):
        collector.workspace(first=NOW - 12 * DAY)
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "C1", collector.token, Tally())
    state, given, runs = {}, [], 0
    while state.get("until") != NOW:
        items = []
        try:
            for item in feed.read(state, NOW - 12 * DAY, NOW):
                items.append(item)
        except RefusedError:
            pass
        events, state = drained(items, state)
        given += names(events)
        runs += 1
    assert (given, runs) == (["EVENT_1"], 3)


def test_a_feed_of_which_no_more_than_the_last_minutes_come_stays_where_it_is_in_the_end(collector):
    """As where something on the way refuses each page that is not empty."""
    aside = [[NOW - 9 * DAY + number * 300, NOW - 9 * DAY + number * 300 + 300] for number in range(MOST)]
    failing_at(collector, BAD, [NOW - HOUR])
    state = {"first": NOW - 10 * DAY, "until": NOW - 8 * HOUR, "seen": {}, "gaps": aside}
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "C1", collector.token, Tally())
    items = []
    with pytest.raises(RefusedError, match="HTTP 400"):
        items.extend(feed.read(state, NOW - 10 * DAY, NOW))
    _, after = drained(items, state)
    assert (after["until"], after["gaps"]) == (state["until"], aside)


@pytest.mark.parametrize("out", [google_error(503, "backendError"), Broken("reset")])
def test_a_service_that_is_out_leaves_no_gap_though_something_was_read_before(collector, out):
    answers = [page(), page(), out]
    collector.vendor.on("GET", ADMIN, *answers)
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "C1", collector.token, Tally())
    items = []
    with pytest.raises((RefusedError, UnreachableError)):
        items.extend(feed.read({}, NOW - 7 * DAY, NOW))
    _, state = drained(items)
    assert (state["until"], "gaps" in state) == (NOW - 5 * DAY, False)


def read_until(collector, until):
    serve(collector)
    return collector.workspace(first=until - HOUR, now=until)


def test_a_page_token_that_is_taken_no_longer_starts_the_window_over_and_doubles_nothing(collector):
    tokens = iter(["p", None])
    first, second = activity(2, 10), activity(1, 20)

    def answer(call):
        if call.query.get("pageToken") == "p":
            return BAD
        return page(first, following="p") if next(tokens) else page(first, second)

    collector.vendor.on("GET", ADMIN, answer)
    assert names(collector.workspace()[0]) == ["EVENT_2", "EVENT_1"]


@pytest.mark.parametrize(
    "broken",
    [Answer('{"items": [{'), Answer("<html>"), Answer([]), google_error(200, "backendError")],
)
def test_a_body_that_is_no_answer_is_fetched_anew(collector, broken):
    collector.vendor.on("GET", ADMIN, broken, page(activity(1)))
    assert names(collector.workspace()[0]) == ["EVENT_1"]


@pytest.mark.parametrize("broken", [Answer("<html>"), google_error(200, "backendError")])
def test_one_that_stays_so_ends_the_run_and_keeps_the_place(collector, broken):
    collector.vendor.on("GET", ADMIN, broken)
    with pytest.raises(RefusedError, match="Reports API"):
        collector.workspace()
    assert len(collector.vendor.calls) == 2 * 3  # of the window, and of the last minutes


# how far back


def test_once_a_day_the_last_four_days_are_read_again_for_what_came_very_late(collector):
    serve(collector, activity(1, 30))
    _, state = collector.workspace(first=NOW - 10 * DAY)
    serve(collector, activity(9, 71 * 60), activity(1, 30))  # three days late when it comes, after the first run
    for hour in range(1, 24):
        given, state = collector.workspace(state, now=NOW + hour * HOUR)
        assert given == []
    given, state = collector.workspace(state, now=NOW + DAY)
    assert names(given) == ["EVENT_9"]
    collector.vendor.calls.clear()
    assert collector.workspace(state, now=NOW + DAY + HOUR)[0] == []
    assert collector.vendor.calls[0].query["startTime"] == stamp(NOW + DAY - 6 * HOUR) + ".000Z"


def test_a_day_s_reading_again_that_broke_off_is_done_by_the_next_run(collector):
    serve(collector, activity(1, 30))
    _, state = collector.workspace(first=NOW - 10 * DAY)
    collector.vendor.on("GET", ADMIN, page(activity(2, 60), following="p"), google_error(503, "backendError"))
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "C1", collector.token, Tally())
    items = []
    with pytest.raises(RefusedError):
        items.extend(feed.read(state, NOW, NOW + DAY))
    _, state = drained(items, state)
    serve(collector, activity(9, 60 * 60), activity(1, 30))
    assert names(collector.workspace(state, now=NOW + DAY + HOUR)[0]) == ["EVENT_9"]


def test_no_time_is_read_again_whose_events_may_be_forgotten(collector, monkeypatch):
    for name, number in (("SEGMENT", 2), ("_TOGETHER", 2)):
        monkeypatch.setattr(memory, name, number)
    every = [activity(number, 60 * (71 - number) + 30) for number in range(72)]
    serve(collector, *every)
    given, state = collector.workspace(first=NOW - 3 * DAY)
    assert len(given) == 72
    given, state = collector.workspace(state, now=NOW + DAY)
    assert given == []
    [line] = collector.tally.warnings
    assert "nothing before 2026-11-19T12:00:00.000Z is read again" in line
    assert collector.workspace(state, now=NOW + DAY + HOUR)[0] == []


def test_no_call_is_filtered(collector):
    serve(collector, activity(1))
    collector.workspace()
    assert set(collector.vendor.calls[0].query) == {"startTime", "endTime", "maxResults", "customerId"}


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        (["admin", "login", "user_accounts"], ("admin", "login")),
        (["user_accounts", "token"], ("login", "token")),
        (["admin", "admin"], ("admin",)),
    ],
)
def test_user_accounts_are_read_with_login_which_has_the_same_activities(asked, read):
    assert applications(asked) == read


def of(application, one):
    return {**one, "id": {**one["id"], "applicationName": application}, "etag": application}


def test_what_login_and_user_accounts_both_have_is_given_once_and_what_one_has_alone_is_not_lost(collector):
    both, login, accounts = activity(1, 30), activity(2, 20), activity(3, 10)
    serve(collector, of("login", both), of("login", login), url=LOGIN)
    serve(collector, of("user_accounts", both), of("user_accounts", accounts), url=ACCOUNTS)
    given, state = collector.workspace(application="login")
    assert sorted(names(given)) == ["EVENT_1", "EVENT_2", "EVENT_3"]
    assert {json.loads(text)["id"]["applicationName"] for text in given} == {"login", "user_accounts"}
    assert json.loads(given[0])["id"]["applicationName"] == "login"
    assert collector.workspace(state, application="login", now=NOW + 60)[0] == []


def test_an_activity_that_reaches_login_later_than_user_accounts_is_no_new_one(collector):
    serve(collector, url=LOGIN)
    serve(collector, of("user_accounts", activity(1)), url=ACCOUNTS)
    given, state = collector.workspace(application="login")
    assert names(given) == ["EVENT_1"]
    serve(collector, of("login", activity(1)), url=LOGIN)
    assert collector.workspace(state, application="login", now=NOW + 60)[0] == []


def test_user_accounts_that_are_refused_keep_no_login_back_and_are_told_once(collector):
    serve(collector, of("login", activity(1, 50 * 60)), of("login", activity(2)), url=LOGIN)
    collector.vendor.on("GET", ACCOUNTS, google_error(403, "forbidden"))
    given, state = collector.workspace(first=NOW - 3 * DAY, application="login")
    assert (names(given), state["until"]) == (["EVENT_1", "EVENT_2"], NOW)
    [line] = collector.tally.warnings
    assert "login: user_accounts, which is read along, is refused: " in line


def test_user_accounts_that_are_out_for_the_moment_are_waited_for_like_login(collector):
    serve(collector, of("login", activity(1)), url=LOGIN)
    collector.vendor.on("GET", ACCOUNTS, google_error(503, "backendError"))
    with pytest.raises(RefusedError, match="HTTP 503"):
        collector.workspace(application="login")
    serve(collector, of("user_accounts", activity(2)), url=ACCOUNTS)
    assert sorted(names(collector.workspace(application="login")[0])) == ["EVENT_1", "EVENT_2"]


@pytest.mark.parametrize("passing", [Answer("<html>"), Answer([])])
def test_garbage_in_place_of_user_accounts_is_no_refusal_of_it(collector, passing):
    serve(collector, of("login", activity(1)), url=LOGIN)
    collector.vendor.on("GET", ACCOUNTS, passing)
    with pytest.raises(RefusedError):
        collector.workspace(application="login")
    serve(collector, of("user_accounts", activity(2)), url=ACCOUNTS)
    assert sorted(names(collector.workspace(application="login")[0])) == ["EVENT_1", "EVENT_2"]


def test_gmail_without_a_licence_is_told_with_the_editions_that_have_it(collector):
    url = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/gmail"
    collector.vendor.on("GET", url, google_error(403, "forbidden"))
    with pytest.raises(RefusedError, match="Gmail activities need Enterprise"):
        collector.workspace(application="gmail")


def test_gmail_is_asked_for_with_both_ends_of_at_most_thirty_days(collector):
    url = f"{GOOGLE}/admin/reports/v1/activity/users/all/applications/gmail"
    serve(collector, url=url)
    collector.workspace(first=NOW - 90 * DAY, application="gmail")
    spans = [(call.query["startTime"], call.query["endTime"]) for call in collector.vendor.calls]
    assert all(start[:10] <= end[:10] and start[:8] <= end for start, end in spans)
    assert len(spans) == 90


def test_the_state_survives_the_kv_store_with_its_gaps(collector):
    refusing(collector, NOW - 36 * HOUR)
    _, state = collector.workspace(first=NOW - 3 * DAY)
    assert json.loads(json.dumps(state)) == state


# what the vendor no longer keeps


def test_an_outage_longer_than_the_vendor_keeps_is_told_to_the_second_and_once(collector):
    serve(collector, activity(1, 30))
    _, state = collector.workspace(first=NOW - HOUR)
    later = NOW + 200 * DAY
    serve(collector)
    _, state = collector.workspace(state, now=later)
    [gap] = collector.tally.gaps
    assert (gap.start, gap.end) == (NOW, later - 180 * DAY + HOUR)
    assert "2026-11-20T12:00:00.000Z to 2026-12-10T13:00:00.000Z is not covered" in collector.tally.warnings[0]
    assert collector.tally.covered == (gap.end, later)
    collector.workspace(state, now=later + 300)
    assert collector.tally.gaps == []


def test_a_window_that_was_refused_until_the_vendor_dropped_it_is_told_as_lost(collector):
    refusing(collector, NOW - 36 * HOUR, activity(2, 30))
    _, state = collector.workspace(first=NOW - 3 * DAY)
    serve(collector)
    _, state = collector.workspace({**state, "until": NOW + 179 * DAY}, now=NOW + 179 * DAY)
    why = "it could not be read in 180 days, and can no longer be had"
    assert collector.tally.gaps == [(NOW - 2 * DAY, NOW - DAY, why)]
    assert "gaps" not in state


# a start that is put back


def at(collector, first, now, state=None):
    """The names that a run from `first` on gives at `now`, and what it keeps."""
    events, state = collector.workspace(state or {}, first=first, now=now)
    return names(events), state


def test_a_start_that_is_put_back_is_read_up_to_where_the_first_run_began_once_and_after_what_is_new(collector):
    serve(collector, activity(1, 30), activity(2, 3 * 24 * 60), activity(3, 9 * 24 * 60))
    given, state = at(collector, NOW - DAY, NOW)
    assert given == ["EVENT_1"]
    serve(collector, activity(4, -2), activity(1, 30), activity(2, 3 * 24 * 60), activity(3, 9 * 24 * 60))
    given, state = at(collector, NOW - 10 * DAY, NOW + 300, state)
    assert given == ["EVENT_4", "EVENT_3", "EVENT_2"]
    assert (collector.tally.warnings, collector.tally.gaps) == ([], [])
    assert collector.tally.latest_by < HOUR  # what nobody had asked for is not late
    assert at(collector, NOW - 10 * DAY, NOW + 600, state)[0] == []
    assert "gaps" not in state


def test_what_was_not_read_of_a_start_that_was_put_back_is_left_to_the_next_run(collector):
    serve(collector, activity(1, 30), activity(2, 3 * 24 * 60))
    _, state = at(collector, NOW - DAY, NOW)
    refusing(collector, NOW - 60 * HOUR, activity(1, 30))
    given, state = at(collector, NOW - 5 * DAY, NOW + 300, state)
    assert given == []
    serve(collector, activity(1, 30), activity(2, 3 * 24 * 60))
    given, state = at(collector, NOW - 5 * DAY, NOW + 600, json.loads(json.dumps(state)))
    assert given == ["EVENT_2"]
    assert collector.tally.latest_by < HOUR


def test_a_start_further_back_than_the_vendor_keeps_costs_nothing_and_claims_no_loss(collector):
    serve(collector, activity(1, 30))
    _, state = at(collector, NOW - DAY, NOW)
    _, state = at(collector, NOW - 400 * DAY, NOW + 300, state)
    assert collector.tally.gaps == []
    assert "gaps" not in state
