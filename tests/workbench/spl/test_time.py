"""Relative times, spans and formats, in zones with summer time."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from workbench.spl import SearchError, search
from workbench.spl.bins import default_span, time_span
from workbench.spl.timeformat import strftime, strptime
from workbench.spl.timemods import moment, relative

NEW_YORK = ZoneInfo("America/New_York")
NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC, a Tuesday


def epoch(written, zone=timezone.utc):
    return datetime.fromisoformat(written).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ("now", "2023-11-14 22:13:20"),
        ("-30m", "2023-11-14 21:43:20"),
        ("-h@h", "2023-11-14 21:00:00"),
        ("@d-3h", "2023-11-13 21:00:00"),
        ("-1w@w1", "2023-11-06 00:00:00"),
        ("@w0", "2023-11-12 00:00:00"),
        ("@w7", "2023-11-12 00:00:00"),
        ("-1mon@mon", "2023-10-01 00:00:00"),
        ("@q", "2023-10-01 00:00:00"),
        ("-1y@y+1mon", "2022-02-01 00:00:00"),
        ("+1d", "2023-11-15 22:13:20"),
    ],
)
def test_a_modifier_moves_and_snaps(modifier, expected):
    assert relative(NOW, modifier, timezone.utc) == epoch(expected)


@pytest.mark.parametrize("modifier", ["soon", "-1x", "@w8", "-d@", "1d"])
def test_what_is_no_modifier_is_none(modifier):
    assert relative(NOW, modifier, timezone.utc) is None


def test_days_are_calendar_days_of_the_zone():
    after = epoch("2023-11-05 12:00", NEW_YORK)  # clocks went back that night
    assert relative(after, "-1d", NEW_YORK) == after - 25 * 3600
    assert relative(after, "-24h", NEW_YORK) == after - 24 * 3600
    assert relative(after, "@d", NEW_YORK) == epoch("2023-11-05 00:00", NEW_YORK)


def test_the_last_day_of_a_shorter_month_stands_in():
    assert relative(epoch("2023-03-31"), "-1mon", timezone.utc) == epoch("2023-02-28")


def test_absolute_bounds_are_epochs_or_dates():
    assert moment("1600000000", NOW, timezone.utc) == 1_600_000_000
    assert moment("11/14/2023:22:00:00", NOW, timezone.utc) == epoch("2023-11-14 22:00")
    assert moment("yesterday", NOW, timezone.utc) is None


def test_bins_of_a_day_follow_the_zone():
    day = time_span("1d", NEW_YORK)
    start = day.start(epoch("2023-11-05 23:59", NEW_YORK))
    assert start == epoch("2023-11-05 00:00", NEW_YORK)
    assert day.following(start) - start == 25 * 3600


def test_a_span_that_does_not_fit_the_zone_is_refused():
    with pytest.raises(SearchError, match="offset"):
        time_span("4h", NEW_YORK).start(NOW)


@pytest.mark.parametrize(
    ("seconds", "unit", "amount"),
    [(900, "s", 10), (3600, "m", 1), (14400, "m", 5), (86400, "m", 30), (604800, "d", 1), (34560000, "mon", 1)],
)
def test_default_spans_are_those_of_the_manual(seconds, unit, amount):
    found = default_span(0.0, seconds, 100, timezone.utc)
    assert (found.unit, found.amount) == (unit, amount)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%Y-%m-%d %H:%M:%S", "2023-11-14 17:13:20"),
        ("%FT%T%z", "2023-11-14T17:13:20-0500"),
        ("%m/%d/%y %I:%M:%S %p %:z", "11/14/23 05:13:20 PM -05:00"),
        ("%b %d %Y %H:%M:%S.%3N", "Nov 14 2023 17:13:20.000"),
        ("%s", "1700000000"),
    ],
)
def test_a_time_is_written_and_read_back(form, written):
    assert strftime(NOW, form, NEW_YORK) == written
    assert strptime(written, form, NEW_YORK, NOW) == NOW


@pytest.mark.parametrize("written", ["", "2023", "2023-13-01", "2023-02-30", "yesterday"])
def test_what_does_not_fit_the_format_is_null(written):
    assert strptime(written, "%Y-%m-%d", timezone.utc, NOW) is None


def test_a_range_of_weeks_keeps_the_clock_over_summer_time(bench):
    env = bench()
    env.tz = ZoneInfo("America/Los_Angeles")
    (row,) = search('| makeresults | eval w=mvrange(1520277931,1521000000,"7d") | table w', env).rows
    assert row["w"] == ["1520277931", "1520879131"]
