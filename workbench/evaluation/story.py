"""What a story of the set is, and what a pair."""

from __future__ import annotations

from typing import Callable, NamedTuple

from workbench.tenants.ledger import Ledger

INTRUSION, EVERYDAY = "intrusion", "everyday"


class Story(NamedTuple):
    """One intrusion, or one kind of everyday work.

    `technique` is the ATT&CK technique, the form of the delegation and, after a comma, the way it was come by; "" for
    everyday. `because` says what page of the references backs the story. `tell` writes its records, and marks those
    that an intrusion consists of.
    """

    name: str
    kind: str
    technique: str
    because: str
    tell: Callable[[Ledger], None]


class Pair(NamedTuple):
    """Of two, which must be ranked above the other, and why that is beyond dispute.

    Both are names of stories, judged by the highest of their acts, or `story/scene`, one act that the story marked.
    """

    worse: str
    better: str
    because: str
