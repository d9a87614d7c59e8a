"""Microsoft's token endpoint, asked by msal."""

import base64
import hashlib
import json
import time
from datetime import datetime, timedelta, timezone

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.workbench.tenants.conftest import NOW, Feed, sign_in, token_of
from workbench.tenants.assertion import ASSERTION_TYPE
from workbench.tenants.entra import ACTIVITY, EXCHANGE, GRAPH
from workbench.tenants.faults import Faults
from workbench.tenants.office365 import Office365


def post_token(tenant, **form):
    url = f"{tenant.uri}/{tenant.tenant}/oauth2/v2.0/token"
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, data=form, verify=str(tenant.ca_file))


def test_msal_gets_a_token_that_opens_the_feed(tenant):
    feed = Feed(tenant, sign_in(tenant)["access_token"])
    assert feed.get("subscriptions/list").json()[0]["contentType"] == "Audit.Exchange"
    feed.close()


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
    form = {"client_id": tenant.client_id, "client_secret": "x", "scope": f"{tenant.api_root}/.default"}
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
        feed = Feed(tenant, token_of(tenant))
        assert feed.get("subscriptions/list").json()["error"]["code"] == "AF10001"
        feed.close()


# one API each


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_token_bears_its_api_and_the_permissions_there(still_feed, still_tenant):
    assert claims(token_of(still_tenant, ACTIVITY))["roles"] == ["ActivityFeed.Read"]
    assert claims(token_of(still_tenant, EXCHANGE))["roles"] == ["Exchange.ManageAsApp", "Exchange.ManageAsAppV2"]
    graph = claims(token_of(still_tenant, GRAPH))
    assert (graph["aud"], graph["roles"]) == (GRAPH, ["AuditLogsQuery.Read.All", "Directory.Read.All"])


def test_a_token_for_another_api_is_refused(still_tenant):
    stranger = Feed(still_tenant, token_of(still_tenant, GRAPH))
    assert stranger.get("subscriptions/list").status_code == 401
    stranger.close()
    own = Feed(still_tenant, token_of(still_tenant, ACTIVITY))
    assert own.get("subscriptions/list").status_code == 200
    own.close()


def test_each_api_has_an_address_of_its_own_which_is_a_resource_and_the_authoritys_is_none():
    with Office365() as tenant:
        assert len(set(tenant.roots.values())) == 4
        held = {name: claims(token_of(tenant, root)) for name, root in tenant.roots.items() if name != "authority"}
        assert {name: (one["aud"], len(one["roles"])) for name, one in held.items()} == {
            "api_root": (tenant.api_root, 1), "graph_root": (tenant.graph_root, 2),
            "exchange_root": (tenant.exchange_root, 2),
        }  # fmt: skip
        form = {"client_id": tenant.client_id, "client_secret": tenant.secret, "grant_type": "client_credentials"}
        answer = post_token(tenant, scope=f"{tenant.uri}/.default", **form)
        assert answer.json()["error_codes"] == [500011]


@pytest.mark.parametrize("api", ["api_root", "graph_root", "exchange_root"])
def test_an_api_is_served_at_its_own_address_alone_and_to_its_own_token_alone(api):
    with Office365() as tenant, requests.Session() as session:
        session.trust_env, session.verify = False, str(tenant.ca_file)
        method, path = {
            "api_root": ("GET", f"/api/v1.0/{tenant.tenant}/activity/feed/subscriptions/list"),
            "graph_root": ("GET", "/v1.0/users"),
            "exchange_root": ("POST", f"/adminapi/beta/{tenant.tenant}/InvokeCommand"),
        }[api]
        own = {name: token_of(tenant, root) for name, root in tenant.roots.items() if name != "authority"}
        body = {"headers": {"X-AnchorMailbox": "UPN:ada@x.example"},
                "json": {"CmdletInput": {"CmdletName": "Get-Mailbox"}}}  # fmt: skip

        def status(root, token):
            session.headers["Authorization"] = f"Bearer {own[token]}"
            return session.request(method, root + path, **(body if method == "POST" else {})).status_code

        assert {name: status(root, api) for name, root in tenant.roots.items()} == {
            name: 200 if name == api else 501 for name in tenant.roots
        }
        assert {name: status(tenant.roots[api], name) for name in own} == {
            name: 200 if name == api else 401 for name in own
        }


# a certificate in place of the secret


def signed(tenant, identity, head=None, **changes):
    key, certificate = identity
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    whole = {
        "aud": f"{tenant.uri}/{tenant.tenant}/oauth2/v2.0/token",
        "iss": tenant.client_id,
        "sub": tenant.client_id,
        "jti": "one",
        "nbf": int(NOW),
        "exp": int(NOW) + 600,
        **changes,
    }
    header = head or {"x5t#S256": base64.urlsafe_b64encode(digest).decode().rstrip("=")}
    given = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(given, key, algorithm="RS256", headers=header)


def with_assertion(tenant, assertion):
    form = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE, "client_id": tenant.client_id}
    return post_token(tenant, grant_type="client_credentials", scope=f"{tenant.api_root}/.default", **form)


def made(around):
    """A key and its certificate, valid from a day before that time for nine days."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector")])
    begins = datetime.fromtimestamp(around, timezone.utc) - timedelta(days=1)
    maker = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    maker = maker.serial_number(7).not_valid_before(begins).not_valid_after(begins + timedelta(days=9))
    return key, maker.sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def identity():
    return made(NOW)


@pytest.fixture(scope="module")
def certified(identity):
    pem = identity[1].public_bytes(Encoding.PEM)
    with Office365(clock=lambda: NOW, certificate=pem) as running:
        yield running


def test_an_assertion_of_a_registered_certificate_buys_a_token(certified, identity):
    answer = with_assertion(certified, signed(certified, identity))
    assert answer.json()["token_type"] == "Bearer"
    thumbprint = hashlib.sha1(identity[1].public_bytes(Encoding.DER)).digest()
    old = {"x5t": base64.urlsafe_b64encode(thumbprint).decode()}
    assert with_assertion(certified, signed(certified, identity, old)).status_code == 200


def test_msal_signs_in_with_the_certificate():
    now = time.time()
    key, certificate = made(now)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    thumbprint = hashlib.sha1(certificate.public_bytes(Encoding.DER)).hexdigest()
    with Office365() as tenant:
        credential = {"private_key": pem, "thumbprint": thumbprint}
        assert sign_in(tenant, secret=credential)["error_codes"] == [700027]
        tenant.register_certificate(certificate.public_bytes(Encoding.PEM))
        assert sign_in(tenant, secret=credential)["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://login.microsoftonline.com/x/oauth2/v2.0/token"}, "audience"),
        ({"iss": "00000000-1111-2222-3333-444444444444"}, "issuer"),
        ({"sub": None}, "issuer"),
        ({"jti": None}, "identifier"),
        ({"exp": int(NOW) - 301}, "lifetime"),
        ({"exp": int(NOW) + 3 * 86400}, "lifetime"),
        ({"exp": "soon"}, "lifetime"),
        ({"nbf": int(NOW) + 301}, "lifetime"),
    ],
)
def test_each_wrong_claim_of_an_assertion_is_refused(certified, identity, changes, why):
    answer = with_assertion(certified, signed(certified, identity, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert why in answer.json()["error_description"]


def test_an_unregistered_certificate_is_aadsts700027_with_its_thumbprint(certified, identity, tenant):
    answer = with_assertion(tenant, signed(tenant, identity))
    assert answer.json()["error_codes"] == [700027]
    thumbprint = hashlib.sha256(identity[1].public_bytes(Encoding.DER)).hexdigest().upper()
    assert f"Thumbprint of key used by client: '{thumbprint}'" in answer.json()["error_description"]


def test_a_signature_by_another_key_is_refused(certified, identity):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = with_assertion(certified, signed(certified, (other, identity[1])))
    assert "signature validation" in answer.json()["error_description"]


def test_an_assertion_that_is_no_jwt_is_aadsts50027(certified):
    assert with_assertion(certified, "x").json()["error_codes"] == [50027]


def test_a_certificate_that_has_run_out_is_refused(identity):
    pem = identity[1].public_bytes(Encoding.PEM)
    later = NOW + 30 * 86400
    with Office365(clock=lambda: later, certificate=pem) as tenant:
        assertion = signed(tenant, identity, nbf=int(later), exp=int(later) + 60)
        assert "expired" in with_assertion(tenant, assertion).json()["error_description"]


def test_neither_secret_nor_assertion_is_aadsts7000218(still_tenant):
    form = {"client_id": still_tenant.client_id, "scope": f"{still_tenant.api_root}/.default"}
    answer = post_token(still_tenant, grant_type="client_credentials", **form)
    assert answer.json()["error_codes"] == [7000218]
