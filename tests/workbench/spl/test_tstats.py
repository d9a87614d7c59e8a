"""tstats over indexed fields and over a data model, the app's own included."""

import json
import pathlib

import pytest

from workbench.spl import Macro, SearchError
from workbench.spl.datamodel import data_model

MODEL = pathlib.Path(__file__).resolve().parents[3] / "default" / "data" / "models" / "Delegation_Watch.json"
BASE = [{"fieldName": name, "owner": "BaseEvent"} for name in ("_time", "host", "source", "sourcetype")]
EVENTS = [
    {"_time": 7200 + 60 * n, "index": "summary", "source": "s", "sourcetype": "stash", "host": "h", "_raw": "r", **own}
    for n, own in enumerate(
        [
            {"kind": "grant", "score": "70", "right": ["full_access", "send_as"]},
            {"kind": "grant", "score": "20", "right": "folder"},
            {"kind": "revoke", "score": "10"},
        ]
    )
]


def model(**changed):
    root = {
        "objectName": "Grants", "parentName": "BaseEvent",
        "fields": [*BASE, *({"fieldName": name, "owner": "Grants"} for name in ("kind", "score", "right"))],
        "calculations": [
            {"calculationType": "Eval", "expression": "score*2", "outputFields": [{"fieldName": "twice"}]}
        ],
        "constraints": [{"search": "index=`where`", "owner": "Grants"}],
    }  # fmt: skip
    child = {
        "objectName": "High", "parentName": "Grants", "calculations": [],
        "fields": [{"fieldName": "actor", "owner": "Grants.High", "required": False}],
        "constraints": [{"search": "score>50", "owner": "Grants.High"}],
    }  # fmt: skip
    return {"modelName": "Mine", "objects": [{**root, **changed}, child]}


@pytest.fixture
def run(rows, bench):
    def search(spl, **changed):
        env = bench(macros={("where", 0): Macro("summary")}, events=EVENTS)
        env.data_model = lambda name: data_model(model(**changed)) if name == "Mine" else None
        return rows(spl, env=env)

    return search


@pytest.mark.parametrize(
    ("spl", "expected"),
    [
        ("count from datamodel=Mine.Grants", [{"count": 3}]),
        ("count from datamodel=Mine", [{"count": 3}]),
        (
            "count max(Grants.score) AS top from datamodel=Mine.Grants by Grants.kind",
            [{"Grants.kind": "grant", "count": 2, "top": "70"}, {"Grants.kind": "revoke", "count": 1, "top": "10"}],
        ),
        (
            "values(Grants.right) AS r from datamodel=Mine.Grants where Grants.score>15",
            [{"r": ["folder", "full_access", "send_as"]}],
        ),
        ("sum(Grants.twice) AS s from datamodel=Mine.Grants", [{"s": 200}]),
        ("count from datamodel=Mine.Grants where nodename=Grants.High", [{"count": 1}]),
        ("count from datamodel=Mine.High by host", [{"host": "h", "count": 1}]),
        ("count from datamodel=Mine.Grants where host=other", [{"count": 0}]),
        ("summariesonly=t allow_old_summaries=t count from datamodel=Mine.Grants", [{"count": 3}]),
        (
            "count from datamodel=Mine.Grants by _time span=2m",
            [{"_time": "7200", "count": 2}, {"_time": "7320", "count": 1}],
        ),
        (
            'fillnull_value="none" count from datamodel=Mine.Grants groupby Grants.right',
            [{"Grants.right": right, "count": 1} for right in ("folder", "full_access", "none", "send_as")],
        ),
        ("count where index=summary by sourcetype", [{"sourcetype": "stash", "count": 3}]),
        (
            "count where index=summary TERM(r) by index, _time span=1h",
            [{"index": "summary", "_time": "7200", "count": 3}],
        ),
    ],
)
def test_what_it_gives(run, spl, expected):
    assert run(f"| tstats {spl}") == expected


@pytest.mark.parametrize(
    ("spl", "words"),
    [
        ("count(eval(a=1)) AS n from datamodel=Mine.Grants", "eval inside an aggregate"),
        ("count from datamodel=Mine.Grants by Grants.*", "wildcard"),
        ("max(Grants.*) from datamodel=Mine.Grants", "Wildcards"),
        ("count from datamodel=Mine.Grants by kind", "'kind' is not a field of the dataset 'Grants'"),
        ("count from datamodel=Mine.Grants where Grants.other=1", "'Grants.other' is not a field"),
        ("max(Grants.actor) from datamodel=Mine.Grants", "'Grants.actor' is not a field"),
        ("list(Grants.kind) from datamodel=Mine.Grants", "'list' is not supported"),
        ("count from datamodel=None.X", "Data model 'None' was not found"),
        ("count from datamodel=Mine.None", "has no dataset 'None'"),
        ("count from mydata", "FROM mydata is not implemented"),
        ("prestats=t count by host", "'prestats' is not implemented"),
        ("append=t count by host", "'append' is not implemented"),
        ("count by kind", "'kind' is not an indexed field"),
        ("count where kind=grant", "'kind' is not an indexed field"),
        ("count by _time", "without a span"),
        ("count by host span=1h", "needs _time"),
        ("avg(PREFIX(kbps=)) by host", r"PREFIX\(\) is not implemented"),
        ("by host", "At least one aggregation"),
    ],
)
def test_what_it_refuses(run, spl, words):
    with pytest.raises(SearchError, match=rf"Error in 'tstats' command: .*{words}"):
        run(f"| tstats {spl}")


def test_it_must_be_the_first_command(run):
    with pytest.raises(SearchError, match="'tstats' command: This command must be the first"):
        run("search index=summary | tstats count")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"parentName": "BaseSearch"}, "BaseSearch, which is not implemented"),
        ({"parentName": "High"}, "above itself"),
        ({"calculations": [{"calculationType": "Lookup"}]}, "fields by Lookup"),
        ({"constraints": [{"search": "a | b"}]}, "a constraint with a pipe: a | b"),
        ({"fields": None}, "cannot be read"),
    ],
)
def test_a_model_that_cannot_be_read_is_refused(run, changed, words):
    with pytest.raises(SearchError, match=words.replace("|", r"\|")):
        run("| tstats count from datamodel=Mine.Grants", **changed)


def test_required_fields_decide_what_is_of_the_dataset(run):
    fields = [*BASE, {"fieldName": "right", "owner": "Grants", "required": True}]
    assert run("| tstats count from datamodel=Mine.Grants", fields=fields) == [{"count": 2}]


def test_the_apps_model_is_of_the_summary_and_each_object_lists_its_own_fields():
    document = json.loads(MODEL.read_text(encoding="utf-8"))
    grants = data_model(document).dataset("Grants")
    assert grants.constraints == ('index=`delegation_watch_summary_index` source="delegation_watch:grant"',)
    assert {"Grants.row_id", "Grants.delegation_score", "_time", "sourcetype"} <= set(grants.fields)
    (root,) = document["objects"]
    assert document["objectNameList"] == [root["objectName"]]
    assert {field["owner"] for field in root["fields"]} == {"BaseEvent", root["lineage"]}
