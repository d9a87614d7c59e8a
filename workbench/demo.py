"""Run the main job from nothing on a made-up organisation: its feeds are collected, and the alerts are ranked."""

import argparse
import os
import sys
from pathlib import Path

from workbench.demonstration.course import play
from workbench.demonstration.home import fresh
from workbench.demonstration.outcome import MISSED, Outcome, compare
from workbench.demonstration.picture import Tape, draw
from workbench.demonstration.steps import Steps
from workbench.demonstration.telling import alert_lines, tell
from workbench.report.terminal import Terminal

HELP = "the main job from nothing, on a made-up organisation"

HOME = Path(__file__).resolve().parent.parent / "var" / "demo"
ALL_FOUND, SOME_MISSED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--seed", type=int, default=7, help="which organisation (7)")
    parser.add_argument("--days", type=int, default=30, help="how many days it has (30)")
    parser.add_argument("--mailboxes", type=int, default=240, help="how many mailboxes (240)")
    parser.add_argument("--json", action="store_true", help="the alerts' rows, one JSON object a line, on stdout")
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help="where it works (var/demo)")
    parser.add_argument("--keep", action="store_true", help="leave that folder: export, events, settings")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="also draw what was printed, for the README")


def run(args: argparse.Namespace) -> int:
    """Exit code: 0 when every grant of the attack was found, 1 when one was missed or an input failed."""
    with fresh(args.home, args.keep) as home:
        outcome = play(args.seed, args.days, args.mailboxes, home, Steps())
    _show(args, outcome)
    deeds, _ = compare(outcome)
    return SOME_MISSED if any(deed.state == MISSED for deed in deeds) else ALL_FOUND


def _show(args: argparse.Namespace, outcome: Outcome) -> None:
    try:
        tell(outcome, Terminal(sys.stderr if args.json else sys.stdout))
        for line in alert_lines(outcome) if args.json else ():
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if args.picture:
        tape = Tape()
        tell(outcome, Terminal(tape))
        draw(tape.getvalue(), "make demo", args.picture)
