"""Intrusions by Exchange's roles and by groups: rights on many mailboxes without a grant on any."""

from __future__ import annotations

from typing import Tuple

from workbench.evaluation.stories.acts import group_access, late, on_day, read, shared_box, staff
from workbench.evaluation.story import INTRUSION, Story
from workbench.tenants.ledger import Ledger
from workbench.tenants.shapes import applications, entra
from workbench.tenants.shapes.exchange import cmdlet


def _impersonation_role(ledger: Ledger) -> None:
    admin, abroad = ledger.people.helpdesk[2], "203.0.113.201"
    holder = ledger.draw.choice([one for one in staff(ledger) if one.department == "Engineering"])
    time = late(ledger, 1.4)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 600, admin, abroad))
    name = f"ApplicationImpersonation-{holder.display_name}"
    parameters = {"Name": name, "Role": "ApplicationImpersonation", "User": holder.upn}
    operation = "New-ManagementRoleAssignment"
    given = cmdlet(ledger, time, "powershell", admin, operation, name, parameters, address=abroad)
    ledger.blame(2, "an account may impersonate everyone", ledger.mark("assignment", given))
    used = entra.sign_in(ledger, time + 1300, holder, abroad)
    ledger.blame(3, "that account signs in from abroad", used)


def _impersonation_by_role_group(ledger: Ledger) -> None:
    admin, abroad = ledger.people.helpdesk[0], "203.0.113.204"
    holder = ledger.draw.choice([one for one in staff(ledger) if one.department == "Sales"])
    time = late(ledger, 2.6)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 500, admin, abroad))
    parameters = {"Name": "Mail Hygiene", "Roles": "ApplicationImpersonation", "Members": holder.object_id}
    name = f"{admin.dn.rpartition('/')[0]}/Mail Hygiene"
    given = cmdlet(ledger, time, "eac", admin, "New-RoleGroup", name, parameters, address=abroad)
    ledger.blame(2, "a role group with impersonation made", given)


def _role_scope_removed(ledger: Ledger) -> None:
    """An application that a project let into some mailboxes reaches all, by a change of which Entra knows nothing."""
    admin, abroad = ledger.people.helpdesk[3], "203.0.113.207"
    app = applications.new_app(ledger, "Invoice Scanner")
    first = on_day(ledger, 0.15, 10.0)
    applications.registered(ledger, first, admin, app)
    made = {"AppId": app.app_id, "ObjectId": app.object_id, "DisplayName": app.name}
    cmdlet(ledger, first + 300, "powershell", admin, "New-ServicePrincipal", app.name, made)
    scope = {"Name": "Invoices only", "RecipientRestrictionFilter": "Alias -eq 'invoices'"}
    cmdlet(ledger, first + 360, "powershell", admin, "New-ManagementScope", "Invoices only", scope)
    name = "Application Mail.Read-Invoice Scanner"
    limited = {"Name": name, "Role": "Application Mail.Read", "App": app.object_id}
    limited["CustomResourceScope"] = "Invoices only"
    narrow = cmdlet(ledger, first + 420, "powershell", admin, "New-ManagementRoleAssignment", name, limited)
    ledger.mark("narrow", narrow)
    time = late(ledger, 3.6)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 700, admin, abroad))
    widened = {"Identity": name, "CustomResourceScope": "$null"}
    operation = "Set-ManagementRoleAssignment"
    change = cmdlet(ledger, time, "powershell", admin, operation, name, widened, address=abroad)
    ledger.blame(2, "limit of an application's role taken away", ledger.mark("scope", change))
    more = {"Name": "Application Mail.ReadWrite-Invoice Scanner", "Role": "Application Mail.ReadWrite"}
    more["App"] = app.object_id
    operation = "New-ManagementRoleAssignment"
    given = cmdlet(ledger, time + 200, "powershell", admin, operation, more["Name"], more, address=abroad)
    ledger.blame(2, "the application may write everyone's mail", ledger.mark("wide", given))
    ledger.blame(3, "secret added to the application", applications.credentials(ledger, time + 500, admin, app))


def _discovery_management(ledger: Ledger) -> None:
    admin, chief, abroad = ledger.people.helpdesk[1], ledger.people.chief, "203.0.113.211"
    time = late(ledger, 22.2)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 300, admin, abroad))
    added = cmdlet(
        ledger,
        time,
        "powershell",
        admin,
        "Add-RoleGroupMember",
        "Discovery Management",
        {"Identity": "Discovery Management", "Member": admin.upn},
        address=abroad,
    )
    ledger.blame(2, "administrator makes himself a searcher of all mailboxes", ledger.mark("member", added))
    searched = cmdlet(
        ledger,
        time + 2400,
        "powershell",
        admin,
        "Search-Mailbox",
        chief.exchange_name,
        {
            "Identity": chief.upn,
            "SearchQuery": "password OR contract",
            "TargetMailbox": admin.upn,
            "TargetFolder": "cache",
        },
        address=abroad,
    )
    ledger.blame(3, "chief's mailbox searched and copied", searched)


def _delegating_group(ledger: Ledger) -> None:
    """The group has the payroll mailbox by an ordinary request of weeks ago; now it gains a phished member."""
    admin, box, abroad = ledger.people.helpdesk[0], shared_box(ledger, "payroll"), "203.0.113.215"
    group = ("Payroll Access", ledger.guid())
    address = "payroll.access@harbourfinch.example"
    group_access(ledger, on_day(ledger, 0.12, 9.5), admin, box, address)
    members = [one for one in staff(ledger) if one.department == "Human Resources"]
    for number, member in enumerate(ledger.draw.sample(members, min(3, len(members)))):
        parameters = {"Identity": address, "Member": member.upn}
        operation = "Add-DistributionGroupMember"
        at = on_day(ledger, 0.12, 9.6) + 30 * number
        ordinary = cmdlet(ledger, at, "eac", admin, operation, group[0], parameters)
        ledger.mark("ordinary-member", ordinary)
    phished = ledger.draw.choice([one for one in staff(ledger) if one.department == "Operations"])
    time = late(ledger, 20.4)
    ledger.blame(1, "administrator signs in from abroad", entra.sign_in(ledger, time - 400, admin, abroad))
    ledger.blame(1, "phished account signs in from there", entra.sign_in(ledger, time - 200, phished, abroad))
    parameters = {"Identity": address, "Member": phished.upn}
    operation = "Add-DistributionGroupMember"
    added = cmdlet(ledger, time, "powershell", admin, operation, group[0], parameters, address=abroad)
    ledger.blame(2, "phished account put into the group that has the payroll", ledger.mark("member", added))
    for number in range(3):
        seen = read(ledger, time + 3600 + 500 * number, phished, box, 30, abroad)
        ledger.blame(3, "payroll read by the phished account", seen)


STORIES: Tuple[Story, ...] = (
    Story(
        "impersonation-role",
        INTRUSION,
        "T1098.002 impersonation, role assigned",
        "peers.md 4: APT28 gives ApplicationImpersonation to a compromised account",
        _impersonation_role,
    ),
    Story(
        "impersonation-by-role-group",
        INTRUSION,
        "T1098.002 impersonation, by a role group",
        "office365.md 0.1 and 1.1: the real record of New-RoleGroup; peers.md 4: UNC2452, October 2021",
        _impersonation_by_role_group,
    ),
    Story(
        "role-scope-removed",
        INTRUSION,
        "T1098.002 application permission, scope of an Exchange role widened",
        "peers.md 2 (12): TRR0019: quietly expand or remove a limiting management scope",
        _role_scope_removed,
    ),
    Story(
        "discovery-management-member",
        INTRUSION,
        "T1098.002 role, eDiscovery",
        "peers.md 2 (19): searches are never logged as MailItemsAccessed; 3.1 osprey: Search-Mailbox copies",
        _discovery_management,
    ),
    Story(
        "delegating-group-gains-member",
        INTRUSION,
        "T1098.002 group membership, of a group that is a delegate",
        "peers.md 2 (10): groups as trustees are common and none expands them",
        _delegating_group,
    ),
)
