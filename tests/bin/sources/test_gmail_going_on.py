"""A sweep of Gmail that faults end, or that is cut off, says so and goes on: nobody is left out, nobody asked twice."""

import json

import pytest
from delegation_watch.sources import google
from delegation_watch.sources.errors import RefusedError, SettingsError, SignInError, SourceError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.sweep import ATTEMPTS
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.gmail_customer import (
    BATCH,
    SUBJECT,
    USERS,
    Customer,
    addresses,
    closing,
    delegate,
    fault,
    interrupted,
    rows,
    sign_nothing,
)
from tests.bin.sources.vendor import HOUR, NOW, Answer, attempted


@pytest.fixture(autouse=True)
def no_signing(monkeypatch):
    sign_nothing(monkeypatch)


# faults of the settings: the sweep stops, and says what to do


@pytest.mark.parametrize(
    ("who", "refusal", "text"),
    [
        ("user", ("unauthorized_client", "Client is unauthorized"), "exactly this scope: https://www.googleapis.com/au"),
        ("user", ("invalid_grant", "Invalid JWT Signature."), "Invalid JWT Signature"),
        ("admin", ("unauthorized_client", "Client is unauthorized"), "admin.directory.user.readonly"),
        ("admin", ("invalid_grant", "Invalid email or User ID"), "check subject"),
    ],
)
def test_a_client_that_may_not_ends_the_sweep_as_failed(who, refusal, text):
    users = addresses(200)
    customer = Customer(users)
    customer.refusals[SUBJECT if who == "admin" else users[0]] = refusal
    items = interrupted(customer.sweep(connections=1), error=SignInError)
    told = closing(items)
    assert told["status"] == "failed"
    assert told["failed_kinds"][0]["kind"] == "gmail_delegates"
    assert text in told["failed_kinds"][0]["why"]
    assert items[-1] == Checkpoint({})
    assert len(customer.tokens) < 155


def test_a_client_that_may_no_longer_says_so_and_the_sweep_goes_on_when_it_may_again():
    users = addresses(200)
    customer = Customer(users)
    customer.refusals[users[160]] = ("unauthorized_client", "Client is unauthorized")
    items = interrupted(customer.sweep(connections=1), error=SignInError)
    state = json.loads(json.dumps(items[-1].state))
    assert not [item for item in items if isinstance(item, Event)]
    del customer.refusals[users[160]]
    told = closing(customer.read(state))
    assert (told["delegation_watch_sweep"], told["status"], told["covered"]) == (state["sweep"], "complete", 200)
    assert set(customer.asked.values()) == {1}


@pytest.mark.parametrize("reason", ["insufficientPermissions", "accessNotConfigured"])
def test_a_scope_or_an_api_that_is_missing_ends_the_sweep_as_failed(reason):
    customer = Customer(addresses(2))
    customer.parts[addresses(2)[0]] = [fault(403, reason)]
    items = interrupted(customer.sweep(), error=RefusedError)
    assert closing(items)["status"] == "failed"
    assert "gmail.settings.basic" in closing(items)["failed_kinds"][0]["why"]


def test_a_key_that_cannot_be_used_ends_the_sweep_as_failed(monkeypatch):
    def broken(claims, pem, kid):
        raise ValueError("not an RSA key")

    monkeypatch.setattr(google, "jwt_rs256", broken)
    items = interrupted(Customer([]).sweep(), error=SettingsError)
    assert closing(items)["status"] == "failed"


def test_a_subject_who_may_not_list_users_is_told_what_he_needs():
    customer = Customer([])
    customer.vendor.on("GET", USERS, Answer(fault(403, "forbidden", "Not Authorized")[1], 403))
    items = interrupted(customer.sweep(), error=RefusedError)
    assert "privilege Users > Read" in closing(items)["failed_kinds"][0]["why"]


@pytest.mark.parametrize("answer", [{}, {"users": []}, {"users": "none"}, {"users": [{"suspended": False}]}])
def test_a_customer_without_any_user_is_a_listing_that_did_not_come_not_one_without_delegates(answer):
    customer = Customer([])
    customer.vendor.on("GET", USERS, Answer(answer))
    told = closing(interrupted(customer.sweep(), error=RefusedError))
    assert (told["status"], told["kinds"], told["covered"]) == ("failed", [], 0)
    assert "subject himself would have to be listed" in told["failed_kinds"][0]["why"]


def test_a_sweep_goes_on_behind_its_last_mailbox_where_the_page_of_it_lists_nobody_any_more():
    users = addresses(700)
    customer = Customer(users)
    _, state = kill_at(customer, 11, connections=1)
    assert state["page"] == "500"
    empty = iter([Answer({})])
    customer.vendor.on("GET", USERS, lambda call: next(empty, None) or customer._users(call))
    customer.asked.clear()
    told = closing(customer.read(state))
    assert (told["status"], told["covered"]) == ("complete", 700)
    assert set(customer.asked) == set(users[state["covered"] :])


def test_a_sweep_that_goes_on_and_finds_no_user_listed_is_not_complete():
    customer = Customer(addresses(200))
    _, state = kill_at(customer, 2, connections=1)
    customer.vendor.on("GET", USERS, Answer({}))
    told = closing(interrupted(customer.sweep(), state, RefusedError))
    assert (told["status"], told["kinds"]) == ("failed", [])


def test_a_clock_that_is_set_back_while_the_sweep_runs_makes_nothing_older_than_it():
    items = Customer(addresses(2), {addresses(2)[0]: [delegate("c@x.example")]}).read(now=NOW + 600)
    told = closing(items)
    assert told["started"] == told["ended"] == "2026-11-20T12:10:00Z"
    assert {item.time for item in items if isinstance(item, Event)} == {NOW + 600}


@pytest.mark.parametrize("out", [Broken("reset"), Answer("", 503), Answer("", 429)])
def test_a_service_that_is_out_ends_the_run_and_the_next_goes_on_with_the_same_sweep(out):
    users = addresses(200)
    customer = Customer(users)
    customer.vendor.on("POST", BATCH, customer._batch, customer._batch, out)
    items = interrupted(customer.sweep(connections=1), error=SourceError)
    assert not [item for item in items if isinstance(item, Event)]
    state = items[-1].state
    customer.vendor.on("POST", BATCH, customer._batch)
    again = customer.read(json.loads(json.dumps(state)))
    told = closing(again)
    assert told["delegation_watch_sweep"] == state["sweep"]
    assert (told["status"], told["covered"]) == ("complete", 200)
    assert set(customer.asked.values()) == {1}


def test_three_chunks_without_an_answer_end_the_run_and_are_asked_for_again():
    users = addresses(400)
    customer = Customer(users)
    customer.parts = {one: [fault(500, "backendError")] * 9 for one in users[100:]}
    items = interrupted(customer.sweep(connections=1), error=SourceError)
    checkpoints = [item for item in items if isinstance(item, Checkpoint)]
    assert [item.state["mailboxes"] for item in checkpoints] == [50, 100]
    customer.parts = {}
    told = closing(customer.read(json.loads(json.dumps(checkpoints[-1].state))))
    assert (told["status"], told["mailboxes"], told["covered"]) == ("complete", 400, 400)


@pytest.mark.parametrize("out", [Broken("silent"), Answer("", 503)])
def test_a_mailbox_that_keeps_its_batch_from_being_answered_does_not_keep_those_behind_it_back_for_good(out):
    users = addresses(200)
    customer = Customer(users)
    customer.vendor.on("POST", BATCH, lambda call: out if users[60] in call.body else customer._batch(call))
    items, ended = attempted(customer.sweep(connections=1), ATTEMPTS)
    told = closing(items)
    assert ended == ATTEMPTS - 1
    assert [one["mailbox"] for one in told["failed"]] == users[50:100]
    assert (told["status"], told["covered"]) == ("partial", 150)
    assert told["requests"] <= len(customer.requests())


def test_users_who_are_not_asked_for_do_not_hide_that_the_service_is_out():
    """One in each chunk of fifty, and all of the second."""
    users = addresses(200)
    customer = Customer({"primaryEmail": one, "suspended": number // 50 == 1 or number % 50 == 0}
                        for number, one in enumerate(users))  # fmt: skip
    customer.parts = {one: [fault(503, "backendError")] * 9 for one in users}
    items = interrupted(customer.sweep(connections=1), error=SourceError)
    assert items == []


def test_mailboxes_that_are_refused_for_good_are_named_however_many_they_are_and_the_sweep_goes_on():
    users = addresses(200)
    customer = Customer(users)
    customer.refusals = dict.fromkeys(users[:170], ("invalid_grant", "something new"))
    told = closing(customer.read())
    assert (len(told["failed"]), told["covered"], told["status"]) == (170, 30, "partial")


# resumed


def kill_at(customer, number, **given):
    """The items of a run that is killed at an item, and the last state that was stored before."""
    items, state = [], {}
    sweep = customer.sweep(**given).read({}, 0, NOW)
    for item in sweep:
        items.append(item)
        state = item.state if isinstance(item, Checkpoint) else state
        if len(items) == number:
            break
    sweep.close()
    return items, json.loads(json.dumps(state))


@pytest.mark.parametrize("number", [1, 51, 560, 710])
def test_a_sweep_that_is_killed_goes_on_where_it_was(number):
    users = addresses(700)
    customer = Customer(users, {one: [delegate("c@x.example")] for one in users})
    before, state = kill_at(customer, number)
    sure = {row["user"] for row in rows(before[: max(
        (at for at, item in enumerate(before) if isinstance(item, Checkpoint)), default=0)])}  # fmt: skip
    after = customer.read(state)
    twice = {row["user"] for row in rows(after)}
    assert sure | twice == set(users)
    assert not sure & twice
    assert closing(after)["covered"] == 700
    assert closing(after)["delegations"] == 700


def test_a_page_token_that_is_taken_no_longer_loses_nobody_and_asks_nobody_twice():
    users = addresses(700)
    customer = Customer(users, {one: [delegate("c@x.example")] for one in users})
    _, state = kill_at(customer, 610, connections=1)
    assert state["page"] == "500"
    stale = iter([Answer(fault(400, "invalid")[1], 400)])
    customer.vendor.on("GET", USERS, lambda call: next(stale, None) or customer._users(call))
    customer.asked.clear()
    told = closing(customer.read(state, connections=1))
    assert told["covered"] == 700
    assert max(customer.asked.values()) == 1
    assert len(customer.asked) == 700 - state["covered"]


def test_a_user_who_was_the_last_and_is_gone_costs_some_mailboxes_a_second_look_but_loses_none():
    users = addresses(700)
    customer = Customer(users)
    _, state = kill_at(customer, 12, connections=1)
    customer.users = [one for one in customer.users if one["primaryEmail"] != state["last"]]
    customer.asked.clear()
    customer.read(state)
    assert set(users[state["covered"] :]) <= set(customer.asked)


def test_a_sweep_that_was_cut_off_long_ago_is_begun_anew():
    customer = Customer(addresses(200))
    _, state = kill_at(customer, 2)
    customer.asked.clear()
    told = closing(customer.read(state, now=NOW + 21 * HOUR))
    assert told["delegation_watch_sweep"] != state["sweep"]
    assert len(customer.asked) == 200


def test_a_sweep_of_other_mailboxes_than_was_cut_off_is_begun_anew():
    customer = Customer(addresses(200))
    _, state = kill_at(customer, 2)
    told = closing(customer.read(state, mailboxes=addresses(200)[:3]))
    assert told["delegation_watch_sweep"] != state["sweep"]
    assert told["covered"] == 3


def test_after_a_whole_sweep_the_next_is_another():
    customer = Customer(addresses(2))
    first = customer.read()
    second = customer.read(first[-1].state)
    assert closing(first)["delegation_watch_sweep"] != closing(second)["delegation_watch_sweep"]


def test_no_answer_leads_a_token_elsewhere():
    customer = Customer(addresses(2))
    customer.vendor.on("POST", BATCH, Answer("", 302, {"Location": "https://elsewhere.example/"}))
    items = interrupted(customer.sweep(), error=RefusedError)
    assert closing(items)["status"] == "failed"
    assert {call.url.split("/")[2] for call in customer.vendor.calls} == {"gmail.test", "admin.test", "oauth.test"}


def test_a_network_that_is_down_is_no_end_of_a_sweep():
    customer = Customer(addresses(2))
    customer.vendor.on("GET", f"{USERS}/{SUBJECT}", Broken("down"))
    assert interrupted(customer.sweep(), error=UnreachableError) == []
