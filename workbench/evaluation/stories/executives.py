"""Intrusions at executives' mailboxes by whole-mailbox rights: FullAccess, Send As, Send on Behalf."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import full_access, late, read
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import entra

_ABROAD = "203.0.113.21"


def _admin_takes_chief(ledger: Ledger) -> None:
    admin, chief = ledger.people.helpdesk[0], ledger.people.chief
    time = late(ledger)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time, admin, _ABROAD))
    given = full_access(ledger, time + 540, "eac", admin, chief, admin, _ABROAD)
    ledger.blame(2, "administrator gives himself the chief's mailbox", given)
    for number in range(5):
        seen = read(ledger, time + 1500 + 900 * number, admin, chief, 20 + number, _ABROAD)
        ledger.blame(3, "chief's mail read by the administrator", seen)


STORIES: Tuple[Story, ...] = (
    Story(
        "admin-takes-chief",
        INTRUSION,
        "T1098.002 full access",
        "office365.md 0.3: the self-grant of A.Thulile; peers.md 4: grantee is the grantor, VIP mailbox",
        _admin_takes_chief,
    ),
)
