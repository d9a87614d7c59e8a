"""Microsoft Entra ID as an application sees it: OIDC discovery and the client-credentials token endpoint.

Errors and their texts: AADSTS codes as users quote them (microsoft/Dynamics-AX-Integration#95,
12Knocksinna/Office365itpros#23, Azure/sap-automation#418). An application shows that it is itself by its secret or
by an assertion signed with a registered certificate (`assertion`). A token is for one API, the one that its scope
names, by its address at Microsoft or here.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from typing import Dict, List, NamedTuple, Optional, Tuple

from flask import Response, jsonify, request

from workbench.tenants.assertion import ASSERTION_TYPE, Certificates, RefusedAssertionError
from workbench.tenants.faults import Faults
from workbench.tenants.records import utc
from workbench.tenants.served import Served, UnknownRequestError

ACTIVITY, GRAPH, EXCHANGE = "https://manage.office.com", "https://graph.microsoft.com", "https://outlook.office365.com"
# API by the name that it has among those of a `Served`
APIS = {"activity": ACTIVITY, "graph": GRAPH, "exchange": EXCHANGE}
_KNOWN_FIELDS = {
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "client_info",
}

# API -> what the names of its application permissions begin with; Graph has all others
_PERMISSIONS = {ACTIVITY: ("ActivityFeed.", "ServiceHealth."), EXCHANGE: ("Exchange.", "full_access_as_app")}

_REFUSALS: Dict[int, Tuple[int, str, str]] = {
    900144: (400, "invalid_request", "The request body must contain the following parameter: '{0}'."),
    90002: (
        400,
        "invalid_request",
        "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into "
        "the correct cloud. Check with your subscription administrator, this may happen if there are no "
        "active subscriptions for the tenant.",
    ),
    70003: (400, "unsupported_grant_type", "The app requested an unsupported grant type '{0}'."),
    700016: (
        400,
        "unauthorized_client",
        "Application with identifier '{0}' was not found in the directory '{1}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user "
        "in the tenant. You may have sent your authentication request to the wrong tenant.",
    ),
    7000215: (
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        "value, not the client secret ID, for a secret added to app '{0}'.",
    ),
    7000218: (
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    700027: (401, "invalid_client", "{0}"),
    50027: (400, "invalid_request", "{0}"),
    7000222: (401, "invalid_client", "The provided client secret keys for app '{0}' are expired."),
    1002012: (
        400,
        "invalid_scope",
        "The provided value for scope {0} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    ),
    500011: (
        400,
        "invalid_resource",
        "The resource principal named {0} was not found in the tenant named {1}.",
    ),
}


class Grant(NamedTuple):
    """What a token stands for: tenant, the API it is for, its permissions there, the second it ends."""

    tenant: str
    audience: str
    roles: Tuple[str, ...]
    expires: float

    def is_for(self, api: str) -> bool:
        """Whether this API is the one it is for."""
        return self.audience == api


class _TokenError(Exception):
    def __init__(self, code: int, *details: str) -> None:
        self.code = code
        self.details = details


class Entra:
    """The authority of one tenant with one registered application; adds its routes to a `Served`."""

    def __init__(self, site: Served, tenant: str, client_id: str, secret: str, faults: Faults) -> None:
        self._site = site
        self._tenant = tenant
        self._client_id = client_id
        self._secret = secret
        self._faults = faults
        self._grants: Dict[str, Grant] = {}
        self._lock = threading.Lock()
        self.certificates = Certificates(client_id)
        site.speech["entra"] = _spoken
        site.app.add_url_rule("/<tenant>/v2.0/.well-known/openid-configuration", "entra/discovery", self._discovery)
        site.app.add_url_rule("/<tenant>/oauth2/v2.0/token", "entra/token", self._token, methods=["POST"])

    def tokens(self) -> List[str]:
        """The access tokens given so far."""
        with self._lock:
            return list(self._grants)

    def bearer(self, api: str) -> Optional[Grant]:
        """What the present call's token allows at this API; None when it is unknown, has ended or is for another."""
        grant = self.shown()
        if grant and self.has_ended(grant):
            self._site.note("token_seconds")
            return None
        return grant if grant and grant.is_for(api) else None

    def shown(self) -> Optional[Grant]:
        """What the present call's token was given for, ended or not; None when it is none of ours."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self._grants.get(token) if scheme == "Bearer" else None

    def has_ended(self, grant: Grant) -> bool:
        """Whether it has ended."""
        return grant.expires <= self._site.clock()

    def _discovery(self, tenant: str) -> Response:
        try:
            self._require_tenant(tenant)
        except _TokenError as refused:
            return self._refusal(refused)
        root = f"{self._site.uri}/{tenant}"
        return jsonify(
            {
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "issuer": f"{root}/v2.0",
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    def _token(self, tenant: str) -> Response:
        strange = sorted(set(request.form) - _KNOWN_FIELDS)
        if strange:
            raise UnknownRequestError(f"no rule for the field {strange[0]!r} of a token request")
        try:
            self._require_tenant(tenant)
            scope = self._require_application(request.form.to_dict(), tenant)
        except _TokenError as refused:
            return self._refusal(refused)
        return jsonify(
            {
                "token_type": "Bearer",
                "expires_in": self._faults.token_seconds,
                "ext_expires_in": self._faults.token_seconds,
                "access_token": self._issue(scope),
            }
        )

    def _require_tenant(self, tenant: str) -> None:
        if tenant.lower() != self._tenant:
            raise _TokenError(90002, tenant)

    def _require_application(self, form: Dict[str, str], tenant: str) -> str:
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise _TokenError(900144, name)
        if form["grant_type"] != "client_credentials":
            raise _TokenError(70003, form["grant_type"])
        if form["client_id"] != self._client_id:
            raise _TokenError(700016, form["client_id"], tenant)
        scope = form.get("scope", "")
        if not scope.endswith("/.default") or " " in scope:
            raise _TokenError(1002012, scope)
        resource = scope[: -len("/.default")]
        if self._api(resource) is None:
            raise _TokenError(500011, resource, tenant)
        self._require_credential(form, tenant)
        return resource

    def _api(self, resource: str) -> Optional[str]:
        return resource if resource in APIS.values() else APIS.get(self._site.api_at(resource) or "")

    def _require_credential(self, form: Dict[str, str], tenant: str) -> None:
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            try:
                audience = f"{self._site.uri}/{tenant}/oauth2/v2.0/token"
                self.certificates.check(form.get("client_assertion", ""), audience, self._site.clock())
            except RefusedAssertionError as refused:
                raise _TokenError(refused.code, refused.text) from None
            return
        if "client_secret" not in form:
            raise _TokenError(7000218)
        if not secrets.compare_digest(form["client_secret"].encode(), self._secret.encode()):
            raise _TokenError(7000215, self._client_id)
        if self._faults.secret_expired:
            self._site.note("secret_expired")
            raise _TokenError(7000222, self._client_id)

    def _issue(self, audience: str) -> str:
        api = self._api(audience) or ""
        now = self._site.clock()
        expires = now + self._faults.token_seconds
        roles = tuple(role for role in self._faults.roles if api == _api_of(role))
        claims = {
            "aud": audience,
            "iss": f"{self._site.uri}/{self._tenant}/v2.0",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(expires),
            "appid": self._client_id,
            "roles": list(roles),
            "tid": self._tenant,
        }
        token = ".".join([_part({"typ": "JWT", "alg": "RS256"}), _part(claims), secrets.token_urlsafe(32)])
        with self._lock:
            self._grants[token] = Grant(self._tenant, api, roles, expires)
        return token

    def _refusal(self, refused: _TokenError) -> Response:
        status, error, text = _REFUSALS[refused.code]
        stamp = utc(self._site.clock(), "%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        lines: List[str] = [
            f"AADSTS{refused.code}: {text.format(*refused.details)} Trace ID: {trace}",
            f"Correlation ID: {correlation}",
            f"Timestamp: {stamp}",
        ]
        response = jsonify(
            {
                "error": error,
                "error_description": " ".join(lines),
                "error_codes": [refused.code],
                "timestamp": stamp,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": f"{self._site.uri}/error?code={refused.code}",
            }
        )
        response.status_code = status
        return response


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _api_of(role: str) -> str:
    return next((api for api, starts in _PERMISSIONS.items() if role.startswith(starts)), GRAPH)


def _spoken(status: int, code: str) -> Dict[str, object]:
    """An error that a plan asks for, in the form of the token endpoint (AADSTS90033: a transient error)."""
    text = "AADSTS90033: A transient error has occurred. Please try again."
    return {"error": "temporarily_unavailable", "error_description": text, "error_codes": [90033]}
