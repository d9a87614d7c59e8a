"""What stands in the made-up organisation after its records: each grant that was written down and not taken back.

The records are played in order, as the services would have acted on them, so what an inventory shows and what the audit
tells agree; some delegations are older than the records, and no event explains those. Gmail's delegates leave no
record: those of the attack go to the account that made them, the others stood before.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from workbench.tenants import names
from workbench.tenants.people import Person
from workbench.tenants.standing import (
    DEFAULT,
    Account,
    Application,
    FolderRight,
    Group,
    MailboxRight,
    OnBehalf,
    SendAs,
    Standing,
)

if TYPE_CHECKING:
    from workbench.tenants.organisation import Organisation

DAY = 86400
DISCOVERY = "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"
_OLD_FULL_ACCESS, _OLD_ON_BEHALF, _OLD_GMAIL = 12, 6, 4
_ROLES = {"System Administrator": "Exchange Administrator", "Help Desk": "Helpdesk Administrator"}
# rights in the words of the mailbox audit -> role in those of the cmdlets (reference office365.md 1.5)
_MEMBER_RIGHTS = (
    ("EditAny", "Editor"),
    ("ReadAny", "Reviewer"),
    ("FreeBusyDetailed", "LimitedDetails"),
    ("FreeBusySimple", "AvailabilityOnly"),
)


def standing_after(organisation: Organisation) -> Standing:
    """What stands at the organisation's end; the same for the same organisation."""
    draw = random.Random(f"{organisation.seed}/standing")  # noqa: S311 (not for security)
    people = organisation.directory
    standing = Standing(
        accounts=[_account(person, organisation, draw) for person in people.everyone()],
        groups=_groups(organisation),
        applications=[
            Application("1b0e7d66-4c0f-4b5e-9f0a-2d7f3c6a9e11", "Mail Archive", roles=("Exchange Administrator",)),
            Application("b7c2f0a4-1d3e-4f58-8a69-0c9e7d5b3a12", "Delegation Watch", roles=("Global Reader",)),
        ],
    )
    address = f"{DISCOVERY}@{names.ORGANIZATION_NAME}"
    standing.add(Account(address, "Discovery Search Mailbox", "discovery", exchange_name=DISCOVERY))
    _older(standing, organisation, draw)
    for record in organisation.office365_records():
        act = _ACTS.get(str(record.body.get("Operation")))
        if act and record.body.get("ResultStatus") != "False":
            act(standing, record.body)
    _gmail(standing, organisation, draw)
    return standing


def _account(person: Person, organisation: Organisation, draw: random.Random) -> Account:
    everyday = _ROLES.get(person.title)
    role = "Super Admin" if person.title == "Super Admin" else everyday
    if person is organisation.directory.helpdesk[0]:
        role = "Global Administrator"
    return Account(
        upn=person.upn,
        display_name=person.display_name,
        kind=person.kind,
        object_id=person.object_id,
        exchange_name=person.exchange_name or person.upn,
        mailbox_guid=person.mailbox_guid,
        sid=person.sid,
        aliases=person.aliases,
        language=person.language,
        department=person.department,
        title=person.title,
        manager=person.manager,
        roles=(role,) if role else (),
        created=float(int(organisation.start - draw.randrange(30, 2000) * DAY)),
    )


def _groups(organisation: Organisation) -> List[Group]:
    people = organisation.directory
    departments: Dict[str, List[str]] = {}
    for person in people.users:
        departments.setdefault(person.department, []).append(person.upn)
    groups = [
        Group(f"{name.replace(' ', '.').lower()}@{names.DOMAIN}", f"{name} team", members)
        for name, members in departments.items()
    ]
    everyone = Group(f"all.staff@{names.DOMAIN}", "All staff", [group.address for group in groups])
    return [*groups, everyone, Group(f"discovery@{names.DOMAIN}", "Discovery Management", security=True)]


def _older(standing: Standing, organisation: Organisation, draw: random.Random) -> None:
    """Delegations from before the records: no event explains them."""
    people = organisation.directory
    staff = [person for person in people.users if not person.vip]
    for _ in range(_OLD_FULL_ACCESS):
        mailbox, delegate = draw.choice(people.shared), draw.choice(staff)
        standing.grant(MailboxRight(mailbox.upn, delegate.upn))
        standing.grant(SendAs(mailbox.upn, delegate.upn))
    for _ in range(_OLD_ON_BEHALF):
        standing.grant(OnBehalf(draw.choice(people.shared).upn, draw.choice(staff).upn))
    for room in people.rooms:
        standing.grant(FolderRight(room.upn, "\\" + room.folder("calendar"), DEFAULT, ("AvailabilityOnly",)))


def _gmail(standing: Standing, organisation: Organisation, draw: random.Random) -> None:
    people = organisation.directory.workspace
    for owner in draw.sample(people[2:], _OLD_GMAIL):
        delegate = draw.choice([person for person in people[2:] if person is not owner])
        standing.gmail.setdefault(owner.upn, []).append((delegate.upn, "accepted"))
    made = [body for body in organisation.workspace_activities("token") if _creates_delegate(body)]
    for body in made:
        standing.gmail.setdefault(body["actor"]["email"], []).append((people[1].upn, "accepted"))


def _creates_delegate(body: Dict[str, Any]) -> bool:
    parameters = body["events"][0]["parameters"]
    return any(entry.get("value") == "gmail.users.settings.delegates.create" for entry in parameters)


Act = Callable[[Standing, Dict[str, Any]], None]


def _parameters(body: Dict[str, Any]) -> Dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in body["Parameters"]}


def _named(standing: Standing, text: str) -> Optional[str]:
    """The address of an account that a record names by any of its ids; a group's display name stays as it is."""
    found = standing.find(text)
    return found[0].upn if found else None


def _party(standing: Standing, text: str) -> str:
    return _named(standing, text) or text.rsplit("/", 1)[-1]


def _full_access(taken: bool) -> Act:
    def act(standing: Standing, body: Dict[str, Any]) -> None:
        given = _parameters(body)
        mailbox = _named(standing, given["Identity"])
        if mailbox is None:
            return
        rights = tuple(given["AccessRights"].split(", "))
        right = MailboxRight(mailbox, _party(standing, given["User"]), rights, given.get("Deny") == "True")
        (standing.revoke if taken else standing.grant)(right)

    return act


def _send_as(taken: bool) -> Act:
    def act(standing: Standing, body: Dict[str, Any]) -> None:
        given = _parameters(body)
        mailbox = _named(standing, given["Identity"])
        if mailbox is not None:
            right = SendAs(mailbox, _party(standing, given["Trustee"]))
            (standing.revoke if taken else standing.grant)(right)

    return act


def _set_mailbox(standing: Standing, body: Dict[str, Any]) -> None:
    given = _parameters(body)
    mailbox = _named(standing, given["Identity"])
    if mailbox is None:
        return
    if "GrantSendOnBehalfTo" in given:  # the plain form replaces the whole list
        for right in standing.of(OnBehalf, mailbox):
            standing.revoke(right)
        standing.grant(OnBehalf(mailbox, _party(standing, given["GrantSendOnBehalfTo"])))
    if "ForwardingSmtpAddress" in given:
        standing.accounts[mailbox.lower()].forwards_to = given["ForwardingSmtpAddress"]


def _folder_cmdlet(standing: Standing, body: Dict[str, Any]) -> None:
    given = _parameters(body)
    owner, _, path = given["Identity"].partition(":")
    mailbox = _named(standing, owner)
    if mailbox is not None:
        user = given["User"] if given["User"] == DEFAULT else _party(standing, given["User"])
        flags = given.get("SharingPermissionFlags", "")
        standing.grant(FolderRight(mailbox, path, user, (given["AccessRights"],), flags))


def _folder_audited(standing: Standing, body: Dict[str, Any]) -> None:
    folder = body["Item"]["ParentFolder"]
    mailbox = _named(standing, body["MailboxOwnerUPN"])
    if mailbox is None:
        return
    member = DEFAULT if folder["MemberUpn"] == "Everyone" else _party(standing, folder["MemberUpn"])
    role = next((role for flag, role in _MEMBER_RIGHTS if flag in folder["MemberRights"]), "None")
    same = [r for r in standing.of(FolderRight, mailbox) if (r.folder, r.user) == (folder["Path"], member)]
    standing.grant(FolderRight(mailbox, folder["Path"], member, (role,), same[0].flags if same else ""))


def _bypass(standing: Standing, body: Dict[str, Any]) -> None:
    given = _parameters(body)
    for account in standing.find(given["Identity"]):
        account.bypassed = given["AuditBypassEnabled"] == "True"


_ACTS: Dict[str, Act] = {
    "Add-MailboxPermission": _full_access(taken=False),
    "Remove-MailboxPermission": _full_access(taken=True),
    "Add-RecipientPermission": _send_as(taken=False),
    "Remove-RecipientPermission": _send_as(taken=True),
    "Set-Mailbox": _set_mailbox,
    "Add-MailboxFolderPermission": _folder_cmdlet,
    "Set-MailboxFolderPermission": _folder_cmdlet,
    "AddFolderPermissions": _folder_audited,
    "ModifyFolderPermissions": _folder_audited,
    "Set-MailboxAuditBypassAssociation": _bypass,
}
