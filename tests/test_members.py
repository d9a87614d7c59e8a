"""Who is a member of which group that can open a mailbox."""

from scripts.content import App
from tests.standing import (
    ANNA,
    CEO,
    DAY,
    MINUTE,
    NOW,
    ROOT,
    cmdlet,
    full_access,
)


def test_members_of_groups_are_no_delegations_that_stand(tenant):
    tenant.records(NOW, cmdlet(1, NOW, "Add-DistributionGroupMember", Identity="team@example.com", Member=ANNA))
    assert tenant.state() == {}


def test_members_are_kept_of_groups_that_open_a_mailbox_and_of_those_within_them(tenant):
    tenant.records(NOW, full_access(1, NOW, CEO, "team@example.com"))
    tenant.groups(NOW + DAY, team=["anna", "inner"], inner=["bob"], other=["cleo", "team"])
    assert tenant.members() == ["inner: bob", "other: team", "team: anna", "team: inner"]
    leaves = cmdlet(2, NOW + 2 * DAY, "Remove-DistributionGroupMember", Identity="team@example.com", Member=ANNA)
    joins = cmdlet(3, NOW + 2 * DAY, "Add-DistributionGroupMember", Identity="inner@example.com", Member=ANNA)
    tenant.records(NOW + 2 * DAY, leaves, joins)
    tenant.keep_members(NOW + 2 * DAY + 10 * MINUTE)
    assert tenant.members() == ["inner: anna", "inner: bob", "other: team", "team: inner"]


def test_a_group_within_one_that_opens_nothing_keeps_no_people(tenant):
    """Only that it is within: a grant to the outer one makes it a way into a mailbox."""
    tenant.groups(NOW, outer=["mid", "anna"], mid=["inner", "bob"], inner=["cleo"])
    assert tenant.members() == ["mid: inner", "outer: mid"]
    tenant.records(NOW + DAY, full_access(1, NOW + DAY, CEO, "outer@example.com"))
    tenant.groups(NOW + 2 * DAY, outer=["mid", "anna"], mid=["inner", "bob"], inner=["cleo"])
    assert tenant.members() == ["mid: bob", "mid: inner", "outer: anna", "outer: mid"]


def test_who_a_later_sweep_does_not_see_in_a_group_has_left_it_unless_it_could_not_be_read(tenant):
    tenant.records(NOW, full_access(1, NOW, CEO, "team@example.com"))
    tenant.groups(NOW + DAY, team=["anna", "bob"])
    tenant.groups(NOW + 2 * DAY, team=None)
    assert tenant.members() == ["team: anna", "team: bob"]
    tenant.groups(NOW + 3 * DAY, team=["bob"])
    assert tenant.members() == ["team: bob"]
    tenant.groups(NOW + 4 * DAY, team=[])
    assert tenant.members() == []


def test_a_group_whose_members_could_not_be_read_keeps_them_whatever_it_is_called(tenant):
    """Its event has no list of members, and yet the word: in its address."""
    group = "members-ceo@example.com"
    tenant.records(NOW, full_access(1, NOW, CEO, group))
    tenant.groups(NOW + DAY, **{"members-ceo": ["anna", "bob"]})
    tenant.groups(NOW + 2 * DAY, **{"members-ceo": None, "team": ["cleo"]})
    assert tenant.members() == ["members-ceo: anna", "members-ceo: bob"]


def test_what_is_kept_of_members_is_read_again_only_where_a_sweep_came(tenant):
    tenant.records(NOW, full_access(1, NOW, CEO, "team@example.com"))
    tenant.records(
        NOW + DAY,
        cmdlet(2, NOW + DAY, "Add-DistributionGroupMember", Identity="team@example.com", Member=ANNA),
    )
    tenant.keep_members(NOW + DAY + 10 * MINUTE)
    assert tenant.members() == ["team: anna"]
    whole = App(ROOT).conf("savedsearches")["Delegation Watch - Keep group members"]["search"]
    reading = whole.partition("| eventstats")[0] + "| where isnotnull(last_seen)"
    assert tenant.splunkd.search(reading, now=NOW + 2 * DAY, earliest=0).rows == []
    tenant.groups(NOW + 2 * DAY, team=["bob"])
    assert len(tenant.splunkd.search(reading, now=NOW + 3 * DAY, earliest=0).rows) == 1
    assert tenant.members() == ["team: bob"]
