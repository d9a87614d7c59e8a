"""Everyday: what Exchange Online, its staff and people's own clients do by themselves."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import often, staff
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants import names
from workbench.tenants.ledger import DAY, Ledger
from workbench.tenants.people import FOREST
from workbench.tenants.shapes import exchange, mailbox
from workbench.tenants.shapes.applications import group_member
from workbench.tenants.shapes.exchange import cmdlet

_DISCOVERY = "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"
_PROCESSES = ("Microsoft.Exchange.AdminApi.NetCore", "w3wp", "Microsoft.Exchange.AdminApi.NetCore")


def _dn(name: str) -> str:
    return f"{FOREST}/{names.ORGANIZATION_NAME}/{name}"


def _discovery(ledger: Ledger) -> None:
    """Exchange gives Discovery Management its own mailbox again and again, under both spellings of its name."""
    time, spelling, target = ledger.start + ledger.draw.random() * DAY, 0, _dn(_DISCOVERY)
    while time < ledger.end:
        given = {"Identity": target, "User": _dn("Discovery Management"), "AccessRights": "FullAccess"}
        exchange.system(ledger, float(int(time)), spelling, "Add-MailboxPermission", target, given)
        spelling += 1
        time += ledger.draw.uniform(1, 4) * DAY


def _system_grants(ledger: Ledger) -> None:
    """What the admin centers had Exchange do: the grant is the system's, and who asked for it is not told."""
    for number in range(often(ledger, 40)):
        box, user = ledger.draw.choice(ledger.people.shared), ledger.draw.choice(staff(ledger))
        given = {"Identity": box.dn, "User": user.dn, "AccessRights": "FullAccess"}
        process = _PROCESSES[number % len(_PROCESSES)]
        operation = "Add-MailboxPermission"
        record = exchange.system(ledger, ledger.sometime(), 0, operation, box.dn, given, process)
        ledger.mark("grant", record)


def _groups(ledger: Ledger) -> None:
    """New groups are provisioned with rights for their members, and people are put into them."""
    actors = ledger.people.helpdesk
    for number in range(often(ledger, 45)):
        alias = f"workspace{number}@{names.DOMAIN}"
        time, owner = ledger.sometime(), ledger.draw.choice(staff(ledger))
        ledger.mark("calendar", mailbox.group_mailbox(ledger, time, alias, ledger.guid()))
        for place, member in enumerate(ledger.draw.sample(staff(ledger), min(6, len(staff(ledger))))):
            links = {"Identity": alias, "LinkType": "Members", "Links": member.upn}
            operation = "Add-UnifiedGroupLinks"
            cmdlet(ledger, time + 60 + place, "owa", owner, operation, alias, links)
    for _ in range(often(ledger, 350)):
        group = ("All staff" if ledger.draw.random() < 0.5 else "Parking", ledger.guid())
        actor, member = ledger.draw.choice(actors), ledger.draw.choice(ledger.people.users)
        ledger.mark("member", group_member(ledger, ledger.sometime(), actor, member, group))


def _housekeeping(ledger: Ledger) -> None:
    """The floods of Set-Mailbox and Set-MailboxPlan, moves of mailboxes among them."""
    everyone = ledger.people.users + ledger.people.shared
    for number in range(often(ledger, 3600)):
        person, time = ledger.draw.choice(everyone), ledger.start + ledger.draw.random() * (ledger.end - ledger.start)
        name = ("ApplyMandatoryProperties", "ProvisionedForOfficeGraph")[number % 2]
        parameters = {"Identity": person.dn, name: "True"}
        process = "MSExchangeMailboxAssistants" if number % 9 == 0 else None
        operation = "New-MoveRequest" if number % 17 == 0 else "Set-Mailbox"
        exchange.system(ledger, float(int(time)), number, operation, person.dn, parameters, process)


def _datacenter(ledger: Ledger) -> None:
    """Microsoft's staff and its provisioning accounts change settings of the tenant."""
    account = "SpoolsProvisioning-ApplicationAccount@eurprd05.prod.outlook.com"
    for number in range(often(ledger, 60)):
        dn = _dn(f"tenant settings {number % 4}")
        operation = ("Set-TransportConfig", "Set-OrganizationConfig", "Set-Mailbox")[number % 3]
        parameters = {"Identity": dn, "MaintenanceOnly": "True"}
        record = exchange.system(ledger, ledger.sometime(), number, operation, dn, parameters)
        if number % 2:
            record.body.update(UserId=account, UserKey=account)


_SETTINGS: Tuple[Tuple[str, str, str], ...] = (
    ("Set-MailboxMessageConfiguration", "AutoAddSignature", "True"),
    ("Set-MailboxAutoReplyConfiguration", "AutoReplyState", "Scheduled"),
    ("Set-MailboxRegionalConfiguration", "TimeZone", "W. Europe Standard Time"),
    ("Set-MailboxJunkEmailConfiguration", "Enabled", "True"),
    ("Set-CASMailbox", "ActiveSyncSuppressReadReceipt", "True"),
    ("Set-MailboxCalendarConfiguration", "WorkingHoursStartTime", "08:00:00"),
)


def _client_settings(ledger: Ledger) -> None:
    """Signatures, time zones, telephones; rules that file mail."""
    for _ in range(often(ledger, 1500)):
        person = ledger.draw.choice(ledger.people.users)
        operation, name, value = ledger.draw.choice(_SETTINGS)
        parameters = {"Identity": person.dn, name: value}
        cmdlet(ledger, ledger.sometime(), "owa", person, operation, person.exchange_name, parameters)
    for _ in range(often(ledger, 120)):
        person = ledger.draw.choice(ledger.people.users)
        name = ledger.draw.choice(("Newsletters", "Build reports", "Team", "Travel"))
        parameters = {"MoveToFolder": name, "Name": name, "SubjectContainsWords": name.lower()}
        cmdlet(ledger, ledger.sometime(), "owa", person, "New-InboxRule", f"{person.dn}\\{name}", parameters)
    for _ in range(often(ledger, 30)):
        person = ledger.draw.choice(ledger.people.users)
        parameters = {"DeleteMessage": "True", "Name": "Adverts", "From": "offers@shop.example"}
        record = cmdlet(ledger, ledger.sometime(), "owa", person, "New-InboxRule", f"{person.dn}\\Adverts", parameters)
        ledger.mark("own-delete-rule", record)


STORIES: Tuple[Story, ...] = (
    Story(
        "discovery-mailbox",
        EVERYDAY,
        "",
        "office365.md 1.8 (1): SYSTEM gives Discovery Management its mailbox every 1-4 days; peers.md 3.2",
        _discovery,
    ),
    Story(
        "system-grants",
        EVERYDAY,
        "",
        "peers.md 3.2: AdminApi.NetCore and w3wp, about 40 % of the alerts of Elastic's rule",
        _system_grants,
    ),
    Story(
        "group-provisioning",
        EVERYDAY,
        "",
        "office365.md 1.8 (4): ConfigureGroupMailbox gives Member@local rights that look dangerous",
        _groups,
    ),
    Story(
        "housekeeping",
        EVERYDAY,
        "",
        "office365.md 1.8 (2): 78 % of all ExchangeAdmin records are the system's; peers.md 2 (6)",
        _housekeeping,
    ),
    Story("datacenter-staff", EVERYDAY, "", "office365.md 1.8 (7) and 1.3: ExternalAccess true", _datacenter),
    Story(
        "client-settings",
        EVERYDAY,
        "",
        "peers.md 3.2 osprey#10: working hours and junk settings; 3.1: any inbox rule alerts at Elastic",
        _client_settings,
    ),
)
