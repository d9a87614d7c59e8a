"""One evaluation as a whole: its figures, what of them misses a goal, and the same as plain data."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from workbench.evaluation import figures
from workbench.evaluation.course import Judged
from workbench.evaluation.figures import Caught, Compared, Ordered, Pattern, Size
from workbench.evaluation.peers import PEERS, Seen
from workbench.evaluation.plot import EVERYDAY, INTRUSIONS, PAIRS
from workbench.evaluation.real import Real
from workbench.evaluation.set import Labelled


class Evaluation(NamedTuple):
    """All figures of one run.

    `alerts`: by detection, cases of everyday work whatever their score, and cases whose key is the detection's own, so
    that no row tells whose story they are of; `lost`: keys of the records that could not be read.
    """

    seed: int
    size: Size
    records: int
    alert_score: float
    intrusions: List[Caught]
    everyday: List[Pattern]
    alerts: Dict[str, Tuple[int, int]]
    pairs: List[Ordered]
    area: float
    peers: List[Compared]
    lost: List[str]
    real: Optional[Real]

    @property
    def high_cases(self) -> int:
        """High cases on everyday work."""
        return sum(pattern.high for pattern in self.everyday)

    @property
    def noise(self) -> float:
        """The same for 1,000 mailboxes and a day."""
        return self.size.rate(self.high_cases)

    @property
    def order(self) -> float:
        """The share of pairs in order."""
        return sum(pair.right for pair in self.pairs) / len(self.pairs) if self.pairs else 1.0

    def missed(self) -> List[str]:
        """One line for each goal that is not reached."""
        low = [f"{one.name} scores {one.score:.0f}" for one in self.intrusions if not one.caught]
        lines = [f"not every intrusion is at {figures.HIGH:.0f} or above: {', '.join(low)}"] if low else []
        if self.noise > figures.MOST_HIGH_CASES:
            lines.append(f"{self.noise:.3f} high cases a day and 1,000 mailboxes on everyday work, more than 0.2")
        if self.order < figures.LEAST_PAIRS:
            lines.append(f"{self.order:.1%} of the pairs are in order, less than 99 %")
        lines += [f"{peer.peer} has higher recall or less noise" for peer in self.peers if not peer.kept]
        lost = len(self.lost) + (len(self.real.unreadable) if self.real else 0)
        return [*lines, f"{lost} records could not be read"] if lost else lines


def evaluate(seed: int, labelled: Labelled, judged: Judged, real: Optional[Real]) -> Evaluation:
    """The figures of a set that went through the app."""
    rows, names = judged.rows, {story.name for story in EVERYDAY}
    intrusions = figures.recall(INTRUSIONS, rows, judged.alerts)
    counts = Counter(event.story for event in labelled.records)
    everyday = figures.noise(EVERYDAY, rows, counts)
    negatives = [score for (story, _), score in figures.cases(rows).items() if story in names]
    on_everyday = Counter(alert.detection for alert in judged.alerts if names.intersection(alert.stories))
    untold = Counter(alert.detection for alert in judged.alerts if not alert.stories)
    detections = sorted({*on_everyday, *untold}, key=lambda name: (-on_everyday[name], name))
    return Evaluation(
        seed=seed,
        size=Size(labelled.mailboxes, labelled.days),
        records=len(labelled.records),
        alert_score=judged.alert_score,
        intrusions=intrusions,
        everyday=everyday,
        alerts={name: (on_everyday[name], untold[name]) for name in detections},
        pairs=figures.ordered(PAIRS, rows),
        area=figures.area([one.score for one in intrusions], negatives),
        peers=_peers(labelled, rows),
        lost=judged.lost,
        real=real,
    )


def plain(evaluation: Evaluation) -> Dict[str, Any]:
    """The evaluation as plain data for JSON."""
    data = {name: value for name, value in evaluation._asdict().items() if name not in ("size", "real", "pairs")}
    for name in ("intrusions", "everyday", "peers"):
        data[name] = [one._asdict() for one in data[name]]
    data["pairs"] = [
        {"worse": one.pair.worse, "better": one.pair.better, "scores": [one.worse, one.better], "right": one.right}
        for one in evaluation.pairs
    ]
    data["real"] = None if evaluation.real is None else {
        **evaluation.real._asdict(), "judged": [one._asdict() for one in evaluation.real.judged],
    }  # fmt: skip
    goals = {"high_cases": evaluation.high_cases, "noise": evaluation.noise, "order": evaluation.order}
    return {**evaluation.size._asdict(), **data, **goals, "missed": evaluation.missed()}


def _peers(labelled: Labelled, rows: List[Dict[str, Any]]) -> List[Compared]:
    """Each peer over all records; what an intruder does that is no act of his stays outside."""
    acts: Dict[str, Set[Tuple[str, str]]] = defaultdict(set)
    for act in labelled.truth:
        acts[act["story"]].add((str(act["provider"]), str(act["operation"])))
    seen = [Seen(event.time, _body(event.raw), event.story) for event in labelled.records]
    vips = [person["upn"] for person in labelled.people if person["vip"] == "true"]
    return [figures.compared(peer, seen, vips, acts, rows) for peer in PEERS]


def _body(raw: str) -> Dict[str, Any]:
    return dict(json.loads(raw)) if raw.startswith("{") else {"xml": raw}
