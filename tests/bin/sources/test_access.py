"""The Office 365 feed: where its token goes, where it never goes, and when it is renewed."""


import pytest
from delegation_watch.sources.errors import RefusedError

from tests.bin.sources.vendor import (
    CONTENT,
    Answer,
    blob_uri,
    listed,
    numbers,
    record,
)


@pytest.mark.parametrize(
    "foreign",
    [
        "https://content.example.net/blob", "https://manage.test.example.net/blob", "https://manage.test:8443/blob",
        "http://manage.test/blob", "https://manage.test@example.net/blob", "https://user@manage.test/blob",
        "//example.net/blob", "/blob", "file:///etc/passwd", "https://manage.test:port/blob",
        "https://manage.test\\.example.net/blob", "",
    ],
)  # fmt: skip
def test_no_token_leaves_for_an_address_that_is_not_the_vendors(collector, foreign):
    collector.blobs(2)
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentUri=foreign), listed(2)]))
    events, _ = collector.read()
    assert numbers(events) == [2]
    assert {call.url for call in collector.vendor.calls} == {CONTENT, blob_uri(2)}
    assert len(collector.tally.failed) + collector.tally.lost == 1


def test_no_token_leaves_for_a_next_page_that_is_not_the_vendors(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer([listed(1)], headers={"NextPageUri": "https://example.net/page"}))
    with pytest.raises(RefusedError, match=r"refused to call example\.net: only manage\.test:443"):
        collector.read()
    assert "example.net" not in str(collector.vendor.calls)


def test_the_vendors_host_may_be_written_in_any_case_and_with_its_port(collector):
    collector.vendor.on("GET", CONTENT, Answer([listed(1, contentUri="https://MANAGE.test:443/x")]))
    collector.vendor.on("GET", "https://manage.test/x", Answer([record(1)]))
    collector.vendor.on("GET", "https://manage.test:443/x", Answer([record(1)]))
    assert numbers(collector.read()[0]) == [1]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(collector, status):
    collector.vendor.on("GET", CONTENT, Answer("", status, {"Location": "https://manage.test/elsewhere"}))
    with pytest.raises(RefusedError, match="redirect"):
        collector.read()
    assert len(collector.vendor.calls) == 1


def test_a_token_that_is_refused_is_renewed_once(collector):
    collector.blobs(1)
    collector.vendor.on("GET", CONTENT, Answer({}, 401), Answer([listed(1)]))
    assert numbers(collector.read()[0]) == [1]
    assert [call.headers["Authorization"] for call in collector.vendor.calls] == [
        "Bearer token-1", "Bearer token-2", "Bearer token-2",
    ]  # fmt: skip


def test_a_token_that_is_refused_twice_ends_the_feed_with_advice(collector):
    collector.vendor.on("GET", CONTENT, Answer({"Message": "Authorization has been denied for this request."}, 401))
    with pytest.raises(RefusedError, match="check tenant, cloud and the application's permission ActivityFeed"):
        collector.read()
    assert len(collector.vendor.calls) == 2
    assert collector.slept == []


def test_threads_that_meet_the_same_refused_token_renew_it_once(collector):
    collector.blobs(*range(20))
    good = [record(number) for number in range(20)]

    def answer(call):
        number = int(call.url.rpartition("-")[2])
        return Answer([good[number]]) if call.headers["Authorization"] == "Bearer token-2" else Answer({}, 401)

    for number in range(20):
        collector.vendor.on("GET", blob_uri(number), answer)
    assert numbers(collector.read()[0]) == list(range(20))
    assert collector.tokens == ["token-1", "token-2"]


def test_a_token_about_to_end_is_renewed_before_it_is_refused(collector):
    collector.token_life = 1000
    collector.blobs(1, 2, 3)

    def slow(call):
        collector.now += 400
        return Answer([record(int(call.url[-1]))])

    for number in (1, 2, 3):
        collector.vendor.on("GET", blob_uri(number), slow)
    assert numbers(collector.read(connections=1)[0]) == [1, 2, 3]
    used = [call.headers["Authorization"] for call in collector.vendor.calls]
    assert used == ["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"]
