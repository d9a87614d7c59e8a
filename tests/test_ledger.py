"""What the searches tell of collecting itself: which feed is silent, behind, failing, losing or blind."""

import json
import pathlib
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
DAY, HOUR, MINUTE = 86400, 3600, 60
TENANT = "5b2f0c1e-7a44-4f0e-9a31-0d6c2a9e4b10"
FEED = "delegation_audit://o365 Audit.Exchange"
SOUND = {"unified": True, "bypassed": [], "disabled": []}


def iso(time):
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def health(time, **known):
    return {
        "delegation_watch_health": "feed", "time": iso(time), "input": "delegation_audit://o365",
        "feed": "Audit.Exchange", "provider": "o365", "tenant": TENANT, "status": "ok", "from": iso(time - 300),
        "until": iso(time), "events": 10,
        "duplicates": 0, "blobs": 1, "pages": 1, "unreadable": 0, "lost": 0, "losses": [], "gaps": [], "failures": [],
        "latest_record": iso(time - 1800), "lateness": {"p50": 1800, "p95": 3600, "max": 4000},
        "operations": {"Add-MailboxPermission": 10}, "seconds": 2, **known,
    }  # fmt: skip


def record(number, time, **more):
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}",
        "Operation": "Add-MailboxPermission", "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True",
        "UserKey": "1", "UserType": 2, "Version": 1,
        "Workload": "Exchange", "UserId": "helpdesk@example.com", "ObjectId": "a@example.com", "ExternalAccess": False,
        "Parameters": [{"Name": "Identity", "Value": "a@example.com"}, {"Name": "User", "Value": "b@example.com"},
                       {"Name": "AccessRights", "Value": "FullAccess"}], **more,
    }  # fmt: skip


class Collected:
    """A stand-in for splunkd that holds what an input wrote, with the app's searches run by hand."""

    def __init__(self, splunkd):
        self.splunkd = splunkd

    def _index(self, time, sourcetype, bodies):
        self.splunkd.index(
            {"time": time, "indextime": time, "host": "h", "index": "main", "source": "delegation_audit://o365",
             "sourcetype": sourcetype, "data": json.dumps(body)} for body in bodies
        )  # fmt: skip

    def ran(self, time, **known):
        self._index(time, "delegation:health", [health(time, **known)])
        self.splunkd.run_saved_search("Delegation Watch - Keep ledger", time + 8 * MINUTE)

    def swept(self, time, audit=SOUND, **known):
        """A sweep that ended; `audit` None where it could not be read."""
        self._index(time, "delegation:sweep", [{
            "delegation_watch_sweep": "s", "provider": "o365", "tenant": TENANT, "started": iso(time),
            "ended": iso(time), "status": "complete", "kinds": ["full_access"], "folders": [],
            **({"audit": audit} if audit else {}), "scope": "all", "mailboxes": 100, "failed": [], "skipped": [],
            "failed_kinds": [], **known,
        }])  # fmt: skip
        self.splunkd.run_saved_search("Delegation Watch - Keep sweeps", time + 26 * MINUTE)

    def usual(self, time, *records):
        self._index(time, "o365:management:activity", records)
        self.splunkd.run_saved_search("Delegation Watch - Collect grants", time + 10 * MINUTE)
        self.splunkd.run_saved_search("Delegation Watch - Learn what usually comes", time + 75 * MINUTE)

    def problems(self, now):
        found = self.splunkd.run_saved_search("Delegation Watch - Collection health", now)
        return {row["what"]: row["problem"] for row in found.rows}

    def parts(self):
        rows = self.splunkd.search("| inputlookup delegation_watch_parts", now=NOW).rows
        return sorted(row["part"].split("|")[-1] for row in rows)

    def ledger(self):
        (row,) = self.splunkd.search("| inputlookup delegation_watch_feeds", now=NOW).rows
        return row


@pytest.fixture
def collected(tmp_path):
    with Splunkd(ROOT, tmp_path, clock=lambda: NOW + 60 * DAY) as splunkd:
        splunkd.tz = ZoneInfo("America/New_York")  # the ledger's times are right wherever a search head is
        yield Collected(splunkd)


def test_a_feed_that_runs_is_no_problem(collected):
    collected.ran(NOW)
    assert collected.problems(NOW + HOUR) == {}


def test_the_ledger_says_what_is_covered_and_how_late_records_come(collected):
    collected.ran(NOW, **{"from": iso(NOW - 7 * DAY)})
    collected.ran(NOW + HOUR, events=5)
    row = collected.ledger()
    assert (float(row["covered_from"]), float(row["covered_until"])) == (NOW - 7 * DAY, NOW + HOUR)
    assert (row["events"], row["lateness_p50"], row["lateness_max"]) == ("15", "1800", "4000")


def test_a_feed_without_a_run_for_hours_is_silent(collected):
    collected.ran(NOW)
    assert collected.problems(NOW + 3 * HOUR)[FEED].startswith("silent: no run for 3")


def test_one_that_runs_once_a_day_is_silent_after_two_days(collected):
    sweeps = {"input": "delegation_inventory://o365", "feed": "delegations", "every": 86400, "from": None,
              "until": None}  # fmt: skip
    collected.ran(NOW, **sweeps)
    assert collected.problems(NOW + 47 * HOUR) == {}
    assert list(collected.problems(NOW + 49 * HOUR).values()) == ["silent: no run for 49.0 hours"]
    collected.ran(NOW + 2 * DAY, **sweeps, status="failed", failures=["the secret has expired"])
    assert list(collected.problems(NOW + 49 * HOUR).values()) == ["failing: the secret has expired"]


def test_a_feed_that_runs_and_gets_nowhere_is_behind(collected):
    collected.ran(NOW, until=iso(NOW - 2 * DAY))
    assert collected.problems(NOW + HOUR)[FEED].startswith("behind: covered only up to 2026-02-28")


def test_a_feed_that_runs_and_never_began_is_behind(collected):
    for hours in (0, 30):
        collected.ran(NOW + hours * HOUR, **{"from": None, "until": None}, events=0, latest_record=None)
        told = collected.problems(NOW + hours * HOUR + MINUTE * 30)
        assert told == ({FEED: "behind: nothing is covered since its first run, 2026-03-02 07:00 EST"} if hours else {})


def test_a_feed_that_fails_says_why(collected):
    collected.ran(NOW, status="failed", failures=["the secret has expired; make a new one and store it"])
    assert collected.problems(NOW + HOUR)[FEED] == "failing: the secret has expired; make a new one and store it"


def test_what_was_lost_is_told_with_its_reason(collected):
    collected.ran(NOW, lost=2, losses=[{"what": "blob a", "why": "the content has expired"},
                                      {"what": "blob b", "why": "the content has expired"}])  # fmt: skip
    problem = collected.problems(NOW + HOUR)[FEED]
    assert problem.startswith("lost: 2 ")
    assert problem.endswith("the content has expired")
    assert collected.ledger()["lost"] == "2"


def test_time_that_can_never_be_covered_is_told(collected):
    gap = {"from": "2026-02-20T00:00:00Z", "until": "2026-02-23T00:00:00Z", "why": "older than seven days"}
    collected.ran(NOW, gaps=[gap])
    told = "not covered: 2026-02-20T00:00:00Z to 2026-02-23T00:00:00Z: older than seven days"
    assert collected.problems(NOW + HOUR)[FEED] == told


BACKFILL = "delegation_audit://o365 backfill Audit.Exchange"


def test_a_feed_that_is_to_be_read_once_is_not_late_and_at_its_end_may_stay_away(collected):
    past = {"feed": "backfill Audit.Exchange", "from": iso(NOW - 180 * DAY), "ends": iso(NOW - 7 * DAY)}
    collected.ran(NOW, **past, until=iso(NOW - 90 * DAY))
    assert collected.problems(NOW + HOUR) == {}
    assert collected.problems(NOW + 3 * HOUR)[BACKFILL].startswith("silent: no run for 3")
    collected.ran(NOW + 4 * HOUR, **past, until=iso(NOW - 7 * DAY))
    assert collected.problems(NOW + 30 * DAY) == {}
    assert float(collected.ledger()["covered_until"]) == NOW - 7 * DAY


def test_what_it_covers_is_what_its_last_run_said_since_it_may_be_set_to_begin_earlier(collected):
    past = {"feed": "backfill Audit.Exchange", "ends": iso(NOW - 7 * DAY)}
    collected.ran(NOW, **past, **{"from": iso(NOW - 30 * DAY)}, until=iso(NOW - 7 * DAY))
    collected.ran(NOW + HOUR, **past, **{"from": iso(NOW - 180 * DAY)}, until=iso(NOW - 150 * DAY))
    row = collected.ledger()
    assert (float(row["covered_from"]), float(row["covered_until"])) == (NOW - 180 * DAY, NOW - 150 * DAY)
    collected.ran(NOW + 2 * HOUR, feed="backfill Audit.Exchange", status="failed", failures=["no"],
                  **{"from": None, "until": None})  # fmt: skip
    row = collected.ledger()
    assert (float(row["covered_until"]), float(row["ends"])) == (NOW - 150 * DAY, NOW - 7 * DAY)


def test_an_operation_that_came_every_day_and_stopped_is_told(collected):
    for day in range(8):
        collected.usual(NOW + day * DAY, record(day, NOW + day * DAY))
    assert collected.problems(NOW + 8 * DAY) == {}
    now = NOW + 14 * DAY  # what a backfill now reads of the past does not hide it
    collected.usual(now - 2 * HOUR, record(100, now - 20 * DAY), record(101, now - 9 * DAY))
    collected.ran(now, feed="backfill Audit.Exchange", ends=iso(NOW), latest_record=iso(now - 9 * DAY))
    told = collected.problems(now)
    assert told["Add-MailboxPermission"] == "blind: came on 8 days and not since 2026-03-09"


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
    for day in range(16):
        address = {"ClientIP": "198.51.100.7:443"} if day < 8 else {}
        collected.usual(NOW + day * DAY, record(day, NOW + day * DAY, **address))
    told = collected.problems(NOW + 15 * DAY + 2 * HOUR)
    assert list(told) == ["Add-MailboxPermission with an address"]


def test_an_operation_that_is_rare_may_be_away_for_long(collected):
    for day in range(0, 80, 10):
        collected.usual(NOW + day * DAY, record(day, NOW + day * DAY))
    assert collected.problems(NOW + 85 * DAY) == {}


@pytest.mark.parametrize(
    ("audit", "told"),
    [
        ({"unified": False, "bypassed": [], "disabled": []}, "audit is switched off"),
        ({"unified": True, "bypassed": ["a@example.com", "b@example.com"], "disabled": []},
         "audit is bypassed for a@example.com, b@example.com"),
        ({"unified": True, "bypassed": [], "disabled": ["a@example.com"]}, "audit is switched off for 1 mailboxes"),
    ],
)  # fmt: skip
def test_an_audit_that_is_off_or_bypassed_is_told(collected, audit, told):
    collected.swept(NOW, audit)
    assert list(collected.problems(NOW + HOUR).values()) == [told]


def test_a_sound_audit_is_no_problem(collected):
    collected.swept(NOW)
    assert collected.problems(NOW + HOUR) == {}


def test_a_sweep_that_is_due_and_did_not_come_is_told(collected):
    collected.swept(NOW)
    assert collected.problems(NOW + 2 * DAY - HOUR) == {}
    assert list(collected.problems(NOW + 2 * DAY + HOUR).values()) == [
        "no sweep of full_access since 2026-03-02 07:00 EST"
    ]  # fmt: skip


def unread(*kinds):
    return {"status": "partial", "failed_kinds": [
        {"kind": kind, "part": kind, "why": f"no role for {kind}! Ask"} for kind in kinds
    ]}  # fmt: skip


def test_a_kind_that_cannot_be_read_is_told_until_it_is(collected):
    """Also one that never was, folders together and the audit itself. When it was read last is still known then."""
    collected.swept(NOW, None, **unread("send_as", "folders", "audit"))
    (told,) = collected.problems(NOW + HOUR).values()
    kinds = ("audit", "folders", "send_as")
    assert told == "; ".join(f"cannot be read: {kind}: no role for {kind}! Ask" for kind in kinds)
    collected.swept(NOW + DAY, kinds=["full_access", "send_as", "folders"], folders=["inbox"])
    assert collected.problems(NOW + DAY + HOUR) == {}
    collected.swept(NOW + 2 * DAY, **unread("send_as"))
    (told,) = collected.problems(NOW + 2 * DAY + HOUR).values()
    assert told == "cannot be read: send_as: no role for send_as! Ask"
    (row,) = collected.splunkd.search("| inputlookup delegation_watch_parts where part=*send_as").rows
    assert float(row["ended"]) == NOW + DAY
    assert collected.parts() == ["audit", "folder:inbox", "folders", "full_access", "send_as"]


def test_a_sweep_that_could_read_no_kind_at_all_is_told_kind_by_kind(collected):
    collected.swept(NOW, kinds=[], **{**unread("send_as", "full_access", "mailboxes"), "status": "failed"})
    collected.swept(NOW, kinds=[], **{**unread("directory"), "status": "failed"})
    assert collected.parts() == ["full_access", "send_as"]


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
