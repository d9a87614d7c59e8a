"""Whether an input can work at all, tried before it is saved: one sign-in, one small question, and an end soon.

What is wrong and stays wrong until somebody mends it is refused with words that say what to do, and so is a host that
cannot be reached at all: its address may be wrong. A service that is out of breath for the moment is no reason to
refuse: the input's runs are patient, this trial is not.
"""

import threading
from functools import partial
from typing import Callable, Iterable, Iterator, List, Mapping, NamedTuple

from .activity_api import RETRY, ActivityApi, action
from .audit_queries import AuditQueries, require_permission
from .clouds import CUSTOM, GOOGLE_REPORTS
from .collect import cloud_of, queries_of
from .entra import entra_token
from .errors import RefusedError, SettingsError, SourceError, UnreachableError, UntrustedError
from .google import REPORTS_SCOPE, google_token, read_key_file
from .health import Tally
from .http import Http, Patience, Token
from .odata import roles_of
from .settings import Account, Stanza
from .sweep import passing as _passing
from .workspace import WorkspaceFeed

# Seconds for a connection and for an answer; one more try where the network fails, none where the service does.
PATIENCE = Patience((5, 10), least=15 * 1024, span=15, network_tries=2, busy_tries=1)
# For all of it, until splunkd, which waits for the answer, has none. Whoever saves an input by Splunk Web waits for the
# input's process as well, and Splunk Web for 30 seconds at most (web.conf.spec, splunkdConnectionTimeout).
SECONDS = 20.0
# Permission that a content type needs beside ActivityFeed.Read.
_ALSO = {"DLP.All": "ActivityFeed.ReadDlp"}
WORKS, FAILS, UNSURE = "works", "fails", "unsure"
LATE = "no answer so far: ask once more, and if it stays so, see to the proxy or firewall in between"


class Question(NamedTuple):
    """What has to work, in words for a person, and the call that shows whether it does."""

    what: str
    ask: Callable[[], object]


class Finding(NamedTuple):
    """How a question came out: `state` is WORKS, FAILS or UNSURE, `text` what is wrong and what to do about it."""

    what: str
    state: str
    text: str = ""


Questions = Iterable[Question]
Passes = Callable[[SourceError], bool]


def try_out(stanza: Stanza, account: Account, secret: str) -> None:
    """Return when a run of this input may work; SourceError says why none can."""
    with_patience(account, lambda http: ask_all(questions(http, stanza, account, secret), passing))


def with_patience(account: Account, work: Callable[[Http], None]) -> None:
    """Do work with calls that give up soon."""
    http = Http(verify=account.ca_file or True, connections=1, patience=PATIENCE)
    try:
        work(http)
    finally:
        http.session.close()


def ask_all(asked_for: Questions, passes: Passes) -> None:
    """Raise the first error that is a reason to refuse, with what it keeps from working in front."""
    for question in asked_for:
        try:
            question.ask()
        except SourceError as error:
            if isinstance(error, UnreachableError) or not passes(error):
                error.args = (f"{question.what}: {error}",)
                raise


def find_out(asked_for: Questions, passes: Passes, found: List[Finding]) -> None:
    """Add to `found` how each question comes out; where nobody can sign in, the later ones are not asked.

    One that is being asked stands there as LATE, for a reader that does not wait for it.
    """
    questions_left = iter(asked_for)
    while True:
        what, at = "The account's settings", len(found)
        try:
            question = next(questions_left, None)  # what makes a question may find the settings wrong
            if question is None:
                return
            what = question.what
            found.append(Finding(what, UNSURE, LATE))
            question.ask()
            found[at:] = [Finding(what, WORKS)]
        except SourceError as error:
            later = passes(error) and not isinstance(error, UntrustedError)
            found[at:] = [Finding(what, UNSURE if later else FAILS, str(error))]
            if not isinstance(error, RefusedError) and getattr(error, "code", "") != "unauthorized_client":
                return


def questions(http: Http, stanza: Stanza, account: Account, secret: str) -> Iterator[Question]:
    """What a run of this input needs, the sign-in first."""
    return _PROVIDERS[stanza.provider](http, stanza, account, secret)


def _office365(http: Http, stanza: Stanza, account: Account, secret: str) -> Iterator[Question]:
    cloud = cloud_of(account)
    older = queries_of(stanza, account, secret, http) if stanza.backfill else {}
    scope = f"{cloud.api_root.rstrip('/')}/.default"
    token = entra_token(http, cloud.authority, account.tenant, account.client_id, secret, scope)
    yield Question("Sign in at Microsoft Entra ID", token.get)
    api = ActivityApi(http, cloud.api_root, account.tenant, token, account.publisher)
    yield Question("Read the audit feed: ActivityFeed.Read of the Office 365 Management APIs", api.subscriptions)
    for name, permission in _ALSO.items():
        if name in stanza.content_types:
            yield Question(f"Read {name}: {permission}", partial(_held, permission, account, token))
    yield from _backfill(older)


def _held(permission: str, account: Account, token: Token) -> None:
    roles = roles_of(token.get())
    if roles and permission not in roles:
        raise SettingsError(
            f"application {account.client_id} lacks the permission {permission} of the Office 365 Management "
            "APIs, or consent to it; DLP.All needs it"
        )


def backfill_questions(http: Http, stanza: Stanza, account: Account, secret: str) -> Iterator[Question]:
    """What a backfill needs beside the feed: the token says what may be read, one look whether Graph has the query."""
    return _backfill(queries_of(stanza, account, secret, http))


def _backfill(older: Mapping[str, AuditQueries]) -> Iterator[Question]:
    if older:
        names = " and ".join(sorted(queries.permission for queries in older.values()))
        yield Question(f"Backfill: {names} of Microsoft Graph", lambda: require_permission(*older.values()))
        yield Question("Reach the audit log query of Microsoft Graph", next(iter(older.values())).look)


def _workspace(http: Http, stanza: Stanza, account: Account, secret: str) -> Iterator[Question]:
    custom = account.cloud == CUSTOM
    token = google_token(http, read_key_file(secret, custom), account.subject, REPORTS_SCOPE)
    yield Question("Sign in at Google with the scope admin.reports.audit.readonly", token.get)
    root = account.api_root if custom else GOOGLE_REPORTS
    for name in stanza.content_types:
        feed = WorkspaceFeed(http, root, name, account.customer, token, Tally())
        yield Question(f"Read the audit of {name}: Reports API", feed.look)


_PROVIDERS: Mapping[str, Callable[[Http, Stanza, Account, str], Iterator[Question]]] = {
    "o365": _office365,
    "workspace": _workspace,
}


def passing(error: SourceError) -> bool:
    """Whether a host or a service is only out for the moment."""
    return _passing(error) or action(error) == RETRY


def in_time(trial: Callable[[], None], seconds: float = SECONDS) -> None:
    """Run a trial that must not hang, whatever an answer does; UnreachableError when it is not done in time."""
    failed: List[SourceError] = []

    def run() -> None:
        try:
            trial()
        except SourceError as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        what_to_do = "check what stands in between, or try again later"
        raise UnreachableError(f"no answer within {seconds:.0f} seconds; {what_to_do}")
    if failed:
        raise failed[0]
