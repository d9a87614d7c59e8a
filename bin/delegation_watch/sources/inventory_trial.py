"""Whether an inventory can work whole, tried before it is saved: one small question for each permission it needs."""

from urllib.parse import quote, urlencode

from . import app_permissions
from .clouds import CUSTOM, GOOGLE_REPORTS
from .google import DELEGATES_SCOPE, GROUPS_SCOPE, ROLES_SCOPE, USERS_SCOPE, google_token, read_key_file
from .google_api import QUOTA, GoogleApi, Line
from .google_directory import ADVICE
from .graph_directory import PERMISSIONS
from .http import Http
from .inventory import InventoryStanza, apis_of
from .settings import Account
from .sweep import passing
from .trial import Questions, ask, with_http


def try_out(stanza: InventoryStanza, account: Account, secret: str) -> None:
    """Return when a sweep may work whole; SourceError says why none can, or which permission is missing."""
    questions = _office365 if stanza.provider == "o365" else _workspace
    with_http(account, lambda http: ask(questions(http, stanza, account, secret), lambda error: passing(error, QUOTA)))


def _office365(http: Http, stanza: InventoryStanza, account: Account, secret: str) -> Questions:
    exchange, graph = apis_of(http, account, secret)
    yield lambda: exchange.rows("Get-Mailbox", "Identity", ResultSize=1)
    asked = dict(PERMISSIONS) if stanza.directory else {}
    if app_permissions.KIND in stanza.kinds:
        asked[app_permissions.CONSENTS] = app_permissions.PERMISSION
    for path, permission in asked.items():
        query = {} if "/" in path else {"$top": "1"}
        yield lambda place=path, query=query, wanted=permission: next(graph.pages(place, query, wanted))  # type: ignore[misc]


def _workspace(http: Http, stanza: InventoryStanza, account: Account, secret: str) -> Questions:
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
        yield lambda api=api, path=path: api.get("/admin/directory/v1/" + path, {})  # type: ignore[misc]
    yield google_token(http, key, account.subject, DELEGATES_SCOPE).get
