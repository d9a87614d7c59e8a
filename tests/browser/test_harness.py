"""The tests of dashboards can fail: each kind of mistake that Splunk lets pass in silence is told by its name."""

import json

import pytest

from tests.browser.chromium import Dashboard
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb

ROWS = "| makeresults count=3 | streamstats count AS n | eval name=\"row \".n | table name n"


def search(query):
    return {"type": "ds.search", "name": query[:9], "options": {"query": query}}


def table(source, **more):
    return {"type": "splunk.table", "title": source, "dataSources": {"primary": source}, **more}


LINK = {"type": "drilldown.linkToDashboard", "options": {"fields": ["n"], "app": "tiny", "dashboard": "mistakes"}}
# A click on a table gives what is in its row, and that has no such column.
FORGETS = {"type": "drilldown.linkToDashboard", "options": {
    "app": "tiny", "dashboard": "mistakes", "tokens": [{"token": "n", "value": "row.nope.value"}]}}  # fmt: skip
FORGETS_TOO = {"type": "drilldown.customUrl", "options": {"url": "/app/tiny/mistakes?form.m=$row.nope.value|u$"}}
MISTAKES = {
    "title": "Mistakes",
    "dataSources": {
        "good": search(ROWS), "none": search(f"{ROWS} | where n>9"), "wrong": search("| nope"),
        "unset": search(f"{ROWS} | where n=$nobody|s$"),
        "child": {"type": "ds.chain", "name": "child", "options": {"extend": "good", "query": "| nope"}},
    },
    "visualizations": {
        "viz_good": table("good"), "viz_none": table("none"), "viz_wrong": table("wrong"), "viz_unset": table("unset"),
        "viz_child": table("child"), "viz_type": {**table("good"), "type": "splunk.tabel"},
        "viz_field": {"type": "splunk.singlevalue", "title": "f", "dataSources": {"primary": "good"},
                      "options": {"majorValue": "> primary | seriesByName(\"nope\") | lastPoint()"}},
        "viz_function": {"type": "splunk.singlevalue", "title": "g", "dataSources": {"primary": "good"},
                         "options": {"majorValue": "> primary | seriesByNmae(\"n\") | lastPoint()"}},
        "viz_link": table("good", eventHandlers=[LINK]),
        "viz_forgets": table("good", eventHandlers=[FORGETS]),
        "viz_forgets_too": table("good", eventHandlers=[FORGETS_TOO]),
    },
    "inputs": {},
}  # fmt: skip
MISTAKES["layout"] = {
    "type": "grid", "options": {"width": 1440}, "globalInputs": [],
    "structure": [
        {"item": name, "type": "block", "position": {"x": 0, "y": 200 * place, "w": 1440, "h": 200}}
        for place, name in enumerate(MISTAKES["visualizations"])
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def told(browser, bundle, tmp_path_factory):
    """All that is said of a dashboard full of mistakes."""
    app = tmp_path_factory.mktemp("apps") / "tiny"
    (app / "default" / "data" / "ui" / "views").mkdir(parents=True)
    (app / "default" / "app.conf").write_text("[package]\nid = tiny\n", encoding="utf-8")
    view = f'<dashboard version="2"><definition><![CDATA[{json.dumps(MISTAKES)}]]></definition></dashboard>'
    (app / "default" / "data" / "ui" / "views" / "mistakes.xml").write_text(view, encoding="utf-8")
    with Splunkd(app, tmp_path_factory.mktemp("home")) as splunkd, SplunkWeb(splunkd, bundle=bundle) as web:
        page = Dashboard(browser, web).open("mistakes")
        for name in ("viz_forgets", "viz_forgets_too"):
            page.click(name, column=0)
        found = page.problems()
        page.close()
    return found


@pytest.mark.parametrize(
    "what",
    [
        "search wrong: Unknown search command 'nope'", "search child: Unknown search command 'nope'",
        "panel viz_none (splunk.table) empty", "panel viz_wrong (splunk.table) error",
        "panel viz_unset (splunk.table) token", "panel viz_type (splunk.tabel) error",
        'expression "> primary | seriesByName("nope")', "seriesByNmae",
        "panel viz_link: drilldown.linkToDashboard takes no fields",
        "link: form.n is row.nope.value, which the click did not give", "link: form.m is $row.nope.value",
    ],
)  # fmt: skip
def test_a_mistake_on_the_page_is_told(told, what):
    assert any(what in line for line in told), told


def test_a_panel_without_a_mistake_is_not(told):
    assert [line for line in told if "viz_good" in line or "search good" in line] == []
