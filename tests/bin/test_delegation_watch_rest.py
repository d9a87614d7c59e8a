"""The setup page's REST, end to end: the handler started by the stand-in for splunkd, against stand-in tenants."""

import json

import pytest
import requests
from delegation_watch.splunk.accounts import KINDS
from delegation_watch.splunk.setup import INTERVALS

from tests.bin.rest import BASE, REVIEW, SETUP, Asker, lines, refusal, started
from workbench.tenants import Office365, Standing, Workspace
from workbench.tenants.standing import Account, SendAs


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with started(tmp_path_factory.mktemp("splunk")) as running:
        yield running


@pytest.fixture(scope="module")
def ask(splunkd):
    return Asker(splunkd)


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


def hq(office365, **changes):
    return {
        "provider": "o365", "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
        **office365.roots, "ca_file": str(office365.ca_file), "secret": office365.secret, **changes,
    }  # fmt: skip


def secrets_of(splunkd, account):
    names = {account, f"{account}~write"}
    return {user for (_, user), _ in splunkd.passwords.items() if user.rpartition("#")[0] in names}


# who may


@pytest.mark.parametrize("address", ["setup", "review", "setup/health", "review/approvals"])
def test_without_a_capability_nobody_gets_in_and_without_a_session_neither(splunkd, ask, address):
    assert ask("GET", address, user="analyst")[0] == 403
    assert ask("GET", address, user="cloud")[0] == 200
    found = requests.get(f"{splunkd.uri}{BASE}{address}", verify=str(splunkd.ca_file), timeout=60)
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
     ('{"provider": {"a": 1}}', "provider must be a text"), ('{"a":' + "[" * 90_000, "no whole JSON object"),
     ('{"subject": "a\\n[evil]"}', "must be one line"), ('{"subject": "a\\u2028b"}', "must be one line"),
     ('{"subject": "\\ud800"}', "subject must be one line of whole characters"),
     ("x" * 300_000, "longer than 200000 characters")],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(ask, body, text):
    assert text in refusal(ask("POST", "setup/accounts/x", data=body.encode()))[1]


# accounts


@pytest.mark.parametrize(
    ("name", "changes", "text"),
    [("a b", {}, "is no name"), ("a~write", {}, "is no name"), ("a%23", {}, "is no name"),
     ("Default", {}, "is no name"), ("x" * 65, {}, "is no name"),
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
    ask("POST", "setup/accounts/bound", {"graph_root": office365.graph_root, "secret": office365.secret})
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
    assert ask("POST", "setup/inputs/delegation_audit/in", {"interval": "900"})[1]["input"]["interval"] == "900"
    assert ask("POST", "setup/inputs/delegation_audit/in", {"interval": ""})[1]["input"]["interval"] == "300"

    begun = splunkd.clock()
    assert splunkd.run_input("delegation_audit://in").exit_code == 0
    feeds = ask("GET", "setup/health")[1]["feeds"]
    assert [(one["input"], one["feed"], one["status"]) for one in feeds] == [
        ("delegation_audit://in", "Audit.Exchange", "ok")
    ]
    assert begun <= float(feeds[0]["last_success"]) <= splunkd.clock()

    absent, unread = ask("POST", "setup/inputs/delegation_audit/in", {"index": "elsewhere"})[1]["warnings"]
    assert absent.startswith("delegation_audit://in writes to the index elsewhere, which is not on this host. ")
    assert unread == (
        "delegation_audit://in writes to the index elsewhere, where the macro delegation_watch_index (index=main) does "
        "not look"
    )
    assert ask("GET", "setup")[1]["warnings"] == [absent, unread]
    assert ask("POST", "setup/inputs/delegation_audit/in", {"index": "summary"})[1]["warnings"] == [
        unread.replace("elsewhere", "summary")
    ]
    assert ask("POST", "setup/inputs/delegation_audit/in/remove")[0] == 200
    assert refusal(ask("POST", "setup/inputs/delegation_audit/in/remove"))[0] == 404
    ask("POST", "setup/accounts/in/remove")


@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_of_an_input_that_says_none_is_the_one_that_ships(splunkd, kind):
    assert splunkd.conf.stanza("inputs", kind)["interval"] == INTERVALS[kind]


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
             {"delegation_watch_index": "index=main\n[evil]"}, {"delegation_watch_index": "index=m\u00e4in"},
             *({"delegation_watch_index": half} for half in ("(index=main", "index=main)", 'index="main', 'index=main"',
                                                             '(index=a OR index="b)')),
             *({"delegation_watch_sourcetypes": half} for half in ('sourcetype="a', "(sourcetype=a", 'sourcetype=a"')),
             {"delegation_watch_alert_score": "101"}, {"delegation_watch_alert_score": "\u0666\u0665"}, {}],
)  # fmt: skip
def test_a_macro_is_what_it_should_be_or_stays_as_it_is(splunkd, ask, body):
    assert refusal(ask("POST", "setup/macros", body))[0] == 400
    assert splunkd.conf.stanza("macros", "delegation_watch_index")["definition"] == "index=main"


@pytest.mark.parametrize(
    "body", [{"delegation_watch_index": '(index="main" OR index=cloud_*)'}, {"delegation_watch_index": 'index="main"'},
             {"delegation_watch_sourcetypes": '( sourcetype="a:b:*" OR sourcetype=c )'}],
)  # fmt: skip
def test_a_macro_may_have_quotes_and_brackets_that_close(splunkd, ask, body):
    assert ask("POST", "setup/macros", body)[1]["macros"].items() >= body.items()
    for name in body:
        splunkd.conf.remove("macros", name)


def test_macros_are_set_by_a_form_as_well_and_the_app_is_set_up(splunkd, ask):
    form = {"delegation_watch_alert_score": "65", "delegation_watch_index": "index=main OR index=cloud_*"}
    said = ask("POST", "setup/macros", data=form)[1]
    assert said["macros"]["delegation_watch_alert_score"] == "65"
    assert ask("GET", "setup")[1]["configured"] is False
    splunkd.users.add("half", "p", ("user",), (SETUP,))
    status, said = refusal(ask("POST", "setup/done", {}, user="half"))
    assert (status, "requires capability: edit_local_apps" in said) == (403, True)
    assert ask("GET", "setup")[1]["configured"] is False
    ask("POST", "setup/done", {})
    assert ask("GET", "setup")[1]["configured"] is True
    splunkd.conf.remove("macros", "delegation_watch_index")


def off(told):
    return {one["key"]: sum(not each["on"] for each in one["searches"]) for one in told["searches"]}


def test_the_searches_are_told_and_enabled_by_the_right_of_whoever_asks(splunkd, ask):
    told = ask("GET", "setup")[1]
    assert off(told) == {"collect": 4, "state": 2, "health": 3, "tables": 4, "rules": 24, "inventory": 5}
    assert all(each["for"] for one in told["searches"] for each in one["searches"])
    splunkd.users.add("barely", "p", ("user",), (SETUP,))
    status, said = refusal(ask("POST", "setup/searches/collect/enable", {}, user="barely"))
    assert (status, "cannot write" in said) == (403, True)
    assert refusal(ask("POST", "setup/searches/others/enable", {}))[0] == 404
    assert off(ask("GET", "setup")[1]) == off(told)

    enabled = ask("POST", "setup/searches/collect/enable", {})[1]["enabled"]
    assert enabled == [f"Delegation Watch - {name}" for name in ("Learn identities", "Collect grants", "Learn accounts",
                                                                 "Collect uses")]  # fmt: skip
    assert ask("POST", "setup/searches/collect/enable", {})[1]["enabled"] == []
    assert off(ask("GET", "setup")[1]) == {**off(told), "collect": 0}
    assert 'action="enable search" outcome="success" search="Delegation Watch - Collect grants"' in lines(splunkd)
    for name in enabled:
        splunkd.conf.remove("savedsearches", name)


def test_a_search_whose_schedule_was_taken_away_is_off_until_it_is_enabled_again(splunkd, ask):
    """As Splunk Web does where "Schedule report" is unticked: the search stays enabled, and never runs."""
    kept, closed = (f"Delegation Watch - {name}" for name in ("Keep state from events", "Close replaced delegates"))
    assert ask("POST", "setup/searches/state/enable", {})[1]["enabled"] == [kept, closed]
    splunkd.conf.update("savedsearches", closed, {"enableSched": "0"})
    assert off(ask("GET", "setup")[1])["state"] == 1
    assert ask("POST", "setup/searches/state/enable", {})[1]["enabled"] == [closed]
    assert off(ask("GET", "setup")[1])["state"] == 0
    assert splunkd.conf.stanza("savedsearches", closed)["enableSched"] == "1"
    for name in (kept, closed):
        splunkd.conf.remove("savedsearches", name)


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
