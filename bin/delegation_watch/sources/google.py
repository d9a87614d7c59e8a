"""Tokens of Google for a service account with domain-wide delegation (JWT bearer, RFC 7523), signed with RS256."""

import json
import time
from typing import Any, Callable, Dict, Tuple

import requests

from .errors import SettingsError, SignInError
from .http import Http, Token, origin, too_busy
from .rs256 import jwt_rs256

REPORTS_SCOPE = "https://www.googleapis.com/auth/admin.reports.audit.readonly"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE = 3600
# Errors that mean: later. Source: google-auth, google.oauth2._client.
_LATER = ("internal_failure", "server_error", "temporarily_unavailable")
# What to do about the refusals that people meet. Source: Google Identity, service accounts, error codes.
_ADVICE = {
    "unauthorized_client": "give this client id domain-wide delegation with exactly this scope",
    "invalid_grant": "check subject, that the key still exists, and the clock of this machine",
    "invalid_client": "the service account is not known; check the key file",
    "access_denied": "an administrator has blocked this client",
}


def read_key_file(secret: str, custom: bool) -> Dict[str, str]:
    """The service account's key file; its token_uri must be Google's own unless the account's cloud is custom."""
    try:
        key = json.loads(secret)
    except ValueError:
        raise SettingsError("the stored secret is no service account key file: it is not JSON") from None
    wanted = ("client_email", "private_key", "token_uri")
    missing = [name for name in wanted if not isinstance(key, dict) or not key.get(name)]
    if missing:
        raise SettingsError(f"the service account key file has no {', '.join(missing)}")
    host = origin(str(key["token_uri"]))[1]
    if not custom and host != "accounts.google.com" and not host.endswith(".googleapis.com"):
        raise SettingsError(f"the key file's token_uri is at {host}, not at Google; set cloud = custom if it is meant")
    return {name: str(value) for name, value in key.items()}


def google_token(
    http: Http, key: Dict[str, str], subject: str, scope: str, clock: Callable[[], float] = time.time
) -> Token:
    """A token for `scope` in the name of `subject`; SignInError when it is refused."""

    def fetch() -> Tuple[str, float]:
        now = int(clock())
        url = key["token_uri"]
        claims: Dict[str, Any] = {"iss": key["client_email"], "sub": subject, "scope": scope, "aud": url}
        claims.update(iat=now, exp=now + _LIFE)
        try:
            assertion = jwt_rs256(claims, key["private_key"], key.get("private_key_id"))
        except (ValueError, ArithmeticError) as error:
            raise SettingsError(f"the private key of the key file cannot be used: {error}") from None
        form = {"grant_type": _GRANT, "assertion": assertion}
        response = http.call("POST", url, origin(url), busy=_busy, data=form)
        body = _said(response)
        if response.status_code != 200 or not body.get("access_token"):
            raise SignInError(_refusal(key, subject, response.status_code, body))
        return str(body["access_token"]), clock() + float(body.get("expires_in", _LIFE))

    return Token(fetch, clock)


def _said(response: requests.Response) -> Dict[str, Any]:
    """The object that an answer holds, empty when it holds none."""
    try:
        body = response.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _busy(response: requests.Response) -> bool:
    return too_busy(response) or _said(response).get("error") in _LATER


def _refusal(key: Dict[str, str], subject: str, status: int, body: Dict[str, Any]) -> str:
    code = str(body.get("error") or f"HTTP {status}")
    said = " ".join(str(body.get("error_description") or "no reason given").split())[:300]
    advice = _ADVICE.get(code, "")
    text = f"Google refuses {key['client_email']} in the name of {subject}: {code}: {said}"
    return text + (f" - {advice}" if advice else "")
