"""The attack on the Office 365 tenant, told from start to end, in the last three days of the time.

Somebody abroad guesses a help-desk account's password, gives it the CFO's and the chief's mailboxes, opens
the chief's inbox to everyone, reads, lets the account and an outsider send as the CFO, sends a payment order,
hides the answers, switches the account's audit off and takes the loud grants back. The open folder and the
outsider's right stay behind. It ends 30 h before the end, so that even the latest publication has happened.
"""

from __future__ import annotations

from typing import Callable, List, NamedTuple

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import Record
from workbench.tenants.shapes import entra, exchange, mailbox
from workbench.tenants.shapes.exchange import cmdlet, grant
from workbench.tenants.shapes.mailbox import EVERYONE, REVIEWER, Session

BEGINS = 66 * 3600  # seconds before the end
FOREIGN = "203.0.113.66"
FOREIGN_V6 = "2001:db8:51:7::1f"
_TOOL = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_FULL = {"AccessRights": "FullAccess", "InheritanceType": "All"}
_SEND_AS = {"AccessRights": "SendAs"}


class Scene(NamedTuple):
    """One act: its step of the story, minutes after the beginning, what it is, and how it is written down."""

    step: int
    minute: int
    label: str
    write: Callable[[Ledger, float, Person], Record]


def tell(ledger: Ledger) -> None:
    """Tell the scenes in order, and keep each as truth."""
    actor = ledger.people.helpdesk[-1]
    for scene in _scenes(ledger):
        time = float(int(ledger.end - BEGINS)) + scene.minute * 60 + ledger.draw.randrange(50)
        ledger.blame(scene.step, scene.label, scene.write(ledger, time, actor))


def _scenes(ledger: Ledger) -> List[Scene]:
    cfo, chief, outsider = ledger.people.cfo, ledger.people.chief, ledger.people.outsider
    inbox = f"{chief.object_id}:\\{chief.folder('inbox')}"
    root = f"{chief.object_id}:\\"
    return [
        *[Scene(1, minute, "password guessed at the help desk", _fails) for minute in range(-9, 0, 3)],
        Scene(1, 0, "help-desk account signs in from abroad", _signs_in),
        Scene(2, 14, "help-desk account gives itself the CFO's mailbox", _takes("eac", cfo)),
        Scene(2, 19, "help-desk account gives itself the chief's mailbox", _takes("admin_center", chief)),
        Scene(3, 31, "chief's inbox opened to everyone", _opens(inbox, "Set-MailboxFolderPermission")),
        Scene(3, 32, "chief's mailbox root opened to everyone", _opens(root, "Add-MailboxFolderPermission")),
        Scene(3, 38, "the same inbox, opened in Outlook on the web", _opens_by_owa("\\" + chief.folder("inbox"))),
        Scene(3, 39, "the same root, opened in Outlook on the web", _opens_by_owa("\\")),
        *[Scene(4, 55 + 21 * n, "CFO's mail read by the help-desk account", _reads(cfo)) for n in range(6)],
        *[Scene(4, 200 + 9 * n, "chief's mail read by the help-desk account", _reads(chief)) for n in range(3)],
        Scene(5, 1290, "help-desk account may send as the CFO", _may_send("eac", lambda actor: actor)),
        Scene(5, 1296, "an outsider may send as the CFO", _may_send("powershell", lambda actor: outsider)),
        Scene(6, 1320, "payment order sent as the CFO", _sends),
        Scene(7, 1327, "rule hides the answers in the CFO's mailbox", _hides),
        Scene(8, 1360, "audit of the help-desk account switched off", _bypass),
        Scene(9, 2040, "grant on the CFO's mailbox taken back", _drops("eac", cfo)),
        Scene(9, 2042, "grant on the chief's mailbox taken back", _drops("powershell", chief)),
    ]


def _fails(ledger: Ledger, time: float, actor: Person) -> Record:
    return entra.sign_in(ledger, time, actor, FOREIGN, succeeded=False, browser=_TOOL)


def _signs_in(ledger: Ledger, time: float, actor: Person) -> Record:
    return entra.sign_in(ledger, time, actor, FOREIGN, browser=_TOOL)


def _takes(client: str, target: Person) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        party = {"User": actor}
        operation = "Add-MailboxPermission"
        return grant(ledger, time, client, actor, operation, target, party, _FULL, address=FOREIGN)

    return write


def _drops(client: str, target: Person) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        party = {"User": actor}
        operation = "Remove-MailboxPermission"
        return grant(ledger, time, client, actor, operation, target, party, _FULL, address=FOREIGN)

    return write


def _opens(identity: str, operation: str) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        parameters = {"Identity": identity, "User": "Default", "AccessRights": "Reviewer"}
        return cmdlet(ledger, time, "powershell", actor, operation, identity, parameters, address=FOREIGN_V6)

    return write


def _opens_by_owa(path: str) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        session = Session(actor, ledger.people.chief, FOREIGN)
        operation = "ModifyFolderPermissions"
        return mailbox.permission(ledger, time, session, operation, path, *EVERYONE, REVIEWER)

    return write


def _reads(target: Person) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        path = "\\" + target.folder("inbox")
        count = ledger.draw.randrange(5, 40)
        return mailbox.accessed(ledger, time, Session(actor, target, FOREIGN), path, count)

    return write


def _may_send(client: str, trustee: Callable[[Person], Person]) -> Callable[[Ledger, float, Person], Record]:
    def write(ledger: Ledger, time: float, actor: Person) -> Record:
        party = {"Trustee": trustee(actor)}
        operation, cfo = "Add-RecipientPermission", ledger.people.cfo
        return grant(ledger, time, client, actor, operation, cfo, party, _SEND_AS, address=FOREIGN)

    return write


def _sends(ledger: Ledger, time: float, actor: Person) -> Record:
    session = Session(actor, ledger.people.cfo, FOREIGN)
    return mailbox.sent(ledger, time, session, "Urgent: new bank details", sent_as=ledger.people.cfo)


def _hides(ledger: Ledger, time: float, actor: Person) -> Record:
    cfo = ledger.people.cfo
    parameters = {
        "AlwaysDeleteOutlookRulesBlob": "False",
        "Force": "False",
        "Mailbox": cfo.upn,
        "DeleteMessage": "True",
        "MarkAsRead": "True",
        "Name": ".",
        "SubjectContainsWords": "bank details;payment",
        "StopProcessingRules": "True",
    }
    return cmdlet(ledger, time, "powershell", actor, "New-InboxRule", f"{cfo.dn}\\.", parameters, address=FOREIGN)


def _bypass(ledger: Ledger, time: float, actor: Person) -> Record:
    parameters = {"AuditBypassEnabled": "True", "Identity": actor.upn}
    operation = "Set-MailboxAuditBypassAssociation"
    return exchange.cmdlet(
        ledger, time, "powershell", actor, operation, actor.exchange_name, parameters, address=FOREIGN
    )
