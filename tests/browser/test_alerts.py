"""Alerts: the list, what choosing a case shows, and names that would break a careless page."""

import json

import pytest

from tests.browser.chromium import Dashboard
from tests.browser.test_overview import led
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb

VIEW = "delegation_watch_alerts"
WHY = {"Score": 0, "Level": 1, "Mailbox": 3, "Delegate": 4, "Case": -1}
# Synthetic: what a directory lets somebody be called, or a careless page takes for its own.
NAMES = (
    'quote"pipe|back\\slash@x.example',
    "$case$ and $$@x.example",
    "<img src=x onerror=\"document.title='run'\">",
    "`delegation_watch_grants` [search *]",
    "\u0645\u062f\u064a\u0631\u202eelpmaxe@x.example",
)


@pytest.fixture(scope="module")
def odd(splunkd, bundle, tmp_path_factory, root_dir):
    """A page server whose summary has one grant for each of the names: mailbox, folder, reason and factor bear it."""
    given = splunkd.search("`delegation_watch_given` | where delegation_score>=70 | head 1").rows[0]
    now = splunkd.clock()
    rows = []
    for place, name in enumerate(NAMES):
        row = {**json.loads(given["_raw"]), "time": now - 3600 + place, "row_id": f"row-{place}"}
        row.update(case_key=f"{place}" * 64, mailbox=name, mailbox_key=name, folder=name, delegation_reason=name)
        row.update(delegation_factors=[f"base|{90 - place}|{name}"], delegation_score=90 - place)
        rows.append({"time": row["time"], "source": "delegation_watch:grant", "sourcetype": "stash",
                     "index": "summary", "host": "h", "data": json.dumps(row)})  # fmt: skip
    home = tmp_path_factory.mktemp("odd")
    with Splunkd(root_dir, home, clock=lambda: now) as other, SplunkWeb(other, bundle=bundle) as web:
        other.index(rows)
        yield web


@pytest.fixture
def strange(browser, odd):
    opened = Dashboard(browser, odd).open(VIEW)
    yield opened
    opened.close()


def test_names_of_any_kind_show_as_they_are(strange):
    assert [row[WHY["Mailbox"]] for row in strange.table("viz_cases")] == list(NAMES)
    assert strange.problems(("ok", "empty")) == []
    assert strange.tab.title() != "run"


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_names_of_any_kind_are_found_and_handed_on_as_they_are(strange, place):
    name = NAMES[place]
    assert led(strange.click("viz_cases", row=place, column=WHY["Mailbox"]))[1]["mailbox"] == name
    strange.click("viz_cases", row=place, column=WHY["Score"])
    assert [row[2] for row in strange.table("viz_factors")] == [name]
    strange.write("Mailbox, delegate or actor", name)
    assert [row[WHY["Mailbox"]] for row in strange.table("viz_cases")] == [name]
    assert strange.problems(("ok", "empty")) == []


def test_the_worst_case_comes_first_and_its_factors_make_its_score(dashboard):
    dashboard.open(VIEW)
    scores = [int(row[0]) for row in dashboard.table("viz_cases")]
    assert scores == sorted(scores, reverse=True)
    assert sum(int(row[0]) for row in dashboard.table("viz_factors")) == scores[0]


def test_choosing_a_case_shows_its_factors_commands_and_records(dashboard):
    dashboard.open(VIEW)
    chosen = dashboard.table("viz_cases")[2]
    dashboard.click("viz_cases", row=2, column=WHY["Score"])
    assert dashboard.tokens()["case"] == chosen[WHY["Case"]]
    assert sum(int(row[0]) for row in dashboard.table("viz_factors")) == int(chosen[0])
    assert {row[5] for row in dashboard.table("viz_records")} == {chosen[WHY["Mailbox"]]}
    assert dashboard.links() == []


def test_a_lower_score_adds_cases_and_runs_every_search_anew(dashboard):
    dashboard.open(VIEW)
    before = dashboard.figure("viz_lower")
    again = dashboard.choose("From", "Low: 20 and more")
    assert {run["id"] for run in again} == {run["id"] for run in dashboard.searches()}
    assert dashboard.figure("viz_lower") >= before


def test_nothing_found_says_why_and_what_to_do(dashboard):
    dashboard.open(VIEW, **{"form.text": "nobody is called this"})
    states = {name: panel["state"] for name, panel in dashboard.panels().items()}
    assert {name for name, state in states.items() if state == "empty"} == {
        "viz_cases", "viz_factors", "viz_response", "viz_records",
    }  # fmt: skip
    assert "Widen the time, lower the score" in dashboard.text("viz_cases")


def test_a_search_that_fails_shows_its_message(browser, odd):
    odd.sign_out()
    opened = Dashboard(browser, odd).open(VIEW)
    assert "call not properly authenticated" in opened.text("viz_cases")
    assert any("call not properly authenticated" in problem for problem in opened.problems(("ok", "error")))
    opened.close()
    odd.sign_in("admin")
