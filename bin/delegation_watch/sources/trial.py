"""Whether an input can work at all, tried before it is saved: one sign-in, one small question, and an end soon.

What is wrong and stays wrong until somebody mends it is refused with words that say what to do. A service that is out
of breath for the moment is no reason to refuse: the input's runs are patient, this trial is not.
"""

import threading
from typing import Callable, Iterator, List, Mapping

from .activity_api import RETRY, ActivityApi, action
from .audit_queries import require_permission
from .clouds import CUSTOM, GOOGLE_REPORTS
from .collect import cloud_of, queries_of
from .entra import entra_token
from .errors import RefusedError, SettingsError, SourceError
from .google import REPORTS_SCOPE, google_token, read_key_file
from .health import Tally
from .http import Http, Patience
from .odata import roles_of
from .settings import Account, Stanza
from .workspace import WorkspaceFeed

# Seconds for a connection and for an answer; one more try where the network fails, none where the service does.
PATIENCE = Patience((5, 10), 2, 1)
# For all of it, until splunkd, which waits for the answer, has none.
SECONDS = 25.0
# Permission that a content type needs beside ActivityFeed.Read.
_ALSO = {"DLP.All": "ActivityFeed.ReadDlp"}


Questions = Iterator[Callable[[], object]]


def try_out(stanza: Stanza, account: Account, secret: str) -> None:
    """Return when a run of this input may work; SourceError says why none can."""
    with_http(account, lambda http: ask(_PROVIDERS[stanza.provider](http, stanza, account, secret), _passes))


def with_http(account: Account, use: Callable[[Http], None]) -> None:
    """Use calls that are patient enough for a trial."""
    http = Http(verify=account.ca_file or True, connections=1, patience=PATIENCE)
    try:
        use(http)
    finally:
        http.session.close()


def ask(questions: Questions, passes: Callable[[RefusedError], bool]) -> None:
    """Ask each; a refusal that passes by itself is no reason to refuse the input."""
    for question in questions:
        try:
            question()
        except RefusedError as error:
            if not passes(error):
                raise


def _office365(http: Http, stanza: Stanza, account: Account, secret: str) -> Questions:
    cloud = cloud_of(account)
    older = list(queries_of(stanza, account, secret, http).values()) if stanza.backfill else []
    scope = f"{cloud.api_root.rstrip('/')}/.default"
    token = entra_token(http, cloud.authority, account.tenant, account.client_id, secret, scope)
    yield ActivityApi(http, cloud.api_root, account.tenant, token, account.publisher).subscriptions
    roles = roles_of(token.get())
    missing = sorted({_ALSO[name] for name in stanza.content_types if name in _ALSO} - roles) if roles else []
    if missing:
        raise SettingsError(
            f"application {account.client_id} lacks the permission {', '.join(missing)} of the Office 365 Management "
            "APIs, or consent to it; DLP.All needs it"
        )
    if older:  # one look says whether Graph can be reached and has the query; the token says the rest
        yield lambda: require_permission(*older)
        yield older[0].look


def _workspace(http: Http, stanza: Stanza, account: Account, secret: str) -> Questions:
    custom = account.cloud == CUSTOM
    token = google_token(http, read_key_file(secret, custom), account.subject, REPORTS_SCOPE)
    root = account.api_root if custom else GOOGLE_REPORTS
    for name in stanza.content_types:
        yield WorkspaceFeed(http, root, name, account.customer, token, Tally()).look


_PROVIDERS: Mapping[str, Callable[[Http, Stanza, Account, str], Questions]] = {
    "o365": _office365,
    "workspace": _workspace,
}


def _passes(error: RefusedError) -> bool:
    """Whether a service is only out of breath."""
    return error.status == 429 or error.status >= 500 or action(error) == RETRY


def in_time(trial: Callable[[], None], seconds: float = SECONDS) -> None:
    """Run a trial that must not hang, whatever an answer does; SourceError when it is not done in time."""
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
        raise SourceError(f"no answer within {seconds:.0f} seconds; check what stands in between, or try again later")
    if failed:
        raise failed[0]
