"""search/jobs: create, look at, export and cancel searches; results as JSON or CSV."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Union

from workbench.errors import WorkbenchError
from workbench.spl import Result
from workbench.spl.lexer import split_stages
from workbench.spl.timemods import moment
from workbench.splunkd.jobs import Job
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError, as_json, lone_entry, page
from workbench.splunkd.rest.results import export, results

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_ENDPOINT = "search/jobs"
# Parameters of a new search that are followed, and those that change nothing about one that runs before it is answered.
_BOUNDS = ("earliest_time", "latest_time", "index_earliest", "index_latest")
_HONOURED = (*_BOUNDS, "search", "exec_mode", "search_mode", "now", "id", "output_mode", "count", "offset")
_WITHOUT_EFFECT = (
    "adhoc_search_level", "auto_cancel", "auto_finalize_ec", "auto_pause", "max_time", "namespace", "preview",
    "preview_freq", "segmentation", "status_buckets", "timeout", "workload_pool", "provenance", "spawn_process",
    # As Dashboard Studio sends them. [unverified] that the announced post-process searches change no result.
    "check_risky_command", "label", "postprocess_searches",
)  # fmt: skip
_ACTIONS = {
    "cancel": "Search job cancelled.", "pause": "Search job paused.", "unpause": "Search job continued.",
    "finalize": "Search job finalized.", "touch": "Search job touched.", "setttl": "Search job ttl has been set.",
    "setpriority": "Search job priority has been set.", "enablepreview": "Search job preview enabled.",
    "disablepreview": "Search job preview disabled.",
}  # fmt: skip  [unverified] texts
# Commands after which the events are still what the search gives.
_EVENTS = {"search", "where", "eval", "rex", "regex", "fields", "rename", "lookup", "spath", "head", "tail", "reverse"}
_RESULTS = ("results", "results_preview")


def _jobs(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    if not call.path:
        if call.method == "POST":
            return _created(splunkd, call)
        ids = call.values("id")
        seen = [entry(job) for job in splunkd.jobs.list() if _sees(call, job) and (not ids or job.sid in ids)]
        return page(seen, call, _ENDPOINT, splunkd.app)
    if call.path == ["export"]:
        return export(_searched(splunkd, call), call)
    job = splunkd.jobs.get(call.path[0])
    if job is None or not _sees(call, job):
        raise RestError(404, "Unknown sid.", "FATAL")
    if len(call.path) == 1 and call.method == "DELETE":
        splunkd.jobs.remove(job.sid)
        return Feed(_ENDPOINT, splunkd.app, [])
    if len(call.path) == 1:
        return lone_entry(entry(job), splunkd.app, call.params.get("output_mode", ""))
    if call.path[1] in _RESULTS:
        return results(_processed(splunkd, call, job), call)
    if call.path[1] == "events" and {stage.split()[0].lower() for stage in split_stages(job.spl) if stage} <= _EVENTS:
        return results(job.result, call)
    if call.path[1] == "search.log":
        return Plain("".join(line + "\n" for line in splunkd.host.log).encode(), "text/plain; charset=UTF-8")
    if call.path[1] == "control" and call.method == "POST":
        return _control(splunkd, call, job)
    raise RestError(501, f"search/jobs/{{sid}}/{call.path[1]} is not simulated.")


def _processed(splunkd: Splunkd, call: Call, job: Job) -> Result:
    """The job's result; with `search`, what this post-process search makes of its rows."""
    spl = call.params.get("search", "").strip()
    if not spl:
        return job.result
    if not spl.startswith("|"):
        spl = f"| {spl}"
    earliest, latest = job.bounds
    try:
        return splunkd.search(spl, earliest, latest, job.created, job.result.rows, owner=call.who.name)
    except WorkbenchError as error:
        raise RestError(400, str(error), "FATAL") from error


def _sees(call: Call, job: Job) -> bool:
    """Jobs are their owner's; administrators see all."""
    return job.owner == call.who.name or "admin_all_objects" in call.who.capabilities


def _control(splunkd: Splunkd, call: Call, job: Job) -> Feed:
    """What can be done to a job that has run: it is kept longer, or no more; pausing it changes nothing."""
    action = call.required("action")
    if action not in _ACTIONS:
        raise RestError(400, f"Invalid action: {action}")  # [unverified] text
    if action == "setttl":
        job.ttl = int(call.required("ttl")) if call.required("ttl").isdigit() else _bad(call, "ttl")
    if action == "setpriority" and not re.fullmatch(r"\d|10", call.required("priority")):
        _bad(call, "priority")
    if action == "cancel":
        splunkd.jobs.remove(job.sid)
    return Feed(_ENDPOINT, splunkd.app, [], messages=[("INFO", _ACTIONS[action])])


def _bad(call: Call, name: str) -> int:
    raise RestError(400, f"Invalid value for argument {name}: {call.params[name]}")  # [unverified] text


def _created(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    mode = call.params.get("exec_mode", "normal")
    sid = call.params.get("id")
    if sid is not None and splunkd.jobs.get(sid) is not None:
        raise RestError(409, f"A search job with sid={sid} already exists.")  # [unverified] status and text
    if mode not in ("normal", "blocking", "oneshot"):
        raise RestError(400, f"Invalid value for exec_mode: {mode}")  # [unverified] text
    result = _searched(splunkd, call)
    if mode == "oneshot":
        return results(result, call)
    job = splunkd.jobs.add(call.params["search"], splunkd.clock(), result, sid=sid, owner=call.who.name)
    job.bounds = (call.params.get("earliest_time"), call.params.get("latest_time"))
    return sid_answer(job.sid, call.params.get("output_mode", ""))


def _searched(splunkd: Splunkd, call: Call) -> Result:
    """Run the search of a request. Unlike the search bar, REST wants it to begin with `search` or a pipe."""
    spl = call.required("search").strip()
    word = re.match(r"[\w.:-]*", spl)
    if not spl.startswith("|") and word is not None and word.group() not in ("search", "savedsearch"):
        raise RestError(400, f"Unknown search command '{word.group()}'.", "FATAL")
    named = (name for name, value in call.params.items() if value)  # Splunk's own pages send an empty sid
    unknown = next((name for name in named if name not in (*_HONOURED, *_WITHOUT_EFFECT)), None)
    if unknown is not None:
        raise RestError(501, f"The parameter {unknown} of search/jobs is not simulated.")
    if call.params.get("search_mode", "normal") != "normal":
        raise RestError(501, "Real-time searches are not simulated.")
    given = call.params.get("now")
    now = None if given is None else moment(given, splunkd.clock(), splunkd.tz)
    if given is not None and now is None:
        raise RestError(400, f"Invalid value for argument now: {given}")  # [unverified] text
    earliest, latest, indexed, until = (call.params.get(name) for name in _BOUNDS)
    try:
        return splunkd.search(spl, earliest, latest, now, None, indexed, until, call.who.name)
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
    scanned = sum(job.result.scanned.values())
    content = {
        "sid": job.sid, "dispatchState": "DONE", "isDone": True, "isFailed": False, "isFinalized": False,
        "doneProgress": 1, "resultCount": count, "eventCount": count, "scanCount": scanned, "resultPreviewCount": count,
        "isSavedSearch": bool(job.saved), "label": job.saved or "", "ttl": job.ttl,
        "search": job.spl, "messages": {"info": list(job.result.messages)},
    }  # fmt: skip
    return Entry(job.sid, _ENDPOINT, content, ("search.log", "results", "control"), job.owner)


ENDPOINTS: Endpoints = {_ENDPOINT: (_jobs, True), "search/v2/jobs": (_jobs, True)}
