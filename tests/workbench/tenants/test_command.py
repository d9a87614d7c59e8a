"""`python -m workbench.tenants`: both stand-ins from the command line."""

import json
import threading

import requests

from workbench.tenants.__main__ import main


def test_it_serves_both_and_writes_what_an_account_needs(tmp_path, capsys, wait_for):
    stop, out = threading.Event(), tmp_path / "out"
    arguments = ["--out", str(out), "--seed", "3", "--end", "2026-11-20T12:00:00", "--days", "4"]
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(arguments, stop)))
    thread.start()
    try:
        wait_for((out / "directory.csv").exists)
        key = json.loads((out / "workspace-key.json").read_text())
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(key["token_uri"], data={"grant_type": "x"}, verify=str(out / "ca.pem"))
        assert answer.json()["error"] == "unsupported_grant_type"
        assert (out / "office365-secret.txt").read_text()
        assert json.loads((out / "truth.json").read_text())[0]["step"] == 1
    finally:
        stop.set()
        thread.join()
    assert codes == [0]
    said = capsys.readouterr().out
    assert "https://127.0.0.1:" in said
    assert "serving until interrupted" in said


def test_a_wrong_end_is_one_line_and_exit_2(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--end", "tomorrow"]) == 2
    assert capsys.readouterr().err == "error: --end tomorrow: no ISO time such as 2026-11-23T15:00:00\n"


def test_an_out_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["--out", str(tmp_path / "taken"), "--days", "4"]) == 2
    assert "cannot be made a folder" in capsys.readouterr().err
