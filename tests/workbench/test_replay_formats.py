"""The `replay` command with the app itself behind it: every format that an export comes in, and real exports."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench import replay

SHARED = Path(__file__).resolve().parents[3] / "shared"

MAILBOX_GRANT = {
    "CreationTime": "2024-02-04T23:19:46",
    "Id": "8319061b-0000-4cd5-abc2-55ff5a49c306",
    "Operation": "Add-MailboxPermission",
    "OrganizationId": "7c1aec86-7bc7-44d0-a01c-72c2f196f29b",
    "RecordType": 1,
    "ResultStatus": "True",
    "UserKey": "1003BFFDACDB6497",
    "UserType": 2,
    "Version": 1,
    "Workload": "Exchange",
    "ClientIP": "203.0.113.7:47114",
    "ObjectId": "ceo",
    "UserId": "mallory@contoso.example",
    "ExternalAccess": False,
    "Parameters": [
        {"Name": "AccessRights", "Value": "FullAccess"},
        {"Name": "Identity", "Value": "288fc35b-236b-4b73-868a-11f9d367bb13"},
        {"Name": "User", "Value": "mallory@contoso.example"},
    ],
}
SIGN_IN = {
    "CreationTime": "2024-02-04T23:00:00",
    "Id": "8319061b-0000-4cd5-abc2-000000000001",
    "Operation": "Reset user password.",
    "OrganizationId": "7c1aec86-7bc7-44d0-a01c-72c2f196f29b",
    "RecordType": 8,
    "ResultStatus": "Success",
    "UserKey": "1003BFFDACDB6497@contoso.example",
    "UserType": 0,
    "Version": 1,
    "Workload": "AzureActiveDirectory",
    "ObjectId": "ceo@contoso.example",
    "UserId": "mallory@contoso.example",
    "Target": [
        {"ID": "User_288fc35b-236b-4b73-868a-11f9d367bb13", "Type": 2},
        {"ID": "288fc35b-236b-4b73-868a-11f9d367bb13", "Type": 2},
        {"ID": "ceo@contoso.example", "Type": 5},
    ],
}
SWITCH = {
    "kind": "admin#reports#activity",
    "id": {
        "time": "2026-02-25T00:40:16.231Z",
        "uniqueQualifier": "-4852127980639806062",
        "applicationName": "admin",
        "customerId": "C1",
    },
    "actor": {"callerType": "USER", "email": "mallory@contoso.example", "profileId": "1"},
    "ipAddress": "203.0.113.7",
    "events": [
        {
            "type": "APPLICATION_SETTINGS",
            "name": "CHANGE_APPLICATION_SETTING",
            "parameters": [
                {"name": "APPLICATION_NAME", "value": "Gmail"},
                {"name": "ORG_UNIT_NAME", "value": "Contoso"},
                {"name": "SETTING_NAME", "value": "MailDelegation mail_delegation_desired"},
                {"name": "OLD_VALUE", "value": "false"},
                {"name": "NEW_VALUE", "value": "true"},
            ],
        }
    ],
}
SWITCH_EVENT = {**{name: SWITCH[name] for name in SWITCH if name != "events"}, "event": SWITCH["events"][0]}


def csv_text(row, separator=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), delimiter=separator)
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue()


GRANT_TEXT = json.dumps(MAILBOX_GRANT)
UAL_ROW = {
    "RecordType": "ExchangeAdmin",
    "CreationDate": "2/4/2024 11:19:46 PM",
    "UserIds": "mallory@contoso.example",
    "Operations": "Add-MailboxPermission",
    "AuditData": GRANT_TEXT,
    "ResultIndex": "1",
}
PORTAL_ROW = {
    "RecordId": MAILBOX_GRANT["Id"],
    "CreationDate": "2024-02-04T23:19:46.0000000Z",
    "RecordType": "1",
    "Operation": "Add-MailboxPermission",
    "UserId": "mallory@contoso.example",
    "AuditData": GRANT_TEXT,
}
GRAPH = {
    "id": MAILBOX_GRANT["Id"],
    "createdDateTime": "2024-02-04T23:19:46Z",
    "auditLogRecordType": "exchangeAdmin",
    "operation": "Add-MailboxPermission",
    "auditData": {
        "@odata.type": "#microsoft.graph.security.exchangeAdminAuditRecord",
        "dynamicProperties": MAILBOX_GRANT,
    },
}
ONE_GRANT = {
    "portal.csv": csv_text(PORTAL_ROW).encode("utf-8-sig"),
    "search with spaces.csv": csv_text(UAL_ROW, ";").encode("utf-16"),
    "search.json": json.dumps(
        [{**UAL_ROW, "CreationDate": "/Date(1707088786000)/", "AuditData": MAILBOX_GRANT}], indent=4
    ).encode(),
    "api.json": json.dumps([MAILBOX_GRANT]).encode(),
    "graph.json": json.dumps({"@odata.context": "x", "value": [GRAPH]}).encode(),
    "splunk.json": json.dumps({"preview": False, "result": {"_raw": GRANT_TEXT}}).encode(),
    "splunk.csv": csv_text({"_time": "x", "_raw": GRANT_TEXT}).encode(),
    "collected.jsonl": json.dumps(
        {
            "time": 1.0,
            "host": "h",
            "source": "s",
            "sourcetype": "o365:management:activity",
            "index": "main",
            "data": GRANT_TEXT,
        }
    ).encode(),
}
ONE_SWITCH = {
    "page.json": json.dumps({"kind": "admin#reports#activities", "items": [SWITCH]}).encode(),
    "alfa.json": json.dumps({"activities": [SWITCH]}).encode(),
    "add-on.jsonl": json.dumps(SWITCH_EVENT).encode(),
    "splunk workspace.jsonl": json.dumps(
        {"preview": False, "result": {"_raw": json.dumps(SWITCH_EVENT)}}
    ).encode(),
}
LISTS = {
    name: csv_text(row).encode()
    for name, row in {
        "full.csv": {
            "Identity": "ceo@contoso.example",
            "User": "bob@contoso.example",
            "AccessRights": "FullAccess",
            "IsInherited": "False",
            "Deny": "False",
        },
        "send.csv": {
            "Identity": "ceo@contoso.example",
            "Trustee": "bob@contoso.example",
            "AccessControlType": "Allow",
            "AccessRights": "SendAs",
        },
        "folder.csv": {
            "Identity": "ceo@contoso.example:\\Inbox",
            "FolderName": "Inbox",
            "User": "Default",
            "AccessRights": "Reviewer",
            "SharingPermissionFlags": "",
        },
        "delegates.csv": {
            "User": "ceo@contoso.example",
            "delegateAddress": "bob@contoso.example",
            "delegationStatus": "accepted",
        },
    }.items()
}
SENTINEL = csv_text(
    {
        "TenantId": "w",
        "TimeGenerated [UTC]": "2/4/2024, 11:19:46.000 PM",
        "Operation": "Add-MailboxPermission",
        "OfficeWorkload": "Exchange",
        "RecordType": "ExchangeAdmin",
        "UserId": "mallory@contoso.example",
        "OfficeObjectId": "ceo",
        "Parameters": json.dumps(MAILBOX_GRANT["Parameters"]),
        "ResultStatus": "True",
    }
).encode()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """Run the command as a person does, over files given as {name: bytes} or as paths."""

    def command(files, *options):
        folder = tmp_path_factory.mktemp("replayed")
        paths = []
        for each in files:
            if isinstance(each, str):
                (folder / each).write_bytes(files[each])
                paths.append(str(folder / each))
            else:
                paths.append(str(each))
        run = subprocess.run(
            [sys.executable, "-m", "workbench", "replay", *options, *paths],
            capture_output=True, text=True, cwd=replay.APP, timeout=600,
        )  # fmt: skip
        rows = [json.loads(line) for line in run.stdout.splitlines()] if "--json" in options else []
        return SimpleNamespace(code=run.returncode, out=run.stdout, err=run.stderr, rows=rows)

    return command


@pytest.fixture(scope="module")
def everything(replayed):
    """One run over every format: a grant in eight of them, a switch in four, lists, a sign-in that names a GUID."""
    entra = {"entra.json": json.dumps(SIGN_IN).encode()}
    return replayed({**ONE_GRANT, **ONE_SWITCH, **LISTS, "sentinel.csv": SENTINEL, **entra}, "--json")


def test_every_format_is_read_wholly(everything):
    assert everything.code == 0
    assert (
        "18 records, 10 duplicates folded, 0 unreadable; 2024-02-04 23:00:00Z to 2026-02-25 00:40:16Z"
        in everything.err
    )


def test_one_grant_in_every_office_format_is_one_row(everything):
    (row,) = [row for row in everything.rows if row["evidence"].split(":")[0] in ONE_GRANT]
    assert (row["right"], row["grantee"], row["relation"]) == (
        "full_access",
        "mallory@contoso.example",
        "self_grant",
    )
    assert row["_time"] == 1707088786
    assert row["evidence"] == "portal.csv:2"


def test_one_switch_in_every_workspace_format_is_one_row(everything):
    (row,) = [row for row in everything.rows if row["evidence"].split(":")[0] in ONE_SWITCH]
    assert (row["right"], row["provider"], row["actor"]) == (
        "delegation_switch",
        "workspace",
        "mallory@contoso.example",
    )


def test_permission_lists_are_snapshots(everything):
    found = {row["evidence"]: (row["grant_action"], row["right"]) for row in everything.rows}
    assert {name: found[f"{name}:2"] for name in LISTS} == {
        "full.csv": ("snapshot", "full_access"),
        "send.csv": ("snapshot", "send_as"),
        "folder.csv": ("snapshot", "folder"),
        "delegates.csv": ("snapshot", "gmail_delegate"),
    }


def test_a_sentinel_row_is_a_grant_at_its_own_time(everything):
    (row,) = [row for row in everything.rows if row["evidence"] == "sentinel.csv:2"]
    assert (row["grant_action"], row["right"], row["_time"]) == ("grant", "full_access", 1707088786)


def test_a_guid_is_resolved_from_a_later_file_of_the_same_run(everything):
    (row,) = [row for row in everything.rows if row["evidence"] == "portal.csv:2"]
    assert row["mailbox_key"] == "ceo@contoso.example"


def test_rows_come_worst_first_and_their_factors_sum_to_the_score(everything):
    scores = [row["delegation_score"] for row in everything.rows]
    assert scores == sorted(scores, reverse=True)
    for row in everything.rows:
        assert (
            sum(float(factor.split("|")[1]) for factor in row["delegation_factors"]) == row["delegation_score"]
        )


def test_an_approval_and_a_vip_list_change_the_judgement(replayed, tmp_path):
    def granted(number, mailbox):
        values = {"Identity": mailbox, "User": "bob@contoso.example", "AccessRights": "FullAccess"}
        parameters = [{"Name": name, "Value": value} for name, value in values.items()]
        return {**MAILBOX_GRANT, "Id": f"8319061b-{number}", "Parameters": parameters}

    boxes = ["plain@contoso.example", "vip@contoso.example", "approved@contoso.example"]
    vip, approved, page = tmp_path / "vip.csv", tmp_path / "approved.csv", tmp_path / "r.html"
    vip.write_text("identity\nVIP@contoso.example\n")
    approved.write_text(
        "mailbox,grantee,right,owner,expires\napproved@contoso.example,bob@contoso.example,full_access,it,2999-01-01\n"
    )
    content = "\n".join(json.dumps(granted(number, mailbox)) for number, mailbox in enumerate(boxes)).encode()
    result = replayed({"my export.jsonl": content}, "--vip", vip, "--approved", approved, "--report", page)
    assert (result.code, result.err) == (0, "")
    assert "3 delegations, worst first" in result.out
    order = [result.out.index(f"-> {mailbox}") for mailbox in ("vip@contoso.example", *boxes[::2])]
    assert order == sorted(order)
    assert "evidence: my export.jsonl:3" in result.out
    assert "my export.jsonl:3" in page.read_text(encoding="utf-8")


def _shared(*patterns):
    found = sorted(path for pattern in patterns for path in SHARED.glob(pattern))
    if not found:
        pytest.skip("../shared with its exports is not beside the checkout")
    return found


def test_the_shared_exports_are_read_wholly_and_their_grants_found(replayed):
    files = _shared("exports/dataset/*.csv", "exports/dataset/*.json")
    result = replayed(files, "--json")
    assert (result.code, "0 unreadable" in result.err) == (0, True)
    with_grants = {row["evidence"].rpartition(":")[0] for row in result.rows}
    granting = [
        path.name
        for path in files
        if path.name.startswith(
            ("t1098.002", "t1114.003_Forward", "t1114_Set-Mailbox", "t1562-Set-MailboxAudit")
        )
    ]
    assert set(granting) <= with_grants
    rights = {row["right"] for row in result.rows}
    assert {"full_access", "send_as", "impersonation", "forwarding", "audit_bypass"} <= rights


def test_the_shared_data_sets_and_records_are_read_wholly(replayed):
    result = replayed(_shared("datasets/*/*json", "records/*/*.json"), "--json")
    assert (result.code, "0 unreadable" in result.err) == (0, True)
    rights = {row["right"] for row in result.rows}
    assert {"delegation_switch", "folder", "full_access", "app_mail"} <= rights
    assert len({row["row_id"] for row in result.rows}) == len(result.rows)
