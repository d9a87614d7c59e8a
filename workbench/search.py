"""Run one search over events, as the inputs write them and through the app's props, or over plain rows.

Events are JSON lines of `collect`: time, host, source, sourcetype, index, data. Rows are JSON lines of any
fields; a search over them begins with a pipe. Nothing is kept: each call starts from nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from workbench.errors import BadInput
from workbench.spl import Result, Row, text
from workbench.splunkd import Splunkd

HELP = "run one search over events or rows in files"

APP = Path(__file__).resolve().parents[1]
_TEXTS = ("host", "source", "sourcetype", "index")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("spl", metavar="SPL", help="the search, in quotes")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--events", nargs="+", type=Path, default=[], metavar="FILE", help="JSON lines of collect")
    given.add_argument("--rows", type=Path, metavar="FILE", help="JSON lines of plain rows")
    parser.add_argument("--earliest", metavar="TIME", help="as in Splunk: -24h@h, an epoch, ISO 8601")
    parser.add_argument("--latest", metavar="TIME")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Search and print; BadInput for files that cannot be read, SearchError for what Splunk refuses."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as home, Splunkd(APP, Path(home)) as splunkd:
        splunkd.default_indexes = None
        for path in args.events:
            splunkd.index(_events(path))
        rows = None if args.rows is None else list(_rows(args.rows))
        result = splunkd.search(args.spl, args.earliest, args.latest, rows=rows)
    for message in result.messages:
        print(message, file=sys.stderr)
    for line in _as_json(result) if args.json else _as_table(result):
        print(line)
    return 0


def _objects(path: Path) -> Iterator[Any]:
    """(place, object) of each line; BadInput names the line that is none."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if not line.strip():
                    continue
                place = f"{path}:{number}"
                try:
                    found = json.loads(line)
                except ValueError as error:
                    raise BadInput(f"{place}: no JSON: {error}") from error
                if not isinstance(found, dict):
                    raise BadInput(f"{place}: one JSON object a line is needed")
                yield place, found
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text") from error


def _events(path: Path) -> Iterator[Dict[str, Any]]:
    for place, event in _objects(path):
        if not isinstance(event.get("data"), str):
            raise BadInput(f"{place}: an event needs its text in `data`, as collect writes it")
        stamp = event.get("time")
        if stamp is not None and (isinstance(stamp, bool) or not isinstance(stamp, (int, float))):
            raise BadInput(f"{place}: `time` must be epoch seconds")
        wrong = [name for name in _TEXTS if not isinstance(event.get(name, ""), str)]
        if wrong:
            raise BadInput(f"{place}: `{wrong[0]}` must be text")
        yield event


def _rows(path: Path) -> Iterator[Row]:
    for place, found in _objects(path):
        row = {name: _value(value, f"{place}: {name}") for name, value in found.items()}
        yield {name: value for name, value in row.items() if value is not None}


def _value(value: Any, where: str) -> Any:
    """A JSON value as a search has it; lists of one are their item, empty lists are null."""
    if isinstance(value, dict):
        raise BadInput(f"{where}: an object cannot be a field's value")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = [text(_value(item, where)) for item in value]
        return (items if len(items) > 1 else items[0]) if items else None
    return value


def _shown(value: Any) -> Any:
    """A value as Splunk's REST returns it: text, or a list of texts."""
    return [text(item) for item in value] if isinstance(value, list) else text(value)


def _as_json(result: Result) -> Iterator[str]:
    for row in result.rows:
        shown = {name: _shown(row[name]) for name in result.fields if row.get(name) is not None}
        yield json.dumps(shown, ensure_ascii=False)


def _as_table(result: Result) -> Iterator[str]:
    """Columns padded to their widest cell; a multivalue's values are parted by semicolons."""
    cells: List[List[str]] = [list(result.fields)]
    cells += [[_cell(row.get(name)) for name in result.fields] for row in result.rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(result.fields))]
    for line in cells if result.rows else []:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()


def _cell(value: Optional[Any]) -> str:
    shown = _shown(value)
    return ("; ".join(shown) if isinstance(shown, list) else str(shown)).replace("\n", " ")
