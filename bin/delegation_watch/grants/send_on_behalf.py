"""GrantSendOnBehalfTo and forwarding: what Set-Mailbox and its kin write into a recipient, people and groups alike."""

import json
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .columns import missing, on_mailbox, to_grantee
from .fields import Row
from .office import cmdlet
from .parties import party, relation, same_domain
from .shapes import Body
from .values import flag, listed, named_values, text_of

Reader = Callable[[Row, Body], List[Row]]

_NULL = "$null"
_VERB = re.compile(r"""["']?\b(add|remove)["']?\s*[=:]""", re.IGNORECASE)
_NAME = re.compile(r"""["]([^"]*)["]|[']([^']*)[']|([^\s,;(){}\[\]@"'][^,;(){}\[\]"']*)""")


def send_on_behalf(row: Row, value: Any) -> List[Row]:
    """Rows of a GrantSendOnBehalfTo value: a list replaces all delegates, an empty one clears them, an edit edits.

    How the edit form `@{Add=…; Remove=…}` is written in a record has not been seen; it is read by the cmdlet's own
    syntax and as JSON, and `right_native` tells that it was an edit.
    """
    value = None if value == _NULL else value
    text = text_of(value) if not isinstance(value, (list, dict)) else json.dumps(value)
    row = dict(row, right="send_on_behalf", right_native="GrantSendOnBehalfTo", access="send")
    edits = _edits(text) if text and text.lstrip()[:1] in ("@", "{") else []
    delegates = [("grant" if verb == "add" else "revoke", name) for verb, name in edits]
    if delegates:
        row["right_native"] += " (edit)"
    rows = []
    for action, name in delegates or [("replace", name) for name in listed(value)]:
        rows.append(dict(row, grant_action=action))
        to_grantee(rows[-1], party(name))
    return rows or [dict(row, grant_action="replace", access="none", grantee_kind="unknown", relation=relation(
        row["actor"], row["actor_id"], None, row["mailbox"]))]  # fmt: skip


def _edits(text: str) -> List[Tuple[str, str]]:
    """(add or remove, name) of each name in `@{Add="a","b"; Remove='c'}`, with or without quotes, and in JSON."""
    verbs = list(_VERB.finditer(text))
    ends = [verb.start() for verb in verbs[1:]] + [len(text)]
    found = []
    for verb, end in zip(verbs, ends):
        for groups in _NAME.findall(text[verb.end() : end]):
            name = next(filter(None, groups), "").strip()
            parts = name.split(",") if name.count("@") > 1 else [name]
            found += [(verb.group(1).lower(), part.strip()) for part in parts if part.strip()]
    return found


def forwarding(row: Row, name: str, target: Optional[str], given: Dict[str, Any]) -> Row:
    """The row of one forwarding parameter; no target means that forwarding was ended."""
    one = row.copy()
    target = None if target == _NULL else target
    keep = given.get("delivertomailboxandforward")
    one["grant_action"] = "setting"
    one["right"] = "forwarding"
    one["right_native"] = _FORWARDING[name] + (f", DeliverToMailboxAndForward={keep}" if keep else "")
    one["access"] = "read" if target else "none"
    address = target[5:] if target and target.lower().startswith("smtp:") else target
    who = party(address)
    if name == "forwardingsmtpaddress" and who.kind == "user":
        who = who._replace(kind="user" if same_domain(address, row["actor"], row["mailbox"]) else "external")
    to_grantee(one, who)
    return one


_FORWARDING = {"forwardingsmtpaddress": "ForwardingSmtpAddress", "forwardingaddress": "ForwardingAddress"}


def _sends(row: Row, body: Body, given: Dict[str, Any], name: str) -> List[Row]:
    return send_on_behalf(row, named_values(body.get("Parameters"))[name])


def _forwards(row: Row, body: Body, given: Dict[str, Any], name: str) -> List[Row]:
    return [forwarding(row, name, given[name] or None, given)]


def _linked(row: Row, body: Body, given: Dict[str, Any], name: str) -> List[Row]:
    """An account of another forest owns the mailbox. Source: Set-User, LinkedMasterAccount."""
    account = given[name] if given[name] != _NULL else None
    one = dict(row, grant_action="grant" if account else "revoke", right="external_account",
               right_native="LinkedMasterAccount", access="own" if account else "none")  # fmt: skip
    to_grantee(one, party(account))
    return [one]


_AUDIT_LISTS = {"auditdelegate": "AuditDelegate", "auditadmin": "AuditAdmin", "auditowner": "AuditOwner"}


def _audit(row: Row, body: Body, given: Dict[str, Any], name: str) -> List[Row]:
    """Mailbox audit switched off, or one of its lists of actions emptied. Source: Set-Mailbox, AuditEnabled."""
    if name == "auditenabled":
        if flag(given[name]):
            return []
        native = "AuditEnabled=False"
    else:
        if (given[name] or "none").strip("@(){}\"' ").lower() not in ("", "none", _NULL):
            return []
        native = _AUDIT_LISTS[name] + "=None"
    one = dict(row, grant_action="setting", right="audit_bypass", right_native=native, access="own")
    to_grantee(one, party(None))
    return [one]


def _retention(row: Row, body: Body, given: Dict[str, Any], name: str) -> List[Row]:
    """How long the mailbox's audit is kept, `days.hh:mm:ss`; 90 days unless set, and an intruder makes it short."""
    days = _DAYS.match(given[name] or "")
    short = days is None or int(days.group(1)) < _KEPT
    one = dict(row, grant_action="setting", right="audit_bypass", right_native=f"AuditLogAgeLimit={given[name]}",
               access="own" if short else "none")  # fmt: skip
    to_grantee(one, party(None))
    return [one]


_DAYS = re.compile(r"(\d{1,6})(?:\.|$)")
_KEPT = 30  # days below which the audit of a mailbox counts as switched off

_PARAMETERS: Dict[str, Callable[[Row, Body, Dict[str, Any], str], List[Row]]] = {
    "grantsendonbehalfto": _sends,
    "forwardingsmtpaddress": _forwards,
    "forwardingaddress": _forwards,
    "linkedmasteraccount": _linked,
    "auditenabled": _audit,
    "auditlogagelimit": _retention,
    **dict.fromkeys(_AUDIT_LISTS, _audit),
}


def recipient(kind: Optional[str] = None) -> Reader:
    """Set-Mailbox and its like, where they delegate, forward or switch audit off; `kind` of the recipient."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        telling = [name for name in _PARAMETERS if name in given]
        if not telling:
            return []
        on_mailbox(row, given.get("identity"), body.get("ObjectId"))
        row["mailbox_kind"] = row["mailbox_kind"] or kind
        rows = [one for name in telling for one in _PARAMETERS[name](row, body, given, name)]
        for one in rows:
            missing(one, Identity=one["mailbox"])
        return rows

    return read


OPERATIONS: Dict[str, Reader] = {
    "Set-Mailbox": recipient(),
    "Set-RemoteMailbox": recipient(),
    "Set-User": recipient(),
    "Set-MailUser": recipient(),
    "Set-DistributionGroup": recipient("group"),
    "Set-DynamicDistributionGroup": recipient("group"),
    "Set-UnifiedGroup": recipient("group"),
    "Set-MailPublicFolder": recipient(),
}
