"""The wrappings in which an audit record arrives, taken off: one function a shape, no meaning of operations.

Each shape ends as one of two things: an Office 365 body (`Operation`, `CreationTime`, …) or single Workspace events.
Sources: reference pages of the Management API, Search-UnifiedAuditLog, Graph's auditLogQuery, Sentinel's
OfficeActivity, the Reports API, the Splunk Add-on for Google Workspace, Panther and Cloud Logging.
"""

import json
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

from .errors import Unreadable

Body = Dict[str, Any]
_scan: Callable[[str, int], Tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out


def load(raw: str) -> Body:
    """The JSON object of a record's text; Unreadable when it is none."""
    try:
        record, end = _scan(raw, 0)
    except (StopIteration, ValueError, RecursionError):
        end = -1
    if end != len(raw):  # blanks around it, a byte order mark, a control character; or no JSON
        record = _load_bare(raw)
    if not isinstance(record, dict):
        raise Unreadable("JSON, but no object: " + type(record).__name__)
    return record


def _load_bare(raw: str) -> Any:
    text = raw.strip().lstrip("\ufeff")
    if not text:
        raise Unreadable("empty record")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON: " + str(error)) from None


def office_body(record: Body) -> Optional[Body]:
    """The Office 365 record in any of its wrappings; None when this is not one."""
    if "AuditData" in record or "auditData" in record:
        return _inner(record)
    if "OfficeWorkload" in record or record.get("Type") == "OfficeActivity":
        return _sentinel(record)
    if "Operation" in record:
        return record
    return None


def _inner(record: Body) -> Body:
    """Search-UnifiedAuditLog's and the portal's `AuditData`, Graph's `auditData` with `dynamicProperties`."""
    data: Union[str, Body, None] = record.get("AuditData", record.get("auditData"))
    if isinstance(data, str):
        if not data.strip():
            raise Unreadable("AuditData is empty")
        data = load(data)
    if not isinstance(data, dict):
        raise Unreadable("AuditData is no object")
    dynamic = data.get("dynamicProperties")
    if isinstance(dynamic, dict):
        data = {**data, **dynamic}
        del data["dynamicProperties"]
    body = {name: value for name, value in data.items() if not name.startswith("@odata.")}
    for name, outer in _OUTER:
        if name not in body:
            value = next((record[key] for key in outer if record.get(key) not in (None, "")), None)
            if value is not None:
                body[name] = value
    if "Operation" not in body:
        raise Unreadable("AuditData without Operation")
    return body


_OUTER: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("Operation", ("Operation", "Operations", "operation")),
    ("CreationTime", ("CreationDate", "createdDateTime")),
    ("UserId", ("UserId", "UserIds", "userPrincipalName", "userId")),
    ("OrganizationId", ("organizationId",)),
    ("ObjectId", ("objectId",)),
    ("ClientIP", ("clientIp",)),
    ("Id", ("RecordId", "id")),
)

# Sentinel renames what it takes over from the record. Source: OfficeActivity table reference, and a real row.
_SENTINEL = {
    "OfficeWorkload": "Workload", "OfficeId": "Id", "TimeGenerated": "CreationTime",
    "OfficeObjectId": "ObjectId", "Client_IPAddress": "ClientIPAddress", "Logon_Type": "LogonType",
    "Internal_LogonType": "InternalLogonType", "SendonBehalfOfUserSmtp": "SendOnBehalfOfUserSmtp",
    "SendonBehalfOfUserMailboxGuid": "SendOnBehalfOfUserMailboxGuid",
}  # fmt: skip
_JSON_COLUMNS = (
    "Parameters", "OperationProperties", "Item", "Folder", "Folders", "AffectedItems", "ModifiedProperties",
    "AppAccessContext", "ExtendedProperties",
)  # fmt: skip


def _sentinel(record: Body) -> Body:
    body = {_SENTINEL.get(name, name): value for name, value in record.items()}
    body["CreationTime"] = record.get("TimeGenerated") or record.get("Start_Time") or record.get("ElevationTime")
    if not body.get("OrganizationId") or set(str(body["OrganizationId"])) <= set("0-"):
        body["OrganizationId"] = record.get("OfficeTenantId") or record.get("OrganizationId")
    for name in _JSON_COLUMNS:
        value = body.get(name)
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            try:
                body[name] = json.loads(value)
            except ValueError:
                continue
    if not body.get("Operation"):
        raise Unreadable("OfficeActivity row without Operation")
    return body


def workspace_events(record: Body) -> Optional[List[Tuple[Body, Body]]]:
    """(activity without its events, single event) of a Workspace record; None when this is not one.

    An activity lists `events`; Elastic keeps one object there, Splunk's add-on a singular `event`, Panther puts the
    event's own keys beside `id`, and Cloud Logging wraps it all in `protoPayload`.
    """
    if isinstance(record.get("protoPayload"), dict):
        return list(_cloud_logging(record))
    if not isinstance(record.get("id"), dict):
        return None
    activity = {name: value for name, value in record.items() if name not in _EVENT_KEYS}
    found = record.get("events", record.get("event"))
    if found is None and isinstance(record.get("name"), str):
        found = {name: record[name] for name in ("type", "name", "parameters") if name in record}
    events = [event for event in (found if isinstance(found, list) else [found]) if isinstance(event, dict)]
    if not events or not all(event.get("name") for event in events):
        raise Unreadable("Workspace activity without a readable event")
    return [(activity, event) for event in events]


_EVENT_KEYS = frozenset(("events", "event", "type", "name", "parameters"))


def _cloud_logging(record: Body) -> Iterator[Tuple[Body, Body]]:
    payload = record["protoPayload"]
    metadata = payload.get("metadata")
    events = metadata.get("event") if isinstance(metadata, dict) else None
    if not isinstance(events, list) or not events:
        raise Unreadable("Cloud Logging entry without metadata.event")
    identity = metadata.get("activityId") or {}
    activity = {
        "id": {
            "time": record.get("timestamp"),
            "uniqueQualifier": identity.get("uniqQualifier"),
            "applicationName": str(payload.get("serviceName", "")).partition(".")[0],
            "customerId": str(payload.get("resourceName", "")).rpartition("/")[2] or None,
        },
        "actor": {"email": (payload.get("authenticationInfo") or {}).get("principalEmail")},
        "ipAddress": (payload.get("requestMetadata") or {}).get("callerIp"),
    }
    for event in events:
        if not isinstance(event, dict) or not event.get("eventName"):
            raise Unreadable("Cloud Logging entry with an event that has no name")
        yield activity, {
            "type": event.get("eventType"),
            "name": event["eventName"],
            "parameters": event.get("parameter", []),
        }


_VALUE_KEYS = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "messageValue", "multiMessageValue",
               "multiStrValue")  # fmt: skip


def parameters(event: Body) -> Dict[str, Any]:
    """Name → value of a Workspace event's parameters: a list of named values of many kinds, or a plain object."""
    given = event.get("parameters")
    if isinstance(given, dict):
        return given
    found: Dict[str, Any] = {}
    for entry in given if isinstance(given, list) else ():
        if isinstance(entry, dict) and entry.get("name") is not None:
            found[str(entry["name"])] = next((entry[key] for key in _VALUE_KEYS if key in entry), None)
    return found
