"""What a plan can do to an answer, seen by a client: each word of the table of faults."""

import email.utils
import gzip
import http.client
import ssl
import time
import zlib

import pytest
import requests

from tests.workbench.tenants.conftest import HOUR, NOW, Feed, sign_in, token_of
from workbench.tenants import Faults, Office365
from workbench.tenants.af_errors import ERRORS
from workbench.tenants.plan import Rule

BLOB = "activity/blob"


@pytest.fixture
def uri(feed):
    """A blob's address."""
    return feed.content().json()[0]["contentUri"]


def plan(tenant, *rules):
    tenant.faults.plan[:] = rules


class Raw:
    """One request over http.client, which hides nothing of the answer."""

    def __init__(self, tenant, feed, uri):
        context = ssl.create_default_context(cafile=str(tenant.ca_file))
        self.connection = http.client.HTTPSConnection(feed.uri.split("//")[1], context=context, timeout=60)
        self.connection.request("GET", uri.split(feed.uri)[1], headers=dict(feed._session.headers))

    def __enter__(self):
        return self.connection

    def __exit__(self, *error):
        self.connection.close()


# refusals


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503, 504])
def test_a_status_comes_in_the_services_own_form(feed, tenant, uri, status):
    plan(tenant, Rule(BLOB, f"{status}:9"))
    answer = feed.get(uri)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "9")
    assert set(answer.json()) <= {"error", "Message"}


def test_without_an_argument_there_is_no_retry_after(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "429"))
    answer = feed.get(uri)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "AF429"
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("code", ERRORS)
def test_every_af_code_can_be_had(feed, tenant, uri, code):
    plan(tenant, Rule(BLOB, code))
    answer = feed.get(uri)
    assert answer.status_code == ERRORS[code][0]
    assert code == "AF10001" or answer.json()["error"]["code"] == code


def test_an_error_may_last_for_some_calls_or_for_ever(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "AF50000", calls=2))
    assert [feed.get(uri).status_code for _ in range(3)] == [500, 500, 200]
    plan(tenant, Rule(BLOB, "AF50000"))
    assert [feed.get(uri).status_code for _ in range(3)] == [500, 500, 500]


def test_a_token_can_end_mid_way_until_a_new_sign_in(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "token_ends", calls=1))
    assert [feed.get(uri).status_code, feed.get(uri).status_code] == [401, 401]
    assert feed.get("subscriptions/list").status_code == 401
    again = Feed(tenant, token_of(tenant))
    assert again.get(uri).status_code == 200
    again.close()


def test_a_redirect_leads_to_another_host_which_shows_what_is_given_away_there(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "redirect"))
    answer = feed._session.get(uri, allow_redirects=False)
    host = answer.headers["Location"].split("/")[2]
    assert (answer.status_code, host.split(":")[0]) == (302, "localhost")
    assert host.split(":")[1] not in tenant.uri
    assert tenant.strays == []
    followed = requests.post(f"https://{host}/token", "secret=s", headers={"Authorization": "Bearer b"}, timeout=60,
                             verify=str(tenant.ca_file))  # fmt: skip
    assert (followed.status_code, followed.json()[0]["Id"]) == (200, "elsewhere")
    assert tenant.strays == [("POST", "/token", "Bearer b", b"secret=s")]


def test_a_redirect_may_name_any_address(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "redirect:https://192.0.2.7/x"))
    assert feed._session.get(uri, allow_redirects=False).headers["Location"] == "https://192.0.2.7/x"


def test_an_error_may_stand_in_an_answer_that_says_200(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "error_in_200"))
    answer = feed.get(uri)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "AF50000")


def test_a_proxys_page_may_stand_in_an_answer_that_says_200(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "html"))
    assert feed.get(uri).text.startswith("<html>")


def test_a_fault_that_there_is_not_is_501(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "sunspots"))
    assert feed.get(uri).status_code == 501
    assert tenant.unknown


def test_the_token_endpoint_fails_as_entra_does(tenant):
    plan(tenant, Rule("entra/token", "429:7", calls=1))
    url = f"{tenant.uri}/{tenant.tenant}/oauth2/v2.0/token"
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, verify=str(tenant.ca_file))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "access_token" in sign_in(tenant)


# bodies


def test_half_a_text_is_no_json(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "truncated"))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        feed.get(uri).json()


def test_a_body_may_be_missing_or_nul(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "nothing"))
    assert feed.get(uri).content == b""
    plan(tenant, Rule(BLOB, "nul"))
    assert set(feed.get(uri).content) == {0}


def test_lists_and_maps_can_be_exchanged(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "turned"), Rule("entra/discovery", "turned"))
    assert feed.get(uri).json() == {"value": [{"Id": "record-5", "Operation": "Send"}]}
    discovery = feed.get(f"{tenant.uri}/{tenant.tenant}/v2.0/.well-known/openid-configuration")
    assert isinstance(discovery.json(), list)


def test_a_record_of_20_mb_stands_beside_the_others(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "huge"))
    first, huge = feed.get(uri).json()
    assert (first["Id"], huge["Id"]) == ("record-5", "stand-in-huge")
    assert len(huge["Subject"]) == 20 * 1024 * 1024


def test_a_record_of_10000_levels_stands_beside_the_others(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "deep"))
    body = feed.get(uri).text
    assert body.count("{") == 10_000 + 2
    assert body.count("{") == body.count("}")


def test_a_record_may_be_invalid_utf_8(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "bad_utf8"))
    with pytest.raises(UnicodeDecodeError):
        feed.get(uri).content.decode()


# the wire


@pytest.mark.parametrize("word", ["cut", "cut_chunked"])
def test_an_answer_can_be_cut_off(feed, tenant, uri, word):
    plan(tenant, Rule(BLOB, word))
    with Raw(tenant, feed, uri) as connection, pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()


@pytest.mark.parametrize("word", ["reset", "reset_at_once"])
def test_a_connection_can_be_reset(feed, tenant, uri, word):
    plan(tenant, Rule(BLOB, word))
    with Raw(tenant, feed, uri) as connection, pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        connection.getresponse().read()


def test_an_answer_can_drip(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "slow:0.005"))
    begun = time.monotonic()
    assert feed.get(uri).json() == [{"Id": "record-5", "Operation": "Send"}]
    assert time.monotonic() - begun > 0.15


def test_a_fault_counts_also_where_the_client_reads_no_further(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "slow:0.2"))
    with feed._session.get(uri, stream=True, timeout=60) as answer:
        next(answer.iter_content(1))
    assert tenant.fired["slow"] == 1


def test_a_service_can_fall_silent(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "silent:0.1"))
    with Raw(tenant, feed, uri) as connection, pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()


def test_gzip_can_be_right_broken_or_cut(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "gzip"))
    assert feed.get(uri).json()[0]["Id"] == "record-5"
    for word, error in (("gzip_broken", zlib.error), ("gzip_cut", EOFError)):
        plan(tenant, Rule(BLOB, word))
        with Raw(tenant, feed, uri) as connection:
            answer = connection.getresponse()
            assert answer.headers["Content-Encoding"] == "gzip"
            with pytest.raises((error, gzip.BadGzipFile)):
                gzip.decompress(answer.read())


def test_the_service_goes_on_after_every_fault_of_the_wire(feed, tenant, uri):
    words = ("cut", "cut_chunked", "reset", "reset_at_once", "silent:0", "gzip_broken")
    for word in words:
        plan(tenant, Rule(BLOB, word))
        with pytest.raises(requests.exceptions.RequestException):
            feed.get(uri).json()
    plan(tenant)
    assert feed.get(uri).json() == [{"Id": "record-5", "Operation": "Send"}]


def test_faults_of_several_layers_can_meet_in_one_answer(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "turned"), Rule(BLOB, "gzip"), Rule(BLOB, "slow:0"))
    assert feed.get(uri).json() == {"value": [{"Id": "record-5", "Operation": "Send"}]}


# listings and pages


def listed(feed):
    return [row["contentId"] for row in feed.content().json()]


def test_rows_can_be_reordered_and_doubled(feed, tenant):
    usual = listed(feed)
    plan(tenant, Rule("activity/content", "reordered"))
    assert listed(feed) != usual
    assert sorted(listed(feed)) == sorted(usual)
    plan(tenant, Rule("activity/content", "doubled"))
    assert listed(feed) == [name for name in usual for _ in range(2)]


def test_a_blob_can_be_listed_later_than_it_says(feed, tenant, clock):
    first = tenant.blobs[0]
    plan(tenant, Rule("activity/row", f"late:{8 * HOUR}", key=first.content_id))
    assert first.content_id not in listed(feed)
    clock.now = first.created + 8 * HOUR
    tenant.faults.token_seconds = 99 * HOUR
    later = Feed(tenant, token_of(tenant))
    assert first.content_id in listed(later)
    later.close()


def test_a_blob_can_be_expired_missing_or_elsewhere_by_the_plan(feed, tenant, uri):
    for word, code in (("expired", "AF20051"), ("missing", "AF20050")):
        plan(tenant, Rule("activity/row", word))
        assert feed.get(uri).json()["error"]["code"] == code
    plan(tenant, Rule("activity/row", "foreign_host"))
    address = feed.content().json()[0]["contentUri"]
    assert address.split("/audit/")[0] != uri.split("/audit/")[0]
    assert feed._session.get(address).status_code == 200
    assert [stray.authorization[:7] for stray in tenant.strays] == ["Bearer "]


def followed(feed, pages):
    answer, seen = feed.content(), []
    for _ in range(pages):
        seen.append([row["contentId"] for row in answer.json()])
        if "NextPageUri" not in answer.headers:
            break
        answer = feed.get(answer.headers["NextPageUri"])
    return seen


def test_pages_can_go_on_for_ever(feed, tenant):
    tenant.faults.page_size = 4
    plan(tenant, Rule("activity/content", "endless"))
    pages = followed(feed, 9)
    assert len(pages) == 9
    assert all(pages)


def test_a_next_page_can_be_the_same_page(feed, tenant):
    tenant.faults.page_size = 4
    plan(tenant, Rule("activity/content", "loop"))
    pages = followed(feed, 4)
    assert pages == [pages[0]] * 4


def test_an_empty_page_can_name_the_full_one(feed, tenant):
    plan(tenant, Rule("activity/content", "empty_next"))
    first, second = followed(feed, 9)
    assert (len(first), len(second)) == (0, 6)


# clocks and certificates


def test_the_services_clock_can_jump(feed, tenant):
    tenant.faults.skew = -3 * HOUR
    assert len(listed(feed)) == 3
    tenant.faults.skew = 2 * HOUR
    assert feed.content().status_code == 401


def test_the_date_header_can_be_wrong_by_itself(feed, tenant):
    assert email.utils.parsedate_to_datetime(feed.content().headers["Date"]).timestamp() == NOW
    tenant.faults.date_skew = 86400
    assert email.utils.parsedate_to_datetime(feed.content().headers["Date"]).timestamp() == NOW + 86400


def test_the_certificate_can_be_of_a_stranger():
    with Office365(faults=Faults(untrusted=True)) as tenant, requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(tenant.uri, verify=str(tenant.ca_file))


def test_a_plan_is_the_same_in_every_run(records, clock):
    """The same shares of the same things fail, whoever asks first."""
    outcomes = []
    for order in (1, -1):
        rules = [Rule(BLOB, "503", share=0.5, tries=1, seed=3)]
        with Office365(records, clock=clock, faults=Faults(plan=rules), lag=lambda record: 60) as tenant:
            tenant.subscriptions["Audit.Exchange"] = "enabled"
            feed = Feed(tenant, token_of(tenant))
            uris = [row["contentUri"].split("/audit/")[1] for row in feed.content().json()][::order]
            outcomes.append(sorted((uri, feed.get("audit/" + uri).status_code) for uri in uris))
            assert {feed.get("audit/" + uri).status_code for uri in uris} == {200}
            feed.close()
    assert outcomes[0] == outcomes[1]
    assert {status for _, status in outcomes[0]} == {200, 503}


# what took effect


def test_a_word_counts_when_it_made_an_answer_another(feed, tenant, uri):
    plan(tenant, Rule(BLOB, "AF50000:1", calls=1), Rule(BLOB, "cut", after=1), Rule("activity/start", "503"))
    feed.get(uri)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        feed.get(uri).json()
    assert tenant.fired == {"AF50000": 1, "cut": 1}


def test_a_word_for_a_blob_counts_when_it_was_met(feed, tenant, uri):
    plan(tenant, Rule("activity/row", "expired"), Rule("activity/row", "late:86400", key="nothing"))
    feed.content()
    assert tenant.fired == {}
    feed.get(uri)
    assert tenant.fired == {"expired": 1}


def test_a_subscription_can_be_disabled_between_two_calls(feed, tenant):
    plan(tenant, Rule("activity/content", "disable", after=1, calls=1))
    assert feed.content().status_code == 200
    assert [feed.content().json()["error"]["code"] for _ in range(2)] == ["AF20023", "AF20023"]
    feed.post("subscriptions/start", contentType="Audit.Exchange")
    assert feed.content().status_code == 200


def test_a_list_may_lack_a_subscription_that_is_enabled(feed, tenant):
    plan(tenant, Rule("activity/list", "unlisted"))
    assert feed.get("subscriptions/list").json() == []
    answer = feed.post("subscriptions/start", contentType="Audit.Exchange")
    assert answer.json()["error"]["code"] == "AF20024"
