"""The app's own search commands, each started as a process by the stand-in."""

import json
from pathlib import Path

import pytest

from workbench.splunkd import Splunkd, frames
from workbench.splunkd.process import Script

COMMANDS = ("delegationgrants", "delegationidentities", "delegationrisk")
ROOT = Path(__file__).resolve().parents[3]
RECORD = {
    "CreationTime": "2026-03-01T11:00:00", "Id": "r1", "Operation": "Add-MailboxPermission", "Workload": "Exchange",
    "OrganizationId": "00000000-0000-0000-0000-000000000001", "RecordType": 1, "ResultStatus": "True",
    "UserId": "admin@example.com", "UserKey": "100320010000000A", "UserType": 2, "ObjectId": "ann@example.com",
    "Parameters": [
        {"Name": "Identity", "Value": "ann@example.com"},
        {"Name": "User", "Value": "bob@example.com"},
        {"Name": "AccessRights", "Value": "FullAccess"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("home"), clock=lambda: 1772366400.0) as running:
        yield running


def test_the_grants_of_a_record_come_out_of_delegationgrants(app):
    (row,) = app.search("| delegationgrants", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert (row["mailbox"], row["grantee"], row["right"]) == ("ann@example.com", "bob@example.com", "full_access")


def test_the_identities_of_a_record_come_out_of_delegationidentities(app):
    rows = app.search("| delegationidentities", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert [(row["id"], row["identity"]) for row in rows] == [("100320010000000a", "admin@example.com")]


def test_a_grant_gets_its_score_and_reasons_from_delegationrisk(app):
    (row,) = app.search("| delegationgrants | delegationrisk", rows=[{"_raw": json.dumps(RECORD)}]).rows
    assert int(row["delegation_score"]) > 0
    assert row["delegation_level"]


class Driven:
    """One command as a process, fed by hand; `step` is how many bytes go at a time."""

    def __init__(self, app, name, step=0):
        self.script = Script(ROOT / "bin" / f"{name}.py", (), app.home)
        self.script.arm(60)
        self._step = step
        info = {
            "args": [], "raw_args": [], "dispatch_dir": "", "sid": "1", "app": app.app, "owner": "admin",
            "username": "admin", "session_key": app.session_key, "splunkd_uri": app.uri, "splunk_version": "9.4.0",
            "search": f"search%20index%3Dx%20%7C%20{name}", "command": name, "maxresultrows": 50000,
            "earliest_time": "0", "latest_time": "0",
        }  # fmt: skip
        self.reply = self.ask({
            "action": "getinfo", "preview": False, "streaming_command_will_restart": False, "searchinfo": info,
        }).metadata  # fmt: skip

    def send(self, data):
        for place in range(0, len(data), self._step or len(data)):
            self.script.stdin.write(data[place : place + (self._step or len(data))])
            self.script.stdin.flush()

    def ask(self, metadata, body=b""):
        self.send(frames.encode(metadata, body))
        return frames.read(self.script.stdout)

    def rows(self, rows, finished=False):
        sent = [{**row, "_chunked_idx": at} for at, row in enumerate(rows)]
        body = frames.to_csv(sent, ["_raw", "_chunked_idx"])
        return self.ask({"action": "execute", "finished": finished}, body)

    def end(self):
        return self.script.finish(), self.script.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_only_asked_what_it_is_ends_quietly(app, name):
    command = Driven(app, name)
    assert command.reply["type"] == ("stateful" if name == "delegationrisk" else "streaming")
    assert command.end() == (0, [])


@pytest.mark.parametrize("name", COMMANDS)
def test_three_chunks_and_one_of_a_header_alone_come_back_in_step_however_the_bytes_are_cut(app, name):
    command = Driven(app, name, step=7)
    record = json.dumps({**RECORD, "UserId": "jörg@example.com"}, ensure_ascii=False)
    for number in range(3):
        frame = command.rows([{"_raw": record}] * (number + 1))
        rows = frames.from_csv(frame.body)
        assert not frame.metadata.get("finished")
        places = [int(row["_chunked_idx"]) for row in rows]
        assert places == sorted(places)
        assert set(places) == set(range(number + 1))
    last = command.rows([], finished=True)
    assert (last.metadata["finished"], frames.from_csv(last.body)) == (True, [])
    assert command.end() == (0, [])


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("cut", [3, 40, -5])
def test_a_command_ends_when_the_search_goes_in_the_middle_of_a_frame(app, name, cut):
    command = Driven(app, name)
    command.rows([{"_raw": json.dumps(RECORD)}])
    frame = frames.encode({"action": "execute", "finished": False}, frames.to_csv([{"_raw": "x"}], ["_raw"]))
    command.send(frame[:cut])
    command.script.close_input()
    code, _ = command.end()
    assert code >= 0  # it ended by itself; a killed one has a negative code
    assert not command.script.timed_out
