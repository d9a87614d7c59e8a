"""Google's token endpoint for a service account with domain-wide delegation (JWT bearer, RS256).

Error texts: reference workspace.md part 2 and, for the lifetime and signature texts, what users quote
(googleapis/google-api-php-client#1429, googleapis/google-cloud-python#10004); the audience text is
[unverified].
"""

from __future__ import annotations

import base64
import functools
import json
import secrets
import threading
from typing import Any, Dict, FrozenSet, NamedTuple, Optional, Tuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Response, jsonify, request

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.google_errors import planned_token
from workbench.tenants.google_people import GooglePeople
from workbench.tenants.served import Served, UnknownRequestError

REPORTS = "https://www.googleapis.com/auth/admin.reports.audit.readonly"
SETTINGS = "https://www.googleapis.com/auth/gmail.settings.basic"
SHARING = "https://www.googleapis.com/auth/gmail.settings.sharing"
USERS = "https://www.googleapis.com/auth/admin.directory.user.readonly"
GROUPS = "https://www.googleapis.com/auth/admin.directory.group.readonly"
ROLES = "https://www.googleapis.com/auth/admin.directory.rolemanagement.readonly"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ID = "109876543210987654321"
_LONGEST = 3600
_SKEW = 300

_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your "
    "iat and exp values in the JWT claim."
)
_UNAUTHORIZED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
    "of the scopes requested."
)


class Grant(NamedTuple):
    """What a token stands for: the impersonated user, its scopes, the epoch second it ends."""

    subject: str
    scopes: FrozenSet[str]
    expires: float


class _TokenError(Exception):
    def __init__(self, status: int, error: str, text: str) -> None:
        self.status = status
        self.error = error
        self.text = text


class ServiceAccount:
    """A made-up service account; adds `/token` to a `Served`.

    It may impersonate every user of `people`; `scopes` are those granted to it by domain-wide delegation.
    """

    def __init__(self, site: Served, people: GooglePeople, scopes: Tuple[str, ...], faults: GoogleFaults) -> None:
        self._site = site
        self._people = people
        self._scopes = frozenset(scopes)
        self._faults = faults
        self._key, self._key_id = _key()
        self._grants: Dict[str, Grant] = {}
        self._token_calls = 0
        self._lock = threading.Lock()
        self.email = "delegation-watch@made-up-project.iam.gserviceaccount.com"
        site.speech["google"] = planned_token
        site.app.add_url_rule("/token", "google/token", self._token, methods=["POST"])

    def key_file(self) -> Dict[str, str]:
        """The key file Google's console would download: its `token_uri` is this stand-in's."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "made-up-project",
            "private_key_id": self._key_id,
            "private_key": private.decode(),
            "client_email": self.email,
            "client_id": CLIENT_ID,
            "auth_uri": f"{self._site.uri}/o/oauth2/auth",
            "token_uri": f"{self._site.uri}/token",
            "auth_provider_x509_cert_url": f"{self._site.uri}/oauth2/v1/certs",
            "client_x509_cert_url": f"{self._site.uri}/robot/v1/metadata/x509/{self.email}",
            "universe_domain": "googleapis.com",
        }

    def grant(self, token: str) -> Optional[Grant]:
        """What a bearer token allows; None when it is unknown or has ended."""
        grant = self._grants.get(token)
        if grant and grant.expires <= self._site.clock():
            self._site.note("token_seconds")
            return None
        return grant

    def _token(self) -> Response:
        strange = sorted(set(request.form) - {"grant_type", "assertion"})
        if strange:
            raise UnknownRequestError(f"no rule for the field {strange[0]!r} of a token request")
        try:
            grant = self._check(request.form.to_dict())
        except _TokenError as refused:
            response = jsonify({"error": refused.error, "error_description": refused.text})
            response.status_code = refused.status
            return response
        token = "ya29.c." + secrets.token_urlsafe(48)
        with self._lock:
            self._grants[token] = grant
        return jsonify({"access_token": token, "expires_in": self._faults.token_seconds, "token_type": "Bearer"})

    def _check(self, form: Dict[str, str]) -> Grant:
        self._token_calls += 1
        if self._token_calls <= self._faults.token_errors:
            raise _TokenError(503, "internal_failure", "Backend Error")
        if form.get("grant_type") != GRANT_TYPE:
            raise _TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        claims = self._claims(form.get("assertion", ""))
        self._check_times(claims)
        if claims.get("aud") != f"{self._site.uri}/token":
            raise _TokenError(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        subject = str(claims.get("sub", "")).lower()
        refusal = self._people.refusal(subject)
        if refusal:
            raise _TokenError(400, "invalid_grant", refusal)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise _TokenError(400, "invalid_scope", "Empty or missing scope not allowed.")
        withdrawn = len(self._grants) >= self._faults.unauthorized_after >= 0
        if withdrawn:
            self._site.note("unauthorized_after")
        if withdrawn or not scopes <= self._scopes:
            raise _TokenError(401, "unauthorized_client", _UNAUTHORIZED)
        return Grant(subject, scopes, self._site.clock() + self._faults.token_seconds)

    def _claims(self, assertion: str) -> Dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            header, claims = _decoded(head), _decoded(body)
            signed = base64.urlsafe_b64decode(signature + "==")
        except ValueError:
            raise _TokenError(400, "invalid_grant", "Bad Request") from None
        if claims.get("iss") != self.email:
            raise _TokenError(400, "invalid_grant", "Invalid grant: account not found")
        if header.get("alg") != "RS256" or header.get("kid", self._key_id) != self._key_id:
            raise _TokenError(400, "invalid_grant", "Invalid JWT Signature.")
        try:
            self._key.public_key().verify(signed, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise _TokenError(400, "invalid_grant", "Invalid JWT Signature.") from None
        return claims

    def _check_times(self, claims: Dict[str, Any]) -> None:
        now = self._site.clock()
        issued, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(ends, int):
            raise _TokenError(400, "invalid_grant", _SHORT_LIVED)
        if ends - issued > _LONGEST or ends <= now or issued > now + _SKEW:
            raise _TokenError(400, "invalid_grant", _SHORT_LIVED)


@functools.lru_cache(maxsize=1)
def _key() -> Tuple[rsa.RSAPrivateKey, str]:
    """The key pair and its id, one a process: making one takes a good part of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048), secrets.token_hex(20)


def _decoded(part: str) -> Dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(part + "=="))
    if not isinstance(value, dict):
        raise ValueError(part)
    return value
