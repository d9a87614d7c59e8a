"""Mailbox audit records (RecordType 2 item, 3 item group, 50 aggregated items).

| what | backed by |
|---|---|
| common keys and their order, ModifyFolderPermissions, MailItemsAccessed of an owner | real records |
| ConfigureGroupMailbox, first OWA logon (::1, Everyone None) | described from real records (reference 1.5, 1.8) |
| Send, SoftDelete | the vendor's schema (ExchangeMailboxAuditRecord, ExchangeMailboxAuditGroupRecord) |
| UpdateInboxRules | real records, one of a delegate |
| AddFolderPermissions, RemoveFolderPermissions, UpdateCalendarDelegation, SendAs, SendOnBehalf, MailItemsAccessed \
with LogonType 2 or by an application, an owner's folder opened by a delegate | \
synthetic: no public record; the shapes above with the documented fields |
"""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple

from workbench.tenants import names
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import EXCHANGE, Record, utc

OWNER, ADMIN, DELEGATE = 0, 1, 2
OWA = "00000002-0000-0ff1-ce00-000000000000"
OUTLOOK = "d3590ed6-52b3-4102-aeff-aad2292ab01c"
EVERYONE = ("Everyone", "S-1-1-0")
EWS = "47629505-c2b6-4a80-adb1-9b3a3d233b7b"
_CLIENTS = {
    OWA: "Client=OWA;Action=ViaProxy",
    OUTLOOK: "Client=MSExchangeRPC",
    EWS: "Client=WebServices;ExchangeWebServicesProxy/CrossSite/EXCH/15.20.9320.024/python-requests/2.32.3"
    f"[AppId={EWS}];",
}

REVIEWER = "ReadAny, Visible"
EDITOR = "ReadAny, Create, EditOwned, DeleteOwned, EditAny, DeleteAny, Visible"


class Session(NamedTuple):
    """Who is logged on to whose mailbox, from where and with what."""

    actor: Person
    mailbox: Person
    address: str
    app_id: str = OWA

    @property
    def logon_type(self) -> int:
        """0 for the owner, 2 for a delegate (an admin with FullAccess counts as one)."""
        return OWNER if self.actor is self.mailbox else DELEGATE


def permission(
    ledger: Ledger,
    time: float,
    session: Session,
    operation: str,
    path: str,
    member: str,
    member_sid: str,
    rights: str,
) -> Record:
    """A folder's permission entry after the act (not what changed): Item.ParentFolder."""
    body = _common(ledger, time, operation, 2, session)
    folder = _folder_id(ledger, session.mailbox)
    body["Item"] = {
        "Id": folder,
        "ParentFolder": {
            "Id": folder,
            "MemberRights": rights,
            "MemberSid": member_sid,
            "MemberUpn": member,
            "Name": path.rsplit("\\", 1)[-1] or "Top of Information Store",
            "Path": path,
        },
    }
    return ledger.add(time, EXCHANGE, body)


def accessed(ledger: Ledger, time: float, session: Session, path: str, count: int) -> Record:
    """Messages read: one aggregated MailItemsAccessed (Bind)."""
    body = _common(ledger, time, "MailItemsAccessed", 50, session)
    del body["ClientIP"], body["SessionId"]
    body["ClientAppId"] = session.app_id
    body["OperationProperties"] = [
        {"Name": "MailAccessType", "Value": "Bind"},
        {"Name": "IsThrottled", "Value": "False"},
    ]
    items = [{"InternetMessageId": _message_id(ledger), "SizeInBytes": 9000 + n * 7919} for n in range(count)]
    body["Folders"] = [{"FolderItems": items, "Id": _folder_id(ledger, session.mailbox), "Path": path}]
    body["OperationCount"] = count
    return ledger.add(time, EXCHANGE, body)


def accessed_by_app(
    ledger: Ledger, time: float, app: Tuple[str, str], mailbox: Person, address: str, count: int
) -> Record:
    """Messages read by an application with a right of its own; `app` is its name and its id."""
    name, app_id = app
    session = Session(mailbox, mailbox, address, EWS)
    record = accessed(ledger, time, session, "\\" + mailbox.folder("inbox"), count)
    client = f"Client=REST;Client=RESTSystem;UserAgent={name}[NoUserAgent][AppId={app_id}];"
    record.body.update(UserType=5, UserKey=app_id, UserId=app_id, AppId=app_id, ClientAppId=app_id)
    record.body.update(ClientInfoString=client, LogonType=1, InternalLogonType=0, LogonUserSid="S-1-5-18")
    return record


def calendar_delegation(ledger: Ledger, time: float, session: Session, delegate: Person, rights: str) -> Record:
    """UpdateCalendarDelegation: the owner makes a delegate of his calendar."""
    path = "\\" + session.mailbox.folder("calendar")
    operation = "UpdateCalendarDelegation"
    return permission(ledger, time, session, operation, path, delegate.upn, delegate.sid, rights)


def rule(ledger: Ledger, time: float, session: Session, name: str, actions: str) -> Record:
    """A rule of Outlook's written into the mailbox: UpdateInboxRules; `actions` is the JSON text of RuleActions."""
    body = _common(ledger, time, "UpdateInboxRules", 2, session)
    body["Item"] = {"Id": "Unknown", "ParentFolder": {"Id": "", "Path": "\\" + session.mailbox.folder("inbox")}}
    told = {"RuleOperation": "AddMailboxRule", "RuleId": str(ledger.draw.getrandbits(62)), "RuleState": "Enabled"}
    told.update({"RuleName": name, "RuleProvider": "ExchangeMailboxRules14", "RuleActions": actions})
    body["OperationProperties"] = [{"Name": key, "Value": value} for key, value in told.items()]
    return ledger.add(time, EXCHANGE, body)


def sent(
    ledger: Ledger,
    time: float,
    session: Session,
    subject: str,
    sent_as: Optional[Person] = None,
    on_behalf_of: Optional[Person] = None,
) -> Record:
    """A message sent: Send by the owner, SendAs when it goes out under `sent_as`, SendOnBehalf `on_behalf_of`."""
    operation = "SendOnBehalf" if on_behalf_of else "Send" if sent_as is None else "SendAs"
    body = _common(ledger, time, operation, 2, session)
    body["Item"] = {
        "Id": _folder_id(ledger, session.mailbox),
        "InternetMessageId": _message_id(ledger),
        "ParentFolder": {
            "Id": _folder_id(ledger, session.mailbox),
            "Path": "\\" + session.mailbox.folder("sent"),
        },
        "SizeInBytes": ledger.draw.randrange(4000, 90000),
        "Subject": subject,
    }
    if sent_as is not None:
        body["SendAsUserSmtp"] = sent_as.upn
        body["SendAsUserMailboxGuid"] = sent_as.mailbox_guid
    if on_behalf_of is not None:
        body["SendOnBehalfOfUserSmtp"] = on_behalf_of.upn
        body["SendOnBehalfOfUserMailboxGuid"] = on_behalf_of.mailbox_guid
    return ledger.add(time, EXCHANGE, body)


def deleted(ledger: Ledger, time: float, session: Session, count: int) -> Record:
    """Messages moved to Recoverable Items: SoftDelete."""
    body = _common(ledger, time, "SoftDelete", 3, session)
    folder = {"Id": _folder_id(ledger, session.mailbox), "Path": "\\" + session.mailbox.folder("inbox")}
    body["AffectedItems"] = [
        {"Id": folder["Id"], "InternetMessageId": _message_id(ledger), "ParentFolder": folder} for _ in range(count)
    ]
    body["CrossMailboxOperation"] = False
    body["Folder"] = folder
    return ledger.add(time, EXCHANGE, body)


def group_mailbox(ledger: Ledger, time: float, group: str, guid: str) -> Record:
    """ConfigureGroupMailbox: the machine gives `Member@local` rights on a new group's calendar."""
    folder = ledger.guid().replace("-", "")
    body: Dict[str, Any] = _head(ledger, time, "ModifyFolderPermissions", 2, "S-1-5-18", 2)
    body["ClientIP"] = "::1"
    body["UserId"] = "S-1-5-18"
    body["ClientIPAddress"] = "::1"
    body["ClientInfoString"] = "Client=WebServices;Action=ConfigureGroupMailbox"
    body["ExternalAccess"] = True
    body.update({"InternalLogonType": 1, "LogonType": 1, "LogonUserSid": "S-1-5-18"})
    body.update({"MailboxGuid": guid, "MailboxOwnerUPN": group})
    body["OrganizationName"] = names.ORGANIZATION_NAME
    body["OriginatingServer"] = "AM9PR05MB8120 (15.20.4200.000)\r\n"
    body["Item"] = {
        "Id": folder,
        "ParentFolder": {
            "Id": folder,
            "MemberRights": "ReadAny, Create, EditOwned, DeleteOwned, EditAny, DeleteAny, Visible, FreeBusyDetailed",
            "MemberSid": f"S-1-8-{ledger.draw.randrange(10**9)}-{ledger.draw.randrange(10**9)}-1",
            "MemberUpn": "Member@local",
            "Name": "Calendar",
            "Path": "\\Calendar",
        },
    }
    return ledger.add(time, EXCHANGE, body)


def _head(
    ledger: Ledger, time: float, operation: str, record_type: int, user_key: str, user_type: int
) -> Dict[str, Any]:
    return {
        "CreationTime": utc(time),
        "Id": ledger.guid(),
        "Operation": operation,
        "OrganizationId": ledger.people.tenant,
        "RecordType": record_type,
        "ResultStatus": "Succeeded",
        "UserKey": user_key,
        "UserType": user_type,
        "Version": 1,
        "Workload": "Exchange",
    }


def _common(ledger: Ledger, time: float, operation: str, record_type: int, session: Session) -> Dict[str, Any]:
    actor, mailbox = session.actor, session.mailbox
    body = _head(ledger, time, operation, record_type, actor.puid, 0)
    body["ClientIP"] = session.address
    body["UserId"] = actor.upn
    body["AppId"] = session.app_id
    body["ClientIPAddress"] = session.address
    body["ClientInfoString"] = _CLIENTS[session.app_id]
    body["ExternalAccess"] = False
    body["InternalLogonType"] = 0
    body["LogonType"] = session.logon_type
    body["LogonUserSid"] = actor.sid
    body["MailboxGuid"] = mailbox.mailbox_guid
    body["MailboxOwnerSid"] = mailbox.sid
    body["MailboxOwnerUPN"] = mailbox.upn
    body["OrganizationName"] = names.ORGANIZATION_NAME
    body["OriginatingServer"] = f"AM9PR05MB{ledger.draw.randrange(1000, 9999)} (15.20.4200.000)\r\n"
    body["SessionId"] = ledger.guid()
    return body


def _folder_id(ledger: Ledger, mailbox: Person) -> str:
    return f"LgAAAAB{mailbox.mailbox_guid.replace('-', '')}AQB{ledger.draw.getrandbits(96):024x}AAAAAAEMAAAB"


def _message_id(ledger: Ledger) -> str:
    return f"<AM9PR05MB{ledger.draw.getrandbits(80):020X}@AM9PR05MB8120.eurprd05.prod.outlook.example>"
