"""Endpoints that are views of settings, with what they add: saved searches, inputs, the app, messages, events in."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Dict, List, Union

from workbench.conf.files import true
from workbench.errors import BadInput, WorkbenchError
from workbench.spl.timemods import moment
from workbench.splunkd.rest import jobs
from workbench.splunkd.rest.configs import Stanzas, stanza_settings
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError, only_arguments, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

# savedsearches.conf.spec, by the beginnings of its settings.
_SAVED_SETTINGS = re.compile(
    r"(action|dispatch|alert|auto_summarize|display|request|vsid|schedule|embed|durable)[\w.:]*|search|description"
    r"|disabled|is_visible|is_scheduled|enableSched|cron_schedule|realtime_schedule|allow_skew|max_concurrent"
    r"|workload_pool|counttype|relation|quantity|run_on_startup|run_n_times|restart_on_searchpeer_add|actions"
)
_DISPATCHED = ("dispatch.earliest_time", "dispatch.latest_time", "dispatch.index_earliest", "dispatch.index_latest")
_VIEWS = {
    "admin/macros": "macros",
    "data/transforms/lookups": "transforms",
    "saved/eventtypes": "eventtypes",
}


class _SavedSearches(Stanzas):
    """What savedsearches.conf calls enableSched has another name here: is_scheduled."""

    def entry(self, splunkd: Splunkd, call: Call, name: str) -> Entry:
        """One saved search as an entity."""
        entry = super().entry(splunkd, call, name)
        scheduled = true(entry.content.pop("enableSched", "0"))
        entry.content["is_scheduled"] = "1" if scheduled else "0"
        return entry


def _saved(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    """Saved searches; `dispatch` runs one, `history` lists the jobs that came of it."""
    view = _SavedSearches("savedsearches", "saved/searches", settings=_SAVED_SETTINGS)
    if "is_scheduled" in call.params:
        call.params["enableSched"] = call.params.pop("is_scheduled")
    if len(call.path) != 2:
        return view.serve(splunkd, call, call.path)
    name, action = call.path
    stanza = splunkd.conf_of(call.namespace.owner).stanza("savedsearches", name)
    if stanza is None or not splunkd.sees(call.namespace.app, "savedsearches"):
        raise RestError(404, f"Could not find object id={name}")
    if action == "history" and call.method == "GET":
        return page([jobs.entry(job) for job in splunkd.jobs.list(name)], call, "saved/searches", splunkd.app)
    if action == "dispatch" and call.method == "POST":
        return _dispatch(splunkd, call, name, stanza)
    return view.serve(splunkd, call, call.path)


def _dispatch(splunkd: Splunkd, call: Call, name: str, stanza: Dict[str, str]) -> Plain:
    """Run a saved search: `dispatch.*` over its settings, `args.x` for `$x$`; it alerts only on trigger_actions."""
    given = {key: value for key, value in call.params.items() if key not in ("output_mode", "force_dispatch")}
    act = true(given.pop("trigger_actions", "0"))
    now = given.pop("dispatch.now", None)
    at = splunkd.clock() if now is None or true(now) else moment(now, splunkd.clock(), splunkd.tz)
    if at is None:
        raise RestError(400, f"Invalid value for argument dispatch.now: {now}")  # [unverified] text
    args = {key[len("args.") :]: given.pop(key) for key in list(given) if key.startswith("args.")}
    unknown = next((key for key in given if key not in _DISPATCHED), None)
    if unknown is not None:
        raise RestError(501, f"The parameter {unknown} of dispatch is not simulated.")
    spl = re.sub(r"\$(\w+)\$", lambda match: args.get(match.group(1), match.group()), stanza["search"])
    try:
        result = splunkd.dispatch(name, {**stanza, **given, "search": spl}, at, act, call.who.name)
    except WorkbenchError as error:
        raise RestError(400, str(error), "FATAL") from error
    job = splunkd.jobs.add(spl, splunkd.clock(), result, name, owner=call.who.name)
    return jobs.sid_answer(job.sid, call.params.get("output_mode", ""))


def _inputs(splunkd: Splunkd, call: Call) -> Feed:
    """Modular inputs: their kinds, and the stanzas of one kind. Creating or changing one validates it first."""
    kinds = [name for name in splunkd.conf.stanzas("inputs") if "://" not in name]
    if not call.path:
        entries = [Entry(kind, "data/inputs", {}, ("create", "list")) for kind in kinds]
        return page(entries, call, "data/inputs", splunkd.app)
    kind, rest = call.path[0], call.path[1:]
    if kind not in kinds:
        raise RestError(404, f"Could not find object id={kind}")
    if call.method == "POST" and len(rest) < 2 and rest != ["_reload"]:
        name = rest[0] if rest else call.params.get("name", "")
        try:
            refused = splunkd.inputs.save(f"{kind}://{name}", stanza_settings(call))
        except BadInput as error:
            raise RestError(400, str(error)) from error
        if refused:
            raise RestError(400, f"Encountered the following error while trying to save: {refused}")
    return Stanzas("inputs", f"data/inputs/{kind}", f"{kind}://").serve(splunkd, call, rest)


def _modular(splunkd: Splunkd, call: Call) -> Feed:
    """The schemes of modular inputs, as each of them introspects itself."""
    kinds = [name for name in splunkd.conf.stanzas("inputs") if "://" not in name]
    if call.method != "GET" or len(call.path) > 1:
        raise RestError(405, "Method Not Allowed")
    if call.path and call.path[0] not in kinds:
        raise RestError(404, f"Could not find object id={call.path[0]}")
    entries = []
    for kind in call.path or kinds:
        scheme = splunkd.inputs.scheme(kind)
        args = {
            name: {"required_on_create": arg.required_on_create, "required_on_edit": False}
            for name, arg in scheme.arguments.items()
        }
        content = {"title": scheme.title, "streaming_mode": scheme.streaming_mode, "endpoint": {"args": args}}
        entries.append(Entry(kind, "data/modular-inputs", content, ("list",)))
    return page(entries, call, "data/modular-inputs", splunkd.app)


def _apps(splunkd: Splunkd, call: Call) -> Feed:
    """The one installed app; POST changes whether it counts as configured."""
    if call.path and call.path != [splunkd.app]:
        raise RestError(404, f"Could not find object id={call.path[0]}")
    if call.method == "POST" and call.path and call.params.get("configured") is not None:
        only_arguments(call, ("configured",))
        configured = "true" if call.params["configured"] in ("1", "true") else "false"
        splunkd.conf.set("app", "install", "is_configured", configured)
    elif call.method != "GET":
        raise RestError(405, "Method Not Allowed")
    stanzas = splunkd.conf.stanzas("app")
    content = {
        "label": stanzas.get("ui", {}).get("label", splunkd.app),
        "version": stanzas.get("launcher", {}).get("version", ""),
        "configured": stanzas.get("install", {}).get("is_configured", "false") in ("1", "true"),
        "disabled": "0",
        "visible": "1",
    }
    return page([Entry(splunkd.app, "apps/local", content)], call, "apps/local", splunkd.app)


def _messages(splunkd: Splunkd, call: Call) -> Feed:
    """Bulletin messages by name."""
    kept = splunkd.bulletins
    if call.method == "POST" and not call.path:
        only_arguments(call, ("value", "severity", "capability", "role", "help"))
        kept[call.required("name")] = call.required("value")
    names: List[str] = call.path or ([call.params["name"]] if call.method == "POST" else list(kept))
    if any(name not in kept for name in names):
        raise RestError(404, f"Could not find object id={names[0]}")
    if call.method == "DELETE" and call.path:
        del kept[names[0]]
        return Feed("messages", splunkd.app, [])
    entries = [Entry(name, "messages", {name: kept[name], "message": kept[name]}) for name in names]
    feed = page(entries, call, "messages", splunkd.app)
    feed.status = 201 if call.method == "POST" else 200
    return feed


def _receive(splunkd: Splunkd, call: Call) -> Plain:
    """receivers/simple: the body is one event; where it goes is in the address."""
    if call.method != "POST":
        raise RestError(405, "Method Not Allowed")
    if not call.body:
        raise RestError(400, "There was no data to index.")  # [unverified] text
    meta = {
        "host": call.query.get("host") or splunkd.server_name,
        "source": call.query.get("source") or "www",
        "sourcetype": call.query.get("sourcetype") or "simple",
        "index": call.query.get("index") or "main",
    }
    if meta["index"] not in splunkd.indexes:
        raise RestError(400, f"supplied index '{meta['index']}' missing")  # [unverified] text
    splunkd.index([{**meta, "data": call.body.decode("utf-8", "replace")}])
    root = ET.Element("response")
    result = ET.SubElement(ET.SubElement(root, "results"), "result")
    for name, value in {"_index": meta["index"], **meta, "bytes": str(len(call.body))}.items():
        holder = ET.SubElement(ET.SubElement(result, "field", k=name), "value")
        ET.SubElement(holder, "text").text = value
    return Plain(ET.tostring(root, encoding="utf-8"), "text/xml; charset=UTF-8")


def _view(endpoint: str, conf: str) -> Endpoints:
    stanzas = Stanzas(conf, endpoint)
    return {endpoint: (lambda splunkd, call: stanzas.serve(splunkd, call, call.path), True)}


ENDPOINTS: Endpoints = {
    "saved/searches": (_saved, True),
    "data/inputs": (_inputs, True),
    "data/modular-inputs": (_modular, True),
    "apps/local": (_apps, True),
    "messages": (_messages, True),
    "receivers/simple": (_receive, True),
}
for _endpoint, _conf in _VIEWS.items():
    ENDPOINTS.update(_view(_endpoint, _conf))
