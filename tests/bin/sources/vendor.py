"""A vendor's side of the wire, laid out by a test: what each address answers, and what was asked of it.

requests' own session talks to it through an adapter, so redirects, headers and parameters are as in earnest; no socket
is opened and no time passes.
"""

import io
import json
import threading
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from delegation_watch.sources.activity_api import ActivityApi
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Checkpoint, Tally
from delegation_watch.sources.http import Http, Token
from delegation_watch.sources.office365 import Office365Feed, ensure_subscriptions
from delegation_watch.sources.workspace import WorkspaceFeed

HOUR, DAY = 3600, 86400
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc).timestamp()
TENANT = "11111111-2222-3333-4444-555555555555"
ROOT = "https://manage.test"
FEED = f"{ROOT}/api/v1.0/{TENANT}/activity/feed/"
CONTENT = FEED + "subscriptions/content"
START = FEED + "subscriptions/start"
LIST = FEED + "subscriptions/list"
GOOGLE = "https://reports.test"


class Call(NamedTuple):
    """One request as it went out."""

    method: str
    url: str
    query: dict
    headers: dict
    body: str


class Answer(NamedTuple):
    """What comes back; a body that is no text is written as JSON."""

    body: object = ""
    status: int = 200
    headers: dict = {}  # noqa: RUF012  never changed


class Vendor(requests.adapters.BaseAdapter):
    """Answers by method and address without the query; the last answer laid out for an address is given for ever."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self._answers = {}
        self._lock = threading.Lock()

    def on(self, method, url, *answers):
        """Lay out answers: an Answer, an exception to raise, or a function of the Call."""
        self._answers[method, url] = list(answers)

    def to(self, url):
        """The calls to one address."""
        return [call for call in self.calls if call.url == url]

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        parts = urlsplit(request.url)
        url = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        call = Call(request.method, url, dict(parse_qsl(parts.query)), dict(request.headers), body)
        with self._lock:
            self.calls.append(call)
            laid_out = self._answers[call.method, url]
            answer = laid_out.pop(0) if len(laid_out) > 1 else laid_out[0]
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, Exception):
            raise answer
        return self._response(request, answer)

    def close(self):
        """Nothing is open."""

    def _response(self, request, answer):
        response = requests.Response()
        response.status_code = answer.status
        response.url = request.url
        response.request = request
        response.headers.update(answer.headers)
        body = answer.body if isinstance(answer.body, (str, bytes)) else json.dumps(answer.body)
        response._content = body.encode() if isinstance(body, str) else body
        response.raw = io.BytesIO(response._content)
        response.raw.seek(0, io.SEEK_END)  # all of it is read
        response.encoding = "utf-8"
        return response


def refusal(code, status=400, text="as the vendor puts it", **headers):
    """An error of the Management Activity API."""
    return Answer({"error": {"code": code, "message": text}}, status, headers)


def stamp(time, form="%Y-%m-%dT%H:%M:%S"):
    return datetime.fromtimestamp(time, timezone.utc).strftime(form)


def blob_uri(number):
    return f"{FEED}audit/blob-{number}"


def listed(number, minutes_ago=30, **changes):
    """One entry of a listing."""
    created = NOW - minutes_ago * 60
    return {
        "contentType": "Audit.Exchange", "contentId": f"blob-{number}", "contentUri": blob_uri(number),
        "contentCreated": stamp(created) + ".250Z", "contentExpiration": stamp(created + 7 * DAY) + ".250Z", **changes,
    }  # fmt: skip


def record(number, **more):
    return {"CreationTime": stamp(NOW - HOUR - number), "Id": f"record-{number}", "Operation": "Send", **more}


class Collector:
    """The code under test on one side, a Vendor on the other, a clock and a sleep that only count in between."""

    def __init__(self):
        self.vendor = Vendor()
        self.session = requests.Session()
        self.session.mount("https://", self.vendor)
        self.slept = []
        self.now = NOW
        self.http = Http(session=self.session, sleep=self.slept.append)
        self.tokens = []
        self.token_life = 3599
        self.token = Token(self._fetch, clock=lambda: self.now)
        self.api = ActivityApi(self.http, ROOT, TENANT, self.token)
        self.tally = Tally()

    def _fetch(self):
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return self.tokens[-1], self.now + self.token_life

    def blobs(self, *numbers):
        """These blobs, half an hour old, each with one record of its own number."""
        self.list(*map(listed, numbers))
        for number in numbers:
            self.vendor.on("GET", blob_uri(number), Answer([record(number)]))

    def list(self, *entries):
        """One page for each window, of what became available in it."""

        def page(call):
            inside = [entry for entry in entries
                      if call.query["startTime"] <= entry["contentCreated"] < call.query["endTime"]]  # fmt: skip
            return Answer(inside)

        self.vendor.on("GET", CONTENT, page)

    def subscribe(self, *content_types):
        return list(ensure_subscriptions(self.api, dict.fromkeys(content_types, self.tally)))

    def read(self, state=None, first=NOW - HOUR, connections=4, now=NOW):
        """A run: (texts of its events, the last checkpoint's state)."""
        self.tally = Tally()
        feed = Office365Feed(self.api, "Audit.Exchange", connections, self.tally)
        return drained(feed.read(state or {}, first, now), state)

    def interrupted(self, error, state=None, connections=1, now=NOW, first=NOW - HOUR):
        """A run that ends in this error: what it gave until then, as read() does."""
        self.tally = Tally()
        feed = Office365Feed(self.api, "Audit.Exchange", connections, self.tally)
        items = []
        with pytest.raises(error):
            items.extend(feed.read(state or {}, first, now))
        return drained(items, state)

    def workspace(self, state=None, first=NOW - HOUR, application="admin", customer="C1", now=NOW, names=("C1",)):
        """The same of a Workspace application."""
        self.tally = Tally()
        feed = WorkspaceFeed(self.http, GOOGLE, application, customer, self.token, self.tally, names)
        return drained(feed.read(state or {}, first, now), state)


def drained(items, before=None):
    """(texts, state) of a run, the state as it comes back from where it is kept: see `kept`."""
    events, state = [], before
    for item in items:
        if isinstance(item, Checkpoint):
            state = kept(item.state, state)
        else:
            events += [event.raw for event in events_in([item])]
    return events, state


def events_in(items):
    """The events of a run, whether they came one by one or many together."""
    given = (item if isinstance(item, list) else [item] for item in items if not isinstance(item, Checkpoint))
    return [event for together in given for event in together]


def attempted(reader, most):
    """(items of the last attempt, how many before it an outage ended); so many at most, each behind the one before."""
    state = {}
    for ended in range(most):
        items = []
        try:
            for item in reader.read(state, 0, NOW):
                items.append(item)
            return items, ended
        except SourceError:
            state = next((kept(item.state, state) for item in reversed(items) if isinstance(item, Checkpoint)), state)
    raise AssertionError(f"{most} attempts, and none came to the sweep's end")


def kept(state, before):
    """A checkpoint's state, with the segments of its memories and notes that it has not changed."""
    state = json.loads(json.dumps(state))
    for name, part in state.items():
        if isinstance(part, dict) and "segments" in part:
            earlier = ((before or {}).get(name) or {}).get("segments", {})
            part["segments"] = {**earlier, **part["segments"]}
    return state


def numbers(events):
    """The numbers of the records that these texts hold."""
    return [int(json.loads(text)["Id"].rpartition("-")[2]) for text in events]
