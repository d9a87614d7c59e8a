"""Send the labelled set through the app and through other people's rules, and write docs/evaluation.md.

The page is written when the set has the size that its figures are for; another size is only shown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Iterator, List

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from workbench.collect import APP
from workbench.evaluation import course, real
from workbench.evaluation.document import document, frozen_in
from workbench.evaluation.freeze import digests
from workbench.evaluation.result import Evaluation, evaluate, plain
from workbench.evaluation.set import make

HELP = "recall, noise and order of the scores on a labelled set, beside other people's rules"

PAGE = APP / "docs" / "evaluation.md"
END = datetime(2026, 3, 2, tzinfo=timezone.utc)
SEED, DAYS, MAILBOXES = 1, 90, 1000
ALL_REACHED, SOME_MISSED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--seed", type=int, default=SEED, help=f"which organisation ({SEED})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"how many days ({DAYS})")
    parser.add_argument("--mailboxes", type=int, default=MAILBOXES, help=f"how many mailboxes ({MAILBOXES})")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object on stdout; writes no page")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when a goal is missed or the page is of another set"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code 0; with --check 1 when a goal is missed, or the page was made from a set that has changed since."""
    evaluation = _evaluated(args.seed, args.days, args.mailboxes)
    missed = evaluation.missed()
    if args.json:
        print(json.dumps(plain(evaluation)))
    else:
        print(document(evaluation, frozen_hash()), end="")
    if args.check:
        return checked(missed)
    if not args.json and (args.seed, args.days, args.mailboxes) == (SEED, DAYS, MAILBOXES):
        PAGE.write_text(document(evaluation, frozen_hash()), encoding="utf-8")
        print(f"written: {PAGE.relative_to(APP)}", file=sys.stderr)
    return ALL_REACHED


def checked(missed: List[str]) -> int:
    """1 when a goal is missed, or the page was made from a set that has changed since."""
    written = frozen_in(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else None
    if written != frozen_hash():
        missed = [*missed, f"{PAGE.name} was made from another set; run `make evaluate`"]
    for line in missed:
        print(f"missed: {line}", file=sys.stderr)
    return SOME_MISSED if missed else ALL_REACHED


def frozen_hash() -> str:
    """One hash of stories, labels and pairs as they are now; tests keep them as they were frozen."""
    return hashlib.sha256(json.dumps(digests(), sort_keys=True).encode()).hexdigest()[:16]


def _evaluated(seed: int, days: int, mailboxes: int) -> Evaluation:
    labelled = make(seed, END, days, mailboxes)
    with tempfile.TemporaryDirectory(prefix="delegation_watch_") as home:
        with _progress(len(course.slices(labelled))) as told:
            judged = course.run(labelled, Path(home, "set"), told)
        return evaluate(seed, labelled, judged, real.run(real.FOLDER, Path(home, "real")))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("slices"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)
        yield lambda number: bar.update(task, completed=number)
