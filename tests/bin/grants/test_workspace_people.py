"""Workspace: members of groups, super administrators, and what Gmail's log tells of delegates."""

import json

import pytest

from tests.bin.grants.records import ALEX, FINANCE, HELPDESK, api_call, event, one, rows, shown, workspace


@pytest.mark.parametrize(
    ("name", "parameters", "action"),
    [
        ("ADD_GROUP_MEMBER", {"USER_EMAIL": ALEX, "GROUP_EMAIL": "team@example.com"}, "grant"),
        ("REMOVE_GROUP_MEMBER", {"USER_EMAIL": ALEX, "GROUP_EMAIL": "team@example.com"}, "revoke"),
        ("add_member", {"member_id": ALEX, "group_id": "team@example.com", "member_role": ["member"]}, "grant"),
        ("remove_member", {"member_id": ALEX, "group_id": "team@example.com"}, "revoke"),
    ],
)
def test_members_of_groups_are_told_by_both_logs(name, parameters, action):
    row = one(workspace(event(name, parameters, "GROUP_SETTINGS")))
    assert shown(row, "right", "mailbox", "grantee", "grant_action", "access") == (
        "group_member", "team@example.com", ALEX, action, "none",
    )  # fmt: skip


def test_the_twin_events_of_one_new_member_are_one_row(shared):
    path = shared / "records/workspace/invictus__add_user__1.json"
    found = rows(path.read_text(encoding="utf-8"))
    assert [shown(row, "operation", "right") for row in found] == [("add_member", "group_member")]


@pytest.mark.parametrize(("name", "action"), [("ASSIGN_ROLE", "grant"), ("UNASSIGN_ROLE", "revoke")])
def test_a_super_administrator_can_open_every_mailbox(name, action):
    row = one(workspace(event(name, {"ROLE_NAME": "_SEED_ADMIN_ROLE", "USER_EMAIL": ALEX})))
    assert shown(row, "right", "mailbox", "grantee", "grant_action", "access") == ("role", "*", ALEX, action, "own")


def test_who_makes_himself_administrator_is_told_so():
    row = one(workspace(event("GRANT_ADMIN_PRIVILEGE", {"USER_EMAIL": HELPDESK})))
    assert row["relation"] == "self_grant"


def test_a_real_record_names_who_became_super_administrator(shared):
    path = shared / "records/workspace/invictus__ASSIGN_ROLE__1.json"
    row = one(json.loads(path.read_text(encoding="utf-8")))
    assert shown(row, "right", "grantee") == ("role", "greg@cloud-response.com")


def message(**told):
    """A message of Gmail's log (synthetic: nested as Google documents nested values)."""

    def named(value):
        return [{"name": name, **told_as(inner)} for name, inner in value.items()]

    def told_as(value):
        if isinstance(value, list):
            return {"multiMessageValue": [{"parameter": named(inner)} for inner in value]}
        return {"messageValue": {"parameter": named(value)}} if isinstance(value, dict) else {"value": value}

    return workspace(
        {"type": "delivery_type", "name": "delivery", "parameters": named(told)}, application="gmail", actor=ALEX
    )


def invitation(product="Gmail", kind="2"):
    return message(
        event_info={"mail_event_type": kind},
        message_info={
            "subject": f"Ann Doe has granted you access to their {product} account",
            "source": {"address": "gmail-noreply@example.net"},
            "destination": [{"address": ALEX}],
        },
    )


def test_a_message_that_a_delegate_handled_is_a_use():
    row = one(message(event_info={"client_context": {"session_context": {"delegate_user_email": FINANCE}}}))
    assert shown(row, "grant_action", "right", "mailbox", "grantee", "actor") == (
        "use", "gmail_delegate", ALEX, FINANCE, FINANCE,
    )  # fmt: skip


@pytest.mark.parametrize("product", ["Gmail", "Example University"])
def test_an_invitation_names_the_delegate_and_the_owners_name(product):
    row = one(invitation(product))
    assert shown(row, "grant_action", "right", "right_native", "mailbox", "grantee") == (
        "grant", "gmail_delegate", "invitation", "Ann Doe", ALEX,
    )  # fmt: skip


def test_an_invitation_comes_from_the_owner_whoever_the_mail_is_logged_for():
    row = one(invitation())
    assert shown(row, "actor", "relation", "src") == ("Ann Doe", "owner", None)


def test_an_invitation_may_name_the_delegate_beside_its_subject():
    told = {"mail_event_type": "2", "subject": "Ann Doe has granted you access to their Gmail account", "address": ALEX}
    row = one(message(event_info=told))
    assert shown(row, "mailbox", "grantee", "parse_error") == ("Ann Doe", ALEX, None)


def test_an_invitation_that_is_read_or_deleted_later_is_no_other_grant():
    assert [rows(invitation(kind=kind)) for kind in ("7", "13", "27")] == [[], [], []]


def test_other_messages_give_no_row():
    assert rows(message(message_info={"subject": "Minutes", "destination": {"address": ALEX}})) == []


def test_filters_and_forwarding_addresses_made_by_the_api_are_told():
    assert one(api_call("gmail.users.settings.filters.create"))["right"] == "inbox_rule"
    assert one(api_call("gmail.users.settings.forwardingAddresses.create"))["right"] == "forwarding"
