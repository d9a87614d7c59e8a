"""CSV exports: recognised by their columns, whatever the separator, encoding or order."""

import csv
import io
import json

import pytest

from workbench.errors import BadInput
from workbench.exports import read_columns

RECORD = {
    "CreationTime": "2024-02-04T23:19:46",
    "Id": "1",
    "Operation": "Add-MailboxPermission",
    "RecordType": 1,
}
AUDIT = json.dumps({**RECORD, "Note": 'a "quoted" word, a ; and\ta tab'})
UAL = {
    "RecordType": "ExchangeAdmin",
    "CreationDate": "2/4/2024 11:19:46 PM",
    "UserIds": "a@b",
    "Operations": "x",
    "AuditData": AUDIT,
}
PORTAL = {
    "RecordId": "1",
    "CreationDate": "2024-02-04T23:19:46Z",
    "RecordType": "1",
    "Operation": "x",
    "UserId": "a@b",
    "AuditData": AUDIT,
    "AssociatedAdminUnits": "",
}


def table(rows, separator=",", quoting=csv.QUOTE_MINIMAL, columns=None):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or list(rows[0]), delimiter=separator, quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("row", "format"), [(UAL, "Search-UnifiedAuditLog CSV"), (PORTAL, "Purview portal CSV")]
)
def test_the_audit_record_is_taken_out_unchanged(row, format, separator, exported):
    export, records = exported(table([row, row], separator), name="my export.csv")
    assert dict(export.formats) == {format: 2}
    assert [(each.raw, each.source, each.problem) for each in records] == [
        (AUDIT, "my export.csv:2", None),
        (AUDIT, "my export.csv:3", None),
    ]


def test_columns_are_known_by_name_and_not_by_place(exported):
    _, records = exported(table([UAL], columns=list(UAL)[::-1], quoting=csv.QUOTE_ALL))
    assert [each.raw for each in records] == [AUDIT]


@pytest.mark.parametrize("before", ["#TYPE Deserialized.Some.Type\r\n", "sep=;\n", "\n"])
def test_a_line_before_the_header_does_not_matter(before, exported):
    separator = ";" if before.startswith("sep") else ","
    _, records = exported(before + table([UAL], separator))
    assert [(each.raw, each.source) for each in records] == [(AUDIT, "export.dat:3")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_encoding_gives_the_same_text(encoding, exported):
    text = json.dumps({**RECORD, "UserId": "renée@contoso.example"}, ensure_ascii=False)
    export, records = exported(table([{**UAL, "AuditData": text}]), encoding=encoding)
    assert [each.raw for each in records] == [text]
    note = {"cp1252": ["1 line read as cp1252"], "utf-16-be": ["read as UTF-16-BE"]}.get(encoding)
    assert export.notes == (note or (["read as UTF-16-LE"] if "16" in encoding else []))


def test_one_line_in_another_encoding_does_not_spoil_the_others(exported):
    rows = [{**UAL, "AuditData": json.dumps({"UserId": "renée"}, ensure_ascii=False)}] * 2
    header, first, second = table(rows).splitlines(keepends=True)
    export, records = exported(header.encode() + first.encode() + second.encode("cp1252"))
    assert [json.loads(each.raw)["UserId"] for each in records] == ["renée", "renée"]
    assert export.notes == ["1 line read as cp1252"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "AuditData is empty"),
        (AUDIT[:60], "AuditData is not JSON"),
        ("@{Id=1; Operation=x}", "AuditData is not JSON"),
        ("[1]", "AuditData is no JSON object"),
        ('{"a":"' + "x" * 32761, "as Excel does"),
    ],
)
def test_a_row_whose_audit_data_cannot_be_read_is_kept_and_told(text, says, exported):
    export, records = exported(table([UAL, {**UAL, "AuditData": text}, UAL]))
    assert [says in (each.problem or "") for each in records] == [False, True, False]
    assert records[1].source == "export.dat:3"
    assert records[1].raw
    assert sum(export.formats.values()) == 2


def test_a_truncated_file_keeps_the_rows_before(exported):
    text = table([UAL, UAL], quoting=csv.QUOTE_ALL)
    _, records = exported(text[:-40])
    assert [each.problem for each in records] == [None, "AuditData is not JSON"]


def test_a_record_larger_than_the_csv_modules_usual_limit_is_read(exported):
    big = json.dumps({**RECORD, "Folders": ["x" * 1000] * 400})
    _, records = exported(table([{**UAL, "AuditData": big}]))
    assert [each.raw for each in records] == [big]


def test_splunks_csv_gives_its_raw_events(exported):
    export, records = exported(
        table([{"_time": "x", "_raw": AUDIT, "host": "h"}, {"_time": "x", "_raw": "", "host": "h"}])
    )
    assert (records[0].raw, records[0].problem) == (AUDIT, None)
    assert records[1].problem == "_raw is empty"
    assert dict(export.formats) == {"Splunk CSV": 1}


def test_a_sentinel_row_is_the_record_itself_without_its_empty_columns(exported):
    row = {
        "TenantId": "t",
        "TimeGenerated [UTC]": "8/2/2021, 1:32:07.000 PM",
        "Operation": "Add-MailboxPermission",
        "OfficeWorkload": "Exchange",
        "Parameters": '[{"Name":"a"}]',
        "Site_Url": "",
    }
    export, records = exported(table([row]))
    assert dict(export.formats) == {"Sentinel OfficeActivity CSV": 1}
    expected = {**row, "TimeGenerated": "2021-08-02T13:32:07"}
    del expected["TimeGenerated [UTC]"], expected["Site_Url"]
    assert json.loads(records[0].raw) == expected


INVENTORIES = {
    "Get-MailboxPermission": {
        "Identity": "ceo",
        "User": "NT AUTHORITY\\SELF",
        "AccessRights": "FullAccess, ReadPermission",
        "IsInherited": "False",
        "Deny": "False",
    },
    "Get-RecipientPermission": {
        "Identity": "ceo",
        "Trustee": "bob",
        "AccessControlType": "Allow",
        "AccessRights": "SendAs",
    },
    "Get-MailboxFolderPermission": {
        "Identity": "ceo:\\Inbox",
        "FolderName": "Inbox",
        "User": "Default",
        "AccessRights": "Reviewer",
        "SharingPermissionFlags": "",
    },
    "Get-Mailbox": {"UserPrincipalName": "ceo@x", "GrantSendOnBehalfTo": "bob"},
    "GAM print delegates": {
        "User": "ceo@x",
        "delegateAddress": "bob@x",
        "delegationStatus": "accepted",
    },
}


@pytest.mark.parametrize("kind", INVENTORIES)
def test_a_permission_list_names_its_tool_and_keeps_its_columns(kind, exported):
    export, records = exported(table([INVENTORIES[kind]]))
    assert dict(export.formats) == {kind: 1}
    assert json.loads(records[0].raw)["columns"] == INVENTORIES[kind]
    assert json.loads(records[0].raw)["delegation_watch_inventory"] in (kind, "gmail")


def test_a_permission_list_cut_in_a_row_tells_so(exported):
    _, records = exported("Identity,User,AccessRights\nceo,bob,FullAccess\nceo,\n")
    assert [each.problem for each in records] == [None, "the row ends before accessrights"]


def test_a_header_alone_is_an_export_without_records(exported):
    export, records = exported(",".join(UAL) + "\n")
    assert records == []
    assert dict(export.formats) == {"Search-UnifiedAuditLog CSV": 0}


@pytest.mark.parametrize(
    "header", ["RecordType,CreationDate,UserIds,Operations", "Identity;AccessRights", "one word"]
)
def test_a_csv_of_no_known_kind_names_what_was_expected_and_found(header, exported):
    with pytest.raises(BadInput) as raised:
        exported(header + "\n1,2,3,4\n")
    assert "AuditData" in str(raised.value)
    assert header.replace(";", ",").split(",")[0] in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_of_nothing_but_a_type_line_is_refused(exported):
    with pytest.raises(BadInput, match="found: nothing"):
        exported("#TYPE Selected.System.String\n")


def test_a_table_with_the_columns_asked_for_is_read_in_lower_case(tmp_path):
    path = tmp_path / "vip.csv"
    path.write_text("Identity;Note\nceo@x;the boss\n", encoding="utf-16")
    assert read_columns(path, ("identity",)) == [{"identity": "ceo@x", "note": "the boss"}]


def test_a_table_without_the_columns_asked_for_is_refused(tmp_path):
    path = tmp_path / "approved.csv"
    path.write_text("mailbox,grantee\na,b\n")
    with pytest.raises(BadInput, match=r"approved\.csv: no column right, owner"):
        read_columns(path, ("mailbox", "grantee", "right", "owner"))
