"""Who can open which mailbox now: kept from events and from sweeps, compared from sweep to sweep."""

import json
import pathlib
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from scripts.content import App
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
DAY, MINUTE = 86400, 60
TENANT = "5b2f0c1e-7a44-4f0e-9a31-0d6c2a9e4b10"
KINDS = ["full_access", "send_as", "send_on_behalf", "folders"]
FROM_EVENTS = ("Learn identities", "Collect grants", "Keep state from events", "Close replaced delegates")
FROM_SWEEPS = ("Keep directory", "Keep state from sweeps", "Compare sweeps", "Keep sweeps")


def iso(time):
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def cmdlet(number, time, operation, **parameters):
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}", "Operation": operation,
        "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True", "UserKey": "1003200100000001",
        "UserType": 2, "Version": 1, "Workload": "Exchange", "UserId": "helpdesk@example.com",
        "ObjectId": parameters["Identity"], "ExternalAccess": False,
        "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
    }  # fmt: skip


def full_access(number, time, mailbox, grantee, operation="Add-MailboxPermission"):
    return cmdlet(number, time, operation, Identity=mailbox, User=grantee, AccessRights="FullAccess")


def on_behalf(number, time, mailbox, grantees):
    return cmdlet(number, time, "Set-Mailbox", Identity=mailbox, GrantSendOnBehalfTo=grantees)


def opened(mailbox, grantee, rights="FullAccess"):
    columns = {"Identity": mailbox, "User": grantee, "AccessRights": [rights], "IsInherited": False, "Deny": False}
    return "Get-MailboxPermission", columns


def folder(mailbox, name, grantee, rights):
    columns = {"Identity": f"{mailbox}:\\{name}", "FolderName": name, "User": grantee, "AccessRights": [rights]}
    return "Get-MailboxFolderPermission", columns


class Tenant:
    """A stand-in for splunkd with the app's searches, driven by hand along a made-up clock."""

    def __init__(self, splunkd):
        self.splunkd = splunkd
        self.sweeps = 0

    def _index(self, time, sourcetype, source, bodies):
        self.splunkd.index(
            {"time": time, "indextime": time, "host": "h", "index": "main", "source": source,
             "sourcetype": sourcetype, "data": json.dumps(body)} for body in bodies
        )  # fmt: skip

    def _run(self, names, time):
        """Each search at its first scheduled minute after which its slice of index time holds `time`."""
        delays = {
            "Learn identities": 8, "Collect grants": 10, "Keep state from events": 25, "Close replaced delegates": 26,
            "Keep directory": 8, "Keep state from sweeps": 15, "Compare sweeps": 25, "Keep sweeps": 26,
            "Keep group members": 17,
        }  # fmt: skip
        for name in names:
            self.splunkd.run_saved_search(f"Delegation Watch - {name}", time + delays[name] * MINUTE)

    def records(self, time, *records):
        self._index(time, "o365:management:activity", "delegation_audit://o365", records)
        self._run(FROM_EVENTS, time)

    def sweep(self, time, standing, kinds=KINDS, folders=("root", "inbox", "calendar"), scope="all",
              failed=(), skipped=(), status="complete", audit=None):  # fmt: skip
        self.sweeps += 1
        source, sweep = "delegation_inventory://o365", f"sweep-{self.sweeps}"
        self._index(time, "delegation:snapshot", source, [
            {"delegation_watch_inventory": kind, "time": iso(time), "tenant": TENANT, "sweep": sweep, "columns": row}
            for kind, row in standing
        ])  # fmt: skip
        self._index(time, "delegation:sweep", source, [{
            "delegation_watch_sweep": sweep, "provider": "o365", "tenant": TENANT, "input": source,
            "started": iso(time - 60), "ended": iso(time + 60), "status": status, "kinds": list(kinds),
            "folders": list(folders), "audit": audit or {"unified": True, "bypassed": [], "disabled": []},
            "scope": scope, "mailboxes": 9, "covered": 9 - len(failed) - len(skipped),
            "failed": [{"mailbox": box, "kind": "full_access", "why": "HTTP 500"} for box in failed],
            "skipped": [{"mailbox": box, "why": "gone"} for box in skipped],
        }])  # fmt: skip
        self._run(FROM_SWEEPS, time)

    def groups(self, time, **members):
        """What a sweep tells of groups, and of which are in which; None where members could not be read."""
        self._index(time, "delegation:directory", "delegation_inventory://o365", [
            {"delegation_watch_directory": "group", "time": iso(time), "tenant": TENANT, "kind": "group",
             "identity": f"{name}@example.com", **({} if inside is None else {
                 "members": [f"{one}@example.com" for one in inside],
                 "nested": [f"{one}@example.com" for one in inside if one in members]})}
            for name, inside in members.items()
        ])  # fmt: skip
        self.keep_members(time)

    def keep_members(self, time):
        """The search takes each slice of the index twice: what an inner group is in is known the second time."""
        for later in (0, 10 * MINUTE):
            self._run(["Keep group members"], time + later)

    def members(self):
        rows = self.splunkd.search("| inputlookup delegation_watch_members where status=standing").rows
        return sorted(f"{row['group'].split('@')[0]}: {row['member'].split('@')[0]}" for row in rows)

    def state(self, now=NOW + 30 * DAY):
        rows = self.splunkd.search("| `delegation_watch_state`", now=now).rows
        return {(row["mailbox_key"], row["grantee_key"], row["right"]): row for row in rows}

    def changes(self):
        rows = self.splunkd.search("`delegation_watch_changes`", now=NOW + 30 * DAY, earliest=0).rows
        return sorted((row["change"], row["explained"], row["mailbox_key"], row["grantee_key"]) for row in rows)


@pytest.fixture
def tenant(tmp_path):
    with Splunkd(ROOT, tmp_path, clock=lambda: NOW + 31 * DAY) as splunkd:
        splunkd.tz = ZoneInfo("America/New_York")  # where a search head is says nothing of what stands
        yield Tenant(splunkd)


CEO, CFO, ANNA, BEN = "ceo@example.com", "cfo@example.com", "anna@example.com", "ben@example.com"
ANNA_ON_CEO = (CEO, ANNA, "full_access")


def test_a_grant_stands_and_its_removal_ends_it(tenant):
    tenant.records(NOW, full_access(1, NOW, CEO, ANNA))
    row = tenant.state()[ANNA_ON_CEO]
    assert (row["status"], row["known_by"], row["explained"]) == ("standing", "event", "event")
    assert row["actor_key"] == "helpdesk@example.com"
    tenant.records(NOW + DAY, full_access(2, NOW + DAY, CEO, ANNA, "Remove-MailboxPermission"))
    row = tenant.state()[ANNA_ON_CEO]
    assert (row["status"], row["removal"]) == ("gone", "event")
    assert float(row["first_seen"]) == NOW


def test_records_that_come_in_the_wrong_order_end_in_the_same_state(tenant):
    tenant.records(NOW + DAY, full_access(2, NOW + DAY, CEO, ANNA, "Remove-MailboxPermission"))
    tenant.records(NOW + 2 * DAY, full_access(1, NOW, CEO, ANNA))
    assert tenant.state()[ANNA_ON_CEO]["status"] == "gone"


def test_a_record_that_comes_late_changes_nothing_of_what_a_later_one_allowed(tenant):
    """A removal of before the last grant, and a weaker right of before what stands."""
    weak = {"Identity": f"{CEO}:\\Inbox", "User": BEN, "AccessRights": "Reviewer"}
    strong = {**weak, "AccessRights": "Editor"}
    tenant.records(NOW + DAY, full_access(1, NOW + DAY, CEO, ANNA),
                   cmdlet(2, NOW + DAY, "Add-MailboxFolderPermission", **strong))  # fmt: skip
    kept = ("status", "access", "right_native", "delegation_score", "delegation_reason", "granted", "row_id")
    before = {party: [row[name] for name in kept] for party, row in tenant.state().items()}
    tenant.records(NOW + 2 * DAY, full_access(3, NOW, CEO, ANNA, "Remove-MailboxPermission"),
                   cmdlet(4, NOW, "Add-MailboxFolderPermission", **weak))  # fmt: skip
    assert {party: [row[name] for name in kept] for party, row in tenant.state().items()} == before


def test_what_the_first_sweep_sees_is_the_baseline_and_no_change(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    row = tenant.state()[ANNA_ON_CEO]
    assert (row["status"], row["known_by"], row["explained"]) == ("standing", "snapshot", "baseline")
    assert tenant.changes() == []


def test_a_delegation_that_only_a_later_sweep_sees_is_new_and_no_event_explains_it(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA), opened(CEO, BEN)])
    assert tenant.changes() == [("new", "no", CEO, BEN)]
    assert tenant.state()[(CEO, BEN, "full_access")]["explained"] == "no"


def test_an_event_explains_what_the_sweep_sees(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant.records(NOW + 3600, full_access(1, NOW + 3600, CEO, BEN))
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA), opened(CEO, BEN)])
    row = tenant.state()[(CEO, BEN, "full_access")]
    assert (row["known_by"], row["explained"]) == ("both", "event")
    assert tenant.changes() == [("new", "event", CEO, BEN)]


def test_an_event_that_comes_late_explains_it_afterwards(tenant):
    tenant.sweep(NOW, [])
    tenant.sweep(NOW + DAY, [opened(CEO, BEN)])
    assert tenant.state()[(CEO, BEN, "full_access")]["explained"] == "no"
    tenant.records(NOW + 2 * DAY, full_access(1, NOW + 3600, CEO, BEN))
    assert tenant.state()[(CEO, BEN, "full_access")]["explained"] == "event"


def test_a_delegation_that_a_sweep_no_longer_sees_is_gone_without_an_event(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA), opened(CFO, ANNA)])
    tenant.sweep(NOW + DAY, [opened(CFO, ANNA)])
    assert tenant.changes() == [("gone", "no", CEO, ANNA)]
    row = tenant.state()[ANNA_ON_CEO]
    assert (row["status"], row["removal"]) == ("gone", "no event")


@pytest.mark.parametrize(
    "fault",
    [
        {"failed": [CEO]},
        {"skipped": [CEO]},
        {"status": "failed"},
        {"kinds": ["send_as"]},
        {"scope": [CFO]},
        {"failed": [CEO.upper()]},
    ],
    ids=["mailbox failed", "mailbox skipped", "sweep failed", "kind failed", "out of scope", "named otherwise"],
)
def test_what_a_sweep_could_not_read_is_never_gone(tenant, fault):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant.sweep(NOW + DAY, [], **fault)
    assert tenant.changes() == []
    assert tenant.state()[ANNA_ON_CEO]["status"] == "standing"


def test_hundreds_of_mailboxes_that_failed_are_all_known_to_have_failed(tenant):
    """Splunk extracts only from the first 5,000 characters of an event; what stands behind is read from all of it."""
    many = [f"other{number}@example.com" for number in range(300)]
    tenant.sweep(NOW, [opened(CEO, ANNA), opened(CFO, ANNA)])
    tenant.sweep(NOW + DAY, [], failed=[*many, CEO], audit={"unified": True, "bypassed": [], "disabled": many})
    assert tenant.changes() == [("gone", "no", CFO, ANNA)]


def test_a_sweep_of_some_mailboxes_tells_of_these(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA), opened(CFO, ANNA)])
    tenant.sweep(NOW + DAY, [], scope=[CFO])
    assert tenant.changes() == [("gone", "no", CFO, ANNA)]


def test_sweeps_of_mailboxes_by_name_find_what_is_new_from_the_second_of_each_on(tenant):
    """Of a mailbox that is named later, too; and applications are read whole, whichever mailboxes are named."""
    kinds = [*KINDS, "app_mail"]
    tenant.sweep(NOW, [opened(CEO, ANNA), application("Old", "Mail.Read")], kinds, scope=[CEO])
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA), opened(CEO, BEN), opened(CFO, ANNA), application("New", "Mail.Read")],
                 kinds, scope=[CEO, CFO])  # fmt: skip
    assert tenant.changes() == [("gone", "no", "*", "old"), ("new", "no", "*", "new"), ("new", "no", CEO, BEN)]
    assert tenant.state()[(CFO, ANNA, "full_access")]["explained"] == "baseline"
    assert tenant.splunkd.search("| inputlookup delegation_watch_mailboxes where status=unread").rows == []
    tenant.sweep(NOW + 2 * DAY, [opened(CEO, ANNA), opened(CEO, BEN), opened(CFO, ANNA), opened(CFO, BEN),
                                 opened("new@example.com", BEN)])  # fmt: skip
    assert tenant.changes()[-1] == ("new", "no", CFO, BEN)
    assert tenant.state()[("new@example.com", BEN, "full_access")]["explained"] == "baseline"


def test_what_stands_in_a_mailbox_that_could_not_be_read_so_far_is_its_baseline(tenant):
    """Years old, as what the first sweep saw of the others. What comes to it after it was read once is new."""
    both = [opened(CEO, ANNA), opened(CFO, ANNA)]
    tenant.sweep(NOW, both[1:], failed=[CEO.upper()], skipped=["room@example.com"])
    tenant.sweep(NOW + DAY, both[1:], failed=[CEO])
    tenant.sweep(NOW + 2 * DAY, [*both, opened(CFO, BEN)], skipped=["room@example.com"])
    assert tenant.changes() == [("new", "no", CFO, BEN)]
    assert tenant.state()[ANNA_ON_CEO]["explained"] == "baseline"
    tenant.sweep(NOW + 3 * DAY, [*both, opened(CFO, BEN)], failed=[CEO])
    tenant.sweep(NOW + 4 * DAY, [*both, opened(CFO, BEN), opened(CEO, BEN)])
    assert tenant.changes() == [("new", "no", CEO, BEN), ("new", "no", CFO, BEN)]


def test_a_folder_that_was_not_asked_for_tells_nothing(tenant):
    tenant.sweep(NOW, [folder(CEO, "Inbox", "Default", "Reviewer"), folder(CEO, "Projects", BEN, "Editor")],
                 folders=["inbox", "\\Projects"])  # fmt: skip
    tenant.sweep(NOW + DAY, [], folders=["inbox"])
    assert tenant.changes() == [("gone", "no", CEO, "everyone")]


def test_a_folder_right_that_grew_is_changed(tenant):
    tenant.sweep(NOW, [folder(CEO, "Inbox", BEN, "Reviewer")])
    tenant.sweep(NOW + DAY, [folder(CEO, "Inbox", BEN, "Editor")])
    assert tenant.changes() == [("changed", "no", CEO, BEN)]
    row = tenant.state()[(CEO, BEN, "folder")]
    assert (row["access_before"], row["access"]) == ("read", "write")


def test_a_grant_made_while_the_sweep_ran_is_not_gone(tenant):
    tenant.sweep(NOW, [opened(CFO, ANNA)])
    tenant.records(NOW + DAY, full_access(1, NOW + DAY, CEO, ANNA))
    tenant.sweep(NOW + DAY + 30, [opened(CFO, ANNA)])
    assert tenant.state()[ANNA_ON_CEO]["status"] == "standing"


def test_what_came_back_is_new_again(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant.sweep(NOW + DAY, [])
    tenant.sweep(NOW + 2 * DAY, [opened(CEO, ANNA)])
    assert tenant.changes() == [("gone", "no", CEO, ANNA), ("new", "no", CEO, ANNA)]
    assert tenant.state()[ANNA_ON_CEO]["status"] == "standing"


def test_a_list_that_replaces_closes_who_is_not_on_it(tenant):
    tenant.records(NOW, on_behalf(1, NOW, CEO, ANNA))
    tenant.records(NOW + DAY, on_behalf(2, NOW + DAY, CEO, BEN))
    state = tenant.state()
    assert state[(CEO, ANNA, "send_on_behalf")]["status"] == "gone"
    assert state[(CEO, BEN, "send_on_behalf")]["status"] == "standing"


def test_a_list_that_is_cleared_closes_all(tenant):
    tenant.records(NOW, on_behalf(1, NOW, CEO, ANNA))
    tenant.records(NOW + DAY, on_behalf(2, NOW + DAY, CEO, ""))
    assert tenant.state()[(CEO, ANNA, "send_on_behalf")]["status"] == "gone"


def test_a_list_with_a_name_nobody_knows_closes_nothing(tenant):
    tenant.records(NOW, on_behalf(1, NOW, CEO, ANNA))
    tenant.records(NOW + DAY, on_behalf(2, NOW + DAY, CEO, "Somebody Unknown"))
    assert tenant.state()[(CEO, ANNA, "send_on_behalf")]["status"] == "standing"


def test_a_reset_of_the_mailbox_closes_full_access_and_nothing_else(tenant):
    tenant.records(NOW, full_access(1, NOW, CEO, ANNA), on_behalf(2, NOW, CEO, BEN))
    tenant.records(NOW + DAY, cmdlet(3, NOW + DAY, "Remove-MailboxPermission", Identity=CEO, ResetDefault="True"))
    state = tenant.state()
    assert state[ANNA_ON_CEO]["status"] == "gone"
    assert state[(CEO, BEN, "send_on_behalf")]["status"] == "standing"


def test_a_reset_of_the_calendars_delegates_leaves_the_inbox_alone(tenant):
    for number, place in enumerate(("Calendar", "Inbox")):
        given = {"Identity": f"{CEO}:\\{place}", "User": ANNA, "AccessRights": "Editor"}
        tenant.records(NOW + number, cmdlet(number, NOW + number, "Add-MailboxFolderPermission", **given))
    reset = {"Identity": f"{CEO}:\\Calendar", "ResetDelegateUserCollection": "True"}
    tenant.records(NOW + DAY, cmdlet(9, NOW + DAY, "Remove-MailboxFolderPermission", **reset))
    found = tenant.splunkd.search("| inputlookup delegation_watch_state").rows
    assert {row["folder_kind"]: row["status"] for row in found} == {"calendar": "gone", "inbox": "standing"}


def test_what_no_sweep_reads_is_never_gone_for_want_of_being_seen(tenant):
    """Who may open a group's mailbox, and a linked account: no inventory lists them, though it knows their owners."""
    team = "team@example.com"
    tenant.records(
        NOW,
        full_access(1, NOW, team, ANNA),
        cmdlet(2, NOW, "Set-User", Identity=CEO, LinkedMasterAccount="ben@example.net"),
        full_access(3, NOW, CEO, BEN),
        cmdlet(4, NOW, "Set-UnifiedGroup", Identity=team, GrantSendOnBehalfTo=BEN),
    )
    tenant._index(NOW + DAY, "delegation:directory", "delegation_inventory://o365", [
        {"delegation_watch_directory": "user", "time": iso(NOW + DAY), "tenant": TENANT, "identity": one, "kind": kind}
        for one, kind in ((CEO, "user"), (team, "group"))
    ])  # fmt: skip
    tenant.sweep(NOW + DAY, [])
    assert tenant.changes() == [("gone", "no", CEO, BEN), ("gone", "no", team, BEN)]


OUTSIDE, ELSEWHERE = "smtp:box@outside.example", "smtp:box@elsewhere.example"


def forwards(mailbox, target):
    return "Get-Mailbox", {"Identity": mailbox, "ForwardingSmtpAddress": target, "ForwardingAddress": None,
                           "DeliverToMailboxAndForward": True}  # fmt: skip


def application(name, *roles, person=None):
    return "graph:mailPermissions", {"Application": name, "ServicePrincipalId": name, "PrincipalId": person,
                                     "AppRoles": list(roles), "Scopes": []}  # fmt: skip


def test_forwarding_stands_until_another_address_takes_its_place_and_an_event_explains_it(tenant):
    kinds = [*KINDS, "forwarding"]
    tenant.sweep(NOW, [forwards(CFO, OUTSIDE)], kinds)
    tenant.records(NOW + DAY, cmdlet(1, NOW + DAY, "Set-Mailbox", Identity=CEO, ForwardingSmtpAddress=OUTSIDE),
                   cmdlet(2, NOW + DAY, "Set-Mailbox", Identity=CFO, ForwardingSmtpAddress=ELSEWHERE))  # fmt: skip
    tenant.sweep(NOW + 2 * DAY, [forwards(CEO, OUTSIDE), forwards(CFO, ELSEWHERE), forwards(ANNA, OUTSIDE)], kinds)
    standing = {key[:2]: row["explained"] for key, row in tenant.state().items() if row["status"] == "standing"}
    assert standing == {
        (CEO, "box@outside.example"): "event", (CFO, "box@elsewhere.example"): "event",
        (ANNA, "box@outside.example"): "no",
    }  # fmt: skip
    assert ("new", "no", ANNA, "box@outside.example") in tenant.changes()


def app_role(number, time, name, role):
    changed = {"AppRole.Value": role, "ServicePrincipal.DisplayName": name, "ServicePrincipal.AppId": f"app-{number}"}
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}", "OrganizationId": TENANT,
        "Operation": "Add app role assignment to service principal.", "RecordType": 8, "ResultStatus": "Success",
        "UserKey": "1", "UserType": 0, "Version": 1, "Workload": "AzureActiveDirectory", "UserId": "admin@example.com",
        "ObjectId": "https://graph.microsoft.com", "Actor": [{"ID": "admin@example.com", "Type": 5}], "Target": [],
        "ModifiedProperties": [{"Name": key, "NewValue": value, "OldValue": ""} for key, value in changed.items()],
    }  # fmt: skip


def test_an_application_that_a_record_told_of_is_explained_by_it(tenant):
    kinds = [*KINDS, "app_mail"]
    tenant.sweep(NOW, [], kinds)
    tenant.records(NOW + DAY, app_role(1, NOW + DAY, "Reader", "Mail.Read"))
    tenant.sweep(NOW + 2 * DAY, [application("Reader", "Mail.Read"), application("Other", "Mail.Read")], kinds)
    assert {key[1]: row["explained"] for key, row in tenant.state().items()} == {"reader": "event", "other": "no"}


def test_applications_are_compared_from_sweep_to_sweep(tenant):
    kinds = [*KINDS, "app_mail"]
    tenant.sweep(NOW, [application("Reader", "Mail.Read"), application("Old", "Mail.Send")], kinds)
    tenant.sweep(NOW + DAY, [application("Reader", "Mail.Read", "Mail.Send"), application("New", "Mail.Read")], kinds)
    assert tenant.changes() == [
        ("changed", "no", "*", "reader"), ("gone", "no", "*", "old"), ("new", "no", "*", "new")
    ]  # fmt: skip
    tenant.sweep(NOW + 2 * DAY, [], KINDS)  # applications could not be read
    assert tenant.state()[("*", "reader", "app_mail")]["status"] == "standing"


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


def test_the_same_sweep_searched_twice_notes_its_changes_once(tenant):
    tenant.sweep(NOW, [])
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA)])
    tenant._run(FROM_SWEEPS, NOW + DAY)
    assert tenant.changes() == [("new", "no", CEO, ANNA)]
