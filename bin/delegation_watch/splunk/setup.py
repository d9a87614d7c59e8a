"""What the setup page asks of the app: accounts, inputs with how they do, macros, searches, and that it is done."""

import json
import re
from typing import Any, Dict, List

from splunklib import client
from splunklib.binding import HTTPError

from .. import APP
from .accounts import KINDS, Accounts, Settings, checked_name
from .rest import Refusal, Request, Route, is_off, listed, words
from .searches import Searches
from .trace import Trace

# What of an input the page shows and sets; anything else of a stanza stays as it is.
_SETTINGS = (
    "provider", "account", "content_types", "start", "backfill", "backfill_operations", "backfill_version", "kinds",
    "folders", "mailboxes", "directory", "connections", "index", "interval",
)  # fmt: skip
_SAVING = "Encountered the following error while trying to save: "


def _any_of(field: str, signs: str) -> str:
    """One or more values of a field, each in both quotes or none, and all in both brackets or none."""
    value = rf'{field}\s*=\s*(?:"[{signs}]+"|[{signs}]+)'
    values = rf"{value}(?:\s+OR\s+{value})*"
    return rf"{values}|\(\s*{values}\s*\)"


_INDEXES = (_any_of("index", "A-Za-z0-9_*-"), "index=main, or index=a OR index=b")
# macro: the form of its definition, and what that is in words.
MACROS = {
    "delegation_watch_index": _INDEXES,
    "delegation_watch_windows_index": _INDEXES,
    "delegation_watch_sourcetypes": (_any_of("sourcetype", "A-Za-z0-9_*:.-"), "sourcetype=a OR sourcetype=b"),
    "delegation_watch_summary_index": (r"[a-z0-9_][a-z0-9_-]*", "the name of one index, such as summary"),
    "delegation_watch_alert_score": (r"[0-9]{1,2}|100", "a number from 0 to 100"),
}
# Of each kind of input what default/inputs.conf says: splunkd is never given an empty interval.
INTERVALS = {"delegation_audit": "300", "delegation_inventory": "86400"}
_EVERY = re.compile(r"[0-9]+|(?:\S+\s+){4}\S+")
_SHORTEST = 60
_LAST_RUNS = "search `delegation_watch_last_runs`"
_LOOK_BACK = "-7d"


class Setup:
    """The routes of the setup page."""

    def __init__(self, accounts: Accounts, trace: Trace):
        self._accounts = accounts
        self._searches = Searches(trace)
        self._trace = trace

    def routes(self) -> List[Route]:
        """What answers what."""
        return [
            Route("GET", "", self.state),
            Route("GET", "health", self.health),
            Route("POST", "inputs/*/*", self.save_input),
            Route("POST", "inputs/*/*/remove", self.remove_input),
            Route("POST", "macros", self.save_macros),
            Route("POST", "done", self.finish),
            *self._accounts.routes(),
            *self._searches.routes(),
        ]

    def state(self, request: Request) -> Dict[str, Any]:
        """All that is set up, without any secret."""
        service = request.service
        app = listed(service, f"/services/apps/local/{APP}")[0]["content"]
        inputs, macros, indexes = _inputs(service), _macros(service), _indexes(service)
        return {
            "accounts": self._accounts.shown(service), "inputs": inputs, "macros": macros,
            "searches": self._searches.shown(service), "indexes": indexes,
            "configured": app.get("configured") in (True, "1", 1),
            "warnings": _warnings(inputs, macros, indexes), "user": request.user,
        }  # fmt: skip

    def health(self, request: Request) -> Dict[str, Any]:
        """When each feed of each input last ran and last did well, by the events that runs have written."""
        found = request.service.jobs.oneshot(_LAST_RUNS, earliest_time=_LOOK_BACK, count=0, output_mode="json")
        return {"feeds": json.loads(found.read())["results"], "since": _LOOK_BACK}

    def save_input(self, request: Request) -> Dict[str, Any]:
        """Make an input (`new` = yes refuses to change one) or change one; `enabled` says whether it runs.

        splunkd starts the input's own trial first, and nothing is saved that cannot work.
        """
        kind, name, service = _kind(request.path[1]), checked_name(request.path[2]), request.service
        there = next((one for one in _inputs(service) if (one["kind"], one["name"]) == (kind, name)), None)
        if there is not None and request.body.get("new") == "yes":
            raise Refusal(409, f"There is an input {kind}://{name} already; open it to change it", "name")
        before: Dict[str, Any] = there or {}
        given = {key: request.body[key].strip() for key in _SETTINGS if key in request.body}
        if there is not None and given.get("interval") == "":
            given["interval"] = INTERVALS[kind]
        given = {key: value for key, value in given.items() if value != before.get(key, "")}
        _check_interval(given)
        try:
            if there is None:
                service.post(f"data/inputs/{kind}", name=name, **given)
            elif given:  # with what its trial cannot do without
                needed = {key: str(there[key]) for key in ("provider", "account")}
                service.post(f"data/inputs/{kind}/{name}", **{**needed, **given})
        except HTTPError as error:
            said = words(error)
            if _SAVING not in said:
                raise
            raise Refusal(400, said.partition(_SAVING)[2]) from None
        enabled = request.body.get("enabled", "yes" if there is None else "")
        if enabled:
            service.post(f"data/inputs/{kind}/{name}/{'enable' if enabled == 'yes' else 'disable'}")
        action = "make input" if there is None else "change input"
        about = {"input": f"{kind}://{name}", "settings": ", ".join(sorted(given)), "enabled": enabled}
        self._trace.note(request.user, action, **about)
        made = next(one for one in _inputs(service) if (one["kind"], one["name"]) == (kind, name))
        return {"input": made, "warnings": _warnings([made], _macros(service), _indexes(service))}

    def remove_input(self, request: Request) -> Dict[str, Any]:
        """Remove an input; what it has written stays, and so does its place in the feed."""
        kind, name = _kind(request.path[1]), request.path[2]
        if not any((one["kind"], one["name"]) == (kind, name) for one in _inputs(request.service)):
            raise Refusal(404, f"There is no input {kind}://{name}")
        request.service.delete(f"data/inputs/{kind}/{name}")
        self._trace.note(request.user, "remove input", input=f"{kind}://{name}")
        return {"removed": f"{kind}://{name}"}

    def save_macros(self, request: Request) -> Dict[str, Any]:
        """Set what is given of MACROS."""
        unknown = sorted(request.body.keys() - MACROS.keys())
        if unknown or not request.body:
            raise Refusal(400, f"{', '.join(unknown) or 'nothing'} is no macro of this page; {', '.join(MACROS)} are")
        given = {name: value.strip() for name, value in request.body.items()}
        for name, value in given.items():
            form, said = MACROS[name]
            if not re.fullmatch(form, value):
                raise Refusal(400, f"{name} is {value!r}; it must be {said}", name)
        for name, value in given.items():
            request.service.post(f"configs/conf-macros/{name}", definition=value)
        self._trace.note(request.user, "set macros", **given)
        service = request.service
        macros = _macros(service)
        return {"macros": macros, "warnings": _warnings(_inputs(service), macros, _indexes(service))}

    def finish(self, request: Request) -> Dict[str, Any]:
        """Tell Splunk that the app is set up, so that it opens without this page."""
        request.service.post(f"/services/apps/local/{APP}", configured="true")
        self._trace.note(request.user, "finish setup")
        return {"configured": True}


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise Refusal(404, f"{kind} is no input of this app; {' and '.join(KINDS)} are")
    return kind


def _check_interval(given: Settings) -> None:
    interval = given.get("interval", "")
    if interval and (not _EVERY.fullmatch(interval) or (interval.isdigit() and int(interval) < _SHORTEST)):
        wanted = f"it must be a number of seconds, {_SHORTEST} or more, or a cron line"
        raise Refusal(400, f"interval is {interval!r}; {wanted}", "interval")


def _inputs(service: client.Service) -> List[Dict[str, Any]]:
    return [
        {
            "kind": kind, "name": entry["name"],
            **{key: str(entry["content"].get(key) or "") for key in _SETTINGS},
            "enabled": is_off(entry["content"].get("disabled")),
        }
        for kind in KINDS
        for entry in listed(service, f"data/inputs/{kind}")
    ]  # fmt: skip


def _macros(service: client.Service) -> Settings:
    found = {name: listed(service, f"configs/conf-macros/{name}")[0]["content"] for name in MACROS}
    return {name: str(content.get("definition") or "") for name, content in found.items()}


def _indexes(service: client.Service) -> List[str]:
    """The indexes that this host writes to; a forwarder may send to others."""
    return [
        entry["name"]
        for entry in listed(service, "data/indexes")
        if not entry["name"].startswith("_") and is_off(entry["content"].get("disabled"))
    ]


def _warnings(inputs: List[Dict[str, Any]], macros: Settings, indexes: List[str]) -> List[str]:
    """What is saved and will not work together."""
    named = [(f"{one['kind']}://{one['name']}", one["index"]) for one in inputs if one["index"] not in ("", "default")]
    absent = [
        f"{name} writes to the index {index}, which is not on this host. Where this host forwards, it must be on the "
        "indexers; else everything that the input brings is dropped without a word"
        for name, index in named
        if index not in indexes
    ]
    wanted = macros["delegation_watch_index"]
    patterns = [name.replace("*", ".*") for name in re.findall(r"index\s*=\s*\"?([\w*-]+)", wanted)]
    return absent + [
        f"{name} writes to the index {index}, where the macro delegation_watch_index ({wanted}) does not look"
        for name, index in named
        if not any(re.fullmatch(pattern, index) for pattern in patterns)
    ]
