"""The project's expectations, asked of a Splunk over splunk-sdk: conformance cases and each detection's own events.

All that is needed for it is made for the trial, under names of its own or as private objects of the user who signs
in, and taken away at the end. The token or the password comes from SPLUNK_TOKEN or SPLUNK_PASSWORD, never from a
command line.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Tuple

from rich.console import Console
from rich.progress import track

from workbench.conf import Conf
from workbench.errors import BadInput
from workbench.onsplunk.cases import ask
from workbench.onsplunk.connection import Access, connect, entry_of
from workbench.onsplunk.detections import ask_folder
from workbench.onsplunk.target import Target
from workbench.oracle import read_cases

HELP = "the same expectations against a real Splunk with the app, over splunk-sdk"

ROOT = Path(__file__).resolve().parents[2]
_CASES = ("tests/workbench/spl/cases", "tests/workbench/conf/cases", "../shared/oracle")
_DETECTIONS = "tests/cases"
_VERDICTS = ("right", "refused", "wrong", "not run")

Answer = Tuple[str, str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the Splunk is, and what to ask; variables of the environment give the defaults."""
    given = os.environ.get
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="cases; none: all, and the detections")
    parser.add_argument("--url", default=given("SPLUNK_URL", ""), help="SPLUNK_URL: https://<host>:8089")
    parser.add_argument("--user", default=given("SPLUNK_USER", ""), help="SPLUNK_USER, with SPLUNK_PASSWORD")
    parser.add_argument("--ca", default=given("SPLUNK_CA", ""), metavar="FILE", help="SPLUNK_CA: who signed for it")
    parser.add_argument("--index", default=given("SPLUNK_INDEX", ""), help="SPLUNK_INDEX: an empty index to use")
    parser.add_argument("--detections", nargs="+", default=[], metavar="NAME", help="these folders of tests/cases")
    parser.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="for events to become searchable")
    parser.add_argument("--json", action="store_true", help="one object a case: id, verdict, detail")


def run(args: argparse.Namespace) -> int:
    """Ask everything; 0 when nothing is wrong or refused and nothing stays behind, 1 otherwise."""
    things = _things(args.files, args.detections)
    access = Access(
        args.url, os.environ.get("SPLUNK_TOKEN", ""), args.user, os.environ.get("SPLUNK_PASSWORD", ""),
        Path(args.ca) if args.ca else None,
    )  # fmt: skip
    service = connect(access, _app())
    counts = dict.fromkeys(_VERDICTS, 0)
    target = Target(service, args.wait)
    with _ending() as asked, target:
        for name, verdict, detail in _asked(things, target, args.index):
            if asked:
                raise KeyboardInterrupt
            counts[verdict] += 1
            if args.json:
                print(json.dumps({"id": name, "verdict": verdict, "detail": detail}, ensure_ascii=False))
            elif verdict != "right":
                print(f"{verdict:8}{name}: {detail}")
    for what in target.left:
        print(f"left behind: {what}", file=sys.stderr)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in _VERDICTS))
    return 1 if counts["wrong"] or counts["refused"] or target.left else 0


def _things(files: List[Path], detections: List[str]) -> List[Any]:
    """The cases of the files and the folders of detections; everything where none is named."""
    folders = [ROOT / _DETECTIONS / name for name in detections]
    missing = next((folder for folder in folders if not folder.is_dir()), None)
    if missing is not None:
        raise BadInput(f"{_DETECTIONS} has no folder {missing.name}")
    if not files and not folders:
        files = [path for folder in _CASES for path in sorted((ROOT / folder).resolve().glob("*.jsonl"))]
        folders = sorted(path for path in (ROOT / _DETECTIONS).iterdir() if path.is_dir())
    return [*(case for path in files for case in read_cases(path)), *folders]


def _asked(things: List[Any], target: Target, given_index: str) -> Iterator[Answer]:
    zone = _zone(target)
    index = ""
    screen = Console(stderr=True)
    for thing in track(things, "asking", console=screen, transient=True, disable=not screen.is_terminal):
        if isinstance(thing, Path):
            yield from ask_folder(thing, target)
            continue
        if not index:
            index = target.given_index(given_index) if given_index else target.index()
        yield (str(thing["id"]), *ask(thing, target, index, zone))


def _zone(target: Target) -> str:
    """The time zone of the user's searches: of their preferences, or by the offsets that the server's own has."""
    chosen = entry_of(target.service, "/services/authentication/current-context").get("tz")
    if chosen:
        return str(chosen)
    offsets = target.search('| makeresults | eval offset=strftime(0, "%z")."/".strftime(15552000, "%z")')
    return "UTC" if offsets[0]["offset"] == "+0000/+0000" else f"of the server ({offsets[0]['offset']})"


def _app() -> str:
    """The app's id."""
    return (Conf(ROOT).stanza("app", "package") or {})["id"]


@contextmanager
def _ending() -> Iterator[List[int]]:
    """The signals that asked for an end: Ctrl-C or SIGTERM.

    The first is for the block to heed between two cases: amidst a call to the Splunk nobody can tell what that has made
    already, and so it would stay behind. The second ends all at once.
    """
    asked: List[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        if len(asked) > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
