"""Audit that is switched off: what is done in mailboxes afterwards leaves no record."""

from typing import Callable, Dict, List, Tuple

from .columns import on_mailbox, to_grantee
from .fields import EVERY_MAILBOX, Row
from .office import cmdlet
from .parties import party, relation
from .shapes import Body
from .values import flag

Reader = Callable[[Row, Body], List[Row]]


def audit_bypass(row: Row, body: Body) -> List[Row]:
    """Set-MailboxAuditBypassAssociation: what this account does in any mailbox goes unlogged, or no longer."""
    given = cmdlet(body)
    if "auditbypassenabled" not in given:
        return []
    on_mailbox(row, given.get("identity"), body.get("ObjectId"))
    enabled = flag(given["auditbypassenabled"])
    row.update(grant_action="setting", right="audit_bypass", right_native=f"AuditBypassEnabled={enabled}",
               access="own" if enabled else "none")  # fmt: skip
    to_grantee(row, party(row["mailbox"]))
    row["relation"] = relation(row["actor"], row["actor_id"], row["grantee"], None)
    return [row]


def organisation_audit(*switches: Tuple[str, bool]) -> Reader:
    """Parameters that switch the audit of the whole organisation; each with the value that switches it off."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        rows = []
        for name, off in switches:
            if name.lower() in given:
                value = flag(given[name.lower()])
                one = dict(row, grant_action="setting", right="audit_bypass", right_native=f"{name}={value}",
                           access="own" if value == off else "none", mailbox=EVERY_MAILBOX)  # fmt: skip
                to_grantee(one, party(None))
                rows.append(one)
        return rows

    return read


OPERATIONS: Dict[str, Reader] = {
    "Set-MailboxAuditBypassAssociation": audit_bypass,
    "Set-AdminAuditLogConfig": organisation_audit(
        ("UnifiedAuditLogIngestionEnabled", False), ("AdminAuditLogEnabled", False)
    ),
    "Set-OrganizationConfig": organisation_audit(("AuditDisabled", True)),
}
