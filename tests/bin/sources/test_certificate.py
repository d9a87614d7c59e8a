"""A certificate in place of a client secret: what it signs, and what is said of one that cannot be used."""

import datetime
import subprocess
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from delegation_watch.sources.certificate import is_certificate, read_certificate
from delegation_watch.sources.entra import entra_token
from delegation_watch.sources.errors import SettingsError, SignInError
from delegation_watch.sources.http import Http

from tests.bin.sources.test_sign_in import DISCOVERY, LOGIN, TOKEN
from tests.bin.sources.vendor import TENANT, Answer
from workbench.tenants import Office365

PKCS8 = serialization.PrivateFormat.PKCS8
PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL


def key_text(key, form=PKCS8, encryption=None):
    encryption = encryption or serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def certificate_text(key, days=365, start=None):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "delegation watch")])
    start = start or datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(5).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days))
    signed = made.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def curve():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def certificate(key):
    return certificate_text(key)


@pytest.fixture(scope="module")
def tenant(certificate):
    with Office365(certificate=certificate) as running:
        yield running


@pytest.fixture
def sign_in(tenant):
    """Sign in at the stand-in, which checks signature, thumbprint and claims as Entra ID does."""
    http = Http(verify=str(tenant.ca_file))

    def go(secret):
        scope = f"{tenant.api_root}/.default"
        return entra_token(http, tenant.uri, tenant.tenant, tenant.client_id, secret, scope).get()

    yield go
    http.session.close()


@pytest.mark.parametrize(
    "stored",
    [
        lambda key, certificate: key_text(key) + certificate,
        lambda key, certificate: certificate + key_text(key, PKCS1),
        lambda key, certificate: "\ufeff" + (key_text(key) + certificate).replace("\n", "\r\n"),
        lambda key, certificate: "Bag Attributes\n" + (key_text(key) + certificate).replace("\n", "  \t\n") + "\n\n ",
    ],
    ids=["key first", "certificate first", "windows", "trailing blanks"],
)
def test_it_signs_in_however_the_pair_is_stored(sign_in, key, certificate, stored):
    assert sign_in(stored(key, certificate))


def test_the_right_one_of_several_certificates_is_taken(sign_in, key, certificate):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert sign_in(certificate_text(other) + key_text(key) + certificate)


def test_an_issuer_beside_it_may_have_a_key_of_elliptic_curves(key, certificate, curve):
    chain = key_text(key) + certificate + certificate_text(curve)
    assert read_certificate(chain).thumbprint == read_certificate(key_text(key) + certificate).thumbprint


def test_a_pair_that_openssl_made_is_read(tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9000", "-subj", "/CN=x",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")], capture_output=True,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl on this machine to make one")
    text = (tmp_path / "key").read_text() + (tmp_path / "certificate").read_text()
    found = read_certificate(text)
    parsed = x509.load_pem_x509_certificate((tmp_path / "certificate").read_bytes())
    assert found.thumbprint == parsed.fingerprint(hashes.SHA1())
    assert found.ends == parsed.not_valid_after_utc.strftime("%Y-%m-%d")


def test_one_that_is_not_registered_is_refused_with_what_to_do(sign_in):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(SignInError, match=r"AADSTS700027.* - the certificate is not registered at the application"):
        sign_in(key_text(other) + certificate_text(other))


def test_one_that_has_ended_says_when(tenant, sign_in):
    old = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    text = certificate_text(old, days=30, start=start)
    tenant.register_certificate(text)
    with pytest.raises(SignInError, match=r"AADSTS700027.*it ends on 2020-01-31"):
        sign_in(key_text(old) + text)


@pytest.fixture(scope="module")
def unusable(key, certificate, curve):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    locked = serialization.BestAvailableEncryption(b"pw")
    body = certificate.splitlines()
    return {
        "no key": certificate,
        "no certificate": key_text(key),
        "encrypted": key_text(key, PKCS8, locked) + certificate,
        "encrypted PKCS#1": key_text(key, PKCS1, locked) + certificate,
        "curve": key_text(curve) + certificate,
        "curve SEC1": key_text(curve, PKCS1) + certificate,
        "another key": key_text(other) + certificate,
        "one of curves": key_text(key) + certificate_text(curve),
        "small": key_text(small) + certificate,
        "written out": (key_text(key) + certificate).replace("\n", "\\n"),
        "broken": key_text(key) + "\n".join([body[0], *body[2:]]),
        "cut off": (certificate + key_text(key))[:-40],
    }


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("no key", "has no private key; store both in one text"),
        ("no certificate", "has no certificate beside it; store both in one text"),
        ("encrypted", "the private key is encrypted; store it decrypted"),
        ("encrypted PKCS#1", "the private key is encrypted; store it decrypted"),
        ("curve", "the private key is not an RSA key"),
        ("curve SEC1", "the private key is one of elliptic curves, not RSA"),
        ("another key", "the stored private key is not the one of the certificate beside it"),
        ("one of curves", "the stored private key is not the one of the certificate beside it"),
        ("small", "less than 2048 bits"),
        ("written out", "line ends are written as"),
        ("broken", "the stored certificate is broken"),
        ("cut off", "the stored private key cannot be used: no unencrypted RSA private key in PEM form"),
    ],
)
def test_a_pair_that_cannot_be_used_is_told_by_name(sign_in, tenant, unusable, which, said):
    asked = len(tenant.requests)
    assert is_certificate(unusable[which])
    with pytest.raises(SettingsError) as caught:
        sign_in(unusable[which])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(tenant.requests) == asked
    assert not any(line in str(caught.value) for line in unusable[which].splitlines() if len(line) == 64)


def test_a_secret_with_blanks_around_it_is_told_so(sign_in, tenant):
    for secret in (tenant.secret + "\n", " " + tenant.secret, tenant.secret + "\t"):
        with pytest.raises(SettingsError, match="has blanks or a line end around it; store it again without them"):
            sign_in(secret)


def test_neither_key_nor_secret_is_sent(collector, key, certificate):
    """The assertion alone goes out, for ten minutes and this tenant's token endpoint."""
    collector.vendor.on("GET", DISCOVERY, Answer({"token_endpoint": TOKEN, "issuer": f"{LOGIN}/{TENANT}/v2.0",
                                                  "authorization_endpoint": TOKEN}))  # fmt: skip
    collector.vendor.on("POST", TOKEN, Answer({"access_token": "t", "expires_in": 3599}))
    text = key_text(key) + certificate
    entra_token(collector.http, LOGIN, TENANT, "app-1", text, "https://manage.test/.default").get()
    [call] = collector.vendor.to(TOKEN)
    form = parse_qs(call.body)
    assert "client_secret" not in form
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "PRIVATE" not in call.body
