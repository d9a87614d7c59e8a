"""The sweep through an Entra directory and the stand-in: everyone once, facts as the scores want them."""

import json
import time

import pytest
from delegation_watch.sources.errors import OutError, SourceError
from delegation_watch.sources.exchange_api import ExchangeApi
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.graph_api import GraphApi
from delegation_watch.sources.graph_directory import GraphDirectorySweep
from delegation_watch.sources.http import Http

from tests.bin.sources.ground import token_at
from workbench.tenants import Office365, Rule, Standing
from workbench.tenants.faults import ALL_ROLES
from workbench.tenants.standing import Account, Group

STAFF = [f"user{number:03d}@x.example" for number in range(45)]
ADMIN, SHARED, GUEST, LEAVER = STAFF[0], STAFF[1], "ann_y.example#EXT#@x.example", STAFF[3]
GROUPS = [f"group{number:02d}@x.example" for number in range(25)]


def standing():
    accounts = [Account(one, f"Person {number}", department="Sales", manager=ADMIN, aliases=(f"alias.{one}",))
                for number, one in enumerate(STAFF)]  # fmt: skip
    accounts[0].roles = ("Global Administrator", "Helpdesk Administrator")
    accounts[1].kind = "shared"
    accounts[3].enabled = accounts[3].licensed = False
    groups = [Group(one, f"Group {number}", [STAFF[number]]) for number, one in enumerate(GROUPS)]
    groups[0].members.append(GROUPS[1])
    groups[2].members += STAFF[3:]
    return Standing([*accounts, Account(GUEST, "Ann", "guest", aliases=("ann@y.example",))], groups=groups)


@pytest.fixture
def tenant():
    with Office365(standing=standing()) as running:
        yield running
        assert running.unknown == []


def sweep(tenant):
    http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None)
    graph = GraphApi(http, tenant.graph_root, token_at(http, tenant, tenant.graph_root), sleep=lambda seconds: None)
    exchange = ExchangeApi(http, tenant.exchange_root, tenant.tenant, token_at(http, tenant, tenant.exchange_root))
    return GraphDirectorySweep(graph, exchange, tenant.tenant, "delegation_inventory://x", tenant.client_id)


def read(tenant, state=None):
    return list(sweep(tenant).read(state or {}, 0, time.time()))


def bodies(items, sourcetype="delegation:directory"):
    return [json.loads(one.raw) for one in items if isinstance(one, Event) and one.sourcetype == sourcetype]


def people(items):
    found = bodies(items)
    assert len({one["identity"] for one in found}) == len(found)
    return {one["identity"]: one for one in found}


def closing(items):
    [body] = bodies(items, "delegation:sweep")
    return body


def whole(items):
    return set(people(items)) == {one.lower() for one in (*STAFF, GUEST, *GROUPS)}


def ids(body):
    return {one["id"]: one["kind"] for one in body["ids"]}


def test_everyone_comes_once_with_the_facts_that_scores_want(tenant):
    items = read(tenant)
    assert whole(items)
    known = people(items)
    admin = known[ADMIN]
    assert (admin["kind"], admin["enabled"], admin["privileged"]) == ("user", True, True)
    assert admin["roles"] == ["Global Administrator", "Helpdesk Administrator"]
    assert (admin["department"], admin["mailbox_kind"]) == ("Sales", "user")
    assert known[SHARED]["mailbox_kind"] == "shared"
    assert (known[LEAVER]["enabled"], known[LEAVER]["mailbox_kind"]) == (False, "none")
    assert known[LEAVER]["manager"] == ADMIN
    guest = known[GUEST.lower()]
    assert (guest["kind"], guest["privileged"], ids(guest)["ann@y.example"]) == ("guest", False, "alias")
    assert known[GROUPS[0]]["members"] == [STAFF[0], GROUPS[1]]
    assert known[GROUPS[0]]["nested"] == [GROUPS[1]]
    assert len(known[GROUPS[2]]["members"]) == 43
    assert (closing(items)["status"], closing(items)["kinds"]) == ("complete", ["directory"])


def test_all_names_by_which_an_inventory_may_call_somebody_are_his(tenant):
    account = tenant.standing.accounts[SHARED]
    account.exchange_name = "shared_name"
    names = ids(people(read(tenant))[SHARED])
    assert names[account.object_id] == "guid"
    assert names[account.mailbox_guid] == "mailbox_guid"
    assert (names["shared_name"], names["person 1"], names["alias." + SHARED]) == ("name", "display_name", "alias")


def test_long_lists_stand_at_the_end_of_an_event(tenant):
    for body in people(read(tenant)).values():
        order = list(body)
        assert order.index("ids") > order.index("privileged")
        assert "members" not in order or order.index("members") > order.index("ids")


def test_twenty_groups_share_a_request_for_their_members(tenant):
    read(tenant)
    calls = [one.path for one in tenant.requests]
    assert len([path for path in calls if path.endswith("$batch")]) == 2


def test_pages_are_followed_in_listings_and_in_the_answers_of_a_batch(tenant):
    tenant.faults.exchange_page = 7
    tenant.faults.graph_page = 10
    for account in (f"more{number}@x.example" for number in range(240)):
        tenant.standing.add(Account(account, licensed=False))
        tenant.standing.groups[GROUPS[4]].members.append(account)
    assert len(people(read(tenant))[GROUPS[4]]["members"]) == 241


ONCE = ["401", "429:1", "503", "500", "error_in_200", "html", "truncated", "nothing", "turned", "cut", "reset",
        "gzip_cut", "empty_next", "token_ends"]  # fmt: skip


@pytest.mark.parametrize("word", ONCE)
def test_an_answer_that_goes_wrong_once_costs_nothing_but_another(tenant, word):
    tenant.faults.plan = [Rule("graph/*", word, every=2, tries=1, calls=2 if word == "token_ends" else 0)]
    items = read(tenant)
    assert whole(items)
    assert closing(items)["status"] == "complete"
    assert people(items)[GROUPS[0]]["members"] == [STAFF[0], GROUPS[1]]


def test_answers_of_a_batch_may_come_in_any_order(tenant):
    tenant.faults.plan = [Rule("graph/batch", "reordered")]
    assert people(read(tenant))[GROUPS[7]]["members"] == [STAFF[7]]


@pytest.mark.parametrize(
    ("word", "why"),
    [("404", "HTTP 404"), ("error_in_200", "HTTP 200"), ("turned", "no list"), ("503", "HTTP 503"),
     ("500", "HTTP 500")],
)  # fmt: skip
def test_a_group_whose_members_cannot_be_read_is_named_and_comes_without(tenant, word, why):
    group = tenant.standing.groups[GROUPS[5]].object_id
    tenant.faults.plan = [Rule("graph/members", word, key=f"*{group}*")]
    items = read(tenant)
    [failed] = closing(items)["failed"]
    assert (failed["mailbox"], failed["kind"]) == (GROUPS[5], "directory")
    assert "members" not in people(items)[GROUPS[5]]
    assert closing(items)["status"] == "partial"


def test_a_group_that_keeps_a_whole_batch_from_being_answered_keeps_no_other_group_back(tenant):
    group = tenant.standing.groups[GROUPS[5]].object_id
    tenant.faults.plan = [Rule("graph/batch", "reset_at_once", key=f"*{group}*")]
    assert closing(read(tenant))["failed"] == []
    tenant.faults.plan.append(Rule("graph/members", "reset_at_once", key=f"*{group}*"))
    items = read(tenant)
    [failed] = closing(items)["failed"]
    assert (failed["mailbox"], "cannot reach" in failed["why"]) == (GROUPS[5], True)
    assert [one["identity"] for one in bodies(items) if one["kind"] == "group" and "members" not in one] == [GROUPS[5]]


def test_a_host_that_is_gone_while_groups_are_read_is_not_asked_for_each_of_them(tenant):
    tenant.faults.plan = [Rule("graph/batch", "reset_at_once"), Rule("graph/members", "reset_at_once")]
    items = []
    with pytest.raises(OutError, match="the members of no group can be read at present; the last: cannot reach"):
        items.extend(keeping(sweep(tenant).read({}, 0, time.time()), items))
    paths = [one.path.rpartition("/")[2] for one in tenant.requests]
    assert paths[-10:] == ["$batch", *["members"] * 3 * 3]  # three groups, each three times
    tenant.faults.plan = []
    again = read(tenant, [item for item in items if isinstance(item, Checkpoint)][-1].state)
    assert (closing(again)["status"], closing(again)["failed"]) == ("complete", [])


@pytest.mark.parametrize(
    ("endpoint", "part", "permission"),
    [("graph/users", "users", "User.Read.All"), ("graph/groups", "groups", "GroupMember.Read.All"),
     ("graph/assignments", "roles", "RoleManagement.Read.Directory"), ("exchange/*", "mailboxes", "Global Reader")],
)  # fmt: skip
def test_a_part_that_may_not_be_read_is_named_and_the_others_go_on(tenant, endpoint, part, permission):
    tenant.faults.plan = [Rule(endpoint, "403")]
    items = read(tenant)
    told = closing(items)
    assert [one["part"] for one in told["failed_kinds"]] == [part]
    assert permission in told["failed_kinds"][0]["why"]
    assert told["status"] == "partial"
    assert bodies(items)
    if part in ("roles", "mailboxes"):
        field = "privileged" if part == "roles" else "mailbox_kind"
        assert all(field not in one for one in bodies(items))  # not known, which is not the same as no


def test_who_has_a_role_through_a_group_or_one_within_it_is_privileged(tenant):
    tenant.standing.groups[GROUPS[7]].roles = ("Exchange Administrator",)
    tenant.standing.groups[GROUPS[7]].members.append(GROUPS[8])
    items = read(tenant)
    known = people(items)
    for one in (GROUPS[7], STAFF[7], GROUPS[8], STAFF[8]):
        assert (known[one]["privileged"], known[one]["roles"]) == (True, ["Exchange Administrator"])
    assert (known[STAFF[9]]["privileged"], known[ADMIN]["privileged"]) == (False, True)
    assert closing(items)["status"] == "complete"


@pytest.mark.parametrize(("word", "others", "parts"), [("403", None, ["roles"]), ("404", False, [])])
def test_who_may_have_a_role_through_a_group_that_cannot_be_read_is_not_told_to_have_none(
    tenant, word, others, parts
):
    """A group that is not there has no members."""
    tenant.standing.groups[GROUPS[7]].roles = ("Exchange Administrator",)
    tenant.faults.plan = [Rule("graph/members", word, key="*/transitiveMembers*")]
    items = read(tenant)
    known, told = people(items), closing(items)
    assert {known[one].get("privileged") for one in (ADMIN, GROUPS[7])} == {True}
    assert {known[one].get("privileged") for one in (STAFF[7], STAFF[9])} == {others}
    assert [one["part"] for one in told["failed_kinds"]] == parts
    assert all("GroupMember.Read.All" in one["why"] for one in told["failed_kinds"])


def test_members_whose_names_may_not_be_read_are_not_taken_for_their_ids(tenant):
    """Graph refuses nothing: it leaves the names out."""
    tenant.faults.roles = ("Exchange.ManageAsApp", "GroupMember.Read.All", "RoleManagement.Read.Directory")
    items = read(tenant)
    told = closing(items)
    assert [one["part"] for one in told["failed_kinds"]] == ["users"]
    assert {one["mailbox"] for one in told["failed"]} == set(GROUPS)
    assert "User.Read.All" in told["failed"][0]["why"]
    assert not any("members" in one for one in bodies(items))


def test_a_directory_without_any_user_is_a_part_that_did_not_come():
    with Office365(standing=Standing()) as empty:
        told = closing(read(empty))
    assert [one["part"] for one in told["failed_kinds"]] == ["mailboxes", "users"]
    assert "lists no user at all" in told["failed_kinds"][1]["why"]
    assert told["status"] == "partial"


def test_an_application_without_any_permission_sees_nothing_and_says_so(tenant):
    tenant.faults.roles = tuple(role for role in ALL_ROLES if not role.startswith("Directory"))
    told = closing(read(tenant))
    assert (told["status"], told["kinds"]) == ("failed", [])


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_a_sweep_that_is_cut_off_goes_on(tenant, stop):
    first, state = [], {}
    for item in sweep(tenant).read({}, 0, time.time()):
        if isinstance(item, Checkpoint):
            state, stop = json.loads(json.dumps(item.state)), stop - 1
            if not stop:
                break
        else:
            first.append(item)
    items = [*first, *read(tenant, state)]
    assert {one["identity"] for one in bodies(items)} == {one.lower() for one in (*STAFF, GUEST, *GROUPS)}
    assert len(bodies(items)) == len(STAFF) + 1 + len(GROUPS)


def test_a_service_that_is_out_ends_the_run_not_the_sweep(tenant):
    tenant.faults.plan = [Rule("graph/groups", "503")]
    items = []
    with pytest.raises(SourceError):
        items.extend(keeping(sweep(tenant).read({}, 0, time.time()), items))
    assert bodies(items)
    assert not bodies(items, "delegation:sweep")
    assert [item for item in items if isinstance(item, Checkpoint)][-1].state["part"] == "groups"


def keeping(items, kept):
    for item in items:
        kept.append(item)
    return ()
