"""GrantSendOnBehalfTo as an edit, in the forms that PowerShell's syntax allows; no real record backs any of them."""

import json

import pytest
from delegation_watch.grants import grant_rows


def edited(value):
    record = {
        "CreationTime": "2026-03-02T09:13:53", "Id": "1", "Operation": "Set-Mailbox",
        "RecordType": 1, "ResultStatus": "True", "UserType": 2, "UserId": "admin@example.com",
        "Parameters": [{"Name": "Identity", "Value": "cfo@example.com"},
                       {"Name": "GrantSendOnBehalfTo", "Value": value}],
    }  # fmt: skip
    rows = grant_rows(json.dumps(record))
    assert not any(row["parse_error"] for row in rows)
    return [(row["grant_action"], row["grantee"]) for row in rows]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('@{Add="bob@example.com","dan@example.com"}', [("grant", "bob@example.com"), ("grant", "dan@example.com")]),
        ("@{add='bob@example.com','dan@example.com'; remove='carol@example.com'}",
         [("grant", "bob@example.com"), ("grant", "dan@example.com"), ("revoke", "carol@example.com")]),
        ('@{Remove="carol@example.com","dan@example.com"}',
         [("revoke", "carol@example.com"), ("revoke", "dan@example.com")]),
        ('@{Add="bob@example.com, dan@example.com"}', [("grant", "bob@example.com"), ("grant", "dan@example.com")]),
        ("@{Add=bob,dan}", [("grant", "bob"), ("grant", "dan")]),
        ('@{Add=@("bob","dan")}', [("grant", "bob"), ("grant", "dan")]),
        ('{"add": ["bob", "dan"], "remove": ["eve"]}', [("grant", "bob"), ("grant", "dan"), ("revoke", "eve")]),
        ({"Add": ["bob"]}, [("grant", "bob")]),
        ('@{Add="Bob Stone"}', [("grant", "Bob Stone")]),
    ],
)  # fmt: skip
def test_each_name_of_an_edit_is_a_row_of_its_own(value, expected):
    assert edited(value) == expected


def test_a_type_name_in_place_of_a_list_is_told():
    record = {
        "delegation_watch_inventory": "Get-Mailbox",
        "columns": {"UserPrincipalName": "cfo@example.com", "GrantSendOnBehalfTo": "System.Object[]"},
    }
    assert "PowerShell type" in grant_rows(json.dumps(record))[0]["parse_error"]


def test_an_inventory_of_mailboxes_tells_forwarding_too():
    record = {
        "delegation_watch_inventory": "Get-Mailbox",
        "columns": {"UserPrincipalName": "cfo@example.com", "ForwardingSmtpAddress": "smtp:x@example.net"},
    }
    (row,) = grant_rows(json.dumps(record))
    assert (row["right"], row["grantee"], row["grantee_kind"], row["grant_action"]) == (
        "forwarding", "x@example.net", "external", "snapshot")  # fmt: skip


def test_one_id_with_two_contents_gives_two_rows():
    def record(user):
        return json.dumps({
            "CreationTime": "2026-03-02T09:13:53", "Id": "1", "Operation": "Add-MailboxPermission",
            "UserId": "a@example.com",
            "Parameters": [{"Name": "Identity", "Value": "m"}, {"Name": "User", "Value": user},
                           {"Name": "AccessRights", "Value": "FullAccess"}],
        })  # fmt: skip

    assert grant_rows(record("b"))[0]["row_id"] == grant_rows(record("b"))[0]["row_id"]
    assert grant_rows(record("b"))[0]["row_id"] != grant_rows(record("c"))[0]["row_id"]
