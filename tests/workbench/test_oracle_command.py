"""`python -m workbench oracle`: what it understands of a case, what it refuses, and the project's own cases."""

import json
from pathlib import Path

import pytest

from workbench.__main__ import main
from workbench.oracle import judge, read_cases

TESTS = Path(__file__).resolve().parent
OWN = sorted((TESTS / "spl" / "cases").glob("app_*.jsonl")) + sorted((TESTS / "conf" / "cases").glob("*.jsonl"))
CASES = [case for path in OWN for case in read_cases(path)]


def case(spl="| eval x=1", rows=({},), expected=({"x": "1"},), **more):
    return {"id": "a", "spl": spl, "input_rows": list(rows), "expected_rows": list(expected), **more}


@pytest.mark.parametrize("one", CASES, ids=lambda one: one["id"])
def test_a_case_of_the_project_comes_out_right(one):
    assert judge(one)[0] == "right", judge(one)[1]


def test_the_projects_cases_have_names_of_their_own_and_tell_their_source():
    assert len({one["id"] for one in CASES}) == len(CASES)
    assert all(one["source"].startswith("https://") and one["basis"] in ("example", "statement") for one in CASES)


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"indexes": {}}, "indexes"),
        ({"savedsearches": {"x": {"search": "a"}}}, "savedsearches"),
        ({"tz": "Nowhere/At_All"}, "Nowhere/At_All"),
        ({"macros": {"m": {"definition": "x", "colour": "red"}}}, "colour"),
        ({"eventtypes": {"e": {"search": "x", "colour": "red"}}}, "colour"),
        ({"tags": {"user": {"vip": "enabled"}}}, "user"),
        ({"tags": {"user=ann": {"vip": "perhaps"}}}, "user=ann"),
        ({"props": {"st": {"KV_MODE": "xml"}}}, "xml"),
        ({"props": {"st": {"REPORT-a": "nope"}}}, "nope"),
    ],
)
def test_what_a_case_brings_and_is_not_understood_is_refused_by_name(env, named):
    verdict, detail = judge(case("search * | eval x=1", [{"_raw": "a", "sourcetype": "st"}], env=env))
    assert verdict == "refused"
    assert named in detail


def test_a_lookup_setting_that_is_not_known_is_refused_when_it_is_used():
    env = {"lookups": {"t": {"filename": "t.csv", "rows": [{"a": "1"}], "colour": "red"}}}
    assert judge(case("| lookup t a", [{"a": "1"}], [{"a": "1"}], env=env)) == (
        "refused", "Error in 'lookup' command: The lookup setting 'colour' is not implemented.",
    )  # fmt: skip


def test_a_comparison_that_is_not_known_is_refused():
    assert judge(case(cmp="fuzzy")) == ("refused", "The comparison 'fuzzy' of a case is not implemented.")
    assert judge(case(cmp=None))[0] == "right"


def test_rows_go_through_props_and_tags_whenever_a_case_has_them():
    env = {"props": {"st": {"EVAL-x": '"1"'}}, "tags": {"x=1": {"one": "enabled"}}}
    assert judge(case("search tag=one", [{"_raw": "a", "sourcetype": "st"}], env=env)) == ("right", "")


def test_index_time_cases_are_refused_by_their_phase():
    one = {"id": "i", "phase": "index-time", "props": "SEDCMD-a = s/a/b/\n", "expected_events": []}
    assert judge(one) == ("refused", "index-time processing is not simulated")


def test_an_extraction_may_find_neither_less_nor_more_than_expected():
    one = {
        "id": "e", "phase": "search-time", "props": "KV_MODE = auto\n",
        "expected_events": [{"_raw": "a=1 b=2", "_time": 0.0, "fields": {"a": "1"}}],
    }  # fmt: skip
    assert judge(one) == ("wrong", "event 1, b: expected None, found '2'")
    one["expected_events"][0]["fields"] = {"a": "1", "b": "2", "c": "3"}
    assert judge(one) == ("wrong", "event 1, c: expected '3', found None")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"spl": "| x"}, "'id'"),
        ({"id": "a", "spl": 5}, "'spl'"),
        (case(env=[1]), "'env'"),
        (case(rows=["x"]), "rows must be objects"),
        ({"id": "a", "phase": "search-time", "expected_events": []}, "'props'"),
        ({"id": "a", "phase": "search-time", "props": "", "expected_events": [{"_raw": "x"}]}, "events need"),
    ],
)
def test_a_line_that_is_no_case_is_named_with_its_place(tmp_path, capsys, line, said):
    path = tmp_path / "cases.jsonl"
    path.write_text("\n" + json.dumps(line) + "\n")
    assert main(["oracle", str(path)]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert "line 2, is no case" in message
    assert said in message
