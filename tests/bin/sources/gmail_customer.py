"""A customer of Gmail whose users and delegates a test lays out, and what a sweep of it gave."""

import base64
import json
import re
from collections import Counter
from urllib.parse import parse_qs

import pytest
import requests
from delegation_watch.sources import google
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Event
from delegation_watch.sources.gmail import GmailSweep
from delegation_watch.sources.http import Http

from tests.bin.sources.vendor import NOW, Answer, Vendor

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


def sign_nothing(monkeypatch):
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
