"""A sweep of Exchange Online that is cut off, by whatever, goes on: nothing is left out, and nothing told as gone."""

import itertools
import json
import time
from collections import defaultdict

import pytest
from delegation_watch.sources.exchange import Scope
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.sweep import ATTEMPTS

from tests.bin.sources.exchange_tenant import (
    BOSS,
    EXPECTED,
    MAILBOXES,
    SCOPE,
    SHARED,
    STAFF,
    TEAM,
    asks,
    bodies,
    closing,
    planned,
    read,
    rows,
    served,
    sweep,
    until,
)
from tests.bin.sources.vendor import attempted
from workbench.tenants import Rule


@pytest.fixture
def tenant():
    with served() as running:
        yield running


# cut off, and on again


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 6, 8])
def test_a_sweep_that_is_cut_off_anywhere_goes_on_without_starting_over(tenant, stop):
    tenant.faults.exchange_page = 20
    first, state = [], {}
    for item in sweep(tenant).read({}, 0, time.time()):
        if isinstance(item, Checkpoint):
            state = json.loads(json.dumps(item.state))
            stop -= 1
            if not stop:
                break
        else:
            first.append(item)
    cut = len(tenant.requests)
    second = read(tenant, state=state)
    assert set(rows([*first, *second])) == EXPECTED
    assert len(rows([*first, *second])) == len(EXPECTED)
    told = closing([*first, *second])
    assert (told["covered"], told["delegations"], told["status"]) == (30, 12, "complete")
    assert told["requests"] >= len([one for one in tenant.requests[tenant.started:] if "adminapi" in one.path]) - 1
    whole = 30 + 30 + 30 * 3
    assert cut - tenant.started + len(tenant.requests) - cut < whole + 60


@pytest.mark.parametrize("wrong", ["role", "secret"])
def test_a_sweep_whose_settings_fail_on_its_way_says_so_and_goes_on_when_they_are_mended(tenant, wrong):
    """Of a large tenant it is two days that would be read again."""
    scope = SCOPE._replace(kinds=("full_access", "send_as"))
    running = sweep(tenant, scope).read({}, 0, time.time())
    first, state = [], {}
    while not state:
        item = next(running)
        first, state = ([*first, item], {}) if isinstance(item, Event) else (first, json.loads(json.dumps(item.state)))
    tenant.faults.exchange_role, tenant.faults.secret_expired = wrong != "role", wrong == "secret"
    items, error = until(sweep(tenant, scope).read(state, 0, time.time()))
    assert ("Global Reader" if wrong == "role" else "the secret has expired") in str(error)
    assert items == []
    tenant.faults.exchange_role, tenant.faults.secret_expired = True, False
    second = read(tenant, scope, state)
    told = closing(second)
    assert (told["delegation_watch_sweep"], told["status"], told["covered"]) == (state["sweep"], "complete", 30)
    assert len(rows([*first, *second])) == told["delegations"] == 5


@pytest.mark.parametrize("changed", [SCOPE._replace(folders=("root", "calendar")), SCOPE._replace(mailboxes=(BOSS,))])
def test_a_sweep_that_is_asked_for_something_else_is_begun_anew(tenant, changed):
    """It would claim to have read folders and mailboxes of which it read only those behind its place."""
    states = [item.state for item in sweep(tenant).read({}, 0, time.time()) if isinstance(item, Checkpoint)]
    told = closing(read(tenant, changed, states[-2]))
    assert told["delegation_watch_sweep"] != states[-2]["sweep"]
    assert closing(read(tenant, SCOPE, states[-2]))["delegation_watch_sweep"] == states[-2]["sweep"]


def test_a_service_that_is_out_ends_the_run_and_what_it_did_not_give_is_asked_again(tenant):
    planned(tenant, Rule("exchange/invoke", "503", key=asks("Get-MailboxFolderStatistics")))
    items, error = until(sweep(tenant).read({}, 0, time.time()))
    assert not bodies(items, "delegation:sweep")
    assert "503" in str(error)
    state = [item for item in items if isinstance(item, Checkpoint)][-1].state
    planned(tenant)
    assert state["part"] == "folders"
    second = read(tenant, state=state)
    events = [item for item in (*items, *second) if isinstance(item, Event)]
    assert set(rows(events)) == EXPECTED
    assert (closing(second)["failed"], closing(second)["covered"]) == ([], 30)


def test_a_host_that_cannot_be_reached_ends_the_run_as_it_is(tenant):
    planned(tenant, Rule("exchange/invoke", "reset_at_once", key=asks("Get-MailboxPermission")))
    items, error = until(sweep(tenant).read({}, 0, time.time()))
    assert "no mailbox can be read at present; the last: cannot reach" in str(error)
    assert not bodies(items, "delegation:sweep")
    planned(tenant)
    state = [item for item in items if isinstance(item, Checkpoint)][-1:]
    told = closing(read(tenant, state=state[0].state if state else {}))
    assert (told["failed"], told["covered"], told["status"]) == ([], 30, "complete")


def test_mailboxes_of_which_none_had_an_answer_are_asked_for_again_when_others_have_one(tenant):
    planned(tenant, Rule("exchange/invoke", "reset_at_once", tries=3, key=asks("Get-MailboxPermission", "user00?@")))
    items = read(tenant, SCOPE._replace(kinds=("full_access",)))
    told = closing(items)
    assert (told["failed"], told["covered"], told["delegations"]) == ([], 30, 3)
    places = [item.state["last"].split() for item in items if isinstance(item, Checkpoint) and item.state.get("last")]
    assert [address for _, address in places] == [STAFF[19], STAFF[29]]


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
@pytest.mark.parametrize("cmdlet", ["Get-MailboxAuditBypassAssociation", "Get-AdminAuditLogConfig"])
def test_an_audit_that_cannot_be_asked_for_keeps_nothing_else_back(tenant, cmdlet, word):
    planned(tenant, Rule("exchange/invoke", word, key=asks(cmdlet)))
    items = read(tenant)
    told = closing(items)
    assert set(rows(items)) == EXPECTED
    assert [(one["kind"], one["part"]) for one in told["failed_kinds"]] == [("audit", "audit")]
    assert (told["status"], told["kinds"], "audit" in told) == ("partial", list(MAILBOXES), False)


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
def test_a_kind_without_an_answer_is_tried_in_several_attempts_and_then_named_and_left(tenant, word):
    planned(tenant, Rule("exchange/invoke", word, key=asks("Get-RecipientPermission")))
    scope = SCOPE._replace(kinds=("send_as", "full_access"))
    items, ended = attempted(sweep(tenant, scope), ATTEMPTS)
    told = closing(items)
    assert ended == ATTEMPTS - 1
    assert [one["kind"] for one in told["failed_kinds"]] == ["send_as"]
    assert (told["status"], told["kinds"]) == ("partial", ["full_access"])
    assert told["requests"] <= len([one for one in tenant.requests if "adminapi" in one.path])


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
def test_one_of_the_mailboxes_named_that_has_no_answer_keeps_the_others_back_no_longer(tenant, word):
    planned(tenant, Rule("exchange/*", word, key=asks("Get-Mailbox", BOSS)))
    scope = SCOPE._replace(kinds=("send_on_behalf", "full_access"), mailboxes=(BOSS, STAFF[29]))
    told = closing(read(tenant, scope))
    assert [(one["mailbox"], one["kind"]) for one in told["failed"]] == [(BOSS, "mailboxes")]
    assert (told["covered"], told["delegations"]) == (1, 1)
    until(sweep(tenant, scope._replace(mailboxes=(BOSS,))).read({}, 0, time.time()))


# when it was read


def test_what_stands_in_the_list_of_mailboxes_bears_the_time_of_the_list_however_late_it_is_given(tenant):
    account = tenant.standing.accounts[SHARED]
    account.forwards_to = "else@y.example"
    ticks = itertools.count(0, 60)
    begun = time.time()
    items = list(sweep(tenant, clock=lambda: begun + next(ticks)).read({}, 0, begun))
    times = defaultdict(list)
    for item, body in zip((one for one in items if isinstance(one, Event)), bodies(items, "delegation:snapshot")):
        columns = body["columns"]
        kind = "on behalf" if "GrantSendOnBehalfTo" in columns else body["delegation_watch_inventory"]
        times[kind, columns["Identity"] == TEAM].append(item.time)
    assert set(times["on behalf", False] + times["Get-Mailbox", False]) == {begun}
    assert len(times["Get-Mailbox", False]) == 1
    assert begun < min(times["Get-MailboxPermission", False])
    assert max(times["Get-MailboxPermission", False]) < min(times["on behalf", True])


def test_a_checkpoint_holds_no_list_of_what_the_audit_leaves_out(tenant):
    for account in tenant.standing.accounts.values():
        account.audited = False
    items = read(tenant, SCOPE._replace(kinds=("full_access", "send_as")))
    assert len(closing(items)["audit"]["disabled"]) == 30
    assert not any(STAFF[20] in json.dumps(item.state) for item in items if isinstance(item, Checkpoint))


def test_a_page_whose_address_ended_is_begun_again_not_left_out(tenant):
    tenant.faults.exchange_page = 20
    state = {}
    for item in sweep(tenant, Scope(("send_as",))).read({}, 0, time.time()):
        state = item.state if isinstance(item, Checkpoint) and item.state.get("page") else state
    assert state["part"] == "send_as"
    planned(tenant, Rule("exchange/invoke", "400", tries=2, key="*skiptoken*Get-RecipientPermission*"))
    found = rows(read(tenant, Scope(("send_as",)), state))
    assert [one for one in tenant.requests if one.status == 400]
    assert {one[1] for one in found} == {SHARED, TEAM}
