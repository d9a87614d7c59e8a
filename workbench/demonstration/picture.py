"""Draws a text that was written for a terminal as an SVG picture of one."""

import io
import os
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

COLUMNS = 136
# rich's own picture, less the font that it would have a reader's browser fetch.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


class Tape(io.StringIO):
    """A stream that passes for a terminal in colour, COLUMNS wide, and keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        os.environ.update(COLUMNS=str(COLUMNS), TERM="xterm-256color")
        os.environ.pop("NO_COLOR", None)

    def isatty(self) -> bool:
        """A terminal, as far as a writer can tell."""
        return True


def draw(written: str, title: str, path: Path) -> None:
    """Write the picture; the same text gives the same bytes."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(written), soft_wrap=True)
    path.write_text(console.export_svg(title=title, code_format=_FORMAT, unique_id="demo"), encoding="utf-8")
