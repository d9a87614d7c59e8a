"""What the searches tell of feeds: which is silent, behind, empty, failing, collected twice or losing."""

from tests.collected import DAY, FEED, HOUR, MINUTE, NOW, OTHER, TENANT, iso


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
    sweeps = {"input": "delegation_inventory://o365", "feed": "delegations", "every": 86400, "latest_record": None}
    collected.ran(NOW, **sweeps)
    assert collected.problems(NOW + 47 * HOUR) == {}
    assert list(collected.problems(NOW + 49 * HOUR).values()) == [
        "silent: no run for 49.0 hours; see that the input runs, and that the index it writes to exists"
    ]  # fmt: skip
    collected.ran(NOW + 2 * DAY - HOUR, **sweeps, status="failed", failures=["the secret has expired"])
    assert list(collected.problems(NOW + 49 * HOUR).values()) == ["failing: the secret has expired"]


def test_one_that_follows_a_schedule_is_silent_after_two_days(collected):
    collected.ran(NOW, every=None)
    assert collected.problems(NOW + 23 * HOUR) == {}
    assert collected.problems(NOW + 49 * HOUR)[FEED].startswith("silent: no run for 49.0 hours")


def test_an_input_that_is_mended_or_reads_less_is_not_told_of_what_it_no_longer_reads(collected):
    general = {"feed": "Audit.General"}
    collected.ran(NOW, {}, general)
    collected.ran(NOW + 5 * MINUTE, feed="-", status="failed", failures=["content_types: no such type"], tenant="")
    told = collected.problems(NOW + 15 * MINUTE)
    assert told == {"delegation_audit://o365 -": "failing: content_types: no such type"}
    assert "-" in {run["feed"] for run in collected.last_runs()}
    collected.ran(NOW + 20 * MINUTE, {}, general)
    assert collected.problems(NOW + 25 * MINUTE) == {}
    assert [run["feed"] for run in collected.last_runs()] == ["Audit.Exchange", "Audit.General"]
    for hours in (1, 2, 3):
        collected.ran(NOW + hours * HOUR, host="another" if hours == 2 else "h")
        told = collected.problems(NOW + hours * HOUR + MINUTE)
        assert told == {}, hours
    assert list(collected.problems(NOW + 6 * HOUR)) == [FEED]


def test_what_another_host_reads_under_the_same_name_does_not_end_a_line(collected):
    collected.ran(NOW, {"feed": "Audit.General"}, host="one")
    for hours in (1, 2, 3):
        collected.ran(NOW + hours * HOUR, host="two")
    assert list(collected.problems(NOW + 3 * HOUR + MINUTE)) == ["delegation_audit://o365 Audit.General"]


def test_a_feed_that_runs_and_brings_nothing_is_empty_by_what_is_usual_for_it(collected):
    """Of five feeds one has records until day 30, one every week until day 28, one in its first week alone, one none
    at all, and one is read once. They run once a day."""
    def run(day):
        now = NOW + day * DAY
        newest = {
            "Audit.Exchange": now - HOUR if day <= 30 else None, "Audit.General": now if day <= 7 else None,
            "groups_enterprise": now if day <= 28 and day % 7 == 0 else None, "DLP.All": None,
            "backfill Audit.Exchange": now - 90 * DAY if day <= 30 else None,
        }  # fmt: skip
        collected.ran(now, *({"feed": feed, "every": DAY, "latest_record": latest and iso(latest),
                              "ends": iso(NOW) if feed.startswith("backfill") else None}
                             for feed, latest in newest.items()))  # fmt: skip

    told = {}
    for day in range(48):
        run(day)
        if day in (30, 32, 46, 47):
            told[day] = collected.problems(NOW + day * DAY + HOUR)
    weekly = FEED.replace("Audit.Exchange", "groups_enterprise")
    assert [list(told[day]) for day in (30, 32, 46, 47)] == [[], [FEED], [FEED], [FEED, weekly]]
    said = "empty: runs, and brings nothing newer than 2026-04-01 07:00 EDT, which is over three times its longest"
    assert told[32][FEED].startswith(said)
    assert "Get-AdminAuditLogConfig" in told[32][FEED]


def test_when_a_feed_was_empty_is_learnt_as_no_more_than_it_took_to_tell(collected):
    def runs(days, empty=False):
        for day in days:
            now = NOW + day * DAY
            collected.ran(now, every=DAY, latest_record=None if empty else iso(now - HOUR))

    runs(range(30))
    runs(range(30, 40), empty=True)
    runs(range(40, 42))
    runs((42, 43), empty=True)
    assert collected.problems(NOW + 43 * DAY + HOUR) == {}
    runs((44,), empty=True)
    assert list(collected.problems(NOW + 44 * DAY + HOUR)) == [FEED]


def test_two_hosts_that_each_collect_the_same_are_told_once_they_did_for_hours(collected):
    """Also of an account that names no tenant, as one of Workspace may."""
    nameless = {"input": "delegation_audit://workspace", "feed": "admin", "provider": "workspace", "tenant": ""}

    def run(time, host):  # from where this host was itself
        collected.ran(time, *({**feed, "from": iso(time - 300)} for feed in ({}, nameless)), host=host)

    for turn in range(30):
        run(NOW + turn * 150, "ab"[turn % 2])
        if turn in (15, 29):
            assert collected.problems(NOW + turn * 150 + MINUTE) == {}
    for hours in range(1, 3):
        for turn in range(2):
            now = NOW + hours * HOUR + 15 * MINUTE + turn * 150
            run(now, "ab"[turn])
    said = "collected twice: by the hosts a, b, so that each record is in the index twice: leave it to one of them"
    assert collected.problems(now + MINUTE) == {FEED: said, "delegation_audit://workspace admin": said}
    run(now + 3 * HOUR, "a")
    assert collected.problems(now + 3 * HOUR + MINUTE) == {}


def test_hosts_that_take_turns_with_one_kv_store_are_no_two_collectors(collected):
    """Each goes on where the other ended, by clocks that differ by half a minute."""
    for turn in range(40):
        now = NOW + turn * 5 * MINUTE
        collected.ran(now, host="ab"[turn % 2], **{"from": iso(now - 330)})
    collected.ran(NOW + 4 * HOUR, host="a", tenant=OTHER)
    assert collected.problems(NOW + 4 * HOUR + MINUTE) == {}


def test_two_inputs_that_collect_the_same_are_told_and_one_that_follows_another_is_not(collected):
    one, two, next_ = ({"input": f"delegation_audit://{name}", "every": HOUR} for name in ("one", "two", "next"))
    others = [{**one, "input": f"delegation_inventory://{name}", "feed": "delegations", "from": None, "until": None}
              for name in ("all", "vips")]  # fmt: skip
    others += [{**one, "input": f"delegation_audit://{name}", "provider": "workspace", "tenant": "my_customer"}
               for name in ("a_customer", "another_customer")]  # fmt: skip
    collected.ran(NOW, one, *others)
    for hours in range(1, 5):
        collected.ran(NOW + hours * HOUR, two, {**two, "tenant": OTHER, "input": "delegation_audit://other"}, *others,
                      *([one] if hours < 4 else []))  # fmt: skip
        told = collected.problems(NOW + hours * HOUR + MINUTE)
        both = {f"delegation_audit://{name} Audit.Exchange" for name in ("one", "two")}
        assert set(told) == (both if hours > 2 else set())
    said = "collected twice: by the inputs delegation_audit://one, delegation_audit://two, so that "
    assert all(problem.startswith(said) for problem in told.values())
    collected.ran(NOW + 5 * HOUR, next_, *others)  # `one` ended, and `two` with it
    assert collected.problems(NOW + 5 * HOUR + 30 * MINUTE) != {}
    collected.ran(NOW + 7 * HOUR, next_, *others)
    assert not any("twice" in problem for problem in collected.problems(NOW + 7 * HOUR + MINUTE).values())


def test_what_was_told_hides_no_other_problem_of_the_same_feed_or_tenant(collected):
    """What was told alerts again after a day, whatever its figures say by then."""
    collected.ran(NOW, lost=2, losses=[{"what": "blob a", "why": "the content has expired"}])
    collected.swept(NOW, {"unified": True, "bypassed": ["a@example.com"], "disabled": ["b@example.com"]})
    tenant = f"{TENANT} exchange_online"
    mailboxes = (tenant, "audit of mailboxes is switched off")
    assert collected.alerts(NOW + HOUR) == [
        (tenant, "audit is bypassed for a@example.com"), mailboxes, (FEED, "lost")
    ]  # fmt: skip
    collected.ran(NOW + 2 * HOUR, lost=3, status="failed", failures=["the secret has expired"])
    collected.swept(NOW + 2 * HOUR, {"unified": False, "bypassed": ["a@example.com", "eve@example.com"],
                                     "disabled": ["b@example.com", "c@example.com"]})  # fmt: skip
    assert collected.alerts(NOW + 3 * HOUR) == [
        (tenant, "audit is bypassed for eve@example.com"), (tenant, "audit is switched off"), (FEED, "failing")
    ]  # fmt: skip
    assert mailboxes in collected.alerts(NOW + 26 * HOUR)


def test_a_feed_that_runs_and_gets_nowhere_is_behind(collected):
    collected.ran(NOW, until=iso(NOW - 2 * DAY))
    assert collected.problems(NOW + HOUR)[FEED].startswith("behind: covered only up to 2026-02-28")


def test_a_feed_that_runs_and_never_began_is_behind(collected):
    for hours in (0, 30):
        collected.ran(NOW + hours * HOUR, **{"from": None, "until": None}, events=0, latest_record=None)
        told = collected.problems(NOW + hours * HOUR + MINUTE * 30)
        assert told == ({FEED: "behind: nothing is covered since its first run, 2026-03-02 07:00 EST"} if hours else {})


def test_an_inventory_none_of_whose_sweeps_comes_to_its_end_is_told(collected):
    """Each run is cut off, as by a restart every night, and none fails. One that runs once a week has two weeks."""
    often, rarely = ({"input": f"delegation_inventory://{name}", "feed": "delegations", "every": every,
                      "latest_record": None} for name, every in (("o365", DAY), ("weekly", 7 * DAY)))  # fmt: skip
    cut = {"from": None, "until": None}
    collected.ran(NOW, {**often, **cut}, {**rarely, **cut})
    assert collected.problems(NOW + 2 * DAY - HOUR) == {}
    collected.ran(NOW + 10 * DAY, {**often, **cut}, {**rarely, **cut})
    said = "no sweep: none is known to have come to its end since its first run, 2026-03-02 07:00 EST: see in its log "
    told = collected.problems(NOW + 10 * DAY + HOUR)
    assert list(told) == ["delegation_inventory://o365 delegations"]
    assert told["delegation_inventory://o365 delegations"].startswith(said)
    collected.ran(NOW + 11 * DAY, often, rarely)
    assert collected.problems(NOW + 11 * DAY + HOUR) == {}
    collected.ran(NOW + 14 * DAY, {**often, **cut})
    (told,) = collected.problems(NOW + 14 * DAY + HOUR).values()
    assert told.startswith("no sweep: the last one that came to its end did so at 2026-03-13 08:00 EDT: ")


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
