"""`python -m workbench coverage-spl`: what an app uses of SPL, where, by what implemented, by how many cases tested."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import coverage
from workbench.conf import Conf
from workbench.coverage.conformance import counted
from workbench.coverage.reading import read_app
from workbench.coverage.texts import filled, texts_of
from workbench.coverage.uses import Use, implemented_in
from workbench.errors import BadInput
from workbench.splunkd import Splunkd

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path):
    """A function that writes an app's files and reads what it uses."""
    folder = tmp_path / "app"
    (folder / "default" / "data" / "ui" / "views").mkdir(parents=True)
    (folder / "default" / "data" / "models").mkdir()

    def read(**files):
        for name, text in files.items():
            (folder / "default" / f"{name}.conf").write_text(text)
        with Splunkd(folder, tmp_path / "home") as splunkd:
            return read_app(Conf(folder), splunkd.environment())

    read.folder = folder
    return read


def names(read, kind):
    return {use.name for use in read.places if use.kind == kind}


def test_the_app_uses_nothing_that_is_not_implemented_and_tested():
    run = subprocess.run(
        [sys.executable, "-m", "workbench", "coverage-spl", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = json.loads(run.stdout)
    assert (found["refused"], found["problems"]) == ([], [])
    assert run.returncode == 0
    assert {"custom command", "command", "eval function", "stats function", "option"} <= {
        line["kind"] for line in found["lines"]
    }


def test_commands_functions_and_options_are_found_where_they_stand(app):
    read = app(
        savedsearches="[S]\nsearch = index=main | stats count(eval(len(a)>1)) AS n p95(b) BY c | sort 5 - n\n",
        eventtypes="[E]\nsearch = a=1\n",
        props='[st]\nEVAL-x = upper(y)\n',
    )
    assert names(read, "command") == {"search", "stats", "sort"}
    assert names(read, "eval function") == {"len", "upper"}
    assert names(read, "stats function") == {"count", "perc<n>"}
    assert {"stats AS", "stats BY"} <= names(read, "option")
    assert read.places[Use("command", "stats")] == ["savedsearches.conf [S]"]
    assert read.places[Use("eval function", "upper")] == ["props.conf [st] EVAL-x"]
    assert read.places[Use("props setting", "EVAL")] == ["props.conf [st]"]


def test_a_word_inside_a_text_is_no_use(app):
    read = app(savedsearches='[S]\nsearch = index=main "| dedup x" | eval a="upper(b) | sort c" ``` | tail ```\n')
    assert names(read, "command") == {"search", "eval"}
    assert names(read, "eval function") == set()


def test_pipelines_inside_brackets_are_read(app):
    read = app(
        savedsearches="[S]\nsearch = index=main [search a=1 | fields b | head 3] "
        "| append [| makeresults | eval c=now()] | foreach x* [eval <<FIELD>>=lower('<<FIELD>>')]\n"
    )
    assert {"head", "makeresults", "append", "foreach"} <= names(read, "command")
    assert names(read, "eval function") == {"now", "lower"}


def test_macros_are_read_as_what_they_are(app):
    read = app(
        macros="[pipe(1)]\nargs = n\ndefinition = head $n$ | `expression`\n[expression]\ndefinition = eval x=abs(y)\n"
        "[value(2)]\nargs = a, b\ndefinition = case(isnull($a$), $b$, true(), $a$)\n"
        "[terms]\ndefinition = index=main TERM(x)\n"
        "[plain]\ndefinition = 70\n"
    )
    assert read.refused == []
    assert {"head", "eval", "search"} <= names(read, "command")
    assert {"abs", "case", "isnull", "true"} <= names(read, "eval function")
    assert read.places[Use("eval function", "isnull")] == ["macros.conf [value(2)]"]


def test_what_the_engine_does_not_know_is_named_with_its_place(app):
    read = app(
        savedsearches="[A]\nsearch = index=main | frobnicate\n[B]\nsearch = index=main | eval x=frob(y)\n"
        "[C]\nsearch = | stats count nonsense=1\n[D]\nsearch = `nowhere`\n[E]\nsearch = | eval x=1\n"
    )
    assert [line.split(":")[0] for line in read.refused] == [f"savedsearches.conf [{name}]" for name in "ABCDE"]
    assert "Unknown search command 'frobnicate'" in read.refused[0]
    assert "frob" in read.refused[1]


def test_alert_conditions_and_drilldowns_are_searches_too(app):
    drilldowns = json.dumps([{"name": "x", "search": 'index=main user="$user$" | top limit=3 $field|s$'}])
    read = app(
        savedsearches="[S]\nsearch = index=main\nalert_condition = where ceil(n)>1\n"
        f"action.notable.param.drilldown_searches = {drilldowns}\n"
    )
    assert read.refused == []
    assert {"where", "top"} <= names(read, "command")
    assert "top limit=" in names(read, "option")
    assert names(read, "eval function") == {"ceil"}


def test_dashboards_are_read_with_their_tokens_filled_in(app):
    views = app.folder / "default" / "data" / "ui" / "views"
    (views / "simple.xml").write_text(
        '<form><fieldset><input token="n"><default>7</default></input></fieldset>'
        '<search id="b"><query>index=main user=$user|s$ | rare limit=$n$ a</query></search>'
        '<search base="b"><query>dedup $field$</query></search></form>'
    )
    studio = {
        "inputs": {"i": {"options": {"token": "span", "defaultValue": "1h"}}},
        "dataSources": {
            "a": {"type": "ds.search", "options": {"query": "index=main | timechart span=$span$ count"}},
            "b": {"type": "ds.chain", "name": "chained", "options": {"query": "| reverse", "extend": "a"}},
        },
    }
    (views / "studio.xml").write_text(
        f"<dashboard version='2'><definition><![CDATA[{json.dumps(studio)}]]></definition></dashboard>"
    )
    read = app()
    assert read.refused == []
    assert names(read, "command") == {"search", "rare", "dedup", "timechart", "reverse"}
    assert read.places[Use("command", "reverse")] == ["studio.xml chained"]


def test_saved_searches_drilldowns_and_tokens_of_a_dashboard_are_read(app):
    views = app.folder / "default" / "data" / "ui" / "views"
    studio = {
        "defaults": {"tokens": {"default": {"span": {"value": "1h"}}}},
        "dataSources": {
            "a": {"type": "ds.savedSearch", "options": {"ref": "S"}},
            "b": {"type": "ds.search", "options": {"query": "index=main | timechart span=$span$ count"}},
            "c": {"type": "ds.savedSearch", "options": {"ref": "Lost"}},
        },
        "visualizations": {"v": {"eventHandlers": [
            {"type": "drilldown.linkToSearch", "options": {"query": 'index=main a="$row.a.value$" | tail 1'}},
            {"type": "drilldown.setToken", "options": {}},
        ]}},
    }  # fmt: skip
    text = f"<dashboard><definition><![CDATA[{json.dumps(studio)}]]></definition></dashboard>"
    (views / "studio.xml").write_text(text)
    (views / "simple.xml").write_text('<dashboard><search ref="Gone"/></dashboard>')
    read = app(savedsearches="[S]\nsearch = index=main | head 1\n")
    assert {"tail", "timechart"} <= names(read, "command")
    assert "savedsearch" not in names(read, "command")
    assert [line.partition(":")[0] for line in read.refused] == ["simple.xml", "studio.xml c"]


def test_a_dashboard_that_cannot_be_read_is_bad_input(app):
    (app.folder / "default" / "data" / "ui" / "views" / "broken.xml").write_text("<form>")
    with pytest.raises(BadInput, match=r"broken\.xml: no readable XML"):
        app()


def test_tokens_take_their_defaults_and_a_double_dollar_is_one():
    assert filled('a=$x$ b=$form.y|s$ c="$$5"', {"x": "1", "y": 'q"'}) == ('a=1 b="q\\"" c="$5"',)
    assert filled("head $n$", {}) == ("head token", "head 1")


def test_data_models_bring_constraints_and_calculations(app):
    model = {
        "modelName": "M",
        "objects": [{
            "objectName": "O", "constraints": [{"search": "source=x TERM(y)"}],
            "calculations": [{"calculationType": "Eval", "expression": "md5(a)", "outputFields": []}],
        }],
    }  # fmt: skip
    (app.folder / "default" / "data" / "models" / "M.json").write_text(json.dumps(model))
    read = app()
    assert read.places[Use("eval function", "md5")] == ["M.json O"]


def test_lookup_rules_and_props_settings_are_uses(app):
    read = app(
        transforms="[t]\nfilename = t.csv\nmatch_type = WILDCARD(a)\nfilter = a=1\n[r]\nREGEX = (a)\n",
        props="[st]\nKV_MODE = JSON\nFIELDALIAS-a = b AS c\nTRUNCATE = 0\n",
    )
    assert names(read, "lookup setting") == {"match_type", "filter"}
    assert names(read, "props setting") == {"KV_MODE=json", "FIELDALIAS"}


@pytest.mark.parametrize(
    ("use", "module"),
    [
        (Use("command", "stats"), "workbench.spl.commands.statistics"),
        (Use("command", "frobnicate"), None),
        (Use("eval function", "mvzip"), "workbench.spl.functions.multivalue"),
        (Use("eval function", "frob"), None),
        (Use("stats function", "perc<n>"), "workbench.spl.aggregates"),
        (Use("option", "sort limit="), "workbench.spl.commands.ordering"),
        (Use("props setting", "KV_MODE=xml"), None),
        (Use("lookup setting", "time_field"), "workbench.conf.lookups"),
    ],
)
def test_each_use_has_its_module_or_none(use, module):
    assert implemented_in(use) == module


def test_only_cases_that_come_out_right_count(tmp_path):
    path = tmp_path / "cases.jsonl"
    cases = [
        {"id": "a", "spl": "| eval x=abs(y) | fillnull value=0 x", "input_rows": [{}], "expected_rows": [{"x": "0"}]},
        {"id": "b", "spl": "| eval x=ceil(1.5)", "input_rows": [{}], "expected_rows": [{"x": "9"}]},
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in cases))
    counts = counted([path])
    assert counts[Use("command", "eval")] == counts[Use("eval function", "abs")] == 1
    assert counts[Use("option", "fillnull value=")] == 1
    assert Use("eval function", "ceil") not in counts


def test_what_has_no_case_is_named_and_fails(app, monkeypatch, capsys):
    app(savedsearches="[S]\nsearch = index=main | dedup user\n")
    monkeypatch.setattr(coverage, "ROOT", app.folder)
    assert coverage.run(type("Args", (), {"json": False})) == 1
    out = capsys.readouterr().out
    assert "missing: command dedup has no conformance case of the project (savedsearches.conf [S])" in out
    assert out.splitlines()[-1] == "2 used, 2 missing, 0 searches refused"


def test_every_text_of_the_app_tells_where_it_stands():
    texts = list(texts_of(Conf(ROOT)))
    assert all(text.place and text.readings for text in texts)
    assert {text.place.split(" ")[0] for text in texts} >= {"savedsearches.conf", "macros.conf", "eventtypes.conf"}
