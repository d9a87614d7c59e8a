"""Tokens: Entra's by msal and Google's by a signed assertion, each refusal in one line, and to whom they go."""

import base64
import json
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from delegation_watch.sources.entra import entra_token
from delegation_watch.sources.errors import RefusedError, SettingsError, SignInError, SourceError, UnreachableError
from delegation_watch.sources.google import REPORTS_SCOPE, google_token, read_key_file
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import NOW, TENANT, Answer

LOGIN = "https://login.test"
DISCOVERY = f"{LOGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
TOKEN = f"{LOGIN}/{TENANT}/oauth2/v2.0/token"
GOOGLE_TOKEN = "https://oauth2.googleapis.com/token"
WRONG_SECRET = "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value. Trace ID: 1"


@pytest.fixture
def entra(collector):
    """Entra as it answers; sign_in() gives the token."""
    about = {"token_endpoint": TOKEN, "issuer": f"{LOGIN}/{TENANT}/v2.0",
             "authorization_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize"}  # fmt: skip
    collector.vendor.on("GET", DISCOVERY, Answer(about))
    collector.vendor.on("POST", TOKEN, Answer({"access_token": "t1", "expires_in": 3599, "token_type": "Bearer"}))
    collector.about = about
    return collector


def entra_sign_in(collector, authority=LOGIN):

    def clock():
        return collector.now

    scope = "https://manage.test/.default"
    return entra_token(collector.http, authority, TENANT, "app-1", "s3cr3t value", scope, clock).get()


def refused(collector, sign_in, kind=SignInError):
    with pytest.raises(SourceError) as caught:
        sign_in(collector)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    return str(caught.value)


def test_the_secret_goes_in_the_body_to_the_tenants_token_endpoint(entra):
    assert entra_sign_in(entra) == "t1"
    [call] = entra.vendor.to(TOKEN)
    form = {name: values[0] for name, values in parse_qs(call.body).items()}
    assert form["grant_type"] == "client_credentials"
    assert (form["client_id"], form["client_secret"]) == ("app-1", "s3cr3t value")
    assert form["scope"] == "https://manage.test/.default"
    assert not any("s3cr3t" in str((call.url, call.query, call.headers)) for call in entra.vendor.calls)


@pytest.mark.parametrize(
    ("description", "text"),
    [
        (WRONG_SECRET, "the secret is wrong; store the secret's value, not its id"),
        ("AADSTS7000222: The provided client secret keys are expired.", "the secret has expired"),
        ("AADSTS700016: Application with identifier 'app-1' was not found", "client_id is not known in this tenant"),
        ("AADSTS99999: Something new.\r\nTrace ID: 1\r\nCorrelation ID: 2", "AADSTS99999: Something new."),
    ],
)
def test_a_refusal_of_entra_is_told_with_what_to_do(entra, description, text):
    body = {"error": "invalid_client", "error_description": description, "error_codes": [7000215]}
    entra.vendor.on("POST", TOKEN, Answer(body, 401))
    line = refused(entra, entra_sign_in)
    assert line.startswith("Entra ID refuses the sign-in of application app-1: AADSTS")
    assert text in line
    assert "Trace ID" not in line


def test_a_tenant_that_entra_does_not_know_is_told_so(entra):
    body = {"error": "invalid_tenant", "error_description": f"AADSTS90002: Tenant '{TENANT}' not found. Check it."}
    entra.vendor.on("GET", DISCOVERY, Answer(body, 400))
    assert "the tenant is not known; check its GUID and the cloud" in refused(entra, entra_sign_in)


@pytest.mark.parametrize(
    "answer", [Answer("<html>404</html>", 404), Answer("<html>ok</html>"), Answer("[]"), Answer({}), Answer("", 500)]
)
def test_an_authority_that_is_none_is_one_line(entra, answer):
    entra.vendor.on("GET", DISCOVERY, answer)
    refused(entra, entra_sign_in)


@pytest.mark.parametrize("answer", [Answer({"token_type": "Bearer"}), Answer("<html>"), Answer("[]"), Answer("", 400)])
def test_an_answer_without_a_token_is_one_line_and_nothing_of_it_is_logged_beside(entra, caplog, answer):
    entra.vendor.on("POST", TOKEN, answer)
    refused(entra, entra_sign_in)
    assert caplog.records == []


def test_a_token_endpoint_elsewhere_never_sees_the_secret(entra):
    entra.vendor.on("GET", DISCOVERY, Answer({**entra.about, "token_endpoint": "https://example.net/token"}))
    assert "example.net" in refused(entra, entra_sign_in, RefusedError)
    assert [call.url for call in entra.vendor.calls] == [DISCOVERY]


def test_a_redirect_of_the_token_endpoint_is_not_followed(entra):
    entra.vendor.on("POST", TOKEN, Answer("", 307, {"Location": "https://example.net/token"}))
    assert "redirect" in refused(entra, entra_sign_in, RefusedError)
    assert len(entra.vendor.to(TOKEN)) == 1


def test_entra_out_of_breath_is_asked_again(entra):
    token = Answer({"access_token": "t2", "expires_in": 3599})
    entra.vendor.on("POST", TOKEN, Answer({"error": "temporarily_unavailable"}, 503), Answer("", 429), token)
    assert entra_sign_in(entra) == "t2"
    assert len(entra.slept) == 2


def test_an_authority_that_cannot_be_reached_is_named(entra):
    entra.vendor.on("GET", DISCOVERY, Broken("no route"))
    assert "cannot reach login.test" in refused(entra, entra_sign_in, UnreachableError)


# Google


@pytest.fixture(scope="module")
def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def key_file(pem, **changes):
    key = {
        "type": "service_account", "client_email": "dw@project.iam.gserviceaccount.com", "private_key": pem,
        "private_key_id": "key-1", "token_uri": GOOGLE_TOKEN, **changes,
    }  # fmt: skip
    return {name: value for name, value in key.items() if value is not None}


@pytest.fixture
def google(collector, pem):
    collector.vendor.on("POST", GOOGLE_TOKEN, Answer({"access_token": "g1", "expires_in": 3599}))
    collector.key = key_file(pem)
    return collector


def google_sign_in(collector):
    key = read_key_file(json.dumps(collector.key), custom=False)

    def clock():
        return collector.now

    return google_token(collector.http, key, "admin@example.com", REPORTS_SCOPE, clock).get()


def test_the_assertion_says_who_for_whom_to_whom_and_until_when(google):
    assert google_sign_in(google) == "g1"
    [call] = google.vendor.calls
    form = {name: values[0] for name, values in parse_qs(call.body).items()}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, _ = form["assertion"].split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] == "key-1"
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {
        "iss": "dw@project.iam.gserviceaccount.com", "sub": "admin@example.com", "scope": REPORTS_SCOPE,
        "aud": GOOGLE_TOKEN, "iat": int(NOW), "exp": int(NOW) + 3600,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("unauthorized_client", "give this client id domain-wide delegation with exactly this scope"),
        ("invalid_grant", "check subject, that the key still exists, and the clock"),
        ("invalid_client", "check the key file"),
        ("something_new", "something_new: said so"),
    ],
)
def test_a_refusal_of_google_is_told_with_what_to_do(google, error, text):
    google.vendor.on("POST", GOOGLE_TOKEN, Answer({"error": error, "error_description": "said\nso"}, 400))
    line = refused(google, google_sign_in)
    assert "Google refuses dw@project.iam.gserviceaccount.com in the name of admin@example.com" in line
    assert text in line


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.", "set the clock"),
        ("Invalid JWT Signature.", "the key was deleted or belongs to another account; make a new key"),
        ("Invalid grant: account not found", "the service account was deleted"),
        ("Invalid email or User ID", "check subject: it is no user of this organisation"),
        ("Not a valid email or user ID.", "subject must be an administrator's e-mail address"),
        ("The account has been deleted", "subject was deleted"),
    ],
)
def test_googles_own_words_say_what_to_do_where_the_code_does_not(google, said, text):
    google.vendor.on("POST", GOOGLE_TOKEN, Answer({"error": "invalid_grant", "error_description": said}, 400))
    assert text in refused(google, google_sign_in)


def test_a_scope_that_is_missing_is_named_with_the_client_that_needs_it(google):
    google.key["client_id"] = "109876543210987654321"
    google.vendor.on("POST", GOOGLE_TOKEN, Answer({"error": "unauthorized_client"}, 401))
    assert f"{REPORTS_SCOPE} (client id 109876543210987654321)" in refused(google, google_sign_in)


@pytest.mark.parametrize("answer", [Answer("<html>", 404), Answer("[]"), Answer({"token_type": "Bearer"})])
def test_an_answer_of_google_without_a_token_is_one_line(google, answer):
    google.vendor.on("POST", GOOGLE_TOKEN, answer)
    refused(google, google_sign_in)


@pytest.mark.parametrize(
    "busy",
    [
        Answer({"error": "internal_failure"}, 503), Answer({"error": "internal_failure"}, 400),
        Answer({"error": "server_error"}, 400), Answer({"error": "temporarily_unavailable"}, 403), Answer("", 429),
    ],
)  # fmt: skip
def test_google_out_of_breath_is_asked_again(google, busy):
    google.vendor.on("POST", GOOGLE_TOKEN, busy, Answer({"access_token": "g2", "expires_in": 3599}))
    assert google_sign_in(google) == "g2"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("not json", "the stored secret is no service account key file: it is not JSON"),
        ("", "it is not JSON"),
        ("[]", "the service account key file has no client_email, private_key, token_uri"),
        ('"text"', "has no client_email, private_key, token_uri"),
        ('{"client_email": "a", "private_key": ""}', "has no private_key, token_uri"),
        ('{"installed": {"client_id": "a"}}', "is an OAuth client's file, not a service account's key file"),
        ('{"web": {"client_id": "a"}}', "is an OAuth client's file, not a service account's key file"),
        ('{"type": "authorized_user", "client_id": "a"}', "is a person's own credentials, not"),
        ('{"type": "external_account"}', "is a workload identity federation's configuration, not"),
        ('{"client_email": "a", "private_key": "b", "token_uri": "http://oauth2.googleapis.com/token"}', "is no https"),
        ('{"client_email": "a", "private_key": "-----BEGIN EC PRIVATE KEY-----", '
         '"token_uri": "https://oauth2.googleapis.com/token"}', "the private key of the key file cannot be used: "),
    ],
)
def test_a_secret_that_is_no_key_file_is_refused(secret, text):
    with pytest.raises(SettingsError, match=text):
        read_key_file(secret, custom=False)


@pytest.mark.parametrize(
    "uri",
    ["https://example.net/token", "https://googleapis.com.example.net/token", "https://evilgoogleapis.com/token"],
)
def test_a_key_file_that_names_another_token_endpoint_is_refused_unless_it_is_meant(pem, uri):
    secret = json.dumps(key_file(pem, token_uri=uri))
    with pytest.raises(SettingsError, match="not at Google; set cloud = custom if it is meant"):
        read_key_file(secret, custom=False)
    assert read_key_file(secret, custom=True)["token_uri"] == uri


def test_a_private_key_that_cannot_be_used_is_one_line(google, pem):
    body = pem.splitlines()
    der = bytearray(base64.b64decode("".join(body[1:-1])))
    der[-3] ^= 1  # the key's last number: its structure is whole, its signatures would be wrong
    wrong = base64.b64encode(bytes(der)).decode()
    for broken in ("secret", pem[:300], f"-----BEGIN PRIVATE KEY-----\n{wrong}\n-----END PRIVATE KEY-----"):
        google.key = key_file(broken)
        line = refused(google, google_sign_in, SettingsError)
        assert line.startswith("the private key of the key file cannot be used: ")
    assert google.vendor.calls == []
