"""What records tell of accounts and mailboxes, and with which operation."""

import json

import pytest
from delegation_watch.identity import ACCOUNT_FIELDS, account_rows

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    EVERY_SHAPE,
    TENANT,
    cmdlet,
    directory_role,
    entra,
    event,
    user_ids,
    workspace,
)
from tests.bin.grants.windows_records import EVERY_EVENT

GUEST = "eve_example.net#EXT#@example.onmicrosoft.com"


def told(record):
    rows = account_rows(record if isinstance(record, str) else json.dumps(record))
    assert all(set(row) == set(ACCOUNT_FIELDS) for row in rows)
    return {(row["identity"], row["fact"], row["value"]) for row in rows}


def on(operation, properties=None, user=ALEX, **fields):
    return entra(operation, properties or {}, target=user_ids(user, ALEX_ID), ObjectId=user, **fields)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (on("Add user."), {("created", "2026-03-02T09:15:30"), ("enabled", "true"), ("deleted", "false")}),
        (on("Disable account."), {("enabled", "false")}),
        (on("Enable account."), {("enabled", "true")}),
        (on("Delete user."), {("deleted", "true"), ("enabled", "false")}),
        (on("Restore user."), {("deleted", "false"), ("enabled", "true")}),
        (on("Invite external user."), {("kind", "guest")}),
        (on("Update user.", {"AccountEnabled": "[\r\n  false\r\n]"}), {("enabled", "false")}),
        (on("Update user.", {"AccountEnabled": "[true]", "Department": '["Finance"]'}),
         {("enabled", "true"), ("department", "Finance")}),
        (on("Update user.", {"StrongAuthenticationMethod": "[]"}), set()),
        (directory_role(), {("privileged", "true")}),
        (directory_role(template="88d8e3e3-8f55-4a1e-953a-9b9898b8876b"), set()),
        (directory_role(operation="Remove member from role."), set()),
        (on("Delete user.", ResultStatus="Failure"), set()),
        (cmdlet("New-Mailbox", {"Shared": "True", "UserPrincipalName": ALEX}), {("mailbox_kind", "shared")}),
        (cmdlet("New-Mailbox", {"Shared": "True", "Name": "x", "PrimarySmtpAddress": ALEX}, ObjectId="x"),
         {("mailbox_kind", "shared")}),
        (cmdlet("New-Mailbox", {"Room": "True", "Name": "x"}, ObjectId=ALEX), {("mailbox_kind", "room")}),
        (cmdlet("Set-Mailbox", {"Identity": ALEX, "Type": "Room"}), {("mailbox_kind", "room")}),
        (cmdlet("Set-Mailbox", {"Identity": ALEX, "Type": "Regular"}), {("mailbox_kind", "user")}),
        (cmdlet("Set-Mailbox", {"Identity": ALEX, "Office": "1"}), set()),
        (workspace(event("SUSPEND_USER", {"USER_EMAIL": ALEX})), {("enabled", "false")}),
        (workspace(event("DELETE_USER", {"USER_EMAIL": ALEX})), {("deleted", "true"), ("enabled", "false")}),
        (workspace(event("ASSIGN_ROLE", {"USER_EMAIL": ALEX, "ROLE_NAME": "_SEED_ADMIN_ROLE"})),
         {("privileged", "true")}),
        (workspace(event("ASSIGN_ROLE", {"USER_EMAIL": ALEX, "ROLE_NAME": "_HELP_DESK_ADMIN_ROLE"})), set()),
    ],
)  # fmt: skip
def test_what_becomes_of_an_account_is_told(record, expected):
    assert told(record) == {(ALEX, fact, value) for fact, value in expected}


def test_a_guest_is_told_by_the_form_of_his_name():
    assert (GUEST, "kind", "guest") in told(on("Add user.", user=GUEST))


def test_facts_carry_time_tenant_and_the_operation_that_shows_them():
    (row,) = account_rows(json.dumps(on("Disable account.")))
    assert (row["_time"], row["tenant"], row["source_operation"]) == (1772442930, TENANT, "Disable account.")


def test_real_records_tell_of_deleted_users_and_administrators(shared):
    found = {}
    for path in sorted((shared / "records/o365").glob("*.json")):
        for row in account_rows(path.read_text(encoding="utf-8").strip()):
            found.setdefault(row["fact"], set()).add(path.name.split("__")[1])
    assert found["deleted"] == {"Delete_user"}
    assert found["privileged"] == {"Add_member_to_role"}


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "x", '{"Operation": []}', *EVERY_EVENT.values()])
def test_what_is_no_such_record_tells_nothing(text):
    assert account_rows(text) == []


@pytest.mark.parametrize("record", EVERY_SHAPE.values(), ids=EVERY_SHAPE)
@pytest.mark.parametrize("operation", ["Add user.", "Update user.", "New-Mailbox", "Delete user."])
def test_no_record_under_another_operations_name_raises(record, operation):
    for row in account_rows(json.dumps({**record, "Operation": operation})):
        assert isinstance(row["identity"], str)
        assert isinstance(row["value"], str)
