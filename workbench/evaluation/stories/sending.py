"""Intrusions that send under another's name: Send As and Send on Behalf."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import late, on_behalf, read, send_as, staff
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import entra, mailbox
from workbench.tenants.shapes.exchange import cmdlet
from workbench.tenants.shapes.mailbox import Session


def _guest_sends_as_cfo(ledger: Ledger) -> None:
    admin, cfo, abroad = ledger.people.helpdesk[3], ledger.people.cfo, "203.0.113.130"
    time = late(ledger, 19.2)
    outsider = cast.guest(ledger, "Morgan Reyle", "harbourfinch-payments.example", created=time - 5400)
    invited = entra.change(ledger, time - 5400, "Invite external user.", admin, outsider, "UserManagement")
    ledger.blame(1, "a guest of a look-alike domain invited", invited)
    given = send_as(ledger, time, "powershell", admin, cfo, outsider, abroad)
    ledger.blame(2, "the guest may send as the CFO", ledger.mark("grant", given))
    parameters = {
        "Mailbox": cfo.upn,
        "DeleteMessage": "True",
        "MarkAsRead": "True",
        "Name": ".",
        "SubjectContainsWords": "payment;bank",
        "StopProcessingRules": "True",
    }
    hidden = cmdlet(
        ledger, time + 700, "powershell", admin, "New-InboxRule", f"{cfo.dn}\\.", parameters, address=abroad
    )
    ledger.blame(3, "rule deletes the answers in the CFO's mailbox", hidden)
    order = mailbox.sent(ledger, time + 1500, Session(outsider, cfo, abroad), "Urgent payment today", sent_as=cfo)
    ledger.blame(4, "payment order sent as the CFO", order)


def _on_behalf_of_cfo(ledger: Ledger) -> None:
    admin, cfo, abroad = ledger.people.helpdesk[1], ledger.people.cfo, "203.0.113.141"
    accountant = ledger.draw.choice([one for one in staff(ledger) if one.department == "Finance"])
    time = late(ledger, 5.0)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 400, admin, abroad))
    ledger.blame(1, "accountant's account signs in from there", entra.sign_in(ledger, time - 200, accountant, abroad))
    given = on_behalf(ledger, time, "powershell", admin, cfo, accountant, abroad)
    ledger.blame(2, "the accountant's account may send on the CFO's behalf", ledger.mark("grant", given))
    session = Session(accountant, cfo, abroad)
    for number, subject in enumerate(("Invoice 20417", "Re: Invoice 20417", "Bank change for supplier")):
        order = mailbox.sent(ledger, time + 900 + 240 * number, session, subject, on_behalf_of=cfo)
        ledger.blame(3, "payment mail sent on the CFO's behalf", order)


def _send_as_chief_from_dormant(ledger: Ledger) -> None:
    """An account that its owner left behind, enabled again; it gets the chief's name and a look into his inbox."""
    admin, chief, abroad = ledger.people.helpdesk[2], ledger.people.chief, "203.0.113.150"
    dormant = cast.join(ledger, "t.varga.old", "Tilda Varga", department="Sales", title="Account Manager")
    time = late(ledger, 4.3)
    enabled = entra.change(ledger, time - 800, "Enable account.", admin, dormant, "UserManagement")
    ledger.blame(1, "account of somebody who left enabled again", enabled)
    given = send_as(ledger, time, "powershell", admin, chief, dormant, abroad)
    ledger.blame(2, "the dormant account may send as the chief", given)
    ledger.blame(3, "the chief's mail read by it", read(ledger, time + 600, dormant, chief, 15, abroad))
    order = mailbox.sent(
        ledger, time + 1100, Session(dormant, chief, abroad), "Confidential: acquisition", sent_as=chief
    )
    ledger.blame(4, "mail sent as the chief", order)


STORIES: Tuple[Story, ...] = (
    Story(
        "guest-sends-as-cfo",
        INTRUSION,
        "T1098.002 send as, to a guest",
        "office365.md 0.3: SendAs for a look-alike; peers.md 4: delegate external or guest, finance; then sending",
        _guest_sends_as_cfo,
    ),
    Story(
        "on-behalf-of-cfo",
        INTRUSION,
        "T1098.002 send on behalf, to an account of finance",
        "office365.md 0.3: GrantSendOnBehalfTo closes the real chain; peers.md 2 (2)",
        _on_behalf_of_cfo,
    ),
    Story(
        "dormant-account-sends-as-chief",
        INTRUSION,
        "T1098.002 send as, to a dormant account",
        "peers.md 2 (9, 17): dead principals; peers.md 4: SendAs on an executive, use within hours",
        _send_as_chief_from_dormant,
    ),
)
