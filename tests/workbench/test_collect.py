"""`workbench collect`: one input from the command line."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import __main__ as workbench
from workbench import collect

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / "tiny"
    shutil.copytree(ROOT / "tests" / "workbench" / "splunkd" / "tiny_app", folder)
    (folder / "lib").symlink_to(ROOT / "lib")
    (folder / "README").mkdir()
    (folder / "README" / "inputs.conf.spec").write_text(
        "[tiny_input://<name>]\n* What it does.\n\naccount = <string>\n* Which.\n\n"
        "count = <integer>\nmode = <string>\n\n"
        "[other_input://<name>]\ncolour = <string>\n"
    )
    spec = "[<name>]\ntenant = <string>\n* t\nprovider = <string>\nca_file = <path>\n"
    (folder / "README" / "tiny_accounts.conf.spec").write_text(spec)
    return folder


@pytest.fixture
def run(app, tmp_path, monkeypatch, capsys):
    """Run the command: run(*more, set=…, account=…) -> (exit code, stdout, stderr)."""
    monkeypatch.setattr(collect, "APP", app)
    (tmp_path / "secret").write_text("s3cr3t\n")

    def go(*more, name="tiny_input", params=("account=a",), account=("tenant=T1",)):
        argv = ["collect", name, "--set", *params, "--account", *account, "--secret-file", str(tmp_path / "secret")]
        argv += ["--state", str(tmp_path / "state"), "--events", str(tmp_path / "out.jsonl"), *more]
        code = workbench.main(argv)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


@pytest.fixture
def written(tmp_path):
    def read():
        return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]

    return read


def refused(answer, tmp_path):
    """The one line on stderr of a call that ended with 2 and wrote nothing."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert not (tmp_path / "out.jsonl").exists()
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err[len("error: ") :].strip()


def test_events_are_whole_lines_with_their_own_time(run, written, tmp_path):
    code, out, err = run(params=("account=a", "count=2"))
    assert (code, err) == (0, "")
    assert out == f"2 events from 1 feed appended to {tmp_path / 'out.jsonl'}\n"
    assert written()[0] == {
        "time": 1772359200.0, "host": "workbench", "source": "tiny_input://a", "sourcetype": "tiny:event",
        "index": "main", "data": '{"n":0,"t":"2026-03-01T10:00:00Z"}',
    }  # fmt: skip


def test_the_next_call_and_the_next_run_go_on_where_the_last_ended(run, written):
    run(params=("account=a", "count=1"))
    assert run("--runs", "2", params=("account=a",), account=("tenant=T1",))[0] == 0
    assert [json.loads(event["data"])["n"] for event in written()] == [0, 1, 2, 3, 4]


def test_each_account_has_its_own_place(run, written):
    for account in ("a", "shipped", "a"):
        run(params=(f"account={account}", "count=1"))
    assert [(event["source"], json.loads(event["data"])["n"]) for event in written()] == [
        ("tiny_input://a", 0), ("tiny_input://shipped", 0), ("tiny_input://a", 1),
    ]  # fmt: skip


def test_options_may_be_repeated_and_the_account_is_as_given_now(run, written, app):
    code, _, _ = run("--set", "count=1", "index=mail", "--account", "provider=o365")
    assert code == 0
    assert [event["index"] for event in written()] == ["mail"]
    assert not (app / "local").exists()


def test_the_secret_reaches_the_input_in_checksummed_parts_and_no_file(run, tmp_path):
    (tmp_path / "secret").write_text("x" * 300 + "\n")
    error = refused(run(params=("account=a", "mode=refused")), tmp_path)
    assert error == "tiny_input: the tenant refused the secret " + "*" * 255
    (tmp_path / "secret").unlink()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"xxxxx" in path.read_bytes()]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"params": ("count=1",)}, "the input needs an account: --set account=NAME"),
        ({"params": ("account=a", "count=many")}, "tiny_input: count must be a number"),
        ({"params": ("account=a", "mode=raises")}, "tiny_input: something broke"),
        ({"params": ("account=a", "colour=red")}, "--set colour: no such key; there are: account, count, mode, index"),
        ({"params": ("account=a", "count")}, "--set count: write KEY=VALUE"),
        ({"account": ("tenent=x",)}, "--account tenent: no such key; there are: tenant, provider, ca_file"),
        ({"account": ("=x",)}, "--account =x: write KEY=VALUE"),
        ({"name": "other"}, "unknown input other; there are: tiny_input, other_input"),
        ({"name": "../bin/tiny_input"}, "unknown input ../bin/tiny_input"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(run, tmp_path, given, text):
    assert text in refused(run(**given), tmp_path)


def test_an_unusable_secret_file_is_named(run, tmp_path):
    for content, text in ((b"", "is empty"), (b"\n", "is empty"), (b"\xff", "is not UTF-8 text")):
        (tmp_path / "secret").write_bytes(content)
        assert text in refused(run(), tmp_path)
    (tmp_path / "secret").unlink()
    assert "cannot read the secret file" in refused(run(), tmp_path)


def test_unusable_places_are_named(run, tmp_path):
    assert "cannot write events to" in refused(run("--events", str(tmp_path / "no" / "x")), tmp_path)
    assert "cannot write events to" in refused(run("--events", str(tmp_path)), tmp_path)
    assert "cannot use the state folder" in refused(run("--state", str(tmp_path / "secret")), tmp_path)
    assert "--runs must be at least 1" in refused(run("--runs", "0"), tmp_path)


def test_events_in_front_of_an_error_are_kept(run, written):
    code, out, err = run(params=("account=a", "count=1", "mode=garbage"))
    assert (code, out) == (2, "")
    assert err.startswith("error: tiny_input: the input's output is no event stream")
    assert err.endswith("(1 event collected before)\n")
    assert len(written()) == 1


def test_a_line_that_was_not_finished_is_cut_off(run, written, tmp_path):
    (tmp_path / "out.jsonl").write_text('{"data": "whole"}\n{"data": "hal')
    assert run(params=("account=a", "count=1"))[0] == 0
    assert [event["data"][:5] for event in written()] == ["whole", '{"n":']


def test_a_full_disk_ends_the_run_with_one_line(run, tmp_path):
    code, out, err = run("--events", "/dev/full")
    assert (code, out, err) == (2, "", "error: cannot write events to /dev/full: No space left on device\n")


def test_files_of_the_account_are_named_as_seen_from_here(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("--account", "ca_file=ca.pem")
    stanza = (tmp_path / "state/etc/apps/tiny/local/tiny_accounts.conf").read_text()
    assert f"ca_file = {tmp_path}/ca.pem" in stanza


def test_warnings_of_the_input_are_shown(run):
    code, _, err = run(params=("account=a", "mode=warns"))
    assert (code, err) == (0, "warning: one feed was late\n")


def test_two_collectors_do_not_share_a_state(run, tmp_path):
    with collect._locked(tmp_path / "state"):
        assert "another collector is using the state folder" in refused(run(), tmp_path)


def test_an_interrupt_leaves_a_consistent_state(app, tmp_path, wait_for):
    (tmp_path / "secret").write_text("s")
    argv = ["collect", "tiny_input", "--set", "account=a", "count=2", "mode=sleeps", "--account", "tenant=t"]
    argv += ["--secret-file", "secret", "--state", "state", "--events", "out.jsonl"]
    program = (
        "import sys; from pathlib import Path; from workbench import __main__, collect;"
        f"collect.APP = Path({str(app)!r}); sys.exit(__main__.main({argv!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: (tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl").read_text().count("\n") == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, out) == (130, "")
    assert err == "error: interrupted; 2 events written to out.jsonl\n"
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
