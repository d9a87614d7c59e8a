"""What must never stop a feed for good, nor make it give the same content for ever."""

import pytest
from delegation_watch.sources.clock import ClockedFeed
from delegation_watch.sources.errors import RefusedError, SourceError, UnreachableError, UntrustedError
from delegation_watch.sources.feed import Checkpoint, Tally
from delegation_watch.sources.http import Token
from delegation_watch.sources.office365 import Office365Feed
from delegation_watch.sources.workspace import WorkspaceFeed

from tests.bin.sources.vendor import (
    CONTENT,
    DAY,
    GOOGLE,
    HOUR,
    NOW,
    Answer,
    blob_uri,
    drained,
    events_in,
    kept,
    listed,
    numbers,
    record,
    refusal,
    stamp,
)

ADMIN = GOOGLE + "/admin/reports/v1/activity/users/all/applications/admin"
DAMAGED = '[{"Id":"record-1"},\n{"Id" broken}]'


def test_a_checkpoint_of_a_clock_that_was_years_ahead_does_not_silence_the_feed(collector):
    collector.blobs(1)
    events, state = collector.read({"until": NOW + 3650 * DAY, "seen": {}})
    assert numbers(events) == [1]
    assert state["until"] == NOW


def test_a_first_run_by_a_clock_that_was_ahead_hides_nothing_once_it_is_right(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, refusal("AF20030", 400))
    _, state = collector.interrupted(RefusedError, {"first": NOW + 23 * DAY}, now=NOW + 30 * DAY)
    collector.blobs(1)
    events, state = collector.read(state, first=NOW - 7 * DAY)
    assert (numbers(events), state["first"], state["until"]) == ([1], NOW - 7 * DAY, NOW)
    state = {**state, "first": NOW + 23 * DAY, "until": NOW + 30 * DAY}
    assert collector.read(state, first=NOW - 7 * DAY)[0] == []  # what was given is known all the same


def test_the_same_of_a_first_run_of_workspace(collector):
    activity = {"id": {"time": stamp(NOW - 3 * DAY) + "Z"}, "events": [{"name": "x"}]}
    collector.vendor.on("GET", ADMIN, Answer({"items": [activity]}))
    ahead = {"first": NOW + 23 * DAY, "until": NOW + 30 * DAY}
    events, state = collector.workspace(ahead, first=NOW - 7 * DAY)
    assert (len(events), state["first"], state["until"]) == (1, NOW - 7 * DAY, NOW)


def test_the_same_of_workspace(collector):
    activity = {"id": {"time": stamp(NOW - HOUR) + "Z"}, "events": [{"name": "x"}]}
    collector.vendor.on("GET", ADMIN, Answer({"items": [activity]}))
    events, state = collector.workspace({"until": NOW + 3650 * DAY})
    assert len(events) == 1
    assert state["until"] == NOW


def test_a_host_that_boots_in_the_past_keeps_what_it_knows_of_workspace_until_its_clock_is_right(collector):
    activities = [
        {"id": {"time": stamp(NOW - number * DAY - HOUR) + "Z"}, "events": [{"name": "x"}]} for number in range(7)
    ]
    collector.vendor.on("GET", ADMIN, Answer({"items": activities}))
    given, known = collector.workspace(first=NOW - 7 * DAY)
    assert len(given) == 7
    given, state, error = booted(collector, known, NOW - 3000 * DAY, UntrustedError("certificate is not yet valid"))
    assert (given, state) == ([], known)
    assert str(error) == (
        "admin: certificate is not yet valid - this machine's clock says 2018-09-03T12:00:00Z, and the feed was read "
        "up to 2026-11-20T12:00:00Z already; set the clock right if it is behind"
    )
    given, state, error = booted(collector, known, NOW + 300)
    assert (given, state["first"], state["until"], error) == ([], NOW - 7 * DAY, NOW + 300, None)
    assert collector.tally.gaps == []


def test_one_whose_clock_was_ahead_before_goes_on_as_soon_as_something_is_read(collector):
    collector.vendor.on("GET", ADMIN, Answer({"items": []}))
    ahead = {"first": NOW + 23 * DAY, "until": NOW + 30 * DAY}
    assert booted(collector, ahead, NOW, UnreachableError("no answer"))[:2] == ([], ahead)
    assert booted(collector, ahead, NOW)[1]["until"] == NOW


def test_a_failure_by_a_clock_that_is_right_is_the_failure_and_keeps_its_place(collector):
    failure = UnreachableError("no answer")
    _, state, error = booted(collector, {}, NOW, failure)
    assert (state["first"], error) == (NOW - 7 * DAY, failure)


def booted(collector, state, now, failure=None):
    """A run as collect.py makes it, whose sign-in may fail: (texts, state, how it ended)."""

    def fetch():
        if failure:
            raise failure
        return "token", now + HOUR

    collector.tally = Tally()
    feed = WorkspaceFeed(collector.http, GOOGLE, "admin", "C1", Token(fetch), collector.tally)
    items, error = [], None
    try:
        items.extend(ClockedFeed("admin", feed, collector.tally).read(state, now - 7 * DAY, now))
    except SourceError as ended:
        error = ended
    return (*drained(items, state), error)


@pytest.mark.parametrize("created", ["2024-01-01T00:00:00.000Z", "2036-01-01T00:00:00.000Z", None])
def test_content_is_remembered_for_as_long_as_it_is_listed_whatever_time_it_bears(collector, created):
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentCreated=created)]))
    collector.vendor.on("GET", blob_uri(1), Answer([record(1)]))
    events, state = collector.read()
    assert numbers(events) == [1]
    for hour in range(1, 40, 3):
        events, state = collector.read(state, now=NOW + hour * HOUR)
        assert events == []
    assert len(collector.vendor.to(blob_uri(1))) == 1


def read_to_the_end(collector, state=None):
    """(texts, state, whether the run gave up) of a run that may end with an error."""
    texts, gave_up = [], False
    try:
        for item in Office365Feed(collector.api, "Audit.Exchange", 4, Tally()).read(state or {}, NOW - HOUR, NOW):
            texts += [event.raw for event in events_in([item])]
            if isinstance(item, Checkpoint):
                state = kept(item.state, state)
    except RefusedError:
        gave_up = True
    return texts, state, gave_up


def forty_blobs(collector, is_broken):
    collector.list(*(listed(number, 50 - number) for number in range(40)))
    for number in range(40):
        answer = refusal("AF50000", 500) if is_broken(number) else Answer([record(number)])
        collector.vendor.on("GET", blob_uri(number), answer)


def test_blobs_that_fail_here_and_there_keep_none_of_the_others_back(collector):
    forty_blobs(collector, lambda number: number % 3 == 0)
    texts, state, gave_up = read_to_the_end(collector)
    assert sorted(numbers(texts)) == [number for number in range(40) if number % 3]
    assert gave_up is False
    assert state["until"] == pytest.approx(NOW - 50 * 60, abs=1)


def test_a_service_that_is_down_is_not_asked_for_every_blob(collector):
    forty_blobs(collector, lambda number: number >= 5)
    texts, state, gave_up = read_to_the_end(collector)
    assert (numbers(texts), gave_up) == ([0, 1, 2, 3, 4], True)
    assert not collector.vendor.to(blob_uri(39))
    forty_blobs(collector, lambda number: False)
    texts, _, gave_up = read_to_the_end(collector, state)
    assert (numbers(texts), gave_up) == (list(range(5, 40)), False)


def test_a_text_that_is_no_json_is_asked_for_again_until_its_last_day(collector):
    collector.list(listed(1, 5 * 24 * 60))
    collector.vendor.on("GET", blob_uri(1), Answer(DAMAGED))
    events, state = collector.read(first=NOW - 6 * DAY)
    assert (events, len(collector.tally.failed)) == ([], 1)
    collector.vendor.on("GET", blob_uri(1), Answer([record(1)]))
    assert numbers(collector.read(state, now=NOW + HOUR)[0]) == [1]


def test_a_text_that_is_no_json_is_kept_once_before_it_is_gone_and_still_asked_for(collector):
    collector.list(listed(1, 6 * 24 * 60 + 60))
    collector.vendor.on("GET", blob_uri(1), Answer(DAMAGED))
    events, state = collector.read(first=NOW - 7 * DAY)
    assert events == [DAMAGED.replace("\n", " ")]
    assert (collector.tally.unreadable, len(collector.tally.failed)) == (1, 1)
    events, state = collector.read(state, now=NOW + 300)
    assert (events, len(collector.tally.failed)) == ([], 1)
    collector.vendor.on("GET", blob_uri(1), Answer([record(1)]))
    events, state = collector.read(state, now=NOW + 600)
    assert (numbers(events), collector.tally.failed) == ([1], [])
    assert state["until"] == NOW + 600


def test_broken_texts_are_all_kept_though_so_many_of_them_end_a_run(collector):
    collector.list(*[listed(number, 6 * 24 * 60 + 60) for number in range(60)])
    for number in range(60):
        collector.vendor.on("GET", blob_uri(number), Answer(f"<broken {number}"))
    given, state = collector.interrupted(RefusedError, first=NOW - 7 * DAY)
    for run in (1, 2):
        events, state = collector.read(state, now=NOW + 300 * run)
        given += events
    assert sorted(given) == sorted(f"<broken {number}" for number in range(60))


def test_an_empty_text_is_nothing_to_keep(collector):
    collector.list(listed(1, 6 * 24 * 60 + 60))
    collector.vendor.on("GET", blob_uri(1), Answer(" \n"))
    assert collector.read(first=NOW - 7 * DAY)[0] == []
    assert len(collector.tally.failed) == 1


def test_a_blob_that_could_not_be_read_for_seven_days_is_a_loss_and_holds_nothing_back(collector):
    collector.list(listed(1, 6 * 24 * 60))
    collector.vendor.on("GET", blob_uri(1), refusal("AF50000", 500))
    _, state = collector.read(first=NOW - 7 * DAY)
    assert state["until"] < NOW - 5 * DAY
    collector.vendor.on("GET", CONTENT, Answer([]))
    _, state = collector.read(state, now=NOW + DAY)
    assert (state["until"], collector.tally.lost, collector.tally.gaps) == (NOW + DAY, 1, [])
    assert [loss[:2] for loss in collector.tally.losses] == [("content blob-1", "it could not be read for seven days")]


def test_windows_are_counted(collector):
    collector.vendor.on("GET", CONTENT, Answer([]))
    collector.read(first=NOW - 24 * HOUR)
    assert (collector.tally.windows, str(collector.tally)) == (4, "events=0 windows=4 pages=4")
