"""The attack on the subsidiary's Workspace, in the last three days of the time.

A super admin's session from abroad allows mail delegation for the unit Finance and hides who really sent a
delegate's mail, gives a service account the mail scopes for the whole domain, and has it make itself delegate
of three mailboxes. No event says who became delegate: that is how Google records it.
"""

from __future__ import annotations

from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import google
from workbench.tenants.stories.attack import BEGINS, FOREIGN

CLIENT = "113377559911335577991"
UNIT = "Finance"
SCOPES = "https://mail.google.com/,https://www.googleapis.com/auth/gmail.settings.sharing"
_MAILBOXES = 3


def tell(ledger: Ledger) -> None:
    """Tell the scenes in order, and keep each as truth."""
    begun = float(int(ledger.end - BEGINS)) + 3 * 3600 + 0.231
    admin = ledger.people.workspace[1]
    passed = google.event(
        "login",
        "login_success",
        ("login_type", "google_password"),
        ("login_challenge_method", ["password"]),
        ("is_suspicious", True),
    )
    signed_in = google.activity(ledger, begun, "login", admin, [passed], FOREIGN, False)
    ledger.blame(1, "super admin signs in from abroad", signed_in)

    switches = [
        google.setting("MailDelegation mail_delegation_desired", UNIT, "false", "true"),
        google.setting("MailDelegation sender_attribution_desired", UNIT, "true", "false"),
    ]
    switched = google.activity(ledger, begun + 600, "admin", admin, switches, FOREIGN)
    ledger.blame(2, "mail delegation allowed for Finance, the sender hidden", switched)

    granted = google.event(
        "DOMAIN_SETTINGS",
        "AUTHORIZE_API_CLIENT_ACCESS",
        ("DOMAIN_NAME", ""),
        ("API_CLIENT_NAME", CLIENT),
        ("API_SCOPES", SCOPES),
    )
    record = google.activity(ledger, begun + 1500, "admin", admin, [granted], None, False)
    ledger.blame(3, "a service account given every mailbox of the domain", record)

    owners = [person for person in ledger.people.workspace if person.department == UNIT][:_MAILBOXES]
    for number, owner in enumerate(owners):
        call = google.api_call("gmail.users.settings.delegates.create", CLIENT)
        record = google.activity(ledger, begun + 2400 + 37 * number, "token", owner, [call], None, False)
        ledger.blame(4, "a delegate made through the API", record)
