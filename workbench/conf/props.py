"""Which props.conf settings apply to an event: source:: above host:: above sourcetype, patterns ranked."""

from __future__ import annotations

import re
from typing import Dict, List, Pattern, Tuple

from workbench.conf.files import Conf, Stanzas
from workbench.errors import BadInput

Settings = Dict[str, str]

# props.conf.spec: literal stanzas of source and host have priority 100, pattern stanzas 0, unless said.
_LITERAL, _PATTERN = 100, 0
_KINDS = ("source", "host")


def stanza_pattern(kind: str, text: str) -> Pattern[str]:
    """A stanza's pattern as a regex: `...` is anything, `*` anything but a slash; the rest is a regex.

    props.conf.spec: `.` is literal, `|` means or, brackets group, the whole value must match; the case of a
    host does not count. BadInput when the rest is no regex.
    """
    pieces = re.split(r"(\.\.\.|\*|\.)", text)
    table = {"...": ".*", "*": "[^/]*", ".": r"\."}
    try:
        return re.compile("".join(table.get(piece, piece) for piece in pieces), re.IGNORECASE if kind == "host" else 0)
    except re.error as error:
        raise BadInput(f"props.conf [{kind}::{text}]: no readable pattern: {error}") from error


class Props:
    """Finds the settings that hold for a host, source and sourcetype; answers are remembered."""

    def __init__(self, conf: Conf):
        self._stanzas: Stanzas = conf.stanzas("props")
        self._patterns: Dict[str, List[Tuple[int, str, Pattern[str]]]] = {
            kind: self._ranked(kind) for kind in _KINDS
        }
        self._known: Dict[Tuple[str, str, str], Settings] = {}

    def settings(self, host: str, source: str, sourcetype: str) -> Settings:
        """Settings in force; a source stanza wins over a host stanza, that one over the sourcetype's."""
        key = (host, source, sourcetype)
        if key not in self._known:
            found = dict(self._stanzas.get(sourcetype, {}))
            for kind, value in (("host", host), ("source", source)):
                for _, name, pattern in self._patterns[kind]:
                    if pattern.fullmatch(value):
                        found.update(self._stanzas[name])
            self._known[key] = found
        return self._known[key]

    def _ranked(self, kind: str) -> List[Tuple[int, str, Pattern[str]]]:
        """Stanzas of a kind, weakest first: by priority, then reverse ASCII order of the name."""
        found = []
        for name, settings in self._stanzas.items():
            head, mark, text = name.partition("::")
            if not mark or head != kind:
                continue
            literal = not re.search(r"[*|\[(]|\.\.\.", text)
            priority = int(settings.get("priority", _LITERAL if literal else _PATTERN))
            found.append((priority, name, stanza_pattern(kind, text)))
        found.sort(key=lambda item: item[1], reverse=True)
        found.sort(key=lambda item: item[0])
        return found
