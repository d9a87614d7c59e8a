"""The stand-in for one Office 365 tenant: Entra's token endpoint and the Management Activity API."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Callable, Dict, Iterable, List, Optional, Type, Union

import trustme

from workbench.tenants.activity import Activity
from workbench.tenants.blobs import Blob, Lag, pack, usual_lag
from workbench.tenants.entra import Entra
from workbench.tenants.faults import Faults
from workbench.tenants.organisation import Organisation
from workbench.tenants.records import Record
from workbench.tenants.served import Request, Served

TENANT = "5d0a8c1e-2f6b-4c39-9a57-6e1d4b8f2c70"
CLIENT_ID = "b7c2f0a4-1d3e-4f58-8a69-0c9e7d5b3a12"
SECRET = "s7Q~made-up.client.secret-of-the-stand-in"  # noqa: S105 (opens nothing but this stand-in)


class Office365:
    """An Office 365 tenant at https://127.0.0.1:<port> while the `with` block lasts.

    `source` is an Organisation or any records; `clock` gives now in epoch seconds; `faults` (also an
    attribute, to be turned while it runs) says what goes wrong; `lag` how late each record is published.

    For an account with `cloud = custom`: `authority` and `api_root` are both `uri`; `tenant`, `client_id`,
    `secret` and `ca_file` are what they say. `requests` and `unknown` are the log. `subscriptions` may be
    preset, e.g. `{"Audit.Exchange": "enabled"}`.
    """

    def __init__(
        self,
        source: Union[Organisation, Iterable[Record]],
        clock: Callable[[], float] = time.time,
        faults: Optional[Faults] = None,
        lag: Lag = usual_lag,
        ca: Optional[trustme.CA] = None,
    ) -> None:
        self.tenant = source.tenant if isinstance(source, Organisation) else TENANT
        records = source.office365_records() if isinstance(source, Organisation) else source
        self.client_id = CLIENT_ID
        self.secret = SECRET
        self.faults = faults or Faults()
        self.blobs: List[Blob] = pack(records, lag)
        self._site = Served("office365", clock, self.faults, ca)
        entra = Entra(self._site, self.tenant, self.client_id, self.secret, self.faults)
        activity = Activity(self._site, entra, self.tenant, self.blobs, self.faults)
        self.subscriptions: Dict[str, str] = activity.subscriptions

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
    def requests(self) -> List[Request]:
        """Every request so far, in order of arrival."""
        return self._site.requests

    @property
    def unknown(self) -> List[Request]:
        """The requests that were answered 501."""
        return self._site.unknown
