"""The plot: enough stories of enough kinds, and pairs that name them."""

import re
from collections import Counter

import pytest

from workbench.evaluation.plot import EVERYDAY, INTRUSIONS, PAIRS

STORIES = (*INTRUSIONS, *EVERYDAY)
TOLD_IN = ("peers.md", "office365.md", "workspace.md")


def test_there_are_intrusions_of_many_techniques_and_everyday_of_many_kinds():
    assert len({story.technique for story in INTRUSIONS}) == len(INTRUSIONS) >= 16
    assert len({story.technique.split(",")[0] for story in INTRUSIONS}) >= 8
    assert len(EVERYDAY) >= 24


def test_names_are_unique_and_in_kebab_case():
    names = [story.name for story in STORIES]
    assert Counter(names).most_common(1)[0][1] == 1
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


def test_kinds_and_techniques_fit():
    assert {story.kind for story in INTRUSIONS} == {"intrusion"}
    assert {story.kind for story in EVERYDAY} == {"everyday"}
    assert all(re.match(r"T\d{4}\.\d{3} \w", story.technique) for story in INTRUSIONS)
    assert not any(story.technique for story in EVERYDAY)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_says_what_backs_it(story):
    assert story.because.startswith(TOLD_IN)


def test_there_are_enough_pairs_and_none_twice():
    asked = [(pair.worse, pair.better) for pair in PAIRS]
    assert len(set(asked)) == len(asked) >= 120
    assert not {(better, worse) for worse, better in asked} & set(asked)
    assert all(pair.because for pair in PAIRS)


def test_pairs_are_also_within_everyday_and_within_intrusions():
    kinds = {story.name: story.kind for story in STORIES}
    told = Counter((kinds[pair.worse.split("/")[0]], kinds[pair.better.split("/")[0]]) for pair in PAIRS)
    assert told["everyday", "everyday"] >= 20
    assert told["intrusion", "intrusion"] >= 5
    assert not told["everyday", "intrusion"]
