"""What lookups and the state tell of the parties of a row."""

import pathlib

import pytest

from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
GROUP, EMPTY = "access@example.com", "chess@example.com"
STANDING = {"status": "standing", "tenant": "t", "grantee_key": GROUP, "right": "full_access"}
STATE = [
    {**STANDING, "mailbox_key": "payroll@example.com", "access": "own", "delegation_score": 45},
    {**STANDING, "mailbox_key": "press@example.com", "access": "read", "delegation_score": 40},
    {**STANDING, "mailbox_key": "ceo@example.com", "access": "send", "delegation_score": 90, "status": "gone"},
    {**STANDING, "mailbox_key": "ann@example.com", "access": "write", "delegation_score": 15, "grantee_key": EMPTY},
]
PEOPLE = [{"tenant": "t", "identity": "bob@other.example", "kind": "user"}]


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("facts"), clock=lambda: NOW) as running:
        for lookup, rows in (("state", STATE), ("people", PEOPLE)):
            keyed = [{**row, "_key": str(number), "grant_key": str(number)} for number, row in enumerate(rows)]
            running.search(f"| outputlookup append=true key_field=_key delegation_watch_{lookup}", now=NOW, rows=keyed)
        yield running


def told(splunkd, **row):
    given = {"_time": str(NOW), "tenant": "t", "right": "full_access", "grantee_kind": "user", **row}
    return splunkd.search("| `delegation_watch_facts`", now=NOW, rows=[given]).rows[0]


@pytest.mark.parametrize(
    ("mailbox", "kind", "sensitive"),
    [
        ("payroll@example.com", "shared", "true"),
        ("hr@example.com", "shared", "true"),
        ("onboarding@example.com", "shared", None),
        ("chris.payroll@example.com", "user", None),
    ],
)
def test_a_shared_mailbox_says_by_its_name_what_it_is_for(splunkd, mailbox, kind, sensitive):
    assert told(splunkd, mailbox_key=mailbox, mailbox_kind=kind).get("mailbox_sensitive") == sensitive


def test_a_member_is_told_what_the_group_opens_now(splunkd):
    row = told(splunkd, mailbox_key=GROUP, right="group_member", mailbox_kind="group")
    assert (row["group_access"], row.get("group_level"), row["mailbox_sensitive"]) == ("own", None, "true")


def test_a_group_that_sees_calendars_opens_no_mail(splunkd):
    assert told(splunkd, mailbox_key=EMPTY, right="group_member", mailbox_kind="group").get("group_access") is None


def test_rights_on_a_group_s_own_mailbox_are_not_membership(splunkd):
    assert told(splunkd, mailbox_key=GROUP).get("group_access") is None


def test_an_account_that_the_directory_knows_is_no_outsider_whatever_its_domain(splunkd):
    known = told(splunkd, mailbox_key="ann@example.com", grantee_key="bob@other.example", grantee_kind="external")
    assert known["grantee_kind"] == "user"
    other = told(splunkd, mailbox_key="ann@example.com", grantee_key="eve@other.example", grantee_kind="external")
    assert other["grantee_kind"] == "external"
