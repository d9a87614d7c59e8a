"""A certificate with its private key in place of a client secret, and the assertion that it signs.

Both are PEM, stored as one text, key and certificate in either order. Source: Microsoft identity platform, "Certificate
credentials": header alg RS256 and x5t, the SHA-1 thumbprint; claims aud, exp, iss, jti, nbf, sub. (Newer issues of that
page name PS256 and x5t#S256; msal signs with either.)
"""

import base64
import binascii
import hashlib
import re
import time
import uuid
from typing import Any, Dict, NamedTuple, Optional, Tuple

from .errors import SettingsError
from .rs256 import OID_RSA, RsaKey, base64url, der_elements, der_sequence, jwt_rs256, read_der

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_VERSION, _BIT_STRING, _UTC_TIME = 0xA0, 0x03, 0x17
_LIFE = 600


class Certificate(NamedTuple):
    """A private key (PEM), the SHA-1 digest of its certificate, and the day on which that ends, as YYYY-MM-DD."""

    key: str
    thumbprint: bytes
    ends: str


def is_certificate(secret: str) -> bool:
    """Whether a stored secret is PEM; no client secret has such a mark."""
    return "-----BEGIN " in secret


def read_certificate(secret: str) -> Certificate:
    """The certificate of a stored text; SettingsError says what is missing or wrong."""
    if "PRIVATE KEY-----" not in secret:
        raise SettingsError("the stored certificate has no private key; store both in one text, one behind the other")
    try:
        key = RsaKey.from_pem(secret)
    except ValueError as error:
        raise SettingsError(f"the stored private key cannot be used: {error}") from None
    found = [_parsed(match.group(1)) for match in _CERTIFICATE.finditer(secret)]
    if not found:
        raise SettingsError("the stored private key has no certificate beside it; store both in one text")
    for parsed in filter(None, found):
        der, modulus, ends = parsed
        if modulus == key.n:
            return Certificate(secret, hashlib.sha1(der).digest(), ends)  # noqa: S324  a thumbprint, by definition
    if None in found:
        raise SettingsError("the stored certificate is broken; store it as it was made")
    raise SettingsError("the stored private key is not the one of the certificate beside it; store the pair")


def assertion(certificate: Certificate, client_id: str, audience: str, now: float) -> str:
    """The signed text by which an application shows that it is itself, to `audience`, for ten minutes."""
    claims: Dict[str, Any] = {"aud": audience, "iss": client_id, "sub": client_id, "jti": str(uuid.uuid4())}
    claims.update(nbf=int(now), iat=int(now), exp=int(now) + _LIFE)
    return jwt_rs256(claims, certificate.key, x5t=base64url(certificate.thumbprint))


def _parsed(text: str) -> Optional[Tuple[bytes, int, str]]:
    """(DER, modulus, last day) of a certificate, the modulus 0 where its key is not RSA, as an issuer's may be.

    None where it is broken. RFC 5280, 4.1.
    """
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        fields = [field for field in der_elements(der_sequence(der)[0][1]) if field[0] != _VERSION]
        validity, public = fields[3][1], fields[5][1]
        return der, _modulus(public), _day(*der_elements(validity)[1])
    except (binascii.Error, ValueError, IndexError, StopIteration):
        return None


def _modulus(public: bytes) -> int:
    (_, algorithm), *rest = der_elements(public)
    if read_der(algorithm, 0)[1] != OID_RSA:
        return 0
    bits = next(value for tag, value in rest if tag == _BIT_STRING)
    return int.from_bytes(der_sequence(bits[1:])[0][1], "big")


def _day(tag: int, value: bytes) -> str:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    return time.strftime("%Y-%m-%d", time.strptime(text[:8], "%Y%m%d"))
