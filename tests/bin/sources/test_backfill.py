"""What is older than the feed, by Graph's audit log query: the feed's own records, each once, whatever happens."""

import json

import pytest
from delegation_watch.sources import backfill_plan
from delegation_watch.sources.audit_queries import AuditQueries
from delegation_watch.sources.backfill import BackfillFeed
from delegation_watch.sources.border import BorderedFeed, remedy
from delegation_watch.sources.errors import RefusedError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Feed, Tally, health_event
from delegation_watch.sources.odata import OData

from tests.bin.sources.ground import BEGUN, ENTRA, EXCHANGE, TEN, Given, Ground, numbers, record
from tests.bin.sources.vendor import DAY, HOUR, NOW, Answer, Collector, drained, stamp
from workbench.tenants import Rule

# the records


@pytest.mark.parametrize("form", ["plain", "annotated", "dynamic"])
def test_a_record_is_the_very_record_that_the_feed_would_have_given(ten, form):
    ten.tenant.faults.audit_data = form
    events, _ = ten.read()
    assert [json.loads(text) for text in events] == [one.body for one in TEN]


def test_an_event_has_the_time_of_its_record(ten):
    times = [item.time for item in ten.reader().read({}, BEGUN, NOW) if isinstance(item, Event)]
    assert times == [one.time for one in TEN]


def test_the_health_event_tells_what_came_like_the_feeds_own(ten):
    ten.read()
    told = health_event(Feed("delegation_audit://x", "backfill Audit.Exchange", "o365", "t"), ten.tally, NOW, NOW + 2)
    assert told["operations"] == {"Add-MailboxPermission": 10}
    assert told["fields"] == {"Add-MailboxPermission": sorted(TEN[0].body)}
    assert told["latest_record"] == stamp(TEN[-1].time) + "Z"
    assert told["ends"] == stamp(BEGUN) + "Z"
    assert "lateness" not in told  # the past comes when it is asked for


def test_what_has_no_record_in_it_is_kept_whole_and_counted():
    odd = record(1, 50)
    del odd.body["CreationTime"]
    with Ground([odd]) as ground:
        (text,), _ = ground.read()
        assert json.loads(text)["auditData"]["Id"] == "record-1"
        assert ground.tally.unreadable == 1
        assert ground.tally.operations == {"(unreadable)": 1}


@pytest.mark.parametrize(("fault", "unreadable"), [("deep", 1), ("bad_utf8", 0)])
def test_a_record_beyond_all_measure_is_kept_and_keeps_no_other_back(fault, unreadable):
    with Ground(TEN, plan=[Rule("graph/records", fault, calls=1)]) as ground:
        events, _ = ground.read(since="-101d")
        [odd] = [text for text in events if "stand-in" in text]
        assert sorted(numbers(text for text in events if text != odd)) == list(range(10))
        assert (ground.tally.unreadable, ground.tally.failed) == (unreadable, [])
        assert ("�" in odd, odd.count("{") > 10_000) == (
            fault == "bad_utf8", fault == "deep")  # fmt: skip


def test_only_what_lies_before_the_feed_is_asked_for():
    with Ground([record(1, 180), record(2, 171), record(3, 169), record(4, 7.1), record(5, 6.9)]) as ground:
        assert numbers(ground.read()[0]) == [3, 4]


def test_only_what_matters_is_asked_for_unless_more_is_wanted():
    records = [record(1, 50), record(2, 40, "Send", 2), record(3, 30, "Set-Mailbox"), record(4, 20, "New-InboxRule")]
    records.append(record(5, 10, "Add app role assignment to service principal", 8, "AzureActiveDirectory"))
    with Ground(records) as ground:
        assert numbers(ground.read()[0]) == [1, 3, 4]
        assert numbers(ground.read(operations=("Send", "Set-Mailbox"))[0]) == [2, 3]
        assert numbers(ground.read(operations=("*",))[0]) == [1, 2, 3, 4]
        assert numbers(ground.read(content_type=ENTRA)[0]) == [5]


def test_more_operations_than_before_are_read_of_the_whole_time_and_fewer_change_nothing():
    with Ground([record(1, 50), record(2, 40, "Send", 2), record(3, 30, "Set-Mailbox")]) as ground:
        events, state = ground.read(operations=("Set-Mailbox",))
        assert numbers(events) == [3]
        events, state = ground.read(state, operations=("Set-Mailbox", "Send"))
        assert numbers(events) == [2, 3]
        assert any("asks for more than before" in line for line in ground.tally.warnings)
        assert ground.read(state, operations=("Send",))[0] == []
        events, state = ground.read(state, operations=("*",))
        assert numbers(events) == [1, 2, 3]
        assert ground.read(state, operations=("Send",))[0] == []
        assert ground.tally.warnings == []


# stretches


def test_a_long_time_is_asked_for_month_by_month_oldest_first_and_once(ten):
    events, state = ten.read()
    assert numbers(events) == list(range(10))
    assert len(ten.asked()) == 7  # 160 days in months, and the three days before the feed
    assert ten.tally.notes[-1].startswith("backfill: 100 % of 2026-06-03 12:00 to 2026-11-13 12:05 is read")
    asked_before = len(ten.tenant.requests)
    assert ten.read(state)[0] == []
    assert len(ten.tenant.requests) == asked_before


def test_a_record_on_the_border_of_two_stretches_is_given_once():
    borders = [NOW - 170 * DAY + number * 30 * DAY for number in range(6)] + [BEGUN - 3 * DAY]
    records = [record(place, (NOW - border) / DAY) for place, border in enumerate(borders)]
    with Ground(records) as ground:
        assert numbers(ground.read()[0]) == list(range(7))


def test_one_who_asks_for_more_later_gets_only_what_is_new(ten):
    events, state = ten.read(since="-40d")
    assert numbers(events) == [6, 7, 8, 9]
    events, state = ten.read(state, since="-90d")
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert ten.read(state, since="-20d")[0] == []


def test_a_feed_that_began_earlier_leaves_nothing_to_do(ten):
    assert ten.read(since="-5d") == ([], None)
    assert ten.asked() == []


def test_an_answer_that_was_cut_off_is_asked_for_again_in_parts(ten):
    ten.tenant.faults.record_limit = 1
    events, state = ten.read()
    assert numbers(events) == list(range(10))
    assert (state["todo"], ten.tally.lost) == ([], 0)


def test_more_in_a_minute_than_graph_gives_is_a_loss_and_is_told():
    with Ground([record(number, 50.37) for number in range(5)], record_limit=3) as ground:
        events, state = ground.read()
        assert (len(events), ground.tally.lost, state["todo"]) == (3, 1, [])
        [line] = ground.tally.warnings
        assert "has more records than Graph gives; name fewer backfill_operations" in line


def test_an_answer_too_long_for_a_checkpoint_is_asked_for_in_parts(ten, monkeypatch):
    monkeypatch.setattr(backfill_plan, "MOST", 2)
    events, _ = ten.read()
    assert numbers(events) == list(range(10))
    assert len(ten.asked()) > 7


# waiting


def test_a_query_that_takes_its_time_is_left_to_the_next_run_and_not_made_again(ten):
    ten.tenant.faults.query_seconds = 1000
    events, state = ten.read(since="-30d")
    assert events == []
    assert "a query for 2026-10-21 12:00 to 2026-11-10 12:05 is running" in ten.tally.notes[-1]
    assert sum(ten.slept) < 180
    ten.now += 1000
    events, state = ten.read(state, since="-30d")
    assert (numbers(events), len(ten.slept)) == ([7, 8, 9], 14)
    assert len(ten.asked()) == 2


def test_one_that_does_not_end_within_a_day_is_made_anew(ten):
    ten.tenant.faults.query_outcome = "running"
    _, state = ten.read(since="-30d")
    state["query"][2] -= 2 * DAY
    events, state = ten.read(state, since="-30d")
    assert (events, state["query"]) == ([], state["query"])
    [line] = ten.tally.failed
    assert "did not end within a day" in line
    ten.tenant.faults.query_outcome = "succeeded"
    assert sorted(numbers(ten.read(state, since="-30d")[0])) == [7, 8, 9]


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_a_query_that_fails_keeps_none_of_the_others_back_and_is_made_again(ten, outcome):
    ten.tenant.faults.query_outcome = outcome
    events, state = ten.read()
    assert events == []
    assert len(ten.tally.failed) == 3
    told = f"2026-06-03 12:00 to 2026-07-03 12:00 cannot be read, and is asked for again: its query ended as {outcome}"
    assert told in ten.tally.failed[0]
    ten.tenant.faults.query_outcome = "succeeded"
    events, state = ten.read(state)
    assert sorted(numbers(events)) == list(range(10))
    assert state["todo"] == []


def test_what_fails_again_is_asked_for_in_halves(ten):
    ten.tenant.faults.query_outcome = "failed"
    _, state = ten.read(since="-30d")
    assert len(state["todo"]) == 3
    ten.tenant.faults.query_outcome = "succeeded"
    assert sorted(numbers(ten.read(state, since="-30d")[0])) == [7, 8, 9]


@pytest.mark.parametrize("fault", ["503", "reset"])
def test_a_stretch_that_the_service_always_fails_for_keeps_none_of_the_others_back(ten, fault):
    """It gives others: then it is no outage."""
    begins = stamp(NOW - 101 * DAY - 1)
    ten.tenant.faults.plan = [Rule("graph/query", fault, key=f"*{begins}*")]
    events, state = ten.read(since="-101d")
    assert sorted(numbers(events)) == [3, 4, 5, 6, 7, 8, 9]
    assert len(ten.tally.failed) == 3  # again behind the others, and in halves
    later, state = ten.read(state, since="-101d")
    assert sorted(numbers(later)) == [1, 2]  # what begins behind the fault
    ten.tenant.faults.plan = []
    last, state = ten.read(state, since="-101d")
    assert (numbers(last), state["todo"]) == ([0], [])


def test_what_was_given_of_a_stretch_that_failed_is_not_given_again():
    twenty = [record(number, 60 - number / 10) for number in range(20)]
    plan = [Rule("graph/records", "400", key="*skiptoken=p00000008*")]
    with Ground(twenty, graph_page=4, plan=plan) as ground:
        events, state = ground.read(since="-61d")
        assert numbers(events) == list(range(8))
        again, state = ground.read(state, since="-61d")  # in halves by now
        ground.tenant.faults.plan = []
        rest, state = ground.read(state, since="-61d")
        assert sorted(numbers(events + again + rest)) == list(range(20))
        assert state["seen"] == {}


def test_the_last_days_wait_until_the_feed_is_past_them_since_it_may_give_their_late_records():
    with Ground([record(1, 30), record(2, 8)]) as ground:
        ground.until = BEGUN + DAY
        events, state = ground.read()
        assert numbers(events) == [1]
        assert "wait until the feed has caught up" in ground.tally.notes[0]
        ground.until = BEGUN + 3 * DAY
        assert numbers(ground.read(state)[0]) == [2]


def test_what_was_put_off_does_not_wait_for_the_last_days(ten):
    ten.until = BEGUN + HOUR
    ten.tenant.faults.query_outcome = "failed"
    _, state = ten.read(since="-60d")
    ten.tenant.faults.query_outcome = "succeeded"
    events, _ = ten.read(state, since="-60d")
    assert sorted(numbers(events)) == [4, 5, 6, 7, 8, 9]
    assert "last days wait" in ten.tally.notes[0]


def test_a_feed_that_was_not_read_yet_is_waited_for(ten):
    reader = ten.reader()
    reader._feed.begun = None
    assert list(reader.read({}, BEGUN, NOW)) == []


# each once


def test_what_the_feed_gave_though_it_is_older_is_not_given_again():
    with Ground([record(1, 7.2), record(2, 7.1)]) as ground:
        ground.early = ["record-2"]
        assert numbers(ground.read()[0]) == [1]
        assert ground.tally.duplicates == 1


def test_a_run_that_is_ended_at_any_moment_loses_nothing_and_doubles_one_page_at_most():
    with Ground([record(number, 60 - number / 10) for number in range(20)], graph_page=4) as ground:
        whole = list(ground.reader(since="-61d").read({}, BEGUN, NOW))
        for kept in range(len(whole)):
            before = [item for _, item in zip(range(kept), ground.reader(since="-61d").read({}, BEGUN, NOW))]
            events, state = drained(before)
            after, _ = ground.read(state, since="-61d")
            given = numbers(events + after)
            assert set(given) == set(range(20)), kept
            assert len(given) - 20 <= 4, kept


def test_a_run_that_goes_on_reads_on_where_it_stopped_without_a_new_query():
    with Ground([record(number, 60 - number / 10) for number in range(20)], graph_page=4) as ground:
        items = ground.reader(since="-61d").read({}, BEGUN, NOW)
        before = []
        while sum(isinstance(item, Event) for item in before) < 9:
            before.append(next(items))
        items.close()
        events, state = drained(before)
        assert len(ground.asked()) == 1
        read = len(ground.asked("GET", "records"))
        after, _ = ground.read(state, since="-61d")
        assert len(ground.asked("GET", "records")) - read <= 5
        assert sorted(set(numbers(events + after))) == list(range(20))


def test_the_address_of_a_page_that_is_taken_no_longer_begins_the_query_over_and_doubles_nothing():
    plan = [Rule("graph/records", "400", after=2, calls=1)]
    with Ground([record(number, 60 - number / 10) for number in range(20)], graph_page=4, plan=plan) as ground:
        events, _ = ground.read(since="-61d")
        assert sorted(numbers(events)) == list(range(20))
        assert ground.tally.duplicates == 8


def test_a_query_that_is_gone_is_made_again(ten):
    ten.tenant.faults.query_seconds = 1000
    _, state = ten.read(since="-30d")
    ten.tenant.faults.query_seconds = 0
    state["query"][0] = "gone"
    events, state = ten.read(state, since="-30d")
    assert sorted(numbers(events)) == [7, 8, 9]
    assert len(ten.tally.failed) == 1


def test_pages_that_go_in_a_circle_end_and_are_told(ten):
    ten.tenant.faults.plan = [Rule("graph/records", "loop")]
    ten.read(since="-30d")
    assert "names the same next page again" in ten.tally.failed[0]


def test_an_empty_page_that_names_a_next_one_is_no_end(ten):
    ten.tenant.faults.plan = [Rule("graph/records", "empty_next")]
    assert numbers(ten.read()[0]) == list(range(10))


# the service


@pytest.mark.parametrize("where", ["query", "status", "records"])
@pytest.mark.parametrize("fault", ["429:7", "503", "reset", "cut", "html", "truncated", "error_in_200", "token_ends"])
def test_a_fault_in_passing_costs_nothing(where, fault):
    calls = 1 if fault == "token_ends" else 2
    with Ground(TEN[5:], plan=[Rule(f"graph/{where}", fault, after=1, calls=calls)]) as ground:
        events, _ = ground.read(since="-60d")
        assert sorted(numbers(events)) == [5, 6, 7, 8, 9]
        if fault == "429:7":
            assert 7 in ground.slept


def test_a_service_that_is_out_keeps_the_place(ten):
    items = []
    ten.tenant.faults.plan = [Rule("graph/records", "reset", after=2), Rule("graph/queries", "reset")]
    with pytest.raises(UnreachableError):
        items.extend(ten.reader().read({}, BEGUN, NOW))
    events, state = drained(items)
    assert [tries for _, _, tries in state["todo"]] == [0] * 5
    ten.tenant.faults.plan = []
    after, _ = ten.read(state)
    assert sorted(numbers(events + after)) == list(range(10))


def test_a_redirect_is_not_followed(ten):
    ten.tenant.faults.plan = [Rule("graph/records", "redirect")]
    with pytest.raises(RefusedError, match="answers with a redirect; none is followed"):
        ten.read()


def test_a_next_page_on_another_host_is_not_asked_for():
    vendor = Collector()
    root = "https://graph.test/v1.0/security/auditLog/queries"
    vendor.vendor.on("POST", root, Answer({"id": "q"}, 201))
    vendor.vendor.on("GET", root + "/q", Answer({"id": "q", "status": "succeeded"}))
    elsewhere = {"value": [], "@odata.nextLink": "https://content.example.net/v1.0/page"}
    vendor.vendor.on("GET", root + "/q/records", Answer(elsewhere))
    queries = AuditQueries(OData(vendor.http, "https://graph.test", vendor.token, "Microsoft Graph"), EXCHANGE, ())
    feed = BorderedFeed(Given([Checkpoint({"until": NOW})]), frozenset(), Tally(), remedy("-30d", ""))
    list(feed.read({}, BEGUN, NOW))
    with pytest.raises(RefusedError, match=r"refused to call content.example.net: only graph.test:443 was agreed on"):
        list(BackfillFeed(queries, feed, "-30d", Tally()).read({}, BEGUN, NOW))
    assert not any("content.example.net" in call.url for call in vendor.vendor.calls)
    vendor.session.close()


@pytest.mark.parametrize("status", [400, 404])
def test_a_version_of_graph_without_the_query_is_passed_over_for_the_other(ten, status):
    ten.tenant.faults.audit_log_absent = {"v1.0": status}
    assert numbers(ten.read()[0]) == list(range(10))


def test_a_tenant_where_no_version_has_it_is_told(ten):
    ten.tenant.faults.audit_log_absent = {"v1.0": 400, "beta": 404}
    with pytest.raises(RefusedError, match=r"no audit log query in v1.0 and beta of this tenant; check"):
        ten.read()
    ten.versions = ("v1.0",)
    with pytest.raises(RefusedError, match=r"in v1.0 of this tenant"):
        ten.read()


# who asks


@pytest.mark.parametrize(
    ("content_type", "least"),
    [(EXCHANGE, "AuditLogsQuery-Exchange.Read.All"), (ENTRA, "AuditLogsQuery-Entra.Read.All")],
)
def test_a_permission_that_is_missing_is_named_and_nothing_is_taken_for_no_records(ten, content_type, least):
    ten.tenant.faults.roles = ("ActivityFeed.Read", "AuditLogsQuery-SharePoint.Read.All")
    with pytest.raises(RefusedError) as caught:
        ten.read(content_type=content_type)
    told = f"lacks the application permission {least} (or AuditLogsQuery.Read.All) of Microsoft Graph"
    assert told in str(caught.value)
    assert ten.asked() == []
    ten.tenant.faults.roles = (least,)
    ten.read(content_type=content_type)


def test_a_refusal_of_graph_is_one_line_with_its_own_words(ten):
    ten.tenant.faults.plan = [Rule("graph/query", "403")]
    with pytest.raises(RefusedError) as caught:
        ten.read()
    assert "Microsoft Graph refuses the call: HTTP 403: Authorization_RequestDenied" in str(caught.value)
    assert str(caught.value).endswith(
        " - give the application the permission AuditLogsQuery-Exchange.Read.All of Microsoft Graph"
    )
