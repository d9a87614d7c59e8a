"""Send searches that nobody would write through the search engine: none may make it hang or die.

A finding is told with its number; `--seed S --case N` runs that one again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Iterator, List

from workbench.conf import Conf
from workbench.errors import BadInput
from workbench.fuzzing import Finding, SearchMaker, Trials, try_case

HELP = "send odd searches through the search engine"

APP = Path(__file__).resolve().parents[1]
CASES = APP / "tests" / "workbench" / "spl" / "cases"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="conformance cases to start from")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=0, help="other searches for another seed (0)")
    parser.add_argument("--case", type=int, metavar="N", help="only the case with this number")


def run(args: argparse.Namespace) -> int:
    """Print each finding, and how many searches were tried; 1 when there was a finding."""
    if args.minutes <= 0:
        raise BadInput("--minutes must be more than 0")
    maker = SearchMaker(known_searches(args.files), args.seed)
    if args.case is not None:
        print(maker.make(args.case))
        found = try_case(maker, args.case)
        print("nothing found" if found is None else found.what)
        return 0 if found is None else 1
    trials = Trials(maker)
    findings = 0
    for finding in trials.until(time.monotonic() + args.minutes * 60):
        findings += 1
        print(_told(finding, args.seed), flush=True)
    print(f"{trials.tried} searches tried, {findings} findings")
    return 1 if findings else 0


def known_searches(files: List[Path]) -> List[str]:
    """Searches to start from: the app's own, the project's conformance cases, and those of the files."""
    conf = Conf(APP)
    searches = [stanza["search"] for stanza in conf.stanzas("savedsearches").values() if "search" in stanza]
    searches += ["| " + stanza["definition"] for stanza in conf.stanzas("macros").values() if "definition" in stanza]
    for path in [*sorted(CASES.glob("*.jsonl")), *files]:
        searches += list(_cases(path))
    return searches


def _cases(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        cases = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot read cases from {path}: {error}") from error
    return (case["spl"] for case in cases if isinstance(case, dict) and isinstance(case.get("spl"), str))


def _told(finding: Finding, seed: int) -> str:
    return f"--seed {seed} --case {finding.number}: {finding.text[:300]!r}\n{finding.what.rstrip()}\n"
