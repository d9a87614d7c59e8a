"""Entra records: sign-ins (RecordType 15) and directory changes (RecordType 8).

| what | backed by |
|---|---|
| UserLoggedIn, UserLoginFailed, Update user., Reset user password., Add member to role., Delete user. | real records |
| Change user license., Add member to group., Invite external user. | real names; bodies cut down to the common keys |
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import DIRECTORY, Record, utc

EXCHANGE_APP = "00000002-0000-0ff1-ce00-000000000000"
Change = Tuple[str, str, str]


def sign_in(
    ledger: Ledger, time: float, person: Person, address: str, succeeded: bool = True, browser: Optional[str] = None
) -> Record:
    """A sign-in to Exchange Online; a failed one gives a wrong password (50126)."""
    record_id = ledger.guid()
    body = _head(time, record_id, "UserLoggedIn" if succeeded else "UserLoginFailed", 15, ledger)
    body["ResultStatus"] = "Success" if succeeded else "Failed"
    body.update({"UserKey": person.object_id, "UserType": 0, "Version": 1, "Workload": "AzureActiveDirectory"})
    body.update({"ClientIP": address, "ObjectId": EXCHANGE_APP, "UserId": person.upn})
    body["AzureActiveDirectoryEventType"] = 1
    body["ExtendedProperties"] = _pairs(
        ("ResultStatusDetail", "Success" if succeeded else "UserError"),
        ("UserAgent", browser or person.browser),
        ("UserAuthenticationMethod", "1"),
        ("RequestType", "OAuth2:Authorize"),
    )
    body["ModifiedProperties"] = []
    body["Actor"] = [{"ID": person.object_id, "Type": 0}, {"ID": person.upn, "Type": 5}]
    body["ActorContextId"] = ledger.people.tenant
    body["ActorIpAddress"] = address
    body["InterSystemsId"] = ledger.guid()
    body["IntraSystemId"] = record_id
    body["SupportTicketId"] = ""
    body["Target"] = [{"ID": EXCHANGE_APP, "Type": 0}]
    body["TargetContextId"] = ledger.people.tenant
    body["ApplicationId"] = EXCHANGE_APP
    system = "MacOs" if "Macintosh" in person.browser else "Windows10"
    body["DeviceProperties"] = _pairs(("OS", system), ("BrowserType", "Other"), ("SessionId", ledger.guid()))
    body["ErrorNumber"] = "0" if succeeded else "50126"
    if not succeeded:
        body["LogonError"] = "InvalidUserNameOrPassword"
    return ledger.add(time, DIRECTORY, body)


def change(
    ledger: Ledger,
    time: float,
    operation: str,
    actor: Person,
    target: Person,
    category: str,
    changes: Tuple[Change, ...] = (),
) -> Record:
    """An admin's change to a user; `changes` are name, new value, old value."""
    body = _head(time, ledger.guid(), operation, 8, ledger)
    body["ResultStatus"] = "Success"
    body.update({"UserKey": f"{actor.puid}@{actor.upn.split('@')[1]}", "UserType": 0, "Version": 1})
    body.update({"Workload": "AzureActiveDirectory", "ObjectId": target.upn, "UserId": actor.upn})
    body["AzureActiveDirectoryEventType"] = 1
    body["ExtendedProperties"] = _pairs(("additionalDetails", "{}"), ("extendedAuditEventCategory", category))
    body["ModifiedProperties"] = [{"Name": n, "NewValue": new, "OldValue": old} for n, new, old in changes]
    body["Actor"] = [{"ID": actor.upn, "Type": 5}, {"ID": actor.puid, "Type": 3}, *_object(actor)]
    body["ActorContextId"] = ledger.people.tenant
    body["InterSystemsId"] = ledger.guid()
    body["IntraSystemId"] = ledger.guid()
    body["SupportTicketId"] = ""
    body["Target"] = [*_object(target), {"ID": target.upn, "Type": 5}, {"ID": target.puid, "Type": 3}]
    body["TargetContextId"] = ledger.people.tenant
    return ledger.add(time, DIRECTORY, body)


def _head(time: float, record_id: str, operation: str, record_type: int, ledger: Ledger) -> Dict[str, Any]:
    return {
        "CreationTime": utc(time),
        "Id": record_id,
        "Operation": operation,
        "OrganizationId": ledger.people.tenant,
        "RecordType": record_type,
    }


def _object(person: Person) -> List[Dict[str, Any]]:
    names = (f"User_{person.object_id}", person.object_id, "User")
    return [{"ID": name, "Type": 2} for name in names]


def _pairs(*pairs: Tuple[str, str]) -> List[Dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in pairs]
