"""RS256 (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017) signatures, with the standard library alone where it must be.

Made for signing in from a host that holds the key anyway: Python's integers do not run in constant time, so blinding is
used, and each signature is checked before it leaves (a fault would give the key away). Keys are PEM, unencrypted,
PKCS#1 or PKCS#8, of 2048 bits at least.
"""

import base64
import binascii
import functools
import hashlib
import json
import re
import secrets
from typing import Any, Callable, Dict, List, Optional, Tuple

_DIGEST_INFO_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
OID_RSA = bytes.fromhex("2a864886f70d010101")
_PEM = re.compile(r"-----BEGIN (RSA PRIVATE KEY|PRIVATE KEY)-----(.+?)-----END \1-----", re.DOTALL)
_SEQUENCE, _INTEGER = 0x30, 0x02
# What stands in a text that is no key of ours → what to say of it.
_STRANGE = (
    ("BEGIN ENCRYPTED PRIVATE KEY", "the private key is encrypted; store it decrypted, as `openssl pkey` writes it"),
    ("4,ENCRYPTED", "the private key is encrypted; store it decrypted, as `openssl pkey` writes it"),
    ("BEGIN EC PRIVATE KEY", "the private key is one of elliptic curves, not RSA"),
    ("BEGIN OPENSSH PRIVATE KEY", "the private key is in the form of OpenSSH; store it as PEM, PKCS#8"),
    ("BEGIN DSA PRIVATE KEY", "the private key is DSA, not RSA"),
    ("\\n", "line ends are written as \\n in it; store the file as it is"),
)


def read_der(data: bytes, at: int) -> Tuple[int, bytes, int]:
    """(tag, value, place behind it) of one DER element; ValueError when it is cut off."""
    if at + 2 > len(data):
        raise ValueError("truncated DER")
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    if at + length > len(data):
        raise ValueError("truncated DER")
    return tag, data[at : at + length], at + length


def der_sequence(data: bytes) -> List[Tuple[int, bytes]]:
    """(tag, value) of each element of a DER sequence; ValueError when it is none."""
    tag, body, _ = read_der(data, 0)
    if tag != _SEQUENCE:
        raise ValueError("not a DER sequence")
    return der_elements(body)


def der_elements(body: bytes) -> List[Tuple[int, bytes]]:
    """(tag, value) of the DER elements that stand one after another; ValueError when the last is cut off."""
    at, items = 0, []
    while at < len(body):
        tag, value, at = read_der(body, at)
        items.append((tag, value))
    return items


class RsaKey:
    """A private key, ready to sign."""

    def __init__(self, numbers: List[int]):
        if len(numbers) < 9 or numbers[0] != 0:
            raise ValueError("unsupported RSA key structure")
        _, self.n, self.e, _, self._p, self._q, self._dp, self._dq, self._qinv = numbers[:9]
        if self._p * self._q != self.n or self.n.bit_length() < 2048:
            raise ValueError("bad RSA key, or one of less than 2048 bits")
        self.size = (self.n.bit_length() + 7) // 8

    @classmethod
    def from_pem(cls, pem: str) -> "RsaKey":
        """The key of a PEM text; ValueError says what is wrong with it."""
        strange = next((why for mark, why in _STRANGE if mark in pem), "")
        found = _PEM.search(pem)
        if strange or not found:
            raise ValueError(strange or "no unencrypted RSA private key in PEM form")
        try:
            der = base64.b64decode("".join(found.group(2).split()), validate=True)
        except binascii.Error as error:
            raise ValueError(f"broken PEM: {error}") from None
        if found.group(1) == "PRIVATE KEY":
            parts = der_sequence(der)
            if len(parts) < 3 or read_der(parts[1][1], 0)[1] != OID_RSA:
                raise ValueError("the private key is not an RSA key")
            der = parts[2][1]
        return cls([int.from_bytes(value, "big") for tag, value in der_sequence(der) if tag == _INTEGER])

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, as long as the key's modulus."""
        digest = _DIGEST_INFO_SHA256 + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (self.size - len(digest) - 3) + b"\x00" + digest
        number = int.from_bytes(padded, "big")
        blind = 0
        while blind < 2 or blind % self._p == 0 or blind % self._q == 0:
            blind = secrets.randbelow(self.n)
        blinded = number * pow(blind, self.e, self.n) % self.n
        one, other = pow(blinded % self._p, self._dp, self._p), pow(blinded % self._q, self._dq, self._q)
        signature = other + self._q * ((one - other) * self._qinv % self._p)
        signature = signature * pow(blind, -1, self.n) % self.n
        if pow(signature, self.e, self.n) != number:
            raise ArithmeticError("RSA signature self-check failed")
        return signature.to_bytes(self.size, "big")


def base64url(data: bytes) -> str:
    """Base64 for addresses, without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt_rs256(claims: Dict[str, Any], pem: str, kid: Optional[str] = None, x5t: Optional[str] = None) -> str:
    """A signed JSON Web Token (RFC 7519) of the claims; its header names the key where kid or x5t does."""
    named = {"kid": kid, "x5t": x5t}
    header = {"alg": "RS256", "typ": "JWT", **{name: value for name, value in named.items() if value}}
    head = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return head + "." + base64url(signature(head.encode(), pem))


def signature(message: bytes, pem: str) -> bytes:
    """The signature of a message: by the `cryptography` library where it is installed, else by this module."""
    return _signer(pem)(message)


@functools.lru_cache(maxsize=4)
def _signer(pem: str) -> Callable[[bytes], bytes]:
    """What signs with a key; kept, as reading a key costs far more than a signature and a sweep makes thousands."""
    key = RsaKey.from_pem(pem)
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        return key.sign
    found = _PEM.search(pem)
    lines = found.group().splitlines() if found else []  # blanks behind a line are no fault to us, but to it
    loaded: Any = load_pem_private_key("\n".join(line.strip() for line in lines).encode(), None)
    return lambda message: bytes(loaded.sign(message, PKCS1v15(), SHA256()))
