"""Microsoft Graph, read only: listings page by page, and many small ones in one request.

Sources: learn.microsoft.com/graph/paging, /graph/json-batching (20 requests, answers in any order, each with a status
of its own; one that was throttled is sent again by itself).
"""

import time
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple
from urllib.parse import quote, urlencode

from .errors import RefusedError, SourceError, UnreachableError, UntrustedError, of_one
from .http import Http, Token
from .odata import OData, Page, Row

MOST = 20  # requests in a batch
_VERSION = "/v1.0/"
_TRIES = 5
_SILENT = 3  # so many in a row, each asked for by itself, without an answer: it is the host, not they


class GraphApi:
    """The directory of one tenant; `calls` counts the requests, a batch as one."""

    def __init__(self, http: Http, root: str, token: Token, sleep: Callable[[float], None] = time.sleep):
        self._api = OData(http, root, token, "Microsoft Graph")
        self._sleep = sleep

    @property
    def calls(self) -> int:
        """Requests so far, each that was put off too."""
        return self._api.calls

    def pages(self, path: str, query: Dict[str, str], permission: str, begin: str = "") -> Iterator[Page]:
        """The pages of a listing, from the page with the address `begin` on; permission is what it needs."""
        yield from self._api.pages("GET", begin or self._url(_relative(path, query)), _advice(permission))

    def one(self, path: str, query: Dict[str, str], permission: str) -> Row:
        """One object."""
        return self._api.call("GET", self._url(_relative(path, query)), _advice(permission))

    def rows(self, path: str, query: Dict[str, str], permission: str) -> List[Row]:
        """All of a listing; RefusedError where it did not come whole."""
        return [row for page in self.pages(path, query, permission) for row in page.rows]

    def many(self, listings: Sequence[Tuple[str, Dict[str, str]]], permission: str) -> List[Any]:
        """The rows of each of at most MOST listings, or its error in their place, in the order asked for."""
        wanted = {str(number): _relative(*listing) for number, listing in enumerate(listings)}
        found: Dict[str, Any] = {}
        for attempt in range(_TRIES):
            asked = {number: path for number, path in wanted.items() if number not in found}
            if not asked:
                break
            if attempt:
                self._sleep(2.0**attempt)
            try:
                parts = self._batch(asked, permission)
            except UntrustedError:
                raise
            except UnreachableError:  # one of them may keep the others back
                break
            for number, part in parts.items():
                status = part.get("status")
                if isinstance(status, int) and status not in (401, 429) and status < 500:
                    listed = self._listed(status, part.get("body"), permission)
                    if not (isinstance(listed, RefusedError) and listed.status == 200):  # not whole: once more
                        found[number] = listed
        silent: List[Any] = []
        for number, path in wanted.items():
            if number not in found:  # busy each time, or without an answer: by itself, which waits as it is told to
                found[number] = silent[-1] if len(silent) >= _SILENT else self._all(self._url(path), permission)
                silent = [*silent, found[number]] if isinstance(found[number], UnreachableError) else []
        return [found[number] for number in wanted]

    def _batch(self, asked: Dict[str, str], permission: str) -> Dict[str, Row]:
        """The answers by the ids of their requests; one that comes twice, or was not asked for, is left out."""
        requests = [{"id": number, "method": "GET", "url": "/" + path} for number, path in asked.items()]
        answer = self._api.call("POST", self._url("$batch"), _advice(permission), json={"requests": requests})
        parts = answer.get("responses")
        parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        ids = [str(part.get("id")) for part in parts]
        return {number: part for number, part in zip(ids, parts) if number in asked and ids.count(number) == 1}

    def _listed(self, status: int, body: Any, permission: str) -> Any:
        if status != 200 or not isinstance(body, dict) or "error" in body or not isinstance(body.get("value"), list):
            return self._api.refused(status, body, "no list", _advice(permission))
        rows = [row for row in body["value"] if isinstance(row, dict)]
        following = str(body.get("@odata.nextLink") or "")
        if not following:
            return rows
        rest = self._all(following, permission)
        return rest if isinstance(rest, SourceError) else rows + rest

    def _all(self, url: str, permission: str) -> Any:
        """The rows of a listing that begins at an address, or the error that keeps it back."""
        pages = partial(self._api.pages, "GET", url, _advice(permission))
        return of_one(lambda: [row for page in pages() for row in page.rows])

    def _url(self, path: str) -> str:
        return self._api.root + _VERSION + path


def _relative(path: str, query: Dict[str, str]) -> str:
    return path + ("?" + urlencode(query, quote_via=quote, safe="$(),=") if query else "")


def _advice(permission: str) -> str:
    return f"give the application the permission {permission} of Microsoft Graph, with admin consent"
