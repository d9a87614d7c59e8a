"""`python -m workbench.tenants`: both stand-ins from the command line."""

import json
import threading
from contextlib import contextmanager

import pytest
import requests

from workbench.tenants.__main__ import main

SHORT = ["--seed", "3", "--end", "2026-11-20T12:00:00", "--days", "4"]


@contextmanager
def served(out, capsys, wait_for, *more):
    """The command in a thread, once it has said that it serves: a session for it, and all that it printed.

    Ends it, and says that it ended well.
    """
    stop, codes, printed = threading.Event(), [], []
    thread = threading.Thread(target=lambda: codes.append(main(["--out", str(out), *SHORT, *more], stop)))
    thread.start()

    def serving():
        printed.append(capsys.readouterr().out)
        return "serving until interrupted\n" in "".join(printed)

    try:
        wait_for(serving)
        with requests.Session() as session:
            session.trust_env, session.verify = False, str(out / "ca.pem")
            yield session, "".join(printed)
    finally:
        stop.set()
        thread.join()
    assert codes == [0]


def told(text, name):
    """What the command printed beside a name."""
    return next(line[60:] for line in text.splitlines() if line.startswith(name))


def test_it_serves_both_and_writes_what_an_account_needs(tmp_path, capsys, wait_for):
    out = tmp_path / "out"
    with served(out, capsys, wait_for) as (session, said):
        key = json.loads((out / "workspace-key.json").read_text())
        answer = session.post(key["token_uri"], data={"grant_type": "x"})
        assert answer.json()["error"] == "unsupported_grant_type"
        assert (out / "office365-secret.txt").read_text()
        assert json.loads((out / "truth.json").read_text())[0]["step"] == 1
        kinds = {row["kind"] for row in json.loads((out / "standing.json").read_text())}
        assert kinds == {"MailboxRight", "SendAs", "OnBehalf", "FolderRight", "Gmail"}
        pem = (out / "office365-certificate.pem").read_text()
        assert (pem.count("BEGIN PRIVATE KEY"), pem.count("BEGIN CERTIFICATE")) == (1, 1)
        assert told(said, "api_root (Workspace)") in key["token_uri"]


def test_it_serves_many_records_with_faults_that_were_asked_for(tmp_path, capsys, wait_for):
    asked = ("--records", "5000", "--fault", "entra/*=503,calls=1")
    with served(tmp_path / "out", capsys, wait_for, *asked) as (session, said):
        assert told(said, "records") == "5000"
        assert told(said, "fault at entra/*") == "503"
        uri, tenant = told(said, "authority"), told(said, "tenant")
        url = f"{uri}/{tenant}/v2.0/.well-known/openid-configuration"
        assert [session.get(url).status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("activity/blob=sunspots", "no endpoint=word"),
        ("reset", "no endpoint=word"),
        ("activity/blob=reset,colour=blue", "after the word come share, tries"),
        ("activity/blob=reset,share=some", "after the word come share, tries"),
    ],
)
def test_a_fault_that_makes_no_sense_is_one_line_and_exit_2(tmp_path, capsys, rule, why):
    assert main(["--out", str(tmp_path), "--fault", rule]) == 2
    assert capsys.readouterr().err.startswith(f"error: --fault {rule}: {why}")


def test_a_wrong_end_is_one_line_and_exit_2(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--end", "tomorrow"]) == 2
    assert capsys.readouterr().err == "error: --end tomorrow: no ISO time such as 2026-11-23T15:00:00\n"


def test_an_out_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["--out", str(tmp_path / "taken"), "--days", "4"]) == 2
    assert "cannot be made a folder" in capsys.readouterr().err
