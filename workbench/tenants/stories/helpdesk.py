"""Everyday: the help desk gives and takes rights on shared mailboxes, through three clients that write differently."""

from __future__ import annotations

from typing import List

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import exchange
from workbench.tenants.shapes.exchange import CLIENTS, grant, named

_GRANTS = 90
_ALSO_SEND_AS = 0.5
_TAKEN_BACK = 0.3
_FAILS = 0.06
_ON_BEHALF = 8
_FORWARDINGS = 4
_FULL = {"AccessRights": "FullAccess", "InheritanceType": "All"}
_ADMIN_CLIENTS = ("eac", "eac", "admin_center", "powershell")


def tell(ledger: Ledger) -> None:
    """Tell the requests of the time, a refused right (Deny), send-on-behalf lists and forwardings."""
    for _ in range(_GRANTS):
        _request(ledger)
    _deny(ledger)
    for _ in range(_ON_BEHALF):
        _send_on_behalf(ledger)
    for number in range(_FORWARDINGS):
        _forwarding(ledger, cleared=number == _FORWARDINGS - 1)


def _staff(ledger: Ledger) -> List[Person]:
    return [person for person in ledger.people.users if not person.vip and person.title != "Help Desk"]


def _request(ledger: Ledger) -> None:
    draw = ledger.draw
    time, client = ledger.sometime(), draw.choice(_ADMIN_CLIENTS)
    actor, mailbox = draw.choice(ledger.people.helpdesk), draw.choice(ledger.people.shared)
    delegate = draw.choice(_staff(ledger))
    if draw.random() < _FAILS:
        grant(ledger, time, client, actor, "Add-MailboxPermission", mailbox, {"User": delegate}, _FULL, False)
        time += 45
    grant(ledger, time, client, actor, "Add-MailboxPermission", mailbox, {"User": delegate}, _FULL)
    sends = draw.random() < _ALSO_SEND_AS
    send_as = {"AccessRights": "SendAs"}
    if sends:
        party = {"Trustee": delegate}
        grant(ledger, time + 20, client, actor, "Add-RecipientPermission", mailbox, party, send_as)
    if draw.random() < _TAKEN_BACK:
        later = time + draw.randrange(2, 12) * 86400 + draw.randrange(3600)
        grant(ledger, later, client, actor, "Remove-MailboxPermission", mailbox, {"User": delegate}, _FULL)
        if sends:
            party = {"Trustee": delegate}
            grant(ledger, later + 15, client, actor, "Remove-RecipientPermission", mailbox, party, send_as)


def _deny(ledger: Ledger) -> None:
    """Somebody who left a team is kept out of its mailbox although a group would let him in."""
    actor, mailbox = ledger.people.helpdesk[0], ledger.people.shared[0]
    rights = {"AccessRights": "FullAccess", "Deny": "True", "InheritanceType": "All"}
    party = {"User": _staff(ledger)[-1]}
    grant(ledger, ledger.sometime(), "powershell", actor, "Add-MailboxPermission", mailbox, party, rights)


def _send_on_behalf(ledger: Ledger) -> None:
    draw = ledger.draw
    client = draw.choice(("admin_center", "powershell"))
    form = CLIENTS[client].identity
    actor, mailbox = draw.choice(ledger.people.helpdesk), draw.choice(ledger.people.shared)
    parameters = {
        "Identity": named(mailbox, form),
        "GrantSendOnBehalfTo": named(draw.choice(_staff(ledger)), form),
    }
    exchange.cmdlet(ledger, ledger.sometime(), client, actor, "Set-Mailbox", mailbox.exchange_name, parameters)


def _forwarding(ledger: Ledger, cleared: bool) -> None:
    """A shared mailbox sends copies to a colleague; once such a forwarding is taken off again."""
    draw = ledger.draw
    actor, mailbox = draw.choice(ledger.people.helpdesk), draw.choice(ledger.people.shared)
    parameters = {
        "Identity": mailbox.object_id,
        "ForwardingAddress": "",
        "ForwardingSmtpAddress": "" if cleared else "smtp:" + draw.choice(_staff(ledger)).upn,
        "DeliverToMailboxAndForward": "False" if cleared else "True",
    }
    exchange.cmdlet(ledger, ledger.sometime(), "eac", actor, "Set-Mailbox", mailbox.exchange_name, parameters)
