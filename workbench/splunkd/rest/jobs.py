"""search/jobs: create, look at, export and cancel searches; results as JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Dict, List, Tuple, Union

from workbench.errors import WorkbenchError
from workbench.spl import Result, Row, text
from workbench.spl.values import number
from workbench.splunkd.jobs import Job
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError, as_json, lone_entry, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_ENDPOINT = "search/jobs"
# Internal fields that results keep; others with a leading underscore do not leave splunkd.
_KEPT = ("_time", "_raw", "_indextime", "_cd", "_key")
_RESULTS = ("results", "results_preview")


def _jobs(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    if not call.path:
        if call.method == "POST":
            return _created(splunkd, call)
        return page([entry(job) for job in splunkd.jobs.list()], call, _ENDPOINT, splunkd.app)
    if call.path == ["export"]:
        return _export(_searched(splunkd, call), call)
    job = splunkd.jobs.get(call.path[0])
    if job is None:
        raise RestError(404, "Unknown sid.", "FATAL")
    if len(call.path) == 1 and call.method == "DELETE":
        splunkd.jobs.remove(job.sid)
        return Feed(_ENDPOINT, splunkd.app, [])
    if len(call.path) == 1:
        return lone_entry(entry(job), splunkd.app, call.params.get("output_mode", ""))
    if call.path[1] in _RESULTS:
        return _results(job.result, call)
    if call.path[1] == "control" and call.method == "POST":
        if call.required("action") == "cancel":
            splunkd.jobs.remove(job.sid)
        return Feed(_ENDPOINT, splunkd.app, [])
    raise RestError(501, f"search/jobs/{{sid}}/{call.path[1]} is not simulated.")


def _created(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    mode = call.params.get("exec_mode", "normal")
    if mode not in ("normal", "blocking", "oneshot"):
        raise RestError(400, f"Invalid value for exec_mode: {mode}")  # [unverified] text
    result = _searched(splunkd, call)
    if mode == "oneshot":
        return _results(result, call)
    job = splunkd.jobs.add(call.params["search"], splunkd.clock(), result)
    return sid_answer(job.sid, call.params.get("output_mode", ""))


def _searched(splunkd: Splunkd, call: Call) -> Result:
    """Run the search of a request. Unlike the search bar, REST wants it to begin with `search` or a pipe."""
    spl = call.required("search").strip()
    word = re.match(r"[\w.:-]*", spl)
    if not spl.startswith("|") and word is not None and word.group() not in ("search", "savedsearch"):
        raise RestError(400, f"Unknown search command '{word.group()}'.", "FATAL")
    bounds = call.params.get("earliest_time"), call.params.get("latest_time")
    try:
        return splunkd.search(spl, *bounds)
    except WorkbenchError as error:
        raise RestError(400, str(error), "FATAL") from error


def sid_answer(sid: str, mode: str) -> Plain:
    """The answer to a request that made a job."""
    if mode == "json":
        return as_json({"sid": sid}, 201)
    root = ET.Element("response")
    ET.SubElement(root, "sid").text = sid
    return Plain(ET.tostring(root, encoding="utf-8"), "text/xml; charset=UTF-8", 201)


def entry(job: Job) -> Entry:
    """A job as an entity."""
    count = len(job.result.rows)
    content = {
        "sid": job.sid, "dispatchState": "DONE", "isDone": "1", "isFailed": "0", "isFinalized": "0",
        "doneProgress": "1", "resultCount": str(count), "eventCount": str(count), "scanCount": str(count),
        "isSavedSearch": "1" if job.saved else "0", "label": job.saved or "", "ttl": "600",
        "search": job.spl, "messages": {"info": list(job.result.messages)},
    }  # fmt: skip
    return Entry(job.sid, _ENDPOINT, content, ("search.log", "results", "control"))


def _results(result: Result, call: Call) -> Plain:
    """One page of results (100 rows unless `count` says; 0 is all) as JSON or CSV."""
    mode = call.params.get("output_mode", "xml")
    offset, count = call.number("offset", 0), call.number("count", 100)
    rows = result.rows[offset : offset + count] if count > 0 else result.rows[offset:]
    names = _names(result)
    if mode == "json":
        found = [_shown(row, names) for row in rows]
        fields = [{"name": name} for name in names]
        head = {"preview": False, "init_offset": offset, "messages": _said(result)}
        return as_json({**head, "fields": fields, "results": found, "highlighted": {}})
    if mode == "csv":
        return _csv(rows, names)
    raise RestError(501, f"output_mode={mode} of results is not simulated; ask for json or csv.")


def _export(result: Result, call: Call) -> Plain:
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


ENDPOINTS: Endpoints = {_ENDPOINT: (_jobs, True), "search/v2/jobs": (_jobs, True)}
