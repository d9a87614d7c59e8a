"""Which hosts each of Microsoft's clouds has, by what the sources really call, and by the tables of docs/collecting.md.

Sources: Office 365 Management Activity API reference, "Activity API operations" (feed, sign-in); Exchange Online Admin
API, "Supported environments and base URLs"; Microsoft Graph, "National cloud deployments".
"""

import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from delegation_watch.sources import collect, inventory
from delegation_watch.sources.collect import feeds_of, queries_of
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Tally
from delegation_watch.sources.http import Http
from delegation_watch.sources.inventory import read_inventory_stanza, sweeps_of
from delegation_watch.sources.settings import read_account, read_stanza

from tests.bin.sources.vendor import HOUR, NOW, TENANT, Answer, Vendor, refusal

DOCS = Path(__file__).resolve().parents[3] / "docs" / "collecting.md"
# cloud: where it signs in, and where the feed, Exchange and Graph are
HOSTS = {
    "commercial": ("login.microsoftonline.com", "manage.office.com", "outlook.office365.com", "graph.microsoft.com"),
    "gcc": ("login.microsoftonline.com", "manage-gcc.office.com", "outlook.office365.com", "graph.microsoft.com"),
    "gcchigh": ("login.microsoftonline.us", "manage.office365.us", "outlook.office365.us", "graph.microsoft.us"),
    "dod": ("login.microsoftonline.us", "manage.protection.apps.mil", "outlook-dod.office365.us",
            "dod-graph.microsoft.us"),
}  # fmt: skip
CLOUDS = [*HOSTS, ""]  # without a cloud an account is of the commercial one


class World(Vendor):
    """Every host there is: each signs in whoever asks, has a subscription, and refuses all else."""

    def send(self, request, **_):
        self.calls.append(request)
        where = urlsplit(request.url)
        authority = f"https://{where.netloc}/{TENANT}"
        if where.path.endswith("/openid-configuration"):
            known = {"issuer": f"{authority}/v2.0", "token_endpoint": f"{authority}/oauth2/v2.0/token",
                     "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize"}  # fmt: skip
            return self._response(request, Answer(known))
        if where.path.endswith("/token"):
            return self._response(request, Answer({"access_token": "t", "expires_in": 3599, "token_type": "Bearer"}))
        if where.path.endswith("/subscriptions/list"):
            return self._response(request, Answer([{"contentType": "Audit.Exchange", "status": "enabled"}]))
        return self._response(request, refusal("no", 403))

    def hosts(self, path):
        """Those that were called at an address with this in its path."""
        return {urlsplit(call.url).netloc for call in self.calls if path in urlsplit(call.url).path}

    def scopes(self):
        """What tokens were asked for."""
        asked = [parse_qs(call.body) for call in self.calls if urlsplit(call.url).path.endswith("/token")]
        return {scope for query in asked for scope in query["scope"][0].split() if "://" in scope}


@pytest.fixture
def world(monkeypatch):
    world, session = World(), requests.Session()
    session.mount("https://", world)
    for module in (collect, inventory):
        monkeypatch.setattr(module, "Http", lambda **given: Http(session=session, sleep=lambda seconds: None))
    yield world
    session.close()


def account(cloud):
    given = {"provider": "o365", "tenant": TENANT, "client_id": "c", "cloud": cloud}
    return read_account("hq", given, "o365")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_audit_feed_signs_in_and_reads_at_the_hosts_of_its_cloud(world, cloud):
    sign_in, feed, _, _ = HOSTS[cloud or "commercial"]
    stanza = read_stanza({"provider": "o365", "account": "hq", "content_types": "Audit.Exchange"})
    for _, _, reader in feeds_of(stanza, account(cloud), "secret", {"Audit.Exchange": Tally()}):
        with suppress(SourceError):
            list(reader.read({}, NOW - HOUR, NOW))
    assert world.hosts(f"/{TENANT}/oauth2/") == {sign_in}
    assert world.hosts(f"/api/v1.0/{TENANT}/activity/feed/subscriptions/content") == {feed}
    assert {urlsplit(call.url).netloc for call in world.calls} == {sign_in, feed}
    assert world.scopes() == {f"https://{feed}/.default"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_inventory_signs_in_and_reads_at_the_hosts_of_its_cloud(world, cloud):
    sign_in, _, exchange, graph = HOSTS[cloud or "commercial"]
    stanza = read_inventory_stanza({"provider": "o365", "account": "hq"})
    for _, _, reader in sweeps_of(stanza, account(cloud), "secret", "delegation_inventory://x"):
        with suppress(SourceError):
            list(reader.read({}, 0, NOW))
    assert world.hosts(f"/{TENANT}/oauth2/") == {sign_in}
    assert (world.hosts("/adminapi/"), world.hosts("/v1.0/")) == ({exchange}, {graph})
    assert {urlsplit(call.url).netloc for call in world.calls} == {sign_in, exchange, graph}
    assert world.scopes() == {f"https://{exchange}/.default", f"https://{graph}/.default"}


@pytest.mark.parametrize("cloud", ["commercial", "gcc", ""])
def test_a_backfill_asks_the_graph_of_its_cloud(world, cloud):
    sign_in, _, _, graph = HOSTS[cloud or "commercial"]
    stanza = read_stanza({"provider": "o365", "account": "hq", "content_types": "Audit.Exchange", "backfill": "-30d"})
    with suppress(SourceError):
        queries_of(stanza, account(cloud), "secret", collect.Http())["Audit.Exchange"].look()
    assert {urlsplit(call.url).netloc for call in world.calls} == {sign_in, graph}
    assert world.scopes() == {f"https://{graph}/.default"}


def test_the_documentation_names_the_same_hosts_for_a_firewall():
    text = DOCS.read_text(encoding="utf-8")
    told = {}
    for clouds, first, second in re.findall(r"^\| (`[^|]+`) \| `([\w.-]+\.[\w.-]+)` \| `([\w.-]+)` \|$", text, re.M):
        for cloud in re.findall(r"`(\w+)`", clouds):
            told[cloud] = (*told.get(cloud, ()), first, second)
    assert told == HOSTS
