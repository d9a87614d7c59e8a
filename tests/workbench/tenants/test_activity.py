"""The Management Activity API: the rules of the reference, one by one."""

import json

import pytest
import requests

from tests.workbench.tenants.conftest import HOUR, NOW, Feed, exchange_record, token_of
from workbench.tenants.blobs import LONGEST_LAG, pack, usual_lag
from workbench.tenants.records import Record, utc

DAY = 24 * HOUR


def code(answer):
    return answer.json()["error"]["code"]


def window(start, end):
    return {"startTime": utc(start), "endTime": utc(end)}


def ids(feed, answer):
    found = []
    for row in answer.json():
        found += [record["Id"] for record in feed.get(row["contentUri"]).json()]
    return found


# subscriptions


def test_a_subscription_is_started_once_and_then_is_af20024(feed, clock):
    first = feed.post("subscriptions/start", contentType="Audit.AzureActiveDirectory")
    assert first.json() == {"contentType": "Audit.AzureActiveDirectory", "status": "enabled", "webhook": None}
    clock.now += 900
    again = feed.post("subscriptions/start", contentType="Audit.AzureActiveDirectory")
    assert (again.status_code, code(again)) == (400, "AF20024")


def test_the_list_names_each_subscription_with_its_status(feed, tenant):
    row = {"contentType": "Audit.Exchange", "status": "enabled", "webhook": None}
    assert feed.get("subscriptions/list").json() == [row]
    tenant.faults.status_missing.add("Audit.Exchange")
    assert feed.get("subscriptions/list").json() == [{"contentType": "Audit.Exchange", "webhook": None}]


@pytest.mark.parametrize("refused", [(429, "AF429"), (403, "429")])
def test_starts_must_lie_a_quarter_of_an_hour_apart(feed, tenant, clock, refused):
    tenant.faults.start_refusal = refused
    feed.post("subscriptions/start", contentType="Audit.General")
    clock.now += 4
    early = feed.post("subscriptions/start", contentType="Audit.SharePoint")
    assert (early.status_code, early.json()["error"]["code"]) == refused
    assert "retry again after 14m 56s" in early.json()["error"]["message"]
    clock.now += 896
    assert feed.post("subscriptions/start", contentType="Audit.SharePoint").status_code == 200


def test_a_tenant_whose_audit_is_off_cannot_start(feed, tenant):
    tenant.faults.audit_off = True
    answer = feed.post("subscriptions/start", contentType="Audit.General")
    assert answer.status_code == 400
    assert f"DataServiceException: Tenant {tenant.tenant} does not exist." in answer.text


def test_content_without_subscription_is_af20022(still_feed):
    assert code(still_feed.get("subscriptions/content", contentType="Audit.General")) == "AF20022"


def test_dlp_needs_a_permission_of_its_own(feed, tenant):
    asked = {"contentType": "DLP.All"}
    assert code(feed.post("subscriptions/start", **asked)) == "AF10001"
    assert code(feed.get("subscriptions/content", **asked)) == "AF10001"
    tenant.faults.roles = ("ActivityFeed.Read", "ActivityFeed.ReadDlp")
    allowed = Feed(tenant, token_of(tenant))
    assert allowed.post("subscriptions/start", **asked).status_code == 200
    assert allowed.get("subscriptions/content", **asked).json() == []
    allowed.close()


def test_a_disabled_subscription_is_af20023_until_it_is_started_again(feed, tenant):
    blob = feed.content().json()[0]["contentUri"]
    tenant.faults.disabled.add("Audit.Exchange")
    assert feed.get("subscriptions/list").json()[0]["status"] == "disabled"
    assert code(feed.content()) == code(feed.get(blob)) == "AF20023"
    assert feed.post("subscriptions/start", contentType="Audit.Exchange").status_code == 200
    assert feed.content().status_code == 200


def test_content_made_between_stop_and_restart_is_lost(feed, clock):
    clock.now -= 4 * HOUR
    assert feed.post("subscriptions/stop", contentType="Audit.Exchange").status_code == 200
    clock.now += 4 * HOUR
    feed.post("subscriptions/start", contentType="Audit.Exchange")
    assert ids(feed, feed.content()) == ["record-5"]


def test_of_the_time_before_a_first_start_nothing_is_kept(feed, tenant, clock):
    whole = ids(feed, feed.content())
    tenant.subscriptions.clear()
    clock.now -= 2 * HOUR
    feed.post("subscriptions/start", contentType="Audit.Exchange")
    clock.now += 2 * HOUR
    rest = ids(feed, feed.content())
    assert 0 < len(rest) < len(whole)
    assert rest == whole[-len(rest) :]


# who asks


def test_the_tenant_of_url_and_token_must_be_the_same(still_feed):
    other = "11111111-2222-3333-4444-555555555555"
    url = f"{still_feed.uri}/api/v1.0/{{}}/activity/feed/subscriptions/list"
    assert code(still_feed.get(url.format(other))) == "AF20010"
    assert code(still_feed.get(url.format("harbourfinch.example"))) == "AF20013"


def test_a_publisher_that_is_no_guid_is_af20002(still_feed):
    assert code(still_feed.get("subscriptions/list", PublisherIdentifier="me")) == "AF20002"


def test_content_types_are_a_closed_list(still_feed):
    assert code(still_feed.get("subscriptions/content", contentType="Audit.Teams")) == "AF20020"
    assert code(still_feed.get("subscriptions/content")) == "AF20001"


# windows


def test_without_times_the_last_24_hours_are_listed(still_feed):
    assert len(still_feed.content().json()) == 6


def test_a_window_is_of_availability_start_inclusive_end_exclusive(feed, tenant):
    first, second = tenant.blobs[:2]
    got = feed.content(**window(int(first.created), int(second.created)))
    assert [row["contentId"] for row in got.json()] == [first.content_id]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOW - DAY - 1, NOW, "AF20030"),
        (NOW - 7 * DAY - 1, NOW - 6 * DAY - 1, "AF20030"),
        (NOW, NOW, "AF20055"),
        (NOW, NOW - HOUR, "AF20055"),
    ],
)
def test_a_window_against_the_rules_is_refused(still_feed, start, end, expected):
    answer = still_feed.content(**window(start, end))
    assert (answer.status_code, code(answer)) == (400, expected)


def test_the_oldest_allowed_window_is_answered(still_feed):
    assert still_feed.content(**window(NOW - 7 * DAY, NOW - 6 * DAY)).status_code == 200


def test_one_time_without_the_other_is_refused(still_feed):
    assert code(still_feed.content(startTime=utc(NOW - HOUR))) == "AF20030"


@pytest.mark.parametrize("text", ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000", "yesterday", "1763632800"])
def test_a_time_in_another_format_is_af20002(still_feed, text):
    assert code(still_feed.content(startTime=text, endTime="2026-11-20T11:00:00")) == "AF20002"


def test_dates_and_minutes_are_times_too(still_feed):
    assert still_feed.content(startTime="2026-11-20", endTime="2026-11-20T09:30").status_code == 200


def test_a_long_window_may_be_answered_in_part_when_switched_on(feed, tenant):
    tenant.faults.long_windows = True
    whole = feed.content(**window(NOW - 3 * DAY, NOW))
    assert whole.status_code == 200
    assert whole.json() == []


def test_what_is_not_available_yet_is_not_listed(feed, clock):
    clock.now -= 3 * HOUR
    assert len(feed.content().json()) == 3


# pages


def test_pages_are_followed_by_the_header_until_it_is_absent(feed, tenant):
    tenant.faults.page_size = 4
    first = feed.content(**window(NOW - DAY, NOW))
    following = first.headers["NextPageUri"]
    assert "/api/v1/" in following
    assert "nextPage=" in following
    second = feed.get(following)
    assert [len(first.json()), len(second.json())] == [4, 2]
    assert "NextPageUri" not in second.headers
    assert len(set(ids(feed, first) + ids(feed, second))) == 6


def test_the_next_page_keeps_the_window_of_a_request_without_times(feed, tenant, clock):
    tenant.faults.page_size = 4
    following = feed.content().headers["NextPageUri"]
    clock.now += 60
    assert f"endTime={utc(NOW).replace(':', '%3A')}" in following
    assert len(feed.get(following).json()) == 2


def test_a_made_up_page_is_af20031(still_feed):
    assert code(still_feed.content(**window(NOW - DAY, NOW), nextPage="2")) == "AF20031"


def test_the_header_may_bear_its_other_name(feed, tenant):
    tenant.faults.page_size, tenant.faults.page_header = 4, "NextPageUrl"
    assert "NextPageUrl" in feed.content().headers


def test_an_empty_page_may_name_a_next_one(feed, tenant):
    tenant.faults.empty_page = True
    empty = feed.content()
    assert empty.json() == []
    assert len(feed.get(empty.headers["NextPageUri"]).json()) == 6


# blobs


def test_a_row_says_when_the_blob_was_made_and_when_it_ends(still_feed):
    row = still_feed.content().json()[0]
    assert set(row) == {"contentType", "contentId", "contentUri", "contentCreated", "contentExpiration"}
    assert row["contentCreated"].startswith("2026-11-20T07:45:00.")
    assert row["contentExpiration"].startswith("2026-11-27T07:45:00.")


def test_a_blob_is_a_list_of_bare_records(still_feed):
    row = still_feed.content().json()[0]
    assert still_feed.get(row["contentUri"]).json() == [{"Id": "record-5", "Operation": "Send"}]


def test_a_blob_ends_seven_days_after_it_was_made(tenant, clock):
    tenant.faults.token_seconds = 30 * DAY
    feed = Feed(tenant, token_of(tenant))
    uri = feed.content().json()[0]["contentUri"]
    clock.now = tenant.blobs[0].created + 7 * DAY - 1
    assert feed.get(uri).status_code == 200
    clock.now += 1
    assert code(feed.get(uri)) == "AF20051"
    feed.close()


def test_a_blob_cannot_be_read_before_it_is_available(feed, tenant, clock):
    uri = feed.content().json()[-1]["contentUri"]
    clock.now = tenant.blobs[-1].created - 1
    assert code(feed.get(uri)) == "AF20050"


def test_unknown_and_malformed_blobs_have_their_own_codes(still_feed):
    unknown = "20261120070000000000001$20261120071500000000001$audit_exchange$Audit_Exchange$eu0017"
    assert code(still_feed.get(f"audit/{unknown}")) == "AF20050"
    assert code(still_feed.get("audit/nonsense")) == "AF20052"


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [("error", 500, "AF50000"), ("expired", 400, "AF20051"), ("missing", 400, "AF20050")],
)
def test_a_blob_can_fail(feed, tenant, fault, status, expected):
    tenant.faults.blobs[0] = fault
    uri = feed.content().json()[0]["contentUri"]
    answers = [feed.get(uri) for _ in range(2)]
    assert [(answer.status_code, code(answer)) for answer in answers] == [(status, expected)] * 2


def test_a_blob_can_fail_once(feed, tenant):
    tenant.faults.blobs[0] = "error_once"
    uri = feed.content().json()[0]["contentUri"]
    assert [feed.get(uri).status_code for _ in range(3)] == [500, 200, 200]


def test_a_blob_can_be_broken_in_its_body_or_its_address(feed, tenant):
    tenant.faults.blobs.update({0: "truncated", 1: "not_a_list", 2: "foreign_host"})
    cut, no_list, foreign = feed.content().json()[:3]
    with pytest.raises(json.JSONDecodeError):
        json.loads(feed.get(cut["contentUri"]).text)
    assert isinstance(feed.get(no_list["contentUri"]).json(), dict)
    assert foreign["contentUri"].startswith("https://localhost:")


# quota, log, strangeness


def test_every_nth_call_is_throttled_as_403_af429(feed, tenant):
    tenant.faults.throttle_every, tenant.faults.retry_after = 2, 7
    answers = [feed.get("subscriptions/list") for _ in range(4)]
    refused = [answer for answer in answers if answer.status_code == 403]
    assert len(refused) == 2
    assert code(refused[0]) == "AF429"
    assert "PublisherId=00000000-0000-0000-0000-000000000000" in refused[0].json()["error"]["message"]
    assert refused[0].headers["Retry-After"] == "7"


def test_every_request_is_in_the_log(feed, tenant):
    feed.content(PublisherIdentifier=tenant.tenant)
    last = tenant.requests[-1]
    assert (last.method, last.status) == ("GET", 200)
    assert last.path.endswith("subscriptions/content")
    assert last.query == {"contentType": "Audit.Exchange", "PublisherIdentifier": tenant.tenant}


@pytest.mark.parametrize("path", ["subscriptions/notifications", "resources/dlpSensitiveTypes", "whatever"])
def test_what_the_stand_in_does_not_know_is_501_and_kept(feed, tenant, path):
    answer = feed.get(path)
    assert answer.status_code == 501
    assert path in answer.json()["error"]["message"]
    assert [entry.path for entry in tenant.unknown] == [tenant.requests[-1].path]


def test_an_unknown_parameter_is_501_too(still_feed):
    assert still_feed.content(filter="x").status_code == 501


def test_the_certificate_is_of_its_own_authority_only(tenant):
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(tenant.uri)


# records into blobs


def test_most_records_come_within_hours_and_a_few_a_day_late():
    lags = sorted(usual_lag(exchange_record(number, 0)) for number in range(2000))
    assert 55 * 60 < lags[1000] < 95 * 60
    assert 6 * HOUR < lags[-1] <= LONGEST_LAG
    assert lags[0] >= 180


def test_blobs_are_listed_in_order_of_availability_and_unordered_inside():
    records = [Record(NOW + number, "Audit.Exchange", {"Id": f"r{number}"}) for number in range(800)]
    blobs = pack(records, lag=lambda record: 60)
    assert [blob.created for blob in blobs] == sorted(blob.created for blob in blobs)
    inside = [record.time for record in blobs[0].records]
    assert inside != sorted(inside)


def test_some_records_are_published_twice_and_none_is_lost(organisation):
    records = organisation.office365_records()
    published = [record.body["Id"] for blob in pack(records) for record in blob.records]
    assert set(published) == {record.body["Id"] for record in records}
    assert len(records) < len(published) < len(records) * 1.03
