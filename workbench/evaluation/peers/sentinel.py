"""Microsoft Sentinel's content for Office 365 and Google Workspace, as of 2024 to 2026: its rules, and its hunts apart.

A hunt is a query that somebody runs; it stands as a peer of its own, so that its noise is not held against the rules.
"""

import json
import re
from typing import Dict, Iterator, List, Sequence, Set, Tuple

from workbench.evaluation.peers.rule import DAY, Peer, Rule, Seen, Vips, each

_RARE = (
    "Add-MailboxPermission", "Add-MailboxFolderPermission", "Set-Mailbox", "New-ManagementRoleAssignment",
    "New-InboxRule", "Set-InboxRule", "Set-TransportRule",
)  # fmt: skip
_SYSTEM = re.compile(
    r"nt authority\\system \((?:microsoft\.exchange\.(?:servicehost|adminapi\.netcore)|w3wp)\)"
    "|devilfish-applicationaccount"
)
_GRANTS = ("Add delegated permission grant", "Add app role assignment to service principal")
_MAIL_READ = re.compile(r"Mail\.Read(?:Write)?\b|810c84a8-4a9e-49e6-bf7d-12d183f40d01")
_EWS = re.compile(r"full_access_as_app|dc890d15-9560-4a4c-9b7f-a736ec74ec40|EWS\.AccessAsUser\.All")
_SENSITIVE = (
    "Add-MailboxPermission", "Add-MailboxFolderPermission", "Add-ADPermission", "Set-Mailbox", "New-InboxRule",
)  # fmt: skip


def _rare(event: Seen) -> bool:
    system = event.operation in ("Add-MailboxPermission", "Set-Mailbox") and _SYSTEM.search(event.actor)
    return event.operation in _RARE and not system


def _mail_permission(event: Seen) -> bool:
    return event.operation in _GRANTS and event.succeeded and bool(_MAIL_READ.search(event.changed()))


def _audit_off(event: Seen) -> bool:
    switched = event.parameters.get("AdminAuditLogEnabled", "").lower() in ("false", "$false")
    return event.operation == "Set-AdminAuditLogConfig" and switched


def _vip_on_premises(events: Sequence[Seen], vips: Vips) -> Iterator[Seen]:
    """The Exchange Security solution: a sensitive cmdlet on a mailbox of the watch-list, of the server's own log."""
    for event in events:
        text = json.dumps(event.body).lower()
        sensitive = any(name.lower() in text for name in _SENSITIVE)
        if "msexchange management" in text and sensitive and any(vip.lower() in text for vip in vips):
            yield event


def _self(event: Seen) -> bool:
    given = event.parameters.get("User", "").lower()
    return event.operation == "Add-MailboxPermission" and bool(given) and given == event.actor


def _full_access(event: Seen) -> bool:
    held = event.operation == "Add-MailboxPermission" and "FullAccess" in event.rights
    return held and "servicehost" not in event.actor


def _ews(event: Seen) -> bool:
    return event.operation in _GRANTS and bool(_EWS.search(event.changed()))


def _foreign_mailboxes(events: Sequence[Seen], vips: Vips) -> Iterator[Seen]:
    """A pair of reader and mailbox that the day before did not show, with more than one mailbox or five folders."""
    days: Dict[float, List[Seen]] = {}
    for event in events:
        owner = str(event.body.get("MailboxOwnerUPN") or "").lower()
        if event.operation == "MailItemsAccessed" and event.succeeded and owner and owner != event.actor:
            days.setdefault(event.time // DAY, []).append(event)
    before: Set[Tuple[str, str]] = set()
    for day in sorted(days):
        pairs = [(event, (event.actor, str(event.body.get("MailboxOwnerUPN")).lower())) for event in days[day]]
        fresh = [(event, pair) for event, pair in pairs if pair not in before]
        for event, pair in fresh:
            boxes = {other[1] for _, other in fresh if other[0] == pair[0]}
            folders = [folder for one, other in fresh if other == pair for folder in one.body.get("Folders") or []]
            if len(boxes) > 1 or len({str(folder.get("Path")) for folder in folders}) > 5:
                yield event
        before = {pair for _, pair in pairs}


def _non_owner_login(event: Seen) -> bool:
    return event.operation == "MailboxLogin" and event.body.get("LogonType") not in (0, "Owner", None)


SENTINEL = Peer(
    "Microsoft Sentinel, rules",
    "Azure/Azure-Sentinel: Microsoft 365, Cloud Identity, Google Workspace, Exchange Security; 2024-12 to 2026",
    (
        Rule("Rare and potentially high-risk Office operations", _RARE, each(_rare)),
        Rule("Mail.Read Permissions Granted to Application", _GRANTS, each(_mail_permission)),
        Rule("Exchange AuditLog Disabled", ("Set-AdminAuditLogConfig",), each(_audit_off)),
        Rule("API access granted to a new client (Google Workspace)", ("AUTHORIZE_API_CLIENT_ACCESS",),
             each(lambda event: event.operation == "AUTHORIZE_API_CLIENT_ACCESS"), "workspace"),
        Rule("VIP Mailbox manipulation (Exchange Server)", _SENSITIVE, _vip_on_premises, "exchange_server"),
    ),
)  # fmt: skip

HUNTING = Peer(
    "Sentinel, hunting queries",
    "Azure/Azure-Sentinel hunting queries; reprise99/Sentinel-Queries of 2024-12-22",
    (
        Rule("Admin grants himself access to a mailbox", ("Add-MailboxPermission",), each(_self)),
        Rule("Full mailbox access granted", ("Add-MailboxPermission",), each(_full_access)),
        Rule("Application granted EWS permissions", _GRANTS, each(_ews)),
        Rule("Anomalous access to other users' mailboxes", ("MailItemsAccessed",), _foreign_mailboxes),
        Rule("Non-owner mailbox login", ("MailboxLogin",), each(_non_owner_login)),
    ),
    "Reading by administrators in others' mailboxes asks who holds roles, which no record of the set shows.",
)  # fmt: skip
