"""Google's JSON APIs in one user's name: quotas kept, a refused token renewed once, pages followed, faults in one line.

Sources: Admin SDK Directory and Reports API, limits and error codes; Gmail API, usage limits and "Resolve errors".
"""

import threading
import time
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional
from urllib.parse import urlencode

import requests

from .errors import RefusedError
from .foreign import described, foreign
from .http import Http, Token, origin

GOOGLE_GMAIL = "https://gmail.googleapis.com"
# How often a body is fetched that came with status 200 and is no JSON object, or holds an error.
_BODIES = 3
# 403 with one of these reasons means: later.
QUOTA = frozenset(("userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "backendError"))
# 403 with one of these reasons is a fault of the settings, whoever's mailbox it is asked for.
MISSET = {
    "insufficientPermissions": "give the client id domain-wide delegation with the scope that is needed",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "give the client id domain-wide delegation with the scope that is needed",
    "accessNotConfigured": "enable this API in the Google Cloud project of the service account",
    "SERVICE_DISABLED": "enable this API in the Google Cloud project of the service account",
    "domainPolicy": "the organisation's policy keeps this client out",
}


class Pace:
    """So many calls a minute at most, shared by threads; ten seconds' worth of them may come at once.

    clock (monotonic, seconds) and sleep are given by tests.
    """

    def __init__(
        self,
        per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._rate = per_minute / 60
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free = clock() - 10  # from here on the calls so far would have gone at an even pace

    def take(self, units: float = 1) -> None:
        """Come back when this many units may be used."""
        with self._lock:
            now = self._clock()
            self._free = max(self._free, now - 10) + units / self._rate
            wait = self._free - now
        if wait > 0:
            self._sleep(wait)


class Fault(NamedTuple):
    """What an error's body says: Google's reason and message, both empty where it says nothing."""

    reason: str
    message: str


def fault(body: Any) -> Fault:
    """The error in an answer's JSON, also of one that came with status 200."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Fault("", "")
    listed = [entry for name in ("errors", "details") if isinstance(error.get(name), list) for entry in error[name]]
    reasons = [str(entry["reason"]) for entry in listed if isinstance(entry, dict) and entry.get("reason")]
    told = next((reason for reason in reasons if reason in MISSET or reason in QUOTA), "")
    message = " ".join(str(error.get("message") or "").split())[:200]
    return Fault(told or (reasons[0] if reasons else str(error.get("status") or "")), message)


class Line:
    """Calls to one address: paced, made again where that helps; `calls` counts them, each that was put off too."""

    def __init__(self, http: Http, api_root: str, per_minute: float, sleep: Callable[[float], None] = time.sleep):
        self._http = http
        self._origin = origin(api_root)
        self._root = api_root.rstrip("/")
        self._pace = Pace(per_minute, sleep=sleep)
        self._lock = threading.Lock()
        self.calls = 0

    def call(self, method: str, path: str, units: float = 1, **given: Any) -> requests.Response:
        """One call of so many units of the quota; the last answer then stands."""
        self._pace.take(units)
        self._count()
        return self._http.call(method, self._root + path, self._origin, busy=self._busy, **given)

    def _busy(self, response: requests.Response) -> bool:
        again = response.status_code != 200 and later(response.status_code, json_of(response))
        if again:
            self._count()
        return again

    def _count(self) -> None:
        with self._lock:
            self.calls += 1


class GoogleApi:
    """Calls of one API with one token.

    name begins each refusal; advice ends one of status 401 or 403 for which there is no better. read gives an answer's
    JSON, None where it has none.
    """

    def __init__(
        self, line: Line, token: Token, name: str, advice: str = "",
        read: Optional[Callable[[requests.Response], Any]] = None,
    ):  # fmt: skip
        self._line = line
        self._read = read or json_of
        self._token = token
        self._name = name
        self._advice = advice

    def get(self, path: str, params: Dict[str, str]) -> Dict[str, Any]:
        """The JSON object at a path; RefusedError when there is none. A body that is none is fetched anew."""
        for _ in range(_BODIES):
            token = self._token.get()
            response = self._sent(path, params, token)
            if response.status_code == 401:
                response = self._sent(path, params, self._token.get(stale=token))
            body = self._read(response)
            if response.status_code != 200:
                break
            if isinstance(body, dict) and "error" not in body:
                return body
        if response.status_code == 200 and not isinstance(body, dict):
            raise RefusedError(f"no answer of {self._name}: {foreign(response)}", response.status_code)
        raise self._refused(response, body)

    def pages(self, path: str, params: Dict[str, str], page: str = "") -> Iterator[Dict[str, Any]]:
        """The pages of a listing, from the one that a page token names on; RefusedError when they go in a circle."""
        followed = {page}
        while True:
            answer = self.get(path, {**params, "pageToken": page} if page else params)
            yield answer
            page = str(answer.get("nextPageToken") or "")
            if not page:
                return
            if page in followed:
                raise RefusedError(f"{self._name} names the same next page again and again", 200)
            followed.add(page)

    def _refused(self, response: requests.Response, body: Any) -> RefusedError:
        """The refusal that an answer holds, with what to do about it."""
        status = response.status_code
        reason, message = fault(body)
        parts = [f"HTTP {status}", reason, message or (described(response) if body is None else "")]
        line = f"{self._name} refuses the call: " + ": ".join(part for part in parts if part)
        advice = MISSET.get(reason) or (self._advice if status in (401, 403) else "")
        return RefusedError(line + (f" - {advice}" if advice else ""), status, reason)

    def _sent(self, path: str, params: Dict[str, str], token: str) -> requests.Response:
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        return self._line.call("GET", f"{path}?{urlencode(params)}" if params else path, headers=headers)


def later(status: int, body: Any) -> bool:
    """Whether an answer means: try again in a while."""
    return status == 429 or status >= 500 or fault(body).reason in QUOTA


def json_of(response: requests.Response) -> Any:
    """The JSON of an answer, None where it is none, or is nested deeper than Python follows."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
