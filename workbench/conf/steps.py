"""What the steps of search-time extraction share: fields found, kept or discarded, and names cleaned."""

from __future__ import annotations

import re
from typing import Callable, Optional

from workbench.errors import BadInput
from workbench.spl.regex import compile_pattern
from workbench.spl.values import Row, many, text

Step = Callable[[Row], None]

# Fields that an event is indexed with. What becomes of them when a search-time extraction finds others, no page says.
_INDEXED = ("host", "source", "sourcetype", "index", "splunk_server", "linecount", "punct")


def clean(key: str) -> str:
    """A key as Splunk cleans it: other characters are underscores, none or digits in front (transforms.conf.spec)."""
    return re.sub(r"[^A-Za-z0-9_]", "_", key).lstrip("_0123456789")


def source_text(fields: Row, name: str, where: str) -> Optional[str]:
    """The text of the field that is read; None when it is missing."""
    value = fields.get(name)
    if isinstance(value, list):
        raise BadInput(f"{where}: reading {name}, which has several values, is not simulated")
    return None if value is None else text(value)


def add(fields: Row, name: str, value: str, several: bool, where: str) -> None:
    """Take a found value; beside one that is there it counts only where several are wanted (MV_ADD)."""
    if name in _INDEXED or name.startswith("_"):
        raise BadInput(f"{where}: a search-time {name} is not simulated")
    if name not in fields:
        fields[name] = value
    elif several:
        fields[name] = [*many(fields[name]), value]


def capturing(pattern: str, flags: str, where: str) -> re.Pattern[str]:
    """A pattern that extracts; `flags` go in front. BadInput when it has no group to capture with."""
    compiled = compile_pattern(flags + pattern)
    if not compiled.groups:
        raise BadInput(f"{where}: the regular expression has no capturing group: {pattern}")
    return compiled
