"""Inbox rules, as far as they send mail on or hide it: what an intruder sets beside a delegation.

A rule that only files mail by sender is no row. UpdateInboxRules (the mailbox audit's own record) is not read yet.
"""

import re
from typing import Dict, List, Optional, Tuple

from .exchange import Reader, on_mailbox, to_grantee
from .fields import Row
from .office import cmdlet
from .parties import party, same_domain
from .shapes import Body
from .values import flag, listed, text_of

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
        rule = dict(row, grant_action=action, right="inbox_rule", right_native=_described(given) or row["operation"])
        rows = []
        for target in (target for name in _FORWARDS for target in listed(given.get(name))):
            rows.append(dict(rule, access="read"))
            _to(rows[-1], target)
        if not rows and (action == "revoke" or _hides(given)):
            rows.append(dict(rule, access="none" if action == "revoke" else "write"))
            to_grantee(rows[-1], party(None))
        return rows

    return read


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


OPERATIONS: Dict[str, Reader] = {
    "New-InboxRule": inbox_rule("setting"),
    "Set-InboxRule": inbox_rule("setting"),
    "Remove-InboxRule": inbox_rule("revoke"),
    "Disable-InboxRule": inbox_rule("revoke"),
}
