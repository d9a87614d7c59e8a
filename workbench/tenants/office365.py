"""The stand-in for one Office 365 tenant: Entra's token endpoint, the Management Activity API, Graph and Exchange."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import Callable, Dict, Iterable, List, Optional, Sequence, Type, Union

import trustme

from workbench.tenants.activity import Activity
from workbench.tenants.applications import Applications
from workbench.tenants.audit_query import AuditQueries
from workbench.tenants.blobs import AnyBlob, Lag, pack, usual_lag
from workbench.tenants.bulk import Bulk
from workbench.tenants.directory import Directory
from workbench.tenants.entra import APIS, Entra
from workbench.tenants.exchange import Exchange
from workbench.tenants.faults import Faults
from workbench.tenants.graph import Graph
from workbench.tenants.listener import Stray
from workbench.tenants.organisation import Organisation
from workbench.tenants.records import Record
from workbench.tenants.served import Request, Served
from workbench.tenants.standing import Standing

TENANT = "5d0a8c1e-2f6b-4c39-9a57-6e1d4b8f2c70"
CLIENT_ID = "b7c2f0a4-1d3e-4f58-8a69-0c9e7d5b3a12"
SECRET = "s7Q~made-up.client.secret-of-the-stand-in"  # noqa: S105 (opens nothing but this stand-in)
Source = Union[Organisation, Bulk, Iterable[Record]]


class Office365:
    """An Office 365 tenant at 127.0.0.1, a port for each service, while the `with` block lasts.

    `source` is an Organisation, a Bulk or any records; `clock` gives now in epoch seconds; `faults` (also an
    attribute, to be turned while it runs) says what goes wrong; `lag` how late each record is published; `standing`
    who may do what with which mailbox (an Organisation brings its own); `certificate` a PEM text with a certificate
    that may stand in for the secret (more of them by `register_certificate`).

    For an account with `cloud = custom`: `authority` is `uri`; `api_root`, `graph_root`, `exchange_root`, `tenant`,
    `client_id`, `secret` and `ca_file` are what they say, and `roots` the four addresses. Each API answers at its own
    address alone, and to a token of its own. `requests` and `unknown` are the log, `tokens()` the access tokens given
    so far. `subscriptions` are the types that somebody has subscribed to, each with its state; `subscribed` names those
    that always were: of any other nothing is kept from before its first start.
    """

    def __init__(
        self,
        source: Source = (),
        clock: Callable[[], float] = time.time,
        faults: Optional[Faults] = None,
        lag: Lag = usual_lag,
        ca: Optional[trustme.CA] = None,
        standing: Optional[Standing] = None,
        certificate: Union[str, bytes, None] = None,
        subscribed: Iterable[str] = (),
    ) -> None:
        records = source.office365_records() if isinstance(source, Organisation) else source
        if not isinstance(records, Bulk):
            records = list(records)
        self.tenant = source.tenant if isinstance(source, Organisation) else TENANT
        self.client_id = CLIENT_ID
        self.secret = SECRET
        self.faults = faults or Faults()
        self.standing = standing or (source.standing if isinstance(source, Organisation) else Standing())
        self.blobs: Sequence[AnyBlob] = records.blobs if isinstance(records, Bulk) else pack(records, lag)
        self._site = Served("office365", clock, self.faults, ca, tuple(APIS))
        entra = Entra(self._site, self.tenant, self.client_id, self.secret, self.faults)
        self.tokens = entra.tokens
        self.register_certificate = entra.certificates.register
        if certificate:
            self.register_certificate(certificate)
        activity = Activity(self._site, entra, self.tenant, self.blobs, self.faults)
        self.subscriptions: Dict[str, str] = activity.subscriptions
        self.subscriptions.update(dict.fromkeys(subscribed, "enabled"))
        graph = Graph(self._site, entra, self.faults)
        Directory(graph, self.standing)
        Applications(graph, self.standing, self.client_id)
        if isinstance(records, Bulk):
            AuditQueries(graph, records.records, lambda record: record.time)
        else:
            kept = records
            AuditQueries(graph, lambda: kept, lambda record: record.time + lag(record))
        Exchange(self._site, entra, self.tenant, self.standing, self.faults)

    def __enter__(self) -> Office365:
        self._site.__enter__()
        self.uri = self._site.uri
        self.ca_file = self._site.ca_file
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._site.__exit__(kind, error, trace)

    @property
    def api_root(self) -> str:
        """Scheme, host and port of the Management Activity API."""
        return self._site.root("activity")

    @property
    def graph_root(self) -> str:
        """Those of Graph."""
        return self._site.root("graph")

    @property
    def exchange_root(self) -> str:
        """Those of Exchange Online."""
        return self._site.root("exchange")

    @property
    def roots(self) -> Dict[str, str]:
        """All four addresses by the names of an account's settings."""
        return {"authority": self.uri, "api_root": self.api_root, "graph_root": self.graph_root,
                "exchange_root": self.exchange_root}  # fmt: skip

    @property
    def fired(self) -> Counter[str]:
        """How often each word of the plan, and some of the switches, took effect."""
        return self._site.fired

    @property
    def requests(self) -> List[Request]:
        """Every request so far, in order of arrival."""
        return self._site.requests

    @property
    def unknown(self) -> List[Request]:
        """The requests that were answered 501."""
        return self._site.unknown

    @property
    def strays(self) -> List[Stray]:
        """The calls that followed a redirect, or an address of a listing, to a host that is not this service."""
        return self._site.strays
