"""Google Workspace's events that switch delegation, let an API client in, or send mail on.

No event tells that a Gmail delegate was added by a user: only the switch, the API call (which names the mailbox and
the client, not the delegate) and the inventory show it.
"""

import json
import re
from hashlib import blake2b
from typing import Any, Callable, Dict, List, Optional

from .fields import BLANK, EVERY_MAILBOX, Row
from .gmail_log import delivery
from .members import member_row
from .parties import party, relation, same_domain
from .rights import GOOGLE_MAIL
from .shapes import Body, parameters
from .values import address, epoch, object_of, text_of

Reader = Callable[[Row, Body, Dict[str, Any]], List[Row]]

# The four settings of Gmail's "Mail delegation", by their old name and their new one.
SWITCHES: Dict[str, str] = {
    "ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN": "MailDelegation mail_delegation_desired",
    "ENABLE_MAILBOX_GROUP_DELEGATION": "MailDelegation mailbox_group_delegation_desired",
    "ENABLE_SENDER_ATTRIBUTION": "MailDelegation sender_attribution_desired",
    "ALLOW_SENDER_ATTRIBUTION_CUSTOMIZATION": "MailDelegation allow_custom_sender_attribution",
}
_OPENS = frozenset(("MailDelegation mail_delegation_desired", "MailDelegation mailbox_group_delegation_desired"))
_SWITCH_ACCESS = {"true": "send", "false": "none"}


def workspace_row(activity: Body, event: Body) -> Row:
    """The columns that need no knowledge of the event; the id is one of the single event, the same in each shape."""
    row = BLANK.copy()
    identity = activity["id"]
    who = object_of(activity.get("actor"))
    if identity.get("time"):
        try:
            row["_time"] = epoch(identity["time"])
        except ValueError as error:
            row["parse_error"] = "id.time: " + str(error)
    given = {name: event[name] for name in ("type", "name", "parameters") if name in event}
    key = [identity.get("customerId"), _moment(identity.get("time")), identity.get("uniqueQualifier"), given]
    row["record_id"] = _digest(json.dumps(key, sort_keys=True, ensure_ascii=False))
    row["provider"] = "workspace"
    row["tenant"] = text_of(identity.get("customerId"))
    row["operation"] = text_of(event.get("name"))
    row["actor"] = text_of(who.get("email")) or text_of(who.get("key"))
    row["actor_id"] = text_of(who.get("profileId"))
    row["actor_kind"] = "user" if who.get("email") else _KEYS.get(str(who.get("key")), "unknown")
    row["src"] = address(text_of(activity.get("ipAddress")))
    row["status"] = "success"
    return row


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_KEYS = {"SYSTEM": "system"}


def _moment(text: Any) -> Any:
    """The time as a number where it can be read, so that one event has one id however its time is written."""
    try:
        return epoch(text)
    except ValueError:
        return text


def application_setting(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
    """Mail delegation switched for an organisational unit or a group, old and new event alike."""
    setting = text_of(given.get("SETTING_NAME")) or ""
    canonical = SWITCHES.get(setting, setting)
    application = text_of(given.get("APPLICATION_NAME"))
    if canonical not in SWITCHES.values() or application not in (None, "Gmail"):
        return []
    new, old = text_of(given.get("NEW_VALUE")), text_of(given.get("OLD_VALUE"))
    if new == "INHERIT_FROM_PARENT" or str(row["operation"]).startswith("DELETE_"):
        new = None
    group = text_of(given.get("GROUP_EMAIL"))
    row["grant_action"] = "setting"
    row["right"] = "delegation_switch"
    row["right_native"] = f"{canonical}={new or 'inherited'}"
    row["mailbox"] = group or text_of(given.get("ORG_UNIT_NAME"))
    row["mailbox_kind"] = "group" if group else "org_unit"
    row["grantee_kind"] = "unknown"
    row["relation"] = "third_party"
    if canonical in _OPENS:
        row["access"] = _SWITCH_ACCESS.get((new or "").lower())
        row["access_before"] = _SWITCH_ACCESS.get((old or "").lower())
    # The old and the new event of one act differ in nothing but their names: they fold into one row.
    act = (row["tenant"], row["_time"], row["actor"], row["mailbox"], canonical, new)
    row["row_id"] = _digest(repr(act))
    return [row]


def api_client(action: str) -> Reader:
    """Domain-wide delegation given to, or taken from, an API client, as far as its scopes reach mail."""

    def read(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
        client = text_of(given.get("API_CLIENT_NAME"))
        scopes = [scope for scope in re.split(r"[,\s]+", text_of(given.get("API_SCOPES")) or "") if scope]
        mail = [scope for scope in dict.fromkeys(scopes) if scope.lower() in GOOGLE_MAIL]
        if action == "revoke" and not scopes:
            mail = [""]
        return [
            dict(row, grant_action=action, right="app_mail", right_native=scope or None,
                 access=GOOGLE_MAIL.get(scope.lower(), "none"), mailbox=EVERY_MAILBOX, grantee=client,
                 grantee_id=client, grantee_kind="application", relation="third_party")
            for scope in mail
        ]  # fmt: skip

    return read


# Methods of the Gmail API that change who gets in, as the token log names them (discovery method ids).
_METHODS = {
    "gmail.users.settings.delegates.create": ("grant", "gmail_delegate", "send"),
    "gmail.users.settings.delegates.delete": ("revoke", "gmail_delegate", "send"),
    "gmail.users.settings.updateautoforwarding": ("setting", "forwarding", "read"),
    "gmail.users.settings.forwardingaddresses.create": ("setting", "forwarding", "read"),
    "gmail.users.settings.filters.create": ("setting", "inbox_rule", "write"),
}


def api_call(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
    """A call of the Gmail API on behalf of a mailbox's owner: the log names owner and client, not the delegate."""
    method = text_of(given.get("method_name")) or ""
    if method.lower() not in _METHODS:
        return []
    action, right, access = _METHODS[method.lower()]
    row["mailbox"], row["mailbox_id"] = row["actor"], row["actor_id"]
    row["actor"] = text_of(given.get("app_name")) or text_of(given.get("client_id"))
    row["actor_id"] = text_of(given.get("client_id"))
    row["actor_kind"] = "application"
    row["client_app"] = text_of(given.get("client_type"))
    row.update(grant_action=action, right=right, right_native=method, access=access,
               grantee_kind="unknown", relation="third_party")  # fmt: skip
    return [row]


def forwarding(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
    """Mail sent on to an address outside the domain, by the owner of the mailbox."""
    target = text_of(given.get("email_forwarding_destination_address"))
    row["mailbox"], row["mailbox_id"] = row["actor"], row["actor_id"]
    kind = "user" if same_domain(target, row["mailbox"]) else "external"
    row.update(grant_action="setting", right="forwarding", right_native="email_forwarding_out_of_domain",
               access="read", grantee=target, grantee_kind=kind, relation="owner")  # fmt: skip
    if not target:
        row["parse_error"] = "forwarding without email_forwarding_destination_address"
    return [row]


def group_member(action: str, member: str, group: str) -> Reader:
    """A member added to a group, or removed: the admin log and the groups' own log name the same act."""

    def read(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
        name = text_of(given.get(group))
        return [member_row(row, action, name, None, party(text_of(given.get(member))), "member")]

    return read


_SUPER_ADMINISTRATOR = "_SEED_ADMIN_ROLE"


def administrator(action: str) -> Reader:
    """Who becomes super administrator, and so can act in each mailbox; other roles of administrators give no row."""

    def read(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
        role = text_of(given.get("ROLE_NAME"))
        if role not in (None, _SUPER_ADMINISTRATOR):
            return []
        who = party(text_of(given.get("USER_EMAIL")))
        row.update(grant_action=action, right="role", right_native=role or _SUPER_ADMINISTRATOR, access="own",
                   mailbox=EVERY_MAILBOX, grantee=who.name, grantee_id=who.id, grantee_kind=who.kind,
                   relation=relation(row["actor"], row["actor_id"], who.name, EVERY_MAILBOX))  # fmt: skip
        return [row]

    return read


EVENTS: Dict[str, Reader] = {
    "CREATE_APPLICATION_SETTING": application_setting,
    "CHANGE_APPLICATION_SETTING": application_setting,
    "DELETE_APPLICATION_SETTING": application_setting,
    "CREATE_EMAIL_SETTING": application_setting,
    "CHANGE_EMAIL_SETTING": application_setting,
    "DELETE_EMAIL_SETTING": application_setting,
    "AUTHORIZE_API_CLIENT_ACCESS": api_client("grant"),
    "REMOVE_API_CLIENT_ACCESS": api_client("revoke"),
    "activity": api_call,
    "email_forwarding_out_of_domain": forwarding,
    "ADD_GROUP_MEMBER": group_member("grant", "USER_EMAIL", "GROUP_EMAIL"),
    "REMOVE_GROUP_MEMBER": group_member("revoke", "USER_EMAIL", "GROUP_EMAIL"),
    "add_member": group_member("grant", "member_id", "group_id"),
    "remove_member": group_member("revoke", "member_id", "group_id"),
    "ASSIGN_ROLE": administrator("grant"),
    "UNASSIGN_ROLE": administrator("revoke"),
    "GRANT_ADMIN_PRIVILEGE": administrator("grant"),
    "REVOKE_ADMIN_PRIVILEGE": administrator("revoke"),
    "delivery": delivery,
}


def read_event(activity: Body, event: Body) -> List[Row]:
    """The rows of one event: its grants, or one row without a right when it grants nothing."""
    row = workspace_row(activity, event)
    reader: Optional[Reader] = EVENTS.get(str(event.get("name")))
    return (reader(row.copy(), activity, parameters(event)) if reader else []) or [row]
