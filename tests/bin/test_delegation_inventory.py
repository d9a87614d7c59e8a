"""The inventory from end to end: the real script as a process, between the stand-in tenants and splunkd; its state."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench import __main__ as workbench
from workbench.splunkd import Splunkd, modinput
from workbench.tenants import Office365, Rule, Standing, Workspace
from workbench.tenants.service_account import GROUPS, ROLES, SETTINGS, USERS
from workbench.tenants.standing import Account, FolderRight, Group, MailboxRight, OnBehalf, SendAs

ROOT = Path(__file__).resolve().parents[2]
DAY, MINUTE = 86400, 60
STAFF = [f"user{number:02d}@x.example" for number in range(24)]
CEO, SHARED, ANNA, BEN = STAFF[0], STAFF[1], STAFF[2], STAFF[3]
OLAF, PIA, RITA = "olaf@g.example", "pia@g.example", "rita@g.example"
# Each search at the first of its scheduled minutes after which its slice of index time holds an event.
SEARCHES = {"Learn identities": 8, "Keep directory": 8, "Keep state from sweeps": 15, "Keep sweeps": 26,
            "Compare sweeps": 35}  # fmt: skip


def standing():
    accounts = [Account(one, f"Person {number}") for number, one in enumerate(STAFF)]
    accounts[1].kind = "shared"
    accounts[0].language = "de"
    accounts[2].exchange_name = "anna_name"
    accounts += [Account(OLAF, kind="workspace", roles=("_SEED_ADMIN_ROLE",)), Account(PIA, kind="workspace"),
                 Account(RITA, kind="workspace", enabled=False)]  # fmt: skip
    rights = [
        MailboxRight(SHARED, ANNA), MailboxRight(SHARED, BEN), SendAs(SHARED, ANNA), OnBehalf(CEO, ANNA),
        FolderRight(CEO, "\\Posteingang", ANNA, ("Reviewer",)),
    ]  # fmt: skip
    return Standing(accounts, rights, [Group("team@x.example", "Team", [ANNA])], gmail={PIA: [(OLAF, "accepted")]})


@pytest.fixture
def people():
    return standing()


@pytest.fixture
def office365(people):
    with Office365(standing=people) as running:
        yield running
        assert running.unknown == []


@pytest.fixture
def workspace(people):
    with Workspace([], standing=people) as running:
        yield running
        assert running.unknown == []


@pytest.fixture
def splunkd(tmp_path):
    with Splunkd(ROOT, tmp_path / "splunk") as running:
        yield running


def account(splunkd, name, secret, **settings):
    splunkd.conf.update("delegation_watch_accounts", name, {"cloud": "custom", **settings})
    whole = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{secret}"
    for number, at in enumerate(range(0, len(whole), 255)):
        splunkd.set_secret("delegation_watch", f"{name}#{number}", whole[at : at + 255])


def settings_of(tenant):
    return {"provider": "o365", "tenant": tenant.tenant, "client_id": tenant.client_id, **tenant.roots,
            "ca_file": str(tenant.ca_file)}  # fmt: skip


class Inputs:
    """Runs of the input, each put into the index at a time of the test's own, with the searches that follow."""

    def __init__(self, splunkd):
        self.splunkd = splunkd
        self.began = time.time() // 600 * 600

    def office365(self, tenant, take=None, **params):
        account(self.splunkd, "hq", tenant.secret, **settings_of(tenant))
        return self.run({"provider": "o365", "account": "hq", **params}, take)

    def workspace(self, tenant, **params):
        account(self.splunkd, "sub", json.dumps(tenant.key_file()), provider="workspace", subject=tenant.subject,
                api_root=tenant.uri, ca_file=str(tenant.ca_file))  # fmt: skip
        return self.run({"provider": "workspace", "account": "sub", **params})

    def run(self, params, take=None):
        events = []

        def keep(event):
            events.append(event)
            if take:
                take(events)

        name = f"delegation_inventory://{params['account']}"
        return events, self.splunkd.run_input(name, params, keep, timeout=600)

    def keep(self, events, days):
        """The state after the searches that see these events, indexed so many days after the first ones.

        Without calendars' usual openness, and the application that the inventory itself signs in as.
        """
        at = self.began + days * DAY
        self.splunkd.index({**event, "indextime": at} for event in events)
        for name, minutes in SEARCHES.items():
            self.splunkd.run_saved_search(f"Delegation Watch - {name}", at + minutes * MINUTE)
        rows = self.splunkd.search("| `delegation_watch_state`", now=at + DAY / 2).rows
        return {(row["mailbox_key"], row["grantee_key"], row["right"], row["access"]): row for row in rows
                if row["access"] != "availability" and row["grantee_key"] != "the caller"}  # fmt: skip

    def changes(self):
        rows = self.splunkd.search("`delegation_watch_changes`", now=self.began + 9 * DAY, earliest=0).rows
        return sorted((row["change"], row["explained"], row["mailbox_key"], row["grantee_key"], row["right"])
                      for row in rows)  # fmt: skip


@pytest.fixture
def inputs(splunkd):
    return Inputs(splunkd)


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """Inputs of which nothing needs to be kept apart: they are refused before they are saved."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("tried")) as running:
        yield Inputs(running)


def closing(events, kind=None):
    told = [json.loads(event["data"]) for event in events if event["sourcetype"] == "delegation:sweep"]
    return [one for one in told if (one["kinds"] == ["directory"]) is (kind == "directory")][-1]


def next_second():
    time.sleep(1.1)


# what stands and what changed, by the app's own searches


def test_two_sweeps_of_office_365_give_what_stands_and_what_changed(office365, people, inputs):
    events, run = inputs.office365(office365, folders="root, inbox", interval="86400")
    assert (run.exit_code, run.errors) == (0, [])
    assert {event["sourcetype"] for event in events} == {
        "delegation:directory", "delegation:snapshot", "delegation:sweep", "delegation:health"
    }  # fmt: skip
    told = [json.loads(event["data"]) for event in events if event["sourcetype"] == "delegation:health"]
    assert [(one["feed"], one["status"], one["every"]) for one in told] == [
        ("directory", "ok", 86400), ("delegations", "ok", 86400)
    ]  # fmt: skip
    swept = closing(events)
    assert (told[1]["from"], told[1]["until"]) == (swept["started"], swept["ended"])
    assert {event["source"] for event in events} == {"delegation_inventory://hq"}
    state = inputs.keep(events, 0)
    assert set(state) == {
        (SHARED, ANNA, "full_access", "own"), (SHARED, BEN, "full_access", "own"), (SHARED, ANNA, "send_as", "send"),
        (CEO, ANNA, "send_on_behalf", "send"), (CEO, ANNA, "folder", "read"),
    }  # fmt: skip
    assert {(row["status"], row["known_by"], row["explained"]) for row in state.values()} == {
        ("standing", "snapshot", "baseline")
    }
    assert state[CEO, ANNA, "folder", "read"]["folder_kind"] == "inbox"
    assert {row["mailbox_kind"] for key, row in state.items() if key[0] == SHARED} == {"shared"}
    assert inputs.changes() == []

    next_second()
    people.revoke(MailboxRight(SHARED, BEN))
    people.grant(MailboxRight(CEO, BEN))
    people.grant(FolderRight(CEO, "\\Posteingang", ANNA, ("Editor",)))
    events, run = inputs.office365(office365, folders="root, inbox")
    assert (run.exit_code, run.errors) == (0, [])
    state = inputs.keep(events, 1)
    assert inputs.changes() == [
        ("changed", "no", CEO, ANNA, "folder"), ("gone", "no", SHARED, BEN, "full_access"),
        ("new", "no", CEO, BEN, "full_access"),
    ]  # fmt: skip
    assert state[SHARED, BEN, "full_access", "own"]["status"] == "gone"
    assert state[CEO, BEN, "full_access", "own"]["explained"] == "no"


def test_two_sweeps_of_workspace_give_what_stands_and_what_changed(workspace, people, inputs):
    events, run = inputs.workspace(workspace)
    assert (run.exit_code, run.errors) == (0, [])
    told = closing(events)
    assert told["skipped"] == [{"mailbox": RITA, "why": "suspended"}]
    assert set(inputs.keep(events, 0)) == {(PIA, OLAF, "gmail_delegate", "send")}
    next_second()
    people.gmail[PIA] = []
    people.gmail[OLAF] = [(PIA, "pending")]
    events, run = inputs.workspace(workspace)
    inputs.keep(events, 1)
    assert inputs.changes() == [
        ("gone", "no", PIA, OLAF, "gmail_delegate"), ("new", "no", OLAF, PIA, "gmail_delegate")
    ]  # fmt: skip


def test_what_a_sweep_could_not_read_stands_as_it_stood(office365, people, inputs):
    people.accounts[ANNA].roles = ("Exchange Administrator",)
    few = {"mailboxes": f"{CEO},{SHARED}", "folders": "root, inbox"}
    events, _ = inputs.office365(office365, **few)
    before = set(inputs.keep(events, 0))
    assert (SHARED, BEN, "full_access", "own") in before
    next_second()
    office365.faults.plan = [
        Rule("exchange/*", "error_in_200", key=f'*Permission"*{CEO}*'),
        Rule("exchange/*", "403", key=f'*Permission"*{SHARED}*'),
        Rule("exchange/*", "403", key='*"Get-Mailbox"*Unlimited*'),
        Rule("graph/assignments", "403"),
    ]
    events, _ = inputs.office365(office365, **few)
    assert closing(events)["status"] in ("partial", "failed")
    assert {one["part"] for one in closing(events, "directory")["failed_kinds"]} == {"roles", "mailboxes"}
    state = inputs.keep(events, 1)
    assert {key for key, row in state.items() if row["status"] == "standing"} == before
    assert inputs.changes() == []
    rows = inputs.splunkd.search("| inputlookup delegation_watch_people", now=time.time()).rows
    known = {row["identity"]: row for row in rows}
    assert (known[ANNA]["privileged"], known[BEN]["privileged"]) == ("true", "false")
    assert (known[SHARED]["mailbox_kind"], known[SHARED]["enabled"]) == ("shared", "false")


# cut off and on again


def test_an_input_that_is_ended_in_the_middle_goes_on_where_it_was(office365, splunkd, inputs):
    def stop(events):
        if '"Get-MailboxFolderPermission"' in events[-1]["data"]:
            splunkd.inputs.stop()

    first, run = inputs.office365(office365, take=stop)
    assert run.exit_code != 0
    sweep = [json.loads(one["data"])["sweep"] for one in first if one["sourcetype"] == "delegation:snapshot"][-1]
    before = len(office365.requests)
    second, run = inputs.office365(office365)
    assert (run.exit_code, run.errors) == (0, [])
    told = closing(second)
    assert (told["delegation_watch_sweep"], told["status"], told["covered"]) == (sweep, "complete", 24)
    assert {json.loads(one["data"])["sweep"] for one in second if one["sourcetype"] == "delegation:snapshot"} == {sweep}
    assert len(office365.requests) - before < 24 * 5 + 20
    assert not [one for one in second if one["sourcetype"] == "delegation:directory"]  # that was done before
    state = inputs.keep([*first, *second], 0)
    assert len(state) == 5


def test_an_input_that_is_told_to_end_does_not_wait_for_what_is_on_its_way(office365, splunkd, inputs, monkeypatch):
    monkeypatch.setattr(modinput, "GRACE", 60.0)
    params = {"directory": "no", "kinds": "full_access"}
    inputs.office365(office365, **params)  # saved by now, so that the next run is not tried first
    office365.faults.plan = [Rule("exchange/invoke", "silent:75", key='*"Get-MailboxPermission"*')]
    answered = len(office365.requests)

    def stop():
        while len(office365.requests) < answered + 3:  # two to sign in, and the list
            time.sleep(0.05)
        time.sleep(0.5)
        splunkd.inputs.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    _, run = inputs.office365(office365, **params)
    thread.join()
    assert run.exit_code == 128 + signal.SIGTERM  # by itself, and not by the SIGKILL that comes where it takes too long
    office365.faults.plan = []
    events, run = inputs.office365(office365, **params)
    assert (run.exit_code, closing(events)["status"]) == (0, "complete")


def test_a_collector_that_is_killed_goes_on_where_it_was(office365, tmp_path, wait_for):
    (tmp_path / "secret").write_text(office365.secret)
    argv = [sys.executable, "-m", "workbench", "collect", "delegation_inventory", "--set", "provider=o365",
            "account=hq", "connections=2", "--account", "cloud=custom",
            *(f"{name}={value}" for name, value in settings_of(office365).items()),
            "--secret-file", str(tmp_path / "secret"), "--state", str(tmp_path / "state"),
            "--events", str(tmp_path / "events.jsonl")]  # fmt: skip
    office365.faults.plan = [Rule("exchange/invoke", "silent:5", after=30)]  # that is in the middle of the mailboxes
    whole = 24 * 6 + 30
    with subprocess.Popen(argv, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE) as process:
        wait_for(lambda: office365.fired["silent"] or process.poll() is not None)
        os.killpg(process.pid, signal.SIGKILL)  # its own session: see start_new_session
    assert process.returncode == -signal.SIGKILL
    office365.faults.plan = []
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    told = closing(lines)
    assert (told["status"], told["covered"]) == ("complete", 24)
    assert len(office365.requests) < whole + 80  # what one chunk of mailboxes and a second sign-in cost
    replayed = subprocess.run(
        [sys.executable, "-m", "workbench", "replay", str(tmp_path / "events.jsonl"), "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert replayed.returncode == 0
    found = {(row["mailbox"], row["right"]) for row in map(json.loads, replayed.stdout.splitlines())}
    assert {(SHARED, "full_access"), (SHARED, "send_as"), (CEO, "send_on_behalf"), (CEO, "folder")} <= found


# The input as it is, but for pauses that a test can wait for.
HASTY = """import sys
sys.path.insert(0, sys.argv.pop(1))
import delegation_inventory as script
script.DelegationInventory.pauses = (0.2,)
script.main(script.DelegationInventory, sys.argv)
"""


def started(splunkd, params, *argv):
    """The input as a process of this test."""
    given = "".join(f'<param name="{name}">{value}</param>' for name, value in params.items())
    told = (
        f"<input><server_host>h</server_host><server_uri>{splunkd.uri}</server_uri><session_key>{splunkd.session_key}"
        f"</session_key><checkpoint_dir>/tmp</checkpoint_dir><configuration>"
        f'<stanza name="delegation_inventory://hq">{given}</stanza></configuration></input>'
    )
    process = subprocess.Popen(
        [sys.executable, "-s", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    process.stdin.write(told)
    process.stdin.close()
    process.stdin = None
    return process


def test_an_outage_is_waited_for_in_the_run_which_ends_at_once_when_told_to_and_goes_on_when_it_is_over(
    office365, splunkd
):
    account(splunkd, "hq", office365.secret, **settings_of(office365))
    params = {"provider": "o365", "account": "hq", "directory": "no", "kinds": "full_access,send_as"}
    rights = "*Get-RecipientPermission*"
    office365.faults.plan = [Rule("exchange/invoke", "reset_at_once", key=rights)]
    first = started(splunkd, params, str(ROOT / "bin" / "delegation_inventory.py"))
    log = []
    while not log or log[-1].startswith("INFO"):
        log.append(first.stderr.readline())
    assert log[-1].startswith("WARN input=delegation_inventory://hq delegations: cannot reach 127.0.0.1:")
    assert log[-1].endswith("; it is read on in 5 minutes\n")
    first.send_signal(signal.SIGTERM)
    out, _ = first.communicate(timeout=600)  # which is no pause yet
    assert first.returncode == 128 + signal.SIGTERM
    assert "delegation:health" in out
    assert "delegation:sweep" not in out
    assert "until" not in out  # by which the ledger tells an inventory none of whose sweeps ends
    assert splunkd.kvstore.collection("delegation_watch_leases").query({"_key": "delegation_inventory://hq"}) == []

    office365.faults.plan = [Rule("exchange/invoke", "reset_at_once", key=rights, tries=6)]  # three of them are over
    second = started(splunkd, params, "-c", HASTY, str(ROOT / "bin"))
    rest, log = second.communicate(timeout=600)
    assert second.returncode == 0
    assert log.count("\nWARN ") + log.startswith("WARN ") == log.count("; it is read on in 0.00333 minutes") == 1
    sweep = re.findall('"sweep":"(.*?)"', out)[0]
    assert re.findall('"delegation_watch_sweep":"(.*?)".*?"status":"(.*?)"', rest) == [(sweep, "complete")]


# what is wrong, in words that name the remedy


@pytest.mark.parametrize(
    ("roles", "missing"),
    [
        (("User.Read.All",), "the permission Exchange.ManageAsApp of Office 365 Exchange Online"),
        (("Exchange.ManageAsApp", "User.Read.All", "RoleManagement.Read.Directory"), "GroupMember.Read.All"),
        (("Exchange.ManageAsApp", "User.Read.All", "GroupMember.Read.All"), "RoleManagement.Read.Directory"),
        (("Exchange.ManageAsApp", "GroupMember.Read.All", "RoleManagement.Read.Directory"), "User.Read.All"),
    ],
)
def test_a_permission_that_is_missing_is_named_before_the_input_is_saved(office365, tried, roles, missing):
    office365.faults.roles = roles
    events, run = tried.office365(office365)
    assert (run.exit_code, events) == (1, [])
    [error] = run.errors
    assert missing in error
    assert not any(office365.secret in line for line in run.log)


def test_a_permission_that_is_taken_away_later_makes_its_feed_fail_with_what_to_do(office365, inputs):
    inputs.office365(office365)
    office365.faults.roles = ("User.Read.All",)
    events, run = inputs.office365(office365)
    assert run.exit_code == 1
    assert closing(events)["status"] == "failed"
    directory, delegations = (json.loads(event["data"]) for event in events[-2:])
    assert (directory["feed"], directory["status"]) == ("directory", "failed")
    roles, mailboxes, groups = directory["failures"]
    assert "RoleManagement.Read.Directory" in roles
    assert "GroupMember.Read.All" in groups
    assert (delegations["feed"], delegations["status"]) == ("delegations", "failed")
    assert delegations["tenant"] == office365.tenant
    [failure] = delegations["failures"]
    for line in (mailboxes, failure):
        assert "the permission Exchange.ManageAsApp of Office 365 Exchange Online" in line
    assert len(run.errors) == 4


@pytest.mark.parametrize("scope", ["gmail.settings.basic", "group.readonly", "rolemanagement.readonly"])
def test_a_scope_that_is_missing_is_named_before_the_input_is_saved(people, tried, scope):
    granted = tuple(one for one in (SETTINGS, USERS, GROUPS, ROLES) if not one.endswith(scope))
    with Workspace([], standing=people, scopes=granted) as customer:
        events, run = tried.workspace(customer)
    assert (run.exit_code, events) == (1, [])
    [error] = run.errors
    assert "domain-wide delegation" in error
    assert scope in error


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (["kinds=full_access,all"], "kinds has all; o365 knows full_access, send_as, send_on_behalf, folders, "),
        (["folders=Inbox,Projects"], "folders has Projects; write root, inbox, calendar, contacts, sent, or a path"),
        (["mailboxes=boss"], "mailboxes has boss; name each mailbox by its address, or none for all of them"),
        (["directory=maybe"], "directory is 'maybe'; it must be yes or no"),
        (["connections=0"], "connections is '0'; it must be a number from 1 to 16"),
        (["provider=exchange"], "provider is 'exchange'; it must be o365 or workspace"),
    ],
)
def test_a_stanza_that_cannot_be_right_is_refused_before_anything_is_asked(office365, tmp_path, capsys, params, told):
    (tmp_path / "secret").write_text(office365.secret)
    settings = [f"{name}={value}" for name, value in {**settings_of(office365), "cloud": "custom"}.items()]
    code = workbench.main(["collect", "delegation_inventory", "--set", "provider=o365", "account=hq", *params,
                           "--account", *settings, "--secret-file", str(tmp_path / "secret"), "--state",
                           str(tmp_path / "state"), "--events", str(tmp_path / "out.jsonl")])  # fmt: skip
    assert code == 2
    assert told in capsys.readouterr().err
    assert office365.requests == []


def test_a_custom_cloud_says_which_address_it_lacks(office365, tried):
    account(tried.splunkd, "hq", office365.secret, **{**settings_of(office365), "graph_root": ""})
    _, run = tried.run({"provider": "o365", "account": "hq"})
    assert run.errors == ["account hq: with cloud = custom this input needs graph_root"]


def test_the_scheme_names_the_parameters_of_the_specification(tried):
    scheme = tried.splunkd.inputs.scheme("delegation_inventory")
    text = (ROOT / "README" / "inputs.conf.spec").read_text(encoding="utf-8")
    lines = text.partition("[delegation_inventory://")[2].partition("\n[")[0].splitlines()
    specified = {line.partition(" =")[0] for line in lines if " = " in line and not line.startswith("*")}
    assert set(scheme.arguments) == specified - {"index", "interval", "python.required", "run_only_one"}
    assert {name for name, one in scheme.arguments.items() if one.required_on_create} == {"provider", "account"}
    assert scheme.validates
    assert not scheme.single_instance
