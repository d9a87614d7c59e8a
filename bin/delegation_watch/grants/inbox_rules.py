"""Inbox rules, as far as they send mail on or hide it: what an intruder sets beside a delegation.

A rule that only files mail by sender is no row. Cmdlets name what a rule does in parameters, the mailbox audit's
UpdateInboxRules (Outlook's own rules) in RuleActions, a JSON text. Real records show both.
"""

import json
import re
from typing import Dict, List, Optional, Tuple

from .columns import add_error, on_mailbox, to_grantee
from .fields import Row
from .mailbox_audit import Reader, by_delegate, used
from .office import cmdlet
from .parties import party, same_domain
from .shapes import Body
from .values import flag, listed, named_values, text_of

_FORWARDS = ("forwardto", "forwardasattachmentto", "redirectto")
# Folders where mail is out of sight. Source: published intrusions, and the rules of real records.
_OUT_OF_SIGHT = frozenset((
    "deleted items", "archive", "rss feeds", "rss subscriptions", "conversation history", "junk email", "notes",
))  # fmt: skip
_ADDRESS = re.compile(r"\[(?:smtp|ex):([^\]]+)\]|^smtp:(.+)$", re.IGNORECASE)


def inbox_rule(action: str) -> Reader:
    """New-/Set-/Remove-InboxRule: one row for each address that mail goes to, or one for a rule that hides mail."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        on_mailbox(row, given.get("mailbox") or _owner(body) or row["actor"])
        return _rule_rows(row, given, action)

    return read


def _rule_rows(row: Row, given: Dict[str, Optional[str]], action: str) -> List[Row]:
    """Rows of a rule whose actions stand in `given` under the names of the cmdlets' parameters, in small letters."""
    rule = dict(row, grant_action=action, right="inbox_rule", right_native=_described(given) or row["operation"])
    rows = []
    for target in (target for name in _FORWARDS for target in listed(given.get(name))):
        rows.append(dict(rule, access="read"))
        _to(rows[-1], target)
    if not rows and (action == "revoke" or _hides(given)):
        rows.append(dict(rule, access="none" if action == "revoke" else "write"))
        to_grantee(rows[-1], party(None))
    return rows


def _owner(body: Body) -> Optional[str]:
    """The mailbox in ObjectId, which is `mailbox\\rule`."""
    return (text_of(body.get("ObjectId")) or "").rpartition("\\")[0] or None


def _to(row: Row, target: str) -> None:
    found = _ADDRESS.search(target)
    who = party((found.group(1) or found.group(2)) if found else target)
    if who.kind == "user" and not same_domain(who.name, row["actor"], row["mailbox"]):
        who = who._replace(kind="external")
    to_grantee(row, who)


def _hides(given: Dict[str, Optional[str]]) -> bool:
    folder = (given.get("movetofolder") or "").rpartition("\\")[2].rpartition(":")[2].strip().casefold()
    return flag(given.get("deletemessage")) or flag(given.get("softdeletemessage")) or folder in _OUT_OF_SIGHT


_TOLD: Tuple[Tuple[str, str], ...] = (
    ("forwardto", "ForwardTo"), ("forwardasattachmentto", "ForwardAsAttachmentTo"), ("redirectto", "RedirectTo"),
    ("deletemessage", "DeleteMessage"), ("softdeletemessage", "SoftDeleteMessage"), ("markasread", "MarkAsRead"),
    ("movetofolder", "MoveToFolder"),
)  # fmt: skip


def _described(given: Dict[str, Optional[str]]) -> str:
    """What the rule does, `Action=value` by `Action=value`."""
    return ", ".join(f"{name}={given[key]}" for key, name in _TOLD if given.get(key))


_ACTIONS = {
    "forward": "ForwardTo", "forwardasattachment": "ForwardAsAttachmentTo", "redirect": "RedirectTo",
    "delete": "DeleteMessage", "permanentdelete": "SoftDeleteMessage", "move": "MoveToFolder",
    "movetofolder": "MoveToFolder", "markasread": "MarkAsRead",
}  # fmt: skip


def update_inbox_rules(row: Row, body: Body) -> List[Row]:
    """The mailbox audit's record of a rule that was written by a client, also by a delegate in the owner's mailbox.

    A delegate who writes rules uses his right, so his rule gives a row of that use besides.
    """
    told = named_values(body.get("OperationProperties"))
    row["mailbox"], row["mailbox_id"] = text_of(body.get("MailboxOwnerUPN")), text_of(body.get("MailboxGuid"))
    seen = [used(row.copy(), "full_access", "write")] if by_delegate(body) else []
    removed = "remove" in (text_of(told.get("ruleoperation")) or "").lower()
    try:
        actions = json.loads(text_of(told.get("ruleactions")) or "[]")
    except ValueError:
        add_error(row, "RuleActions is no JSON")
        return [dict(row, grant_action="setting", right="inbox_rule", access="read", grantee_kind="unknown"), *seen]
    given: Dict[str, Optional[str]] = {}
    for action in actions if isinstance(actions, list) else [actions]:
        if isinstance(action, dict):
            name = _ACTIONS.get(str(action.get("ActionType", "")).replace("Action", "").lower())
            if name:
                given[name.lower()] = _operand(action)
    return _rule_rows(row, given, "revoke" if removed else "setting") + seen


def _operand(action: Body) -> str:
    """Who an action sends mail to, or where it puts it; `True` for one that needs neither."""
    named = action.get("Recipients") or action.get("Folder") or action.get("FolderName") or "True"
    return "; ".join(map(str, named)) if isinstance(named, list) else str(named)


OPERATIONS: Dict[str, Reader] = {
    "UpdateInboxRules": update_inbox_rules,
    "New-InboxRule": inbox_rule("setting"),
    "Set-InboxRule": inbox_rule("setting"),
    "Remove-InboxRule": inbox_rule("revoke"),
    "Disable-InboxRule": inbox_rule("revoke"),
}
