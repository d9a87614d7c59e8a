"""Windows events as Splunk's add-on brings them: XML (`renderXml`) and classic text, taken off to one plain form.

Sources: the event schema, win/2004/08/events; the Splunk Add-on for Microsoft Windows, sourcetypes XmlWinEventLog and
WinEventLog. Classic events are the message as rendered, in the language of the machine, so they are read by what is not
translated: cmdlets, parameters, and the English labels of Windows Security [other languages: unverified].
"""

import re
import xml.etree.ElementTree as ElementTree
from hashlib import blake2b
from typing import Dict, List, NamedTuple, Optional

from .errors import Unreadable


class Event(NamedTuple):
    """One event. `data`: its values by name; `values`: those without a name, in order; `message`: the classic text."""

    channel: str
    event_id: str
    computer: Optional[str]
    time: Optional[str]
    record_id: str
    user_sid: Optional[str]
    data: Dict[str, str]
    values: List[str]
    message: str


def windows_event(raw: str) -> Optional[Event]:
    """The event in a text; None when it is none. Unreadable when it is XML that is broken, as by truncation."""
    text = raw.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _from_xml(text)
    if "LogName=" in text[:400] and "EventCode=" in text[:800]:
        return _from_classic(text)
    return None


def _from_xml(text: str) -> Event:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("XML with a document type, which no Windows event has")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - entities and document types were refused above
    except ElementTree.ParseError as error:
        raise Unreadable(f"no whole Windows event: {error}; raise TRUNCATE for its sourcetype if it was cut") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    system = root.find("System")
    if root.tag != "Event" or system is None:
        raise Unreadable("XML, but no Windows event: " + root.tag[:40])
    data: Dict[str, str] = {}
    values: List[str] = []
    for element in [*root.findall("EventData/*"), *root.findall("UserData/*/*")]:
        name = element.get("Name") or (None if element.tag == "Data" else element.tag)
        if name:
            data[name] = element.text or ""
        else:
            values.append(element.text or "")
    created = system.find("TimeCreated")
    security = system.find("Security")
    time = created.get("SystemTime") if created is not None else None
    channel, computer = system.findtext("Channel") or "", system.findtext("Computer")
    return Event(channel, (system.findtext("EventID") or "").strip(), computer, time,
                 event_id(channel, computer, system.findtext("EventRecordID"), time),
                 security.get("UserID") if security is not None else None, data, values,
                 root.findtext("RenderingInfo/Message") or "")  # fmt: skip


_HEAD = re.compile(r"^(\w+)=(.*)$")


def _from_classic(text: str) -> Event:
    """The time stays with Splunk, which knows the zone of the machine that wrote it."""
    head: Dict[str, str] = {}
    lines = text.splitlines()
    message = ""
    for number, line in enumerate(lines):
        found = _HEAD.match(line)
        if found and found.group(1) == "Message":
            message = "\n".join([found.group(2), *lines[number + 1 :]])
            break
        if found:
            head[found.group(1)] = found.group(2).strip()
    channel, computer = head.get("LogName", ""), head.get("ComputerName")
    identity = event_id(channel, computer, head.get("RecordNumber"), lines[0])
    return Event(channel, head.get("EventCode", ""), computer, None, identity, head.get("Sid"), labelled(message), [],
                 message)  # fmt: skip


def event_id(channel: str, computer: Optional[str], number: Optional[str], time: Optional[str]) -> str:
    """The event log numbers its records anew when it is cleared, so the time is part of the id."""
    text = "|".join((channel, (computer or "").lower(), number or "", time or ""))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_SECTION = re.compile(r"^(\S[^:]*):\s*$")
_LABEL = re.compile(r"^\s+([^:\t]+):\s*(.*)$")


def labelled(message: str) -> Dict[str, str]:
    """`Section/Label` → value of a rendered message: indented labels below headings that stand alone."""
    found: Dict[str, str] = {}
    section = ""
    for line in message.splitlines():
        heading = _SECTION.match(line)
        label = _LABEL.match(line)
        if heading:
            section = heading.group(1).strip()
        elif label:
            found[f"{section}/{label.group(1).strip()}"] = label.group(2).strip()
    return found
