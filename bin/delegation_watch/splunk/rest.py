"""Requests of the app's pages: who asks, whether they may, which function answers, and how errors are said.

An answer is a JSON object. A refusal has `messages`, as splunkd's own have, and `field` where one field is to blame.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Type, Union

from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from .session import SplunkError, connect
from .trace import Trace

_LONGEST = 200_000
_LINE = 16  # shorter lines of a secret are none: braces, marks
_FAULT = 500
# Parameters whose values never leave the app again, whatever an error says. They alone may have several lines.
SECRETS = ("secret", "write_secret")
# What splits a line, in a conf file, a log or a search; and halves of characters, which cannot be stored anywhere.
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_HALVES = re.compile("[\ud800-\udfff]")


class Refusal(Exception):
    """The request cannot be done; one line for whoever made it, and the field that is to blame, if one is."""

    def __init__(self, status: int, text: str, about: str = ""):
        super().__init__(text)
        self.status = status
        self.about = about


@dataclass(frozen=True)
class Request:
    """One request: `path` is what follows the area; all values of `body` and `query` are texts.

    Secrets alone may have several lines. `service` acts as whoever asks, `system` as Splunk itself, where restmap.conf
    hands that on. `names` are all that splunkd knows of whoever asks: the user's own, and the address of mail.
    """

    method: str
    path: List[str]
    query: Dict[str, str]
    body: Dict[str, str]
    user: str
    names: Tuple[str, ...]
    service: client.Service
    system: client.Service

    def needed(self, name: str) -> str:
        """A parameter that must be there; Refusal where it is empty."""
        value = self.body.get(name, "").strip()
        if not value:
            raise Refusal(400, f"{name} is missing", name)
        return value


class Route(NamedTuple):
    """A method, an address below the area in which `*` is any one part, and what answers it."""

    method: str
    pattern: str
    answer: Callable[[Request], Any]


@dataclass(frozen=True)
class Area:
    """What one capability opens."""

    capability: str
    routes: Sequence[Route]
    # Errors of other rooms whose text is one line for a person.
    mendable: Tuple[Type[Exception], ...] = field(default=())


def answer(block: Union[str, bytes], areas: Mapping[str, Area], trace: Trace) -> Dict[str, Any]:
    """The reply to a request as splunkd hands it over: `payload`, `status`, `headers`. It raises nothing."""
    told: Dict[str, Any] = {}
    try:
        if len(block) > _LONGEST:
            raise Refusal(413, f"the request is longer than {_LONGEST} characters")
        told = dict(json.loads(block))
        return _reply(200, _served(told, areas, trace), told)
    except Exception as error:
        mendable = tuple(kind for area in areas.values() for kind in area.mendable)
        status, payload = _refused(error, mendable)
        if status == _FAULT:
            trace.fault(error, _secrets(told))
        return _reply(status, payload, told)


def _served(told: Mapping[str, Any], areas: Mapping[str, Area], trace: Trace) -> Any:
    """What the function of an address gives, if whoever asks has the capability of its area."""
    name, *path = _below(told)
    area = areas.get(name)
    if area is None:
        raise Refusal(404, "there is no such address")
    method = str(told.get("method"))
    service = _connected(told, str((told.get("session") or {}).get("authtoken") or ""))
    user, names, held = _who(service)
    if area.capability not in held:
        trace.note(user, f"{method} {'/'.join([name, *path])}", "denied")
        raise Refusal(403, f"You need the capability {area.capability}; ask whoever administers Splunk here")
    token = told.get("system_authtoken")
    system = _connected(told, str(token)) if token else service
    route = _route(area, method, path)
    query = _texts(dict(told.get("query") or []))
    return route.answer(Request(method, path, query, _body(told), user, names, service, system))


def _refused(error: Exception, mendable: Tuple[Type[Exception], ...]) -> Tuple[int, Dict[str, Any]]:
    """Status and words for what keeps a request from being done."""
    if isinstance(error, Refusal):
        return error.status, _said(str(error), error.about)
    if isinstance(error, AuthenticationError):
        return 401, _said("The session has ended; sign in again")
    if isinstance(error, HTTPError):
        return error.status if 400 <= error.status < 500 else 502, _said(words(error))
    if isinstance(error, SplunkError):
        return 502, _said(str(error))
    if isinstance(error, OSError):
        return 502, _said(f"splunkd does not answer: {error}")
    if isinstance(error, mendable):
        return 400, _said(str(error))
    return _FAULT, _said("A fault of this app; delegation_watch_rest.log has more")


def words(error: HTTPError) -> str:
    """splunkd's own words in an error."""
    return str(error).partition(" -- ")[2] or str(error)


def listed(service: client.Service, path: str, **query: Any) -> List[Dict[str, Any]]:
    """The entities of an address, each with `name` and `content`."""
    found = service.get(path, count=-1, output_mode="json", **query)
    return list(json.loads(found["body"].read())["entry"])


def is_off(value: Any) -> bool:
    """Whether a switch of an entity, which splunkd gives as text, number or truth value, is off or not there."""
    return str(value or "0").lower() in ("0", "false")


def _connected(told: Mapping[str, Any], key: str) -> client.Service:
    return connect({"server_uri": str(told["server"]["rest_uri"]), "session_key": key})


def _who(service: client.Service) -> Tuple[str, Tuple[str, ...], FrozenSet[str]]:
    """Name, all names and capabilities of whoever's session this is, as splunkd says now."""
    found = listed(service, "/services/authentication/current-context")[0]["content"]
    user, email = str(found["username"]), str(found.get("email") or "")
    return user, (user, email), frozenset(found["capabilities"])


def _below(told: Mapping[str, Any]) -> List[str]:
    """The parts of the address below the app's own: the area, and what follows it."""
    parts = [part for part in str(told.get("rest_path") or "").split("/") if part]
    return parts[1:] or [""]


def _route(area: Area, method: str, path: List[str]) -> Route:
    fitting = [route for route in area.routes if _fits(route.pattern, path)]
    if not fitting:
        raise Refusal(404, "there is no such address")
    found: Optional[Route] = next((route for route in fitting if route.method == method), None)
    if found is None:
        raise Refusal(405, f"this address takes {' and '.join(sorted({route.method for route in fitting}))} only")
    return found


def _fits(pattern: str, path: List[str]) -> bool:
    parts = pattern.split("/") if pattern else []
    return len(parts) == len(path) and all(wanted in ("*", part) for wanted, part in zip(parts, path))


def _body(told: Mapping[str, Any]) -> Dict[str, str]:
    payload = str(told.get("payload") or "")
    if payload.lstrip().startswith("{"):
        try:
            return _texts(json.loads(payload))
        except (ValueError, RecursionError):
            raise Refusal(400, "the request's body is no whole JSON object") from None
    if payload and not told.get("form"):
        raise Refusal(400, "the request's body is neither a JSON object nor a form")
    return _texts(dict(told.get("form") or []))


def _texts(given: Mapping[str, Any]) -> Dict[str, str]:
    """Values as texts: lists joined by commas, booleans as yes and no."""
    wrong = next((name for name, value in given.items() if isinstance(value, dict)), None)
    if wrong is not None:
        raise Refusal(400, f"{wrong} must be a text, a number, yes or no, or a list of these", wrong)
    texts = {name: _text(value) for name, value in given.items()}
    for name, text in texts.items():
        if _HALVES.search(name + text) or (name not in SECRETS and _BREAKS.search(text.strip())):
            raise Refusal(400, f"{_shown(name)} must be one line of whole characters", _shown(name))
    return texts


def _shown(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return {None: "", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


def _said(text: str, about: str = "") -> Dict[str, Any]:
    return {"messages": [{"type": "ERROR", "text": text}], **({"field": about} if about else {})}


def _reply(status: int, payload: Any, told: Mapping[str, Any]) -> Dict[str, Any]:
    text = json.dumps(payload, ensure_ascii=False)
    for secret in _secrets(told):
        text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], "(secret)")
    headers = {"Content-Type": "application/json; charset=UTF-8", "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff"}  # fmt: skip
    return {"status": status, "payload": text, "headers": headers}


def _secrets(told: Mapping[str, Any]) -> List[str]:
    """The secrets that a request brought, whole and the lines of one with several, longest first."""
    try:
        body = _body(told)
    except (Refusal, ValueError, TypeError):
        return []
    brought = [body[name] for name in SECRETS if body.get(name)]
    lines = [line for secret in brought for line in secret.split("\n")[1:] if len(line) >= _LINE]
    return sorted([*brought, *lines], key=len, reverse=True)
