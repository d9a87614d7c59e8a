"""From a stanza, an account and its secret to the feeds that are to be read; the one place that puts them together."""

from typing import Iterator, Mapping, Tuple, Union

from .activity_api import ActivityApi
from .clouds import CLOUDS, CUSTOM, GOOGLE_REPORTS, Cloud
from .entra import entra_token
from .feed import Tally
from .google import REPORTS_SCOPE, google_token, read_key_file
from .http import Http
from .office365 import Office365Feed, ensure_subscriptions
from .settings import Account, Stanza
from .workspace import WorkspaceFeed

Reader = Union[Office365Feed, WorkspaceFeed]


def feeds_of(
    stanza: Stanza, account: Account, secret: str, tallies: Mapping[str, Tally]
) -> Iterator[Tuple[str, str, Reader]]:
    """(feed, sourcetype of its events, reader) of each feed in `tallies` that can be read."""
    http = Http(verify=account.ca_file or True, connections=stanza.connections)
    if stanza.provider == "o365":
        cloud = cloud_of(account)
        scope = f"{cloud.api_root.rstrip('/')}/.default"
        token = entra_token(http, cloud.authority, account.tenant, account.client_id, secret, scope)
        api = ActivityApi(http, cloud.api_root, account.tenant, token, account.publisher)
        for name in ensure_subscriptions(api, tallies):
            yield name, "o365:management:activity", Office365Feed(api, name, stanza.connections, tallies[name])
        return
    custom = account.cloud == CUSTOM
    token = google_token(http, read_key_file(secret, custom), account.subject, REPORTS_SCOPE)
    root = account.api_root if custom else GOOGLE_REPORTS
    for name, tally in tallies.items():
        yield name, f"gws:reports:{name}", WorkspaceFeed(http, root, name, account.customer, token, tally)


def cloud_of(account: Account) -> Cloud:
    """Where an account of Office 365 signs in and reads."""
    if account.cloud == CUSTOM:
        return Cloud(account.authority, account.api_root, account.graph_root)
    return CLOUDS[account.cloud or "commercial"]
