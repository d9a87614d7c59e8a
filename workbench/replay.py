"""Read investigators' exports and rank the mailbox delegations in them, by the app's own macro."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from workbench.errors import BadInput
from workbench.exports import Export, Exported, read, read_columns
from workbench.report.page import write_page
from workbench.report.progress import progress
from workbench.report.ranking import LEVELS, Filters, finding, many, ranked, score
from workbench.report.reading import FileRead, Reading, Row, moment
from workbench.report.terminal import Terminal, show_findings, show_reading
from workbench.splunkd import Splunkd

HELP = "rank the delegations in audit-log exports, worst first"

APP = Path(__file__).resolve().parent.parent
LEARN = ("| `delegation_watch_learn`", "| `delegation_watch_learn_accounts`")
MACRO = "| `delegation_watch_replay`"
BATCH = 10_000  # records given to a macro at a time: memory against the start of its processes
ALL_READ, SOME_UNREADABLE = 0, 3

# What a person may add: the option, the app's lookup and the columns the file must have.
TABLES: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    ("directory", "delegation_watch_directory", ("identity",)),
    ("vip", "delegation_watch_vip", ("identity",)),
    ("approved", "delegation_watch_approvals", ("mailbox", "grantee", "right", "owner", "expires")),
)

Search = Callable[[str, List[Row]], List[Row]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of design 3.1."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an export: CSV, JSON, JSON lines, zip")
    parser.add_argument("--json", action="store_true", help="grant rows, one JSON object a line, and nothing else")
    parser.add_argument("--from", dest="earliest", metavar="TIME", help="only from this time (ISO, UTC)")
    parser.add_argument(
        "--to", dest="latest", metavar="TIME", help="only up to this time; a date includes that day"
    )
    parser.add_argument("--mailbox", default="", metavar="TEXT", help="only mailboxes whose name holds this")
    parser.add_argument("--identity", default="", metavar="TEXT", help="only grantees or actors that hold this")
    parser.add_argument("--min-level", default=LEVELS[0], choices=LEVELS, help="only from this level on")
    parser.add_argument("--directory", type=Path, metavar="FILE", help="who is who: CSV with the column identity")
    parser.add_argument("--vip", type=Path, metavar="FILE", help="whose mail matters most: CSV, column identity")
    parser.add_argument(
        "--approved",
        type=Path,
        metavar="FILE",
        help="approvals: CSV, columns mailbox,grantee,right,owner,expires",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write the report as one HTML file as well"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code: 0 everything was read, 3 some records were not; BadInput (2) when a file cannot be used."""
    filters = Filters(
        _time("--from", args.earliest),
        _time("--to", args.latest),
        args.mailbox,
        args.identity,
        args.min_level,
    )
    tables = {lookup: read_columns(path, columns) for path, lookup, columns in _tables(args)}
    _check_report(args)
    exports = _exports(args.files)
    with _app(tables) as search, progress(exports, 2) as shown:
        reading = _judged(exports, search, shown)
    rows = ranked(reading.grants, filters)
    findings = [finding(row) for row in rows]
    if args.report:
        write_page(args.report, reading, findings, len(reading.grants), time.time())
    try:
        show_reading(reading, Terminal(sys.stderr if args.json else sys.stdout))
        if args.json:
            for row in rows:
                print(json.dumps(_for_json(row)))
        else:
            show_findings(findings, len(reading.grants), Terminal(sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SOME_UNREADABLE if reading.unreadable else ALL_READ


def _judged(exports: List[Export], search: Search, shown: Callable[[], None]) -> Reading:
    """Read the files twice: to count and to learn who is who, then to have the grants judged by what was learnt.

    Raises BadInput that names every file which cannot be used.
    """
    reading = Reading()
    bad: List[str] = []
    for batch in _batches(_records(exports, bad)):
        reading.records += len(batch)
        reading.unreadable += [(each.source, each.problem) for each in batch if each.problem]
        events = [_event(each) for each in batch if not each.problem]
        for event in events:
            reading.signs.look(event["_raw"])
        if events and not bad:
            for learn in LEARN:
                search(learn, events)
        shown()
    if bad:
        raise BadInput("\nerror: ".join(bad))
    reading.files = [FileRead(each.name, dict(each.formats), list(each.notes)) for each in exports]
    for batch in _batches(_records(exports, bad)):
        events = [_event(each) for each in batch if not each.problem]
        if events:
            reading.fold(search(MACRO, events), [event["source"] for event in events])
        shown()
    return reading


def _records(exports: List[Export], bad: List[str]) -> Iterator[Exported]:
    """The records of all files, one file after the other; why a file cannot be used goes to `bad`."""
    for export in exports:
        try:
            yield from export
        except BadInput as error:
            bad.append(str(error))


def _batches(records: Iterator[Exported]) -> Iterator[List[Exported]]:
    return iter(lambda: list(islice(records, BATCH)), [])


def _event(record: Exported) -> Row:
    return {"_raw": record.raw, "source": record.source}


@contextmanager
def _app(tables: Dict[str, List[Dict[str, str]]]) -> Iterator[Search]:
    """The app in a stand-in for splunkd with a home of its own, the person's tables in its lookups."""
    with tempfile.TemporaryDirectory(prefix="delegation_watch_") as home, Splunkd(APP, Path(home)) as splunkd:
        for lookup, rows in tables.items():
            splunkd.search(f"| outputlookup append=true {lookup}", rows=rows)
        yield lambda spl, rows: splunkd.search(spl, rows=rows).rows


def _exports(files: List[Path]) -> List[Export]:
    """The files, each once; files of one name are told apart by their paths."""
    paths = list(dict.fromkeys(files))
    times = Counter(path.name for path in paths)
    return [read(path, path.name if times[path.name] == 1 else str(path)) for path in paths]


def _tables(args: argparse.Namespace) -> Iterator[Tuple[Path, str, Tuple[str, ...]]]:
    for option, lookup, columns in TABLES:
        if getattr(args, option):
            yield getattr(args, option), lookup, columns


def _check_report(args: argparse.Namespace) -> None:
    """Refuse a report that could not be written, or would overwrite an export, before any work is done."""
    if not args.report:
        return
    if args.report.is_dir() or not args.report.parent.is_dir():
        raise BadInput(f"--report {args.report}: cannot be written; name a file in a folder that exists")
    if args.report.resolve() in [path.resolve() for path in args.files]:
        raise BadInput(f"--report {args.report}: is one of the exports; name another file")


def _time(option: str, given: Optional[str]) -> Optional[float]:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError as error:
        raise BadInput(f"{option} {given}: not a time; write 2024-02-05 or 2024-02-05T23:19:46Z") from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    if option == "--to" and len(given.strip()) == len("2024-02-05"):
        at += timedelta(days=1, microseconds=-1)
    return at.timestamp()


def _for_json(row: Row) -> Dict[str, Any]:
    """The row with its numbers as numbers and its factors as a list."""
    numbers = {"_time": moment(row), "delegation_score": score(row)}
    return {**row, **numbers, "delegation_factors": many(row.get("delegation_factors"))}
