"""Whether an inventory can work whole, tried before it is saved: one small question for each permission it needs."""

from functools import partial
from typing import Dict, Iterator
from urllib.parse import quote, urlencode

from . import app_permissions
from .clouds import CUSTOM, GOOGLE_REPORTS
from .errors import SourceError
from .google import DELEGATES_SCOPE, GROUPS_SCOPE, ROLES_SCOPE, USERS_SCOPE, google_token, read_key_file
from .google_api import QUOTA, GoogleApi, Line
from .google_directory import ADVICE
from .graph_api import GraphApi
from .graph_directory import PERMISSIONS
from .http import Http
from .inventory import InventoryStanza, apis_of
from .settings import Account
from .sweep import passing as _passing
from .trial import Question, ask_all, with_patience


def try_out(stanza: InventoryStanza, account: Account, secret: str) -> None:
    """Return when a sweep may work whole; SourceError says why none can, or which permission is missing."""
    with_patience(account, lambda http: ask_all(questions(http, stanza, account, secret), passing))


def passing(error: SourceError) -> bool:
    """Whether a host or a service is only out for the moment."""
    return _passing(error, QUOTA)


def questions(http: Http, stanza: InventoryStanza, account: Account, secret: str) -> Iterator[Question]:
    """What a sweep needs, one permission after another."""
    return (_office365 if stanza.provider == "o365" else _workspace)(http, stanza, account, secret)


def _office365(http: Http, stanza: InventoryStanza, account: Account, secret: str) -> Iterator[Question]:
    exchange, graph = apis_of(http, account, secret)
    yield Question(
        "Read mailboxes: Exchange.ManageAsApp of Office 365 Exchange Online, and the role Global Reader",
        lambda: exchange.rows("Get-Mailbox", "Identity", ResultSize=1),
    )
    asked = dict(PERMISSIONS) if stanza.directory else {}
    if app_permissions.KIND in stanza.kinds:
        asked[app_permissions.CONSENTS] = app_permissions.PERMISSION
    for path, permission in asked.items():
        query = {} if "/" in path else {"$top": "1"}
        what = "roles" if "/" in path else "applications" if path == app_permissions.CONSENTS else path
        yield Question(
            f"Read {what}: {permission} of Microsoft Graph",
            partial(_first, graph, path, query, permission),
        )


def _first(graph: GraphApi, path: str, query: Dict[str, str], permission: str) -> object:
    return next(graph.pages(path, query, permission))


def _workspace(http: Http, stanza: InventoryStanza, account: Account, secret: str) -> Iterator[Question]:
    custom = account.cloud == CUSTOM
    key = read_key_file(secret, custom)
    line = Line(http, account.api_root if custom else GOOGLE_REPORTS, 600)
    customer = account.customer or "my_customer"
    listed = urlencode({"customer": customer, "maxResults": "1"})
    asked = {USERS_SCOPE: f"users?{listed}"}
    if stanza.directory:
        asked.update({GROUPS_SCOPE: f"groups?{listed}", ROLES_SCOPE: f"customer/{quote(customer)}/roles?maxResults=1"})
    for scope, path in asked.items():
        api = GoogleApi(line, google_token(http, key, account.subject, scope), "the Directory API", ADVICE)
        what = f"Read {'roles' if scope == ROLES_SCOPE else path.partition('?')[0]}: the scope {_short(scope)}"
        yield Question(what, partial(api.get, "/admin/directory/v1/" + path, {}))
    delegates = google_token(http, key, account.subject, DELEGATES_SCOPE)
    yield Question(f"Read the delegates of mailboxes: the scope {_short(DELEGATES_SCOPE)}", delegates.get)


def _short(scope: str) -> str:
    return scope.rpartition("/")[2]
