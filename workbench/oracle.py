"""Runs conformance cases (JSON lines) through the search engine and says which came out right.

A case of searching: `id, spl, input_rows, expected_rows` or `expected_error`, `ordered`, and where needed
`env` (tz, lookups, macros, eventtypes, tags, props, transforms), `cmp` (text, json), `needs_index`.
A case of extraction: `id, phase, props, transforms, extraProps, expected_events`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.conf import Conf
from workbench.conf.fields import Fields
from workbench.conf.files import render
from workbench.errors import BadInput
from workbench.spl import Row, SearchError, search
from workbench.spl.cases import CaseEnvironment
from workbench.spl.verdicts import compare, difference, shown

HELP = "run conformance cases through the search engine"
Verdict = Tuple[str, str]
Case = Dict[str, Any]
_VERDICTS = ("right", "refused", "wrong")
_NONE = type(None)
# Kinds of what a case of searching and one of extraction must and may have.
_SHAPES: Dict[str, Dict[str, Tuple[type, ...]]] = {
    "spl": {
        "spl": (str,), "input_rows": (list, _NONE), "expected_rows": (list, _NONE), "expected_error": (str, _NONE),
        "env": (dict, _NONE), "cmp": (str, _NONE),
    },
    "phase": {"phase": (str,), "props": (str,), "transforms": (str, _NONE), "expected_events": (list,),
              "extraProps": (list, _NONE)},
}  # fmt: skip
_COMPARISONS = ("", "text", "json")
# What the capture did not record (excluded_fields of the cases).
_UNRECORDED = ("host", "source", "sourcetype", "index", "splunk_server", "punct", "linecount", "timestartpos",
               "timeendpos", "timestamp", "tag", "eventtype")  # fmt: skip
_SOURCETYPE = "case"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and --json."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="cases, one JSON object a line")
    parser.add_argument("--json", action="store_true", help="one object a case: id, verdict, detail")


def run(args: argparse.Namespace) -> int:
    """Run every case; 0 when none is wrong, 1 otherwise."""
    cases = [case for name in args.files for case in read_cases(Path(name))]
    counts = dict.fromkeys(_VERDICTS, 0)
    for case in cases:
        verdict, detail = judge(case)
        counts[verdict] += 1
        if args.json:
            print(json.dumps({"id": case["id"], "verdict": verdict, "detail": detail}, ensure_ascii=False))
        elif verdict != "right":
            print(f"{verdict:8}{case['id']}: {detail}")
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in _VERDICTS))
    return 1 if counts["wrong"] else 0


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file; BadInput names the line that is none."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}. Give a file of JSON lines in UTF-8.") from error
    for place, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {place}, is no JSON: {error}. Mend or remove the line.") from error
        problem = _problem(case)
        if problem:
            raise BadInput(f"{path}, line {place}, is no case: {problem}.")
        yield case


def _problem(case: Any) -> str:
    """What keeps a line from being a case, empty when nothing does."""
    if not isinstance(case, dict) or "id" not in case or not ("spl" in case or "phase" in case):
        return "it must be an object with 'id' and 'spl' or 'phase'"
    for name, kinds in _SHAPES["spl" if "spl" in case else "phase"].items():
        if not isinstance(case.get(name), kinds):
            return f"its '{name}' is missing or of the wrong kind"
    rows = [*(case.get("input_rows") or []), *(case.get("expected_rows") or [])]
    if not all(isinstance(row, dict) for row in rows):
        return "its rows must be objects"
    events = case.get("expected_events") or []
    if not all(isinstance(one, dict) and {"_raw", "_time", "fields"} <= set(one) for one in events):
        return "its events need '_raw', '_time' and 'fields'"
    return ""


def judge(case: Case) -> Verdict:
    """`right`, `refused` or `wrong`, and what was found."""
    expected_error = case.get("expected_error")
    try:
        if "spl" not in case:
            return _extraction(case)
        rows = _search(case)
    except (SearchError, BadInput) as error:
        return "right" if expected_error is not None else "refused", str(error)
    if expected_error is not None:
        return "wrong", f"expected the error '{expected_error}', found {shown(rows)}"
    found = compare(case, rows)
    return ("right", "") if found is None else ("wrong", found)


def _search(case: Case) -> List[Row]:
    if (case.get("cmp") or "") not in _COMPARISONS:
        raise SearchError(f"The comparison '{case['cmp']}' of a case is not implemented.")
    given = case.get("env") or {}
    env = CaseEnvironment(given, _zone(given.get("tz", "UTC")))
    rows = case.get("input_rows")
    if not (case.get("needs_index") or env.of_events):
        return search(case["spl"], env, rows).rows
    with tempfile.TemporaryDirectory() as folder:
        write = {name: render(env.stanzas(name)) for name in ("props", "transforms")}
        fields = _fields(Path(folder), write, env)
        events = env.indexed([fields.renamed(row) for row in rows or []], fields.extract)
        return search(case["spl"], env, events).rows


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SearchError(f"The time zone '{name}' is not known here.") from error


def _fields(folder: Path, files: Dict[str, str], env: CaseEnvironment) -> Fields:
    (folder / "default").mkdir()
    for name, content in files.items():
        (folder / "default" / f"{name}.conf").write_text(content, encoding="utf-8")
    return Fields(Conf(folder), env)


def _extraction(case: Case) -> Verdict:
    """A case of search-time extraction: every recorded event has these fields and no others."""
    if case.get("phase") != "search-time":
        return "refused", f"{case.get('phase')} processing is not simulated"
    props = f"[{_SOURCETYPE}]\n{case['props']}\n"
    for extra in case.get("extraProps") or []:
        props += f"[{extra['stanza']}]\n{extra['body']}\n"
    env = CaseEnvironment({}, _zone("UTC"))
    with tempfile.TemporaryDirectory() as folder:
        extract = _fields(Path(folder), {"props": props, "transforms": case.get("transforms") or ""}, env).extract
        for place, event in enumerate(case["expected_events"], 1):
            row = {
                "_raw": event["_raw"], "_time": event["_time"], "sourcetype": _SOURCETYPE,
                "source": case.get("ingestSource", ""), "host": case.get("ingestHost", ""),
            }  # fmt: skip
            found = {name: value for name, value in extract(row).items() if recorded(name)}
            wrong = difference({**dict.fromkeys(found), **event["fields"]}, found, "text")
            if wrong is not None:
                return "wrong", f"event {place}, {wrong}"
    return "right", ""


def recorded(name: str) -> bool:
    """Whether the captures tell of a field; of those that every event has they do not."""
    return name not in _UNRECORDED and not name.startswith(("_", "date_"))
