"""What holds for every row: columns, closed lists, time, identity of record and row, keep, evidence."""

import copy
import json

import pytest
from delegation_watch.grants import FIELDS, RIGHTS

from tests.bin.grants.records import (
    EPOCH,
    EVERY_SHAPE,
    FINANCE,
    MOMENT,
    RECORD_ID,
    api_client,
    cmdlet,
    event,
    folder_audit,
    full_access,
    one,
    rows,
    shown,
    workspace,
)


def words(text):
    return set(text.split())


DESIGN = words(
    """
    _time record_id row_id tenant operation evidence provider grant_action right right_native access access_before
    deny inherited inheritance sharing_flags mailbox mailbox_id mailbox_kind folder folder_kind grantee grantee_id
    grantee_kind actor actor_id actor_kind actor_tenant relation src client_app session_id token_id logon_type
    status parse_error
    """
)
CLOSED = {
    "provider": words("exchange_online exchange_server workspace"),
    "grant_action": words("grant change replace revoke use setting snapshot"),
    "right": words(
        "full_access send_as send_on_behalf change_permission change_owner read_permission delete_item "
        "external_account folder gmail_delegate impersonation app_mail role group_member delegation_switch "
        "audit_bypass forwarding inbox_rule sharing_policy unknown"
    ),
    "access": words("none availability read write own send"),
    "grantee_kind": words(
        "user group everyone anonymous guest external application system mailbox_self unknown"
    ),
    "actor_kind": words("user partner application system unknown"),
    "relation": words("owner self_grant third_party"),
    "status": words("success failure"),
}

EVERY = pytest.mark.parametrize("record", EVERY_SHAPE.values(), ids=EVERY_SHAPE)


def test_the_columns_and_the_rights_are_those_of_the_design():
    assert set(FIELDS) == DESIGN
    assert len(FIELDS) == len(DESIGN)
    assert set(RIGHTS) == CLOSED["right"]


@EVERY
def test_every_record_gives_rows_with_all_columns_and_words_of_the_closed_lists(record):
    found = rows(record)
    assert found
    for row in found:
        assert set(row) == set(FIELDS)
        assert not row["parse_error"]
        odd = {name: row[name] for name, words in CLOSED.items() if row[name] not in words}
        assert odd == ({"relation": None} if row["grant_action"] == "use" else {})


@EVERY
def test_reading_is_a_pure_function_of_the_text(record):
    text = json.dumps(record)
    first = rows(text)
    kept = copy.deepcopy(first)
    first[0]["mailbox"] = "changed by the caller"
    assert rows(text) == kept


@EVERY
def test_no_two_rows_of_a_record_share_their_id(record):
    found = rows(record)
    assert len({row["row_id"] for row in found}) == len(found)
    assert len({row["record_id"] for row in found}) == 1
    assert all(row["row_id"] and row["record_id"] for row in found)


@EVERY
def test_where_and_when_a_record_was_read_makes_no_other_row_of_it(record):
    here, there = rows(record, evidence="a.csv:1", time=1.0), rows(record, evidence="b.csv:2", time=2.0)
    assert [row["row_id"] for row in here] == [row["row_id"] for row in there]
    assert {row["evidence"] for row in here} == {"a.csv:1"}


@EVERY
def test_the_order_of_keys_makes_no_other_row_of_a_record(record):
    turned = dict(reversed(list(record.items())))
    assert rows(turned) == rows(record)


def test_the_id_of_a_record_is_its_own():
    assert one(full_access())["record_id"] == RECORD_ID


def test_two_records_with_the_same_content_are_two():
    other = full_access(Id="97fc1f52-4cd1-498b-f05e-08db8b78efd7")
    assert one(other)["row_id"] != one(full_access())["row_id"]


def test_records_without_an_id_are_told_apart_by_their_content():
    first, second = full_access(Id=None), full_access(Id=None, user="jo@example.com")
    del first["Id"], second["Id"]
    assert one(first)["row_id"] == one(first)["row_id"]
    assert one(first)["row_id"] != one(second)["row_id"]
    assert one(first)["record_id"] != one(second)["record_id"]


def test_workspace_records_that_share_time_and_qualifier_are_told_apart_by_their_event():
    first, second = api_client("https://mail.google.com/"), api_client("https://mail.google.com/", client="2")
    assert one(first)["row_id"] != one(second)["row_id"]
    assert one(first)["record_id"] != one(second)["record_id"]


def test_unreadable_records_are_told_apart_by_their_text():
    first, second = rows("{broken")[0], rows("{broken too")[0]
    assert first["row_id"] != second["row_id"]
    assert first["row_id"] == rows("{broken")[0]["row_id"]


TIMES = {
    "as Exchange writes it": MOMENT,
    "with Z": MOMENT + "Z",
    "with a fraction": MOMENT + ".0000000",
    "with fraction and Z": MOMENT + ".000Z",
    "with an offset": "2026-03-02T11:15:30+02:00",
}


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
def test_the_time_is_the_records_own_in_utc(written):
    assert float(one(full_access(CreationTime=written), time=5.0)["_time"]) == EPOCH


def test_the_time_given_with_the_record_is_used_when_it_has_none():
    record = full_access()
    del record["CreationTime"]
    assert float(rows(record, time=1234.5)[0]["_time"]) == 1234.5


@pytest.mark.parametrize("written", [None, "", "yesterday", 7, "2026-13-45T99:99:99", []], ids=repr)
def test_a_time_that_cannot_be_read_does_not_lose_the_grant(written):
    row = rows(full_access(CreationTime=written), time=1234.5)[0]
    assert float(row["_time"]) == 1234.5
    assert shown(row, "mailbox", "right") == (FINANCE, "full_access")


NO_GRANTS = {
    "a sign-in": {"Operation": "UserLoggedIn", "RecordType": 15, "CreationTime": MOMENT, "Id": RECORD_ID},
    "another cmdlet": cmdlet("Set-MailboxPlan", {"Identity": "plan"}),
    "another event": workspace(event("CHANGE_PASSWORD", {"USER_EMAIL": FINANCE}, "USER_SETTINGS")),
}


@pytest.mark.parametrize("record", NO_GRANTS.values(), ids=NO_GRANTS)
def test_a_record_that_is_no_grant_gives_a_row_only_when_it_is_to_be_kept(record):
    assert rows(record) == []
    kept = rows(record, keep=True)
    assert len(kept) == 1
    assert set(kept[0]) == set(FIELDS)
    assert not kept[0]["parse_error"]
    assert kept[0]["operation"]
    assert not kept[0]["right"]
    assert float(kept[0]["_time"]) == pytest.approx(EPOCH, abs=1)


@EVERY
def test_keep_changes_nothing_for_a_grant(record):
    assert rows(record, keep=True) == rows(record)


@pytest.mark.parametrize("name", ["add-mailboxpermission", "ADD-MAILBOXPERMISSION", "Add-MailboxPermission "])
def test_an_operation_is_known_in_any_case(name):
    assert one(full_access(operation=name))["right"] == "full_access"


def test_a_folder_audit_without_a_member_name_is_known_by_its_sid():
    row = one(folder_audit(member="", sid="S-1-5-21-1-2-3-4"))
    assert row["grantee_id"] == "S-1-5-21-1-2-3-4"
