"""What Exchange Online's Get- cmdlets return over REST: the rows of each, from what stands.

| what | backed by |
|---|---|
| Get-MailboxPermission: User, AccessRights as a list whose elements join several rights by commas, Deny, IsInherited, \
UserSid, an empty PrimarySmtpAddress, the row of NT AUTHORITY\\SELF | rows measured in a tenant in July 2026 \
(rknightion/graph2otel, mailboxdelegation) |
| Get-RecipientPermission: Trustee, AccessRights, AccessControlType, TrusteeSidString, an empty \
TrusteeWithPrimarySmtpAddress; no IsInherited | the same |
| Get-MailboxAuditBypassAssociation: its columns, one row for every recipient | the same (exchangeauditbypass) |
| columns of Get-Mailbox, -OrganizationConfig, -AdminAuditLogConfig | the cmdlets' documentation |
| `Identity` of a permission row (the mailbox's Name), a column `<Name>@odata.type` beside a list, \
Get-MailboxFolderPermission (User as display name or address, Identity the user's), -FolderStatistics, the Names in \
GrantSendOnBehalfTo and ForwardingAddress, Get-Recipient, Get-DistributionGroup, Get-UnifiedGroup | \
[unverified] over REST; as PowerShell shows them |
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from workbench.tenants import names
from workbench.tenants.records import utc
from workbench.tenants.standing import (
    ANONYMOUS,
    DEFAULT,
    Account,
    FolderRight,
    Group,
    MailboxRight,
    OnBehalf,
    SendAs,
    Standing,
    made_id,
)

Row = Dict[str, Any]
SELF, SELF_SID = "NT AUTHORITY\\SELF", "S-1-5-10"
_DETAILS = {"user": "UserMailbox", "shared": "SharedMailbox", "room": "RoomMailbox", "discovery": "DiscoveryMailbox"}
BACKSLASH, WRITTEN_BACKSLASH = "\uf8fe", "\\"
_USUAL = {"inbox": "Inbox", "calendar": "Calendar", "sent": "SentItems"}


def _listed(name: str, values: List[str]) -> Row:
    return {f"{name}@odata.type": "#Collection(String)", name: values}


def identity(account: Account) -> str:
    """What Exchange shows as a mailbox's identity: its Name."""
    return account.exchange_name


def shown_party(standing: Standing, text: str) -> Tuple[str, str]:
    """A party as permission rows show it, and its SID: an account's address, a group's name, or the text itself."""
    account = standing.accounts.get(text.lower())
    if account is not None:
        return account.upn, account.sid
    group = standing.groups.get(text.lower())
    return (group.display_name if group else text), text if text.startswith("S-1-") else ""


def mailbox(standing: Standing, account: Account, with_names: bool = False) -> Row:
    """A row of Get-Mailbox."""
    delegates = [standing.accounts.get(r.delegate.lower()) or r.delegate for r in standing.of(OnBehalf, account.upn)]
    known = [one for one in delegates if isinstance(one, Account)]
    row: Row = {
        "Identity": identity(account),
        "Id": identity(account),
        "Name": account.exchange_name,
        "Alias": account.upn.split("@")[0],
        "DisplayName": account.display_name,
        "UserPrincipalName": account.upn,
        "PrimarySmtpAddress": account.upn,
        "WindowsEmailAddress": account.upn,
        "ExternalDirectoryObjectId": account.object_id,
        "ExchangeGuid": account.mailbox_guid,
        "Guid": made_id("recipient " + account.upn),
        "DistinguishedName": f"CN={account.exchange_name},OU={names.ORGANIZATION_NAME}",
        "RecipientType": "UserMailbox",
        "RecipientTypeDetails": _DETAILS[account.kind],
        **_listed("EmailAddresses", [f"SMTP:{account.upn}", *(f"smtp:{alias}" for alias in account.aliases)]),
        **_listed("GrantSendOnBehalfTo", [identity(one) if isinstance(one, Account) else one for one in delegates]),
        "ForwardingAddress": _name_of(standing, account.forwards_within),
        "ForwardingSmtpAddress": account.forwards_to or None,
        "DeliverToMailboxAndForward": bool(account.forwards_to),
        "AuditEnabled": account.audited,
        "AccountDisabled": account.kind in ("shared", "room") or not account.enabled,
        "HiddenFromAddressListsEnabled": account.kind == "discovery",
        "WhenMailboxCreated": utc(account.created) + "Z",
        "IsDirSynced": False,
    }
    if with_names:
        row["GrantSendOnBehalfToWithDisplayNames"] = [
            {"DisplayName": one.display_name, "PrimarySmtpAddress": one.upn} for one in known
        ]
    return row


def _name_of(standing: Standing, recipient: str) -> Optional[str]:
    """How Exchange shows a recipient that mail is forwarded to: by its Name."""
    account, group = standing.accounts.get(recipient.lower()), standing.groups.get(recipient.lower())
    return account.exchange_name if account else group.display_name if group else recipient or None


def recipients(standing: Standing) -> List[Row]:
    """The rows of Get-Recipient: mailboxes, groups, mail contacts."""
    boxes = [(one.exchange_name, one.upn, _DETAILS[one.kind]) for one in standing.mailboxes()]
    named = [(one.display_name, one.address, "GroupMailbox") for one in standing.groups.values()]
    contacts = [(name, address, "MailContact") for name, address in standing.contacts.items()]
    return [
        {
            "Identity": name,
            "Name": name,
            "DisplayName": name,
            "PrimarySmtpAddress": address,
            "RecipientTypeDetails": details,
            "ExternalEmailAddress": f"SMTP:{address}" if details == "MailContact" else None,
        }
        for name, address, details in [*boxes, *named, *contacts]
    ]


def mailbox_permissions(standing: Standing, account: Account) -> List[Row]:
    """The rows of Get-MailboxPermission for a mailbox."""
    own: Tuple[str, ...] = ("FullAccess", "ReadPermission")
    entries = [(SELF, SELF_SID, own, False, False)]
    for right in standing.of(MailboxRight, account.upn):
        entries.append((*shown_party(standing, right.grantee), right.rights, right.deny, right.inherited))
    return [
        {
            "Identity": identity(account),
            "User": user,
            **_listed("AccessRights", [", ".join(rights)]),
            "IsInherited": inherited,
            "Deny": deny,
            "InheritanceType": "All",
            "UserSid": sid,
            "PrimarySmtpAddress": "",
        }
        for user, sid, rights, deny, inherited in entries
    ]


def recipient_permissions(standing: Standing, account: Account) -> List[Row]:
    """The rows of Get-RecipientPermission for a mailbox."""
    trustees = [(SELF, SELF_SID), *(shown_party(standing, right.trustee) for right in standing.of(SendAs, account.upn))]
    return [_send_as(identity(account), trustee, sid) for trustee, sid in trustees]


def group(standing: Standing, of: Group) -> Row:
    """A row of Get-DistributionGroup or Get-UnifiedGroup."""
    delegates = [standing.accounts.get(r.delegate.lower()) or r.delegate for r in standing.of(OnBehalf, of.address)]
    return {
        "Identity": of.display_name,
        "Name": of.display_name,
        "DisplayName": of.display_name,
        "PrimarySmtpAddress": of.address,
        "ExternalDirectoryObjectId": of.object_id,
        "RecipientTypeDetails": "MailUniversalSecurityGroup" if of.security else "GroupMailbox",
        **_listed("GrantSendOnBehalfTo", [identity(one) if isinstance(one, Account) else one for one in delegates]),
    }


def group_permissions(standing: Standing, of: Group) -> List[Row]:
    """The rows of Get-RecipientPermission for a group."""
    parties = [shown_party(standing, right.trustee) for right in standing.of(SendAs, of.address)]
    return [_send_as(of.display_name, trustee, sid) for trustee, sid in parties]


def _send_as(recipient: str, trustee: str, sid: str) -> Row:
    return {
        "Identity": recipient,
        "Trustee": trustee,
        "AccessControlType": "Allow",
        **_listed("AccessRights", ["SendAs"]),
        "InheritanceType": "None",
        "TrusteeSidString": sid,
        "TrusteeWithPrimarySmtpAddress": "",
    }


def folder_permissions(standing: Standing, account: Account, path: str, user_form: str) -> List[Row]:
    """The rows of Get-MailboxFolderPermission for a folder: Default and Anonymous first, as they always exist."""
    calendar = path.lower() == account.folder("calendar").lower()
    entries = {
        DEFAULT: FolderRight(account.upn, path, DEFAULT, ("AvailabilityOnly" if calendar else "None",)),
        ANONYMOUS: FolderRight(account.upn, path, ANONYMOUS, ("None",)),
    }
    for right in standing.of(FolderRight, account.upn):
        if right.folder.lower() == path.lower():
            entries[right.user] = right
    name = path.rsplit("\\", 1)[-1] or "Top of Information Store"
    return [_folder_row(standing, name, right, user_form) for right in entries.values()]


def _folder_row(standing: Standing, name: str, right: FolderRight, user_form: str) -> Row:
    account = standing.accounts.get(right.user.lower())
    user = shown_party(standing, right.user)[0]
    if account is not None and user_form == "display_name":
        user = account.display_name
    flags = _listed("SharingPermissionFlags", right.flags.split(", ")) if right.flags else {}
    return {
        "FolderName": name,
        "User": user,
        **_listed("AccessRights", list(right.rights)),
        **(flags or {"SharingPermissionFlags": None}),
        "Identity": user,
        "IsValid": True,
    }


def folder_statistics(standing: Standing, account: Account) -> List[Row]:
    """The rows of Get-MailboxFolderStatistics: every folder, its path written with slashes.

    A slash that belongs to a folder's name is written as U+F8FF (scripts turn it back: `.Replace([char]63743, "/")`). A
    backslash that does stands in a path as BACKSLASH; that it is written as it is, is synthetic: no source tells.
    """
    types = {account.folder(kind).lower(): word for kind, word in _USUAL.items()}
    rows = []
    for path in standing.paths(account):
        name = path.rsplit("\\", 1)[-1].replace(BACKSLASH, "\\") or "Top of Information Store"
        written = path.replace("/", "\uf8ff").replace("\\", "/").replace(BACKSLASH, WRITTEN_BACKSLASH)
        rows.append(
            {
                "Identity": f"{account.upn}{path if path != chr(92) else chr(92) + name}",
                "Name": name,
                "FolderPath": written if path != "\\" else "/" + name,
                "FolderId": folder_id(account, path),
                "FolderType": "Root" if path == "\\" else types.get(path.lower(), "User Created"),
                "ItemsInFolder": 0,
                "ContainerClass": "IPF.Appointment" if types.get(path.lower()) == "Calendar" else "IPF.Note",
            }
        )
    return rows


def folder_id(account: Account, path: str) -> str:
    """The id of a folder."""
    return "LgAAAAB" + made_id(account.upn + path).replace("-", "")[:24] + "AQAAAA=="


def audit_bypass(tenant: str, account: Account) -> Row:
    """A row of Get-MailboxAuditBypassAssociation."""
    return {
        "Name": account.exchange_name,
        "Identity": identity(account),
        "Id": identity(account),
        "Guid": made_id("recipient " + account.upn),
        "AuditBypassEnabled": account.bypassed,
        **_listed("ObjectClass", ["top", "person", "organizationalPerson", "user"]),
        "WhenChangedUTC": utc(account.created) + "Z",
        "OrganizationId": tenant,
        "IsValid": True,
    }
