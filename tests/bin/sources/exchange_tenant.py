"""A tenant of Exchange Online to sweep, and what a sweep of it gave."""

import json
import time
from contextlib import contextmanager

import pytest
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.exchange import KINDS, ExchangeSweep, Scope
from delegation_watch.sources.exchange_api import ExchangeApi
from delegation_watch.sources.feed import Event
from delegation_watch.sources.http import Http

from tests.bin.sources.ground import token_at
from workbench.tenants import Office365, Standing
from workbench.tenants.standing import Account, FolderRight, Group, MailboxRight, OnBehalf, SendAs

STAFF = [f"user{number:03d}@x.example" for number in range(30)]
OBJECT = "5d3b1c9e-0000-4000-8000-0000000000"
BOSS, SHARED, DELEGATE, GERMAN = STAFF[0], STAFF[1], STAFF[2], STAFF[3]
TEAM = "team@x.example"
PROJECT, PLAIN = "\\Projects\\A/B", "\\Plain"


def standing():
    accounts = [Account(one, f"Person {number}", object_id=f"{OBJECT}{number:02d}") for number, one in enumerate(STAFF)]
    accounts[1].kind = "shared"
    accounts[3].language = "de"
    accounts[4].audited = False
    accounts[5].bypassed = True
    rights = [
        MailboxRight(BOSS, DELEGATE), MailboxRight(BOSS, STAFF[9], ("ReadPermission", "ChangePermission"), deny=True),
        MailboxRight(STAFF[29], DELEGATE, inherited=True),
        SendAs(SHARED, DELEGATE), SendAs(TEAM, DELEGATE),
        OnBehalf(BOSS, DELEGATE), OnBehalf(BOSS, STAFF[7]), OnBehalf(TEAM, STAFF[8]),
        FolderRight(BOSS, "\\Inbox", "Default", ("Reviewer",)),
        FolderRight(GERMAN, "\\Posteingang", DELEGATE, ("Editor",), "Delegate, CanViewPrivateItems"),
        FolderRight(GERMAN, "\\", "Anonymous", ("FolderVisible", "ReadItems")),
        FolderRight(BOSS, PROJECT, DELEGATE, ("Owner",)),
        FolderRight(BOSS, "\\Unasked", DELEGATE, ("Owner",)),
    ]  # fmt: skip
    return Standing(accounts, rights, groups=[Group(TEAM, "Team", [BOSS])])


EXPECTED = {
    ("Get-MailboxPermission", BOSS, DELEGATE, "FullAccess"),
    ("Get-MailboxPermission", BOSS, STAFF[9], "ReadPermission, ChangePermission"),
    ("Get-MailboxPermission", STAFF[29], DELEGATE, "FullAccess"),
    ("Get-RecipientPermission", SHARED, DELEGATE, "SendAs"),
    ("Get-RecipientPermission", TEAM, DELEGATE, "SendAs"),
    ("Get-Mailbox", BOSS, "Person 2", ""),
    ("Get-Mailbox", BOSS, "Person 7", ""),
    ("Get-Mailbox", TEAM, "Person 8", ""),
    ("Get-MailboxFolderPermission", BOSS + ":\\Inbox", "Default", "Reviewer"),
    ("Get-MailboxFolderPermission", GERMAN + ":\\Posteingang", "Person 2", "Editor"),
    ("Get-MailboxFolderPermission", GERMAN + ":\\", "Anonymous", "FolderVisible, ReadItems"),
    ("Get-MailboxFolderPermission", BOSS + ":" + PROJECT, "Person 2", "Owner"),
}
MAILBOXES = tuple(kind for kind in KINDS if kind != "app_mail")
SCOPE = Scope(MAILBOXES, ("root", "inbox", "sent", PROJECT))


@contextmanager
def served():
    """The stand-in; what it was asked that it does not know is a fault."""
    with Office365(standing=standing()) as running:
        running.started = 0
        yield running
        assert running.unknown == []


def api(tenant):
    http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None)
    token = token_at(http, tenant, tenant.exchange_root)
    return ExchangeApi(http, tenant.exchange_root, tenant.tenant, token)


def sweep(tenant, scope=SCOPE, **given):
    return ExchangeSweep(api(tenant), tenant.tenant, "delegation_inventory://x", tenant.client_id, scope, **given)


def read(tenant, scope=SCOPE, state=None):
    return list(sweep(tenant, scope).read(state or {}, 0, time.time()))


def until(items, error=SourceError):
    """What came before the error."""
    kept = []
    with pytest.raises(error) as caught:
        kept.extend(iter_into(items, kept))
    return kept, caught.value


def iter_into(items, kept):
    for item in items:
        kept.append(item)
    return ()


def bodies(items, sourcetype):
    return [json.loads(one.raw) for one in items if isinstance(one, Event) and one.sourcetype == sourcetype]


def rows(items):
    """(cmdlet, mailbox, who, rights) of each snapshot; the folders' calendars, open to all by default, left out."""
    names = {account.exchange_name: account.display_name for account in standing().accounts.values()}
    found = []
    for body in bodies(items, "delegation:snapshot"):
        columns = body["columns"]
        for who in columns.get("GrantSendOnBehalfTo") or [columns.get("User") or columns.get("Trustee")]:
            place = (body["delegation_watch_inventory"], columns["Identity"], names.get(who, who))
            found.append((*place, ", ".join(columns.get("AccessRights", []))))
    return found


def closing(items):
    [body] = bodies(items, "delegation:sweep")
    return body


def planned(tenant, *rules):
    tenant.faults.plan = list(rules)


def asks(cmdlet, mailbox="*"):
    return f"*{cmdlet}\"*{mailbox}*"
