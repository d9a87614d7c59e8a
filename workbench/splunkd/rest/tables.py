"""data/indexes and data/lookup-table-files: where events and lookup tables lie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbench.splunkd.rest.access import check_write
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, RestError, only_arguments, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_INDEXES, _FILES = "data/indexes", "data/lookup-table-files"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# Settings of a new index that change nothing here: how much it keeps, and of what kind it is.
_SETTINGS = ("datatype", "maxTotalDataSizeMB", "frozenTimePeriodInSecs", "maxDataSize")


def _indexes(splunkd: Splunkd, call: Call) -> Feed:
    """List, create, look at and delete indexes; deleting one deletes its events."""
    if call.method == "POST" and not call.path:
        name = call.required("name")
        only_arguments(call, _SETTINGS)
        if name in splunkd.indexes:
            raise RestError(409, f"An index with name={name} already exists")  # [unverified] text
        if not _NAME.fullmatch(name) or "kvstore" in name:
            raise RestError(400, f"Index name={name} is not valid.")  # [unverified] text
        if call.params.get("datatype", "event") != "event":
            raise RestError(501, "The stand-in has indexes of events only.")
        splunkd.indexes.add(name)
        return Feed(_INDEXES, "search", [_index(splunkd, name)], 201)
    if not call.path:
        return page([_index(splunkd, name) for name in splunkd.indexes], call, _INDEXES, "search")
    name = call.path[0]
    if name not in splunkd.indexes or len(call.path) > 1:
        raise RestError(404, f"Could not find object id={name}")
    if call.method == "DELETE":
        if not splunkd.indexes.remove(name):
            raise RestError(400, f"Index name={name} is built in and cannot be deleted.")  # [unverified] text
        splunkd.events.drop(name)
        return Feed(_INDEXES, "search", [])
    if call.method != "GET":
        raise RestError(501, "The stand-in's indexes have nothing to change.")
    return Feed(_INDEXES, "search", [_index(splunkd, name)])


def _index(splunkd: Splunkd, name: str) -> Entry:
    content = {
        "disabled": "0", "datatype": "event", "isInternal": "1" if name.startswith("_") else "0",
        "totalEventCount": str(splunkd.events.count(name)),
    }  # fmt: skip
    return Entry(name, _INDEXES, content)


def _files(splunkd: Splunkd, call: Call) -> Feed:
    """Lookup files of the app; they come from the package or by outputlookup, and local ones can be deleted."""
    names = splunkd.tables.files() if splunkd.sees(call.namespace.app, "lookups") else []
    if call.method == "POST":
        raise RestError(501, "The stand-in takes lookup files by outputlookup, not from a staging folder.")
    if not call.path:
        return page([_file(splunkd, name) for name in names], call, _FILES, splunkd.app)
    name = call.path[0]
    if name not in names or len(call.path) > 1:
        raise RestError(404, f"Could not find object id={name}")
    if call.method == "DELETE":
        check_write(splunkd, call, "lookups", name)
        if not splunkd.tables.remove(name):
            raise RestError(400, f"{name} is part of the app and cannot be deleted.")  # [unverified] text
        return Feed(_FILES, splunkd.app, [])
    return Feed(_FILES, splunkd.app, [_file(splunkd, name)])


def _file(splunkd: Splunkd, name: str) -> Entry:
    return Entry(name, _FILES, {"eai:appName": splunkd.app, "eai:userName": "nobody"})


ENDPOINTS: Endpoints = {_INDEXES: (_indexes, True), _FILES: (_files, True)}
