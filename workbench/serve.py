"""The app's dashboards and pages at a local address, with the demo's data behind them, its schedule and inputs running.

The data is made once, by the app's own inputs and searches on the stand-ins (a minute or two), and kept; the time in it
goes on from where it was made. Stand-ins for both clouds run beside it, so that an account can be tested and an input
run: accounts.txt in the folder of the data says what to enter for them on the setup page.
"""

from __future__ import annotations

import argparse
import errno
import json
import signal
import socket
import sys
import threading
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Iterator, List, Tuple

import trustme

from workbench.collect import APP, set_account
from workbench.demonstration.course import Account, accounts
from workbench.demonstration.steps import Steps
from workbench.errors import BadInput
from workbench.splunkd import Splunkd
from workbench.splunkd.operation import Operation
from workbench.tenants import Office365, Workspace
from workbench.tenants.records import CONTENT_TYPES
from workbench.viewer import SplunkWeb
from workbench.viewer.web import BUNDLE
from workbench.viewer.world import HOME, Made, clock, held, ready

HELP = "the dashboards and pages in your browser, with the demo's data"
ACCOUNTS = "accounts.txt"
_HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--port", type=int, default=8000, help=f"of {_HOST} (8000; 0 takes a free one)")
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help="where the data is kept (var/serve)")
    parser.add_argument("--fresh", action="store_true", help="make the data anew")
    parser.add_argument("--only-make", action="store_true", help="make the data where it is not there, serve nothing")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. BadInput where the pages' bundle is missing, the port or the folder taken."""
    if not args.only_make:
        if not (BUNDLE / "main.js").is_file():
            raise BadInput(f"{BUNDLE} is not there: run `make viewer`")
        _free(args.port)  # before a minute is spent on the data
    home = args.home.absolute()
    with held(home):
        made = ready(home, Steps(), args.fresh)
        if not args.only_make:
            _serve(made, home, args.port)
    return 0


@contextmanager
def world(made: Made, home: Path) -> Iterator[Tuple[Splunkd, List[Account]]]:
    """A stand-in for splunkd with the demo's data, and the accounts in it, of stand-ins for both clouds beside it."""
    organisation, authority = made.organisation(), trustme.CA()
    with ExitStack() as running:
        office365 = running.enter_context(Office365(organisation, ca=authority, subscribed=CONTENT_TYPES))
        workspace = running.enter_context(Workspace(organisation, ca=authority))
        splunkd = running.enter_context(Splunkd(APP, home, clock=clock(made.now)))
        tenants = accounts(office365, workspace)
        for account in tenants:
            set_account(splunkd, account.name, {"provider": account.provider, **account.settings}, account.secret)
        yield splunkd, tenants


def _serve(made: Made, home: Path, port: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.unraisablehook = _unraisable
    with ExitStack() as running:
        splunkd, tenants = running.enter_context(world(made, home))
        _write(home, tenants)
        web = running.enter_context(_web(splunkd, port))
        running.enter_context(Operation(splunkd, _tell))
        print(_greeting(web, made, home, [account.name for account in tenants]), flush=True)
        stop.wait()
        print("ending", file=sys.stderr)


def _free(port: int) -> None:
    """BadInput when something listens at the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise BadInput(f"port {port} of {_HOST} cannot be had ({why}); name another, PORT=8001") from error


def _web(splunkd: Splunkd, port: int) -> SplunkWeb:
    try:
        return SplunkWeb(splunkd, port)
    except OSError as error:
        raise BadInput(f"port {port} of {_HOST} cannot be had ({error.strerror or error}); name another") from error


def _write(home: Path, tenants: List[Account]) -> None:
    """What an account of each stand-in takes, as the fields of the setup page; Google's secret as a key file."""
    lines = [
        "The stand-ins for both clouds, made up, for as long as `make serve` runs. On the page Set up:", "",
    ]  # fmt: skip
    for account in tenants:
        secret = account.secret
        if account.provider == "workspace":
            secret = str(home / "workspace-key.json")
            Path(secret).write_text(json.dumps(json.loads(account.secret), indent=2) + "\n", encoding="utf-8")
        fields = {"provider": account.provider, **account.settings, "secret, or key file": secret}
        lines += [f"{name:22}{value}" for name, value in fields.items()] + [""]
    (home / ACCOUNTS).write_text("\n".join(lines), encoding="utf-8")


def _greeting(web: SplunkWeb, made: Made, home: Path, names: List[str]) -> str:
    stood = datetime.fromtimestamp(made.now, timezone.utc)
    return (
        f"{web.uri}  (in the demo's data it is {stood:%Y-%m-%d %H:%M} UTC; Ctrl+C ends)\n"
        f"The accounts {' and '.join(names)} reach stand-ins that run beside it: test them, add inputs.\n"
        f"To enter one by hand on Set up: {home / ACCOUNTS}"
    )


def _tell(line: str) -> None:
    print(f"{datetime.now():%H:%M:%S}  {line}", file=sys.stderr, flush=True)


def _unraisable(about: sys.UnraisableHookArgs) -> None:
    """A connection that a browser dropped complains once more when it is cleared away; that is no news."""
    if not isinstance(about.exc_value, OSError) or about.exc_value.errno != errno.EBADF:
        sys.__unraisablehook__(about)
