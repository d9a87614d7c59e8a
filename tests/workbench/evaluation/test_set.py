"""The set: every story writes its records, every act of an intrusion is marked, the same seed gives the same bytes."""

import json
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from workbench.errors import BadInput
from workbench.evaluation.plot import EVERYDAY, INTRUSIONS, PAIRS
from workbench.evaluation.set import make, told
from workbench.tenants.ledger import DAY
from workbench.tenants.people import Directory

END = datetime(2026, 11, 23)
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def made_in():
    """The whole set, and the seconds of the processor that it took."""
    begun = time.process_time()
    return make(1, END), time.process_time() - begun


@pytest.fixture(scope="module")
def whole(made_in):
    return made_in[0]


@pytest.fixture(scope="module", params=SEEDS)
def small(request):
    return make(request.param, END, days=30, mailboxes=120)


def test_the_same_seed_gives_the_same_set():
    assert make(3, END, days=20, mailboxes=60) == make(3, END, days=20, mailboxes=60)


def test_another_seed_gives_other_records():
    one, other = (make(seed, END, days=20, mailboxes=60) for seed in (3, 4))
    assert {event.key for event in one.records}.isdisjoint(event.key for event in other.records)


def test_a_story_does_not_depend_on_the_others():
    end = 1_790_000_000.0
    directory = Directory(5, 60)
    story = EVERYDAY[-1]
    first = told(story, 5, directory, end - 20 * DAY, end).records
    for other in EVERYDAY[:5]:
        told(other, 5, directory, end - 20 * DAY, end)
    assert told(story, 5, directory, end - 20 * DAY, end).records == first


def test_every_story_writes_records(small):
    assert {story.name for story in (*INTRUSIONS, *EVERYDAY)} == {event.story for event in small.records}


def test_every_intrusion_has_its_acts_and_everyday_has_none(small):
    assert {act["story"] for act in small.truth} == {story.name for story in INTRUSIONS}


def test_every_act_of_the_truth_is_an_event_with_its_label(small):
    events = {event.key: event for event in small.records}
    for act in small.truth:
        event = events[act["id"]]
        assert (event.story, event.step, event.label) == (act["story"], act["step"], act["label"])
        assert event.provider == act["provider"]


def test_no_act_of_an_intrusion_is_lost_at_the_ends_of_the_time(whole):
    steps = {story.name: {act["step"] for act in whole.truth if act["story"] == story.name} for story in INTRUSIONS}
    assert {name for name, found in steps.items() if found != set(range(1, max(found) + 1))} == set()


def test_records_are_in_order_within_the_time_and_each_there_once(small):
    times = [event.time for event in small.records]
    assert times == sorted(times)
    assert small.start <= times[0]
    assert times[-1] < small.end
    assert max(Counter(event.key for event in small.records).values()) == 1


def test_texts_are_what_the_feed_would_bring(small):
    for event in small.records:
        if event.sourcetype == "XmlWinEventLog":
            assert event.raw.startswith("<Event ")
        else:
            assert isinstance(json.loads(event.raw), dict)
    assert {event.provider for event in small.records} == {"exchange_online", "exchange_server", "workspace"}


def test_everyone_in_the_directory_is_there_once_with_the_facts_of_the_account(small):
    assert max(Counter(row["upn"].lower() for row in small.people).values()) == 1
    assert {row["enabled"] for row in small.people} <= {"true", "false"}
    assert [row for row in small.people if row["kind"] == "partner"] == []
    made = [row["created"] for row in small.people if row["created"]]
    begin = (END - timedelta(days=60)).isoformat()
    assert made
    assert all(begin < created <= END.isoformat() + "Z" for created in made)


@pytest.mark.parametrize(("days", "mailboxes"), [(13, 1000), (90, 59)])
def test_a_set_too_small_for_the_stories_is_refused(days, mailboxes):
    with pytest.raises(BadInput, match="at least 60 mailboxes and 14 days"):
        make(1, END, days, mailboxes)


def test_every_pair_names_stories_or_scenes_that_are_there(whole):
    have = {event.story for event in whole.records}
    have |= {f"{event.story}/{event.scene}" for event in whole.records if event.scene}
    assert [name for pair in PAIRS for name in pair[:2] if name not in have] == []


def test_a_quarter_of_a_thousand_mailboxes_is_made_within_seconds(made_in):
    made, seconds = made_in
    assert seconds < 30
    assert 30_000 < len(made.records) < 150_000
    assert (made.days, made.mailboxes) == (90, 1000)
