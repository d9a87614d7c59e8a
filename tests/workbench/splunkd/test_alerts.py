"""Alerts: trigger conditions, throttling, custom alert actions as processes, and the history of runs."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.splunkd import Splunkd
from workbench.splunkd.alerts import Alerts, has_alert, seconds
from workbench.splunkd.frames import from_csv

NOON = 1772366400.0  # 2026-03-01T12:00:00Z
ROWS = [{"host": "a", "source": "1"}, {"host": "a", "source": "2"}, {"other": "x"}]
APP = Path(__file__).resolve().parent / "alert_app"


@pytest.fixture(scope="module")
def alerting(tmp_path_factory):
    with Splunkd(APP, tmp_path_factory.mktemp("home"), clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def notes(alerting):
    """What the script `note` wrote down, after a fresh start."""
    path = alerting.home / "notes.jsonl"
    path.unlink(missing_ok=True)
    return lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def considered(stanza, rows=ROWS, now=0.0):
    return len(Alerts().consider("x", {"alert.track": "1", **stanza}, now, rows))


@pytest.mark.parametrize(
    ("kind", "relation", "quantity", "fires"),
    [
        ("number of events", "greater than", "2", 1),
        ("number of events", "greater than", "3", 0),
        ("number of events", "less than", "4", 1),
        ("number of events", "equal to", "3", 1),
        ("number of events", "not equal to", "3", 0),
        ("number of hosts", "equal to", "1", 1),
        ("number of sources", "equal to", "2", 1),
    ],
)
def test_a_condition_compares_what_it_counts(kind, relation, quantity, fires):
    assert considered({"counttype": kind, "relation": relation, "quantity": quantity}) == fires


@pytest.mark.parametrize(
    "stanza",
    [
        {"counttype": "number of events", "relation": "rises by", "quantity": "5"},
        {"counttype": "number of events", "relation": "greater than"},
        {"counttype": "number of events", "quantity": "1"},
        {"counttype": "number of users", "relation": "greater than", "quantity": "1"},
        {"counttype": "custom"},
        {"counttype": "number of events", "alert_condition": "search a=1"},
        {"alert.suppress": "1"},
        {"alert.suppress": "1", "alert.suppress.period": "soon"},
        {"alert.suppress": "1", "alert.suppress.period": "1h", "alert.digest_mode": "0"},
    ],
)
def test_a_condition_or_throttle_that_is_not_understood_is_refused(stanza):
    with pytest.raises(BadInput, match=r"savedsearches\.conf \[x\]: "):
        considered(stanza)


def test_a_search_without_any_sign_of_an_alert_is_none():
    assert not has_alert({"search": "index=main", "action.note": "0", "action.note.param.x": "1"})
    assert has_alert({"action.note-2": "1"})
    assert has_alert({"alert_condition": "search x=1"})


def test_a_condition_can_be_a_search_over_the_results(alerting):
    before = len(alerting.alerts)
    alerting.run_saved_search("Condition")
    alerting.run_saved_search("No condition met")
    assert [alert.search for alert in alerting.alerts[before:]] == ["Condition"]
    assert [row["n"] for row in alerting.alerts[-1].rows] == [1, 2]
    assert alerting.history("No condition met")[0].fired == 0


def test_throttling_goes_by_the_values_of_the_fields_together():
    alerts = Alerts()
    stanza = {
        "alert.track": "1", "alert.digest_mode": "0",
        "alert.suppress": "1", "alert.suppress.period": "1h", "alert.suppress.fields": "user, kind",
    }  # fmt: skip
    one, two = {"user": "a", "kind": "1"}, {"user": "a", "kind": "2"}
    assert len(alerts.consider("x", stanza, 0.0, [one, one])) == 2
    assert [alert.rows for alert in alerts.consider("x", stanza, 3599.0, [one, two])] == [[two]]
    assert alerts.consider("x", stanza, 3600.0, [two]) == []
    assert len(alerts.consider("x", stanza, 3600.0, [one])) == 1


@pytest.mark.parametrize(("written", "length"), [("60", 60), ("90s", 90), ("5m", 300), ("24h", 86400), ("1d", 86400)])
def test_periods_have_units(written, length):
    assert seconds("x", "alert.suppress.period", written) == length


def test_an_action_gets_its_payload_and_the_results_of_the_whole_alert(alerting, notes):
    alerting.run_saved_search("Digest")
    (note,) = notes()
    payload = json.loads(note["payload"])
    sid = alerting.history("Digest")[0].sid
    assert note["arguments"] == ["--execute"]
    assert {"SPLUNK_HOME", "PATH"} <= set(note["environment"])
    assert set(note["environment"]) <= {"SPLUNK_HOME", "PATH", "HOME", "LANG", "TZ", "LC_CTYPE"}
    assert payload["configuration"] == {"tone": "loud", "text": "Digest found al$ice", "unset": "|$other$"}
    assert payload["result"] == {"user": "al$ice", "n": "1", "groups": ["a", "b"]}
    assert (payload["app"], payload["owner"], payload["search_name"], payload["sid"]) == (
        "alerting", "nobody", "Digest", sid,
    )  # fmt: skip
    assert payload["server_uri"] == alerting.uri
    assert payload["results_file"] == str(alerting.home / "var/run/splunk/dispatch" / sid / "results.csv.gz")
    assert sid in payload["results_link"]
    assert from_csv(note["results"].encode())[1] == {"user": "bob", "n": "2", "groups": ["a", "b"]}
    assert next(csv.reader(io.StringIO(note["results"])))[:3] == ["user", "n", "groups"]


def test_the_session_key_of_an_action_ends_with_it(alerting, notes):
    alerting.run_saved_search("Digest")
    key = json.loads(notes()[0]["payload"])["session_key"]
    assert key
    assert alerting.sessions.user(key) is None


def test_without_digest_each_row_is_an_alert_of_its_own(alerting, notes):
    alerting.run_saved_search("Each")
    payloads = [json.loads(note["payload"]) for note in notes()]
    assert [payload["configuration"]["text"] for payload in payloads] == ["Each found al$ice", "Each found bob"]
    assert [len(from_csv(note["results"].encode())) for note in notes()] == [1, 1]
    assert [Path(payload["results_file"]).name for payload in payloads] == ["tmp_0.csv.gz", "tmp_1.csv.gz"]
    run = alerting.history("Each")[0]
    assert (run.count, run.fired, [action.action for action in run.actions]) == (2, 2, ["note", "note"])


def test_xml_is_the_payload_unless_json_is_asked_for(alerting, notes):
    alerting.run_saved_search("As XML")
    (note,) = notes()
    root = ET.fromstring(note["payload"])
    assert note["arguments"] == ["--execute", "xml"]
    assert root.tag == "alert"
    assert root.findtext("search_name") == "As XML"
    assert root.find("configuration/param[@name='text']").text == "<al$ice>"
    assert root.find("result/field[@k='groups']").text == "a\nb"


def test_an_action_that_fails_is_in_the_log_and_not_in_the_way(alerting):
    alerting.run_saved_search("Fails")
    (action,) = alerting.history("Fails")[0].actions
    assert action.exit_code == 3
    assert action.log[0].startswith('INFO sendmodalert - Invoking modular alert action=fail for search="Fails" sid="')
    assert "ERROR sendmodalert - action=fail STDERR - ERROR no such address" in action.log
    assert action.log[-2].endswith("ms with exit code=3")
    assert action.log[-1] == "WARN sendmodalert - action=fail - Alert action script returned error code=3"


def test_an_action_is_killed_when_its_maxtime_is_over(alerting):
    alerting.run_saved_search("Slow")
    (action,) = alerting.history("Slow")[0].actions
    assert action.exit_code != 0
    assert any("killed after 1 s (maxtime)" in line for line in action.log)


def test_an_action_without_its_script_is_refused(alerting):
    with pytest.raises(BadInput, match=r"\[gone\]: bin/gone\.py is no Python script"):
        alerting.run_saved_search("Gone")


def test_actions_that_are_off_not_custom_or_not_ours_do_nothing(alerting, notes):
    alerting.run_saved_search("Off")
    assert notes() == []
    assert alerting.history("Off")[0].actions == []


def test_history_keeps_every_run_newest_first(alerting):
    assert alerting.history("Never run") == []
    alerting.run_saved_search("Condition", NOON + 60)
    alerting.run_saved_search("Condition", NOON + 120)
    runs = alerting.history("Condition")
    assert [run.time for run in runs[:2]] == [NOON + 120, NOON + 60]
    assert len({run.sid for run in runs}) == len(runs)
    assert runs[0].sid.startswith("scheduler__nobody__alerting__Condition_at_1772366520_")
