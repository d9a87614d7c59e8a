"""The set: every event has its story, and the same seed gives the same bytes."""

from datetime import datetime

from workbench.evaluation.set import make

END = datetime(2026, 11, 23)


def test_the_same_seed_gives_the_same_set():
    assert make(3, END, days=30, mailboxes=120) == make(3, END, days=30, mailboxes=120)


def test_another_seed_gives_another_set():
    one, other = (make(seed, END, days=30, mailboxes=120) for seed in (3, 4))
    assert {event.key for event in one.records}.isdisjoint(event.key for event in other.records)


def test_every_act_of_the_truth_is_an_event_with_its_label():
    made = make(3, END, days=30, mailboxes=120)
    events = {event.key: event for event in made.records}
    assert made.truth
    for act in made.truth:
        event = events[act["id"]]
        assert (event.story, event.step, event.label) == (act["story"], act["step"], act["label"])
