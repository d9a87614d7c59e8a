"""Builders of audit records in the shapes that Microsoft and Google document, filled with made-up values.

Operations that no public source shows as a real record are synthetic here: Remove-MailboxPermission and
Remove-RecipientPermission, the three MailboxFolderPermission cmdlets, Add- and RemoveFolderPermissions,
New-ManagementRoleAssignment, partner actors, Gmail's delegates.create, and of the rest in EVERY_SHAPE all that
test_real_records does not name.
"""

import json

from delegation_watch.grants import grant_rows

TENANT = "0873ee4d-5c5a-4f4e-9a3e-2d1f6c7b8a90"
OTHER_TENANT = "7a1c2b3d-0000-4000-8000-9e8d7c6b5a41"
CUSTOMER = "C0example"
MOMENT = "2026-03-02T09:15:30"
EPOCH = 1772442930

ALEX = "alex@example.com"
ALEX_ID = "08226516-6d9d-4aef-8dd0-f9a93e8ed646"
FINANCE = "finance@example.com"
FINANCE_ID = "288fc35b-236b-4b73-868a-11f9d367bb13"
HELPDESK = "helpdesk@example.com"
HELPDESK_ID = "53eb688e-e2fc-4b6f-a5ef-f4173a8228d6"
RECORD_ID = "398a9c0f-dfd3-49d5-a6a4-08d900d08a0a"

FOREST = "EURPR04A009.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/example.onmicrosoft.com/"
DISCOVERY = FOREST + "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"
SYSTEM = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"

POWERSHELL = "fb78d390-0c51-40cd-8e17-fdbfab77341b"
GMAIL_SETTINGS = "https://www.googleapis.com/auth/gmail.settings.sharing"
ALL_MAIL = "https://mail.google.com/"
REPORTS_ONLY = "https://www.googleapis.com/auth/admin.reports.audit.readonly"


def named(parameters):
    """The usual form of Parameters: a list of Name and Value."""
    return [{"Name": name, "Value": value} for name, value in parameters.items()]


def cmdlet(operation, parameters, **fields):
    """An ExchangeAdmin record (RecordType 1); `parameters` is a dict, or Parameters as they shall stand."""
    return {
        "CreationTime": MOMENT,
        "Id": RECORD_ID,
        "Operation": operation,
        "OrganizationId": TENANT,
        "RecordType": 1,
        "ResultStatus": "True",
        "UserKey": "1003200126677019",
        "UserType": 2,
        "Version": 1,
        "Workload": "Exchange",
        "ClientIP": "192.0.2.10:62589",
        "ObjectId": "finance",
        "UserId": HELPDESK,
        "AppId": "497effe9-df71-4043-a8bb-14cf78c4b63b",
        "ClientAppId": "",
        "ExternalAccess": False,
        "OrganizationName": "example.onmicrosoft.com",
        "OriginatingServer": "DB8PR04MB6875 (15.20.4042.018)",
        "Parameters": named(parameters) if isinstance(parameters, dict) else parameters,
        "SessionId": "9c3eaae9-a913-4161-b3f5-e25c7da47797",
        **fields,
    }


def full_access(mailbox=FINANCE, user=ALEX, rights="FullAccess", operation="Add-MailboxPermission", **fields):
    """Add-MailboxPermission, as the Exchange admin center writes it."""
    parameters = {"Identity": mailbox, "User": user, "AccessRights": rights, "InheritanceType": "All"}
    return cmdlet(operation, parameters, **fields)


def system_grant(mailbox=DISCOVERY, user=FOREST + "Discovery Management", actor=SYSTEM, **fields):
    """A grant that Exchange makes to itself; without address and session, as those come."""
    parameters = {"DomainController": "", "Identity": mailbox, "User": user, "AccessRights": "FullAccess"}
    own = {
        "UserKey": actor,
        "UserId": actor,
        "UserType": 3,
        "AppId": "",
        "ObjectId": mailbox,
        "ExternalAccess": True,
    }
    record = cmdlet("Add-MailboxPermission", parameters, **{**own, **fields})
    return {name: value for name, value in record.items() if name not in ("ClientIP", "SessionId")}


def send_as(mailbox=FINANCE, trustee=ALEX, operation="Add-RecipientPermission", **fields):
    """Add-RecipientPermission; the one who gets in is the Trustee."""
    return cmdlet(operation, {"Identity": mailbox, "Trustee": trustee, "AccessRights": "SendAs"}, **fields)


def folder_cmdlet(
    folder="\\Inbox",
    user="Default",
    rights="Reviewer",
    operation="Add-MailboxFolderPermission",
    mailbox=FINANCE,
    flags=None,
    **fields,
):
    """Add-, Set- or Remove-MailboxFolderPermission; the Identity is `mailbox:\\Folder`."""
    parameters = {"Identity": f"{mailbox}:{folder}", "User": user}
    if rights is not None:
        parameters["AccessRights"] = rights
    if flags is not None:
        parameters["SharingPermissionFlags"] = flags
    return cmdlet(operation, parameters, **fields)


def folder_audit(
    rights="ReadAny, Visible",
    member="Everyone",
    sid="S-1-1-0",
    path="\\Inbox",
    operation="ModifyFolderPermissions",
    owner=FINANCE,
    actor=FINANCE,
    **fields,
):
    """A mailbox-audit record (RecordType 2) on the permissions of a folder."""
    folder = {"Id": "LgAAAABKe", "MemberRights": rights, "MemberSid": sid, "MemberUpn": member}
    folder.update(Name=path.rsplit("\\", 1)[-1], Path=path)
    return {
        "CreationTime": MOMENT,
        "Id": RECORD_ID,
        "Operation": operation,
        "OrganizationId": TENANT,
        "RecordType": 2,
        "ResultStatus": "Succeeded",
        "UserKey": "10032002CC029AE9",
        "UserType": 0,
        "Version": 1,
        "Workload": "Exchange",
        "ClientIP": "192.0.2.25",
        "UserId": actor,
        "AppId": "00000002-0000-0ff1-ce00-000000000000",
        "ClientIPAddress": "192.0.2.25",
        "ClientInfoString": "Client=OWA;Action=ViaProxy",
        "ExternalAccess": False,
        "InternalLogonType": 0,
        "LogonType": 0,
        "LogonUserSid": "S-1-5-21-1148582062-3132321681-773847816-45339891",
        "MailboxGuid": "8e942cc1-73d8-4483-9def-7d9579d615a7",
        "MailboxOwnerSid": "S-1-5-21-1148582062-3132321681-773847816-45339891",
        "MailboxOwnerUPN": owner,
        "OrganizationName": "example.onmicrosoft.com",
        "OriginatingServer": "BYAPR18MB2728 (15.20.4200.000)\r\n",
        "SessionId": "d2a5a3ba-992b-431a-9b52-8c76210d17d9",
        "Item": {"Id": "LgAAAABKe", "ParentFolder": folder},
        **fields,
    }


APP_NAME = "Mail Sync"
APP_OBJECT = "2e5c2fd0-cca4-452c-9891-a07c0dafd964"
APP_ID = "5f91ce94-4cc5-4ebe-aeb6-f074e57201bb"
FULL_ACCESS_AS_APP = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"


def user_ids(upn=HELPDESK, guid=HELPDESK_ID, puid="10037FFEA938FB92"):
    """The ids that Entra lists for a user, as Actor or as Target."""
    return [
        {"ID": upn, "Type": 5},
        {"ID": puid, "Type": 3},
        {"ID": f"User_{guid}", "Type": 2},
        {"ID": guid, "Type": 2},
        {"ID": "User", "Type": 2},
    ]


def application_ids(name=APP_NAME, guid=APP_OBJECT, app_id=APP_ID):
    """The ids that Entra lists for a service principal."""
    return [
        {"ID": f"ServicePrincipal_{guid}", "Type": 2},
        {"ID": guid, "Type": 2},
        {"ID": "ServicePrincipal", "Type": 2},
        {"ID": name, "Type": 1},
        {"ID": app_id, "Type": 2},
        {"ID": app_id, "Type": 4},
    ]


def entra(operation, properties, target=None, old=False, **fields):
    """A directory record (RecordType 8); `properties` are new values, or old ones when `old`."""
    sides = ("OldValue", "NewValue") if old else ("NewValue", "OldValue")
    return {
        "CreationTime": MOMENT,
        "Id": RECORD_ID,
        "Operation": operation,
        "OrganizationId": TENANT,
        "RecordType": 8,
        "ResultStatus": "Success",
        "UserKey": "10037FFEA938FB92@example.onmicrosoft.com",
        "UserType": 0,
        "Version": 1,
        "Workload": "AzureActiveDirectory",
        "ObjectId": "https://outlook.office.com;Microsoft.Exchange;00000002-0000-0ff1-ce00-000000000000",
        "UserId": HELPDESK,
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [{"Name": "additionalDetails", "Value": "{}"}],
        "ModifiedProperties": [
            {"Name": name, sides[0]: value, sides[1]: ""} for name, value in properties.items()
        ],
        "Actor": user_ids(),
        "ActorContextId": TENANT,
        "SupportTicketId": "",
        "Target": target if target is not None else application_ids(),
        "TargetContextId": TENANT,
        **fields,
    }


def app_role(value="Mail.Read", role_id="810c84a8-4a9e-49e6-bf7d-12d183f40d01", **fields):
    """An application permission given to a service principal: one record per permission."""
    properties = {
        "AppRole.Id": role_id,
        "AppRole.Value": value,
        "AppRole.DisplayName": "a permission",
        "ServicePrincipal.ObjectID": APP_OBJECT,
        "ServicePrincipal.DisplayName": APP_NAME,
        "ServicePrincipal.AppId": APP_ID,
        "ServicePrincipal.Name": APP_ID,
    }
    resource = application_ids(
        "Office 365 Exchange Online",
        "8429eb5c-faeb-4ade-8eac-acc003790769",
        "00000002-0000-0ff1-ce00-000000000000",
    )
    operation = fields.pop("operation", "Add app role assignment to service principal.")
    return entra(operation, properties, target=resource, **fields)


def consent(scope="Mail.Read User.Read", everyone=False, **fields):
    """Consent to an application, by a user for himself or by an administrator for everyone."""
    kind, principal = ("AllPrincipals", "") if everyone else ("Principal", ALEX_ID)
    permissions = (
        f"[] => [[Id: r2KtIS6Zn0q2wWeqbIputA, ClientId: {APP_OBJECT}, PrincipalId: {principal}, "
        f"ResourceId: ce7199b4-8f52-46f3-b54b-4fd81de961e2, ConsentType: {kind}, Scope: {scope}, "
        "CreatedDateTime: , LastModifiedDateTime ]]; "
    )
    properties = {
        "ConsentContext.IsAdminConsent": str(everyone),
        "ConsentContext.IsAppOnly": "False",
        "ConsentContext.OnBehalfOfAll": str(everyone),
        "ConsentAction.Permissions": permissions,
        "TargetId.ServicePrincipalNames": APP_ID,
    }
    return entra(
        "Consent to application.",
        properties,
        **{
            "ObjectId": APP_ID,
            "UserId": ALEX,
            "Actor": user_ids(ALEX, ALEX_ID, "1003BFFD98415B4E"),
            "UserKey": "1003BFFD98415B4E@example.onmicrosoft.com",
            **fields,
        },
    )


def event(name, parameters, kind="APPLICATION_SETTINGS"):
    """One Workspace event; a list is written as multiValue, anything else as value."""
    listed = [
        {"name": key, "multiValue": value} if isinstance(value, list) else {"name": key, "value": value}
        for key, value in parameters.items()
    ]
    return {"type": kind, "name": name, "parameters": listed}


def workspace(*events, application="admin", actor=HELPDESK, qualifier="-4852127980639806062", **fields):
    """An activity as the Reports API returns it."""
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": MOMENT + ".231Z",
            "uniqueQualifier": qualifier,
            "applicationName": application,
            "customerId": CUSTOMER,
        },
        "etag": '"UPU6gOXXZ2H1z218i4QV7r7f3CGdqgX/0iAPmMd4Umpd7"',
        "actor": {"callerType": "USER", "email": actor, "profileId": "102509620547980436027"},
        "ipAddress": "2001:db8::25",
        "events": list(events),
        **fields,
    }


def switch(
    new="true", old="false", setting="mail_delegation_desired", verb="CHANGE", unit=("ORG_UNIT_NAME", "Sales")
):
    """A Gmail delegation setting under its present name."""
    parameters = {"APPLICATION_NAME": "Gmail", unit[0]: unit[1], "SETTING_NAME": f"MailDelegation {setting}"}
    parameters.update({"OLD_VALUE": old} if old is not None else {})
    parameters.update({"NEW_VALUE": new} if new is not None else {})
    return event(f"{verb}_APPLICATION_SETTING", {**parameters, "APPLICATION_EDITION": "enterprise"})


def legacy_switch(new="true", old="false", setting="ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN", unit="Sales"):
    """The same setting under the name that it had before 2026."""
    parameters = {"SETTING_NAME": setting, "ORG_UNIT_NAME": unit, "OLD_VALUE": old, "NEW_VALUE": new}
    return event("CHANGE_EMAIL_SETTING", parameters, "EMAIL_SETTINGS")


def api_client(scopes, client="106850843410684334493", verb="AUTHORIZE", **fields):
    """Domain-wide delegation given to a client of the API; the record has neither address nor callerType."""
    parameters = {"DOMAIN_NAME": "", "API_CLIENT_NAME": client, "API_SCOPES": scopes}
    record = workspace(event(f"{verb}_API_CLIENT_ACCESS", parameters, "DOMAIN_SETTINGS"), **fields)
    del record["ipAddress"], record["actor"]["callerType"]
    return record


def api_call(method="gmail.users.settings.delegates.create", client="109303849349009433243", owner=FINANCE):
    """A call of the Gmail API by a service account, in the name of the mailbox owner."""
    parameters = {
        "api_name": "gmail", "method_name": method, "client_id": client,
        "product_bucket": "GMAIL", "app_name": client, "client_type": "WEB",
    }  # fmt: skip
    record = workspace(event("activity", parameters, "auth"), application="token", actor=owner)
    del record["ipAddress"]
    return record


def gmail_forwarding(destination="drop@example.net", application="user_accounts", owner=FINANCE):
    """A user sends his mail on to an address of another domain."""
    parameters = {"email_forwarding_destination_address": destination}
    return workspace(
        event("email_forwarding_out_of_domain", parameters, "email_forwarding_change"),
        application=application,
        actor=owner,
    )


def rows(record, **options):
    """The rows of a record; text is taken as it is."""
    return grant_rows(record if isinstance(record, str) else json.dumps(record), **options)


def one(record, **options):
    """The only row of a record that is read without fault."""
    found = rows(record, **options)
    assert len(found) == 1, found
    assert not found[0]["parse_error"], found[0]["parse_error"]
    return found[0]


def shown(row, *fields):
    """Some columns of a row, in order."""
    return tuple(row[field] for field in fields)


def is_true(value):
    """Whether a column says true, be it a flag or a word."""
    return str(value).casefold() in ("true", "1")


def empty(value):
    """Whether a column is empty."""
    return value in (None, "", [])


def audited(operation, owner=FINANCE, actor=ALEX, logon_type=2, **fields):
    """A mailbox-audit record of what someone did in a mailbox, by the schema's fields (synthetic)."""
    record = folder_audit(owner=owner, actor=actor, operation=operation, LogonType=logon_type, **fields)
    if "Item" not in fields:
        del record["Item"]
    return record


def accessed(kind="Bind", paths=("\\Inbox",), **fields):
    """MailItemsAccessed of a delegate (synthetic: all real ones are of owners)."""
    folders = [{"Id": "LgAAAA", "Path": path, "FolderItems": [{"InternetMessageId": "<a@b>"}]} for path in paths]
    told = [{"Name": "MailAccessType", "Value": kind}, {"Name": "IsThrottled", "Value": "False"}]
    return audited("MailItemsAccessed", RecordType=50, Folders=folders, OperationProperties=told, **fields)


def group_change(operation="Add member to group.", group="Finance team", **fields):
    """A member of a group of Entra (synthetic; the fields are those of its other directory records)."""
    properties = {"Group.ObjectID": "7c1a2b3d-0000-4000-8000-9e8d7c6b5a41", "Group.DisplayName": group}
    return entra(operation, properties, target=user_ids(ALEX, ALEX_ID), ObjectId=ALEX, **fields)


EXCHANGE_ADMIN = "29232cdf-9323-42fd-ade2-1d097af3e4de"


def directory_role(template=EXCHANGE_ADMIN, operation="Add member to role.", **fields):
    """A directory role, given or taken; its template tells which."""
    properties = {"Role.ObjectID": template, "Role.DisplayName": "a role", "Role.TemplateId": template}
    return entra(operation, properties, target=user_ids(ALEX, ALEX_ID), ObjectId=ALEX, **fields)


EVERY_SHAPE = {
    "Add-MailboxPermission": full_access(),
    "Remove-MailboxPermission": full_access(operation="Remove-MailboxPermission"),
    "Add-RecipientPermission": send_as(),
    "Remove-RecipientPermission": send_as(operation="Remove-RecipientPermission"),
    "Set-Mailbox GrantSendOnBehalfTo": cmdlet(
        "Set-Mailbox", {"Identity": FINANCE, "GrantSendOnBehalfTo": ALEX}
    ),
    "Set-Mailbox ForwardingSmtpAddress": cmdlet(
        "Set-Mailbox", {"Identity": FINANCE, "ForwardingSmtpAddress": "smtp:drop@example.net"}
    ),
    "Add-MailboxFolderPermission": folder_cmdlet(),
    "Set-MailboxFolderPermission": folder_cmdlet(operation="Set-MailboxFolderPermission"),
    "Remove-MailboxFolderPermission": folder_cmdlet(operation="Remove-MailboxFolderPermission", rights=None),
    "AddFolderPermissions": folder_audit(operation="AddFolderPermissions"),
    "ModifyFolderPermissions": folder_audit(),
    "RemoveFolderPermissions": folder_audit(operation="RemoveFolderPermissions"),
    "Set-MailboxAuditBypassAssociation": cmdlet(
        "Set-MailboxAuditBypassAssociation", {"AuditBypassEnabled": "True", "Identity": ALEX}
    ),
    "New-RoleGroup": cmdlet(
        "New-RoleGroup", {"Name": "Readers", "Roles": "ApplicationImpersonation", "Members": ALEX_ID}
    ),
    "New-ManagementRoleAssignment": cmdlet(
        "New-ManagementRoleAssignment", {"Role": "ApplicationImpersonation", "User": ALEX}
    ),
    "Add app role assignment to service principal.": app_role(),
    "Consent to application.": consent(everyone=True),
    "Remove-MailboxPermission ResetDefault": cmdlet(
        "Remove-MailboxPermission", {"Identity": FINANCE, "ResetDefault": "True"}
    ),
    "Add-ADPermission": cmdlet(
        "Add-ADPermission", {"Identity": FINANCE, "User": ALEX, "ExtendedRights": "Send-As"}
    ),
    "Set-UnifiedGroup": cmdlet("Set-UnifiedGroup", {"Identity": "team", "GrantSendOnBehalfTo": ALEX}),
    "Set-Mailbox AuditEnabled": cmdlet("Set-Mailbox", {"Identity": FINANCE, "AuditEnabled": "False"}),
    "Set-AdminAuditLogConfig": cmdlet(
        "Set-AdminAuditLogConfig", {"UnifiedAuditLogIngestionEnabled": "False"}
    ),
    "UpdateCalendarDelegation": audited("UpdateCalendarDelegation", actor=FINANCE, logon_type=0),
    "SendAs": audited("SendAs", SendAsUserSmtp=FINANCE),
    "SendOnBehalf": audited("SendOnBehalf", SendOnBehalfOfUserSmtp=FINANCE),
    "MailItemsAccessed": accessed(),
    "MailboxLogin": audited("MailboxLogin"),
    "Add-DistributionGroupMember": cmdlet(
        "Add-DistributionGroupMember", {"Identity": "team", "Member": ALEX}
    ),
    "Add-UnifiedGroupLinks": cmdlet(
        "Add-UnifiedGroupLinks", {"Identity": "team", "LinkType": "Members", "Links": f"{ALEX},{HELPDESK}"}
    ),
    "Add member to group.": group_change(),
    "Add member to role.": directory_role(),
    "Add-RoleGroupMember": cmdlet(
        "Add-RoleGroupMember", {"Identity": "Organization Management", "Member": ALEX}
    ),
    "Set-ManagementScope": cmdlet(
        "Set-ManagementScope", {"Identity": "Leaders", "RecipientRestrictionFilter": "Name -like '*'"}
    ),
    "Remove-ApplicationAccessPolicy": cmdlet(
        "Remove-ApplicationAccessPolicy", {"Identity": f"{TENANT}\\{APP_ID}:S-1-5-21-1-2-3-4;{ALEX_ID}"}
    ),
    "New-ServicePrincipal": cmdlet(
        "New-ServicePrincipal", {"AppId": APP_ID, "ObjectId": APP_OBJECT, "DisplayName": APP_NAME}
    ),
    "Set-MailboxCalendarFolder": cmdlet(
        "Set-MailboxCalendarFolder",
        {"Identity": f"{FINANCE}:\\Calendar", "PublishEnabled": "True", "DetailLevel": "FullDetails"},
    ),
    "Set-SharingPolicy": cmdlet(
        "Set-SharingPolicy", {"Identity": "Default", "Domains": "Anonymous:CalendarSharingFreeBusyReviewer"}
    ),
    "Set-CalendarProcessing": cmdlet(
        "Set-CalendarProcessing", {"Identity": "room@example.com", "ResourceDelegates": ALEX}
    ),
    "delegation switch": workspace(switch()),
    "legacy delegation switch": workspace(legacy_switch()),
    "domain-wide delegation": api_client(f"{GMAIL_SETTINGS},{ALL_MAIL}"),
    "delegates.create": api_call(),
    "Gmail forwarding": gmail_forwarding(),
}
