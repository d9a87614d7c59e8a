"""Which stories there are, and which must be ranked above which."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.pairs import PAIRS
from workbench.evaluation.stories import (
    administration,
    applied,
    calendars,
    changes,
    folders,
    gmail,
    machine,
    roles,
    sending,
    server,
    shared,
    subsidiary,
    taken,
    work,
)
from workbench.evaluation.story import Pair, Story

INTRUSIONS: Tuple[Story, ...] = (
    *taken.STORIES,
    *sending.STORIES,
    *folders.STORIES,
    *roles.STORIES,
    *applied.STORIES,
    *gmail.STORIES,
    *server.STORIES,
)
EVERYDAY: Tuple[Story, ...] = (
    *calendars.STORIES,
    *shared.STORIES,
    *changes.STORIES,
    *machine.STORIES,
    *work.STORIES,
    *administration.STORIES,
    *subsidiary.STORIES,
)

__all__ = ["EVERYDAY", "INTRUSIONS", "PAIRS", "Pair", "Story"]
