"""What every Office 365 record says of itself: who, when, from where, with which client, and whether it succeeded."""

import functools
from typing import Any, Dict, Optional, Tuple

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


# Read together; each is text or absent in every record seen, and made so where it is not.
_TEXTS = (
    "CreationTime", "Id", "OrganizationId", "Operation", "UserId", "UserKey", "ResultStatus", "SessionId", "ClientIP",
    "ClientIPAddress", "ActorIpAddress", "AppId", "ClientAppId", "ApplicationId", "ClientInfoString",
    "TokenTenantId", "ExternalUserTenantId", "TokenObjectId",
)  # fmt: skip
_PLAIN = frozenset((str, type(None)))


def office_row(body: Body) -> Row:
    """The columns that need no knowledge of the operation; a missing time is told in `parse_error`."""
    get = body.get
    texts: Tuple[Optional[str], ...] = tuple(map(get, _TEXTS))
    if not _PLAIN.issuperset(map(type, texts)):
        texts = tuple(map(text_of, texts))
    (created, record_id, tenant, operation, user_id, user_key, result, session, client_ip, client_address,
     actor_address, app, client_app, application, client_info, token_tenant, foreign_tenant,
     token_object) = texts  # fmt: skip
    row = BLANK.copy()
    try:
        row["_time"] = epoch(created)
    except ValueError as error:
        row["parse_error"] = "CreationTime: " + str(error)
    came_from = token_tenant or foreign_tenant or None
    foreign = bool(came_from and tenant and came_from.lower() != tenant.lower())
    row["provider"] = "exchange_online"
    row["record_id"] = record_id or None
    row["tenant"] = tenant or None
    row["operation"] = operation
    row["actor"], row["actor_id"], row["actor_kind"] = actor(
        user_id, user_key, token_object, str(get("UserType", "")), foreign or flag(get("ExternalAccess"))
    )
    row["actor_tenant"] = came_from
    row["src"] = address(client_ip or client_address or actor_address)
    app = app or client_app or application
    row["client_app"] = CLIENTS.get(app or "") or client_info or app or None
    context = get("AppAccessContext")
    if isinstance(context, dict):
        row["token_id"] = text_of(context.get("UniqueTokenId"))
        session = session or text_of(context.get("AADSessionId"))
    row["session_id"] = session or None
    logon = get("LogonType")
    if logon is not None:
        row["logon_type"] = LOGON_TYPES.get(str(logon).lower().replace(" ", ""), text_of(logon))
    row["status"] = _status(result)
    return row


@functools.lru_cache(maxsize=1024)
def _status(result: Optional[str]) -> str:
    return STATUS.get((result or "").strip().lower(), "success")


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


def cmdlet(body: Body) -> Dict[str, Optional[str]]:
    """The parameters of the cmdlet as text, names in lower case: ExchangeAdmin's `Parameters` in any of its forms."""
    given = named_values(body.get("Parameters"))
    if _PLAIN.issuperset(map(type, given.values())):
        return given
    return {name: text_of(value) for name, value in given.items()}
