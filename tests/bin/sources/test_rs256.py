"""RS256 by the standard library: the same signatures as those of `cryptography` and openssl, and no key half read."""

import base64
import json
import random
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from delegation_watch.sources.rs256 import RsaKey, jwt_rs256, signature

PKCS8 = serialization.PrivateFormat.PKCS8
PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
MESSAGES = [b"", b"a", b"\x00" * 70, bytes(range(256)) * 40, "größer".encode()]


def pem(key, form=PKCS8, encryption=None):
    encryption = encryption or serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


@pytest.fixture(scope="module")
def keys():
    """Of usual sizes, of an odd one, and with a small exponent."""
    made = [(2048, 65537), (3072, 65537), (2056, 65537), (2048, 3)]
    return [rsa.generate_private_key(public_exponent=e, key_size=size) for size, e in made]


@pytest.mark.parametrize("form", [PKCS8, PKCS1], ids=["PKCS#8", "PKCS#1"])
def test_signatures_are_those_of_cryptography(keys, form):
    for key in keys:
        ours = RsaKey.from_pem(pem(key, form))
        for message in MESSAGES:
            assert ours.sign(message) == key.sign(message, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine to compare with")
def test_openssl_reads_the_signature_and_its_keys_are_read(keys, tmp_path):
    (tmp_path / "message").write_bytes(MESSAGES[3])
    made = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    (tmp_path / "key.pem").write_bytes(made)
    (tmp_path / "signature").write_bytes(RsaKey.from_pem(made.decode()).sign(MESSAGES[3]))
    public = ["openssl", "rsa", "-in", str(tmp_path / "key.pem"), "-pubout", "-out", str(tmp_path / "public.pem")]
    subprocess.run(public, capture_output=True, check=True)
    verify = ["openssl", "dgst", "-sha256", "-verify", str(tmp_path / "public.pem")]
    verify += ["-signature", str(tmp_path / "signature"), str(tmp_path / "message")]
    assert subprocess.run(verify, capture_output=True, check=True).stdout == b"Verified OK\n"


def test_signing_twice_gives_the_same_bytes_although_it_is_blinded(keys):
    ours = RsaKey.from_pem(pem(keys[0]))
    assert ours.sign(b"x") == ours.sign(b"x")


def test_a_key_may_stand_among_other_text_and_with_windows_line_ends(keys):
    text = "Bag Attributes\r\n" + pem(keys[0]).replace("\n", "\r\n") + "more"
    assert RsaKey.from_pem(text).n == keys[0].public_key().public_numbers().n


def test_with_the_library_and_without_it_the_signature_is_the_same(keys, monkeypatch):
    text = "Bag Attributes\r\n" + pem(keys[0]).replace("\n", "\r\n") + "more"
    with_library = signature(b"message", text)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    assert signature(b"message", text) == with_library


def test_a_json_web_token_is_verified_by_cryptography(keys):
    token = jwt_rs256({"iss": "ä", "iat": 1}, pem(keys[0]), "key-1")
    head, claims, signed = token.split(".")
    assert "=" not in token
    padded = base64.urlsafe_b64decode(signed + "==")
    keys[0].public_key().verify(padded, f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"iss": "ä", "iat": 1}


def broken_keys():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    whole = pem(key)
    lines = whole.splitlines()
    small = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwEC"
    return {
        "nothing": "",
        "no PEM": "secret",
        "public": key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
        "encrypted": pem(key, encryption=serialization.BestAvailableEncryption(b"x")),
        "encrypted PKCS#1": pem(key, PKCS1, serialization.BestAvailableEncryption(b"x")),
        "elliptic": pem(ec.generate_private_key(ec.SECP256R1())),
        "elliptic SEC1": pem(ec.generate_private_key(ec.SECP256R1()), PKCS1),
        "end is missing": "\n".join(lines[:-1]),
        "a line is missing": "\n".join(lines[:5] + lines[6:]),
        "no base64": whole.replace(lines[3][:4], "#*!?"),
        "empty": "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----",
        "labels differ": whole.replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE"),
        "wrong label": whole.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
        "cut DER": f"-----BEGIN RSA PRIVATE KEY-----\n{small}\n-----END RSA PRIVATE KEY-----",
    }  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in broken_keys().items()])
def test_a_key_that_cannot_be_used_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        RsaKey.from_pem(text)


def test_a_short_key_is_refused():
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(ValueError, match="less than 2048 bits"):
        RsaKey.from_pem(pem(key))


def test_a_key_with_any_wrong_bit_signs_nothing_wrong(keys):
    """A wrong signature would give the key away."""
    draw = random.Random(7)
    der = bytearray(keys[0].private_bytes(serialization.Encoding.DER, PKCS1, serialization.NoEncryption()))
    good = RsaKey.from_pem(pem(keys[0])).sign(b"x")
    refused = 0
    for _ in range(80):
        at, bit = draw.randrange(8, len(der)), 1 << draw.randrange(8)
        der[at] ^= bit
        text = f"-----BEGIN RSA PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END RSA PRIVATE KEY-----"
        try:
            assert RsaKey.from_pem(text).sign(b"x") == good
        except (ValueError, ArithmeticError):
            refused += 1
        der[at] ^= bit
    assert refused > 40
