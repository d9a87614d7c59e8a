"""The modular input from end to end: the real script as a process, between the stand-in tenants and splunkd."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest
from delegation_watch.sources.activity_api import ActivityApi
from delegation_watch.sources.entra import entra_token
from delegation_watch.sources.feed import Tally
from delegation_watch.sources.http import Http
from delegation_watch.sources.office365 import Office365Feed
from flask import request, request_started

from tests.bin.sources.vendor import CONTENT, NOW, TENANT, Answer, Collector, blob_uri, events_in, listed, record
from workbench import __main__ as workbench
from workbench.splunkd import Splunkd
from workbench.tenants import Office365, Organisation, Record, Workspace

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "bin" / "delegation_audit.py"
HOUR, DAY = 3600, 86400
PUBLISHED = 3 * HOUR
HEALTH = "delegation:health"
TYPES = ("Audit.Exchange", "Audit.AzureActiveDirectory")


@pytest.fixture(scope="module")
def organisation():
    """Six days of a small organisation, up to a few hours ago: all of it is still within the vendor's seven days."""
    end = time.time() // PUBLISHED * PUBLISHED - PUBLISHED
    return Organisation(7, datetime.fromtimestamp(end, timezone.utc), days=6, mailboxes=40)


@pytest.fixture(scope="module")
def office365(organisation):
    """Its Office 365, which publishes what happened every three hours."""
    with Office365(organisation, lag=_every_three_hours, subscribed=TYPES) as running:
        yield running


def _every_three_hours(record):
    return PUBLISHED - record.time % PUBLISHED


@pytest.fixture(scope="module")
def workspace(organisation):
    with Workspace(organisation) as running:
        yield running


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def unreachable(tmp_path_factory):
    """A collector of a host where nobody listens, which takes some seconds to believe it: begun before all tests."""
    folder = tmp_path_factory.mktemp("unreachable")
    (folder / "secret").write_text("s")
    argv = ["collect", "delegation_audit", "--set", "provider=o365", "account=hq", "--account", f"tenant={TENANT}"]
    argv += ["client_id=x", "cloud=custom", "authority=https://127.0.0.1:9", "api_root=https://127.0.0.1:9"]
    argv += ["--secret-file", "secret", "--state", "state", "--events", "out.jsonl"]
    with subprocess.Popen(
        [sys.executable, "-m", "workbench", *argv], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process


@pytest.fixture(autouse=True)
def no_faults(office365):
    yield
    office365.faults.__init__()
    assert office365.unknown == []


def account(splunkd, name, secret, **settings):
    splunkd.conf.update("delegation_watch_accounts", name, {"cloud": "custom", **settings})
    whole = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{secret}"
    for number, at in enumerate(range(0, len(whole), 255)):
        splunkd.set_secret("delegation_watch", f"{name}#{number}", whole[at : at + 255])


def settings_of(office365, **changes):
    return {"tenant": office365.tenant, "client_id": office365.client_id, **office365.roots,
            "ca_file": str(office365.ca_file), **changes}  # fmt: skip


@pytest.fixture
def collect(splunkd, office365, request):
    """Run the input of this test: collect(take=…, **params) -> (records, InputRun); go.health has what it told."""

    def go(take=None, **params):
        go.health = []
        account(splunkd, "hq", office365.secret, provider="o365", **settings_of(office365))
        events = []

        def keep(event):
            if event["sourcetype"] == HEALTH:
                go.health.append(json.loads(event["data"]))
                return
            events.append(event)
            if take:
                take(events)

        given = {"provider": "o365", "account": "hq", "content_types": ", ".join(TYPES), **params}
        name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
        return events, splunkd.run_input(f"delegation_audit://{name}", given, keep, timeout=600)

    return go


def texts(blobs):
    """Each record of some blobs once, as the vendor writes it."""
    return Counter({json.dumps(record.body, ensure_ascii=False) for blob in blobs for record in blob.records})


def of_types(office365, *types):
    return [blob for blob in office365.blobs if blob.content_type in types]


def data(events):
    return Counter(event["data"] for event in events)


def test_everything_is_collected_once_and_what_comes_late_by_the_next_run(office365, collect):
    late = next(number for number, blob in reversed(list(enumerate(office365.blobs))) if blob.content_type in TYPES)
    hidden = office365.blobs[late]
    office365.blobs[late] = hidden._replace(created=time.time() + DAY)
    seen = [blob for blob in of_types(office365, *TYPES) if blob.content_id != hidden.content_id]
    events, run = collect()
    assert (run.exit_code, run.errors) == (0, [])
    assert data(events) == texts(seen)
    assert len(events) > 1000
    assert run.log[-1].startswith("INFO input=delegation_audit://")
    assert f"events={len(events)} blobs={len(seen)}" in run.log[-1]
    for event in events:
        own = datetime.fromisoformat(json.loads(event["data"])["CreationTime"] + "+00:00").timestamp()
        assert (event["time"], event["sourcetype"], event["index"]) == (own, "o365:management:activity", "main")
        assert event["source"].startswith("delegation_audit://")

    office365.blobs[late] = hidden
    events, run = collect(index="mail")
    assert data(events) == texts([hidden])
    assert {event["index"] for event in events} == {"mail"}
    events, run = collect()
    assert (events, run.exit_code, run.errors) == ([], 0, [])


def test_two_runs_with_a_fault_in_between_lose_nothing_and_give_nothing_twice(office365, collect):
    mine = [number for number, blob in enumerate(office365.blobs) if blob.content_type == TYPES[0]]
    kinds = ("truncated", "foreign_host")
    office365.faults.blobs = {number: kinds[place % 2] for place, number in enumerate(mine[1:19:2])}
    first, run = collect(content_types=TYPES[0])
    assert run.exit_code == 1
    assert len(run.errors) == len(office365.faults.blobs) == 9
    assert sum("could not be read: the text of the blob ends before its list does" in line for line in run.errors) == 5
    assert sum("refused to call localhost:" in line for line in run.errors) == 4
    assert texts(office365.blobs[number] for number in mine if number not in office365.faults.blobs) == data(first)
    assert office365.strays == []
    office365.faults.blobs = {}
    second, run = collect(content_types=TYPES[0])
    assert (run.exit_code, run.errors) == (0, [])
    assert data(first + second) == texts(of_types(office365, TYPES[0]))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the server whose caller is gone
def test_an_input_that_is_ended_in_the_middle_loses_nothing(office365, splunkd, collect):
    def stop(events):
        if len(events) == 500:
            splunkd.inputs.stop()

    everything = texts(of_types(office365, TYPES[0]))
    first, run = collect(take=stop, connections="1", content_types=TYPES[0])
    assert run.exit_code != 0
    assert 500 <= len(first) < len(everything)
    second, run = collect(content_types=TYPES[0])
    assert (run.exit_code, run.errors) == (0, [])
    assert set(data(first + second)) == set(everything)
    assert len(second) < len(everything)


def test_a_span_behind_now_is_all_that_is_collected_and_loss_and_odd_content_are_told(office365, collect):
    since = int(time.time()) - 31 * HOUR
    inside = [number for number, blob in enumerate(office365.blobs)
              if blob.content_type == TYPES[0] and blob.created >= since]  # fmt: skip
    expired, missing, odd, *good = inside
    office365.faults.blobs = {expired: "expired", missing: "missing", odd: "not_a_list"}
    office365.faults.page_header, office365.faults.empty_page, office365.faults.page_size = "nextpageuri", True, 3
    events, run = collect(content_types=TYPES[0], start=stamp(since))
    assert (run.exit_code, len(run.errors)) == (1, 1)
    assert f"content {office365.blobs[odd].content_id} could not be read" in run.errors[0]
    assert data(events) == texts(office365.blobs[number] for number in good)
    assert "lost=2" in run.log[-1]
    assert sum(line.startswith("WARN ") and "is lost: " in line for line in run.log) == 2


MATTERING = ("Add-MailboxPermission", "Set-Mailbox", "ModifyFolderPermissions", "Consent to application.")


def test_what_is_older_than_the_feed_is_read_once_over_several_runs(office365, collect):
    """The feed begins four days back; of the days before it gives what came later, and the backfill the rest."""
    office365.faults.query_polls, office365.faults.graph_page = 1, 7
    since = int(time.time()) - 4 * DAY
    mine = {"start": stamp(since), "backfill": stamp(since - 5 * DAY), "backfill_operations": ",".join(MATTERING)}
    events, run = collect(**mine)
    assert (run.exit_code, run.errors) == (0, [])
    assert sum("INFO" in line and "backfill: 100 % of" in line for line in run.log) == 2
    wanted, feed = Counter(), Counter()
    for blob in of_types(office365, *TYPES):
        for one in blob.records:
            text = json.dumps(one.body, sort_keys=True)
            feed[text] |= blob.created >= since
            wanted[text] |= one.body["Operation"] in MATTERING
    given = Counter(json.dumps(json.loads(event["data"]), sort_keys=True) for event in events)
    assert given == Counter(text for text in feed if feed[text] or wanted[text])
    assert sum(wanted[text] and not feed[text] for text in feed) > 5
    vendors_own = texts(of_types(office365, *TYPES))  # the feed's events are so to the letter
    assert any(event["time"] < since and event["data"] in vendors_own for event in events)
    again, run = collect(**mine)
    assert (again, run.exit_code) == ([], 0)


def test_workspace_is_collected_once_as_single_events(organisation, workspace, splunkd):
    account(splunkd, "sub", json.dumps(workspace.key_file(), indent=2), provider="workspace", api_root=workspace.uri,
            subject=workspace.subject, customer=workspace.customer, ca_file=str(workspace.ca_file))  # fmt: skip
    params = {"provider": "workspace", "account": "sub", "content_types": "admin,login,token", "start": "-8d"}
    events = []
    run = splunkd.run_input("delegation_audit://sub", params, events.append, timeout=600)
    assert (run.exit_code, run.errors) == (0, [])
    expected = Counter()
    for name in ("admin", "login", "token"):
        for activity in organisation.workspace_activities(name):
            for event in activity["events"]:
                single = {**{key: value for key, value in activity.items() if key != "events"}, "event": event}
                expected[f"gws:reports:{name}", json.dumps(single, sort_keys=True)] += 1
    given = Counter((event["sourcetype"], json.dumps(json.loads(event["data"]), sort_keys=True)) for event in events)
    health = [json.loads(text) for sourcetype, text in list(given) if sourcetype == HEALTH]
    assert {(told["feed"], told["status"], told["tenant"]) for told in health} == {
        (feed, "ok", workspace.customer) for feed in ("admin", "login", "token")
    }
    assert all(sum(told["operations"].values()) == told["events"] > 0 for told in health)
    given = Counter({key: count for key, count in given.items() if key[0] != HEALTH})
    assert given == expected
    assert {sourcetype for sourcetype, _ in given} == {"gws:reports:admin", "gws:reports:login", "gws:reports:token"}
    again = []
    run = splunkd.run_input("delegation_audit://sub", params, again.append, timeout=600)
    assert ([event["sourcetype"] for event in again], run.errors) == ([HEALTH] * 3, [])
    told = json.dumps(events + again) + "\n".join(run.log)
    assert not [line for line in workspace.key_file()["private_key"].splitlines() if len(line) > 20 and line in told]
    assert workspace.unknown == []


def test_a_subject_that_is_no_administrator_is_refused_before_the_input_is_saved(workspace, splunkd):
    account(splunkd, "staff", json.dumps(workspace.key_file()), provider="workspace", api_root=workspace.uri,
            subject=workspace.plain_user, ca_file=str(workspace.ca_file))  # fmt: skip
    events = []
    run = splunkd.run_input("delegation_audit://staff", {"provider": "workspace", "account": "staff"}, events.append)
    assert (run.exit_code, events) == (1, [])
    [error] = run.errors
    assert "subject needs an administrator's role with the privilege Reports" in error


def stamp(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


# what is wrong, in one line


@pytest.fixture
def command(tmp_path, capsys, office365):
    """`workbench collect` with one thing wrong: the line on stderr; the exit code is 2 and no event is written."""

    def go(secret=None, params=(), **changes):
        (tmp_path / "secret").write_text(secret or office365.secret)
        settings = {"provider": "o365", "cloud": "custom", **settings_of(office365, **changes)}
        argv = ["collect", "delegation_audit", "--set", "provider=o365", "account=hq", *params, "--account"]
        argv += [f"{name}={value}" for name, value in settings.items() if value]
        argv += ["--secret-file", str(tmp_path / "secret"), "--state", str(tmp_path / "state")]
        code = workbench.main([*argv, "--events", str(tmp_path / "out.jsonl")])
        out, err = capsys.readouterr()
        # The stand-in's server runs in this process, and tells of callers that hang up.
        err = "".join(line for line in err.splitlines(keepends=True) if not line.startswith("Client ("))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert not (tmp_path / "out.jsonl").exists()
        assert "Traceback" not in err
        assert not any(secret in err for secret in (office365.secret, "wr0ng"))
        return err

    return go


def test_a_wrong_secret(command):
    assert "the secret is wrong; store the secret's value, not its id" in command(secret="wr0ng")


def test_a_tenant_that_is_not_known(command):
    err = command(tenant="00000000-1111-2222-3333-444444444444")
    assert "the tenant is not known; check its GUID and the cloud" in err


def test_a_host_whose_certificate_is_not_trusted(command):
    assert "the certificate of 127.0.0.1:" in command(ca_file="")


def test_a_stanza_that_cannot_be_right_is_refused_before_anything_is_asked(command, office365):
    asked = len(office365.requests)
    assert "start is 'yesterday'; it must be a span" in command(params=["start=yesterday"])
    assert len(office365.requests) == asked


def test_a_host_that_cannot_be_reached(unreachable):
    out, err = unreachable.communicate(timeout=600)
    assert (unreachable.returncode, out) == (2, "")
    why = "cannot reach 127.0.0.1:9: [Errno 111] Connection refused"
    assert err == f"error: delegation_audit: Sign in at Microsoft Entra ID: {why}\n"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nobody", "there is no account nobody; set it up in delegation_watch_accounts.conf"),
        ("silent", "no secret is stored for account silent"),
    ],
)
def test_an_account_or_a_secret_that_is_missing(splunkd, office365, name, line):
    splunkd.conf.update("delegation_watch_accounts", "silent", {"provider": "o365", **settings_of(office365)})
    run = splunkd.run_input(f"delegation_audit://{name}", {"provider": "o365", "account": name})
    assert (run.exit_code, run.events, run.errors) == (1, 0, [line])


# the script itself


def test_the_scheme_names_the_parameters_of_the_specification(splunkd):
    scheme = splunkd.inputs.scheme("delegation_audit")
    text = (ROOT / "README" / "inputs.conf.spec").read_text(encoding="utf-8")
    lines = text.partition("[delegation_audit://")[2].partition("\n[")[0].splitlines()
    specified = {line.partition(" =")[0] for line in lines if " = " in line and not line.startswith(("*", "["))}
    splunks_own = {"index", "interval", "run_only_one", "python.version", "python.required"}
    assert set(scheme.arguments) == specified - splunks_own
    required = {name for name, argument in scheme.arguments.items() if argument.required_on_create}
    assert required == {"provider", "account"}
    assert scheme.validates
    assert not scheme.single_instance


def test_text_is_written_as_utf8_whatever_the_host_speaks(splunkd, workspace):
    name = "zürich"
    body = {"id": {"time": stamp(time.time() - HOUR) + ".000Z", "applicationName": "vault", "uniqueQualifier": "1"},
            "events": [{"name": "日本 é 😀"}]}  # fmt: skip
    with Workspace([Record(time.time() - HOUR, "workspace:vault", body)]) as customer:
        account(splunkd, name, json.dumps(customer.key_file()), provider="workspace", api_root=customer.uri,
                subject=customer.subject, ca_file=str(customer.ca_file))  # fmt: skip
        told = f"""<input><server_host>h</server_host><server_uri>{splunkd.uri}</server_uri>
            <session_key>{splunkd.session_key}</session_key><checkpoint_dir>/tmp</checkpoint_dir><configuration>
            <stanza name="delegation_audit://{name}"><param name="provider">workspace</param>
            <param name="account">{name}</param><param name="content_types">vault</param></stanza>
            </configuration></input>"""
        ended = subprocess.run(
            [sys.executable, "-s", str(SCRIPT)], input=told.encode(), capture_output=True, timeout=600,
            env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    assert (ended.returncode, ended.stderr.count(b"ERROR")) == (0, 0)
    assert '"event":{"name":"日本 é 😀"}'.encode() in ended.stdout
    assert f"<source>delegation_audit://{name}</source>".encode() in ended.stdout


# figures


def test_four_connections_are_used_at_once():
    """The stand-in answers no blob before four are asked for."""
    records = [Record(time.time() - 5 * HOUR + number * 900, TYPES[0], {"Id": str(number)}) for number in range(16)]
    four = threading.Barrier(4, timeout=60)

    def together(app, **given):
        if request.endpoint == "activity/blob":
            four.wait()

    with Office365(records, lag=lambda record: 60) as tenant, request_started.connected_to(together):
        tenant.subscriptions[TYPES[0]] = "enabled"
        http = Http(verify=str(tenant.ca_file), connections=4)
        token = entra_token(http, tenant.uri, tenant.tenant, tenant.client_id, tenant.secret,
                            f"{tenant.api_root}/.default")  # fmt: skip
        token.get()
        api = ActivityApi(http, tenant.api_root, tenant.tenant, token)
        feed = Office365Feed(api, TYPES[0], 4, Tally())
        items = list(feed.read({}, time.time() - 5.9 * HOUR, time.time()))
        http.session.close()
    assert len(events_in(items)) == 16
    assert [one.status for one in tenant.requests if "/audit/" in one.path] == [200] * 16


def test_memory_does_not_grow_with_the_number_of_blobs():
    collector = Collector()
    filler = "x" * 2000

    def peak(blobs):
        collector.vendor.on("GET", CONTENT, Answer([listed(number) for number in range(blobs)]))
        for number in range(blobs):
            body = lambda call, number=number: Answer(  # noqa: E731  one for each number
                [record(1000 * number + place, Filler=filler) for place in range(50)]
            )
            collector.vendor.on("GET", blob_uri(number), body)
        feed = Office365Feed(collector.api, TYPES[0], 4, Tally())
        tracemalloc.start()
        events = sum(len(events_in([item])) for item in feed.read({}, NOW - HOUR, NOW))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        collector.vendor.calls.clear()
        assert events == 50 * blobs
        return most

    few, many = peak(20), peak(100)
    collector.session.close()
    assert many < 1.5 * few + 1_000_000  # 80 blobs more are 8 MB more of text
