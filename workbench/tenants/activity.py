"""The Office 365 Management Activity API: subscriptions, listings of content, content blobs.

Rules follow the vendor's reference page ("Start a subscription", "List available content", "Retrieve
content") and, for the 15 minutes between starts, elastic/integrations#15476 and
opensearch-project/data-prepper#6231. Of the time before a start nothing is kept, the first start included [unverified
for that one]; the vendor's first blobs may take 12 h. Who wants a past names what was `subscribed`. Webhooks,
notifications and resource names are not built: 501.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
from urllib.parse import quote, urlencode

from flask import Response, request

from workbench.tenants.af_errors import ERRORS, NO_PUBLISHER, ApiError, audit_off, spoken
from workbench.tenants.blobs import AnyBlob
from workbench.tenants.entra import ACTIVITY, Entra, Grant
from workbench.tenants.faults import Faults
from workbench.tenants.feed_query import (
    DAY,
    KEPT_DAYS,
    Window,
    asked_content_type,
    asked_window,
    is_guid,
    minutes,
    offset_of,
)
from workbench.tenants.mischief import as_json, split
from workbench.tenants.plan import chance
from workbench.tenants.records import milliseconds, utc
from workbench.tenants.served import Served, UnknownRequestError, has, only

# faults of a blob by which it can be had no more, and the errors they give
_GONE = {"expired": "AF20051", "missing": "AF20050"}
_CONTENT_ID = re.compile(r"\d{20,23}\$\d{20,23}\$\w+\$\w+\$\w+$")


class Activity:
    """The feed of one tenant; adds its routes to a `Served`. `subscriptions` maps content type to state."""

    def __init__(self, site: Served, entra: Entra, tenant: str, blobs: Sequence[AnyBlob], faults: Faults) -> None:
        self._site = site
        self._entra = entra
        self._tenant = tenant
        self._blobs = blobs
        self._faults = faults
        self._times = [blob.created for blob in blobs]
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
        site.speech["activity"] = spoken
        for method, path, answer in routes:
            name, view = "activity/" + answer.__name__.strip("_"), self._guarded(answer)
            rule = f"/api/<any('v1.0', v1):version>/<tenant>{feed}{path}"
            site.app.add_url_rule(rule, name, view, methods=[method])

    def _guarded(self, answer: Callable[..., Response]) -> Callable[..., Response]:
        """The checks every call goes through before its own rules: token, quota, tenant, publisher."""

        def call(version: str, tenant: str, **path: str) -> Response:
            grant = self._entra.bearer(ACTIVITY)
            if grant is None:
                return as_json({"Message": "Authorization has been denied for this request."}, 401)
            try:
                self._admit(grant, tenant)
                return answer(**path)
            except ApiError as refused:
                return self._refusal(refused)

        return call

    def _admit(self, grant: Grant, tenant: str) -> None:
        self._calls += 1
        if self._faults.throttle_every and self._calls % self._faults.throttle_every == 0:
            raise ApiError("AF429", request.method, request.args.get("PublisherIdentifier", NO_PUBLISHER))
        if not is_guid(tenant):
            raise ApiError("AF20013", tenant)
        if tenant.lower() != grant.tenant:
            raise ApiError("AF20010", tenant, grant.tenant)
        if "ActivityFeed.Read" not in grant.roles:
            raise ApiError("AF10001", " ".join(grant.roles))
        if not is_guid(request.args.get("PublisherIdentifier", NO_PUBLISHER)):
            raise ApiError("AF20002", "PublisherIdentifier", "guid")

    # subscriptions

    def _list(self) -> Response:
        only("PublisherIdentifier")
        rows: List[Dict[str, Any]] = []
        for content_type in () if has("unlisted") else self.subscriptions:
            row: Dict[str, Any] = {
                "contentType": content_type,
                "status": self._state(content_type),
                "webhook": None,
            }
            if content_type in self._faults.status_missing:
                del row["status"]
            rows.append(row)
        return as_json(rows)

    def _start(self) -> Response:
        only("contentType PublisherIdentifier")
        if request.get_data():
            raise UnknownRequestError("no rule for a webhook in subscriptions/start")
        content_type = self._permitted(asked_content_type())
        if self._faults.audit_off:
            self._site.note("audit_off")
            return as_json(audit_off(self._tenant, content_type), 400)
        now = self._site.clock()
        wait = self._last_start + self._faults.start_interval - now
        if wait > 0:
            self._site.note("start_interval")
            text = f"Too many frequent subscription start requests. Please retry again after {minutes(wait)}"
            status, code = self._faults.start_refusal
            return as_json({"error": {"code": code, "message": text}}, status)
        if self._state(content_type) == "enabled":
            raise ApiError("AF20024")
        self._last_start = now
        self._faults.disabled.discard(content_type)
        if content_type not in self.subscriptions:
            self._lost.append((content_type, self._stopped.pop(content_type, float("-inf")), now))
        self.subscriptions[content_type] = "enabled"
        return as_json({"contentType": content_type, "status": "enabled", "webhook": None})

    def _stop(self) -> Response:
        only("contentType PublisherIdentifier")
        content_type = self._subscribed(asked_content_type())
        del self.subscriptions[content_type]
        self._stopped[content_type] = self._site.clock()
        return Response(status=200)

    def _state(self, content_type: str) -> Optional[str]:
        if content_type in self.subscriptions and content_type in self._faults.disabled:
            return "disabled"
        return self.subscriptions.get(content_type)

    def _permitted(self, content_type: str) -> str:
        """The content type, if the token may read it; that the refusal of DLP.All is this one is [unverified]."""
        grant = self._entra.shown()
        if content_type == "DLP.All" and grant and "ActivityFeed.ReadDlp" not in grant.roles:
            raise ApiError("AF10001", " ".join(grant.roles))
        return content_type

    def _subscribed(self, content_type: str) -> str:
        state = self._state(self._permitted(content_type))
        if state is None:
            raise ApiError("AF20022")
        if state == "disabled":
            raise ApiError("AF20023")
        return content_type

    # content

    def _content(self) -> Response:
        only("contentType startTime endTime nextPage PublisherIdentifier")
        if has("disable"):
            self._faults.disabled.add(asked_content_type())
        content_type = self._subscribed(asked_content_type())
        window = asked_window(self._site.clock(), self._faults.long_windows)
        listed = self._listed(content_type, window)
        page = request.args.get("nextPage")
        first = (self._faults.empty_page or has("empty_next")) and page is None
        offset = 0 if page is None else offset_of(page)
        if has("endless") and offset >= len(listed):
            offset = 0
        end = 0 if first else offset + self._faults.page_size
        response = as_json(_disturbed([self._row(blob) for blob in listed[offset:end]]))
        if end < len(listed) or first or has("endless") or has("loop"):
            following = offset if has("loop") else end
            self._site.note("page_header")
            response.headers[self._faults.page_header] = self._next(content_type, window, following)
        return response

    def _listed(self, content_type: str, window: Window) -> List[AnyBlob]:
        """The blobs of a type in a window that are available now, in order; those the plan has late only later."""
        begin, end = (bisect_left(self._times, bound) for bound in window)
        now = self._site.clock()
        lost = [(a, b) for kind, a, b in self._lost if kind == content_type]
        return [
            blob
            for blob in self._blobs[begin:end]
            if blob.content_type == content_type
            and blob.created + self._lateness(blob) <= now
            and not any(a <= blob.created < b for a, b in lost)
        ]

    def _lateness(self, blob: AnyBlob) -> float:
        planned = map(split, self._site.planned("activity/row", blob.content_id) if self._faults.plan else ())
        late = max((float(argument) for name, argument in planned if name == "late"), default=0.0)
        if late and blob.created <= self._site.clock() < blob.created + late:
            self._site.note("late")
        return late

    def _row(self, blob: AnyBlob) -> Dict[str, str]:
        host = self._site.root("activity")
        if "foreign_host" in self._words(blob):
            self._site.note("foreign_host")
            host = self._site.elsewhere
        path = f"/api/v1.0/{self._tenant}/activity/feed/audit/{quote(blob.content_id, safe='$')}"
        return {
            "contentType": blob.content_type,
            "contentId": blob.content_id,
            "contentUri": host + path,
            "contentCreated": milliseconds(blob.created),
            "contentExpiration": milliseconds(blob.created + KEPT_DAYS * DAY),
        }

    def _next(self, content_type: str, window: Window, offset: int) -> str:
        query = {
            "contentType": content_type,
            "startTime": utc(window.start),
            "endTime": utc(window.end),
            "nextPage": f"{utc(window.start, '%Y%m%d%H')}R{offset:012d}",
        }
        feed = f"{self._site.root('activity')}/api/v1/{self._tenant}/activity/feed"
        return f"{feed}/subscriptions/content?{urlencode(query)}"

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

    def _words(self, blob: AnyBlob) -> List[str]:
        given = self._faults.blobs.get(self._numbers[blob.content_id])
        return ([given] if given else []) + self._site.planned("activity/row", blob.content_id)

    def _spoil(self, blob: AnyBlob) -> bytes:
        faults = self._words(blob)
        again = self._failed_once.setdefault(blob.content_id, False)
        self._failed_once[blob.content_id] = True
        if "error" in faults or ("error_once" in faults and not again):
            raise ApiError("AF50000")
        for name, code in _GONE.items():
            if name in faults:
                self._site.note(name)
                raise ApiError(code, blob.content_id)
        body = blob.body()
        if "truncated" in faults:
            return body[: len(body) // 2]
        return b'{"contentId": "' + blob.content_id.encode() + b'"}' if "not_a_list" in faults else body

    def _refusal(self, refused: ApiError) -> Response:
        status, text = ERRORS[refused.code]
        response = as_json({"error": {"code": refused.code, "message": text.format(*refused.details)}}, status)
        if refused.code == "AF429" and self._faults.retry_after is not None:
            response.headers["Retry-After"] = str(self._faults.retry_after)
        return response


def _disturbed(rows: List[Dict[str, str]]) -> List[Dict[str, str]]:
    if has("doubled"):
        rows = [row for row in rows for _ in range(2)]
    if has("reordered"):
        rows = sorted(rows, key=lambda row: chance(row["contentId"]))
    return rows
