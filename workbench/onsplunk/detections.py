"""Each detection's own events, indexed into a Splunk: whether it finds those that it must and leaves the others.

The app's searches run as they are installed there, but over an index of the trial and over collections of the trial:
the user's private macros and lookup definitions lead them there. Nothing that the site collected is read or written.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

from splunklib.binding import HTTPError

from workbench.errors import BadInput
from workbench.onsplunk.connection import said
from workbench.onsplunk.target import ALL_TIME, NotRun, Refused, Target

Answer = Tuple[str, str, str]
Case = Tuple[str, str, List[Any]]

_PREFIX, _RULE = "Delegation Watch - ", " - Rule"
# Searches that turn records into grants, their uses and what stands, in this order, and which of them write rows into
# the summary; the macros that say where records and grants are.
_COLLECTING = {
    f"{_PREFIX}Keep directory": False,
    f"{_PREFIX}Learn identities": False,
    f"{_PREFIX}Learn accounts": False,
    f"{_PREFIX}Collect grants": True,
    f"{_PREFIX}Collect uses": True,
    f"{_PREFIX}Keep state from events": False,
}
_RECORDS, _SUMMARY, _GRANTS = "delegation_watch_index", "delegation_watch_summary_index", "delegation_watch_grants"
_SOURCE = "delegation_watch:grant"
# By what a record has; all others are of Office 365.
_SOURCETYPES = {"event": "gws:reports:admin", "delegation_watch_directory": "delegation:directory"}
# What a lookup definition over a collection keeps when it is led to another collection.
_RULES = ("external_type", "fields_list", "max_matches", "min_matches", "case_sensitive_match", "match_type")


def ask_folder(folder: Path, target: Target) -> Iterator[Answer]:
    """(case, verdict, detail) of each case of a folder in tests/cases.

    Those that consist of more than audit records (rows, lookups, state) would need the site's lookups filled.
    """
    cases = []
    for kind, name, parts in cases_of(folder):
        if list(parts) == ["records"] and any(map(_windows, parts["records"])):
            yield f"{folder.name}: {name}", "not run", "its Windows events are told by their source, not by the case"
        elif list(parts) == ["records"]:
            cases.append((kind, name, parts["records"]))
        else:
            yield f"{folder.name}: {name}", "not run", f"it consists of {', '.join(parts)}, not of audit records alone"
    try:
        with target.scope():
            seen = _seen(folder.name, cases, target) if cases else set()
    except (NotRun, Refused) as error:
        verdict = "not run" if isinstance(error, NotRun) else "refused"
        yield from ((f"{folder.name}: {name}", verdict, str(error)) for _, name, _ in cases)
        return
    for kind, name, _ in cases:
        right = (name in seen) == (kind == "fires")
        detail = "" if right else "does not fire" if kind == "fires" else "fires"
        yield f"{folder.name}: {name}", "right" if right else "wrong", detail


def cases_of(folder: Path) -> Iterator[Tuple[str, str, Dict[str, Any]]]:
    """(`fires` or `quiet`, name, what it consists of) of each case; BadInput for a folder that holds none."""
    for kind in ("fires", "quiet"):
        path = folder / f"{kind}.jsonl"
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                case = json.loads(line)
                yield kind, str(case.pop("case")), case
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise BadInput(f"{path} holds no cases of a detection: {error}") from error


def _seen(folder: str, cases: List[Case], target: Target) -> Set[str]:
    """The cases that the folder's search finds; where it is no detection, those that give grants."""
    saved = {name: str(entry["search"]) for name, entry in _entries(target, "saved/searches").items()}
    names = [name for name in saved if _folder_of(name) == folder]
    missing = next((name for name in _COLLECTING if name not in saved), None)
    if missing or not names:
        raise NotRun(f"the app there has no search {missing or f'for {folder}'}; it may be of another version")
    index = target.index()
    _lead(target, index)
    number = 0
    for _, name, records in cases:
        for record in records:
            target.event(index, _text(record), source=name, sourcetype=_sourcetype(record), host=target.name)
            number += 1
    target.await_events(f"index={index} host={target.name}", number)
    collected = 0
    for search, writes in _COLLECTING.items():
        rows = target.search(saved[search], **ALL_TIME)
        if writes:
            collected += len(rows)
            target.await_events(f'index={index} source="{_SOURCE}"', collected)
    found = target.search(saved[names[0]] if names[0].endswith(_RULE) else f"`{_GRANTS}`", **ALL_TIME)
    return {name for row in found for name in _many(row.get("evidence"))}


def _lead(target: Target, index: str) -> None:
    """Lead the app's macros and KV store lookups to the trial's index and collections."""
    target.own("macros", _RECORDS, {"definition": f"index={index}", "iseval": "0"})
    target.own("macros", _SUMMARY, {"definition": index, "iseval": "0"})
    collections = _entries(target, "storage/collections/config")
    for name, entry in _entries(target, "configs/conf-transforms").items():
        if entry.get("external_type") != "kvstore" or entry.get("collection") not in collections:
            continue
        settings = {
            key: str(value)
            for key, value in collections[entry["collection"]].items()
            if key.startswith("field.") or key in ("enforceTypes", "replicate")
        }
        own = {key: str(entry[key]) for key in _RULES if entry.get(key) is not None}
        target.own("transforms", name, {**own, "collection": target.collection(settings)})


def _entries(target: Target, path: str) -> Dict[str, Dict[str, Any]]:
    """Content of the app's own entities at an address, by name."""
    try:
        feed = json.loads(target.service.get(path, output_mode="json", count=0).body.read())
    except HTTPError as error:
        raise Refused(said(error)) from error
    app = target.service.namespace.app
    return {one["name"]: one["content"] for one in feed["entry"] if one["acl"]["app"] == app}


def _folder_of(search: str) -> str:
    """The folder of a search's cases: what it is called, in small letters with underscores."""
    what = search[len(_PREFIX) :] if search.startswith(_PREFIX) else search
    what = what[: -len(_RULE)] if what.endswith(_RULE) else what
    return re.sub(r"[^a-z0-9]+", "_", what.lower())


def _text(record: Any) -> str:
    return record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)


def _windows(record: Any) -> bool:
    return isinstance(record, str) and record.lstrip().startswith("<Event")


def _sourcetype(record: Any) -> str:
    kinds = (kind for mark, kind in _SOURCETYPES.items() if isinstance(record, dict) and mark in record)
    return next(kinds, "o365:management:activity")


def _many(value: Any) -> List[str]:
    return value if isinstance(value, list) else [] if value is None else [str(value)]
