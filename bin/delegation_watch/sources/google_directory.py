"""Who is who at a Workspace customer: users, groups with their members, and who holds an administrator's role.

Each of the three needs a scope of its own; where one is missing, it is named and the others go on.
Sources: Directory API, users.list, groups.list, members.list, roles.list, roleAssignments.list.
"""

import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Union
from urllib.parse import quote

from .directory_sweep import END, KIND, TOGETHER, DirectorySweep
from .errors import RefusedError, SourceError, of_one
from .feed import Event, compact
from .google import GROUPS_SCOPE, ROLES_SCOPE, USERS_SCOPE, google_token
from .google_api import QUOTA, GoogleApi, Line
from .google_users import NOBODY, USERS, Users
from .http import Http
from .pool import calls_at_once
from .sweep import Sweep, directory, passing

ADVICE = "subject needs an administrator's role that may read users, groups and roles"
_SCOPES = {"users": USERS_SCOPE, "groups": GROUPS_SCOPE, "roles": ROLES_SCOPE}
# Of 2,400 calls a minute of one user and project.
_A_MINUTE = 2_000
_ROOT = "/admin/directory/v1"
_USER_FIELDS = (
    "nextPageToken,users(id,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,creationTime,"
    "isAdmin,isDelegatedAdmin,isMailboxSetup,agreedToTerms,orgUnitPath,relations,organizations)"
)
_GROUP_FIELDS = "nextPageToken,groups(id,email,name,aliases,nonEditableAliases)"
_MEMBER_FIELDS = "nextPageToken,members(id,email,type,role,status)"

Facts = Dict[str, Any]
Roles = Optional[Dict[str, List[str]]]  # names of roles by the id of a user or group; None when they cannot be read


class _Part(NamedTuple):
    """What is listed, page by page: path, key of its list, fields, size of a page, and what comes after it."""

    path: str
    key: str
    fields: str
    size: str
    after: str


_PARTS = {
    "users": _Part(USERS, "users", _USER_FIELDS, "500", "groups"),
    "groups": _Part(f"{_ROOT}/groups", "groups", _GROUP_FIELDS, "200", END),
}


class GoogleDirectorySweep(DirectorySweep):
    """Facts on each user and group of a Workspace customer: a Reader, see feed.py.

    source is the input's name, key the service account's key file, subject the administrator who asks.
    """

    provider = "workspace"
    after = {name: part.after for name, part in _PARTS.items()}  # noqa: RUF012  never changed
    later = QUOTA

    def __init__(
        self,
        http: Http,
        admin_root: str,
        key: Dict[str, str],
        subject: str,
        source: str,
        customer: str = "",
        connections: int = 4,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ):
        super().__init__(source, key.get("client_id", ""), compact([customer, subject]), clock)
        self._subject = subject
        self._customer = customer or "my_customer"
        self._connections = connections
        self._line = Line(http, admin_root, _A_MINUTE, sleep)
        self._apis = {
            part: GoogleApi(self._line, google_token(http, key, subject, scope, clock), "the Directory API", ADVICE)
            for part, scope in _SCOPES.items()
        }

    def calls(self) -> int:
        """Requests so far."""
        return self._line.calls

    def beside(self, sweep: Sweep) -> Roles:
        """The roles of everybody."""
        roles: Roles = self.tried(sweep, "roles", self._roles)
        return roles

    def tenant(self) -> str:
        """The customer's id as audit records bear it; empty where users may not be read, which is told with them."""
        if self._customer != "my_customer":
            return self._customer
        try:
            return Users(self._apis["users"], "").customer_of(self._subject)
        except SourceError as error:
            if passing(error, self.later):
                raise
            return ""

    def _roles(self) -> Roles:
        """Names of the roles that are given to each user or group, by their ids."""
        api, root = self._apis["roles"], f"{_ROOT}/customer/{quote(self._customer)}"
        names = {
            str(role.get("roleId")): str(role.get("roleName"))
            for role in _listed(api, root + "/roles", "items", {"maxResults": "100"})
        }
        given: Dict[str, List[str]] = {}
        for one in _listed(api, root + "/roleassignments", "items", {"maxResults": "200"}):
            role = str(one.get("roleId"))
            given.setdefault(str(one.get("assignedTo")), []).append(names.get(role, role))
        return given

    def pages(self, sweep: Sweep, beside: Roles) -> Iterator[List[Event]]:
        """The events of each page of the sweep's part, its place set behind them."""
        name, part = sweep.part, _PARTS[sweep.part]
        params = {"customer": self._customer, "maxResults": part.size, "orderBy": "email", "fields": part.fields}
        seen = bool(sweep.page) or name != "users"  # there may be no group; users there are
        for answer in self._apis[name].pages(part.path, params, sweep.page):
            listed = _dicts(answer.get(part.key))
            seen = seen or bool(listed)
            if not seen and not answer.get("nextPageToken"):
                raise RefusedError(NOBODY, 200)
            now = self._clock()
            facts = [_user(one, beside) for one in listed] if name == "users" else self._groups(sweep, listed, beside)
            sweep.page = str(answer.get("nextPageToken") or "")
            sweep.part = name if sweep.page else part.after
            yield [directory(sweep, now, name[:-1], one) for one in facts]

    def _groups(self, sweep: Sweep, listed: List[Facts], roles: Roles) -> List[Facts]:
        """Each group with its members; one whose members cannot be read is named as failed and comes without."""
        read: List[Union[Facts, SourceError]] = []
        with calls_at_once(self._connections) as pool:
            for at in range(0, len(listed), TOGETHER):
                some = listed[at : at + TOGETHER]
                answers = list(pool.map(lambda group: of_one(lambda: self._members(group)), some))
                self.expect_some(answers)
                read += answers
        groups = []
        for one, members in zip(listed, read):
            facts = _facts(one, "group", one.get("name"), roles)
            if isinstance(members, SourceError):
                sweep.fail(facts["identity"], KIND, str(members))
            else:
                facts.update(members)
            groups.append(facts)
        return groups

    def _members(self, group: Facts) -> Facts:
        path = f"{_ROOT}/groups/{quote(str(group.get('id')))}/members"
        params = {"maxResults": "200", "fields": _MEMBER_FIELDS}
        listed = list(_listed(self._apis["groups"], path, "members", params))
        named = [one for one in listed if one.get("email")]
        nested = [str(one["email"]).lower() for one in named if one.get("type") == "GROUP"]
        everyone = any(one.get("type") == "CUSTOMER" for one in listed)
        members: Facts = {"members": [str(one["email"]).lower() for one in named]}
        members.update(nested=nested or None, everyone=everyone or None)
        return members


def _listed(api: GoogleApi, path: str, key: str, params: Dict[str, str]) -> Iterator[Facts]:
    for answer in api.pages(path, params):
        yield from _dicts(answer.get(key))


def _dicts(listed: Any) -> List[Facts]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _facts(one: Facts, kind: str, name: Any, roles: Roles) -> Facts:
    """What a user and a group have in common: address, ids, name, roles."""
    aliases = [alias for key in ("aliases", "nonEditableAliases") for alias in one.get(key) or []]
    ids = [{"id": str(one.get("id", "")), "kind": "profile_id"}]
    ids += [{"id": str(alias).lower(), "kind": "alias"} for alias in dict.fromkeys(aliases)]
    held = None if roles is None else roles.get(str(one.get("id")), [])
    return {
        "identity": str(one.get("primaryEmail") or one.get("email") or "").lower(), "kind": kind, "mailbox_kind": None,
        "enabled": None, "created": None, "department": None, "manager": None, "org_unit": None,
        "agreed_to_terms": None, "privileged": None if held is None else bool(held), "display_name": name,
        "roles": held, "ids": ids,
    }  # fmt: skip


def _user(one: Facts, roles: Roles) -> Facts:
    facts = _facts(one, "user", (one.get("name") or {}).get("fullName"), roles)
    administers = bool(one.get("isAdmin") or one.get("isDelegatedAdmin"))
    jobs = sorted(_dicts(one.get("organizations")), key=lambda job: not job.get("primary"))
    managers = [str(who.get("value")).lower() for who in _dicts(one.get("relations")) if who.get("type") == "manager"]
    setup = one.get("isMailboxSetup")
    facts.update(
        privileged=administers or bool(facts["privileged"]),
        enabled=not (one.get("suspended") or one.get("archived")), created=one.get("creationTime"),
        mailbox_kind=None if setup is None else ("user" if setup else "none"), org_unit=one.get("orgUnitPath"),
        department=next((job["department"] for job in jobs if job.get("department")), None),
        manager=next(iter(managers), None), agreed_to_terms=one.get("agreedToTerms"),
    )  # fmt: skip
    return facts
