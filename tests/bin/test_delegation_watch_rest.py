"""The REST handler from end to end: started by the stand-in for splunkd, asked over HTTPS, against stand-in tenants."""

import json
from pathlib import Path

import pytest
import requests
from delegation_watch.splunk.libraries import own_libraries
from delegation_watch.splunk.rest import Area, Refusal, Route, answer
from delegation_watch.splunk.trace import Trace

from workbench.splunkd import Splunkd
from workbench.tenants import Office365, Standing, Workspace
from workbench.tenants.standing import Account, SendAs

ROOT = Path(__file__).resolve().parents[2]
BASE = "/servicesNS/nobody/delegation_watch/delegation_watch/"
SETUP, REVIEW = "delegation_watch_setup", "delegation_watch_review"


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        running.users.add("analyst", "p", ("user",))
        running.users.add("cloud", "p", ("sc_admin",))
        running.users.add("reviewer", "p", ("user",), (REVIEW,))
        yield running


@pytest.fixture(scope="module")
def office365():
    ceo, anna = "ceo@x.example", "anna@x.example"
    people = Standing([Account(ceo), Account(anna)], [SendAs(ceo, anna)])
    with Office365(standing=people) as running:
        yield running


@pytest.fixture
def no_faults(office365):
    yield
    office365.faults.__init__()


@pytest.fixture(scope="module")
def ask(splunkd):
    """Ask as a page does: ask(method, address, body, user) -> (status, answer); every answer is kept in ask.said."""

    def go(method, address, body=None, user="admin", **given):
        key = splunkd.sessions.issue(user)
        headers = {"Authorization": f"Splunk {key}"}
        url = f"{splunkd.uri}{BASE}{address}"
        given = {"json": body, **given}
        found = requests.request(method, url, headers=headers, verify=str(splunkd.ca_file), timeout=60, **given)
        go.said.append(found.text)
        kind = found.headers["Content-Type"]
        return found.status_code, found.json() if "json" in kind else found.text

    go.said = []
    return go


def refusal(asked):
    """Status and text of a refusal; its text is one line."""
    status, body = asked
    assert status >= 400
    (message,) = body["messages"]
    assert "\n" not in message["text"]
    return status, message["text"]


def hq(office365, **changes):
    return {
        "provider": "o365", "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
        "authority": office365.uri, "api_root": office365.uri, "graph_root": office365.uri,
        "exchange_root": office365.uri, "ca_file": str(office365.ca_file), "secret": office365.secret, **changes,
    }  # fmt: skip


def secrets_of(splunkd, account):
    names = {account, f"{account}~write"}
    return {user for (_, user), _ in splunkd.passwords.items() if user.rpartition("#")[0] in names}


def lines(splunkd):
    return (splunkd.home / "var/log/splunk/delegation_watch_rest.log").read_text(encoding="utf-8")


# who may


@pytest.mark.parametrize("address", ["setup", "review", "setup/health", "review/approvals"])
def test_without_a_capability_nobody_gets_in_and_without_a_session_neither(splunkd, ask, address):
    assert ask("GET", address, user="analyst")[0] == 403
    assert ask("GET", address, user="cloud")[0] == 200
    found = requests.get(f"{splunkd.uri}{BASE}{address}", verify=str(splunkd.ca_file), timeout=10)
    assert found.status_code == 401


def test_who_may_review_may_not_set_up(ask):
    assert ask("GET", "review", user="reviewer")[0] == 200
    assert ask("GET", "setup", user="reviewer")[0] == 403


def test_the_handler_itself_asks_splunkd_what_the_user_may(splunkd, ask):
    for name in (SETUP, REVIEW):
        splunkd.conf.set("restmap", f"script:{name}", "capability", "")
    try:
        assert refusal(ask("GET", "setup", user="reviewer")) == (
            403, f"You need the capability {SETUP}; ask whoever administers Splunk here"
        )  # fmt: skip
        approval = {"mailbox": "a@x.example", "grantee": "b@x.example", "right": "full_access"}
        assert ask("POST", "review/approvals", approval, user="analyst")[0] == 403
        assert 'user="analyst" action="POST review/approvals" outcome="denied"' in lines(splunkd)
    finally:
        splunkd.conf.remove("restmap", f"script:{SETUP}")
        splunkd.conf.remove("restmap", f"script:{REVIEW}")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "setup/accounts/hq", 405), ("POST", "setup", 405), ("DELETE", "setup/accounts/hq", 405),
     ("GET", "setup/nothing", 404), ("POST", "setup/inputs/delegation_else/x", 404), ("POST", "review", 405),
     ("GET", "setup/accounts/a/b/c", 404), ("GET", "review/approvals/x/withdraw", 405),
     ("POST", "setup/accounts/a%2Fwrite", 404)],
)  # fmt: skip
def test_an_address_or_a_method_that_is_none_is_refused(ask, method, address, status):
    assert refusal(ask(method, address, {} if method == "POST" else None))[0] == status


@pytest.mark.parametrize(
    ("body", "text"),
    [("{", "the request's body is no whole JSON object"), ("[1]", "neither a JSON object nor a form"),
     ('{"provider": {"a": 1}}', "provider must be a text"), ("x" * 300_000, "longer than 200000 characters")],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(ask, body, text):
    assert text in refusal(ask("POST", "setup/accounts/x", data=body.encode()))[1]


# accounts


@pytest.mark.parametrize(
    ("name", "changes", "text"),
    [("a b", {}, "is no name"), ("a~write", {}, "is no name"), ("a%23", {}, "is no name"), ("x" * 65, {}, "is no name"),
     ("x", {"provider": "gmail"}, "it must be o365 or workspace"), ("x", {"cloud": "mars"}, "cloud is 'mars'"),
     ("x", {"tenant": "contoso.example"}, "tenant must be the directory's GUID"),
     ("x", {"authority": "http://a.example"}, "no https address"), ("x", {"secret": "s3cr3t\n"}, "a line end"),
     ("x", {"secret": "-----BEGIN NOTHING"}, "has no private key"), ("x", {"provider": "workspace"}, "has no subject"),
     ("x", {"provider": "workspace", "subject": "a@x.example", "secret": "{}"}, "has no client_email")],
)  # fmt: skip
def test_an_account_that_cannot_be_right_is_refused_and_nothing_is_kept(splunkd, ask, office365, name, changes, text):
    status, said = refusal(ask("POST", f"setup/accounts/{name}", hq(office365, **changes)))
    assert status == 400
    assert text in said
    assert "x" not in splunkd.conf.stanzas("delegation_watch_accounts")
    assert secrets_of(splunkd, "x") == set()


def test_who_reads_and_who_writes_are_two_applications(ask, office365):
    said = refusal(ask("POST", "setup/accounts/x", hq(office365, write_client_id=office365.client_id.upper())))
    assert "register another one" in said[1]


def test_an_account_is_made_once_tried_changed_and_removed(splunkd, ask, office365):
    new = hq(office365, new=True, secret="wr0ng-and-long-enough")
    assert ask("POST", "setup/accounts/hq", new)[0] == 200
    assert refusal(ask("POST", "setup/accounts/hq", new)) == (
        409, "There is an account hq already; open it to change it"
    )  # fmt: skip
    status, said = ask("POST", "setup/accounts/hq/test", {"use": "audit"})
    assert (status, [one["state"] for one in said["findings"]]) == (200, ["fails"])
    assert "the secret is wrong" in said["findings"][0]["text"]

    status, said = ask("POST", "setup/accounts/hq", {"secret": office365.secret})
    assert (said["account"]["secret"], said["voided"]) == ("stored", False)
    for use in ("audit", "backfill", "inventory"):
        said = ask("POST", "setup/accounts/hq/test", {"use": use})[1]
        assert {one["state"] for one in said["findings"]} == {"works"}
        assert all(one["what"] for one in said["findings"])
    assert ask("POST", "setup/accounts/hq/remove")[0] == 200
    assert refusal(ask("POST", "setup/accounts/hq/remove"))[0] == 404
    assert secrets_of(splunkd, "hq") == set()


def test_every_permission_that_is_missing_is_named_at_once(ask, office365, no_faults):
    ask("POST", "setup/accounts/poor", hq(office365))
    office365.faults.roles = ("Exchange.ManageAsApp", "User.Read.All")
    said = ask("POST", "setup/accounts/poor/test", {"use": "inventory"})[1]
    assert [one["state"] for one in said["findings"]] == ["works", "works", "fails", "fails", "fails"]
    assert "GroupMember.Read.All" in said["findings"][2]["text"]
    assert "RoleManagement.Read.Directory" in said["findings"][3]["text"]
    assert "Directory.Read.All" in said["findings"][4]["text"]
    said = ask("POST", "setup/accounts/poor/test", {"use": "audit"})[1]
    assert "lacks the permission ActivityFeed.Read, or consent to it" in said["findings"][1]["text"]
    said = ask("POST", "setup/accounts/poor/test", {"use": "backfill"})[1]
    assert said["findings"][0]["state"] == "fails"
    assert "AuditLogsQuery-Entra.Read.All and AuditLogsQuery-Exchange.Read.All" in said["findings"][0]["text"]
    ask("POST", "setup/accounts/poor/remove")


def test_the_write_credential_is_kept_and_tried_apart(splunkd, ask, office365):
    ask("POST", "setup/accounts/two", hq(office365, write_client_id="00000000-1111-2222-3333-444444444444"))
    said = ask("POST", "setup/accounts/two/test", {"use": "response"})[1]
    assert said["findings"][0]["text"] == "no secret is stored for the write credential of account two"
    said = ask("POST", "setup/accounts/two", {"write_secret": "an0ther-secret-of-its-own"})[1]
    assert (said["account"]["secret"], said["account"]["write_secret"]) == ("stored", "stored")
    assert secrets_of(splunkd, "two") == {"two#0", "two~write#0"}
    said = ask("POST", "setup/accounts/two/test", {"use": "response"})[1]
    assert said["findings"][0]["state"] == "fails"  # the stand-in knows no such application
    assert ask("POST", "setup/accounts/two/test", {"use": "audit"})[1]["findings"][0]["state"] == "works"
    ask("POST", "setup/accounts/two/remove")
    assert secrets_of(splunkd, "two") == set()


@pytest.mark.parametrize(
    "change", [{"authority": "https://evil.example"}, {"api_root": "https://evil.example"}, {"cloud": "commercial"},
               {"exchange_root": "https://evil.example"}, {"ca_file": "/tmp/other.pem"}],
)  # fmt: skip
def test_a_change_of_where_a_secret_is_sent_voids_it(splunkd, ask, office365, change):
    made = hq(office365, write_client_id="00000000-1111-2222-3333-444444444444", write_secret="an0ther-secret")
    ask("POST", "setup/accounts/moved", made)
    assert ask("POST", "setup/accounts/moved", {"authority": office365.uri + "/"})[1]["voided"] is False
    said = ask("POST", "setup/accounts/moved", change)[1]
    assert (said["voided"], said["account"]["secret"], said["account"]["write_secret"]) == (True, "missing", "missing")
    assert secrets_of(splunkd, "moved") == set()
    assert 'voided="yes"' in lines(splunkd)
    ask("POST", "setup/accounts/moved/remove")


def test_a_change_by_another_way_than_the_page_leaves_the_secret_unused(splunkd, ask, office365):
    ask("POST", "setup/accounts/bound", hq(office365))
    splunkd.conf.update("delegation_watch_accounts", "bound", {"graph_root": "https://evil.example"})
    (shown,) = [one for one in ask("GET", "setup")[1]["accounts"] if one["name"] == "bound"]
    assert shown["secret"] == "incomplete"
    found = ask("POST", "setup/accounts/bound/test", {"use": "audit"})[1]["findings"]
    assert (found[0]["state"], "the account's addresses have changed since" in found[0]["text"]) == ("fails", True)
    given = {"provider": "o365", "account": "bound", "content_types": "Audit.Exchange"}
    assert "store it again" in refusal(ask("POST", "setup/inputs/delegation_audit/bound", given))[1]
    ask("POST", "setup/accounts/bound", {"graph_root": office365.uri, "secret": office365.secret})
    assert ask("POST", "setup/accounts/bound/test", {"use": "audit"})[1]["findings"][0]["state"] == "works"
    ask("POST", "setup/accounts/bound/remove")


def test_a_new_account_takes_over_no_secret_that_was_left_under_its_name(splunkd, ask, office365):
    splunkd.set_secret("delegation_watch", "late#0", "whatever")
    said = ask("POST", "setup/accounts/late", {**hq(office365), "secret": ""})[1]
    assert (said["voided"], said["account"]["secret"]) == (True, "missing")
    ask("POST", "setup/accounts/late/remove")


def test_a_service_account_s_key_file_is_stored_whole(splunkd, ask):
    with Workspace([]) as workspace:
        account = {"provider": "workspace", "subject": workspace.subject, "cloud": "custom", "api_root": workspace.uri,
                   "ca_file": str(workspace.ca_file), "secret": json.dumps(workspace.key_file(), indent=2)}  # fmt: skip
        assert ask("POST", "setup/accounts/g", account)[0] == 200
        assert len(secrets_of(splunkd, "g")) > 4
        said = ask("POST", "setup/accounts/g/test", {"use": "audit"})[1]
        assert {one["state"] for one in said["findings"]} == {"works"}
        workspace.faults.__init__()
    said = ask("POST", "setup/accounts/g/test", {"use": "audit"})[1]
    assert said["findings"][0]["state"] == "fails"
    ask("POST", "setup/accounts/g/remove")


# inputs, macros, the end


def test_an_input_is_tried_saved_switched_and_removed(splunkd, ask, office365):
    ask("POST", "setup/accounts/in", hq(office365))
    given = {"provider": "o365", "account": "in", "content_types": "Audit.Exchange", "index": "main", "new": "yes"}
    status, said = ask("POST", "setup/inputs/delegation_audit/in", given)
    assert (status, said["input"]["enabled"], said["warnings"]) == (200, True, [])
    assert refusal(ask("POST", "setup/inputs/delegation_audit/in", given))[0] == 409
    assert refusal(ask("POST", "setup/accounts/in/remove"))[1].endswith("delegation_audit://in; remove these first")
    said = refusal(ask("POST", "setup/inputs/delegation_audit/in", {"content_types": "Audit.Nothing"}))
    assert said[0] == 400
    assert said[1].startswith("content_types has Audit.Nothing")
    assert refusal(ask("POST", "setup/inputs/delegation_audit/in", {"interval": "5"}))[1].startswith("interval is '5'")
    assert ask("POST", "setup/inputs/delegation_audit/in", {"enabled": "no"})[1]["input"]["enabled"] is False

    assert splunkd.run_input("delegation_audit://in").exit_code == 0
    feeds = ask("GET", "setup/health")[1]["feeds"]
    assert [(one["input"], one["feed"], one["status"]) for one in feeds] == [
        ("delegation_audit://in", "Audit.Exchange", "ok")
    ]
    assert abs(float(feeds[0]["last_success"]) - splunkd.clock()) < 60

    assert ask("POST", "setup/inputs/delegation_audit/in", {"index": "elsewhere"})[1]["warnings"] == [
        "delegation_audit://in writes to the index elsewhere, where the macro delegation_watch_index (index=main) does "
        "not look"
    ]  # fmt: skip
    assert ask("POST", "setup/inputs/delegation_audit/in/remove")[0] == 200
    assert refusal(ask("POST", "setup/inputs/delegation_audit/in/remove"))[0] == 404
    ask("POST", "setup/accounts/in/remove")


def test_a_failed_run_is_told_with_what_is_wrong_and_is_no_success(splunkd, ask, office365):
    ask("POST", "setup/accounts/bad", hq(office365))
    ask("POST", "setup/inputs/delegation_audit/bad", {"provider": "o365", "account": "bad"})
    ask("POST", "setup/accounts/bad", {"secret": "wr0ng-and-long-enough"})
    assert splunkd.run_input("delegation_audit://bad").exit_code == 1
    found = [one for one in ask("GET", "setup/health")[1]["feeds"] if one["input"] == "delegation_audit://bad"]
    assert {(one["status"], one.get("last_success")) for one in found} == {("failed", None)}
    assert "the secret is wrong" in found[0]["problem"]
    ask("POST", "setup/inputs/delegation_audit/bad/remove")
    ask("POST", "setup/accounts/bad/remove")


def test_an_inventory_is_set_up_too_and_its_sweeps_are_its_successes(splunkd, ask, office365):
    ask("POST", "setup/accounts/inv", hq(office365))
    given = {"provider": "o365", "account": "inv", "kinds": ["full_access", "send_as"], "directory": True}
    said = ask("POST", "setup/inputs/delegation_inventory/inv", given)[1]
    assert (said["input"]["kinds"], said["input"]["directory"]) == ("full_access, send_as", "yes")
    assert splunkd.run_input("delegation_inventory://inv").exit_code == 0
    found = [one for one in ask("GET", "setup/health")[1]["feeds"] if one["input"] == "delegation_inventory://inv"]
    assert [(one["feed"], one["status"], "last_success" in one) for one in found] == [
        ("delegations", "complete", True), ("directory", "complete", True)
    ]  # fmt: skip
    ask("POST", "setup/inputs/delegation_inventory/inv/remove")
    ask("POST", "setup/accounts/inv/remove")


@pytest.mark.parametrize(
    "body", [{"delegation_watch_index": "index=main | delete"}, {"delegation_watch_index": ""},
             {"delegation_watch_judge": "x"}, {"delegation_watch_sourcetypes": "sourcetype=a index=b"},
             {"delegation_watch_summary_index": "a b"},
             {"delegation_watch_alert_score": "101"}, {}],
)  # fmt: skip
def test_a_macro_is_what_it_should_be_or_stays_as_it_is(splunkd, ask, body):
    assert refusal(ask("POST", "setup/macros", body))[0] == 400
    assert splunkd.conf.stanza("macros", "delegation_watch_index")["definition"] == "index=main"


def test_macros_are_set_by_a_form_as_well_and_the_app_is_set_up(splunkd, ask):
    form = {"delegation_watch_alert_score": "65", "delegation_watch_index": "index=main OR index=cloud_*"}
    said = ask("POST", "setup/macros", data=form)[1]
    assert said["macros"]["delegation_watch_alert_score"] == "65"
    assert ask("GET", "setup")[1]["configured"] is False
    ask("POST", "setup/done", {})
    assert ask("GET", "setup")[1]["configured"] is True
    splunkd.conf.remove("macros", "delegation_watch_index")


# approvals

APPROVAL = {"mailbox": "CEO@x.example", "grantee": "anna@x.example", "right": "full_access", "owner": "Pia",
            "note": "her assistant", "expires": "2099-12-31"}  # fmt: skip


@pytest.fixture
def state(splunkd):
    rows = [
        {"_key": "1", "grant_key": "1", "status": "standing", "tenant": "t", "provider": "exchange_online",
         "mailbox_key": "ceo@x.example", "grantee_key": "anna@x.example", "right": "full_access",
         "delegation_score": "80"},
        {"_key": "2", "grant_key": "2", "status": "standing", "tenant": "t", "provider": "workspace",
         "mailbox_key": "ben@x.example", "grantee_key": "<b>o'neil\"|$x$@x.example", "right": "gmail_delegate",
         "delegation_score": "90"},
        {"_key": "3", "grant_key": "3", "status": "gone", "tenant": "t", "mailbox_key": "old@x.example",
         "grantee_key": "anna@x.example", "right": "full_access", "delegation_score": "99"},
    ]  # fmt: skip
    people = [{"_key": "p", "tenant": "t", "identity": "anna@x.example", "kind": "user", "enabled": "false"}]
    splunkd.search("| outputlookup key_field=_key delegation_watch_state", rows=rows)
    splunkd.search("| outputlookup key_field=_key delegation_watch_people", rows=people)
    yield
    splunkd.kvstore.collection("delegation_watch_register").clear()


def keys(said):
    return [one["grant_key"] for one in said["delegations"]]


def test_what_stands_is_listed_the_most_dangerous_first_with_what_is_known(ask, state):
    said = ask("GET", "review", user="reviewer")[1]
    assert (keys(said), said["total"], said["user"]) == (["2", "1"], 2, "reviewer")
    assert said["delegations"][1]["grantee_facts"] == {"kind": "user", "enabled": "false"}
    assert said["delegations"][0]["grantee_key"] == "<b>o'neil\"|$x$@x.example"
    assert keys(ask("GET", "review?search=CEO")[1]) == ["1"]
    assert keys(ask("GET", "review?provider=workspace")[1]) == ["2"]
    assert keys(ask("GET", "review?offset=1&count=1")[1]) == ["1"]
    assert refusal(ask("GET", "review?count=many"))[0] == 400
    assert refusal(ask("GET", "review?approval=all"))[0] == 400


def test_an_approval_has_an_owner_a_reason_an_end_and_the_name_of_who_gave_it(splunkd, ask, state):
    status, said = ask("POST", "review/approvals", APPROVAL, user="reviewer")
    assert (status, said["approval"]["entered_by"], said["approval"]["mailbox"]) == (200, "reviewer", "ceo@x.example")
    assert keys(ask("GET", "review?approval=current")[1]) == ["1"]
    assert keys(ask("GET", "review?approval=none")[1]) == ["2"]
    assert [one["owner"] for one in ask("GET", "review/approvals")[1]["approvals"]] == ["Pia"]
    (kept,) = splunkd.search("| inputlookup delegation_watch_register").rows
    assert (kept["owner"], kept["expires"], kept["entered_by"]) == ("Pia", "2099-12-31", "reviewer")
    assert splunkd.run_saved_search("Delegation Watch - Check tables").rows == []
    spl = '| makeresults | eval mailbox_key="ceo@x.example", grantee_key="anna@x.example", right="full_access"'
    (judged,) = splunkd.search(f"{spl} | `delegation_watch_approved(mailbox_key, grantee_key)`").rows
    assert (judged["approval"], judged["approval_owner"]) == ("current", "Pia")
    assert 'user="reviewer" action="approve" outcome="success" mailbox="ceo@x.example"' in lines(splunkd)


@pytest.mark.parametrize(
    "change", [{"owner": ""}, {"note": " "}, {"expires": ""}, {"expires": "2020-01-01"}, {"expires": "2099-02-30"},
               {"expires": "soon"}, {"right": "everything"}, {"mailbox": ""}, {"grantee": "a\nb"}, {"owner": "a|b"},
               {"note": "x" * 1001}],
)  # fmt: skip
def test_an_approval_without_one_of_these_is_refused(splunkd, ask, state, change):
    assert refusal(ask("POST", "review/approvals", {**APPROVAL, **change}))[0] == 400
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []


def test_parties_with_odd_names_can_be_approved_as_they_are(splunkd, ask, state):
    odd = '<b>o\'neil"\\|`$x$`\u202e@x.example'
    said = ask("POST", "review/approvals", {**APPROVAL, "grantee": odd, "owner": 'Pia "P" \\', "note": "`x`|$y$"})[1]
    assert said["approval"]["grantee"] == odd
    assert ask("GET", "review/approvals")[1]["approvals"][0]["grantee"] == odd
    last = lines(splunkd).splitlines()[-1]
    assert 'owner="Pia \\"P\\" \\\\"' in last


def test_sent_twice_it_is_one_and_what_somebody_changed_meanwhile_is_not_overwritten(splunkd, ask, state):
    first = ask("POST", "review/approvals", APPROVAL)[1]
    again = ask("POST", "review/approvals", APPROVAL)[1]
    assert (first["changed"], again["changed"], again["approval"]) == (True, False, first["approval"])
    seen = first["approval"]["entered"]
    changed = ask("POST", "review/approvals", {**APPROVAL, "owner": "Olaf", "entered": seen}, user="reviewer")[1]
    assert changed["approval"]["owner"] == "Olaf"
    status, text = refusal(ask("POST", "review/approvals", {**APPROVAL, "owner": "Rita", "entered": seen}))
    assert (status, text) == (
        409, "reviewer has entered an approval for this meanwhile; look at it and try again"
    )  # fmt: skip
    key = changed["approval"]["key"]
    assert refusal(ask("POST", f"review/approvals/{key}/withdraw", {"entered": seen}))[0] == 409
    told = {"entered": changed["approval"]["entered"], "reason": "left the company"}
    assert ask("POST", f"review/approvals/{key}/withdraw", told)[0] == 200
    assert refusal(ask("POST", f"review/approvals/{key}/withdraw", told))[0] == 404
    assert refusal(ask("POST", "review/approvals", {**APPROVAL, "entered": seen}))[0] == 409
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []
    assert 'action="withdraw approval" outcome="success" reason="left the company"' in lines(splunkd)


def test_a_reviewer_cannot_write_the_register_by_another_way(splunkd, state):
    url = f"{splunkd.uri}/servicesNS/nobody/delegation_watch/storage/collections/data/delegation_watch_register"
    headers = {"Authorization": f"Splunk {splunkd.sessions.issue('reviewer')}"}
    given = {"verify": str(splunkd.ca_file), "headers": headers, "timeout": 10}
    assert requests.get(url, **given).status_code == 200
    assert requests.post(url, json={**APPROVAL, "entered_by": "somebody"}, **given).status_code == 403


def test_an_approval_of_the_lookup_file_counts_too(splunkd, ask, state):
    parties = {"mailbox": "ben@x.example", "grantee": "<b>o'neil\"|$x$@x.example", "right": "gmail_delegate"}
    line = {**parties, "owner": "Eva", "expires": "2099-01-01"}
    splunkd.search("| outputlookup delegation_watch_approvals", rows=[line])
    (found,) = ask("GET", "review?approval=current")[1]["delegations"]
    assert (found["approval"]["owner"], found["approval"]["key"]) == ("Eva", "")
    splunkd.search("| outputlookup delegation_watch_approvals", rows=[{**line, "expires": "2001-01-01"}])
    assert ask("GET", "review?approval=ended")[1]["total"] == 1


# what never gets out


def test_no_answer_and_no_log_ever_held_a_secret(splunkd, ask, office365):
    ask("POST", "setup/accounts/quiet", hq(office365, write_client_id="00000000-1111-2222-3333-444444444444",
                                           write_secret="an0ther-secret-of-its-own"))  # fmt: skip
    ask("POST", "setup/accounts/quiet", {"secret": "wr0ng-and-long-enough", "tenant": "wr0ng-and-long-enough"})
    ask("POST", "setup/accounts/quiet/test", {"use": "audit"})
    ask("GET", "setup")
    ask("POST", "setup/accounts/quiet/remove")
    told = "".join(ask.said) + lines(splunkd) + "".join(splunkd.persistent.log)
    assert len(ask.said) > 5
    for secret in (office365.secret, "wr0ng-and-long-enough", "an0ther-secret-of-its-own"):
        assert secret not in told


def request(splunkd, **changes):
    return {"method": "GET", "rest_path": "/delegation_watch/x", "server": {"rest_uri": splunkd.uri},
            "session": {"user": "admin", "authtoken": splunkd.session_key}, "query": [], **changes}  # fmt: skip


def test_an_error_nobody_foresaw_is_an_answer_without_its_text_and_a_line_of_the_log(splunkd, tmp_path):
    def fails(asked):
        raise ValueError("the secret is hunter2")

    def echoes(asked):
        raise Refusal(400, f"{asked.body['secret']} is wrong")

    area = Area("search", [Route("GET", "", fails), Route("POST", "", echoes)])
    found = answer(json.dumps(request(splunkd)), {"x": area}, Trace(str(tmp_path)))
    assert found["status"] == 500
    assert "hunter2" not in found["payload"]
    assert "ValueError" in (tmp_path / "var/log/splunk/delegation_watch_rest.log").read_text(encoding="utf-8")
    brought = request(splunkd, method="POST", payload=json.dumps({"secret": 'a "b'}))
    told = json.loads(answer(json.dumps(brought), {"x": area}, Trace(str(tmp_path)))["payload"])
    assert told["messages"][0]["text"] == "(secret) is wrong"
    ended = request(splunkd, session={"user": "admin", "authtoken": "gone"})
    assert answer(json.dumps(ended), {"x": area}, Trace(str(tmp_path)))["status"] == 401
    for broken in (b"", b"{}", b"[]", b"no json"):
        assert answer(broken, {"x": area}, Trace(str(tmp_path)))["status"] >= 400


def test_libraries_of_another_app_are_left_to_it_and_not_used(tmp_path, monkeypatch):
    import sys
    import types

    (tmp_path / "lib" / "shared_thing").mkdir(parents=True)
    (tmp_path / "lib" / "shared_thing" / "__init__.py").write_text("MINE = True\n")
    theirs = types.ModuleType("shared_thing")
    theirs.__file__ = "/elsewhere/shared_thing/__init__.py"
    monkeypatch.setitem(sys.modules, "shared_thing", theirs)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with own_libraries(str(tmp_path / "lib")):
        import shared_thing

        assert shared_thing.MINE
    assert sys.modules["shared_thing"] is theirs
