"""Runs of the audit input as processes: what they tell, one at a time, ended in the middle, and no secret out."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from delegation_watch.splunk.lease import LIFE

from workbench.splunkd import Splunkd
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk
from workbench.tenants.plan import Rule

ROOT = Path(__file__).resolve().parents[2]
HEALTH = "delegation:health"
EXCHANGE = "Audit.Exchange"
PER_BLOB = 50


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        yield running


class Tenant:
    """A stand-in with a thousand records, and the input of this test on it."""

    def __init__(self, splunkd, service, bulk, name):
        self.splunkd, self.service, self.bulk, self.name = splunkd, service, bulk, name
        self.stanza = f"delegation_audit://{name}"
        self.secret = service.secret
        self.params = {"provider": "o365", "account": name, "content_types": EXCHANGE, "start": "-2d"}
        self.store(service.secret)
        self.records, self.health = [], []

    def store(self, secret):
        """The account, with this secret."""
        settings = {"provider": "o365", "cloud": "custom", "tenant": self.service.tenant,
                    "client_id": self.service.client_id, **self.service.roots,
                    "ca_file": str(self.service.ca_file)}  # fmt: skip
        self.splunkd.conf.update("delegation_watch_accounts", self.name, settings)
        whole = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{secret}"
        for number, at in enumerate(range(0, len(whole), 255)):
            self.splunkd.set_secret("delegation_watch", f"{self.name}#{number}", whole[at : at + 255])

    def run(self, take=None, **params):
        """A whole run by the stand-in for splunkd; its records and health are added."""

        def keep(event):
            body = json.loads(event["data"])
            if event["sourcetype"] == HEALTH:
                self.health.append(body)
            else:
                self.records.append(body["Id"])
            if take:
                take(self)

        return self.splunkd.run_input(self.stanza, {**self.params, **params}, keep, timeout=600)

    def start(self, *argv):
        """The script itself, as a process of this test."""
        params = "".join(f'<param name="{name}">{value}</param>' for name, value in self.params.items())
        told = (
            f"<input><server_host>h</server_host><server_uri>{self.splunkd.uri}</server_uri><session_key>"
            f"{self.splunkd.session_key}</session_key><checkpoint_dir>/tmp</checkpoint_dir><configuration>"
            f'<stanza name="{self.stanza}">{params}</stanza></configuration></input>'
        )
        process = subprocess.Popen(
            [sys.executable, "-s", str(ROOT / "bin" / "delegation_audit.py"), *argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        process.stdin.write(told.encode())
        process.stdin.close()
        process.stdin = None
        return process

    def lost_and_doubled(self):
        """Identities that are missing, and those that came more than once."""
        found = self.bulk.compare(self.records)
        assert found.strange == []
        return found.lost, found.doubled


@pytest.fixture
def tenant(splunkd, request):
    bulk = Bulk(1000, end=time.time() - 60, per_blob=PER_BLOB, seed=len(request.node.name))
    with Office365(bulk, subscribed=[EXCHANGE]) as service:
        name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
        yield Tenant(splunkd, service, bulk, name)


# health


def test_a_run_tells_of_its_feed_and_the_ledger_reads_it(splunkd, tenant):
    begun = time.time()
    run = tenant.run()
    assert (run.exit_code, run.errors) == (0, [])
    [told] = tenant.health
    assert (told["input"], told["feed"], told["tenant"]) == (tenant.stanza, EXCHANGE, tenant.service.tenant)
    assert (told["status"], told["events"], told["blobs"], told["lost"]) == ("ok", 1000, 20, 0)
    assert told["operations"] == {"Set-Mailbox": 1000}
    assert "Parameters" in told["fields"]["Set-Mailbox"]
    assert 3500 <= told["lateness"]["p50"] <= told["lateness"]["p95"] <= told["lateness"]["max"] <= 8000
    assert told["from"] < told["latest_record"] < told["until"] <= told["time"]
    splunkd.index([{"time": time.time(), "host": "h", "index": "main", "source": tenant.stanza, "sourcetype": HEALTH,
                    "data": json.dumps(told), "indextime": time.time()}])  # fmt: skip
    splunkd.run_saved_search("Delegation Watch - Keep ledger", time.time() + 480)
    rows = splunkd.search("| inputlookup delegation_watch_feeds").rows
    [row] = [row for row in rows if row["input"] == tenant.stanza]
    assert (row["events"], row["status"], row["lateness_max"]) == ("1000", "ok", str(told["lateness"]["max"]))
    assert float(row["covered_until"]) >= int(begun)


def test_a_run_that_is_refused_at_sign_in_tells_so_for_each_of_its_feeds(tenant):
    tenant.params["content_types"] = "Audit.Exchange, Audit.General"
    tenant.service.faults.start_interval = 0
    assert tenant.run().exit_code == 0
    tenant.health.clear()
    tenant.store("ended since it was saved")
    run = tenant.run()
    assert run.exit_code == 1
    assert len(run.errors) == 1
    assert [told["feed"] for told in tenant.health] == [EXCHANGE, "Audit.General"]
    for told in tenant.health:
        assert (told["status"], told["events"]) == ("failed", 0)
        assert "the secret is wrong" in told["failures"][0]
        assert "until" not in told


def test_the_backfill_has_a_line_of_its_own_in_what_a_run_tells_and_in_the_ledger(splunkd):
    bulk = Bulk(600, end=time.time() - 60, days=60, per_blob=10)
    with Office365(bulk, subscribed=[EXCHANGE]) as service:
        service.faults.query_polls, service.faults.query_outcome = 1, "failed"
        tenant = Tenant(splunkd, service, bulk, "older")
        tenant.params["start"] = "-7d"
        assert tenant.run(backfill="-70d").exit_code == 1
        service.faults.query_outcome = "succeeded"
        run = tenant.run(backfill="-70d")
        assert run.exit_code == 0
    [late] = [line for line in run.log if line.startswith("WARN ") and "no scheduled search judges them" in line]
    assert f"backfill {EXCHANGE}: " in late
    feed, failed, again, mended = tenant.health
    assert [(told["feed"], told["status"]) for told in (feed, failed)] == [
        (EXCHANGE, "ok"), (f"backfill {EXCHANGE}", "failed")
    ]  # fmt: skip
    assert "cannot be read, and is asked for again: its query ended as failed" in failed["failures"][0]
    assert (mended["status"], mended["lost"], mended["failures"]) == ("ok", 0, [])
    assert sum(told["events"] for told in tenant.health) == 600
    assert mended["events"] > 500 > feed["events"] + again["events"] > 60
    assert again["from"] == feed["until"]  # by which the ledger knows one collector from two
    assert tenant.lost_and_doubled() == ([], [])
    assert mended["until"] == mended["ends"]  # which is no reason to call it behind
    splunkd.index([{"time": time.time(), "host": "h", "index": "main", "source": tenant.stanza, "sourcetype": HEALTH,
                    "data": json.dumps(told), "indextime": time.time()} for told in tenant.health])  # fmt: skip
    splunkd.run_saved_search("Delegation Watch - Keep ledger", time.time() + 480)
    rows = {row["feed"]: row for row in splunkd.search("| inputlookup delegation_watch_feeds").rows
            if row["input"] == tenant.stanza}  # fmt: skip
    assert {feed: row["status"] for feed, row in rows.items()} == {EXCHANGE: "ok", f"backfill {EXCHANGE}": "ok"}
    assert rows[f"backfill {EXCHANGE}"]["events"] == str(mended["events"])


def test_losses_and_failures_are_told_with_their_reasons(tenant):
    names = [blob.content_id for blob in tenant.bulk.blobs]
    tenant.service.faults.plan = [
        Rule("activity/row", "expired", key=names[3]), Rule("activity/row", "foreign_host", key=names[4]),
    ]  # fmt: skip
    assert tenant.run().exit_code == 1
    [told] = tenant.health
    assert (told["status"], told["lost"], told["events"]) == ("failed", 1, 900)
    assert told["losses"][0]["what"] == f"content {names[3]}"
    assert "the content has expired" in told["losses"][0]["why"]
    assert "refused to call localhost:" in told["failures"][0]


def test_records_beyond_all_measure_are_kept_and_keep_no_other_back(tenant):
    names = [blob.content_id for blob in tenant.bulk.blobs]
    tenant.service.faults.plan = [
        Rule("activity/blob", word, key=f"*{names[place]}*") for place, word in enumerate(("huge", "deep", "bad_utf8"))
    ]
    texts = []
    settings = {**tenant.params, "content_types": EXCHANGE}
    run = tenant.splunkd.run_input(tenant.stanza, settings, lambda event: texts.append(event["data"]), timeout=600)
    assert (run.exit_code, run.errors) == (0, [])
    found = {name: [text for text in texts if f'"stand-in-{name}"' in text] for name in ("huge", "deep", "bad_utf8")}
    assert {name: len(kept) for name, kept in found.items()} == {"huge": 1, "deep": 1, "bad_utf8": 1}
    assert len(found["huge"][0]) > 20 * 1024 * 1024
    assert found["deep"][0].count("{") == 10_001
    assert "\ufffd" in json.loads(found["bad_utf8"][0])["Subject"]
    assert len(texts) == 1000 + 3 + 1
    assert json.loads(texts[-1])["unreadable"] == 1


# one at a time


def test_a_second_collector_says_so_and_ends_quietly_and_the_first_goes_on(tenant, wait_for):
    tenant.service.faults.plan = [Rule("activity/blob", "silent:5", after=3)]  # which is asked for again and again
    tenant.params["connections"] = "1"
    first = threading.Thread(target=tenant.run)
    first.start()
    wait_for(lambda: tenant.records and tenant.service.fired["silent"])
    second = tenant.start()
    out, err = second.communicate(timeout=600)
    assert (second.returncode, out) == (0, b"")
    assert b"INFO input=" in err
    assert b"another process collects this input: " in err
    assert b"ERROR" not in err
    tenant.service.faults.plan = []
    first.join()
    assert tenant.run().exit_code == 0  # brings what the first was kept from for too long, on a busy machine
    assert tenant.lost_and_doubled() == ([], [])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the server whose caller is gone
def test_a_collector_that_was_killed_keeps_the_next_waiting_for_no_time(tenant):
    tenant.service.faults.delay = 0.1
    process = tenant.start()
    while b"<data>" not in process.stdout.read1():
        pass
    process.kill()
    process.communicate()
    tenant.service.faults.delay = 0
    begun = time.monotonic()
    assert tenant.run().exit_code == 0
    taken = time.monotonic() - begun
    # So long a lease is left alone whose holder cannot be asked; a run takes some time anyhow.
    begun = time.monotonic()
    assert tenant.run().exit_code == 0
    assert taken < LIFE + time.monotonic() - begun


def test_a_place_in_another_tenant_s_feed_is_left_and_told_once(tenant):
    assert tenant.run().exit_code == 0
    places = tenant.splunkd.kvstore.collection("delegation_watch_checkpoints")
    [place] = places.query({"_key": f"{tenant.stanza}|{EXCHANGE}"})
    state = json.loads(place["state"])
    assert state["of"] == [tenant.service.tenant]
    places.save([{**place, "state": json.dumps({**state, "of": ["another"]})}])
    tenant.records.clear()
    run = tenant.run()
    assert (run.exit_code, run.errors) == (0, [])
    assert tenant.lost_and_doubled() == ([], [])  # what the first run gave counts for nothing here
    said = f"{EXCHANGE}: the account is of {tenant.service.tenant} now, and was of another; it is begun anew, at start"
    assert [line for line in run.log if said in line]
    assert not [line for line in tenant.run().log if "anew" in line]
    assert len(tenant.records) == 1000


# ended in the middle


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the server whose caller is gone
@pytest.mark.parametrize("ending", ["TERM", "KILL"])
def test_a_run_that_is_ended_loses_nothing_and_repeats_one_blob_at_most(tenant, ending):
    tenant.service.faults.delay = 0.05

    def stop(at):
        def take(tenant):
            if len(tenant.records) == at:
                running = tenant.splunkd.inputs._running
                running._running._process.send_signal(getattr(signal, f"SIG{ending}"))

        return take

    ends = (60, 333, 700)
    for at in ends:
        run = tenant.run(take=stop(at))
        assert run.exit_code != 0
    assert tenant.run().exit_code == 0
    lost, doubled = tenant.lost_and_doubled()
    assert lost == []
    assert len(doubled) <= (0 if ending == "TERM" else len(ends) * max(PER_BLOB, 100))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the server whose caller is gone
def test_a_run_that_waits_for_the_vendor_ends_at_once_when_it_is_asked_to(tenant, wait_for):
    tenant.service.faults.plan = [Rule("activity/blob", "AF429:200")]
    process = tenant.start()
    wait_for(lambda: tenant.service.fired["AF429"])
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 143
    assert b"delegation:health" in out
    assert tenant.splunkd.kvstore.collection("delegation_watch_leases").query({"_key": tenant.stanza}) == []


# no secret out


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the server whose caller is gone
@pytest.mark.parametrize("fault", [None, "401", "403", "error_in_200", "redirect", "reset"])
def test_no_secret_stands_in_what_a_run_writes_nor_in_what_others_see_of_its_process(tenant, fault):
    tenant.service.faults.delay = 0.2
    tenant.service.faults.plan = [Rule("activity/content", fault)] if fault else []
    process = tenant.start()
    seen = b""
    proc = Path(f"/proc/{process.pid}")
    while process.poll() is None and proc.is_dir():
        for name in ("cmdline", "environ"):
            try:
                seen += (proc / name).read_bytes()
            except OSError:
                break
        if not fault or len(seen) > 100_000:
            break
        time.sleep(0.05)
    out, err = process.communicate(timeout=600)
    tokens = [token.encode() for token in tenant.service.tokens()]
    assert tokens
    assert out.count(b"<event") >= 1
    for text in (out, err, seen):
        assert tenant.secret.encode() not in text
        assert tenant.splunkd.session_key.encode() not in text
        assert not [token for token in tokens if token in text]
    assert tenant.service.strays == []
