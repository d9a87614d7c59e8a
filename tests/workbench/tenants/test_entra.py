"""Microsoft's token endpoint, asked by msal."""

import pytest
import requests

from tests.workbench.tenants.conftest import Feed, sign_in
from workbench.tenants.faults import Faults
from workbench.tenants.office365 import Office365


def post_token(tenant, **form):
    url = f"{tenant.uri}/{tenant.tenant}/oauth2/v2.0/token"
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, data=form, verify=str(tenant.ca_file))


def test_msal_gets_a_token_that_opens_the_feed(tenant, feed):
    assert feed.get("subscriptions/list").json()[0]["contentType"] == "Audit.Exchange"


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        ({"secret": "not it"}, "invalid_client", "AADSTS7000215"),
        ({"client_id": "00000000-1111-2222-3333-444444444444"}, "unauthorized_client", "AADSTS700016"),
    ],
)
def test_a_wrong_credential_is_refused_as_entra_does(tenant, wrong, error, code):
    answer = sign_in(tenant, **wrong)
    assert answer["error"] == error
    assert answer["error_description"].startswith(code)


def test_a_wrong_secret_is_http_401(tenant):
    form = {"client_id": tenant.client_id, "client_secret": "x", "scope": f"{tenant.uri}/.default"}
    answer = post_token(tenant, grant_type="client_credentials", **form)
    assert answer.status_code == 401
    assert answer.json()["error_codes"] == [7000215]


def test_an_unknown_tenant_fails_in_discovery(tenant):
    stranger = f"{tenant.uri}/11111111-2222-3333-4444-555555555555"
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        sign_in(tenant, authority=stranger)
    with requests.Session() as session:
        session.trust_env = False
        url = f"{stranger}/v2.0/.well-known/openid-configuration"
        answer = session.get(url, verify=str(tenant.ca_file))
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


@pytest.mark.parametrize(
    ("scope", "code"),
    [("https://manage.office.com/ActivityFeed.Read", 1002012), ("https://graph.example/.default", 500011)],
)
def test_a_scope_must_be_the_default_of_the_api(tenant, scope, code):
    form = {"client_id": tenant.client_id, "client_secret": tenant.secret, "scope": scope}
    answer = post_token(tenant, grant_type="client_credentials", **form)
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [code]


def test_another_grant_type_is_refused(tenant):
    answer = post_token(tenant, grant_type="password", client_id=tenant.client_id)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_certificate_is_answered_501_because_it_is_not_built(tenant):
    answer = post_token(tenant, grant_type="client_credentials", client_assertion="x")
    assert answer.status_code == 501
    assert "client_assertion" in answer.json()["error"]["message"]


def test_an_expired_secret_can_be_switched_on(tenant):
    tenant.faults.secret_expired = True
    assert "AADSTS7000222" in sign_in(tenant)["error_description"]


def test_a_token_ends(tenant, feed, clock):
    clock.now += tenant.faults.token_seconds + 1
    answer = feed.get("subscriptions/list")
    assert answer.status_code == 401
    assert answer.json() == {"Message": "Authorization has been denied for this request."}


def test_a_made_up_token_is_refused(tenant):
    stranger = Feed(tenant, "eyJ0eXAi.made.up")
    assert stranger.get("subscriptions/list").status_code == 401
    stranger.close()


def test_a_token_without_the_permission_gives_af10001(records, clock):
    with Office365(records, clock=clock, faults=Faults(roles=())) as tenant:
        feed = Feed(tenant, sign_in(tenant)["access_token"])
        assert feed.get("subscriptions/list").json()["error"]["code"] == "AF10001"
        feed.close()
