"""Pace and faults that all of Google's APIs share, and batches on paper."""

import pytest
from delegation_watch.sources.batch import compose, replies
from delegation_watch.sources.errors import RefusedError, SettingsError, SignInError, UnreachableError
from delegation_watch.sources.google_api import QUOTA, Pace, fault, later
from delegation_watch.sources.sweep import passing


class Clock:
    def __init__(self):
        self.now = 1000.0
        self.slept = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept += seconds
        self.now += seconds


def test_ten_seconds_worth_may_come_at_once_and_the_rest_goes_at_the_pace():
    clock = Clock()
    pace = Pace(600, clock, clock.sleep)
    for _ in range(100):
        pace.take()
    assert clock.slept == pytest.approx(0, abs=1e-6)
    for _ in range(600):
        pace.take()
    assert clock.slept == pytest.approx(60)


def test_no_minute_has_more_than_its_quota_whatever_came_before():
    clock = Clock()
    pace = Pace(600, clock, clock.sleep)
    clock.now += 3600
    start = clock.now
    for _ in range(1000):
        pace.take()
    assert clock.now - start == pytest.approx(90)


def test_a_call_of_many_units_costs_as_many():
    clock = Clock()
    pace = Pace(600, clock, clock.sleep)
    pace.take(100)
    pace.take(50)
    assert clock.slept == pytest.approx(5)


def reasons(*names, **more):
    return {"error": {"code": 403, "message": "no\n more", "errors": [{"reason": name} for name in names], **more}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (reasons("forbidden"), "forbidden"),
        (reasons("forbidden", "rateLimitExceeded"), "rateLimitExceeded"),
        (reasons("forbidden", details=[{"reason": "SERVICE_DISABLED"}]), "SERVICE_DISABLED"),
        ({"error": {"status": "PERMISSION_DENIED"}}, "PERMISSION_DENIED"),
        ({"error": "invalid_grant"}, ""),
        ({"error": {"errors": ["text"], "details": {}}}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_reason_that_says_most_is_taken(body, reason):
    assert fault(body).reason == reason


@pytest.mark.parametrize(
    ("status", "body", "again"),
    [(429, None, True), (500, None, True), (503, {}, True), (403, reasons("quotaExceeded"), True),
     (200, reasons("backendError"), True), (403, reasons("forbidden"), False), (400, None, False), (200, {}, False)],
)  # fmt: skip
def test_what_is_asked_again_later(status, body, again):
    assert later(status, body) is again


@pytest.mark.parametrize(
    ("error", "is_passing"),
    [(UnreachableError("down"), True), (RefusedError("x", 503), True), (RefusedError("x", 403, "quotaExceeded"), True),
     (SignInError("x", 503), True), (RefusedError("x", 403, "forbidden"), False), (SignInError("x", 400), False),
     (SettingsError("x"), False), (RefusedError("redirect", 302), False)],
)  # fmt: skip
def test_which_errors_another_run_may_not_meet(error, is_passing):
    assert passing(error, QUOTA) is is_passing


def test_a_batch_bears_a_token_and_an_id_for_each_call():
    kind, body = compose([("/one", "t1"), ("/two", "t2")])
    boundary = kind.partition('boundary="')[2].rstrip('"')
    assert kind.startswith("multipart/mixed; ")
    assert body.decode() == (
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <p0>\r\n\r\n"
        "GET /one HTTP/1.1\r\nAuthorization: Bearer t1\r\nAccept: application/json\r\n\r\n\r\n"
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <p1>\r\n\r\n"
        "GET /two HTTP/1.1\r\nAuthorization: Bearer t2\r\nAccept: application/json\r\n\r\n\r\n"
        f"--{boundary}--\r\n"
    )


def part(number, text, kind="application/http"):
    return f"--b\r\nContent-Type: {kind}\r\nContent-ID: <response-p{number}>\r\n\r\n{text}\r\n"


BAD = "HTTP/1.1 404 Not Found\r\n\r\n"
GOOD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"delegates": []}'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (part(0, GOOD) + part(1, BAD) + "--b--", {0: (200, {"delegates": []}), 1: (404, None)}),
        (part(0, GOOD) + part(0, GOOD) + part(1, GOOD) + "--b--", {1: (200, {"delegates": []})}),
        (part(0, GOOD[:-3]), {}),
        (part(0, "no answer") + "--b--", {}),
        (part("x", GOOD) + "--b--", {}),
        (part(0, GOOD.replace("\r\n", "\n")) + "--b--", {0: (200, {"delegates": []})}),
        ("no parts", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_only_whole_answers_count(text, found):
    assert replies("multipart/mixed; boundary=b", text.encode()) == found


def test_an_answer_of_another_type_holds_none():
    assert replies("application/json", b"{}") == {}
    assert replies("", b"") == {}
