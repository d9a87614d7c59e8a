"""`python -m workbench.tenants --out DIR`: serve both stand-ins with a made-up organisation until
interrupted.

Writes into DIR what an account needs: ca.pem, office365-secret.txt, workspace-key.json, and the
organisation's directory.csv and truth.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Optional

import trustme

from workbench.errors import BadInput, WorkbenchError
from workbench.tenants.office365 import Office365
from workbench.tenants.organisation import Organisation
from workbench.tenants.workspace import Workspace


def main(argv: Optional[List[str]] = None, stop: Optional[threading.Event] = None) -> int:
    """Serve until `stop` is set or Ctrl-C; 0 when it was asked to end, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m workbench.tenants", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files of the accounts go")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--end", metavar="ISO", help="where the records end, in UTC (default: now)")
    parser.add_argument("--days", type=int, default=30)
    args = parser.parse_args(argv)
    try:
        _serve(args, stop or threading.Event())
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


def _serve(args: argparse.Namespace, stop: threading.Event) -> None:
    organisation = Organisation(args.seed, _end(args.end), args.days)
    ca = trustme.CA()
    with Office365(organisation, ca=ca) as tenant, Workspace(organisation, ca=ca) as customer:
        files = _write(args.out, organisation, tenant, customer)
        rows = [
            ("records", str(len(organisation.records))),
            ("authority, api_root (Office 365)", tenant.uri),
            ("tenant", tenant.tenant),
            ("client_id", tenant.client_id),
            ("api_root (Workspace)", customer.uri),
            ("customer", customer.customer),
            ("subject", customer.subject),
            *files,
        ]
        for name, value in rows:
            print(f"{name:34}{value}")
        print("serving until interrupted", flush=True)
        stop.wait()


def _end(text: Optional[str]) -> datetime:
    if text is None:
        return datetime.now(timezone.utc)
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadInput(f"--end {text}: no ISO time such as 2026-11-23T15:00:00") from None


def _write(out: Path, organisation: Organisation, tenant: Office365, customer: Workspace) -> List[tuple[str, str]]:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {out}: cannot be made a folder ({error.strerror})") from None
    texts = {
        "ca.pem": tenant.ca_file.read_text(),
        "office365-secret.txt": tenant.secret,
        "workspace-key.json": json.dumps(customer.key_file(), indent=2),
        "truth.json": json.dumps(organisation.truth, indent=2),
    }
    for name, text in texts.items():
        (out / name).write_text(text)
    with (out / "directory.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, organisation.people[0].keys())
        writer.writeheader()
        writer.writerows(organisation.people)
    return [(name, str(out / name)) for name in [*texts, "directory.csv"]]


if __name__ == "__main__":
    sys.exit(main())
