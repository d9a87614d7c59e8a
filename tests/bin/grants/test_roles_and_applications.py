"""Impersonation roles, application permissions on mail, consent."""

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    APP_ID,
    APP_NAME,
    APP_OBJECT,
    FULL_ACCESS_AS_APP,
    app_role,
    cmdlet,
    consent,
    entra,
    one,
    rows,
    shown,
)

EVERY_MAILBOX = "*"
IMPERSONATION = ("impersonation", "grant", EVERY_MAILBOX)


def role_group(**parameters):
    return cmdlet("New-RoleGroup", {"Name": "Readers", "Roles": "ApplicationImpersonation", **parameters})


@pytest.mark.parametrize("member", [ALEX, ALEX_ID])
def test_a_role_group_with_impersonation_opens_every_mailbox_to_its_members(member):
    row = one(role_group(Members=member))
    assert shown(row, "right", "grant_action", "mailbox", "grantee") == (*IMPERSONATION, member)
    assert row["right_native"] == "ApplicationImpersonation"


@pytest.mark.parametrize(
    "members", [f"{ALEX},jo@example.com", [ALEX, "jo@example.com"]], ids=["comma list", "list"]
)
def test_each_member_of_the_role_group_has_a_row(members):
    assert [row["grantee"] for row in rows(role_group(Members=members))] == [ALEX, "jo@example.com"]


@pytest.mark.parametrize(
    "roles",
    [
        "Mail Recipients,ApplicationImpersonation",
        "ApplicationImpersonation, Mail Recipients",
        ["Mail Recipients", "ApplicationImpersonation"],
        "applicationimpersonation",
    ],
    ids=["last", "first", "list", "other case"],
)
def test_impersonation_is_found_among_other_roles(roles):
    found = rows(role_group(Roles=roles, Members=ALEX))
    assert [row["grantee"] for row in found if row["right"] == "impersonation"] == [ALEX]


def test_a_role_group_without_members_yet_is_shown_too():
    found = rows(role_group())
    assert [row["right"] for row in found] == ["impersonation"]


@pytest.mark.parametrize("roles", ["View-Only Recipients", "Mail Flow,Distribution Groups"])
def test_a_role_group_that_opens_no_mailbox_gives_no_row(roles):
    assert rows(role_group(Roles=roles, Members=ALEX)) == []


@pytest.mark.parametrize("parameter", ["User", "SecurityGroup", "App"])
def test_a_role_assignment_names_who_may_impersonate(parameter):
    record = cmdlet("New-ManagementRoleAssignment", {"Role": "ApplicationImpersonation", parameter: ALEX_ID})
    assert shown(one(record), "right", "grant_action", "mailbox", "grantee") == (*IMPERSONATION, ALEX_ID)


def test_an_assignment_to_a_group_or_an_application_tells_so():
    group = cmdlet(
        "New-ManagementRoleAssignment", {"Role": "ApplicationImpersonation", "SecurityGroup": "Readers"}
    )
    app = cmdlet("New-ManagementRoleAssignment", {"Role": "Application Mail.Read", "App": APP_ID})
    assert one(group)["grantee_kind"] == "group"
    assert shown(one(app), "grantee", "grantee_kind") == (APP_ID, "application")
    assert one(app)["right"] in ("app_mail", "impersonation")


def test_an_assignment_of_another_role_gives_no_row():
    assert (
        rows(cmdlet("New-ManagementRoleAssignment", {"Role": "View-Only Configuration", "User": ALEX})) == []
    )


@pytest.mark.parametrize(
    ("permission", "access"),
    [
        ("Mail.Read", "read"),
        ("Mail.ReadBasic.All", "read"),
        ("Mail.ReadWrite", "write"),
        ("Mail.Send", "send"),
        ('"Mail.Read"', "read"),
    ],
)
def test_a_mail_permission_of_an_application_reaches_every_mailbox(permission, access):
    row = one(app_role(permission, role_id=""))
    assert shown(row, "right", "grant_action", "mailbox", "grantee", "grantee_kind", "access") == (
        "app_mail", "grant", EVERY_MAILBOX, APP_NAME, "application", access,
    )  # fmt: skip
    assert row["right_native"] == permission.strip('"')
    assert row["grantee_id"] in (APP_OBJECT, APP_ID)


@pytest.mark.parametrize("permission", ["full_access_as_app", ""], ids=["by name", "by id alone"])
def test_full_access_as_app_is_the_strongest(permission):
    row = one(app_role(permission, role_id=FULL_ACCESS_AS_APP))
    assert row["right"] == "app_mail"
    assert row["access"] in ("own", "send")


@pytest.mark.parametrize(
    "permission", ["User.Read.All", "Sites.Read.All", "Directory.ReadWrite.All", "Mailjet.Use"]
)
def test_a_permission_that_is_not_on_mail_gives_no_row(permission):
    assert rows(app_role(permission, role_id="df021288-bdef-4463-88db-98f22de89214")) == []


def test_a_permission_that_is_taken_back_is_a_revoke():
    record = app_role("Mail.Read", operation="Remove app role assignment from service principal.", old=True)
    assert shown(one(record), "grant_action", "right", "grantee") == ("revoke", "app_mail", APP_NAME)


def test_the_closing_period_of_an_operation_does_not_matter():
    with_period, without = (
        one(app_role(operation="Add app role assignment to service principal" + end)) for end in (".", "")
    )
    assert shown(with_period, "right", "grantee") == shown(without, "right", "grantee")


@pytest.mark.parametrize(("written", "status"), [("Success", "success"), ("Failure", "failure")])
def test_a_directory_record_says_whether_it_succeeded(written, status):
    assert one(app_role(ResultStatus=written))["status"] == status


def test_a_user_who_consents_opens_his_own_mailbox():
    row = one(consent("Mail.Read User.Read"))
    assert shown(row, "right", "grant_action", "mailbox", "grantee_kind", "access", "relation") == (
        "app_mail", "grant", ALEX, "application", "read", "owner",
    )  # fmt: skip
    assert row["grantee"] in (APP_NAME, APP_ID)


def test_an_administrator_who_consents_for_all_opens_every_mailbox():
    assert shown(one(consent("Mail.Read", everyone=True)), "mailbox", "access") == (EVERY_MAILBOX, "read")


def test_the_application_of_a_consent_has_its_id():
    assert one(consent("Mail.Read"))["grantee_id"] in (APP_ID, APP_OBJECT)


def test_consent_to_more_permissions_counts_each_on_mail():
    found = rows(consent("openid Mail.Read Mail.Send offline_access"))
    assert " ".join(row["right_native"] for row in found).split() == ["Mail.Read", "Mail.Send"]


def test_consent_without_mail_gives_no_row():
    assert rows(consent("User.Read openid profile offline_access")) == []


def test_a_delegated_permission_grant_tells_scope_and_application():
    properties = {
        "DelegatedPermissionGrant.Scope": "User.Read Mail.ReadWrite",
        "DelegatedPermissionGrant.ConsentType": "AllPrincipals",
        "ServicePrincipal.ObjectID": APP_OBJECT,
        "ServicePrincipal.DisplayName": APP_NAME,
        "ServicePrincipal.AppId": APP_ID,
    }
    row = one(entra("Add delegated permission grant.", properties))
    assert shown(row, "right", "grant_action", "mailbox", "access") == (
        "app_mail",
        "grant",
        EVERY_MAILBOX,
        "write",
    )


@pytest.mark.parametrize("properties", [None, "", ["NotAgentic"], "text", [{"Name": "AppRole.Value"}], {}])
def test_a_permission_without_readable_properties_is_kept(properties):
    found = rows({**app_role(), "ModifiedProperties": properties})
    assert all(row["parse_error"] for row in found)
    assert rows({**app_role(), "ModifiedProperties": properties}, keep=True)


def test_strings_among_actors_and_targets_do_no_harm():
    record = app_role()
    record["Actor"] = ["NotAgentic", *record["Actor"]]
    record["Target"] = ["NotAgentic", *record["Target"]]
    assert one(record) == one(app_role())
