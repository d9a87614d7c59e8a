"""The `demo` command: it finds the attack that it was told of, says so honestly, and leaves nothing lying around.

The run itself is made once, on a small organisation; what a run comes to in worse cases is made up here.
"""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from workbench import demo
from workbench.__main__ import main
from workbench.demonstration import course
from workbench.demonstration.home import fresh
from workbench.demonstration.outcome import ALERTED, MISSED, NONE, SCORED, Outcome, compare
from workbench.demonstration.picture import Tape, draw
from workbench.demonstration.steps import Steps
from workbench.demonstration.telling import alert_lines, tell, totals, verdict
from workbench.errors import BadInput, WorkbenchError
from workbench.report.terminal import Terminal
from workbench.splunkd import FiredAlert, InputRun

SMALL = ("--mailboxes", "40", "--days", "9")
pytestmark = pytest.mark.timeout(1800)  # all of the demo is in the time of the first test


@pytest.fixture(scope="module")
def ran(root, tmp_path_factory):
    """The command as a person runs it, with --json and --keep."""
    home = tmp_path_factory.mktemp("demo") / "home"
    command = [sys.executable, "-m", "workbench", "demo", *SMALL, "--json", "--keep", "--home", str(home)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=1700, check=False)
    return SimpleNamespace(home=home, code=done.returncode, out=done.stdout, told=done.stderr)


def test_the_run_ends_well_and_misses_nothing_of_the_attack(ran):
    assert ran.code == 0, ran.told
    assert re.search(r"acts change who has access: \d+ raised an alert, \d+ scored below 70, 0 missed\.", ran.told)


def test_the_alerts_come_out_as_json_lines_worst_first(ran):
    rows = [json.loads(line) for line in ran.out.splitlines()]
    scores = [row["delegation_score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert {row["search"] for row in rows} == {course.PREFIX + name for name in course.DETECTIONS}
    assert all(row["delegation_reason"] and row["delegation_factors"] for row in rows)


def test_the_loudest_acts_of_the_attack_raise_alerts_and_everyday_traffic_none(ran):
    for act in ("gives itself the CFO's mailbox", "inbox opened to everyone", "an outsider may send as the CFO"):
        assert re.search(rf"{act} +alert: score \d+, rank \d+ of", ran.told)
    assert re.search(r"rows tell of everyday changes: 0 raised an alert, [1-9]", ran.told)


def test_what_uses_a_right_is_said_to_be_no_grant(ran):
    assert re.search(r"payment order sent as the CFO +no grant: sending mail uses a right", ran.told)
    assert re.search(r"signs in from abroad +no grant: a sign-in", ran.told)


def test_each_feed_and_sourcetype_brought_something(ran):
    assert re.search(r"[1-9][\d,]* records from an export of the older days", ran.told)
    assert "from 5 feeds" in ran.told
    for name in ("gws:reports:admin", "gws:reports:login", "gws:reports:token", "o365:management:activity"):
        assert re.search(rf"[1-9][\d,]* {name}", ran.told)
    assert ", 0 unreadable" in ran.told


def test_the_kept_folder_holds_an_export_for_replay(ran, capsys):
    assert main(["replay", str(ran.home / course.EXPORT), "--min-level", "high"]) == 0
    assert "Search-UnifiedAuditLog CSV" in capsys.readouterr().out


def test_no_secret_lies_in_the_folder(ran):
    from workbench.tenants.office365 import SECRET

    texts = [path.read_text(encoding="utf-8") for path in ran.home.rglob("*") if path.is_file()]
    assert texts
    assert not [text for text in texts if SECRET in text or "PRIVATE KEY" in text]


# What a run came to, made up.

GRANT = {"id": "r1", "provider": "exchange_online", "time": 10.0, "operation": "Add-MailboxPermission", "step": 2}
SIGN_IN = {"id": "r0", "provider": "exchange_online", "time": 5.0, "operation": "UserLoggedIn", "step": 1}
SWITCH = {"id": "admin:x:1", "provider": "workspace", "time": 7.25, "operation": "CHANGE_EMAIL_SETTING", "step": 1}


def row(record_id, case, points, **more):
    return {
        "record_id": record_id, "case_key": case, "delegation_score": str(points), "provider": "exchange_online",
        "delegation_level": "high", "delegation_factors": f"full_access|{points}|opens the whole mailbox",
        "mailbox": "cfo@contoso.example", "_time": 10.0, **more,
    }  # fmt: skip


def outcome(*, truth=(), rows=(), alerted=()):
    return Outcome(
        older=1,
        collected={"office365": 2},
        feeds=1,
        sourcetypes={"o365:management:activity": 3},
        identities=1,
        rows=list(rows),
        alerts=[FiredAlert("High", 20.0, [each]) for each in alerted],
        truth=[{"label": f"act {place}", **entry} for place, entry in enumerate(truth)],
        threshold=70,
    )


def test_a_grant_of_the_attack_without_a_row_is_missed_and_a_sign_in_is_no_grant():
    deeds, _ = compare(outcome(truth=[SIGN_IN, GRANT]))
    assert [deed.state for deed in deeds] == [NONE, MISSED]
    assert "MISSED" in verdict(deeds[1], 0, 70)


def test_a_grant_in_no_alert_is_scored_with_its_rank_among_all_rows():
    rows = [row("other", "c2", 90), row("r1", "c1", 50)]
    (deed,), everyday = compare(outcome(truth=[GRANT], rows=rows, alerted=[rows[0]]))
    assert (deed.state, deed.score, deed.rank) == (SCORED, 50, 2)
    assert everyday.loud == [rows[0]]
    assert verdict(deed, 2, 70) == "below 70: score 50, rank 2 of 2 rows: opens the whole mailbox"


def test_an_alert_on_the_case_is_an_alert_on_each_of_its_records():
    rows = [row("r1", "c1", 80), row("r2", "c1", 75)]
    deeds, everyday = compare(outcome(truth=[GRANT, {**GRANT, "id": "r2"}], rows=rows, alerted=[rows[0]]))
    assert [deed.state for deed in deeds] == [ALERTED, ALERTED]
    assert everyday.rows == []


def test_one_missed_record_makes_the_act_missed():
    two = [{**GRANT, "label": "twice"}, {**GRANT, "id": "r2", "label": "twice"}]
    found = row("r1", "c1", 80)
    (deed,), _ = compare(outcome(truth=two, rows=[found], alerted=[found]))
    assert (deed.records, deed.state) == (2, MISSED)


def test_an_act_in_workspace_is_known_by_its_operation_and_millisecond():
    same = row("digest", "c1", 45, provider="workspace", operation=SWITCH["operation"], _time="7.250")
    later = {**same, "_time": "7.251"}
    assert [deed.state for deed in compare(outcome(truth=[SWITCH], rows=[same]))[0]] == [SCORED]
    assert [deed.state for deed in compare(outcome(truth=[SWITCH], rows=[later]))[0]] == [MISSED]


def test_the_balance_counts_acts_of_the_attack_and_rows_of_everyday():
    rows = [row("r1", "c1", 80), row("e1", "c2", 50), row("e2", "c3", 40)]
    deeds, everyday = compare(outcome(truth=[SIGN_IN, GRANT], rows=rows, alerted=[rows[0]]))
    assert totals(deeds, everyday, 70) == [
        "1 of the attack's 2 acts change who has access: 1 raised an alert, 0 scored below 70, 0 missed.",
        "2 rows tell of everyday changes: 0 raised an alert, 2 did not (highest score 50).",
    ]


def test_a_case_is_listed_once_by_its_worst_row():
    rows = [row("r1", "c1", 80), row("r2", "c1", 95), row("r3", "c2", 90)]
    done = outcome(rows=rows, truth=[GRANT], alerted=rows)
    assert [each["record_id"] for each in done.alerted()] == ["r2", "r3"]


def test_a_score_is_a_number_and_factors_are_a_list_in_json():
    (line,) = alert_lines(outcome(alerted=[row("r1", "c1", 80)]))
    assert json.loads(line)["delegation_score"] == 80
    assert json.loads(line)["delegation_factors"] == ["full_access|80|opens the whole mailbox"]


@pytest.mark.parametrize(("rows", "code"), [([row("r1", "c1", 80)], 0), ([], 1)])
def test_the_exit_code_tells_whether_a_grant_was_missed(rows, code, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "play", lambda *given: outcome(truth=[GRANT], rows=rows, alerted=rows))
    assert main(["demo", "--home", str(tmp_path / "home")]) == code
    assert ("MISSED" in capsys.readouterr().out) == bool(code)


def test_the_picture_shows_what_was_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(demo, "play", lambda *given: outcome(truth=[GRANT], rows=[row("r1", "c1", 80)]))
    for name in ("COLUMNS", "TERM", "NO_COLOR"):
        monkeypatch.setenv(name, "")
    assert main(["demo", "--home", str(tmp_path / "home"), "--picture", str(tmp_path / "demo.svg")]) == 0
    drawn = (tmp_path / "demo.svg").read_text(encoding="utf-8")
    assert "rank&#160;1&#160;of&#160;1&#160;rows" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "").replace("https://www.textualize.io", "")


def test_the_same_text_gives_the_same_picture(monkeypatch, tmp_path):
    for name in ("COLUMNS", "TERM", "NO_COLOR"):
        monkeypatch.setenv(name, "")
    pictures = []
    for name in ("one.svg", "two.svg"):
        tape = Tape()
        tell(outcome(truth=[GRANT], rows=[row("r1", "c1", 80)]), Terminal(tape))
        draw(tape.getvalue(), "demo", tmp_path / name)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]


def test_an_input_that_fails_ends_the_run_with_its_own_words(monkeypatch, tmp_path):
    monkeypatch.setattr(course.Splunkd, "run_input", lambda *given: InputRun(exit_code=1, errors=["no such tenant"]))
    with pytest.raises(WorkbenchError, match="delegation_audit://office365 failed: no such tenant"):
        course.play(7, 4, 40, tmp_path, Steps())


def test_steps_are_told_one_a_line_where_no_terminal_is(capsys):
    with Steps().step("doing it") as done:
        done("it is done")
    with Steps().step("and that"):
        pass
    assert re.fullmatch(r" +\d+\.\d s  it is done\n +\d+\.\d s  and that\n", capsys.readouterr().err)


# The folder.


def test_an_earlier_demo_is_replaced_and_the_folder_removed_in_the_end(tmp_path):
    home = tmp_path / "a" / "home"
    with fresh(home, keep=True):
        (home / "left").touch()
    with fresh(home, keep=False):
        assert not (home / "left").exists()
    assert not home.exists()


def test_an_empty_folder_may_be_taken(tmp_path):
    with fresh(tmp_path, keep=True) as home:
        assert home == tmp_path


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_no_demo_made_is_left_alone(tmp_path, kind):
    home = tmp_path / "mine"
    if kind == "folder":
        home.mkdir()
        (home / "letter.txt").touch()
    elif kind == "file":
        home.touch()
    else:
        home.symlink_to(tmp_path)
    with pytest.raises(BadInput, match="not an earlier demo"), fresh(home, keep=False):
        pass
    assert home.exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["demo", "--home", str(tmp_path / "file" / "below")]) == 2
    assert capsys.readouterr().err == f"error: --home {tmp_path}/file/below: cannot be made (Not a directory)\n"


def test_an_organisation_that_is_too_small_is_refused(tmp_path, capsys):
    assert main(["demo", "--days", "2", "--home", str(tmp_path / "home")]) == 2
    assert "need at least" in capsys.readouterr().err
