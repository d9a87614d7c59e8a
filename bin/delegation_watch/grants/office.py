"""What every Office 365 record says of itself: who, when, from where, with which client, and whether it succeeded."""

import functools
from typing import Any, Callable, Dict, Optional

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


# What recurs from record to record: the columns of these are worked out once for each combination.
_RECURRING = (
    "OrganizationId", "Operation", "UserId", "UserKey", "UserType", "ExternalAccess", "TokenTenantId",
    "ExternalUserTenantId", "TokenObjectId", "AppId", "ClientAppId", "ApplicationId", "ClientInfoString", "LogonType",
    "ResultStatus",
)  # fmt: skip
_SINGLE = ("CreationTime", "Id", "SessionId", "ClientIP", "ClientIPAddress", "ActorIpAddress")


def office_row(body: Body) -> Row:
    """The columns that need no knowledge of the operation; a missing time is told in `parse_error`."""
    try:
        return _row(body.get)
    except (TypeError, AttributeError):  # something is no text where text is due
        plain = dict(body)
        plain.update((name, text_of(body[name])) for name in (*_RECURRING, *_SINGLE) if name in body)
        return _row(plain.get)


def _row(get: Callable[[str], Any]) -> Row:
    row = _recurring(*map(get, _RECURRING)).copy()
    try:
        row["_time"] = epoch(get("CreationTime"))
    except ValueError as error:
        row["parse_error"] = "CreationTime: " + str(error)
    row["record_id"] = _text(get("Id"))
    row["src"] = address(get("ClientIP") or get("ClientIPAddress") or get("ActorIpAddress"))
    context = get("AppAccessContext")
    session = _text(get("SessionId"))
    if isinstance(context, dict):
        row["token_id"] = _text(context.get("UniqueTokenId"))
        session = session or _text(context.get("AADSessionId"))
    row["session_id"] = session
    return row


@functools.lru_cache(maxsize=65536, typed=True)  # 1 and True are two values
def _recurring(
    organization: Any, operation: Any, user_id: Any, user_key: Any, user_type: Any, external: Any, token_tenant: Any,
    foreign_tenant: Any, token_object: Any, app: Any, client_app: Any, application: Any, client_info: Any,
    logon_type: Any, result: Any,
) -> Row:  # fmt: skip
    """The row with the columns of the fields in _RECURRING filled in; copy it before writing to it."""
    row = BLANK.copy()
    tenant = text_of(organization)
    came_from = text_of(token_tenant or foreign_tenant)
    foreign = bool(came_from and tenant and came_from.lower() != tenant.lower())
    row["provider"] = "exchange_online"
    row["tenant"] = tenant
    row["operation"] = text_of(operation)
    row["actor"], row["actor_id"], row["actor_kind"] = actor(
        text_of(user_id), text_of(user_key), text_of(token_object), str(user_type), foreign or flag(external)
    )
    row["actor_tenant"] = came_from
    client = text_of(app or client_app or application) or ""
    row["client_app"] = CLIENTS.get(client) or text_of(client_info) or client or None
    if logon_type is not None:
        row["logon_type"] = LOGON_TYPES.get(str(logon_type).lower().replace(" ", ""), text_of(logon_type))
    row["status"] = STATUS.get(str(result).strip().lower(), "success")
    return row


def _text(value: Any) -> Optional[str]:
    return value or None if value.__class__ is str else text_of(value)


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


_PLAIN = frozenset((str, type(None)))


def cmdlet(body: Body) -> Dict[str, Optional[str]]:
    """The parameters of the cmdlet as text, names in lower case: ExchangeAdmin's `Parameters` in any of its forms."""
    given = named_values(body.get("Parameters"))
    if _PLAIN.issuperset(map(type, given.values())):
        return given
    return {name: text_of(value) for name, value in given.items()}
