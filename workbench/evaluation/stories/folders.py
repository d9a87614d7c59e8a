"""Intrusions by rights on folders: opened to everyone, or to an account that is compromised too."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import folder, late, read
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger

_ABROAD = "2001:db8:66:4::19"


def _opened_to_default(ledger: Ledger) -> None:
    """The admin's session opens root and inbox of each executive; a foothold of no rank reads."""
    admin, foothold = ledger.people.helpdesk[1], ledger.people.users[-3]
    time = late(ledger, 2.0)
    for number, executive in enumerate(ledger.people.executives):
        at = time + 130 * number
        root = folder(ledger, at, "powershell", admin, executive, "", "Default", "Reviewer", _ABROAD)
        ledger.blame(1, "mailbox root opened to everyone", root)
        change = "Set-MailboxFolderPermission"
        inbox = folder(ledger, at + 4, "powershell", admin, executive, "inbox", "Default", "Reviewer", _ABROAD, change)
        ledger.blame(1, "inbox opened to everyone", ledger.mark("inbox", inbox))
    for number, executive in enumerate(ledger.people.executives):
        seen = read(ledger, time + 8000 + 600 * number, foothold, executive, 30, "203.0.113.22")
        ledger.blame(2, "executive's mail read by another foothold", seen)


STORIES: Tuple[Story, ...] = (
    Story(
        "executives-opened-to-default",
        INTRUSION,
        "T1098.002 folder opened to Default",
        "peers.md 4: UNC2452, Mandiant's update of March 2021: Default on inbox and root, read by any later foothold",
        _opened_to_default,
    ),
)
