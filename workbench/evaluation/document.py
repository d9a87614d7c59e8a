"""docs/evaluation.md: what was done, what came of it, what it cannot show. Written by the command, never by hand."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import Iterable, Iterator, List, Optional, Sequence

from workbench.evaluation import figures
from workbench.evaluation.real import Real
from workbench.evaluation.result import Evaluation

_FROZEN = re.compile(r"^Frozen as `([0-9a-f]+)`", re.MULTILINE)
_METHOD = """\
The set is a made-up organisation of {mailboxes:,} mailboxes over {days} days ({records:,} records): {intrusions}
intrusions and {everyday} kinds of everyday work, written from publications on real intrusions and from the noise that
others report, by somebody who did not know the weights. Which of two must be ranked higher was written down with them.

The records go through the app as a site would have it: those of two days are indexed when these are over, and the app's
own searches learn who is who and what is usual, collect, score and detect. An administrator's part is what
docs/collecting.md asks of one: the directory by the inventory, the list of VIPs; no approvals, no weights of his own.
The same records go through other people's published rules, each expressed afresh by its conditions, holes included.

An intrusion counts as caught when one of its acts scores {high:.0f} or more; the app's alerts begin at {alert:.0f}.
Noise is counted by case: what one actor gave to one grantee on one mailbox on one day. Alerts of others are folded by
actor, mailbox and day, which is coarser, in their favour.
"""
_LIMITS = """\
- The organisation is made up, by one hand. It shows how the app orders what is known, not how often it happens.
- The searches see two days at once here, where a site runs them every five minutes: nothing becomes usual within
  these, and what one account does within an hour is seen together.
- The peers' rules run as published: without the exceptions that a site would add to them, as the app runs without
  approvals. Rules of behaviour vendors, who publish no conditions, are not here.
- A peer is compared only on operations that one of its rules reads, in recall as in noise. Where it has no rule, that
  is no win of the app's, and no noise either.
- The weights were fitted on this set after it was frozen, so its figures are better than those of another set would be.
"""


def document(evaluation: Evaluation, frozen: str) -> str:
    """The whole page."""
    parts = [
        "# How well the scores work", "", "Made by `make evaluate`; do not edit.", "",
        *_summary(evaluation), "", "## What was done", "", _method(evaluation),
        f"Frozen as `{frozen}`; seed {evaluation.seed}.", "",
        "## Intrusions", "", *_intrusions(evaluation), "", "## Everyday work", "", *_everyday(evaluation), "",
        "## Order", "", *_order(evaluation), "", "## Beside other people's rules", "", *_peers(evaluation), "",
        "## Real records", "", *_real(evaluation.real), "", "## What this cannot show", "", _LIMITS,
    ]  # fmt: skip
    return "\n".join(parts)


def frozen_in(text: str) -> Optional[str]:
    """The hash of the set that a page was made from."""
    found = _FROZEN.search(text)
    return found.group(1) if found else None


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table of Markdown."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"


def _summary(evaluation: Evaluation) -> Iterator[str]:
    caught = sum(one.caught for one in evaluation.intrusions)
    right = sum(pair.right for pair in evaluation.pairs)
    rows = (
        (f"intrusions at {figures.HIGH:.0f} or above", f"{caught} of {len(evaluation.intrusions)}", "all"),
        ("high cases on everyday work, a day and 1,000 mailboxes", f"{evaluation.noise:.3f}", "at most 0.2"),
        ("pairs in the right order", f"{right} of {len(evaluation.pairs)}", "at least 99 %"),
        ("area under the curve", f"{evaluation.area:.4f}", ""),
        ("peers with higher recall or less noise", sum(not peer.kept for peer in evaluation.peers), "none"),
        ("records that could not be read", len(evaluation.lost), "none"),
    )
    yield from table(("figure", "reached", "goal"), rows)
    missed = evaluation.missed()
    if missed:
        yield from ("", "Not reached:", "", *(f"- {line}" for line in missed))


def _method(evaluation: Evaluation) -> str:
    return _METHOD.format(
        mailboxes=evaluation.size.mailboxes, days=evaluation.size.days, records=evaluation.records,
        intrusions=len(evaluation.intrusions), everyday=len(evaluation.everyday), high=figures.HIGH,
        alert=evaluation.alert_score,
    )  # fmt: skip


def _intrusions(evaluation: Evaluation) -> Iterator[str]:
    groups = groupby(evaluation.intrusions, key=lambda one: one.technique)
    counted = [(technique, list(found)) for technique, found in groups]
    yield from table(
        ("technique", "intrusions", "caught"),
        [(technique, len(found), sum(one.caught for one in found)) for technique, found in counted],
    )
    yield ""
    yield from table(
        ("intrusion", "score", "detections that found it"),
        [(one.name, f"{one.score:.0f}", ", ".join(one.detections) or "none") for one in evaluation.intrusions],
    )


def _everyday(evaluation: Evaluation) -> Iterator[str]:
    yield from table(
        ("kind of work", "records", "cases", "high cases", "highest score"),
        [(one.name, one.records, one.cases, one.high, f"{one.score:.0f}") for one in evaluation.everyday],
    )
    what = (
        "Cases of everyday work that each detection shows, whatever their score, and the rate for 1,000 mailboxes and "
        "a day. Where a detection makes cases of its own out of several rows, they are not told apart by story: the "
        "last column has all of them, the intrusions' among them."
    )
    yield from ("", what, "")
    yield from table(
        ("detection", "cases", "rate", "cases of its own"),
        [(name, count, f"{evaluation.size.rate(count):.2f}", own) for name, (count, own) in evaluation.alerts.items()],
    )


def _order(evaluation: Evaluation) -> Iterator[str]:
    wrong = [pair for pair in evaluation.pairs if not pair.right]
    yield f"{len(evaluation.pairs) - len(wrong)} of {len(evaluation.pairs)} pairs are in order."
    if wrong:
        yield ""
        yield from table(
            ("must be above", "score", "the other", "score", "why"),
            [
                (one.pair.worse, f"{one.worse:.0f}", one.pair.better, f"{one.better:.0f}", one.pair.because)
                for one in wrong
            ],
        )


def _peers(evaluation: Evaluation) -> Iterator[str]:
    yield "Recall on the intrusions that the peer has a rule for, noise on everyday work, both on what the peer reads."
    yield ""
    rows = []
    for peer in evaluation.peers:
        asked = len(peer.asked)
        recall = (f"{len(peer.theirs)} of {asked}", f"{len(peer.ours)} of {asked}") if asked else ("not asked", "")
        verdict = "" if not asked else "yes" if peer.kept else "no"
        rows.append((peer.peer, *recall, peer.their_alerts, peer.our_cases, verdict))
    yield from table(("peer", "its recall", "the app's", "its alerts", "the app's high cases", "kept up with"), rows)
    yield ""
    for peer in evaluation.peers:
        yield f"- {peer.peer}: {peer.source}." + (f" {peer.note}" if peer.note else "")


def _real(real: Optional[Real]) -> List[str]:
    if real is None:
        return ["Not asked: the collected records are not beside this checkout."]
    lines = [
        f"{real.records:,} records in {real.files} files, {len(real.unreadable)} unreadable. Of the single ones those "
        "that confer something, each judged by itself: no directory, no VIP list and nothing learned goes with it, so "
        "that a plain FullAccess is medium here, whoever gave it. Labels are those of the collection.",
        "",
    ]
    counted = Counter(
        (one.label, one.operation, one.right, f"{one.score:.0f}", ", ".join(one.peers)) for one in real.judged
    )
    rows = [(*key[:4], count, key[4] or "none") for key, count in counted.items()]
    return [*lines, *table(("label", "operation", "right", "score", "records", "peers that alert"), rows)]
