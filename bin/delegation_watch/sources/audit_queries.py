"""Microsoft Graph's audit log query: which query to make, how it stands, the page of records it found.

A query searches the unified audit log, which holds the records of the last 180 days (a year with Audit Premium), and
gives each as `auditData`, the record of the Management Activity API. It is made, waited for and read.
Sources: Microsoft Graph, auditCoreRoot "Create auditLogQuery", "List auditLogQueries", "auditLogQuery", "List
auditLogRecords".
"""

from typing import Any, Dict, FrozenSet, Iterable, NamedTuple, Optional, Tuple
from urllib.parse import quote

from ..grants import auditing, directory, exchange, inbox_rules, mailbox_audit, members, roles, send_on_behalf, sharing
from .errors import RefusedError
from .feed import Event, compact, time_of
from .health import written
from .nested import Deep
from .odata import OData, Page
from .settings import GRAPH_VERSIONS

ENDED = ("succeeded", "failed", "cancelled")
ALL_OPERATIONS = "*"
EVERYTHING = "AuditLogsQuery.Read.All"


# What changes who may open a mailbox; the use of rights, most of the audit, has to be asked for by name.
_CHANGES: Tuple[Iterable[str], ...] = (
    exchange.OPERATIONS, send_on_behalf.OPERATIONS, mailbox_audit.CHANGES, inbox_rules.OPERATIONS,
    auditing.OPERATIONS, roles.OPERATIONS, members.OPERATIONS, sharing.OPERATIONS,
)  # fmt: skip


class Workload(NamedTuple):
    """What is asked for in place of a content type: the record types, what matters of it, the least permission."""

    record_types: Tuple[str, ...]
    operations: FrozenSet[str]
    permission: str


# Content types that can be had, by which records they bear (Management Activity API schema, AuditLogRecordType).
WORKLOADS: Dict[str, Workload] = {
    "Audit.Exchange": Workload(
        ("exchangeAdmin", "exchangeItem", "exchangeItemGroup", "exchangeItemAggregated"),
        frozenset(name for room in _CHANGES for name in room),
        "AuditLogsQuery-Exchange.Read.All",
    ),
    "Audit.AzureActiveDirectory": Workload(
        ("azureActiveDirectory", "azureActiveDirectoryAccountLogon", "azureActiveDirectoryStsLogon"),
        frozenset(directory.OPERATIONS),
        "AuditLogsQuery-Entra.Read.All",
    ),
}  # fmt: skip


def asked(content_type: str, given: Iterable[str]) -> FrozenSet[str]:
    """The operations to ask for, empty for all: those given, else those that matter here.

    Each with and without the period that ends most of Entra's, which records write both ways.
    """
    wanted = set(given) or WORKLOADS[content_type].operations
    if ALL_OPERATIONS in wanted:
        return frozenset()
    return frozenset(name for one in wanted for name in (one, one.rstrip(".")))


class Query(NamedTuple):
    """A query as a checkpoint keeps it: its id, the version of Graph it was made in, and when."""

    id: str
    version: str
    made: float


class Standing(NamedTuple):
    """How a query stands: its status, whether it found more than it gives, about how many records it found."""

    status: str
    truncated: bool
    records: int


class AuditQueries:
    """The audit log queries of one tenant for one content type.

    operations: those asked for (see `asked`), any when empty. versions: of Graph, in the order in which they are tried,
    since the query has been moved between them.
    """

    def __init__(self, graph: OData, content_type: str, operations: Iterable[str],
                 versions: Tuple[str, ...] = GRAPH_VERSIONS):  # fmt: skip
        self._graph = graph
        self._type = content_type
        self.operations = sorted(operations)
        self._versions = versions
        self._advice = f"give the application the permission {WORKLOADS[content_type].permission} of Microsoft Graph"

    @property
    def permission(self) -> str:
        """The least permission that reads these records."""
        return WORKLOADS[self._type].permission

    def missing(self) -> str:
        """The permission that the token lacks, "" for none; a token that says nothing lacks nothing."""
        roles = self._graph.roles()
        return self.permission if roles and not roles & {self.permission, EVERYTHING} else ""

    def make(self, start: float, end: float, now: float) -> Query:
        """A new query for the records of this time, a second more at either end."""
        body = {
            "displayName": f"Delegation Watch, {self._type}",
            "filterStartDateTime": written(start - 1),
            "filterEndDateTime": written(end + 1),
            "recordTypeFilters": list(WORKLOADS[self._type].record_types),
        }
        if self.operations:
            body["operationFilters"] = self.operations
        version, made = self._called("POST", json=body)
        if not made.get("id"):
            raise RefusedError("Microsoft Graph made an audit log query and gave no id of it", 200)
        return Query(str(made["id"]), version, now)

    def look(self) -> None:
        """RefusedError where Graph does not let this application see its queries, or has none at all."""
        self._called("GET")

    def _called(self, method: str, **given: Any) -> Tuple[str, Dict[str, Any]]:
        """The first version that has queries, and its answer."""
        for version in self._versions:
            try:
                return version, self._graph.call(method, self._url(version), self._advice, **given)
            except RefusedError as error:
                if not _absent(error):
                    raise
        tried = " and ".join(self._versions)
        raise RefusedError(f"Microsoft Graph has no audit log query in {tried} of this tenant; check backfill_version")

    def standing(self, query: Query) -> Standing:
        """How the query stands now."""
        told = self._graph.call("GET", self._url(query.version, query.id), self._advice)
        count = told.get("approximateReturnedRecordCount")
        truncated = told.get("isRecordCountLimitExceeded") is True
        return Standing(str(told.get("status") or ""), truncated, count if isinstance(count, int) else 0)

    def page(self, query: Query, address: str = "") -> Page:
        """One page of a query's records: the first, or the one that an earlier page named."""
        return self._graph.page("GET", address or self._url(query.version, query.id) + "/records", self._advice)

    def _url(self, version: str, query: str = "") -> str:
        """Where the queries of a version are, or one of them."""
        return f"{self._graph.root}/{version}/security/auditLog/queries" + (f"/{quote(query)}" if query else "")


def require_permission(*queries: AuditQueries) -> None:
    """RefusedError where the application may not read what these queries are for.

    Graph answers a query that it has no permission for with no records [unverified], which must not be taken for
    there being none.
    """
    missing = sorted(filter(None, (one.missing() for one in queries)))
    if missing:
        raise RefusedError(
            f"the application lacks the application permission {' and '.join(missing)} (or {EVERYTHING}) of Microsoft "
            "Graph, or an administrator's consent to it", 403, "Authorization_RequestDenied",
        )  # fmt: skip


class Found(NamedTuple):
    """A record that a query found: `filed` is the time that queries go by, None where the row has none.

    `sound` is whether `event` is the record as the Management Activity API gives it, and not the row around it; then
    it has an operation, and `fields` are the names that it has on top.
    """

    event: Event
    id: str
    filed: Optional[float]
    sound: bool
    fields: Tuple[str, ...] = ()


def found(row: Any) -> Found:
    """The record in a row: `auditData`, out of `dynamicProperties` where it lies there, without OData's annotations.

    A row without a whole record is given as it is, so that it can be seen; so is one that is nested too deep.
    """
    if isinstance(row, Deep):
        return Found(Event(row, None), row, None, False)
    try:
        row = _plain(row)
        known = row if isinstance(row, dict) else {}
        record = known.get("auditData")
        if isinstance(record, dict) and isinstance(record.get("dynamicProperties"), dict):
            record = {**record, **record["dynamicProperties"]}
            del record["dynamicProperties"]
        filed = time_of(known.get("createdDateTime"))
        if isinstance(record, dict) and all(record.get(name) for name in ("Id", "Operation", "CreationTime")):
            name, operation = str(record["Id"]), str(record["Operation"])
            event = Event(compact(record), time_of(record["CreationTime"]), None, operation, name)
            return Found(event, name, filed, True, tuple(record))
        raw = compact(row)
        return Found(Event(raw, filed), str(known.get("id") or raw), filed, False)
    except RecursionError:  # as deep as JSON can be read, but not what is done with it here
        raw = compact(row)
        return Found(Event(raw, None), raw, None, False)


def _plain(value: Any) -> Any:
    """A value without OData's annotations (`@odata.type`, `Parameters@odata.type`), however deep they lie."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if "@odata." not in name}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _absent(error: RefusedError) -> bool:
    """Whether a version of Graph does not have the audit log query at all."""
    return error.status == 404 or (error.status == 400 and "segment" in str(error))
