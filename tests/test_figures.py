"""What the figures of dashboards count and their lists hold, over rows of the summary and documents of the ledger."""

import json
import pathlib
import re

import pytest

from workbench.spl.commands import combining
from workbench.splunkd import Splunkd
from workbench.viewer import views

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
HOUR, DAY = 3600, 86400
BOX, ANNA, DESK, TEAM = "box@a.example", "anna@a.example", "desk@a.example", "team@a.example"


def row(case, ago, score, right="full_access", **more):
    """A row of the summary, as `delegationrisk summary=true` writes it."""
    return {
        "row_id": f"{case} {ago} {right} {score}", "case_key": case * 9, "time": NOW - ago, "tenant": "t",
        "status": "success", "provider": "exchange_online", "grant_action": "grant", "operation": "o", "right": right,
        "access": "own", "mailbox_key": f"{case}@a.example", "grantee_key": ANNA, "grantee_kind": "user",
        "actor_key": DESK, "delegation_score": score, "delegation_level": "high", "delegation_reason": "r", **more,
    }  # fmt: skip


def setting(ago, **more):
    return row("rules", ago, 60, "forwarding", mailbox_key=BOX, **{"grant_action": "setting", "access": "read", **more})


def change(ago, what):
    return {"row_id": f"c{ago}", "change": what, "explained": "no", "time": NOW - ago, "tenant": "t",
            "provider": "exchange_online", "mailbox_key": BOX, "grantee_key": "out@b.example", "right": "forwarding",
            "access": "read", "delegation_score": 60, "delegation_level": "medium"}  # fmt: skip


def used(by, **more):
    return row("used", 5, 0, mailbox_key=BOX, grantee_key=by, grant_action="use", use_last=NOW, row_id=by,
               **{"use_count": 1, **more})  # fmt: skip


GRANTS = [
    # One case with a part that scores low.
    row("many", HOUR, 90, src=["192.0.2.1", "198.51.100.7"]), row("many", HOUR, 30, "send_as", access="send"),
    row("member", 2 * HOUR, 75, "group_member", mailbox_key=TEAM, access="none"),
    row("old", 30 * HOUR, 45),
    row("low", HOUR, 25),
    row("unknown", HOUR, 20, mailbox_key=None, mailbox="Some Body"),
    row("taken", HOUR, 0, grant_action="revoke", access="none"),
    setting(50), setting(40, access="none", grant_action="revoke"), setting(30, status="failure"),
    *(used(by) for by in ("own@a.example", "none@a.example", "free@a.example", "deny@a.example", "gone@a.example")),
    used("refused@a.example", use_count=3, status="failure"),
]  # fmt: skip
CHANGES = [change(20, "new"), change(10, "gone")]
WAYS = [{"grantee_key": "own@a.example", "access": "own"}, {"grantee_key": "none@a.example", "access": "none"},
        {"grantee_key": "free@a.example", "access": "availability"},
        {"grantee_key": "deny@a.example", "access": "own", "deny": "true"},
        {"grantee_key": "gone@a.example", "access": "own", "status": "gone"}]  # fmt: skip
FINE = {"input": "delegation_audit://a", "tenant": "t", "provider": "o365", "status": "ok", "every": 300,
        "last_run": NOW - 60, "covered_until": NOW - 60, "events": 1, "lost": 0}  # fmt: skip
FEEDS = [
    {**FINE, "feed": "fine"},
    {**FINE, "input": "delegation_inventory://a", "feed": "once a day", "last_run": NOW - 30 * HOUR, "every": DAY,
     "covered_until": None},
    {**FINE, "feed": "backfill at its end", "last_run": NOW - 9 * DAY, "ends": NOW - 9 * DAY,
     "covered_until": NOW - 9 * DAY},
    {**FINE, "feed": "not covered", "gap_time": NOW - HOUR},
    {**FINE, "feed": "failing", "status": "failed"},
    {**FINE, "feed": "empty", "weeks": 4, "pause": DAY, "latest_record": NOW - 4 * DAY},
    {**FINE, "feed": "quiet", "weeks": 4, "pause": 2 * DAY, "pause_now": DAY, "latest_record": NOW - 5 * DAY},
    {**FINE, "feed": "no longer read", "status": "failed", "last_run": NOW - HOUR, "host": "h"},
    {**FINE, "feed": "still read", "host": "h"},
]  # fmt: skip
SWEPT = {"provider": "exchange_online", "status": "complete", "ended": NOW - HOUR}
PARTS = [
    {**SWEPT, "tenant": "fine", "part": "fine|x|send_as", "audit": "true"},
    {**SWEPT, "tenant": "off", "part": "off|x|send_as", "audit": "false"},
    {**SWEPT, "tenant": "off", "part": "off|x|full_access", "audit": "false"},
    {**SWEPT, "tenant": "bypassed", "part": "bypassed|x|send_as", "audit": "true", "bypassed": "eve"},
    {**SWEPT, "tenant": "fine", "part": "fine|x|full_access", "ended": NOW - 9 * DAY},
    {"provider": "exchange_online", "tenant": "fine", "part": "fine|x|app_mail", "status": "failed",
     "problem": "consent is missing"},
    {**SWEPT, "tenant": "many", "part": "many|x|send_as", "status": "partial", "unread": 40, "mailboxes": 200},
]  # fmt: skip
OFTEN = {"tenant": "t", "provider": "exchange_online", "first_seen": NOW - 40 * DAY, "days": 30, "count": 9}
USUAL = [{**OFTEN, "what": "Add-MailboxPermission", "last_seen": NOW - HOUR},
         {**OFTEN, "what": "SendAs", "last_seen": NOW - 9 * DAY}]  # fmt: skip
DOCUMENTS = {
    "state": [{"status": "standing", "tenant": "t", "mailbox_key": BOX, "right": "full_access", **way} for way in WAYS],
    "feeds": FEEDS, "parts": PARTS, "usual": USUAL,
}  # fmt: skip


def write(splunkd, source, rows):
    splunkd.index({"time": one["time"], "source": source, "sourcetype": "stash", "index": "summary", "host": "h",
                   "data": json.dumps({name: value for name, value in one.items() if value is not None})}
                  for one in rows)  # fmt: skip


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("figures"), clock=lambda: NOW) as running:
        write(running, "delegation_watch:grant", GRANTS)
        write(running, "delegation_watch:change", CHANGES)
        for name, documents in DOCUMENTS.items():
            rows = [{**{key: value for key, value in one.items() if value is not None}, "_key": str(at),
                     "grant_key": str(at)} for at, one in enumerate(documents)]  # fmt: skip
            running.search(f"| outputlookup append=true key_field=_key delegation_watch_{name}", rows=rows)
        yield running


def shown(splunkd, view, source, earliest="-30d", without=None, **tokens):
    """The rows of a dashboard's source, behind what it builds on, in the time of its own or this one.

    `tokens` are what was chosen; the others are as the dashboard has them.
    A pattern `without` names lookups that are read as if they had no row.
    """
    definition = views(ROOT)[f"delegation_watch_{view}"].definition
    sources = definition["dataSources"]
    options = sources[source]["options"]
    query = options["query"]
    while "extend" in options:
        options = sources[options["extend"]]["options"]
        query = options["query"] + query
    given = {one["options"]["token"]: one["options"].get("defaultValue") for one in definition["inputs"].values()}
    defaults = definition.get("defaults", {}).get("tokens", {}).get("default", {})
    given.update((name, one["value"]) for name, one in defaults.items())
    for name, value in {**given, **tokens}.items():
        query = query.replace(f"${name}|s$", json.dumps(value))
    if without:
        query = re.sub(rf"(?<=inputlookup )(delegation_watch_(?:{without}))\b", r"\1 where _key=none", query)
    at = options["queryParameters"]["earliest"]
    return splunkd.search(query, earliest=earliest if at.startswith("$") else at).rows


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A splunkd where nothing was ever collected, and what the feeds say once one has run."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("untouched"), clock=lambda: NOW) as running:
        yield running, [{**FINE, "feed": "fine", "_key": "1"}]


def figure(splunkd, view, source, name, **tokens):
    (found,) = shown(splunkd, view, source, **tokens)
    return int(found[name])


def test_a_case_that_is_bad_enough_is_shown_with_all_that_is_in_it(splunkd):
    wanted = {"level": "70", "text": "*", "case": "C-manymany"}
    (case,) = (one for one in shown(splunkd, "alerts", "ds_cases", **wanted) if one["Mailbox"] == "many@a.example")
    assert (case["Score"], case["Right"]) == ("90", "full_access, send_as")
    assert {one["Right"] for one in shown(splunkd, "alerts", "ds_records", **wanted)} == {"full_access", "send_as"}
    assert {one["Right"] for one in shown(splunkd, "alerts", "ds_response", **wanted)} == {"full access", "send as"}


def test_each_address_of_a_record_is_evidence_that_can_be_clicked(splunkd):
    records = shown(splunkd, "alerts", "ds_records", level="70", text="*", case="C-many")
    assert sorted((one.get("From") for one in records), key=str) == ["192.0.2.1", "198.51.100.7", None]


def test_who_joins_a_group_is_a_case_and_was_given_something(splunkd):
    cases = shown(splunkd, "alerts", "ds_cases", level="70", text="*")
    assert [(one["Mailbox"], one["Right"]) for one in cases] == [
        ("many@a.example", "full_access, send_as"), (TEAM, "group_member")
    ]  # fmt: skip
    assert TEAM in {one["Mailbox"] for one in shown(splunkd, "overview", "ds_worst")}
    changed = {one["Mailbox"]: one["What"] for one in shown(splunkd, "overview", "ds_changes")}
    assert (changed[TEAM], changed["taken@a.example"]) == ("given", "taken back")
    assert changed["Some Body"] == "given"
    given = splunkd.search("`delegation_watch_given` | table mailbox_key", earliest="-30d").rows
    assert TEAM not in {one.get("mailbox_key") for one in given}


def test_what_is_new_since_yesterday_is_the_list_that_it_leads_to_whatever_time_is_chosen(splunkd):
    led = shown(splunkd, "alerts", "ds_cases", earliest="-24h", level="40", text="*")
    assert figure(splunkd, "overview", "ds_today", "recent") == len(led) == 3


def test_problems_of_collecting_are_those_that_collection_health_counts(splunkd):
    counted = [
        figure(splunkd, "health", source, name)
        for source, name in (("ds_feed_figures", "bad"), ("ds_part_figures", "bad"), ("ds_part_figures", "off"),
                             ("ds_blind_figures", "blind"))
    ]  # fmt: skip
    assert counted == [3, 3, 2, 1]
    assert figure(splunkd, "overview", "ds_today", "bad") == sum(counted)


@pytest.mark.parametrize(
    ("source", "name", "lookup"),
    [("ds_feed_figures", "bad", "feeds"), ("ds_feed_figures", "lost", "feeds"), ("ds_part_figures", "bad", "parts"),
     ("ds_part_figures", "off", "parts"), ("ds_blind_figures", "blind", "usual")],
)  # fmt: skip
def test_a_figure_of_a_ledger_that_nobody_keeps_is_not_known(splunkd, source, name, lookup):
    """And has a colour of its own, told by a number: a text is none that a range takes."""
    (found,) = shown(splunkd, "health", source, without=lookup)
    assert (found[name], int(found[f"{name}_colour"])) == ("-", -1)
    (found,) = shown(splunkd, "health", source)
    assert int(found[name]) == int(found[f"{name}_colour"]) >= 0


def test_collecting_that_nobody_watches_is_not_shown_as_without_a_problem(splunkd):
    (found,) = shown(splunkd, "overview", "ds_today", without="feeds|parts|usual")
    assert (found["bad"], int(found["recent"])) == ("-", 3)
    # What is known to be wrong counts, whether or not feeds are known.
    assert int(shown(splunkd, "overview", "ds_today", without="feeds")[0]["bad"]) == 6


def test_collecting_whose_ledger_cannot_be_read_is_not_shown_as_without_a_problem(splunkd):
    """What is appended brings nothing then, not even a count of 0."""
    source = views(ROOT)["delegation_watch_overview"].definition["dataSources"]["ds_today"]["options"]
    query, cut = re.subn(r"\| append \[.*\]", "", source["query"].replace("$provider|s$", '"*"'))
    (found,) = splunkd.search(query, earliest="-24h").rows
    assert (cut, found["bad"], int(found["bad_colour"]), int(found["recent"])) == (1, "-", -1, 3)


JUDGED = {
    ("overview", "ds_figures"): ["high"], ("overview", "ds_today"): ["recent"],
    ("overview", "ds_standing_figures"): ["unexplained"], ("review", "ds_figures"): ["high", "soon", "ended"],
    ("exposure", "ds_figures"): ["everyone", "outside", "applications", "orphans"],
    ("mailbox", "ds_ways_figures"): ["unexplained"], ("mailbox", "ds_figures"): ["hidden"],
    ("identity", "ds_open_figures"): ["unexplained"], ("identity", "ds_figures"): ["high"],
}  # fmt: skip


def judged(splunkd):
    """The figures that are green where they are 0, and the numbers of their colours."""
    tokens = ("explained", "reach", "approval", "text", "right", "kind", "level", "mailbox", "identity")
    chosen = dict.fromkeys(tokens, "*")
    for (view, source), names in JUDGED.items():
        (found,) = shown(splunkd, view, source, **chosen)
        yield from ((str(found[name]), int(found[f"{name}_colour"])) for name in names)


def test_a_figure_is_not_all_clear_before_anything_was_collected(untouched):
    splunkd, feeds = untouched
    assert set(judged(splunkd)) == {("-", -1)}
    splunkd.search("| outputlookup append=true key_field=_key delegation_watch_feeds", rows=feeds)
    assert set(judged(splunkd)) == {("0", 0)}


def test_a_feed_is_listed_with_its_state_and_all_that_is_wrong_with_it(splunkd):
    listed = {one["Feed"]: one for one in shown(splunkd, "health", "ds_feed")}
    assert "no longer read" not in listed
    assert {name: one["State"] for name, one in listed.items() if one["State"] != "on time"} == {
        "empty": "empty", "failing": "failing", "not covered": "losing",
    }  # fmt: skip
    assert listed["empty"]["Problem"].startswith("empty: runs, and brings nothing newer than 2026-02-26 ")


def test_a_kind_that_no_sweep_could_read_is_told_apart(splunkd):
    told = {
        (one["Tenant"], one["Read"]): (one["State"], one["Ended"], one["Problem"])
        for one in shown(splunkd, "health", "ds_part")
    }
    assert told["fine", "app_mail"] == ("cannot be read", "-", "consent is missing")
    assert told["many", "send_as"][::2] == ("partial", "40 of 200 mailboxes not read")
    assert told["fine", "full_access"][0] == "overdue"
    assert told["fine", "send_as"][0] == "complete"


def test_a_rule_that_was_refused_cleared_or_is_gone_is_not_set(splunkd):
    assert figure(splunkd, "mailbox", "ds_figures", "hidden", mailbox=BOX) == 2
    rules = shown(splunkd, "mailbox", "ds_rules", mailbox=BOX)
    assert [one["What"] for one in rules] == ["sweep: gone", "sweep: new", "refused", "taken back", "set"]
    counted = shown(splunkd, "mailbox", "ds_rules", mailbox=BOX, only="set")  # what a click on the figure leaves
    assert [one["What"] for one in counted] == ["sweep: new", "set"]


@pytest.mark.parametrize(("view", "tokens"), [("mailbox", {"mailbox": BOX}), ("identity", {"identity": "*"})])
def test_who_used_a_right_still_has_it_where_it_lets_somebody_in(splunkd, view, tokens):
    found = shown(splunkd, view, "ds_uses", **tokens)
    assert {one["Delegate"].partition("@")[0]: one["Stands"] for one in found} == {
        "own": "yes", "none": "not directly", "free": "not directly", "deny": "not directly", "gone": "not directly",
    }  # fmt: skip


@pytest.mark.parametrize(("view", "tokens"), [("mailbox", {"mailbox": BOX}), ("identity", {"identity": "*"})])
def test_a_use_that_was_refused_is_none(splunkd, view, tokens):
    """Which the list of uses, whose sum this is, leaves out as well."""
    assert figure(splunkd, view, "ds_figures", "uses", **tokens) == 5
    listed = shown(splunkd, view, "ds_uses", **tokens)
    assert sum(int(one["Uses"]) for one in listed) == 5


@pytest.mark.parametrize(
    ("view", "source", "tokens"),
    [("mailbox", "ds_history", {"mailbox": BOX}), ("identity", "ds_received", {"identity": "out@b.example"}),
     ("hunt", "ds_list", {"field": "mailbox", "value": BOX, "text": "*"}), ("overview", "ds_changes", {})],
)  # fmt: skip
def test_a_change_is_shown_however_many_newer_ones_there_are(splunkd, monkeypatch, view, source, tokens):
    """What a search adds to itself by a subsearch ends at Splunk's limit, with no message."""
    monkeypatch.setattr(combining, "MAX_ADDED", 1)
    told = {one["What"] for one in shown(splunkd, view, source, **tokens)}
    assert {"sweep: gone", "sweep: new"} <= told


def test_what_one_approval_covers_in_several_tenants_is_told_apart(splunkd):
    parties = {"status": "standing", "provider": "workspace", "mailbox_key": "*", "grantee_key": "backup",
               "right": "app_mail", "access": "own"}  # fmt: skip
    alone = {**parties, "mailbox_key": "alone@a.example"}
    rows = [{**one, "tenant": tenant, "_key": f"of {at}", "grant_key": f"of {at}"} for at, (one, tenant) in enumerate(
        [(parties, "a.example"), (parties, "b.example"), (alone, "a.example")])]  # fmt: skip
    splunkd.search("| outputlookup append=true key_field=_key delegation_watch_state", rows=rows)
    tokens = {"explained": "*", "approval": "*", "reach": "*", "text": "backup"}
    found = {(one["Mailbox"], one["Right"]) for one in shown(splunkd, "review", "ds_list", **tokens)}
    assert found == {("*", "app_mail of a.example"), ("*", "app_mail of b.example"), ("alone@a.example", "app_mail")}


def scored(case, score, *factors):
    lines = [f"{name}|{points}|because" for name, points in factors]
    return row(case, HOUR, score, delegation_factors=lines, row_id=f"{case} {lines}")


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        # 140 points in all, of which 100 count: without the first 60 are left, without the second 80.
        ([scored("c", 100, ("all", 80), ("new", 60), ("cap", -40))], {"all"}),
        ([scored("c", 75, ("all", 50), ("new", 25))], {"all", "new"}),
        # Another right of the same case stays high without it.
        ([scored("c", 90, ("all", 50), ("new", 40)), scored("c", 80, ("other", 80))], set()),
        ([scored("c", 90, ("all", 50), ("new", 40)), scored("c", 70, ("all", 70))], {"all"}),
        ([scored("c", 60, ("all", 60))], set()),
    ],
    ids=["above the cap", "each by itself", "another right", "both rights", "never high"],
)  # fmt: skip
def test_a_factor_holds_a_case_that_would_not_be_high_without_it(splunkd, rows, held):
    rows = [{**one, "_time": str(one["time"])} for one in rows]
    sources = views(ROOT)["delegation_watch_tuning"].definition["dataSources"]
    query = "".join(sources[name]["options"]["query"] for name in ("ds_rows", "ds_factors", "ds_effect"))
    found = splunkd.search(query.replace("`delegation_watch_grants` | where", "| where", 1), rows=rows).rows
    assert {one["Factor"]: int(one["Held"]) for one in found} == {one["Factor"]: one["Factor"] in held for one in found}


@pytest.mark.parametrize("action", ["grant", "snapshot"])
def test_a_denial_stands_and_opens_nothing(splunkd, action):
    about = {"grant_key": f"denied {action}", "mailbox_key": "denied@a.example", "grantee_key": ANNA, "tenant": "t",
             "provider": "exchange_online", "right": "full_access", "access": "own", "deny": "true",
             "grant_action": action, "_time": str(NOW), "row_id": "d"}  # fmt: skip
    splunkd.search("| `delegation_watch_keep`", rows=[about])
    spl = f'| `delegation_watch_state` | search grant_key="denied {action}"'
    (kept,) = splunkd.search(spl).rows
    assert (kept["status"], kept["access"], kept["deny"]) == ("standing", "none", "true")


def kept(splunkd, cloud, *rows):
    """How many delegations of a cloud stood on each day, by level, when rows about one of them have been kept."""
    about = {"grant_key": cloud, "mailbox_key": "trend@a.example", "grantee_key": ANNA, "tenant": "t",
             "provider": cloud, "right": "folder", "folder": "Inbox", "folder_kind": "inbox", "access": "write",
             "grant_action": "grant", "delegation_level": "high", "delegation_score": 70}  # fmt: skip
    for days, more in rows:
        one = {**about, "_time": str(NOW - days * DAY), "row_id": f"{cloud} {days}", **more}
        splunkd.search("| `delegation_watch_keep`", rows=[one])
    drawn = shown(splunkd, "overview", "ds_exposed", provider=cloud)
    levels = ("critical", "high", "medium", "low", "informational")
    assert all(int(float(one[level])) == 0 for one in drawn for level in levels if level != "high")
    return [int(float(one["high"])) for one in drawn]


TAKEN = {"grant_action": "revoke", "access": "none", "delegation_level": "informational", "delegation_score": 0}


@pytest.mark.parametrize(
    "how",
    [TAKEN, {**TAKEN, "access": "write"}, {**TAKEN, "grant_action": "change"}],
    ids=["folder", "mailbox", "set to none"],
)
@pytest.mark.parametrize("late", [False, True], ids=["in order", "grant comes late"])
def test_what_is_taken_back_stays_in_the_days_before(splunkd, how, late):
    cloud = f"taken {how['grant_action']} {how['access']} {late}"
    rows = [(9, {}), (3, how)]
    drawn = kept(splunkd, cloud, *(reversed(rows) if late else rows))
    assert drawn[-10:] == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_what_is_given_again_did_not_stand_between(splunkd):
    drawn = kept(splunkd, "again", (9, {}), (6, TAKEN), (3, {}))
    assert drawn[-10:] == [1, 1, 1, 0, 0, 0, 1, 1, 1, 1]
    assert kept(splunkd, "again", (1, {"grant_action": "snapshot"})) == drawn


def test_what_an_earlier_version_kept_of_a_right_that_was_taken_back_is_mended_by_keeping_it_again(splunkd):
    drawn = kept(splunkd, "mended", (9, {}), (3, TAKEN))
    splunkd.search('| inputlookup delegation_watch_state where grant_key="mended" | eval access="none", '
                   'delegation_level="informational" | `delegation_watch_store`')  # fmt: skip
    assert kept(splunkd, "mended") != drawn
    assert kept(splunkd, "mended", (9, {}), (3, TAKEN)) == drawn
