"""The Google readers against the stand-in, over TLS: what goes over the wire is what a strict service takes."""

import json
import time

import pytest
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Checkpoint, Event, Tally
from delegation_watch.sources.gmail import GmailSweep
from delegation_watch.sources.google import REPORTS_SCOPE, google_token
from delegation_watch.sources.google_directory import GoogleDirectorySweep
from delegation_watch.sources.http import Http
from delegation_watch.sources.workspace import WorkspaceFeed

from tests.bin.sources.vendor import kept
from workbench.tenants.faults import GoogleFaults
from workbench.tenants.plan import Rule
from workbench.tenants.records import Record, milliseconds
from workbench.tenants.standing import Account, Group, Standing
from workbench.tenants.workspace import Workspace

NOW = time.time()
STAFF = [f"user{number:03d}@x.example" for number in range(120)]


def standing():
    accounts = [Account(one, kind="workspace", department="Sales", manager=STAFF[0]) for one in STAFF]
    accounts[0].roles = ("_SEED_ADMIN_ROLE",)
    accounts[7].enabled = False
    groups = [Group("team@x.example", "Team", [STAFF[1], "inner@x.example", "*"]), Group("inner@x.example", "Inner")]
    gmail = {one: [(STAFF[1], "accepted"), (STAFF[2], "pending")] for one in STAFF[10:20]}
    return Standing(accounts, groups=groups, gmail=gmail)


@pytest.fixture
def customer():
    with Workspace([], faults=GoogleFaults(), standing=standing()) as running:
        yield running


def http(customer):
    return Http(verify=str(customer.ca_file), sleep=lambda seconds: None)


def swept(customer, state=None):
    sweep = GmailSweep(http(customer), customer.uri, customer.uri, customer.key_file(), customer.subject,
                       "delegation_inventory://x", sleep=lambda seconds: None)  # fmt: skip
    return list(sweep.read(state or {}, 0, time.time()))


def rows(items):
    found = [json.loads(item.raw) for item in items if isinstance(item, Event)]
    return sorted(
        (one["columns"]["user"], one["columns"]["delegateEmail"], one["columns"]["verificationStatus"])
        for one in found
        if "columns" in one
    )


def closing(items):
    return json.loads([item for item in items if isinstance(item, Event)][-1].raw)


def expected(customer):
    return sorted((owner, *pair) for owner, pairs in customer.standing.gmail.items() for pair in pairs)


def test_a_sweep_finds_every_delegate_in_few_requests_and_asks_nothing_that_is_unknown(customer):
    items = swept(customer)
    told = closing(items)
    assert rows(items) == expected(customer)
    assert (told["status"], told["covered"], told["tenant"]) == ("complete", 119, customer.customer)
    assert told["skipped"] == [{"mailbox": STAFF[7], "why": "suspended"}]
    calls = [one for one in customer.requests if one.path != "/token"]
    assert len(calls) == told["requests"] == 5
    assert customer.unknown == []


PARTS = ["401", "403", "429", "500", "503", "missing", "error_in_200", "nothing"]
WHOLE = ["cut", "reset", "reset_at_once", "gzip_broken", "gzip_cut", "error_in_200", "html", "503", "429", "nothing"]


def test_no_fault_of_single_parts_or_whole_batches_loses_a_delegate_or_invents_an_absence(customer):
    """Many faults at once, each at the first tries of some mailboxes or batches."""
    customer.faults.shuffled = True
    customer.faults.plan = [
        *(Rule("gmail/part", word, key=f"*{number}@x.example", tries=2) for number, word in enumerate(PARTS)),
        *(Rule("gmail/batch", word, after=number, calls=1) for number, word in enumerate(["429", "html", "cut"])),
        *(Rule("google/token", word, after=20 * number, calls=1) for number, word in enumerate(["503", "cut", "500"])),
        *(Rule("directory/users", word, after=number, calls=1) for number, word in enumerate(["503", "truncated"])),
    ]
    items = swept(customer)
    assert rows(items) == expected(customer)
    assert (closing(items)["status"], closing(items)["covered"]) == ("complete", 119)


@pytest.mark.parametrize("word", WHOLE)
def test_a_batch_that_goes_wrong_once_costs_nothing_but_another(customer, word):
    customer.faults.plan = [Rule("gmail/batch", word, calls=1)]
    items = swept(customer)
    assert rows(items) == expected(customer)
    assert closing(items)["status"] == "complete"


@pytest.mark.parametrize("word", ["not_a_list", "nameless", "turned", "404"])
def test_a_mailbox_with_a_strange_answer_is_named_and_not_taken_for_empty(customer, word):
    customer.faults.plan = [Rule("gmail/part", word, key=STAFF[12])]
    items = swept(customer)
    assert [one["mailbox"] for one in closing(items)["failed"]] == [STAFF[12]]
    assert rows(items) == [row for row in expected(customer) if row[0] != STAFF[12]]


def test_users_whom_google_does_not_know_and_mailboxes_without_gmail_are_skipped(customer):
    customer.faults.refusals = {STAFF[30]: "The account has been deleted"}
    customer.faults.no_gmail = {STAFF[31]}
    customer.faults.archived = {STAFF[32]}
    told = closing(swept(customer))
    assert {one["mailbox"] for one in told["skipped"]} == {STAFF[7], STAFF[30], STAFF[31], STAFF[32]}
    assert told["status"] == "complete"


def test_where_there_are_no_batches_the_sweep_is_the_same(customer):
    customer.faults.no_batches = True
    items = swept(customer)
    assert rows(items) == expected(customer)
    assert closing(items)["status"] == "complete"


def test_a_client_that_loses_its_grant_mid_way_ends_the_sweep_as_failed(customer):
    customer.faults.unauthorized_after = 60
    sweep = GmailSweep(http(customer), customer.uri, customer.uri, customer.key_file(), customer.subject, "x")
    items = []
    with pytest.raises(Exception, match="unauthorized_client"):
        items.extend(sweep.read({}, 0, time.time()))
    assert closing(items)["status"] == "failed"


def test_a_sweep_goes_on_after_a_kill_without_starting_over(customer):
    sweep = GmailSweep(http(customer), customer.uri, customer.uri, customer.key_file(), customer.subject, "x",
                       connections=1)  # fmt: skip
    run = sweep.read({}, 0, time.time())
    state = next(item.state for item in run if isinstance(item, Checkpoint))
    run.close()
    tokens = len([one for one in customer.requests if one.path == "/token"])
    told = closing(swept(customer, state))
    assert (told["delegation_watch_sweep"], told["covered"]) == (state["sweep"], 119)
    assert len([one for one in customer.requests if one.path == "/token"]) - tokens <= 119 - state["covered"] + 1


def test_the_sweeps_own_calls_are_recognisable_in_the_audit_by_its_client():
    begun = time.time()
    now = [begun]
    with Workspace([], clock=lambda: now[0], faults=GoogleFaults(own_calls=True), standing=standing()) as customer:
        told = closing(swept(customer))
        now[0] += 6 * 3600
        key, clock = customer.key_file(), lambda: now[0]
        token = google_token(http(customer), key, customer.subject, REPORTS_SCOPE, clock)
        feed = WorkspaceFeed(http(customer), customer.uri, "token", "", token, Tally())
        given = [item for item in feed.read({}, begun - 3600, now[0]) if isinstance(item, Event)]
    assert len(given) == 119
    for event in given:
        values = {one["name"]: one.get("value") for one in json.loads(event.raw)["event"]["parameters"]}
        assert values["method_name"] == "gmail.users.settings.delegates.list"
        assert values["client_id"] == told["client"]


def test_the_directory_is_read_whole(customer):
    customer.faults.page_size = 50
    sweep = GoogleDirectorySweep(http(customer), customer.uri, customer.key_file(), customer.subject, "x")
    items = list(sweep.read({}, 0, time.time()))
    found = [json.loads(item.raw) for item in items if isinstance(item, Event)][:-1]
    assert [one["identity"] for one in found] == [*STAFF, "inner@x.example", "team@x.example"]
    assert found[0]["roles"] == ["_SEED_ADMIN_ROLE"]
    assert found[-1]["members"] == [STAFF[1], "inner@x.example"]
    assert (found[-1]["nested"], found[-1]["everyone"]) == (["inner@x.example"], True)
    assert closing(items)["status"] == "complete"
    assert customer.unknown == []


@pytest.mark.parametrize(
    ("role", "missing"), [("_GROUPS_ADMIN_ROLE", ["roles"]), ("_HELP_DESK_ADMIN_ROLE", ["roles", "groups"])]
)
def test_what_the_subjects_role_may_not_read_is_named_and_the_rest_is_read(customer, role, missing):
    customer.standing.accounts[STAFF[3]].roles = (role,)
    sweep = GoogleDirectorySweep(http(customer), customer.uri, customer.key_file(), STAFF[3], "x")
    items = list(sweep.read({}, 0, time.time()))
    end = closing(items)
    assert end["status"] == "partial"
    assert [one["part"] for one in end["failed_kinds"]] == missing
    assert all("subject needs an administrator's role" in one["why"] for one in end["failed_kinds"])
    found = [json.loads(item.raw) for item in items if isinstance(item, Event)][:-1]
    assert [one["identity"] for one in found][: len(STAFF)] == STAFF


# the audit feed


def activities(count):
    """Some days of login activities: every tenth shares time and id with the one before, some hold two events."""
    records = []
    for number in range(count):
        moment = NOW - 600 - 200.0 * (number - (number % 10 == 9))
        events = [{"type": "login", "name": f"event_{number}"}, {"type": "login", "name": f"more_{number}"}]
        identity = {"time": milliseconds(moment), "uniqueQualifier": str(number // 10), "applicationName": "login",
                    "customerId": "C01made00"}  # fmt: skip
        body = {"id": identity, "etag": f'"{number}"', "events": events[: 1 + (number % 7 == 0)]}
        records.append(Record(moment, "workspace:login", body))
    return records


RECORDS = activities(600)
EVENTS = sorted(one["name"] for record in RECORDS for one in record.body["events"])
LISTS = ["503", "403", "429", "500", "cut", "reset", "gzip_broken", "truncated", "error_in_200", "html", "doubled",
         "reordered", "empty_next", "token_ends"]  # fmt: skip


@pytest.fixture(scope="module")
def audited():
    begun = time.time()
    now = [begun]
    with Workspace(RECORDS, clock=lambda: now[0], faults=GoogleFaults(page_size=40)) as running:
        running.now = now
        yield running


def collected(customer, runs=12):
    """Names of all events that some runs give, each run five minutes later with the state of the one before."""
    customer.now[0] = NOW
    names, state, token = [], {}, None
    for _ in range(runs):
        token = google_token(http(customer), customer.key_file(), customer.subject, REPORTS_SCOPE,
                             lambda: customer.now[0])  # fmt: skip
        feed = WorkspaceFeed(http(customer), customer.uri, "login", customer.customer, token, Tally())
        try:
            for item in feed.read(state, NOW - 4 * 86400, customer.now[0]):
                if isinstance(item, Event):
                    names.append(json.loads(item.raw)["event"]["name"])
                else:
                    state = kept(item.state, state)
        except SourceError:
            pass
        customer.now[0] += 300
        if state.get("until") == customer.now[0] - 300 and not customer.faults.plan:
            break
        customer.faults.plan = [rule for rule in customer.faults.plan if rule.endpoint == "reports/row"]
    return sorted(names)


def planned(word, number=0):
    kept = word in ("doubled", "reordered", "empty_next")
    return Rule("reports/list", word) if kept else Rule("reports/list", word, share=0.4, tries=1, seed=number)


@pytest.mark.parametrize("word", LISTS)
def test_each_fault_loses_nothing_and_doubles_nothing(audited, word):
    audited.faults.plan = [planned(word)]
    assert collected(audited) == EVENTS


@pytest.mark.parametrize("first", ["truncated", "doubled"])
def test_nor_do_two_together(audited, first):
    for number, word in enumerate(LISTS[::2]):
        audited.faults.plan = [planned(first, number), planned(word, number + 1)]
        assert collected(audited) == EVENTS, (first, word)


def test_nor_do_page_tokens_that_end_or_a_window_that_is_refused_for_a_while(audited):
    audited.faults.page_tokens_last = 4
    audited.faults.refused_windows = {NOW - 20 * 3600}
    try:
        first = collected(audited, runs=1)
        audited.faults.page_tokens_last = -1
        assert 0 < len(first) < len(EVENTS)
        audited.faults.refused_windows = set()
        assert collected(audited) == EVENTS
    finally:
        audited.faults.page_tokens_last = -1


def test_activities_that_come_late_are_given_when_they_come(audited):
    audited.faults.plan = [Rule("reports/row", "late:1800", key="0")]
    assert collected(audited, runs=12) == EVENTS
