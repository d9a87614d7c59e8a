"""What was given before, and in how little room it is known again."""

import json
import tracemalloc

import pytest
from delegation_watch.sources import memory as module
from delegation_watch.sources.memory import Memory


def stored(memory, before=None):
    """The state as it comes back from where it is kept: segments add up, and those before `first` are dropped."""
    state = json.loads(json.dumps(memory.state()))
    segments = {**(before or {}).get("segments", {}), **state["segments"]}
    return {**state, "segments": {n: text for n, text in segments.items() if int(n) >= state["first"]}}


@pytest.fixture
def small(monkeypatch):
    """Segments of ten, two of them forgotten at once, three times two kept."""
    for name, value in (("SEGMENT", 10), ("_TOGETHER", 2), ("_MOST", 3)):
        monkeypatch.setattr(module, name, value)


def test_a_text_is_new_once_also_after_it_was_stored():
    memory = Memory()
    assert [memory.add("a"), memory.add("b"), memory.add("a")] == [True, True, False]
    again = Memory(stored(memory))
    assert [again.add("a"), again.add("c")] == [False, True]
    assert "b" in again
    assert "d" not in again


def test_half_characters_are_texts_too():
    memory = Memory()
    assert [memory.add("\ud83d"), memory.add("\ud83d")] == [True, False]


@pytest.mark.parametrize("every", [1, 3, 10, 20, 60])
def test_stored_at_any_step_it_is_the_same(small, every):
    memory, state = Memory(), None
    for number in range(200):
        assert memory.add(str(number))
        if number % every == 0:
            state = stored(memory, state)
            memory = Memory(state)
            assert [str(n) in memory for n in range(max(0, number - 39), number + 1)] == [True] * min(40, number + 1)
    assert 40 <= sum(str(number) in memory for number in range(200)) <= 60
    assert len(state["segments"]) <= 6


def test_only_what_changed_is_stored_again(small):
    memory = Memory()
    for number in range(35):
        memory.add(str(number))
    assert list(memory.state()["segments"]) == ["0", "1", "2", "3"]
    memory.add("a")
    assert list(memory.state()["segments"]) == ["3"]
    assert memory.state()["segments"] == {}


def test_it_says_what_it_may_have_forgotten(small):
    memory = Memory()
    for number in range(200):
        memory.horizon = float(number)
        memory.add(str(number))
    kept = [number for number in range(200) if str(number) in memory]
    assert kept == list(range(kept[0], 200))
    assert memory.since <= kept[0] <= memory.since + 1
    assert Memory(stored(memory)).since == memory.since


def test_one_that_may_keep_less_than_it_did_comes_down_to_that(small):
    memory = Memory(most=5)
    for number in range(200):
        memory.add(str(number))
    memory = Memory(stored(memory), most=2)
    assert [str(number) in memory for number in range(165, 200)] == [True] * 35
    for number in range(200, 230):
        memory.add(str(number))
    assert len(memory.state()["began"]) == 2
    assert [str(number) in memory for number in (150, 225)] == [False, True]


def test_nothing_is_forgotten_before_it_is_full(small):
    memory = Memory()
    for number in range(39):
        memory.add(str(number))
    assert memory.since == float("-inf")
    assert Memory(stored(memory)).since <= 0


def test_the_same_text_has_another_digest_in_another_memory():
    one, other = Memory(), Memory()
    one.add("a")
    other.add("a")
    assert one.state()["segments"] != other.state()["segments"]


def test_a_hundred_thousand_texts_take_little_room():
    memory = Memory()
    tracemalloc.start()
    for number in range(100_000):
        memory.add(str(number))
        if number % 500 == 0:
            memory.state()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 2_500_000
