"""Rules of Sigma, Panther, Google SecOps, Datadog and ManageEngine, of one Splunk rule, and the conditions of Hawk."""

import re
from typing import Iterator, List, Sequence

from workbench.evaluation.peers.rule import Peer, Rule, Seen, Vips, each

_RULES = ("New-InboxRule", "Set-InboxRule")
_FORWARDS = (
    "ForwardAsAttachmentTo", "ForwardTo", "ForwardingAddress", "RedirectToRecipients", "RedirectTo",
    "ForwardingSmtpAddress",
)  # fmt: skip
_FOLDERS = ("Add-MailboxFolderPermission", "Set-MailboxFolderPermission")
_SUPPRESSES = ("DeleteMessage", "MarkAsRead")
_ELEVATED = ("FullAccess", "ChangePermission", "ChangeOwner")
_PANTHER = ("ForwardingSmtpAddress", "ForwardTo", "ForwardingAddress")
_APP_ROLES = ("Add app role assignment to service principal", "Add app role assignment to user",
              "Add app role assignment grant to user")  # fmt: skip
_MINUTE = 60


def _any_full_access(event: Seen) -> bool:
    return event.operation == "Add-MailboxPermission" and "FullAccess" in event.rights


def _send_as(event: Seen) -> bool:
    return event.operation == "Add-RecipientPermission"


def _opened(event: Seen) -> bool:
    user = event.parameters.get("User", "").lower()
    folder = event.operation in _FOLDERS
    return folder and user in ("default", "anonymous")


def _forwards_or_suppresses(event: Seen) -> bool:
    return event.operation in _RULES and any(name in event.parameters for name in (*_FORWARDS, *_SUPPRESSES))


def _app_role(event: Seen) -> bool:
    return event.operation in _APP_ROLES


def _google_client(event: Seen) -> bool:
    return event.operation == "AUTHORIZE_API_CLIENT_ACCESS"


def _forwarded(event: Seen) -> bool:
    """Set by a mailbox or a new rule; the site's own list of allowed addresses is empty."""
    return event.operation in ("Set-Mailbox", "New-InboxRule") and any(
        event.parameters.get(name) for name in _PANTHER
    )


def _sensitive(event: Seen) -> bool:
    """Hawk leaves out only Exchange's own grant of the discovery mailbox to its managers."""
    user = event.parameters.get("User", "")
    own = "discoverysearchmailbox" in str(event.body.get("ObjectId")).lower() and "discovery management" in user.lower()
    if event.operation == "Add-MailboxPermission":
        return not own and bool({"FullAccess", "SendAs"} & set(event.rights))
    return event.operation in ("Add-RecipientPermission", "Add-ADPermission")


def _elevated(event: Seen) -> bool:
    return event.operation == "Add-MailboxPermission" and event.parameters.get("AccessRights") in _ELEVATED


def _rest_reading(event: Seen) -> bool:
    client = str(event.body.get("ClientInfoString") or "")
    return event.operation == "MailItemsAccessed" and bool(re.match(r"Client=REST", client))


def _tampering(events: Sequence[Seen], vips: Vips) -> Iterator[Seen]:
    """Three operations by one user within a minute; the one that completes them is the alert."""
    wanted = {"AddFolderPermissions", "UpdateInboxRules", "MailItemsAccessed"}
    recent: List[Seen] = []
    for event in events:
        if event.operation in wanted:
            recent = [other for other in recent if event.time - other.time <= _MINUTE] + [event]
            if {other.operation for other in recent if other.actor == event.actor} == wanted:
                yield event


DATADOG = Peer(
    "Datadog",
    "docs.datadoghq.com, default rules def-000-tq6, -jgy, -zat, -o5b, as the pages tell them",
    (
        Rule("Full access to a mailbox", ("Add-MailboxPermission",), each(_any_full_access)),
        Rule("SendAs permission", ("Add-RecipientPermission",), each(_send_as)),
        Rule("Folder permission for Default or Anonymous", _FOLDERS, each(_opened)),
    ),
)
SIGMA = Peer(
    "Sigma",
    "SigmaHQ/sigma of 2026-08-05, rules/cloud/m365, azure and gcp/gworkspace",
    (
        Rule("Inbox rule that forwards or suppresses", _RULES, each(_forwards_or_suppresses)),
        Rule("App role added", _APP_ROLES, each(_app_role)),
        Rule("Google Workspace granted domain API access", ("AUTHORIZE_API_CLIENT_ACCESS",),
             each(_google_client), "workspace"),
    ),
)  # fmt: skip
PANTHER = Peer(
    "Panther",
    "panther-labs/panther-analysis of 2026-07-01, rules/microsoft_rules",
    (Rule("External forwarding", ("Set-Mailbox", "New-InboxRule"), each(_forwarded)),),
)
SECOPS = Peer(
    "Google SecOps",
    "chronicle/detection-rules of 2025-12-05",
    (Rule("Mail read by an API client", ("MailItemsAccessed",), each(_rest_reading)),),
    "Its rule for permissions of applications asks for a watch-list of applications that no publication fills.",
)
HAWK = Peer(
    "Hawk",
    "T0pCyber/hawk of 2025-02-23; a tool for an investigation, asked here as if it watched",
    (
        Rule("Sensitive mailbox permissions",
             ("Add-MailboxPermission", "Add-RecipientPermission", "Add-ADPermission"), each(_sensitive)),
    ),
)  # fmt: skip
MANAGEENGINE = Peer(
    "ManageEngine",
    "public pages of Log360, the same three rights as ESCU",
    (Rule("Elevated mailbox permission", ("Add-MailboxPermission",), each(_elevated)),),
)
RULEHOUND = Peer(
    "rulehound d5bf3e",
    "a Splunk rule on rulehound whose vendor the page does not name",
    (Rule("Mailbox tampering within a minute", ("AddFolderPermissions", "UpdateInboxRules"), _tampering),),
)
