"""Workspace activities as the Reports API returns them.

| what | backed by |
|---|---|
| admin: CHANGE_APPLICATION_SETTING of MailDelegation and its legacy twin, CREATE_USER, CHANGE_PASSWORD, \
ADD_GROUP_MEMBER, ASSIGN_ROLE, AUTHORIZE_API_CLIENT_ACCESS (no ipAddress, no callerType) | real records |
| admin: networkInfo (numbers reserved for documentation) | real records of 2026 |
| login: login_success, login_failure, logout (uniqueQualifier constant per account, no callerType) | real records |
| token: activity of a service account (no ipAddress, actor is the mailbox's owner), authorize | real records of the \
class; the method gmail.users.settings.delegates.create itself is synthetic |
| gmail: the invitation of a delegate, a message viewed by one | synthetic: nested as real records of the application, \
subject and field from documents |
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Any, Dict, List, Optional, Tuple

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import GOOGLE, Record, milliseconds

Parameter = Dict[str, Any]

# first part of an address: what Google tells of the network
_NETWORKS: Dict[str, Dict[str, Any]] = {
    "203": {"ipAsn": [64510], "regionCode": "MD"},
    "": {"ipAsn": [64500], "regionCode": "GB", "subdivisionCode": "GB-LND"},
}


def parameters(*pairs: Tuple[str, Any]) -> List[Parameter]:
    """Parameters from names and values: text as `value`, a list as `multiValue`, a bool as `boolValue`."""
    keys = {str: "value", list: "multiValue", bool: "boolValue"}
    return [{"name": name, keys[type(value)]: value} for name, value in pairs]


def event(kind: str, name: str, *pairs: Tuple[str, Any]) -> Dict[str, Any]:
    """One event of an activity."""
    return {"type": kind, "name": name, "parameters": parameters(*pairs)}


def activity(
    ledger: Ledger,
    time: float,
    application: str,
    actor: Person,
    events: List[Dict[str, Any]],
    address: Optional[str] = None,
    caller_type: bool = True,
) -> Record:
    """One activity; without `address` it has no ipAddress. `time` keeps milliseconds."""
    number = ledger.draw.getrandbits(62)
    if application == "login":
        qualifier = str(zlib.crc32(actor.upn.encode()) * 173)
    else:
        qualifier = str(-number if number % 2 else number)
    stamp = milliseconds(time)
    digest = hashlib.sha256(f"{stamp}{qualifier}{events}".encode()).hexdigest()
    body: Dict[str, Any] = {
        "kind": "admin#reports#activity",
        "id": {
            "time": stamp,
            "uniqueQualifier": qualifier,
            "applicationName": application,
            "customerId": ledger.people.customer,
        },
        "etag": f'"{digest[:43]}/{digest[16:43]}"',
        "actor": {"email": actor.upn, "profileId": actor.object_id},
    }
    if caller_type:
        body["actor"] = {"callerType": "USER", **body["actor"]}
    if address is not None:
        body["ipAddress"] = address
    if application == "admin" and address is not None:
        body["networkInfo"] = _NETWORKS.get(address.split(".")[0], _NETWORKS[""])
    body["events"] = events
    return ledger.add(round(time, 3), GOOGLE + application, body)


def setting(name: str, unit: str, old: str, new: str) -> Dict[str, Any]:
    """A Gmail setting of an organisational unit changed, in the names valid since 2026."""
    return event(
        "APPLICATION_SETTINGS",
        "CHANGE_APPLICATION_SETTING",
        ("APPLICATION_NAME", "Gmail"),
        ("ORG_UNIT_NAME", unit),
        ("SETTING_NAME", name),
        ("OLD_VALUE", old),
        ("NEW_VALUE", new),
        ("APPLICATION_EDITION", "enterprise"),
    )


def legacy_setting(name: str, unit: str, old: str, new: str) -> Dict[str, Any]:
    """The same, in the older names."""
    return event(
        "EMAIL_SETTINGS",
        "CHANGE_EMAIL_SETTING",
        ("SETTING_NAME", name),
        ("ORG_UNIT_NAME", unit),
        ("OLD_VALUE", old),
        ("NEW_VALUE", new),
    )


def api_call(method: str, client: str) -> Dict[str, Any]:
    """A Gmail API call by a service account with domain-wide delegation."""
    called = event(
        "auth",
        "activity",
        ("api_name", "gmail"),
        ("method_name", method),
        ("client_id", client),
        ("product_bucket", "GMAIL"),
        ("app_name", client),
        ("client_type", "WEB"),
    )
    called["parameters"].insert(3, {"name": "num_response_bytes", "intValue": "5"})
    return called


def client_access(client: str, scopes: str, removed: bool = False) -> Dict[str, Any]:
    """Domain-wide delegation given to an API client, or taken back."""
    return event(
        "DOMAIN_SETTINGS",
        "REMOVE_API_CLIENT_ACCESS" if removed else "AUTHORIZE_API_CLIENT_ACCESS",
        ("DOMAIN_NAME", ""),
        ("API_CLIENT_NAME", client),
        ("API_SCOPES", scopes),
    )


def invitation(ledger: Ledger, time: float, owner: Person, delegate: Person) -> Record:
    """The mail that invites a delegate, as delivered to him. Synthetic: only the subject is known."""
    told = event("delivery_type", "delivery")
    inner = [
        {"name": "mail_event_type", "intValue": "2"},
        {"name": "subject", "value": f"{owner.display_name} has granted you access to their Gmail account"},
        {"name": "address", "value": delegate.upn},
    ]
    told["parameters"] = [{"name": "event_info", "messageValue": {"parameter": inner}}]
    return activity(ledger, time, "gmail", delegate, [told], None, False)


def read_by_delegate(ledger: Ledger, time: float, owner: Person, delegate: Person) -> Record:
    """A message viewed by a delegate. Synthetic: the field is that of the BigQuery schema."""
    session = [{"name": "delegate_user_email", "value": delegate.upn}]
    client = [{"name": "session_context", "messageValue": {"parameter": session}}]
    inner = [
        {"name": "mail_event_type", "intValue": "31"},
        {"name": "client_context", "messageValue": {"parameter": client}},
    ]
    told = event("delivery_type", "delivery")
    told["parameters"] = [{"name": "event_info", "messageValue": {"parameter": inner}}]
    return activity(ledger, time, "gmail", owner, [told], None, False)
