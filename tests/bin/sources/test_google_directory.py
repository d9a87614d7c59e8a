"""Facts on a Workspace customer's users and groups, part by part; a part that may not be read is named."""

import base64
import json
from urllib.parse import parse_qs

import pytest
import requests
from delegation_watch.sources import google
from delegation_watch.sources.directory_sweep import TOGETHER
from delegation_watch.sources.errors import OutError, SourceError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.google_directory import GoogleDirectorySweep
from delegation_watch.sources.http import Http
from delegation_watch.sources.sweep import ATTEMPTS
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import NOW, Answer, Vendor, attempted

ROOT, TOKEN = "https://admin.test/admin/directory/v1", "https://oauth.test/token"
USERS, GROUPS = f"{ROOT}/users", f"{ROOT}/groups"
ROLES, GIVEN = f"{ROOT}/customer/my_customer/roles", f"{ROOT}/customer/my_customer/roleassignments"
KEY = {"client_email": "dw@p.iam.gserviceaccount.com", "private_key": "-", "token_uri": TOKEN, "client_id": "1234"}
USER = {
    "id": "101", "primaryEmail": "Ada@x.example", "aliases": ["A.Lovelace@x.example"],
    "nonEditableAliases": ["ada@x.example.test-google-a.com"], "name": {"fullName": "Ada Lovelace"},
    "suspended": False, "archived": False, "creationTime": "2020-01-02T03:04:05.000Z", "isAdmin": False,
    "isDelegatedAdmin": False, "isMailboxSetup": True, "agreedToTerms": True, "orgUnitPath": "/Research",
    "relations": [{"value": "x@x.example", "type": "assistant"}, {"value": "Boss@x.example", "type": "manager"}],
    "organizations": [{"title": "Old", "department": "Old"}, {"department": "Research", "primary": True}],
}  # fmt: skip
GROUP = {"id": "0g1", "email": "Team@x.example", "name": "The team"}
OTHER = {"id": "0g2", "email": "other@x.example", "name": "Others"}


@pytest.fixture(autouse=True)
def no_signing(monkeypatch):
    def unsigned(claims, pem, kid):
        return "h." + base64.b64encode(json.dumps(claims).encode()).decode() + ".s"

    monkeypatch.setattr(google, "jwt_rs256", unsigned)


class Directory:
    """A Vendor laid out as a directory: one user, one group of one member, one role that nobody holds."""

    def __init__(self):
        self.vendor = Vendor()
        self.refused = {}
        self.vendor.on("POST", TOKEN, self._token)
        self.vendor.on("GET", f"{USERS}/admin@x.example", Answer({"customerId": "C42"}))
        self.vendor.on("GET", USERS, Answer({"users": [USER]}))
        self.vendor.on("GET", GROUPS, Answer({"groups": [GROUP]}))
        self.members("0g1", {"email": "Ada@x.example", "type": "USER"})
        for customer in ("my_customer", "C42"):
            roles = [{"roleId": "7", "roleName": "_SEED_ADMIN_ROLE"}]
            self.vendor.on("GET", ROLES.replace("my_customer", customer), Answer({"items": roles}))
            self.vendor.on("GET", GIVEN.replace("my_customer", customer), Answer({"items": []}))

    def _token(self, call):
        claims = json.loads(base64.b64decode(parse_qs(call.body)["assertion"][0].split(".")[1]))
        scope = claims["scope"].rpartition("/")[2]
        if scope in self.refused:
            return Answer({"error": "unauthorized_client", "error_description": "not authorized"}, 401)
        return Answer({"access_token": scope, "expires_in": 3599})

    def members(self, group, *members):
        self.vendor.on("GET", f"{GROUPS}/{group}/members", Answer({"members": list(members)} if members else {}))

    def sweep(self, customer=""):
        session = requests.Session()
        session.mount("https://", self.vendor)
        http = Http(session=session, sleep=lambda seconds: None)
        return GoogleDirectorySweep(http, "https://admin.test", KEY, "admin@x.example", "delegation_inventory://x",
                                    customer, clock=lambda: NOW, sleep=lambda seconds: None)  # fmt: skip

    def read(self, state=None, **given):
        return list(self.sweep(**given).read(state or {}, 0, NOW))


@pytest.fixture
def directory():
    return Directory()


def facts(items, subject):
    found = [json.loads(item.raw) for item in items
             if isinstance(item, Event) and item.sourcetype == "delegation:directory"]  # fmt: skip
    return [one for one in found if one["delegation_watch_directory"] == subject]


def closing(items):
    [event] = [item for item in items if isinstance(item, Event) and item.sourcetype == "delegation:sweep"]
    return json.loads(event.raw)


def forbidden(reason="forbidden"):
    return Answer({"error": {"code": 403, "message": "no", "errors": [{"reason": reason}]}}, 403)


def test_a_user_comes_with_everything_that_scoring_needs(directory):
    items = directory.read()
    [user] = facts(items, "user")
    assert user == {
        "delegation_watch_directory": "user", "time": "2026-11-20T12:00:00.000Z", "tenant": "C42",
        "sweep": closing(items)["delegation_watch_sweep"], "identity": "ada@x.example",
        "ids": [{"id": "101", "kind": "profile_id"}, {"id": "a.lovelace@x.example", "kind": "alias"},
                {"id": "ada@x.example.test-google-a.com", "kind": "alias"}],
        "display_name": "Ada Lovelace", "kind": "user", "roles": [], "privileged": False, "enabled": True,
        "created": "2020-01-02T03:04:05.000Z", "mailbox_kind": "user", "org_unit": "/Research",
        "department": "Research", "manager": "boss@x.example", "agreed_to_terms": True,
    }  # fmt: skip
    assert list(user)[-2:] == ["roles", "ids"]  # however long, they hide nothing from Splunk, which extracts in order


def test_what_is_not_known_of_a_user_is_left_out(directory):
    directory.vendor.on("GET", USERS, Answer({"users": [{"id": "1", "primaryEmail": "a@x.example"}]}))
    [user] = facts(directory.read(), "user")
    assert not {"department", "manager", "mailbox_kind", "created", "display_name"} & set(user)
    assert user["enabled"] is True


@pytest.mark.parametrize("state", ["suspended", "archived"])
def test_a_user_who_is_suspended_or_archived_is_not_enabled(directory, state):
    directory.vendor.on("GET", USERS, Answer({"users": [{**USER, state: True}]}))
    assert facts(directory.read(), "user")[0]["enabled"] is False


@pytest.mark.parametrize("flag", ["isAdmin", "isDelegatedAdmin"])
def test_an_administrator_is_privileged_by_his_own_flag(directory, flag):
    directory.vendor.on("GET", USERS, Answer({"users": [{**USER, flag: True}]}))
    assert facts(directory.read(), "user")[0]["privileged"] is True


def test_a_role_makes_a_user_or_a_group_privileged_and_is_named(directory):
    given = [{"roleId": "7", "assignedTo": "101"}, {"roleId": "8", "assignedTo": "0g1", "assigneeType": "group"}]
    directory.vendor.on("GET", GIVEN, Answer({"items": given}))
    items = directory.read()
    [user], [group] = facts(items, "user"), facts(items, "group")
    assert (user["privileged"], user["roles"]) == (True, ["_SEED_ADMIN_ROLE"])
    assert (group["privileged"], group["roles"]) == (True, ["8"])  # a role that is not listed keeps its id


def test_a_group_comes_with_its_members_those_that_are_groups_and_everyone(directory):
    directory.members("0g1", {"email": "Ada@x.example", "type": "USER"}, {"email": "Sub@x.example", "type": "GROUP"},
                      {"email": "who@else.example", "type": "EXTERNAL"}, {"id": "C42", "type": "CUSTOMER"})  # fmt: skip
    [group] = facts(directory.read(), "group")
    assert group["identity"] == "team@x.example"
    assert group["members"] == ["ada@x.example", "sub@x.example", "who@else.example"]
    assert (group["nested"], group["everyone"], group["kind"]) == (["sub@x.example"], True, "group")
    assert group["ids"] == [{"id": "0g1", "kind": "profile_id"}]


def test_members_are_read_page_by_page_and_an_empty_group_has_none(directory):
    pages = {None: {"members": [{"email": "a@x.example"}], "nextPageToken": "p"},
             "p": {"members": [{"email": "b@x.example"}]}}  # fmt: skip
    directory.vendor.on("GET", GROUPS, Answer({"groups": [GROUP, OTHER]}))
    directory.vendor.on("GET", f"{GROUPS}/0g1/members", lambda call: Answer(pages[call.query.get("pageToken")]))
    directory.members("0g2")
    assert [one["members"] for one in facts(directory.read(), "group")] == [["a@x.example", "b@x.example"], []]


def test_each_part_is_asked_for_with_the_least_scope_and_the_largest_page(directory):
    directory.read()
    asked = {call.url: call for call in directory.vendor.calls}
    assert {url: call.headers["Authorization"] for url, call in asked.items() if url != TOKEN} == {
        USERS: "Bearer admin.directory.user.readonly",
        f"{USERS}/admin@x.example": "Bearer admin.directory.user.readonly",
        GROUPS: "Bearer admin.directory.group.readonly",
        f"{GROUPS}/0g1/members": "Bearer admin.directory.group.readonly",
        ROLES: "Bearer admin.directory.rolemanagement.readonly",
        GIVEN: "Bearer admin.directory.rolemanagement.readonly",
    }
    sizes = {url: call.query["maxResults"] for url, call in asked.items() if "maxResults" in call.query}
    assert sizes == {USERS: "500", GROUPS: "200", f"{GROUPS}/0g1/members": "200", ROLES: "100", GIVEN: "200"}
    assert asked[USERS].query["customer"] == asked[GROUPS].query["customer"] == "my_customer"


def test_the_sweep_closes_as_complete(directory):
    told = closing(directory.read(customer="C42"))
    assert (told["status"], told["kinds"], told["tenant"]) == ("complete", ["directory"], "C42")
    assert (told["failed"], told["failed_kinds"]) == ([], [])
    assert told["requests"] == len([call for call in directory.vendor.calls if call.url != TOKEN])


@pytest.mark.parametrize(
    ("scope", "part", "left"),
    [
        ("admin.directory.user.readonly", "users", {"group"}),
        ("admin.directory.group.readonly", "groups", {"user"}),
        ("admin.directory.rolemanagement.readonly", "roles", {"user", "group"}),
    ],
)
def test_a_missing_scope_fails_its_own_part_and_is_named(directory, scope, part, left):
    directory.refused = {scope}
    items = directory.read(customer="C42")
    told = closing(items)
    [failed] = told["failed_kinds"]
    assert (told["status"], failed["kind"], failed["part"]) == ("partial", "directory", part)
    assert scope in failed["why"]
    assert {subject for subject in ("user", "group") if facts(items, subject)} == left


def test_without_roles_nobodys_roles_are_told_but_his_own_flag_still_is(directory):
    directory.vendor.on("GET", ROLES, forbidden())
    directory.vendor.on("GET", USERS, Answer({"users": [{**USER, "isAdmin": True}, {**USER, "id": "2"}]}))
    items = directory.read()
    assert [one["privileged"] for one in facts(items, "user")] == [True, False]
    assert not any("roles" in one for one in facts(items, "user"))
    assert not any("privileged" in one for one in facts(items, "group"))


def test_with_neither_users_nor_groups_the_sweep_has_failed(directory):
    directory.refused = {"admin.directory.user.readonly", "admin.directory.group.readonly"}
    items = directory.read()
    assert closing(items)["status"] == "failed"
    assert items[-1] == Checkpoint({})


@pytest.mark.parametrize("answer", [{}, {"users": []}, {"users": "none"}])
def test_a_directory_without_any_user_is_a_part_that_did_not_come(directory, answer):
    directory.vendor.on("GET", USERS, Answer(answer))
    items = directory.read()
    [failed] = closing(items)["failed_kinds"]
    assert (closing(items)["status"], failed["part"]) == ("partial", "users")
    assert "subject himself would have to be listed" in failed["why"]
    assert len(facts(items, "group")) == 1


def test_a_directory_without_any_group_is_whole(directory):
    directory.vendor.on("GET", GROUPS, Answer({}))
    assert closing(directory.read())["status"] == "complete"


def test_a_group_whose_members_cannot_be_read_is_named_and_comes_without_members(directory):
    directory.vendor.on("GET", GROUPS, Answer({"groups": [GROUP, OTHER]}))
    directory.vendor.on("GET", f"{GROUPS}/0g2/members", Answer({"error": {"code": 404, "message": "gone"}}, 404))
    items = directory.read()
    one, two = facts(items, "group")
    assert one["members"] == ["ada@x.example"]
    assert "members" not in two
    assert [entry["mailbox"] for entry in closing(items)["failed"]] == ["other@x.example"]


def two_pages(directory):
    users = {None: {"users": [USER], "nextPageToken": "p"}, "p": {"users": [{**USER, "primaryEmail": "b@x.example"}]}}
    directory.vendor.on("GET", USERS, lambda call: Answer(users[call.query.get("pageToken")]))


def test_a_sweep_that_is_cut_off_goes_on_at_the_page_where_it_was(directory):
    two_pages(directory)
    sweep = directory.sweep().read({}, 0, NOW)
    state = next(item.state for item in sweep if isinstance(item, Checkpoint))
    sweep.close()
    items = directory.read(json.loads(json.dumps(state)))
    assert [one["identity"] for one in facts(items, "user")] == ["b@x.example"]
    assert closing(items)["delegation_watch_sweep"] == state["sweep"]


def test_one_that_was_cut_off_before_its_closing_only_closes(directory):
    states = [item.state for item in directory.read() if isinstance(item, Checkpoint)]
    items = directory.read(states[-2])
    assert [type(item) for item in items] == [Event, Checkpoint]
    assert closing(items)["delegation_watch_sweep"] == states[-2]["sweep"]


def test_a_page_token_that_is_taken_no_longer_starts_the_part_over(directory):
    two_pages(directory)
    state = next(item.state for item in directory.read() if isinstance(item, Checkpoint))
    first = iter([Answer({"error": {"code": 400, "message": "Invalid Input: pageToken"}}, 400)])
    users = {None: {"users": [USER]}}
    directory.vendor.on("GET", USERS, lambda call: next(first, None) or Answer(users[call.query.get("pageToken")]))
    items = directory.read(state)
    assert [one["identity"] for one in facts(items, "user")] == ["ada@x.example"]
    assert closing(items)["status"] == "complete"


@pytest.mark.parametrize("out", [Broken("down"), Answer("", 503), forbidden("quotaExceeded")])
@pytest.mark.parametrize("url", [USERS, GROUPS, ROLES])
def test_a_service_that_is_out_ends_the_run_and_closes_nothing(directory, url, out):
    directory.vendor.on("GET", url, out)
    items = []
    with pytest.raises(SourceError) as caught:
        items.extend(directory.sweep().read({}, 0, NOW))
    assert isinstance(caught.value, UnreachableError) or caught.value.status in (403, 503)
    assert not [item for item in items if isinstance(item, Event) and item.sourcetype == "delegation:sweep"]


OUT = [Broken("down"), Answer("", 503), forbidden("quotaExceeded")]


@pytest.mark.parametrize("out", OUT)
def test_a_group_that_has_no_answer_is_named_and_keeps_the_others_back_no_longer(directory, out):
    directory.vendor.on("GET", GROUPS, Answer({"groups": [OTHER, GROUP]}))
    directory.vendor.on("GET", f"{GROUPS}/0g2/members", out)
    items = directory.read()
    two, one = facts(items, "group")
    assert ("members" in two, one["members"]) == (False, ["ada@x.example"])
    assert [entry["mailbox"] for entry in closing(items)["failed"]] == ["other@x.example"]
    assert closing(items)["status"] == "partial"


@pytest.mark.parametrize("out", OUT)
def test_many_groups_of_which_none_has_an_answer_are_asked_for_again(directory, out):
    many = [{"id": f"0g{number}", "email": f"group{number}@x.example"} for number in range(45)]
    directory.vendor.on("GET", GROUPS, Answer({"groups": many}))
    for one in many:
        directory.vendor.on("GET", f"{GROUPS}/{one['id']}/members", out)
    items = []
    with pytest.raises(OutError, match="the members of no group can be read at present"):
        items.extend(until_error(directory.sweep().read({}, 0, NOW), items))
    asked = {call.url for call in directory.vendor.calls if call.url.endswith("/members")}
    assert len(asked) == TOGETHER
    for one in many:
        directory.members(one["id"], {"email": "ada@x.example"})
    again = directory.read([item.state for item in items if isinstance(item, Checkpoint)][-1])
    assert (closing(again)["failed"], closing(again)["status"]) == ([], "complete")
    assert len(facts(again, "group")) == 45


@pytest.mark.parametrize("out", OUT)
@pytest.mark.parametrize(("url", "part"), [(USERS, "users"), (GROUPS, "groups"), (GIVEN, "roles")])
def test_a_part_without_an_answer_is_tried_in_several_attempts_and_then_named_and_left(directory, url, part, out):
    directory.vendor.on("GET", url, out)
    items, ended = attempted(directory.sweep(), ATTEMPTS)
    told = closing(items)
    assert ended == ATTEMPTS - 1
    assert ([one["part"] for one in told["failed_kinds"]], told["status"]) == ([part], "partial")


def until_error(items, kept):
    for item in items:
        kept.append(item)
    return ()
