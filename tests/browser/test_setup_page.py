"""The setup page's whole journey in a browser, against stand-in tenants: from nothing to data that arrives."""

import json
from pathlib import Path

import pytest

from tests.browser.chromium import Page, twice
from workbench.splunkd import Splunkd
from workbench.tenants import Office365, Workspace
from workbench.viewer import SplunkWeb

ROOT = Path(__file__).resolve().parents[2]
VIEW = "delegation_watch_setup"
WRONG = "wr0ng-and-long-enough"


@pytest.fixture(scope="module")
def office365():
    with Office365() as running:
        yield running


@pytest.fixture(scope="module")
def workspace():
    with Workspace([]) as running:
        yield running


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        running.users.add("analyst", "p", ("user",))
        yield running


@pytest.fixture(scope="module")
def web(splunkd):
    with SplunkWeb(splunkd) as running:
        yield running


@pytest.fixture
def setup(browser, web, office365):
    """A tab of the page; refusals that a test is about are taken off `tab.refused` by it."""
    opened = Page(browser, web)
    yield opened
    opened.close()
    web.sign_in("admin")
    office365.faults.__init__()
    assert [line for line in opened.troubles() if "Failed to load resource" not in line] == []


def begin(setup, theme="light"):
    """The page, drawn whole: it draws its inputs anew, and moves what is below, when it learns how they do."""
    with setup.tab.expect_response("**/setup/health*") as health:
        setup.open(VIEW, theme=theme)
    health.value.finished()
    setup.tab.get_by_role("list", name="Progress").wait_for()
    return setup.tab


def press(tab, name, **more):
    tab.get_by_role("button", name=name, exact=True, **more).click()


def fill(tab, **values):
    """Fill a form that is open; `cloud` and other choices by their value."""
    for name, value in values.items():
        control = tab.locator(f"form [name={name}]")
        if control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def account_of(office365, **changes):
    return {"cloud": "custom", "tenant": office365.tenant, "client_id": office365.client_id,
            "secret": office365.secret, **office365.roots,
            "ca_file": str(office365.ca_file), **changes}  # fmt: skip


def choose_key(tab, name, key):
    """Choose a service account's key file."""
    content = {"name": "key.json", "mimeType": "application/json", "buffer": json.dumps(key).encode()}
    tab.locator(f"form [name={name}]").set_input_files(content)


def has_focus(locator):
    return locator.evaluate("each => each === document.activeElement")


def said(tab, text):
    tab.locator(".dw-said, .dw-wrong").get_by_text(text).first.wait_for()


def posts(web):
    return [address for method, address, _ in web.asked if method == "POST"]


def faults_of(tab, web):
    """Serious and critical findings of axe-core."""
    tab.add_script_tag(url=f"{web.uri}/viewer/axe.js")
    found = tab.evaluate("axe.run(document.querySelector('main')).then((told) => told.violations)")
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")]


def enter_an_account(tab, web, office365):
    """The secret is wrong, then a permission is missing, then all is right."""
    assert tab.get_by_text("There is no account yet.").is_visible()
    press(tab, "Add an account")
    for provider in ("workspace", "o365"):  # a proxy that inspects TLS stands before the vendors' own clouds, too
        fill(tab, provider=provider, cloud="commercial")
        assert tab.locator("form [name=ca_file]").is_visible()
        assert not tab.locator("form [name=api_root]").is_visible()
    fill(tab, name="contoso", **account_of(office365, secret=WRONG))
    before = len(posts(web))
    twice(tab.get_by_role("button", name="Save account"))
    said(tab, "Account contoso is saved. Now test it.")
    assert len(posts(web)) == before + 1
    assert tab.evaluate("document.activeElement.textContent").startswith("Account contoso is saved.")

    press(tab, "Test: Audit feed, account contoso")
    tab.get_by_text("the secret is wrong; store the secret's value, not its id").wait_for()
    press(tab, "Change account contoso")
    assert tab.locator("form [name=secret]").input_value() == ""
    fill(tab, secret=office365.secret)
    press(tab, "Save account")
    said(tab, "Account contoso is saved.")
    office365.faults.roles = ("Exchange.ManageAsApp", "User.Read.All")
    press(tab, "Test: Inventory, account contoso")
    tab.locator(".dw-fails", has_text="GroupMember.Read.All").wait_for()
    tab.locator(".dw-fails", has_text="RoleManagement.Read.Directory").wait_for()  # all that is missing, at once
    tab.locator(".dw-works", has_text="Read users").wait_for()
    office365.faults.__init__()
    press(tab, "Test: Audit feed, account contoso")
    tab.get_by_role("heading", name="Audit feed, account contoso").wait_for()
    assert tab.locator("[data-account=contoso] .dw-findings li.dw-works").count() == 2


def enter_what_changes_a_tenant(tab, workspace):
    """Another credential, stored and tried apart."""
    press(tab, "Test: Taking delegations back, account contoso")
    tab.get_by_text("no secret is stored for the write credential of account contoso").wait_for()
    assert tab.get_by_text("none: delegations are not taken back").is_visible()
    press(tab, "Add an account")
    fill(tab, name="gw", provider="workspace", cloud="custom", subject=workspace.subject, api_root=workspace.uri,
         ca_file=str(workspace.ca_file))  # fmt: skip
    choose_key(tab, "key_file", workspace.key_file())
    choose_key(tab, "write_key_file", workspace.key_file())
    press(tab, "Save account")
    said(tab, "Account gw is saved.")
    press(tab, "Test: Audit feed, account gw")
    tab.get_by_role("heading", name="Audit feed, account gw").wait_for()
    assert tab.locator("[data-account=gw] .dw-findings li.dw-works").count() == 4
    press(tab, "Test: Taking delegations back, account gw")
    tab.locator(".dw-fails", has_text="https://www.googleapis.com/auth/gmail.settings.sharing").wait_for()
    assert tab.locator("[data-account=contoso] .dw-findings").is_visible()  # what was found of another one stays


def make_an_input(tab, splunkd):
    """Refused, saved, and with data."""
    press(tab, "Add an input")
    fill(tab, name="contoso", account="contoso", content_types="Audit.Nothing")
    press(tab, "Save input")
    said(tab, "content_types has Audit.Nothing")
    fill(tab, content_types="Audit.Exchange", index="main")
    press(tab, "Save input")
    said(tab, "Input contoso is saved and runs.")
    assert tab.get_by_text("No run has been seen yet").is_visible()
    assert splunkd.run_input("delegation_audit://contoso").exit_code == 0
    press(tab, "Look again")
    tab.get_by_text("last success").wait_for()
    assert tab.get_by_text("Data arrives: done").is_visible()


def move_an_input(tab, splunkd):
    """To the other cloud, with nothing left behind of the one before in what is no longer shown."""
    press(tab, "Add an input")
    fill(tab, kind="delegation_inventory", name="stands", account="contoso", kinds="full_access", interval="7200")
    press(tab, "Save input")
    said(tab, "Input stands is saved and runs.")
    press(tab, "Change input stands")
    fill(tab, account="gw", interval="")
    assert not tab.locator("form [name=kinds]").is_visible()
    press(tab, "Save input")
    said(tab, "Input stands is saved")
    stanza = splunkd.conf.stanza("inputs", "delegation_inventory://stands")
    assert (stanza["provider"], stanza["kinds"], stanza["interval"]) == ("workspace", "", "86400")


def enable_searches(tab):
    """In words how many run; nothing without a second press."""
    assert tab.get_by_text("Searches: 0 of 13 on").is_visible()
    card = tab.locator("[data-searches=collect]")
    link = card.get_by_role("link", name="Delegation Watch - Collect grants", include_hidden=True)
    assert "/manager/delegation_watch/saved/searches?" in link.get_attribute("href")
    reports = tab.locator("section").nth(3).get_by_role("link", name="Reports", exact=True)
    assert reports.get_attribute("href").endswith("/app/delegation_watch/reports")
    press(tab, "Enable 4 searches: Learn and collect")
    assert has_focus(tab.get_by_role("button", name="Cancel"))
    press(tab.get_by_role("dialog"), "Enable 4 searches")
    said(tab, "Learn and collect: 4 searches enabled.")
    assert tab.get_by_text("Searches: 4 of 13 on").is_visible()
    assert card.get_by_role("button").count() == 0


def end_the_setup(tab, splunkd):
    """Macros, and the last step."""
    fill(tab.locator("section").nth(2), delegation_watch_index="index=main | delete")
    press(tab.locator("section").nth(2), "Save")
    said(tab, "it must be index=main, or index=a OR index=b")
    assert has_focus(tab.locator("[name=delegation_watch_index]"))
    fill(tab.locator("section").nth(2), delegation_watch_index="index=main OR index=mail")
    press(tab.locator("section").nth(2), "Save")
    said(tab, "Index and macros are saved.")
    press(tab, "Finish setup")
    said(tab, "Setup is finished.")
    said(tab, "Detections: 0 of 24 on. Until they are enabled on the search head, in the section Searches")
    assert splunkd.conf.stanza("app", "install")["is_configured"] == "true"


def test_from_nothing_to_data_that_arrives(setup, web, splunkd, office365, workspace):
    tab = begin(setup)
    enter_an_account(tab, web, office365)
    enter_what_changes_a_tenant(tab, workspace)
    make_an_input(tab, splunkd)
    move_an_input(tab, splunkd)
    enable_searches(tab)
    end_the_setup(tab, splunkd)

    setup.refused.clear()
    tab.reload()
    tab.get_by_role("heading", name="contoso", exact=True).wait_for()
    content = tab.content()
    assert office365.secret not in content
    assert WRONG not in content


def test_no_answer_that_the_page_gets_ever_holds_a_secret(setup, web, office365):
    answers = []
    setup.tab.on("response", lambda one: answers.append(one) if "delegation_watch/setup" in one.url else None)
    tab = begin(setup)
    press(tab, "Add an account")
    fill(tab, name="quiet", **account_of(office365))
    press(tab, "Save account")
    said(tab, "Account quiet is saved.")
    assert tab.locator("[data-account=quiet]").get_by_text("stored").is_visible()
    assert len(answers) >= 3
    assert not [one.url for one in answers if office365.secret in one.text()]
    press(tab, "Remove account quiet")
    assert has_focus(tab.get_by_role("button", name="Cancel"))
    tab.keyboard.press("Escape")
    assert has_focus(tab.get_by_role("button", name="Remove account quiet"))
    tab.keyboard.press("Enter")
    press(tab, "Remove account")
    said(tab, "Account quiet is removed.")
    assert tab.evaluate("document.activeElement.textContent") == "Account quiet is removed."


def test_what_somebody_is_writing_stays_when_something_else_is_saved(setup, splunkd, office365):
    splunkd.conf.update("delegation_watch_accounts", "first", {"provider": "o365", "tenant": office365.tenant})
    tab = begin(setup)
    accounts, inputs, macros = (tab.locator("section").nth(number) for number in range(3))
    press(inputs, "Add an input")
    fill(inputs, name="half", index="elsewhere", account="first")
    press(accounts, "Add an account")
    fill(accounts, **account_of(office365))
    press(accounts, "Save account")
    said(accounts, "Enter a name that begins with a letter or a digit.")
    fill(accounts, name="second")
    tab.route("**/setup/accounts/**", lambda route: route.fulfill(status=504, body="<html>"))
    press(accounts, "Save account")
    said(accounts, "It may have been done all the same: reload the page before you repeat it.")
    tab.unroute("**/setup/accounts/**")
    press(accounts, "Save account")
    said(tab, "Account second is saved.")
    shown = {name: inputs.locator(f"form [name={name}]").input_value() for name in ("name", "index", "account")}
    assert shown == {"name": "half", "index": "elsewhere", "account": "first"}
    assert inputs.locator("form [name=account] option").all_inner_texts().count("second") == 1

    press(accounts, "Change account second")
    fill(accounts, secret="half a secr")
    fill(macros, delegation_watch_alert_score="71")
    press(macros, "Save")
    said(tab, "Index and macros are saved.")
    assert accounts.locator("form [name=secret]").input_value() == "half a secr"
    assert inputs.locator("form [name=name]").input_value() == "half"
    press(accounts, "Add an account")
    press(tab.get_by_role("dialog", name="What was written in the form that is open is not saved."), "Cancel")
    assert accounts.locator("form [name=secret]").input_value() == "half a secr"
    press(accounts, "Add an account")
    press(tab.get_by_role("dialog"), "Leave it")
    assert (accounts.locator("form").count(), accounts.locator("form [name=secret]").input_value()) == (1, "")
    assert has_focus(accounts.locator("form [name=name]"))
    press(accounts, "Change account second")  # nothing was written: nobody is asked
    assert accounts.locator("form [name=name]").input_value() == "second"
    for name in ("first", "second"):
        splunkd.conf.remove("delegation_watch_accounts", name)
    setup.refused.clear()


def test_what_is_wrong_with_a_field_is_said_there_and_nothing_is_lost(setup, office365):
    tab = begin(setup)
    press(tab, "Add an account")
    assert has_focus(tab.locator("form [name=name]"))
    fill(tab, name="a b", **account_of(office365))
    press(tab, "Save account")
    said(tab, "'a b' is no name")
    field = tab.locator("form [name=name]")
    assert field.get_attribute("aria-invalid") == "true"
    assert has_focus(field)
    fill(tab, name="x", tenant="contoso.example")
    press(tab, "Save account")
    said(tab, "tenant must be the directory's GUID")
    assert tab.locator("form [name=client_id]").input_value() == office365.client_id
    setup.refused.clear()


def test_a_session_that_has_ended_is_said_and_what_was_written_stays(setup, web, office365):
    tab = begin(setup)
    press(tab, "Add an account")
    fill(tab, name="late", **account_of(office365))
    web.sign_out()
    press(tab, "Look again")
    said(tab, "How the inputs do is not known: Your session has ended")
    assert has_focus(tab.get_by_role("button", name="Look again"))
    press(tab, "Save account")
    said(tab, "Your session has ended, and nothing was saved.")
    web.sign_in("admin")
    other = tab.context.new_page()  # where one signs in again, which gives the browser new cookies
    other.goto(web.address(VIEW))
    other.close()
    press(tab, "Save account")
    said(tab, "Account late is saved.")
    setup.refused.clear()


def test_who_may_not_set_up_is_told_which_capability_it_takes(setup, web):
    web.sign_in("analyst")
    setup.open(VIEW)
    said(setup.tab, "requires capability: delegation_watch_setup")
    assert setup.tab.get_by_role("button", name="Add an account").count() == 0
    setup.refused.clear()


def test_a_key_file_is_read_and_names_appear_as_they_are(setup, splunkd):
    name = '<img src=x onerror="window.hit=1">|`$x$`\u202eabc'
    account = {"provider": "workspace", "subject": name}
    splunkd.conf.update("delegation_watch_accounts", "odd", account)
    tab = begin(setup)
    assert tab.locator("[data-account=odd] dd").get_by_text(name, exact=True).is_visible()
    assert tab.evaluate("window.hit") is None
    press(tab, "Add an account")
    fill(tab, name="g", provider="workspace", subject="admin@g.example")
    assert not tab.locator("form [name=tenant]").is_visible()
    choose_key(tab, "key_file", {"type": "authorized_user"})
    press(tab, "Save account")
    said(tab, "the secret is a person's own credentials")
    setup.refused.clear()
    splunkd.conf.remove("delegation_watch_accounts", "odd")


def test_it_can_be_used_by_keyboard_alone(setup, office365):
    tab = begin(setup)
    add = tab.get_by_role("button", name="Add an account")
    add.focus()
    tab.keyboard.press("Enter")
    tab.keyboard.type("keys")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "cloud"
    tab.get_by_role("button", name="Cancel").focus()
    tab.keyboard.press("Enter")
    assert has_focus(add)


def test_what_a_file_says_wrongly_costs_the_page_nothing_else(setup, splunkd, office365):
    splunkd.conf.update("delegation_watch_accounts", "bare", {"tenant": office365.tenant})
    splunkd.conf.update("delegation_watch_accounts", "odd", {"provider": "gmail"})
    splunkd.conf.update("inputs", "delegation_audit://...", {"provider": "o365", "account": "bare", "disabled": "1"})
    tab = begin(setup)
    assert tab.get_by_text("No service that this app knows is stored for this account").count() == 2
    assert tab.get_by_role("rowheader", name="...").is_visible()
    press(tab, "Add an input")
    fill(tab, name="early", account="bare")
    press(tab, "Save input")
    said(tab, "Choose the service of account bare first")
    press(tab, "Cancel")
    for name in ("odd", "bare"):
        press(tab, f"Change account {name}")
        assert tab.locator("form [name=provider]").input_value() == ""  # no guess that would be saved unseen
        assert not tab.locator("form [name=client_id]").is_visible()
    fill(tab, provider="o365", client_id=office365.client_id)
    press(tab, "Save account")
    said(tab, "Account bare is saved.")
    assert tab.get_by_role("button", name="Test: Audit feed, account bare").is_visible()
    for conf, stanza in (("delegation_watch_accounts", "bare"), ("delegation_watch_accounts", "odd"),
                         ("inputs", "delegation_audit://...")):  # fmt: skip
        splunkd.conf.remove(conf, stanza)
    setup.refused.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_fault_of_accessibility(setup, web, office365, splunkd, theme):
    splunkd.conf.update("delegation_watch_accounts", "shown", {"provider": "o365", "tenant": office365.tenant})
    tab = begin(setup, theme)
    press(tab, "Add an account")
    press(tab, "Save account")
    tab.locator(".dw-wrong, .dw-said").first.wait_for(state="attached")
    assert faults_of(tab, web) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    press(tab, "Remove account shown")
    page, dialog = (tab.locator(one).evaluate("each => getComputedStyle(each).color") for one in (".dw-page", "dialog"))
    assert (page, faults_of(tab, web)) == (dialog, [])
    setup.refused.clear()
