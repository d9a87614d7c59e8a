"""Processor time of the app's search commands against reference commands, over the chunked protocol.

Each command is started as splunkd starts it and given the same frames; what counts is the processor time of its
process, start-up taken off (the best of the runs over one row). Both run once in each round, one after the other, and
the round whose ratio is the median counts: what else the machine does then weighs on both alike.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

from workbench.splunkd import frames

REFERENCE = Path(__file__).resolve().parent / "reference"
Row = Dict[str, Any]
_CHUNK = 10_000


@dataclass(frozen=True)
class Figure:
    """One measured ratio and its goal; microseconds of processor time a row."""

    what: str
    against: str
    ours: float
    theirs: float
    goal: float

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.ours / self.theirs

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.ratio <= self.goal

    def __str__(self) -> str:
        """One line for a person."""
        verdict = "reached" if self.reached else "MISSED"
        return (
            f"{self.what}: {self.ratio:.2f} times {self.against} (goal at most {self.goal}: {verdict}; "
            f"{self.ours:.1f} against {self.theirs:.1f} microseconds a row)"
        )


def grants_figure(app: Path, count: int, rounds: int) -> Figure:
    """delegationgrants over records of 1 kB that all are grants."""
    rows = [_record(number) for number in range(count)]
    sample = run_command(app, app / "bin" / "delegationgrants.py", rows[:1], [])[0]
    filled = sum(1 for value in sample.values() if value)
    options = [f"columns={_columns(app, rows[:1])}", f"filled={filled}"]
    ours, theirs = _compare(app, app / "bin" / "delegationgrants.py", "parse.py", rows, options, rounds)
    return Figure("delegationgrants", "json and as many columns by the same SDK", ours, theirs, 1.25)


def risk_figure(app: Path, count: int, rounds: int) -> Figure:
    """delegationrisk over rows of 40 fields."""
    given = [_record(number) for number in range(count)]
    rows = [_forty(row) for row in run_command(app, app / "bin" / "delegationgrants.py", given, [])]
    ours, theirs = _compare(app, app / "bin" / "delegationrisk.py", "constant.py", rows, [], rounds)
    return Figure("delegationrisk", "four constant fields by the same SDK", ours, theirs, 1.25)


def profile(app: Path, count: int) -> str:
    """Where delegationgrants spends its time: cumulative seconds by function, the largest first."""
    rows = [_record(number) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder, "stats")
        _started(app, app / "bin" / "delegationgrants.py", rows, [], ["-m", "cProfile", "-o", str(stats)])
        show = "import pstats, sys; pstats.Stats(sys.argv[1]).sort_stats('cumulative').print_stats(25)"
        shown = subprocess.run([sys.executable, "-c", show, str(stats)], capture_output=True, text=True, check=True)
    return shown.stdout


def run_command(app: Path, script: Path, rows: List[Row], options: List[str]) -> List[Row]:
    """The rows that a command gives for rows."""
    stream = io.BytesIO(_started(app, script, rows, options, [])[0])
    found: List[Row] = []
    frame = frames.read(stream)
    while frame is not None:
        found += frames.from_csv(frame.body)
        frame = frames.read(stream)
    return found


def _compare(
    app: Path, script: Path, reference: str, rows: List[Row], options: List[str], rounds: int
) -> Tuple[float, float]:
    both: Tuple[Tuple[Path, List[str]], ...] = ((script, []), (REFERENCE / reference, options))
    start = [min(_started(app, path, rows[:1], given, [])[1] for _ in range(3)) for path, given in both]
    measured = []
    for _ in range(rounds):
        ours, theirs = (
            (_started(app, path, rows, given, [])[1] - begun) / (len(rows) - 1) * 1e6
            for (path, given), begun in zip(both, start)
        )
        measured.append((ours, theirs))
    return sorted(measured, key=lambda pair: pair[0] / pair[1])[rounds // 2]


def _started(app: Path, script: Path, rows: List[Row], options: List[str], wrap: List[str]) -> Tuple[bytes, float]:
    """(output, processor seconds) of one run."""
    columns = list(dict.fromkeys(name for row in rows[:1] for name in row))
    told = {
        "action": "getinfo", "preview": False, "streaming_command_will_restart": False,
        "searchinfo": {
            "args": options, "raw_args": options, "dispatch_dir": "", "sid": "1", "app": "delegation_watch",
            "owner": "admin", "username": "admin", "session_key": "", "splunkd_uri": "https://127.0.0.1:8089",
            "splunk_version": "9.4.0", "search": "", "command": script.stem, "maxresultrows": 50000,
            "earliest_time": "0", "latest_time": "0",
        },
    }  # fmt: skip
    sent = [frames.encode(told)]
    for at in range(0, len(rows), _CHUNK):
        last = at + _CHUNK >= len(rows)
        body = frames.to_csv(rows[at : at + _CHUNK], columns)
        sent.append(frames.encode({"action": "execute", "finished": last}, body))
    line = [sys.executable, "-S", "-E", "-s", "-B", *wrap, str(script)]
    before = os.times()
    done = subprocess.run(line, input=b"".join(sent), capture_output=True, check=False, cwd=app)
    after = os.times()
    if done.returncode or done.stderr:
        raise RuntimeError(f"{script.name} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout, after.children_user - before.children_user + after.children_system - before.children_system


def _columns(app: Path, rows: List[Row]) -> int:
    """How many columns delegationgrants writes, the empty ones included."""
    output = _started(app, app / "bin" / "delegationgrants.py", rows, [], [])[0]
    stream = io.BytesIO(output)
    frames.read(stream)
    frame = frames.read(stream)
    header = frame.body.split(b"\n", 1)[0] if frame else b""
    return header.count(b"__mv_")


def _record(number: int) -> Row:
    """One Add-MailboxPermission record of about 1 kB, as the Exchange admin center writes it.

    People recur, as they do: 200 administrators give rights on 5,000 mailboxes to 5,000 people.
    """
    actor = f"admin{number % 200}@example.com"
    mailbox, grantee = (f"user{number * step % 5000}@example.com" for step in (7, 11))
    body = {
        "AppAccessContext": {"IssuedAtTime": "2026-03-02T09:13:53", "UniqueTokenId": f"token-{number:08d}"},
        "CreationTime": f"2026-03-{number % 28 + 1:02d}T{number % 24:02d}:{number % 60:02d}:{number * 7 % 60:02d}",
        "Id": f"bc0b2d0b-9cbe-4b2f-fcfd-{number:012d}", "Operation": "Add-MailboxPermission",
        "OrganizationId": "7c1aec86-7bc7-44d0-a01c-72c2f196f29b", "RecordType": 1, "ResultStatus": "True",
        "UserKey": f"1003{number % 200:012d}", "UserType": 2, "Version": 1, "Workload": "Exchange",
        "ClientIP": f"198.51.100.{number % 250}:{10000 + number % 50000}", "ObjectId": mailbox.partition("@")[0],
        "UserId": actor, "AppId": "497effe9-df71-4043-a8bb-14cf78c4b63b", "AppPoolName": "MSExchangeAdminApiNetCore",
        "ClientAppId": "", "ExternalAccess": False, "OrganizationName": "example.onmicrosoft.com",
        "OriginatingServer": "TYZPR02MB4767 (15.20.7249.032)",
        "Parameters": [{"Name": "Identity", "Value": mailbox}, {"Name": "User", "Value": grantee},
                       {"Name": "AccessRights", "Value": "FullAccess"}, {"Name": "InheritanceType", "Value": "All"}],
        "RequestId": f"f8634594-1e6b-d3f9-80be-{number:012d}", "SessionId": f"6807dee3-e818-4e10-bcaf-{number:012d}",
    }  # fmt: skip
    raw = json.dumps(body, separators=(",", ":"))
    return {"_raw": raw, "_time": "1772442833", "source": f"bench:{number}", "_chunked_idx": str(number)}


def _forty(row: Row) -> Row:
    """The row as it stands before delegationrisk, filled up to 40 fields."""
    row.update(mailbox_key=row["mailbox"], grantee_key=row["grantee"], actor_key=row["actor"], identity_status="known")
    for number in range(40 - len(row)):
        row[f"fact_{number}"] = f"value {number}"
    return row
