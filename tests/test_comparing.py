"""What a comparison of sweeps may conclude: old grants, rows not kept yet, narrowed views, namesakes, new addresses."""

from tests.standing import (
    ANNA,
    ANNA_ON_CEO,
    BEN,
    CEO,
    CFO,
    DAY,
    FROM_EVENTS,
    FROM_SWEEPS,
    MINUTE,
    NOW,
    TENANT,
    folder,
    full_access,
    iso,
    known,
    opened,
)

GUID = "11111111-2222-4333-8444-555555555555"
SCHULZ = "anna.schulz@example.com"


def keeping_late(tenant, time, standing):
    """A sweep that is compared before its rows are kept, though they are kept afterwards."""
    run, tenant._run = tenant._run, lambda names, at: None
    tenant.sweep(time, standing)
    tenant._run = run
    tenant._run(["Compare sweeps", "Keep state from sweeps", "Keep sweeps"], time)


def unseen(tenant, time):
    """What Collection health says of it an hour after a sweep."""
    rows = tenant.splunkd.run_saved_search("Delegation Watch - Collection health", time + 3600).rows
    return [row["problem"] for row in rows if "unseen" in row["kind"]]


def test_a_grant_that_was_taken_back_since_explains_no_new_delegation(tenant):
    """Taken back by a record, or found gone by a sweep: what stands without a record three weeks later is silent."""
    tenant.sweep(NOW, [])
    tenant.records(NOW + DAY, full_access(1, NOW + DAY, CEO, ANNA), full_access(2, NOW + DAY, CFO, ANNA))
    tenant.records(NOW + DAY + 7200, full_access(3, NOW + DAY + 7200, CEO, ANNA, "Remove-MailboxPermission"))
    tenant.sweep(NOW + 2 * DAY, [opened(CFO, ANNA)])
    tenant.sweep(NOW + 3 * DAY, [])
    tenant.sweep(NOW + 20 * DAY, [opened(CEO, ANNA), opened(CFO, ANNA)])
    told = [change for change in tenant.changes() if change[0] == "new"]
    assert told == [("new", "event", CFO, ANNA), ("new", "no", CEO, ANNA), ("new", "no", CFO, ANNA)]
    assert {row["explained"] for row in tenant.state().values()} == {"no"}
    tenant.records(NOW + 21 * DAY, full_access(4, NOW + 19 * DAY, CEO, ANNA))
    assert tenant.state()[ANNA_ON_CEO]["explained"] == "event"


def test_a_grant_that_a_backfill_brings_explains_what_a_sweep_saw_weeks_later(tenant):
    tenant.sweep(NOW - 40 * DAY, [])
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    tenant._index(NOW, "o365:management:activity", "delegation_audit://o365",
                  [full_access(1, NOW - 30 * DAY, CEO, ANNA)])  # fmt: skip
    tenant.splunkd.run_saved_search("Delegation Watch - Backfill grants", NOW + 10 * MINUTE)
    tenant._run(FROM_EVENTS[2:], NOW)
    assert tenant.state()[ANNA_ON_CEO]["explained"] == "event"


def test_of_a_sweep_whose_rows_are_not_kept_yet_nothing_is_gone_and_the_next_tells_what_was_new(tenant):
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    keeping_late(tenant, NOW + DAY, [opened(CEO, ANNA), opened(CFO, BEN)])
    assert tenant.changes() == []
    tenant.sweep(NOW + 2 * DAY, [opened(CEO, ANNA), opened(CFO, BEN)])
    assert tenant.changes() == [("new", "no", CFO, BEN)]
    assert tenant.state()[ANNA_ON_CEO]["explained"] == "baseline"
    keeping_late(tenant, NOW + 3 * DAY, [opened(CEO, ANNA)])
    tenant.sweep(NOW + 4 * DAY, [opened(CEO, ANNA)])
    assert tenant.changes() == [("gone", "no", CFO, BEN), ("new", "no", CFO, BEN)]


def test_where_much_is_missing_at_once_it_is_unseen_and_stands_until_so_little_is_that_it_is_gone(tenant):
    """A role that was narrowed shows no error: the sweep is complete, of all mailboxes that are left to it."""
    boxes = [opened(f"box{number}@example.com", ANNA) for number in range(13)]
    tenant.sweep(NOW, boxes)
    tenant.sweep(NOW + DAY, boxes[11:])
    assert tenant.changes() == []
    assert {row["status"] for row in tenant.state().values()} == {"standing"}
    assert [row.get("removal") for row in tenant.state().values()].count("unseen") == 11
    (told,) = unseen(tenant, NOW + DAY)
    assert told.startswith("delegations of full_access unseen: 11 of 13 by the sweep of 2026-03-03 ")
    tenant.sweep(NOW + 2 * DAY, boxes[10:])
    assert {change[:2] for change in tenant.changes()} == {("gone", "no")}
    assert len(tenant.changes()) == 10
    assert unseen(tenant, NOW + 2 * DAY) == []


def test_a_namesake_who_joins_ends_no_right_of_the_other(tenant):
    """Folders name people as they are shown; the mailbox's other delegates there count as unread, elsewhere not."""
    known(tenant, NOW - 3600, ANNA, display_name="Anna Meier")
    both = [folder(CEO, "Inbox", "Anna Meier", "Reviewer"), folder(CFO, "Inbox", BEN, "Reviewer")]
    tenant.sweep(NOW, both)
    known(tenant, NOW + DAY - 3600, "anna.meier2@example.com", display_name="Anna Meier")
    tenant.sweep(NOW + DAY, both[:1])
    assert tenant.changes() == [("gone", "no", CFO, BEN)]
    assert tenant.state()[(CEO, ANNA, "folder")]["status"] == "standing"
    tenant.sweep(NOW + 2 * DAY, [])
    assert ("gone", "no", CEO, ANNA) in tenant.changes()


def test_who_is_given_another_address_keeps_what_was_known_of_him(tenant):
    known(tenant, NOW - 3600, ANNA, guid=GUID)
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    known(tenant, NOW + DAY - 3600, SCHULZ, guid=GUID, alias=ANNA)
    tenant.sweep(NOW + DAY, [opened(CEO, SCHULZ)])
    assert tenant.changes() == []
    state = tenant.state()
    assert (state[ANNA_ON_CEO]["status"], state[ANNA_ON_CEO]["removal"]) == ("renamed", "renamed")
    row = state[(CEO, SCHULZ, "full_access")]
    assert (row["status"], row["explained"], float(row["first_seen"])) == ("standing", "baseline", NOW)
    tenant.records(NOW + 2 * DAY, full_access(5, NOW + 2 * DAY, CFO, GUID))
    tenant.sweep(NOW + 3 * DAY, [opened(CEO, SCHULZ), opened(CFO, SCHULZ)])
    assert tenant.changes() == [("new", "event", CFO, SCHULZ)]


def test_what_goes_on_under_another_address_stays_renamed_where_the_state_is_kept_anew(tenant):
    known(tenant, NOW - DAY - 3600, ANNA, guid=GUID)
    tenant.records(NOW - DAY, full_access(1, NOW - DAY, CEO, ANNA))
    tenant.sweep(NOW, [opened(CEO, ANNA)])
    known(tenant, NOW + DAY - 3600, SCHULZ, guid=GUID, alias=ANNA)
    tenant.sweep(NOW + DAY, [opened(CEO, SCHULZ)])
    kept = {party: row["status"] for party, row in tenant.state().items()}
    assert kept == {ANNA_ON_CEO: "renamed", (CEO, SCHULZ, "full_access"): "standing"}
    tenant.splunkd.run_saved_search("Delegation Watch - Backfill state", NOW + 2 * DAY)
    assert {party: row["status"] for party, row in tenant.state().items()} == kept


def test_a_record_that_comes_late_gives_nobody_his_old_address_back(tenant):
    for time, identity in ((NOW + DAY, SCHULZ), (NOW, ANNA)):
        tenant._index(NOW + 2 * DAY, "delegation:directory", "delegation_inventory://o365", [
            {"delegation_watch_directory": "user", "time": iso(time), "tenant": TENANT, "identity": identity,
             "kind": "user", "ids": [{"id": GUID, "kind": "guid"}]}
        ])  # fmt: skip
        tenant._run(["Learn identities"], NOW + 2 * DAY)
    (row,) = tenant.splunkd.search("| inputlookup delegation_watch_identities").rows
    assert (row["identity"], row["status"]) == (SCHULZ, "known")


def test_changes_of_one_delegation_that_two_sweeps_found_are_both_told(tenant):
    tenant.sweep(NOW, [])
    keeping_late(tenant, NOW + DAY, [folder(CEO, "Inbox", BEN, "Reviewer")])
    tenant.sweep(NOW + 2 * DAY, [folder(CEO, "Inbox", BEN, "Editor")])
    tenant._run(FROM_SWEEPS, NOW + 2 * DAY)
    assert tenant.changes() == [("changed", "no", CEO, BEN), ("new", "no", CEO, BEN)]
