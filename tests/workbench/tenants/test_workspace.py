"""Google's token endpoint and Reports API."""

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.workbench.tenants.conftest import HOUR, NOW, activity, claims_of, five_activities, post_form
from workbench.tenants.faults import GoogleFaults
from workbench.tenants.plan import Rule
from workbench.tenants.records import milliseconds
from workbench.tenants.service_account import GRANT_TYPE, SETTINGS
from workbench.tenants.workspace import Workspace


def ask_token(customer, sign_with=None, header=None, **changes):
    key = customer.key_file()
    assertion = jwt.encode(
        claims_of(customer, key, **changes),
        sign_with or key["private_key"],
        algorithm="RS256",
        headers=header or {"kid": key["private_key_id"]},
    )
    return post_form(customer, key["token_uri"], {"grant_type": GRANT_TYPE, "assertion": assertion})


class Reports:
    def __init__(self, customer, **changes):
        token = ask_token(customer, **changes).json()["access_token"]
        self._root = f"{customer.uri}/admin/reports/v1/activity/users/all/applications/"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(customer.ca_file)
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, application="admin", **query):
        return self._session.get(self._root + application, params=query)

    def close(self):
        self._session.close()


@pytest.fixture
def reports(customer):
    client = Reports(customer)
    yield client
    client.close()


@pytest.fixture(scope="session")
def still_reports(still_customer):
    client = Reports(still_customer)
    yield client
    client.close()


def qualifiers(answer):
    return [item["id"]["uniqueQualifier"] for item in answer.json().get("items", [])]


# the token


def test_a_signed_assertion_buys_a_token(still_customer):
    answer = ask_token(still_customer).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)


@pytest.mark.parametrize(
    ("changes", "status", "error", "text"),
    [
        ({"aud": "https://oauth2.googleapis.com/token"}, 400, "invalid_grant", "audience"),
        ({"iss": "other@x.iam.gserviceaccount.com"}, 400, "invalid_grant", "account not found"),
        ({"sub": "nobody@elsewhere.example"}, 400, "invalid_grant", "Invalid email or User ID"),
        ({"exp": int(NOW) + 3601}, 400, "invalid_grant", "short-lived"),
        ({"iat": int(NOW) - 4000, "exp": int(NOW) - 400}, 400, "invalid_grant", "short-lived"),
        ({"iat": None}, 400, "invalid_grant", "short-lived"),
        ({"scope": ""}, 400, "invalid_scope", "scope"),
        ({"scope": "https://mail.google.com/"}, 401, "unauthorized_client", "not authorized for any of the scopes"),
    ],
)
def test_each_wrong_claim_is_refused_in_googles_words(still_customer, changes, status, error, text):
    answer = ask_token(still_customer, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert text in answer.json()["error_description"]


def test_a_foreign_signature_is_refused(still_customer):
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert ask_token(still_customer, sign_with=foreign).json()["error_description"] == "Invalid JWT Signature."


def test_a_foreign_key_id_is_refused(still_customer):
    answer = ask_token(still_customer, header={"kid": "0" * 40})
    assert answer.json()["error_description"] == "Invalid JWT Signature."


def test_another_grant_type_is_refused(still_customer):
    answer = post_form(still_customer, still_customer.key_file()["token_uri"], {"grant_type": "password"})
    assert answer.json()["error"] == "unsupported_grant_type"


def test_token_requests_can_fail_at_first(customer):
    customer.faults.token_errors = 1
    assert [ask_token(customer).status_code for _ in range(2)] == [503, 200]


# activities


def test_activities_come_newest_first(still_reports):
    answer = still_reports.get()
    assert qualifiers(answer) == ["0", "1", "2", "3", "4"]
    assert answer.json()["kind"] == "admin#reports#activities"


def test_start_and_end_are_both_inclusive(still_reports):
    bounds = {"startTime": milliseconds(NOW - 90 * 60), "endTime": milliseconds(NOW - 70 * 60)}
    assert qualifiers(still_reports.get(**bounds)) == ["1", "2", "3"]


def test_an_offset_is_understood(still_reports):
    assert qualifiers(still_reports.get(startTime="2026-11-20T11:50:00+01:00")) == ["0", "1"]


def test_items_are_absent_when_there_are_none(still_reports):
    assert "items" not in still_reports.get("login").json()


def test_pages_follow_their_token_newest_first(still_reports):
    first = still_reports.get(maxResults=2)
    second = still_reports.get(maxResults=2, pageToken=first.json()["nextPageToken"])
    third = still_reports.get(maxResults=2, pageToken=second.json()["nextPageToken"])
    assert qualifiers(first) + qualifiers(second) + qualifiers(third) == ["0", "1", "2", "3", "4"]
    assert "nextPageToken" not in third.json()


def test_pages_may_be_shifted_by_what_arrives_between_them(clock):
    plan = [Rule("reports/row", "late:3600", key="0"), Rule("reports/list", "shifting")]
    with Workspace(five_activities(), clock=clock, faults=GoogleFaults(plan=plan)) as customer:
        reports = Reports(customer)
        first = reports.get(maxResults=2)
        clock.now += HOUR / 6
        second = reports.get(maxResults=2, pageToken=first.json()["nextPageToken"])
        assert (qualifiers(first), qualifiers(second)) == (["1", "2"], ["2", "3"])
        assert customer.fired == {"late": 1, "shifting": 2}
        reports.close()


def test_a_listing_without_end_begins_anew(clock):
    plan = [Rule("reports/list", "endless")]
    with Workspace(five_activities(), clock=clock, faults=GoogleFaults(plan=plan)) as customer:
        reports = Reports(customer)
        pages, token = [], {}
        for _ in range(3):
            answer = reports.get(maxResults=3, **token)
            pages.append(qualifiers(answer))
            token = {"pageToken": answer.json()["nextPageToken"]}
        assert pages == [["0", "1", "2"], ["3", "4"], ["0", "1", "2"]]
        reports.close()


def test_a_late_arrival_does_not_shift_the_pages(clock):
    clock.now = NOW - 59 * 60 - 58  # the newest act is two seconds old
    with Workspace([activity(number, 60 + 10 * number) for number in range(4)], clock=clock) as customer:
        reports = Reports(customer, iat=int(clock.now), exp=int(clock.now) + 3600)
        first = reports.get(maxResults=1)
        clock.now = NOW
        second = reports.get(maxResults=1, pageToken=first.json()["nextPageToken"])
        assert qualifiers(first) + qualifiers(second) == ["1", "2"]
        reports.close()


@pytest.mark.parametrize(
    "query",
    [
        {"maxResults": 0},
        {"maxResults": 1001},
        {"maxResults": "many"},
        {"startTime": "2026-11-20"},
        {"startTime": "2026-11-20T10:00:00"},
        {"startTime": "2026-11-31T10:00:00Z"},
        {"startTime": "2026-11-20T11:00:00Z", "endTime": "2026-11-20T10:00:00Z"},
        {"startTime": milliseconds(NOW - 181 * 24 * HOUR)},
        {"pageToken": "nonsense"},
    ],
)
def test_bad_input_is_400(still_reports, query):
    answer = still_reports.get(**query)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "invalid"


def test_a_page_token_belongs_to_its_parameters(still_reports):
    token = still_reports.get(maxResults=2).json()["nextPageToken"]
    assert still_reports.get(maxResults=3, pageToken=token).status_code == 400


def test_an_application_google_does_not_have_is_400(still_reports):
    assert still_reports.get("mailboxes").status_code == 400


def test_a_token_ends(reports, clock):
    clock.now += 3600
    assert reports.get().status_code == 401


def test_a_scope_that_is_not_for_reports_is_403(still_customer):
    reports = Reports(still_customer, scope=SETTINGS)
    answer = reports.get()
    assert answer.status_code == 403
    assert answer.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"
    reports.close()


def test_a_subject_without_the_privilege_is_401(still_customer):
    reports = Reports(still_customer, sub=still_customer.plain_user)
    answer = reports.get()
    assert answer.status_code == 401
    assert "not authorized to read activity records" in answer.json()["error"]["message"]
    reports.close()


def test_another_customer_is_403(still_reports):
    assert still_reports.get(customerId="C0elsewhere").status_code == 403
    assert still_reports.get(customerId="my_customer").status_code == 200


def test_over_quota_is_503(customer, reports):
    customer.faults.quota_every = 2
    assert [reports.get().status_code for _ in range(4)] == [200, 503, 200, 503]


def test_a_filter_is_not_built_and_says_so(customer, reports):
    assert reports.get(eventName="CREATE_USER").status_code == 501
    assert customer.unknown[0].query == {"eventName": "CREATE_USER"}


def test_tokens_take_longer_to_appear_than_admin_acts(clock):
    fresh = [activity(1, 10, "admin"), activity(2, 10, "token")]
    with Workspace(fresh, clock=clock) as customer:
        reports = Reports(customer)
        assert qualifiers(reports.get("admin")) == ["1"]
        assert qualifiers(reports.get("token")) == []
        reports.close()
