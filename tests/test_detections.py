"""Each search of the app, over the cases that it must and must not find, through the commands and the schedule."""

import json
import re

import pytest
from delegation_watch.risk.vocabulary import KNOWN

from scripts.content import App
from scripts.content.pages import pages
from tests.detection_cases import ALL, CASES, COLLECTED, INDEXED, LOOKUPS, ROOT, SWEEPS, evidence
from workbench.splunkd import Splunkd

COLLECTING = ("Delegation Watch - Learn identities", "Delegation Watch - Collect grants")
# What keeps the summary and the state, in the order of the schedule: minutes after the events were indexed.
FROM_SWEEPS = {"Keep state from sweeps": 15, "Keep sweeps": 26, "Compare sweeps": 35}
FROM_RECORDS = {
    "Keep directory": 8, "Learn identities": 8, "Learn accounts": 9, "Collect grants": 10, "Collect uses": 12,
    "Keep group members": 25, "Keep state from events": 25, "Close replaced delegates": 26,
}  # fmt: skip
DETECTIONS = {page.name: page.rule for page in pages(ROOT)}
# What these tell, the dashboard Alerts does not list: no record shows it, and it is no case of the summary.
BY_SWEEPS = {
    "gmail_delegate_found_by_inventory", "standing_grant_that_no_event_explains",
    "stale_orphaned_or_expired_delegation",
}  # fmt: skip
# From grant rows on, what the collecting search does with them.
FROM_ROWS = (
    "| `delegation_watch_resolve` | `delegation_watch_facts` | `delegation_watch_kin` | `delegation_watch_unusual` "
    "| delegationrisk summary=true | collect index=`delegation_watch_summary_index` "
    'source="delegation_watch:grant" sourcetype=stash output_format=raw addtime=false'
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What all cases lead to: the rows of each search, `rows` being those of the summary."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("cases"), clock=lambda: INDEXED) as splunkd:
        for lookup in LOOKUPS:
            lines = [line for case in ALL for line in case.lines(lookup)]
            splunkd.search(f"| outputlookup append=true delegation_watch_{lookup}", now=INDEXED, rows=lines)
        for name, (_, at) in SWEEPS.items():
            splunkd.index(event for case in ALL for event in case.sweep(name))
            run(splunkd, FROM_SWEEPS, at)
        splunkd.index(event for case in ALL for event in case.events())
        run(splunkd, FROM_RECORDS, INDEXED)
        for case in ALL:
            splunkd.index(case.changes())
        state = [row for case in ALL for row in case.state()]
        splunkd.search("| outputlookup append=true key_field=_key delegation_watch_state", now=INDEXED, rows=state)
        splunkd.search(FROM_ROWS, now=COLLECTED, rows=[row for case in ALL for row in case.rows()])
        found = {"rows": splunkd.search("`delegation_watch_grants`", now=INDEXED + 1800).rows}
        found["noticed"] = splunkd.search("`delegation_watch_noticed`", now=INDEXED + 1800).rows
        found["changes"] = splunkd.search("`delegation_watch_changes`", now=INDEXED + 1800).rows
        for name in DETECTIONS.values():
            found[name] = splunkd.run_saved_search(name, INDEXED + 27 * 60).rows
    return found


def run(splunkd, searches, at):
    for name, minutes in searches.items():
        splunkd.run_saved_search(f"Delegation Watch - {name}", at + 60 * minutes)


@pytest.fixture(scope="module")
def seen(ran):
    """The same as names: search → the cases that its rows come from."""
    return evidence(ran)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_each_case_is_found_or_left_alone(seen, case):
    assert (case.id in seen[DETECTIONS.get(case.folder, "rows")]) == case.fires


@pytest.mark.parametrize("name", DETECTIONS)
def test_an_alert_says_what_was_found_why_what_is_harmless_and_what_to_do(ran, name):
    rows = ran[DETECTIONS[name]]
    assert rows
    for row in rows:
        told = ("case_key", "actor_name", "grantee_name", "mailbox_name", "tenant", "delegation_score")
        text = ("delegation_found", "delegation_blind", "delegation_benign", "delegation_verify", "delegation_respond")
        assert [field for field in (*told, *text) if not row.get(field)] == []


def test_what_two_sweeps_show_has_the_time_of_the_sweep_and_no_field_that_says_null(ran):
    told = [row for row in ran["changes"] if row["grantee_key"] == "new@example.com" and "evidence" not in row]
    assert {row["_time"] for row in told} == {SWEEPS["sweep"][0]}
    assert [row for row in told if "null" in row.values()] == []


# What CIM's Change model asks for, and the values where it prescribes them.
CHANGE_FIELDS = {
    "action": {"acl_modified", "deleted", "modified"}, "status": {"success", "failure"}, "change_type": {"AAA"},
    "object_category": {"mailbox", "group", "org_unit"}, "command": None, "dest": None, "dvc": None, "object": None,
    "object_attrs": None, "object_id": None, "user": None, "vendor_product": None,
}  # fmt: skip


def test_every_change_in_the_summary_has_what_the_change_model_asks_for(ran):
    changes = [row for row in ran["rows"] if "change" in row.get("tag", ())]
    assert {"Add-MailboxPermission", "Remove-MailboxPermission", "4756"} <= {row["operation"] for row in changes}
    for row in changes:
        assert "account" in row["tag"]
        for field, values in CHANGE_FIELDS.items():
            assert row.get(field), (field, row["_raw"])
            assert values is None or row[field] in values, (field, row[field])
        assert ("result" in row) == (row["status"] == "failure")
        assert row.get("src_user") == (row.get("actor_key") or row.get("actor"))


def test_uses_and_what_is_no_grant_are_no_changes(ran):
    rest = [row for row in ran["rows"] if "change" not in row.get("tag", ())]
    assert {row["grant_action"] for row in rest if row.get("right")} == {"use"}


def test_the_data_model_has_every_field_of_a_row(ran):
    model = json.loads((ROOT / "default" / "data" / "models" / "Delegation_Watch.json").read_text(encoding="utf-8"))
    known = {field["fieldName"] for field in model["objects"][0]["fields"]}
    extracted = {"delegation_factors{}", "kin{}", "time", "eventtype", "tag", "tag::eventtype", "index"}
    extracted |= {"splunk_server", "ago"}  # the latter of the cases themselves
    written = {field for row in ran["rows"] for field in row if not field.startswith("_")}
    assert sorted(written - known - extracted) == []
    assert sorted(KNOWN - known) == []


@pytest.mark.parametrize("name", DETECTIONS)
def test_an_alert_leads_to_its_records_and_to_the_other_rights_on_the_mailbox(ran, name):
    searches = App(ROOT).conf("savedsearches")[DETECTIONS[name]]
    drilldowns = {one["name"]: one["search"] for one in json.loads(searches["action.notable.param.drilldown_searches"])}
    tokens = {token for spl in drilldowns.values() for token in re.findall(r"\$(\w+)\$", spl)}
    assert {"The records themselves", "Every right on this mailbox"} <= set(drilldowns)
    assert tokens <= {field for row in ran[DETECTIONS[name]] for field in row}
    links = [keys for link, keys in App(ROOT).conf("workflow_actions").items() if link.endswith("_of_alert")]
    needed = {field for keys in links for field in keys["fields"].split(", ")}
    assert needed == {"case_key", "row_case", "first_time", "mailbox_name", "grantee_name", "actor_name"}
    assert [row for row in ran[DETECTIONS[name]] if not needed - {"row_case"} <= row.keys()] == []


@pytest.mark.parametrize("name", DETECTIONS)
def test_an_alert_leads_to_a_case_that_is_listed_unless_a_sweep_alone_told_it(ran, name):
    """Nor is a member listed whose own row scored low, since what the group opens was learned afterwards."""
    rows = ran[DETECTIONS[name]]
    led = {row["row_case"] for row in rows if row.get("row_case")}
    assert led <= {row["case_key"] for row in ran["noticed"]}
    assert bool(led) == (name not in BY_SWEEPS)
    if name not in BY_SWEEPS:
        assert {row["right"] for row in rows if not row.get("row_case")} <= {"group_member"}


@pytest.mark.parametrize("name", DETECTIONS)
def test_a_case_is_one_alert(ran, name):
    keys = [row["case_key"] for row in ran[DETECTIONS[name]]]
    assert len(keys) == len(set(keys))


def test_an_alert_names_the_commands_for_its_rights(ran):
    row = next(row for row in ran[DETECTIONS["send_right_on_executives_or_finance"]] if row["right"] == "send_as")
    assert row["delegation_revoke"].startswith("Remove-RecipientPermission")
    assert row["delegation_undo"].startswith("Add-RecipientPermission")


def test_the_schedule_takes_each_event_once_and_alerts_once_a_case(tmp_path):
    case = next(case for case in ALL if case.folder == "high_risk_grant" and case.fires)
    with Splunkd(ROOT, tmp_path, clock=lambda: INDEXED) as splunkd:
        for search in (*COLLECTING, DETECTIONS["high_risk_grant"]):
            splunkd.conf.set("savedsearches", search, "disabled", "0")
        splunkd.index(case.events())
        splunkd.run_schedule(INDEXED, INDEXED + 45 * 60)
        rows = splunkd.search("index=summary", now=INDEXED + 45 * 60).rows
        assert [row["evidence"] for row in rows] == [case.id]
        assert [alert.search for alert in splunkd.alerts] == [DETECTIONS["high_risk_grant"]]


@pytest.mark.parametrize("name", DETECTIONS)
def test_each_search_is_proven_from_raw_events_on(name):
    raw = [case for case in ALL if case.folder == name and {"records", "sweep"} & set(case.given)]
    assert {case.fires for case in raw} == {True, False}


def test_every_scheduled_search_has_cases():
    folders = {path.name for path in CASES.iterdir() if path.is_dir()}
    assert folders == {"collect_grants", *DETECTIONS}
