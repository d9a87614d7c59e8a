"""Everyday at the subsidiary on Google Workspace."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import often, on_day
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants import names
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import OFFICE_ADDRESS, Person
from workbench.tenants.shapes import google, inventory

_BACKUP = "104400221133557799886"
_TOOL = "108866442200886644221"
_PLANNER = "482910375566-k3v9qmadeupmadeupmadeup0001.apps.googleusercontent.com"
_SWITCH = ("MailDelegation mail_delegation_desired", "ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN")


def _days(ledger: Ledger) -> None:
    kind = ("login_type", "google_password")
    method = ("login_challenge_method", ["password"])
    for number in range(often(ledger, 2400)):
        person = ledger.draw.choice(ledger.people.workspace)
        time = ledger.sometime() + ledger.draw.randrange(1000) / 1000
        if number % 2:
            passed = google.event("login", "login_success", kind, method, ("is_suspicious", False))
            google.activity(ledger, time, "login", person, [passed], person.address, False)
        elif number % 4:
            called = google.api_call("gmail.users.messages.list", _BACKUP)
            google.activity(ledger, time, "token", person, [called], None, False)
        else:
            scope = ("scope", ["https://www.googleapis.com/auth/calendar.readonly"])
            let_in = ("client_id", _PLANNER), ("app_name", "Meeting Planner"), ("client_type", "WEB"), scope
            called = google.event("auth", "authorize", *let_in)
            google.activity(ledger, time, "token", person, [called], person.address, False)


def _team_mailbox(ledger: Ledger) -> None:
    """By ticket, the administrators' tool makes the team delegates of the support mailbox, and sweeps find them."""
    upn = f"support@{names.SUBSIDIARY_DOMAIN}"
    support = cast.join(ledger, upn, "Support", kind="workspace", department="Sales")
    team, time = ledger.people.workspace[4:10], on_day(ledger, 0.3, 10.0) + 0.512
    for number, member in enumerate(team):
        call = google.api_call("gmail.users.settings.delegates.create", _TOOL)
        made = google.activity(ledger, time + 20 * number, "token", support, [call], None, False)
        ledger.mark("call", made)
        for week in range(10):
            swept = time + (0.6 + 7 * week) * DAY + number
            ledger.mark("found", inventory.gmail_delegate(ledger, swept, support, member.upn))
    for _ in range(often(ledger, 300)):
        at = ledger.sometime()
        if at > time + DAY:
            used = google.read_by_delegate(ledger, at, support, ledger.draw.choice(team))
            ledger.mark("use", used)


def _switched(ledger: Ledger, time: float, admin: Person, unit: str, before: str, after: str) -> None:
    """The switch of a unit, as both names of the event told it."""
    switch = google.setting(_SWITCH[0], unit, before, after)
    told = google.activity(ledger, time, "admin", admin, [switch], OFFICE_ADDRESS)
    ledger.mark("on" if after == "true" else "off", told)
    twin = google.legacy_setting(_SWITCH[1], unit, before, after)
    google.activity(ledger, time, "admin", admin, [twin], OFFICE_ADDRESS)


def _delegation_project(ledger: Ledger) -> None:
    """A unit asks for delegation: it is allowed, some invite a colleague, and after the project it is ended."""
    admin, time = ledger.people.workspace[0], on_day(ledger, 0.4, 11.0) + 0.417
    _switched(ledger, time, admin, "Research", "false", "true")
    unit = [one for one in ledger.people.workspace if one.department == "Research"]
    for number, owner in enumerate(unit[:3]):
        colleague = unit[number + 1]
        at = time + (2 + number) * DAY
        ledger.mark("invitation", google.invitation(ledger, at, owner, colleague))
        found = inventory.gmail_delegate(ledger, at + 0.5 * DAY, owner, colleague.upn, "pending")
        ledger.mark("found", found)
        inventory.gmail_delegate(ledger, at + 1.5 * DAY, owner, colleague.upn)
    _switched(ledger, on_day(ledger, 0.8, 11.0) + 0.417, admin, "Research", "true", "false")


def _administrators(ledger: Ledger) -> None:
    for _ in range(often(ledger, 120)):
        admin = ledger.draw.choice(ledger.people.workspace[:2])
        user = ledger.draw.choice(ledger.people.workspace).upn
        group = f"team{ledger.draw.randrange(1, 9)}@{names.SUBSIDIARY_DOMAIN}"
        act = ledger.draw.choice(
            (
                google.event("USER_SETTINGS", "CHANGE_PASSWORD", ("USER_EMAIL", user)),
                google.event("GROUP_SETTINGS", "ADD_GROUP_MEMBER", ("USER_EMAIL", user), ("GROUP_EMAIL", group)),
                google.setting("ImapSettings disable_imap", "Research", "false", "true"),
                google.event(
                    "DELEGATED_ADMIN_SETTINGS", "ASSIGN_ROLE", ("ROLE_NAME", "Help Desk"), ("USER_EMAIL", user)
                ),
            )
        )
        time = ledger.sometime() + ledger.draw.randrange(1000) / 1000
        google.activity(ledger, time, "admin", admin, [act], admin.address)
    reports = "https://www.googleapis.com/auth/admin.reports.audit.readonly"
    given = google.client_access(_TOOL, reports)
    time = on_day(ledger, 0.2, 9.0)
    granted = google.activity(ledger, time, "admin", ledger.people.workspace[0], [given], None, False)
    ledger.mark("reports-client", granted)


STORIES: Tuple[Story, ...] = (
    Story(
        "workspace-days", EVERYDAY, "", "workspace.md 1.4: what service accounts and applications call all day", _days
    ),
    Story(
        "workspace-team-mailbox",
        EVERYDAY,
        "",
        "workspace.md 1.1 and 5: delegates made by an administrators' tool (GAM) for a team's mailbox",
        _team_mailbox,
    ),
    Story(
        "workspace-delegation-project",
        EVERYDAY,
        "",
        "workspace.md 1.2: the switch on and off, with its twin of the same millisecond; 1.5 invitations",
        _delegation_project,
    ),
    Story(
        "workspace-administrators",
        EVERYDAY,
        "",
        "workspace.md 1.7: 'delegated' means administration here; group members; a client with a reports scope (1.6)",
        _administrators,
    ),
)
