"""The tables and how they are applied: families, levels, cap, benign patterns, a site's own lines, faults."""

import json

import pytest
from delegation_watch.risk import Judge, TableError, load_tables, read_tables, summary_text
from delegation_watch.risk.vocabulary import KNOWN

from tests.bin.risk.verdicts import (
    BENIGN,
    BENIGN_COLUMNS,
    SHIPPED,
    WEIGHT_COLUMNS,
    WEIGHTS,
    factors,
    judge_with,
    names,
    tables,
    verdict,
    write,
)

ROW = {"right": "full_access", "grantee_kind": "guest", "relation": "self_grant", "mailbox": "a@example.com"}
BASE = ("opens", "base", 50, "right=full_access")
GUEST = ("guest", "grantee", 25, "grantee_kind=guest")
SELF = ("self", "relation", 30, "relation=self_grant")


def local(folder, name, columns, *lines):
    write(folder, f"{name}_local", columns, [(*line, "own reason", "own why") for line in lines])


@pytest.mark.parametrize(
    ("points", "level"),
    [
        (0, "informational"), (19, "informational"), (20, "low"), (39, "low"), (40, "medium"), (69, "medium"),
        (70, "high"), (89, "high"), (90, "critical"), (100, "critical"),
    ],
)  # fmt: skip
def test_the_levels_begin_where_the_design_says(tmp_path, points, level):
    row = verdict(judge_with(tmp_path, [("only", "base", points, "right=full_access")]), **ROW)
    assert (row["delegation_score"], row["delegation_level"]) == (points, level)


def test_the_first_base_that_holds_counts(tmp_path):
    weights = [("no", "base", 90, "right=folder"), ("first", "base", 30, ""), ("second", "base", 60, "")]
    assert factors(verdict(judge_with(tmp_path, weights), **ROW)) == [("first", 30, "because of first")]


def test_of_each_family_the_largest_counts_and_families_add_up(tmp_path):
    weights = [
        BASE,
        ("small", "grantee", 5, "grantee_kind=guest"),
        ("large", "grantee", 15, "grantee_kind=guest"),
        ("other", "grantee", 25, "grantee_kind=application"),
        ("self", "relation", 10, "relation=self_grant"),
    ]
    row = verdict(judge_with(tmp_path, weights), **ROW)
    assert names(row) == {"opens", "large", "self"}
    assert row["delegation_score"] == 75


@pytest.mark.parametrize("family", ["relation", "actor", "grantee", "mailbox", "timing", "client", "use"])
def test_every_family_of_the_design_is_known(tmp_path, family):
    row = verdict(judge_with(tmp_path, [BASE, ("more", family, 7, "")]), **ROW)
    assert row["delegation_score"] == 57


def test_clipping_is_shown_as_the_factor_cap(tmp_path):
    row = verdict(
        judge_with(tmp_path, [("a", "base", 80, ""), ("b", "actor", 30, ""), ("c", "use", 5, "")]), **ROW
    )
    assert row["delegation_score"] == 100
    assert [(name, points) for name, points, _ in factors(row) if name == "cap"] == [("cap", -15)]
    assert sum(points for _, points, _ in factors(row)) == 100


def test_without_clipping_there_is_no_cap(tmp_path):
    row = verdict(judge_with(tmp_path, [("a", "base", 80, ""), ("b", "actor", 20, "")]), **ROW)
    assert names(row) == {"a", "b"}


def test_factors_sum_to_the_score_where_no_base_applies_too(tmp_path):
    row = verdict(judge_with(tmp_path, [("a", "base", 80, "right=folder"), SELF]), **ROW)
    assert sum(points for _, points, _ in factors(row)) == row["delegation_score"]


CONDITIONS = {
    "": True,
    "right=full_access": True,
    "right=FULL_ACCESS": True,
    "right=folder": False,
    "right=folder|full_access": True,
    "right!=folder": True,
    "right!=folder|full_access": False,
    "right=full*": True,
    "right=*access": True,
    "right=full?access": True,
    "mailbox=a?": False,
    "right=full_access mailbox=a@*": True,
    "right=full_access mailbox=b@*": False,
    "folder=": True,
    "right=": False,
    "folder!=": False,
    "right!=": True,
    "folder=x": False,
    "folder!=x": True,
    '"mailbox=a@example.com"': True,
    'mailbox="a@example.com"': True,
    'client_app="two words"': True,
    "client_app=two?words": True,
    "client_app=two": False,
    'session_id="\\*"': True,
    "session_id=\\*": True,
    'mailbox="\\*"': False,
    "mailbox=\\*": False,
    "inheritance=[x]": True,
    "inheritance=[x]*": True,
    "mailbox=[a]@example.com": False,
    "grantee=contoso\\bob": True,
    "grantee=contoso\\*": False,
    "grantee=contoso?bob": True,
    "use_count=5": True,
    "burst=true": True,
}


@pytest.mark.parametrize(("when", "holds"), CONDITIONS.items(), ids=CONDITIONS)
def test_a_condition_says_what_its_documentation_says(tmp_path, when, holds):
    judge = judge_with(tmp_path, [("this", "base", 50, when), ("else", "base", 10, "")])
    more = {"client_app": "Two words", "session_id": "*", "inheritance": "[x]", "use_count": 5, "burst": True}
    row = verdict(judge, **ROW, **more, grantee="CONTOSO\\bob")
    assert names(row) == ({"this"} if holds else {"else"})


@pytest.mark.parametrize("empty", [None, "", []], ids=repr)
def test_null_empty_and_absent_are_the_same_to_a_condition(tmp_path, empty):
    judge = judge_with(tmp_path, [("this", "base", 50, "folder= right=full_access")])
    assert (
        verdict(judge, **ROW, folder=empty)["delegation_score"]
        == verdict(judge, **ROW)["delegation_score"]
        == 50
    )


def test_scoring_is_a_pure_function_of_the_row(tmp_path):
    judge = judge_with(tmp_path, [BASE, ("guest", "grantee", 25, "grantee_kind=guest")])
    first, between, again = verdict(judge, **ROW), verdict(judge, right="folder"), verdict(judge, **ROW)
    assert first == again
    assert between != again


def test_a_scored_row_may_be_scored_again(tmp_path):
    judge = judge_with(tmp_path, [BASE, ("guest", "grantee", 25, "grantee_kind=guest")])
    row = verdict(judge, **ROW)
    assert verdict(judge, **row) == row


def test_scores_do_not_share_what_a_caller_changes(tmp_path):
    judge = judge_with(tmp_path, [BASE, ("guest", "grantee", 25, "grantee_kind=guest")])
    first = verdict(judge, **ROW)
    first["delegation_factors"].append("changed|1|by the caller")
    assert sum(points for _, points, _ in factors(verdict(judge, **ROW))) == 75


def test_scoring_leaves_the_other_columns_as_they_are(tmp_path):
    row = verdict(judge_with(tmp_path, [BASE]), **ROW, folder=None, extra=["a", "b"])
    added = {"delegation_score", "delegation_level", "delegation_factors", "delegation_reason"}
    assert {key: value for key, value in row.items() if key not in added} == {
        **ROW,
        "folder": None,
        "extra": ["a", "b"],
    }
    assert added <= set(row)


def test_a_benign_pattern_brings_the_score_down_and_says_so(tmp_path):
    judge = judge_with(tmp_path, [BASE], [("harmless", 5, "mailbox=a@example.com", "")])
    row = verdict(judge, **ROW)
    assert row["delegation_score"] == 5
    assert "harmless" in names(row)
    assert sum(points for _, points, _ in factors(row)) == 5


@pytest.mark.parametrize(
    ("allows", "lowered"), [("", False), ("opens", False), ("guest", True), ("opens guest", True), ("*", True)]
)
def test_a_factor_outside_the_pattern_voids_it(tmp_path, allows, lowered):
    judge = judge_with(tmp_path, [BASE, GUEST], [("harmless", 5, "mailbox=a@example.com", allows)])
    row = verdict(judge, **ROW)
    assert row["delegation_score"] == (5 if lowered else 75)
    assert ("harmless" in names(row)) is lowered


def test_a_factor_that_is_not_the_largest_of_its_family_voids_a_pattern_too(tmp_path):
    weights = [
        BASE,
        ("large", "grantee", 25, "grantee_kind=guest"),
        ("small", "grantee", 5, "relation=self_grant"),
    ]
    judge = judge_with(tmp_path, weights, [("harmless", 5, "mailbox=a@example.com", "large")])
    assert verdict(judge, **ROW)["delegation_score"] == 75


def test_a_pattern_must_match_in_all_its_conditions(tmp_path):
    judge = judge_with(tmp_path, [BASE], [("harmless", 5, "mailbox=a@example.com grantee_kind=user", "*")])
    assert verdict(judge, **ROW)["delegation_score"] == 50


def test_a_pattern_never_raises_a_score(tmp_path):
    judge = judge_with(tmp_path, [("low", "base", 3, "")], [("harmless", 10, "mailbox=a@example.com", "*")])
    row = verdict(judge, **ROW)
    assert row["delegation_score"] == 3
    assert sum(points for _, points, _ in factors(row)) == 3


def test_a_sites_own_weight_replaces_the_shipped_one(tmp_path):
    folder = tables(tmp_path, [BASE, SELF])
    local(tmp_path, WEIGHTS, WEIGHT_COLUMNS, ("self", "relation", 5, "relation=self_grant"))
    row = verdict(Judge(load_tables(folder)), **ROW)
    assert row["delegation_score"] == 55
    assert ("self", 5, "own reason") in factors(row)


def test_a_sites_own_base_is_tried_first(tmp_path):
    folder = tables(tmp_path, [BASE])
    local(tmp_path, WEIGHTS, WEIGHT_COLUMNS, ("mine", "base", 12, "mailbox=a@*"))
    judge = Judge(load_tables(folder))
    assert verdict(judge, **ROW)["delegation_score"] == 12
    assert verdict(judge, right="full_access", mailbox="b@example.com")["delegation_score"] == 50


def test_a_sites_own_pattern_works_beside_the_shipped_ones(tmp_path):
    folder = tables(tmp_path, [BASE], [("harmless", 5, "mailbox=never", "*")])
    local(tmp_path, BENIGN, BENIGN_COLUMNS, ("ours", 8, "mailbox=a@example.com", "*"))
    assert verdict(Judge(load_tables(folder)), **ROW)["delegation_score"] == 8


def test_a_sites_own_pattern_replaces_the_shipped_one(tmp_path):
    folder = tables(tmp_path, [BASE], [("harmless", 5, "mailbox=a@example.com", "*")])
    local(tmp_path, BENIGN, BENIGN_COLUMNS, ("harmless", 5, "mailbox=never", "*"))
    assert verdict(Judge(load_tables(folder)), **ROW)["delegation_score"] == 50


# What is wrong with a line of the weights → (factor, family, points, when, reason, why), and words of the remedy.
BROKEN = {
    "points that are no number": (("x", "base", "many", "", "r", "w"), "a whole number from 0 to 100"),
    "points above 100": (("x", "base", "101", "", "r", "w"), "a whole number from 0 to 100"),
    "points below 0": (("x", "base", "-1", "", "r", "w"), "a whole number from 0 to 100"),
    "points with a fraction": (("x", "base", "5.5", "", "r", "w"), "a whole number from 0 to 100"),
    "no points": (("x", "base", "", "", "r", "w"), "a whole number from 0 to 100"),
    "a family that does not exist": (("x", "weather", "5", "", "r", "w"), "one of base, alone, relation"),
    "no family": (("x", "", "5", "", "r", "w"), "one of base, alone, relation"),
    "a condition without operator": (("x", "base", "5", "right", "r", "w"), "field=value or field!=value"),
    "a condition without field": (("x", "base", "5", "=folder", "r", "w"), "field=value or field!=value"),
    "an operator that there is not": (("x", "base", "5", "right==folder", "r", "w"), "field=value or field!=value"),
    "an order that there is not": (("x", "base", "5", "use_count>5", "r", "w"), "field=value or field!=value"),
    "a quote that is not closed": (("x", "base", "5", 'right="folder', "r", "w"), "in quotes where there are blanks"),
    "a field with a typo": (("x", "base", "5", "mailbox=a rihgt=folder", "r", "w"), "did you mean right?"),
    "a field that there is not": (("x", "base", "5", "weather=fine", "r", "w"), "docs/fields.md"),
    "a right with a typo": (("x", "base", "5", "right=folder|ful_access", "r", "w"), "one of full_access, send_as"),
    "a right that no row has": (("x", "base", "5", "right=*mail*gone", "r", "w"), "one of full_access, send_as"),
    "a yes for a true": (("x", "base", "5", "mailbox_vip=yes", "r", "w"), "one of true"),
    "no reason": (("x", "base", "5", "right=folder", " ", "w"), "say in reason"),
    "no why": (("x", "base", "5", "right=folder", "r", ""), "say in why"),
    "no name": (("", "base", "5", "right=folder", "r", "w"), "give one in the first column"),
    "a name with blanks": (("my factor", "base", "5", "right=folder", "r", "w"), "without blanks"),
    "the name of another line": (("good", "base", "5", "right=folder", "r", "w"), "give it another name"),
    "too few columns": (("x", "base"), "leave no column out"),
    "a comma that is not quoted": (("x", "base", "5", "", "reads", " and sends", "w"), "in double quotes"),
}


@pytest.mark.parametrize(("line", "remedy"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_named_with_file_line_and_remedy(tmp_path, line, remedy):
    tables(tmp_path, [])
    write(tmp_path, WEIGHTS, WEIGHT_COLUMNS, [("good", "base", "50", "", "r", "w"), line])
    with pytest.raises(TableError) as caught:
        load_tables(str(tmp_path))
    assert str(caught.value).startswith(f"{WEIGHTS}.csv, line 3: ")
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [(fault.table, fault.line) for fault in caught.value.faults] == [(f"{WEIGHTS}.csv", 3)]


# The same of a pattern: (pattern, score, when, allows, reason, why).
BROKEN_PATTERNS = {
    "no number": (("p", "high", "right=folder", "", "r", "w"), "a whole number"),
    "out of range": (("p", "500", "right=folder", "", "r", "w"), "a whole number"),
    "no operator": (("p", "5", "right", "", "r", "w"), "field=value"),
    "no condition": (("p", "5", "", "*", "r", "w"), "say in when which rows are harmless"),
    "a factor with a typo": (("p", "5", "right=folder", "opens slef", "r", "w"), "take it out, or correct it"),
    "no reason": (("p", "5", "right=folder", "", "", "w"), "say in reason"),
}


@pytest.mark.parametrize(("line", "remedy"), BROKEN_PATTERNS.values(), ids=BROKEN_PATTERNS)
def test_a_broken_pattern_is_named_with_file_line_and_remedy(tmp_path, line, remedy):
    tables(tmp_path, [BASE])
    write(tmp_path, BENIGN, BENIGN_COLUMNS, [line])
    with pytest.raises(TableError, match=rf"^{BENIGN}\.csv, line 2: .*{remedy}"):
        load_tables(str(tmp_path))


def test_all_that_is_wrong_is_told_and_lines_are_counted_as_an_editor_does(tmp_path):
    folder = tables(tmp_path, [BASE])
    local(tmp_path, WEIGHTS, WEIGHT_COLUMNS, ("x", "base", "many", "weather=fine"), ("", "", "", ""))
    text = (tmp_path / f"{WEIGHTS}_local.csv").read_text(encoding="utf-8")
    (tmp_path / f"{WEIGHTS}_local.csv").write_text(text.replace("x,base", "\n,,,,,\nx,base"), encoding="utf-8")
    found = [(fault.line, fault.problem.partition(" is ")[0]) for fault in read_tables(folder)[1]]
    assert found == [
        (4, "points"), (4, "when tests weather, which"), (5, "family"), (5, "has no name"), (5, "points"),
    ]  # fmt: skip
    with pytest.raises(TableError, match=r"\(and 2 more\)$"):
        load_tables(folder)


def test_a_broken_line_of_a_site_is_named_with_its_own_file(tmp_path):
    folder = tables(tmp_path, [BASE])
    local(tmp_path, WEIGHTS, WEIGHT_COLUMNS, ("x", "base", "many", ""))
    with pytest.raises(TableError, match=rf"^{WEIGHTS}_local\.csv, line 2: "):
        load_tables(folder)


def test_the_fields_that_a_condition_may_test_are_those_that_are_described():
    described = (SHIPPED.parent / "docs" / "fields.md").read_text(encoding="utf-8")
    assert [name for name in sorted(KNOWN) if f"`{name}`" not in described] == []


@pytest.mark.parametrize("name", [WEIGHTS, BENIGN])
def test_a_missing_table_is_named(tmp_path, name):
    tables(tmp_path, [BASE])
    (tmp_path / f"{name}.csv").unlink()
    with pytest.raises(TableError, match=name):
        load_tables(str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        "factor,family,points,when,reason,why\nb\xe4,base,1,,r,w\n".encode("latin-1"),
        b"a,b\n1,2\n",
        b"factor,family,points,when,reason,why\n",
        b"factor\x00,family\n",
    ],
    ids=["0 bytes", "UTF-16", "Latin-1", "other columns", "header alone", "NUL"],
)
def test_a_table_that_is_none_is_named(tmp_path, content):
    tables(tmp_path, [BASE])
    (tmp_path / f"{WEIGHTS}.csv").write_bytes(content)
    with pytest.raises(TableError, match=WEIGHTS):
        load_tables(str(tmp_path))


def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path):
    folder = tables(tmp_path, [BASE])
    text = (tmp_path / f"{WEIGHTS}.csv").read_text(encoding="utf-8")
    (tmp_path / f"{WEIGHTS}.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert verdict(Judge(load_tables(folder)), **ROW)["delegation_score"] == 50


def test_nothing_is_wrong_with_the_shipped_tables():
    assert read_tables(str(SHIPPED))[1] == []


def test_a_sites_own_tables_are_never_in_the_package():
    assert sorted(path.name for path in SHIPPED.glob("*_local.csv")) == []


def test_the_summary_is_one_json_object_with_its_time_first(tmp_path):
    row = verdict(judge_with(tmp_path, [BASE]), _time=1772442930.231, **ROW)
    text = summary_text(row)
    assert "\n" not in text
    told = json.loads(text)
    first = next(iter(told))
    assert float(told[first]) == pytest.approx(1772442930.231)
    assert told["mailbox"] == "a@example.com"
    assert told["delegation_score"] == 50
    assert told["delegation_factors"] == row["delegation_factors"]


def test_a_list_of_hundreds_hides_nothing_of_a_summary_from_splunk(tmp_path):
    """It extracts by itself only from the first 5,000 bytes, and what is scored comes last into a row."""
    sessions = [f"00000000-0000-4000-8000-{number:012}" for number in range(300)]
    row = verdict(judge_with(tmp_path, [BASE]), _time=1.0, session_id=sessions, **ROW)
    text = summary_text(row)
    first = text[: text.index('"session_id"')]
    assert all(f'"{name}": ' in first for name in row if name not in ("_time", "session_id"))
    assert json.loads(text)["session_id"] == sessions


@pytest.mark.parametrize("time", [1772442930, 1772442930.0, "1772442930", "1772442930.000"], ids=repr)
def test_the_time_of_a_summary_has_one_form(time):
    assert summary_text({"_time": time, "mailbox": "x"}) == summary_text(
        {"_time": 1772442930, "mailbox": "x"}
    )


@pytest.mark.parametrize(
    "value", ['quote " and back\\slash', "new\nline", "Büro", "emoji \U0001f4e7", "\u2028"], ids=ascii
)
def test_any_text_survives_the_summary(value):
    text = summary_text({"_time": 1.0, "mailbox": value})
    assert json.loads(text)["mailbox"] == value
    assert len(text.splitlines()) == 1 or "\u2028" in value


def test_a_summary_keeps_all_inputs_of_the_score_so_that_it_may_be_scored_again(tmp_path):
    judge = judge_with(tmp_path, [BASE, GUEST, SELF])
    row = verdict(judge, _time=5.0, **ROW)
    again = verdict(judge, **json.loads(summary_text(row)))
    assert again["delegation_score"] == row["delegation_score"]
    assert again["delegation_factors"] == row["delegation_factors"]


def test_a_summary_leaves_out_where_the_record_was_indexed():
    row = {"_time": 1.0, "index": "main", "host": "h", "source": "s", "sourcetype": "x", "evidence": "s"}
    assert set(json.loads(summary_text(row))) == {"time", "evidence"}


def test_a_row_without_a_time_has_a_summary_too():
    assert json.loads(summary_text({"_time": None, "mailbox": "x"}))["mailbox"] == "x"


def test_a_summary_of_an_unreadable_record_keeps_the_error():
    assert (
        json.loads(summary_text({"_time": 1.0, "parse_error": "no JSON", "_raw": "{broken"}))["parse_error"]
        == "no JSON"
    )
