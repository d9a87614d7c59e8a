"""Starts `python -m workbench collect` as a person would, and ends it when and how a trial says."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Collector:
    """One state folder and one file of events, over as many starts as it takes."""

    def __init__(self, folder, tenant, **parameters):
        self.events = folder / "events.jsonl"
        secret = folder / "secret"
        secret.write_text(tenant.secret, encoding="utf-8")
        given = {"provider": "o365", "account": "soak", "content_types": "Audit.Exchange", **parameters}
        self.command = [
            sys.executable, "-m", "workbench", "collect", "delegation_audit",
            "--set", *(f"{name}={value}" for name, value in given.items()),
            "--account", "cloud=custom", f"tenant={tenant.tenant}", f"client_id={tenant.client_id}",
            f"authority={tenant.uri}", f"api_root={tenant.api_root}", f"ca_file={tenant.ca_file}",
            "--secret-file", str(secret), "--state", str(folder / "state"), "--events", str(self.events),
        ]  # fmt: skip

    def start(self):
        """The process, in a group of its own."""
        return subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def run(self):
        """One whole run: exit code and what it said."""
        process = self.start()
        out, err = process.communicate(timeout=600)
        return process.returncode, out + err

    def end(self, after, number):
        """A run that gets a signal so many seconds after its start; whether it was still running."""
        process = self.start()
        try:
            process.communicate(timeout=after)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, number)
            process.communicate(timeout=120)
            return True
        finally:
            _reap(process.pid)

    def ids(self):
        """The Id of each record in the file of events, in order."""
        if not self.events.exists():
            return
        with self.events.open(encoding="utf-8") as stream:
            for line in stream:
                event = json.loads(line) if line.endswith("\n") else {}
                if event.get("sourcetype") == "o365:management:activity":
                    yield json.loads(event["data"])["Id"]


def _reap(group):
    """Nothing of a killed run may go on into the next."""
    for _ in range(200):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.05)
