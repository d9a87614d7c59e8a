"""What is new, changed or gone from sweep to sweep, and what explains it."""

import pytest

from tests.standing import (
    ANNA,
    ANNA_ON_CEO,
    BEN,
    CEO,
    CFO,
    DAY,
    ELSEWHERE,
    FROM_SWEEPS,
    KINDS,
    NOW,
    OUTSIDE,
    TENANT,
    application,
    cmdlet,
    folder,
    forwards,
    full_access,
    iso,
    opened,
)


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


def test_a_right_on_a_folder_with_a_slash_in_its_name_is_gone_as_any_other(tenant):
    tenant.sweep(NOW, [folder(CEO, "Projects\\A/B", BEN, "Editor")], folders=["\\Projects\\A\\B"])
    tenant.sweep(NOW + DAY, [], folders=["\\Projects\\A\\B"])
    assert tenant.changes() == [("gone", "no", CEO, BEN)]


def test_a_folder_right_that_grew_is_changed(tenant):
    tenant.sweep(NOW, [folder(CEO, "Inbox", BEN, "Reviewer")])
    tenant.sweep(NOW + DAY, [folder(CEO, "Inbox", BEN, "Editor")])
    assert tenant.changes() == [("changed", "no", CEO, BEN)]
    row = tenant.state()[(CEO, BEN, "folder")]
    assert (row["access_before"], row["access"]) == ("read", "write")


def test_what_came_back_is_new_again(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant.sweep(NOW + DAY, [])
    tenant.sweep(NOW + 2 * DAY, [opened(CEO, ANNA)])
    assert tenant.changes() == [("gone", "no", CEO, ANNA), ("new", "no", CEO, ANNA)]
    assert tenant.state()[ANNA_ON_CEO]["status"] == "standing"


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


def test_applications_are_compared_from_sweep_to_sweep(tenant):
    kinds = [*KINDS, "app_mail"]
    tenant.sweep(NOW, [application("Reader", "Mail.Read"), application("Old", "Mail.Send")], kinds)
    tenant.sweep(NOW + DAY, [application("Reader", "Mail.Read", "Mail.Send"), application("New", "Mail.Read")], kinds)
    assert tenant.changes() == [
        ("changed", "no", "*", "reader"), ("gone", "no", "*", "old"), ("new", "no", "*", "new")
    ]  # fmt: skip
    tenant.sweep(NOW + 2 * DAY, [], KINDS)  # applications could not be read
    assert tenant.state()[("*", "reader", "app_mail")]["status"] == "standing"


def test_the_same_sweep_searched_twice_notes_its_changes_once(tenant):
    tenant.sweep(NOW, [])
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA)])
    tenant._run(FROM_SWEEPS, NOW + DAY)
    assert tenant.changes() == [("new", "no", CEO, ANNA)]
