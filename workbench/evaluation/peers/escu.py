"""Splunk's Enterprise Security Content Update of March to May 2026: its searches around mail, by their conditions."""

import json
import re
from typing import Dict, Iterator, List, Sequence

from workbench.evaluation.peers.rule import Peer, Rule, Seen, Vips, each

_ELEVATED = ("FullAccess", "ChangePermission", "ChangeOwner")
_READS = re.compile(r"ReadItems|Author|NonEditingAuthor|Owner|PublishingAuthor|Reviewer")
_FOLDER_CMDLETS = ("Set-MailboxFolderPermission", "Add-MailboxFolderPermission")
_FOLDER_EVENTS = ("ModifyFolderPermissions", "AddFolderPermissions")
_RULES = ("New-InboxRule", "Set-InboxRule")
_NO_FOLDERS = ("Calendar", "Contacts", "PersonMetadata")
_EXCHANGE, _GRAPH = "00000002-0000-0ff1-ce00-000000000000", "00000003-0000-0000-c000-000000000000"
_FULL_ACCESS_AS_APP, _MAIL_READ = "dc890d15-9560-4a4c-9b7f-a736ec74ec40", "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_SCOPES = re.compile(r"\bMail\.(?:Read|ReadBasic|ReadWrite|Read\.Shared|ReadWrite\.Shared|Send|Send\.Shared)(?![.\w])")
_FORWARDS = ("ForwardTo", "ForwardAsAttachmentTo", "RedirectTo")
_HIDES = re.compile(r"RSS|Conversation History|Archive")
_TEN_MINUTES, _FIVE = 600, 5


def _elevated(event: Seen) -> bool:
    whole = event.parameters.get("AccessRights", "")
    return event.operation == "Add-MailboxPermission" and whole in _ELEVATED


def _folder_granted(event: Seen) -> bool:
    whole = event.parameters.get("AccessRights", "")
    return event.operation in _FOLDER_CMDLETS and bool(
        _READS.fullmatch(whole)
    )


def _folder_assigned(event: Seen) -> bool:
    assigned = event.operation in _FOLDER_EVENTS
    return assigned and event.folder.get("Name") not in _NO_FOLDERS


def _inbox_for_all(event: Seen) -> bool:
    folder = event.folder
    everyone = folder.get("Name") == "Inbox" and folder.get("MemberUpn") == "Everyone"
    return event.operation == "ModifyFolderPermissions" and everyone and "ReadAny" in str(folder.get("MemberRights"))


def _impersonation(event: Seen) -> bool:
    role = event.parameters.get("Role")
    return event.operation == "New-ManagementRoleAssignment" and role == "ApplicationImpersonation"


def _application(resource: str, entitlement: str, event: Seen) -> bool:
    """The first changed property of an application names the resource and the permission."""
    if event.operation != "Update application":
        return False
    first = json.dumps((event.body.get("ModifiedProperties") or [{}])[0])
    return resource in first and entitlement in first


def _user_consent(event: Seen) -> bool:
    changed = event.changed()
    by_user = re.search(r"IsAdminConsent[^}]*False", changed, re.IGNORECASE)
    return event.operation == "Consent to application" and bool(by_user) and bool(_SCOPES.search(changed))


def _by_api(event: Seen) -> bool:
    client = str(event.body.get("ClientInfoString") or "")
    return event.operation == "MailItemsAccessed" and (
        client.startswith("Client=WebServices;ExchangeWebServices") or event.body.get("AppId") == _GRAPH
    )


def _many_by_api(events: Sequence[Seen], vips: Vips) -> Iterator[Seen]:
    """More than five mailboxes by one application within ten minutes."""
    recent: Dict[str, List[Seen]] = {}
    for event in events:
        if _by_api(event):
            client = str(event.body.get("ClientAppId") or event.actor)
            kept = [other for other in recent.get(client, []) if event.time - other.time < _TEN_MINUTES]
            recent[client] = [*kept, event]
            if len({other.body.get("MailboxOwnerUPN") for other in recent[client]}) > _FIVE:
                yield event


def _forwards(event: Seen) -> bool:
    named = event.parameters
    if event.operation == "Set-Mailbox":
        return bool(named.get("ForwardingSmtpAddress") or named.get("ForwardingAddress"))
    if event.operation == "UpdateInboxRules":
        return bool(re.search(r"Forward|Redirect", json.dumps(event.body.get("OperationProperties") or [])))
    return event.operation in _RULES and any(named.get(name) for name in _FORWARDS)


def _hides(event: Seen) -> bool:
    """More than two of: a short name, one of few letters, marked as read, moved where nobody looks."""
    named = event.parameters
    name = named.get("Name", "")
    moved = bool(_HIDES.search(named.get("MoveToFolder", "")))
    signs = (len(name) <= 3, len(set(name)) <= 3, named.get("MarkAsRead") == "True", moved)
    return event.operation in _RULES and bool(name) and sum(signs) > 2


def _any_rule(event: Seen) -> bool:
    acts = ("DeleteMessage", "MoveToFolder", "CopyToFolder", *_FORWARDS)
    named = event.parameters
    return event.operation in _RULES and any(named.get(act) for act in acts)


ESCU = Peer(
    "Splunk ESCU",
    "splunk/security_content, searches o365_* of 2026-03-30 and 2026-05-13",
    (
        Rule("Elevated Mailbox Permission Assigned", ("Add-MailboxPermission",), each(_elevated)),
        Rule("Mailbox Folder Read Permission Granted", _FOLDER_CMDLETS, each(_folder_granted)),
        Rule("Mailbox Folder Read Permission Assigned", _FOLDER_EVENTS, each(_folder_assigned)),
        Rule("Mailbox Inbox Folder Shared with All Users", ("ModifyFolderPermissions",), each(_inbox_for_all)),
        Rule("ApplicationImpersonation Role Assigned", ("New-ManagementRoleAssignment",), each(_impersonation)),
        Rule("FullAccessAsApp Permission Assigned", ("Update application",),
             each(lambda event: _application(_EXCHANGE, _FULL_ACCESS_AS_APP, event))),
        Rule("Mailbox Read Access Granted to Application", ("Update application",),
             each(lambda event: _application("", _MAIL_READ, event))),
        Rule("Mail Permissioned Application Consent Granted by User", ("Consent to application",), each(_user_consent)),
        Rule("OAuth App Mailbox Access via EWS or Graph API", ("MailItemsAccessed",), each(_by_api)),
        Rule("Multiple Mailboxes Accessed via API", ("MailItemsAccessed",), _many_by_api),
        Rule("Mailbox Email Forwarding, New Email Forwarding Rule",
             ("Set-Mailbox", "UpdateInboxRules", *_RULES), each(_forwards)),
        Rule("Email New Inbox Rule", _RULES, each(_any_rule)),
        Rule("BEC Email Hiding Rule", _RULES, each(_hides)),
    ),
    "Its search for a licence that loses advanced audit is no rule for bypass, and is left out.",
)  # fmt: skip
