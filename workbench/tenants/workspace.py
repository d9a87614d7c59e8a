"""The stand-in for one Google Workspace customer: the token endpoint and the Reports API on one address."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Callable, Dict, Iterable, List, Optional, Tuple, Type, Union

import trustme

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.organisation import Organisation
from workbench.tenants.records import GOOGLE, Record
from workbench.tenants.reports import Reports
from workbench.tenants.served import Request, Served
from workbench.tenants.service_account import REPORTS, SETTINGS, ServiceAccount

CUSTOMER = "C01made00"
SUBJECT = "reports.reader@subsidiary.example"
PLAIN_USER = "plain.user@subsidiary.example"


class Workspace:
    """A Workspace customer at https://127.0.0.1:<port> while the `with` block lasts.

    `source` is an Organisation or any records (`workspace:<application>`); `clock`, `faults` and the log as
    in Office365. `key_file()` is the secret of an account; `customer` and `subject` are its other settings;
    `api_root` is `uri`. `subject` may read reports, `plain_user` may be impersonated but may not. `scopes`
    are those its service account was granted.
    """

    def __init__(
        self,
        source: Union[Organisation, Iterable[Record]],
        clock: Callable[[], float] = time.time,
        faults: Optional[GoogleFaults] = None,
        scopes: Tuple[str, ...] = (REPORTS, SETTINGS),
        ca: Optional[trustme.CA] = None,
    ) -> None:
        self.customer = source.customer if isinstance(source, Organisation) else CUSTOMER
        records = source.records if isinstance(source, Organisation) else source
        self.subject, self.plain_user = SUBJECT, PLAIN_USER
        if isinstance(source, Organisation):
            admin, *_, staff = source.directory.workspace
            self.subject, self.plain_user = admin.upn, staff.upn
        self.faults = faults or GoogleFaults()
        self._site = Served("workspace", clock, self.faults, ca)
        users = {self.subject: True, self.plain_user: False}
        self._account = ServiceAccount(self._site, users, scopes, self.faults)
        google = [record for record in records if record.content_type.startswith(GOOGLE)]
        Reports(self._site, self._account, self.customer, google, self.faults)

    def __enter__(self) -> Workspace:
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

    def key_file(self) -> Dict[str, str]:
        """The service account's key file, as a dict; `json.dumps` of it is the account's secret."""
        return self._account.key_file()

    @property
    def requests(self) -> List[Request]:
        """Every request so far, in order of arrival."""
        return self._site.requests

    @property
    def unknown(self) -> List[Request]:
        """The requests that were answered 501."""
        return self._site.unknown
