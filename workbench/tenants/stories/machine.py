"""Everyday: what Exchange Online does by itself. The reference's list of benign self-made grants (1.8) in records."""

from __future__ import annotations

from workbench.tenants import names
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import OFFICE_ADDRESS
from workbench.tenants.shapes import exchange, mailbox
from workbench.tenants.shapes.mailbox import EVERYONE, Session

_PLANS = ("ExchangeOnline", "ExchangeOnlineDeskless", "ExchangeOnlineEssentials", "ExchangeOnlineEnterprise")
_PLAN_ROUNDS_A_DAY = 18
_MAILBOXES_A_DAY = 120
_NEW_GROUPS = 6
_FIRST_LOGONS = 16
_DISCOVERY = "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"


def tell(ledger: Ledger) -> None:
    """Tell every day of the time."""
    for day in ledger.days():
        _plans(ledger, day)
        _mailboxes(ledger, day)
    _discovery(ledger)
    for _ in range(_NEW_GROUPS):
        alias = f"project{ledger.draw.randrange(100, 999)}@{names.DOMAIN}"
        mailbox.group_mailbox(ledger, ledger.sometime(), alias, ledger.guid())
    for person in ledger.draw.sample(ledger.people.users, min(_FIRST_LOGONS, len(ledger.people.users))):
        _first_logon(ledger, Session(person, person, "::1"))


def _at(ledger: Ledger, day: float) -> float:
    return float(int(day + ledger.draw.random() * DAY))


def _dn(name: str) -> str:
    return f"EURPR05A007.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{names.ORGANIZATION_NAME}/{name}"


def _plans(ledger: Ledger, day: float) -> None:
    for number in range(_PLAN_ROUNDS_A_DAY):
        time = _at(ledger, day)
        for plan in _PLANS:
            dn = _dn(f"{plan}-{ledger.people.tenant}")
            parameters = {"ResetPasswordOnNextLogon": "False", "Identity": dn}
            exchange.system(ledger, time, number, "Set-MailboxPlan", dn, parameters)


def _mailboxes(ledger: Ledger, day: float) -> None:
    everyone = ledger.people.users + ledger.people.shared
    for number in range(_MAILBOXES_A_DAY):
        person = ledger.draw.choice(everyone)
        parameter = "ApplyMandatoryProperties" if number % 3 else "ProvisionedForOfficeGraph"
        parameters = {"Identity": person.dn, parameter: "True"}
        exchange.system(ledger, _at(ledger, day), number, "Set-Mailbox", person.dn, parameters)


def _discovery(ledger: Ledger) -> None:
    """Exchange grants Discovery Management its own mailbox again and again, under both spellings of its name."""
    time = ledger.start + ledger.draw.random() * DAY
    spelling = 0
    while time < ledger.end:
        mailbox_dn = _dn(_DISCOVERY)
        grant = {"Identity": mailbox_dn, "User": _dn("Discovery Management"), "AccessRights": "FullAccess"}
        exchange.system(ledger, float(int(time)), spelling, "Add-MailboxPermission", mailbox_dn, grant)
        spelling += 1
        time += ledger.draw.uniform(1, 4) * DAY


def _first_logon(ledger: Ledger, session: Session) -> None:
    """The first logon to Outlook on the web makes holiday and birthday calendars that nobody else may see."""
    time = ledger.sometime()
    for calendar in ("holidays", "birthdays"):
        path = f"\\{session.mailbox.folder('calendar')}\\{session.mailbox.folder(calendar)}"
        mailbox.permission(ledger, time, session, "ModifyFolderPermissions", path, *EVERYONE, "None")
    own = Session(session.actor, session.mailbox, OFFICE_ADDRESS)
    mailbox.accessed(ledger, time + 40, own, "\\" + session.mailbox.folder("inbox"), 1)
