"""Searches over the stand-in's events, knowledge objects and schedule."""

import json

import pytest

from workbench.errors import BadInput
from workbench.spl import SearchError
from workbench.splunkd import Splunkd
from workbench.splunkd.alerts import Alerts
from workbench.splunkd.scheduler import Cron, Schedule

NOON = 1772366400.0  # 2026-03-01T12:00:00Z, a Sunday
HOUR = 3600.0


@pytest.fixture
def noon(app_dir, home):
    with Splunkd(app_dir, home, clock=lambda: NOON) as running:
        yield running


def event(age, data=None, **given):
    data = {"user": "alice", "action": "login", **(data or {})}
    made = {"time": NOON - age, "host": "h", "source": "s", "sourcetype": "web", "index": "main", **given}
    return {**made, "data": json.dumps(data)}


def shown(result, *names):
    return [tuple(row.get(name) for name in names) for row in result.rows]


def test_events_come_newest_first_within_the_bounds(noon):
    noon.index(event(age, {"n": age}) for age in (10, 7200, 60, 90000))
    assert shown(noon.search("index=main"), "n") == [("10",), ("60",), ("7200",), ("90000",)]
    assert shown(noon.search("index=main", "-1h", "-30s"), "n") == [("60",)]
    assert shown(noon.search("index=main", str(NOON - 7200), str(NOON - 60)), "n") == [("7200",)]
    with pytest.raises(BadInput, match="soon: no time"):
        noon.search("index=main", "soon")


def test_index_time_bounds_cut_by_when_an_event_was_indexed(noon):
    noon.index(event(10, {"n": n}, indextime=NOON - n * 60) for n in range(10))
    found = noon.search("index=main", index_earliest="-5m", index_latest="-3m")
    assert sorted(shown(found, "n")) == [("4",), ("5",)]


def test_what_is_indexed_later_does_not_exist_yet(noon):
    noon.index([event(HOUR, indextime=NOON)])
    assert noon.search("index=main", now=NOON - 60).rows == []
    assert len(noon.search("index=main", now=NOON).rows) == 1


def test_a_search_that_names_no_index_looks_in_main_alone(noon):
    noon.index([event(1), event(1, index="other")])
    assert shown(noon.search("alice"), "index") == [("main",)]
    assert len(noon.search("index=* alice").rows) == 2


def test_events_of_several_indexes_come_newest_first_and_of_the_same_time_the_last_indexed_first(noon):
    noon.index(event(age, {"n": n}, index=index) for n, (age, index) in enumerate(
        [(30, "main"), (10, "other"), (20, "main"), (20, "other"), (40, "other")]
    ))  # fmt: skip
    assert shown(noon.search("index=*"), "n") == [("1",), ("3",), ("2",), ("0",), ("4",)]


def test_a_deleted_index_takes_no_other_events_with_it_and_no_place_is_given_twice(app_dir, home):
    with Splunkd(app_dir, home, clock=lambda: NOON) as first:
        first.index(event(age, index=index) for age, index in ((1, "gone"), (2, "main"), (3, "gone"), (4, "main")))
        first.events.drop("gone")
        assert (len(first.events), first.events.count("gone"), first.events.count("main")) == (2, 0, 2)
    with Splunkd(app_dir, home, clock=lambda: NOON) as again:
        again.index([event(5)])
        assert shown(again.search("index=*"), "_cd") == [("0:1",), ("0:3",), ("0:4",)]


def test_search_time_fields_lookups_and_calculations_are_there(noon):
    noon.index([event(1)])
    assert shown(noon.search("index=main team=red"), "shout", "team", "user") == [("ALICE", "red", "alice")]


def test_macros_and_event_types_are_expanded(noon):
    noon.index([event(1), event(2, {"user": "bob", "action": "logout"})])
    assert shown(noon.search("`tiny_index` `tiny_who(bob)`"), "user") == [("bob",)]
    assert shown(noon.search("index=main eventtype=tiny_login"), "user") == [("alice",)]
    with pytest.raises(SearchError):
        noon.search("`tiny_who`")


def test_events_carry_their_event_types_and_tags(noon):
    noon.index([event(1), event(2, {"user": "bob", "action": "logout"})])
    assert shown(noon.search("index=main"), "user", "eventtype", "tag") == [
        ("alice", "tiny_login", ["authentication", "web"]), ("bob", None, "risky"),
    ]  # fmt: skip
    assert shown(noon.search("index=main tag=authentication"), "user") == [("alice",)]
    assert shown(noon.search("index=main tag=risky"), "user") == [("bob",)]
    assert noon.search("index=main tag=off").rows == []


def test_events_outlive_the_process(app_dir, home):
    with Splunkd(app_dir, home, clock=lambda: NOON) as first:
        first.index([event(1, {"user": "é"})])
    with Splunkd(app_dir, home, clock=lambda: NOON) as second:
        assert shown(second.search("index=main"), "user") == [("é",)]


def test_a_command_of_the_app_runs_as_a_process(noon):
    noon.index([event(1), event(2, {"user": "bob"})])
    rows = noon.search("index=main | table user | tinystream times=2 | stats count BY user told").rows
    assert rows == [{"user": u, "told": "tinystream|times=2", "count": 2} for u in ("alice", "bob")]


def test_messages_of_commands_are_messages_of_the_search(noon):
    assert "INFO: hi" in noon.search('| makeresults | tinystream say="hi"').messages


def test_a_lookup_file_is_read_from_the_app_and_written_beside_it(noon, app_dir, home):
    assert noon.search("| inputlookup tiny_users").rows == [
        {"user": "Alice", "team": "red"}, {"user": "bob", "team": "blue", "note": "x"},
    ]  # fmt: skip
    noon.search('| makeresults | eval user="carol", extra="no" | outputlookup append=true tiny_users.csv')
    assert shown(noon.search("| inputlookup tiny_users"), "user", "extra")[-1] == ("carol", None)
    assert "carol" not in (app_dir / "lookups/tiny_users.csv").read_text()
    assert (home / "etc/apps/tiny/lookups/tiny_users.csv").read_text().splitlines()[-1] == "carol,,"


def test_a_new_lookup_file_is_made_below_splunk_home(noon, home):
    noon.search("| makeresults | eval a=1 | table a | outputlookup new.csv")
    assert noon.search("| inputlookup new.csv").rows == [{"a": "1"}]
    assert (home / "etc/apps/tiny/lookups/new.csv").is_file()
    with pytest.raises(SearchError):
        noon.search("| inputlookup absent.csv")
    with pytest.raises(BadInput, match="named without its folder"):
        noon.search("| makeresults | outputlookup ../new.csv")


def test_a_kv_store_lookup_is_typed_and_updated_by_key(noon):
    write = '| makeresults | eval id="k", user="alice", seen={} | outputlookup tiny_state append=true key_field=id'
    for seen in ("5", "6.5"):
        noon.search(write.format(seen))
    assert noon.kvstore.collection("tiny_state").query() == [
        {"user": "alice", "seen": 6.5, "_key": "k", "_user": "nobody"}
    ]
    found = noon.search('| makeresults | eval user="alice" | lookup tiny_state user OUTPUT seen | table seen').rows
    assert found == [{"seen": "6.5"}]


def test_collect_writes_raw_as_it_is_and_the_time_comes_from_the_props_of_its_source(noon):
    raw = '{"time":1772362800.250,"x":"é"}'
    noon.search("| collect index=summary source=tiny:row", rows=[{"_time": 5, "_raw": raw, "y": "lost"}])
    row = noon.search("index=summary").rows[0]
    assert (row["_raw"], row["_time"], row["sourcetype"], row["source"]) == (raw, 1772362800.25, "stash", "tiny:row")
    assert (row["x"], row["action"], row.get("y")) == ("é", "collected", None)


def test_the_schedule_collects_each_event_exactly_once(noon):
    noon.index(event(0, {"n": n}, indextime=NOON + n * 60 + 7) for n in range(60))
    assert noon.run_schedule(NOON, NOON + 90 * 60) == 18
    assert len(noon.search("index=summary", now=NOON + 90 * 60).rows) == 60


def test_disabled_searches_are_not_scheduled(noon):
    assert [name for _, name in Schedule(noon.conf.stanzas("savedsearches")).between(NOON, NOON + 300)] == ["Collect"]


def test_an_alert_fires_with_its_rows_when_its_condition_holds(noon):
    noon.index([event(1)])
    noon.run_saved_search("Alert")
    assert noon.alerts == []
    noon.index([event(2, {"user": "bob"})])
    noon.run_saved_search("Alert")
    assert [(alert.search, alert.time, len(alert.rows)) for alert in noon.alerts] == [("Alert", NOON, 2)]


def test_throttled_results_are_kept_back_for_their_period(noon):
    noon.index([event(1), event(1, {"user": "bob"})])
    noon.run_saved_search("Each", NOON)
    noon.index([event(2, {"user": "carol"})])
    noon.run_saved_search("Each", NOON + 60)
    noon.run_saved_search("Each", NOON + 120)
    assert [alert.rows[0]["user"] for alert in noon.alerts] == ["alice", "bob", "carol"]
    noon.index([event(-7200 - 10, indextime=NOON + 7210)])
    noon.run_saved_search("Each", NOON + 7220)
    assert [alert.rows[0]["user"] for alert in noon.alerts][3:] == ["alice"]


def test_without_fields_the_whole_alert_is_throttled():
    alerts = Alerts()
    stanza = {"alert.track": "1", "alert.suppress": "1", "alert.suppress.period": "1h"}
    for minute in (0, 30, 60):
        alerts.consider("x", stanza, minute * 60.0, [{"a": "1"}])
    assert [alert.time for alert in alerts.fired] == [0.0, 3600.0]


@pytest.mark.parametrize(
    ("stanza", "fires"),
    [
        ({}, False),
        ({"alert.track": "1"}, True),
        ({"action.notable": "1"}, True),
        ({"action.notable": "0", "action.notable.param.x": "1"}, False),
        ({"counttype": "number of events", "relation": "equal to", "quantity": "2"}, True),
        ({"counttype": "number of hosts", "relation": "greater than", "quantity": "1"}, False),
        ({"counttype": "number of sources", "relation": "less than", "quantity": "3"}, True),
    ],
)
def test_what_counts_as_an_alert_and_when_it_fires(stanza, fires):
    alerts = Alerts()
    alerts.consider("x", stanza, 0.0, [{"host": "a", "source": "1"}, {"host": "a", "source": "2"}])
    assert bool(alerts.fired) is fires


def test_an_unknown_search_or_condition_is_refused(noon):
    with pytest.raises(BadInput, match="no saved search named Nope"):
        noon.run_saved_search("Nope")
    with pytest.raises(BadInput, match="counttype custom"):
        Alerts().consider("x", {"counttype": "custom"}, 0.0, [])


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("*/20 * * * *", [20, 40, 60]),
        ("3-58/25 12 * * *", [3, 28, 53]),
        ("7,57 * * * 0", [7, 57]),
        ("0 13 1 * 5", [60]),
        ("30 12 2 * 7", [30]),
        ("30 12 2 4 *", []),
        ("30 12 * * 1-5", []),
    ],
)
def test_cron_lines_say_when(line, minutes):
    assert [(at - NOON) / 60 for at in Cron(line).between(NOON, NOON + HOUR)] == minutes


@pytest.mark.parametrize("line", ["", "* * * *", "60 * * * *", "* * * JAN *", "*/0 * * * *", "5-1 * * * *", "x"])
def test_a_cron_line_that_makes_no_sense_is_refused(line):
    with pytest.raises(BadInput, match="cron_schedule"):
        Cron(line)
