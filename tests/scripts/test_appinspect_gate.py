"""The gate lets a package pass only on a report without errors, failures, or warnings that nobody explained."""

import json
import sys

import pytest

from scripts import appinspect_gate
from scripts.appinspect_gate import ACCEPTED, objections

RESULTS = ("error", "failure", "future_failure", "skipped", "not_applicable", "warning", "success")


def report(*checks):
    """AppInspect's JSON for checks of the form (name, result, file); one more check succeeds."""
    told = [
        {
            "name": name,
            "result": result,
            "messages": [
                {"result": "not_applicable", "message": "nothing to see", "message_filename": None},
                {"result": result, "message": "words", "message_filename": file},
            ],
        }
        for name, result, file in [*checks, ("check_other", "success", None)]
    ]
    summary = {result: sum(check["result"] == result for check in told) for result in RESULTS}
    return {"summary": summary, "reports": [{"groups": [{"checks": told[:1]}, {"checks": told[1:]}]}]}


def test_a_report_of_successes_passes():
    assert objections(report()) == []


@pytest.mark.parametrize("result", ["error", "failure", "future_failure"])
def test_a_check_that_failed_is_an_objection(result):
    assert objections(report(("check_x", result, "bin/x.py"))) == [f"1 {result}", f"{result}: check_x: words"]


def test_a_failure_of_a_check_whose_warnings_are_accepted_is_an_objection():
    name = next(iter(ACCEPTED))
    assert f"failure: {name}: words" in objections(report((name, "failure", None)))


def test_a_warning_that_is_not_accepted_is_an_objection():
    assert objections(report(("check_x", "warning", None))) == ["warning: check_x: words"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_warning_passes_in_its_place(name):
    assert objections(report((name, "warning", ACCEPTED[name].place + "x.py"))) == []


@pytest.mark.parametrize("file", ["bin/delegation_audit.py", None])
@pytest.mark.parametrize("name", [name for name, accepted in ACCEPTED.items() if accepted.place])
def test_an_accepted_warning_elsewhere_is_an_objection(name, file):
    assert objections(report((name, "warning", file))) == [f"warning: {name}: words"]


def test_each_accepted_warning_has_its_reason():
    assert all(accepted.reason for accepted in ACCEPTED.values())


def test_a_report_of_nothing_is_an_objection():
    assert objections({"summary": dict.fromkeys(RESULTS, 0), "reports": []})


@pytest.fixture
def inspected(tmp_path, monkeypatch):
    """Runs the gate on a package in tmp_path, with this program in AppInspect's place; its exit code."""

    def run(program):
        (tmp_path / "app.manifest").write_text(json.dumps({"info": {"id": {"name": "a", "version": "1.0.0"}}}))
        monkeypatch.setattr(appinspect_gate, "ROOT", tmp_path)
        monkeypatch.setattr(appinspect_gate, "START", program)
        return appinspect_gate.main()

    return run


def writes(content):
    return f"import sys; open(sys.argv[sys.argv.index('--output-file') + 1], 'w').write({json.dumps(content)!r})"


def package(folder):
    (folder / "dist").mkdir()
    (folder / "dist" / "a-1.0.0.tar.gz").write_bytes(b"")


def test_a_good_report_of_both_runs_passes(inspected, tmp_path, capsys):
    package(tmp_path)
    assert inspected(writes(report())) == 0
    assert "a-1.0.0.tar.gz passes" in capsys.readouterr().out


def test_a_report_with_a_failure_fails_although_appinspect_exits_with_0(inspected, tmp_path, capsys):
    package(tmp_path)
    assert inspected(writes(report(("check_x", "failure", None)))) == 1
    assert "cloud: failure: check_x: words" in capsys.readouterr().out


@pytest.mark.parametrize("program", ["import sys; print('oops'); sys.exit(3)", "print('oops')"])
def test_an_inspection_that_breaks_off_fails(inspected, tmp_path, capsys, program):
    package(tmp_path)
    assert inspected(program) == 1
    assert "oops" in capsys.readouterr().out


def test_yesterdays_report_is_not_taken_for_todays(inspected, tmp_path):
    package(tmp_path)
    inspected(writes(report()))
    assert inspected("pass") == 1


def test_a_missing_package_is_told(inspected, capsys):
    assert inspected("pass") == 2
    assert "make package" in capsys.readouterr().err


def test_both_runs_look_at_all_that_each_has(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(appinspect_gate.subprocess, "Popen", lambda command, **_: commands.append(command))
    for tags in appinspect_gate.RUNS.values():
        appinspect_gate.start(tmp_path / "a.tar.gz", tmp_path / "all.json", tags)
    everything, cloud = commands
    assert everything[0] == sys.executable
    assert {"--mode", "precert", "--data-format", "json"} <= set(everything)
    assert "--included-tags" not in everything
    assert cloud[-2:] == ["--included-tags", "cloud"]
