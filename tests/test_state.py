"""Who can open which mailbox now: kept from events and from sweeps."""

from scripts.content import App
from scripts.content.searches import cron_values
from tests.standing import (
    ANNA,
    ANNA_ON_CEO,
    BEN,
    CEO,
    CFO,
    DAY,
    FROM_EVENTS,
    KINDS,
    MINUTE,
    NOW,
    app_role,
    application,
    cmdlet,
    full_access,
    known,
    on_behalf,
    opened,
)


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


def test_an_event_that_comes_late_explains_it_afterwards(tenant):
    tenant.sweep(NOW, [])
    tenant.sweep(NOW + DAY, [opened(CEO, BEN)])
    assert tenant.state()[(CEO, BEN, "full_access")]["explained"] == "no"
    tenant.records(NOW + 2 * DAY, full_access(1, NOW + 3600, CEO, BEN))
    assert tenant.state()[(CEO, BEN, "full_access")]["explained"] == "event"


def test_a_grant_made_while_the_sweep_ran_or_just_before_is_not_gone(tenant):
    tenant.sweep(NOW, [opened(CFO, ANNA)])
    tenant.records(NOW + DAY, full_access(1, NOW + DAY, CEO, ANNA), full_access(2, NOW + DAY - 600, CEO, BEN),
                   full_access(3, NOW + DAY - 3600, CFO, BEN))  # fmt: skip
    known(tenant, NOW + DAY, CEO)
    known(tenant, NOW + DAY, CFO)
    tenant.sweep(NOW + DAY + 30, [opened(CFO, ANNA)])
    assert tenant.changes() == [("gone", "no", CFO, BEN)]


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


def test_an_application_that_a_record_told_of_is_explained_by_it(tenant):
    kinds = [*KINDS, "app_mail"]
    tenant.sweep(NOW, [], kinds)
    tenant.records(NOW + DAY, app_role(1, NOW + DAY, "Reader", "Mail.Read"))
    tenant.sweep(NOW + 2 * DAY, [application("Reader", "Mail.Read"), application("Other", "Mail.Read")], kinds)
    assert {key[1]: row["explained"] for key, row in tenant.state().items()} == {"reader": "event", "other": "no"}


def test_what_was_granted_before_the_searches_were_enabled_is_kept_by_hand(tenant):
    """However long ago it was scored; a second run changes nothing."""
    records = [full_access(1, NOW - 20 * DAY, CEO, ANNA), full_access(2, NOW - 20 * DAY, CFO, ANNA),
               full_access(3, NOW - 10 * DAY, CFO, ANNA, "Remove-MailboxPermission"),
               on_behalf(4, NOW - 20 * DAY, CEO, ANNA), on_behalf(5, NOW - 10 * DAY, CEO, BEN),
               on_behalf(6, NOW - 5 * DAY, CEO, "Somebody Unknown")]  # fmt: skip
    tenant._index(NOW, "o365:management:activity", "delegation_audit://o365", records)
    for name in ("identities", "grants"):
        tenant.splunkd.run_saved_search(f"Delegation Watch - Backfill {name}", NOW + 10 * MINUTE)
    tenant._run(FROM_EVENTS[2:], NOW + DAY)
    assert tenant.state() == {}
    for name in ("state", "replaced delegates"):
        tenant.splunkd.run_saved_search(f"Delegation Watch - Backfill {name}", NOW + 3 * DAY)
    kept = tenant.state()
    assert {party: row["status"] for party, row in kept.items()} == {
        ANNA_ON_CEO: "standing", (CFO, ANNA, "full_access"): "gone",
        (CEO, ANNA, "send_on_behalf"): "gone", (CEO, BEN, "send_on_behalf"): "standing",
    }  # fmt: skip
    for name in ("state", "replaced delegates"):
        tenant.splunkd.run_saved_search(f"Delegation Watch - Backfill {name}", NOW + 4 * DAY)
    assert tenant.state() == kept


def test_what_a_document_forgot_when_the_right_was_taken_back_a_backfill_brings_back(tenant):
    """As documents of before did, also where sweeps saw the right after the grant."""
    told = ("access", "delegation_level", "status", "granted", "revoked", "snapshot")
    tenant.records(NOW, full_access(1, NOW, CEO, ANNA))
    tenant.sweep(NOW + DAY, [opened(CEO, ANNA)])
    tenant.records(NOW + 2 * DAY, full_access(2, NOW + 2 * DAY, CEO, ANNA, "Remove-MailboxPermission"))
    before = tenant.state()[ANNA_ON_CEO]
    assert (before["status"], before["access"]) == ("gone", "own")
    tenant.splunkd.search(
        '| inputlookup delegation_watch_state | eval access="none", delegation_level="informational", _key=grant_key '
        "| outputlookup append=true key_field=_key delegation_watch_state", now=NOW,
    )  # fmt: skip
    assert tenant.state()[ANNA_ON_CEO]["access"] == "none"
    tenant.splunkd.run_saved_search("Delegation Watch - Backfill state", NOW + 3 * DAY)
    row = tenant.state()[ANNA_ON_CEO]
    assert [row[name] for name in told] == [before[name] for name in told]


def test_what_a_backfill_brings_while_the_searches_run_is_kept_without_another(tenant):
    """In the order of docs/collecting.md: enabled first. The baselines learn from it as well."""
    records = [full_access(1, NOW - 20 * DAY, CEO, ANNA), on_behalf(2, NOW - 20 * DAY, CEO, ANNA),
               on_behalf(3, NOW - 10 * DAY, CEO, BEN)]  # fmt: skip
    tenant._index(NOW, "o365:management:activity", "delegation_audit://o365", records)
    for name in ("identities", "grants"):
        tenant.splunkd.run_saved_search(f"Delegation Watch - Backfill {name}", NOW + 10 * MINUTE)
    tenant._run(FROM_EVENTS[2:], NOW)
    assert {party: row["status"] for party, row in tenant.state().items()} == {
        ANNA_ON_CEO: "standing", (CEO, ANNA, "send_on_behalf"): "gone", (CEO, BEN, "send_on_behalf"): "standing",
    }  # fmt: skip
    tenant.splunkd.run_saved_search("Delegation Watch - Learn baselines", NOW + 25 * MINUTE)
    learned = tenant.splunkd.search("| inputlookup delegation_watch_baseline | stats min(first_seen) AS since").rows
    assert float(learned[0]["since"]) == NOW - 20 * DAY


def test_the_searches_that_write_whole_documents_of_the_state_have_two_minutes_each(root):
    """What one writes while another is at work would be lost where both write of the same delegation."""
    stanzas = App(root).conf("savedsearches")
    names = ("Compare sweeps", "Keep state from sweeps", "Keep state from events", "Close replaced delegates")
    schedules = [stanzas[f"Delegation Watch - {name}"]["cron_schedule"] for name in names]
    minutes = sorted(minute for one in schedules for minute in cron_values(one.split()[0], 0, 59))
    assert len(minutes) == 24
    assert min(later - earlier for earlier, later in zip(minutes, [*minutes[1:], minutes[0] + 60])) >= 2
