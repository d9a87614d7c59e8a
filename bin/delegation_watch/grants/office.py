"""What every Office 365 record says of itself: who, when, from where, with which client, and whether it succeeded."""

import functools
from typing import Any, Dict, Optional

from .fields import BLANK, Row
from .parties import actor
from .shapes import Body
from .values import address, epoch, flag, named_values, text_of

# Application ids seen in real records, by the name an analyst knows them under.
CLIENTS: Dict[str, str] = {
    "00000006-0000-0ff1-ce00-000000000000": "Microsoft 365 admin center",
    "497effe9-df71-4043-a8bb-14cf78c4b63b": "Exchange admin center",
    "fb78d390-0c51-40cd-8e17-fdbfab77341b": "Exchange Online PowerShell",
    "00000002-0000-0ff1-ce00-000000000000": "Outlook on the web",
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
}

STATUS: Dict[str, str] = {
    "true": "success", "succeeded": "success", "success": "success", "partiallysucceeded": "success",
    "false": "failure", "failed": "failure", "failure": "failure", "error": "failure",
}  # fmt: skip

# Mailbox audit, LogonType. Source: Management Activity API schema, enum LogonType.
LOGON_TYPES: Dict[str, str] = {
    "0": "owner", "1": "admin", "2": "delegate", "3": "transport", "4": "system",
    "5": "best_access", "6": "delegated_admin",
    "owner": "owner", "admin": "admin", "delegated": "delegate", "delegate": "delegate",
    "transport": "transport", "systemservice": "system", "bestaccess": "best_access",
    "delegatedadmin": "delegated_admin",
}  # fmt: skip


@functools.lru_cache(maxsize=1024)
def _status(result: str) -> str:
    return STATUS.get(result.strip().lower(), "success")


def _client(body: Body) -> Optional[str]:
    get = body.get
    app = get("AppId") or get("ClientAppId") or get("ApplicationId")
    return CLIENTS.get(app or "") or text_of(get("ClientInfoString")) or text_of(app)


def office_row(body: Body) -> Row:
    """The columns that need no knowledge of the operation; a missing time is told in `parse_error`."""
    get = body.get
    row = BLANK.copy()
    try:
        row["_time"] = epoch(get("CreationTime"))
    except ValueError as error:
        row["parse_error"] = "CreationTime: " + str(error)
    tenant = text_of(get("OrganizationId"))
    token_tenant = get("TokenTenantId") or get("ExternalUserTenantId")
    foreign = bool(token_tenant and tenant and token_tenant.lower() != tenant.lower())
    user_id = text_of(get("UserId"))
    who = actor(user_id, str(get("UserType", "")), foreign or flag(get("ExternalAccess")))
    row["provider"] = "exchange_online"
    row["record_id"] = text_of(get("Id"))
    row["tenant"] = tenant
    row["operation"] = text_of(get("Operation"))
    row["actor"] = who.name
    row["actor_id"] = _actor_id(get("UserKey"), user_id)
    row["actor_kind"] = who.kind
    row["actor_tenant"] = text_of(token_tenant)
    row["src"] = address(text_of(get("ClientIP") or get("ClientIPAddress") or get("ActorIpAddress")))
    row["client_app"] = _client(body)
    context = get("AppAccessContext")
    session = get("SessionId")
    if isinstance(context, dict):
        row["token_id"] = text_of(context.get("UniqueTokenId"))
        session = session or context.get("AADSessionId")
    row["session_id"] = text_of(session)
    logon = get("LogonType")
    if logon is not None:
        row["logon_type"] = LOGON_TYPES.get(str(logon).lower().replace(" ", ""), text_of(logon))
    row["status"] = _status(text_of(get("ResultStatus")) or "")
    return row


def _actor_id(user_key: Any, user_id: Optional[str]) -> Optional[str]:
    """The actor's PUID or object id; Entra appends the domain to it, and some records repeat UserId instead."""
    key = text_of(user_key)
    if not key or key == user_id or key.startswith("Not ") or "\\" in key:
        return None
    return key.partition("@")[0]


def modified(body: Body) -> Dict[str, Any]:
    """Name → (new, old) of Entra's ModifiedProperties; values quoted once more, as Graph does, lose the quotes."""
    found: Dict[str, Any] = {}
    entries = body.get("ModifiedProperties")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("Name"):
            found[str(entry["Name"])] = (_plain(entry.get("NewValue")), _plain(entry.get("OldValue")))
    return found


def _plain(value: Any) -> str:
    text = text_of(value) or ""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def cmdlet(body: Body) -> Dict[str, Any]:
    """The parameters of the cmdlet, names in lower case: ExchangeAdmin's `Parameters` in any of its forms."""
    return named_values(body.get("Parameters"))
