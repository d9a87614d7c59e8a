"""Before an input is saved: what is wrong is said in words that name the remedy, and it never hangs."""

import json
import time

import pytest
from delegation_watch.sources import trial as module
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.settings import read_account, read_stanza
from delegation_watch.sources.trial import in_time, try_out

from workbench.tenants import Office365, Workspace
from workbench.tenants.plan import Rule


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

    def go(secret=None, content_types="Audit.Exchange", **changes):
        settings = {
            "tenant": office365.tenant, "client_id": office365.client_id, "cloud": "custom",
            "authority": office365.uri, "api_root": office365.uri, "ca_file": str(office365.ca_file), **changes,
        }  # fmt: skip
        given = {"provider": "o365", "account": "hq", "content_types": content_types}
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


@pytest.mark.parametrize("word", ["AF429", "AF50000", "503", "429:300"])
def test_a_service_that_is_out_of_breath_is_no_reason_to_refuse(tried, office365, word):
    plan(office365, ("activity/list", word))
    begun = time.monotonic()
    assert tried() == ""
    assert time.monotonic() - begun < 5


def test_a_token_that_cannot_be_read_says_nothing_of_permissions(tried, office365, monkeypatch):
    monkeypatch.setattr(module, "_roles", lambda token: [])
    assert tried(content_types="DLP.All") == ""
    for token in ("", "opaque", "a.b.c", "a.e30.c", "a.W10.c", "a.\u00e9.c"):
        monkeypatch.undo()
        assert module._roles(token) == []


def test_an_answer_that_never_ends_does_not_hang_the_trial():
    def forever():
        time.sleep(60)

    begun = time.monotonic()
    with pytest.raises(SourceError, match="no answer within 0 seconds; check what stands in between"):
        in_time(forever, 0.2)
    assert time.monotonic() - begun < 2


def test_a_trial_in_time_gives_its_own_error(tried):
    def fail():
        raise SourceError("so it is")

    with pytest.raises(SourceError, match=r"^so it is$"):
        in_time(fail, 5)
    in_time(lambda: None, 5)


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


def test_a_key_of_a_workspace_that_is_none_is_said(tried_workspace, workspace):
    key = {**workspace.key_file(), "private_key": "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"}
    assert "is one of elliptic curves, not RSA" in tried_workspace(secret=json.dumps(key))


def test_a_key_of_a_workspace_with_trailing_blanks_works(tried_workspace, workspace):
    key = workspace.key_file()
    key["private_key"] = key["private_key"].replace("\n", "  \n") + "\n  "
    assert tried_workspace(secret=json.dumps(key)) == ""
