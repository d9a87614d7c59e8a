"""What the stand-in does by itself: inputs by their interval, searches by their schedule, jobs that end."""

import time

import pytest

from workbench.splunkd import Splunkd
from workbench.splunkd.intervals import Interval
from workbench.splunkd.operation import Operation

NOON = 1772366400.0  # 2026-03-01T12:00:00Z


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def splunkd(app_dir, home, clock):
    with Splunkd(app_dir, home, clock=clock) as running:
        running.conf.set("tiny_accounts", "a", "tenant", "T1")
        running.set_secret("tiny", "a#0", "secret")
        yield running


@pytest.fixture
def told():
    return []


@pytest.fixture
def operation(splunkd, told):
    return Operation(splunkd, told.append)


def enable(splunkd, name="x", **settings):
    stanza = {"account": "a", "count": "1", "interval": "300", "disabled": "0", **settings}
    splunkd.conf.update("inputs", f"tiny_input://{name}", stanza)


def test_an_input_runs_when_it_is_switched_on_and_then_by_its_interval(splunkd, operation, clock, told):
    operation.inputs()
    assert told == []
    enable(splunkd)
    for seconds, runs in ((0, 1), (100, 1), (299, 1), (300, 2), (599, 2), (600, 3)):
        clock.now = NOON + seconds
        operation.inputs()
        assert told == ["the input tiny_input://x ran: 1 event"] * runs
    assert len(splunkd.events) == 3


def test_an_input_that_is_changed_or_switched_on_again_runs_at_once(splunkd, operation, told):
    enable(splunkd)
    operation.inputs()
    enable(splunkd, count="2")
    operation.inputs()
    assert told[1:] == ["the input tiny_input://x ran: 2 events"]
    enable(splunkd, count="2", disabled="1")
    operation.inputs()
    enable(splunkd, count="2")
    operation.inputs()
    operation.inputs()
    assert len(told) == 3


def test_an_input_that_cannot_run_is_told_once_and_keeps_no_other_from_running(splunkd, operation, clock, told):
    enable(splunkd, "a", interval="often")
    enable(splunkd, "b", account="nobody")
    enable(splunkd, "c")
    operation.inputs()
    assert [line.partition(":")[0] for line in told] == ["the input tiny_input"] * 3
    assert "often" in told[0]
    assert "failed" in told[1]
    assert "ran: 1 event" in told[2]
    clock.now += 10
    operation.inputs()
    assert len(told) == 3


@pytest.mark.parametrize(
    ("written", "last", "now", "due"),
    [
        ("-1", None, 1000, True), ("-1", 1000, 9000, False), ("0", 1000, 1000, True), ("60", 1000, 1059, False),
        ("60", 1000, 1060, True), ("*/5 * * * *", None, 1199, False), ("*/5 * * * *", None, 1200, True),
        ("*/5 * * * *", 1200, 1201, False), ("*/5 * * * *", 1200, 1500, True),
    ],
)  # fmt: skip
def test_an_interval_says_when_an_input_is_due(written, last, now, due):
    assert Interval(written).due(last, 1000, now) is due


def test_scheduled_searches_run_once_for_each_of_their_times(splunkd, operation, clock):
    at = NOON - 400
    splunkd.index([{"time": at, "indextime": at, "host": "h", "source": "s", "sourcetype": "web", "index": "main",
                    "data": "{}"}])  # fmt: skip
    operation.searches()
    assert splunkd.history("Collect") == []
    clock.now = NOON + 301
    operation.searches()
    operation.searches()
    assert [run.time for run in splunkd.history("Collect")] == [NOON + 300]
    clock.now = NOON + 1000
    operation.searches()
    assert [run.time for run in splunkd.history("Collect")] == [NOON + 900, NOON + 600, NOON + 300]


def test_a_scheduled_search_that_fails_is_told_and_the_others_run(splunkd, operation, clock, told):
    broken = {"search": "| nope", "enableSched": "1", "cron_schedule": "*/5 * * * *"}
    splunkd.conf.update("savedsearches", "Broken", broken)
    clock.now = NOON + 300
    operation.searches()
    assert [line for line in told if "Broken" in line] == [
        "the search Broken failed: Unknown search command 'nope'."
    ]
    assert len(splunkd.history("Collect")) == 1


@pytest.mark.parametrize("begun", [lambda inputs: inputs._schemes, lambda inputs: inputs._running])
def test_it_runs_as_time_goes_on_and_ends_an_input_that_runs_or_is_being_started(splunkd, told, begun):
    enable(splunkd, mode="sleeps", interval="-1")
    with Operation(splunkd, told.append, tick=0.05):
        give_up = time.monotonic() + 60
        while not begun(splunkd.inputs) and time.monotonic() < give_up:
            time.sleep(0.001)
        assert begun(splunkd.inputs)
    assert told == []  # one that ended by itself would be told


def test_a_job_lives_as_long_as_somebody_looks_at_it(splunkd, clock, sdk, refused):
    service = sdk(splunkd)
    looked_at, kept, left = (service.jobs.create("| makeresults") for _ in range(3))
    kept.set_ttl(3600)
    for _ in range(3):
        clock.now += 400
        looked_at.refresh()
    assert refused(left.refresh) == (404, "Unknown sid.")
    assert {job.sid for job in splunkd.jobs.list()} == {looked_at.sid, kept.sid}
    clock.now += 601
    assert [job.sid for job in splunkd.jobs.list()] == [kept.sid]
