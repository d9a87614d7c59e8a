"""The report on a terminal (in colour, wrapped to its width) or as plain text (never wrapped)."""

from collections import Counter
from io import TextIOWrapper
from typing import Dict, List, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from workbench.report.coverage import gaps
from workbench.report.ranking import LEVELS, Finding, clean, utc
from workbench.report.reading import FileRead, Reading

FILES_SHOWN = 15
OPERATIONS_SHOWN = 12
UNREADABLE_SHOWN = 10

LEVEL_STYLE = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "cyan",
    "informational": "dim",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command; rich itself would exit with code 1."""
        raise BrokenPipeError


class Terminal:
    """Writes to a stream; indents are in characters."""

    def __init__(self, stream: TextIO) -> None:
        if isinstance(stream, TextIOWrapper):  # a character that the terminal lacks is shown by its code
            stream.reconfigure(errors="backslashreplace")
        self._console = _Console(file=stream, highlight=False, emoji=False, markup=False)
        self._wraps = self._console.is_terminal

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """One line, wrapped with its indent on a terminal."""
        self.styled(Text(text, style=style), indent)

    def styled(self, text: Text, indent: int = 0) -> None:
        """One line that has styles of its own."""
        if self._wraps and text:
            self._console.print(Padding(text, (0, 0, 0, indent), expand=False))
        else:
            self._console.print(Text(" " * indent) + text, soft_wrap=True)


def show_reading(reading: Reading, terminal: Terminal) -> None:
    """What was read, and what it cannot show."""
    terminal.line("Read", "bold")
    for line in file_lines(reading.files):
        terminal.line(line, indent=2)
    terminal.line(totals(reading), indent=2)
    if reading.operations:
        terminal.line(f"operations: {operations(reading)}", indent=2)
    for source, problem in reading.unreadable[:UNREADABLE_SHOWN]:
        terminal.line(f"unreadable: {clean(source)}: {clean(problem)}", "red", indent=2)
    hidden = len(reading.unreadable) - UNREADABLE_SHOWN
    if hidden > 0:
        terminal.line(f"and {hidden} more that cannot be read", "red", indent=2)
    missing = gaps(reading.signs.seen)
    if missing:
        terminal.line()
        terminal.line("What this export cannot show", "bold")
    for text in missing:
        terminal.line(f"- {text}", indent=2)


def show_findings(findings: List[Finding], of: int, terminal: Terminal) -> None:
    """The ranked list; `of` is the number of grants before any filter."""
    terminal.line()
    terminal.line(heading(findings, of), "bold")
    for each in findings:
        terminal.line()
        _show(each, terminal)


def heading(findings: List[Finding], of: int) -> str:
    """How many grants follow, by level; `of` is their number before any filter."""
    if not of:
        return "No delegation in these records"
    levels = Counter(each.level for each in findings)
    counts = ", ".join(f"{levels[level]} {level}" for level in reversed(LEVELS) if levels[level])
    count = _counted(len(findings), "delegation")
    if len(findings) < of:
        count += f" of {of} (the rest is filtered out)"
    return f"{count}, worst first: {counts}" if counts else count


def file_lines(files: List[FileRead]) -> List[str]:
    """A line for each file, or for each format where there are many files."""
    if len(files) <= FILES_SHOWN:
        return [f"{clean(file.name)}: {_formats(file)}" for file in files]
    by_format: Dict[str, List[int]] = {}
    for file in files:
        for name, count in file.formats.items():
            by_format.setdefault(name, []).append(count)
    lines = [
        f"{_counted(len(counts), 'file')}: {name}, {_counted(sum(counts), 'record')}"
        for name, counts in by_format.items()
    ]
    return lines + [f"{clean(file.name)}: {', '.join(file.notes)}" for file in files if file.notes]


def totals(reading: Reading) -> str:
    """Records, duplicates, unreadable, span."""
    span = ""
    if reading.first is not None and reading.last is not None:
        span = f"; {utc(reading.first)} to {utc(reading.last)} (UTC)"
    return (
        f"{_counted(reading.records, 'record')}, {reading.duplicates} duplicates folded, "
        f"{len(reading.unreadable)} unreadable{span}"
    )


def operations(reading: Reading) -> str:
    """The operations that occur most, with their counts."""
    shown = [f"{clean(name)} {count}" for name, count in reading.operations.most_common(OPERATIONS_SHOWN)]
    rest = len(reading.operations) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _formats(file: FileRead) -> str:
    formats = "; ".join(f"{name}, {_counted(count, 'record')}" for name, count in file.formats.items())
    return ", ".join([formats, *file.notes]) if file.notes else formats


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _show(each: Finding, terminal: Terminal) -> None:
    head = Text.assemble(
        (f"{each.score:>3} {each.level:<13}", LEVEL_STYLE.get(each.level, "")),
        f" {each.time}  {each.parties}  ",
        (each.what, "bold"),
    )
    terminal.styled(head)
    terminal.line(each.act, indent=4)
    terminal.line(each.reason, indent=4)
    for factor in each.factors:
        terminal.line(f"{factor.points:>4}  {factor.name}: {factor.reason}", "dim", indent=4)
    terminal.line(f"evidence: {each.evidence}", "dim", indent=4)
