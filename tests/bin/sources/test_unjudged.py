"""Records that come too late for the scheduled searches: told once, with what takes them in."""

from pathlib import Path

from delegation_watch.sources.health import Tally
from delegation_watch.sources.unjudged import JUDGED

from tests.bin.sources.ground import Ground, record
from tests.bin.sources.test_workspace import activity, serve
from tests.bin.sources.vendor import DAY, HOUR, NOW, Answer, blob_uri, stamp

ROOT = Path(__file__).parents[3]


def told(tally, feed="Audit.Exchange"):
    before = len(tally.warnings)
    tally.tell_unjudged(feed)
    return tally.warnings[before:]


def test_how_old_a_record_may_be_is_what_the_collecting_searches_say():
    text = (ROOT / "default" / "savedsearches.conf").read_text(encoding="utf-8")
    for name in ("Learn identities", "Learn accounts", "Collect grants"):
        stanza = text.partition(f"[Delegation Watch - {name}]\n")[2].partition("\n[")[0]
        assert "dispatch.earliest_time = -8d\n" in stanza
        assert f"[Delegation Watch - Backfill {name.split()[1]}]" in text
    assert JUDGED == 8 * DAY - HOUR


def test_what_is_older_is_counted_and_told_in_one_line_with_its_days_and_the_searches_that_take_it_in():
    tally = Tally()
    tally.unjudged.begin(NOW)
    tally.came([("Send", (), NOW - days * DAY) for days in (1, 7.9, 9, 12)] + [("Send", (), None)], NOW)
    tally.came([("Send", (), NOW - 10 * DAY)], NOW)
    assert told(tally) == [
        "Audit.Exchange: 3 records of 2026-11-08 to 2026-11-11 are more than eight days old, and no scheduled search "
        "judges them: run Delegation Watch - Backfill identities, - Backfill accounts and - Backfill grants once now, "
        "in this order"
    ]


def test_nothing_is_told_where_nothing_is_too_old_nor_before_a_feed_counts():
    tally = Tally()
    tally.came([("Send", (), NOW - 100 * DAY)], NOW)
    tally.unjudged.begin(NOW)
    tally.came([("Send", (), NOW - 8 * DAY + 2 * HOUR)], NOW)
    assert told(tally) == []


def test_a_feed_of_office_365_tells_of_them_unless_it_is_its_first_run(collector):
    old = {"CreationTime": stamp(NOW - 9 * DAY), "Id": "record-1", "Operation": "Send"}
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer([old]))
    collector.read()
    assert told(collector.tally) == []
    collector.read({"first": NOW - DAY, "until": NOW - HOUR})
    [line] = told(collector.tally)
    assert "1 records of 2026-11-11 are" in line


def test_a_feed_of_workspace_tells_of_them_unless_it_is_its_first_run(collector):
    late = activity(1, 9 * 24 * 60)
    serve(collector, late)
    _, state = collector.workspace(first=NOW - 30 * DAY)
    assert told(collector.tally) == []
    serve(collector, late, activity(2, 9 * 24 * 60))
    collector.workspace({**state, "until": NOW - 20 * DAY}, first=NOW - 30 * DAY)
    [line] = told(collector.tally, "admin")
    assert line.startswith("admin: 1 records of 2026-11-11 are")


def test_a_backfill_tells_of_them_until_it_is_at_its_end():
    with Ground([record(number, days) for number, days in enumerate((60, 40, 20))]) as ground:
        _, state = ground.read()
        [line] = told(ground.tally, "backfill Audit.Exchange")
        assert "3 records of 2026-09-21 to 2026-10-31" in line
        assert "once when the backfill is at its end" in line
        ground.read(state)
        assert told(ground.tally) == []
