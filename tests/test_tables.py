"""What is wrong with a table is told on the search head, with its line and the remedy, and nothing is scored by it."""

import pathlib
import shutil

import pytest
from delegation_watch.grants import RIGHTS

from scripts.content import App
from workbench.spl.errors import SearchError
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
CHECK = "Delegation Watch - Check tables"
WHOLE = {"mailbox": "a@example.com", "grantee": "b@example.com", "right": "full_access", "owner": "c@example.com",
         "expires": "2026-12-31"}  # fmt: skip
OWN_WEIGHTS = """factor,family,points,when,reason,why
full_access,base,70,right=full_access,opens the whole mailbox,rare here
help_desk,actor,-5,actor=helpdesk@contoso.example,,seen daily
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A copy of the app with a site's own table of weights, so that the shipped files stay as they are."""
    folder = tmp_path_factory.mktemp("app") / "delegation_watch"
    for name in ("bin", "default", "lookups", "metadata"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "lib").symlink_to((ROOT / "lib").resolve())
    (folder / "lookups" / "delegation_watch_weights_local.csv").write_text(OWN_WEIGHTS, encoding="utf-8")
    with Splunkd(folder, tmp_path_factory.mktemp("home"), clock=lambda: NOW) as splunkd:
        yield splunkd


def put(splunkd, lookup, *rows):
    splunkd.search(f"| outputlookup delegation_watch_{lookup}", now=NOW, rows=list(rows))


def test_what_is_wrong_with_any_table_is_told_with_its_line_and_the_remedy(app):
    put(app, "approvals", WHOLE, {**WHOLE, "expires": ""}, {**WHOLE, "owner": ""}, {**WHOLE, "right": "fullaccess"})
    put(app, "register", WHOLE, {**WHOLE, "expires": "next year", "mailbox": ""})
    put(app, "vip", {"identity": "ceo@example.com"}, {"identity": "", "note": "the board"})
    put(app, "directory", {"identity": "b@example.com", "enabled": "FALSE"}, {"identity": "d@x.com", "enabled": "no"})
    found = {(row["what"], row["problem"]): row["remedy"] for row in app.run_saved_search(CHECK, NOW).rows}
    assert set(found) == {
        ("delegation_watch_weights_local.csv, line 3", "points is -5, out of range"),
        ("delegation_watch_weights_local.csv, line 3", "has no reason"),
        ("delegation_watch_approvals, line 3", "has no end"),
        ("delegation_watch_approvals, line 4", "has no owner"),
        ("delegation_watch_approvals, line 5", "right is fullaccess"),
        ("delegation_watch_register - b@example.com", "has no end"),
        ("delegation_watch_register - b@example.com", "names no mailbox or grantee"),
        ("delegation_watch_vip, line 3", "names no identity"),
        ("delegation_watch_directory, line 3", "enabled is no"),
    }
    assert all(found.values())


@pytest.mark.parametrize(
    ("entered_by", "grantee", "told"),
    [("b", "b@example.com", True), ("CORP\\B", "b@example.com", True), ("b@example.com", "CORP\\b", True),
     ("CORP\\c", "b@example.com", False), ("corp", "CORP\\b", False), ("", "b@example.com", False)],
)  # fmt: skip
def test_who_may_be_his_own_delegate_is_told_whatever_domain_stands_by_the_name(app, entered_by, grantee, told):
    entered = {**WHOLE, "grantee": grantee, "entered_by": entered_by}
    fault = "| eval `delegation_watch_approval_faults`"
    (row,) = app.search(fault, now=NOW, rows=[entered]).rows
    due = f"is entered by who may be its own delegate, {entered_by}: let somebody else approve it"
    assert row.get("fault") == (due if told else None)


def test_a_search_that_scores_stops_and_names_the_line_rather_than_leave_it_out(app):
    with pytest.raises(SearchError, match=r"local\.csv, line 3: points is -5, out of range: give a whole") as told:
        app.search("| delegationrisk", now=NOW, rows=[{"right": "full_access"}])
    assert "has no reason" in str(told.value)


def test_delegationtables_gives_a_row_for_each_fault(app):
    rows = app.search("| delegationtables", now=NOW).rows
    assert [(row["table"], int(row["line"]), row["problem"]) for row in rows] == [
        ("delegation_watch_weights_local.csv", 3, "has no reason"),
        ("delegation_watch_weights_local.csv", 3, "points is -5, out of range"),
    ]


def test_rows_in_files_of_a_sites_own_outlive_an_upgrade(app):
    """As docs/setup.md says: the definition in local/ names the file, which the package does not have."""
    known = dict.fromkeys(("kind", "privileged", "mailbox_kind", "department", "manager"), "")
    lookups = {"vip": {"identity": "ceo@example.com", "note": ""}, "approvals": WHOLE,
               "directory": {**known, "identity": "b@example.com", "enabled": "false"}}  # fmt: skip
    for name in (*lookups, "approvals_whole"):
        filename = f"delegation_watch_{name.partition('_')[0]}_local.csv"
        app.conf.set("transforms", f"delegation_watch_{name}", "filename", filename)
    try:
        for name, line in lookups.items():
            put(app, name, line)
        for shipped in sorted((ROOT / "lookups").glob("*.csv")):  # the package's own take the place of what is there
            shutil.copy(shipped, pathlib.Path(app.conf.app_dir) / "lookups")
            app.tables.remove(shipped.name)
        asked = {"_time": NOW, "grantee_key": "B@example.com", "right": "full_access"}
        rows = [{**asked, "mailbox_key": "CEO@example.com"}, {**asked, "mailbox_key": "a@example.com"}]
        first, second = app.search("| `delegation_watch_facts`", now=NOW, rows=rows).rows
        assert (first["mailbox_vip"], first["grantee_enabled"]) == ("true", "false")
        assert (second.get("mailbox_vip"), second["approval"]) == (None, "current")
    finally:
        for name in (*lookups, "approvals_whole"):
            app.conf.remove("transforms", f"delegation_watch_{name}")


def test_the_rights_that_an_approval_may_name_are_those_that_a_row_has():
    macro = App(ROOT).conf("macros")["delegation_watch_approval_faults"]["definition"]
    assert [right for right in RIGHTS if f'"{right}"' not in macro] == []


GOOD, DAY = ("current", "c@example.com", "2026-12-31"), "2026-06-30"
INVALID = {"no owner": {"owner": "", "expires": "2099-12-31"}, "a blank owner": {"owner": " ", "expires": "2099-12-31"},
           "no end": {"owner": "x", "expires": ""}, "no day as end": {"owner": "x", "expires": "next year"},
           "an end that is past": {"owner": "x", "expires": "2026-01-31"}}  # fmt: skip


def judged(app, csv, kv):
    """By mailbox what counts for it: approvals of each of the two tables are (mailbox, changes to WHOLE)."""
    for table, lines in (("approvals", csv), ("register", kv)):
        put(app, table, *({**WHOLE, "mailbox": mailbox, **changes} for mailbox, changes in lines))
    names = sorted({mailbox for mailbox, _ in (*csv, *kv)})
    asked = [{"mailbox_key": name, "grantee_key": "b@example.com", "right": "full_access"} for name in names]
    rows = app.search("| `delegation_watch_approved(mailbox_key, grantee_key)`", now=NOW, rows=asked).rows
    shown = ("approval", "approval_owner", "approval_expires")
    return {row["mailbox_key"]: tuple(row.get(name) for name in shown) for row in rows}


def test_an_approval_that_is_none_neither_approves_nor_takes_a_good_one_away(app):
    csv, kv = [], []
    for what, wrong in INVALID.items():
        csv += [(f"{what}, first", wrong), (f"{what}, first", {}), (f"{what}, last", {}), (f"{what}, last", wrong)]
        csv += [(f"{what}, beside one of the register", wrong), (f"{what}, beside one of the file", {})]
        kv += [(f"{what}, beside one of the register", {}), (f"{what}, beside one of the file", wrong)]
        kv += [(f"{what}, in the register", wrong), (f"{what}, in the register", {})]
        csv += [(f"{what} alone", wrong)]
    found = judged(app, csv, kv)
    alone = {name: found.pop(f"{name} alone") for name in INVALID}
    assert set(found.values()) == {GOOD}
    assert len(found) == 5 * len(INVALID)
    assert alone.pop("an end that is past") == ("ended", "x", "2026-01-31")
    assert set(alone.values()) == {(None, None, None)}


def test_of_several_approvals_the_one_that_ends_last_counts_with_its_own_owner_until_its_day_is_over(app):
    two = ("two", {"owner": "d|e@example.com", "expires": DAY})
    csv = [two, ("two", {"expires": "2026-03-05"}), ("today", {"expires": "2026-03-02"})]
    found = judged(app, csv, [("two", {"owner": "e", "expires": "2026-04-01"}), ("over", {"expires": "2026-03-01"})])
    assert found["two"] == ("current", "d|e@example.com", DAY)
    assert (found["today"][0], found["over"][0]) == ("current", "ended")


def test_that_an_approval_has_ended_is_told_once_and_not_while_another_one_goes_on(app):
    week_ago, yesterday = {"expires": "2026-02-20"}, {"expires": "2026-03-01", "owner": "d|e"}
    put(app, "approvals", *({**WHOLE, "mailbox": name, **end} for name, end in (
        ("ended@x", yesterday), ("goes on@x", yesterday), ("long ago@x", week_ago), ("current@x", {}))))  # fmt: skip
    put(app, "register", {**WHOLE, "mailbox": "goes on@x"}, {**WHOLE, "mailbox": "ended@x", "expires": "2026-02-27"},
        {**WHOLE, "mailbox": "ended@x", "expires": "2027-02-31"})  # no day, so it counts for nothing
    for _ in range(2):
        app.run_saved_search("Delegation Watch - Tell ended approvals", NOW)
    (told,) = app.search("search `delegation_watch_approval_history`", now=NOW).rows
    told = {name: value for name, value in told.items() if value}
    assert float(told.pop("_time")) == NOW - NOW % 86400
    assert told == {"approval_action": "ended", "mailbox_key": "ended@x", "grantee_key": "b@example.com",
                    "right": "full_access", "approval_owner": "d|e", "approval_expires": "2026-03-01"}  # fmt: skip
    (event,) = app.search('search index=summary source="delegation_watch:approval"', now=NOW).rows
    assert event["_raw"].startswith(f'{{"time": {NOW - NOW % 86400}.000, "approval_action"')  # as props.conf reads it
