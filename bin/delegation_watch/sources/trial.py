"""Whether an input can work at all, tried before it is saved: one sign-in, one small question, and an end soon.

What is wrong and stays wrong until somebody mends it is refused with words that say what to do. A service that is out
of breath for the moment is no reason to refuse: the input's runs are patient, this trial is not.
"""

import base64
import binascii
import json
import threading
from typing import Any, Callable, List, Mapping

from .activity_api import RETRY, ActivityApi, action
from .clouds import CUSTOM, GOOGLE_REPORTS
from .collect import cloud_of
from .entra import entra_token
from .errors import RefusedError, SettingsError, SourceError
from .google import REPORTS_SCOPE, google_token, read_key_file
from .google_api import GoogleApi, Line
from .http import Http, Patience
from .settings import Account, Stanza

# Seconds for a connection and for an answer; one more try where the network fails, none where the service does.
PATIENCE = Patience((5, 10), 2, 1)
# For all of it, until splunkd, which waits for the answer, has none.
SECONDS = 25.0
# Permission that a content type needs beside ActivityFeed.Read.
_ALSO = {"DLP.All": "ActivityFeed.ReadDlp"}


def try_out(stanza: Stanza, account: Account, secret: str) -> None:
    """Return when a run of this input may work; SourceError says why none can."""
    http = Http(verify=account.ca_file or True, connections=1, patience=PATIENCE)
    try:
        _PROVIDERS[stanza.provider](http, stanza, account, secret)
    except RefusedError as error:
        if not _passes(error):
            raise
    finally:
        http.session.close()


def _office365(http: Http, stanza: Stanza, account: Account, secret: str) -> None:
    cloud = cloud_of(account)
    scope = f"{cloud.api_root.rstrip('/')}/.default"
    token = entra_token(http, cloud.authority, account.tenant, account.client_id, secret, scope)
    roles = _roles(token.get())
    api = ActivityApi(http, cloud.api_root, account.tenant, token, account.publisher)
    api.subscriptions()
    missing = sorted({_ALSO[name] for name in stanza.content_types if name in _ALSO} - set(roles)) if roles else []
    if missing:
        raise SettingsError(
            f"application {account.client_id} lacks the permission {', '.join(missing)} of the Office 365 Management "
            "APIs, or consent to it; DLP.All needs it"
        )


def _workspace(http: Http, stanza: Stanza, account: Account, secret: str) -> None:
    custom = account.cloud == CUSTOM
    token = google_token(http, read_key_file(secret, custom), account.subject, REPORTS_SCOPE)
    token.get()
    line = Line(http, account.api_root if custom else GOOGLE_REPORTS, 600)
    advice = "subject needs an administrator's role with the privilege Reports, and the client its scope"
    customer = {"customerId": account.customer} if account.customer else {}
    path = f"/admin/reports/v1/activity/users/all/applications/{stanza.content_types[0]}"
    GoogleApi(line, token, "the Reports API", advice).get(path, {"maxResults": "1", **customer})


_PROVIDERS: Mapping[str, Callable[[Http, Stanza, Account, str], None]] = {
    "o365": _office365,
    "workspace": _workspace,
}


def _passes(error: RefusedError) -> bool:
    """Whether a service is only out of breath."""
    return error.status == 429 or error.status >= 500 or action(error) == RETRY


def _roles(token: str) -> List[str]:
    """The permissions that an access token of Entra ID names; none where it cannot be read, as it well may not."""
    try:
        body = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return [str(role) for role in claims["roles"]]
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return []


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
