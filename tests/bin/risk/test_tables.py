"""The tables and how they are applied: families, levels, cap, benign patterns, a site's own lines, faults."""

import csv
import json

import pytest
from delegation_watch.risk import Judge, TableError, load_tables, summary_text

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
    "right=full?": False,
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
    'text="two words"': True,
    "text=two?words": True,
    "text=two": False,
    'star="\\*"': True,
    'right="\\*"': False,
    "bracket=[x]": True,
    "bracket=[x]*": True,
    "right=[f]ull_access": False,
    "number=5": True,
    "flag=true": True,
}


@pytest.mark.parametrize(("when", "holds"), CONDITIONS.items(), ids=CONDITIONS)
def test_a_condition_says_what_its_documentation_says(tmp_path, when, holds):
    judge = judge_with(tmp_path, [("this", "base", 50, when), ("else", "base", 10, "")])
    row = verdict(judge, **ROW, text="Two words", star="*", bracket="[x]", number=5, flag=True)
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
    ("allows", "lowered"), [("", False), ("self", False), ("guest", True), ("self guest", True), ("*", True)]
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
    judge = judge_with(tmp_path, [("low", "base", 3, "")], [("harmless", 10, "", "*")])
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


BROKEN = {
    "points that are no number": ("x", "base", "many", "", "r", "w"),
    "points above 100": ("x", "base", "101", "", "r", "w"),
    "points below 0": ("x", "base", "-1", "", "r", "w"),
    "no points": ("x", "base", "", "", "r", "w"),
    "a family that does not exist": ("x", "weather", "5", "", "r", "w"),
    "a condition without operator": ("x", "base", "5", "right", "r", "w"),
    "a condition without field": ("x", "base", "5", "=folder", "r", "w"),
    "a quote that is not closed": ("x", "base", "5", 'right="folder', "r", "w"),
    "too few columns": ("x", "base"),
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_named_with_file_and_line(tmp_path, line):
    tables(tmp_path, [])
    good = ("good", "base", "50", "", "r", "w")
    write(tmp_path, WEIGHTS, WEIGHT_COLUMNS, [good, line, good])
    with pytest.raises(TableError) as caught:
        load_tables(str(tmp_path))
    said = str(caught.value)
    assert f"{WEIGHTS}.csv" in said
    assert "3" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "line", [("p", "high", "", "", "r", "w"), ("p", "5", "right", "", "r", "w"), ("p", "500", "", "")]
)
def test_a_broken_pattern_is_named_with_file_and_line(tmp_path, line):
    tables(tmp_path, [BASE])
    write(tmp_path, BENIGN, BENIGN_COLUMNS, [line])
    with pytest.raises(TableError, match=rf"{BENIGN}\.csv.*2"):
        load_tables(str(tmp_path))


def test_a_broken_line_of_a_site_is_named_with_its_own_file(tmp_path):
    folder = tables(tmp_path, [BASE])
    local(tmp_path, WEIGHTS, WEIGHT_COLUMNS, ("x", "base", "many", ""))
    with pytest.raises(TableError, match=rf"{WEIGHTS}_local\.csv.*2"):
        load_tables(folder)


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


def test_the_shipped_tables_are_read_and_each_line_says_why():
    load_tables(str(SHIPPED))
    for name in (WEIGHTS, BENIGN):
        for line in csv_lines(SHIPPED / f"{name}.csv"):
            assert line["why"], line
            assert line["reason"], line


def test_no_factor_of_the_shipped_tables_has_its_name_twice():
    for name, column in ((WEIGHTS, "factor"), (BENIGN, "pattern")):
        told = [line[column] for line in csv_lines(SHIPPED / f"{name}.csv")]
        assert len(told) == len(set(told))


def test_a_sites_own_tables_are_never_in_the_package():
    assert sorted(path.name for path in SHIPPED.glob("*_local.csv")) == []


def test_the_names_that_a_pattern_allows_are_factors():
    known = {line["factor"] for line in csv_lines(SHIPPED / f"{WEIGHTS}.csv")} | {"*"}
    for line in csv_lines(SHIPPED / f"{BENIGN}.csv"):
        assert set(line["allows"].split()) <= known


def csv_lines(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


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
