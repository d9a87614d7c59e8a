"""Rows as search/jobs gives them: JSON by rows or by columns, CSV, or one object a line."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone
from typing import Any, Dict, List, Tuple

from workbench.spl import Result, Row, text
from workbench.spl.values import number
from workbench.splunkd.rest.messages import Call, Plain, RestError, as_json

# Internal fields that results keep; others with a leading underscore do not leave splunkd.
_KEPT = ("_time", "_raw", "_indextime", "_cd", "_key", "_span")


def results(result: Result, call: Call) -> Plain:
    """One page of results (100 rows unless `count` says; 0 is all) as JSON, JSON by columns, or CSV."""
    mode = call.params.get("output_mode", "xml")
    offset, count = call.number("offset", 0), call.number("count", 100)
    rows = result.rows[offset : offset + count] if count > 0 else result.rows[offset:]
    names = _names(result)
    fields = [{"name": name} for name in names]
    head = {"preview": False, "init_offset": offset, "messages": _said(result), "fields": fields}
    if mode == "json":
        return as_json({**head, "results": [_shown(row, names) for row in rows], "highlighted": {}})
    if mode == "json_cols":
        shown = [_shown(row, names) for row in rows]
        columns = [[row.get(name) for row in shown] for name in names]
        return as_json({**head, "columns": columns, "post_process_count": len(result.rows)})
    if mode == "csv":
        return _csv(rows, names)
    raise RestError(501, f"output_mode={mode} of results is not simulated; ask for json, json_cols or csv.")


def export(result: Result, call: Call) -> Plain:
    """Every result as a JSON object of its own, one a line."""
    if call.params.get("output_mode") != "json":
        raise RestError(501, "search/jobs/export is simulated for output_mode=json alone.")
    names = _names(result)
    lines: List[Dict[str, Any]] = [
        {"preview": False, "offset": place, "result": _shown(row, names)} for place, row in enumerate(result.rows)
    ]
    if lines:
        lines[-1]["lastrow"] = True
    else:
        lines.append({"preview": False, "lastrow": True})
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return Plain(body.encode(), "application/json; charset=UTF-8")


def _csv(rows: List[Row], names: List[str]) -> Plain:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        shown = _shown(row, names)
        writer.writerow([text(shown.get(name)) for name in names])
    return Plain(buffer.getvalue().encode(), "text/csv; charset=UTF-8")


def _names(result: Result) -> List[str]:
    return [name for name in result.fields if not name.startswith("_") or name in _KEPT]


def _said(result: Result) -> List[Dict[str, str]]:
    parts: List[Tuple[str, str, str]] = [message.partition(": ") for message in result.messages]
    return [{"type": kind if rest else "INFO", "text": rest or kind} for kind, _, rest in parts]


def _shown(row: Row, names: List[str]) -> Dict[str, Any]:
    """A row as REST gives it: texts, lists of texts, and `_time` as ISO 8601."""
    shown: Dict[str, Any] = {}
    for name in names:
        value = row.get(name)
        if value is None:
            continue
        stamp = number(value) if name == "_time" else None
        if stamp is not None:
            moment = datetime.fromtimestamp(stamp, timezone.utc)
            shown[name] = moment.isoformat(timespec="milliseconds")
        else:
            shown[name] = [text(item) for item in value] if isinstance(value, list) else text(value)
    return shown
