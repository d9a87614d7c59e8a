"""Tuning: the cases of a factor, of a pattern and of a score are shown by a click on it; its figures lead to theirs."""

from urllib.parse import parse_qs, urlsplit

from tests.browser.test_overview import led

VIEW = "delegation_watch_tuning"


def test_a_click_on_a_factor_a_pattern_a_score_and_a_figure_shows_what_is_counted(dashboard, splunkd):
    dashboard.open(VIEW, **{"form.time.earliest": "-30d@d", "form.time.latest": "now"})
    dashboard.panel("viz_factors").locator("[data-test=row]").first.wait_for()
    factor = dashboard.table("viz_factors")[0][0]
    dashboard.click("viz_factors", column=0)
    dashboard.settle()
    assert dashboard.tokens()["factor"] == factor
    rows = dashboard.table("viz_of_factor")
    assert rows
    assert all(factor in row[-1].split(", ") for row in rows)

    dashboard.press("viz_spread")
    dashboard.settle()
    low, high = map(int, dashboard.tokens()["score"].split(" to "))
    assert dashboard.tokens()["factor"] == "*"
    rows = dashboard.table("viz_of_factor")
    assert rows
    assert all(low <= int(row[0]) <= high for row in rows)
    pattern, cases = dashboard.table("viz_down_list")[0][:2]
    dashboard.click("viz_down_list", column=1)
    assert (dashboard.tokens()["factor"], dashboard.tokens()["score"]) == (pattern, "*")
    rows = dashboard.table("viz_of_factor")
    assert len(rows) == min(10, int(cases))
    assert all(pattern in row[-1].split(", ") for row in rows)
    dashboard.click("viz_down")
    assert dashboard.tokens()["factor"] == "-"
    assert len(dashboard.table("viz_of_factor")) == min(10, dashboard.figure("viz_down"))

    scored, *alerts = dashboard.leads("viz_rows", "viz_cases", "viz_high")
    found = splunkd.search(*(parse_qs(urlsplit(scored).query)[key][0] for key in ("q", "earliest", "latest"))).rows
    assert len(found) == dashboard.figure("viz_rows")
    kept = {"time.earliest": "-30d@d", "time.latest": "now"}
    assert list(map(led, alerts)) == [("delegation_watch_alerts", {"level": each, **kept}) for each in ("20", "70")]
    assert dashboard.problems() == []
