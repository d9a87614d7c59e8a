"""Gmail's delegates, singly and in batches: as strict as Google is."""

import email.parser
import json
import re

import pytest
import requests

from tests.workbench.tenants.conftest import NOW, Clock
from tests.workbench.tenants.test_workspace import ask_token
from workbench.tenants.faults import GoogleFaults
from workbench.tenants.plan import Rule
from workbench.tenants.service_account import CLIENT_ID, REPORTS, SETTINGS, SHARING, USERS
from workbench.tenants.standing import Account, Group, Standing
from workbench.tenants.workspace import Workspace

ADMIN, ADA, BOB, CAROL = (f"{name}@x.example" for name in ("admin", "ada", "bob", "carol"))
OFF, GONE = "off@x.example", "gone@x.example"


class Gmail:
    """Calls of Gmail with tokens for any owner and scope."""

    def __init__(self, customer):
        self.customer = customer
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(customer.ca_file)

    def token(self, owner, scope=SETTINGS):
        return ask_token(self.customer, sub=owner, scope=scope).json()["access_token"]

    def call(self, method, path="", user="me", owner=ADA, scope=SETTINGS, body=None):
        url = f"{self.customer.uri}/gmail/v1/users/{user}/settings/delegates{path}"
        headers = {"Authorization": f"Bearer {self.token(owner, scope)}"}
        return self._session.request(method, url, headers=headers, json=body)

    def batch(self, parts, kind='multipart/mixed; boundary="b"', part_kind="application/http", authorization=""):
        texts = [f"--b\r\nContent-Type: {part_kind}\r\nContent-ID: <{name}>\r\n\r\n{text}" for name, text in parts]
        body = "\r\n".join([*texts, "--b--", ""])
        headers = {"Content-Type": kind, **({"Authorization": authorization} if authorization else {})}
        return self._session.post(f"{self.customer.uri}/batch/gmail/v1", data=body, headers=headers)

    def close(self):
        self._session.close()


@pytest.fixture
def gmail():
    accounts = [Account(one, kind="workspace") for one in (ADMIN, ADA, BOB, CAROL)]
    accounts[0].roles = ("_SEED_ADMIN_ROLE",)
    accounts += [Account(OFF, kind="workspace", licensed=False), Account(GONE, kind="workspace", enabled=False)]
    delegates = {ADA: [(BOB, "accepted"), (CAROL, "pending")]}
    standing = Standing(accounts, groups=[Group("team@x.example")], gmail=delegates)
    scopes = (REPORTS, SETTINGS, SHARING, USERS)
    with Workspace([], clock=Clock(), faults=GoogleFaults(), scopes=scopes, standing=standing) as customer:
        client = Gmail(customer)
        yield client
        client.close()


def reason(answer):
    return answer.json()["error"]["errors"][0]["reason"]


def listed(token, path="/gmail/v1/users/me/settings/delegates"):
    return f"GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\r\n"


def answers(response):
    """(status, JSON) by Content-ID of a batch's answer."""
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    found = {}
    for part in email.parser.BytesParser().parsebytes(head + response.content).get_payload():
        assert part.get_content_type() == "application/http"
        head, _, body = part.get_payload(decode=True).partition(b"\r\n\r\n")
        found[part["Content-ID"]] = (int(head.split()[1]), json.loads(body) if body.strip() else None)
    return found


# list


def test_the_owner_sees_his_delegates_with_their_status(gmail):
    assert gmail.call("GET").json() == {"delegates": [
        {"delegateEmail": BOB, "verificationStatus": "accepted"},
        {"delegateEmail": CAROL, "verificationStatus": "pending"},
    ]}  # fmt: skip
    assert gmail.call("GET", user=ADA.upper()).json() == gmail.call("GET").json()


def test_the_key_is_absent_when_there_are_none(gmail):
    assert gmail.call("GET", owner=BOB).json() == {}


def test_an_administrator_is_denied_another_mailbox(gmail):
    answer = gmail.call("GET", user=ADA, owner=ADMIN)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == f"Delegation denied for {ADMIN}"


@pytest.mark.parametrize("owner", [OFF, GONE])
def test_a_user_without_gmail_or_suspended_has_no_mail_service(gmail, owner):
    answer = gmail.call("GET", owner=owner)
    assert (answer.status_code, reason(answer)) == (400, "failedPrecondition")
    assert answer.json()["error"]["message"] == "Mail service not enabled"


def test_a_scope_that_is_not_for_mail_settings_is_refused(gmail):
    answer = gmail.call("GET", scope=REPORTS)
    assert (answer.status_code, reason(answer)) == (403, "insufficientPermissions")


def test_no_token_is_401(gmail):
    url = f"{gmail.customer.uri}/gmail/v1/users/me/settings/delegates"
    assert requests.get(url, verify=str(gmail.customer.ca_file), timeout=60).status_code == 401


def test_a_user_makes_six_thousand_units_a_minute(gmail):
    token = gmail.token(ADA)
    parts = [(str(number), listed(token)) for number in range(100)]
    for _ in range(60):
        found = answers(gmail.batch(parts))
    assert {status for status, _ in found.values()} == {200}
    [(status, body)] = answers(gmail.batch(parts[:1])).values()
    assert (status, body["error"]["errors"][0]["reason"]) == (403, "userRateLimitExceeded")


# create, get, delete


def test_a_delegate_made_by_the_api_is_accepted_at_once(gmail):
    answer = gmail.call("POST", owner=BOB, scope=SHARING, body={"delegateEmail": CAROL})
    assert (answer.status_code, answer.json()) == (200, {"delegateEmail": CAROL, "verificationStatus": "accepted"})
    assert gmail.customer.standing.gmail[BOB] == [(CAROL, "accepted")]


def test_a_group_may_be_a_delegate(gmail):
    assert gmail.call("POST", owner=BOB, scope=SHARING, body={"delegateEmail": "team@x.example"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [({"delegateEmail": "who@else.example"}, 400), ({}, 400), ([], 400), ({"delegateEmail": BOB}, 409)],
)
def test_strangers_and_those_that_are_delegates_already_are_refused(gmail, body, status):
    assert gmail.call("POST", scope=SHARING, body=body).status_code == status


def test_a_delegate_is_taken_away_once_whatever_his_status(gmail):
    answer = gmail.call("DELETE", f"/{CAROL}", scope=SHARING)
    assert (answer.status_code, answer.content) == (204, b"")
    assert gmail.call("GET").json()["delegates"] == [{"delegateEmail": BOB, "verificationStatus": "accepted"}]
    assert gmail.call("DELETE", f"/{CAROL}", scope=SHARING).status_code == 404


def test_one_delegate_can_be_looked_up(gmail):
    assert gmail.call("GET", f"/{BOB}").json()["verificationStatus"] == "accepted"
    assert gmail.call("GET", "/nobody@x.example").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("DELETE", f"/{BOB}")])
def test_changes_need_the_scope_for_sharing(gmail, method, path):
    answer = gmail.call(method, path, body={"delegateEmail": CAROL} if method == "POST" else None)
    assert (answer.status_code, reason(answer)) == (403, "insufficientPermissions")
    assert len(gmail.customer.standing.gmail[ADA]) == 2


def test_what_is_not_built_says_so(gmail):
    url = f"{gmail.customer.uri}/gmail/v1/users/me/settings/delegates?quotaUser=x"
    assert requests.get(url, verify=str(gmail.customer.ca_file), timeout=60).status_code == 501


# batches


def test_each_part_is_answered_in_the_name_of_its_own_token(gmail):
    parts = [("one", listed(gmail.token(ADA))), ("two", listed(gmail.token(BOB))), ("off", listed(gmail.token(OFF)))]
    found = answers(gmail.batch(parts))
    assert len(found["<response-one>"][1]["delegates"]) == 2
    assert found["<response-two>"] == (200, {})
    assert found["<response-off>"][0] == 400


def test_a_part_without_a_token_has_the_outer_one(gmail):
    part = "GET /gmail/v1/users/me/settings/delegates HTTP/1.1\r\n\r\n"
    found = answers(gmail.batch([("a", part)], authorization=f"Bearer {gmail.token(BOB)}"))
    assert found == {"<response-a>": (200, {})}
    assert answers(gmail.batch([("a", part)]))["<response-a>"][0] == 401


def test_an_unknown_path_is_404_for_its_part_alone(gmail):
    parts = [("a", listed(gmail.token(BOB), "/gmail/v1/users/me/nothing")), ("b", listed(gmail.token(BOB)))]
    assert {name: status for name, (status, _) in answers(gmail.batch(parts)).items()} == {
        "<response-a>": 404, "<response-b>": 200,
    }  # fmt: skip


def test_a_batch_of_more_than_a_hundred_is_refused(gmail):
    token = gmail.token(BOB)
    assert gmail.batch([(str(number), listed(token)) for number in range(100)]).status_code == 200
    assert gmail.batch([(str(number), listed(token)) for number in range(101)]).status_code == 400


@pytest.mark.parametrize(
    "how", [{"kind": "application/json"}, {"kind": "multipart/mixed"}, {"kind": "multipart/form-data; boundary=b"},
            {"part_kind": "application/json"}, {"kind": "multipart/mixed; boundary=other"}],
)  # fmt: skip
def test_a_body_that_is_no_batch_is_refused(gmail, how):
    assert gmail.batch([("a", listed(gmail.token(BOB)))], **how).status_code == 400


def test_a_whole_address_in_a_part_is_no_call(gmail):
    path = f"{gmail.customer.uri}/gmail/v1/users/me/settings/delegates"
    assert gmail.batch([("a", listed(gmail.token(BOB), path))]).status_code == 501


def test_parts_may_be_answered_in_another_order(gmail):
    gmail.customer.faults.shuffled = True
    token = gmail.token(BOB)
    text = gmail.batch([(str(number), listed(token)) for number in range(4)]).text
    assert re.findall(r"<response-(\d)>", text) == ["1", "3", "0", "2"]


def test_single_parts_go_wrong_as_planned(gmail):
    gmail.customer.faults.plan = [Rule("gmail/part", "429", key=ADA, tries=1), Rule("gmail/part", "missing", key=BOB)]
    parts = [("a", listed(gmail.token(ADA))), ("b", listed(gmail.token(BOB)))]
    assert {name: status for name, (status, _) in answers(gmail.batch(parts)).items()} == {"<response-a>": 429}
    assert answers(gmail.batch(parts))["<response-a>"][0] == 200


def test_batches_can_be_unknown(gmail):
    gmail.customer.faults.no_batches = True
    assert gmail.batch([("a", listed(gmail.token(BOB)))]).status_code == 404


# traces and tokens


def test_a_call_leaves_a_record_that_names_owner_and_client_but_no_delegate(gmail):
    gmail.customer.faults.own_calls = True
    gmail.call("POST", owner=BOB, scope=SHARING, body={"delegateEmail": CAROL})
    gmail.customer.faults.skew = 4 * 3600  # such records take hours
    gmail.customer.faults.token_seconds = 9 * 3600
    token = ask_token(gmail.customer, iat=int(NOW) + 4 * 3600, exp=int(NOW) + 5 * 3600).json()["access_token"]
    url = f"{gmail.customer.uri}/admin/reports/v1/activity/users/all/applications/token"
    headers = {"Authorization": f"Bearer {token}"}
    [record] = requests.get(url, headers=headers, verify=str(gmail.customer.ca_file), timeout=60).json()["items"]
    values = {one["name"]: one.get("value") for one in record["events"][0]["parameters"]}
    assert record["actor"]["email"] == BOB
    assert (values["method_name"], values["client_id"]) == ("gmail.users.settings.delegates.create", CLIENT_ID)
    assert CAROL not in json.dumps(record)


def test_tokens_are_refused_for_single_users_and_after_a_number_for_all(gmail):
    gmail.customer.faults.refusals = {ADA: "The account has been deleted"}
    refused = ask_token(gmail.customer, sub=ADA, scope=SETTINGS).json()
    assert refused == {"error": "invalid_grant", "error_description": "The account has been deleted"}
    gmail.customer.faults.unauthorized_after = 1
    given = [ask_token(gmail.customer, sub=BOB, scope=SETTINGS).json().get("error") for _ in range(2)]
    assert given == [None, "unauthorized_client"]
