"""A bar on stderr while files are read, where stderr is a terminal; it leaves nothing behind."""

import sys
from contextlib import contextmanager
from typing import Callable, Iterator, Protocol, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Read(Protocol):
    """Something that is read: bytes in all (it may turn out larger while being read), bytes read so far."""

    size: int

    @property
    def done(self) -> int:
        """Bytes read so far, by all readings."""


@contextmanager
def progress(reads: Sequence[Read], times: int) -> Iterator[Callable[[], None]]:
    """A function to call now and then while each of `reads` is read `times` times."""
    columns = (SpinnerColumn(), TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)

        def show() -> None:
            total, done = sum(each.size for each in reads), sum(each.done for each in reads)
            bar.update(task, total=times * total, completed=done)

        yield show
