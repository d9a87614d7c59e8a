"""What was given lately, and how small it is kept."""

import json

import pytest
from delegation_watch.sources import seen as module
from delegation_watch.sources.seen import Seen

HOUR = 3600


def test_a_text_is_new_once_also_after_the_checkpoint_was_stored():
    seen = Seen()
    assert [seen.add("a", 0), seen.add("b", 0), seen.add("a", 0)] == [True, True, False]
    again = Seen(json.loads(json.dumps(seen.state())))
    assert [again.add("a", 0), again.add("c", 0)] == [False, True]
    assert "b" in again
    assert "d" not in again


@pytest.mark.parametrize(("start", "end", "gone"), [(2, 5, {2, 3, 4}), (2.1, 5.9, {3, 4}), (3.1, 3.9, set())])
def test_what_bears_a_time_of_whole_hours_is_forgotten_and_nothing_beside_them(start, end, gone):
    seen = Seen()
    for hour in range(10):
        seen.add(str(hour), hour * HOUR + 1800)
    seen.forget(start * HOUR, end * HOUR)
    assert {hour for hour in range(10) if str(hour) not in seen} == gone


def test_a_thing_met_again_bears_the_later_time():
    seen = Seen()
    seen.add("a", 0)
    seen.add("a", 9 * HOUR)
    seen.add("a", 2 * HOUR)
    seen.forget(0, 9 * HOUR)
    assert "a" in seen


def test_half_characters_are_texts_too():
    seen = Seen()
    assert seen.add("\ud83d", 0)
    assert not seen.add("\ud83d", 0)


def test_a_checkpoint_stays_below_what_the_store_takes(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 100)
    seen = Seen()
    for number in range(150):
        seen.add(str(number), number // 10 * HOUR)
    kept = Seen(seen.state())
    assert [number for number in range(150) if str(number) in kept] == list(range(50, 150))
    assert len(json.dumps(seen.state())) < 100 * 16 + 300


def test_times_before_1970_do_no_harm():
    seen = Seen()
    seen.add("a", -5 * HOUR)
    assert "a" in Seen(seen.state())
