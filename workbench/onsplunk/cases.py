"""Conformance cases, of searching and of extraction, asked of a Splunk."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from workbench.conf.files import parse
from workbench.onsplunk.rows import as_event, fits_a_table, literal_search, names_of, settings_of
from workbench.onsplunk.target import ALL_TIME, NotRun, Refused, Row, Target
from workbench.oracle import Case, recorded
from workbench.spl.verdicts import compare, difference

Verdict = Tuple[str, str]

_KNOWN = ("macros", "eventtypes", "tags", "props", "transforms", "lookups", "tz", "now")
# What is no setting of a lookup's stanza in a case.
_TABLE = ("rows", "fields", "filename")
# Searches that are not tried on somebody's Splunk.
_NEVER = (
    (re.compile(r"\|\s*collect\b"), "it writes into an index of the site"),
    (re.compile(r"\bkey_field="), "it needs its lookup to be a collection"),
)
_PIPE = re.compile(r"(\s|```.*?```)*\|", re.DOTALL)


def ask(case: Case, target: Target, index: str, zone: str) -> Verdict:
    """`right`, `refused`, `wrong` or `not run`, and what was found; what the case needed is gone afterwards."""
    expected_error = case.get("expected_error")
    try:
        with target.scope():
            if "spl" not in case:
                return _extraction(case, target, index)
            rows = _search(case, target, index, zone)
    except NotRun as error:
        return "not run", str(error)
    except Refused as error:
        return "right" if expected_error is not None else "refused", str(error)
    if expected_error is not None:
        return "wrong", f"expected the error '{expected_error}', found {len(rows)} rows"
    found = compare(_comparable(case), rows)
    return ("right", "") if found is None else ("wrong", found)


def _search(case: Case, target: Target, index: str, zone: str) -> List[Row]:
    env: Mapping[str, Any] = case.get("env") or {}
    unknown = next((name for name in env if name not in _KNOWN), None)
    if unknown is not None:
        raise NotRun(f"its environment has '{unknown}', which is not made on a Splunk")
    if env.get("tz", zone) != zone:
        raise NotRun(f"it needs a user in the time zone {env['tz']}, not {zone}")
    reason = next((text for pattern, text in _NEVER if pattern.search(case["spl"])), None)
    if reason is not None:
        raise NotRun(reason)
    options = {"now": str(env["now"])} if "now" in env else {}
    for name, stanza in (env.get("lookups") or {}).items():
        _lookup(target, name, stanza)
    for conf in ("macros", "eventtypes", "tags", "props", "transforms"):
        for stanza, settings in (env.get(conf) or {}).items():
            target.own(conf, stanza, settings_of(settings))
    rows = case.get("input_rows")
    if _of_events(case):
        return target.search(_joined(_indexed(target, index, rows or []), case["spl"]), **{**ALL_TIME, **options})
    if rows is None:
        return target.search(case["spl"], **options)
    return target.search(_joined(_given(target, rows), case["spl"]), **options)


def _of_events(case: Case) -> bool:
    """Whether the rows must be events of an index: only these go through props, event types and tags."""
    env = case.get("env") or {}
    return bool(case.get("needs_index") or any(env.get(conf) for conf in ("props", "transforms", "tags")))


def _joined(head: str, spl: str) -> str:
    return head + (" " if _PIPE.match(spl) else " | ") + spl.lstrip()


def _given(target: Target, rows: Sequence[Mapping[str, Any]]) -> str:
    """The search that gives the rows: out of a lookup file where one can hold them."""
    if not fits_a_table(rows):
        return literal_search(rows)
    filename = f"{target.unique()}.csv"
    quoted = " ".join(f'"{name}"' for name in names_of(rows))
    target.table(filename, f"{literal_search(rows)} | table {quoted}")
    return f"| inputlookup {filename}"


def _lookup(target: Target, name: str, stanza: Mapping[str, Any]) -> None:
    rows = stanza.get("rows") or []
    names = stanza.get("fields") or names_of(rows)
    if not rows or not names:
        raise NotRun(f"its lookup {name} has no rows, and an empty file cannot be written")
    filename = str(stanza.get("filename") or f"{name}.csv")
    target.table(filename, f"{literal_search(rows)} | table " + " ".join(f'"{field}"' for field in names))
    rules = {key: value for key, value in stanza.items() if key not in _TABLE}
    target.own("transforms", name, {"filename": filename, **settings_of(rules)})


def _indexed(target: Target, index: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Index the rows as events; the search that finds them."""
    host = target.unique()
    for row in rows:
        if "\n" in as_event(row):
            raise NotRun("an event of several lines depends on settings at index time")
        meta = {name: str(row[name]) for name in ("source", "sourcetype") if row.get(name)}
        target.event(index, as_event(row), **{"sourcetype": target.name, **meta, "host": host})
    target.await_events(f"index={index} host={host}", len(rows))
    return f"index={index} host={host}"


def _comparable(case: Case) -> Case:
    """The case as far as REST shows it: internal fields but for two stay inside; events of one moment have no order."""
    rows = [
        {name: value for name, value in row.items() if name[0] != "_" or name in ("_time", "_raw")}
        for row in case.get("expected_rows") or []
    ]
    return {**case, "expected_rows": rows, "ordered": case.get("ordered", True) and not _of_events(case)}


def _extraction(case: Case, target: Target, index: str) -> Verdict:
    """Fields that the events have under the case's settings, made for a source type of its own."""
    if case.get("phase") != "search-time":
        raise NotRun(f"{case.get('phase')} settings cannot be private, and a restart may be needed")
    events = case["expected_events"]
    if any("\n" in event["_raw"] for event in events):
        raise NotRun("an event of several lines depends on settings at index time")
    sourcetype = target.unique()
    props = parse(f"[{sourcetype}]\n{case['props']}", str(case["id"]))
    for extra in case.get("extraProps") or []:
        props.update(parse(f"[{extra['stanza']}]\n{extra['body']}", str(case["id"])))
    for stanza, settings in parse(case.get("transforms") or "", str(case["id"])).items():
        target.own("transforms", stanza, settings)
    for stanza, settings in props.items():
        target.own("props", stanza, settings)
    meta = {"source": case.get("ingestSource") or target.name, "host": case.get("ingestHost") or target.name}
    for event in events:
        target.event(index, event["_raw"], sourcetype=sourcetype, **meta)
    search = f"index={index} sourcetype={sourcetype}"
    target.await_events(search, len(events))
    found: Dict[str, Row] = {str(row["_raw"]): row for row in target.search(f"{search} | fields *", **ALL_TIME)}
    for place, event in enumerate(events, 1):
        row = {name: value for name, value in found.get(event["_raw"], {}).items() if recorded(name)}
        wrong = difference({**dict.fromkeys(row), **event["fields"]}, row, "text")
        if wrong is not None:
            return "wrong", f"event {place}, {wrong}"
    return "right", ""
