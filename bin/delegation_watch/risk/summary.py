"""The row as it goes into the summary index: one JSON object, its time first, empty fields left out."""

import json
from typing import Any, Dict, Mapping

# Fields of the event that the row was read from; in the summary they are those of the row's own event.
_OF_THE_EVENT = frozenset(("host", "index", "linecount", "punct", "source", "sourcetype", "splunk_server"))
# So many bytes of an event Splunk extracts fields from by itself. Source: limits.conf, [spath] extraction_cutoff.
_EXTRACTED = 5000


def summary_text(row: Mapping[str, Any]) -> str:
    """JSON of a scored row; fields that begin with `_` stay out, but a record that could not be read is kept whole.

    `time` comes first, always with three decimals, so that the index takes the time of the event from it; multivalue
    fields become lists. Of a row so long that Splunk extracts only a part of it the longest fields come last: a list of
    hundreds of sessions hides no score.
    """
    out: Dict[str, Any] = {}
    for name, value in row.items():
        if not name.startswith("_") and name not in _OF_THE_EVENT and value not in (None, "", []):
            out[name] = value
    if row.get("parse_error") and row.get("_raw"):
        out["unreadable_record"] = row["_raw"]
    text = _written(out)
    if len(text.encode(errors="replace")) > _EXTRACTED:
        text = _written({name: out[name] for name in sorted(out, key=lambda name: len(_written(out[name])))})
    return f'{{"time": {_seconds(row.get("_time"))}, {text[1:]}'


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _seconds(time: Any) -> str:
    """Epoch seconds with three decimals, as TIME_FORMAT expects; null when the row has no time."""
    try:
        return f"{float(time):.3f}"
    except (TypeError, ValueError):
        return "null"
