"""The conformance cases: none may come out wrong; and how the command tells of them."""

import json

import pytest

from workbench.__main__ import main

CASES = {
    "right": {"id": "a", "spl": "| eval x=1+1", "input_rows": [{}], "expected_rows": [{"x": "2"}]},
    "error": {"id": "b", "spl": "| frob", "input_rows": [], "expected_error": "Unknown"},
    "refused": {"id": "c", "spl": "| frob", "input_rows": [], "expected_rows": []},
    "wrong": {"id": "d", "spl": "| eval x=1", "input_rows": [{}], "expected_rows": [{"x": "2"}]},
}


@pytest.fixture
def write(tmp_path):
    def make(*names):
        path = tmp_path / "cases.jsonl"
        path.write_text("".join(json.dumps(CASES[name]) + "\n" for name in names))
        return str(path)

    return make


def test_the_last_line_counts_and_each_failing_case_is_named(write, capsys):
    assert main(["oracle", write("right", "error", "refused", "wrong")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 right, 1 refused, 1 wrong"
    assert [line.split()[0:2] for line in lines[:-1]] == [["refused", "c:"], ["wrong", "d:"]]


def test_refusing_is_no_failure(write, capsys):
    assert main(["oracle", write("right", "refused")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 right, 1 refused, 0 wrong"


def test_json_gives_one_object_a_case(write, capsys):
    main(["oracle", write("right", "wrong"), "--json"])
    *cases, last = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["verdict"] for line in cases] == ["right", "wrong"]
    assert last == "1 right, 0 refused, 1 wrong"


@pytest.mark.parametrize("content", [b"{", b"[1]\n", b'{"spl": "x"}\n', b"\xff\xfe\x00"])
def test_a_file_that_holds_no_cases_is_bad_input(tmp_path, capsys, content):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    assert main(["oracle", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_missing_file_is_bad_input(tmp_path, capsys):
    assert main(["oracle", str(tmp_path / "none.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "least"), [("spl_results.jsonl", 267), ("spl_errors.jsonl", 34)])
def test_no_conformance_case_comes_out_wrong(oracle_folder, capsys, name, least):
    assert main(["oracle", str(oracle_folder / name)]) == 0
    right = int(capsys.readouterr().out.splitlines()[-1].split()[0])
    assert right >= least
