"""The searches of dashboards over documents: what Mailbox and Identity tell of groups, and Exposure of orphans."""

import json
import pathlib

import pytest

from workbench.splunkd import Splunkd
from workbench.viewer import views

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
CEO, TEAM, INNER, ANNA, BOB = (f"{name}@a.example" for name in ("ceo", "team", "inner", "anna", "bob"))
# The group of a domain on premises: rows of Windows events have no tenant.
LOCAL, CAT = "finance-admins", "cat"
BIG, BIGGER = "all@a.example", "staff@a.example"
RING, ROUND = "ring@a.example", "round@a.example"  # each a member of the other
BOTH, CLOUD, GMAIL = "both@a.example", "cloud@a.example", "gmail@a.example"  # of two directories, and of one
SWEEPER, BACKUP = "sweeper", "backup"
FINANCE = "finance"  # the name of a group without an address, in two tenants
EVERY = "every mailbox of the organisation"
BASE = {"provider": "exchange_online", "status": "standing", "known_by": "snapshot", "access": "own", "baseline": 1,
        "grantee_kind": "group", "right": "full_access", "delegation_score": 80, "first_seen": NOW}  # fmt: skip
STATE = [
    {**BASE, "tenant": "t", "mailbox_key": CEO, "grantee_key": TEAM},
    {**BASE, "tenant": "t", "mailbox_key": "cfo@a.example", "grantee_key": BIG},
    {**BASE, "tenant": "t", "mailbox_key": "hr@a.example", "grantee_key": ANNA, "grantee_kind": "user"},
    {**BASE, "mailbox_key": "local-box", "grantee_key": LOCAL, "provider": "exchange_server"},
    {**BASE, "tenant": "unread", "mailbox_key": "box@b.example", "grantee_key": "eve@b.example",
     "grantee_kind": "user"},
    {**BASE, "tenant": "t", "mailbox_key": CEO, "grantee_key": "left@a.example", "grantee_kind": "user"},
    {**BASE, "tenant": "t", "mailbox_key": "it@a.example", "grantee_key": RING},
    *({**BASE, "tenant": tenant, "mailbox_key": "*", "grantee_key": app, "right": "app_mail",
       "grantee_kind": "application"} for tenant, app in (("office", SWEEPER), ("google", BACKUP))),
    *({**BASE, "tenant": tenant, "mailbox_key": f"{box}@{tenant}", "grantee_key": FINANCE}
      for tenant, box in (("a.example", "pay"), ("b.example", "ceo"), ("b.example", "hr"))),
    {**BASE, "tenant": "google", "mailbox_key": BOTH, "grantee_key": GMAIL, "grantee_kind": "user"},
]  # fmt: skip
MEMBERS = [
    ("t", TEAM, CEO), ("t", INNER, CEO),
    ("t", TEAM, INNER), ("t", TEAM, BOB), ("t", INNER, ANNA), ("-", LOCAL, CAT), ("t", BIG, BIGGER),
    ("a.example", FINANCE, "ann@a.example"), ("b.example", FINANCE, "inner|ring"),
    ("b.example", "inner|ring", "bea@b.example"), ("a.example", "inner|ring", "other@a.example"),
    ("t", RING, ROUND), ("t", ROUND, RING), ("t", ROUND, BOB),
    *(("t", BIG, f"{number}@a.example") for number in range(999)),
    *(("t", BIGGER, f"s{number}@a.example") for number in range(998)),
]  # fmt: skip
PEOPLE = [{"tenant": "t", "identity": ANNA, "kind": "user", "enabled": "true", "source": "inventory"},
          {"tenant": "t", "identity": CEO, "kind": "user", "mailbox_kind": "user", "enabled": "true",
           "source": "inventory"},
          *({"tenant": tenant, "identity": who, "kind": "user", "enabled": "true", "source": "inventory"}
            for tenant, who in (("office", BOTH), ("google", BOTH), ("office", CLOUD), ("google", GMAIL))),
          # What Learn accounts writes from a record: no directory of this tenant was read.
          {"tenant": "unread", "identity": "box@b.example", "kind": "user", "enabled": "true",
           "source": "Add user."}]  # fmt: skip


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("ways"), clock=lambda: NOW) as running:
        members = [
            {"tenant": tenant, "group": group, "member": member, "status": "standing", "last_seen": NOW}
            for tenant, group, member in MEMBERS
        ]
        for name, documents in (("state", STATE), ("members", members), ("people", PEOPLE)):
            rows = [{**row, "_key": str(at), "grant_key": str(at)} for at, row in enumerate(documents)]
            running.search(f"| outputlookup append=true key_field=_key delegation_watch_{name}", rows=rows)
        yield running


def shown(splunkd, view, source, **tokens):
    """The rows of a dashboard's search, the tokens given as Splunk's filter `s` writes them."""
    sources = views(ROOT)[f"delegation_watch_{view}"].definition["dataSources"]
    options = sources[source]["options"]
    query = options["query"]
    if "extend" in options:
        query = sources[options["extend"]]["options"]["query"] + query
    for name, value in tokens.items():
        query = query.replace(f"${name}|s$", json.dumps(value))
    return splunkd.search(query, earliest="0").rows


def ways(splunkd, mailbox):
    return {(row["Delegate"], row["Through"]) for row in shown(splunkd, "mailbox", "ds_ways", mailbox=mailbox)}


def opened(splunkd, identity):
    return {(row["Mailbox"], row["Through"]) for row in shown(splunkd, "identity", "ds_open", identity=identity)}


def test_who_gets_in_through_a_group_and_through_one_within_it(splunkd):
    assert ways(splunkd, CEO.upper()) == {
        (TEAM, "directly"), (BOB, f"group {TEAM}"), (INNER, f"group {TEAM}"), (ANNA, f"group {INNER} in {TEAM}"),
        ("left@a.example", "directly"),
    }  # fmt: skip


def test_members_of_a_group_that_has_no_tenant_are_shown(splunkd):
    assert ways(splunkd, "local-box") == {(LOCAL, "directly"), (CAT, f"group {LOCAL}")}


def test_what_opens_every_mailbox_opens_those_of_its_own_tenant(splunkd):
    """An organisation with two clouds has one address in two directories."""
    assert ways(splunkd, BOTH) == {(SWEEPER, EVERY), (BACKUP, EVERY), (GMAIL, "directly")}
    assert (ways(splunkd, CLOUD), ways(splunkd, GMAIL)) == ({(SWEEPER, EVERY)}, {(BACKUP, EVERY)})
    assert {who for who, _ in ways(splunkd, CEO)} & {SWEEPER, BACKUP} == set()


def test_the_history_of_a_mailbox_has_what_opens_every_one_of_its_own_tenant(splunkd):
    given = [
        {"_time": str(NOW), "tenant": row["tenant"], "mailbox_key": row["mailbox_key"], "grant_action": "grant",
         "grantee_key": row["grantee_key"], "right": row["right"], "access": "own", "status": "success"}
        for row in STATE if "tenant" in row
    ]  # fmt: skip
    query = views(ROOT)["delegation_watch_mailbox"].definition["dataSources"]["ds_rows"]["options"]["query"]
    query = query.replace("`delegation_watch_history` |", "|", 1)
    for mailbox, delegates in ((BOTH, {SWEEPER, BACKUP, GMAIL}), (CLOUD, {SWEEPER}), (GMAIL, {BACKUP})):
        found = splunkd.search(query.replace("$mailbox|s$", json.dumps(mailbox)), rows=given).rows
        assert {row["Delegate"] for row in found} == delegates


def test_the_owner_of_a_mailbox_is_no_delegate_of_it_through_a_group(splunkd):
    """Else the one who owns it counts as one more way in."""
    assert CEO not in {who for who, _ in ways(splunkd, CEO)}
    assert opened(splunkd, CEO) == set()


def test_groups_that_are_in_each_other_are_told_once(splunkd):
    found = shown(splunkd, "mailbox", "ds_ways", mailbox="it@a.example")
    assert sorted((row["Delegate"], row["Through"]) for row in found) == [
        (BOB, f"group {ROUND} in {RING}"), (RING, "directly"), (ROUND, f"group {RING}"),
    ]  # fmt: skip


@pytest.mark.parametrize("mailbox", ["*", ""])
def test_all_mailboxes_together_are_shown_without_members(splunkd, mailbox):
    assert len(shown(splunkd, "mailbox", "ds_ways", mailbox=mailbox)) == len(STATE)


def test_a_group_of_which_not_all_members_may_be_shown_says_so(splunkd):
    through = [row["Through"] for row in shown(splunkd, "mailbox", "ds_ways", mailbox="cfo@a.example")]
    assert sorted(set(through)) == ["directly", f"group {BIG} (1,000 members or more)", f"group {BIGGER} in {BIG}"]
    assert len(through) == 1 + 1000 + 998


def test_what_somebody_opens_through_groups(splunkd):
    assert opened(splunkd, ANNA) == {("hr@a.example", "directly"), (CEO, f"a group in {TEAM}")}
    assert opened(splunkd, BOB) == {(CEO, f"group {TEAM}"), ("it@a.example", f"a group in {RING}")}
    assert opened(splunkd, CAT) == {("local-box", f"group {LOCAL}")}
    assert opened(splunkd, "nobody@a.example") == set()


def test_a_group_of_the_same_name_in_another_tenant_is_another_group(splunkd):
    assert opened(splunkd, "ann@a.example") == {("pay@a.example", f"group {FINANCE}")}
    assert opened(splunkd, "bea@b.example") == {
        (f"{box}@b.example", f"a group in {FINANCE}") for box in ("ceo", "hr")
    }  # fmt: skip
    assert opened(splunkd, "other@a.example") == set()
    most = shown(splunkd, "exposure", "ds_most", provider="*")
    assert {(row["Kind"], int(row["Mailboxes"])) for row in most if row["Delegate"] == FINANCE} == {
        ("group of a.example", 1), ("group of b.example", 2),
    }  # fmt: skip
    assert {row["Kind"] for row in most if row["Delegate"] != FINANCE} == {"group", "user", "application"}
    flow = shown(splunkd, "exposure", "ds_flow", provider="*")
    assert {row["Delegate"]: int(row["Mailboxes"]) for row in flow if row["Delegate"].split()[0] == FINANCE} == {
        f"{FINANCE} of a.example": 1, f"{FINANCE} of b.example": 2,
    }  # fmt: skip


def test_every_right_that_stands_is_opened_by_somebody(splunkd):
    assert opened(splunkd, "*") == {
        (row["mailbox_key"], "every mailbox" if row["mailbox_key"] == "*" else "directly") for row in STATE
    }


def test_a_row_of_what_somebody_opens_carries_no_list_of_groups(splunkd):
    """Nor are all members read for it: the lookup finds the groups of one."""
    query = views(ROOT)["delegation_watch_identity"].definition["dataSources"]["ds_open"]["options"]["query"]
    assert "inputlookup append=true delegation_watch_members" not in query
    assert "values(" not in query


def test_a_delegate_whom_the_directory_does_not_know_is_an_orphan_where_a_directory_was_read(splunkd):
    rows = splunkd.search("| `delegation_watch_state` | `delegation_watch_exposed` | where isnotnull(orphan)").rows
    assert [(row["grantee_key"], row["orphan"]) for row in rows] == [
        ("left@a.example", "the directory does not know the delegate")
    ]


def test_the_list_of_a_tenants_people_is_not_read_for_each_delegation():
    text = (ROOT / "default" / "macros.conf").read_text(encoding="utf-8")
    assert "delegation_watch_people tenant OUTPUT" not in text
