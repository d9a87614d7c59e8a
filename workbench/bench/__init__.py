"""The `bench` command: figures as ratios of processor time, measured side by side in one run."""

import argparse
from pathlib import Path

from workbench.bench.commands import grants_figure, profile, risk_figure
from workbench.errors import BadInput

HELP = "measure the app's commands against commands of the same SDK that do next to nothing"
APP = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=20_000, help="rows sent through each command (20000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run; the median ratio counts (5)")
    parser.add_argument("--profile", action="store_true", help="also show where delegationgrants spends its time")


def run(args: argparse.Namespace) -> int:
    """Print each figure with its goal; 1 when a goal is missed."""
    if args.rows < 100 or args.rounds < 1:
        raise BadInput("bench needs at least 100 rows and one round")
    missed = 0
    for figure in (grants_figure, risk_figure):
        measured = figure(APP, args.rows, args.rounds)
        missed += not measured.reached
        print(measured, flush=True)
    if args.profile:
        print(profile(APP, args.rows))
    return 1 if missed else 0
