"""The Reports API of Google Workspace: activities of one application, newest first.

Rules: reference workspace.md part 3. Only `users/all` is served; `eventName`, `filters` and the other
narrowing parameters, other users and other methods are not built: 501. That `endTime` is inclusive, and what an
application without a licence is answered with, is [unverified]. Each activity of `user_accounts` stands in `login` too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import threading
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from flask import Response, jsonify, request

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.google_errors import error, planned
from workbench.tenants.google_people import GooglePeople
from workbench.tenants.mischief import split
from workbench.tenants.records import GOOGLE, Record, instant
from workbench.tenants.served import Served, has, only
from workbench.tenants.service_account import REPORTS, ServiceAccount

DAY = 86400
KEPT_DAYS = 180
LONGEST_GMAIL_DAYS = 30
LARGEST_PAGE = 1000
_PARAMETERS = "startTime endTime maxResults pageToken customerId alt prettyPrint"

# Applications the API serves; the made-up organisation fills the first three.
APPLICATIONS = (
    "admin",
    "login",
    "token",
    "access_transparency",
    "calendar",
    "chat",
    "chrome",
    "context_aware_access",
    "data_studio",
    "drive",
    "gcp",
    "gemini_in_workspace_apps",
    "gmail",
    "groups",
    "groups_enterprise",
    "keep",
    "meet",
    "mobile",
    "rules",
    "saml",
    "user_accounts",
    "vault",
)

# Minutes until an activity can be read: least, most. admin and login a couple of minutes, token a couple of
# hours.
_LAG_MINUTES = {"token": (20, 160)}
_USUAL_LAG = (1, 4)


class _ReportsError(Exception):
    def __init__(self, status: int, reason: str, text: str) -> None:
        self.status = status
        self.reason = reason
        self.text = text


class _Listed(NamedTuple):
    """An activity, and when it can be read."""

    record: Record
    readable: float


def _in_time(one: _Listed, until: float) -> float:
    return 0.0


def _newest_first(one: _Listed) -> float:
    return -one.record.time


class Reports:
    """The activities of one customer; adds its route to a `Served`."""

    def __init__(
        self,
        site: Served,
        account: ServiceAccount,
        people: GooglePeople,
        customer: str,
        records: List[Record],
        faults: GoogleFaults,
    ) -> None:
        self._site = site
        self._account = account
        self._people = people
        self._customer = customer
        self._faults = faults
        self._calls = 0
        self._tokens_used = 0
        self._publishing = threading.Lock()
        self._activities: Dict[str, List[_Listed]] = {name: [] for name in APPLICATIONS}
        for record in records:
            self._list(record)
            if record.content_type == GOOGLE + "user_accounts":
                self._list(_twin(record))
        for listed in self._activities.values():
            listed.sort(key=_newest_first)
        rule = "/admin/reports/v1/activity/users/all/applications/<application>"
        site.speech["reports"] = planned
        site.app.add_url_rule(rule, "reports/list", self._answer)

    def publish(self, record: Record) -> None:
        """Add an activity; it can be read when its time has come."""
        application = record.content_type[len(GOOGLE) :]
        with self._publishing:
            self._activities[application] = [*self._activities[application]]  # a page that is made now keeps its list
            self._list(record)
            self._activities[application].sort(key=_newest_first)

    def _list(self, record: Record) -> None:
        application = record.content_type[len(GOOGLE) :]
        self._activities[application].append(_Listed(record, _readable(record, application)))

    def _answer(self, application: str) -> Response:
        only(_PARAMETERS)
        try:
            self._admit()
            return jsonify(self._page(application))
        except _ReportsError as refused:
            return error(refused.status, refused.reason, refused.text)

    def _admit(self) -> None:
        self._calls += 1
        if self._faults.quota_every and self._calls % self._faults.quota_every == 0:
            raise _ReportsError(503, "backendError", "The service is currently unavailable.")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self._account.grant(token) if scheme == "Bearer" else None
        if grant is None:
            raise _ReportsError(401, "authError", "Invalid Credentials")
        if REPORTS not in grant.scopes:
            raise _ReportsError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        if not self._people.may_read(grant.subject, "reports"):
            raise _ReportsError(401, "authError", "Access denied. You are not authorized to read activity records.")
        if request.args.get("customerId", self._customer) not in (self._customer, "my_customer"):
            raise _ReportsError(403, "forbidden", "Not Authorized to access this resource/api")

    def _page(self, application: str) -> Dict[str, Any]:
        if application not in self._activities:
            raise _ReportsError(400, "invalid", f"Invalid value '{application}'.")
        if application in self._faults.unlicensed:
            raise _ReportsError(403, "forbidden", f"This customer's edition has no {application} activities.")
        start, end = _time("startTime"), _time("endTime")
        self._check_window(application, start, end)
        size = min(_page_size(), self._faults.page_size or LARGEST_PAGE)
        asked = {name: value for name, value in request.args.items() if name != "pageToken"}
        seen_until, offset = self._place(asked, self._site.clock())
        items = self._items(application, start, end, self._site.clock() if has("shifting") else seen_until)
        if has("endless") and offset >= len(items):
            offset = 0
        page: Dict[str, Any] = {"kind": "admin#reports#activities"}
        page["etag"] = f'"{hashlib.sha256(repr((application, asked, offset)).encode()).hexdigest()[:40]}"'
        if offset == 0 and has("empty_next") and items:
            return {**page, "nextPageToken": _token(seen_until, -1, asked)}
        offset = max(offset, 0)
        listed = items[offset : offset + size]
        if listed:
            page["items"] = self._disturbed(listed)
        if has("loop"):
            page["nextPageToken"] = _token(seen_until, offset, asked)
        elif offset + size < len(items) or has("endless"):
            page["nextPageToken"] = _token(seen_until, offset + size, asked)
        return page

    def _items(
        self, application: str, start: Optional[float], end: Optional[float], until: float
    ) -> List[Dict[str, Any]]:
        """The activities of a window that can be read up to a time, newest first."""
        late = self._late if self._site.plans("reports/row") else _in_time
        return [
            one.record.body
            for one in self._activities[application]
            if (start is None or one.record.time >= start)
            and (end is None or one.record.time <= end)
            and one.readable + late(one, until) <= until
        ]

    def _check_window(self, application: str, start: Optional[float], end: Optional[float]) -> None:
        now = self._site.clock()
        if start is not None and (start > (now if end is None else end) or start < now - KEPT_DAYS * DAY):
            raise _ReportsError(400, "invalid", "Invalid request: Start time is after end time.")
        if application == "gmail" and (start is None or end is None or end - start > LONGEST_GMAIL_DAYS * DAY):
            raise _ReportsError(400, "invalid", "startTime and endTime are required, at most 30 days apart.")
        if any((start or 0) <= moment <= (now if end is None else end) for moment in self._faults.refused_windows):
            raise _ReportsError(400, "invalid", "Bad Request")

    def _disturbed(self, listed: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        if has("doubled"):
            listed = [one for one in listed for _ in range(2)]
        return listed[::-1] if has("reordered") else listed

    def _late(self, one: _Listed, until: float) -> float:
        """Seconds by which a plan keeps an activity back."""
        planned_words = self._site.planned("reports/row", str(one.record.body["id"].get("uniqueQualifier")))
        late = sum(float(argument) for name, argument in map(split, planned_words) if name == "late")
        if one.readable <= until < one.readable + late:
            self._site.note("late")
        return late

    def _place(self, asked: Dict[str, str], now: float) -> Tuple[float, int]:
        """When the sequence began (later arrivals do not shift its pages) and how far it has been read."""
        token = request.args.get("pageToken")
        if token is None:
            return now, 0
        try:
            seen_until, offset, digest = json.loads(base64.urlsafe_b64decode(token))
        except (ValueError, binascii.Error):
            raise _ReportsError(400, "invalid", "Invalid page token.") from None
        self._tokens_used += 1
        if self._faults.stale_pages or self._tokens_used > self._faults.page_tokens_last >= 0:
            self._site.note("stale_pages" if self._faults.stale_pages else "page_tokens_last")
            raise _ReportsError(400, "invalid", "Invalid page token.")
        if digest != _digest(asked):
            raise _ReportsError(400, "invalid", "The page token does not belong to these parameters.")
        return seen_until, offset


def _twin(record: Record) -> Record:
    """The activity of `login` that each of `user_accounts` is too: same time, same qualifier."""
    identity = {**record.body["id"], "applicationName": "login"}
    return Record(record.time, GOOGLE + "login", {**record.body, "id": identity})


def _readable(record: Record, application: str) -> float:
    least, most = _LAG_MINUTES.get(application, _USUAL_LAG)
    place = int(hashlib.sha256(str(record.body["id"]).encode()).hexdigest()[:6], 16) / 0xFFFFFF
    return record.time + (least + place * (most - least)) * 60


def _page_size() -> int:
    given = request.args.get("maxResults", str(LARGEST_PAGE))
    if not given.isdigit() or not 1 <= int(given) <= LARGEST_PAGE:
        raise _ReportsError(
            400, "invalid", f"Invalid value '{given}'. Values must be within the range: [1, {LARGEST_PAGE}]"
        )
    return int(given)


def _time(name: str) -> Optional[float]:
    given = request.args.get(name)
    if given is None:
        return None
    moment = instant(given)
    if moment is None:
        raise _ReportsError(400, "invalid", f"Invalid value for {name}: '{given}' is not a time in RFC 3339 format.")
    return moment


def _digest(asked: Dict[str, str]) -> str:
    return hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()[:16]


def _token(seen_until: float, offset: int, asked: Dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([seen_until, offset, _digest(asked)]).encode()).decode()
