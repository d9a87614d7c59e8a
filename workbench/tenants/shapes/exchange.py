"""Exchange admin records (RecordType 1): cmdlets, as each client leaves them.

| what | backed by |
|---|---|
| keys, their order, absent ones per client | real records 2020-2024 (reference office365.md 1.1) |
| Add-MailboxPermission, Add-RecipientPermission, Set-Mailbox, New-InboxRule, Set-MailboxAuditBypassAssociation, \
Set-MailboxPlan: parameters, their order, forms of identity | real records of these operations |
| Remove-MailboxPermission, Remove-RecipientPermission, Add-/Set-MailboxFolderPermission, a `Deny` parameter | \
synthetic: no public record; the shape above with the parameters of the cmdlets' documentation |
| parameters of the SYSTEM Set-Mailbox | synthetic |
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from workbench.tenants import names
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import EXCHANGE, Record, utc

Parameters = List[Dict[str, str]]

SYSTEM_NAMES = (
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)",
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Servicehost)",
)


class Client(NamedTuple):
    """How one client shows in a record.

    `pool` "" leaves out the keys of 2024 (AppPoolName, RequestId, AppAccessContext); `own_address` False: the
    address is Microsoft's and SessionId empty; `identity` the form parties are named in; `grant` the order of
    the parameters of a permission grant.
    """

    app_id: str
    pool: str
    own_address: bool
    identity: str
    grant: Tuple[str, ...]


CLIENTS: Dict[str, Client] = {
    "eac": Client(
        "497effe9-df71-4043-a8bb-14cf78c4b63b",
        "MSExchangeAdminApiNetCore",
        True,
        "guid",
        ("Identity", "User", "Trustee", "AccessRights", "Deny", "InheritanceType"),
    ),
    "admin_center": Client(
        "00000006-0000-0ff1-ce00-000000000000",
        "",
        False,
        "dn",
        ("Identity", "User", "Trustee", "AccessRights"),
    ),
    "powershell": Client(
        "fb78d390-0c51-40cd-8e17-fdbfab77341b",
        "",
        True,
        "upn",
        ("Identity", "AccessRights", "User", "Trustee", "Deny", "InheritanceType"),
    ),
    "owa": Client("00000002-0000-0ff1-ce00-000000000000", "MSExchangeOWAAppPool", True, "dn", ()),
}


def named(person: Person, form: str) -> str:
    """A party as a client names it: guid (Entra object id), upn or dn."""
    return {"guid": person.object_id, "upn": person.upn, "dn": person.dn}[form]


def cmdlet(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    operation: str,
    object_id: str,
    parameters: Dict[str, str],
    succeeded: bool = True,
    address: Optional[str] = None,
) -> Record:
    """A person's cmdlet. `parameters` in the order in which they are to stand; `address` without port."""
    how = CLIENTS[client]
    source = _bracketed(address or actor.address) if how.own_address else "[2a01:111:f100:9001::1761:914f]"
    body: Dict[str, Any] = {}
    if how.pool:
        issued = utc(time - ledger.draw.randrange(60, 1800))
        body["AppAccessContext"] = {"IssuedAtTime": issued, "UniqueTokenId": ledger.guid().replace("-", "")[:22]}
    body.update(_head(ledger, time, operation, "True" if succeeded else "False", actor.puid, 2))
    body["ClientIP"] = f"{source}:{ledger.port()}"
    body["ObjectId"] = object_id
    body["UserId"] = actor.upn
    body["AppId"] = how.app_id
    if how.pool:
        body["AppPoolName"] = how.pool
    body.update(_tail(ledger, external=False))
    body["Parameters"] = listed(parameters)
    if how.pool:
        body["RequestId"] = ledger.guid()
    body["SessionId"] = ledger.guid() if how.own_address else ""
    return ledger.add(time, EXCHANGE, body)


def partner(
    ledger: Ledger,
    time: float,
    actor: Person,
    home: str,
    operation: str,
    object_id: str,
    parameters: Dict[str, str],
) -> Record:
    """A cmdlet of a partner's technician (delegated administration), whose token is of the tenant `home`. Synthetic.

    UserType 9, ExternalAccess and TokenTenantId are the schema's; no public record shows them together.
    """
    record = cmdlet(ledger, time, "powershell", actor, operation, object_id, parameters)
    record.body.update(UserType=9, ExternalAccess=True, TokenTenantId=home, TokenObjectId=actor.object_id)
    return record


def system(
    ledger: Ledger,
    time: float,
    spelling: int,
    operation: str,
    dn: str,
    parameters: Dict[str, str],
    process: Optional[str] = None,
) -> Record:
    """A cmdlet of Exchange itself: no ClientIP, no SessionId, ExternalAccess true, ObjectId a DN.

    `process` runs it, by default ServiceHost in one of its two spellings.
    """
    name = f"NT AUTHORITY\\SYSTEM ({process})" if process else SYSTEM_NAMES[spelling % 2]
    body = _head(ledger, time, operation, "True", name, 3)
    body.update({"ObjectId": dn, "UserId": name, "AppId": ""})
    body.update(_tail(ledger, external=True))
    body["Parameters"] = listed({"DomainController": "", **parameters})
    return ledger.add(time, EXCHANGE, body)


def grant(
    ledger: Ledger,
    time: float,
    client: str,
    actor: Person,
    operation: str,
    mailbox: Person,
    parties: Dict[str, Person],
    rights: Dict[str, str],
    succeeded: bool = True,
    address: Optional[str] = None,
) -> Record:
    """A permission cmdlet: who (`parties`: User or Trustee) and what (`rights`), as the client would write it."""
    how = CLIENTS[client]
    given = {"Identity": named(mailbox, how.identity)}
    given.update({name: named(person, how.identity) for name, person in parties.items()})
    given.update(rights)
    ordered = {name: given[name] for name in how.grant if name in given}
    return cmdlet(ledger, time, client, actor, operation, mailbox.exchange_name, ordered, succeeded, address=address)


def listed(parameters: Dict[str, str]) -> Parameters:
    """Parameters as a record holds them: a list of Name and Value."""
    return [{"Name": name, "Value": value} for name, value in parameters.items()]


def _head(ledger: Ledger, time: float, operation: str, status: str, user_key: str, user_type: int) -> Dict[str, Any]:
    return {
        "CreationTime": utc(time),
        "Id": ledger.guid(),
        "Operation": operation,
        "OrganizationId": ledger.people.tenant,
        "RecordType": 1,
        "ResultStatus": status,
        "UserKey": user_key,
        "UserType": user_type,
        "Version": 1,
        "Workload": "Exchange",
    }


def _tail(ledger: Ledger, external: bool) -> Dict[str, Any]:
    return {
        "ClientAppId": "",
        "ExternalAccess": external,
        "OrganizationName": names.ORGANIZATION_NAME,
        "OriginatingServer": f"AM9PR05MB{ledger.draw.randrange(1000, 9999)} "
        f"(15.20.9320.0{ledger.draw.randrange(10, 22)})",
    }


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
