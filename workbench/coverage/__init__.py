"""What the app uses of SPL: where, which module of the engine implements it, and how many conformance cases it has.

Fails (exit code 1) and names what is not implemented or has no case of the project's own. Custom commands count by
the tests that name them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from workbench.conf import Conf
from workbench.coverage.conformance import counted
from workbench.coverage.reading import CUSTOM, Read, read_app
from workbench.coverage.uses import Use, implemented_in
from workbench.splunkd import Splunkd

HELP = "what the app uses of SPL, and whether each piece is implemented and tested"

ROOT = Path(__file__).resolve().parents[2]
OWN = ("tests/workbench/spl/cases", "tests/workbench/conf/cases")
SHARED = "../shared/oracle"


@dataclass(frozen=True)
class Line:
    """One use: where in the app, the module that implements it, cases of the project and of the shared oracle."""

    kind: str
    name: str
    places: List[str]
    module: Optional[str]
    own: int
    shared: int

    @property
    def problem(self) -> Optional[str]:
        """What is missing, None when nothing is."""
        if self.module is None:
            return "is not implemented"
        if not self.own:
            return "has no test that names it" if self.kind == CUSTOM else "has no conformance case of the project"
        return None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--json alone."""
    parser.add_argument("--json", action="store_true", help="one object: lines, refused, problems")


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 when something is missing."""
    read = read_root(ROOT)
    lines = list(lines_of(read, ROOT))
    problems = [f"{line.kind} {line.name} {line.problem} ({line.places[0]})" for line in lines if line.problem]
    if args.json:
        shown = {"lines": [asdict(line) for line in lines], "refused": read.refused, "problems": problems}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for row in table(lines):
            print(row)
        for text in read.refused:
            print(f"refused: {text}")
        for text in problems:
            print(f"missing: {text}")
        print(f"{len(lines)} used, {len(problems)} missing, {len(read.refused)} searches refused")
    return 1 if problems or read.refused else 0


def read_root(root: Path) -> Read:
    """What the app in a folder uses."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as home, Splunkd(root, Path(home)) as splunkd:
        return read_app(Conf(root, Path(home)), splunkd.environment())


def lines_of(read: Read, root: Path) -> Iterator[Line]:
    """The uses of an app, sorted, with the conformance cases of a project's folder."""
    own = counted(path for folder in OWN for path in sorted((root / folder).glob("*.jsonl")))
    shared = counted(sorted((root / SHARED).resolve().glob("*.jsonl")))
    tests = Counter(_named_in_tests(root, [use.name for use in read.places if use.kind == CUSTOM]))
    for use, places in sorted(read.places.items()):
        if use.kind == CUSTOM:
            yield Line(use.kind, use.name, places, _script(root, use), tests[use.name], 0)
        else:
            yield Line(use.kind, use.name, places, implemented_in(use), own[use], shared[use])


def _script(root: Path, use: Use) -> Optional[str]:
    name = (Conf(root).stanza("commands", use.name) or {}).get("filename", f"{use.name}.py")
    return f"bin/{name}" if (root / "bin" / name).is_file() else None


def _named_in_tests(root: Path, names: List[str]) -> Iterator[str]:
    """Each name once for each file of the tests that names it."""
    for path in (root / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        yield from (name for name in names if name in text)


def table(lines: List[Line]) -> Iterator[str]:
    """The lines as columns, in groups by their kind."""
    head = ("name", "own", "shared", "implemented in", "used in")
    rows = [(line.name, str(line.own), str(line.shared), line.module or "nowhere", _places(line)) for line in lines]
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    kind = ""
    for line, row in zip(lines, rows):
        if line.kind != kind:
            kind = line.kind
            yield f"\n{kind}s"
            yield "  " + _padded(head, widths)
        yield "  " + _padded(row, widths)
    yield ""


def _padded(cells: Tuple[str, ...], widths: List[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()


def _places(line: Line) -> str:
    more = len(line.places) - 1
    return line.places[0] + (f" and {more} more" if more else "")
