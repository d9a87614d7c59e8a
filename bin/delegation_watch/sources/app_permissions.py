"""Applications that reach mail, as Microsoft Graph lists them: by permissions of their own, and by people's consent.

Sources: Microsoft Graph v1.0, serviceprincipal-list-approleassignedto, oauth2permissiongrant-list (whose least
permission, Directory.Read.All, serves for all of them), serviceprincipal-list.
"""

from typing import Dict, Iterator, List, NamedTuple, Set, Tuple

from ..grants.rights import APP_ROLE_IDS, app_scope
from .errors import RefusedError
from .graph_api import GraphApi
from .odata import Row

KIND = "app_mail"
INVENTORY = "graph:mailPermissions"
PERMISSION = "Directory.Read.All"
CONSENTS = "oauth2PermissionGrants"
_GRAPH, _EXCHANGE = "00000003-0000-0000-c000-000000000000", "00000002-0000-0ff1-ce00-000000000000"
# Assigned without a role: the application may sign in, no more.
_NO_ROLE = "00000000-0000-0000-0000-000000000000"
_PAGE = {"$top": "999"}


class _Held(NamedTuple):
    """What an application holds over the mail of everybody, or of one person."""

    roles: Set[str]
    scopes: Set[str]


Key = Tuple[str, str]  # the service principal's id, and the person's, empty for everybody


def mail_permissions(graph: GraphApi) -> Iterator[Row]:
    """The columns of each application and whose mail it reaches; RefusedError where a list did not come whole.

    A permission whose name no list gives is kept by its id, since it may reach mail.
    """
    held: Dict[Key, _Held] = {}
    names: Dict[str, str] = {}
    for resource in (_GRAPH, _EXCHANGE):
        for row, role in _assigned(graph, resource):
            if app_scope(role)[1] or role == str(row.get("appRoleId")):
                names[str(row.get("principalId"))] = str(row.get("principalDisplayName") or "")
                held.setdefault((str(row.get("principalId")), ""), _Held(set(), set())).roles.add(role)
    for row in graph.rows(CONSENTS, _PAGE, PERMISSION):
        scopes = {scope for scope in str(row.get("scope") or "").split() if app_scope(scope)[1]}
        if scopes:
            person = "" if row.get("consentType") == "AllPrincipals" else str(row.get("principalId"))
            held.setdefault((str(row.get("clientId")), person), _Held(set(), set())).scopes.update(scopes)
    if any(client not in names for client, _ in held):
        listed = graph.rows("servicePrincipals", {"$select": "id,displayName", **_PAGE}, PERMISSION)
        names.update((str(row.get("id")), str(row.get("displayName") or "")) for row in listed)
    for (client, person), one in sorted(held.items()):
        yield {"Application": names.get(client) or client, "ServicePrincipalId": client, "PrincipalId": person or None,
               "AppRoles": sorted(one.roles), "Scopes": sorted(one.scopes)}  # fmt: skip


def _assigned(graph: GraphApi, resource: str) -> List[Tuple[Row, str]]:
    """(assignment, name of the permission) of each service principal that holds one of a resource's."""
    place = f"servicePrincipals(appId='{resource}')"
    try:
        defined = graph.one(place, {"$select": "id,appRoles"}, PERMISSION).get("appRoles")
        rows = graph.rows(f"{place}/appRoleAssignedTo", _PAGE, PERMISSION)
    except RefusedError as error:
        if error.status == 404 and resource != _GRAPH:  # a tenant without this API
            return []
        raise
    if resource == _GRAPH and not rows:
        raise RefusedError("Microsoft Graph lists no application's permissions, not even this one's own", 200)
    listed = defined if isinstance(defined, list) else []
    known = {str(role.get("id")): str(role.get("value")) for role in listed if isinstance(role, dict)}
    wanted = (row for row in rows if row.get("principalType") == "ServicePrincipal")
    return [(row, _name(str(row.get("appRoleId")), known)) for row in wanted if row.get("appRoleId") != _NO_ROLE]


def _name(role: str, known: Dict[str, str]) -> str:
    return known.get(role) or APP_ROLE_IDS.get(role) or role
