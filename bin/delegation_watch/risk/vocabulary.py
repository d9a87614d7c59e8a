"""The fields that a condition of the tables may test, and what those with a closed list of values may hold.

What each means stands in docs/fields.md. A table that names anything else would never match, and nobody would notice.
"""

import difflib
from typing import Dict, FrozenSet, Iterator, Tuple

from ..grants import ACCESS, FIELDS, RIGHTS
from .conditions import Test

# What the searches add between delegationgrants and delegationrisk: identities, facts, baselines, uses summed up.
_ADDED: Tuple[str, ...] = (
    "mailbox_key", "grantee_key", "actor_key", "identity_status", "grant_key", "case_key",
    "mailbox_vip", "mailbox_sensitive", "mailbox_department", "grantee_enabled", "grantee_privileged",
    "grantee_deleted", "grantee_source", "grantee_new", "grantee_created", "kin",
    "approval", "approval_owner", "approval_expires",
    "first_grantor", "first_pair", "unusual_hour", "new_address", "new_client", "burst", "wave",
    "broad", "group_access", "group_level",
    "use_count", "use_last",
)  # fmt: skip
KNOWN: FrozenSet[str] = frozenset(FIELDS + _ADDED)

_TRUE = ("true",)
_FLAG = ("true", "false")
VALUES: Dict[str, Tuple[str, ...]] = {
    "provider": ("exchange_online", "exchange_server", "workspace"),
    "grant_action": ("grant", "change", "replace", "revoke", "use", "setting", "snapshot"),
    "right": RIGHTS,
    "access": ACCESS,
    "access_before": ACCESS,
    "deny": _FLAG,
    "inherited": _FLAG,
    "folder_kind": ("root", "inbox", "calendar", "contacts", "sent", "other"),
    "grantee_kind": ("user", "group", "everyone", "anonymous", "guest", "external", "application", "system",
                     "mailbox_self", "unknown"),
    "actor_kind": ("user", "partner", "application", "system", "unknown"),
    "relation": ("owner", "self_grant", "third_party"),
    "status": ("success", "failure"),
    "identity_status": ("known", "ambiguous", "unknown"),
    "approval": ("current", "ended"),
    "grantee_enabled": _FLAG,
    "grantee_privileged": _FLAG,
    "grantee_deleted": _FLAG,
    **dict.fromkeys(("mailbox_vip", "mailbox_sensitive", "grantee_new", "first_grantor", "first_pair",
                     "unusual_hour", "new_address", "new_client", "burst", "wave", "broad"), _TRUE),
}  # fmt: skip


def unknown(test: Test) -> Iterator[Tuple[str, str]]:
    """(what is wrong, what to do) of a test that names a field or a value which no row has."""
    if test.field not in KNOWN:
        near = difflib.get_close_matches(test.field, sorted(KNOWN), 1)
        hint = f"did you mean {near[0]}?" if near else "docs/fields.md lists them"
        yield f"when tests {test.field}, which is no field of a row", hint
        return
    values = VALUES.get(test.field)
    if values is None:
        return
    plain = (text for text in sorted(test.plain) if text and text not in values)
    globs = (text for text, glob in test.globs if not any(glob.match(value) for value in values))
    for text in (*plain, *globs):
        yield f"when tests {test.field} for {text}, which it never is", f"it is one of {', '.join(values)}"
