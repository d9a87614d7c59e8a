"""Everyday at the subsidiary on Google Workspace: sign-ins, apps that use consent, admins at work.

Three weeks before the end an admin allows mail delegation for one unit, as asked, and takes it back after two
days; those two acts show under the new names and, in the same millisecond, under the old.
"""

from __future__ import annotations

from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import OFFICE_ADDRESS, Person
from workbench.tenants.shapes import google

_SIGN_INS = 1.6  # a person and working day
_FAILED = 0.05
_LOGOUT = 0.15
_APP_CALLS = 1.5
_ADMIN_ACTS = 90
_BACKUP_CLIENT = "104400221133557799886"
_CALENDAR_APP = "482910375566-k3v9qmadeupmadeupmadeup0001.apps.googleusercontent.com"
_SWITCH = ("MailDelegation mail_delegation_desired", "ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN")


def tell(ledger: Ledger) -> None:
    """Tell every day of the time."""
    for day in ledger.workdays:
        for person in ledger.people.workspace:
            _working_day(ledger, day, person)
    for _ in range(_ADMIN_ACTS):
        _admin_act(ledger, ledger.draw.choice(ledger.people.workspace[:2]))
    _asked_for_delegation(ledger)


def _moment(ledger: Ledger, day: float) -> float:
    return ledger.office_hour(day) + ledger.draw.randrange(1000) / 1000


def _working_day(ledger: Ledger, day: float, person: Person) -> None:
    draw = ledger.draw
    kind = ("login_type", "google_password")
    method = ("login_challenge_method", ["password"])
    for _ in range(int(_SIGN_INS + draw.random())):
        passed = google.event("login", "login_success", kind, method, ("is_suspicious", False))
        google.activity(ledger, _moment(ledger, day), "login", person, [passed], person.address, False)
    if draw.random() < _FAILED:
        failed = google.event("login", "login_failure", ("login_type", "unknown"), method)
        google.activity(ledger, _moment(ledger, day), "login", person, [failed], person.address, False)
    if draw.random() < _LOGOUT:
        left = google.event("login", "logout", kind)
        google.activity(ledger, _moment(ledger, day), "login", person, [left], person.address, False)
    for _ in range(int(_APP_CALLS + draw.random())):
        if draw.random() < 0.6:
            called = google.api_call("gmail.users.messages.list", _BACKUP_CLIENT)
            google.activity(ledger, _moment(ledger, day), "token", person, [called], None, False)
        else:
            called = google.event(
                "auth",
                "authorize",
                ("client_id", _CALENDAR_APP),
                ("app_name", "Meeting Planner"),
                ("client_type", "WEB"),
                ("scope", ["https://www.googleapis.com/auth/calendar.readonly"]),
            )
            google.activity(ledger, _moment(ledger, day), "token", person, [called], person.address, False)


def _admin_act(ledger: Ledger, admin: Person) -> None:
    user = ledger.draw.choice(ledger.people.workspace).upn
    group = f"team{ledger.draw.randrange(1, 9)}@{user.split('@')[1]}"
    act = ledger.draw.choice(
        (
            google.event("USER_SETTINGS", "CHANGE_PASSWORD", ("USER_EMAIL", user)),
            google.event("USER_SETTINGS", "CREATE_USER", ("USER_EMAIL", user)),
            google.event("GROUP_SETTINGS", "ADD_GROUP_MEMBER", ("USER_EMAIL", user), ("GROUP_EMAIL", group)),
            google.setting("ImapSettings disable_imap", "Research", "false", "true"),
            google.event(
                "APPLICATION_SETTINGS",
                "CHANGE_APPLICATION_SETTING",
                ("APPLICATION_NAME", "Google Chat"),
                ("ORG_UNIT_NAME", "Finch Labs"),
                ("SETTING_NAME", "ChatArchivingProto chatsDefaultToOffTheRecord"),
                ("OLD_VALUE", "true"),
                ("NEW_VALUE", "false"),
                ("APPLICATION_EDITION", "enterprise"),
            ),
        )
    )
    moment = ledger.sometime() + ledger.draw.randrange(1000) / 1000
    google.activity(ledger, moment, "admin", admin, [act], admin.address)


def _asked_for_delegation(ledger: Ledger) -> None:
    admin, new, old = ledger.people.workspace[0], *_SWITCH
    begun = ledger.end - 21 * DAY + 0.417
    for time, before, after in ((begun, "false", "true"), (begun + 2 * DAY, "true", "false")):
        switch = google.setting(new, "Research", before, after)
        google.activity(ledger, time, "admin", admin, [switch], OFFICE_ADDRESS)
        twin = google.legacy_setting(old, "Research", before, after)
        google.activity(ledger, time, "admin", admin, [twin], OFFICE_ADDRESS)
