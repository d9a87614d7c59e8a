"""The made-up records have the shapes of real ones, as each client leaves them."""


import pytest

from tests.workbench.tenants.conftest import as_json, bodies, parameters

# clients write differently

EAC = "497effe9-df71-4043-a8bb-14cf78c4b63b"
ADMIN_CENTER = "00000006-0000-0ff1-ce00-000000000000"
POWERSHELL = "fb78d390-0c51-40cd-8e17-fdbfab77341b"
ADMIN_CLIENTS = {
    EAC: ("object_id", ["Identity", "User", "AccessRights", "InheritanceType"]),
    ADMIN_CENTER: ("dn", ["Identity", "User", "AccessRights"]),
    POWERSHELL: ("upn", ["Identity", "AccessRights", "User", "InheritanceType"]),
}


@pytest.mark.parametrize("app_id", ADMIN_CLIENTS)
def test_each_admin_client_has_its_own_order_and_identity(organisation, app_id):
    form, order = ADMIN_CLIENTS[app_id]
    known = {person["object_id"] for person in organisation.people} | {p["upn"] for p in organisation.people}
    for body in bodies(organisation, "Add-MailboxPermission", AppId=app_id):
        given = parameters(body)
        if "Deny" not in given:
            assert list(given) == order
        if form == "dn":
            assert "/Microsoft Exchange Hosted Organizations/" in given["User"]
            assert body["ClientIP"].startswith("[2a01:111:")
            assert body["SessionId"] == ""
        else:
            assert {given["Identity"], given["User"]} <= known
            assert ("@" in given["User"]) == (form == "upn")
            assert body["SessionId"]


# real shapes: operation, a condition on ours, the real record whose keys it must have
REAL_SHAPES = [
    ("Add-MailboxPermission", {"UserType": 3}, "deteng__Add-MailboxPermission__1.json"),
    ("Add-MailboxPermission", {"AppId": POWERSHELL}, "deteng__Add-MailboxPermission__2.json"),
    ("Add-MailboxPermission", {"AppId": EAC}, "deteng__Add-MailboxPermission__3.json"),
    ("Add-MailboxPermission", {"AppId": ADMIN_CENTER}, "deteng__Add-MailboxPermission__2.json"),
    ("Add-RecipientPermission", {"AppId": POWERSHELL}, "deteng__Add-RecipientPermission__1.json"),
    ("Set-Mailbox", {"AppId": EAC}, "deteng__Set-Mailbox__1.json"),
    ("Set-MailboxAuditBypassAssociation", {}, "deteng__Set-MailboxAuditBypassAssociation__1.json"),
    ("Set-MailboxPlan", {}, "plaso__Set-MailboxPlan__1.json"),
    ("New-InboxRule", {"AppId": "00000002-0000-0ff1-ce00-000000000000"}, "deteng__New-InboxRule__4.json"),
    ("ModifyFolderPermissions", {"UserType": 0}, "splunkesc__ModifyFolderPermissions__1.json"),
    ("MailItemsAccessed", {}, "splunkesc__MailItemsAccessed__1.json"),
    ("UserLoggedIn", {}, "deteng__UserLoggedIn__1.json"),
    ("UserLoginFailed", {}, "deteng__UserLoginFailed__1.json"),
    ("Reset user password.", {}, "deteng__Reset_user_password__1.json"),
    ("Update user.", {}, "deteng__Update_user__1.json"),
]


@pytest.mark.parametrize(("operation", "wanted", "name"), REAL_SHAPES)
def test_records_have_exactly_the_keys_and_types_of_a_real_one(organisation, shared, operation, wanted, name):
    real = as_json(shared / "records" / "o365" / name)
    ours = bodies(organisation, operation, **wanted)
    assert ours
    for body in ours:
        assert set(body) == set(real)
        assert {key: type(value) for key, value in body.items()} == {k: type(v) for k, v in real.items()}


def test_a_real_set_mailbox_plan_has_our_parameters_in_our_order(organisation, shared):
    real = as_json(shared / "records" / "o365" / "plaso__Set-MailboxPlan__1.json")
    assert list(parameters(bodies(organisation, "Set-MailboxPlan")[0])) == list(parameters(real))


REAL_ACTIVITIES = [
    ("admin", "CREATE_USER", "invictus__CREATE_USER__1.json"),
    ("admin", "AUTHORIZE_API_CLIENT_ACCESS", "invictus__AUTHORIZE_API_CLIENT_ACCESS__1.json"),
    (
        "admin",
        "CHANGE_EMAIL_SETTING",
        "scubagoggles__CHANGE_EMAIL_SETTING__ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN__1.json",
    ),
    (
        "admin",
        "CHANGE_APPLICATION_SETTING",
        "scubagoggles__CHANGE_APPLICATION_SETTING__MailDelegation_mail_delegation_desired__1.json",
    ),
    ("login", "login_success", "invictus__SAMEID_login_success__1.json"),
]


@pytest.mark.parametrize(("application", "event", "name"), REAL_ACTIVITIES)
def test_activities_have_the_keys_of_a_real_one(organisation, shared, application, event, name):
    real = as_json(shared / "records" / "workspace" / name)
    newer = {"networkInfo"} if application == "admin" and "scubagoggles" not in name else set()
    ours = [b for b in organisation.workspace_activities(application) if b["events"][0]["name"] == event]
    assert ours
    for body in ours:
        assert set(body) - newer == set(real)
        assert set(body["actor"]) == set(real["actor"])
        got, wanted = body["events"][0], real["events"][0]
        assert got["type"] == wanted["type"]
        assert [p["name"] for p in got["parameters"]] == [p["name"] for p in wanted["parameters"]]
        assert [set(p) for p in got["parameters"]] == [set(p) for p in wanted["parameters"]]
