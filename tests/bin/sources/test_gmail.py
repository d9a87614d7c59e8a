"""The sweep through Gmail: every mailbox once, in few requests; and no error is ever read as "no delegates"."""

import base64
import json
import re
from collections import Counter
from urllib.parse import parse_qs

import pytest
import requests
from delegation_watch.sources import google
from delegation_watch.sources.errors import RefusedError, SettingsError, SignInError, SourceError, UnreachableError
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.gmail import GmailSweep
from delegation_watch.sources.http import Http
from delegation_watch.sources.sweep import ATTEMPTS
from requests.exceptions import ConnectionError as Broken

from tests.bin.sources.vendor import HOUR, NOW, Answer, Vendor, attempted

GMAIL, ADMIN, TOKEN = "https://gmail.test", "https://admin.test", "https://oauth.test/token"
USERS, BATCH = ADMIN + "/admin/directory/v1/users", GMAIL + "/batch/gmail/v1"
SUBJECT = "admin@x.example"
KEY = {"client_email": "dw@p.iam.gserviceaccount.com", "private_key": "-", "token_uri": TOKEN, "client_id": "1234"}
PART = re.compile(r"Content-ID: <p(\d+)>\r\n\r\nGET (\S+) HTTP/1.1\r\nAuthorization: Bearer ([^~\s]+)~(\d+)")


def fault(status, reason, message="said so"):
    return status, {"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}


class Customer:
    """A customer whose users and delegates a test lays out; `parts` are answers that come before a mailbox's own."""

    def __init__(self, users, delegates=None):
        self.users = [{"primaryEmail": one} if isinstance(one, str) else one for one in users]
        self.delegates = delegates or {}
        self.refusals = {}
        self.parts = {}
        self.tokens = Counter()
        self.asked = Counter()
        self.slept = []
        self.turned = False
        self.vendor = Vendor()
        self.vendor.on("POST", TOKEN, self._token)
        self.vendor.on("GET", USERS, self._users)
        self.vendor.on("GET", f"{USERS}/{SUBJECT}", Answer({"customerId": "C42"}))
        self.vendor.on("POST", BATCH, self._batch)

    def _token(self, call):
        claims = parse_qs(call.body)["assertion"][0].split(".")[1]
        sub = json.loads(base64.b64decode(claims))["sub"]
        self.tokens[sub] += 1
        if sub in self.refusals:
            code, text = self.refusals[sub]
            return Answer({"error": code, "error_description": text}, 400)
        return Answer({"access_token": f"{sub}~{self.tokens[sub]}", "expires_in": 3599})

    def _users(self, call):
        start = int(call.query.get("pageToken", "0"))
        page = {"users": self.users[start : start + 500]}
        return Answer({**page, "nextPageToken": str(start + 500)} if start + 500 < len(self.users) else page)

    def _batch(self, call):
        return self.answer(PART.findall(call.body))

    def answer(self, parts):
        texts = [self._part(*part) for part in parts]
        texts = texts[::-1] if self.turned else texts
        body = "".join(f"--b_1\r\n{text}\r\n" for text in texts if text) + "--b_1--\r\n"
        return Answer(body, 200, {"Content-Type": "multipart/mixed; boundary=b_1"})

    def _part(self, number, path, owner, _version):
        assert path == "/gmail/v1/users/me/settings/delegates"
        self.asked[owner] += 1
        laid_out = self.parts.get(owner)
        standing = self.delegates.get(owner)
        answer = laid_out.pop(0) if laid_out else (200, {"delegates": standing} if standing else {})
        if answer is None:
            return ""
        status, body = answer
        text = body if isinstance(body, str) else json.dumps(body)
        return (f"Content-Type: application/http\r\nContent-ID: <response-p{number}>\r\n\r\n"
                f"HTTP/1.1 {status} Fine\r\nContent-Type: application/json\r\n\r\n{text}")  # fmt: skip

    def sweep(self, **given):
        session = requests.Session()
        session.mount("https://", self.vendor)
        http = Http(session=session, sleep=self.slept.append)
        return GmailSweep(http, GMAIL, ADMIN, KEY, SUBJECT, "delegation_inventory://x", clock=lambda: NOW,
                          sleep=self.slept.append, **given)  # fmt: skip

    def read(self, state=None, now=NOW, **given):
        return list(self.sweep(**given).read(state or {}, 0, now))

    def requests(self):
        return [call for call in self.vendor.calls if call.url != TOKEN]


@pytest.fixture(autouse=True)
def no_signing(monkeypatch):
    def unsigned(claims, pem, kid):
        return "h." + base64.b64encode(json.dumps(claims).encode()).decode() + ".s"

    monkeypatch.setattr(google, "jwt_rs256", unsigned)


def rows(items):
    return [json.loads(item.raw)["columns"] for item in items
            if isinstance(item, Event) and item.sourcetype == "delegation:snapshot"]  # fmt: skip


def closing(items):
    [event] = [item for item in items if isinstance(item, Event) and item.sourcetype == "delegation:sweep"]
    return json.loads(event.raw)


def delegate(address, status="accepted"):
    return {"delegateEmail": address, "verificationStatus": status}


def addresses(count):
    return [f"user{number:05d}@x.example" for number in range(count)]


def interrupted(sweep, state=None, error=SourceError):
    items = []
    with pytest.raises(error):
        items.extend(sweep.read(state or {}, 0, NOW))
    return items


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
