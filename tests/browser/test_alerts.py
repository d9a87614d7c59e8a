"""Alerts: the list, what choosing a case shows, and where its figures lead."""

from urllib.parse import parse_qs, urlsplit

from tests.browser.test_overview import led

VIEW = "delegation_watch_alerts"
WHY = {"Score": 0, "Level": 1, "Mailbox": 3, "Delegate": 4, "Case": -1}


def test_the_worst_case_comes_first_a_chosen_one_is_explained_and_a_figure_lists_what_it_counts(dashboard, splunkd):
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
    view, tokens = led(dashboard.click("viz_response", column=0))
    assert (view, tokens["mailbox"]) == ("delegation_watch_mailbox", cases[2][WHY["Mailbox"]])
    assert {"time.earliest", "time.latest"} <= tokens.keys()

    before = dashboard.figure("viz_lower")
    again = dashboard.choose("From", "Low: 20 and more")
    assert {run["id"] for run in again} == {run["id"] for run in dashboard.searches()}
    assert dashboard.figure("viz_lower") >= before
    for name, span in (("viz_lower", (20, 70)), ("viz_high", (70, 90)), ("viz_critical", (90, 101))):
        dashboard.click(name)
        found = [int(row[WHY["Score"]]) for row in dashboard.table("viz_cases")]
        assert found
        assert all(span[0] <= score < span[1] for score in found)
    assert dashboard.tokens()["case"] == ""  # what was chosen is not in the list any more
    (link,) = dashboard.leads("viz_actors")
    found = splunkd.search(*(parse_qs(urlsplit(link).query)[key][0] for key in ("q", "earliest", "latest"))).rows
    assert len(found) == dashboard.figure("viz_actors") > 0
    assert {int(row["Highest"]) >= 90 for row in found} == {True}

    dashboard.write("Mailbox, delegate or actor", "nobody is called this")
    states = {name: panel["state"] for name, panel in dashboard.panels().items()}
    assert {name for name, state in states.items() if state == "empty"} == {
        "viz_cases", "viz_factors", "viz_response", "viz_records",
    }  # fmt: skip
    assert "Widen the time, lower the score" in dashboard.text("viz_cases")


def factors(dashboard):
    """What the factors of the case that is shown add up to."""
    return sum(int(row[0]) for row in dashboard.table("viz_factors"))
