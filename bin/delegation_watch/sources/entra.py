"""Tokens of Microsoft Entra ID for an application with a client secret or a certificate, by msal."""

import json
import logging
import re
import time
from functools import partial
from typing import Any, Callable, Dict, Optional, Tuple

import msal
import requests

from .certificate import assertion, is_certificate, read_certificate
from .errors import SettingsError, SignInError
from .foreign import foreign
from .http import Http, Token, origin

# What to do about the refusals that people meet. Source: Microsoft identity platform, AADSTS error codes.
_ADVICE: Dict[str, str] = {
    "AADSTS7000215": "the secret is wrong; store the secret's value, not its id",
    "AADSTS7000222": "the secret has expired; make a new one and store it",
    "AADSTS700016": "client_id is not known in this tenant; check both, and that the application was consented to",
    "AADSTS700027": "the certificate is not registered at the application, or has ended; upload it there, or a new one",
    "AADSTS90002": "the tenant is not known; check its GUID and the cloud",
    "AADSTS900023": "the tenant is not known; check its GUID and the cloud",
    "AADSTS900382": "the tenant is in another of Microsoft's clouds; check the account's cloud",
    "AADSTS500011": "the API is not known in this tenant; check the cloud",
    "AADSTS70011": "the scope is refused; check the cloud and api_root",
    "AADSTS1002012": "the scope is refused; check the cloud and api_root",
    "AADSTS7000112": "the application is disabled",
    "AADSTS53003": "a Conditional Access policy blocks the application",
}
_CODE = re.compile(r"AADSTS\d+")
# What may stand behind `Bearer`. Source: RFC 6750, part 2.1.
_TOKEN = re.compile(r"[!-~]+\Z")
# What msal finds wrong it raises as well; its log would put tracebacks, and the answer's text, into splunkd's.
logging.getLogger("msal").setLevel(logging.CRITICAL + 1)
# What msal raises for answers that are refusals, and for those that it does not expect.
_MSAL_ERRORS = (
    msal.exceptions.MsalError, ValueError, KeyError, RuntimeError, AttributeError, TypeError, requests.HTTPError,
)  # fmt: skip


class _ForeignError(Exception):
    """The answer is not Entra's; msal would only say that it is no JSON."""


class _Client:
    """The part of a session that msal needs, over Http: verified, and only to the authority's own origin.

    `status` is that of the last answer.
    """

    def __init__(self, http: Http, authority: str):
        self._http = http
        self._allowed = origin(authority)
        self.status = 0

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> requests.Response:
        """GET, as msal calls it."""
        return self._own(self._http.call("GET", url, self._allowed, params=params, headers=headers), "token_endpoint")

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> requests.Response:
        """POST, as msal calls it."""
        answer = self._http.call("POST", url, self._allowed, params=params, data=data, headers=headers)
        return self._own(answer, "access_token")

    def close(self) -> None:
        """Nothing to close: the session belongs to the run."""

    def _own(self, answer: requests.Response, due: str) -> requests.Response:
        """The answer, if it may be Entra's own: with what is due, or an error."""
        self.status = answer.status_code
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict) and (body.get(due) or body.get("error")):
            return answer
        raise _ForeignError(foreign(answer, "the account's cloud or authority"))


def entra_token(
    http: Http, authority: str, tenant: str, client_id: str, secret: str, scope: str,
    clock: Callable[[], float] = time.time,
) -> Token:  # fmt: skip
    """A token for `scope` (`https://host/.default`), fetched when first asked for; SignInError when it is refused.

    secret is a client secret, or a private key and its certificate in PEM. SettingsError when it cannot be either.
    """
    where = f"{authority.rstrip('/')}/{tenant}"
    certificate = read_certificate(secret) if is_certificate(secret) else None
    if not certificate and secret != secret.strip():
        raise SettingsError("the stored client secret has blanks or a line end around it; store it again without them")

    credential: Any = secret
    if certificate:
        signer = partial(assertion, certificate, client_id, f"{where}/oauth2/v2.0/token")
        credential = {"client_assertion": lambda: signer(clock())}

    def refused(said: str, status: int) -> SignInError:
        more = f"; it ends on {certificate.ends}" if certificate else ""
        return _refusal(client_id, said.replace(secret, "(secret)"), more, status)

    def fetch() -> Tuple[str, float]:
        client = _Client(http, authority)
        try:
            application = msal.ConfidentialClientApplication(
                client_id,
                client_credential=credential,
                authority=where,
                instance_discovery=False,
                http_client=client,
            )
            answer = application.acquire_token_for_client(scopes=[scope])
        except _ForeignError as error:
            said = str(error).replace(secret, "(secret)")
            raise SignInError(f"application {client_id} cannot sign in: {said}", client.status) from None
        except _MSAL_ERRORS as error:
            raise refused(_described(error), client.status) from None
        token = str(answer.get("access_token") or "")
        if not _TOKEN.match(token):
            raise refused(str(answer.get("error_description") or answer.get("error") or ""), client.status)
        return token, clock() + float(answer.get("expires_in", 3599))

    return Token(fetch, clock)


def _described(error: Exception) -> str:
    """msal's error with the vendor's text, where the vendor gave one: it stands in the error's context."""
    context: Optional[BaseException] = error.__context__
    text = f"{error} {context or ''}"
    found = re.search(r'"error_description"\s*:\s*("(?:[^"\\]|\\.)*")', text)
    return str(json.loads(found.group(1))) if found else str(error)


def _refusal(client_id: str, said: str, more: str, status: int) -> SignInError:
    reason = " ".join(said.split()).partition(" Trace ID:")[0][:240] or "no reason given"
    code = _CODE.search(said)
    advice = _ADVICE.get(code.group(), "") if code else ""
    line = f"Entra ID refuses the sign-in of application {client_id}: {reason}"
    return SignInError(line + (f" - {advice}{more}" if advice else ""), status, code.group() if code else "")
