"""The Office 365 feed: what is in a blob comes out as it went in, each record once."""

import json

import pytest
from delegation_watch.sources import memory
from delegation_watch.sources.feed import Tally
from delegation_watch.sources.office365 import Office365Feed

from tests.bin.sources.vendor import (
    DAY,
    HOUR,
    NOW,
    Answer,
    blob_uri,
    events_in,
    listed,
    numbers,
    record,
    refusal,
)


def text_of_blob(collector, body):
    """The events of a blob of this body."""
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    return collector.read()[0]


def test_a_record_keeps_its_bytes_its_order_and_its_numbers(collector):
    first = r'{"b":1.10, "a" : "\u00e9\/\ud83d\ude00", "CreationTime":"2026-11-20T10:00:00","big":12345678901234567890}'
    second = '{"Id":"é😀  ","Id":"twice"}'
    assert text_of_blob(collector, f"[ {first} ,\n{second}]") == [first, second]


def test_a_record_over_many_lines_becomes_one_line_of_the_same_content(collector):
    [event] = text_of_blob(collector, json.dumps([record(1, Parameters=[{"Name": "é"}])], indent=2))
    assert "\n" not in event
    assert json.loads(event) == record(1, Parameters=[{"Name": "é"}])
    assert list(json.loads(event)) == list(record(1, Parameters=[]))


def test_a_byte_order_mark_and_an_empty_list_are_no_errors(collector):
    assert text_of_blob(collector, b"\xef\xbb\xbf[]") == []
    assert numbers(text_of_blob(collector, b"\xef\xbb\xbf" + json.dumps([record(1)]).encode())) == [1]
    assert (collector.tally.failed, collector.tally.unreadable) == ([], 0)


def test_bytes_that_are_no_utf8_cost_no_record(collector):
    body = b'[{"Id":"record-1","Subject":"caf\xe9"},{"Id":"record-2"}]'
    assert numbers(text_of_blob(collector, body)) == [1, 2]


def test_control_characters_inside_a_string_cost_no_record(collector):
    assert len(text_of_blob(collector, '[{"Id":"record-1","Subject":"a\x00\x1fb\tc"}]')) == 1
    assert (collector.tally.unreadable, collector.tally.failed) == (0, [])


def test_elements_that_are_no_records_are_kept_and_counted(collector):
    assert text_of_blob(collector, '[7, "text", null, [1], {"Id":"record-1"}]') == [
        "7", '"text"', "null", "[1]", '{"Id":"record-1"}',
    ]  # fmt: skip
    assert (collector.tally.events, collector.tally.unreadable) == (5, 4)


@pytest.mark.parametrize("whole", ['{"contentId":\n "blob-1"}', '"text"', "7", "null"])
def test_a_blob_that_is_no_list_is_no_answer_and_fetched_again(collector, whole):
    assert text_of_blob(collector, whole) == []
    assert "blob-1 could not be read: the text of the blob is no list of records" in collector.tally.failed[0]
    assert collector.tally.unreadable == 0


@pytest.mark.parametrize("deep", ["[" * 10_000 + "]" * 10_000, '{"a]":\n"[{" , "b":' * 10_000 + "1" + "}" * 10_000])
def test_nesting_beyond_all_measure_is_kept_as_it_is_and_told_and_the_records_beside_it_are_read(collector, deep):
    given = text_of_blob(collector, f'[{deep},{{"Id":"record-2"}}]')
    assert given[0] == deep.replace("\n", " ")
    assert numbers(given[1:]) == [2]
    assert (collector.tally.unreadable, collector.tally.failed) == (1, [])
    assert "has 1 of what is no record" in collector.tally.warnings[0]


def test_nesting_that_does_not_end_is_a_text_that_was_cut_off(collector):
    assert text_of_blob(collector, '[{"Id":"record-1"},' + "[" * 20_000) == []
    assert len(collector.tally.failed) == 1


def test_a_record_of_twenty_megabytes_is_kept_and_one_that_splunk_would_cut_is_told(collector):
    body = [record(1, Subject="x" * 20_000_000), record(2, Subject="x" * 26_000_000), record(3)]
    assert numbers(text_of_blob(collector, body)) == [1, 2, 3]
    [warning] = collector.tally.warnings
    assert "more than Splunk keeps of an event (TRUNCATE" in warning


def events_of(collector, body):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    feed = Office365Feed(collector.api, "Audit.Exchange", 1, Tally())
    return events_in(feed.read({}, NOW - HOUR, NOW))


def test_an_event_has_the_time_of_its_record_in_utc(collector):
    bodies = [{"CreationTime": "2026-11-20T10:00:00"}, {"CreationTime": "2026-11-20T10:00:00.5Z"}, {"Id": "none"}]
    bodies += [{"CreationTime": "yesterday"}, {"CreationTime": 5}, 7]
    times = [event.time for event in events_of(collector, bodies)]
    assert times == [NOW - 2 * HOUR, NOW - 2 * HOUR + 0.5, None, None, None, None]


def test_the_same_record_to_the_letter_is_given_once_a_near_copy_as_well(collector):
    collector.blobs(1, 2)
    twin = record(7)
    near = [record(7, Operation="Sent"), {**record(7), "ClientIP": "192.0.2.1"}]
    collector.vendor.on("GET", blob_uri(1), Answer([twin, twin, record(8)]))
    collector.vendor.on("GET", blob_uri(2), Answer([twin, *near]))
    assert numbers(collector.read()[0]) == [7, 8, 7, 7]
    assert collector.tally.duplicates == 2


def test_a_record_that_comes_again_in_a_later_run_is_given_once_whatever_blob_it_is_in(collector):
    """The vendor repeats records days later; two contents under one Id are two records."""
    collector.blobs(1)
    _, state = collector.read()
    collector.list(listed(1), listed(2, -48 * 60))
    collector.vendor.on("GET", blob_uri(2), Answer([record(1), {**record(1), "ClientIP": "192.0.2.1"}, record(2)]))
    events, _ = collector.read(state, now=NOW + 49 * HOUR)
    assert numbers(events) == [1, 2]
    assert collector.tally.duplicates == 1


def test_a_memory_that_is_full_fetches_nothing_of_old_again_but_what_had_failed(collector, monkeypatch):
    for name, value in (("SEGMENT", 10), ("_TOGETHER", 1), ("_MOST", 2)):
        monkeypatch.setattr(memory, name, value)
    entries = [listed(number, 60 * number) for number in range(100, 0, -1)]
    collector.list(*entries)
    for number in range(1, 101):
        collector.vendor.on("GET", blob_uri(number), Answer([record(number)]))
    collector.vendor.on("GET", blob_uri(90), refusal("AF50000", 500))
    events, state = collector.read(first=NOW - 6 * DAY)
    assert sorted(numbers(events)) == [number for number in range(1, 101) if number != 90]
    collector.vendor.on("GET", blob_uri(90), Answer([record(90)]))
    events, state = collector.read(state, now=NOW + 300)
    assert numbers(events) == [90]
    assert collector.read(state, now=NOW + DAY)[0] == []


def test_what_came_is_counted_by_operation_with_its_fields_and_how_late_it_was(collector):
    collector.list(listed(1, 30))
    body = [record(1), record(2, ClientIP="192.0.2.1"), {"Id": "record-3", "Operation": "Create"}, 7]
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    collector.read()
    tally = collector.tally
    assert tally.operations == {"Send": 2, "Create": 1, "(unreadable)": 1}
    assert tally.fields["Send"] == {"CreationTime", "Id", "Operation", "ClientIP"}
    assert tally.latest == NOW - HOUR - 1
    assert tally.latest_by == pytest.approx(1802.25)
    assert tally.covered == (NOW - HOUR, NOW)
