"""Very many small activities: each single event known by its number, ids as little unique as Google's."""

from collections import Counter

from tests.workbench.tenants.conftest import NOW
from workbench.tenants.google_bulk import GoogleBulk, identity_of

DAY = 86400


def events_of(bulk):
    return [str(event) for record in bulk.records for event in record.body["events"]]


def test_every_event_is_there_once():
    bulk = GoogleBulk(500, end=NOW)
    assert bulk.compare(map(identity_of, events_of(bulk))) == ([], [], [])


def test_a_comparison_names_what_was_lost_doubled_and_made_up():
    bulk, other = GoogleBulk(10, end=NOW), GoogleBulk(10, end=NOW, seed=2)
    seen = [identity_of(text) for text in events_of(bulk)]
    told = bulk.compare([*seen[:4], seen[3], *seen[5:], other.identity(4)])
    assert told == ([bulk.identity(4)], [bulk.identity(3)], [other.identity(4)])


def test_some_activities_hold_several_events_and_some_share_time_and_qualifier():
    bulk = GoogleBulk(500, end=NOW)
    assert max(len(record.body["events"]) for record in bulk.records) == 3
    ids = Counter(str(sorted(record.body["id"].items())) for record in bulk.records)
    assert max(ids.values()) > 1


def test_activities_come_evenly_up_to_the_end():
    times = [record.time for record in GoogleBulk(300, end=NOW, days=2).records]
    assert times == sorted(times)
    assert NOW - 2 * DAY < times[0] < times[-1] < NOW
