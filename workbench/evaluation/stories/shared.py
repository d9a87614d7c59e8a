"""Everyday: shared mailboxes and those who are let into them."""

from __future__ import annotations

from typing import List, Tuple

from workbench.evaluation.stories.acts import full_access, often, on_day, send_as
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person


def staff(ledger: Ledger) -> List[Person]:
    """Everyone but executives and the help desk."""
    return [one for one in ledger.people.users if not one.vip and one.title != "Help Desk"]


def _joiners(ledger: Ledger) -> None:
    """Somebody joins and is let into the twenty mailboxes of the team, within minutes."""
    for _ in range(often(ledger, 12)):
        actor, joiner = ledger.draw.choice(ledger.people.helpdesk), ledger.draw.choice(staff(ledger))
        time = on_day(ledger, ledger.draw.random(), ledger.draw.uniform(8, 15))
        boxes = ledger.draw.sample(ledger.people.shared, min(20, len(ledger.people.shared)))
        for number, box in enumerate(boxes):
            full_access(ledger, time + 25 * number, "powershell", actor, box, joiner)
            send_as(ledger, time + 25 * number + 2, "powershell", actor, box, joiner)


STORIES: Tuple[Story, ...] = (
    Story(
        "joiners-to-shared-mailboxes",
        EVERYDAY,
        "",
        "peers.md 3.2: shared mailboxes, project access; 3.1: Elastic sees no account that grants daily",
        _joiners,
    ),
)
