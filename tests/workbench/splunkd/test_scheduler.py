"""Cron lines in a time zone, and schedules over spans of time."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from workbench.errors import BadInput
from workbench.splunkd import Splunkd
from workbench.splunkd.scheduler import Cron, Schedule

NOON = 1772366400.0  # 2026-03-01T12:00:00Z, a Sunday
HOUR = 3600.0
BERLIN = ZoneInfo("Europe/Berlin")


def clock(epochs, tz=timezone.utc):
    return [datetime.fromtimestamp(at, tz).strftime("%m-%d %H:%M") for at in epochs]


def epoch(*parts, tz=timezone.utc):
    return datetime(*parts, tzinfo=tz).timestamp()


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("*/20 * * * *", [20, 40, 60]),
        ("3-58/25 12 * * *", [3, 28, 53]),
        ("50/5 * * * *", [50, 55]),
        ("7,57 * * * 0", [7, 57]),
        ("1-3,59 * * * *", [1, 2, 3, 59]),
        ("0 13 1 * 5", [60]),
        ("30 12 2 * 7", [30]),
        ("30 12 2 4 *", []),
        ("30 12 * * 1-5", []),
    ],
)
def test_cron_lines_say_when(line, minutes):
    assert [(at - NOON) / 60 for at in Cron(line).between(NOON, NOON + HOUR)] == minutes


@pytest.mark.parametrize(
    "line",
    [
        "", "* * * *", "* * * * * *", "x", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "* * * JAN *", "* * * * mon", "*/0 * * * *", "*/ * * * *", "5-1 * * * *", "1,,2 * * * *", "-5 * * * *",
        "² * * * *",
    ],
)  # fmt: skip
def test_a_cron_line_that_makes_no_sense_is_refused(line):
    with pytest.raises(BadInput, match="cron_schedule = "):
        Cron(line)


def test_day_and_weekday_are_alternatives_when_both_are_given():
    assert clock(Cron("0 0 13 * 5").between(epoch(2026, 3, 1), epoch(2026, 3, 28))) == [
        "03-06 00:00", "03-13 00:00", "03-20 00:00", "03-27 00:00",
    ]  # fmt: skip


def test_a_schedule_runs_by_the_clock_of_the_time_zone():
    found = list(Cron("30 6 * * *", BERLIN).between(epoch(2026, 3, 28), epoch(2026, 3, 31)))
    assert clock(found, BERLIN) == ["03-28 06:30", "03-29 06:30", "03-30 06:30"]
    assert clock(found) == ["03-28 05:30", "03-29 04:30", "03-30 04:30"]


def test_a_local_day_begins_before_or_after_the_one_in_greenwich():
    line = Cron("5 0 * * 1", BERLIN)
    assert clock(line.between(epoch(2026, 3, 1, 20), epoch(2026, 3, 2, 1))) == ["03-01 23:05"]


def test_the_start_is_not_included_and_the_end_is():
    assert list(Cron("0 * * * *").between(NOON, NOON + HOUR)) == [NOON + HOUR]


def test_runs_come_in_order_of_time_and_then_of_the_file():
    stanzas = {
        "b": {"enableSched": "1", "cron_schedule": "0,30 * * * *"},
        "a": {"enableSched": "true", "cron_schedule": "30 * * * *"},
        "off": {"enableSched": "1", "disabled": "1", "cron_schedule": "not read"},
        "manual": {"cron_schedule": "not read"},
    }
    found = list(Schedule(stanzas).between(NOON, NOON + HOUR))
    assert [(at - NOON, name) for at, name in found] == [(1800, "b"), (1800, "a"), (3600, "b")]


def test_windows_are_relative_to_the_scheduled_time_and_snap_in_the_time_zone(app_dir, home):
    with Splunkd(app_dir, home, clock=lambda: NOON) as splunkd:
        splunkd.tz = BERLIN
        splunkd.conf.update("savedsearches", "Off", {
            "disabled": "0", "search": "index=main | table n", "cron_schedule": "0 1 * * *",
            "dispatch.earliest_time": "-1d@d", "dispatch.latest_time": "@d",
        })  # fmt: skip
        # Midnight in Berlin is 23:00 in Greenwich.
        splunkd.index(
            {"time": epoch(2026, 2, 27, hour, 30), "host": "h", "source": "s", "sourcetype": "x",
             "index": "main", "data": f"n={hour}", "indextime": 0}
            for hour in (22, 23)
        )  # fmt: skip
        assert splunkd.run_saved_search("Off", epoch(2026, 3, 1, 0, 0)).rows == [{"n": "23"}]
        start = epoch(2026, 2, 28, 0, 30)
        assert splunkd.run_schedule(start, start + 24 * HOUR) >= 1
        assert [(clock([run.time], BERLIN), run.count) for run in splunkd.history("Off")[:1]] == [(["03-01 01:00"], 1)]
