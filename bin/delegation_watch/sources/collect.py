"""From a stanza, an account and its secret to the feeds that are to be read; the one place that puts them together."""

from typing import Dict, Iterator, List, Mapping, Tuple, Union

from .activity_api import ActivityApi
from .audit_queries import WORKLOADS, AuditQueries, asked
from .backfill import BackfillFeed
from .border import BorderedFeed, remedy
from .clock import ClockedFeed
from .clouds import AUDIT_QUERY, CLOUDS, CUSTOM, GOOGLE_REPORTS, Cloud
from .entra import entra_token
from .errors import SettingsError
from .google import REPORTS_SCOPE, google_token, read_key_file
from .health import Tally
from .http import Http
from .nested import body_of
from .odata import OData
from .office365 import Office365Feed, ensure_subscriptions
from .settings import GRAPH_VERSIONS, Account, Stanza
from .workspace import WorkspaceFeed

Reader = Union[ClockedFeed, BackfillFeed]
OFFICE = "o365:management:activity"


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
        read: Dict[str, BorderedFeed] = {}
        for name in ensure_subscriptions(api, {name: tallies[name] for name in stanza.content_types}):
            feed = Office365Feed(api, name, stanza.connections, tallies[name])
            if name in WORKLOADS:
                fills = remedy(stanza.backfill, account.cloud)
                read[name] = BorderedFeed(feed, asked(name, stanza.backfill_operations), tallies[name], fills)
            yield name, OFFICE, ClockedFeed(name, read.get(name, feed), tallies[name])
        if stanza.backfill:
            yield from _backfill(stanza, account, secret, http, read, tallies)
        return
    custom = account.cloud == CUSTOM
    token = google_token(http, read_key_file(secret, custom), account.subject, REPORTS_SCOPE)
    root = account.api_root if custom else GOOGLE_REPORTS
    for name, tally in tallies.items():
        workspace = WorkspaceFeed(http, root, name, account.customer, token, tally, account.customer_names)
        yield name, f"gws:reports:{name}", ClockedFeed(name, workspace, tally)


def backfills(stanza: Stanza) -> List[str]:
    """The names of the feeds that read what is older than those of the stanza."""
    return [_backfill_name(name) for name in stanza.content_types if stanza.backfill and name in WORKLOADS]


def _backfill_name(content_type: str) -> str:
    return f"backfill {content_type}"


def _backfill(
    stanza: Stanza, account: Account, secret: str, http: Http, read: Dict[str, BorderedFeed],
    tallies: Mapping[str, Tally],
) -> Iterator[Tuple[str, str, Reader]]:  # fmt: skip
    """What is older than these feeds, once they are read."""
    asked_of = queries_of(stanza, account, secret, http)
    for name, feed in read.items():
        tally = tallies[_backfill_name(name)]
        yield _backfill_name(name), OFFICE, BackfillFeed(asked_of[name], feed, stanza.backfill, tally)


def queries_of(stanza: Stanza, account: Account, secret: str, http: Http) -> Dict[str, AuditQueries]:
    """Graph's audit log queries for each content type of the stanza that they know; SettingsError where it has none."""
    cloud = cloud_of(account)
    if account.cloud not in ("", CUSTOM, *AUDIT_QUERY):
        raise SettingsError(
            f"backfill: Microsoft Graph has no audit log query in the cloud {account.cloud}; leave backfill empty, and "
            "export what is older with Search-UnifiedAuditLog"
        )
    if not cloud.graph_root:
        raise SettingsError(f"backfill: account {account.name} with cloud = custom needs graph_root")
    scope = f"{cloud.graph_root.rstrip('/')}/.default"
    token = entra_token(http, cloud.authority, account.tenant, account.client_id, secret, scope)
    graph = OData(http, cloud.graph_root, token, "Microsoft Graph", body_of)
    versions = (stanza.backfill_version,) if stanza.backfill_version else GRAPH_VERSIONS
    return {
        name: AuditQueries(graph, name, asked(name, stanza.backfill_operations), versions)
        for name in stanza.content_types
        if name in WORKLOADS
    }


def cloud_of(account: Account) -> Cloud:
    """Where an account of Office 365 signs in and reads."""
    if account.cloud == CUSTOM:
        return Cloud(account.authority, account.api_root, account.graph_root)
    return CLOUDS[account.cloud or "commercial"]
