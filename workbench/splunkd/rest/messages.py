"""What a REST handler is given and gives back, and how the answers look as Atom XML and as JSON."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Optional, Tuple, Union
from urllib.parse import quote

from workbench.splunkd.users import User

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

ATOM = "http://www.w3.org/2005/Atom"
REST = "http://dev.splunk.com/ns/rest"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_COMMON = ("output_mode", "name", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f")
_UPDATED = "2025-01-01T00:00:00+00:00"

ET.register_namespace("", ATOM)
ET.register_namespace("s", REST)
ET.register_namespace("opensearch", OPENSEARCH)


class RestError(Exception):
    """A refusal: status, text and level of the message."""

    def __init__(self, status: int, text: str, level: str = "ERROR"):
        super().__init__(text)
        self.status = status
        self.text = text
        self.level = level


@dataclass(frozen=True)
class Namespace:
    """Owner and app of a `servicesNS` address; a plain `services` address is the caller's own context."""

    owner: str
    app: str
    explicit: bool

    @property
    def private(self) -> bool:
        """Whether the address is the context of one user, where objects are this user's own."""
        return self.owner not in ("", "-", "nobody")


@dataclass(frozen=True)
class Call:
    """One request: `path` is what follows the endpoint, decoded; `params` are those of address (`query`) and form."""

    method: str
    namespace: Namespace
    path: List[str]
    query: Dict[str, str]
    params: Dict[str, str]
    body: bytes
    user: Optional[User]
    key: str = ""  # of the session
    repeated: Tuple[Tuple[str, str], ...] = ()  # the address's parameters as they came; `query` has the last of each

    @property
    def who(self) -> User:
        """Who asks; a call without a session may not (endpoints that need one do not ask)."""
        if self.user is None:
            raise RestError(401, "call not properly authenticated", "WARN")
        return self.user

    def values(self, name: str) -> List[str]:
        """All values of a parameter of the address."""
        return [value for key, value in self.repeated if key == name]

    def json(self) -> Any:
        """The body as JSON; RestError 400 when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise RestError(400, f"JSON in the request is invalid. ( JSON parse error: {error} )") from error

    def number(self, name: str, default: int) -> int:
        """A whole number, or the default where it is not given."""
        value = self.params.get(name, str(default))
        if not re.fullmatch(r"-?\d+", value):
            raise RestError(400, f"Invalid value for argument {name}: {value}")  # [unverified] text
        return int(value)

    def required(self, name: str) -> str:
        """A parameter that must be there and not empty."""
        value = self.params.get(name, "")
        if not value:
            raise RestError(400, f"The following required arguments are missing: {name}.")
        return value


@dataclass(frozen=True)
class Entry:
    """One entity: its name, where it lives below the namespace, and its content."""

    name: str
    endpoint: str
    content: Dict[str, Any]
    links: Tuple[str, ...] = ("list", "edit", "remove")
    owner: str = "nobody"  # a user's name for an object of their own


@dataclass
class Feed:
    """Entities as an Atom feed; `total` counts those that paging left out as well."""

    title: str
    app: str
    entries: List[Entry]
    status: int = 200
    total: Optional[int] = None
    offset: int = 0
    messages: List[Tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Plain:
    """A body as it is."""

    body: bytes
    content_type: str
    status: int = 200


Handler = Callable[["Splunkd", Call], Union[Feed, Plain]]
# Address below the namespace -> its handler, and whether a session is needed.
Endpoints = Dict[str, Tuple[Handler, bool]]


def as_json(value: Any, status: int = 200) -> Plain:
    """A JSON body, as the KV store answers."""
    return Plain(json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=UTF-8", status)


def page(entries: List[Entry], call: Call, title: str, app: str) -> Feed:
    """A list cut by `search`, `offset` and `count` (30 unless said; 0 and -1 are all)."""
    found = [entry for entry in entries if _matches(entry, call.params.get("search", ""))]
    offset, count = call.number("offset", 0), call.number("count", 30)
    cut = found[offset:] if count <= 0 else found[offset : offset + count]
    return Feed(title, app, cut, total=len(found), offset=offset)


def only_arguments(call: Call, known: Iterable[str]) -> None:
    """Refuse parameters that a handler does not have; those for the form of the answer it always has."""
    wrong = next((name for name in call.params if name not in (*_COMMON, *known)), None)
    if wrong is not None:
        raise RestError(400, f'Argument "{wrong}" is not supported by this handler.')


def render(feed: Feed, mode: str) -> Plain:
    """A feed as JSON for output_mode=json, else as Atom."""
    if mode == "json":
        return as_json(_json_feed(feed), feed.status)
    return Plain(_atom_feed(feed), "text/xml; charset=UTF-8", feed.status)


def lone_entry(entry: Entry, app: str, mode: str) -> Plain:
    """One entity without a feed around it, as a job is answered; in JSON it has one."""
    if mode == "json":
        return as_json(_json_feed(Feed(entry.endpoint, app, [entry])))
    return Plain(_document(_atom_entry(entry, app)), "text/xml; charset=UTF-8")


def render_messages(messages: List[Tuple[str, str]], status: int, mode: str) -> Plain:
    """Messages alone, as every refusal is answered."""
    if mode.startswith("json"):
        return as_json({"messages": [{"type": kind, "text": text} for kind, text in messages]}, status)
    root = ET.Element("response")
    block = ET.SubElement(root, "messages")
    for kind, text in messages:
        ET.SubElement(block, "msg", type=kind).text = text
    return Plain(_document(root), "text/xml; charset=UTF-8", status)


def _matches(entry: Entry, search: str) -> bool:
    """`field=value` compares a field, a bare word is looked for in the name and the values."""
    for word in search.split():
        name, mark, value = word.partition("=")
        if mark:
            if str(entry.content.get(name, "")) != value.strip('"'):
                return False
        elif not any(word.lower() in str(text).lower() for text in (entry.name, *entry.content.values())):
            return False
    return True


def _href(entry: Entry, app: str) -> str:
    return f"/servicesNS/{quote(entry.owner, safe='')}/{app}/{entry.endpoint}/{quote(entry.name, safe='')}"


def _acl(entry: Entry, app: str) -> Dict[str, Any]:
    everyone = {"read": ["*"], "write": ["admin", "sc_admin"]}
    shared = entry.owner == "nobody"
    return {
        "app": app, "owner": entry.owner, "sharing": "app" if shared else "user", "modifiable": "1", "removable": "1",
        "can_write": "1", "can_list": "1", "perms": everyone if shared else None,
    }  # fmt: skip


def _json_feed(feed: Feed) -> Dict[str, Any]:
    entries = [
        {
            "name": entry.name,
            "id": _href(entry, feed.app),
            "updated": _UPDATED,
            "links": {rel: _href(entry, feed.app) for rel in ("alternate", *entry.links)},
            "author": entry.owner,
            "acl": _acl(entry, feed.app),
            "content": {"eai:acl": None, **entry.content},
        }
        for entry in feed.entries
    ]
    total = len(feed.entries) if feed.total is None else feed.total
    return {
        "links": {},
        "origin": f"/services/{feed.title}",
        "updated": _UPDATED,
        "generator": {"build": "0", "version": "9.4.0"},
        "entry": entries,
        "paging": {"total": total, "perPage": len(entries), "offset": feed.offset},
        "messages": [{"type": kind, "text": text} for kind, text in feed.messages],
    }


def _atom_feed(feed: Feed) -> bytes:
    root = ET.Element(f"{{{ATOM}}}feed")
    for name, text in (("title", feed.title), ("id", f"/services/{feed.title}"), ("updated", _UPDATED)):
        ET.SubElement(root, f"{{{ATOM}}}{name}").text = text
    total = len(feed.entries) if feed.total is None else feed.total
    counts = (("totalResults", total), ("itemsPerPage", len(feed.entries)), ("startIndex", feed.offset))
    for name, number in counts:
        ET.SubElement(root, f"{{{OPENSEARCH}}}{name}").text = str(number)
    block = ET.SubElement(root, f"{{{REST}}}messages")
    for kind, text in feed.messages:
        ET.SubElement(block, f"{{{REST}}}msg", type=kind).text = text
    for entry in feed.entries:
        root.append(_atom_entry(entry, feed.app))
    return _document(root)


def _atom_entry(entry: Entry, app: str) -> ET.Element:
    element = ET.Element(f"{{{ATOM}}}entry")
    href = _href(entry, app)
    for name, text in (("title", entry.name), ("id", href), ("updated", _UPDATED)):
        ET.SubElement(element, f"{{{ATOM}}}{name}").text = text
    for rel in ("alternate", *entry.links):
        ET.SubElement(element, f"{{{ATOM}}}link", href=href, rel=rel)
    author = ET.SubElement(element, f"{{{ATOM}}}author")
    ET.SubElement(author, f"{{{ATOM}}}name").text = entry.owner
    content = ET.SubElement(element, f"{{{ATOM}}}content", type="text/xml")
    _value(content, {"eai:acl": _acl(entry, app), **entry.content})
    return element


def _value(parent: ET.Element, value: Any) -> None:
    """A Python value as splunkd's s:dict, s:list or text."""
    if isinstance(value, dict):
        block = ET.SubElement(parent, f"{{{REST}}}dict")
        for name, item in value.items():
            _value(ET.SubElement(block, f"{{{REST}}}key", name=name), item)
    elif isinstance(value, (list, tuple)):
        block = ET.SubElement(parent, f"{{{REST}}}list")
        for item in value:
            _value(ET.SubElement(block, f"{{{REST}}}item"), item)
    elif isinstance(value, bool):
        parent.text = "1" if value else "0"
    elif value is not None:
        parent.text = str(value)


def _document(root: ET.Element) -> bytes:
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text
