"""The steps of a run on stderr: a spinner while one lasts, where a terminal is there, and a line when it is done."""

import sys
import time
from contextlib import contextmanager
from typing import Callable, Iterator, List

from rich.console import Console


class Steps:
    """Tells the steps one after another; each line bears the seconds that its step took."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[Callable[[str], None]]:
        """Show what is being done; the function that is given takes what was done, for the line at the end."""
        begun = time.monotonic()
        done: List[str] = []
        with self._console.status(doing):
            yield done.append
        self._console.print(f"{time.monotonic() - begun:5.1f} s  {done[-1] if done else doing}", soft_wrap=True)
