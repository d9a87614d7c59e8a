"""The users of a Workspace customer whose mailboxes a sweep asks for, page by page, and on from where it stopped.

Source: Directory API, users.list.
"""

from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple
from urllib.parse import quote

from .errors import RefusedError
from .google_api import GoogleApi

USERS = "/admin/directory/v1/users"
_FIELDS = "nextPageToken,users(primaryEmail,suspended,archived,isMailboxSetup)"
_RELISTS = 3
NOBODY = (
    "the Directory API lists no user at all, where subject himself would have to be listed - check that the role of "
    "subject holds Users > Read for all organizational units, and that customer is his own"
)


class User(NamedTuple):
    """An address in lower case, and why it has no mailbox to read, empty when it has one."""

    address: str
    idle: str = ""


Page = Tuple[str, List[User]]  # the page's own token, empty for the first, and who is on it


class _NobodyError(RefusedError):
    """A listing of all users, or of a page on which there was somebody, that names nobody."""


class Users:
    """The users named, or all of the customer's in the order of their addresses.

    RefusedError where all are asked for and none is listed: the subject, for one, is always there.
    """

    def __init__(self, api: GoogleApi, customer: str, named: Sequence[str] = ()):
        self._api = api
        self._customer = customer or "my_customer"
        self._named = list(dict.fromkeys(name.strip().lower() for name in named if name.strip()))

    def scope(self) -> Any:
        """`all`, or the addresses named."""
        return self._named or "all"

    def customer_of(self, subject: str) -> str:
        """The customer's id as audit records bear it."""
        user = self._api.get(USERS + "/" + quote(subject, safe="@"), {"fields": "customerId"})
        return str(user.get("customerId") or "")

    def behind(self, page: str, last: str) -> Iterator[Page]:
        """The pages from the one of this token on, of the first what stands behind the user `last`.

        Page tokens end: the listing is then read again from its beginning, up to where it knows the last user given; so
        it is where the page lists nobody any more.
        """
        for attempt in range(_RELISTS):
            try:
                for token, users in self._behind(page, last):
                    yield token, users
                    page, last = token, users[-1].address
                return
            except RefusedError as error:
                again = error.status == 400 or isinstance(error, _NobodyError)
                if not again or not (page or last) or attempt == _RELISTS - 1:
                    raise
                page = ""

    def _behind(self, page: str, last: str) -> Iterator[Page]:
        """What is listed behind a user; all of it where he is not known: better twice than a mailbox left out."""
        passed: List[Page] = []
        for token, users in self._pages(page):
            names = [user.address for user in users]
            if last in names:
                rest, last, passed = users[names.index(last) + 1 :], "", []
            else:
                rest, last = users, "" if page else last
            if rest and last:
                passed.append((token, rest))
            elif rest:
                yield token, rest
        yield from passed

    def _pages(self, page: str) -> Iterator[Page]:
        if self._named:
            yield "", [User(name) for name in self._named]
            return
        params = {"customer": self._customer, "maxResults": "500", "orderBy": "email", "fields": _FIELDS}
        seen = False
        for answer in self._api.pages(USERS, params, page):
            users = [one for one in answer.get("users") or [] if isinstance(one, dict) and one.get("primaryEmail")]
            yield page, [User(str(one["primaryEmail"]).lower(), _idle(one)) for one in users]
            page = str(answer.get("nextPageToken") or "")
            seen = seen or bool(users)
        if not seen:
            raise _NobodyError(NOBODY, 200)


def _idle(user: Dict[str, Any]) -> str:
    if user.get("suspended"):
        return "suspended"
    if user.get("archived"):
        return "archived"
    return "no mailbox" if user.get("isMailboxSetup") is False else ""
