"""What dashboards tell of denials, of every mailbox at once, of parties that no record names, and of a whole case."""

import pytest

from tests.test_figures import HOUR, NOW, ROOT, figure, row, shown, write
from workbench.splunkd import Splunkd

ANNA, DENIED = "anna@a.example", "denied@a.example"
BARRED = {"mailbox_key": DENIED, "actor_key": "admin@a.example"}
GRANTS = [
    row("barred", 300, 0, deny="true", **BARRED),
    row("barred", 200, 0, deny="true", grant_action="revoke", **BARRED),
    row("barred", 100, 0, **BARRED),
    # One case: refused, given, scoring low for a folder, used, and taken back by the one who gave it.
    row("whole", 500, 0, status="failure"), row("whole", 400, 80), row("whole", 350, 10, "folder"),
    row("whole", 300, 0, grant_action="use"), row("whole", 200, 0, grant_action="revoke", access="none"),
    row("quiet", 400, 0, grant_action="revoke", access="none"),
    row("every", 9, 5, mailbox_key="*", grantee_key="app-1", actor_key="CORP\\ann", folder="a*b", row_id="every"),
    # Nobody is named: two cases of two unknown hands.
    row("nobody", HOUR, 75, grantee_key=None, actor_key=None), row("nothing", HOUR, 72, actor_key=None),
]
OPENED = {"provider": "exchange_online", "status": "standing", "known_by": "snapshot", "access": "own", "tenant": "t",
          "grantee_kind": "user", "right": "full_access", "delegation_score": 50}  # fmt: skip
APP = {"grantee_kind": "application", "right": "app_mail", "grantee_key": "app-1", "delegation_score": 20}
STATE = [
    *({**OPENED, "mailbox_key": f"m{number}@a.example", "grantee_key": ANNA} for number in range(3)),
    {**OPENED, "mailbox_key": "m0@a.example", "grantee_key": "bob@a.example"},
    {**OPENED, **APP, "mailbox_key": "*"},
    {**OPENED, **APP, "mailbox_key": "m0@a.example", "right": "full_access"},
    {**OPENED, "mailbox_key": "m0@b.example", "grantee_key": "bob@b.example", "tenant": "other"},
]
CHANGES = [
    {"row_id": f"d{what}", "change": what, "explained": "no", "time": NOW - ago, "tenant": "t", "deny": "true",
     "provider": "exchange_online", "mailbox_key": DENIED, "grantee_key": ANNA, "right": "full_access",
     "access": "none", "delegation_score": 0, "delegation_level": "informational"}
    for what, ago in (("new", 60), ("gone", 50))
]  # fmt: skip


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("told"), clock=lambda: NOW) as running:
        grants = [{key: value for key, value in one.items() if value is not None} for one in GRANTS]
        write(running, "delegation_watch:grant", grants)
        write(running, "delegation_watch:change", CHANGES)
        rows = [{**one, "_key": str(at), "grant_key": str(at)} for at, one in enumerate(STATE)]
        running.search("| outputlookup append=true key_field=_key delegation_watch_state", rows=rows)
        yield running


@pytest.mark.parametrize(
    ("view", "source", "tokens"),
    [
        ("overview", "ds_changes", {}),
        ("mailbox", "ds_history", {"mailbox": DENIED}),
        ("identity", "ds_received", {"identity": ANNA}),
        ("hunt", "ds_list", {"field": "mailbox", "value": DENIED, "text": "*"}),
    ],
)
def test_a_denial_is_no_right_that_was_given_and_its_end_none_that_was_taken(splunkd, view, source, tokens):
    told = [one["What"] for one in shown(splunkd, view, source, **tokens) if one["Mailbox"] == DENIED]
    assert told == ["sweep: denial lifted", "sweep: denied", "given", "denial lifted", "denied"]


def test_who_denies_gives_nothing(splunkd):
    assert figure(splunkd, "identity", "ds_figures", "gave", identity=BARRED["actor_key"]) == 1
    days = shown(splunkd, "identity", "ds_days", identity=BARRED["actor_key"])
    assert sum(int(day["gave"]) for day in days) == 1
    assert sum(int(day["denials"]) for day in days) == 2


def of_case(splunkd, source, **tokens):
    return shown(splunkd, "alerts", source, **{"level": "20", "text": "*", "case": "C-wholewho", **tokens})


def test_the_evidence_of_a_case_is_all_of_its_records_and_its_score_that_of_what_was_given(splunkd):
    told = [(one["What"], one["Right"]) for one in of_case(splunkd, "ds_records")]
    given = ("given", "full_access")
    assert told == [("refused", given[1]), given, ("given", "folder"), ("used", given[1]), ("taken back", given[1])]
    (case,) = (one for one in of_case(splunkd, "ds_cases") if one["Case"] == "C-wholewho")
    assert (case["Score"], case["Right"]) == ("80", "full_access")
    assert [one["Right"] for one in of_case(splunkd, "ds_response")] == ["full access"]


def test_what_was_only_taken_back_is_no_case(splunkd):
    listed = [one["Case"] for one in of_case(splunkd, "ds_cases", level="0")]
    assert sorted(listed) == ["C-nobodyno", "C-nothingn", "C-wholewho"]


def test_whom_no_record_names_is_counted_as_nobody(splunkd):
    listed = of_case(splunkd, "ds_cases")
    assert [(one["Delegate"], one["Actor"]) for one in listed if one["Case"] == "C-nobodyno"] == [("-", "-")]
    assert figure(splunkd, "alerts", "ds_figures", "actors", level="20", text="*", case="") == 1
    assert "-" in {one["Delegate"] for one in shown(splunkd, "overview", "ds_worst")}


def test_of_whom_no_record_names_it_is_not_said_that_they_can_open_nothing(splunkd):
    (told,) = shown(splunkd, "identity", "ds_choose", identity="-")
    assert (told["Identity"], told["Opens"]) == ("-", "-")
    assert told["About"].startswith("no record names who it was")
    (figures,) = shown(splunkd, "identity", "ds_open_figures", identity="-")
    assert figures["mailboxes"] == "-"
    assert shown(splunkd, "identity", "ds_choose", identity="nobody") == []


def test_who_opens_every_mailbox_comes_first_and_is_not_told_to_open_one(splunkd):
    most = [(one["Delegate"], str(one["Mailboxes"])) for one in shown(splunkd, "exposure", "ds_most")]
    assert most[:2] == [("app-1", "every"), (ANNA, "3")]
    flow = {(one["Delegate"], one["Right"]): int(one["Mailboxes"]) for one in shown(splunkd, "exposure", "ds_flow")}
    assert next(iter(flow))[0] == "app-1"
    # As many as are known of its tenant.
    assert (flow["app-1", "app_mail"], flow["app-1", "full_access"], flow[ANNA, "full_access"]) == (3, 1, 3)
    assert figure(splunkd, "exposure", "ds_figures", "mailboxes") == 4
    chosen = shown(splunkd, "identity", "ds_choose", identity="*")
    assert [(one["Identity"], str(one["Opens"])) for one in chosen][:2] == [("app-1", "every"), (ANNA, "3")]
    opens = {name: shown(splunkd, "identity", "ds_open_figures", identity=name)[0] for name in ("app-1", ANNA, "*")}
    assert [str(one["mailboxes"]) for one in opens.values()] == ["every", "3", "4"]


def hunt(splunkd, source="ds_list", field="*", value="*", **tokens):
    return shown(splunkd, "hunt", source, **{"field": field, "value": value, "text": "*", "row": "", **tokens})


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("mailbox", "\\*", True), ("folder", "a\\*b", True), ("folder", "a*", True), ("folder", "\\*b", False),
        ("identity", "corp\\*", True), ("identity", "corp\\ann", True), ("identity", "corp\\x*", False),
        ("identity", "\\*", False),
    ],
)  # fmt: skip
def test_a_star_behind_a_backslash_is_itself_and_a_domain_may_stand_before_any_name(splunkd, field, value, found):
    assert ["*"] * found == [one["Mailbox"] for one in hunt(splunkd, field=field, value=value)]


def test_a_frequent_value_finds_its_own_records_again(splunkd):
    frequent = hunt(splunkd, "ds_values")
    assert ("mailbox", "\\*") in {(one["Field"], one["Value"]) for one in frequent}
    for one in frequent:
        assert len(hunt(splunkd, field=one["Field"], value=one["Value"])) >= int(one["Records"]), one
    (every,) = (one for one in frequent if one["Value"] == "\\*")
    assert len(hunt(splunkd, field=every["Field"], value=every["Value"])) == int(every["Records"]) == 1
    known = {one["Search"]: one["Value"] for one in hunt(splunkd, "ds_row", row="every")}
    assert (known["mailbox"], known["folder"]) == ("\\*", "a\\*b")


def test_a_record_that_no_longer_fits_gives_way_to_the_latest(splunkd):
    def row_id(row, value):
        known = {one["Field"]: one["Value"] for one in hunt(splunkd, "ds_row", "mailbox", value, row=row)}
        return known["row_id"]

    first = "whole 500"
    assert row_id(first, "whole@a.example") == "whole 500 full_access 0"
    assert row_id(first, "quiet@a.example") == "quiet 400 full_access 0"
    assert row_id("", "whole@a.example") == "whole 200 full_access 0"


def test_hunt_counts_nobody_and_every_mailbox_as_none(splunkd):
    (found,) = hunt(splunkd, "ds_figures", "mailbox", "no*")
    assert (found["rows"], found["mailboxes"], found["actors"]) == (2, 2, 0)
    (found,) = hunt(splunkd, "ds_figures", "mailbox", "\\*")
    assert (found["rows"], found["mailboxes"], found["actors"]) == (1, 0, 1)
