"""Review: which delegations it shows for each choice, and where a click leads."""

from urllib.parse import quote

from tests.browser.test_overview import led, listed

VIEW = "delegation_watch_review"


def test_what_nothing_explains_can_be_chosen_by_hand_and_by_a_link(dashboard):
    dashboard.open(VIEW)
    every = dashboard.figure("viz_open")
    dashboard.choose("Explained by", "Nothing")
    chosen = dashboard.figure("viz_open")
    assert 0 < chosen < every
    assert {row[7] for row in dashboard.table("viz_list")} == {"nothing"}
    dashboard.open(VIEW, **{"form.explained": "no", "form.provider": "workspace"})
    assert 0 < dashboard.figure("viz_open") < chosen


def test_a_text_narrows_the_list_and_a_row_leads_to_both_parties(dashboard):
    dashboard.open(VIEW, **{"form.text": "send_as"})
    rows = dashboard.table("viz_list")
    assert {row[4] for row in rows} == {"send_as"}
    assert led(dashboard.click("viz_list", column=2)) == ("delegation_watch_mailbox", {"mailbox": rows[0][2]})
    assert led(dashboard.click("viz_list", column=3)) == ("delegation_watch_identity", {"identity": rows[0][3]})
    page = f"/app/delegation_watch/delegation_watch_review_approve?search={quote(rows[0][2], safe='')}"
    for column in (0, 4, 8):
        assert dashboard.click("viz_list", column=column).endswith(page)


def follows(dashboard, name):
    """A click on a figure narrows the list to what it counts; what is chosen then."""
    assert dashboard.click(name) is None
    assert listed(dashboard) == dashboard.figure(name)
    return {token: dashboard.tokens()[token] for token in ("approval", "level")}


def test_an_approval_is_counted_and_listed_with_who_answers_for_it(dashboard, splunkd):
    dashboard.open(VIEW)
    figures = ("viz_open", "viz_high", "viz_current", "viz_soon", "viz_ended")
    assert {name: follows(dashboard, name) for name in figures} == {
        "viz_open": {"approval": "none", "level": "*"}, "viz_high": {"approval": "none", "level": "worst"},
        "viz_current": {"approval": "current", "level": "worst"}, "viz_soon": {"approval": "soon", "level": "worst"},
        "viz_ended": {"approval": "ended", "level": "worst"},
    }  # fmt: skip
    dashboard.choose("Level", "Any")
    dashboard.choose("Approval", "Any")
    mailbox, delegate, right = dashboard.table("viz_list")[0][2:5]
    right = right.split(" ")[0]  # of a folder, its path and what may be done there stand behind
    register = splunkd.kvstore.collection("delegation_watch_register")
    approval = {"mailbox": mailbox, "grantee": delegate, "right": right, "owner": "ann@example.com"}
    register.insert({"_key": "test", **approval, "expires": "2099-12-31", "entered_by": "ann", "entered": 1})
    try:
        dashboard.open(VIEW, **{"form.approval": "current"})
        assert dashboard.figure("viz_current") >= 1
        assert ["2099-12-31", "current", "ann@example.com"] in [row[:3] for row in dashboard.table("viz_why")]
    finally:
        register.delete("test")
