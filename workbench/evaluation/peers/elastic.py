"""Elastic's detection rules for Microsoft 365 and Google Workspace, as of August 2026, by their conditions."""

import re

from workbench.evaluation.peers.rule import Peer, Rule, Seen, each, unseen

_SYSTEM = tuple(
    f"nt authority\\system ({name})"
    for name in ("microsoft.exchange.servicehost", "microsoft.exchange.adminapi.netcore", "w3wp")
)
_ADDRESSES = (
    "ForwardTo", "ForwardAsAttachmentTo", "ForwardingAddress", "ForwardingSmtpAddress", "RedirectTo",
    "RedirectToRecipients",
)  # fmt: skip
_WORDS = re.compile(
    "phish|hack|alert|malware|security|invoice|payment|wire|transfer|fraud|reset|unusual|protection|login|suspicious",
    re.IGNORECASE,
)
_AWAY = re.compile("Deleted|Junk|RSS|Calendar")
_ONLY_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_RULES = ("New-InboxRule", "Set-InboxRule")
# Microsoft's own clients of mail, of some two hundred that the rule leaves out: those that such records name.
_FIRST_PARTY = frozenset(
    (
        "00000002-0000-0ff1-ce00-000000000000", "d3590ed6-52b3-4102-aeff-aad2292ab01c",
        "27922004-5251-4030-b22d-91ecd9a37ea4", "5d661950-3475-41cd-a2c3-d671a3162bc1",
        "00000003-0000-0000-c000-000000000000", "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        "00000006-0000-0ff1-ce00-000000000000", "9199bf20-a13f-4107-85dc-02114787ef48", "",
    )
)  # fmt: skip


def _high_risk(event: Seen) -> bool:
    if not event.succeeded or event.body.get("UserType") in (3, 4) or event.actor in _SYSTEM:
        return False
    return (
        (event.operation == "Add-MailboxPermission" and "FullAccess" in event.rights)
        or (event.operation == "Add-RecipientPermission" and "SendAs" in event.rights)
        or (event.operation == "Set-Mailbox" and "GrantSendOnBehalfTo" in event.parameters)
    )


def _role(event: Seen) -> bool:
    return event.operation == "New-ManagementRoleAssignment" and event.succeeded


def _bypass(event: Seen) -> bool:
    return event.operation == "Set-MailboxAuditBypassAssociation" and event.succeeded


def _unusual_client(event: Seen) -> bool:
    client = str(event.body.get("ClientAppId") or event.body.get("AppId") or "")
    known = event.body.get("LogonType") in (0, 1, 6) and "Bind" in str(event.body.get("OperationProperties"))
    return event.operation == "MailItemsAccessed" and known and client not in _FIRST_PARTY


def _excessive(event: Seen) -> bool:
    if event.operation != "MailItemsAccessed":
        return False
    throttled = re.search(r"IsThrottled'[^}]*'True'", str(event.body.get("OperationProperties")))
    count = event.body.get("OperationCount")
    return bool(throttled) or (isinstance(count, int) and count >= 100)


def _forwards_outside(event: Seen) -> bool:
    domain = event.actor.rpartition("@")[2]
    given = [event.parameters[name].lower() for name in _ADDRESSES if event.parameters.get(name)]
    return event.operation in _RULES and event.succeeded and any(not to.endswith(domain) for to in given)


def _evades(event: Seen) -> bool:
    named = event.parameters
    words = _WORDS.search(named.get("SubjectContainsWords", ""))
    away = named.get("DeleteMessage") == "True" or _AWAY.search(named.get("MoveToFolder", ""))
    return event.operation in _RULES and event.succeeded and bool(words) and bool(away)


def _obfuscated(event: Seen) -> bool:
    name = str(event.body.get("ObjectId") or "").rpartition("\\")[2]
    return event.operation in _RULES and event.succeeded and bool(_ONLY_SIGNS.fullmatch(name))


def _consent(event: Seen) -> bool:
    return event.operation == "Consent to application" and event.succeeded


ELASTIC = Peer(
    "Elastic",
    "elastic/detection-rules, rules/integrations/o365 and google_workspace of 2026-08-21",
    (
        Rule("M365 Exchange Mailbox High-Risk Permission Delegated",
             ("Add-MailboxPermission", "Add-RecipientPermission", "Set-Mailbox"),
             unseen(_high_risk, lambda event: event.actor, 14)),
        Rule("M365 Exchange Management Group Role Assignment", ("New-ManagementRoleAssignment",), each(_role)),
        Rule("M365 Exchange Mailbox Audit Logging Bypass", ("Set-MailboxAuditBypassAssociation",), each(_bypass)),
        Rule("M365 Exchange Mailbox Accessed by Unusual Client", ("MailItemsAccessed",),
             unseen(_unusual_client, lambda event: event.body.get("ClientAppId") or event.body.get("AppId"), 14)),
        Rule("M365 Exchange Mailbox Items Accessed Excessively", ("MailItemsAccessed",), each(_excessive)),
        Rule("M365 Exchange Inbox Forwarding Rule Created", _RULES, each(_forwards_outside)),
        Rule("M365 Exchange Inbox Phishing Evasion Rule Created", _RULES,
             unseen(_evades, lambda event: (event.actor, event.body.get("ClientIP")), 14)),
        Rule("M365 Exchange Inbox Rule with Obfuscated Name", _RULES, each(_obfuscated)),
        Rule("M365 Identity Illicit Consent Grant", ("Consent to application",),
             unseen(_consent, lambda event: (event.actor, event.body.get("ObjectId")), 14)),
        Rule("Application Added to Google Workspace Domain", ("AUTHORIZE_API_CLIENT_ACCESS",),
             each(lambda event: event.operation == "AUTHORIZE_API_CLIENT_ACCESS"), "workspace"),
    ),
    "Of its some two hundred Microsoft clients only those are known here that mail records name.",
)  # fmt: skip
