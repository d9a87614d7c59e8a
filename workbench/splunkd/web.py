"""Splunk Web between a browser and splunkd: sessions by cookie, the rule against forged requests, what is exposed.

Only `/<locale>/splunkd/__raw/…` is here, the way by which a page asks splunkd. Sources: web.conf.spec (`expose:`,
`cookieSecure`, `mgmtHostPort`), and what pages of public apps send. Texts of refusals are [unverified].
"""

from __future__ import annotations

import json
import re
import secrets
import ssl
from http.client import HTTPSConnection
from typing import TYPE_CHECKING, Dict, Mapping, NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from workbench.splunkd.persist import exposed
from workbench.splunkd.rest.service import built_in

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_RAW = re.compile(r"/[a-z]{2}-[A-Z]{2}/splunkd/__raw(?P<path>/services(?:NS/[^/]+/[^/]+)?/[^?]+)(?P<query>\?.*)?")
_SAFE = ("GET", "HEAD", "OPTIONS")
_PASSED = ("Content-Type", "Accept")
_SECONDS = 180


class Reply(NamedTuple):
    """An answer to the browser."""

    status: int
    content_type: str
    body: bytes


class SplunkWeb:
    """The sessions of one Splunk Web. `port` only names the cookies, as Splunk Web's port does."""

    def __init__(self, splunkd: Splunkd, port: int = 8000):
        self._splunkd = splunkd
        self._forms: Dict[str, str] = {}
        self.session_cookie, self.form_cookie = f"splunkd_{port}", f"splunkweb_csrf_token_{port}"

    def sign_in(self, user: str) -> Dict[str, str]:
        """The cookies of a new session of this user; the second one is for the page's own scripts to read."""
        key = self._splunkd.sessions.issue(user)
        self._forms[key] = str(secrets.randbelow(10**20))
        return {self.session_cookie: key, self.form_cookie: self._forms[key]}

    def sign_out(self, cookies: Mapping[str, str]) -> None:
        """End the session, as its time or an administrator ends one."""
        self._splunkd.sessions.end(cookies.get(self.session_cookie, ""))

    def ask(
        self, method: str, address: str, headers: Mapping[str, str], cookies: Mapping[str, str], body: bytes = b""
    ) -> Optional[Reply]:
        """Answer a request for splunkd; None where the address is none of these."""
        match = _RAW.fullmatch(address)
        if match is None:
            return None
        key = cookies.get(self.session_cookie, "")
        if self._splunkd.sessions.user(key) is None:
            return _refusal(401, "call not properly authenticated", "WARN")
        given = {name.lower(): value for name, value in headers.items()}
        if method not in _SAFE and not self._sent_by_the_page(key, given, cookies):
            return _refusal(401, "Splunk cannot authenticate the request. CSRF validation failed.")
        path = [unquote(part) for part in match["path"].split("/") if part]
        below = path[1:] if path[0] == "services" else path[3:]
        if not built_in(below) and not exposed(self._splunkd.conf, below, method):
            return _refusal(404, "Not Found")
        return self._forward(method, match["path"] + (match["query"] or ""), given, key, body)

    def _sent_by_the_page(self, key: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
        form = self._forms.get(key, "")
        sent = headers.get("x-splunk-form-key", "")
        own = headers.get("x-requested-with", "") == "XMLHttpRequest"
        return bool(form) and own and sent == form == cookies.get(self.form_cookie)

    def _forward(self, method: str, path: str, headers: Mapping[str, str], key: str, body: bytes) -> Reply:
        parts = urlsplit(self._splunkd.uri)
        trusted = ssl.create_default_context(cafile=str(self._splunkd.ca_file))
        connection = HTTPSConnection(parts.hostname or "", parts.port, timeout=_SECONDS, context=trusted)
        sent = {name: headers[name.lower()] for name in _PASSED if name.lower() in headers}
        try:
            connection.request(method, path, body or None, {**sent, "Authorization": f"Splunk {key}"})
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheader("Content-Type", ""), answer.read())
        finally:
            connection.close()


def _refusal(status: int, text: str, level: str = "ERROR") -> Reply:
    body = json.dumps({"messages": [{"type": level, "text": text}]}).encode()
    return Reply(status, "application/json; charset=UTF-8", body)
