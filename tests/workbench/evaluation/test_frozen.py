"""The set is frozen: stories, labels and pairs are those that were written before the weights were fitted."""

import json
import shutil

import pytest

from workbench.errors import BadInput
from workbench.evaluation.freeze import FROZEN, HERE, changed, digests, freeze


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "evaluation"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_set_is_as_it_was_frozen():
    assert changed() == []


def test_every_module_with_stories_is_frozen():
    assert {f"stories/{path.name}" for path in (HERE / "stories").glob("*.py")} <= set(digests())


def test_a_changed_story_is_noticed(copy):
    story = copy / "stories" / "taken.py"
    story.write_text(story.read_text().replace("203.0.113.21", "198.51.100.10"))
    assert changed(copy) == ["stories/taken.py"]


def test_a_story_that_is_gone_or_new_is_noticed(copy):
    (copy / "stories" / "work.py").rename(copy / "stories" / "labour.py")
    assert changed(copy) == ["stories/labour.py", "stories/work.py"]


def test_line_ends_do_not_count(copy):
    pairs = copy / "pairs.py"
    pairs.write_bytes(pairs.read_bytes().replace(b"\n", b"\r\n"))
    assert changed(copy) == []


def test_a_change_without_a_reason_is_refused(copy):
    (copy / "pairs.py").write_text("PAIRS = ()\n")
    with pytest.raises(BadInput, match=r"pairs\.py"):
        freeze(copy)


def test_a_change_with_a_reason_is_told_in_the_file(copy):
    (copy / "pairs.py").write_text("PAIRS = ()\n")
    freeze(copy, "a reason")
    told = json.loads((copy / FROZEN).read_text())["corrections"]
    assert told[-1] == {"because": "a reason", "files": ["pairs.py"]}
    assert changed(copy) == []
