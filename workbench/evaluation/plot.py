"""Which stories there are, and which must be ranked above which."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.pairs import PAIRS
from workbench.evaluation.stories import calendars, executives, folders, shared
from workbench.evaluation.story import Pair, Story

INTRUSIONS: Tuple[Story, ...] = (*executives.STORIES, *folders.STORIES)
EVERYDAY: Tuple[Story, ...] = (*calendars.STORIES, *shared.STORIES)

__all__ = ["EVERYDAY", "INTRUSIONS", "PAIRS", "Pair", "Story"]
