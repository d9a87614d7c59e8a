"""Microsoft Graph's audit log query: a search over the unified audit log that is made, waited for and read in pages.

Reference: security-auditcoreroot-post-auditlogqueries, -list-auditlogqueries, -auditlogquery-get, -list-records,
security-auditlogquery (reference office365.md part 3). [unverified]: that a query without times is refused, the order
of the records, what `records` gives before the query has succeeded (here: nothing), that the filter on record types
takes any case of letters, that a token for one workload is given that workload's records only, and the exact wording
of the type of `auditData`.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Optional

from flask import Response, request

from workbench.tenants.graph import Graph, GraphError, Object
from workbench.tenants.mischief import as_json
from workbench.tenants.records import Record, instant, utc

DAY = 86400
RETENTION = 180 * DAY
LIMIT = 1_000_000
ALL = "AuditLogsQuery.Read.All"
_WORKLOADS = {"Exchange": "AuditLogsQuery-Exchange.Read.All", "AzureActiveDirectory": "AuditLogsQuery-Entra.Read.All",
              "SharePoint": "AuditLogsQuery-SharePoint.Read.All", "OneDrive": "AuditLogsQuery-OneDrive.Read.All",
              "Endpoint": "AuditLogsQuery-Endpoint.Read.All", "CRM": "AuditLogsQuery-CRM.Read.All"}  # fmt: skip
PERMISSIONS = (ALL, *_WORKLOADS.values())

# number in a record -> member of auditLogRecordType; other members are known but nothing here bears them
RECORD_TYPES = {
    1: "exchangeAdmin",
    2: "exchangeItem",
    3: "exchangeItemGroup",
    4: "sharePoint",
    6: "sharePointFileOperation",
    8: "azureActiveDirectory",
    9: "azureActiveDirectoryAccountLogon",
    14: "sharePointSharingOperation",
    15: "azureActiveDirectoryStsLogon",
    50: "exchangeItemAggregated",
}
_USER_TYPES = {0: "regular", 2: "admin", 3: "dcAdmin", 4: "system", 5: "application", 6: "servicePrincipal"}
_LISTS = ("recordTypeFilters", "operationFilters", "userPrincipalNameFilters", "ipAddressFilters", "objectIdFilters",
          "serviceFilters", "administrativeUnitIdFilters")  # fmt: skip
_TEXTS = ("displayName", "filterStartDateTime", "filterEndDateTime", "keywordFilter", "serviceFilter", "status")
_FORMS = {1: "exchangeAdminAuditRecord", 2: "exchangeMailboxAuditRecord", 3: "exchangeMailboxAuditGroupRecord",
          50: "exchangeMailboxAuditRecord"}  # fmt: skip


@dataclass
class Query:
    """One query: what was asked, when, how often it was looked at, and what it found."""

    number: str
    asked: Object
    made: float
    found: List[Record]
    exceeded: bool
    polls: int = 0
    status: str = "notStarted"


class AuditQueries:
    """The queries of one tenant over `records()`; `available` says when a record can be found."""

    def __init__(
        self, graph: Graph, records: Callable[[], Iterable[Record]], available: Callable[[Record], float]
    ) -> None:
        self._graph = graph
        self._records = records
        self._available = available
        self._queries: Dict[str, Query] = {}
        self._lock = threading.Lock()
        path = "security/auditLog/queries"
        graph.route("POST", path, "query", self._make, PERMISSIONS)
        graph.route("GET", path, "queries", self._list, PERMISSIONS)
        graph.route("GET", f"{path}/<number>", "status", self._look, PERMISSIONS)
        graph.route("GET", f"{path}/<number>/records", "records", self._read, PERMISSIONS)

    def _make(self, version: str) -> Response:
        self._require(version)
        self._graph.options("")
        asked = request.get_json(silent=True)
        if not isinstance(asked, dict):
            raise GraphError(400, "Unable to read JSON request payload.")
        _check(asked)
        begin, end = _time(asked, "filterStartDateTime"), _time(asked, "filterEndDateTime")
        if begin >= end:
            raise GraphError(400, "filterStartDateTime must be earlier than filterEndDateTime.")
        found = [record for record in self._records() if begin <= record.time < end and self._matches(record, asked)]
        limit = self._graph.faults.record_limit or LIMIT
        query = Query(str(uuid.uuid4()), asked, self._graph.site.clock(), found[:limit], len(found) > limit)
        with self._lock:
            self._queries[query.number] = query
        return as_json(self._shown(query), 201)

    def _list(self, version: str) -> Response:
        self._require(version)
        with self._lock:
            queries = [self._shown(query) for query in self._queries.values()]
        return self._graph.page(queries, "security/auditLog/queries")

    def _look(self, version: str, number: str) -> Response:
        self._require(version)
        self._graph.options("")
        query = self._query(number)
        faults = self._graph.faults
        query.polls += 1
        if query.polls >= faults.query_polls and self._graph.site.clock() >= query.made + faults.query_seconds:
            query.status = faults.query_outcome
            self._graph.site.note("query_outcome")
        elif query.polls > 1 or faults.query_polls == 1:
            query.status = "running"
        return as_json(self._shown(query))

    def _read(self, version: str, number: str) -> Response:
        self._require(version)
        query = self._query(number)
        found = query.found if query.status == "succeeded" else []
        rows = _Lazy(found, self._row)
        return self._graph.page(rows, f"security/auditLog/queries('{number}')/records")  # type: ignore[arg-type]  # it reads as a list

    def _require(self, version: str) -> None:
        status = self._graph.faults.audit_log_absent.get(version)
        if status:
            code = "UnknownError" if status == 404 else "BadRequest"
            raise GraphError(status, "Resource not found for the segment 'auditLog'.", code)

    def _query(self, number: str) -> Query:
        if number not in self._queries:
            raise GraphError(404, f"The audit log query '{number}' was not found.", "NotFound")
        return self._queries[number]

    def _matches(self, record: Record, asked: Object) -> bool:
        body, now = record.body, self._graph.site.clock()
        kind = RECORD_TYPES.get(int(body.get("RecordType", 0)), "unknown")
        service = asked.get("serviceFilter")
        services = asked.get("serviceFilters") or ([service] if service else [])
        return (
            self._available(record) <= now
            and record.time > now - RETENTION
            and self._permitted(str(body.get("Workload")))
            and _among(asked.get("recordTypeFilters"), kind)
            and _among(asked.get("operationFilters"), str(body.get("Operation")))
            and _among(asked.get("userPrincipalNameFilters"), str(body.get("UserId")))
            and _among(asked.get("objectIdFilters"), str(body.get("ObjectId")))
            and _among(asked.get("ipAddressFilters"), str(body.get("ClientIP")))
            and _among(services, str(body.get("Workload")))
            and str(asked.get("keywordFilter") or "").lower() in str(body).lower()
        )

    def _permitted(self, workload: str) -> bool:
        roles = self._graph.roles()
        return ALL in roles or _WORKLOADS.get(workload) in roles

    def _shown(self, query: Query) -> Object:
        limit = self._graph.faults.record_limit or LIMIT
        done = query.status == "succeeded"
        empty: Object = {name: [] for name in _LISTS}
        return {
            "@odata.context": f"{self._graph.root}/v1.0/$metadata#security/auditLog/queries/$entity",
            "id": query.number,
            "displayName": None,
            "keywordFilter": None,
            **empty,
            **{name: value for name, value in query.asked.items() if name[0] != "@"},
            "status": query.status,
            "approximateReturnedRecordCount": len(query.found) if done else None,
            "isRecordCountLimitExceeded": done and query.exceeded,
            "recordCountLimit": limit,
        }

    def _row(self, record: Record) -> Object:
        body = record.body
        kind = int(body.get("RecordType", 0))
        return {
            "id": body.get("Id"),
            "createdDateTime": utc(record.time) + "Z",
            "auditLogRecordType": RECORD_TYPES.get(kind, "unknown"),
            "operation": body.get("Operation"),
            "organizationId": body.get("OrganizationId"),
            "userType": _USER_TYPES.get(int(body.get("UserType", 0)), "regular"),
            "userId": body.get("UserKey"),
            "service": body.get("Workload"),
            "objectId": body.get("ObjectId"),
            "userPrincipalName": body.get("UserId"),
            "clientIp": body.get("ClientIP"),
            "administrativeUnits": [""],
            "auditData": self._data(kind, body),
        }

    def _data(self, kind: int, body: Dict[str, Any]) -> Object:
        form = {"@odata.type": "#microsoft.graph.security." + _FORMS.get(kind, "defaultAuditData")}
        if self._graph.faults.audit_data == "plain":
            return {**form, **body}
        if self._graph.faults.audit_data == "annotated":
            notes = {f"{name}@odata.type": "#Collection(String)" for name in body if isinstance(body[name], list)}
            return {**form, **notes, **body}
        inner = {"@odata.type": "#microsoft.graph.security.auditRecordTypeDictionary", **body}
        return {**form, "dynamicProperties": inner}


class _Lazy:
    """A list whose elements are made when they are looked at."""

    def __init__(self, found: List[Record], made: Callable[[Record], Object]) -> None:
        self._found = found
        self._made = made

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, place: slice) -> List[Object]:
        return [self._made(record) for record in self._found[place]]


def _check(asked: Object) -> None:
    for name, value in asked.items():
        if name[0] == "@":
            continue
        if name not in _LISTS and name not in _TEXTS:
            kind = "microsoft.graph.security.auditLogQuery"
            raise GraphError(400, f"The property '{name}' does not exist on type '{kind}'.")
        if name in _LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise GraphError(400, f"Cannot convert the value of '{name}' to a collection.")
    for kind in asked.get("recordTypeFilters", []):
        if kind.lower() not in (known.lower() for known in RECORD_TYPES.values()):
            raise GraphError(400, f"Requested value '{kind}' was not found.")


def _time(asked: Object, name: str) -> float:
    moment = instant(str(asked.get(name)))
    if moment is None:
        text = f"Cannot convert the literal '{asked.get(name)}' to the expected type 'Edm.DateTimeOffset'."
        raise GraphError(400, text)
    return moment


def _among(wanted: Optional[List[str]], value: str) -> bool:
    return not wanted or value.lower() in (one.lower() for one in wanted)
