"""Entra records (RecordType 8) on applications, roles and groups.

| what | backed by |
|---|---|
| Add app role assignment to service principal., Consent to application., Add service principal., \
Add member to role. | real records; service principal names of the resource cut down to three |
| Add delegated permission grant., Remove app role assignment from service principal., Add/Remove member to group., \
Add service principal credentials. | real names; properties as the vendor's documents name them; bodies synthetic |
| an application that gives a role or takes a member out of a group | synthetic: the actor of the first row's record |
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import DIRECTORY, Record, utc

RESOURCE = "https://outlook.office.com;Microsoft.Exchange;00000002-0000-0ff1-ce00-000000000000"
GRAPH = "00000003-0000-0000-c000-000000000000;https://graph.microsoft.com"
# permission of an application: its id and the resource that defines it
APP_ROLES: Dict[str, Tuple[str, str]] = {
    "full_access_as_app": ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", RESOURCE),
    "Mail.Read": ("810c84a8-4a9e-49e6-bf7d-12d183f40d01", GRAPH),
    "Mail.ReadWrite": ("e2a3a72e-5f79-4c64-b1b1-878b674786c9", GRAPH),
    "Mail.Send": ("b633e1c5-b582-4048-a93e-9f11b44c7e96", GRAPH),
    "User.Read.All": ("df021288-bdef-4463-88db-98f22de89214", GRAPH),
}
ROLES = {
    "Company Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
}
Change = Tuple[str, str, str]


class App(NamedTuple):
    """An application: display name, application id, object id of its service principal."""

    name: str
    app_id: str
    object_id: str


def new_app(ledger: Ledger, name: str) -> App:
    """An application that the tenant has."""
    return App(name, ledger.guid(), ledger.guid())


def app_role(
    ledger: Ledger,
    time: float,
    actor: Person,
    app: App,
    role: str,
    removed: bool = False,
    added_by: Optional[App] = None,
) -> Record:
    """A permission of its own given to an application, or taken back; by a user, or by another application."""
    role_id, resource = APP_ROLES[role]
    operation = "Remove app role assignment from service principal." if removed else (
        "Add app role assignment to service principal."
    )  # fmt: skip
    values = [
        ("AppRole.Id", role_id),
        ("AppRole.Value", role),
        ("ServicePrincipal.ObjectID", app.object_id),
        ("ServicePrincipal.DisplayName", app.name),
        ("ServicePrincipal.AppId", app.app_id),
        ("ServicePrincipal.Name", app.app_id),
        ("TargetId.ServicePrincipalNames", resource),
    ]
    changes = [(name, "", value) if removed else (name, value, "") for name, value in values]
    target = [*_typed("ServicePrincipal", ledger.guid()), {"ID": "Office 365 Exchange Online", "Type": 1}]
    return _change(ledger, time, operation, actor, resource, "ServicePrincipal", changes, target, added_by)


def consent(ledger: Ledger, time: float, actor: Person, app: App, scopes: str, everyone: bool) -> List[Record]:
    """A consent: Consent to application. and, with it, Add delegated permission grant."""
    kind = "AllPrincipals" if everyone else "Principal"
    entry = (
        f"[] => [[Id: {ledger.guid()[:22]}, ClientId: {app.object_id}, PrincipalId: "
        f"{'' if everyone else actor.object_id}, ResourceId: {ledger.guid()}, ConsentType: {kind}, Scope: {scopes}, "
        "CreatedDateTime: , LastModifiedDateTime ]]; "
    )
    told = "True" if everyone else "False"
    consented = [
        ("ConsentContext.IsAdminConsent", told, ""),
        ("ConsentContext.IsAppOnly", "False", ""),
        ("ConsentContext.OnBehalfOfAll", told, ""),
        ("ConsentAction.Permissions", entry, ""),
        ("TargetId.ServicePrincipalNames", app.app_id, ""),
    ]
    granted = [
        ("DelegatedPermissionGrant.Scope", " " + scopes, ""),
        ("DelegatedPermissionGrant.ConsentType", kind, ""),
        ("ServicePrincipal.ObjectID", app.object_id, ""),
        ("ServicePrincipal.DisplayName", app.name, ""),
        ("ServicePrincipal.AppId", app.app_id, ""),
    ]
    graph = [*_typed("ServicePrincipal", ledger.guid()), {"ID": "Microsoft Graph", "Type": 1}]
    first = "Add delegated permission grant."
    return [
        _change(ledger, time, first, actor, GRAPH, "ServicePrincipal", granted, graph),
        _change(ledger, time, "Consent to application.", actor, app.app_id, "ServicePrincipal", consented, _of(app)),
    ]


def registered(ledger: Ledger, time: float, actor: Person, app: App) -> List[Record]:
    """An application's service principal made, and a secret added to it."""
    made = [
        ("AccountEnabled", "[\r\n  true\r\n]", "[]"),
        ("AppPrincipalId", f'[\r\n  "{app.app_id}"\r\n]', "[]"),
        ("DisplayName", f'[\r\n  "{app.name}"\r\n]', "[]"),
        ("TargetId.ServicePrincipalNames", app.app_id, ""),
    ]
    operation = "Add service principal."
    return [
        _change(ledger, time, operation, actor, app.app_id, "ServicePrincipal", made, _of(app)),
        credentials(ledger, time + 20, actor, app),
    ]


def credentials(ledger: Ledger, time: float, actor: Person, app: App) -> Record:
    """A secret added to an application's service principal."""
    key = f'["[KeyIdentifier={ledger.guid()},KeyType=Password,KeyUsage=Verify,DisplayName=]"]'
    changes = [("KeyDescription", key, "[]"), ("TargetId.ServicePrincipalNames", app.app_id, "")]
    operation = "Add service principal credentials."
    return _change(ledger, time, operation, actor, app.app_id, "ServicePrincipal", changes, _of(app))


def role_member(
    ledger: Ledger,
    time: float,
    actor: Person,
    member: Person,
    role: str,
    removed: bool = False,
    by_app: Optional[App] = None,
) -> Record:
    """Somebody gets a role of the directory, or loses it; by a user, or by an application such as MS-PIM."""
    values = [("Role.ObjectID", ROLES[role]), ("Role.DisplayName", role), ("Role.TemplateId", ROLES[role])]
    changes = [(name, "", value) if removed else (name, value, "") for name, value in values]
    operation = "Remove member from role." if removed else "Add member to role."
    return _change(ledger, time, operation, actor, member.upn, "Role", changes, _person(member), by_app)


def group_member(
    ledger: Ledger,
    time: float,
    actor: Person,
    member: Person,
    group: Tuple[str, str],
    removed: bool = False,
    by_app: Optional[App] = None,
) -> Record:
    """Somebody put into a group, or taken out; `group` is its display name and object id."""
    values = [("Group.ObjectID", group[1]), ("Group.DisplayName", group[0])]
    changes = [(name, "", value) if removed else (name, value, "") for name, value in values]
    operation = "Remove member from group." if removed else "Add member to group."
    return _change(ledger, time, operation, actor, member.upn, "GroupManagement", changes, _person(member), by_app)


def _change(
    ledger: Ledger,
    time: float,
    operation: str,
    actor: Person,
    object_id: str,
    category: str,
    changes: List[Change],
    target: List[Dict[str, Any]],
    by_app: Optional[App] = None,
) -> Record:
    app = by_app
    body: Dict[str, Any] = {
        "CreationTime": utc(time),
        "Id": ledger.guid(),
        "Operation": operation,
        "OrganizationId": ledger.people.tenant,
        "RecordType": 8,
        "ResultStatus": "Success",
        "UserKey": "Not Available" if app else f"{actor.puid}@{actor.upn.split('@')[1]}",
        "UserType": 4 if app else 0,
        "Version": 1,
        "Workload": "AzureActiveDirectory",
        "ObjectId": object_id,
        "UserId": f"ServicePrincipal_{app.object_id}" if app else actor.upn,
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [
            {"Name": "additionalDetails", "Value": "{}"},
            {"Name": "extendedAuditEventCategory", "Value": category},
        ],
        "ModifiedProperties": [{"Name": name, "NewValue": new, "OldValue": old} for name, new, old in changes],
        "Actor": _of(app) if app else _person(actor),
        "ActorContextId": ledger.people.tenant,
        "InterSystemsId": ledger.guid(),
        "IntraSystemId": ledger.guid(),
        "SupportTicketId": "",
        "Target": target,
        "TargetContextId": ledger.people.tenant,
    }
    return ledger.add(time, DIRECTORY, body)


def _typed(kind: str, object_id: str) -> List[Dict[str, Any]]:
    return [{"ID": name, "Type": 2} for name in (f"{kind}_{object_id}", object_id, kind)]


def _person(person: Person) -> List[Dict[str, Any]]:
    named = [{"ID": person.upn, "Type": 5}, {"ID": person.puid, "Type": 3}]
    return [*_typed("User", person.object_id), *named]


def _of(app: App) -> List[Dict[str, Any]]:
    named = [{"ID": app.name, "Type": 1}, {"ID": app.app_id, "Type": 2}]
    return [*_typed("ServicePrincipal", app.object_id), *named]
