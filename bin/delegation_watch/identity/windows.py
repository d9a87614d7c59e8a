"""Facts from Windows events: names and SIDs of the directory, tied to the canonical name, `corp.example.com/Users/Ann`.

On premises no event tells the user principal name. The canonical name is the one that Exchange's own log writes, and
a distinguished name tells the same, so it is what an identity is shown under.
"""

import re
from typing import Iterator, Optional

from ..grants.descriptors import ATTRIBUTES
from ..grants.parties import last_element
from ..grants.windows import Event
from .fact import Fact

_CANONICAL = re.compile(r"^[\w-]+(\.[\w-]+)+/.+")
_PART = re.compile(r"(?<!\\),")


def canonical(name: Optional[str]) -> Optional[str]:
    """The canonical name of a distinguished name, or of one that is canonical already; None for any other."""
    if not name:
        return None
    if _CANONICAL.match(name):
        return name
    parts = [part.strip().partition("=") for part in _PART.split(name)]
    if len(parts) < 2 or not all(mark for _, mark, _ in parts):
        return None
    domain = ".".join(value for key, _, value in parts if key.upper() == "DC")
    path = [value.replace("\\", "") for key, _, value in parts if key.upper() != "DC"]
    return "/".join([domain, *reversed(path)]) if domain and path else None


def windows_facts(event: Event) -> Iterator[Fact]:
    """The facts of an event: who ran a cmdlet, which object was changed, who became a member of what."""
    data = event.data
    if event.channel.lower() == "msexchange management" and len(event.values) > 3:
        yield from _named(event.values[2], event.values[3], "user")
    attribute = (data.get("AttributeLDAPDisplayName") or data.get("Attribute/LDAP Display Name") or "").lower()
    if attribute in ("publicdelegates", "msexchdelegatelistlink") or attribute in ATTRIBUTES:
        guid = (data.get("ObjectGUID") or data.get("Object/GUID") or "").strip("{}")
        yield from _named(data.get("ObjectDN") or data.get("Object/DN"), None, "user", guid)
        yield from _named(data.get("AttributeValue") or data.get("Attribute/Value"), None, "unknown")
    yield from _named(data.get("MemberName"), data.get("MemberSid"), "unknown")


def _named(name: Optional[str], sid: Optional[str], kind: str, guid: Optional[str] = None) -> Iterator[Fact]:
    identity = canonical(name)
    if identity:
        yield Fact(last_element(name or ""), "name", identity.lower(), kind)
        yield Fact(guid, "guid", identity.lower(), kind)
        if sid and sid.startswith("S-1-5-21-"):
            yield Fact(sid, "sid", identity.lower(), kind)
