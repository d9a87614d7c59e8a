"""Alerts: the list, and what choosing a case shows."""

VIEW = "delegation_watch_alerts"
WHY = {"Score": 0, "Level": 1, "Mailbox": 3, "Delegate": 4, "Case": -1}


def test_the_worst_case_comes_first_a_chosen_one_is_explained_and_other_inputs_list_others(dashboard):
    dashboard.open(VIEW)
    cases = dashboard.table("viz_cases")
    scores = [int(row[WHY["Score"]]) for row in cases]
    assert scores == sorted(scores, reverse=True)
    assert factors(dashboard) == scores[0]

    dashboard.click("viz_cases", row=2, column=WHY["Score"])
    assert dashboard.tokens()["case"] == cases[2][WHY["Case"]]
    assert factors(dashboard) == scores[2]
    assert {row[6] for row in dashboard.table("viz_records")} == {cases[2][WHY["Mailbox"]]}
    assert dashboard.links() == []

    before = dashboard.figure("viz_lower")
    again = dashboard.choose("From", "Low: 20 and more")
    assert {run["id"] for run in again} == {run["id"] for run in dashboard.searches()}
    assert dashboard.figure("viz_lower") >= before

    dashboard.write("Mailbox, delegate or actor", "nobody is called this")
    states = {name: panel["state"] for name, panel in dashboard.panels().items()}
    assert {name for name, state in states.items() if state == "empty"} == {
        "viz_cases", "viz_factors", "viz_response", "viz_records",
    }  # fmt: skip
    assert "Widen the time, lower the score" in dashboard.text("viz_cases")


def factors(dashboard):
    """What the factors of the case that is shown add up to."""
    return sum(int(row[0]) for row in dashboard.table("viz_factors"))
