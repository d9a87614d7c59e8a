"""Microsoft Graph's directory: objects, options, pages, permissions, batches."""

import uuid

import pytest

from tests.workbench.tenants.microsoft import ADA, APP, BEN, GUEST, INFO, Client, running
from workbench.tenants import Rule
from workbench.tenants.applications import GRAPH_API
from workbench.tenants.entra import EXCHANGE, GRAPH
from workbench.tenants.standing import Account


@pytest.fixture
def tenant():
    with running() as made:
        yield made


@pytest.fixture
def client(tenant):
    with Client(tenant) as made:
        yield made


@pytest.fixture(scope="module")
def still():
    """A client of a tenant that no test changes."""
    with running() as made, Client(made, GRAPH) as client:
        yield client


def value(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


def names(answer, name="userPrincipalName"):
    return [row[name] for row in value(answer)]


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


# objects


def test_users_come_with_the_default_properties(still):
    found = value(still.graph("users"))
    assert [row["userPrincipalName"] for row in found] == [ADA, BEN, INFO, GUEST]
    assert "accountEnabled" not in found[0]
    assert found[0]["givenName"] == "Ada"


def test_users_come_with_the_properties_that_are_selected(still):
    wanted = "id,userType,accountEnabled,department,createdDateTime,proxyAddresses"
    found = value(still.graph("users", select=wanted))
    assert set(found[0]) == set(wanted.split(","))
    assert [(row["userType"], row["accountEnabled"]) for row in found] == [
        ("Member", True),
        ("Member", False),
        ("Member", False),
        ("Guest", True),
    ]
    assert found[0]["createdDateTime"].endswith("Z")


def test_managers_come_with_the_users_when_they_are_expanded(still):
    found = value(still.graph("users", select="id,userPrincipalName", expand="manager($select=id,userPrincipalName)"))
    assert found[0]["manager"]["userPrincipalName"] == BEN
    assert set(found[0]["manager"]) == {"@odata.type", "id", "userPrincipalName"}
    assert "manager" not in found[1]


def test_a_user_and_his_manager_can_be_asked_for(still):
    number = still.graph(f"users/{ADA}").json()["id"]
    assert still.graph(f"users/{number}", select="displayName").json() == {"displayName": "Ada Lund"}
    assert still.graph(f"users/{number}/manager").json()["userPrincipalName"] == BEN
    assert error(still.graph(f"users/{BEN}/manager")) == (404, "Request_ResourceNotFound")
    assert error(still.graph("users/nobody")) == (404, "Request_ResourceNotFound")


def test_a_users_sid_is_made_from_his_object_id(still):
    row = value(still.graph("users", select="id,securityIdentifier"))[0]
    parts = [int(part) for part in row["securityIdentifier"].split("-")[4:]]
    raw = b"".join(part.to_bytes(4, "little") for part in parts)
    assert str(uuid.UUID(bytes_le=raw)) == row["id"]


def test_users_can_be_filtered(still):
    assert names(still.graph("users", filter="userType eq 'Guest'")) == [GUEST]
    assert names(still.graph("users", filter="accountEnabled eq false")) == [BEN, INFO]


def test_groups_and_their_members_of_every_kind(still):
    team, inner = value(still.graph("groups", select="id,displayName,mail"))
    assert (team["displayName"], inner["mail"]) == ("Team", "inner@x.example")
    members = value(still.graph(f"groups/{team['id']}/members"))
    kinds = [row["@odata.type"].rsplit(".", 1)[1] for row in members]
    assert kinds == ["user", "group"]
    through = value(still.graph(f"groups/{team['id']}/transitiveMembers", select="id,displayName"))
    assert [row["displayName"] for row in through] == ["Ada Lund", "Inner", "Ben Moss"]


def test_groups_that_hold_each_other_end(client, tenant):
    tenant.standing.groups["inner@x.example"].members.append("team@x.example")
    team = value(client.graph("groups"))[0]["id"]
    assert len(value(client.graph(f"groups/{team}/transitiveMembers"))) == 4


def test_roles_name_their_holders_users_and_applications(still):
    roles = {row["displayName"]: row for row in value(still.graph("directoryRoles"))}
    assert roles["Global Administrator"]["roleTemplateId"] == "62e90394-69f5-4237-9190-012177145e10"
    members = value(still.graph(f"directoryRoles/{roles['Global Administrator']['id']}/members"))
    assert [row["userPrincipalName"] for row in members] == [ADA]
    members = value(still.graph(f"directoryRoles/{roles['Exchange Administrator']['id']}/members"))
    assert [row["@odata.type"] for row in members] == ["#microsoft.graph.servicePrincipal"]


def test_assignments_bear_their_principals_when_they_are_expanded(still):
    path = "roleManagement/directory/roleAssignments"
    assert "principal" not in value(still.graph(path))[0]
    found = value(still.graph(path, expand="principal"))
    roles = value(still.graph("roleManagement/directory/roleDefinitions"))
    definitions = {row["id"]: row["displayName"] for row in roles}
    assert [(definitions[row["roleDefinitionId"]], row["principal"]["displayName"]) for row in found] == [
        ("Global Administrator", "Ada Lund"),
        ("Exchange Administrator", "Archive"),
    ]
    assert found[0]["principalId"] == found[0]["principal"]["id"]


def test_service_principals_are_listed_and_filtered(still):
    assert names(still.graph("servicePrincipals", select="appId"), "appId") == [APP]
    assert value(still.graph("servicePrincipals", filter="appId eq 'other'")) == []


# pages and options


def test_pages_are_followed_by_their_link_which_keeps_the_options(still):
    first = still.graph("users", top=3, select="userPrincipalName")
    second = still.graph(first.json()["@odata.nextLink"])
    assert names(first) + names(second) == [ADA, BEN, INFO, GUEST]
    assert set(value(second)[0]) == {"userPrincipalName"}
    assert "@odata.nextLink" not in second.json()


def test_what_is_asked_for_is_no_more_than_an_upper_bound(client, tenant):
    tenant.faults.graph_page = 2
    first = client.graph("users", top=999)
    assert (names(first), "@odata.nextLink" in first.json()) == ([ADA, BEN], True)
    assert names(client.graph("users", top=1)) == [ADA]


def test_a_page_has_100_objects_999_where_asked_and_100_again_with_something_expanded(client, tenant):
    for number in range(1200):
        tenant.standing.add(Account(f"more{number}@x.example", licensed=False))
    asked = [{}, {"top": 999}, {"top": 999, "expand": "manager($select=userPrincipalName)"}]
    assert [len(value(client.graph("users", **options))) for options in asked] == [100, 999, 100]


@pytest.mark.parametrize("word", ["endless", "loop", "empty_next"])
def test_pages_can_be_strange(client, tenant, word):
    tenant.faults.plan = [Rule("graph/users", word)]
    first = client.graph("users")
    second = client.graph(first.json()["@odata.nextLink"])
    assert bool(value(first)) == (word != "empty_next")
    assert len(value(second)) == 4
    assert ("@odata.nextLink" in second.json()) == (word != "empty_next")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"top": 0}, "Request_UnsupportedQuery"),
        ({"top": 1000}, "Request_UnsupportedQuery"),
        ({"select": "id,shoeSize"}, "BadRequest"),
        ({"skiptoken": "mine"}, "Directory_ExpiredPageToken"),
    ],
)
def test_a_wrong_option_is_400(still, options, code):
    assert error(still.graph("users", **options)) == (400, code)


@pytest.mark.parametrize(
    "options",
    [{"search": '"a"'}, {"orderby": "id"}, {"filter": "startswith(id,'a')"}, {"expand": "memberOf"}, {"count": "true"}],
)
def test_an_option_that_is_not_built_is_501(client, tenant, options):
    assert client.graph("users", **options).status_code == 501
    assert len(tenant.unknown) == 1


def test_a_resource_that_is_not_built_is_501(client):
    assert client.graph("sites").status_code == 501
    assert client.graph("users", version="v2.0").status_code == 501


# who asks


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("users", "User.Read.All"),
        ("groups", "GroupMember.Read.All"),
        ("directoryRoles", "RoleManagement.Read.Directory"),
        ("servicePrincipals", "Application.Read.All"),
    ],
)
def test_each_resource_has_its_own_least_permission(path, least):
    with running(roles=(least,)) as tenant, Client(tenant) as client:
        for other in ("users", "groups", "directoryRoles", "servicePrincipals"):
            answer = client.graph(other)
            assert answer.status_code == (200 if other == path else 403)
            assert other == path or answer.json()["error"]["code"] == "Authorization_RequestDenied"


def test_of_a_member_that_may_not_be_read_type_and_id_alone_come(still):
    team = value(still.graph("groups"))[0]["id"]
    path, wanted = f"groups/{team}/members", "id,userPrincipalName,displayName"
    whole = value(still.graph(path, select=wanted))
    with running(roles=("GroupMember.Read.All",)) as tenant, Client(tenant) as client:
        some = value(client.graph(path, select=wanted))
    assert [(row["@odata.type"], row["id"]) for row in some] == [(row["@odata.type"], row["id"]) for row in whole]
    users = [row for row in some if row["@odata.type"].endswith(".user")]
    assert users
    assert {(row["userPrincipalName"], row["displayName"]) for row in users} == {(None, None)}


def test_a_token_that_is_missing_foreign_or_ended_is_401(client, tenant):
    with Client(tenant, EXCHANGE) as foreign:
        assert "Invalid audience" in foreign.graph("users").json()["error"]["message"]
    assert client.graph("users").status_code == 200
    tenant.faults.skew = 4000
    assert "the token is expired" in client.graph("users").json()["error"]["message"]
    client.session.auth = None
    assert error(client.graph("users")) == (401, "InvalidAuthenticationToken")


# batches


def batch(client, *urls, **more):
    parts = [{"id": str(number), "method": "GET", "url": url, **more} for number, url in enumerate(urls)]
    return client.session.post(f"{client.tenant.graph_root}/v1.0/$batch", json={"requests": parts})


def test_a_batch_answers_each_of_its_requests(still):
    answer = batch(still, "/users?$select=id&$top=1", f"/users/{ADA}", "/users/nobody")
    parts = {part["id"]: part for part in answer.json()["responses"]}
    assert len(parts["0"]["body"]["value"]) == 1
    assert parts["1"]["body"]["displayName"] == "Ada Lund"
    assert (parts["2"]["status"], parts["2"]["body"]["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_one_part_of_a_batch_can_be_throttled(client, tenant):
    tenant.faults.plan = [Rule("graph/user", "429:3", key=f"*{BEN}*")]
    first, second = batch(client, f"/users/{ADA}", f"/users/{BEN}").json()["responses"]
    assert first["status"] == 200
    assert (second["status"], second["headers"]["Retry-After"]) == (429, "3")


def test_the_parts_may_be_answered_in_another_order(client, tenant):
    tenant.faults.plan = [Rule("graph/batch", "reordered")]
    assert [part["id"] for part in batch(client, "/users", "/groups").json()["responses"]] == ["1", "0"]


@pytest.mark.parametrize("count", [0, 21])
def test_a_batch_holds_one_to_twenty_requests(still, count):
    assert error(batch(still, *["/users"] * count)) == (400, "BadRequest")


def test_what_a_batch_cannot_do_here_is_501(client):
    assert batch(client, "/users", dependsOn=["9"]).status_code == 501


# applications and what they may do


def test_who_holds_an_apis_permissions_is_told(tenant, client):
    tenant.standing.applications[0].permissions = ("Mail.Read", "full_access_as_app")
    found = value(client.graph(f"servicePrincipals(appId='{GRAPH_API}')/appRoleAssignedTo"))
    roles = client.graph(f"servicePrincipals(appId='{GRAPH_API}')", select="id,appRoles").json()
    names = {role["id"]: role["value"] for role in roles["appRoles"]}
    held = {(row["principalDisplayName"], names[row["appRoleId"]]) for row in found}
    assert (tenant.standing.applications[0].display_name, "Mail.Read") in held
    assert not [name for _, name in held if name.startswith(("full_access", "Exchange.", "ActivityFeed."))]
    assert {row["resourceId"] for row in found} == {roles["id"]}


def test_an_api_that_the_tenant_has_not_is_not_found(still):
    place = "servicePrincipals(appId='00000000-0000-0000-0000-00000000000f')"
    assert error(still.graph(place)) == (404, "Request_ResourceNotFound")
    assert error(still.graph(place + "/appRoleAssignedTo")) == (404, "Request_ResourceNotFound")


def test_consents_need_directory_read_all_and_tell_whose_they_are(tenant, client):
    tenant.standing.applications[0].consents = {"": "Mail.Send", ADA: "Mail.Read"}
    everybody, one = value(client.graph("oauth2PermissionGrants"))
    assert (everybody["consentType"], everybody["principalId"]) == ("AllPrincipals", None)
    assert (everybody["scope"], one["scope"]) == ("Mail.Send", "Mail.Read")
    ada = client.graph(f"users/{ADA}", select="id").json()["id"]
    assert (one["consentType"], one["principalId"], one["clientId"]) == ("Principal", ada, everybody["clientId"])


def test_without_it_they_are_refused():
    with running(roles=("Application.Read.All",)) as poor, Client(poor) as asking:
        assert error(asking.graph("oauth2PermissionGrants")) == (403, "Authorization_RequestDenied")
        assert value(asking.graph(f"servicePrincipals(appId='{GRAPH_API}')/appRoleAssignedTo"))
