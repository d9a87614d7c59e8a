"""Office 365 records as the CSV that `Search-UnifiedAuditLog | Export-Csv` writes.

Columns, quoting, dates and escaped slashes are those of the exports in blueteam0ps/det-eng-samples.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Sequence

from workbench.tenants.records import Record

COLUMNS = (
    "RecordType",
    "CreationDate",
    "UserIds",
    "Operations",
    "AuditData",
    "ResultIndex",
    "ResultCount",
    "Identity",
    "IsValid",
    "ObjectState",
)
RECORD_TYPES = {
    1: "ExchangeAdmin",
    2: "ExchangeItem",
    3: "ExchangeItemGroup",
    8: "AzureActiveDirectory",
    15: "AzureActiveDirectoryStsLogon",
    50: "ExchangeItemAggregated",
}


def export_csv(records: Sequence[Record], path: Path) -> int:
    """Write the records newest first; returns how many. The file appears whole or not at all."""
    newest = sorted(records, key=lambda record: record.time, reverse=True)
    handle, draft = tempfile.mkstemp(dir=str(path.parent), prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(COLUMNS)
            for number, record in enumerate(newest, 1):
                writer.writerow(_row(record, number, len(newest)))
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return len(newest)


def _row(record: Record, number: int, count: int) -> List[str]:
    body = record.body
    return [
        RECORD_TYPES[body["RecordType"]],
        _date(record.time),
        body["UserId"],
        body["Operation"],
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/"),
        str(number),
        str(count),
        body["Id"],
        "True",
        "Unchanged",
    ]


def _date(epoch: float) -> str:
    """5/28/2023 10:15:33 AM: month, day and hour without leading zero."""
    at = datetime.fromtimestamp(epoch, timezone.utc)
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'}"
