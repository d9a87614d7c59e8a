"""All content holds what the checks ask for, and each check finds the fault that it is there for."""

import json

import pytest

from scripts.content import CHECKS, App
from scripts.content.references import macro_calls
from scripts.content.searches import REQUIRED, case_folder, cron_values, detections

DETECTION = "Delegation Watch - Odd grant - Rule"
COMPLETE = {
    "action.correlationsearch.annotations": json.dumps({"mitre_attack": ["T1098.002"]}),
    "action.correlationsearch.enabled": "1",
    "action.correlationsearch.label": "Odd grant",
    "action.notable": "1",
    "action.notable.param.drilldown_searches": json.dumps([{"name": "Grants", "search": "index=summary"}]),
    "action.notable.param.rule_description": "$actor$ granted it",
    "action.notable.param.rule_title": "Odd grant",
    "action.notable.param.security_domain": "identity",
    "action.notable.param.severity": "high",
    "action.risk": "1",
    "action.risk.param._risk": json.dumps([{"risk_object_field": "actor", "risk_object_type": "user"}]),
    "action.risk.param._risk_message": "Odd grant",
    "alert.suppress": "1",
    "alert.suppress.fields": "case_key",
    "alert.suppress.period": "24h",
    "cron_schedule": "7,22 * * * *",
    "description": "Odd. Known to be benign: help desks. What to do: ask the owner.",
    "disabled": "1",
    "dispatch.earliest_time": "-70m@m",
    "dispatch.latest_time": "now",
    "enableSched": "1",
    "search": "index=summary",
}


def stanza(name, keys, **changed):
    """A stanza's text; a key changed to None is left out, and "__" in a changed key stands for "."."""
    keys = {**keys, **{key.replace("__", "."): value for key, value in changed.items()}}
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in keys.items() if value is not None), ""])


def detection(**changed):
    return {"default/savedsearches.conf": stanza(DETECTION, COMPLETE, **changed)}


def search(spl, **files):
    return {"default/savedsearches.conf": stanza("Delegation Watch - Odd", {"search": spl}), **files}


MACROS, TRANSFORMS, INPUTS = "default/macros.conf", "default/transforms.conf", "default/inputs.conf"
COMMANDS, PROPS, META = "default/commands.conf", "default/props.conf", "metadata/default.meta"
BOTH = "python.version = python3\npython.required = 3.13, 3.9\n"
SPEC = {"README/inputs.conf.spec": "[delegation_audit://<name>]\naccount = <string>\npython.required = <list>\n"}
BROKEN = [
    ("macros_are_defined_and_used", search("`delegation_watch_x`"), "macro delegation_watch_x is not defined"),
    (
        "macros_are_defined_and_used",
        search("`delegation_watch_x(a)`", **{MACROS: "[delegation_watch_x(2)]\nargs = a, b\ndefinition = x\n"}),
        "macro delegation_watch_x(1) is not defined",
    ),
    ("macros_are_defined_and_used", {MACROS: "[delegation_watch_x]\ndefinition = x\n"}, "nothing uses it"),
    ("lookups_have_their_tables", search("x | lookup delegation_watch_x mailbox"), "delegation_watch_x is not defined"),
    ("lookups_have_their_tables", search("| inputlookup append=t x.csv"), "lookup x.csv is not defined"),
    ("lookups_have_their_tables", {PROPS: "[source::x]\nLOOKUP-a = b c OUTPUT d\n"}, "lookup b"),
    ("lookups_have_their_tables", {TRANSFORMS: "[a]\nfilename = a.csv\n"}, "filename a.csv does not exist"),
    ("lookups_have_their_tables", {TRANSFORMS: "[a]\ncollection = a\n"}, "collection a does not exist"),
    ("lookups_have_their_tables", {"lookups/a.csv": "b\n"}, "a.csv: nothing uses this filename"),
    ("lookups_have_their_tables", {"default/collections.conf": "[a]\n"}, "a: nothing uses this collection"),
    ("transforms_are_defined", {PROPS: "[source::x]\nREPORT-a = b\n"}, "b is not in transforms.conf"),
    ("scripts_exist", {INPUTS: "[delegation_audit]\n"}, "bin/delegation_audit.py does not exist"),
    ("scripts_exist", {COMMANDS: "[x]\nfilename = x.py\n"}, "bin/x.py does not exist"),
    ("scripts_exist", {"bin/x.py": ""}, "bin/x.py: no conf file starts it"),
    (
        "scripts_say_their_python",
        {INPUTS: "[delegation_audit]\npython.version = python3\n"},
        "python.required = 3.13, 3.9",
    ),
    ("scripts_say_their_python", {COMMANDS: "[x]\nfilename = x.py\n"}, "python.version = python3"),
    ("settings_are_specified", {INPUTS: "[delegation_audit]\nacount = x\n", **SPEC}, "does not describe acount"),
    ("settings_are_specified", {COMMANDS: f"[x]\n{BOTH}"}, "does not describe python.required"),
    ("settings_are_specified", {"default/delegation_watch_accounts.conf": "[x]\ntenant = x\n"}, "tenant"),
    ("names_are_ours", {MACROS: "[mailboxes]\ndefinition = x\n"}, "[mailboxes]"),
    ("names_are_ours", {PROPS: "[source::other]\n"}, "[source::other]"),
    ("names_are_ours", {PROPS: "[o365:management:activity]\n"}, "[o365:management:activity]"),
    ("schedules_are_sound", detection(cron_schedule="*/4 * * * *"), "15 times an hour"),
    ("schedules_are_sound", detection(cron_schedule="61 * * * *"), "wrong field: 61"),
    ("schedules_are_sound", detection(cron_schedule="5 * * *"), "wrong field: 5 * * *"),
    ("schedules_are_sound", detection(cron_schedule=None), "wrong field"),
    ("schedules_are_sound", detection(dispatch__earliest_time=None), "dispatch.earliest_time is missing"),
    ("schedules_are_sound", detection(dispatch__latest_time="rt"), "real-time"),
    *(("detections_are_complete", detection(**{key: None}), key) for key in REQUIRED),
    ("detections_are_complete", detection(disabled="0"), "disabled"),
    ("detections_are_complete", detection(alert__suppress__fields="actor"), "alert.suppress.fields"),
    ("detections_are_complete", detection(description="Odd. What to do: ask."), "Known to be benign"),
    ("detections_are_complete", detection(**{"action.correlationsearch.annotations": "{}"}), "T1098.002"),
    ("detections_are_complete", detection(**{"action.risk.param._risk": "[oops]"}), "_risk is no JSON list"),
    ("detections_have_cases", detection(), "tests/cases/odd_grant: no file fires*"),
    ("detections_have_cases", {**detection(), "tests/cases/odd_grant/fires.jsonl": ""}, "no file quiet*"),
    ("detections_match_their_pages", detection(), "docs/detections/odd_grant.md does not exist"),
    (
        "detections_match_their_pages",
        {**detection(), "docs/detections/odd_grant.md": "# Odd grant\n\nOdd.\n"},
        "odd_grant.md: it needs a title and a section Search",
    ),
    ("detections_have_cases", {"tests/cases/old/fires.jsonl": ""}, "tests/cases/old: no search"),
    ("conf_files_are_well_formed", {MACROS: "[a]\nb = 1\nb = 2\n"}, "macros.conf [a] b: stands 2 times"),
    ("conf_files_are_well_formed", {MACROS: "[a]\n[b]\n[a]\n"}, "macros.conf [a] : stands 2 times"),
    ("conf_files_are_well_formed", {MACROS: "[default]\na = 1\n"}, "would hold for every other app"),
    ("conf_files_are_well_formed", {MACROS: "a = 1\n"}, "would hold for every other app"),
    ("conf_files_are_well_formed", {MACROS: "[a]\nb = x \\ \n| y\n"}, "line 2: blanks after the backslash"),
    ("nothing_ships_that_may_not", {"lookups/a.csv": "src\n192.0.2.7\n"}, "lookups/a.csv line 2: an address"),
    ("nothing_ships_that_may_not", {"bin/a.py": "KEY = '-----BEGIN PRIVATE KEY-----'"}, "a private key"),
    ("nothing_ships_that_may_not", {"README.md": "<<<<<<< HEAD\n"}, "README.md line 1: an unfinished merge"),
    ("icons_have_their_sizes", {"static/appIcon.png": "no picture"}, "static/appIcon.png: is no PNG"),
    ("versions_agree", {"pyproject.toml": '[project]\nversion = "1.0"\n'}, "pyproject.toml: its version is 1.0"),
    ("versions_agree", {}, "app.manifest: its version is None"),
    ("manifest_matches", {"app.manifest": "{"}, "app.manifest: JSONDecodeError"),
    ("manifest_matches", {"app.manifest": '{"info": {"id": {"name": "x"}, "title": "X"}}'}, "differently"),
    ("python_runs_on_39", {"bin/a.py": "match x:\n    case 1: pass\n"}, "bin/a.py line"),
    ("shipped_code_is_safe", {"bin/a.py": "requests.get(url, verify=False)\n"}, "TLS is not verified"),
    ("shipped_code_is_safe", {"bin/a.py": "\nsession.verify = False\n"}, "bin/a.py line 2: TLS is not verified"),
    ("shipped_code_is_safe", {"bin/a.py": "subprocess.run(line, shell=True)\n"}, "a shell is started"),
    ("shipped_code_is_safe", {"bin/a.py": "requests.get(f'http://{host}')\n"}, "an address without TLS"),
    ("rights_are_narrow", {META: "[]\naccess = read : [ * ], write : [ * ]\n"}, "[]: write is"),
    ("rights_are_narrow", {META: "[views]\nexport = none\n"}, "the stanza [] has no access"),
]


def app_of(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return App(folder)


@pytest.mark.parametrize("name", CHECKS)
def test_the_app_has_no_fault(root, name):
    assert list(CHECKS[name](App(root))) == []


@pytest.mark.parametrize(("name", "files", "fault"), BROKEN)
def test_a_broken_app_has_the_fault(tmp_path, name, files, fault):
    assert [line for line in CHECKS[name](app_of(tmp_path, files)) if fault in line]


def test_every_check_has_a_broken_app():
    assert {name for name, _, _ in BROKEN} == set(CHECKS)


def test_a_complete_detection_has_no_fault(tmp_path):
    app = app_of(tmp_path, detection())
    assert [fault for name in ("schedules_are_sound", "detections_are_complete") for fault in CHECKS[name](app)] == []


def test_an_input_with_all_that_it_needs_has_no_fault(tmp_path):
    conf = f"[delegation_audit]\ninterval = 300\naccount = x\n{BOTH}\n[delegation_audit://mine]\ndisabled = 1\n"
    app = app_of(tmp_path, {INPUTS: conf, "bin/delegation_audit.py": "", **SPEC})
    names = ("scripts_exist", "scripts_say_their_python", "settings_are_specified", "names_are_ours")
    assert [fault for name in names for fault in CHECKS[name](app)] == []


def test_the_walk_sees_the_searches_of_the_app(root):
    assert len(App(root).conf("savedsearches")) >= 3
    assert len(detections(App(root))) >= 2


@pytest.mark.parametrize(
    ("spl", "names"),
    [
        ('`a` | `b(x)` | `c(x, "1,2")`', ["a", "b(1)", "c(2)"]),
        ("`a()`", ["a"]),
        ('{"search": "`b(\\"x,y\\")`"}', ["b(1)"]),
    ],
)
def test_macro_calls_are_named_by_their_arguments(spl, names):
    assert list(macro_calls(spl)) == names


@pytest.mark.parametrize(
    ("field", "values"), [("*/20", {0, 20, 40}), ("1-3,59", {1, 2, 3, 59}), ("50/5", {50, 55}), ("7", {7})]
)
def test_a_cron_field_stands_for_its_values(field, values):
    assert cron_values(field, 0, 59) == values


@pytest.mark.parametrize("field", ["", "60", "5-1", "a", "*/0", "1-", "-1"])
def test_a_cron_field_that_is_none_is_refused(field):
    with pytest.raises(ValueError, match="^" + field.replace("*", r"\*") + "$"):
        cron_values(field, 0, 59)


def test_a_comment_calls_no_macro(tmp_path):
    app = app_of(tmp_path, search("x ```uses `nothing` here```"))
    assert list(CHECKS["macros_are_defined_and_used"](app)) == []


def test_the_folder_of_a_detections_cases_is_the_middle_of_its_name():
    assert case_folder("Delegation Watch - Folder opened to everyone - Rule") == "folder_opened_to_everyone"
    assert case_folder("Delegation Watch - Collect grants") == "collect_grants"
