"""One audit record in, its grant rows out: whatever the text holds, nothing raises and nothing is lost."""

import json
from hashlib import blake2b
from typing import Any, Callable, Dict, List, Optional

from . import (
    auditing,
    directory,
    exchange,
    inbox_rules,
    mailbox_audit,
    members,
    roles,
    send_on_behalf,
    sharing,
)
from .columns import add_error
from .errors import Unreadable
from .fields import BLANK, Row
from .inventory import BESIDE, MARK, read_inventory
from .office import office_row
from .policies import policies, read_policies
from .shapes import Body, load, office_body, workspace_events
from .values import writable
from .windows import Event, windows_event
from .windows_events import event_row, read_windows
from .windows_json import windows_json
from .workspace import read_event, workspace_row

Reader = Callable[[Row, Body], List[Row]]

_READERS: Dict[str, Reader] = {
    name.strip().rstrip(".").casefold(): reader
    for room in (exchange, send_on_behalf, mailbox_audit, inbox_rules, auditing, roles, members, sharing, directory)
    for name, reader in room.OPERATIONS.items()
}
# What Export-Csv and some records write in place of a list.
_TYPES = ("System.", "Microsoft.Exchange.")
_BY_SPELLING: Dict[str, Optional[Reader]] = {}


def _reader(operation: str) -> Optional[Reader]:
    """The reader of an operation, whatever its case, with Entra's closing period or without."""
    try:
        return _BY_SPELLING[operation]
    except KeyError:
        found = _READERS.get(operation.strip().rstrip(".").casefold())
        if len(_BY_SPELLING) < 10000:
            _BY_SPELLING[operation] = found
        return found


def grant_rows(raw: str, evidence: Optional[str] = None, time: Optional[str] = None, keep: bool = False) -> List[Row]:
    """The grant rows of one record, each with every column of `FIELDS`.

    raw: the record's text; evidence: where it was read; time: the event's own time, used where the record has none;
    keep: whether a record that grants nothing gives a row too, with an empty right. A record that cannot be read, or
    not wholly, gives a row with `parse_error` in any case.
    """
    try:
        rows = _read(raw)
    except Unreadable as error:
        rows = [dict(BLANK, parse_error=str(error))]
    except Exception as error:  # a shape nobody has seen: told with the record, and the next one is read
        rows = [dict(BLANK, parse_error=f"{type(error).__name__}: {error}")]
    if "\\" in raw and "\\ud" in raw.lower():
        rows = [writable(row) for row in rows]
    kept = rows if keep else [row for row in rows if row["right"] or row["parse_error"]]
    record_id, number = None, 0
    for row in kept:
        if row["record_id"] is None:
            row["record_id"] = _digest(_canonical(raw))
        number = number + 1 if row["record_id"] == record_id else 0
        record_id = row["record_id"]
        if row["row_id"] is None:
            within = f"{record_id}|{number}|{row['mailbox']}|{row['grantee']}|{row['right_native']}"
            row["row_id"] = _digest(within.encode("utf-8", "surrogatepass"))
        if (row["grantee"] or "").startswith(_TYPES) or (row["right_native"] or "").startswith(_TYPES):
            add_error(row, "a PowerShell type's name stands where a value is due; export it joined as text")
        row["evidence"] = evidence
        if row["_time"] is None:
            row["_time"] = time
    return kept


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _canonical(raw: str) -> bytes:
    try:
        return json.dumps(json.loads(raw), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return raw.encode("utf-8", "surrogatepass")


def _read(raw: str) -> List[Row]:
    if raw[:1] != "{":
        event = windows_event(raw)
        if event is not None:
            return _windows(event)
    record = load(raw)
    body = office_body(record)
    if body is not None:
        return _office(body)
    if MARK in record:
        return read_inventory(record)
    beside = next((mark for mark in BESIDE if mark in record), None)
    if beside:
        return [dict(BLANK, operation=beside)]
    logged = windows_json(record)
    if logged is not None:
        return _windows(logged)
    events = workspace_events(record)
    if events is None:
        standing = policies(record)
        if standing is not None:
            return read_policies(standing)
        raise Unreadable("no audit record of a known shape: " + (", ".join(list(map(str, record))[:6]) or "no keys"))
    return [row for activity, event in events for row in _guarded(workspace_row, read_event, activity, event)]


def _windows(event: Event) -> List[Row]:
    try:
        return read_windows(event, _reader)
    except Exception as error:
        return [_broken(event_row(event, f"{event.channel} {event.event_id}", None, event.user_sid), error)]


def _office(body: Body) -> List[Row]:
    row = office_row(body)
    reader = _reader(str(body["Operation"]))
    if reader is None:
        return [row]
    try:
        return reader(row, body) or [row]
    except Exception as error:
        return [_broken(office_row(body), error)]


def _guarded(base: Callable[..., Row], reader: Callable[..., List[Row]], *given: Any) -> List[Row]:
    try:
        return reader(*given)
    except Exception as error:
        return [_broken(base(*given), error)]


def _broken(row: Row, error: Exception) -> Row:
    add_error(row, f"{row['operation']}: {type(error).__name__}: {error}")
    return row
