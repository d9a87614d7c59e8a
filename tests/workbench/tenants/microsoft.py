"""A small tenant on which things stand, and a client for Graph and Exchange; used by their tests."""

import json

import requests

from tests.workbench.tenants.conftest import Clock, six_records, token_of
from workbench.tenants import Faults, Office365
from workbench.tenants.standing import (
    Account,
    Application,
    FolderRight,
    Group,
    MailboxRight,
    OnBehalf,
    SendAs,
    Standing,
)

ADA, BEN, INFO, GUEST = "ada@x.example", "ben@x.example", "info@x.example", "gus_out.example#EXT#@x.example"
APP = "11111111-2222-3333-4444-555555555555"


def small():
    """Two people, a shared mailbox, a guest, two groups, an application, and some rights."""
    return Standing(
        [
            Account(ADA, "Ada Lund", manager=BEN, department="Finance", roles=("Global Administrator",), language="de"),
            Account(BEN, "Ben Moss", enabled=False),
            Account(INFO, "Info", kind="shared", exchange_name="InfoBox"),
            Account(GUEST, "Gus Out", kind="guest", aliases=("gus@out.example",)),
        ],
        rights=[
            MailboxRight(INFO, ADA, ("FullAccess", "ChangePermission")),
            MailboxRight(INFO, "S-1-5-21-9-9-9-1"),
            MailboxRight(INFO, BEN, deny=True),
            MailboxRight(INFO, "team@x.example", inherited=True),
            SendAs(INFO, BEN),
            OnBehalf(INFO, ADA),
            FolderRight(ADA, "\\Posteingang", BEN, ("Editor",), "Delegate, CanViewPrivateItems"),
            FolderRight(ADA, "\\Kalender", "Default", ("Reviewer",)),
            FolderRight(ADA, "\\Projekte/Alt", INFO, ("ReadItems", "FolderVisible")),
        ],
        groups=[
            Group("team@x.example", "Team", [ADA, "inner@x.example"]),
            Group("inner@x.example", "Inner", [BEN, ADA]),
        ],
        applications=[Application(APP, "Archive", roles=("Exchange Administrator",))],
    )


class Client:
    """Graph and Exchange of a tenant, with a token for each, or for both the one of `api`."""

    def __init__(self, tenant, api=None):
        self.tenant = tenant
        self.session = requests.Session()
        self.session.trust_env, self.session.verify = False, str(tenant.ca_file)
        self.session.auth = self._signed
        self._api, self._tokens = api, {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.session.close()

    def _signed(self, call):
        root = self._api or "/".join(call.url.split("/")[:3])
        if root not in self._tokens:
            self._tokens[root] = token_of(self.tenant, root)
        call.headers["Authorization"] = f"Bearer {self._tokens[root]}"
        return call

    def graph(self, path, version="v1.0", **options):
        query = {"$" + name: value for name, value in options.items()}
        return self.session.get(path if "://" in path else f"{self.tenant.graph_root}/{version}/{path}", params=query)

    def exchange(self, cmdlet, url=None, anchor=f"UPN:{ADA}", prefer=None, select=None, **parameters):
        headers = {"X-AnchorMailbox": anchor, "Prefer": prefer}
        url = url or f"{self.tenant.exchange_root}/adminapi/beta/{self.tenant.tenant}/InvokeCommand"
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        query = {"$select": select} if select else None
        return self.session.post(url, json=body, headers=headers, params=query)


def running(records=None, clock=None, lag=lambda record: 60, **faults):
    """A tenant where `small` stands."""
    clock = clock or Clock()
    return Office365(six_records() if records is None else records, clock, Faults(**faults), lag, standing=small())


def message(answer):
    """What an error of Exchange says, where its clients look for it."""
    error = json.loads(answer.content)["error"]
    return error["details"][0]["message"]
