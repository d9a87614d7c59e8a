"""What Microsoft Graph tells of applications: which permissions an API has, who holds them, who consented to what.

Reference pages: serviceprincipal-get, -list-approleassignedto, oauth2permissiongrant-list; the permissions are the
least and the higher ones of these pages that an inventory would have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional

from flask import Response

from workbench.tenants.directory import APPLICATIONS, PRINCIPAL, absent, principal
from workbench.tenants.graph import Graph, Object, chosen
from workbench.tenants.mischief import as_json
from workbench.tenants.standing import Application, Standing, made_id

CONSENTS = ("Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All")
GRAPH_API, EXCHANGE_API = "00000003-0000-0000-c000-000000000000", "00000002-0000-0ff1-ce00-000000000000"
RESOURCES = {GRAPH_API: "Microsoft Graph", EXCHANGE_API: "Office 365 Exchange Online"}
# ids of application permissions, the same in each tenant (Microsoft Graph permissions reference); others are made up
_ROLE_IDS = {
    "full_access_as_app": "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    "Exchange.ManageAsApp": "dc50a0fb-09a3-484d-be87-e023b12c6440",
    "Mail.Read": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
}


class Applications:
    """The permissions of one tenant's applications, read from what stands; the caller has those of its tokens."""

    def __init__(self, graph: Graph, standing: Standing, client_id: str) -> None:
        self._graph = graph
        self._standing = standing
        self._client_id = client_id
        place = "servicePrincipals(appId='<app_id>')"
        graph.route("GET", place, "principal", self._principal, APPLICATIONS)
        graph.route("GET", place + "/appRoleAssignedTo", "assigned", self._assigned, APPLICATIONS)
        graph.route("GET", "oauth2PermissionGrants", "consents", self._consents, CONSENTS)

    def _principal(self, version: str, app_id: str) -> Response:
        self._graph.options("$select")
        known = self._resource(app_id)
        found = [principal(one) for one in self._standing.applications if one.app_id == app_id.lower()]
        return as_json(chosen([known] if known else found or [_missing(app_id)], PRINCIPAL)[0])

    def _assigned(self, version: str, app_id: str) -> Response:
        """Who holds an application permission of an API: the caller, and what stands."""
        resource = self._resource(app_id) or _missing(app_id)
        ids = {role["value"]: role["id"] for role in resource["appRoles"]}
        caller = Application(self._client_id, "The caller", permissions=tuple(self._graph.faults.roles))
        rows: List[Object] = []
        for one in self._applications(caller):
            for value in (value for value in one.permissions if value in ids):
                rows.append({"id": made_id(f"{one.object_id} {value}"), "deletedDateTime": None,
                             "appRoleId": ids[value], "createdDateTime": "2026-01-05T08:00:00Z",
                             "principalDisplayName": one.display_name, "principalId": one.object_id,
                             "principalType": "ServicePrincipal", "resourceDisplayName": resource["displayName"],
                             "resourceId": resource["id"]})  # fmt: skip
        return self._graph.page(rows, f"servicePrincipals('{resource['id']}')/appRoleAssignedTo")

    def _applications(self, caller: Application) -> List[Application]:
        """All that stand; the caller with the permissions that its tokens have."""
        others = [one for one in self._standing.applications if one.app_id != caller.app_id]
        known = next((one for one in self._standing.applications if one.app_id == caller.app_id), caller)
        return [replace(known, permissions=caller.permissions), *others]

    def _consents(self, version: str) -> Response:
        rows = []
        for one in self._standing.applications:
            for address, scopes in one.consents.items():
                person = self._standing.accounts[address.lower()].object_id if address else None
                kind = "Principal" if address else "AllPrincipals"
                rows.append({"id": made_id(f"consent {one.object_id} {address}"), "clientId": one.object_id,
                             "consentType": kind, "principalId": person, "scope": scopes,
                             "resourceId": made_id("resource " + GRAPH_API)})  # fmt: skip
        return self._graph.page(rows, "oauth2PermissionGrants")

    def _resource(self, app_id: str) -> Optional[Object]:
        """An API's own service principal, with the permissions that can be held there."""
        if app_id not in RESOURCES:
            return None
        given = {value for one in self._standing.applications for value in one.permissions}
        values = sorted({*given, *self._graph.faults.roles, *_ROLE_IDS})
        roles = [{"id": _ROLE_IDS.get(value) or made_id("app role " + value), "value": value, "isEnabled": True,
                  "allowedMemberTypes": ["Application"], "displayName": value}
                 for value in values if _api_of(value) == app_id]  # fmt: skip
        application = Application(app_id, RESOURCES[app_id], made_id("resource " + app_id))
        return {**principal(application), "appRoles": roles}


def _api_of(permission: str) -> str:
    """The API at which a permission is held; Management Activity API's are none of these two."""
    if permission.startswith(("ActivityFeed.", "ServiceHealth.")):
        return ""
    return EXCHANGE_API if permission.startswith(("Exchange.", "full_access_as_app")) else GRAPH_API


def _missing(app_id: str) -> Object:
    raise absent(app_id)
