"""`workbench search`: one search over files."""

import json
import shutil
from pathlib import Path

import pytest

from workbench import __main__ as workbench
from workbench import search

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / "tiny"
    shutil.copytree(ROOT / "tests" / "workbench" / "splunkd" / "tiny_app", folder)
    (folder / "lib").symlink_to(ROOT / "lib")
    return folder


@pytest.fixture
def run(app, monkeypatch, capsys):
    monkeypatch.setattr(search, "APP", app)

    def go(*argv):
        code = workbench.main(["search", *map(str, argv)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


@pytest.fixture
def lines(tmp_path):
    """A file of JSON lines: lines(name, *objects) -> path."""

    def write(name, *objects):
        path = tmp_path / name
        path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
        return path

    return write


def event(time, **data):
    return {"time": time, "host": "h", "source": "s", "sourcetype": "web", "index": "mail", "data": json.dumps(data)}


def test_events_of_several_files_are_searched_through_the_apps_props(run, lines):
    one, two = lines("1", event(10.5, user="alice")), lines("2", event(20, user="bob"))
    code, out, _ = run("team=* | table user shout team", "--events", one, two, "--json")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"user": "bob", "shout": "BOB", "team": "blue"},
        {"user": "alice", "shout": "ALICE", "team": "red"},
    ]


def test_bounds_are_times_as_splunk_writes_them(run, lines):
    path = lines("e", *(event(at, n=at) for at in (100, 200, 300)))
    assert run("* | table n", "--events", path, "--earliest", "150", "--latest", "300", "--json")[1] == '{"n": "200"}\n'
    code, _, err = run("*", "--events", path, "--earliest", "soon")
    assert (code, err.count("\n")) == (2, 1)


def test_rows_enter_a_search_that_begins_with_a_pipe(run, lines):
    rows = lines("r", {"a": 1, "b": ["x", "y"], "c": None}, {"a": 2.5, "b": ["z"], "d": True})
    code, out, _ = run("| eval n=a*2 | fields - a", "--rows", rows, "--json")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"b": ["x", "y"], "n": "2"}, {"b": "z", "d": "true", "n": "5"},
    ]  # fmt: skip


def test_a_table_is_for_people(run, lines):
    rows = lines("r", {"user": "alice", "right": ["a", "b"]}, {"user": "bo", "right": "c\nd"})
    assert run("| table user right", "--rows", rows)[1] == "user   right\nalice  a; b\nbo     c d\n"
    assert run("| table user | where user=\"x\"", "--rows", rows)[1] == ""


def test_a_commands_messages_go_to_stderr(run, lines):
    code, out, err = run('| tinystream say="hi" | table a', "--rows", lines("r", {"a": "1"}), "--json")
    assert (code, out, err) == (0, '{"a": "1"}\n', "INFO: hi\n")


@pytest.mark.parametrize(
    ("option", "content", "text"),
    [
        ("--events", "{}\n", ":1: an event needs its text in `data`"),
        ("--events", '{"data": "x"}\n\n{"data": "x", "time": "now"}\n', ":3: `time` must be epoch seconds"),
        ("--events", '{"data": "x", "host": 5}\n', ":1: `host` must be text"),
        ("--rows", '{"a": 1}\n{"a": ', ":2: no JSON"),
        ("--rows", "[1]\n", ":1: one JSON object a line is needed"),
        ("--rows", '{"a": {"b": 1}}\n', ":1: a: an object cannot be a field's value"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(run, tmp_path, option, content, text):
    path = tmp_path / "file"
    path.write_text(content)
    code, out, err = run("| table a", option, path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert text in err


def test_a_missing_or_foreign_file_is_one_line(run, tmp_path):
    code, _, err = run("| table a", "--rows", tmp_path / "no")
    assert (code, err) == (2, f"error: cannot read {tmp_path / 'no'}: No such file or directory\n")
    (tmp_path / "latin").write_bytes(b'{"a": "\xe9"}')
    assert "is not UTF-8 text" in run("| table a", "--rows", tmp_path / "latin")[2]


def test_what_splunk_refuses_is_refused_in_its_words(run):
    code, out, err = run("| nosuchcommand")
    assert (code, out) == (2, "")
    assert "Unknown search command 'nosuchcommand'" in err
