"""What the app's judgement of the labelled set comes to, and what the peers' rules come to on the same records.

Plain arithmetic over scored rows and alerts; nothing here knows how a score comes about.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Set, Tuple

from workbench.evaluation.peers import Peer, Seen
from workbench.evaluation.story import Pair, Story

Row = Mapping[str, Any]

# An intrusion is caught from this score on; the app's own alerts begin at the macro delegation_watch_alert_score.
HIGH = 70.0
MOST_HIGH_CASES = 0.2  # a day and 1,000 mailboxes, on everyday work
LEAST_PAIRS = 0.99
DAY = 86400.0


class Size(NamedTuple):
    """How large the set is: to what noise is related."""

    mailboxes: int
    days: int

    def rate(self, count: int) -> float:
        """So many, for 1,000 mailboxes and a day."""
        return count / (self.mailboxes / 1000) / self.days


class Caught(NamedTuple):
    """An intrusion: its technique, its highest score, the detections that found it, and how high these put it."""

    name: str
    technique: str
    score: float
    detections: Tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Whether any of its acts scored high."""
        return self.score >= HIGH


class Pattern(NamedTuple):
    """A kind of everyday work: how many cases it made, how many of them high, and the highest score."""

    name: str
    records: int
    cases: int
    high: int
    score: float


class Ordered(NamedTuple):
    """A pair, and the scores of both."""

    pair: Pair
    worse: float
    better: float

    @property
    def right(self) -> bool:
        """Whether the worse one is above the other."""
        return self.worse > self.better


class Compared(NamedTuple):
    """A peer beside the app: intrusions that it has a rule for, which each caught; noise on what the peer reads."""

    peer: str
    source: str
    note: str
    asked: Tuple[str, ...]
    theirs: Tuple[str, ...]
    ours: Tuple[str, ...]
    their_alerts: int
    our_cases: int

    @property
    def kept(self) -> bool:
        """Whether recall is not lower and noise not higher at once; a peer that is asked nothing says nothing."""
        return not self.asked or (len(self.ours) >= len(self.theirs) and self.our_cases <= self.their_alerts)


def scores(rows: Iterable[Row]) -> Dict[str, float]:
    """The highest score by story, and by `story/scene`."""
    highest: Dict[str, float] = {}
    for row in rows:
        names = [row["story"], f"{row['story']}/{row['scene']}"] if row.get("scene") else [row["story"]]
        for name in names:
            highest[name] = max(highest.get(name, 0.0), _score(row))
    return highest


def cases(rows: Iterable[Row]) -> Dict[Tuple[str, str], float]:
    """The highest score of each (story, case_key); a row without a case is one by itself."""
    found: Dict[Tuple[str, str], float] = {}
    for row in rows:
        key = str(row["story"]), str(row.get("case_key") or row.get("row_id"))
        found[key] = max(found.get(key, 0.0), _score(row))
    return found


def recall(intrusions: Sequence[Story], rows: Sequence[Row], alerts: Iterable[Any]) -> List[Caught]:
    """Each intrusion, by technique."""
    highest = scores(rows)
    by: Dict[str, Set[str]] = defaultdict(set)
    for alert in alerts:
        for story in alert.stories:
            by[story].add(alert.detection)
    return [
        Caught(story.name, story.technique, highest.get(story.name, 0.0), tuple(sorted(by[story.name])))
        for story in sorted(intrusions, key=lambda story: (story.technique, story.name))
    ]


def noise(everyday: Sequence[Story], rows: Sequence[Row], records: Mapping[str, int]) -> List[Pattern]:
    """Each kind of everyday work, the noisiest first."""
    found: Dict[str, List[float]] = defaultdict(list)
    for (story, _), score in cases(rows).items():
        found[story].append(score)
    patterns = [
        Pattern(
            story.name, records.get(story.name, 0), len(found[story.name]),
            sum(score >= HIGH for score in found[story.name]), max(found[story.name], default=0.0),
        )
        for story in everyday
    ]  # fmt: skip
    return sorted(patterns, key=lambda pattern: (-pattern.high, -pattern.score, pattern.name))


def ordered(pairs: Iterable[Pair], rows: Sequence[Row]) -> List[Ordered]:
    """Each pair with both scores."""
    highest = scores(rows)
    return [Ordered(pair, highest.get(pair.worse, 0.0), highest.get(pair.better, 0.0)) for pair in pairs]


def area(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The area under the curve: how often one of the first is above one of the second; equal ones count half."""
    if not positives or not negatives:
        return 1.0
    above = sum((one > other) + (one == other) / 2 for one in positives for other in negatives)
    return above / (len(positives) * len(negatives))


def compared(
    peer: Peer, seen: Sequence[Seen], vips: Iterable[str], acts: Mapping[str, Set[Tuple[str, str]]], rows: Sequence[Row]
) -> Compared:  # fmt: skip
    """One peer beside the app's scored rows, on all records. `acts`: the (provider, operation) of each intrusion.

    Its alerts on everyday work are folded by actor, mailbox and day, which is coarser than a case, in its favour. The
    app's high cases are those of operations that the peer reads: where it reads nothing, it cannot be quieter.
    """
    asked = [story for story, done in acts.items() if any(peer.reads(*act) for act in done)]
    caught: Set[str] = set()
    alerts: Set[Tuple[str, str, float]] = set()
    for rule in peer.rules:
        for event in rule.finds(seen, frozenset(vips)):
            if event.story in acts:
                caught.add(event.story)
            else:
                alerts.add((event.actor, event.mailbox, event.time // DAY))
    theirs = [story for story in asked if story in caught]
    highest = scores(rows)
    ours = [story for story in asked if highest.get(story, 0.0) >= HIGH]
    read = [row for row in rows if row["story"] not in acts and _reads(peer, row)]
    high = sum(score >= HIGH for score in cases(read).values())
    return Compared(peer.name, peer.source, peer.note, tuple(asked), tuple(theirs), tuple(ours), len(alerts), high)


def _reads(peer: Peer, row: Row) -> bool:
    named = row.get("operation") or ()
    operations = [named] if isinstance(named, str) else named
    return any(peer.reads(str(row.get("provider")), operation) for operation in operations)


def _score(row: Row) -> float:
    return float(row.get("delegation_score") or 0)
