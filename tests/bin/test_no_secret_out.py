"""Secrets of every kind, in every input: none in events, logs, tracebacks, checkpoints, arguments, environment."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.bin.sources.test_certificate import certificate_text, key_text
from workbench.splunkd import Splunkd
from workbench.tenants import Faults, Office365, Record, Standing, Workspace
from workbench.tenants.standing import Account, Group, MailboxRight

ROOT = Path(__file__).resolve().parents[2]
# A token of either vendor, or an assertion that was signed for one.
_TOKEN = re.compile(rb"eyJ[\w-]{20,}|ya29\.[\w.-]{20,}")
# Makes a process fail, as no one foresaw, at the very call that bears a token.
_FAIL = """
import http.client

put = http.client.HTTPConnection.putheader

def putheader(connection, name, *values):
    if any("Bearer" in str(value) for value in values):
        raise LookupError("as nobody foresaw")
    put(connection, name, *values)

http.client.HTTPConnection.putheader = putheader
"""


def old_grants():
    now = time.time()
    return [
        Record(now - days * 86400, "Audit.Exchange",
               {"Id": f"record-{days}", "Operation": "Add-MailboxPermission", "RecordType": 1, "Workload": "Exchange",
                "CreationTime": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now - days * 86400))})
        for days in (1, 20)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key):
    return certificate_text(key)


@pytest.fixture(scope="module")
def office365(certificate):
    people = Standing([Account("ada@x.example"), Account("ben@x.example")],
                      [MailboxRight("ada@x.example", "ben@x.example")], [Group("team@x.example")])  # fmt: skip
    faults = Faults(delay=0.05, query_polls=1)
    with Office365(old_grants(), faults=faults, standing=people, certificate=certificate) as running:
        running.subscriptions["Audit.Exchange"] = "enabled"
        yield running


@pytest.fixture(scope="module")
def workspace():
    with Workspace([]) as running:
        running.faults.delay = 0.05
        yield running


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        yield running


@pytest.fixture(scope="module")
def inputs(office365, workspace, key, certificate):
    """Script, stanza, account and secret of each kind of input."""
    office = {"provider": "o365", "cloud": "custom", "tenant": office365.tenant, "client_id": office365.client_id,
              "ca_file": str(office365.ca_file)}  # fmt: skip
    office.update(office365.roots)
    google = {"provider": "workspace", "cloud": "custom", "subject": workspace.subject, "api_root": workspace.uri,
              "ca_file": str(workspace.ca_file)}  # fmt: skip
    pem, file = key_text(key) + certificate, json.dumps(workspace.key_file())
    feed = {"content_types": "Audit.Exchange"}
    return {
        "backfill": ("delegation_audit", {**feed, "backfill": "-30d"}, office, office365.secret),
        "certificate": ("delegation_audit", feed, office, pem),
        "workspace": ("delegation_audit", {"content_types": "admin"}, google, file),
        "inventory": ("delegation_inventory", {}, office, office365.secret),
        "inventory by certificate": ("delegation_inventory", {}, office, pem),
        "inventory of workspace": ("delegation_inventory", {}, google, file),
    }


def lines_of(secret):
    """What of a secret must be nowhere: itself, and each line of a key in it."""
    lines = re.findall(r"[A-Za-z0-9+/=]{40,}", secret.replace("\\n", "\n"))
    return [text.encode() for text in (secret, *lines)]


def ran(splunkd, name, script, params, settings, secret, path=""):
    """(what a run wrote, what others could see of its process)."""
    splunkd.conf.update("delegation_watch_accounts", name, settings)
    whole = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{secret}"
    for number, at in enumerate(range(0, len(whole), 255)):
        splunkd.set_secret("delegation_watch", f"{name}#{number}", whole[at : at + 255])
    params = {"provider": settings["provider"], "account": name, **params}
    given = "".join(f'<param name="{key}">{value}</param>' for key, value in params.items())
    told = (
        f"<input><server_host>h</server_host><server_uri>{splunkd.uri}</server_uri><session_key>{splunkd.session_key}"
        "</session_key><checkpoint_dir>/tmp</checkpoint_dir><configuration>"
        f'<stanza name="{script}://{name}">{given}</stanza></configuration></input>'
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **({"PYTHONPATH": path} if path else {})}
    with subprocess.Popen(
        [sys.executable, "-s", str(ROOT / "bin" / f"{script}.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
    ) as process:  # fmt: skip
        process.stdin.write(told.encode())
        process.stdin.close()
        process.stdin = None
        seen = b""
        for _ in range(3):
            for part in ("cmdline", "environ"):
                try:
                    seen += Path(f"/proc/{process.pid}/{part}").read_bytes()
                except OSError:
                    break
            time.sleep(0.3)
        out, _ = process.communicate(timeout=600)
    return out, seen


KINDS = ["backfill", "certificate", "workspace", "inventory", "inventory by certificate", "inventory of workspace"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_comes_out_of_a_run_that_goes_well(splunkd, inputs, kind):
    name = kind.replace(" ", "_")
    out, seen = ran(splunkd, name, *inputs[kind])
    assert b"ERROR" not in out, out.decode()
    assert b"<event" in out
    assert inputs[kind][0].encode() in seen
    kept = json.dumps(splunkd.kvstore.collection("delegation_watch_checkpoints").query({})).encode()
    for text in (out, seen, kept):
        assert not [line for line in lines_of(inputs[kind][3]) if line in text]
        assert splunkd.session_key.encode() not in text
        assert not _TOKEN.search(text)


@pytest.mark.parametrize("kind", KINDS)
def test_nor_out_of_the_traceback_of_one_that_fails_as_nobody_foresaw(splunkd, inputs, tmp_path, kind):
    (tmp_path / "sitecustomize.py").write_text(_FAIL)
    out, _ = ran(splunkd, "failing_" + kind.replace(" ", "_"), *inputs[kind], path=str(tmp_path))
    assert b"Traceback" in out
    assert b"as nobody foresaw" in out
    assert not [line for line in lines_of(inputs[kind][3]) if line in out]
    assert splunkd.session_key.encode() not in out
    assert not _TOKEN.search(out)
