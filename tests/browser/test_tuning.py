"""Tuning: a factor's cases are shown by a click on it."""

VIEW = "delegation_watch_tuning"


def test_a_click_on_a_factor_shows_the_cases_that_have_it(dashboard):
    dashboard.open(VIEW, **{"form.time.earliest": "-30d@d", "form.time.latest": "now"})
    dashboard.panel("viz_factors").locator("[data-test=row]").first.wait_for()
    factor = dashboard.table("viz_factors")[0][0]
    dashboard.click("viz_factors", column=0)
    dashboard.settle()
    assert dashboard.tokens()["factor"] == factor
    rows = dashboard.table("viz_of_factor")
    assert rows
    assert all(factor in row[-1].split(", ") for row in rows)
