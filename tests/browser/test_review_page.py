"""The page on which standing delegations are approved, in a browser: with owner, reason and end, changed, withdrawn."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PATIENCE, Page, twice
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb

ROOT = Path(__file__).resolve().parents[2]
VIEW = "delegation_watch_review_approve"
ODD = '<img src=x onerror="window.hit=1">|`$x$`\\"\u202eabc@x.example'
ROWS = [
    {"_key": "1", "grant_key": "1", "status": "standing", "tenant": "t", "provider": "exchange_online",
     "mailbox_key": "ceo@x.example", "grantee_key": "anna@x.example", "grantee_kind": "user", "right": "full_access",
     "right_native": "FullAccess", "access": "own", "delegation_score": "80", "delegation_level": "high",
     "delegation_reason": "a right on a VIP", "granted": "1772452800", "last_seen": "1772452800"},
    {"_key": "2", "grant_key": "2", "status": "standing", "tenant": "t", "provider": "workspace",
     "mailbox_key": "ben@x.example", "grantee_key": ODD, "right": "gmail_delegate", "delegation_score": "30",
     "actor_key": "reviewer",
     "delegation_reason": ODD, "folder": ODD},
    {"_key": "3", "grant_key": "3", "status": "standing", "tenant": "t", "provider": "exchange_online",
     "right": "full_access", "delegation_score": "10"},
]  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as splunkd, SplunkWeb(splunkd) as running:
        splunkd.users.add("reviewer", "p", ("user",), ("delegation_watch_review",))
        splunkd.search("| outputlookup key_field=_key delegation_watch_state", rows=ROWS)
        running.sign_in("reviewer")
        yield running


@pytest.fixture
def review(browser, web):
    opened = Page(browser, web)
    opened.register = web.splunkd.kvstore.collection("delegation_watch_register")
    yield opened
    opened.close()
    opened.register.clear()
    web.sign_in("reviewer")
    assert [line for line in opened.troubles() if "Failed to load resource" not in line] == []


def begin(review, **params):
    review.open(VIEW, **params)
    review.tab.get_by_role("status").get_by_text("standing delegations").wait_for()
    return review.tab


def row(tab, number):
    return tab.locator(f"[data-grant='{number}']")


def approve(tab, owner="Pia Holm", note="her assistant, CHG-1", number="1"):
    row(tab, number).get_by_role("button", name="Approve").click()
    tab.locator("form [name=owner]").fill(owner)
    tab.locator("form [name=note]").fill(note)
    twice(tab.get_by_role("button", name="Approve", exact=True).last)


def said(tab, text):
    tab.locator(".dw-said, .dw-wrong").get_by_text(text).first.wait_for()


def test_a_delegation_is_approved_changed_and_withdrawn(review, web):
    begun = datetime.now(timezone.utc)
    tab = begin(review)
    assert [one.get_attribute("data-grant") for one in tab.locator("tr[data-grant]").all()] == ["1", "2", "3"]
    assert row(tab, 1).get_by_text("a right on a VIP").is_visible()
    row(tab, 1).get_by_role("button", name="Approve").click()
    assert tab.locator("form [name=owner]").evaluate("each => each === document.activeElement")
    tab.get_by_role("button", name="Approve", exact=True).last.click()
    said(tab, "owner is missing")
    tab.locator("form [name=note]").fill("half a reason")
    row(tab, 2).get_by_role("button", name="Approve").click()
    left = tab.get_by_role("dialog", name="What was written in the form that is open is not saved.")
    left.get_by_role("button", name="Cancel").click()
    assert tab.locator("form [name=note]").input_value() == "half a reason"
    row(tab, 2).get_by_role("button", name="Approve").click()
    left.get_by_role("button", name="Leave it").click()
    tab.get_by_role("heading", name="on ben@x.example").wait_for()
    assert tab.locator("form [name=note]").input_value() == ""
    tab.get_by_role("button", name="Cancel").click()

    approve(tab)
    said(tab, "anna@x.example on ceo@x.example, full_access is approved until")
    (kept,) = review.register.all()
    quarters = [(day + timedelta(days=90)).date().isoformat() for day in (begun, datetime.now(timezone.utc))]
    assert (kept["owner"], kept["entered_by"]) == ("Pia Holm", "reviewer")
    assert kept["expires"] in quarters  # two where it was midnight meanwhile
    assert row(tab, 1).get_by_text("Pia Holm answers for it: her assistant, CHG-1; entered by reviewer").is_visible()

    row(tab, 1).get_by_role("button", name="Change the approval").click()
    tab.locator("form [name=expires]").fill("2099-12-31")
    tab.get_by_role("button", name="Change approval", exact=True).click()
    said(tab, "is approved until 2099-12-31")
    row(tab, 2).get_by_role("button", name="Approve").click()
    tab.locator("form [name=note]").fill("half a reason")
    row(tab, 1).get_by_role("button", name="Withdraw").click()
    assert tab.get_by_label("Why").evaluate("each => each === document.activeElement")
    reason = '<img src=x onerror="window.hit=1">'
    tab.get_by_label("Why").fill(reason)
    tab.keyboard.press("Enter")
    said(tab, "is withdrawn")
    assert review.register.all() == []
    assert tab.locator("form [name=note]").input_value() == "half a reason"  # of another one
    assert row(tab, 1).get_by_text("None").is_visible()
    past = tab.get_by_role("region", name="What was done to approvals").locator("tbody tr")
    # The stand-in has in its index at once what Splunk has some seconds later.
    expect(past.locator("td:nth-child(3)")).to_have_text(["withdrawn", "changed", "approved"], timeout=PATIENCE)
    assert past.first.locator("td").nth(4).inner_text() == reason
    assert tab.evaluate("window.hit") is None
    assert past.first.get_by_text("anna@x.example on ceo@x.example, full_access").is_visible()
    review.refused.clear()


def test_what_was_done_is_looked_for_again_until_the_index_has_it(review):
    """The first answer after the approval is the one before it, as of an index that takes some seconds."""
    with review.tab.expect_response("**/review/history*") as answered:
        tab = begin(review)
    before = answered.value.text()
    tab.route("**/review/history*", lambda route: route.fulfill(body=before, content_type="application/json"), times=1)
    approve(tab, note="indexed late")
    said(tab, "is approved until")
    past = tab.get_by_role("region", name="What was done to approvals").locator("tbody tr")
    past.first.get_by_text("indexed late").wait_for()
    review.refused.clear()


def test_nobody_approves_his_own_and_who_may_be_a_party_is_flagged(review, web):
    tab = begin(review)
    row(tab, 2).get_by_role("button", name="Approve").click()
    tab.locator("form [name=owner]").fill("Pia")
    tab.locator("form [name=note]").fill("mine")
    tab.get_by_role("button", name="Approve", exact=True).last.click()
    said(tab, "You granted this yourself (as reviewer); somebody else must approve it")
    assert review.register.all() == []
    web.splunkd.users.add("anna", "p", ("user",), ("delegation_watch_review",))
    web.sign_in("anna")
    begin(review)
    approve(tab)
    said(tab, "You are perhaps the delegate: that is shown with the approval")
    assert row(tab, 1).get_by_text("anna is perhaps the delegate: have it looked at").is_visible()
    review.refused.clear()


def test_what_another_reviewer_did_meanwhile_is_not_overwritten(review, web):
    tab = begin(review)
    row(tab, 1).get_by_role("button", name="Approve").click()
    review.register.store([{"_key": "x", "mailbox": "a", "grantee": "b", "right": "folder", "owner": "c",
                            "expires": "2099-01-01", "note": "d", "entered_by": "eve", "entered": 1.0}])  # fmt: skip
    tab.get_by_role("button", name="Cancel").click()
    approve(tab)
    said(tab, "is approved until")
    row(tab, 1).get_by_role("button", name="Change the approval").click()
    kept = next(one for one in review.register.all() if one["_key"] != "x")
    review.register.store([{**kept, "entered_by": "eve", "entered": kept["entered"] + 5}])
    tab.get_by_role("button", name="Change approval", exact=True).click()
    said(tab, "eve has entered an approval for this meanwhile")
    web.sign_out()
    tab.get_by_role("button", name="Change approval", exact=True).click()
    said(tab, "Your session has ended")
    review.refused.clear()


def test_names_appear_as_they_are_and_what_is_not_resolved_cannot_be_approved(review):
    with review.tab.expect_response("**/review?*") as answered:
        tab = begin(review)
    some = {**answered.value.json(), "more": True}  # as of a large state, of which not all was read
    assert row(tab, 2).get_by_text(ODD, exact=True).first.is_visible()
    assert tab.evaluate("window.hit") is None
    assert row(tab, 3).get_by_role("button").count() == 0
    row(tab, 2).get_by_role("button", name="Approve").click()
    assert tab.locator("form [name=owner]").evaluate("each => each === document.activeElement")
    assert "\u202e" not in tab.get_by_role("heading", level=3).inner_text()  # it would turn the sentence around
    tab.get_by_role("button", name="Cancel").click()
    assert row(tab, 2).get_by_role("button", name="Approve").evaluate("each => each === document.activeElement")
    tab.get_by_label("Mailbox, delegate or right").fill("nobody")
    tab.get_by_role("button", name="Show").click()
    tab.get_by_text("No standing delegation fits.").wait_for()
    tab.get_by_label("Mailbox, delegate or right").fill("CEO@")
    tab.keyboard.press("Enter")
    row(tab, 1).wait_for()
    assert tab.locator("tr[data-grant]").count() == 1
    tab.route("**/review?*", lambda route: route.fulfill(json=some), times=1)
    tab.keyboard.press("Enter")
    tab.get_by_text("1 to 3 of 3 or more standing delegations.").wait_for()


def test_an_address_may_say_what_to_look_for_and_a_page_that_is_done_gives_way_to_the_one_before(review, web):
    tab = begin(review, search="ben@x.example")
    assert [one.get_attribute("data-grant") for one in tab.locator("tr[data-grant]").all()] == ["2"]
    many = [{**ROWS[0], "_key": f"m{number}", "grant_key": f"m{number}", "mailbox_key": f"{number}@many.example",
             "delegation_score": str(90 - number)} for number in range(51)]  # fmt: skip
    whole = {**ROWS[0], "_key": "w", "grant_key": "w", "mailbox_key": "*", "right": "app_mail", "tenant": "b.example"}
    web.splunkd.search("| outputlookup append=true key_field=_key delegation_watch_state", rows=[*many, whole])
    try:
        tab.get_by_label("Mailbox, delegate or right").fill("@many.example")
        tab.locator("form [name=approval]").select_option("none")
        tab.get_by_role("button", name="Show").click()
        tab.get_by_role("button", name="Next").click()
        tab.get_by_text("51 to 51 of 51 standing delegations.").wait_for()
        approve(tab, number="m50")
        said(tab, "is approved until")
        tab.get_by_text("1 to 50 of 50 standing delegations.").wait_for()
        assert tab.locator("tr[data-grant]").count() == 50
        tab.get_by_label("Mailbox, delegate or right").fill("app_mail")
        tab.get_by_role("button", name="Show").click()
        row(tab, "w").get_by_text("of b.example").wait_for()
        row(tab, "w").get_by_role("button", name="Approve").click()
        tab.get_by_text("It holds in every tenant.").wait_for()
    finally:
        web.splunkd.search("| outputlookup key_field=_key delegation_watch_state", rows=ROWS)


def test_who_may_not_review_is_told_which_capability_it_takes(review, web):
    web.splunkd.users.add("analyst", "p", ("user",))
    web.sign_in("analyst")
    review.open(VIEW)
    said(review.tab, "requires capability: delegation_watch_review")
    review.refused.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_fault_of_accessibility(review, web, theme):
    tab = begin(review, theme=theme)
    row(tab, 1).get_by_role("button", name="Approve").click()
    tab.add_script_tag(url=f"{web.uri}/viewer/axe.js")
    found = tab.evaluate("axe.run(document.querySelector('main')).then((told) => told.violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
