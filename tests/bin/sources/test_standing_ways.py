"""Ways into mail that are nobody's right on a mailbox: standing forwarding, and applications with permissions."""

import json
import time

import pytest
from delegation_watch.sources.app_permissions import mail_permissions
from delegation_watch.sources.errors import RefusedError
from delegation_watch.sources.exchange import ExchangeSweep, Scope
from delegation_watch.sources.exchange_api import ExchangeApi
from delegation_watch.sources.feed import Event
from delegation_watch.sources.graph_api import GraphApi
from delegation_watch.sources.http import Http

from tests.bin.sources.ground import token_at
from workbench.tenants import Office365, Rule, Standing, applications
from workbench.tenants.faults import ALL_ROLES
from workbench.tenants.standing import Account, Application, Group

ADA, BEN, INFO, CEO = (f"{name}@x.example" for name in ("ada", "ben", "info", "ceo"))
TEAM = "team@x.example"
READER = Application("a1", "Mail Reader", permissions=("Mail.Read", "full_access_as_app", "User.Read.All"))
CONSENTED = Application("a2", "Calendar Helper", consents={"": "openid Mail.Send", BEN: "Mail.ReadWrite profile"})
HARMLESS = Application("a3", "Time Sheets", permissions=("User.Read.All",), consents={"": "openid profile"})


def standing():
    accounts = [
        Account(ADA, forwards_to="smtp:ada@elsewhere.example"), Account(BEN, forwards_within=CEO),
        Account(INFO, kind="shared", forwards_within="Outside Contact"), Account(CEO, forwards_within=TEAM),
    ]  # fmt: skip
    return Standing(accounts, groups=[Group(TEAM, "Team", [BEN])], applications=[READER, CONSENTED, HARMLESS],
                    contacts={"Outside Contact": "contact@elsewhere.example"})  # fmt: skip


@pytest.fixture(scope="module")
def tenant():
    with Office365(standing=standing()) as running:
        yield running
        assert running.unknown == []


@pytest.fixture(autouse=True)
def as_it_was(tenant):
    yield
    tenant.faults.__init__()


def graph_of(tenant):
    http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None)
    token = token_at(http, tenant, tenant.graph_root)
    return GraphApi(http, tenant.graph_root, token, sleep=lambda seconds: None), http


def swept(tenant, *kinds, mailboxes=()):
    """(columns of each snapshot, the closing event) of a sweep."""
    graph, http = graph_of(tenant)
    exchange = ExchangeApi(http, tenant.exchange_root, tenant.tenant, token_at(http, tenant, tenant.exchange_root))
    sweep = ExchangeSweep(exchange, tenant.tenant, "delegation_inventory://x", tenant.client_id,
                          Scope(kinds, (), mailboxes), graph=graph)  # fmt: skip
    events = [json.loads(one.raw) for one in sweep.read({}, 0, time.time()) if isinstance(one, Event)]
    return [(one["delegation_watch_inventory"], one["columns"]) for one in events[:-1]], events[-1]


# forwarding


def test_forwarding_is_told_by_the_address_it_goes_to_also_of_a_mail_contact(tenant):
    found, told = swept(tenant, "forwarding")
    to = [(kind, row["Identity"], row["ForwardingSmtpAddress"] or row["ForwardingAddress"]) for kind, row in found]
    assert set(to) == {
        ("Get-Mailbox", ADA, "smtp:ada@elsewhere.example"), ("Get-Mailbox", BEN, CEO), ("Get-Mailbox", CEO, TEAM),
        ("Get-Mailbox", INFO, "contact@elsewhere.example"),
    }  # fmt: skip
    assert [row["DeliverToMailboxAndForward"] for _, row in found if row["Identity"] == ADA] == [True]
    assert (told["status"], told["kinds"], told["delegations"]) == ("complete", ["forwarding"], 4)


def test_a_recipient_who_is_no_longer_there_is_told_by_his_name(tenant):
    del tenant.standing.contacts["Outside Contact"]
    try:
        found, told = swept(tenant, "forwarding")
    finally:
        tenant.standing.contacts["Outside Contact"] = "contact@elsewhere.example"
    assert [row["ForwardingAddress"] for _, row in found if row["Identity"] == INFO] == ["Outside Contact"]
    assert told["status"] == "complete"


def test_a_recipient_who_cannot_be_looked_up_is_no_other_recipient(tenant):
    tenant.faults.plan = [Rule("exchange/invoke", "error_in_200", key='*"Get-Recipient"*Outside*')]
    found, told = swept(tenant, "forwarding")
    assert INFO not in [row["Identity"] for _, row in found]
    assert [(one["mailbox"], one["kind"]) for one in told["failed"]] == [(INFO, "forwarding")]


@pytest.mark.parametrize("kind", ["forwarding", "send_on_behalf"])
def test_mailboxes_that_come_without_the_column_tell_nothing(tenant, monkeypatch, kind):
    monkeypatch.setattr("delegation_watch.sources.exchange_mailboxes._COLUMNS", "Identity,Name,UserPrincipalName")
    found, told = swept(tenant, kind)
    assert (found, told["kinds"]) == ([], [])
    assert "Exchange Online gives no mailbox's " in told["failed_kinds"][0]["why"]


# applications


def test_applications_that_reach_mail_are_told_with_whose(tenant):
    found, told = swept(tenant, "app_mail")
    rows = {(row["Application"], row["PrincipalId"]): row["AppRoles"] + row["Scopes"] for kind, row in found
            if kind == "graph:mailPermissions"}  # fmt: skip
    ben = tenant.standing.accounts[BEN].object_id
    assert rows == {
        ("The caller", None): ["Exchange.ManageAsApp", "Exchange.ManageAsAppV2"],
        ("Mail Reader", None): ["Mail.Read", "full_access_as_app"], ("Calendar Helper", None): ["Mail.Send"],
        ("Calendar Helper", ben): ["Mail.ReadWrite"],
    }  # fmt: skip
    assert (told["status"], told["kinds"], told["delegations"]) == ("complete", ["app_mail"], 4)


def test_lists_of_many_pages_are_read_whole(tenant, monkeypatch):
    monkeypatch.setattr("delegation_watch.sources.app_permissions._PAGE", {"$top": "1"})
    assert len(swept(tenant, "app_mail")[0]) == 4


@pytest.mark.parametrize("place", ["assigned", "consents", "principal", "principals"])
@pytest.mark.parametrize("word", ["error_in_200", "403", "turned", "loop"])
def test_a_list_that_is_refused_or_breaks_off_is_no_list(tenant, monkeypatch, place, word):
    monkeypatch.setattr("delegation_watch.sources.app_permissions._PAGE", {"$top": "1"})
    if (place, word) == ("principal", "loop"):
        return  # one object has no pages
    tenant.faults.plan = [Rule(f"graph/{place}", word)]
    found, told = swept(tenant, "app_mail", "forwarding")
    assert told["kinds"] == ["forwarding"]
    assert [one["part"] for one in told["failed_kinds"]] == ["app_mail"]
    assert [kind for kind, _ in found] == ["Get-Mailbox"] * 4


def test_no_application_at_all_is_no_answer_since_the_caller_is_one(tenant, monkeypatch):
    graph, http = graph_of(tenant)
    monkeypatch.setattr(graph, "rows", lambda *given: [])
    with pytest.raises(RefusedError, match="not even this one's own"):
        list(mail_permissions(graph))
    http.session.close()


def test_a_permission_that_no_list_names_is_kept_by_its_id(tenant, monkeypatch):
    graph, http = graph_of(tenant)
    monkeypatch.setattr(graph, "one", lambda *given: {})
    found = {row["Application"]: row["AppRoles"] for row in mail_permissions(graph)}
    assert "Mail.Read" in found["Mail Reader"]  # known by its id all the same
    assert any(len(role) == 36 for role in found["Time Sheets"])
    http.session.close()


def test_a_tenant_without_exchange_has_no_permissions_there(tenant, monkeypatch):
    monkeypatch.delitem(applications.RESOURCES, applications.EXCHANGE_API)
    graph, http = graph_of(tenant)
    assert {row["Application"]: row["AppRoles"] for row in mail_permissions(graph)}["Mail Reader"] == ["Mail.Read"]
    http.session.close()


def test_the_permission_that_is_missing_is_named(tenant):
    tenant.faults.roles = ("Application.Read.All", *(role for role in ALL_ROLES if role != "Directory.Read.All"))
    _, told = swept(tenant, "app_mail")
    assert "give the application the permission Directory.Read.All of Microsoft Graph" in told["failed_kinds"][0]["why"]
