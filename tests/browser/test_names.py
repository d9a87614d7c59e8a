"""Every dashboard with names that are syntax somewhere: each shows as it is, finds itself and nothing else, leads on.

The data is what the app's own searches write: rows of the summary, documents of the KV store. All of it in the dark
theme, which other tests only switch to.
"""

import json
import time

import pytest

from tests.browser.chromium import Dashboard, Page
from tests.browser.test_dashboards import NOT_OURS
from tests.browser.test_mailbox import heads, under
from tests.browser.test_overview import led
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb

DRAWN = ("ok", "empty")
# Synthetic: what a directory lets somebody be called, or a careless page takes for its own. Of NEAR, a pattern that
# takes % and _ for wildcards thinks that it is NAME.
NAME = (
    '"|delete\\1 $case$ $$ %_ <img src=x onerror="document.title=\'run\'"> `delegation_watch_grants` [search *] '
    "&form.case=1;#+%41/?"
    "\u0645\u062f\u064a\u0631\u202eelpmaxe@x.example"
)
NEAR = NAME.replace("%_", "anyb")
KEY = {NAME: "0123456789abcdef" * 4, NEAR: "fedcba9876543210" * 4}
PARTIES = {name: {"mailbox": name, "grantee": f"d {name}", "actor": f"a {name}"} for name in (NAME, NEAR)}
BOX, DELEGATE, ACTOR = PARTIES[NAME].values()
GROUP, MEMBER = f"g {NAME}", f"m {NAME}"
OWNER, FACTOR, REASON = f"o {NAME}", NAME.replace("|", ""), f"r {NAME}"
FOLDER = f"folder \\{NAME}"


def summary(now, name, **more):
    """A row of the summary as `delegationrisk summary=true` writes it."""
    row = {
        "row_id": f"{KEY[name][:24]}{more.get('grant_action')}", "case_key": KEY[name], "tenant": "t",
        "status": "success", "provider": "exchange_online", "operation": "Add-MailboxFolderPermission",
        "right": "folder", "right_native": name, "access": "read", "folder": f"\\{name}", "folder_kind": "other",
        "grantee_kind": "user", "actor_kind": "user", "src": "192.0.2.7", "client_app": name,
        "delegation_score": 90, "delegation_level": "critical", "delegation_reason": name,
        "delegation_factors": [f"{name.replace('|', '')}|90|r {name}"], **more,
    }  # fmt: skip
    for party, who in PARTIES[name].items():
        row.update({party: who, f"{party}_key": who})
    return event("delegation_watch:grant", {"time": now - 3600, **row})


def event(source, row):
    return {"time": row["time"], "source": source, "sourcetype": "stash", "index": "summary", "host": "h",
            "data": json.dumps(row)}  # fmt: skip


def standing(now, name, place, **more):
    """A document of the state as `delegation_watch_keep` keeps it."""
    parties = PARTIES[name]
    return {
        "_key": f"{KEY[name]}{place}", "grant_key": f"{KEY[name]}{place}", "status": "standing",
        "known_by": "both", "tenant": "t", "provider": "exchange_online", "mailbox_key": parties["mailbox"],
        "grantee_key": parties["grantee"], "grantee_kind": "user", "actor_key": parties["actor"],
        "right": "folder", "folder": f"\\{name}", "access": "read", "delegation_score": 90 - place,
        "delegation_level": "high", "delegation_reason": name, "first_seen": now - 3600, "last_seen": now,
        "granted": now - 3600, **more,
    }  # fmt: skip


def documents(now):
    """Documents of the KV store, by the collection without its prefix."""
    approval = {"_key": "1", "mailbox": BOX, "grantee": DELEGATE, "right": "folder", "owner": OWNER}
    return {
        "state": [
            *(standing(now, name, 0) for name in (NAME, NEAR)),
            standing(now, NAME, 1, grantee_kind="guest"), standing(now, NAME, 2, grantee_kind="everyone"),
            standing(now, NAME, 3, grantee_kind="application", right="app_mail", right_native=NAME),
            standing(now, NAME, 4, grantee_kind="group", grantee_key=GROUP),
        ],
        "members": [{"_key": "1", "tenant": "t", "group": GROUP, "member": MEMBER, "status": "standing",
                     "last_seen": now}],
        "people": [
            {"_key": f"{place}", "tenant": "t", "identity": who, "kind": "user",
             "mailbox_kind": "user" if who == BOX else "", "display_name": NAME, "department": NAME,
             "enabled": "false" if who == DELEGATE else "true"}
            for place, who in enumerate((BOX, DELEGATE))
        ],
        "register": [{**approval, "expires": "2099-12-31", "entered_by": "ann", "entered": now}],
        "feeds": [{"_key": "1", "input": f"delegation_audit://{NAME}", "feed": NAME, "status": "failed",
                   "problem": NAME, "last_run": now, "covered_from": now - 9, "covered_until": now, "events": 1,
                   "lost": 0, "gaps": NAME}],
        "parts": [{"_key": "1", "part": "t|exchange_online|full_access", "tenant": "t", "provider": "exchange_online",
                   "status": "complete", "ended": now, "bypassed": NAME}],
        "usual": [{"_key": "1", "tenant": NAME, "provider": "exchange_online", "what": NAME,
                   "first_seen": now - 40 * 86400, "days": 30,
                   "last_seen": now - 9 * 86400, "count": 90}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def odd(bundle, tmp_path_factory, root_dir):
    """A page server whose splunkd has these names and nothing else."""
    now = float(int(time.time()))
    with Splunkd(root_dir, tmp_path_factory.mktemp("odd"), clock=lambda: now) as other:
        for name in (NAME, NEAR):
            other.index([
                summary(now, name, grant_action="grant"),
                summary(now, name, grant_action="setting", right="inbox_rule", delegation_score=80),
                summary(now, name, grant_action="use", use_count=2, use_last=now - 60, delegation_score=0,
                        delegation_level="informational", operation=["MessageBind", "Copy"]),
            ])  # fmt: skip
        change = {"time": now - 60, "row_id": "c", "change": "changed", "explained": "no", **standing(now, NAME, 0)}
        left_out = ("_key", "status", "actor_key", "granted")
        other.index([event("delegation_watch:change", {key: change[key] for key in change if key not in left_out})])
        for name, rows in documents(now).items():
            other.search(f"| outputlookup append=true key_field=_key delegation_watch_{name}", now=now, rows=rows)
        with SplunkWeb(other, bundle=bundle) as web:
            yield web


# For each dashboard: the tokens that it gets, what stands in which column of which table (all of it, by the heads of
# columns), and where a click in a column leads with which token.
SEEN = {
    "overview": ({}, {
        "viz_worst": {"Mailbox": {BOX, NEAR}, "Delegate": {DELEGATE, f"d {NEAR}"}, "Why": {REASON, f"r {NEAR}"}},
        "viz_changes": {"Mailbox": {BOX, NEAR}, "Right": {FOLDER, f"folder \\{NEAR}", f"inbox_rule \\{NAME}",
                                                          f"inbox_rule \\{NEAR}"}},
    }, {("viz_worst", "Mailbox"): "mailbox", ("viz_worst", "Delegate"): "identity"}),
    "alerts": ({"text": BOX}, {
        "viz_cases": {"Mailbox": {BOX}, "Delegate": {DELEGATE}, "Actor": {ACTOR}, "Why": {REASON}},
        "viz_factors": {"Factor": {FACTOR}, "Reason": {REASON}},
        "viz_records": {"Mailbox": {BOX}, "Client": {NAME}},
    }, {("viz_cases", "Mailbox"): "mailbox", ("viz_records", "Actor"): "identity",
        ("viz_factors", "Factor"): "factor"}),
    "mailbox": ({"mailbox": BOX}, {
        "viz_choose": {"Mailbox": {BOX}, "About": {f"{NAME}, user, {NAME}"}},
        "viz_list": {"Mailbox": {BOX}, "Delegate": {DELEGATE, GROUP, MEMBER}, "Giver": {ACTOR},
                     "Through": {"directly", f"group {GROUP}"},
                     "Right": {f"{FOLDER} (read)", f"app_mail \\{NAME} (read)"}},
        "viz_uses_list": {"Delegate": {DELEGATE}, "Did": {"Copy, MessageBind"}, "Folders": {f"\\{NAME}"}},
        "viz_rules": {"Detail": {NAME}, "To": {DELEGATE}, "Actor": {ACTOR}},
        "viz_history": {"Mailbox": {BOX}, "Delegate": {DELEGATE}, "Why": {REASON, NAME}},
    }, {("viz_list", "Giver"): "identity", ("viz_uses_list", "Delegate"): "identity"}),
    "identity": ({"identity": MEMBER}, {
        "viz_open": {"Mailbox": {BOX}, "Delegate": {GROUP}, "Through": {f"group {GROUP}"}},
        "viz_members": {"Group": {GROUP}, "Member": {MEMBER}},
    }, {("viz_open", "Mailbox"): "mailbox"}),
    "exposure": ({}, {
        "viz_everyone_list": {"Mailbox": {BOX}, "Delegate": {DELEGATE}, "Right": {f"{FOLDER} (read)"}},
        "viz_outside_list": {"Mailbox": {BOX}, "Delegate": {DELEGATE}},
        "viz_applications_list": {"Right": {f"app_mail: {NAME}"}, "Delegate": {DELEGATE}},
        "viz_most": {"Delegate": {DELEGATE, f"d {NEAR}", GROUP}},
    }, {("viz_outside_list", "Mailbox"): "mailbox", ("viz_outside_list", "Delegate"): "identity"}),
    "review": ({"text": BOX}, {
        "viz_list": {"Mailbox": {BOX}, "Delegate": {DELEGATE, GROUP}, "Giver": {ACTOR}},
        "viz_why": {"Owner": {OWNER}, "Mailbox": {BOX}},
    }, {("viz_list", "Mailbox"): "mailbox", ("viz_why", "Delegate"): "identity"}),
    "hunt": ({"field": "mailbox", "value": BOX, "text": f"\\{NAME}"}, {
        "viz_list": {"Mailbox": {BOX}, "Delegate": {DELEGATE}, "Actor": {ACTOR, "-"}},
    }, {("viz_list", "Mailbox"): "mailbox", ("viz_list", "Delegate"): "identity"}),
    "health": ({}, {
        "viz_feed": {"Feed": {NAME}, "Problem": {f"failing: {NAME}"}},
        "viz_part": {"Audit": {f"bypassed for {NAME}"}}, "viz_gaps": {"Stretches": {NAME}},
        "viz_blind_list": {"Tenant": {NAME}, "Operation": {NAME}},
    }, {}),
    "tuning": ({"factor": FACTOR}, {
        "viz_of_factor": {"Actor": {ACTOR}, "Factors": {FACTOR}},
        "viz_factors": {"Factor": {FACTOR, FACTOR.replace("%_", "anyb")}, "Reason": {REASON, f"r {NEAR}"}},
    }, {("viz_of_factor", "Actor"): "identity"}),
}  # fmt: skip


@pytest.fixture(params=SEEN)
def shown(request, browser, odd):
    """A dashboard, with the tokens that it gets from others, and its name."""
    tokens = {f"form.{token}": value for token, value in SEEN[request.param][0].items()}
    opened = Dashboard(browser, odd).open(f"delegation_watch_{request.param}", theme="dark", **tokens)
    yield opened, request.param
    opened.close()


def told(dashboard, name, columns):
    """What stands in these columns of a table."""
    shown = under(dashboard, name, *columns)
    return {head: {row[place] for row in shown} for place, head in enumerate(columns)}


def cut(dashboard):
    """Titles, descriptions and heads of columns that are longer than their place."""
    return dashboard.tab.evaluate(
        """() => [...document.querySelectorAll('[data-test=viz-title], [data-test=viz-description], th span')]
            .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
            .map((each) => each.innerText)"""
    )


def test_a_name_shows_as_it_is_finds_itself_alone_and_leads_on(shown):
    dashboard, view = shown
    _, tables, leads = SEEN[view]
    assert {name: told(dashboard, name, columns) for name, columns in tables.items()} == tables
    assert cut(dashboard) == []
    for (name, head), token in leads.items():
        column = heads(dashboard, name).index(head)
        value = dashboard.table(name)[0][column]
        assert led(dashboard.click(name, row=0, column=column))[1][token] == value
    assert dashboard.problems(DRAWN) == []
    assert dashboard.tab.title() != "run"


def test_a_name_that_is_clicked_arrives_in_the_input_of_the_next_dashboard(browser, odd):
    """Followed for once, by Splunk's own handler of the click."""
    dashboard = Dashboard(browser, odd)
    Page.open(dashboard, "delegation_watch_alerts", **{"form.text": BOX})
    ways = (("viz_cases", "Mailbox", "mailbox", "Mailbox (* for all)", BOX),
            ("viz_list", "Giver", "identity", "Person, group or app (* for all)", ACTOR))  # fmt: skip
    for table, head, view, title, name in ways:
        dashboard.settle()
        place = heads(dashboard, table).index(head)
        row = dashboard.panel(table).locator("[data-test=body] [data-test=row]").first
        row.locator("[data-test=cell]").nth(place).click()
        dashboard.tab.wait_for_url(f"**/delegation_watch_{view}?*")
        dashboard.settle()
        assert dashboard.field(title).locator("input").input_value() == name
    assert dashboard.problems(DRAWN) == []
    dashboard.close()


def test_what_is_excused_for_those_who_see_badly_is_made_by_splunks_packages_alone(root_dir):
    """A description is 0.7 of the colour of text, and the icon of a panel without data has no name."""
    packages = root_dir / ".node" / "node_modules" / "@splunk"
    descriptions = (packages / "dashboard-ui" / "module" / "index.js").read_text(encoding="utf-8")
    _, _, style = descriptions.partition('"data-test": "viz-description"')
    assert "opacity: 0.7" in style[:900]
    assert '"data-test": "clickable"' in (packages / "react-ui" / "Clickable.js").read_text(encoding="utf-8")
    ours = [*(root_dir / "workbench" / "viewer" / "src").iterdir(), *(root_dir / "default").rglob("*.xml")]
    marks = [mark.replace("data-test=", "").strip('"') for _, mark in NOT_OURS]
    assert [path.name for path in ours for mark in marks if mark in path.read_text(encoding="utf-8")] == []


def test_a_search_that_fails_shows_its_message(browser, odd):
    odd.sign_out()
    opened = Dashboard(browser, odd).open("delegation_watch_alerts")
    assert "call not properly authenticated" in opened.text("viz_cases")
    assert any("call not properly authenticated" in problem for problem in opened.problems(("ok", "error")))
    opened.close()
    odd.sign_in("admin")
