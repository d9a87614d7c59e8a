"""The Directory API: pages, field masks, scopes, customers; and Reports' own faults."""

import pytest
import requests

from tests.workbench.tenants.conftest import HOUR, NOW, Clock, activity
from tests.workbench.tenants.test_workspace import Reports, ask_token, qualifiers
from workbench.tenants.faults import GoogleFaults
from workbench.tenants.plan import Rule
from workbench.tenants.records import milliseconds
from workbench.tenants.service_account import GROUPS, REPORTS, ROLES, USERS
from workbench.tenants.standing import Account, Group, Standing
from workbench.tenants.workspace import Workspace

STAFF = [f"user{number}@x.example" for number in range(7)]
SCOPES = {"users": USERS, "groups": GROUPS, "customer": ROLES}


class Directory:
    """Calls of the Directory API, each with the scope that it needs."""

    def __init__(self, customer):
        self.customer = customer

    def get(self, path, scope=None, sub=None, **query):
        scope = scope or SCOPES[path.split("/")[0]]
        token = ask_token(self.customer, scope=scope, sub=sub or self.customer.subject).json()["access_token"]
        url = f"{self.customer.uri}/admin/directory/v1/{path}"
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(url, params=query, headers=headers, verify=str(self.customer.ca_file), timeout=60)

    def users(self, **query):
        return self.get("users", customer="my_customer", **query)


@pytest.fixture(scope="module")
def still():
    """No test changes it."""
    accounts = [Account(one, "Ada Byron", "workspace", department="Sales", manager=STAFF[0]) for one in STAFF]
    accounts[0].roles = ("_SEED_ADMIN_ROLE", "Helpers")
    accounts[1].roles, accounts[2].roles = ("_HELP_DESK_ADMIN_ROLE",), ("_GROUPS_ADMIN_ROLE", "Auditor")
    accounts[3].aliases = ("third@x.example",)
    accounts[4].roles = ("Somewhere else",)
    groups = [Group("team@x.example", members=[STAFF[1], "inner@x.example", "who@else.example", "*"]),
              Group("inner@x.example"), Group("elsewhere@other.example")]  # fmt: skip
    standing, own = Standing(accounts, groups=groups), {"Auditor": ("reports", "roles")}
    with Workspace([], clock=Clock(), standing=standing, roles=own) as customer:
        yield Directory(customer)


def test_users_come_in_the_order_of_their_addresses_page_by_page(still):
    found, token = [], None
    while True:
        page = still.users(maxResults=3, **({"pageToken": token} if token else {})).json()
        found += [one["primaryEmail"] for one in page["users"]]
        token = page.get("nextPageToken")
        if not token:
            break
    assert found == STAFF


def test_a_user_says_what_the_directory_knows(still):
    user = still.get(f"users/{STAFF[3]}").json()
    assert user["aliases"] == ["third@x.example"]
    assert user["organizations"][0]["department"] == "Sales"
    assert user["relations"] == [{"value": STAFF[0], "type": "manager"}]
    assert (user["isAdmin"], user["suspended"], user["isMailboxSetup"]) == (False, False, True)
    assert user["customerId"] == still.customer.customer
    assert still.get("users/third@x.example").json() == user
    assert still.get("users/nobody@x.example").status_code == 404


def test_a_field_mask_leaves_what_it_names(still):
    page = still.users(maxResults=1, fields="users(primaryEmail,name/fullName)").json()
    assert page == {"users": [{"primaryEmail": STAFF[0], "name": {"fullName": "Ada Byron"}}]}
    assert still.get(f"users/{STAFF[0]}", fields="customerId").json() == {"customerId": still.customer.customer}


@pytest.mark.parametrize("mask", ["people", "users(mail)", "users(id", "users(id),", "users)"])
def test_a_mask_that_names_what_is_not_there_is_refused(still, mask):
    assert still.users(fields=mask).status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"customer": "C0elsewhere"}, 403), ({"customer": ""}, 400), ({"maxResults": 501}, 400),
        ({"maxResults": 0}, 400), ({"pageToken": "nonsense"}, 400), ({"query": "isAdmin=true"}, 501),
        ({"domain": "x.example"}, 501), ({"customer": "my_customer"}, 200),
    ],
)  # fmt: skip
def test_parameters_are_taken_strictly(still, query, status):
    assert still.get("users", **{"customer": "my_customer", **query}).status_code == status


def test_a_page_token_belongs_to_its_listing(still):
    token = still.users(maxResults=3).json()["nextPageToken"]
    assert still.users(maxResults=2, pageToken=token).status_code == 400
    assert still.get("groups", customer="my_customer", pageToken=token).status_code == 400


@pytest.mark.parametrize("path", ["users", "groups", "groups/team@x.example/members", "customer/my_customer/roles"])
def test_each_path_needs_its_own_scope_and_an_administrator(still, path):
    query = {} if "/" in path else {"customer": "my_customer"}
    denied = still.get(path, scope=REPORTS, **query)
    assert (denied.status_code, denied.json()["error"]["errors"][0]["reason"]) == (403, "insufficientPermissions")
    assert still.get(path, sub=STAFF[5], **query).status_code == 403
    assert still.get(path, **query).status_code == 200


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (0, ["users", "groups", "roles", "reports"]), (1, ["users"]), (2, ["users", "groups", "roles", "reports"]),
        (4, []), (5, []),
    ],
)  # fmt: skip
def test_a_role_opens_what_it_has_the_privilege_for_and_no_more(still, who, may):
    asked = {"users": "users", "groups": "groups", "roles": "customer/my_customer/roles"}
    answers = {name: still.get(path, sub=STAFF[who], customer=None if "/" in path else "my_customer")
               for name, path in asked.items()}  # fmt: skip
    reports = Reports(still.customer, sub=STAFF[who])
    answers["reports"] = reports.get()
    reports.close()
    assert [name for name, answer in answers.items() if answer.status_code == 200] == may
    refused = {name: answer.status_code for name, answer in answers.items() if name not in may}
    assert refused == {name: 401 if name == "reports" else 403 for name in refused}


def test_a_group_may_hold_a_role_and_its_derived_members_are_those_of_the_groups_within_it_too():
    groups = [Group("outer@x.example", members=["inner@x.example"], roles=("Helpers",)),
              Group("inner@x.example", members=[STAFF[1], "outer@x.example"])]  # fmt: skip
    admin = Account(STAFF[0], "Ada Byron", "workspace", roles=("_SEED_ADMIN_ROLE",))
    standing = Standing([admin, Account(STAFF[1], "Bo", "workspace")], groups=groups)
    with Workspace([], clock=Clock(), standing=standing) as customer:
        here = Directory(customer)
        given = here.get("customer/my_customer/roleassignments").json()["items"]
        [group] = [one["assignedTo"] for one in given if one["assigneeType"] == "group"]
        direct, derived = (
            {one["email"] for one in here.get(f"groups/{group}/members", **query).json()["members"]}
            for query in ({}, {"includeDerivedMembership": "true"})
        )
    assert (direct, derived - {"outer@x.example"}) == ({"inner@x.example"}, {"inner@x.example", STAFF[1]})


def test_groups_are_those_of_the_customers_domains_and_members_bear_their_kind(still):
    groups = still.get("groups", customer="my_customer").json()["groups"]
    assert [one["email"] for one in groups] == ["inner@x.example", "team@x.example"]
    members = still.get(f"groups/{groups[1]['id']}/members", maxResults=200).json()["members"]
    assert [(one.get("email"), one["type"]) for one in members] == [
        (STAFF[1], "USER"), ("inner@x.example", "GROUP"), ("who@else.example", "EXTERNAL"), (None, "CUSTOMER"),
    ]  # fmt: skip
    assert "members" not in still.get("groups/inner@x.example/members").json()
    assert still.get("groups/none@x.example/members").status_code == 404


def test_roles_and_who_holds_them(still):
    roles = {one["roleId"]: one["roleName"] for one in still.get("customer/my_customer/roles").json()["items"]}
    given = still.get("customer/my_customer/roleassignments").json()["items"]
    admin = still.customer.standing.accounts[STAFF[0]].object_id
    held = [(one["assignedTo"], roles[one["roleId"]]) for one in given]
    assert held[:2] == [(admin, "_SEED_ADMIN_ROLE"), (admin, "Helpers")]
    others = [name for _, name in held[2:]]
    assert others == ["_HELP_DESK_ADMIN_ROLE", "_GROUPS_ADMIN_ROLE", "Auditor", "Somewhere else"]
    assert still.get("customer/C0elsewhere/roles").status_code == 403


def test_faults_of_the_directory():
    accounts = [Account(one, kind="workspace", roles=("_SEED_ADMIN_ROLE",)) for one in STAFF]
    with Workspace([], clock=Clock(), faults=GoogleFaults(page_size=2), standing=Standing(accounts)) as customer:
        directory = Directory(customer)
        token = directory.users(maxResults=500).json()["nextPageToken"]
        customer.faults.stale_pages = True
        assert directory.users(maxResults=500, pageToken=token).status_code == 400
        first, second = Rule("directory/users", "403", after=2, calls=2), Rule("directory/users", "503", after=4)
        customer.faults.plan = [first, second]
        assert [directory.users().status_code for _ in range(3)] == [403, 403, 503]
        customer.faults.plan = [Rule("directory/users", "403")]
        assert directory.users().json()["error"]["errors"][0]["reason"] == "userRateLimitExceeded"


# faults of the Reports API


@pytest.fixture
def reported():
    """Five activities and one of user_accounts, and a client."""
    records = [*(activity(number, 60 + 10 * number) for number in range(5)), activity(9, 60, "user_accounts"),
               activity(8, 50, "gmail")]  # fmt: skip
    with Workspace(records, clock=Clock(), faults=GoogleFaults()) as customer:
        client = Reports(customer)
        yield customer.faults, client
        client.close()


@pytest.mark.parametrize(
    ("word", "seen"),
    [("doubled", ["0", "0", "1", "1", "2", "2", "3", "3", "4", "4"]), ("reordered", ["4", "3", "2", "1", "0"])],
)
def test_pages_can_be_doubled_and_reordered(reported, word, seen):
    faults, client = reported
    faults.plan = [Rule("reports/list", word)]
    assert qualifiers(client.get()) == seen


def test_an_empty_page_can_come_first_and_names_what_was_due(reported):
    faults, client = reported
    faults.plan = [Rule("reports/list", "empty_next")]
    first = client.get()
    assert qualifiers(first) == []
    assert qualifiers(client.get(pageToken=first.json()["nextPageToken"])) == ["0", "1", "2", "3", "4"]


def test_pages_can_go_in_a_circle(reported):
    faults, client = reported
    faults.plan = [Rule("reports/list", "loop")]
    first = client.get().json()["nextPageToken"]
    assert client.get(pageToken=first).json()["nextPageToken"] == first


def test_single_activities_can_come_late(reported):
    faults, client = reported
    faults.plan = [Rule("reports/row", "late:7200", key="2")]
    assert qualifiers(client.get()) == ["0", "1", "3", "4"]
    faults.plan = [Rule("reports/row", "late:600", key="2")]
    assert qualifiers(client.get()) == ["0", "1", "2", "3", "4"]


def test_page_tokens_can_end_and_windows_be_refused(reported):
    faults, client = reported
    token = client.get(maxResults=2).json()["nextPageToken"]
    faults.page_tokens_last = 1
    assert [client.get(maxResults=2, pageToken=token).status_code for _ in range(2)] == [200, 400]
    faults.refused_windows = {NOW - 2 * HOUR}
    assert client.get(startTime=milliseconds(NOW - 3 * HOUR)).status_code == 400
    assert client.get(startTime=milliseconds(NOW - HOUR)).status_code == 200


def test_an_application_without_a_licence_is_403(reported):
    faults, client = reported
    faults.unlicensed = {"gmail"}
    window = {"startTime": milliseconds(NOW - HOUR), "endTime": milliseconds(NOW)}
    assert client.get("gmail", **window).status_code == 403
    faults.unlicensed = set()
    assert qualifiers(client.get("gmail", **window)) == ["8"]


@pytest.mark.parametrize("days", [None, 31])
def test_gmail_needs_both_ends_of_at_most_thirty_days(reported, days):
    _, client = reported
    start = {"startTime": milliseconds(NOW - 31 * 24 * HOUR)}
    window = {**start, "endTime": milliseconds(NOW)} if days else start
    assert client.get("gmail", **window).status_code == 400


def test_what_is_in_user_accounts_is_in_login_too(reported):
    _, client = reported
    [own], [twin] = (client.get(name).json()["items"] for name in ("user_accounts", "login"))
    assert twin["id"] == {**own["id"], "applicationName": "login"}
    assert twin["events"] == own["events"]
