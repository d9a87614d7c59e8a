"""Identity: who it is, what it can open, gave and did, and the way from there to a mailbox or an address."""

from tests.browser.test_mailbox import shows
from tests.browser.test_overview import landed, led

VIEW = "delegation_watch_identity"
ADMIN = "maarten.hendriks@harbourfinch.example"
DRAWN = ("ok", "empty")
HOSTILE = '"| delete \\ $time.latest$ % <b>x</b> \u202e'


def test_one_administrator_is_told_from_all_others_and_leads_on(dashboard):
    span = {"time.earliest": "-14d@d", "time.latest": "now"}
    dashboard.open(VIEW, **{"form.identity": ADMIN.upper(), **{f"form.{name}": at for name, at in span.items()}})
    assert [row[0] for row in dashboard.table("viz_choose")] == [ADMIN]
    assert "administrator" in dashboard.text("viz_choose")
    gave = dashboard.table("viz_gave_list")
    assert {row[7] for row in gave} == {ADMIN}
    assert {row[8] for row in dashboard.table("viz_open")} == {ADMIN}
    address = dashboard.table("viz_from")[0][0]
    to_mailbox, to_hunt = dashboard.click("viz_gave_list", column=3), dashboard.click("viz_from", column=0)
    assert led(to_mailbox) == ("delegation_watch_mailbox", {"mailbox": gave[0][3], **span})
    assert led(to_hunt) == ("delegation_watch_hunt", {"field": "src", "value": address, **span})
    hunt = ("hunt", {"field": "identity", "value": ADMIN.upper(), **span})
    figures = ("viz_gave", "viz_uses", "viz_high", "viz_days")
    assert landed(dashboard, *figures) == dict.fromkeys(figures, hunt)
    shows(dashboard, {"viz_unexplained": ("viz_open", "unexplained")})
    assert dashboard.click("viz_mailboxes") is None
    assert dashboard.tokens()["only"] == "*"
    dashboard.click("viz_gave_list", column=4)
    assert dashboard.tokens()["identity"] == gave[0][4]
    assert dashboard.problems(DRAWN) == []
    names(dashboard)


def names(dashboard):
    """What is written for a name: syntax elsewhere, nobody, everybody."""
    dashboard.write("Person, group or app (* for all)", HOSTILE)
    assert dashboard.problems(DRAWN) == []
    assert dashboard.table("viz_choose") == []
    assert "Enter less of it" in dashboard.text("viz_choose")
    dashboard.write("Person, group or app (* for all)", "-")
    assert [row[:2] for row in dashboard.table("viz_choose")] == [["-", "-"]]
    assert dashboard.panel("viz_mailboxes").locator("[data-test=majorValue]").inner_text() == "-"
    dashboard.write("Person, group or app (* for all)", "*")
    application, opens = dashboard.table("viz_choose")[0][:2]
    assert opens == "every"
    dashboard.click("viz_choose", column=1)
    assert dashboard.tokens()["identity"] == application
    assert dashboard.panel("viz_mailboxes").locator("[data-test=majorValue]").inner_text() == "every"
    assert dashboard.problems(DRAWN) == []
