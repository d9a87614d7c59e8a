"""What must be ranked above what."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.story import Pair

PAIRS: Tuple[Pair, ...] = (
    Pair("admin-takes-chief", "partner-calendar-defaults", "own access to the chief's mail, over free and busy times"),
    Pair("executives-opened-to-default", "partner-calendar-defaults", "an inbox open to all, over free and busy times"),
    Pair("admin-takes-chief", "joiners-to-shared-mailboxes", "the chief's mailbox from abroad, over a team's mailbox"),
)
