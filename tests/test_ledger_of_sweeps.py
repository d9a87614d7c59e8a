"""What the searches tell of what usually comes, of the audit and of sweeps: what no longer comes, is off or unread."""

import pytest

from tests.collected import DAY, HOUR, MINUTE, NOW, OTHER, TENANT, iso, record


def test_an_operation_that_came_every_day_and_stopped_is_told_for_two_weeks(collected):
    """By the records of its own tenant: another one's, and what a backfill now reads of the past, do not hide it."""
    def days(first, last, **more):
        return [record(100 * len(more) + day, NOW + day * DAY, **more) for day in range(first, last)]

    collected.usual(NOW + 7 * DAY, *days(0, 8), *days(0, 8, OrganizationId=OTHER))
    assert collected.problems(NOW + 8 * DAY) == {}
    collected.usual(NOW + 14 * DAY, *days(8, 15, OrganizationId=OTHER))
    now = NOW + 14 * DAY
    collected.usual(now - 2 * HOUR, record(200, now - 20 * DAY), record(201, now - 9 * DAY))
    collected.ran(now, feed="backfill Audit.Exchange", ends=iso(NOW), latest_record=iso(now - 9 * DAY))
    told = collected.problems(now)
    assert told[f"{TENANT} Add-MailboxPermission"] == "blind: came on 8 days and not since 2026-03-09"
    assert OTHER not in str(told)
    later = collected.problems(NOW + 26 * DAY)
    assert f"{TENANT} Add-MailboxPermission" not in later
    assert f"{OTHER} Add-MailboxPermission" in later


def test_what_has_not_come_for_over_a_year_is_forgotten(collected):
    collected.usual(NOW, record(1, NOW))
    collected.usual(NOW + 30 * DAY, record(2, NOW + 30 * DAY, OrganizationId=OTHER))
    collected.splunkd.run_saved_search("Delegation Watch - Forget old baselines", NOW + 410 * DAY)
    rows = collected.splunkd.search("| inputlookup delegation_watch_usual").rows
    assert {row["tenant"] for row in rows} == {OTHER}


def test_a_day_counts_once_however_often_and_late_its_records_come(collected):
    """Late records of days that were counted, in runs of their own and together with those of a new day."""
    for at, days in enumerate([(0, 1, 2), (1, 2), (2,), (0, 1, 2, 3)]):
        time = NOW + 3 * DAY + at * 4 * HOUR
        collected.usual(time, *(record(10 * at + day, NOW + day * DAY) for day in days))
        collected.splunkd.run_saved_search("Delegation Watch - Learn baselines", time + 25 * MINUTE)
    usual = collected.splunkd.search("| inputlookup delegation_watch_usual").rows
    habits = collected.splunkd.search("| inputlookup delegation_watch_baseline").rows
    assert {row["days"] for row in usual} == {row["days"] for row in habits} == {"4"}
    assert {row["count"] for row in usual} == {"10"}


def test_a_field_that_always_came_and_stopped_is_told(collected):
    for first, address in ((0, {"ClientIP": "198.51.100.7:443"}), (8, {})):
        days = range(first, first + 8)
        collected.usual(NOW + days[-1] * DAY, *(record(day, NOW + day * DAY, **address) for day in days))
    told = collected.problems(NOW + 15 * DAY + 2 * HOUR)
    assert list(told) == [f"{TENANT} Add-MailboxPermission with an address"]


def test_an_operation_that_is_rare_may_be_away_for_long(collected):
    for day in range(0, 80, 10):
        collected.usual(NOW + day * DAY, record(day, NOW + day * DAY))
    assert collected.problems(NOW + 85 * DAY) == {}


@pytest.mark.parametrize(
    ("audit", "told"),
    [
        ({"unified": False, "bypassed": [], "disabled": []}, "audit is switched off"),
        ({"unified": True, "bypassed": ["Smith, John", "a@example.com"], "disabled": []},
         "audit is bypassed for Smith, John; audit is bypassed for a@example.com"),
        ({"unified": True, "bypassed": [], "disabled": ["a@example.com"]}, "audit of mailboxes is switched off: of 1"),
    ],
)  # fmt: skip
def test_an_audit_that_is_off_or_bypassed_is_told(collected, audit, told):
    collected.swept(NOW, audit)
    assert list(collected.problems(NOW + HOUR).values()) == [told]


def test_everybody_whose_audit_is_bypassed_is_told_however_many_there_are(collected):
    """Splunk extracts by itself only from the first 5,000 characters of a sweep's event."""
    many = [f"somebody.{number:03}@example.com" for number in range(200)]
    collected.swept(NOW, {"unified": True, "bypassed": many, "disabled": many})
    told = [f"audit is bypassed for {one}" for one in many]
    assert list(collected.problems(NOW + HOUR).values()) == [
        "; ".join([*told, "audit of mailboxes is switched off: of 200"])
    ]  # fmt: skip


def test_a_sound_audit_is_no_problem(collected):
    collected.swept(NOW)
    assert collected.problems(NOW + HOUR) == {}


def test_a_sweep_that_is_due_and_did_not_come_is_told(collected):
    collected.swept(NOW)
    assert collected.problems(NOW + 2 * DAY - HOUR) == {}
    assert list(collected.problems(NOW + 2 * DAY + HOUR).values()) == [
        "no sweep of full_access: the last one ended 2026-03-02 07:00 EST"
    ]  # fmt: skip


def test_a_sweep_that_comes_once_a_week_is_due_after_two_weeks(collected):
    collected.ran(NOW, input="delegation_inventory://o365", feed="delegations", every=7 * DAY, latest_record=None)
    collected.swept(NOW)
    assert collected.problems(NOW + 14 * DAY - HOUR) == {}
    told = collected.problems(NOW + 14 * DAY + HOUR)
    assert told[f"{TENANT} exchange_online"] == "no sweep of full_access: the last one ended 2026-03-02 07:00 EST"


def test_of_an_inventory_whose_sweeps_no_longer_end_each_kind_is_told_once(collected):
    """Its runs go on, and are cut off: the kind tells it, and not the input as well."""
    runs = {"input": "delegation_inventory://o365", "feed": "delegations", "every": DAY, "latest_record": None}
    collected.ran(NOW, **runs)
    collected.swept(NOW)
    collected.ran(NOW + 3 * DAY, **runs, **{"from": None, "until": None})
    assert collected.problems(NOW + 3 * DAY + HOUR) == {
        f"{TENANT} exchange_online": "no sweep of full_access: the last one ended 2026-03-02 07:00 EST"
    }


def test_an_inventory_of_all_is_due_by_its_own_interval_whatever_else_sweeps_the_same(collected):
    """Here one of a few mailboxes, which comes once; or goes on daily while that of all has ended for good."""
    every = {"feed": "delegations", "latest_record": None}
    collected.ran(NOW, {**every, "input": "delegation_inventory://o365", "every": 7 * DAY},
                  {**every, "input": "delegation_inventory://few", "every": DAY})  # fmt: skip
    few = {"input": "delegation_inventory://few", "scope": ["a@example.com"]}
    collected.swept(NOW)
    collected.swept(NOW + DAY, **few)
    assert named(collected.problems(NOW + 4 * DAY)) == []
    collected.swept(NOW + 14 * DAY, **few)
    assert named(collected.problems(NOW + 14 * DAY + HOUR)) == [
        "no sweep of full_access: the last one ended 2026-03-02 07:00 EST"
    ]


def named(problems):
    """Those of what is read, not those of the inputs."""
    return [problem for what, problem in problems.items() if what.startswith(TENANT)]


def unread(*kinds):
    return {"status": "partial", "failed_kinds": [
        {"kind": kind, "part": kind, "why": f"no role for {kind}! Ask"} for kind in kinds
    ]}  # fmt: skip


def test_a_kind_that_cannot_be_read_is_told_until_it_is(collected):
    """Also one that never was, folders together and the audit itself. When it was read last is still known then."""
    collected.swept(NOW, None, **unread("send_as", "folders", "audit"))
    (told,) = collected.problems(NOW + HOUR).values()
    kinds = ("audit", "folders", "send_as")
    assert told == "; ".join(f"{kind} cannot be read: no role for {kind}! Ask" for kind in kinds)
    collected.swept(NOW + DAY, kinds=["full_access", "send_as", "folders"], folders=["inbox"])
    assert collected.problems(NOW + DAY + HOUR) == {}
    collected.swept(NOW + 2 * DAY, **unread("send_as"))
    (told,) = collected.problems(NOW + 2 * DAY + HOUR).values()
    assert told == "send_as cannot be read: no role for send_as! Ask"
    (row,) = collected.splunkd.search("| inputlookup delegation_watch_parts where part=*send_as").rows
    assert float(row["ended"]) == NOW + DAY
    assert collected.parts() == ["audit", "folder:inbox", "folders", "full_access", "send_as"]


def test_a_sweep_that_could_read_no_kind_at_all_is_told_kind_by_kind(collected):
    collected.swept(NOW, kinds=[], **{**unread("send_as", "full_access", "mailboxes"), "status": "failed"})
    collected.swept(NOW, kinds=[], **{**unread("directory"), "status": "failed"})
    assert collected.parts() == ["full_access", "send_as"]


def test_the_setup_page_says_why_a_sweep_is_partial_however_many_mailboxes_were_skipped(collected):
    skipped = [{"mailbox": f"{at}@example.com", "why": "the account is suspended"} for at in range(120)]
    failed = [{"mailbox": "box@example.com", "kind": "folders", "why": "HTTP 500"}]
    collected.swept(NOW, status="partial", skipped=skipped, failed=failed)
    assert [run["problem"] for run in collected.last_runs()] == ["HTTP 500"]
    collected.swept(NOW + HOUR, skipped=skipped, failed=failed, **unread("send_as"))
    assert [run["problem"] for run in collected.last_runs()] == ["no role for send_as! Ask"]


@pytest.mark.parametrize(
    ("mailboxes", "failed", "known", "told"),
    [
        (1000, 9, {}, []),
        (1000, 10, {}, ["partial: 10 of 1000 mailboxes could not be read"]),
        (12, 1, {}, []),
        (30, 2, {}, ["partial: 2 of 30 mailboxes could not be read"]),
        (1, 1, {"scope": ["box0@example.com"]}, ["partial: 1 of 1 mailboxes could not be read"]),
        (1, 0, {"scope": ["typo@example.com"], "skipped": [{"mailbox": "typo@example.com", "why": "no such mailbox"}]},
         ["partial: 1 of 1 mailboxes could not be read"]),
        (1000, 0, {"skipped": [{"mailbox": f"{at}@example.com", "why": "suspended"} for at in range(60)]}, []),
    ],
)  # fmt: skip
def test_mailboxes_that_could_not_be_read_are_told_where_they_are_many_or_named(
    collected, mailboxes, failed, known, told
):
    refused = [{"mailbox": f"box{at}@example.com", "kind": kind, "why": "HTTP 500"}
               for at in range(failed) for kind in ("full_access", "folders")]  # fmt: skip
    collected.swept(NOW, status="partial", mailboxes=mailboxes, failed=refused, **known)
    assert list(collected.problems(NOW + HOUR).values()) == told
