"""One audit record on its way from a story to a stand-in, and the little arithmetic of times both need."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Dict, NamedTuple, Optional

EXCHANGE = "Audit.Exchange"
DIRECTORY = "Audit.AzureActiveDirectory"
CONTENT_TYPES = (EXCHANGE, DIRECTORY, "Audit.General", "Audit.SharePoint", "DLP.All")
GOOGLE = "workspace:"
WINDOWS = "windows:"
INVENTORY = "inventory:"
_RFC3339 = re.compile(r"([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


class Record(NamedTuple):
    """An audit record: `time` of the act (epoch seconds, UTC), where it is published, and the record itself.

    `content_type` is one of CONTENT_TYPES for Office 365 and `workspace:<application>` for Google Workspace. The
    stories of an evaluation know two more: `windows:<channel>`, whose body holds Id, Operation and the event's text,
    xml, and `inventory:<kind>`, a row of an inventory.
    """

    time: float
    content_type: str
    body: Dict[str, Any]


def instant(text: str) -> Optional[float]:
    """Epoch seconds of a time as RFC 3339 has it, with seconds and a zone, as both vendors ask for; None for others."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        whole = datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone))
    except ValueError:  # such as the 31st of June
        return None
    return whole.timestamp() + float(fraction or 0)


def utc(epoch: float, form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    """Text of an epoch time in UTC, without zone, as Office 365 writes it."""
    return datetime.fromtimestamp(epoch, timezone.utc).strftime(form)


def milliseconds(epoch: float) -> str:
    """Text of an epoch time in UTC with three decimals and Z, as both vendors write their own stamps."""
    seconds, rest = divmod(round(epoch * 1000), 1000)
    return utc(seconds) + f".{rest:03d}Z"
