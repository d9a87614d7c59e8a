"""What a JSON value of an export is: its envelope, if it has one, and the name of its format.

Only envelopes are taken off here; what a record says is the app's own business. Sources of the shapes:
Management API, Search-UnifiedAuditLog and Sentinel rows, ALFA and Reports API files: seen in real exports.
Written from documents, no real file at hand: Microsoft Graph's auditLogRecord (learn.microsoft.com,
security-auditlogquery-list-records), Splunk's exports (`preview`, `result`: Splunk REST API,
search/jobs/export; a last line `{"preview":false,"lastrow":true}` without result occurs), Cloud Logging
(cloud.google.com/logging, AuditLog).
"""

import json
from typing import Any, Callable, Dict, FrozenSet, NamedTuple, Optional, Tuple

Record = Dict[str, Any]


class Found(NamedTuple):
    """What one value holds: its format and the text of its record; or why there is none."""

    format: str
    raw: Optional[str] = None
    problem: Optional[str] = None


def found_in(value: Any, text: str) -> Found:
    """Take the envelope off `value`, which stands in the export as `text`."""
    if isinstance(value, str):  # AuditData as Select-Object -ExpandProperty hands it on: a list of JSON texts
        return _inner("JSON texts", value)
    if not isinstance(value, dict):
        return Found("", text, f"not a record but {json.dumps(value)[:40]}")
    for name, fits, unwrap in _ENVELOPES:
        if fits(value):
            return unwrap(name, value)
    return Found(next((name for name, keys in _RECORDS if keys <= value.keys()), "JSON of another shape"), text)


def _inner(name: str, text: Any) -> Found:
    """A record that stands as text, or as an object, inside its envelope."""
    raw = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    return Found(name, raw) if text and raw.strip() else Found(name, raw, "the record is empty")


def _splunk_result(name: str, value: Record) -> Found:
    result = value.get("result", {})
    if result == {}:
        return Found(name)
    if not isinstance(result, dict) or "_raw" not in result:
        return Found(name, json.dumps(value), "a Splunk result without _raw; export the events with _raw")
    return _inner(name, result["_raw"])


Fits = Callable[[Record], bool]
Unwrap = Callable[[str, Record], Found]

_ENVELOPES: Tuple[Tuple[str, Fits, Unwrap], ...] = (
    (
        "Splunk export",
        lambda value: "preview" in value and ("result" in value or "lastrow" in value),
        _splunk_result,
    ),
    ("Splunk export", lambda value: "_raw" in value, lambda name, value: _inner(name, value["_raw"])),
    (
        "health of a feed, no record",
        lambda value: value.get("sourcetype") == "delegation:health" or "delegation_watch_health" in value,
        lambda name, value: Found(name),
    ),
    (
        "workbench collect",
        lambda value: "data" in value and "sourcetype" in value,
        lambda name, value: _inner(name, value["data"]),
    ),
    (
        "Workspace alert rules, no records",
        lambda value: {"displayName", "description", "state"} <= value.keys(),
        lambda name, value: Found(name),
    ),
)

_RECORDS: Tuple[Tuple[str, FrozenSet[str]], ...] = (
    ("Search-UnifiedAuditLog", frozenset({"AuditData"})),
    ("Microsoft Graph auditLogRecord", frozenset({"auditData"})),
    ("permission inventory", frozenset({"delegation_watch_inventory"})),
    ("Sentinel OfficeActivity", frozenset({"TimeGenerated", "Operation"})),
    ("Management API", frozenset({"Operation", "CreationTime"})),
    ("Cloud Logging", frozenset({"protoPayload"})),
    ("Reports API", frozenset({"id", "events"})),
    ("Google Workspace add-on events", frozenset({"id", "event"})),
    ("Reports API single events", frozenset({"id", "name"})),
    ("Workspace policies", frozenset({"setting"})),
    ("Windows events", frozenset({"Channel", "EventID"})),
    ("Windows events", frozenset({"winlog"})),
    ("Windows events", frozenset({"Event"})),
)
