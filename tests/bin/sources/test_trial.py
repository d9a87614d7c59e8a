"""Before an input is saved: what is wrong is said in words that name the remedy, and it never hangs."""

import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from delegation_watch.sources import examine, odata
from delegation_watch.sources import trial as module
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.inventory import read_inventory_stanza
from delegation_watch.sources.inventory_trial import try_out as try_inventory
from delegation_watch.sources.settings import read_account, read_stanza
from delegation_watch.sources.trial import in_time, try_out

from workbench.tenants import Office365, Standing, Workspace
from workbench.tenants.plan import Rule
from workbench.tenants.standing import Account
from workbench.tenants.workspace import PLAIN_USER


def ec_key(form):
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


EC_KEY = ec_key(serialization.PrivateFormat.PKCS8)
OPENSSL_EC_KEY = ec_key(serialization.PrivateFormat.TraditionalOpenSSL)


@pytest.fixture(scope="module")
def office365():
    with Office365() as running:
        yield running


@pytest.fixture(scope="module")
def workspace():
    with Workspace([]) as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(office365, workspace):
    yield
    for tenant in (office365, workspace):
        tenant.faults.__init__()
        assert tenant.unknown == []


@pytest.fixture
def tried(office365):
    """The line that a person reads, "" when there is nothing to say."""

    def go(secret=None, content_types="Audit.Exchange", backfill="", **changes):
        settings = {
            "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
            **office365.roots, "ca_file": str(office365.ca_file), **changes,
        }  # fmt: skip
        given = {"provider": "o365", "account": "hq", "content_types": content_types, "backfill": backfill}
        return line_of(given, settings, secret or office365.secret)

    return go


@pytest.fixture
def tried_workspace(workspace):

    def go(secret=None, content_types="admin", **changes):
        settings = {"subject": workspace.subject, "cloud": "custom", "api_root": workspace.uri,
                    "ca_file": str(workspace.ca_file), "customer": workspace.customer, **changes}  # fmt: skip
        given = {"provider": "workspace", "account": "hq", "content_types": content_types}
        return line_of(given, settings, secret or json.dumps(workspace.key_file()))

    return go


def line_of(given, settings, secret):
    line = ""
    try:
        stanza = read_stanza(given)
        try_out(stanza, read_account("hq", settings, stanza.provider), secret)
    except SourceError as error:
        line = str(error)
    assert "\n" not in line
    assert secret not in line
    return line


def plan(tenant, *rules):
    tenant.faults.plan = [Rule(*rule) for rule in rules]


def test_what_is_right_is_no_matter_and_costs_one_sign_in_and_one_question(tried, office365):
    before = len(office365.requests)
    assert tried() == ""
    asked = [entry.path.rpartition("/")[2] for entry in office365.requests[before:]]
    assert asked == ["openid-configuration", "token", "list"]
    assert office365.subscriptions == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tenant": "contoso.com"}, "tenant must be the directory's GUID; the feed takes no domain name"),
        ({"tenant": "00000000-1111-2222-3333-444444444444"}, "the tenant is not known; check its GUID and the cloud"),
        ({"client_id": "nobody"}, "client_id is not known in this tenant"),
        ({"secret": "wr0ng"}, "the secret is wrong; store the secret's value, not its id"),
        ({"secret": "wr0ng "}, "blanks or a line end around it; store it again without them"),
        ({"secret": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nx"}, "the private key is encrypted; store it decrypted"),
        ({"publisher": "contoso"}, "publisher must be the GUID of a tenant"),
        ({"api_root": "https://127.0.0.1:1"}, "AADSTS500011"),
        ({"authority": "https://127.0.0.1:9"}, "cannot reach 127.0.0.1:9"),
        ({"ca_file": ""}, "the certificate of 127.0.0.1:"),
        ({"secret": EC_KEY}, "the private key is not an RSA key"),
        ({"secret": OPENSSL_EC_KEY}, "is one of elliptic curves, not RSA"),
        ({"cloud": "gccmedium"}, "cloud is 'gccmedium'; it must be commercial, gcc, gcchigh, dod or custom"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tried, monkeypatch, changes, said):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert said in tried(**changes)


def test_a_cloud_that_is_not_the_tenants_is_said(tried, monkeypatch):
    """The resource of another cloud is not known in the tenant."""
    assert "the API is not known in this tenant; check the cloud" in tried(api_root="https://manage.office365.example")


def test_a_permission_that_is_missing_is_named(tried, office365):
    office365.faults.roles = ("ServiceHealth.Read",)
    assert "the application lacks the permission ActivityFeed.Read, or consent to it" in tried()


def test_so_is_the_one_that_only_one_content_type_needs(tried, office365):
    told = tried(content_types="Audit.Exchange, DLP.All")
    assert "lacks the permission ActivityFeed.ReadDlp of the Office 365 Management APIs" in told
    office365.faults.roles = ("ActivityFeed.Read", "ActivityFeed.ReadDlp")
    assert tried(content_types="Audit.Exchange, DLP.All") == ""


# the backfill


BOTH = "Audit.Exchange, Audit.AzureActiveDirectory"


def test_a_backfill_costs_one_sign_in_and_one_question_more(tried, office365):
    before = len(office365.requests)
    assert tried(content_types=BOTH, backfill="-180d") == ""
    asked = [entry.path.rpartition("/")[2] for entry in office365.requests[before:]]
    assert asked == ["openid-configuration", "token", "list", "openid-configuration", "token", "queries"]


@pytest.mark.parametrize(
    ("roles", "named"),
    [
        ((), ("HTTP 403", "the permission AuditLogsQuery-Exchange.Read.All of Microsoft Graph")),
        (
            ("User.Read.All",),
            ("AuditLogsQuery-Entra.Read.All and AuditLogsQuery-Exchange.Read.All", "or AuditLogsQuery.Read.All"),
        ),
        (("AuditLogsQuery-Exchange.Read.All",), ("permission AuditLogsQuery-Entra.Read.All (or",)),
        (("AuditLogsQuery-Entra.Read.All",), ("permission AuditLogsQuery-Exchange.Read.All (or",)),
        (("AuditLogsQuery-Entra.Read.All", "AuditLogsQuery-Exchange.Read.All"), ()),
        (("AuditLogsQuery.Read.All",), ()),
    ],
)
def test_the_permissions_that_a_backfill_lacks_are_named(tried, office365, roles, named):
    office365.faults.roles = ("ActivityFeed.Read", *roles)
    told = tried(content_types=BOTH, backfill="-180d")
    assert all(name in told for name in named)
    assert bool(told) is bool(named)
    assert tried(content_types=BOTH) == ""


def test_so_are_those_that_the_token_does_not_tell_of(tried, office365, monkeypatch):
    monkeypatch.setattr(odata, "roles_of", lambda token: frozenset())
    office365.faults.roles = ("ActivityFeed.Read",)
    told = tried(backfill="-180d")
    assert "HTTP 403" in told
    assert "AuditLogsQuery-Exchange.Read.All" in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"graph_root": ""}, "cloud = custom needs graph_root"),
        ({"graph_root": "https://graph.microsoft.example"}, "the API is not known in this tenant; check the cloud"),
        ({"cloud": "gcchigh"}, "no audit log query in the cloud gcchigh; leave backfill empty"),
        ({"cloud": "dod"}, "no audit log query in the cloud dod"),
    ],
)
def test_where_a_backfill_cannot_be_is_said(tried, changes, said):
    assert said in tried(backfill="-30d", **changes)


def test_a_tenant_without_the_query_is_said(tried, office365):
    office365.faults.audit_log_absent = {"v1.0": 404, "beta": 400}
    assert "no audit log query in v1.0 and beta of this tenant; check backfill_version" in tried(backfill="-30d")
    office365.faults.audit_log_absent = {"v1.0": 404}
    assert tried(backfill="-30d") == ""


def test_a_feed_out_of_breath_does_not_keep_the_backfill_from_being_tried(tried, office365):
    office365.faults.roles = ("ActivityFeed.Read",)
    plan(office365, ("activity/list", "AF429"))
    assert "AuditLogsQuery-Exchange.Read.All" in tried(backfill="-30d")


def test_a_test_names_what_the_subjects_role_may_not_read():
    own, reader = {"Users and reports": ("users", "reports")}, "reader@subsidiary.example"
    accounts = [Account(reader, kind="workspace", roles=("Users and reports",)), Account(PLAIN_USER, kind="workspace")]
    with Workspace([], standing=Standing(accounts), roles=own) as customer:
        settings = {"provider": "workspace", "cloud": "custom", "subject": reader, "api_root": customer.uri,
                    "ca_file": str(customer.ca_file)}  # fmt: skip
        account, secret = examine.checked_account("hq", settings), json.dumps(customer.key_file())
        found = examine.examine("inventory", account, secret)
        assert [(one.what.partition(":")[0], one.state) for one in found] == [
            ("Read users", "works"), ("Read groups", "fails"), ("Read roles", "fails"),
            ("Read the delegates of mailboxes", "works"),
        ]  # fmt: skip
        assert all("subject needs an administrator's role" in one.text for one in found if one.state == "fails")
        assert {one.state for one in examine.examine("audit", account, secret)} == {"works"}
        with pytest.raises(SourceError, match=r"^Read groups: .*subject needs an administrator's role"):
            try_inventory(read_inventory_stanza({"provider": "workspace", "account": "hq"}), account, secret)


# a service that is out of breath


@pytest.mark.parametrize("word", ["AF429", "AF50000", "503", "429:300"])
def test_a_service_that_is_out_of_breath_is_no_reason_to_refuse(tried, office365, word):
    plan(office365, ("activity/list", word))
    begun = time.monotonic()
    assert tried() == ""
    assert time.monotonic() - begun < 30  # the tries of a run take longer than a minute


@pytest.mark.parametrize("word", ["503", "429:300"])
@pytest.mark.parametrize("endpoint", ["entra/discovery", "entra/token", "google/token"])
def test_neither_is_a_sign_in_that_is(tried, tried_workspace, office365, workspace, endpoint, word):
    google = endpoint == "google/token"
    tenant, go = (workspace, tried_workspace) if google else (office365, tried)
    plan(tenant, (endpoint, word))
    assert go() == ""
    given = {"provider": "workspace" if google else "o365", "account": "hq"}
    settings = {"subject": tenant.subject, "customer": tenant.customer, "api_root": tenant.uri} if google else {
        "tenant": tenant.tenant, "client_id": tenant.client_id, **tenant.roots}
    settings.update(cloud="custom", ca_file=str(tenant.ca_file))
    account = read_account("hq", settings, given["provider"])
    secret = json.dumps(tenant.key_file()) if google else tenant.secret
    try_inventory(read_inventory_stanza(given), account, secret)
    for use in ("audit", "inventory"):
        (found,) = examine.examine(use, account, secret)
        assert (found.state, " sign" in found.text or " refuses " in found.text) == ("unsure", True)


@pytest.mark.parametrize(
    ("changes", "word", "state", "said"),
    [
        ({"authority": "https://127.0.0.1:9"}, "", "unsure", "cannot reach 127.0.0.1:9"),
        ({}, "reset_at_once", "unsure", "cannot reach 127.0.0.1:"),
        ({"ca_file": ""}, "", "fails", "check ca_file"),
        ({"client_id": "nobody"}, "", "fails", "client_id is not known in this tenant"),
    ],
)
def test_a_test_tells_an_account_that_is_wrong_from_a_host_that_does_not_answer(
    office365, monkeypatch, changes, word, state, said
):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    settings = {"provider": "o365", "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
                **office365.roots, "ca_file": str(office365.ca_file)}  # fmt: skip
    if word:
        plan(office365, ("entra/token", word))
    (found,) = examine.examine("audit", examine.checked_account("hq", {**settings, **changes}), office365.secret)
    assert (found.state, said in found.text) == (state, True)


def test_a_token_that_cannot_be_read_says_nothing_of_permissions(tried, office365, monkeypatch):
    monkeypatch.setattr(module, "roles_of", lambda token: frozenset())
    assert tried(content_types="DLP.All") == ""
    for token in ("", "opaque", "a.b.c", "a.e30.c", "a.W10.c", "a.\u00e9.c"):
        monkeypatch.undo()
        assert module.roles_of(token) == frozenset()


def test_an_answer_that_never_ends_does_not_hang_the_trial():
    def forever():
        time.sleep(60)

    begun = time.monotonic()
    with pytest.raises(SourceError, match="no answer within 0 seconds; check what stands in between"):
        in_time(forever, 0.2)
    assert time.monotonic() - begun < 30


def test_a_trial_in_time_gives_its_own_error(tried):
    def fail():
        raise SourceError("so it is")

    with pytest.raises(SourceError, match=r"^so it is$"):
        in_time(fail, 5)
    in_time(lambda: None, 5)


def test_a_test_of_an_account_ends_before_splunk_web_gives_up_with_what_it_knows_so_far(office365):
    settings = {"provider": "o365", "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
                **office365.roots, "ca_file": str(office365.ca_file)}  # fmt: skip
    account = examine.checked_account("hq", settings)
    office365.faults.plan = [Rule("activity/list", "silent:10")]
    found = examine.examine("audit", account, office365.secret, seconds=7.0)
    assert [one.state for one in found] == ["works", "unsure", "unsure"]
    assert found[1].text.startswith("no answer so far: ask once more")
    assert found[2].text.startswith("no answer within 7 seconds")
    assert examine.SECONDS <= 15
    assert module.SECONDS <= 20


# Workspace


def test_a_workspace_that_is_right_is_asked_for_one_activity(tried_workspace, workspace):
    before = len(workspace.requests)
    assert tried_workspace() == ""
    _, page = workspace.requests[before:]
    assert page.query["maxResults"] == "1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "not json"}, "no service account key file: it is not JSON"),
        ({"subject": "nobody@elsewhere.example"}, "check subject"),
        ({"subject": "contoso"}, "subject must be an administrator's e-mail address"),
        ({"subject": PLAIN_USER}, "subject needs an administrator's role with the privilege Reports"),
        ({"customer": "C0elsewhere"}, "customer C0elsewhere must be the subject's own organisation"),
        ({"cloud": ""}, "set cloud = custom if it is meant"),
    ],
)
def test_what_is_wrong_with_a_workspace_is_said(tried_workspace, changes, said):
    assert said in tried_workspace(**changes)


def test_a_scope_that_was_not_delegated_is_named(tried_workspace, workspace):
    workspace.faults.unauthorized_after = 0
    told = tried_workspace()
    assert "give this client id domain-wide delegation with exactly this scope" in told
    assert "admin.reports.audit.readonly" in told


@pytest.mark.parametrize(
    ("key", "said"),
    [(EC_KEY, "is not an RSA key"), (OPENSSL_EC_KEY, "is one of elliptic curves, not RSA")],
    ids=["PKCS 8", "OpenSSL's own form"],  # the keys are made anew by each process
)
def test_a_key_of_a_workspace_that_is_no_rsa_key_is_said(tried_workspace, workspace, key, said):
    assert said in tried_workspace(secret=json.dumps({**workspace.key_file(), "private_key": key}))


@pytest.mark.parametrize("around", ["{}  \n", " {}", "\ufeff{}\r\n"])
def test_a_key_file_with_blanks_or_a_mark_around_it_works(tried_workspace, workspace, around):
    assert tried_workspace(secret=around.format(json.dumps(workspace.key_file()))) == ""


# applications of a workspace


def test_each_application_is_asked_for_one_activity_also_gmail_which_wants_a_window(tried_workspace, workspace):
    before = len(workspace.requests)
    assert tried_workspace(content_types="admin, gmail, user_accounts") == ""
    asked = [entry.path.rpartition("/")[2] for entry in workspace.requests[before:]]
    assert asked == ["token", "admin", "gmail", "login"]


def test_an_application_that_the_api_does_not_have_is_named(tried_workspace, workspace):
    plan(workspace, ("reports/list", "400", 1.0, 0, 0, 0, 1, "*applications/keep*"))
    told = tried_workspace(content_types="admin, keep")
    assert "may have no application keep for this customer; take it out of content_types" in told


def test_so_is_what_the_edition_lacks(tried_workspace, workspace):
    workspace.faults.unlicensed = {"gmail"}
    assert "Gmail activities need Enterprise" in tried_workspace(content_types="admin, gmail")


def test_a_key_of_a_workspace_with_trailing_blanks_works(tried_workspace, workspace):
    key = workspace.key_file()
    key["private_key"] = key["private_key"].replace("\n", "  \n") + "\n  "
    assert tried_workspace(secret=json.dumps(key)) == ""
