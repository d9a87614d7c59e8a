"""The KV store's file: what was answered for is there again, whatever moment its process ended at."""

import pytest

from workbench.splunkd import journal
from workbench.splunkd.journal import Journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kvstore" / "tiny.jsonl"


def keys(path):
    return list(Journal(path).documents)


def test_changes_are_there_again_in_the_order_in_which_the_documents_came(path):
    one = Journal(path)
    one.put([{"_key": "a", "n": 1}, {"_key": "b", "text": "é\n\u2028"}])
    one.put([{"_key": "c"}, {"_key": "a", "n": 2}])
    one.drop(["b"])
    assert Journal(path).documents == one.documents == {"a": {"_key": "a", "n": 2}, "c": {"_key": "c"}}
    assert keys(path) == ["a", "c"]


def test_a_change_that_was_cut_off_anywhere_is_dropped_whole_and_the_next_one_is_kept(path):
    one = Journal(path)
    one.put([{"_key": "a"}])
    before = path.stat().st_size
    one.put([{"_key": "b"}, {"_key": "c"}])
    whole = path.read_bytes()
    for end in range(before, len(whole)):
        path.write_bytes(whole[:end])
        cut = Journal(path)
        assert list(cut.documents) == ["a"]
        cut.put([{"_key": "d"}])
        assert keys(path) == ["a", "d"]


def test_a_change_that_cannot_be_written_changes_nothing_and_spoils_nothing(path):
    one = Journal(path)
    one.put([{"_key": "a"}])
    with pytest.raises(TypeError):
        one.put([{"_key": "b", "odd": object()}])
    with path.open("ab") as stream:  # as a full disk leaves it
        stream.write(b'{"put": [{"_key": "b"')
    assert list(one.documents) == ["a"]
    one.put([{"_key": "c"}])
    assert keys(path) == ["a", "c"]


def test_the_file_does_not_grow_with_the_number_of_changes(path, monkeypatch):
    monkeypatch.setattr(journal, "_SLACK", 1_000)
    one = Journal(path)
    for number in range(500):
        one.put([{"_key": "a", "text": "x" * 100, "number": number}])
        assert path.stat().st_size < 1_500
    one.put([{"_key": "b"}])
    assert Journal(path).documents == one.documents
    assert [document.get("number") for document in one.documents.values()] == [499, None]
