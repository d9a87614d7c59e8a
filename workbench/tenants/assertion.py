"""Certificates of an application and the assertions (JWT, RS256 or PS256) it signs with them in place of a secret.

Rules: learn.microsoft.com/entra/identity-platform/certificate-credentials (header alg, x5t or x5t#S256; claims aud,
exp, iss, jti, nbf, sub). The text of AADSTS700027 is quoted at learn.microsoft.com/answers/questions/5915574; that of
AADSTS50027 and the other reasons are [unverified].
"""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, Union

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW = 300
_LONGEST = 86400
_UNKNOWN_KEY = (
    "The certificate with identifier used to sign the client assertion is not registered on application. "
    "[Reason - The key was not found., Thumbprint of key used by client: '{0}']"
)
_PADDINGS: Dict[str, Union[padding.PKCS1v15, padding.PSS]] = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size),
}


class RefusedAssertionError(Exception):
    """The assertion proves nothing: AADSTS `code` and `text`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Certificates:
    """The certificates registered for one application."""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._by_thumbprint: Dict[str, x509.Certificate] = {}

    def register(self, pem: Union[str, bytes]) -> None:
        """Register the certificate of a PEM text; private keys in it are passed over."""
        text = pem.encode() if isinstance(pem, str) else pem
        certificate = x509.load_pem_x509_certificates(text)[0]
        for digest in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303 (thumbprints are SHA-1 by definition)
            self._by_thumbprint[certificate.fingerprint(digest).hex()] = certificate

    def check(self, assertion: str, audience: str, now: float) -> None:
        """RefusedAssertionError unless a registered certificate signed it for this token endpoint and this time."""
        try:
            head, body, signature = assertion.split(".")
            header, claims, signed = _decoded(head), _decoded(body), _bytes(signature)
            thumbprint = _bytes(str(header.get("x5t#S256") or header["x5t"])).hex()
        except (ValueError, KeyError):
            raise RefusedAssertionError(50027, "JWT token is invalid or malformed.") from None
        certificate = self._by_thumbprint.get(thumbprint)
        if certificate is None:
            raise RefusedAssertionError(700027, _UNKNOWN_KEY.format(thumbprint.upper()))
        public, how = certificate.public_key(), _PADDINGS.get(str(header.get("alg")))
        try:
            if how is None or not isinstance(public, RSAPublicKey):
                raise InvalidSignature
            public.verify(signed, f"{head}.{body}".encode(), how, hashes.SHA256())
        except InvalidSignature:
            reason = "Client assertion failed signature validation."
            raise RefusedAssertionError(700027, reason) from None
        self._check_claims(claims, audience, now)
        if not certificate.not_valid_before_utc.timestamp() <= now <= certificate.not_valid_after_utc.timestamp():
            raise RefusedAssertionError(700027, _UNKNOWN_KEY.replace("was not found", "used is expired"))

    def _check_claims(self, claims: Dict[str, Any], audience: str, now: float) -> None:
        ends, begins = claims.get("exp"), claims.get("nbf", 0)
        wrong = {
            "audience": claims.get("aud") != audience,
            "issuer": claims.get("iss") != self._client_id or claims.get("sub") != self._client_id,
            "identifier (jti)": not claims.get("jti"),
            "lifetime": not isinstance(ends, (int, float))
            or not isinstance(begins, (int, float))
            or not now - _SKEW < ends < now + _LONGEST + _SKEW
            or begins > now + _SKEW,
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise RefusedAssertionError(700027, f"Client assertion contains an invalid {name}.")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _decoded(part: str) -> Dict[str, Any]:
    value = json.loads(_bytes(part))
    if not isinstance(value, dict):
        raise ValueError(part)
    return value
