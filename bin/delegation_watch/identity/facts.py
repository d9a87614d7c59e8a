"""Identity facts of one record: this id is that person, application or group, seen then and there.

A fact ties an `id` (GUID, PUID, SID, mailbox GUID, alias, Name) to an `identity`, the name it is shown under: the
user principal name, or an application's name. Facts are claims of single records; what several records say
differently stays ambiguous, and is made so by the search that collects them.
"""

import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..grants.errors import Unreadable
from ..grants.inventory import DIRECTORY_MARK
from ..grants.office import cmdlet
from ..grants.parties import GUID, last_element, party
from ..grants.shapes import Body, load, office_body, workspace_events
from ..grants.values import epoch, object_of, text_of, writable
from ..grants.windows import Event, windows_event
from ..grants.windows_json import windows_json
from .fact import Fact
from .named import named
from .windows import windows_facts

Row = Dict[str, Any]
FIELDS: Tuple[str, ...] = ("_time", "tenant", "id", "id_kind", "identity", "identity_kind", "source_operation")

_PUID = re.compile(r"^[0-9A-F]{16}$", re.IGNORECASE)
# Ids of Microsoft's own applications, which stand in the lists beside the one who acts.
_FIRST_PARTY = re.compile(r"^0000000[0-9a-f]-0000-0(ff1-ce|000-c0)00-0{12}$", re.IGNORECASE)
_TYPED_GUID = re.compile(r"^(User|ServicePrincipal|Group|Application|Device)_([0-9a-f-]{36})$", re.IGNORECASE)
_KINDS = {"user": "user", "serviceprincipal": "application", "application": "application", "group": "group"}
_DIRECTORY = 8
_SIGN_IN = 15


def identity_rows(raw: str, time: Optional[str] = None) -> List[Row]:
    """The identity facts of one record's text, columns `FIELDS`; none for what cannot be read, and never an error.

    What cannot be read is told by delegationgrants, which reads the same records.
    """
    try:
        log = windows_event(raw) if raw[:1] != "{" else None
        if log is not None:
            return _logged(log, time)
        record = load(raw)
        body = office_body(record)
        if body is not None:
            moment = _time(body.get("CreationTime"), time)
            return _rows(_office(body), text_of(body.get("OrganizationId")), body, moment)
        if DIRECTORY_MARK in record:
            operation = {"Operation": DIRECTORY_MARK}
            return _rows(_directory(record), text_of(record.get("tenant")), operation, _time(record.get("time"), time))
        log = windows_json(record)
        if log is not None:
            return _logged(log, time)
        events = workspace_events(record)
    except Unreadable:
        return []
    if not events:
        return []
    activity, event = events[0]
    identity = activity["id"]
    facts = _workspace(activity)
    return _rows(facts, text_of(identity.get("customerId")), {"Operation": event.get("name")},
                 _time(identity.get("time"), time))  # fmt: skip


def _logged(log: Event, time: Optional[str]) -> List[Row]:
    operation = {"Operation": f"{log.channel} {log.event_id}"}
    return _rows(windows_facts(log), None, operation, _time(log.time, time))


def _time(own: Any, given: Optional[str]) -> Any:
    try:
        return epoch(own)
    except ValueError:
        return given


def _rows(facts: Iterator[Fact], tenant: Optional[str], body: Body, time: Any) -> List[Row]:
    rows = []
    for fact in dict.fromkeys(facts):
        if fact.id and fact.identity and fact.id.casefold() != fact.identity.casefold():
            rows.append({
                "_time": time, "tenant": tenant, "id": fact.id.casefold(), "id_kind": fact.id_kind,
                "identity": fact.identity.casefold() if "@" in fact.identity else fact.identity,
                "identity_kind": fact.identity_kind, "source_operation": text_of(body.get("Operation")),
            })  # fmt: skip
    return [writable(row) for row in rows]


def _office(body: Body) -> Iterator[Fact]:
    if body.get("RecordType") in (_DIRECTORY, _SIGN_IN, str(_DIRECTORY), str(_SIGN_IN)):
        for name in ("Actor", "Target"):
            yield from _listed(body.get(name))
    yield from _actor(body)
    owner = text_of(body.get("MailboxOwnerUPN"))
    yield from _owned(body, owner)
    yield from _cmdlet(body)
    yield from named(body)


def _owned(body: Body, owner: Optional[str]) -> Iterator[Fact]:
    """The mailbox audit names the owner of a mailbox with its GUID and SID, and the one who logged on with his SID."""
    if not owner or "@" not in owner:
        return
    yield Fact(text_of(body.get("MailboxGuid")), "mailbox_guid", owner, "user")
    yield Fact(text_of(body.get("MailboxOwnerSid")), "sid", owner, "user")
    user = text_of(body.get("UserId"))
    if user and "@" in user:
        yield Fact(text_of(body.get("LogonUserSid")), "sid", user, "user")
    folder = object_of(object_of(body.get("Item")).get("ParentFolder"))
    member = text_of(folder.get("MemberUpn"))
    if member and party(member).kind in ("user", "guest"):
        yield Fact(text_of(folder.get("MemberSid")), "sid", member, party(member).kind)


def _actor(body: Body) -> Iterator[Fact]:
    """UserKey is the PUID, or for sign-ins the object id, of UserId; Entra appends the domain to the PUID."""
    user = text_of(body.get("UserId"))
    key = (text_of(body.get("UserKey")) or "").partition("@")[0]
    if user and party(user).kind in ("user", "guest"):
        yield Fact(text_of(body.get("TokenObjectId")), "guid", user, party(user).kind)
        if _PUID.match(key):
            yield Fact(key, "puid", user, party(user).kind)
        elif GUID.match(key):
            yield Fact(key, "guid", user, party(user).kind)


def _listed(entries: Any) -> Iterator[Fact]:
    """Entra's Actor and Target lists: type 5 is the UPN, 3 the PUID, 2 the object id, 1 a display name, 4 a SPN."""
    named: Dict[int, List[str]] = {}
    kind = "unknown"
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("Type"), int) or not entry.get("ID"):
            continue
        text = str(entry["ID"])
        typed = _TYPED_GUID.match(text)
        if typed:
            kind = _KINDS.get(typed.group(1).lower(), "unknown")
            text = typed.group(2)
        named.setdefault(entry["Type"], []).append(text)
    identity = next(iter(named.get(5, [])), None) or (next(iter(named.get(1, [])), None) if kind != "user" else None)
    if identity is None:
        return
    kind = party(identity).kind if kind in ("user", "unknown") and "@" in identity else kind
    for guid in named.get(2, []):
        if GUID.match(guid) and not _FIRST_PARTY.match(guid):
            yield Fact(guid, "guid", identity, kind)
    for puid in named.get(3, []):
        yield Fact(puid, "puid", identity, kind)


def _cmdlet(body: Body) -> Iterator[Fact]:
    """A cmdlet called with a user principal name, answered by the recipient's Name in ObjectId.

    A Name with a collision suffix, and one that is a distinguished name of a folder or a rule, is left out.
    """
    if str(body.get("RecordType")) not in ("1", "ExchangeAdmin"):
        return
    identity = text_of(cmdlet(body).get("identity"))
    name = text_of(body.get("ObjectId"))
    if identity and name and "@" in identity and ":" not in identity and "\\" not in name:
        name = last_element(name)
        yield Fact(name, "guid" if GUID.match(name) else "name", identity, party(identity).kind)


def _directory(record: Body) -> Iterator[Fact]:
    """What the inventory wrote of a user or a group: its ids, all of one identity."""
    identity, kind = text_of(record.get("identity")), text_of(record.get("kind")) or "unknown"
    ids = record.get("ids")
    for one in ids if isinstance(ids, list) else ():
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            yield Fact(one["id"], text_of(one.get("kind")) or "unknown", identity, kind)


def _workspace(activity: Body) -> Iterator[Fact]:
    who = activity.get("actor")
    if isinstance(who, dict):
        yield Fact(text_of(who.get("profileId")), "profile_id", text_of(who.get("email")), "user")
