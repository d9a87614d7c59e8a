"""Intrusions at an Exchange server on premises: what a web shell or a stolen administrator runs there."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import late, staff
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import windows

ADMINISTRATOR = ("harbourfinch.example/Admins/exadmin", "S-1-5-21-2107437116-1586319521-3489264017-1131")


def _web_shell(ledger: Ledger) -> None:
    chief, time = ledger.people.chief, late(ledger, 2.8)
    holder = ledger.draw.choice(staff(ledger))
    name = "ApplicationImpersonation-svc"
    parameters = {"Name": name, "Role": "ApplicationImpersonation", "User": holder.upn}
    operation = "New-ManagementRoleAssignment"
    given = windows.cmdlet(ledger, time, windows.SYSTEM, operation, parameters)
    ledger.blame(1, "the server's own account gives impersonation", ledger.mark("role", given))
    rights = {"Identity": chief.upn, "User": holder.upn, "AccessRights": "FullAccess", "InheritanceType": "All"}
    taken = windows.cmdlet(ledger, time + 120, windows.SYSTEM, "Add-MailboxPermission", rights)
    ledger.blame(1, "the server's own account gives the chief's mailbox", ledger.mark("grant", taken))
    export = {"Mailbox": chief.upn, "FilePath": "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\a.aspx"}
    written = windows.cmdlet(ledger, time + 400, windows.SYSTEM, "New-MailboxExportRequest", export)
    ledger.blame(2, "chief's mailbox exported into the web folder", written)


def _receive_as(ledger: Ledger) -> None:
    """One right on the database opens every mailbox in it; no mailbox shows a permission."""
    time = late(ledger, 1.7)
    holder = ledger.draw.choice(staff(ledger))
    for number, right in enumerate(("Receive-As", "Send-As")):
        rights = {"Identity": "Mailbox Database 01", "User": holder.upn, "ExtendedRights": right}
        given = windows.cmdlet(ledger, time + 14 * number, ADMINISTRATOR, "Add-ADPermission", rights)
        ledger.blame(1, f"{right} on the database given to a foothold", ledger.mark(right.lower(), given))


STORIES: Tuple[Story, ...] = (
    Story(
        "web-shell-on-the-server",
        INTRUSION,
        "T1098.002 Exchange Server, by the machine's account",
        "peers.md 3.1: MES on premises, sensitive cmdlets at VIP mailboxes; 4: system actor, unexpected target",
        _web_shell,
    ),
    Story(
        "receive-as-on-database",
        INTRUSION,
        "T1098.002 Exchange Server, Receive-As on a database",
        "peers.md 3.1: Hawk counts Add-ADPermission as sensitive; the cmdlet's page: Receive-As opens each mailbox",
        _receive_as,
    ),
)
