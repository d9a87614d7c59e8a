"""Mailbox: from a name or a part of one to who can open it, what they did with it, and the next question."""

from tests.browser.test_overview import led

VIEW = "delegation_watch_mailbox"
BOX = "ada.brandt@harbourfinch.example"
DRAWN = ("ok", "empty")
# Everything that is syntax somewhere: SPL, a token, a wildcard, markup, and text that runs the other way.
HOSTILE = '"| delete \\ $time.latest$ % <b>x</b> \u202e'


def test_a_part_of_a_name_finds_the_mailbox_and_a_click_opens_it(dashboard):
    dashboard.open(VIEW)
    dashboard.write("Mailbox (* for all)", "ADA.BR")
    assert [row[0] for row in dashboard.table("viz_choose")] == [BOX]
    assert dashboard.panels()["viz_list"]["state"] == "empty"
    assert "choose one above" in dashboard.text("viz_list")
    dashboard.click("viz_choose", column=0)
    assert dashboard.tokens()["mailbox"] == BOX
    standing = dashboard.table("viz_list")
    assert standing
    assert {row[9] for row in standing} <= {BOX, "*"}
    assert {row[7] for row in dashboard.table("viz_history")} <= {BOX, "*"}
    assert dashboard.problems(DRAWN) == []


def test_a_delegate_leads_to_what_else_it_can_open_and_keeps_the_time(dashboard):
    dashboard.open(VIEW, **{"form.mailbox": BOX, "form.time.earliest": "-7d@d", "form.time.latest": "now"})
    delegate = dashboard.table("viz_list")[0][2]
    to, tokens = led(dashboard.click("viz_list", column=2))
    assert to == "delegation_watch_identity"
    assert tokens == {"identity": delegate, "time.earliest": "-7d@d", "time.latest": "now"}


def test_a_name_that_is_syntax_elsewhere_is_a_name_here(dashboard):
    dashboard.open(VIEW, **{"form.mailbox": HOSTILE})
    assert dashboard.problems(DRAWN) == []
    assert dashboard.field("Mailbox (* for all)").locator("input").input_value() == HOSTILE
    assert dashboard.table("viz_choose") == []
