"""The row as it goes into the summary index: one JSON object, its time first, empty fields left out."""

import json
from typing import Any, Dict, Mapping

# Fields of the event that the row was read from; in the summary they are those of the row's own event.
_OF_THE_EVENT = frozenset(("host", "index", "linecount", "punct", "source", "sourcetype", "splunk_server"))


def summary_text(row: Mapping[str, Any]) -> str:
    """JSON of a scored row; fields that begin with `_` stay out, but a record that could not be read is kept whole.

    `time` comes first, always with three decimals, so that the index takes the time of the event from it; multivalue
    fields become lists.
    """
    out: Dict[str, Any] = {}
    for name, value in row.items():
        if not name.startswith("_") and name not in _OF_THE_EVENT and value not in (None, "", []):
            out[name] = value
    if row.get("parse_error") and row.get("_raw"):
        out["unreadable_record"] = row["_raw"]
    return f'{{"time": {_seconds(row.get("_time"))}, {json.dumps(out, ensure_ascii=False)[1:]}'


def _seconds(time: Any) -> str:
    """Epoch seconds with three decimals, as TIME_FORMAT expects; null when the row has no time."""
    try:
        return f"{float(time):.3f}"
    except (TypeError, ValueError):
        return "null"
