"""The columns of a grant row, in the order in which they are written; what each means stands in docs/fields.md."""

from typing import Any, Dict, Tuple

Row = Dict[str, Any]

FIELDS: Tuple[str, ...] = (
    "_time", "record_id", "row_id", "tenant", "operation", "evidence",
    "provider", "grant_action", "right", "right_native", "access", "access_before",
    "deny", "inherited", "inheritance", "sharing_flags",
    "mailbox", "mailbox_id", "mailbox_kind", "folder", "folder_kind",
    "grantee", "grantee_id", "grantee_kind",
    "actor", "actor_id", "actor_kind", "actor_tenant", "relation",
    "src", "client_app", "session_id", "token_id", "logon_type",
    "status", "parse_error",
)  # fmt: skip

BLANK: Row = dict.fromkeys(FIELDS)

# From the weakest to the strongest thing that a right allows.
ACCESS: Tuple[str, ...] = ("none", "availability", "read", "write", "own", "send")

RIGHTS: Tuple[str, ...] = (
    "full_access", "send_as", "send_on_behalf", "change_permission", "change_owner", "read_permission",
    "delete_item", "external_account", "folder", "gmail_delegate", "impersonation", "app_mail", "role",
    "group_member", "delegation_switch", "audit_bypass", "forwarding", "inbox_rule", "sharing_policy", "unknown",
)  # fmt: skip

# A right whose mailbox is not named reaches every mailbox in the scope of the role or of the application.
EVERY_MAILBOX = "*"
