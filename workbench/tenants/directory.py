"""Microsoft Graph's directory: users, groups, their members, directory roles and their holders, service principals.

Reference pages: user-list, group-list, group-list-members, group-list-transitivemembers, directoryrole-list,
directoryrole-list-members, rbacapplication-list-roleassignments, -roledefinitions, serviceprincipal-list; the
permissions are the least and the higher ones of those pages that an inventory would have. Of a member that the
application may not read, type and id alone come: permissions-overview, "Limited information returned for inaccessible
member objects". How `members` orders and mixes its kinds is [unverified].
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from flask import Response, request

from workbench.tenants.graph import Graph, GraphError, Kind, Object, chosen
from workbench.tenants.mischief import as_json
from workbench.tenants.records import utc
from workbench.tenants.served import UnknownRequestError
from workbench.tenants.standing import Account, Application, Group, Standing, made_id

USERS = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
GROUPS = ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Directory.ReadWrite.All")
ROLES = ("RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All", "Directory.ReadWrite.All")
APPLICATIONS = ("Application.Read.All", "Directory.Read.All", "Directory.ReadWrite.All")

_USER_DEFAULT = tuple(
    """businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname
    userPrincipalName id""".split()  # noqa: SIM905  names to be read as a text
)
_USER_MORE = """accountEnabled createdDateTime department userType externalUserState proxyAddresses companyName
    onPremisesSecurityIdentifier onPremisesImmutableId onPremisesSyncEnabled securityIdentifier mailNickname
    assignedLicenses creationType otherMails"""
_GROUP = tuple(
    """id displayName mail mailEnabled securityEnabled groupTypes createdDateTime description proxyAddresses
    mailNickname
    isAssignableToRole visibility securityIdentifier""".split()  # noqa: SIM905  names to be read as a text
)
_PRINCIPAL = tuple(
    """id appId displayName accountEnabled servicePrincipalType appOwnerOrganizationId createdDateTime appDisplayName
    servicePrincipalNames appRoles""".split()  # noqa: SIM905  names to be read as a text
)
_ROLE = ("id", "displayName", "description", "roleTemplateId")
_DEFINITION = ("id", "displayName", "templateId", "isBuiltIn", "isEnabled")
USER = Kind("user", (*_USER_DEFAULT, *_USER_MORE.split()), _USER_DEFAULT)
GROUP = Kind("group", _GROUP, _GROUP)
MEMBER = Kind("directoryObject", (*USER.known, *_GROUP, *_PRINCIPAL), (*_USER_DEFAULT, "appId"))
DIRECTORY_ROLE = Kind("directoryRole", _ROLE, _ROLE)
DEFINITION = Kind("unifiedRoleDefinition", (*_DEFINITION, "isPrivileged"), _DEFINITION)
PRINCIPAL = Kind("servicePrincipal", _PRINCIPAL, _PRINCIPAL)
_EQUALS = re.compile(r"(\w+) eq (true|false|'[^']*')$")
_MANAGER = re.compile(r"manager(?:\(\$select=([\w,]+)\))?$")

# templates of roles that the vendor documents; any other gets an id of its own
_TEMPLATES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
}


class Directory:
    """The directory of one tenant, read from what stands."""

    def __init__(self, graph: Graph, standing: Standing) -> None:
        self._graph = graph
        self._standing = standing
        routes = (
            ("users", "users", self._users, USERS),
            ("users/<name>", "user", self._user, USERS),
            ("users/<name>/manager", "manager", self._manager, USERS),
            ("groups", "groups", self._groups, GROUPS),
            ("groups/<group_id>/<any(members, transitiveMembers):how>", "members", self._members, GROUPS),
            ("directoryRoles", "roles", self._roles, ROLES),
            ("directoryRoles/<role_id>/members", "role_members", self._role_members, ROLES),
            ("roleManagement/directory/roleAssignments", "assignments", self._assignments, ROLES),
            ("roleManagement/directory/roleDefinitions", "definitions", self._definitions, ROLES),
            ("servicePrincipals", "principals", self._principals, APPLICATIONS),
        )
        for path, name, answer, permissions in routes:
            graph.route("GET", path, name, answer, permissions)

    # users

    def _users(self, version: str) -> Response:
        rows = [self._with_manager(_user(account), account) for account in self._people()]
        return self._page(_filtered(rows), USER, "users", "$select $filter $expand")

    def _user(self, version: str, name: str) -> Response:
        self._graph.options("$select $expand")
        account = self._found(name)
        return as_json(chosen([self._with_manager(_user(account), account)], USER)[0])

    def _manager(self, version: str, name: str) -> Response:
        self._graph.options("$select")
        manager = self._standing.accounts.get(self._found(name).manager.lower())
        if manager is None:
            raise absent("manager")
        return as_json(chosen([_user(manager)], USER)[0])

    def _people(self) -> List[Account]:
        return [account for account in self._standing.of_microsoft() if account.kind != "discovery"]

    def _found(self, name: str) -> Account:
        wanted = name.lower()
        for account in self._people():
            if wanted in (account.upn.lower(), account.object_id.lower()):
                return account
        raise absent(name)

    def _with_manager(self, row: Object, account: Account) -> Object:
        expand = request.args.get("$expand")
        if expand is None:
            return row
        match = _MANAGER.match(expand)
        if match is None:
            raise UnknownRequestError(f"no rule for $expand={expand}")
        manager = self._standing.accounts.get(account.manager.lower())
        if manager is not None:
            wanted = (match.group(1) or ",".join(_USER_DEFAULT)).split(",")
            row["manager"] = {"@odata.type": "#microsoft.graph.user", **{n: _user(manager).get(n) for n in wanted}}
        return row

    # groups

    def _groups(self, version: str) -> Response:
        rows = _filtered([_group(group) for group in self._standing.groups.values()])
        return self._page(rows, GROUP, "groups", "$select $filter")

    def _members(self, version: str, group_id: str, how: str) -> Response:
        group = next((g for g in self._standing.groups.values() if g.object_id == group_id), None)
        if group is None:
            raise absent(group_id)
        rows = self._of_group(group, how == "transitiveMembers", set())
        return self._page(rows, MEMBER, "directoryObjects")

    def _of_group(self, group: Group, through: bool, seen: set[str]) -> List[Object]:
        rows: List[Object] = []
        for address in group.members:
            account, inner = self._standing.accounts.get(address.lower()), self._standing.groups.get(address.lower())
            if address.lower() in seen:
                continue
            seen.add(address.lower())
            if account is not None:
                rows.append(self._shown({"@odata.type": "#microsoft.graph.user", **_user(account)}, USERS))
            elif inner is not None:
                rows.append({"@odata.type": "#microsoft.graph.group", **_group(inner)})
                rows += self._of_group(inner, through, seen) if through else []
        return rows

    def _shown(self, row: Object, permissions: Tuple[str, ...]) -> Object:
        """An object as a relationship gives it to who has one of these permissions, or none."""
        if set(permissions) & set(self._graph.roles()):
            return row
        return {name: row[name] for name in ("@odata.type", "id")}

    # roles and applications

    def _holders(self) -> List[Tuple[str, Object]]:
        people = [
            (one.roles, self._shown({"@odata.type": "#microsoft.graph.user", **_user(one)}, USERS))
            for one in self._people()
        ]
        program = "#microsoft.graph.servicePrincipal"
        applications = [
            (one.roles, self._shown({"@odata.type": program, **principal(one)}, APPLICATIONS))
            for one in self._standing.applications
        ]
        groups = [
            (one.roles, self._shown({"@odata.type": "#microsoft.graph.group", **_group(one)}, GROUPS))
            for one in self._standing.groups.values()
        ]
        return [(role, holder) for roles, holder in (*people, *applications, *groups) for role in roles]

    def _active(self) -> List[Object]:
        names = dict.fromkeys(role for role, _ in self._holders())
        return [{"id": made_id("role " + name), **_role(name)} for name in names]

    def _roles(self, version: str) -> Response:
        return self._page(self._active(), DIRECTORY_ROLE, "directoryRoles")

    def _role_members(self, version: str, role_id: str) -> Response:
        role = next((role for role in self._active() if role_id in (role["id"], role["roleTemplateId"])), None)
        if role is None:
            raise absent(role_id)
        rows = [holder for name, holder in self._holders() if name == role["displayName"]]
        return self._page(rows, MEMBER, "directoryObjects")

    def _assignments(self, version: str) -> Response:
        expand = request.args.get("$expand", "")
        if expand not in ("", "principal"):
            raise UnknownRequestError(f"no rule for $expand={expand}; the service takes one at a time")
        rows = []
        for role, holder in self._holders():
            row = {"id": made_id(f"{role} {holder['id']}"), "principalId": holder["id"], "directoryScopeId": "/",
                   "roleDefinitionId": _role(role)["roleTemplateId"]}  # fmt: skip
            rows.append({**row, "principal": holder} if expand else row)
        return self._graph.page(_filtered(rows), "roleManagement/directory/roleAssignments", "$expand $filter")

    def _definitions(self, version: str) -> Response:
        names = {*_TEMPLATES, *(role for role, _ in self._holders())}
        rows = [{"id": _role(name)["roleTemplateId"], "displayName": name, "templateId": _role(name)["roleTemplateId"],
                 "isBuiltIn": name in _TEMPLATES, "isEnabled": True, "isPrivileged": name != "Global Reader"}
                for name in sorted(names)]  # fmt: skip
        kind = DEFINITION._replace(default=DEFINITION.known) if version == "beta" else DEFINITION
        return self._page(rows, kind, "roleDefinitions")

    def _principals(self, version: str) -> Response:
        rows = _filtered([principal(application) for application in self._standing.applications])
        return self._page(rows, PRINCIPAL, "servicePrincipals", "$select $filter")

    def _page(self, rows: List[Object], kind: Kind, context: str, options: str = "$select") -> Response:
        return self._graph.page(chosen(rows, kind), context, options)


def absent(name: str) -> GraphError:
    """The refusal of an object that there is not."""
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, text)


def _filtered(rows: List[Object]) -> List[Object]:
    """The rows that `$filter=<property> eq <value>` keeps; other filters are not built."""
    text = request.args.get("$filter")
    if text is None:
        return rows
    match = _EQUALS.match(text)
    if match is None:
        raise UnknownRequestError(f"no rule for $filter={text}")
    name, literal = match.groups()
    value: Any = literal[1:-1] if literal[0] == "'" else literal == "true"
    return [row for row in rows if row.get(name) == value]


def _user(account: Account) -> Object:
    given, _, family = account.display_name.partition(" ")
    guest = account.kind == "guest"
    mail = account.aliases[0] if guest and account.aliases else account.upn
    return {
        "id": account.object_id,
        "userPrincipalName": account.upn,
        "displayName": account.display_name,
        "givenName": given or None,
        "surname": family or None,
        "jobTitle": account.title or None,
        "mail": mail if account.has_mailbox or guest else None,
        "department": account.department or None,
        "accountEnabled": account.enabled and account.kind not in ("shared", "room"),
        "createdDateTime": utc(account.created) + "Z",
        "creationType": "Invitation" if guest else None,
        "externalUserState": "Accepted" if guest else None,
        "userType": "Guest" if guest else "Member",
        "proxyAddresses": [f"SMTP:{account.upn}", *(f"smtp:{alias}" for alias in account.aliases)],
        "mailNickname": account.upn.split("@")[0],
        "securityIdentifier": _entra_sid(account.object_id),
        "assignedLicenses": [],
        "businessPhones": [],
        "otherMails": list(account.aliases) if guest else [],
    }


def _entra_sid(object_id: str) -> str:
    """S-1-12-1 and the object id's sixteen bytes as four numbers, as Entra makes it."""
    raw = bytes.fromhex(object_id.replace("-", ""))
    little = raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]
    return "S-1-12-1-" + "-".join(str(int.from_bytes(little[at : at + 4], "little")) for at in range(0, 16, 4))


def _group(group: Group) -> Object:
    return {
        "id": group.object_id,
        "displayName": group.display_name,
        "mail": group.address,
        "mailEnabled": not group.security,
        "securityEnabled": group.security,
        "groupTypes": [] if group.security else ["Unified"],
        "mailNickname": group.address.split("@")[0],
        "proxyAddresses": [f"SMTP:{group.address}"],
        "isAssignableToRole": bool(group.roles) or None,
    }


def principal(application: Application) -> Object:
    """A service principal as Graph shows it."""
    return {
        "id": application.object_id,
        "appId": application.app_id,
        "displayName": application.display_name,
        "appDisplayName": application.display_name,
        "accountEnabled": application.enabled,
        "servicePrincipalType": "Application",
        "servicePrincipalNames": [application.app_id],
        "appRoles": [],
    }


def _role(name: str) -> Dict[str, Optional[str]]:
    return {"displayName": name, "roleTemplateId": _TEMPLATES.get(name) or made_id("template " + name)}
