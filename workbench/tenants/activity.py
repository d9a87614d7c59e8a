"""The Office 365 Management Activity API: subscriptions, listings of content, content blobs.

Rules follow the vendor's reference page ("Start a subscription", "List available content", "Retrieve
content") and, for the 15 minutes between starts, elastic/integrations#15476. Content from before the first
start is served; the vendor's first blobs may take 12 h. Webhooks, notifications and resource names are not
built: 501.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import quote, urlencode

from flask import Response, jsonify, request

from workbench.tenants.af_errors import ERRORS, NO_PUBLISHER, ApiError, audit_off
from workbench.tenants.blobs import Blob
from workbench.tenants.entra import Entra, Grant
from workbench.tenants.faults import Faults
from workbench.tenants.records import CONTENT_TYPES, milliseconds, utc
from workbench.tenants.served import Served, UnknownRequestError, only

DAY = 86400
KEPT_DAYS = 7
_TIME_FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_PAGE = re.compile(r"\d{10}R(\d{12})$")
_CONTENT_ID = re.compile(r"\d{20,23}\$\d{20,23}\$\w+\$\w+\$\w+$")


class _Window(NamedTuple):
    start: float
    end: float


class Activity:
    """The feed of one tenant; adds its routes to a `Served`. `subscriptions` maps content type to state."""

    def __init__(self, site: Served, entra: Entra, tenant: str, blobs: List[Blob], faults: Faults) -> None:
        self._site = site
        self._entra = entra
        self._tenant = tenant
        self._blobs = blobs
        self._faults = faults
        self._numbers = {blob.content_id: number for number, blob in enumerate(blobs)}
        self._failed_once: Dict[str, bool] = {}
        self._calls = 0
        self._last_start = float("-inf")
        self._stopped: Dict[str, float] = {}
        self._lost: List[Tuple[str, float, float]] = []
        self.subscriptions: Dict[str, str] = {}
        feed = "/activity/feed/"
        routes: Tuple[Tuple[str, str, Callable[..., Response]], ...] = (
            ("GET", "subscriptions/list", self._list),
            ("POST", "subscriptions/start", self._start),
            ("POST", "subscriptions/stop", self._stop),
            ("GET", "subscriptions/content", self._content),
            ("GET", "audit/<path:content_id>", self._blob),
        )
        for version in ("v1.0", "v1"):
            for method, path, answer in routes:
                rule = f"/api/{version}/<tenant>{feed}{path}"
                site.app.add_url_rule(rule, f"{version} {path}", self._guarded(answer), methods=[method])

    def _guarded(self, answer: Callable[..., Response]) -> Callable[..., Response]:
        """The checks every call goes through before its own rules: token, quota, tenant, publisher."""

        def call(tenant: str, **path: str) -> Response:
            grant = self._bearer()
            if grant is None:
                return _json({"Message": "Authorization has been denied for this request."}, 401)
            try:
                self._admit(grant, tenant)
                return answer(**path)
            except ApiError as refused:
                return self._refusal(refused)

        return call

    def _bearer(self) -> Optional[Grant]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self._entra.grant(token) if scheme == "Bearer" else None

    def _admit(self, grant: Grant, tenant: str) -> None:
        self._calls += 1
        if self._faults.throttle_every and self._calls % self._faults.throttle_every == 0:
            raise ApiError("AF429", request.method, request.args.get("PublisherIdentifier", NO_PUBLISHER))
        if not _is_guid(tenant):
            raise ApiError("AF20013", tenant)
        if tenant.lower() != grant.tenant:
            raise ApiError("AF20010", tenant, grant.tenant)
        if "ActivityFeed.Read" not in grant.roles:
            raise ApiError("AF10001", " ".join(grant.roles))
        if not _is_guid(request.args.get("PublisherIdentifier", NO_PUBLISHER)):
            raise ApiError("AF20002", "PublisherIdentifier", "guid")

    # subscriptions

    def _list(self) -> Response:
        only("PublisherIdentifier")
        rows: List[Dict[str, Any]] = []
        for content_type in self.subscriptions:
            row: Dict[str, Any] = {
                "contentType": content_type,
                "status": self._state(content_type),
                "webhook": None,
            }
            if content_type in self._faults.status_missing:
                del row["status"]
            rows.append(row)
        return _json(rows)

    def _start(self) -> Response:
        only("contentType PublisherIdentifier")
        if request.get_data():
            raise UnknownRequestError("no rule for a webhook in subscriptions/start")
        content_type = _content_type()
        if self._faults.audit_off:
            return _json(audit_off(self._tenant, content_type), 400)
        now = self._site.clock()
        wait = self._last_start + self._faults.start_interval - now
        if wait > 0:
            text = f"Too many frequent subscription start requests. Please retry again after {_minutes(wait)}"
            return _json({"error": {"code": "AF429", "message": text}}, 429)
        if self._state(content_type) == "enabled":
            raise ApiError("AF20024")
        self._last_start = now
        self._faults.disabled.discard(content_type)
        if content_type in self._stopped:
            self._lost.append((content_type, self._stopped.pop(content_type), now))
        self.subscriptions[content_type] = "enabled"
        return _json({"contentType": content_type, "status": "enabled", "webhook": None})

    def _stop(self) -> Response:
        only("contentType PublisherIdentifier")
        content_type = self._subscribed(_content_type())
        del self.subscriptions[content_type]
        self._stopped[content_type] = self._site.clock()
        return Response(status=200)

    def _state(self, content_type: str) -> Optional[str]:
        if content_type in self.subscriptions and content_type in self._faults.disabled:
            return "disabled"
        return self.subscriptions.get(content_type)

    def _subscribed(self, content_type: str) -> str:
        state = self._state(content_type)
        if state is None:
            raise ApiError("AF20022")
        if state == "disabled":
            raise ApiError("AF20023")
        return content_type

    # content

    def _content(self) -> Response:
        only("contentType startTime endTime nextPage PublisherIdentifier")
        content_type = self._subscribed(_content_type())
        window = self._window()
        listed = [blob for blob in self._blobs if self._is_listed(blob, content_type, window)]
        page = request.args.get("nextPage")
        first = self._faults.empty_page and page is None
        offset = 0 if page is None else _offset(page)
        end = 0 if first else offset + self._faults.page_size
        response = _json([self._row(blob) for blob in listed[offset:end]])
        if end < len(listed) or first:
            response.headers[self._faults.page_header] = self._next(content_type, window, end)
        return response

    def _window(self) -> _Window:
        now = self._site.clock()
        given = [request.args.get(name) for name in ("startTime", "endTime")]
        if given == [None, None]:
            return _Window(float(int(now)) - DAY, float(int(now)))
        if None in given:
            raise ApiError("AF20030")
        start, end = _time("startTime"), _time("endTime")
        if start >= end:
            raise ApiError("AF20055")
        if start < now - KEPT_DAYS * DAY:
            raise ApiError("AF20030")
        if end - start > DAY:
            if not self._faults.long_windows:
                raise ApiError("AF20030")
            end = start + DAY
        return _Window(start, end)

    def _is_listed(self, blob: Blob, content_type: str, window: _Window) -> bool:
        return (
            blob.content_type == content_type
            and window.start <= blob.created < window.end
            and blob.created <= self._site.clock()
            and not any(kind == content_type and a <= blob.created < b for kind, a, b in self._lost)
        )

    def _row(self, blob: Blob) -> Dict[str, str]:
        host = self._site.uri
        if self._fault(blob) == "foreign_host":
            host = "https://content.example.net"
        path = f"/api/v1.0/{self._tenant}/activity/feed/audit/{quote(blob.content_id, safe='$')}"
        return {
            "contentType": blob.content_type,
            "contentId": blob.content_id,
            "contentUri": host + path,
            "contentCreated": milliseconds(blob.created),
            "contentExpiration": milliseconds(blob.created + KEPT_DAYS * DAY),
        }

    def _next(self, content_type: str, window: _Window, offset: int) -> str:
        query = {
            "contentType": content_type,
            "startTime": utc(window.start),
            "endTime": utc(window.end),
            "nextPage": f"{utc(window.start, '%Y%m%d%H')}R{offset:012d}",
        }
        return f"{self._site.uri}/api/v1/{self._tenant}/activity/feed/subscriptions/content?{urlencode(query)}"

    def _blob(self, content_id: str) -> Response:
        only("PublisherIdentifier")
        if not _CONTENT_ID.match(content_id):
            raise ApiError("AF20052", content_id)
        number = self._numbers.get(content_id)
        if number is None or self._blobs[number].created > self._site.clock():
            raise ApiError("AF20050", content_id)
        blob = self._blobs[number]
        if self._site.clock() >= blob.created + KEPT_DAYS * DAY:
            raise ApiError("AF20051", content_id)
        self._subscribed(blob.content_type)
        body = self._spoil(blob)
        return Response(body, content_type="application/json; charset=utf-8")

    def _fault(self, blob: Blob) -> Optional[str]:
        return self._faults.blobs.get(self._numbers[blob.content_id])

    def _spoil(self, blob: Blob) -> bytes:
        fault = self._fault(blob)
        again = self._failed_once.setdefault(blob.content_id, False)
        self._failed_once[blob.content_id] = True
        if fault == "error" or (fault == "error_once" and not again):
            raise ApiError("AF50000")
        if fault == "expired":
            raise ApiError("AF20051", blob.content_id)
        if fault == "missing":
            raise ApiError("AF20050", blob.content_id)
        body = blob.body()
        if fault == "truncated":
            return body[: len(body) // 2]
        return b'{"contentId": "' + blob.content_id.encode() + b'"}' if fault == "not_a_list" else body

    def _refusal(self, refused: ApiError) -> Response:
        status, text = ERRORS[refused.code]
        response = _json({"error": {"code": refused.code, "message": text.format(*refused.details)}}, status)
        if refused.code == "AF429" and self._faults.retry_after is not None:
            response.headers["Retry-After"] = str(self._faults.retry_after)
        return response


def _content_type() -> str:
    given = request.args.get("contentType")
    if given is None:
        raise ApiError("AF20001", "contentType")
    if given not in CONTENT_TYPES:
        raise ApiError("AF20020")
    return given


def _time(name: str) -> float:
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(request.args[name], form).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    raise ApiError("AF20002", name, "datetime")


def _offset(page: str) -> int:
    match = _PAGE.match(page)
    if match is None:
        raise ApiError("AF20031", page)
    return int(match.group(1))


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}m {int(seconds) % 60}s"


def _json(value: object, status: int = 200) -> Response:
    response = jsonify(value)
    response.status_code = status
    response.content_type = "application/json; charset=utf-8"
    return response
