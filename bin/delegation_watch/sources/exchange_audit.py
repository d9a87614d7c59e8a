"""What Exchange Online says of its audit: switched off for the organisation or a mailbox, or bypassed for somebody.

Sources: Get-AdminAuditLogConfig, Get-OrganizationConfig, Get-MailboxAuditBypassAssociation, Get-Mailbox.
"""

from typing import Any, Dict, List

from ..grants.values import flag
from .exchange_api import ExchangeApi
from .exchange_mailboxes import Mailbox, by_name

# The cmdlet, its column, and which value of it means that the audit is on.
_SWITCHES = (
    ("Get-AdminAuditLogConfig", "UnifiedAuditLogIngestionEnabled", True),
    ("Get-OrganizationConfig", "AuditDisabled", False),
)


def audit_of(api: ExchangeApi, boxes: List[Mailbox], named: bool) -> Dict[str, Any]:
    """`unified` False when the audit is off, `bypassed` who is left out of it, `disabled` which mailboxes.

    What no answer tells is None. named: whether only these mailboxes are asked for, and not everybody.
    """
    switches: List[bool] = []
    for cmdlet, column, means_on in _SWITCHES:
        switches += [flag(row[column]) is means_on for row in api.rows(cmdlet) if row.get(column) is not None]
    addresses = by_name(boxes)
    columns = "Identity,Name,AuditBypassEnabled"
    given: List[Dict[str, Any]] = [{"Identity": box.address} for box in boxes] if named else []
    bypassed = [
        addresses.get(str(row.get("Name") or row.get("Identity")).lower(), str(row.get("Identity")))
        for parameters in given or [{"ResultSize": "Unlimited"}]
        for row in api.rows("Get-MailboxAuditBypassAssociation", columns, **parameters)
        if flag(row.get("AuditBypassEnabled"))
    ]
    audited = [(box.address, flag(box.row["AuditEnabled"])) for box in boxes if "AuditEnabled" in box.row]
    disabled = [address for address, on in audited if not on] if audited else None
    return {"unified": all(switches) if switches else None, "bypassed": bypassed, "disabled": disabled}
