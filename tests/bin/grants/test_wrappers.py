"""The same record in every wrapping in which tools hand it over: the rows must be the same."""

import json

import pytest

from tests.bin.grants.records import (
    EPOCH,
    MOMENT,
    RECORD_ID,
    TENANT,
    app_role,
    cmdlet,
    folder_audit,
    folder_cmdlet,
    full_access,
    one,
    rows,
    send_as,
    shown,
)

RECORDS = {
    "Add-MailboxPermission": full_access(),
    "Add-RecipientPermission": send_as(),
    "Add-MailboxFolderPermission": folder_cmdlet(),
    "ModifyFolderPermissions": folder_audit(),
    "app role": app_role(),
    "forwarding": cmdlet("Set-Mailbox", {"Identity": "finance", "ForwardingSmtpAddress": "drop@example.net"}),
}


def unified_search(record, audit_data):
    """A row of Search-UnifiedAuditLog, as PowerShell makes JSON of it."""
    return {
        "RecordType": "ExchangeAdmin",
        "CreationDate": f"/Date({EPOCH}000)/",
        "UserIds": record["UserId"],
        "Operations": record["Operation"],
        "AuditData": audit_data,
        "ResultIndex": 1,
        "ResultCount": 1,
        "Identity": record["Id"],
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def portal_row(record, audit_data):
    """A row of the portal's CSV: RecordId, CreationDate, RecordType, Operation, UserId, AuditData, …"""
    return {
        "RecordId": record["Id"],
        "CreationDate": MOMENT + ".0000000Z",
        "RecordType": str(record["RecordType"]),
        "Operation": record["Operation"],
        "UserId": record["UserId"],
        "AuditData": audit_data,
        "AssociatedAdminUnits": "",
        "AssociatedAdminUnitsNames": "",
    }


def graph(record, audit_data):
    """A record of Graph's auditLogQuery."""
    return {
        "@odata.type": "#microsoft.graph.security.auditLogRecord",
        "id": record["Id"],
        "createdDateTime": MOMENT + "Z",
        "auditLogRecordType": "exchangeAdmin",
        "operation": record["Operation"],
        "organizationId": TENANT,
        "userType": "admin",
        "userId": record["UserId"],
        "service": record["Workload"],
        "objectId": "",
        "clientIp": "",
        "administrativeUnits": [""],
        "auditData": audit_data,
    }


def dynamic(record):
    """Graph's auditData as its documentation shows it: the record within a dictionary of properties."""
    kind = "#microsoft.graph.security."
    return {
        "@odata.type": kind + "exchangeMailboxAuditRecord",
        "dynamicProperties": {"@odata.type": kind + "auditRecordTypeDictionary", **record},
    }


WRAPPERS = {
    "Search-UnifiedAuditLog, AuditData as text": lambda record: unified_search(record, json.dumps(record)),
    "Search-UnifiedAuditLog, AuditData as object": lambda record: unified_search(record, record),
    "the portal's CSV": lambda record: portal_row(record, json.dumps(record)),
    "Graph, auditData plain": lambda record: graph(record, {"@odata.type": "#x", **record}),
    "Graph, auditData with dynamicProperties": lambda record: graph(record, dynamic(record)),
    "Graph, auditData as text": lambda record: graph(record, json.dumps(record)),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_wrapped_record_gives_the_rows_of_the_bare_one(record, wrap):
    assert rows(wrap(record)) == rows(record)


@pytest.mark.parametrize(
    "wrap", [unified_search, portal_row, graph], ids=["Search-UnifiedAuditLog", "portal", "Graph"]
)
@pytest.mark.parametrize("data", ['{"Operation": "Add-Mail', "", None, "no JSON", "[]", 7], ids=repr)
def test_audit_data_that_cannot_be_read_is_kept_as_such(wrap, data):
    found = rows(wrap(full_access(), data))
    assert len(found) == 1
    assert found[0]["parse_error"]


def sentinel(record, **columns):
    """A row of Sentinel's OfficeActivity table, with the columns that the real row shows."""
    return {
        "TenantId": "00000000-0000-0000-0000-000000000000",
        "TimeGenerated": MOMENT + "Z",
        "OfficeId": record["Id"],
        "SourceRecordId": record["Id"],
        "Operation": record["Operation"],
        "OrganizationId": TENANT,
        "OrganizationId_": TENANT,
        "RecordType": "ExchangeAdmin",
        "UserType": "Admin",
        "UserKey": record["UserKey"],
        "OfficeWorkload": "Exchange",
        "ResultStatus": record["ResultStatus"],
        "UserId": record["UserId"],
        "UserId_": record["UserId"],
        "ExternalAccess": "False",
        "OrganizationName": "example.onmicrosoft.com",
        "AppId": record["AppId"],
        "Type": "OfficeActivity",
        **columns,
    }


def test_a_sentinel_row_of_a_cmdlet_gives_the_same_grant():
    record = full_access()
    row = one(sentinel(record, Parameters=json.dumps(record["Parameters"]), ClientIP="192.0.2.10:62589"))
    same = (
        "_time",
        "record_id",
        "row_id",
        "tenant",
        "operation",
        "right",
        "grant_action",
        "mailbox",
        "grantee",
    )
    same += ("actor", "actor_kind", "src", "client_app", "status")
    assert shown(row, *same) == shown(one(record), *same)


def test_a_sentinel_row_of_the_mailbox_audit_gives_the_same_grant():
    record = folder_audit()
    row = one(
        sentinel(
            record,
            RecordType="ExchangeItem",
            UserType="Regular",
            Item=json.dumps(record["Item"]),
            Logon_Type="Owner",
            MailboxGuid=record["MailboxGuid"],
            MailboxOwnerUPN=record["MailboxOwnerUPN"],
            MailboxOwnerSid=record["MailboxOwnerSid"],
            LogonUserSid=record["LogonUserSid"],
            Client_IPAddress="192.0.2.25",
        )
    )
    same = (
        "_time",
        "record_id",
        "row_id",
        "operation",
        "right",
        "access",
        "mailbox",
        "mailbox_id",
        "folder_kind",
    )
    same += ("grantee", "grantee_kind", "actor", "relation", "src", "logon_type", "status")
    assert shown(row, *same) == shown(one(record), *same)


def test_an_admin_in_the_words_of_sentinel_is_a_user():
    record = full_access()
    assert one(sentinel(record, Parameters=json.dumps(record["Parameters"])))["actor_kind"] == "user"


def test_a_byte_order_mark_before_a_record_does_no_harm():
    assert one("\ufeff" + json.dumps(full_access())) == one(full_access())


def test_white_space_around_a_record_does_no_harm():
    assert one("\r\n  " + json.dumps(full_access(), indent=2) + "\r\n") == one(full_access())


def test_the_wrapper_does_not_make_another_record_of_it():
    assert one(unified_search(full_access(), json.dumps(full_access())))["record_id"] == RECORD_ID
