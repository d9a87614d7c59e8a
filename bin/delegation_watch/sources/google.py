"""Tokens of Google for a service account with domain-wide delegation (JWT bearer, RFC 7523), signed with RS256."""

import json
import re
import time
from typing import Any, Callable, Dict, Tuple

import requests

from .errors import SettingsError, SignInError
from .foreign import foreign
from .http import Http, Token, origin, too_busy
from .rs256 import RsaKey, jwt_rs256

_SCOPES = "https://www.googleapis.com/auth/"
REPORTS_SCOPE = _SCOPES + "admin.reports.audit.readonly"
USERS_SCOPE = _SCOPES + "admin.directory.user.readonly"
GROUPS_SCOPE = _SCOPES + "admin.directory.group.readonly"
ROLES_SCOPE = _SCOPES + "admin.directory.rolemanagement.readonly"
DELEGATES_SCOPE = _SCOPES + "gmail.settings.basic"
# What takes a delegate away; also adds one, so no reading key has it.
SHARING_SCOPE = _SCOPES + "gmail.settings.sharing"
# What may stand behind `Bearer`. Source: RFC 6750, part 2.1.
_TOKEN = re.compile(r"[!-~]+\Z")
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
# The same by Google's own words, which say more than the code. Sources: Google Identity, service accounts, error codes;
# googleapis/google-api-php-client#1429, googleapis/google-cloud-python#10004.
_BY_WORDS = {
    "short-lived token": "set the clock of this machine right",
    "Invalid JWT Signature": "the key was deleted or belongs to another account; make a new key and store it",
    "account not found": "the service account was deleted; make another one, or store the key file of the right one",
    "Invalid email or User ID": "check subject: it is no user of this organisation",
    "Not a valid email": "subject must be an administrator's e-mail address",
    "has been deleted": "subject was deleted; name another administrator",
}
# What else comes as a JSON file from Google's console, by its `type` or its only key.
_OTHER_FILES = {
    "authorized_user": "a person's own credentials",
    "external_account": "a workload identity federation's configuration",
    "installed": "an OAuth client's file",
    "web": "an OAuth client's file",
}


def read_key_file(secret: str, custom: bool) -> Dict[str, str]:
    """The service account's key file; its token_uri must be Google's own unless the account's cloud is custom."""
    try:
        key = json.loads(secret.lstrip("\ufeff"))  # the mark that some editors put in front
    except ValueError:
        raise SettingsError("the stored secret is no service account key file: it is not JSON") from None
    other = next((what for name, what in _OTHER_FILES.items() if _is_of(key, name)), "")
    if other:
        raise SettingsError(f"the stored secret is {other}, not a service account's key file; make a key (JSON) of one")
    wanted = ("client_email", "private_key", "token_uri")
    missing = [name for name in wanted if not isinstance(key, dict) or not key.get(name)]
    if missing:
        raise SettingsError(f"the service account key file has no {', '.join(missing)}")
    host = origin(str(key["token_uri"]))[1]
    if not custom and host != "accounts.google.com" and not host.endswith(".googleapis.com"):
        raise SettingsError(f"the key file's token_uri is at {host}, not at Google; set cloud = custom if it is meant")
    try:
        RsaKey.from_pem(str(key["private_key"]))
    except ValueError as error:
        raise SettingsError(f"the private key of the key file cannot be used: {error}") from None
    return {name: str(value) for name, value in key.items()}


def _is_of(key: Any, name: str) -> bool:
    return isinstance(key, dict) and (key.get("type") == name or isinstance(key.get(name), dict))


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
        token = body.get("access_token")
        if not token and not body.get("error"):
            line = foreign(response, "token_uri in the key file")
            raise SignInError(f"{key['client_email']} cannot sign in as {subject}: {line}", response.status_code)
        if response.status_code != 200 or not isinstance(token, str) or not _TOKEN.match(token):
            raise _refusal(key, subject, scope, response.status_code, body)
        return token, clock() + _seconds(body.get("expires_in"))

    return Token(fetch, clock)


def _said(response: requests.Response) -> Dict[str, Any]:
    """The object that an answer holds, empty when it holds none."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


def _seconds(given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        return _LIFE


def _busy(response: requests.Response) -> bool:
    return too_busy(response) or _said(response).get("error") in _LATER


def _refusal(key: Dict[str, str], subject: str, scope: str, status: int, body: Dict[str, Any]) -> SignInError:
    code = str(body.get("error") or f"HTTP {status}")
    said = " ".join(str(body.get("error_description") or "no reason given").split())[:300]
    text = f"Google refuses {key['client_email']} in the name of {subject}: {code}: {said}"
    advice = next((advice for words, advice in _BY_WORDS.items() if words in said), _ADVICE.get(code, ""))
    text += f" - {advice}" if advice else ""
    if code == "unauthorized_client":
        text += f": {scope} (client id {key.get('client_id') or 'of the key file'})"
    return SignInError(text, status, code, said)
