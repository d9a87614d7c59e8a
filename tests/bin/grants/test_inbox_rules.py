"""Inbox rules: those that send mail on or hide it are rows, those that file it are not."""

import json

import pytest
from delegation_watch.grants import grant_rows


def rule(operation="New-InboxRule", **parameters):
    return json.dumps({
        "CreationTime": "2026-03-02T09:13:53", "Id": "bc0b2d0b-9cbe-4b2f-fcfd-000000000001", "Operation": operation,
        "RecordType": 1, "ResultStatus": "True", "UserType": 2, "UserId": "ann@example.com", "ObjectId": "ann\\rule",
        "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"ForwardTo": "bob@example.net"}, [("bob@example.net", "external", "read")]),
        ({"RedirectTo": "bob@example.com"}, [("bob@example.com", "user", "read")]),
        ({"ForwardTo": "smtp:bob@example.net"}, [("bob@example.net", "external", "read")]),
        ({"ForwardAsAttachmentTo": '"Bob" [SMTP:bob@example.net]'}, [("bob@example.net", "external", "read")]),
        ({"ForwardTo": "a@example.net;b@example.net"}, [("a@example.net", "external", "read"),
                                                        ("b@example.net", "external", "read")]),
        ({"DeleteMessage": "True", "From": "hr@example.com"}, [(None, "unknown", "write")]),
        ({"MoveToFolder": "ann@example.com:\\RSS Feeds"}, [(None, "unknown", "write")]),
        ({"MoveToFolder": "Projects", "MarkAsRead": "True"}, []),
        ({"DeleteMessage": "False", "ApplyCategory": "Red"}, []),
    ],
)  # fmt: skip
def test_what_a_rule_does_decides_whether_it_is_told(parameters, expected):
    rows = grant_rows(rule(**parameters))
    assert [(row["grantee"], row["grantee_kind"], row["access"]) for row in rows] == expected
    assert {row["right"] for row in rows} <= {"inbox_rule"}


def test_the_mailbox_is_that_of_the_rule():
    assert grant_rows(rule(DeleteMessage="True"))[0]["mailbox"] == "ann"
    assert grant_rows(rule(DeleteMessage="True", Mailbox="cfo@example.com"))[0]["mailbox"] == "cfo@example.com"


def test_a_rule_that_is_removed_is_taken_back():
    (row,) = grant_rows(rule("Remove-InboxRule", Identity="ann\\1"))
    assert (row["grant_action"], row["access"]) == ("revoke", "none")


def audited(actions, operation="AddMailboxRule"):
    return json.dumps({
        "CreationTime": "2026-03-02T09:13:53", "Id": "1", "Operation": "UpdateInboxRules", "RecordType": 2,
        "ResultStatus": "Succeeded", "UserId": "bob@example.com", "LogonType": 2, "MailboxOwnerUPN": "ann@example.com",
        "OperationProperties": [{"Name": "RuleOperation", "Value": operation}, {"Name": "RuleName"},
                                {"Name": "RuleActions", "Value": actions}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ('[{"ActionType":"Forward","Recipients":["evil@example.net"]}]', [("evil@example.net", "external", "read")]),
        ('[{"ActionType":"Delete"}]', [(None, "unknown", "write")]),
        ('[{"ActionType":"Categorize"}]', []),
    ],
)
def test_a_rule_that_a_delegate_writes_is_told_with_the_owners_mailbox(actions, expected):
    *rows, used = grant_rows(audited(actions))
    assert (used["grant_action"], used["grantee"], used["right"]) == ("use", "bob@example.com", "full_access")
    assert [(row["grantee"], row["grantee_kind"], row["access"]) for row in rows] == expected
    assert all((row["mailbox"], row["logon_type"]) == ("ann@example.com", "delegate") for row in [*rows, used])


def test_actions_that_are_cut_off_are_told():
    row, used = grant_rows(audited('[{"ActionType":"Forw'))
    assert used["grant_action"] == "use"
    assert "RuleActions" in row["parse_error"]
    assert row["right"] == "inbox_rule"
