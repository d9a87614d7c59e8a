"""Endpoints that are views of settings, with what they add: saved searches, inputs, the app, messages, events in."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, List, Union

from workbench.errors import BadInput
from workbench.splunkd.rest import jobs
from workbench.splunkd.rest.configs import Stanzas, stanza_settings
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_VIEWS = {
    "admin/macros": "macros",
    "data/transforms/lookups": "transforms",
    "saved/eventtypes": "eventtypes",
}


def _saved(splunkd: Splunkd, call: Call) -> Union[Feed, Plain]:
    """Saved searches; `dispatch` runs one, `history` lists the jobs that came of it."""
    view = Stanzas("savedsearches", "saved/searches")
    if len(call.path) != 2:
        return view.serve(splunkd, call, call.path)
    name, action = call.path
    stanza = splunkd.conf.stanza("savedsearches", name)
    if stanza is None or not splunkd.sees(call.namespace.app, "savedsearches"):
        raise RestError(404, f"Could not find object id={name}")
    if action == "history" and call.method == "GET":
        return page([jobs.entry(job) for job in splunkd.jobs.list(name)], call, "saved/searches", splunkd.app)
    if action == "dispatch" and call.method == "POST":
        result = splunkd.run_saved_search(name)
        job = splunkd.jobs.add(stanza["search"], splunkd.clock(), result, name)
        return jobs.sid_answer(job.sid, call.params.get("output_mode", ""))
    if action in ("enable", "disable") and call.method == "POST":
        splunkd.conf.set("savedsearches", name, "disabled", "0" if action == "enable" else "1")
        return Feed("saved/searches", splunkd.app, [view.entry(splunkd, name)])
    raise RestError(501, f"saved/searches/{{name}}/{action} is not simulated.")


def _inputs(splunkd: Splunkd, call: Call) -> Feed:
    """Modular inputs: their kinds, and the stanzas of one kind. Creating or changing one validates it first."""
    kinds = [name for name in splunkd.conf.stanzas("inputs") if "://" not in name]
    if not call.path:
        entries = [Entry(kind, "data/inputs", {}, ("create", "list")) for kind in kinds]
        return page(entries, call, "data/inputs", splunkd.app)
    kind, rest = call.path[0], call.path[1:]
    if kind not in kinds:
        raise RestError(404, f"Could not find object id={kind}")
    if call.method == "POST" and len(rest) < 2:
        name = rest[0] if rest else call.params.get("name", "")
        try:
            refused = splunkd.inputs.check(f"{kind}://{name}", stanza_settings(call))
        except BadInput as error:
            raise RestError(400, str(error)) from error
        if refused:
            raise RestError(400, f"Encountered the following error while trying to save: {refused}")
    return Stanzas("inputs", f"data/inputs/{kind}", f"{kind}://").serve(splunkd, call, rest)


def _apps(splunkd: Splunkd, call: Call) -> Feed:
    """The one installed app; POST changes whether it counts as configured."""
    if call.path and call.path != [splunkd.app]:
        raise RestError(404, f"Could not find object id={call.path[0]}")
    if call.method == "POST" and call.path and "configured" in call.params:
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
    "apps/local": (_apps, True),
    "messages": (_messages, True),
    "receivers/simple": (_receive, True),
}
for _endpoint, _conf in _VIEWS.items():
    ENDPOINTS.update(_view(_endpoint, _conf))
