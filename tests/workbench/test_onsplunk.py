"""`python -m workbench test-splunk`: what is asked of a real Splunk, asked of the stand-in over the same client."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from workbench.errors import BadInput
from workbench.onsplunk import ROOT
from workbench.onsplunk.connection import Access, connect
from workbench.onsplunk.detections import ask_folder
from workbench.onsplunk.rows import fits_a_table, literal_search
from workbench.onsplunk.target import NotRun, Refused, Target
from workbench.spl import search
from workbench.spl.environment import Environment
from workbench.splunkd import Splunkd

TINY = pathlib.Path(__file__).parent / "splunkd" / "tiny_app"
OWN = (ROOT / "tests/workbench/conf/cases/search_time.jsonl", ROOT / "tests/workbench/spl/cases/app_uses.jsonl")
CAPTURED = ROOT.parent / "shared" / "oracle" / "props_captured.jsonl"


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    """A Splunk with the app, for tests that leave nothing behind."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("home")) as running:
        yield running


def environment(splunkd, **given):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPLUNK_")}
    told = {"SPLUNK_URL": splunkd.uri, "SPLUNK_TOKEN": splunkd.session_key, "SPLUNK_CA": str(splunkd.ca_file)}
    return {**kept, **told, **given}


def command(*args):
    return [sys.executable, "-m", "workbench", "test-splunk", *map(str, args)]


def ran(splunkd, *args, **given):
    return subprocess.run(
        command(*args), cwd=ROOT, env=environment(splunkd, **given), capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip


def access(splunkd, **given):
    told = {"url": splunkd.uri, "token": splunkd.session_key, "ca_file": splunkd.ca_file, **given}
    return Access(**told)


def state_of(splunkd):
    """All that a trial might leave behind."""
    private = [path for path in (splunkd.home / "etc" / "users").rglob("*.conf") if path.read_text().strip()]
    kinds = {conf: splunkd.conf.stanzas(conf) for conf in ("macros", "props", "transforms", "savedsearches")}
    return (list(splunkd.indexes), len(splunkd.events), splunkd.kvstore.names(), splunkd.tables.files(), private, kinds)


@pytest.fixture
def target(splunkd):
    with Target(connect(access(splunkd), splunkd.app), wait=1) as made:
        yield made


def cases(path, *given):
    path.write_text("".join(json.dumps(case) + "\n" for case in given))
    return path


def test_what_the_project_expects_holds_there_and_nothing_is_left(splunkd):
    before = state_of(splunkd)
    files = [*OWN, *([CAPTURED] if CAPTURED.is_file() else [])]
    done = ran(splunkd, *files, "--json", "--detections", "high_risk_grant")
    *lines, last = done.stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [line for line in found if line["verdict"] in ("wrong", "refused")] == []
    assert (done.returncode, done.stderr) == (0, "")
    right = sum(line["verdict"] == "right" for line in found)
    assert last == f"{right} right, 0 refused, 0 wrong, {len(found) - right} not run"
    assert right > 140
    assert {line["verdict"] for line in found if line["id"].startswith("high_risk_grant: ")} == {"right"}
    assert state_of(splunkd) == before


def test_what_is_wrong_or_refused_is_named_and_fails(splunkd, tmp_path):
    before = state_of(splunkd)
    file = cases(
        tmp_path / "cases.jsonl",
        {"id": "off", "spl": "| eval b=a+1", "input_rows": [{"a": "1"}], "expected_rows": [{"b": "3"}]},
        {"id": "odd", "spl": "| frobnicate", "input_rows": [{"a": "1"}], "expected_rows": []},
        {"id": "no", "spl": "| frobnicate", "input_rows": [{"a": "1"}], "expected_error": "Unknown search command"},
        {"id": "far", "spl": "| eval b=1", "input_rows": [{"a": "1"}], "env": {"tz": "Asia/Tokyo"}},
        {"id": "taken", "spl": "| eval a=1", "input_rows": None, "expected_error": "no such thing is expected",
         "env": {"lookups": {"x": {"filename": "delegation_watch_vip.csv", "rows": [{"a": "1"}]}}}},
    )  # fmt: skip
    done = ran(splunkd, file)
    assert done.returncode == 1
    off, odd, far, taken, last = done.stdout.splitlines()
    assert off.startswith("wrong   off: row 1, b: expected '3', found '2'")
    assert odd == "refused odd: Unknown search command 'frobnicate'."
    assert far == "not run far: it needs a user in the time zone Asia/Tokyo, not UTC"
    assert taken == "not run taken: there is a lookup file delegation_watch_vip.csv already"
    assert last == "1 right, 1 refused, 1 wrong, 2 not run"
    assert state_of(splunkd) == before


def test_what_is_interrupted_cleans_up(splunkd):
    before = state_of(splunkd)
    files = sorted((ROOT / "tests/workbench/spl/cases").glob("*.jsonl"))
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command(*files), cwd=ROOT, env=environment(splunkd), text=True, **pipes)
    until = time.monotonic() + 60
    while list(splunkd.indexes) == before[0] and time.monotonic() < until:
        time.sleep(0.05)
    assert list(splunkd.indexes) != before[0]
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=600)
    assert (process.returncode, told) == (130, "interrupted\n")
    assert state_of(splunkd) == before


def test_a_detection_that_finds_the_wrong_cases_is_told(target, tmp_path):
    folder = tmp_path / "high_risk_grant"
    folder.mkdir()
    shipped = ROOT / "tests" / "cases" / "high_risk_grant"
    first = (shipped / "fires.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (folder / "quiet.jsonl").write_text(first + "\n", encoding="utf-8")
    other = (shipped / "quiet.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (folder / "fires.jsonl").write_text(other + "\n", encoding="utf-8")
    assert [(verdict, detail) for _, verdict, detail in ask_folder(folder, target)] == [
        ("wrong", "does not fire"), ("wrong", "fires"),
    ]  # fmt: skip


def test_cases_of_a_search_that_is_not_there_are_not_run(target, tmp_path):
    folder = tmp_path / "unheard_of"
    folder.mkdir()
    for kind in ("fires", "quiet"):
        (folder / f"{kind}.jsonl").write_text('{"case": "x", "records": []}\n{"case": "y", "rows": [], "vip": []}\n')
    found = [(verdict, detail) for _, verdict, detail in ask_folder(folder, target)]
    assert found[0] == ("not run", "it consists of rows, vip, not of audit records alone")
    assert found[2] == ("not run", "the app there has no search for unheard_of; it may be of another version")
    assert {verdict for verdict, _ in found} == {"not run"}


def test_the_users_own_private_objects_stay_as_they_are(splunkd, target):
    with Target(target.service) as other:
        other.own("macros", "mine", {"definition": "1"})
        with pytest.raises(NotRun, match=r"admin has a private macros\.conf \[mine\] already"):
            target.own("macros", "mine", {"definition": "2"})
        assert splunkd.conf_of("admin").stanza("macros", "mine") == {"definition": "1"}


def test_what_cannot_be_removed_is_told_and_what_is_gone_is_not(splunkd, target, monkeypatch):
    with target.scope():
        target.own("macros", "gone", {"definition": "1"})
        splunkd.conf_of("admin").remove("macros", "gone")
    assert target.left == []
    with monkeypatch.context() as patched, target.scope():
        name = target.collection({})
        patched.setattr(splunkd.kvstore, "remove", lambda name: False)
        target._clean(0)
    assert target.left == [f"collection {name}: Object id={name} cannot be deleted in config=collections."]
    assert splunkd.kvstore.remove(name)


def test_events_that_do_not_come_are_waited_for_in_vain(target):
    target.wait = 0
    with pytest.raises(NotRun, match="of 1 events 0 are searchable after 0 s"):
        target.await_events("index=main nothing", 1)


def test_a_failed_search_says_why(target):
    with pytest.raises(Refused, match="Unknown search command 'nope'"):
        target.search("| nope")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"token": ""}, "Set SPLUNK_TOKEN, or SPLUNK_USER and SPLUNK_PASSWORD"),
        ({"token": "wrong"}, "does not take this token"),
        ({"token": "eyJh.eyJp.c2ln"}, "does not take this token"),
        ({"token": "", "user": "admin", "password": "changeme"}, "does not take this password of admin"),
        ({"url": "http://127.0.0.1:8089"}, "https://<host>:<management port> is needed"),
        ({"url": ""}, "https://<host>:<management port> is needed"),
        ({"url": "https://127.0.0.1:9"}, "cannot be reached"),
        ({"ca_file": None}, "certificate cannot be verified .*SPLUNK_CA"),
        ({"ca_file": pathlib.Path("nowhere.pem")}, "SPLUNK_CA=nowhere.pem: no file with a certificate"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_signing_in_is_told(splunkd, given, message):
    with pytest.raises(BadInput, match=message):
        connect(access(splunkd, **given), splunkd.app)


def test_a_name_and_a_password_do_as_well_and_stay_out_of_errors(splunkd):
    told = {"token": "", "user": splunkd.username, "password": splunkd.password}
    assert connect(access(splunkd, **told), splunkd.app).username == "admin"


def test_a_splunk_without_the_app_is_told_so(tmp_path, splunkd):
    with Splunkd(TINY, tmp_path) as other, pytest.raises(BadInput, match="delegation_watch is not installed there"):
        connect(access(other), splunkd.app)


def test_an_index_must_be_there_and_empty(splunkd, target):
    with pytest.raises(BadInput, match="There is no index nowhere"):
        target.given_index("nowhere")
    service = target.service
    service.indexes.create("full").submit("a=1")
    try:
        with pytest.raises(BadInput, match="The index full has events"):
            target.given_index("full")
    finally:
        service.indexes.delete("full")
    done = ran(splunkd, OWN[0], SPLUNK_INDEX="nowhere")
    assert (done.returncode, done.stderr) == (
        2, "error: There is no index nowhere. Make it, or leave SPLUNK_INDEX away.\n"
    )  # fmt: skip


def test_events_in_a_given_index_that_cannot_be_deleted_are_told(splunkd, tmp_path):
    case = {"id": "one", "spl": "search a=1 | table a", "input_rows": [{"_raw": "a=1"}], "needs_index": True,
            "expected_rows": [{"a": "1"}]}  # fmt: skip
    splunkd.indexes.add("lent")
    try:
        done = ran(splunkd, cases(tmp_path / "cases.jsonl", case), SPLUNK_INDEX="lent")
        assert done.stdout.splitlines()[-1] == "1 right, 0 refused, 0 wrong, 0 not run"
        assert done.returncode == 1
        assert done.stderr.startswith("left behind: events in the index lent: ")
    finally:
        splunkd.events.drop("lent")
        splunkd.indexes.remove("lent")


def test_who_may_not_make_an_index_is_told_to_name_one(splunkd):
    user = splunkd.users.add("analyst", "p", ("user",))
    service = connect(access(splunkd, token="", user=user.name, password="p"), splunkd.app)
    with Target(service) as target, pytest.raises(BadInput, match=r"indexes_edit.*name it by SPLUNK_INDEX"):
        target.index()


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"a": "1", "b": 'say "hi" \\ \\d'}, {"a": ["x", "y"]}, {"c": "-0.5"}],
        [{"_time": "1000", "a b": "01", "x.y": "1e5"}],
        [{}, {"a": "line\nline"}],
    ],
    ids=str,
)
def test_rows_are_made_as_they_are(rows):
    found = search(literal_search(rows), Environment()).rows
    shown = [{name: value if isinstance(value, list) else str(value) for name, value in row.items()} for row in found]
    assert [{**row, **({"_time": f"{float(row['_time']):.0f}"} if "_time" in row else {})} for row in shown] == rows


@pytest.mark.parametrize(
    "row", [{"a": ["x", "y"]}, {"a": ""}, {"_time": "1"}, {"a": "x\ny"}, {}, {"a": None}], ids=str
)
def test_what_a_file_would_change_does_not_go_through_one(row):
    assert not fits_a_table([{"b": "1"}, row])
    assert fits_a_table([{"b": "1"}, {"c d": "2", "b": "x,y"}])
