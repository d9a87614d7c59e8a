"""A TLS server on 127.0.0.1 with a throw-away authority, the log of what was asked of it, and the plan of its faults.

Knows nothing of Microsoft or Google: `office365` and `workspace` put their rules on top.
"""

from __future__ import annotations

import email.utils
import tempfile
import threading
import time
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple, Type

import trustme
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from workbench.errors import WorkbenchError
from workbench.tenants import mischief, wire
from workbench.tenants.faults import CommonFaults
from workbench.tenants.listener import Elsewhere, Listener, Stray
from workbench.tenants.plan import Call, Calls, Rule, words

_WORDS = "workbench.words"  # in the WSGI environment: the plan's words for this call
_NOTED = "workbench.noted"  # and those of them that took effect


class Request(NamedTuple):
    """One request: method, path, query (last value wins), the answer's status, known to the stand-in."""

    method: str
    path: str
    query: Dict[str, str]
    status: int
    known: bool


class UnknownRequestError(WorkbenchError):
    """A request the stand-in has no rule for; answered 501 and kept in `Served.unknown`."""


class Served:
    """A Flask app on https://127.0.0.1:<port> while the `with` block lasts.

    `uri` is scheme, host and port. An API of `apis`, by the first part of its endpoints' names, has an address of its
    own, `root(api)`, and is served at no other. `ca_file` is the PEM to verify all with; `requests` every request in
    order of arrival; `unknown` those for which there was no rule (answered 501, never guessed). `speech` maps the first
    part of an endpoint's name to how its errors are worded. `fired` counts the plan's words, without argument, and some
    of the switches, that made an answer another.
    """

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        faults: CommonFaults,
        ca: Optional[trustme.CA] = None,
        apis: Sequence[str] = (),
    ) -> None:
        self.requests: List[Request] = []
        self.fired: Counter[str] = Counter()
        self.uri = ""
        self.speech: Dict[str, mischief.Speak] = {}
        self._clock = clock
        self._faults = faults
        self._ca = ca or trustme.CA()
        self._lock = threading.Lock()
        self._calls = Calls()
        self._rules: List[Rule] = []
        self._planned: Dict[Tuple[str, str], List[str]] = {}
        self._ended: Set[str] = set()
        self._elsewhere: Optional[Elsewhere] = None
        self._apis = apis
        self._listeners: Dict[str, Listener] = {}
        self.app = Flask(name)
        self.app.json.sort_keys = False  # type: ignore[attr-defined]  # of its default provider
        self.app.before_request(self._refuse)
        self.app.after_request(self._finish)
        self.app.register_error_handler(HTTPException, _no_such_route)
        self.app.register_error_handler(UnknownRequestError, _not_known)

    def clock(self) -> float:
        """Now, as the service has it: epoch seconds."""
        return self._clock() + self._faults.skew

    def __enter__(self) -> Served:
        self._folder = tempfile.TemporaryDirectory(prefix="tenant-")
        folder = Path(self._folder.name)
        self.ca_file = folder / "ca.pem"
        stated = trustme.CA() if self._faults.untrusted else self._ca
        stated.cert_pem.write_to_path(str(self.ca_file))
        certificate = self._ca.issue_cert("127.0.0.1", "localhost")
        self._chain = folder / "server.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(str(self._chain))
        self.uri = self.root("")
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        closing = [threading.Thread(target=listener.close) for listener in self._listeners.values()]
        for each in closing:  # at once: each waits for its own last look
            each.start()
        for each in closing:
            each.join()
        self._listeners = {}
        if self._elsewhere:
            self._elsewhere.close()
        self._folder.cleanup()

    def root(self, api: str) -> str:
        """Scheme, host and port of an API; it listens from the first time that somebody wants to know."""
        with self._lock:
            if api not in self._listeners:
                self._listeners[api] = Listener(self.app, self._chain)
            return self._listeners[api].uri

    def api_at(self, root: str) -> Optional[str]:
        """The API at an address, "" for what is of none; None where nothing listens."""
        return next((api for api, listener in list(self._listeners.items()) if listener.uri == root), None)

    @property
    def elsewhere(self) -> str:
        """Scheme, host and port of a host that is not this service, for what leads there; it listens from now on."""
        with self._lock:
            self._elsewhere = self._elsewhere or Elsewhere(self._chain)
            return self._elsewhere.uri

    @property
    def strays(self) -> List[Stray]:
        """The calls that were led there, all that their senders gave away in them."""
        return self._elsewhere.calls if self._elsewhere else []

    @property
    def unknown(self) -> List[Request]:
        """The requests that were answered 501."""
        return [entry for entry in self.requests if not entry.known]

    def planned(self, endpoint: str, key: str) -> List[str]:
        """The words of the plan for a thing that is no call of its own, such as a row of a listing.

        They are worked out once: each page of a listing asks for all its rows.
        """
        if self._rules != self._faults.plan:
            self._rules, self._planned = list(self._faults.plan), {}
        known = self._planned
        found = known.get((endpoint, key))
        if found is None:
            found = known[endpoint, key] = words(self._rules, Call(endpoint, 1, key, 1))
        return found

    def plans(self, endpoint: str) -> bool:
        """Whether the plan says anything of such things, so that they need to be asked for one by one."""
        return any(fnmatchcase(endpoint, rule.endpoint) for rule in self._faults.plan)

    def note(self, *given: str) -> None:
        """Count words of the plan, or names of switches, that took effect."""
        with self._lock:
            self.fired.update(mischief.split(word)[0] for word in given)

    def _refuse(self) -> Optional[Response]:
        """The answer that the plan puts in place of the service's own; None for none."""
        endpoint = request.endpoint or ""
        self._require_address(endpoint.split("/")[0])
        given = words(self._faults.plan, self._calls.count(endpoint, _key()))
        strange = [word for word in given if not mischief.known(word)]
        if strange:
            raise UnknownRequestError(f"no fault {strange[0]!r}, which the plan has for {endpoint}")
        given = [f"redirect:{self.elsewhere}{request.path}" if word == "redirect" else word for word in given]
        request.environ[_WORDS] = given
        request.environ[_NOTED] = set()
        token = request.headers.get("Authorization", "")
        if has("token_ends"):
            self._ended.add(token)
        refusing = ["401"] if token and token in self._ended else given
        word, response = mischief.refusal(refusing, self.speech.get(endpoint.split("/")[0], mischief.plain))
        if word in given:
            request.environ[_NOTED].add(word)
        return response

    def _require_address(self, called: str) -> None:
        """Refuse a call of one API at the address of another: what would answer there is another service."""
        api = self.api_at(f"https://127.0.0.1:{request.environ['SERVER_PORT']}")
        if api != (called if called in self._apis else ""):
            raise UnknownRequestError(f"no rule for {request.method} {request.path} at {request.host_url}")

    def _finish(self, response: Response) -> Response:
        given = request.environ.get(_WORDS, [])
        spoilt, response = mischief.spoilt(given, response)
        request.environ[wire.FAULTS] = mischief.below(given)
        self.note(*request.environ.get(_NOTED, ()), *spoilt, *request.environ[wire.FAULTS])
        response.headers["Date"] = email.utils.formatdate(self.clock() + self._faults.date_skew, usegmt=True)
        if self._faults.delay:
            time.sleep(self._faults.delay)
        entry = Request(
            request.method,
            request.path,
            request.args.to_dict(),
            response.status_code,
            response.status_code != 501,
        )
        with self._lock:
            self.requests.append(entry)
        return response


def has(word: str) -> bool:
    """Whether the plan has this word for the present call; whoever asks lets it take effect."""
    found = word in request.environ.get(_WORDS, [])
    if found:
        request.environ[_NOTED].add(word)
    return found


def _key() -> str:
    """What a call asks for; a form's body is left out, as it bears what changes from try to try (assertions)."""
    return request.full_path + (request.get_data(as_text=True) if request.is_json else "")


def only(known: str) -> None:
    """Raise UnknownRequestError when a query parameter is not among the words of `known`."""
    strange = sorted(set(request.args) - set(known.split()))
    if strange:
        raise UnknownRequestError(f"no rule for the query parameter {strange[0]!r} of {request.method} {request.path}")


def _no_such_route(error: HTTPException) -> Response:
    return _not_known(UnknownRequestError(f"no rule for {request.method} {request.path} ({error.code})"))


def _not_known(error: UnknownRequestError) -> Response:
    response = jsonify({"error": {"code": "StandInDoesNotKnow", "message": str(error)}})
    response.status_code = 501
    return response
