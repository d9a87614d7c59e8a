"""Hunt: a field, a value and a text find rows, which narrow or lead on; a figure lists what it counts."""

from time import gmtime, strftime

from tests.browser.test_overview import led

VIEW = "delegation_watch_hunt"
ADDRESS = "203.0.113.66"
LEVELS = ["critical", "high", "medium", "low", "informational"]
DRAWN = ("ok", "empty")
HOSTILE = '"| delete \\ $time.latest$ <b>x</b> \u202e'


def test_an_address_finds_its_rows_and_a_frequent_value_narrows_them(dashboard):
    dashboard.open(VIEW, **{"form.field": "src", "form.value": ADDRESS})
    found = dashboard.figure("viz_rows")
    assert found > 0
    rows = dashboard.table("viz_list")
    assert {row[8] for row in rows} == {ADDRESS}
    view, tokens = led(dashboard.click("viz_list", column=3))
    assert (view, tokens["mailbox"]) == ("delegation_watch_mailbox", rows[0][3])
    for name, field in (("viz_boxes", "mailbox"), ("viz_actors", "identity"), ("viz_addresses", "src")):
        dashboard.click(name)
        values = dashboard.table("viz_values")
        assert {row[0] for row in values} == {field}
        assert len(values) == min(8, dashboard.figure(name))
    dashboard.press("viz_days")
    dashboard.settle()
    day = strftime("%Y-%m-%d", gmtime(float(dashboard.tokens()["day"])))
    assert {(row[0][:10], row[2]) for row in dashboard.table("viz_list")} == {(day, dashboard.tokens()["level"])}
    dashboard.click("viz_score")
    levels = [LEVELS.index(row[2]) for row in dashboard.table("viz_list")]
    assert levels == sorted(levels)
    assert levels != [LEVELS.index(row[2]) for row in rows]
    dashboard.click("viz_rows")
    assert len({row[0] for row in dashboard.table("viz_values")}) > 1
    assert dashboard.table("viz_list") == rows
    dashboard.click("viz_list", row=1, column=0)
    assert dashboard.tokens()["row"] == rows[1][9]
    assert ["row_id", "row_id"] in [row[::2] for row in dashboard.table("viz_row")]
    field, value, records = dashboard.table("viz_values")[0]
    dashboard.click("viz_values", column=1)
    assert (dashboard.tokens()["field"], dashboard.tokens()["value"]) == (field, value)
    assert dashboard.figure("viz_rows") >= int(records)
    assert dashboard.problems(DRAWN) == []
    dashboard.write("Value (* any text, \\* a star)", HOSTILE)
    assert dashboard.figure("viz_rows") == 0
    assert "Widen the time" in dashboard.text("viz_list")
    assert dashboard.problems(DRAWN) == []
