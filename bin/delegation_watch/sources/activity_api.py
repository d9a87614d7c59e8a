"""Calls of the Office 365 Management Activity API: subscriptions, listings, blobs, and what its error codes mean.

Source: Office 365 Management Activity API reference and its troubleshooting page; AF20023, AF20024 and the plain 429
(opensearch-project/data-prepper#6231) from what users reported, since the reference leaves them out.
"""

import json
import re
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from .errors import RefusedError
from .feed import time_of
from .foreign import described, foreign, is_page
from .http import Busy, Http, Token, origin, too_busy

STOP, START, DONE, LOST, RETRY, RELIST, CLAMP = "stop", "start", "done", "lost", "retry", "relist", "clamp"
# code → (what to do, what it means and what the person can do)
CODES: Dict[str, Tuple[str, str]] = {
    "AF10001": (
        STOP,
        "the application lacks the permission ActivityFeed.Read, or consent to it; DLP.All needs ActivityFeed.ReadDlp "
        "as well",
    ),
    "AF20001": (STOP, "a parameter is missing"),
    "AF20002": (STOP, "a parameter is of the wrong type"),
    "AF20003": (STOP, "the expiration is in the past"),
    "AF20010": (STOP, "the tenant of the account is not the one that the application signed in to"),
    "AF20011": (STOP, "the tenant is not known, or unified audit is not switched on"),
    "AF20012": (STOP, "the tenant is misconfigured, or unified audit is not switched on"),
    "AF20013": (STOP, "the tenant must be given as a GUID"),
    "AF20020": (STOP, "the content type is not valid"),
    "AF20022": (START, "there is no subscription for this content type"),
    "AF20023": (START, "the subscription was disabled"),
    "AF20024": (DONE, "the subscription is already enabled"),
    "AF20030": (CLAMP, "the window of time is refused; check the clock of this machine"),
    "AF20031": (RELIST, "the listing has to begin anew"),
    "AF20050": (LOST, "the content does not exist"),
    "AF20051": (LOST, "the content has expired"),
    "AF20052": (LOST, "the content's id is not valid here"),
    "AF20055": (CLAMP, "the window of time is refused; check the clock of this machine"),
    "AF429": (RETRY, "too many requests"),
    "429": (RETRY, "too many requests"),
    "AF50000": (RETRY, "an internal error at Microsoft"),
}
_CODE = re.compile(r"\bAF\d{3,5}\b")
_AUDIT_OFF = re.compile(r"DataServiceException: Tenant \S+ does not exist", re.IGNORECASE)
# How often a page is asked for that is no list.
_BODIES = 3
_NEXT_PAGE = ("NextPageUri", "NextPageUrl")


class Content(NamedTuple):
    """One blob of a listing; `created` is when it became available, in epoch seconds, if the listing says so."""

    id: str
    uri: str
    created: Optional[float]


class ActivityApi:
    """The feed of one tenant. Every call carries the token, and goes to the api_root's own host or nowhere.

    publisher is the tenant GUID of whoever made the calling application: calls that name one have a quota of their own,
    all others share one. An application that is registered for this app alone is the tenant's own, the default.
    `started` are the content types whose subscription was off until a call here.
    """

    def __init__(self, http: Http, api_root: str, tenant: str, token: Token, publisher: str = ""):
        self._http = http
        self._origin = origin(api_root)
        self._base = f"{api_root.rstrip('/')}/api/v1.0/{tenant}/activity/feed/"
        self._publisher = publisher or tenant
        self._token = token
        self.started: Set[str] = set()

    def subscriptions(self) -> Dict[str, str]:
        """Content type → status in small letters; an element without a status counts as enabled."""
        return {
            str(entry["contentType"]): str(entry.get("status") or "enabled").lower()
            for entry in self._list(self._call("GET", self._base + "subscriptions/list"))
            if isinstance(entry, dict) and entry.get("contentType")
        }

    def start(self, content_type: str) -> None:
        """Start the subscription of a content type; one that is already enabled is no error."""
        try:
            self._call("POST", self._base + "subscriptions/start", {"contentType": content_type}, _faulty)
            self.started.add(content_type)
        except RefusedError as error:
            if action(error) != DONE:
                raise

    def listing(self, content_type: str, start: float, end: float) -> Iterator[List[Content]]:
        """Pages of what became available from `start` on and before `end`, at most 24 hours apart."""
        params: Optional[Dict[str, str]] = {
            "contentType": content_type, "startTime": _written(start), "endTime": _written(end),
        }  # fmt: skip
        url = self._base + "subscriptions/content"
        followed = set()
        while url:
            response, entries = self._page(url, params)
            yield [_content(entry) for entry in entries]
            url = next((response.headers[name] for name in _NEXT_PAGE if response.headers.get(name)), "")
            params = None
            if url in followed:
                raise RefusedError("the listing names the same next page again and again", 200)
            followed.add(url)

    def _page(self, url: str, params: Optional[Dict[str, str]]) -> Tuple[requests.Response, List[Any]]:
        """A page and its entries; asked for again where it came with success, and is neither list nor refusal."""
        attempts = _BODIES
        while True:
            attempts -= 1
            response = self._call("GET", url, params)
            try:
                return response, self._list(response)
            except RefusedError as error:
                if not attempts or (error.code in CODES and action(error) != RETRY):
                    raise

    def blob(self, content: Content) -> str:
        """The text of a blob, a JSON list of records."""
        if not content.uri:
            raise RefusedError("the listing gives no address of it", code="AF20050")
        response = self._call("GET", content.uri)
        text = response.content.decode("utf-8-sig", errors="replace")  # a byte that is none is shown as U+FFFD
        if text.lstrip()[:1] == "{" and _said(response)[0] in CODES:
            raise _refused(response)
        return text

    def _call(
        self, method: str, url: str, params: Optional[Dict[str, str]] = None, busy: Optional[Busy] = None
    ) -> requests.Response:
        busy = busy or _busy
        token = self._token.get()
        response = self._sent(method, url, params, token, busy)
        if response.status_code == 401:
            response = self._sent(method, url, params, self._token.get(stale=token), busy)
        if response.status_code >= 400:
            raise _refused(response)
        return response

    def _sent(
        self, method: str, url: str, params: Optional[Dict[str, str]], token: str, busy: Busy
    ) -> requests.Response:
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        url = _with(url, {**(params or {}), "PublisherIdentifier": self._publisher})
        return self._http.call(method, url, self._origin, busy=busy, headers=headers)

    def _list(self, response: requests.Response) -> List[Any]:
        """The list that an answer holds; nothing else is taken for an empty one."""
        try:
            listed = response.json()
        except (ValueError, RecursionError):
            line = f"no answer of the Management Activity API: {foreign(response)}"
            raise RefusedError(line, response.status_code) from None
        if not isinstance(listed, list):
            raise _refused(response)
        return listed


def action(error: Exception) -> str:
    """What to do about an error."""
    return CODES.get(error.code, (STOP,))[0] if isinstance(error, RefusedError) else STOP


def _with(url: str, params: Dict[str, str]) -> str:
    """The address with parameters that it does not have yet."""
    present = {name.lower() for name in parse_qs(urlsplit(url).query, keep_blank_values=True)}
    added = urlencode({name: value for name, value in params.items() if name.lower() not in present})
    return url + ("&" if "?" in url else "?") + added if added else url


def _content(entry: Any) -> Content:
    given = entry if isinstance(entry, dict) else {}
    uri = str(given.get("contentUri") or "")
    return Content(str(given.get("contentId") or uri or entry), uri, time_of(given.get("contentCreated")))


def _written(time: float) -> str:
    return datetime.fromtimestamp(int(time), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def _said(response: requests.Response) -> Tuple[str, str]:
    """(code, message) of an error's body, whatever its form."""
    code = message = ""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = described(response) if is_page(response) else response.text[:300]
    if isinstance(body, dict):
        error = body.get("error")
        inner = error if isinstance(error, dict) else body
        code = str(inner.get("code") or inner.get("Code") or "")
        message = str(inner.get("message") or inner.get("Message") or (error if isinstance(error, str) else ""))
    found = _CODE.search(code) or _CODE.search(message or json.dumps(body))
    return (found.group() if found else code), message or (body if isinstance(body, str) else "")


def _busy(response: requests.Response) -> bool:
    if response.status_code < 400:
        return False
    return too_busy(response) or CODES.get(_said(response)[0], (STOP,))[0] == RETRY


def _faulty(response: requests.Response) -> bool:
    """A start that is put off is not tried again at once: the vendor asks for fifteen minutes between two."""
    return response.status_code >= 500


def _refused(response: requests.Response) -> RefusedError:
    code, message = _said(response)
    meaning = CODES.get(code, (STOP, ""))[1]
    if _AUDIT_OFF.search(message):
        meaning = "unified audit is not switched on in this tenant"
    elif response.status_code == 401 and not meaning:
        meaning = "the token is refused; check tenant, cloud and the application's permission ActivityFeed.Read"
    elif response.status_code < 400 and not meaning:
        meaning = "no list where a list is due"
    parts = [f"HTTP {response.status_code}", code, meaning, " ".join(message.split())[:200]]
    text = "the Management Activity API refuses the call: " + ": ".join(part for part in parts if part)
    return RefusedError(text, response.status_code, code)
