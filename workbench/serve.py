"""The app's dashboards and pages at a local address, with the demo's data behind them and the schedule running.

The data is made once, by the app's own inputs and searches on the stand-ins (a minute or two), and kept; the time in it
goes on from where it was made.
"""

from __future__ import annotations

import argparse
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from workbench.collect import APP
from workbench.demonstration.steps import Steps
from workbench.errors import BadInput
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb
from workbench.viewer.web import BUNDLE
from workbench.viewer.world import HOME, clock, ready

HELP = "the dashboards and pages in your browser, with the demo's data"
_TICK = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--port", type=int, default=8000, help="of 127.0.0.1 (8000; 0 takes a free one)")
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help="where the data is kept (var/serve)")
    parser.add_argument("--fresh", action="store_true", help="make the data anew")
    parser.add_argument("--only-make", action="store_true", help="make the data where it is not there, serve nothing")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. BadInput where the pages' bundle is missing or the port is taken."""
    now = ready(args.home, Steps(), args.fresh)
    if args.only_make:
        return 0
    if not (BUNDLE / "main.js").is_file():
        raise BadInput(f"{BUNDLE} is not there: run `make viewer`, which needs Node.js and npm")
    with Splunkd(APP, args.home, clock=clock(now)) as splunkd, _serving(splunkd, args.port) as web:
        stood = datetime.fromtimestamp(now, timezone.utc)
        print(f"{web.uri}  (in the demo's data it is {stood:%Y-%m-%d %H:%M} UTC; Ctrl+C ends)", flush=True)
        stop = threading.Event()
        scheduler = threading.Thread(target=_schedule, args=(splunkd, stop), daemon=True)
        scheduler.start()
        try:
            while scheduler.is_alive():
                time.sleep(1)
        finally:
            stop.set()
    return 0


def _serving(splunkd: Splunkd, port: int) -> SplunkWeb:
    try:
        return SplunkWeb(splunkd, port)
    except OSError as error:
        raise BadInput(f"port {port} of 127.0.0.1 cannot be had ({error.strerror or error}); name another") from error


def _schedule(splunkd: Splunkd, stop: threading.Event) -> None:
    """Run what is enabled and due, as time goes on."""
    done = splunkd.clock()
    while not stop.wait(_TICK):
        until = splunkd.clock()
        splunkd.run_schedule(done, until)
        done = until
