"""The inventory's frugality: how many requests a sweep of a Workspace customer makes, token exchanges left out."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench.bench.engine import Speed
from workbench.errors import WorkbenchError
from workbench.tenants import Standing, Workspace
from workbench.tenants.standing import Account

MOST_REQUESTS = 0.26


def inventory_figure(app: Path, mailboxes: int) -> Speed:
    """Requests a mailbox of one sweep; WorkbenchError when the sweep did not cover them all."""
    people = [Account(f"user{number:05d}@g.example", kind="workspace") for number in range(mailboxes)]
    people[0].roles = ("_SEED_ADMIN_ROLE",)
    gmail = {one.upn: [(people[0].upn, "accepted")] for one in people[1::100]}
    with tempfile.TemporaryDirectory() as folder, Workspace([], standing=Standing(people, gmail=gmail)) as customer:
        home = Path(folder)
        (home / "key.json").write_text(json.dumps(customer.key_file()), encoding="utf-8")
        settings = {"cloud": "custom", "subject": customer.subject, "api_root": customer.uri,
                    "ca_file": str(customer.ca_file)}  # fmt: skip
        ended = subprocess.run(
            [
                sys.executable, "-m", "workbench", "collect", "delegation_inventory",
                "--set", "provider=workspace", "account=bench", "connections=8",
                "--account", *(f"{name}={value}" for name, value in settings.items()),
                "--secret-file", str(home / "key.json"), "--state", str(home / "state"),
                "--events", str(home / "events.jsonl"),
            ],
            cwd=app, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ended.returncode:
            raise WorkbenchError(f"the sweep failed: {ended.stderr.strip()}")
        events = map(json.loads, (home / "events.jsonl").read_text(encoding="utf-8").splitlines())
        sweeps = [json.loads(event["data"]) for event in events if event["sourcetype"] == "delegation:sweep"]
        covered = sweeps[-1]["covered"] if sweeps else 0
        if covered != mailboxes:
            raise WorkbenchError(f"the sweep covered {covered} of {mailboxes} mailboxes")
        calls = len([one for one in customer.requests if not one.path.endswith("/token")])
    return Speed("inventory of Workspace", calls / mailboxes, "requests a mailbox", MOST_REQUESTS, more=False)
