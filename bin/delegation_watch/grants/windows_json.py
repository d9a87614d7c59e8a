"""Windows events as JSON, as shippers and tools of investigators write them: three shapes to the one plain form.

Sources: evtx_dump (`Event.System`, `Event.EventData`), the winlog fields of Elastic's Winlogbeat, and NXLog's flat
object (`Channel`, `EventID`, the event's data beside them). No real event of the three with a delegation was at hand
[unverified].
"""

from typing import Any, Dict, List, Optional, Tuple

from .shapes import Body
from .values import object_of, text_of
from .windows import Event, event_id

_TIMES = ("@timestamp", "EventTime", "TimeCreated", "timestamp")


def windows_json(record: Body) -> Optional[Event]:
    """The event in a JSON object; None when it is none."""
    if isinstance(record.get("Event"), dict):
        return _dumped(record["Event"])
    if isinstance(record.get("winlog"), dict):
        return _beat(record)
    if isinstance(record.get("Channel"), str) and "EventID" in record:
        return _flat(record)
    return None


def _dumped(event: Body) -> Event:
    system = object_of(event.get("System"))
    number = system.get("EventID")
    created = object_of(object_of(system.get("TimeCreated")).get("#attributes") or system.get("TimeCreated_attributes"))
    security = object_of(object_of(system.get("Security")).get("#attributes") or system.get("Security_attributes"))
    data, values = _data(event.get("EventData") or next(iter(object_of(event.get("UserData")).values()), None))
    return _event(system.get("Channel"), number.get("#text") if isinstance(number, dict) else number,
                  system.get("Computer"), created.get("SystemTime"), system.get("EventRecordID"),
                  security.get("UserID"), data, values)  # fmt: skip


def _beat(record: Body) -> Event:
    log = record["winlog"]
    data, values = _data(log.get("event_data") or log.get("user_data"))
    return _event(log.get("channel"), log.get("event_id"), log.get("computer_name"), record.get("@timestamp"),
                  log.get("record_id"), object_of(log.get("user")).get("identifier"), data, values)  # fmt: skip


def _flat(record: Body) -> Event:
    data, values = _data(record)
    time = next((record[name] for name in _TIMES if record.get(name)), None)
    return _event(record["Channel"], record["EventID"], record.get("Hostname") or record.get("Computer"), time,
                  record.get("RecordNumber") or record.get("EventRecordID"), record.get("UserID"), data, values,
                  text_of(record.get("Message")) or "")  # fmt: skip


def _data(given: Any) -> Tuple[Dict[str, str], List[str]]:
    """(values by name, values without a name): the latter as `Data`, or as `param1`, `param2`, …"""
    told = object_of(given)
    inner = told.get("Data")
    unnamed = inner.get("#text") if isinstance(inner, dict) else inner
    single = [unnamed] if isinstance(unnamed, str) else []
    values = [text_of(value) or "" for value in (unnamed if isinstance(unnamed, list) else single)]
    numbered = sorted((int(name[5:]), name) for name in told if name.startswith("param") and name[5:].isdecimal())
    values = values or [text_of(told[name]) or "" for _, name in numbered]
    return {str(name): text for name, text in ((key, text_of(told[key])) for key in told) if text}, values


def _event(
    channel: Any, number: Any, computer: Any, time: Any, record: Any, sid: Any, data: Dict[str, str],
    values: List[str], message: str = "",
) -> Event:  # fmt: skip
    log, machine, moment = text_of(channel) or "", text_of(computer), text_of(time)
    return Event(log, (text_of(number) or "").strip(), machine, moment,
                 event_id(log, machine, text_of(record), moment), text_of(sid), data, values, message)  # fmt: skip
