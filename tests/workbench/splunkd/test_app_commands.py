"""The app's own search commands, each started as a process by the stand-in."""

import json
from pathlib import Path

import pytest

from workbench.splunkd import Splunkd

ROOT = Path(__file__).resolve().parents[3]
RECORD = {
    "CreationTime": "2026-03-01T11:00:00", "Id": "r1", "Operation": "Add-MailboxPermission", "Workload": "Exchange",
    "OrganizationId": "00000000-0000-0000-0000-000000000001", "RecordType": 1, "ResultStatus": "True",
    "UserId": "admin@example.com", "UserKey": "1", "UserType": 2, "ObjectId": "ann@example.com",
    "Parameters": [
        {"Name": "Identity", "Value": "ann@example.com"},
        {"Name": "User", "Value": "bob@example.com"},
        {"Name": "AccessRights", "Value": "FullAccess"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("home"), clock=lambda: 1772366400.0) as running:
        yield running


def test_the_grants_of_a_record_come_out_of_delegationgrants(app):
    (row,) = app.search("| delegationgrants", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert (row["mailbox"], row["grantee"], row["right"]) == ("ann@example.com", "bob@example.com", "full_access")


def test_the_identities_of_a_record_come_out_of_delegationidentities(app):
    rows = app.search("| delegationidentities", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert all(row["id"] for row in rows)


def test_a_grant_gets_its_score_and_reasons_from_delegationrisk(app):
    (row,) = app.search("| delegationgrants | delegationrisk", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert int(row["delegation_score"]) > 0
    assert row["delegation_level"]
