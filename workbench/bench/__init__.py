"""The `bench` command: figures of the app's commands, of the search engine, of the inventory and of the audit input."""

import argparse
from pathlib import Path

from workbench.bench.audit import throughput_figures
from workbench.bench.commands import grants_figure, profile, risk_figure
from workbench.bench.engine import engine_figures
from workbench.bench.inventory import inventory_figure
from workbench.errors import BadInput

HELP = "measure the app's commands against commands of the same SDK, the engine, a sweep's requests, the audit input"
APP = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=20_000, help="rows sent through each command (20000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run; the median ratio counts (5)")
    parser.add_argument("--engine-rows", type=int, default=100_000, help="rows given to the search engine (100000)")
    parser.add_argument("--mailboxes", type=int, default=2_000, help="Workspace mailboxes that are swept (2000)")
    parser.add_argument("--records", type=int, default=20_000, help="records that the audit input collects (20000)")
    parser.add_argument("--profile", action="store_true", help="also show where delegationgrants spends its time")


def run(args: argparse.Namespace) -> int:
    """Print each figure with its goal; 1 when a goal is missed."""
    if min(args.rows, args.engine_rows, args.mailboxes) < 100 or args.rounds < 1 or args.records < 2_000:
        raise BadInput("bench needs at least 100 rows, 100 mailboxes, 2,000 records and one round")
    missed = 0
    for figure in (grants_figure, risk_figure):
        measured = figure(APP, args.rows, args.rounds)
        missed += not measured.reached
        print(measured, flush=True)
    for speed in (*engine_figures(args.engine_rows, args.rounds), inventory_figure(APP, args.mailboxes)):
        missed += not speed.reached
        print(speed, flush=True)
    for throughput in throughput_figures(APP, args.records, args.rounds):
        missed += not throughput.reached
        print(throughput, flush=True)
    if args.profile:
        print(profile(APP, args.rows))
    return 1 if missed else 0
