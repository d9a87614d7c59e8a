import pytest

from workbench.conf import Props
from workbench.conf.timestamps import event_time
from workbench.errors import BadInput

NOON = 1772366400.0  # 2026-03-01T12:00:00Z


def test_source_wins_over_host_and_host_over_sourcetype(make_conf):
    props = Props(make_conf(props="[st]\na=1\nb=1\nc=1\n[host::h*]\nb=2\nc=2\n[source::x]\nc=3\n"))
    assert props.settings("h1", "x", "st") == {"a": "1", "b": "2", "c": "3"}
    assert props.settings("other", "y", "st") == {"a": "1", "b": "1", "c": "1"}


@pytest.mark.parametrize(
    ("pattern", "source", "fits"),
    [
        ("delegation_audit://*", "delegation_audit://main", True),
        ("delegation_audit://*", "delegation_audit://a/b", False),
        ("...audit_*.log", "/var/log/x/audit_1.log", True),
        ("/a.b", "/aXb", False),
        ("(one|two)", "two", True),
        ("one", "one more", False),
    ],
)
def test_a_stanza_pattern_must_fit_the_whole_value(make_conf, pattern, source, fits):
    props = Props(make_conf(props=f"[source::{pattern}]\nk = 1\n"))
    assert (props.settings("", source, "") == {"k": "1"}) is fits


def test_case_counts_for_sources_and_sourcetypes_but_not_for_hosts(make_conf):
    props = Props(make_conf(props="[ST]\na=1\n[source::S*]\nb=1\n[host::H*]\nc=1\n"))
    assert props.settings("h1", "s1", "st") == {"c": "1"}


def test_a_pattern_that_cannot_be_read_is_refused(make_conf):
    with pytest.raises(BadInput, match="no readable pattern"):
        Props(make_conf(props="[source::(a]\nk=1\n"))


def test_a_literal_stanza_wins_over_a_pattern_and_priority_over_both(make_conf):
    text = "[source::a*]\nk=pattern\n[source::ab]\nk=literal\n"
    assert Props(make_conf(props=text)).settings("", "ab", "")["k"] == "literal"
    text += "[source::...b]\npriority=200\nk=ranked\n"
    assert Props(make_conf(props=text)).settings("", "ab", "")["k"] == "ranked"


def test_time_is_read_behind_the_prefix():
    settings = {"TIME_PREFIX": r'"CreationTime":\s*"', "TIME_FORMAT": "%Y-%m-%dT%H:%M:%S", "TZ": "UTC"}
    data = '{"Id": "2020-01-01T00:00:00", "CreationTime": "2026-03-01T12:00:00"}'
    assert event_time(data, settings, 5.0) == NOON


def test_an_epoch_keeps_its_fraction():
    settings = {"TIME_PREFIX": r'^\{"time":\s*', "TIME_FORMAT": "%s.%3N"}
    assert event_time('{"time":1772366400.125,"a":1}', settings, 5.0) == NOON + 0.125


@pytest.mark.parametrize(
    "settings",
    [
        {"TIME_PREFIX": "absent=", "TIME_FORMAT": "%Y-%m-%dT%H:%M:%S"},
        {"TIME_PREFIX": "at=", "MAX_TIMESTAMP_LOOKAHEAD": "4", "TIME_FORMAT": "%Y-%m-%dT%H:%M:%S"},
        {"DATETIME_CONFIG": "CURRENT"},
    ],
)
def test_where_no_time_is_found_the_event_is_of_now(settings):
    assert event_time("at=2026-03-01T12:00:00Z", settings, 5.0) == 5.0


def test_a_time_zone_applies_to_times_without_one():
    settings = {"TIME_FORMAT": "%Y-%m-%dT%H:%M:%S", "TZ": "Europe/Berlin"}
    assert event_time("2026-03-01T13:00:00", settings, 5.0) == NOON
    with pytest.raises(BadInput, match="no such time zone"):
        event_time("2026-03-01T13:00:00", {**settings, "TZ": "Nowhere/At_All"}, 5.0)


def test_without_a_format_iso_8601_is_found_anywhere_in_the_lookahead():
    assert event_time('{"x":1,"time":"2026-03-01T12:00:00.000Z"}', {}, 5.0) == NOON
    assert event_time("x" * 200 + "2026-03-01T12:00:00Z", {}, 5.0) == 5.0
