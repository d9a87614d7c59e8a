"""Microsoft Graph's manners: tokens, permissions, errors, pages, options and `$batch`; its resources are elsewhere.

Errors: learn.microsoft.com/graph/errors and /graph/resolve-auth-errors; texts of 401 and 403 as users quote them.
Paging: /graph/paging; $top is the most that a page may hold, 1 to 999, and no promise; with $expand of directory
objects a page has at most 100 (/graph/query-parameters; known issue 13635). Batches: /graph/json-batching (20 requests;
answers in any order). Where Graph is known to ignore an option it does not know, this stand-in answers 501, so that
nobody relies on it.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from flask.testing import EnvironBuilder

from workbench.tenants.entra import GRAPH, Entra
from workbench.tenants.faults import Faults
from workbench.tenants.mischief import as_json
from workbench.tenants.records import utc
from workbench.tenants.served import Served, UnknownRequestError, has

VERSION = "<any('v1.0', beta):version>"
LARGEST_BATCH = 20
LARGEST_PAGE, EXPANDED_PAGE, USUAL_PAGE = 999, 100, 100
Object = Dict[str, Any]

_CODES = {400: "BadRequest", 401: "InvalidAuthenticationToken", 403: "Authorization_RequestDenied",
          404: "Request_ResourceNotFound", 429: "TooManyRequests", 503: "serviceNotAvailable"}  # fmt: skip


class GraphError(Exception):
    """Graph refuses the call."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES[status]


class Graph:
    """The frame of Graph in one tenant; resources add themselves by `route`."""

    def __init__(self, site: Served, entra: Entra, faults: Faults) -> None:
        self.site = site
        self.faults = faults
        self._entra = entra
        site.speech["graph"] = self._spoken
        site.app.add_url_rule(f"/{VERSION}/$batch", "graph/batch", self._batch, methods=["POST"])

    def route(
        self,
        method: str,
        path: str,
        name: str,
        answer: Callable[..., Response],
        permissions: Sequence[str],
    ) -> None:
        """Add a resource under both versions: `answer(version, **path)` runs when the token has one permission."""

        def call(version: str, **parts: str) -> Response:
            try:
                self._admit(permissions)
                return answer(version, **parts)
            except GraphError as refused:
                return as_json(self._error(refused.code, refused.message), refused.status)

        self.site.app.add_url_rule(f"/{VERSION}/{path}", f"graph/{name}", call, methods=[method])

    @property
    def root(self) -> str:
        """Its scheme, host and port."""
        return self.site.root("graph")

    def roles(self) -> Tuple[str, ...]:
        """The application permissions of the present call's token."""
        grant = self._entra.shown()
        return grant.roles if grant else ()

    def _admit(self, permissions: Sequence[str]) -> None:
        grant = self._entra.shown()
        if grant is None:
            given = "Authorization" in request.headers
            raise GraphError(401, "JWT is not well formed." if given else "Access token is empty.")
        if not grant.is_for(GRAPH):
            raise GraphError(401, "Access token validation failure. Invalid audience.")
        if self._entra.has_ended(grant):
            raise GraphError(401, "Lifetime validation failed, the token is expired.")
        if not set(permissions) & set(grant.roles):
            raise GraphError(403, "Insufficient privileges to complete the operation.")

    def _error(self, code: str, message: str) -> Object:
        stamp, request_id = utc(self.site.clock()), str(uuid.uuid4())
        inner = {"date": stamp, "request-id": request_id, "client-request-id": request_id}
        return {"error": {"code": code, "message": message, "innerError": inner}}

    def _spoken(self, status: int, code: str) -> Object:
        return self._error(_CODES.get(status, "UnknownError"), "The service could not answer as planned.")

    # pages

    def page(self, found: Sequence[Object], context: str, known: str = "") -> Response:
        """One page of objects. `known` names the query options of the resource beside $top and $skiptoken."""
        self.options("$top $skiptoken " + known)
        size = self._size()
        offset = self._offset()
        if has("endless") and offset >= len(found):
            offset = 0
        end = 0 if has("empty_next") and "$skiptoken" not in request.args else offset + size
        rows = list(found[offset:end])
        body: Object = {"@odata.context": f"{self.root}/v1.0/$metadata#{context}"}
        if end < len(found) or has("endless") or has("loop"):
            following = offset if has("loop") else end
            query = {**request.args, "$skiptoken": f"p{following:08d}"}
            body["@odata.nextLink"] = f"{self.root}{request.path}?{urlencode(query)}"
        body["value"] = rows
        return as_json(body)

    def options(self, known: str) -> None:
        """Refuse a query option whose name is not among the words of `known`."""
        strange = sorted(set(request.args) - set(known.split()))
        if strange:
            raise UnknownRequestError(f"no rule for the query option {strange[0]!r} of {request.method} {request.path}")

    def _size(self) -> int:
        given = request.args.get("$top")
        if given is not None and (not given.isdigit() or not 0 < int(given) <= LARGEST_PAGE):
            text = f"Invalid page size specified: '{given}'. Must be between 1 and 999 inclusive."
            raise GraphError(400, text, "Request_UnsupportedQuery")
        own = self.faults.graph_page
        size = (own or USUAL_PAGE) if given is None else min(int(given), own or LARGEST_PAGE)
        return min(size, EXPANDED_PAGE) if "$expand" in request.args else size

    def _offset(self) -> int:
        token = request.args.get("$skiptoken", "p0")
        if token[:1] != "p" or not token[1:].isdigit():
            text = "The specified page token value has expired and can no longer be included in your request."
            raise GraphError(400, text, "Directory_ExpiredPageToken")
        return int(token[1:])

    # batches

    def _batch(self, version: str) -> Response:
        body = request.get_json(silent=True)
        parts = body.get("requests") if isinstance(body, dict) else None
        if not isinstance(parts, list) or not 0 < len(parts) <= LARGEST_BATCH:
            many = f"Number of batch request steps exceeds the maximum value of {LARGEST_BATCH}."
            return as_json(self._error("BadRequest", many if parts else "Invalid batch payload format."), 400)
        answers = [self._part(version, part) for part in parts]
        if has("reordered"):
            answers.reverse()
        return as_json({"responses": answers})

    def _part(self, version: str, part: Mapping[str, Any]) -> Object:
        if set(part) - {"id", "method", "url", "headers", "body"}:
            raise UnknownRequestError("no rule for dependsOn and the like in a batch")
        path, _, query = str(part["url"]).partition("?")
        shown = {"Authorization": request.headers.get("Authorization", "")}
        asked = EnvironBuilder(
            self.site.app,
            f"/{version}/{path.lstrip('/')}",
            base_url=self.root,
            method=part["method"],
            query_string=dict(parse_qsl(query)),
            headers={**shown, **dict(part.get("headers") or {})},
            json=part.get("body"),
        )
        with self.site.app.request_context(asked.get_environ()):
            answer = self.site.app.full_dispatch_request()
        kept = {name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers}
        return {"id": part["id"], "status": answer.status_code, "headers": kept, "body": _within(answer.get_data())}


def _within(data: bytes) -> Any:
    """An answer's body as it stands in that of a batch: what is no JSON comes as base64."""
    try:
        return json.loads(data or b"null")
    except ValueError:
        return base64.b64encode(data).decode()


class Kind(NamedTuple):
    """A type of objects: its name, the properties it has, those that come when $select does not say."""

    name: str
    known: Sequence[str]
    default: Sequence[str]


def chosen(found: Iterable[Object], kind: Kind) -> List[Object]:
    """The objects with the properties that $select asks for; GraphError for one that there is not."""
    wanted = request.args["$select"].split(",") if "$select" in request.args else kind.default
    for name in wanted:
        if name not in kind.known:
            raise GraphError(400, f"Could not find a property named '{name}' on type 'microsoft.graph.{kind.name}'.")
    always = ("@odata.type", "manager", "principal")
    return [{name: row.get(name) for name in (*always, *wanted) if name in row or name in wanted} for row in found]
