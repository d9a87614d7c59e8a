"""Intrusions by applications: a right of their own on all mail, or a consent for everyone."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import late, on_day
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import applications, entra, mailbox
from workbench.tenants.shapes.exchange import cmdlet


def _full_access_as_app(ledger: Ledger) -> None:
    """A test account without a second factor owns an old application, which may give applications rights."""
    abroad, time = "203.0.113.221", late(ledger, 0.9)
    tester = cast.join(ledger, "test.migration", "Test Migration", department="IT", title="Test")
    legacy = applications.new_app(ledger, "Legacy Test OAuth")
    fresh = applications.new_app(ledger, "Reporting Sync")
    for number in range(4):
        at = time - 9000 + 1800 * number
        failed = entra.sign_in(ledger, at, tester, abroad, succeeded=False)
        ledger.blame(1, "password of the test account guessed", failed)
    ledger.blame(1, "test account signs in from abroad", entra.sign_in(ledger, time - 1500, tester, abroad))
    for record in applications.registered(ledger, time - 600, tester, fresh):
        ledger.blame(2, "application made, with a secret", record)
    given = applications.app_role(ledger, time, tester, fresh, "full_access_as_app", added_by=legacy)
    ledger.blame(3, "the application gets every mailbox", ledger.mark("app-role", given))
    for number, executive in enumerate(ledger.people.executives):
        app = (fresh.name, fresh.app_id)
        seen = mailbox.accessed_by_app(ledger, time + 3600 + 200 * number, app, executive, abroad, 80)
        ledger.blame(4, "executive's mail read by the application", seen)


def _mail_role_on_existing_app(ledger: Ledger) -> None:
    """The application was there with a harmless right; it gets a secret and everyone's mail."""
    admin, abroad = ledger.people.helpdesk[2], "203.0.113.224"
    app = applications.new_app(ledger, "Directory Export")
    applications.registered(ledger, on_day(ledger, 0.1, 11.0), admin, app)
    applications.app_role(ledger, on_day(ledger, 0.1, 11.2), admin, app, "User.Read.All")
    time = late(ledger, 4.8)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 900, admin, abroad))
    ledger.blame(2, "secret added to the application", applications.credentials(ledger, time, admin, app))
    for number, role in enumerate(("Mail.ReadWrite", "Mail.Send")):
        given = applications.app_role(ledger, time + 90 + 5 * number, admin, app, role)
        ledger.blame(3, f"the application gets {role} of everyone", ledger.mark(role, given))
    for number, executive in enumerate(ledger.people.executives[:3]):
        seen = mailbox.accessed_by_app(
            ledger, time + 5000 + 300 * number, (app.name, app.app_id), executive, abroad, 90
        )
        ledger.blame(4, "executive's mail read by the application", seen)


def _tenant_wide_consent(ledger: Ledger) -> None:
    """An administrator is led to a page that asks for everyone's mail, in a session that is his."""
    admin, abroad = ledger.people.helpdesk[1], "203.0.113.227"
    app = applications.new_app(ledger, "Mail Assist 365")
    time = late(ledger, 17.4)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 60, admin, abroad))
    scopes = "offline_access Mail.ReadWrite Mail.Send"
    for record in applications.consent(ledger, time, admin, app, scopes, everyone=True):
        ledger.blame(2, "consent for everyone: mail read, changed and sent", record)


def _access_policy_removed(ledger: Ledger) -> None:
    """The policy kept an application with a right on all mail to three mailboxes."""
    admin, abroad = ledger.people.helpdesk[3], "203.0.113.231"
    app = applications.new_app(ledger, "Ticket Gateway")
    first = on_day(ledger, 0.14, 13.5)
    applications.registered(ledger, first, admin, app)
    applications.app_role(ledger, first + 200, admin, app, "Mail.Read")
    kept = {"AppId": app.app_id, "PolicyScopeGroupId": "support@harbourfinch.example", "AccessRight": "RestrictAccess"}
    operation = "New-ApplicationAccessPolicy"
    ledger.mark("policy", cmdlet(ledger, first + 260, "powershell", admin, operation, app.name, kept))
    time = late(ledger, 23.7)
    identity = f"{ledger.people.tenant}\\{app.app_id}:{ledger.guid()};{ledger.guid()}"
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 500, admin, abroad))
    operation = "Remove-ApplicationAccessPolicy"
    freed = cmdlet(ledger, time, "powershell", admin, operation, identity, {"Identity": identity}, address=abroad)
    ledger.blame(2, "limit of an application with everyone's mail taken away", ledger.mark("removed", freed))
    added = applications.credentials(ledger, time + 120, admin, app)
    ledger.blame(2, "secret added to the application", added)
    for number, executive in enumerate(ledger.people.executives):
        app_named = (app.name, app.app_id)
        seen = mailbox.accessed_by_app(ledger, time + 4000 + 250 * number, app_named, executive, abroad, 70)
        ledger.blame(3, "executive's mail read by the application", seen)


STORIES: Tuple[Story, ...] = (
    Story(
        "full-access-as-app",
        INTRUSION,
        "T1098.002 application permission, full_access_as_app",
        "peers.md 4: Midnight Blizzard: test account, legacy application, new application, full_access_as_app",
        _full_access_as_app,
    ),
    Story(
        "mail-role-on-existing-app",
        INTRUSION,
        "T1098.002 application permission, Mail.ReadWrite",
        "peers.md 4: UNC2452 adds Mail.Read and Mail.ReadWrite to applications that are there",
        _mail_role_on_existing_app,
    ),
    Story(
        "tenant-wide-consent",
        INTRUSION,
        "T1098.002 application permission, consent for everyone",
        "peers.md 3.1: consent with mail scopes; AA22-047A: permissions of an application changed to read mailboxes",
        _tenant_wide_consent,
    ),
    Story(
        "access-policy-removed",
        INTRUSION,
        "T1098.002 application permission, policy removed",
        "peers.md 2 (12): successor paths whose limits are expanded or removed quietly; 1 C: no rule set has them",
        _access_policy_removed,
    ),
)
