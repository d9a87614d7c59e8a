"""What a sweep notes of single mailboxes: kept whole from checkpoint to checkpoint, in small pieces."""

import json

import pytest
from delegation_watch.sources.notes import Notes
from delegation_watch.sources.sweep import Sweep

from tests.bin.sources.vendor import NOW


def row(number):
    return {"mailbox": f"user{number:06d}@x.example", "kind": "full_access", "why": "it does not answer " * 3}


def noted(count, every=50):
    """(notes, what was stored of them: the last state, with the segments of all)."""
    notes, segments, state = Notes({"count": 0}), {}, {}
    for number in range(count):
        notes.add(row(number))
        if not (number + 1) % every:
            state = json.loads(json.dumps(notes.state()))
            segments.update(state["segments"])
    return notes, {**state, "segments": segments}


@pytest.mark.parametrize("every", [1, 7, 50, 120])
def test_what_was_noted_comes_back_in_its_order(every):
    count = 120 // every * every
    notes, kept = noted(count, every)
    again = Notes(kept)
    assert list(again) == list(notes)[:count] == [row(number) for number in range(count)]
    assert again.mailboxes == {row(number)["mailbox"] for number in range(count)}


def test_two_hundred_thousand_are_stored_as_they_come_and_each_piece_is_small():
    notes, written, largest = Notes({"count": 0}), 0, 0
    for number in range(200_000):
        notes.add(row(number))
        if not number % 50:
            size = len(json.dumps(notes.state()))
            written, largest = written + size, max(largest, size)
    whole = len(json.dumps(list(notes)))
    assert whole > 16 * 2**20  # more than a document may have
    assert written < 3 * whole
    assert largest < 20_000


def test_what_is_behind_the_rows_that_were_counted_is_left_out():
    """Of a run that was killed before its state was stored, or of a sweep before this one."""
    _, kept = noted(60, 20)
    _, longer = noted(200, 20)
    assert list(Notes({**longer, "count": kept["count"]})) == [row(number) for number in range(60)]


def test_notes_of_which_some_are_missing_are_no_notes_and_the_sweep_begins_anew():
    _, kept = noted(120, 20)
    del kept["segments"]["1"]
    with pytest.raises(ValueError, match="120 rows were kept, and 70 are there"):
        Notes(kept)
    first = Sweep.of({}, NOW, "o365", "all")
    assert Sweep.of(first.state(NOW), NOW, "o365", "all").sweep == first.sweep
    assert Sweep.of({**first.state(NOW), "failed": kept}, NOW, "o365", "all").sweep != first.sweep
    for broken in ([row(1)], {}, None, {"count": 1, "segments": {"0": "[1]"}}):
        assert Sweep.of({**first.state(NOW), "failed": broken}, NOW, "o365", "all").sweep != first.sweep
