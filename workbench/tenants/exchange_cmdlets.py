"""The Get- cmdlets that an inventory needs, as Exchange Online runs them: parameters, identities, rows, refusals.

Parameters: the cmdlets' documentation (those that an inventory would give). Texts: Microsoft365DSC#2998 for what is not
found, rknightion/graph2otel exoclient for a parameter that does not exist; the others, and the status of an identity
that is ambiguous, are [unverified].
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from workbench.tenants import exchange_rows as rows
from workbench.tenants import names
from workbench.tenants.faults import Faults
from workbench.tenants.served import UnknownRequestError
from workbench.tenants.standing import Account, Standing

Row = Dict[str, Any]
FIRST_ONLY = 1000  # rows without ResultSize
INTERNAL = "Microsoft.Exchange.Configuration.Tasks."
_INVOCATION = "Microsoft.Exchange.AdminApi.CommandInvocation."
_SERVER = "AM9PR05A01DC001.PROD.OUTLOOK.COM"
_MORE = (
    "There are more results available than are currently displayed. To view them, increase the value for the "
    "ResultSize parameter."
)


class ExchangeError(Exception):
    """Exchange refuses the cmdlet: HTTP status, code, the exception's type and text."""

    def __init__(self, status: int, code: str, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.kind = kind
        self.text = text


class Cmdlet(NamedTuple):
    """A cmdlet: the parameters it takes, those it must have, and how its rows are made."""

    parameters: Tuple[str, ...]
    required: Tuple[str, ...]
    run: Callable[[Mapping[str, Any]], List[Row]]


class Cmdlets:
    """The cmdlets over what stands in one tenant."""

    def __init__(self, tenant: str, standing: Standing, faults: Faults) -> None:
        self._tenant = tenant
        self._standing = standing
        self._faults = faults
        one, sized = ("Identity",), ("Identity", "ResultSize")
        exo = ("UserPrincipalName", "PrimarySmtpAddress", "ExternalDirectoryObjectId")
        mailbox = (*sized, "RecipientTypeDetails", "IncludeGrantSendOnBehalfToWithDisplayNames")
        self._cmdlets = {
            "Get-Mailbox": Cmdlet(mailbox, (), self._mailboxes),
            "Get-EXOMailbox": Cmdlet((*mailbox, *exo, "PropertySets", "Properties"), (), self._mailboxes),
            "Get-MailboxPermission": Cmdlet((*sized, "User", "Owner"), one, self._mailbox_permissions),
            "Get-EXOMailboxPermission": Cmdlet((*sized, *exo, "User"), (), self._mailbox_permissions),
            "Get-RecipientPermission": Cmdlet((*sized, "Trustee", "AccessRights"), (), self._recipient_permissions),
            "Get-EXORecipientPermission": Cmdlet((*sized, *exo, "Trustee"), (), self._recipient_permissions),
            "Get-MailboxFolderPermission": Cmdlet((*sized, "User"), one, self._folder_permissions),
            "Get-EXOMailboxFolderPermission": Cmdlet((*one, "User"), one, self._folder_permissions),
            "Get-MailboxFolderStatistics": Cmdlet((*sized, "FolderScope"), one, self._folder_statistics),
            "Get-EXOMailboxFolderStatistics": Cmdlet((*one, *exo, "FolderScope"), (), self._folder_statistics),
            "Get-DistributionGroup": Cmdlet(sized, (), lambda given: self._groups(given, True)),
            "Get-UnifiedGroup": Cmdlet(sized, (), lambda given: self._groups(given, False)),
            "Get-Recipient": Cmdlet((*sized, "RecipientTypeDetails"), (), self._recipients),
            "Get-DynamicDistributionGroup": Cmdlet(sized, (), lambda given: []),
            "Get-MailboxAuditBypassAssociation": Cmdlet(sized, (), self._audit_bypass),
            "Get-AdminAuditLogConfig": Cmdlet((), (), self._audit_config),
            "Get-OrganizationConfig": Cmdlet((), (), self._organization),
        }

    def run(self, name: str, given: Mapping[str, Any]) -> Tuple[List[Row], List[str]]:
        """The rows of a cmdlet and its warnings; ExchangeError when Exchange refuses it."""
        if name not in self._cmdlets:
            raise UnknownRequestError(f"no rule for the cmdlet {name!r}")
        cmdlet = self._cmdlets[name]
        strange = [key for key in given if key not in cmdlet.parameters]
        if strange:
            text = "Parameter set cannot be resolved using the specified named parameters. Invalid cmdlet parameters "
            raise bad_request("AmbiguousParameterSetException", f"{text}specified. {strange[0]}")
        missing = [key for key in cmdlet.required if not given.get(key)]
        if missing:
            text = f"Cannot process command because of one or more missing mandatory parameters: {missing[0]}."
            raise bad_request("MissingMandatoryParameterException", text)
        found = cmdlet.run(given)
        warnings: List[str] = []
        size = given.get("ResultSize", FIRST_ONLY)
        if size != "Unlimited":
            if not str(size).isdigit():
                text = f"Cannot convert value {size!r} to type Unlimited."
                raise bad_request("ParameterTransformationException", text)
            if len(found) > int(size):
                warnings.append(_MORE)
            found = found[: int(size)]
        return found, warnings

    def _mailboxes(self, given: Mapping[str, Any]) -> List[Row]:
        kinds = given.get("RecipientTypeDetails")
        wanted = kinds.replace(" ", "").split(",") if isinstance(kinds, str) else kinds
        with_names = given.get("IncludeGrantSendOnBehalfToWithDisplayNames") is True
        found = [rows.mailbox(self._standing, account, with_names) for account in self._accounts(given)]
        return [row for row in found if not wanted or row["RecipientTypeDetails"] in wanted]

    def _mailbox_permissions(self, given: Mapping[str, Any]) -> List[Row]:
        found = rows.mailbox_permissions(self._standing, self._one(given))
        return self._of_party(found, "User", given.get("User"))

    def _recipient_permissions(self, given: Mapping[str, Any]) -> List[Row]:
        accounts = self._accounts(given)
        found = [row for account in accounts for row in rows.recipient_permissions(self._standing, account)]
        if not _named(given):
            for group in self._standing.groups.values():
                found += rows.group_permissions(self._standing, group)
        return self._of_party(found, "Trustee", given.get("Trustee"))

    def _folder_permissions(self, given: Mapping[str, Any]) -> List[Row]:
        account, path = self._folder(str(given["Identity"]))
        found = rows.folder_permissions(self._standing, account, path, self._faults.folder_user)
        return self._of_party(found, "User", given.get("User"))

    def _folder_statistics(self, given: Mapping[str, Any]) -> List[Row]:
        found = rows.folder_statistics(self._standing, self._one(given))
        scope = given.get("FolderScope", "All")
        return [row for row in found if scope in ("All", row["FolderType"])]

    def _groups(self, given: Mapping[str, Any], security: bool) -> List[Row]:
        """The groups of a cmdlet; what the directory's stand-in takes for a security group has a list of addressees."""
        found = [group for group in self._standing.groups.values() if group.security is security]
        wanted = _named(given).lower()
        return [rows.group(self._standing, one) for one in found if wanted in ("", one.address.lower())]

    def _recipients(self, given: Mapping[str, Any]) -> List[Row]:
        found, wanted = rows.recipients(self._standing), _named(given).lower()
        if not wanted:
            return found
        found = [row for row in found if wanted in (row["Name"].lower(), row["PrimarySmtpAddress"].lower())]
        if not found:
            raise _not_found(f"object '{wanted}'")
        return found

    def _audit_bypass(self, given: Mapping[str, Any]) -> List[Row]:
        return [rows.audit_bypass(self._tenant, account) for account in self._accounts(given)]

    def _audit_config(self, given: Mapping[str, Any]) -> List[Row]:
        on = not self._faults.audit_off
        return [
            {
                "Name": "Admin Audit Log Settings",
                "UnifiedAuditLogIngestionEnabled": on,
                "AdminAuditLogEnabled": True,
                "AdminAuditLogAgeLimit": "90.00:00:00",
            }
        ]

    def _organization(self, given: Mapping[str, Any]) -> List[Row]:
        return [
            {
                "Name": names.ORGANIZATION_NAME,
                "DisplayName": "Harbour Finch",
                "ExternalDirectoryOrganizationId": self._tenant,
                "AuditDisabled": False,
                "IsDehydrated": False,
            }
        ]

    def _accounts(self, given: Mapping[str, Any]) -> List[Account]:
        return [self._one(given)] if _named(given) else self._standing.mailboxes()

    def _one(self, given: Mapping[str, Any]) -> Account:
        name = _named(given)
        if not name:
            text = "Cannot process command because of one or more missing mandatory parameters: Identity."
            raise bad_request("MissingMandatoryParameterException", text)
        return self._mailbox(name)

    def _mailbox(self, name: str) -> Account:
        found = [account for account in self._standing.find(name) if account.has_mailbox]
        if len(found) > 1:
            text = f"The operation couldn't be performed because '{name}' matches multiple entries."
            raise ExchangeError(400, "BadRequest", INTERNAL + "ManagementObjectAmbiguousException", text)
        if not found:
            raise _not_found(f"object '{name}'")
        return found[0]

    def _folder(self, text: str) -> Tuple[Account, str]:
        """Mailbox and folder of `<mailbox>:\\<path>`, `<mailbox>:<FolderId>` or `<mailbox>` alone (the root)."""
        owner, _, path = text.partition(":")
        account = self._mailbox(owner)
        wanted = "\\" if path in ("", "\\Top of Information Store") else path
        for existing in self._standing.paths(account):
            if wanted == rows.folder_id(account, existing) or wanted.lower() == existing.lower():
                return account, existing
        raise _not_found(f"'{text}'")

    def _of_party(self, found: List[Row], column: str, party: Optional[object]) -> List[Row]:
        if party is None:
            return found
        accounts = self._standing.find(str(party))
        known = {name.lower() for account in accounts for name in (account.upn, account.display_name)}
        return [row for row in found if str(row[column]).lower() in known | {str(party).lower()}]


def _named(given: Mapping[str, Any]) -> str:
    keys = ("Identity", "UserPrincipalName", "PrimarySmtpAddress", "ExternalDirectoryObjectId")
    return next((str(given[key]) for key in keys if given.get(key)), "")


def bad_request(kind: str, text: str) -> ExchangeError:
    """The error of a call that is made wrongly."""
    return ExchangeError(400, "BadRequest", _INVOCATION + kind, text)


def _not_found(what: str) -> ExchangeError:
    text = f"The operation couldn't be performed because {what} couldn't be found on '{_SERVER}'."
    return ExchangeError(404, "NotFound", INTERNAL + "ManagementObjectNotFoundException", text)
