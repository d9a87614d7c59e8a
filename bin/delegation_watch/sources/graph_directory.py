"""Who is who in an Entra tenant: users with their mailboxes' kinds, groups with their members, who holds a role.

Each part needs a permission of its own; where one is missing it is named, and the others go on.
Sources: Microsoft Graph v1.0, user-list, group-list, group-list-members, group-list-transitivemembers,
rbacapplication-list-roleassignments, -roledefinitions; Exchange's Get-Mailbox for mailboxes.
"""

import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..grants.values import object_of
from .directory_sweep import END, KIND, TOGETHER, DirectorySweep, Roles
from .errors import RefusedError, SourceError
from .exchange_api import ExchangeApi
from .exchange_mailboxes import Mailbox, mailboxes
from .feed import Event
from .graph_api import GraphApi
from .odata import Page, Row
from .sweep import Sweep, directory

_USER_COLUMNS = (
    "id,userPrincipalName,displayName,mail,mailNickname,proxyAddresses,userType,accountEnabled,createdDateTime,"
    "department,onPremisesSecurityIdentifier,securityIdentifier"
)
_GROUP_COLUMNS = "id,displayName,mail,mailNickname,proxyAddresses,securityIdentifier"
_MEMBERS = {"$select": "id,userPrincipalName,mail,displayName", "$top": "999"}
_ROLES = "roleManagement/directory/"
# What roles are given to beside groups; who is shown without a type may be a group.
_NO_GROUPS = ("#microsoft.graph.user", "#microsoft.graph.servicePrincipal")

Boxes = Optional[Dict[str, Mailbox]]  # mailboxes by the object id of their owner; None when they cannot be read


class _Part(NamedTuple):
    """What is listed: its query, the permission it needs, and what comes after it."""

    query: Dict[str, str]
    permission: str
    after: str


_PARTS = {
    "users": _Part(
        {"$select": _USER_COLUMNS, "$expand": "manager($select=userPrincipalName)", "$top": "999"}, "User.Read.All",
        "groups",
    ),
    "groups": _Part({"$select": _GROUP_COLUMNS, "$top": "999"}, "GroupMember.Read.All", END),
}  # fmt: skip
_ROLES_PERMISSION = "RoleManagement.Read.Directory"
_NAMELESS = (
    "Microsoft Graph shows its members without their names; give the application the permission "
    f"{_PARTS['users'].permission}, with admin consent"
)
# What each part needs, by what is asked for it.
PERMISSIONS = {
    "users": _PARTS["users"].permission, "groups": _PARTS["groups"].permission,
    _ROLES + "roleDefinitions": _ROLES_PERMISSION,
}  # fmt: skip


class GraphDirectorySweep(DirectorySweep):
    """Facts on each user and group of an Entra tenant: a Reader, see feed.py.

    source is the input's name, client the application's id.
    """

    provider = "o365"
    after = {name: part.after for name, part in _PARTS.items()}  # noqa: RUF012  never changed

    def __init__(
        self,
        graph: GraphApi,
        exchange: ExchangeApi,
        tenant: str,
        source: str,
        client: str,
        clock: Callable[[], float] = time.time,
    ):
        super().__init__(source, client, tenant, clock)
        self._graph = graph
        self._exchange = exchange
        self._tenant = tenant

    def calls(self) -> int:
        """Requests so far, to Graph and to Exchange."""
        return self._graph.calls + self._exchange.calls

    def tenant(self) -> str:
        """The directory's id."""
        return self._tenant

    def beside(self, sweep: Sweep) -> Tuple[Roles, Boxes]:
        """The roles of everybody, and the mailboxes."""
        told = self.tried(sweep, "roles", self._given)
        roles = self.through(sweep, told[0], lambda: self._within(told[1])) if told else Roles()
        return roles, self.tried(sweep, "mailboxes", self._mailboxes)

    def _given(self) -> Tuple[Dict[str, List[str]], List[str]]:
        """Names of the roles that are given to each holder, by their ids; and which of these may be groups."""
        defined = self._graph.rows(_ROLES + "roleDefinitions", {"$select": "id,displayName"}, _ROLES_PERMISSION)
        names = {str(role.get("id")): str(role.get("displayName")) for role in defined}
        given: Dict[str, List[str]] = {}
        groups: Dict[str, None] = {}
        for one in self._graph.rows(_ROLES + "roleAssignments", {"$expand": "principal"}, _ROLES_PERMISSION):
            role, holder = str(one.get("roleDefinitionId")), str(one.get("principalId"))
            given.setdefault(holder, []).append(names.get(role, role))
            if str(object_of(one.get("principal")).get("@odata.type")) not in _NO_GROUPS:
                groups[holder] = None
        return given, list(groups)

    def _within(self, groups: List[str]) -> Dict[str, Any]:
        """The ids of the members of each group, also of those of groups within it, or the error in their place."""
        listings = [(f"groups/{group}/transitiveMembers", {"$select": "id", "$top": "999"}) for group in groups]
        found: List[Any] = []
        for at in range(0, len(groups), TOGETHER):
            found += self._graph.many(listings[at : at + TOGETHER], _PARTS["groups"].permission)
        return {
            group: rows if isinstance(rows, SourceError) else [str(row.get("id")) for row in rows]
            for group, rows in zip(groups, found)
        }

    def _mailboxes(self) -> Dict[str, Mailbox]:
        found = mailboxes(self._exchange).found
        return {str(box.row.get("ExternalDirectoryObjectId") or "").lower(): box for box in found}

    def pages(self, sweep: Sweep, beside: Tuple[Roles, Boxes]) -> Iterator[List[Event]]:
        """The events of each page of users and each batch of groups, the sweep's place set behind them."""
        name = sweep.part
        part = _PARTS[name]
        roles, boxes = beside
        seen = bool(sweep.page) or name != "users"  # there may be no group; users there are
        for page in self._graph.pages(name, part.query, part.permission, begin=sweep.page):
            seen = seen or bool(page.rows)
            if not seen and not page.following:
                raise RefusedError(f"Microsoft Graph lists no user at all; check the permission {part.permission}", 200)
            if name == "users":
                users = [_user(row, roles, boxes) for row in page.rows]
                _behind(sweep, page)
                yield [directory(sweep, self._clock(), "user", one) for one in users]
                continue
            ids = [str(row.get("id")) for row in page.rows]
            start = ids.index(sweep.last) + 1 if sweep.last in ids else 0
            for at in range(start, len(ids), TOGETHER):  # which is as many as share a request
                some = page.rows[at : at + TOGETHER]
                events = self._groups(sweep, some, roles)
                sweep.last = str(some[-1].get("id"))
                yield events
            _behind(sweep, page)
            yield []

    def _groups(self, sweep: Sweep, rows: List[Row], roles: Roles) -> List[Event]:
        """Each group with its members; one whose members cannot be read is named as failed and comes without."""
        listings = [(f"groups/{row.get('id')}/members", _MEMBERS) for row in rows]
        now = self._clock()
        members = self._graph.many(listings, _PARTS["groups"].permission)
        self.expect_some(members)
        events = []
        for row, found in zip(rows, members):
            facts = _facts(row, "group", _group_name(row), roles)
            if isinstance(found, SourceError):
                sweep.fail(str(facts["identity"]), KIND, str(found))
            elif any(map(_nameless, found)):
                sweep.fail(str(facts["identity"]), KIND, _NAMELESS)
            else:
                facts.update(_membership(found))
            events.append(directory(sweep, now, "group", facts))
        return events


def _behind(sweep: Sweep, page: Page) -> None:
    """The place behind a page: the next one of the part, or the next part."""
    sweep.page, sweep.last = page.following, ""
    if not page.following:
        sweep.part = _PARTS[sweep.part].after


def _group_name(row: Row) -> str:
    """What a group is called where it gets a right: its address, else its name."""
    return str(row.get("mail") or row.get("displayName") or row.get("id") or "").lower()


def _nameless(row: Row) -> bool:
    """Whether a member is a person of whom nothing but the id is shown.

    Source: learn.microsoft.com/graph/permissions-overview, "Limited information returned for inaccessible member
    objects".
    """
    return str(row.get("@odata.type")).endswith(".user") and not row.get("userPrincipalName")


def _membership(rows: List[Row]) -> Dict[str, Any]:
    """Its members by their names, and which of these are groups."""
    groups = [row for row in rows if str(row.get("@odata.type")).endswith(".group")]
    users = [str(row.get("userPrincipalName") or row.get("id")).lower() for row in rows if row not in groups]
    nested = [_group_name(row) for row in groups]
    return {"members": users + nested, "nested": nested or None}


def _facts(row: Row, kind: str, identity: str, roles: Roles) -> Dict[str, Any]:
    """What a user and a group have in common: name, ids, roles."""
    aliases = [str(one).partition(":")[2] for one in row.get("proxyAddresses") or [] if str(one)[:5].lower() == "smtp:"]
    ids = {str(row.get("id") or "").lower(): "guid", str(row.get("mail") or "").lower(): "alias"}
    ids.update((alias.lower(), "alias") for alias in aliases)
    for column in ("securityIdentifier", "onPremisesSecurityIdentifier"):
        ids[str(row.get(column) or "").lower()] = "sid"
    ids[str(row.get("displayName") or "").lower()] = "display_name"  # all that a folder's permissions name
    held = roles.of(str(row.get("id")))
    return {
        "identity": identity, "kind": kind, "mailbox_kind": None, "enabled": None, "created": None, "department": None,
        "manager": None, "privileged": None if held is None else bool(held), "display_name": row.get("displayName"),
        "roles": held, "ids": _listed(ids, identity),
    }  # fmt: skip


def _listed(ids: Dict[str, str], identity: str) -> List[Dict[str, str]]:
    return [{"id": one, "kind": kind} for one, kind in ids.items() if one and one != identity]


def _user(row: Row, roles: Roles, boxes: Boxes) -> Dict[str, Any]:
    identity = str(row.get("userPrincipalName") or row.get("id") or "").lower()
    guest = str(row.get("userType")).lower() == "guest" or "#ext#" in identity
    facts = _facts(row, "guest" if guest else "user", identity, roles)
    manager = str(object_of(row.get("manager")).get("userPrincipalName") or "").lower()
    facts.update(
        enabled=row.get("accountEnabled"), created=row.get("createdDateTime"), department=row.get("department"),
        manager=manager or None,
    )  # fmt: skip
    if boxes is not None:
        box = boxes.get(str(row.get("id") or "").lower())
        facts["mailbox_kind"] = box.kind if box else "none"
        if box:
            name, guid = (str(box.row.get(column) or "").lower() for column in ("Name", "ExchangeGuid"))
            facts["ids"] += _listed({name: "name", guid: "mailbox_guid"}, identity)
    return facts
