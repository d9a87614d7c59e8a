"""Who may open whose Gmail mailbox now: the delegates of every mailbox of a customer, asked for in the owners' names.

No audit record tells of a delegate, and no call lists those of a domain: each mailbox needs a token of its owner's own,
and fifty mailboxes share one request. An error is never read as "no delegates".
Sources: Gmail API, users.settings.delegates.list, "Batching requests", usage limits; Directory API, users.list;
the refusals of single mailboxes from GAM's code and issues.
"""

import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from .batch import MOST, Reply, compose, replies
from .errors import OutError, RefusedError, SignInError, SourceError, UnreachableError
from .feed import Checkpoint, Event, Item, State, compact
from .foreign import foreign
from .google import DELEGATES_SCOPE, USERS_SCOPE, google_token
from .google_api import MISSET, QUOTA, GoogleApi, Line, fault, json_of, later
from .google_users import Users
from .http import Http
from .pool import calls_at_once
from .sweep import Attempts, Sweep, of_settings, passing, snapshot

KIND = "gmail_delegates"
_LIST = "/gmail/v1/users/me/settings/delegates"
_BATCH = "/batch/gmail/v1"
_ADVICE = "subject needs an administrator's role with the privilege Users > Read"
_NO_LIST = "the answer is no list of delegates"
_NOT_WHOLE = "the batch came back without a whole answer for this mailbox"
_TRIES = 6
# Calls a minute of one project: each costs one unit of 1,200,000, and users.list is one of 2,400. Far enough below.
_GMAIL_A_MINUTE, _USERS_A_MINUTE = 600_000, 2_000
# So many chunks in a row of which no mailbox that was asked for had an answer: the service is out, not the mailboxes.
_HOPELESS = 3
# Token refusals that concern one user. Source: GAM, gamlib; google-auth issues.
_NO_USER = ("invalid email or user id", "account has been deleted", "not a valid email")
# Those that concern the client or its key, whoever it asks for.
_CLIENT = ("unauthorized_client", "access_denied", "invalid_client", "invalid_scope")
_KEY = ("invalid jwt", "account not found")


Place = Tuple[str, str]  # the token of a page of users, and the last of them done


class Outcome(NamedTuple):
    """What came of one mailbox: its delegates as Gmail names them, or why there are none to be had.

    `out`: it failed for want of an answer, which another run may get.
    """

    mailbox: str
    delegates: Sequence[Dict[str, Any]] = ()
    skipped: str = ""
    failed: str = ""
    out: bool = False
    time: float = 0.0


class GmailSweep:
    """The delegates of the mailboxes named, or of all: a Reader, see feed.py.

    Gives a `delegation:snapshot` event for each delegate and at the end one `delegation:sweep`; a Checkpoint after
    each chunk of mailboxes. Settings that can reach no mailbox end the sweep as failed, with a RefusedError or
    SignInError that says what to do; where they did before, it goes on when they are mended. key is the service
    account's key file, subject the administrator who lists users.
    """

    def __init__(
        self,
        http: Http,
        gmail_root: str,
        admin_root: str,
        key: Dict[str, str],
        subject: str,
        source: str,
        customer: str = "",
        mailboxes: Sequence[str] = (),
        connections: int = 4,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._http = http
        self._key = key
        self._subject = subject
        self._source = source
        self._customer = customer
        self._connections = connections
        self._clock = clock
        self._sleep = sleep
        self._gmail = Line(http, gmail_root, _GMAIL_A_MINUTE, sleep)
        self._admin = Line(http, admin_root, _USERS_A_MINUTE, sleep)
        token = google_token(http, key, subject, USERS_SCOPE, clock)
        self._users = Users(GoogleApi(self._admin, token, "the Directory API", _ADVICE), customer, mailboxes)
        self._batches = True
        self._attempts = Attempts(QUOTA)

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Every mailbox once, from where `state` stopped; `first` means nothing to a sweep."""
        sweep = Sweep.of(state, now, "workspace", compact([self._customer, self._subject, self._users.scope()]))
        hopeless, before = 0, sweep.requests - self._calls()
        try:
            if not sweep.tenant:
                named = self._customer not in ("", "my_customer")
                sweep.tenant = self._customer if named else self._users.customer_of(self._subject)
            for place, outcomes in self._outcomes(sweep):
                for outcome in outcomes:
                    yield from self._events(sweep, outcome)
                sweep.page, sweep.last = place
                sweep.requests = before + self._calls()
                asked = [outcome for outcome in outcomes if not outcome.skipped]
                if asked:
                    hopeless = hopeless + 1 if all(outcome.out for outcome in asked) else 0
                if hopeless == _HOPELESS:
                    raise OutError(f"no mailbox can be read at present; the last: {asked[-1].failed}")
                if not hopeless:  # what may be read after all when the service is back is asked for again
                    self._attempts.came_on()
                    yield Checkpoint(sweep.state(self._clock()))
        except SourceError as error:
            if passing(error, QUOTA) or (sweep.reached and of_settings(error)):
                raise
            sweep.fail_kind(KIND, "mailboxes", error)
            yield self._closing(sweep, [])
            yield Checkpoint({})
            raise
        yield self._closing(sweep, [KIND])
        yield Checkpoint({})

    def _calls(self) -> int:
        return self._gmail.calls + self._admin.calls

    def _closing(self, sweep: Sweep, kinds: List[str]) -> Event:
        client, scope = self._key.get("client_id", ""), self._users.scope()
        return sweep.closing(self._clock(), kinds, scope, input=self._source, folders=[], client=client)

    def _events(self, sweep: Sweep, outcome: Outcome) -> Iterator[Event]:
        sweep.mailboxes += 1
        if outcome.skipped:
            sweep.skip(outcome.mailbox, outcome.skipped)
        if outcome.failed:
            sweep.fail(outcome.mailbox, KIND, outcome.failed)
        sweep.covered += not (outcome.skipped or outcome.failed)
        for delegate in outcome.delegates:
            yield snapshot(sweep, outcome.time, "Gmail", {"user": outcome.mailbox, **delegate})

    # the mailboxes

    def _outcomes(self, sweep: Sweep) -> Iterator[Tuple[Place, List[Outcome]]]:
        """(where it is then, what came of each mailbox) chunk by chunk, several of them fetched at once, in order."""
        waiting: Deque[Tuple[Place, List[Outcome], List[str], Future[List[Outcome]]]] = deque()
        with calls_at_once(self._connections) as pool:
            for place, owners, idle in self._chunks(sweep):
                waiting.append((place, idle, owners, pool.submit(self._fetch, owners)))
                if len(waiting) > self._connections:
                    yield self._done(*waiting.popleft())
            while waiting:
                yield self._done(*waiting.popleft())

    def _done(
        self, place: Place, idle: List[Outcome], owners: List[str], future: "Future[List[Outcome]]"
    ) -> Tuple[Place, List[Outcome]]:
        """What came of a chunk; one that had no answer in many attempts is named and left."""
        try:
            return place, idle + future.result()
        except (UnreachableError, OutError) as error:
            if not self._attempts.given_up(error):
                raise
            return place, idle + [Outcome(owner, failed=str(error), out=True) for owner in owners]

    def _chunks(self, sweep: Sweep) -> Iterator[Tuple[Place, List[str], List[Outcome]]]:
        """(where it is then, mailboxes to ask, mailboxes that need no asking) for each stretch of the listing."""
        for page, users in self._users.behind(sweep.page, sweep.last):
            for at in range(0, len(users), MOST):
                part = users[at : at + MOST]
                owners = [user.address for user in part if not user.idle]
                idle = [Outcome(user.address, skipped=user.idle) for user in part if user.idle]
                yield (page, part[-1].address), owners, idle

    # one chunk

    def _fetch(self, owners: List[str]) -> List[Outcome]:
        """What came of each of at most fifty mailboxes; what only came too soon is asked again."""
        done: Dict[str, Outcome] = {}
        why: Dict[str, str] = {}
        tokens = {
            owner: google_token(self._http, self._key, owner, DELEGATES_SCOPE, self._clock) for owner in owners
        }
        stale = dict.fromkeys(owners, "")
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(2.0 ** (attempt - 1))
            asked: Dict[str, str] = {}
            for owner in (owner for owner in owners if owner not in done):
                try:
                    asked[owner] = tokens[owner].get(stale[owner])
                except SignInError as error:
                    done[owner] = _no_token(owner, error)
            for owner, reply in zip(asked, self._ask(list(asked.values())) if asked else ()):
                outcome, why[owner] = self._read(owner, reply)
                if outcome:
                    done[owner] = outcome
                elif isinstance(reply, Reply) and reply.status == 401:
                    stale[owner] = asked[owner]
            if len(done) == len(owners):
                break
        return [done.get(owner) or Outcome(owner, failed=why[owner], out=True) for owner in owners]

    def _ask(self, tokens: List[str]) -> Sequence[Union[Reply, str]]:
        """The answers in the order of the tokens; why there is none in place of one that did not come whole."""
        if self._batches:
            kind, body = compose([(_LIST, token) for token in tokens])
            headers = {"Content-Type": kind, "Accept": "multipart/mixed"}
            response = self._gmail.call("POST", _BATCH, len(tokens), headers=headers, data=body)
            if response.status_code == 200:
                found = replies(response.headers.get("Content-Type", ""), response.content)
                why = _NOT_WHOLE if found else f"no answer of Gmail: {foreign(response)}"
                return [found.get(number, why) for number in range(len(tokens))]
            if later(response.status_code, json_of(response)):
                raise OutError(f"Gmail takes no batches at present: HTTP {response.status_code}")
            self._batches = False  # it will not have them at all: one by one then
        return [self._single(token) for token in tokens]

    def _single(self, token: str) -> Union[Reply, str]:
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        response = self._gmail.call("GET", _LIST, headers=headers)
        body = json_of(response)
        if response.status_code == 200 and not isinstance(body, dict):
            return f"no answer of Gmail: {foreign(response)}"
        return Reply(response.status_code, body)

    def _read(self, owner: str, reply: Union[Reply, str]) -> Tuple[Optional[Outcome], str]:
        """(what the answer means, "") or (None, why it is to be asked again)."""
        if isinstance(reply, str):
            return None, reply
        reason, message = fault(reply.body)
        told = ": ".join(part for part in (f"HTTP {reply.status}", reason, message) if part)
        if later(reply.status, reply.body) or reply.status == 401:
            return None, told
        if reason in MISSET:
            raise RefusedError(f"Gmail refuses the call for {owner}: {told} - {MISSET[reason]}: {DELEGATES_SCOPE}",
                               reply.status, reason)  # fmt: skip
        if reason.lower().replace("_", "") == "failedprecondition":
            return Outcome(owner, skipped=f"Gmail is off for this user: {message}"), ""
        if reply.status != 200 or reason or message:
            return Outcome(owner, failed=told), ""
        if not isinstance(reply.body, dict):
            return None, _NO_LIST
        listed = reply.body.get("delegates", [])
        if not _delegates(listed):
            return Outcome(owner, failed=_NO_LIST), ""
        return Outcome(owner, listed, time=self._clock()), ""


def _delegates(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(one, dict) and one.get("delegateEmail") for one in listed)


def _no_token(owner: str, error: SignInError) -> Outcome:
    """What a refused token means for one mailbox; raised again when it means the same for all."""
    said = error.said.lower()
    if error.code in _CLIENT or any(text in said for text in _KEY):
        raise error
    if any(text in said for text in _NO_USER):
        return Outcome(owner, skipped=f"no such user: {error.said}")
    why = f"no token: {error.code}: {error.said}" if error.code else f"no token: {error}"
    return Outcome(owner, failed=why, out=passing(error))
