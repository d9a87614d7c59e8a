"""Microsoft's JSON APIs with one token: a refused token renewed once, pages followed, faults in one line.

An answer that is not whole, holds an error or lists nothing where a list is due is never read as an empty list.
Sources: Microsoft Graph, "Paging" and "Throttling"; how Exchange words its errors: Microsoft365DSC issue 2998.
"""

import base64
import json
import threading
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, NamedTuple, Optional

import requests

from .errors import RefusedError
from .foreign import described, foreign
from .http import Http, Token, origin, too_busy

Row = Dict[str, Any]
# How often a body is fetched that came with status 200 and is no JSON object, or holds an error.
_BODIES = 3
_NEXT = "@odata.nextLink"


class Fault(NamedTuple):
    """What an error's body says: the vendor's code and its words, both empty where it says nothing."""

    code: str
    message: str


def fault(body: Any) -> Fault:
    """The error in an answer's JSON: of Exchange's the innermost type and text, of Graph's its code and message."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Fault("", "" if error is None else str(error)[:200])
    outer = error.get("innererror")
    inner = outer.get("internalexception") or outer.get("internalException") if isinstance(outer, dict) else None
    inner = inner if isinstance(inner, dict) else {}
    code = str(inner.get("type") or error.get("code") or "").rpartition(".")[2]
    return Fault(code, " ".join(str(inner.get("message") or error.get("message") or "").split())[:300])


def roles_of(token: str) -> FrozenSet[str]:
    """The application permissions that a token holds; none where it cannot be read, which is the vendor's right.

    So they only choose between two ways to the same answer, and what advice is given.
    """
    middle = [*token.split("."), "", ""][1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return frozenset(map(str, claims["roles"]))
    except (ValueError, KeyError, TypeError):
        return frozenset()


class OData:
    """Calls below one address; `calls` counts them, each that was put off too.

    name begins each refusal; read gives an answer's JSON, None where it has none. sleep and tries are Http's own.
    """

    def __init__(
        self, http: Http, root: str, token: Token, name: str,
        read: Optional[Callable[[requests.Response], Any]] = None,
    ):  # fmt: skip
        self._read = read or _json
        self._http = http
        self._origin = origin(root)
        self._token = token
        self._name = name
        self._lock = threading.Lock()
        self.root = root.rstrip("/")
        self.calls = 0

    def roles(self) -> FrozenSet[str]:
        """The application permissions of the present token."""
        return roles_of(self._token.get())

    def call(self, method: str, url: str, advice: str = "", **given: Any) -> Row:
        """The JSON object at an address; RefusedError when there is none, `advice` behind one of status 401 or 403."""
        headers = given.pop("headers", {})
        for _ in range(_BODIES):
            token = self._token.get()
            response = self._sent(method, url, headers, token, given)
            if response.status_code == 401:
                response = self._sent(method, url, headers, self._token.get(stale=token), given)
            body = self._read(response)
            if response.status_code not in (200, 201):
                break
            if isinstance(body, dict) and "error" not in body:
                return body
        if response.status_code in (200, 201) and not isinstance(body, dict):
            raise RefusedError(f"no answer of {self._name}: {foreign(response)}", response.status_code)
        raise self.refused(response.status_code, body, "" if isinstance(body, dict) else described(response), advice)

    def pages(self, method: str, url: str, advice: str = "", **given: Any) -> Iterator["Page"]:
        """The pages of a listing; RefusedError when one is no list, or when they go in a circle."""
        followed = {url}
        while url:
            page = self.page(method, url, advice, **given)
            if not all(isinstance(row, dict) for row in page.rows):
                raise RefusedError(f"{self._name} answered with no list", 200)
            url = page.following
            if url in followed:
                raise RefusedError(f"{self._name} names the same next page again and again", 200)
            followed.add(url)
            yield page

    def page(self, method: str, url: str, advice: str = "", **given: Any) -> "Page":
        """One page of a listing, its rows as they are; RefusedError where it is no list."""
        answer = self.call(method, url, advice, **given)
        rows = answer.get("value")
        if not isinstance(rows, list):
            raise RefusedError(f"{self._name} answered with no list", 200)
        return Page(rows, str(answer.get(_NEXT) or ""), answer)

    def refused(self, status: int, body: Any, text: str = "", advice: str = "") -> RefusedError:
        """The refusal that an answer holds, or else what it is, `text`; with what to do about it."""
        code, message = fault(body)
        parts = (f"HTTP {status}", code, message or text)
        line = f"{self._name} refuses the call: " + ": ".join(part for part in parts if part)
        return RefusedError(line + (f" - {advice}" if advice and status in (401, 403) else ""), status, code)

    def _sent(self, method: str, url: str, headers: Dict[str, str], token: str, given: Row) -> requests.Response:
        sent = {"Accept": "application/json", **headers, "Authorization": "Bearer " + token}
        self._count()
        return self._http.call(method, url, self._origin, busy=self._busy, headers=sent, **given)

    def _busy(self, response: requests.Response) -> bool:
        again = too_busy(response)
        if again:
            self._count()
        return again

    def _count(self) -> None:
        with self._lock:
            self.calls += 1


class Page(NamedTuple):
    """One page: its rows, the address of the next one, empty for none, and the whole answer."""

    rows: List[Row]
    following: str
    answer: Row


def _json(response: requests.Response) -> Optional[Any]:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
