"""Intrusions that take whole mailboxes: FullAccess, by whom, for whom and beside what."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories import cast
from workbench.evaluation.stories.acts import full_access, late, read, send_as, shared_box, staff, weekend
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import entra, mailbox
from workbench.tenants.shapes.exchange import cmdlet, partner
from workbench.tenants.shapes.mailbox import EWS, OWA, Session

_DELETES = '[{"ActionType":"Delete"},{"ActionType":"MarkAsRead"}]'


def _admin_takes_chief(ledger: Ledger) -> None:
    admin, chief, abroad = ledger.people.helpdesk[0], ledger.people.chief, "203.0.113.21"
    time = late(ledger)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time, admin, abroad))
    given = ledger.mark("grant", full_access(ledger, time + 540, "eac", admin, chief, admin, abroad))
    ledger.blame(2, "administrator gives himself the chief's mailbox", given)
    for number in range(5):
        seen = read(ledger, time + 1500 + 900 * number, admin, chief, 20 + number, abroad)
        ledger.blame(3, "chief's mail read by the administrator", seen)


def _phished_user_in_invoices(ledger: Ledger) -> None:
    """In office hours and through the admin center, which hides the address: only what follows is strange."""
    admin, box, abroad = ledger.people.helpdesk[2], shared_box(ledger, "invoices"), "203.0.113.37"
    phished = ledger.draw.choice([one for one in staff(ledger) if one.department == "Sales"])
    time = late(ledger, 12.2)
    ledger.blame(1, "phished account signs in from abroad", entra.sign_in(ledger, time - 4000, phished, abroad))
    given = full_access(ledger, time, "admin_center", admin, box, phished)
    ledger.blame(2, "phished account let into the invoices", given)
    sends = send_as(ledger, time + 50, "admin_center", admin, box, phished)
    ledger.blame(2, "phished account may send as the invoices", ledger.mark("send-as", sends))
    session = Session(phished, box, abroad, OWA)
    for number in range(4):
        seen = read(ledger, time + 1800 + 700 * number, phished, box, 25, abroad)
        ledger.blame(3, "invoices read by the phished account", seen)
    hidden = mailbox.rule(ledger, time + 5200, session, "..", _DELETES)
    ledger.blame(4, "rule of the delegate deletes the answers", hidden)
    order = mailbox.sent(ledger, time + 5400, session, "Our new bank details", sent_as=box)
    ledger.blame(5, "payment details sent as the invoices", order)


def _reset_then_full_access(ledger: Ledger) -> None:
    admin, abroad = ledger.people.helpdesk[1], "203.0.113.40"
    owner = next((one for one in ledger.people.users if one.title == "General Counsel"), ledger.people.users[1])
    foothold = ledger.draw.choice([one for one in staff(ledger) if one.department == "Operations"])
    time = late(ledger, 23.3)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 900, admin, abroad))
    reset = entra.change(ledger, time, "Reset user password.", admin, owner, "User")
    ledger.blame(2, "counsel's password reset", reset)
    given = full_access(ledger, time + 19, "eac", admin, owner, foothold, abroad)
    ledger.blame(2, "counsel's mailbox given to a foothold", given)
    for number in range(3):
        seen = read(ledger, time + 1200 + 800 * number, foothold, owner, 30, abroad)
        ledger.blame(3, "counsel's mail read", seen)


def _new_account_on_executives(ledger: Ledger) -> None:
    admin, abroad = ledger.people.helpdesk[3], "203.0.113.58"
    time = late(ledger, 1.1)
    account = cast.join(ledger, "svc.mailsync", "Mail Sync", created=time - 1500, address=abroad)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 2400, admin, abroad))
    made = entra.change(ledger, time - 1500, "Add user.", admin, account, "User")
    ledger.blame(2, "account made for the purpose", made)
    for number, executive in enumerate(ledger.people.executives):
        parameters = {
            "Identity": executive.upn,
            "AccessRights": "FullAccess",
            "User": account.upn,
            "InheritanceType": "All",
            "AutoMapping": "False",
        }
        given = cmdlet(
            ledger,
            time + 65 * number,
            "powershell",
            admin,
            "Add-MailboxPermission",
            executive.exchange_name,
            parameters,
            address=abroad,
        )
        ledger.blame(3, "executive's mailbox given to the new account", given)
        seen = read(ledger, time + 3600 + 300 * number, account, executive, 60, abroad, app=EWS)
        ledger.blame(4, "executive's mail read by the new account", seen)


def _partner_takes_chief(ledger: Ledger) -> None:
    """The way through the provider: his technician's rights, used for an account of ours that nobody uses."""
    technician = cast.technician(ledger, "Owen Strand", "cloudpartner.example", "203.0.113.77")
    chief, home, time = ledger.people.chief, ledger.guid(), weekend(ledger, ledger.draw.uniform(0.5, 0.85), 4.0)
    foothold = ledger.draw.choice(staff(ledger))
    parameters = {"Identity": chief.upn, "AccessRights": "FullAccess", "User": foothold.upn, "InheritanceType": "All"}
    operation = "Add-MailboxPermission"
    given = partner(ledger, time, technician, home, operation, chief.exchange_name, parameters)
    ledger.blame(1, "partner's technician gives the chief's mailbox to an account of ours", given)
    for number in range(4):
        seen = read(ledger, time + 2000 + 600 * number, foothold, chief, 40, technician.address)
        ledger.blame(2, "chief's mail read", seen)


def _one_account_many_mailboxes(ledger: Ledger) -> None:
    admin, abroad = ledger.people.helpdesk[1], "203.0.113.90"
    collector = ledger.draw.choice([one for one in staff(ledger) if one.department == "Customer Care"])
    wanted = [one for one in ledger.people.users if one.department in ("Finance", "Legal", "Human Resources")]
    owners = ledger.draw.sample(wanted, min(40, len(wanted)))
    time = late(ledger, 3.0)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 700, admin, abroad))
    for number, owner in enumerate(owners):
        given = full_access(ledger, time + 28 * number, "powershell", admin, owner, collector, abroad)
        ledger.blame(2, "one more mailbox given to the collecting account", given)
        seen = read(ledger, time + 3000 + 45 * number, collector, owner, 50, abroad, app=EWS)
        ledger.blame(3, "mailbox read by the collecting account", seen)


def _bypass_grant_remove(ledger: Ledger) -> None:
    """The account whose audit is off reads unseen, so that no record of its reading exists."""
    admin, abroad = ledger.people.helpdesk[0], "203.0.113.103"
    owner = next(one for one in ledger.people.executives if one.department == "Human Resources")
    reader = ledger.draw.choice([one for one in staff(ledger) if one.department == "IT"])
    time = late(ledger, 21.0)
    parameters = {"AuditBypassEnabled": "True", "Identity": reader.upn}
    operation = "Set-MailboxAuditBypassAssociation"
    bypass = cmdlet(ledger, time, "powershell", admin, operation, reader.exchange_name, parameters, address=abroad)
    ledger.blame(1, "audit of the reader switched off", ledger.mark("bypass", bypass))
    given = full_access(ledger, time + 240, "powershell", admin, owner, reader, abroad)
    ledger.blame(2, "executive's mailbox given to the reader", ledger.mark("grant", given))
    taken = full_access(ledger, time + 9000, "powershell", admin, owner, reader, abroad, removed=True)
    ledger.blame(3, "the grant taken back", taken)
    restored = cmdlet(
        ledger,
        time + 9060,
        "powershell",
        admin,
        operation,
        reader.exchange_name,
        {**parameters, "AuditBypassEnabled": "False"},
        address=abroad,
    )
    ledger.blame(3, "audit switched on again", restored)


def _forwarding_beside_full_access(ledger: Ledger) -> None:
    admin, cfo, abroad = ledger.people.helpdesk[2], ledger.people.cfo, "203.0.113.119"
    time = late(ledger, 20.0)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 300, admin, abroad))
    given = full_access(ledger, time, "eac", admin, cfo, admin, abroad)
    ledger.blame(2, "administrator gives himself the CFO's mailbox", given)
    parameters = {
        "Identity": cfo.object_id,
        "ForwardingSmtpAddress": "smtp:finance.copy@mailbox-drop.example",
        "DeliverToMailboxAndForward": "True",
    }
    sent_on = cmdlet(ledger, time + 150, "eac", admin, "Set-Mailbox", cfo.exchange_name, parameters, address=abroad)
    ledger.blame(3, "CFO's mail sent on to an address outside", ledger.mark("forwarding", sent_on))
    ledger.blame(4, "CFO's mail read", read(ledger, time + 1000, admin, cfo, 40, abroad))


STORIES: Tuple[Story, ...] = (
    Story(
        "admin-takes-chief",
        INTRUSION,
        "T1098.002 full access, to oneself",
        "office365.md 0.3: the self-grant of a compromised account; peers.md 4: grantee is the grantor, VIP mailbox",
        _admin_takes_chief,
    ),
    Story(
        "phished-user-in-invoices",
        INTRUSION,
        "T1098.002 full access, to a phished account",
        "peers.md 4: BEC, delegate as a bridge; FullAccess and SendAs together; rule by a delegate (office365.md 1.5)",
        _phished_user_in_invoices,
    ),
    Story(
        "reset-then-full-access",
        INTRUSION,
        "T1098.002 full access, after a password reset",
        "office365.md 0.3, second chain: reset, and FullAccess 19 seconds later",
        _reset_then_full_access,
    ),
    Story(
        "new-account-on-executives",
        INTRUSION,
        "T1098.002 full access, to a new account",
        "peers.md 2 (17), 4: grantee just created gets several mailboxes; office365.md 0.3: the look-alike account",
        _new_account_on_executives,
    ),
    Story(
        "partner-takes-chief",
        INTRUSION,
        "T1098.002 full access, by a partner's technician",
        "peers.md 4: UNC2452's way through the provider (October 2021); office365.md 1.7",
        _partner_takes_chief,
    ),
    Story(
        "one-account-many-mailboxes",
        INTRUSION,
        "T1098.002 full access, in a burst",
        "peers.md 4: Magic Hound: compromised accounts are given the mailboxes of further targets; Exabeam's burst",
        _one_account_many_mailboxes,
    ),
    Story(
        "bypass-grant-remove",
        INTRUSION,
        "T1098.002 full access, with audit bypassed",
        "peers.md 4: grant removed again soon; office365.md 2.6: what a bypassed account does is never recorded",
        _bypass_grant_remove,
    ),
    Story(
        "forwarding-beside-full-access",
        INTRUSION,
        "T1098.002 full access, with forwarding",
        "office365.md 0.3 and 1.1: forwarding to a look-alike beside the grants; peers.md 3.1 forwarding",
        _forwarding_beside_full_access,
    ),
)
