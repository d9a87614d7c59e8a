"""The stand-in for one Google Workspace customer: tokens, Reports, Directory and Gmail on one address."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Type, Union

import trustme

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.gmail import Gmail
from workbench.tenants.google_directory import GoogleDirectory
from workbench.tenants.google_people import SUPER_ADMIN, GooglePeople, roles_of
from workbench.tenants.listener import Stray
from workbench.tenants.organisation import Organisation
from workbench.tenants.records import GOOGLE, Record
from workbench.tenants.reports import Reports
from workbench.tenants.served import Request, Served
from workbench.tenants.service_account import GROUPS, REPORTS, ROLES, SETTINGS, USERS, ServiceAccount
from workbench.tenants.standing import Account, Standing

CUSTOMER = "C01made00"
SUBJECT = "reports.reader@subsidiary.example"
PLAIN_USER = "plain.user@subsidiary.example"


class Workspace:
    """A Workspace customer at https://127.0.0.1:<port> while the `with` block lasts.

    `source` is an Organisation or any records (`workspace:<application>`); `clock`, `faults` and the log as
    in Office365. `key_file()` is the secret of an account; `customer` and `subject` are its other settings;
    `api_root` is `uri`. `standing` says who there is and who may open whose mail, at each request anew. `subject` is
    a super administrator, `plain_user` may be impersonated but is no administrator. `scopes` are those its service
    account was granted, `roles` the customer's own roles: by name, what each may read of reports, users, groups, roles.
    """

    def __init__(
        self,
        source: Union[Organisation, Iterable[Record]],
        clock: Callable[[], float] = time.time,
        faults: Optional[GoogleFaults] = None,
        scopes: Tuple[str, ...] = (REPORTS, SETTINGS, USERS, GROUPS, ROLES),
        ca: Optional[trustme.CA] = None,
        standing: Optional[Standing] = None,
        roles: Optional[Mapping[str, Sequence[str]]] = None,
    ) -> None:
        self.customer = source.customer if isinstance(source, Organisation) else CUSTOMER
        records = source.records if isinstance(source, Organisation) else source
        self.faults = faults or GoogleFaults()
        self.standing = standing or (source.standing if isinstance(source, Organisation) else _two())
        users = self.standing.of_google()
        self.subject = next((one.upn for one in users if SUPER_ADMIN in roles_of(one)), SUBJECT)
        self.plain_user = next((one.upn for one in users[::-1] if not one.roles), PLAIN_USER)
        if self.subject == SUBJECT:
            self.standing.add(Account(SUBJECT, kind="workspace", roles=(SUPER_ADMIN,)))
        people = GooglePeople(self.standing, self.faults, roles)
        self._site = Served("workspace", clock, self.faults, ca)
        self._account = ServiceAccount(self._site, people, scopes, self.faults)
        google = [record for record in records if record.content_type.startswith(GOOGLE)]
        reports = Reports(self._site, self._account, people, self.customer, google, self.faults)
        GoogleDirectory(self._site, self._account, people, self.faults, self.customer)
        Gmail(self._site, self._account, people, self.faults, self.customer, reports.publish)

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


def _two() -> Standing:
    """One administrator and one user."""
    admin = Account(SUBJECT, kind="workspace", roles=(SUPER_ADMIN,))
    return Standing([admin, Account(PLAIN_USER, kind="workspace")])
