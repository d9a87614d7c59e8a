"""What each error code of the Management Activity API makes the collector do."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from delegation_watch.sources.errors import RefusedError

from tests.bin.sources.vendor import CONTENT, LIST, START, Answer, blob_uri, listed, numbers, record, refusal

# The codes of the reference that no collector can do anything about.
HOPELESS = [
    "AF10001", "AF20001", "AF20002", "AF20003", "AF20010", "AF20011", "AF20012",
    "AF20013", "AF20020", "AF20021", "AF20030", "AF20053", "AF20054", "AF20055",
]  # fmt: skip


@pytest.mark.parametrize("code", HOPELESS)
def test_a_refusal_that_no_repetition_mends_is_told_at_once(collector, code):
    collector.vendor.on("GET", CONTENT, refusal(code, text="so it is"))
    with pytest.raises(RefusedError, match=rf"HTTP 400: {code}.*: so it is$") as caught:
        collector.read()
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert (len(collector.vendor.calls), collector.slept) == (1, [])


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AF10001", "ActivityFeed.Read"),
        ("AF20011", "unified audit is not switched on"),
        ("AF20013", "must be given as a GUID"),
        ("AF20030", "check the clock"),
        ("AF20055", "check the clock"),
    ],
)
def test_the_line_says_what_the_person_can_do(collector, code, advice):
    collector.vendor.on("GET", CONTENT, refusal(code))
    with pytest.raises(RefusedError, match=advice):
        collector.read()


@pytest.mark.parametrize("code", ["AF20022", "AF20023"])
def test_a_subscription_that_is_missing_or_disabled_is_started_and_the_listing_begun_anew(collector, code):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, refusal(code), Answer([listed(1)]))
    collector.vendor.on("POST", START, Answer({"contentType": "Audit.Exchange", "status": "enabled"}))
    events, _ = collector.read()
    assert numbers(events) == [1]
    [started] = collector.vendor.to(START)
    assert started.query["contentType"] == "Audit.Exchange"


def test_a_subscription_that_stays_disabled_ends_the_feed(collector):
    collector.vendor.on("GET", CONTENT, refusal("AF20023"))
    collector.vendor.on("POST", START, Answer({}))
    with pytest.raises(RefusedError, match="AF20023"):
        collector.read()
    assert len(collector.vendor.to(CONTENT)) <= 3


def test_a_subscription_that_is_enabled_already_is_a_success(collector):
    collector.vendor.on("GET", LIST, Answer([]))
    collector.vendor.on("POST", START, refusal("AF20024"))
    collector.subscribe("Audit.Exchange")
    assert len(collector.vendor.to(START)) == 1
    assert collector.tally.failed == []


def test_a_next_page_that_is_refused_begins_the_listing_anew_without_reading_a_blob_twice(collector):
    collector.blobs(1, 2)
    next_page = Answer([listed(1)], headers={"NextPageUri": CONTENT + "?nextPage=2026112006R000000000001"})
    collector.vendor.on("GET", CONTENT, next_page, refusal("AF20031"), Answer([listed(1), listed(2)]))
    events, _ = collector.read()
    assert numbers(events) == [1, 2]
    assert len(collector.vendor.to(blob_uri(1))) == 1
    asked = [("nextPage" in call.query, call.query.get("startTime")) for call in collector.vendor.to(CONTENT)]
    assert asked == [(False, "2026-11-20T11:00:00"), (True, None), (False, "2026-11-20T11:00:00")]


def test_a_next_page_that_is_always_refused_ends_the_feed_without_a_checkpoint(collector):
    collector.blobs(1)
    next_page = Answer([listed(1)], headers={"NextPageUri": CONTENT + "?nextPage=x"})
    collector.vendor.on("GET", CONTENT, lambda call: refusal("AF20031") if "nextPage" in call.query else next_page)
    with pytest.raises(RefusedError, match="AF20031"):
        collector.read()


@pytest.mark.parametrize("code", ["AF20050", "AF20051", "AF20052"])
def test_content_that_is_gone_is_a_loss_that_is_counted_told_and_not_asked_for_again(collector, code):
    collector.blobs(1, 2)
    collector.vendor.on("GET", blob_uri(1), refusal(code))
    events, state = collector.read()
    assert numbers(events) == [2]
    assert (collector.tally.lost, collector.tally.failed) == (1, [])
    [warning] = collector.tally.warnings
    assert "content blob-1 is lost" in warning
    assert code in warning
    collector.read(state)
    assert len(collector.vendor.to(blob_uri(1))) == 1
    assert collector.tally.lost == 0


@pytest.mark.parametrize(
    "busy",
    [
        refusal("AF429", 403, "Too many requests. Method=GetBlob, PublisherId=00000000-0000-0000-0000-000000000000"),
        refusal("AF429", 429),
        Answer({"error": {"code": "429", "message": "Too many requests."}}, 403),
        refusal("AF50000", 500),
        refusal("AF50000", 400),
        Answer("<html>Bad gateway</html>", 502),
        Answer("", 503),
    ],
    ids=["403-AF429", "429", "403-plain-429", "500-AF50000", "400-AF50000", "502-html", "503-empty"],
)
@pytest.mark.parametrize("where", ["listing", "blob"])
def test_later_is_tried_again_after_a_growing_pause(collector, busy, where):
    collector.blobs(1)
    url, answer = {"listing": (CONTENT, Answer([listed(1)])), "blob": (blob_uri(1), Answer([record(1)]))}[where]
    collector.vendor.on("GET", url, busy, busy, busy, answer)
    events, _ = collector.read()
    assert numbers(events) == [1]
    assert len(collector.vendor.to(url)) == 4
    one, two, three = collector.slept
    assert 0.5 < one < 1.5 < two < 2.6 < three < 5.1


def test_retry_after_says_how_long_to_wait(collector):
    collector.blobs(1)
    patience = [refusal("AF429", 429, **{"Retry-After": "17"}), refusal("AF429", 403, **{"Retry-After": "3"})]
    collector.vendor.on("GET", CONTENT, *patience, Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert collector.slept == [17.0, 3.0]


def test_a_retry_after_may_be_a_date(collector):
    collector.blobs(1)
    soon = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=140), usegmt=True)
    collector.vendor.on("GET", CONTENT, refusal("AF429", 429, **{"Retry-After": soon}), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert 1 < collector.slept[0] <= 140


@pytest.mark.parametrize("year", [2015, 2099])
def test_a_retry_after_that_is_a_date_is_of_the_vendors_clock(collector, year):
    collector.blobs(1)
    dates = {"Date": f"Fri, 20 Nov {year} 11:59:20 GMT", "Retry-After": f"Fri, 20 Nov {year} 12:00:00 GMT"}
    collector.vendor.on("GET", CONTENT, refusal("AF429", 429, **dates), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert collector.slept == [40]


@pytest.mark.parametrize("after", ["0", "Fri, 20 Nov 2015 12:00:00 GMT"])
def test_who_is_told_to_come_again_at_once_and_refused_again_waits_longer_each_time(collector, after):
    collector.blobs(1)
    patience = [refusal("AF429", 429, **{"Retry-After": after})] * 6
    collector.vendor.on("GET", CONTENT, *patience, Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert all(0.75 * 2**number <= slept <= 1.25 * 2**number for number, slept in enumerate(collector.slept))
    assert len(collector.slept) == 6


def test_a_retry_after_beyond_reason_is_cut(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, refusal("AF429", 429, **{"Retry-After": "86400"}), Answer([listed(1)]))
    collector.read()
    assert collector.slept == [300.0]


@pytest.mark.parametrize("after", ["soon", "-5", "\xb2", ""])
def test_a_retry_after_that_is_no_number_is_as_if_there_were_none(collector, after):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, refusal("AF429", 429, **{"Retry-After": after}), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert 0.5 < collector.slept[0] < 1.5


def test_trying_again_has_an_end(collector):
    collector.vendor.on("GET", CONTENT, refusal("AF50000", 500))
    with pytest.raises(RefusedError, match="AF50000: an internal error at Microsoft"):
        collector.read()
    assert len(collector.vendor.calls) == 2 * 7  # of the window, and of the last minutes
    assert sum(collector.slept) < 200


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer({"Message": "Authorization has been denied for this request."}, 403), "Authorization has been denied"),
        (Answer({"error": "plain text"}, 400), "HTTP 400: plain text"),
        (Answer("<html>\n<b>No</b>\n</html>", 403), 'HTTP 403: a page of HTML ("No")'),
        (Answer(["AF20020"], 400), "HTTP 400: AF20020"),
        (Answer({"error": {"code": None, "message": None}}, 400), "HTTP 400"),
        (Answer("", 400), "HTTP 400"),
    ],
)
def test_an_error_of_any_form_is_one_line(collector, answer, text):
    collector.vendor.on("GET", CONTENT, answer)
    with pytest.raises(RefusedError) as caught:
        collector.read()
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tenant_without_unified_audit_is_told_so_although_the_code_is_cut_in_two(collector):
    where = "StartSubscription [CorrId=1][TenantId=x,ContentType=Audit.Exchange][AppId"
    said = f"1111] failed. Exception: Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {'x' * 36} does "
    collector.vendor.on("GET", LIST, Answer([]))
    collector.vendor.on("POST", START, refusal(where, text=said + "not exist."))
    collector.subscribe("Audit.Exchange")
    [line] = collector.tally.failed
    assert line.startswith("Audit.Exchange: ")
    assert "unified audit is not switched on in this tenant" in line
