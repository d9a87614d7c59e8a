"""Alerts: the list, and what choosing a case shows."""

VIEW = "delegation_watch_alerts"
WHY = {"Score": 0, "Level": 1, "Mailbox": 3, "Delegate": 4, "Case": -1}


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
    assert {row[6] for row in dashboard.table("viz_records")} == {chosen[WHY["Mailbox"]]}
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
