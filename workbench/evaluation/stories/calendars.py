"""Everyday: calendars are shown, shared and looked after."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import on_day
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes.exchange import partner

_PARTNER = "198.51.100.77"


def _partner_calendar_defaults(ledger: Ledger) -> None:
    """A partner's script shows everyone when anyone is free: once for all, then each week for those who joined."""
    home = ledger.guid()
    technician = cast.technician(ledger, "Delia Munro", "cloudpartner.example", _PARTNER)
    everyone, time = ledger.people.users, on_day(ledger, 0.3, 9.0)
    for number, person in enumerate(everyone):
        _shows_free_and_busy(ledger, time + 1.4 * number, technician, home, person)
    for week in range(4, 12):
        at = on_day(ledger, week / 13, 9.5)
        for number, person in enumerate(ledger.draw.sample(everyone, min(4, len(everyone)))):
            _shows_free_and_busy(ledger, at + 2 * number, technician, home, person)


def _shows_free_and_busy(ledger: Ledger, time: float, technician: Person, home: str, person: Person) -> None:
    identity = f"{person.upn}:\\{person.folder('calendar')}"
    parameters = {"Identity": identity, "User": "Default", "AccessRights": "LimitedDetails"}
    partner(ledger, float(int(time)), technician, home, "Set-MailboxFolderPermission", identity, parameters)


STORIES: Tuple[Story, ...] = (
    Story(
        "partner-calendar-defaults",
        EVERYDAY,
        "",
        "peers.md 2 (11) and office365.md 1.7: scripts of partners set the Default of every calendar",
        _partner_calendar_defaults,
    ),
)
