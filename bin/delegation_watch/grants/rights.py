"""Rights as the vendors name them, mapped onto the closed list of `fields.RIGHTS` and onto what they allow."""

import functools
import re
from typing import Any, Dict, Tuple

from .fields import ACCESS

# Cmdlet rights on a whole mailbox. Source: Get-EXOMailboxPermission, AccessRights: FullAccess opens the mailbox but
# cannot send, ReadPermission reads the permissions (no content), ChangePermission and ChangeOwner can grant the rest.
MAILBOX_RIGHTS: Dict[str, Tuple[str, str]] = {
    "fullaccess": ("full_access", "own"),
    "sendas": ("send_as", "send"),
    "sendonbehalf": ("send_on_behalf", "send"),
    "changepermission": ("change_permission", "own"),
    "changeowner": ("change_owner", "own"),
    "readpermission": ("read_permission", "none"),
    "deleteitem": ("delete_item", "write"),
    "externalaccount": ("external_account", "own"),
}

# Folder roles and single rights of the cmdlets, and the flags of the mailbox audit (MemberRights).
# Sources: Set-MailboxFolderPermission, AccessRights; MS-OXCPERM 2.2.7 for the flags.
FOLDER_RIGHTS: Dict[str, str] = {
    "none": "none", "foldervisible": "none", "visible": "none", "foldercontact": "none", "contact": "none",
    "availabilityonly": "availability", "limiteddetails": "availability",
    "freebusysimple": "availability", "freebusydetailed": "availability",
    "reviewer": "read", "readitems": "read", "readany": "read",
    "contributor": "write", "createitems": "write", "create": "write",
    "createsubfolders": "write", "createsubfolder": "write",
    "noneditingauthor": "write", "author": "write", "publishingauthor": "write",
    "editor": "write", "publishingeditor": "write", "editowneditems": "write", "editowned": "write",
    "editallitems": "write", "editany": "write", "deleteowneditems": "write", "deleteowned": "write",
    "deleteallitems": "write", "deleteany": "write",
    "owner": "own", "folderowner": "own",
}  # fmt: skip

# Application permissions and delegated scopes that reach mail, and what each allows.
# Sources: Microsoft Graph permissions reference; Exchange app-only authentication; RBAC for Applications.
APP_MAIL: Dict[str, str] = {
    "mail.readbasic": "read", "mail.readbasic.all": "read", "mail.readbasic.shared": "read",
    "mail.read": "read", "mail.read.all": "read", "mail.read.shared": "read",
    "mail.readwrite": "write", "mail.readwrite.all": "write", "mail.readwrite.shared": "write",
    "mail.send": "send", "mail.send.all": "send", "mail.send.shared": "send",
    "mailboxitem.read": "read", "mailboxitem.read.all": "read",
    "mailboxitem.importexport": "write", "mailboxitem.importexport.all": "write",
    "mailboxfolder.read": "read", "mailboxfolder.read.all": "read",
    "mailboxfolder.readwrite": "write", "mailboxfolder.readwrite.all": "write",
    "mailboxsettings.readwrite": "write",
    "full_access_as_app": "send", "full_access_as_user": "send", "ews.accessasuser.all": "send",
    "ews.accessasapp": "send", "imap.accessasapp": "write", "imap.accessasuser.all": "write",
    "pop.accessasapp": "read", "pop.accessasuser.all": "read", "smtp.send": "send", "smtp.sendasapp": "send",
    "exchange.manage": "own", "exchange.manageasapp": "own", "exchange.manageasappv2": "own",
}  # fmt: skip

# App roles by id, for records that leave AppRole.Value empty (ids: real records, and the Graph permissions reference).
APP_ROLE_IDS: Dict[str, str] = {
    "dc890d15-9560-4a4c-9b7f-a736ec74ec40": "full_access_as_app",
    "810c84a8-4a9e-49e6-bf7d-12d183f40d01": "Mail.Read",
    "b633e1c5-b582-4048-a93e-9f11b44c7e96": "Mail.Send",
    "e2a3a72e-5f79-4c64-b1b1-878b674786c9": "Mail.ReadWrite",
    "6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a": "Mail.ReadBasic",
    "693c5e45-0940-467d-9b8a-1022fb9d42ef": "Mail.ReadBasic.All",
    "6931bccd-447a-43d1-b442-00a195474933": "MailboxSettings.ReadWrite",
    "5e5addcd-3e8d-4e90-baf5-964efab2b20a": "IMAP.AccessAsApp",
    "dc50a0fb-09a3-484d-be87-e023b12c6440": "Exchange.ManageAsApp",
}

# Exchange management roles that open mailboxes, or give the right to. `Application …` roles are the successors of
# ApplicationImpersonation (RBAC for Applications).
MAIL_ROLES: Dict[str, Tuple[str, str]] = {
    "applicationimpersonation": ("impersonation", "send"),
    "application mail.read": ("app_mail", "read"),
    "application mail.readbasic": ("app_mail", "read"),
    "application mail.readwrite": ("app_mail", "write"),
    "application mail.send": ("app_mail", "send"),
    "application mail full access": ("app_mail", "send"),
    "application exchange full access": ("app_mail", "send"),
    "application ews.accessasapp": ("app_mail", "send"),
    "application imap.accessasapp": ("app_mail", "write"),
    "application pop.accessasapp": ("app_mail", "read"),
    "application smtp.sendasapp": ("app_mail", "send"),
    "application mailboxsettings.readwrite": ("app_mail", "write"),
    "application mailboxitem.importexport": ("app_mail", "write"),
    "application mailboxfolder.read": ("app_mail", "read"),
    "application mailboxfolder.readwrite": ("app_mail", "write"),
    "mailbox import export": ("role", "read"),
    "mailbox search": ("role", "read"),
    "mail recipients": ("role", "own"),
    "role management": ("role", "own"),
}

# Role groups of Exchange and of the compliance portal, and the strongest thing their members can do in mailboxes; a
# group that is not listed counts as reading. Source: "Permissions in Exchange Online", "Roles and role groups in
# Microsoft Defender and Purview". `none`: nothing that reaches mail.
ROLE_GROUPS: Dict[str, str] = {
    "organizationmanagement": "own",
    "recipientmanagement": "own",
    "exchangeadministrators": "own",
    "exchangeservices": "own",
    "discoverymanagement": "read",
    "ediscoverymanager": "read",
    "compliancemanagement": "read",
    "complianceadministrator": "read",
    "recordsmanagement": "read",
    "viewonlyorganizationmanagement": "none",
    "hygienemanagement": "none",
    "ummanagement": "none",
    "helpdesk": "none",
    "delegatedsetup": "none",
    "servermanagement": "none",
    "publicfoldermanagement": "none",
    "securityreader": "none",
}

# Directory roles that read mail or can give themselves the right to, by template id (the same in each tenant).
# Source: Microsoft Entra built-in roles. The first two are confirmed by real records.
DIRECTORY_ROLES: Dict[str, str] = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "31392ffb-586c-42d1-9346-e59415a2cc4e": "Exchange Recipient Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "17315797-102d-40b4-93e0-432062caca18": "Compliance Administrator",
}

# Google scopes that reach mail or its settings. Source: Gmail API, choose scopes.
GOOGLE_MAIL: Dict[str, str] = {
    "https://mail.google.com/": "send",
    "https://mail.google.com": "send",
    "https://www.googleapis.com/auth/gmail.modify": "send",
    "https://www.googleapis.com/auth/gmail.readonly": "read",
    "https://www.googleapis.com/auth/gmail.metadata": "read",
    "https://www.googleapis.com/auth/gmail.compose": "send",
    "https://www.googleapis.com/auth/gmail.send": "send",
    "https://www.googleapis.com/auth/gmail.insert": "write",
    "https://www.googleapis.com/auth/gmail.settings.basic": "write",
    "https://www.googleapis.com/auth/gmail.settings.sharing": "own",
}

_RANK = {name: rank for rank, name in enumerate(ACCESS)}
_SEPARATORS = re.compile(r"[,;|]+")


def names(value: Any) -> Tuple[str, ...]:
    """The single rights of an AccessRights value: `FullAccess, ReadPermission`, a list, with brackets or not."""
    if isinstance(value, list):
        value = ",".join(str(item) for item in value)
    return _names(value) if isinstance(value, str) else ()


@functools.lru_cache(maxsize=4096)
def _names(text: str) -> Tuple[str, ...]:
    parts = (part.strip(" \t\"'[]{}()") for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


@functools.lru_cache(maxsize=1024)
def mailbox_right(native: str) -> Tuple[str, str]:
    """(right, access) of one cmdlet right; what nobody has documented is `unknown` and counts as reading."""
    return MAILBOX_RIGHTS.get(native.replace(" ", "").lower(), ("unknown", "read"))


@functools.lru_cache(maxsize=4096)
def folder_access(native: Tuple[str, ...]) -> Tuple[str, str, Tuple[str, ...]]:
    """(right, strongest access, names not known) of a folder's roles and rights.

    A name that is not known counts as reading; the right is `unknown` only where the known ones read nothing.
    """
    known = [FOLDER_RIGHTS.get(name.replace(" ", "").lower()) for name in native]
    unknown = tuple(name for name, access in zip(native, known) if access is None)
    strongest = max((access for access in known if access), key=_RANK.__getitem__, default="none")
    if unknown and _RANK[strongest] < _RANK["read"]:
        return "unknown", "read", unknown
    return "folder", strongest, unknown


def app_scope(native: str) -> Tuple[str, str]:
    """(permission without its resource, access) of an application permission; access is "" when it reaches no mail."""
    name = native.strip().strip('"').rsplit("/", 1)[-1] if native.startswith("http") else native.strip().strip('"')
    return name, APP_MAIL.get(name.lower(), "")
