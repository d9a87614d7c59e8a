"""The `replay` command around the app's macro: what it says, lists, writes and how it ends.

The macro's answers are made here, so that each statement is about `replay` alone; test_replay_formats.py runs the app
itself.
"""

import json
import re
from hashlib import sha256
from types import SimpleNamespace

import pytest

from workbench import replay
from workbench.__main__ import main
from workbench.report.ranking import Filters, finding, ranked

GRANT = {
    "CreationTime": "2024-02-04T23:19:46",
    "Id": "1",
    "Operation": "Add-MailboxPermission",
    "RecordType": 1,
    "Workload": "Exchange",
    "row": {
        "_time": "1707088786",
        "right": "full_access",
        "grant_action": "grant",
        "access": "own",
        "mailbox": "ceo@contoso.example",
        "grantee": "51eb55af",
        "grantee_key": "bob@contoso.example",
        "actor": "mallory@contoso.example",
        "delegation_score": "82",
        "delegation_level": "high",
        "delegation_reason": "Bob may read everything the CEO has.",
        "delegation_factors": ["base|60|whole mailbox", "grantee|22|a third party"],
        "status": "success",
    },
}


def grant(number=1, **row):
    return {**GRANT, "Id": str(number), "row": {**GRANT["row"], **row}}


def other(number=1, operation="UserLoggedIn"):
    return {
        "Id": f"o{number}",
        "Operation": operation,
        "CreationTime": "2024-02-04T20:00:00",
        "RecordType": 15,
        "row": {},
    }


class StandIn:
    """Answers the macro with what each record's `row` says, and remembers what it was told."""

    def __init__(self, app_dir, home):
        assert (app_dir / "default").is_dir()
        assert home.is_dir()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def search(self, spl, rows):
        if spl.startswith("| outputlookup append=true "):
            self.lookups[spl.split()[-1]] = rows
            return SimpleNamespace(rows=rows)
        if spl == "| `delegation_watch_learn`":
            self.learnt.extend(row["source"] for row in rows)
            return SimpleNamespace(rows=[])
        if spl == "| `delegation_watch_learn_accounts`":
            assert len(self.learnt) >= len(rows)  # who is who comes first
            return SimpleNamespace(rows=[])
        assert spl == "| `delegation_watch_replay`"
        self.batches.append(len(rows))
        return SimpleNamespace(rows=[self.answer(row) for row in rows])

    @staticmethod
    def answer(row):
        record = json.loads(row["_raw"])
        row_id = sha256(row["_raw"].encode()).hexdigest()
        base = {
            "evidence": row["source"],
            "row_id": row_id,
            "operation": record["Operation"],
            "_time": "1707077000",
        }
        return {**base, **record["row"]}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `replay` over records (a list of lists: one file each) and options; gives code, out, err."""
    monkeypatch.setattr(replay, "Splunkd", StandIn)
    monkeypatch.setattr(StandIn, "lookups", {}, raising=False)
    monkeypatch.setattr(StandIn, "batches", [], raising=False)
    monkeypatch.setattr(StandIn, "learnt", [], raising=False)

    def command(*files, options=()):
        names = []
        for number, content in enumerate(files):
            path = tmp_path / f"export {number}.json"
            if isinstance(content, list):
                content = "\n".join(json.dumps(each) for each in content).encode()
            path.write_bytes(content)
            names.append(str(path))
        code = main(["replay", *names, *map(str, options)])
        shown = capsys.readouterr()
        return SimpleNamespace(code=code, out=shown.out, err=shown.err)

    return command


def listed(result):
    return [json.loads(line) for line in result.out.splitlines()]


def test_the_summary_says_what_was_read(run):
    result = run([grant(), other(1), other(2)], [other(1), other(3)])
    assert result.code == 0
    assert result.err == ""
    assert "export 0.json: Management API, 3 records" in result.out
    assert (
        "5 records, 1 duplicates folded, 0 unreadable; 2024-02-04 20:03:20Z to 2024-02-04 23:19:46Z (UTC)"
        in result.out
    )
    assert "operations: UserLoggedIn 3, Add-MailboxPermission 1" in result.out


def test_a_grant_is_shown_with_score_parties_reason_factors_and_evidence(run):
    out = run([other(), grant()]).out
    block = out[out.index("1 delegation, worst first") :]
    for part in (
        " 82 high",
        "2024-02-04 23:19:46Z",
        "bob@contoso.example (51eb55af) -> ceo@contoso.example",
        "grant full_access (own)",
        "by mallory@contoso.example, Add-MailboxPermission",
        "Bob may read everything the CEO has.",
        "  60  base: whole mailbox",
        "  22  grantee: a third party",
        "evidence: export 0.json:2",
    ):
        assert part in block


def test_the_worst_comes_first_and_equals_by_time(run):
    records = [
        grant(1, delegation_score="20"),
        grant(2, delegation_score="90", _time="20"),
        grant(3, delegation_score="100"),
        grant(4, delegation_score="90", _time="10"),
    ]
    rows = listed(run(records, options=["--json"]))
    assert [row["evidence"][-1] for row in rows] == ["3", "4", "2", "1"]


def test_json_is_one_row_a_line_on_stdout_and_the_summary_on_stderr(run):
    result = run([grant(), other()], options=["--json"])
    (row,) = listed(result)
    assert row["delegation_score"] == 82
    assert row["_time"] == 1707088786
    assert row["delegation_factors"] == GRANT["row"]["delegation_factors"]
    assert {name: row[name] for name in ("mailbox", "grantee", "right", "evidence")} == {
        "mailbox": "ceo@contoso.example", "grantee": "51eb55af", "right": "full_access", "evidence": "export 0.json:1"
    }  # fmt: skip
    assert "2 records" in result.err


def test_a_single_factor_is_still_a_list_in_json(run):
    (row,) = listed(run([grant(delegation_factors="base|82|whole mailbox")], options=["--json"]))
    assert row["delegation_factors"] == ["base|82|whole mailbox"]


def test_records_that_are_no_delegation_are_counted_but_not_listed(run):
    result = run([other(1), other(2)])
    assert result.code == 0
    assert "2 records" in result.out
    assert "No delegation in these records" in result.out
    assert "evidence:" not in result.out


def test_a_failed_grant_is_listed_and_says_so(run):
    out = run([grant(status="failure", delegation_score="5", delegation_level="informational")]).out
    assert "  5 informational" in out
    assert "FAILED" in out


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["--min-level", "high"], ["1", "2"]),
        (["--min-level", "critical"], ["1"]),
        (["--mailbox", "CEO@"], ["1", "3"]),
        (["--identity", "BOB"], ["1", "2", "3"]),
        (["--identity", "mallory"], ["1", "2", "3"]),
        (["--identity", "nobody"], []),
        (["--from", "2024-02-05"], ["2"]),
        (["--to", "2024-02-04"], ["1", "3"]),
        (["--from", "2024-02-04T23:19:46Z", "--to", "2024-02-04T23:19:46"], ["1", "3"]),
        (["--from", "2024-02-05T01:19:47+02:00"], ["2"]),
    ],
)
def test_filters_keep_what_they_name(options, kept, run):
    records = [
        grant(1, delegation_level="critical", delegation_score="95"),
        grant(2, mailbox="shared@contoso.example", _time="1707150000"),
        grant(3, delegation_level="low", delegation_score="20"),
    ]
    rows = listed(run(records, options=["--json", *options]))
    assert sorted(row["evidence"][-1] for row in rows) == kept


def test_the_heading_tells_that_a_filter_hides_grants(run):
    out = run([grant(1), grant(2, delegation_level="low")], options=["--min-level", "high"]).out
    assert "1 delegation of 2 (the rest is filtered out), worst first: 1 high" in out


def test_the_same_record_in_two_files_is_listed_once(run):
    result = run([grant()], [grant()], options=["--json"])
    assert len(listed(result)) == 1
    assert "2 records, 1 duplicates folded" in result.err


def test_a_broken_record_is_told_and_the_exit_code_is_3(run):
    content = json.dumps(grant()).encode() + b'\n{"Operation": "Add-Mail\n'
    result = run(content)
    assert result.code == 3
    assert "1 unreadable" in result.out
    assert "unreadable: export 0.json:2: not JSON" in result.out
    assert "1 delegation" in result.out


def test_a_record_that_the_app_cannot_read_is_told_and_the_exit_code_is_3(run):
    result = run([grant(), {**other(), "row": {"parse_error": "no Operation"}}])
    assert result.code == 3
    assert "unreadable: export 0.json:2: no Operation" in result.out


def test_a_record_that_the_app_does_not_answer_for_is_told_too(run, monkeypatch):
    search = StandIn.search
    monkeypatch.setattr(
        StandIn, "search", lambda self, spl, rows: search(self, spl, rows[:1] if "replay" in spl else rows)
    )
    result = run([grant(1), grant(2)])
    assert result.code == 3
    assert "unreadable: export 0.json:2: the app gave no answer" in result.out


def test_every_unusable_file_is_named_in_one_line_and_nothing_else_is_printed(run, tmp_path):
    bad = b"just,some,columns\n1,2,3\n"
    result = run(b"", [grant()], bad, options=["missing.csv", "--report", tmp_path / "r.html"])
    assert result.code == 2
    assert result.out == ""
    assert len(result.err.splitlines()) == 3
    assert re.match(r"error: export 0\.json: .*0 bytes", result.err.splitlines()[0])
    assert re.match(r"error: export 2\.json: .*AuditData", result.err.splitlines()[1])
    assert re.match(r"error: missing\.csv: cannot be read", result.err.splitlines()[2])
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--from", "yesterday"], "--from yesterday: not a time"),
        (["--vip", "nowhere.csv"], "nowhere.csv: cannot be read (No such file"),
        (["no such file.csv"], "no such file.csv: cannot be read (No such file"),
        ([".."], "..: a folder"),
        (["--report", "no/such/folder/r.html"], "--report no/such/folder/r.html: cannot be written"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(options, says, run):
    result = run([grant()], options=options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {says}")
    assert len(result.err.splitlines()) == 1


def test_the_report_may_not_overwrite_an_export(run, tmp_path):
    result = run([grant()], options=["--report", tmp_path / "export 0.json"])
    assert result.code == 2
    assert "is one of the exports" in result.err
    assert json.loads((tmp_path / "export 0.json").read_text())["Id"] == "1"


def test_tables_of_the_person_reach_the_apps_lookups(run, tmp_path):
    vip, approved = tmp_path / "vip.csv", tmp_path / "approved.csv"
    vip.write_text("Identity;note\nceo@contoso.example;boss\n", encoding="utf-8-sig")
    approved.write_text("mailbox,grantee,right,owner,expires\na,b,full_access,c,2030-01-01\n")
    assert run([grant()], options=["--vip", vip, "--approved", approved]).code == 0
    assert StandIn.lookups == {
        "delegation_watch_vip": [{"identity": "ceo@contoso.example", "note": "boss"}],
        "delegation_watch_approvals": [
            {
                "mailbox": "a",
                "grantee": "b",
                "right": "full_access",
                "owner": "c",
                "expires": "2030-01-01",
            }
        ],
    }


def test_a_table_without_its_columns_is_refused(run, tmp_path):
    path = tmp_path / "approved.csv"
    path.write_text("mailbox,grantee\na,b\n")
    result = run([grant()], options=["--approved", path])
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: approved.csv: no column right, owner, expires; expected mailbox, grantee, right, owner, expires\n"
    )


def test_who_is_who_is_learnt_from_every_file_before_the_first_is_judged(run, monkeypatch):
    learnt_when_judged = []
    answer = StandIn.answer
    monkeypatch.setattr(
        StandIn,
        "answer",
        staticmethod(lambda row: learnt_when_judged.append(len(StandIn.learnt)) or answer(row)),
    )
    run([grant()], [other(1), other(2)])
    assert learnt_when_judged == [3, 3, 3]


def test_a_long_export_goes_to_the_app_in_batches(run, monkeypatch):
    monkeypatch.setattr(replay, "BATCH", 40)
    result = run([other(number) for number in range(100)])
    assert StandIn.batches == [40, 40, 20]
    assert "100 records, 0 duplicates" in result.out


def test_a_record_cannot_steer_the_terminal_or_the_page(run, tmp_path):
    page = tmp_path / "r.html"
    evil = "\x1b[2J<script>alert(1)</script>[bold]\u202e&amp;"
    result = run([grant(mailbox=evil, delegation_reason=evil)], options=["--report", page])
    assert "\x1b" not in result.out
    assert "\\x1b[2J<script>alert(1)</script>[bold]\\u202e&amp;" in result.out
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[bold]\\u202e&amp;amp;" in text
    assert "\x1b" not in text


def test_the_page_stands_alone_and_holds_what_the_terminal_shows(run, tmp_path):
    page = tmp_path / "my report.html"
    result = run([grant(), other()], options=["--report", page])
    text = page.read_text(encoding="utf-8")
    assert result.code == 0
    assert not re.search(r"(\bsrc=|href=|@import|url\()", text)
    for part in (
        "82 high",
        "bob@contoso.example",
        "whole mailbox",
        "export 0.json:1",
        "prefers-color-scheme",
        "@media print",
    ):
        assert part in text
    assert text.startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == ["my report.html"]


def test_many_files_are_summed_up_by_format(run):
    out = run(*[[other(number)] for number in range(20)]).out
    assert "20 files: Management API, 20 records" in out
    assert "export 7.json" not in out


def test_plain_output_is_not_wrapped_and_has_no_colour(run):
    reason = "why " * 100
    out = run([grant(delegation_reason=reason.strip())]).out
    assert reason.strip() in out
    assert "\x1b[" not in out


def test_what_the_export_cannot_show_is_printed(run):
    out = run([grant()]).out
    assert "What this export cannot show" in out
    assert "no MailItemsAccessed, SendAs or SendOnBehalf record is here" in out
    use = {"Operation": "MailItemsAccessed", "RecordType": 50, "row": {}}
    assert "no MailItemsAccessed" not in run([grant(), use]).out


def test_a_row_without_time_is_within_every_window():
    rows = [{"_time": "", "right": "full_access"}]
    assert ranked(rows, Filters(earliest=10.0, latest=20.0)) == rows
    assert finding(rows[0]).time == "no time recorded"
