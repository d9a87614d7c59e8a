"""The sweep through Gmail: every mailbox once, in few requests; and no error is ever read as "no delegates"."""

import json

import pytest

from tests.bin.sources.gmail_customer import (
    BATCH,
    GMAIL,
    PART,
    SUBJECT,
    Customer,
    addresses,
    closing,
    delegate,
    fault,
    rows,
    sign_nothing,
)
from tests.bin.sources.vendor import NOW, Answer


@pytest.fixture(autouse=True)
def no_signing(monkeypatch):
    sign_nothing(monkeypatch)


# what it gives


def test_each_delegate_is_a_snapshot_with_the_vendors_own_columns():
    customer = Customer(["a@x.example", "b@x.example"], {"a@x.example": [delegate("c@x.example", "pending")]})
    items = customer.read()
    first = items[0]
    assert json.loads(first.raw) == {
        "delegation_watch_inventory": "Gmail", "time": "2026-11-20T12:00:00.000Z", "tenant": "C42",
        "sweep": closing(items)["delegation_watch_sweep"],
        "columns": {"user": "a@x.example", "delegateEmail": "c@x.example", "verificationStatus": "pending"},
    }  # fmt: skip
    assert first.time == NOW


def test_the_sweep_closes_with_what_it_saw():
    customer = Customer(addresses(3), {addresses(3)[1]: [delegate("c@x.example"), delegate("d@x.example")]})
    told = closing(customer.read())
    assert (told["status"], told["mailboxes"], told["covered"], told["delegations"]) == ("complete", 3, 3, 2)
    assert (told["input"], told["kinds"], told["scope"]) == ("delegation_inventory://x", ["gmail_delegates"], "all")
    assert (told["skipped"], told["failed"], told["failed_kinds"]) == ([], [], [])
    assert told["client"] == "1234"  # by which its own calls are known in the audit


def test_no_key_in_an_answer_means_no_delegates():
    items = Customer(["a@x.example"]).read()
    assert rows(items) == []
    assert closing(items)["covered"] == 1


def test_ten_thousand_mailboxes_take_few_requests_and_one_token_each():
    customer = Customer(addresses(10_000), {one: [delegate("c@x.example")] for one in addresses(10_000)[::100]})
    items = customer.read()
    told = closing(items)
    assert told["covered"] == 10_000
    assert len(customer.requests()) <= 240
    assert told["requests"] == len(customer.requests())
    assert set(customer.asked.values()) == {1}
    assert max(customer.tokens.values()) == 1
    assert len(rows(items)) == 100


def test_no_batch_holds_more_than_fifty_calls_each_in_its_owners_name():
    customer = Customer(addresses(120))
    customer.read()
    sizes = [len(PART.findall(call.body)) for call in customer.vendor.to(BATCH)]
    assert sorted(sizes) == [20, 50, 50]
    assert all("Authorization" not in call.headers for call in customer.vendor.to(BATCH))


def test_answers_are_matched_by_their_ids_not_by_their_order():
    users = addresses(60)
    customer = Customer(users, {one: [delegate(f"of-{one}")] for one in users})
    customer.turned = True
    assert {row["user"]: row["delegateEmail"] for row in rows(customer.read())} == {one: f"of-{one}" for one in users}


def test_only_the_mailboxes_named_are_asked_for():
    customer = Customer(addresses(5), {"b@x.example": [delegate("c@x.example")]})
    items = customer.read(mailboxes=[" B@x.example", "b@x.example", ""], customer="C42")
    assert dict(customer.asked) == {"b@x.example": 1}
    assert closing(items)["scope"] == ["b@x.example"]
    assert [call.url for call in customer.requests()] == [BATCH]


# mailboxes there is nothing to read of


def test_users_without_a_mailbox_to_read_are_named_and_cost_no_token():
    users = [{"primaryEmail": f"{why}@x.example", why: True} for why in ("suspended", "archived")]
    users += [{"primaryEmail": "no@x.example", "isMailboxSetup": False}, "a@x.example"]
    customer = Customer(users)
    told = closing(customer.read())
    assert {one["mailbox"]: one["why"] for one in told["skipped"]} == {
        "suspended@x.example": "suspended", "archived@x.example": "archived", "no@x.example": "no mailbox",
    }  # fmt: skip
    assert (told["status"], told["mailboxes"], told["covered"]) == ("complete", 4, 1)
    assert set(customer.tokens) == {SUBJECT, "a@x.example"}


@pytest.mark.parametrize(
    "text", ["Invalid email or User ID", "The account has been deleted", "Not a valid email or user ID."]
)
def test_a_user_whom_google_does_not_know_is_skipped(text):
    customer = Customer(addresses(3))
    customer.refusals[addresses(3)[1]] = ("invalid_grant", text)
    told = closing(customer.read())
    assert told["skipped"] == [{"mailbox": addresses(3)[1], "why": f"no such user: {text}"}]
    assert (told["covered"], told["status"]) == (2, "complete")


def test_a_user_without_gmail_is_skipped():
    customer = Customer(addresses(2))
    customer.parts[addresses(2)[0]] = [fault(400, "failedPrecondition", "Mail service not enabled")]
    told = closing(customer.read())
    assert told["skipped"] == [
        {"mailbox": addresses(2)[0], "why": "Gmail is off for this user: Mail service not enabled"}
    ]


# mailboxes that cannot be read: named, never without delegates


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (fault(403, "forbidden", "Delegation denied for a@x.example"), "Delegation denied"),
        (fault(404, "notFound"), "HTTP 404: notFound"),
        (fault(400, "badRequest"), "HTTP 400: badRequest"),
        ((200, {"error": {"code": 403, "message": "no"}}), "no"),
        ((200, {"delegates": {"delegateEmail": "x"}}), "no list of delegates"),
        ((200, {"delegates": [{"verificationStatus": "accepted"}]}), "no list of delegates"),
        ((200, {"delegates": None}), "no list of delegates"),
        ((204, ""), "HTTP 204"),
    ],
)
def test_an_answer_that_is_no_list_makes_the_sweep_partial_and_names_the_mailbox(answer, why):
    users = addresses(2)
    customer = Customer(users, {one: [delegate("c@x.example")] for one in users})
    customer.parts[users[0]] = [answer]
    items = customer.read()
    told = closing(items)
    [failed] = told["failed"]
    assert (failed["mailbox"], failed["kind"]) == (users[0], "gmail_delegates")
    assert why in failed["why"]
    assert (told["status"], told["covered"]) == ("partial", 1)
    assert [row["user"] for row in rows(items)] == [users[1]]


def test_a_token_refused_for_a_reason_of_nobodys_is_a_failure_not_a_skip():
    customer = Customer(addresses(2))
    customer.refusals[addresses(2)[0]] = ("invalid_grant", "something new")
    told = closing(customer.read())
    assert told["failed"][0]["why"] == "no token: invalid_grant: something new"
    assert told["skipped"] == []


BUSY = [(200, []), (200, ""), fault(429, "rateLimitExceeded"), fault(403, "userRateLimitExceeded"),
        fault(403, "rateLimitExceeded"),
        fault(500, "backendError"), fault(503, "backendError"), (200, "{ cut off"), None,
        (200, {"error": {"code": 500, "errors": [{"reason": "backendError"}]}})]  # fmt: skip


@pytest.mark.parametrize("busy", BUSY)
def test_only_the_mailboxes_that_came_too_soon_are_asked_again(busy):
    users = addresses(4)
    customer = Customer(users, {one: [delegate("c@x.example")] for one in users})
    customer.parts[users[2]] = [busy, busy]
    items = customer.read()
    assert dict(customer.asked) == {users[0]: 1, users[1]: 1, users[2]: 3, users[3]: 1}
    assert customer.slept == [1.0, 2.0]
    assert closing(items)["covered"] == len(rows(items)) == 4
    assert customer.tokens[users[2]] == 1


@pytest.mark.parametrize("busy", [fault(429, "rateLimitExceeded"), None, (200, [])])
def test_one_that_stays_busy_is_named(busy):
    users = addresses(2)
    customer = Customer(users)
    customer.parts[users[0]] = [busy] * 20
    told = closing(customer.read())
    assert [one["mailbox"] for one in told["failed"]] == [users[0]]
    assert customer.asked[users[0]] < 10


def test_a_mailbox_whose_token_is_refused_gets_a_new_one_and_the_others_keep_theirs():
    users = addresses(3)
    customer = Customer(users)
    customer.parts[users[1]] = [fault(401, "authError")]
    assert closing(customer.read())["covered"] == 3
    assert {one: customer.tokens[one] for one in users} == {users[0]: 1, users[1]: 2, users[2]: 1}


def test_a_user_who_goes_between_two_tries_is_skipped():
    users = addresses(2)
    customer = Customer(users)

    def gone(call):
        customer.refusals[users[0]] = ("invalid_grant", "The account has been deleted")
        return customer.answer(PART.findall(call.body))

    customer.parts[users[0]] = [fault(401, "authError")]
    customer.vendor.on("POST", BATCH, gone)
    told = closing(customer.read())
    assert [one["mailbox"] for one in told["skipped"]] == [users[0]]
    assert told["covered"] == 1


def test_an_answer_given_twice_under_one_id_is_not_trusted():
    users = addresses(1)
    customer = Customer(users, {users[0]: [delegate("c@x.example")]})

    def doubled(call):
        [part] = PART.findall(call.body)
        return customer.answer([part, part])

    customer.vendor.on("POST", BATCH, doubled, customer._batch)
    assert len(rows(customer.read())) == 1
    assert customer.asked[users[0]] == 3


@pytest.mark.parametrize("body", ["", "<html>", "--b_1", '{"error": {"code": 500}}'])
def test_a_batch_that_comes_back_as_something_else_is_sent_again(body):
    customer = Customer(addresses(2))
    customer.vendor.on("POST", BATCH, Answer(body, 200, {"Content-Type": "text/html"}), customer._batch)
    assert closing(customer.read())["covered"] == 2


def test_a_batch_cut_off_in_the_middle_is_sent_again_for_what_is_missing():
    users = addresses(3)
    customer = Customer(users, {one: [delegate("c@x.example")] for one in users})

    def cut(call):
        whole = customer.answer(PART.findall(call.body))
        return whole._replace(body=whole.body[: len(whole.body) * 2 // 3])

    customer.vendor.on("POST", BATCH, cut, customer._batch)
    items = customer.read()
    assert sorted(row["user"] for row in rows(items)) == users
    assert customer.asked[users[0]] == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_where_batches_are_not_taken_each_mailbox_is_asked_singly(status):
    users = addresses(3)
    customer = Customer(users)
    customer.vendor.on("POST", BATCH, Answer("Not Found", status))
    customer.vendor.on("GET", GMAIL + "/gmail/v1/users/me/settings/delegates",
                       lambda call: Answer({"delegates": [delegate(call.headers["Authorization"])]}))  # fmt: skip
    items = customer.read()
    assert {row["user"]: row["delegateEmail"] for row in rows(items)} == {one: f"Bearer {one}~1" for one in users}
    assert len(customer.vendor.to(BATCH)) == 1
