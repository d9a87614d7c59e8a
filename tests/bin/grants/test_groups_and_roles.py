"""Members of groups, directory roles, role groups, scopes: who comes to hold a right without being given it by name."""

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    APP_ID,
    APP_NAME,
    APP_OBJECT,
    FINANCE,
    HELPDESK,
    TENANT,
    cmdlet,
    directory_role,
    group_change,
    one,
    rows,
    shown,
)

MEMBER = ("mailbox", "grantee", "grant_action", "right_native")


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("Add-DistributionGroupMember", {"Identity": "team", "Member": ALEX}, [("team", ALEX, "grant", "member")]),
        ("Remove-DistributionGroupMember", {"Identity": "team", "Member": ALEX}, [("team", ALEX, "revoke", "member")]),
        (
            "Update-DistributionGroupMember",
            {"Identity": "team", "Members": f"{ALEX},{HELPDESK}"},
            [("team", ALEX, "replace", "member"), ("team", HELPDESK, "replace", "member")],
        ),
        (
            "Add-UnifiedGroupLinks",
            {"Identity": "team", "LinkType": "Owners", "Links": ALEX},
            [("team", ALEX, "grant", "owner")],
        ),
        ("Add-UnifiedGroupLinks", {"Identity": "team", "LinkType": "Subscribers", "Links": ALEX}, []),
        (
            "Add-DistributionGroupMember",
            {"Identity": "team", "Member": "CN=Alex,OU=Sales,DC=example,DC=com"},
            [("team", "CN=Alex,OU=Sales,DC=example,DC=com", "grant", "member")],
        ),
    ],
)
def test_members_of_exchange_groups_are_told_with_their_group(operation, parameters, expected):
    found = rows(cmdlet(operation, parameters))
    assert [shown(row, *MEMBER) for row in found] == expected
    assert {(row["right"], row["mailbox_kind"], row["access"]) for row in found} <= {("group_member", "group", "none")}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("Add member to group.", ("Finance team", ALEX, "grant", "member")),
        ("Remove member from group.", ("Finance team", ALEX, "revoke", "member")),
        ("Add owner to group.", ("Finance team", ALEX, "grant", "owner")),
    ],
)
def test_members_of_directory_groups_are_told_with_their_ids(operation, expected):
    row = one(group_change(operation))
    assert shown(row, *MEMBER) == expected
    assert shown(row, "grantee_id", "grantee_kind") == (ALEX_ID, "user")
    assert row["mailbox_id"] == "7c1a2b3d-0000-4000-8000-9e8d7c6b5a41"


def test_a_directory_role_that_can_give_itself_every_mailbox_is_told_by_its_template():
    row = one(directory_role())
    assert shown(row, "right", "right_native", "access") == ("role", "Exchange Administrator", "own")
    assert shown(row, "grantee", "mailbox") == (ALEX, "*")


def test_a_role_that_is_taken_away_is_told_by_its_old_value():
    row = one(directory_role(operation="Remove member from role."))
    assert shown(row, "grant_action", "right_native") == ("revoke", "Exchange Administrator")


def test_a_directory_role_without_a_way_to_mail_gives_no_row():
    assert rows(directory_role(template="88d8e3e3-8f55-4a1e-953a-9b9898b8876b")) == []


@pytest.mark.parametrize(
    ("group", "access"),
    [
        ("Organization Management", "own"),
        ("Discovery Management", "read"),
        ("eDiscoveryManager", "read"),
        ("Ours", "read"),
    ],
)
def test_members_of_a_role_group_get_what_the_group_can_do(group, access):
    row = one(cmdlet("Add-RoleGroupMember", {"Identity": group, "Member": ALEX}))
    assert shown(row, "right", "right_native", "access", "grantee") == ("role", group, access, ALEX)


def test_a_role_group_that_reaches_no_mail_gives_no_row():
    assert rows(cmdlet("Add-RoleGroupMember", {"Identity": "Hygiene Management", "Member": ALEX})) == []


def test_an_ediscovery_administrator_reads_every_mailbox():
    row = one(cmdlet("Add-eDiscoveryCaseAdmin", {"User": ALEX}))
    assert shown(row, "right", "mailbox", "access", "grantee") == ("role", "*", "read", ALEX)


@pytest.mark.parametrize(
    ("role", "right", "access"),
    [
        ("Application Mail.Read", "app_mail", "read"),
        ("Application Mail Full Access", "app_mail", "send"),
        ("Our own role", "app_mail", "read"),
    ],
)
def test_a_role_given_to_an_application_is_told_even_when_it_is_the_organisations_own(role, right, access):
    row = one(cmdlet("New-ManagementRoleAssignment", {"App": APP_OBJECT, "Role": role, "CustomResourceScope": "VIPs"}))
    assert shown(row, "right", "access", "grantee_id", "grantee_kind") == (right, access, APP_OBJECT, "application")
    assert row["inheritance"] == "VIPs"


def test_a_copy_of_a_role_that_opens_mailboxes_is_told_and_confers_nothing_yet():
    row = one(cmdlet("New-ManagementRole", {"Name": "Helper", "Parent": "ApplicationImpersonation"}))
    assert shown(row, "right", "access", "grant_action") == ("impersonation", "none", "setting")
    assert "Helper" in row["right_native"]


@pytest.mark.parametrize(
    ("operation", "access"),
    [("New-ManagementScope", "none"), ("Set-ManagementScope", "read"), ("Remove-ManagementScope", "none")],
)
def test_a_changed_scope_may_reach_more_mailboxes(operation, access):
    row = one(cmdlet(operation, {"Identity": "VIPs", "RecipientRestrictionFilter": "Name -like '*'"}))
    assert shown(row, "right", "access", "mailbox") == ("role", access, "*")
    assert "Name -like '*'" in row["right_native"]


def test_an_assignment_whose_scope_changes_is_told_by_its_name():
    given = {"Identity": "Reader of mail", "CustomResourceScope": "Everyone"}
    row = one(cmdlet("Set-ManagementRoleAssignment", given))
    assert shown(row, "grant_action", "right", "right_native", "inheritance") == (
        "change", "role", "Reader of mail", "Everyone",
    )  # fmt: skip


@pytest.mark.parametrize("nothing", ["", "$null"])
def test_a_scope_that_is_taken_away_leaves_no_limit(nothing):
    given = {"Identity": "Application Mail.Read-Sync", "CustomResourceScope": nothing}
    row = one(cmdlet("Set-ManagementRoleAssignment", given))
    assert shown(row, "grant_action", "right", "inheritance") == ("change", "app_mail", "none")


def test_the_longest_role_that_an_assignments_name_begins_with_is_its_role():
    given = {"Identity": "Application Mail.ReadWrite-Sync"}
    assert one(cmdlet("Remove-ManagementRoleAssignment", given))["right_native"] == "application mail.readwrite"


@pytest.mark.parametrize(
    ("operation", "parameters", "access"),
    [
        ("Remove-ApplicationAccessPolicy", {"Identity": f"{TENANT}\\{APP_ID}:S-1-5-21-1;{ALEX_ID}"}, "read"),
        (
            "New-ApplicationAccessPolicy",
            {"AppId": APP_ID, "AccessRight": "RestrictAccess", "PolicyScopeGroupId": "g"},
            "none",
        ),
    ],
)
def test_an_access_policy_that_is_removed_lets_the_application_into_every_mailbox(operation, parameters, access):
    row = one(cmdlet(operation, parameters))
    assert shown(row, "right", "access", "grantee", "grantee_kind") == ("app_mail", access, APP_ID, "application")


def test_an_application_that_exchange_gets_to_know_has_nothing_yet():
    given = {"AppId": APP_ID, "ObjectId": APP_OBJECT, "DisplayName": APP_NAME}
    row = one(cmdlet("New-ServicePrincipal", given))
    assert shown(row, "grantee", "grantee_id", "grantee_kind", "access") == (
        APP_NAME,
        APP_OBJECT,
        "application",
        "none",
    )


@pytest.mark.parametrize("operation", ["Set-DistributionGroup", "Set-UnifiedGroup", "Set-DynamicDistributionGroup"])
def test_send_on_behalf_of_a_group_is_a_grant_on_the_group(operation):
    row = one(cmdlet(operation, {"Identity": FINANCE, "GrantSendOnBehalfTo": ALEX}))
    assert shown(row, "right", "mailbox_kind", "grantee") == ("send_on_behalf", "group", ALEX)


@pytest.mark.parametrize("name", ["Add-MailboxPermission", "New-MailboxExportRequest"])
def test_a_role_that_gains_a_cmdlet_that_opens_mailboxes_is_told(name):
    row = one(cmdlet("Add-ManagementRoleEntry", {"Identity": f"Help Desk\\{name}", "Parameters": "Identity,User"}))
    assert shown(row, "right", "mailbox", "grant_action", "access") == ("role", "*", "change", "own")
    assert row["right_native"] == f"Help Desk gains {name}"


def test_a_role_that_gains_another_cmdlet_gives_no_row():
    assert rows(cmdlet("Add-ManagementRoleEntry", {"Identity": "Help Desk\\Get-Mailbox"})) == []
