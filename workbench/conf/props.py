"""Which props.conf settings apply to an event: source:: above host:: above sourcetype, patterns ranked."""

from __future__ import annotations

import re
from typing import Dict, List, Pattern, Tuple

from workbench.conf.files import DEFAULT, Conf, Stanzas
from workbench.errors import BadInput

Settings = Dict[str, str]

# props.conf.spec: literal stanzas of source and host have priority 100, pattern stanzas 0, unless said.
_LITERAL, _PATTERN = 100, 0
_KINDS = ("source", "host")
_CASE_COUNTS = "(?-i)"
# A trick that makes a source type's stanza a pattern; no document says how it ranks.
_SOURCETYPE_PATTERN = "(?::"


def stanza_pattern(kind: str, text: str) -> Pattern[str]:
    """A stanza's pattern as a regex: `...` is anything, `*` anything but a slash; the rest is a regex.

    props.conf.spec: `.` is literal, `|` means or, brackets group, the whole value must match; the case of a
    host does not count unless the pattern begins with `(?-i)`. BadInput when the rest is no regex.
    """
    pieces = re.split(r"(\.\.\.|\*|\.)", text)
    table = {"...": ".*", "*": "[^/]*", ".": r"\."}
    written = "".join(table.get(piece, piece) for piece in pieces)
    exact = written.startswith(_CASE_COUNTS)
    flags = re.IGNORECASE if kind == "host" and not exact else 0
    try:
        return re.compile(written[len(_CASE_COUNTS) :] if exact else written, flags)
    except re.error as error:
        raise BadInput(f"props.conf [{kind}::{text}]: no readable pattern: {error}") from error


class Props:
    """Finds the settings that hold for a host, source and sourcetype; answers are remembered."""

    def __init__(self, conf: Conf):
        self._stanzas: Stanzas = conf.layered("props")
        tricky = next((name for name in self._stanzas if name.startswith(_SOURCETYPE_PATTERN)), None)
        if tricky is not None:
            raise BadInput(f"props.conf [{tricky}]: patterns of source types are not simulated")
        self._patterns: Dict[str, List[Tuple[int, str, Pattern[str]]]] = {
            kind: self._ranked(kind) for kind in _KINDS
        }
        self._known: Dict[Tuple[str, str, str], Settings] = {}

    def settings(self, host: str, source: str, sourcetype: str) -> Settings:
        """Settings in force: source stanzas win over host stanzas, those over the sourcetype's, that over default."""
        key = (host, source, sourcetype)
        if key not in self._known:
            found = {**self._stanzas.get(DEFAULT, {}), **self._stanzas.get(sourcetype, {})}
            for kind, value in (("host", host), ("source", source)):
                for _, name, pattern in self._patterns[kind]:
                    if pattern.fullmatch(value):
                        found.update(self._stanzas[name])
            self._known[key] = found
        return self._known[key]

    def renamed(self) -> Dict[str, str]:
        """Source types with another name at search time: old name -> new."""
        return {name: settings["rename"] for name, settings in self._stanzas.items() if settings.get("rename")}

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
