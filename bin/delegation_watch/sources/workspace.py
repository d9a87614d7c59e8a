"""The audit feed of Google Workspace, one application of the Reports API: windows, pages, single events.

Pages come newest first, so a window counts only when all its pages are read. Records come late, so each run reads the
last hours again; and the documented id is not unique, so an event is known by its id and its content together.
Sources: Reports API, activities.list and its limits; Google's "Data retention and lag times".
"""

from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import quote, urlencode

import requests

from .errors import RefusedError, SourceError
from .feed import Checkpoint, Event, Item, State, Tally, compact, time_of
from .http import Http, Token, origin, too_busy
from .seen import Seen

_HOUR, _DAY = 3600, 86400
KEPT = 180 * _DAY - 3600
WINDOW = _DAY
# How far back each run reads again, by how late the application's records come.
OVERLAP: Dict[str, int] = {"token": 24 * _HOUR, "groups_enterprise": 6 * _HOUR, "gmail": 6 * _HOUR}
USUAL_OVERLAP = 6 * _HOUR
_QUOTA = ("userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "backendError")


class WorkspaceFeed:
    """One application of one customer. `customer` may be empty: the subject's own then."""

    def __init__(self, http: Http, api_root: str, application: str, customer: str, token: Token, tally: Tally):
        self._http = http
        self._origin = origin(api_root)
        self._url = f"{api_root.rstrip('/')}/admin/reports/v1/activity/users/all/applications/{quote(application)}"
        self._application = application
        self._customer = customer
        self._token = token
        self._tally = tally

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Everything since the last run, or since `first` when there was none, up to `now`; see feed.py."""
        first = float(state.get("first", first))
        known = min(float(state.get("until", first)), now)
        seen = Seen(state.get("seen"))
        for start, end in self._windows(known if "until" in state else None, first, now):
            self._tally.windows += 1
            try:
                for activity in self._activities(start, end):
                    yield from self._events(activity, end, seen)
            except SourceError:
                yield Checkpoint({"first": first, "until": max(start, known), "seen": seen.state()})
                raise
            seen.forget(end - self._overlap() - _HOUR)
            yield Checkpoint({"first": first, "until": end, "seen": seen.state()})

    def _events(self, activity: Any, end: float, seen: Seen) -> Iterator[Event]:
        """The single events of an activity that were not given before."""
        moment = time_of(_identity(activity).get("time"))
        for single in _singles(activity):
            if not seen.add(_key(single), end if moment is None else moment):
                self._tally.duplicates += 1
                continue
            self._tally.events += 1
            self._tally.unreadable += not isinstance(single, dict) or "event" not in single
            yield Event(compact(single), moment)

    def _overlap(self) -> int:
        return OVERLAP.get(self._application, USUAL_OVERLAP)

    def _windows(self, until: Optional[float], first: float, now: float) -> List[Tuple[float, float]]:
        oldest = now - KEPT
        start = first if until is None else max(until - self._overlap(), first)
        if start < oldest - _HOUR:
            self._tally.warnings.append(f"{self._application}: activities older than 180 days can no longer be had")
        edges = [max(start, oldest)]
        while edges[-1] < now:
            edges.append(min(edges[-1] + WINDOW, now))
        return list(zip(edges, edges[1:]))

    def _activities(self, start: float, end: float) -> Iterator[Any]:
        params = {"startTime": _written(start), "endTime": _written(end), "maxResults": "1000"}
        if self._customer:
            params["customerId"] = self._customer
        followed = set()
        while True:
            page = self._page(params)
            self._tally.pages += 1
            items = page.get("items") or []
            yield from items if isinstance(items, list) else [items]
            token = page.get("nextPageToken")
            if not token:
                return
            if token in followed:
                raise RefusedError("the Reports API names the same next page again and again")
            followed.add(token)
            params["pageToken"] = str(token)

    def _page(self, params: Dict[str, str]) -> Dict[str, Any]:
        token = self._token.get()
        response = self._sent(params, token)
        if response.status_code == 401:
            response = self._sent(params, self._token.get(stale=token))
        if response.status_code != 200:
            raise _refused(response)
        try:
            page = response.json()
        except ValueError:
            page = None
        if not isinstance(page, dict):
            raise RefusedError("the Reports API answered with text that is no JSON object", response.status_code)
        return page

    def _sent(self, params: Dict[str, str], token: str) -> requests.Response:
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        return self._http.call("GET", f"{self._url}?{urlencode(params)}", self._origin, busy=_busy, headers=headers)


def _singles(activity: Any) -> List[Any]:
    """One record for each event of an activity, with a singular `event`, as Splunk's own add-on writes them.

    What has no list of events is given as it is.
    """
    events = activity.get("events") if isinstance(activity, dict) else None
    if not isinstance(events, list) or not events:
        return [activity]
    rest = {name: value for name, value in activity.items() if name != "events"}
    return [{**rest, "event": event} for event in events]


def _identity(activity: Any) -> Dict[str, Any]:
    identity = activity.get("id") if isinstance(activity, dict) else None
    return identity if isinstance(identity, dict) else {}


def _key(single: Any) -> str:
    """By what an event is known: customer, application, time, qualifier and the event itself; never the etag."""
    identity = _identity(single)
    parts = [identity.get(name) for name in ("customerId", "applicationName", "time", "uniqueQualifier")]
    known = [*parts, single.get("event", single) if isinstance(single, dict) else single]
    return compact(known)


def _written(time: float) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _error(response: requests.Response) -> Tuple[str, str]:
    """(reason, message) of an error's body."""
    try:
        error = response.json()["error"]
        reasons = error.get("errors") or [{}]
        return str(reasons[0].get("reason", "")), str(error.get("message", ""))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "", response.text[:200]


def _busy(response: requests.Response) -> bool:
    return too_busy(response) or (response.status_code == 403 and _error(response)[0] in _QUOTA)


def _refused(response: requests.Response) -> RefusedError:
    reason, message = _error(response)
    parts = [f"HTTP {response.status_code}", reason, " ".join(message.split())[:200]]
    text = "the Reports API refuses the call: " + ": ".join(part for part in parts if part)
    if response.status_code in (401, 403):
        text += " - subject needs an administrator's role with the privilege Reports, and the client its scope"
    return RefusedError(text, response.status_code, reason)
