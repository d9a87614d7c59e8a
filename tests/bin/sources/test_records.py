"""The Office 365 feed: what is in a blob comes out as it went in, each record once."""

import json

from delegation_watch.sources.feed import Event, Tally
from delegation_watch.sources.office365 import Office365Feed

from tests.bin.sources.vendor import (
    HOUR,
    NOW,
    Answer,
    blob_uri,
    numbers,
    record,
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


def test_a_blob_that_is_no_list_is_kept_as_one_event_counted_and_told(collector):
    events = text_of_blob(collector, '{"contentId":\n "blob-1"}')
    assert [json.loads(event) for event in events] == [{"contentId": "blob-1"}]
    assert "\n" not in events[0]
    assert (collector.tally.events, collector.tally.unreadable, collector.tally.failed) == (1, 1, [])
    assert "content blob-1 has 1 of what is no record; it is kept as it is" in collector.tally.warnings[0]


def test_nesting_beyond_all_measure_holds_back_its_blob_alone(collector):
    collector.blobs(1, 2)
    collector.vendor.on("GET", blob_uri(1), Answer("[" * 200_000 + "]" * 200_000))
    assert numbers(collector.read()[0]) == [2]
    assert len(collector.tally.failed) == 1


def events_of(collector, body):
    collector.blobs(1)
    collector.vendor.on("GET", blob_uri(1), Answer(body))
    feed = Office365Feed(collector.api, "Audit.Exchange", 1, Tally())
    return [item for item in feed.read({}, NOW - HOUR, NOW) if isinstance(item, Event)]


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
