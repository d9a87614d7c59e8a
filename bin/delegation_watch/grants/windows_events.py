"""What Windows events say of mailboxes: cmdlets that ran on an Exchange server, and changes of its directory.

A cmdlet's event becomes the same record that the cloud would have written, so the same readers read it. Which events:

MSExchange Management 1, 6        Exchange's own log of cmdlets, succeeded and failed
PowerShell/Operational 4103, 4104 pipelines with their values, script blocks with their text. They don't tell which
                                  Exchange a session was connected to, so they count as Exchange Server
Security 5136                     a directory object was changed: delegates, forwarding, and security descriptors
                                  written past Exchange
Security 4728 … 4762              members of groups of the directory

Sources: MSExchange Management event 1 and 6 (order of their values: one published event and the sample of a public
parser), about_Logging_Windows, Windows Security audit events. Each event here is read as documented; no real one but
those two was at hand [unverified].
"""

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import descriptors
from .columns import add_error, on_mailbox, to_grantee
from .fields import BLANK, Row
from .members import member_row
from .parties import Party, actor, party
from .powershell import Call, arguments, calls
from .shapes import Body
from .values import epoch
from .windows import Event

# A reader of a cmdlet's operation, by name in any case; None where the cmdlet is none that matters.
Find = Callable[[str], Optional[Callable[[Row, Body], List[Row]]]]


def event_row(event: Event, operation: Optional[str], who: Optional[str], sid: Optional[str]) -> Row:
    """The columns common to the rows of an event."""
    row = BLANK.copy()
    if event.time:
        try:
            row["_time"] = epoch(event.time)
        except ValueError as error:
            row["parse_error"] = "TimeCreated: " + str(error)
    by = actor(who, sid, None, "", False)
    row.update(provider="exchange_server", operation=operation, record_id=event.record_id, status="success",
               actor=by.name or sid, actor_id=sid, actor_kind=by.kind if who else party(sid).kind)  # fmt: skip
    return row


def _run(row: Row, call: Call, find: Find) -> List[Row]:
    reader = find(call.cmdlet)
    if reader is None:
        return []
    return reader(row, {"Operation": row["operation"], "Parameters": dict(call.parameters), "RecordType": 1})


_TOLD = re.compile(r"\b([A-Z][A-Za-z]+-[A-Z][A-Za-z]+)\b(.*)", re.DOTALL)
_OLD_PAIR = re.compile(r"(\w+)=((?:\{[^}]*\}|[^,{}])*)(?:,\s*|$)")


def exchange_log(event: Event, find: Find) -> List[Row]:
    """A cmdlet that ran, or failed: its name, its parameters, who ran it."""
    if event.values:
        name, told, *rest = [*event.values, "", ""]
    else:
        found = _TOLD.search(event.message)
        name, told, rest = (found.group(1), found.group(2), []) if found else ("", "", [])
    if find(name) is None:
        return []
    who = rest[0] if rest and rest[0] else None
    sid = next((value for value in rest[1:3] if value.startswith("S-1-")), event.user_sid)
    row = event_row(event, name, who, sid)
    row["client_app"] = rest[3] if len(rest) > 3 and rest[3] else "Exchange Management Shell"
    if event.event_id == "6":
        row["status"] = "failure"
    return _run(row, Call(name, _log_parameters(told, name)), find)


def _log_parameters(text: str, cmdlet: str) -> Dict[str, Optional[str]]:
    """The parameters as the log writes them: `-Identity "a" -User "b"`, in older versions `{Identity=a, User=b}`."""
    start = text.find("{")
    dash = re.search(r"(^|\s)-\w", text)
    if start >= 0 and (dash is None or start < dash.start()):
        inner = text[start + 1 : text.rfind("}")]
        return {name.lower(): value.strip() for name, value in _OLD_PAIR.findall(inner)}
    if dash is None:
        return {}
    return arguments(re.sub(r"\.\s*$", "", text[dash.start() :]), cmdlet)


_BOUND = re.compile(r'ParameterBinding\(([\w-]+)\): name="([^"]*)"; value="(.*)"\s*$', re.MULTILINE)
_INVOKED = re.compile(r"CommandInvocation\(([\w-]+)\)")
_USER = re.compile(r"^\s*User = (.+?)\s*$", re.MULTILINE)
_HOST = re.compile(r"^\s*Host Name = (.+?)\s*$", re.MULTILINE)


def pipeline(event: Event, find: Find) -> List[Row]:
    """4103: each cmdlet of a pipeline with the values that its parameters had."""
    payload = event.data.get("Payload") or event.message
    context = event.data.get("ContextInfo") or event.message
    invoked: Dict[str, Dict[str, Optional[str]]] = {name: {} for name in _INVOKED.findall(payload)}
    for cmdlet, name, value in _BOUND.findall(payload):
        invoked.setdefault(cmdlet, {})[name.lower()] = value
    who, host = _USER.search(context), _HOST.search(context)
    rows = []
    for cmdlet, parameters in invoked.items():
        if find(cmdlet) is not None:
            row = event_row(event, cmdlet, who.group(1) if who else None, event.user_sid)
            row["client_app"] = "PowerShell" + (f" ({host.group(1)})" if host else "")
            rows += _run(row, Call(cmdlet, parameters), find)
    return rows


_SCRIPT = re.compile(r"^[^\r\n]*\(\d+ (?:of|von|sur|de|di) \d+\):[ \t]*\r?\n?(.*?)(?:\r?\n\s*ScriptBlock ID: .*)?$",
                     re.DOTALL)  # fmt: skip


def script_block(event: Event, find: Find) -> List[Row]:
    """4104: the text of a script, before it runs; a variable stays as it is written, since only the run would tell."""
    text = event.data.get("ScriptBlockText")
    if text is None:
        found = _SCRIPT.match(event.message)
        text = found.group(1) if found else event.message
    rows = []
    for call in calls(text, lambda name: find(name) is not None):
        row = event_row(event, call.cmdlet, None, event.user_sid)
        row["client_app"] = "PowerShell script" + (f" {event.data['Path']}" if event.data.get("Path") else "")
        rows += _run(row, call, find)
    total = event.data.get("MessageTotal") or "1"
    for row in rows:
        if row["parse_error"] and total != "1":
            block = f"script block {event.data.get('ScriptBlockId')}"
            add_error(row, f"part {event.data.get('MessageNumber')} of {total} of {block}: read its other parts")
    return rows


# Attribute of a mailbox's directory object → (right, access). msExchDelegateListLink is what Add-MailboxPermission
# writes for Outlook to open the mailbox by itself: the trace of FullAccess, not the right. Source: Exchange's schema.
_ATTRIBUTES: Dict[str, Tuple[str, str]] = {
    "publicdelegates": ("send_on_behalf", "send"),
    "msexchdelegatelistlink": ("full_access", "own"),
    "altrecipient": ("forwarding", "read"),
    "msexchgenericforwardingaddress": ("forwarding", "read"),
}
_ADDED, _DELETED = ("%%14674", "value added"), ("%%14675", "value deleted")


def _told(event: Event, name: str, label: str) -> Optional[str]:
    """A value by its name in XML, or by its label in the rendered message."""
    value = event.data.get(name, event.data.get(label))
    return value if value and value != "-" else None


def _subject(event: Event) -> Tuple[Optional[str], Optional[str]]:
    """(DOMAIN\\name, SID) of the one who acted."""
    name = _told(event, "SubjectUserName", "Subject/Account Name")
    domain = _told(event, "SubjectDomainName", "Subject/Account Domain")
    sid = _told(event, "SubjectUserSid", "Subject/Security ID")
    return f"{domain}\\{name}" if name and domain else name, sid


def directory_change(event: Event, find: Find) -> List[Row]:
    """5136: one value of one attribute was added or deleted."""
    attribute = _told(event, "AttributeLDAPDisplayName", "Attribute/LDAP Display Name") or ""
    known = _ATTRIBUTES.get(attribute.lower())
    if known is None and attribute.lower() not in descriptors.ATTRIBUTES:
        return []
    operation = (_told(event, "OperationType", "Operation/Type") or "").lower()
    deleted = operation in _DELETED
    row = event_row(event, "5136 " + attribute, *_subject(event))
    guid = (_told(event, "ObjectGUID", "Object/GUID") or "").strip("{}")
    on_mailbox(row, _told(event, "ObjectDN", "Object/DN"), guid)
    if known is None:
        return [] if deleted else _described(row, attribute, _told(event, "AttributeValue", "Attribute/Value"))
    forwards = known[0] == "forwarding"
    row.update(right=known[0], right_native=attribute, access="none" if forwards and deleted else known[1],
               grant_action="setting" if forwards else "revoke" if deleted else "grant")  # fmt: skip
    value = _told(event, "AttributeValue", "Attribute/Value")
    to_grantee(row, party(value[5:] if value and value.lower().startswith("smtp:") else value))
    if not (row["mailbox"] and value and operation in _ADDED + _DELETED):
        add_error(row, f"directory change without object, value or a known operation ({operation or 'none'})")
    return [row]


def _described(row: Row, attribute: str, sddl: Optional[str]) -> List[Row]:
    """A new descriptor: a row for each who gets in by it.

    The event tells the whole descriptor, not what is new in it; and that is not all who get in, since the directory
    object and the mailbox have one each.
    """
    rows = []
    for sid, right, access, native in descriptors.entries(attribute, sddl or ""):
        rows.append(dict(row, grant_action="change", right=right, access=access, right_native=native))
        to_grantee(rows[-1], party(sid))
    return rows


def group_change(action: str) -> Callable[[Event, Find], List[Row]]:
    """A member added to a group of the directory, or removed from it."""

    def read(event: Event, find: Find) -> List[Row]:
        row = event_row(event, event.event_id, *_subject(event))
        group = _told(event, "TargetUserName", "Group/Group Name") or event.data.get("Group/Account Name")
        domain = _told(event, "TargetDomainName", "Group/Group Domain") or event.data.get("Group/Account Domain")
        group = f"{domain}\\{group}" if group and domain else group  # as cmdlets name it, so that its grants are found
        group_sid = _told(event, "TargetSid", "Group/Security ID")
        sid = _told(event, "MemberSid", "Member/Security ID")
        who = party(_told(event, "MemberName", "Member/Account Name") or sid)
        return [member_row(row, action, group, group_sid, Party(who.name, sid or who.id, who.kind), "member")]

    return read


_GROUPS = {"4728": "grant", "4732": "grant", "4756": "grant", "4746": "grant", "4751": "grant", "4761": "grant",
           "4729": "revoke", "4733": "revoke", "4757": "revoke", "4747": "revoke", "4752": "revoke",
           "4762": "revoke"}  # fmt: skip

EVENTS: Dict[Tuple[str, str], Callable[[Event, Find], List[Row]]] = {
    ("msexchange management", "1"): exchange_log,
    ("msexchange management", "6"): exchange_log,
    ("microsoft-windows-powershell/operational", "4103"): pipeline,
    ("microsoft-windows-powershell/operational", "4104"): script_block,
    ("powershellcore/operational", "4103"): pipeline,
    ("powershellcore/operational", "4104"): script_block,
    ("security", "5136"): directory_change,
    **{("security", number): group_change(action) for number, action in _GROUPS.items()},
}


def read_windows(event: Event, find: Find) -> List[Row]:
    """The rows of one event: its grants, or one row without a right when it grants nothing."""
    reader = EVENTS.get((event.channel.lower(), event.event_id))
    rows: List[Any] = reader(event, find) if reader else []
    return rows or [event_row(event, f"{event.channel} {event.event_id}".strip(), *_subject(event))]
