"""Intrusions at the subsidiary on Google Workspace, of which no event names the delegate."""

from __future__ import annotations

from typing import List, Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import late, on_day
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants import names
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import Record
from workbench.tenants.shapes import google, inventory

UNIT = "Finance"
SCOPES = "https://mail.google.com/,https://www.googleapis.com/auth/gmail.settings.sharing"
_CREATE = "gmail.users.settings.delegates.create"


def _unit(ledger: Ledger) -> List[Person]:
    return [one for one in ledger.people.workspace if one.department == UNIT]


def _sign_in(ledger: Ledger, time: float, person: Person, address: str) -> Record:
    kind = ("login_type", "google_password")
    method = ("login_challenge_method", ["password"])
    passed = google.event("login", "login_success", kind, method, ("is_suspicious", True))
    return google.activity(ledger, time, "login", person, [passed], address, False)


def _switch_then_delegate(ledger: Ledger) -> None:
    """A super admin's session allows delegation; in an owner's session a second stolen account is invited."""
    admin, abroad = ledger.people.workspace[1], "203.0.113.236"
    owner, second = _unit(ledger)[0], ledger.people.workspace[-1]
    time = late(ledger, 21.0) + 0.231
    ledger.blame(1, "super admin signs in from abroad", _sign_in(ledger, time, admin, abroad))
    switches = [
        google.setting("MailDelegation mail_delegation_desired", UNIT, "false", "true"),
        google.setting("MailDelegation sender_attribution_desired", UNIT, "true", "false"),
    ]
    switched = google.activity(ledger, time + 600, "admin", admin, switches, abroad)
    ledger.blame(2, "mail delegation allowed, the sender hidden", ledger.mark("switch", switched))
    ledger.blame(3, "owner's account signs in from abroad", _sign_in(ledger, time + 1800, owner, abroad))
    invited = google.invitation(ledger, time + 2100, owner, second)
    ledger.blame(3, "second account invited as delegate", ledger.mark("invitation", invited))
    for days, status in ((0.3, "pending"), (1.3, "accepted"), (2.3, "accepted")):
        found = inventory.gmail_delegate(ledger, time + days * DAY, owner, second.upn, status)
        ledger.blame(4, f"second account found as delegate, {status}", found)
    for number in range(3):
        seen = google.read_by_delegate(ledger, time + 1.4 * DAY + 300 * number, owner, second)
        ledger.blame(5, "mail read by the delegate", seen)


def _domain_wide(ledger: Ledger) -> None:
    """A service account gets the mail of the domain and makes a new account delegate of three mailboxes."""
    admin, abroad, client = ledger.people.workspace[0], "203.0.113.239", "117799335511337799551"
    time = late(ledger, 2.2) + 0.417
    upn = f"archive.sync@{names.SUBSIDIARY_DOMAIN}"
    account = cast.join(ledger, upn, "Archive Sync", kind="workspace", created=time - 900)
    ledger.blame(1, "super admin signs in from abroad", _sign_in(ledger, time - 1200, admin, abroad))
    made = google.event("USER_SETTINGS", "CREATE_USER", ("USER_EMAIL", upn))
    created = google.activity(ledger, time - 900, "admin", admin, [made], abroad)
    ledger.blame(1, "account made for the purpose", created)
    given = google.client_access(client, SCOPES)
    granted = google.activity(ledger, time, "admin", admin, [given], None, False)
    ledger.blame(2, "a service account given every mailbox of the domain", ledger.mark("client", granted))
    for number, owner in enumerate(_unit(ledger)[:3]):
        call = google.api_call(_CREATE, client)
        called = google.activity(ledger, time + 900 + 37 * number, "token", owner, [call], None, False)
        ledger.blame(3, "a delegate made through the API", ledger.mark("call", called))
        found = inventory.gmail_delegate(ledger, time + 0.4 * DAY + number, owner, account.upn)
        ledger.blame(4, "the new account found as delegate", ledger.mark("found", found))


def _known_client(ledger: Ledger) -> None:
    """The stolen key of the backup: a client that only ever read makes delegates, and no administrator acts."""
    client = "102244668800224466880"
    owners = _unit(ledger)[-2:]
    for week in range(8):
        for owner in owners:
            call = google.api_call("gmail.users.messages.list", client)
            google.activity(ledger, on_day(ledger, week / 16, 1.0) + 0.1, "token", owner, [call], None, False)
    second, time = ledger.people.workspace[-4], late(ledger, 3.1) + 0.093
    for number, owner in enumerate(owners):
        call = google.api_call(_CREATE, client)
        called = google.activity(ledger, time + 41 * number, "token", owner, [call], None, False)
        ledger.blame(1, "backup's key makes a delegate", ledger.mark("call", called))
        found = inventory.gmail_delegate(ledger, time + 0.5 * DAY + number, owner, second.upn)
        ledger.blame(2, "a stolen account found as delegate", found)
        seen = google.read_by_delegate(ledger, time + 0.6 * DAY + 60 * number, owner, second)
        ledger.blame(3, "mail read by the delegate", seen)


STORIES: Tuple[Story, ...] = (
    Story(
        "gmail-switch-then-delegate",
        INTRUSION,
        "T1098.002 Gmail delegation, by invitation",
        "workspace.md 0 and 1.1: the switch of a unit, then the owner's settings; 1.5 the invitation; 2 the inventory",
        _switch_then_delegate,
    ),
    Story(
        "gmail-domain-wide-delegation",
        INTRUSION,
        "T1098.002 Gmail delegation, domain-wide",
        "workspace.md 1.4 and 1.6: a service account with mail scopes makes delegates; peers.md 5: Elastic rates it 73",
        _domain_wide,
    ),
    Story(
        "gmail-delegate-by-known-client",
        INTRUSION,
        "T1098.002 Gmail delegation, by the API alone",
        "workspace.md 0 (6): a stolen key of a delegated service account; GAM#715: without anyone else knowing",
        _known_client,
    ),
)
