"""Intrusions by rights on folders: opened to everyone, or to an account that is compromised too."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import folder, late, on_day, read, share, staff
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.shapes import entra, mailbox
from workbench.tenants.shapes.mailbox import EDITOR, REVIEWER, Session

_CHANGE = "Set-MailboxFolderPermission"
_ANONYMOUS = ("Anonymous", "S-1-5-7")


def _opened_to_default(ledger: Ledger) -> None:
    """The admin's session opens root and inbox of each executive; a foothold of no rank reads."""
    admin, foothold, abroad = ledger.people.helpdesk[1], ledger.people.users[-3], "2001:db8:66:4::19"
    time = late(ledger, 2.0)
    for number, executive in enumerate(ledger.people.executives):
        at = time + 130 * number
        root = folder(ledger, at, "powershell", admin, executive, "", "Default", "Reviewer", abroad)
        ledger.blame(1, "mailbox root opened to everyone", ledger.mark("root", root))
        inbox = folder(ledger, at + 4, "powershell", admin, executive, "inbox", "Default", "Reviewer", abroad, _CHANGE)
        ledger.blame(1, "inbox opened to everyone", ledger.mark("inbox", inbox))
    for number, executive in enumerate(ledger.people.executives):
        seen = read(ledger, time + 8000 + 600 * number, foothold, executive, 30, "203.0.113.22")
        ledger.blame(2, "executive's mail read by another foothold", seen)


def _opened_to_anonymous(ledger: Ledger) -> None:
    """In the owner's own stolen session, so that the owner seems to do it."""
    owner, abroad = ledger.people.executives[-1], "203.0.113.160"
    time = late(ledger, 0.6)
    ledger.blame(1, "executive's account signs in from abroad", entra.sign_in(ledger, time, owner, abroad))
    session = Session(owner, owner, abroad)
    for number, kind in enumerate(("", "inbox", "sent")):
        path = "\\" + (owner.folder(kind) if kind else "")
        operation = "AddFolderPermissions"
        opened = mailbox.permission(ledger, time + 300 + 40 * number, session, operation, path, *_ANONYMOUS, REVIEWER)
        ledger.blame(2, "folder opened to anonymous", ledger.mark(kind or "root", opened))


def _phished_owner_makes_delegate(ledger: Ledger) -> None:
    """The owner's stolen session lets a second stolen account in, which needs neither password nor second factor."""
    finance = [one for one in staff(ledger) if one.department == "Finance"]
    owner, abroad = ledger.draw.choice(finance), "203.0.113.171"
    second = ledger.draw.choice([one for one in staff(ledger) if one.department == "Operations"])
    time = late(ledger, 18.5)
    ledger.blame(1, "accountant's account signs in from abroad", entra.sign_in(ledger, time, owner, abroad))
    root = share(ledger, time + 420, owner, "", second, "Visible", abroad)
    ledger.blame(2, "second account sees the mailbox", root)
    inbox = share(ledger, time + 425, owner, "inbox", second, EDITOR, abroad)
    ledger.blame(2, "second account reads and writes the inbox", ledger.mark("inbox", inbox))
    for number in range(4):
        seen = read(ledger, time + 1800 + 500 * number, second, owner, 25, abroad)
        ledger.blame(3, "inbox read by the second account", seen)
    actions = '[{"ActionType":"Move","Folder":"RSS Feeds"},{"ActionType":"MarkAsRead"}]'
    hidden = mailbox.rule(ledger, time + 4300, Session(second, owner, abroad), "...", actions)
    ledger.blame(4, "rule of the second account hides answers", hidden)


def _one_folder_at_a_time(ledger: Ledger) -> None:
    """A patient one: in office hours, from a home address, one inbox in two or three days, read a little each."""
    admin, home = ledger.people.helpdesk[0], "192.0.2.251"
    reader = ledger.draw.choice([one for one in staff(ledger) if one.department == "Engineering"])
    heads = [one for one in ledger.people.users if one.title.startswith(("Chief", "Head", "General"))]
    others = [one for one in staff(ledger) if one.department in ("Finance", "Legal")]
    wanted = [*heads, *ledger.draw.sample(others, min(3, len(others)))]
    for number, owner in enumerate(wanted):
        share_of_time = 0.55 + 0.35 * number / len(wanted)
        time = on_day(ledger, share_of_time, ledger.draw.uniform(8, 15))
        given = folder(ledger, time, "powershell", admin, owner, "inbox", reader.upn, "Reviewer", home)
        ledger.blame(1, "one more inbox given to the reader", ledger.mark("inbox", given))
        seen = read(ledger, time + DAY + 1200, reader, owner, 4, home)
        ledger.blame(2, "a few messages read", seen)


def _outsider_in_chiefs_calendar(ledger: Ledger) -> None:
    """Stolen session of the chief: a guest becomes delegate, sees private items and what is sent to him."""
    chief, abroad = ledger.people.chief, "203.0.113.182"
    time = late(ledger, 23.0)
    outsider = cast.guest(ledger, "Ilse Corvin", "board-advisers.example", created=time - 3 * DAY)
    ledger.blame(1, "chief's account signs in from abroad", entra.sign_in(ledger, time, chief, abroad))
    flags = "Delegate, CanViewPrivateItems"
    given = folder(ledger, time + 300, "owa", chief, chief, "calendar", outsider.upn, "Editor", abroad, flags=flags)
    ledger.blame(2, "guest becomes delegate of the chief's calendar", ledger.mark("calendar", given))
    inbox = folder(ledger, time + 340, "owa", chief, chief, "inbox", outsider.upn, "Reviewer", abroad)
    ledger.blame(2, "guest reads the chief's inbox", ledger.mark("inbox", inbox))
    ledger.blame(3, "chief's inbox read by the guest", read(ledger, time + 2500, outsider, chief, 30, abroad))


STORIES: Tuple[Story, ...] = (
    Story(
        "executives-opened-to-default",
        INTRUSION,
        "T1098.002 folder permission, opened to Default",
        "peers.md 4: UNC2452, Mandiant's update of March 2021: Default on inbox and root, read by any later foothold",
        _opened_to_default,
    ),
    Story(
        "inbox-opened-to-anonymous",
        INTRUSION,
        "T1098.002 folder permission, opened to Anonymous",
        "peers.md 4: the same update: Default and Anonymous; peers.md 2 (11); office365.md 1.5 for the record",
        _opened_to_anonymous,
    ),
    Story(
        "phished-owner-makes-delegate",
        INTRUSION,
        "T1098.002 folder permission, by a phished owner",
        "peers.md 4: delegate as a bridge; rulehound's AddFolderPermissions, rule, MailItemsAccessed (3.1)",
        _phished_owner_makes_delegate,
    ),
    Story(
        "one-folder-at-a-time",
        INTRUSION,
        "T1098.002 folder permission, by an administrator and slowly",
        "peers.md 4: Magic Hound's read access for compromised accounts; 'not usually monitored' (Mandiant 2021-03)",
        _one_folder_at_a_time,
    ),
    Story(
        "outsider-in-chiefs-calendar",
        INTRUSION,
        "T1098.002 folder permission, calendar with private items",
        "peers.md 1 C: calendar delegate, private items: collected, no logic anywhere; 4: delegate external or guest",
        _outsider_in_chiefs_calendar,
    ),
)
