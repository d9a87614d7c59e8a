"""One audit record on its way from a story to a stand-in, and the little arithmetic of times both need."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, NamedTuple

EXCHANGE = "Audit.Exchange"
DIRECTORY = "Audit.AzureActiveDirectory"
CONTENT_TYPES = (EXCHANGE, DIRECTORY, "Audit.General", "Audit.SharePoint", "DLP.All")
GOOGLE = "workspace:"
WINDOWS = "windows:"
INVENTORY = "inventory:"


class Record(NamedTuple):
    """An audit record: `time` of the act (epoch seconds, UTC), where it is published, and the record itself.

    `content_type` is one of CONTENT_TYPES for Office 365 and `workspace:<application>` for Google Workspace. The
    stories of an evaluation know two more: `windows:<channel>`, whose body holds Id, Operation and the event's text,
    xml, and `inventory:<kind>`, a row of an inventory.
    """

    time: float
    content_type: str
    body: Dict[str, Any]


def utc(epoch: float, form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    """Text of an epoch time in UTC, without zone, as Office 365 writes it."""
    return datetime.fromtimestamp(epoch, timezone.utc).strftime(form)


def milliseconds(epoch: float) -> str:
    """Text of an epoch time in UTC with three decimals and Z, as both vendors write their own stamps."""
    seconds, rest = divmod(round(epoch * 1000), 1000)
    return utc(seconds) + f".{rest:03d}Z"
