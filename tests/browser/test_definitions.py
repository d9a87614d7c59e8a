"""What Splunk's own schema, the strict one and the check of references say: of every dashboard, and of mistakes."""

import json
import subprocess

import pytest

from tests.browser.test_dashboards import DASHBOARDS, VIEWS
from tests.browser.test_harness import LINK, ROWS, search, table

DEFINITIONS = {
    "option": ({"visualizations": {"v": table("d", options={"cuont": 3})}}, "additional properties: cuont"),
    "value": ({"visualizations": {"v": table("d", options={"headerVisibility": "maybe"})}}, "headerVisibility"),
    "source": ({"visualizations": {"v": table("missing")}}, "no data source missing"),
    "unused": ({"dataSources": {"d": search(ROWS), "idle": search(ROWS)}}, "/dataSources/idle: nothing uses it"),
    "base": ({"dataSources": {"d": {"type": "ds.chain", "options": {"extend": "gone", "query": "| head"}}}}, "gone"),
    "handler": (
        {"visualizations": {"v": table("d", eventHandlers=[{"type": "drilldown.setToken", "options": {"tokns": []}}])}},
        "must NOT have additional properties: tokns",
    ),
    "link of a column": (
        {"visualizations": {"v": table("d", eventHandlers=[LINK])}},
        "must NOT have additional properties: fields",
    ),
    "newer handler": (
        {"visualizations": {"v": table("d", eventHandlers=[{"type": "drilldown.switchToTab", "options": {}}])}},
        "not known to every supported Splunk",
    ),
    "newer panel": (
        {"visualizations": {"v": {**table("d"), "type": "splunk.timeline"}}},
        "splunk.timeline is not known to every supported Splunk",
    ),
    "condition": ({"visualizations": {"v": table("d", containerOptions={"visibility": {}})}}, "containerOptions"),
    "tabs": ({"layout": {"tabs": {"items": []}, "layoutDefinitions": {}}}, "/layout/tabs"),
    "nowhere": ({"visualizations": {"v": table("d"), "w": table("d")}}, "/visualizations/w: in no layout"),
}
WHOLE = {
    "title": "Whole", "dataSources": {"d": search(ROWS)}, "visualizations": {"v": table("d")}, "inputs": {},
    "layout": {"type": "grid", "options": {"width": 1440}, "globalInputs": [], "structure": [
        {"item": "v", "type": "block", "position": {"x": 0, "y": 0, "w": 1440, "h": 200}}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(bundle, root_dir, tmp_path_factory):
    """What is said of each view of the app and of each definition above, by its name; one run, for it takes seconds."""
    folder = tmp_path_factory.mktemp("definitions")
    for name, (change, _) in {**DEFINITIONS, "whole": ({}, "")}.items():
        (folder / f"{name}.json").write_text(json.dumps({**WHOLE, **change}), encoding="utf-8")
    files = map(str, [*VIEWS, *sorted(folder.glob("*.json"))])
    line = [str(root_dir / ".venv-node" / "bin" / "node"), str(bundle / "validate.cjs"), *files]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("view", DASHBOARDS)
def test_the_definition_of_each_dashboard_is_what_splunk_takes(judged, view):
    assert judged[view] == []


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_mistake_in_a_definition_is_told(judged, name):
    assert any(DEFINITIONS[name][1] in line for line in judged[name]), judged[name]


def test_a_definition_without_a_mistake_is_taken(judged):
    assert judged["whole"] == []
