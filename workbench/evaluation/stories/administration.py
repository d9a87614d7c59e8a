"""Everyday: applications, roles, searches and servers in the hands of those who look after them."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import often, on_day, staff
from workbench.evaluation.stories.server import ADMINISTRATOR
from workbench.evaluation.story import EVERYDAY, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.shapes import applications, mailbox, windows
from workbench.tenants.shapes.exchange import cmdlet
from workbench.tenants.shapes.mailbox import Session


def _head_of_it(ledger: Ledger) -> Person:
    return next(one for one in ledger.people.users if one.title == "Head of IT")


def _backup_application(ledger: Ledger) -> None:
    """The archive is put to work in a project: made, given every mailbox, and from then on it reads."""
    lead, app, time = _head_of_it(ledger), applications.new_app(ledger, "Archive 365"), on_day(ledger, 0.35, 13.0)
    applications.registered(ledger, time, lead, app)
    given = applications.app_role(ledger, time + 300, lead, app, "full_access_as_app")
    ledger.mark("app-role", given)
    for _ in range(often(ledger, 400)):
        at = ledger.sometime()
        if at > time:
            owner = ledger.draw.choice(ledger.people.users)
            mailbox.accessed_by_app(ledger, at, (app.name, app.app_id), owner, "198.51.100.80", 30)


def _harmless_consents(ledger: Ledger) -> None:
    """People let planners and notebooks see their profile and their calendar."""
    apps = [applications.new_app(ledger, name) for name in ("Meeting Planner", "Notebook", "Survey Maker")]
    for _ in range(often(ledger, 60)):
        person, app = ledger.draw.choice(ledger.people.users), ledger.draw.choice(apps)
        scopes = ledger.draw.choice(("User.Read", "User.Read Calendars.Read", "User.Read Files.Read"))
        applications.consent(ledger, ledger.sometime(), person, app, scopes, everyone=False)


def _role_activations(ledger: Ledger) -> None:
    """Administrators activate their role for some hours, by the service that keeps roles for them."""
    pim = applications.new_app(ledger, "MS-PIM")
    for _ in range(often(ledger, 50)):
        admin, time = ledger.draw.choice(ledger.people.helpdesk), ledger.sometime()
        role = "Exchange Administrator"
        ledger.mark("role", applications.role_member(ledger, time, admin, admin, role, by_app=pim))
        later = time + 8 * 3600
        applications.role_member(ledger, later, admin, admin, role, removed=True, by_app=pim)


def _legal_searches(ledger: Ledger) -> None:
    """Counsel is made a manager of searches once, and searches a custodian now and then; a copy loses its rights."""
    lead, time = _head_of_it(ledger), on_day(ledger, 0.2, 14.0)
    counsel = next((one for one in ledger.people.users if one.department == "Legal"), ledger.people.users[1])
    who = {"Identity": "eDiscovery Manager", "Member": counsel.upn}
    added = cmdlet(ledger, time, "powershell", lead, "Add-RoleGroupMember", "eDiscovery Manager", who)
    ledger.mark("member", added)
    for number in range(often(ledger, 10)):
        owner, at = ledger.draw.choice(staff(ledger)), ledger.sometime()
        if at > time:
            given = {"Name": f"Matter {number}", "ExchangeLocation": owner.upn, "ContentMatchQuery": "contract"}
            operation = "New-ComplianceSearch"
            searched = cmdlet(ledger, at, "powershell", counsel, operation, f"Matter {number}", given)
            ledger.mark("search", searched)


def _list_members(ledger: Ledger) -> None:
    """Owners of distribution lists add and remove people."""
    for number in range(often(ledger, 200)):
        owner, member = ledger.draw.sample(ledger.people.users, 2)
        name = f"list{number % 40}@harbourfinch.example"
        operation = "Remove-DistributionGroupMember" if number % 4 == 0 else "Add-DistributionGroupMember"
        parameters = {"Identity": name, "Member": member.upn}
        record = cmdlet(ledger, ledger.sometime(), "owa", owner, operation, name, parameters)
        ledger.mark("removed" if number % 4 == 0 else "added", record)


def _server_administration(ledger: Ledger) -> None:
    """The Exchange server that is left on premises: its administrator gives rights on shared mailboxes there."""
    for number in range(often(ledger, 70)):
        box, user = ledger.draw.choice(ledger.people.shared), ledger.draw.choice(staff(ledger))
        time = ledger.sometime()
        rights = {"Identity": box.upn, "User": user.upn, "AccessRights": "FullAccess", "InheritanceType": "All"}
        if number % 3 == 0:
            sends = {"Identity": box.upn, "User": user.upn, "ExtendedRights": "Send-As"}
            windows.cmdlet(ledger, time, ADMINISTRATOR, "Add-ADPermission", sends)
        elif number % 5 == 0:
            windows.cmdlet(ledger, time, ADMINISTRATOR, "Remove-MailboxPermission", rights)
        else:
            ledger.mark("grant", windows.cmdlet(ledger, time, ADMINISTRATOR, "Add-MailboxPermission", rights))
    for _ in range(often(ledger, 150)):
        user = ledger.draw.choice(ledger.people.users)
        parameters = {"Identity": user.upn, "IssueWarningQuota": "49GB"}
        windows.cmdlet(ledger, ledger.sometime(), ADMINISTRATOR, "Set-Mailbox", parameters)
    for _ in range(often(ledger, 20)):
        owner, delegate = ledger.draw.sample(staff(ledger), 2)
        dn = f"CN={owner.display_name},OU=People,DC=harbourfinch,DC=example"
        value = f"CN={delegate.display_name},OU=People,DC=harbourfinch,DC=example"
        by = ("HARBOURFINCH\\" + owner.upn.split("@")[0], owner.sid)
        record = windows.attribute(ledger, ledger.sometime(), by, (dn, owner.object_id), "publicDelegates", value)
        ledger.mark("own-delegate", record)


def _searches_strip_rights(ledger: Ledger) -> None:
    """Copies of a search lose their folder rights on the server, in the name of the service."""
    for _ in range(often(ledger, 12)):
        owner, counsel = ledger.draw.choice(staff(ledger)), ledger.people.users[1]
        session = Session(owner, owner, "::1")
        time, path = ledger.sometime(), "\\Search results"
        operation = "RemoveFolderPermissions"
        record = mailbox.permission(ledger, time, session, operation, path, counsel.upn, counsel.sid, "None")
        record.body.update(UserId="S-1-5-18", UserKey="S-1-5-18", ExternalAccess=True, LogonType=1)


STORIES: Tuple[Story, ...] = (
    Story(
        "backup-application",
        EVERYDAY,
        "",
        "peers.md 3.1: every application that backs mail up gets such rights; fires also when it had them",
        _backup_application,
    ),
    Story("harmless-consents", EVERYDAY, "", "office365.md 0.1: consents with User.Read", _harmless_consents),
    Story(
        "role-activations", EVERYDAY, "", "peers.md 5: Elastic and Defender on Exchange admin roles", _role_activations
    ),
    Story("searches-by-counsel", EVERYDAY, "", "peers.md 3.2: eDiscovery; office365.md 1.8 (1)", _legal_searches),
    Story("list-members", EVERYDAY, "", "peers.md 2 (10): groups that are no delegate of anything", _list_members),
    Story(
        "server-administration",
        EVERYDAY,
        "",
        "peers.md 3.1: MES and Hawk on premises, any right; the event of each cmdlet",
        _server_administration,
    ),
    Story(
        "search-copies-lose-rights",
        EVERYDAY,
        "",
        "office365.md 1.8 (5), michev.info 3309: Search-Mailbox strips folder permissions of its target",
        _searches_strip_rights,
    ),
)
