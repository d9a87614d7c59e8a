"""HTTPS calls to one vendor: verified, only to the hosts that were agreed on, tried again where that helps."""

import random
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple, Union
from urllib.parse import urlsplit

import requests

from .errors import RefusedError, SettingsError, UnreachableError, UntrustedError
from .trickle import WatchingAdapter
from .trust import trusted

_LONGEST_WAIT = 300.0
# An answer is taken in few large pieces; requests' own, of ten kilobytes, cost more than what is done with them.
requests.models.CONTENT_CHUNK_SIZE = 1 << 20


class Patience(NamedTuple):
    """How long a call is waited for, and how often made.

    timeout: seconds for a connection, and between two pieces of an answer. least, span: bytes that each so many seconds
    of an answer have to bring; a kilobyte a second is a slow link, and less an answer that may never end. The span is
    longer than the wait for a piece, so that one long pause is none. tries: calls in all where the network fails, and
    where the service is busy.
    """

    timeout: Tuple[float, float] = (15, 120)
    least: int = 180 * 1024
    span: float = 180
    network_tries: int = 3
    busy_tries: int = 7


Verify = Union[bool, str]
Busy = Callable[[requests.Response], bool]
Origin = Tuple[str, str, int]


def origin(url: str) -> Origin:
    """(scheme, host, port) of an address, by which two addresses are compared; SettingsError unless it is https."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or 443
    except ValueError:
        host, port, parts = "", 0, urlsplit("")
    if parts.scheme.lower() != "https" or not host or parts.username is not None:
        raise SettingsError(f"{url!r} is no https address of the form https://host")
    return "https", host, port


def too_busy(response: requests.Response) -> bool:
    """Whether a status alone says: later. 429, and any fault on the server's side."""
    return response.status_code == 429 or response.status_code >= 500


class Http:
    """Calls over one session; the session is shared by the threads of a run.

    verify: True for the trust store that comes with requests, or the path of a file of certificates.
    sleep and session are given by tests.
    """

    def __init__(
        self,
        verify: Verify = True,
        session: Optional[requests.Session] = None,
        sleep: Callable[[float], None] = time.sleep,
        connections: int = 4,
        patience: Patience = Patience(),  # noqa: B008  never changed
    ):
        self._verify = trusted(verify)
        self._sleep = sleep
        self._patience = patience
        self._settings: Dict[Origin, Any] = {}
        self._last: Tuple[Any, Optional[requests.PreparedRequest]] = (None, None)
        self.session = session or requests.Session()
        if session is None:
            adapter = WatchingAdapter(patience.least, patience.span, pool_maxsize=max(10, connections))
            self.session.mount("https://", adapter)

    def call(
        self,
        method: str,
        url: str,
        allowed: Origin,
        busy: Busy = too_busy,
        **given: Any,
    ) -> requests.Response:
        """One call, tried again while the network fails or `busy` says so; the last answer then stands.

        The address must be of the `allowed` origin and no redirect is followed, so that a token goes nowhere else.
        """
        if origin(url) != allowed:
            raise RefusedError(f"refused to call {urlsplit(url).netloc}: only {allowed[1]}:{allowed[2]} was agreed on")
        attempt = 0
        while True:
            attempt += 1
            response = self._once(method, url, allowed, attempt, given)
            if response is not None:
                if 300 <= response.status_code < 400:
                    raise RefusedError(f"{allowed[1]} answers with a redirect; none is followed", response.status_code)
                if attempt >= self._patience.busy_tries or not busy(response):
                    return response
            self._sleep(_wait(response, attempt))

    def _once(
        self, method: str, url: str, allowed: Origin, attempt: int, given: Dict[str, Any]
    ) -> Optional[requests.Response]:
        """The answer whole, or None when the network failed and it is worth another try."""
        host = urlsplit(url).netloc
        if allowed not in self._settings:  # proxies and the like, as the environment has them
            self._settings[allowed] = self.session.merge_environment_settings(url, {}, False, self._verify, None)
        try:
            response = self.session.send(
                self._prepared(method, url, given), allow_redirects=False, timeout=self._patience.timeout,
                **self._settings[allowed],
            )  # fmt: skip
            if not _cut_off(response):
                return response
            why = "it broke off in the middle of its answer"
        except requests.exceptions.RequestException as error:
            why = _short(error)
            if isinstance(error, requests.exceptions.SSLError) and _not_trusted(error):
                raise UntrustedError(
                    f"the certificate of {host} is not trusted ({why}); check ca_file, or what stands in between"
                ) from None
        except OSError as error:  # not of the network: requests says so when ca_file is not there, or is none
            raise SettingsError(f"cannot use the certificates in ca_file: {error}") from None
        if attempt >= self._patience.network_tries:
            raise UnreachableError(f"cannot reach {host}: {why}")
        return None

    def _prepared(self, method: str, url: str, given: Dict[str, Any]) -> requests.PreparedRequest:
        """The request; one that differs in nothing but its address from the last is not made from the start."""
        like, made = self._last
        if made is None or like != (method, given) or "params" in given:
            made = self.session.prepare_request(requests.Request(method, url, auth=_as_it_is, **given))
            self._last = ((method, given), made)
            return made
        request = made.copy()
        request.url = requests.utils.requote_uri(url)
        return request


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from putting a password of the user's .netrc in the token's place."""
    return request


def _cut_off(response: requests.Response) -> bool:
    """Whether fewer bytes came than were announced; requests takes such an answer for a whole one (its issue 4956)."""
    announced = response.headers.get("Content-Length", "")
    return announced.isdecimal() and response.raw is not None and int(response.raw.tell()) < int(announced)


def _not_trusted(error: Exception) -> bool:
    """Whether a certificate was the fault; a handshake that broke off is worth another try."""
    return any(mark in str(error) for mark in ("CERTIFICATE_VERIFY_FAILED", "doesn't match", "[X509"))


def _wait(response: Optional[requests.Response], attempt: int) -> float:
    """Seconds until the next try: what Retry-After says, else doubling from one second, never two alike.

    What asks for less than a second says nothing: a busy service that was believed would get all tries at once.
    """
    asked = _asked(response.headers) if response is not None else 0.0
    if asked >= 1:
        return min(asked, _LONGEST_WAIT)
    return min(2.0 ** (attempt - 1), _LONGEST_WAIT) * (0.75 + random.random() / 2)  # noqa: S311  no secret


def _asked(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for; a date there is of the clock that the answer's own Date was read from."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    until, now = _epoch(after), _epoch(headers.get("Date", ""))
    return 0.0 if until is None else until - (time.time() if now is None else now)


def _epoch(date: str) -> Optional[float]:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def _short(error: Exception) -> str:
    """The innermost reason of a network error, in a few words."""
    reason: Any = error.args[0] if error.args else error
    reason = getattr(reason, "reason", reason)
    while isinstance(reason, Exception) and reason.args and isinstance(reason.args[-1], Exception):
        reason = reason.args[-1]
    text = str(reason)
    return text.rpartition(": ")[2].strip("'\")") or type(error).__name__


class Token:
    """A token shared by threads: `get(stale)` gives another one only when `stale` is still the current.

    fetch gives a token and the time it ends, in epoch seconds.
    """

    def __init__(self, fetch: Callable[[], Tuple[str, float]], clock: Callable[[], float] = time.time):
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew = 0.0

    def get(self, stale: str = "") -> str:
        """A token with five minutes of its life left, or a fifth; a new one when `stale` was just refused."""
        with self._lock:
            if not self._token or self._token == stale or self._clock() >= self._renew:
                self._token, until = self._fetch()
                self._renew = until - min(300.0, (until - self._clock()) / 5)
            return self._token
