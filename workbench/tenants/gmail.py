"""Gmail's delegates of one customer, singly and in batches.

Rules: reference workspace.md parts 2 and 5. The texts of a refused `create`, and the status 409 of one that stands
already, are [unverified]. A batch is answered where Google's default path has it, `/batch/gmail/v1`.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import Counter
from email.parser import BytesParser
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import unquote

from flask import Response, jsonify, request

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.google_errors import error, error_body, planned
from workbench.tenants.google_people import GooglePeople
from workbench.tenants.plan import Calls, words
from workbench.tenants.records import GOOGLE, Record, milliseconds
from workbench.tenants.served import Served, UnknownRequestError, only
from workbench.tenants.service_account import CLIENT_ID, SETTINGS, SHARING, Grant, ServiceAccount

LARGEST_BATCH = 100
# Units a minute: of the project, of one user; and what a call costs.
PROJECT_UNITS, USER_UNITS = 1_200_000, 6_000
_COST = {"list": 1, "get": 1, "create": 100, "delete": 5}
_MAIL = "https://www.googleapis.com/auth/gmail."
_READ = frozenset((SETTINGS, _MAIL + "readonly", _MAIL + "modify", "https://mail.google.com/"))
_PATH = re.compile(r"^/gmail/v1/users/([^/]+)/settings/delegates(?:/([^/]+))?$")
_METHODS = {("GET", False): "list", ("POST", False): "create", ("GET", True): "get", ("DELETE", True): "delete"}
# What a plan may have for gmail/part beside a status, and the body with which the mailbox is then answered.
PARTS: Dict[str, Any] = {
    "missing": None,
    "error_in_200": error_body(500, "backendError", "Internal error encountered."),
    "turned": [],
    "not_a_list": {"delegates": {"delegateEmail": "x@y.example"}},
    "nameless": {"delegates": [{"verificationStatus": "accepted"}]},
    "nothing": None,
}


class Answered(NamedTuple):
    """An answer: status, and its JSON, None where there is no body."""

    status: int
    body: Any = None


class _GmailError(Exception):
    def __init__(self, status: int, reason: str, text: str) -> None:
        self.answer = Answered(status, error_body(status, reason, text))


class Gmail:
    """The delegates of a `Standing`; adds its routes to a `Served`. `publish` takes the activities of `own_calls`."""

    def __init__(
        self,
        site: Served,
        account: ServiceAccount,
        people: GooglePeople,
        faults: GoogleFaults,
        customer: str,
        publish: Callable[[Record], None],
    ) -> None:
        self._site = site
        self._account = account
        self._people = people
        self._faults = faults
        self._customer = customer
        self._publish = publish
        self._lock = threading.Lock()
        self._used: Counter[Tuple[int, str]] = Counter()
        self._parts = Calls()
        site.speech["gmail"] = planned
        methods = ["GET", "POST", "DELETE"]
        site.app.add_url_rule("/gmail/v1/<path:rest>", "gmail/delegates", self._one, methods=methods)
        site.app.add_url_rule("/batch/gmail/v1", "gmail/batch", self._batch, methods=["POST"])

    def _one(self, rest: str) -> Response:
        only("alt prettyPrint")
        answered = self._answer(
            request.method, "/gmail/v1/" + rest, request.headers.get("Authorization", ""), request.get_data()
        )
        response = Response(status=204) if answered.body is None else jsonify(answered.body)
        response.status_code = answered.status
        return response

    def _answer(self, method: str, path: str, authorization: str, body: bytes) -> Answered:
        try:
            found = _PATH.match(path)
            call = _METHODS.get((method, bool(found and found.group(2))))
            if not found or not call:
                raise _GmailError(404, "notFound", "Requested entity was not found.")
            grant = self._grant(call, authorization)
            self._spend(grant.subject, _COST[call])
            owner = self._owner(unquote(found.group(1)), grant)
            if self._faults.own_calls:
                self._publish(self._own_call(call, owner))
            return self._do(call, owner, unquote(found.group(2) or ""), body)
        except _GmailError as refused:
            return refused.answer

    def _grant(self, call: str, authorization: str) -> Grant:
        scheme, _, token = authorization.partition(" ")
        grant = self._account.grant(token) if scheme == "Bearer" else None
        if grant is None:
            raise _GmailError(401, "authError", "Request had invalid authentication credentials.")
        if not grant.scopes & (_READ if call in ("list", "get") else frozenset((SHARING,))):
            raise _GmailError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        return grant

    def _spend(self, subject: str, units: int) -> None:
        minute = int(self._site.clock() // 60)
        with self._lock:
            for name, most in (("", PROJECT_UNITS), (subject, USER_UNITS)):
                self._used[minute, name] += units
                if self._used[minute, name] > most:
                    raise _GmailError(403, "userRateLimitExceeded" if name else "rateLimitExceeded", "Quota exceeded.")

    def _owner(self, user: str, grant: Grant) -> str:
        if user != "me" and user.lower() != grant.subject:
            raise _GmailError(403, "forbidden", f"Delegation denied for {grant.subject}")
        if not self._people.has_gmail(grant.subject):
            raise _GmailError(400, "failedPrecondition", "Mail service not enabled")
        return grant.subject

    def _do(self, call: str, owner: str, delegate: str, body: bytes) -> Answered:
        standing = self._people.standing.gmail
        if call == "create":
            return self._create(owner, body)
        with self._lock:
            listed = standing.get(owner, [])
            found = [pair for pair in listed if pair[0].lower() == delegate.lower()]
            if call == "list":
                return Answered(200, {"delegates": [_shown(pair) for pair in listed]} if listed else {})
            if not found:
                raise _GmailError(404, "notFound", "Requested entity was not found.")
            if call == "get":
                return Answered(200, _shown(found[0]))
            standing[owner] = [pair for pair in listed if pair not in found]
        return Answered(204)

    def _create(self, owner: str, body: bytes) -> Answered:
        given = _json(body)
        delegate = given.get("delegateEmail") if isinstance(given, dict) else None
        if not isinstance(delegate, str) or set(given) - {"delegateEmail", "verificationStatus"}:
            raise _GmailError(400, "invalidArgument", "Invalid delegate")
        groups = [group.address.lower() for group in self._people.groups()]
        if delegate.lower() not in [one.upn.lower() for one in self._people.users()] + groups:
            raise _GmailError(400, "invalidArgument", "Invalid delegate")
        with self._lock:
            listed = self._people.standing.gmail.setdefault(owner, [])
            if any(pair[0].lower() == delegate.lower() for pair in listed):
                raise _GmailError(409, "alreadyExists", "Requested entity already exists")
            listed.append((delegate, "accepted"))
        return Answered(200, _shown((delegate, "accepted")))

    def _own_call(self, call: str, owner: str) -> Record:
        """The activity of the `token` application that a call leaves behind: owner and client, never the delegate."""
        now = self._site.clock()
        account = self._people.user(owner)
        values = {"api_name": "gmail", "method_name": f"gmail.users.settings.delegates.{call}", "client_id": CLIENT_ID,
                  "app_name": CLIENT_ID, "client_type": "WEB", "product_bucket": "GMAIL"}  # fmt: skip
        parameters: List[Dict[str, str]] = [{"name": name, "value": value} for name, value in values.items()]
        parameters.append({"name": "num_response_bytes", "intValue": "2"})
        identity = {"time": milliseconds(now), "uniqueQualifier": str(secrets.randbits(63)),
                    "applicationName": "token", "customerId": self._customer}  # fmt: skip
        actor = {"email": owner, "profileId": account.object_id if account else ""}
        body = {"kind": "admin#reports#activity", "id": identity, "etag": f'"{secrets.token_hex(16)}"', "actor": actor,
                "events": [{"type": "auth", "name": "activity", "parameters": parameters}]}  # fmt: skip
        return Record(now, GOOGLE + "token", body)

    # batches

    def _batch(self) -> Response:
        only("")
        if self._faults.no_batches:
            return error(404, "notFound", "Not Found")
        kind = request.headers.get("Content-Type", "")
        message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.get_data())
        parts: Any = message.get_payload() if message.is_multipart() else None
        if message.get_content_type() != "multipart/mixed" or not parts or message.defects:
            return error(400, "badRequest", "Failed to parse batch request, error: no multipart/mixed body.")
        if len(parts) > LARGEST_BATCH:
            return error(400, "badRequest", f"The batch request has {len(parts)} calls; at most {LARGEST_BATCH}.")
        if any(part.get_content_type() != "application/http" for part in parts):
            return error(400, "badRequest", "Failed to parse batch request, error: a part is no application/http.")
        outer = request.headers.get("Authorization", "")
        answers = [self._part(part, outer) for part in parts]
        answers = [text for text in answers if text]
        if self._faults.shuffled:
            answers = answers[1::2] + answers[0::2]
        mark = "batch_" + secrets.token_hex(8)
        body = "".join(f"--{mark}\r\n{text}\r\n" for text in answers) + f"--{mark}--\r\n"
        return Response(body, 200, content_type=f"multipart/mixed; boundary={mark}")

    def _part(self, part: Any, outer: str) -> str:
        """The answer to one part, empty where a fault leaves it out."""
        head, _, body = part.get_payload(decode=True).replace(b"\r\n", b"\n").partition(b"\n\n")
        first, *lines = head.decode("latin-1").split("\n")
        call = first.split(" ")
        if len(call) != 3 or not call[1].startswith("/") or not call[2].startswith("HTTP/1."):
            raise UnknownRequestError(f"no rule for a part of a batch that begins {first!r}")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        authorization = headers.get("authorization", outer)
        answered = self._faulty(authorization) or self._answer(call[0], call[1], authorization, body)
        if answered.status == 0:
            return ""
        text = "" if answered.body is None else json.dumps(answered.body, indent=1)
        given = part.get("Content-ID", "").strip()
        named = f"Content-ID: <response-{given[1:-1]}>\r\n" if given else ""
        return (
            f"Content-Type: application/http\r\n{named}\r\nHTTP/1.1 {answered.status} As Told\r\n"
            f"Content-Type: application/json; charset=UTF-8\r\nVary: Origin\r\n\r\n{text}"
        )

    def _faulty(self, authorization: str) -> Optional[Answered]:
        grant = self._account.grant(authorization.partition(" ")[2])
        if not grant:
            return None
        for word in words(self._faults.plan, self._parts.count("gmail/part", grant.subject)):
            self._site.note(word)
            if word.isdigit():
                return Answered(int(word), planned(int(word), ""))
            return Answered(0 if word == "missing" else 200, PARTS[word])
        return None


def _shown(pair: Tuple[str, str]) -> Dict[str, str]:
    return {"delegateEmail": pair[0], "verificationStatus": pair[1]}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
