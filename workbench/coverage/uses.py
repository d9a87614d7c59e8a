"""What a search uses of the engine, taken down while the engine itself reads it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Set, Tuple
from unittest.mock import patch

from workbench.spl.accumulators import MAKERS
from workbench.spl.aggregates import PER_SECONDS
from workbench.spl.arguments import Arguments
from workbench.spl.commands import COMMANDS
from workbench.spl.functions import FUNCTIONS

_PERCENTILE = re.compile(r"(?:perc|p|exactperc|upperperc)\d+(?:\.\d+)?")


@dataclass(frozen=True, order=True)
class Use:
    """A command, an eval or stats function, an option of a command (`sort limit=`, `stats BY`), or a setting."""

    kind: str
    name: str


class _Noting(Dict[str, Any]):
    """A table that tells which names were asked for."""

    def __init__(self, table: Mapping[str, Any], note: Callable[[str], None]):
        super().__init__(table)
        self._note = note

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)


@contextmanager
def noted() -> Iterator[Set[Use]]:
    """The uses by whatever the engine reads inside the block; the set fills as it goes.

    The engine looks commands, functions and aggregates up in one table each, and reads options and clause words by
    two methods; these five places are watched. A word inside a text is none of them.
    """
    uses: Set[Use] = set()
    options, keyword = Arguments.options, Arguments.keyword

    def noting_options(self: Arguments, allowed: Mapping[str, Any], strict: bool = True) -> Dict[str, Any]:
        found = options(self, allowed, strict)
        uses.update(Use("option", f"{self.command} {name}=") for name in found)
        return found

    def noting_keyword(self: Arguments, *words: str) -> Optional[str]:
        found = keyword(self, *words)
        if found is not None:
            uses.add(Use("option", f"{self.command} {found.upper()}"))
        return found

    def table(kind: str, of: Mapping[str, Any]) -> _Noting:
        return _Noting(of, lambda name: uses.add(Use(kind, _general(name))))

    with patch("workbench.spl.pipeline.COMMANDS", table("command", COMMANDS)), \
         patch("workbench.spl.evaluate.FUNCTIONS", table("eval function", FUNCTIONS)), \
         patch("workbench.spl.aggregates.MAKERS", table("stats function", MAKERS)), \
         patch.object(Arguments, "options", noting_options), \
         patch.object(Arguments, "keyword", noting_keyword):  # fmt: skip
        yield uses


def implemented_in(use: Use) -> Optional[str]:
    """The module of the engine that holds it, None when there is none."""
    where = _WHERE.get(use.kind)
    return None if where is None else where(use.name)


def _general(name: str) -> str:
    """Percentiles are one function, whatever their rank."""
    return "perc<n>" if _PERCENTILE.fullmatch(name) else name


def _command(name: str) -> Optional[str]:
    found = COMMANDS.get(name)
    return None if found is None else found.read.__module__


def _function(name: str) -> Optional[str]:
    found = FUNCTIONS.get(name)
    return None if found is None else str(getattr(found.build or found.plain, "__module__", ""))


def _aggregate(name: str) -> Optional[str]:
    if name == "perc<n>" or name in PER_SECONDS:
        return "workbench.spl.aggregates"
    found = MAKERS.get(name)
    return None if found is None else found.__module__


_SETTINGS: Dict[Tuple[str, str], str] = {
    ("props setting", "EXTRACT"): "workbench.conf.fields",
    ("props setting", "FIELDALIAS"): "workbench.conf.fields",
    ("props setting", "EVAL"): "workbench.conf.fields",
    ("props setting", "REPORT"): "workbench.conf.transforms",
    ("props setting", "LOOKUP"): "workbench.conf.autolookups",
    ("props setting", "KV_MODE=none"): "workbench.conf.automatic",
    ("props setting", "KV_MODE=auto"): "workbench.conf.automatic",
    ("props setting", "KV_MODE=json"): "workbench.conf.automatic",
    ("props setting", "rename"): "workbench.conf.fields",
    **{("lookup setting", name): "workbench.conf.lookups" for name in (
        "max_matches", "min_matches", "default_match", "case_sensitive_match", "match_type", "time_field",
        "time_format", "max_offset_secs", "min_offset_secs", "filter",
    )},
}  # fmt: skip

_WHERE: Dict[str, Callable[[str], Optional[str]]] = {
    "command": _command,
    "eval function": _function,
    "stats function": _aggregate,
    "option": lambda name: _command(name.split(" ")[0]),
    "props setting": lambda name: _SETTINGS.get(("props setting", name)),
    "lookup setting": lambda name: _SETTINGS.get(("lookup setting", name)),
}


def settings_of_lookup(stanza: Mapping[str, Any]) -> Set[Use]:
    """The rules that a lookup's stanza states; where its table lies is no rule."""
    no_rules = ("filename", "external_type", "collection", "fields_list", "rows", "fields")
    return {Use("lookup setting", name) for name in stanza if name not in no_rules}


def settings_of_props(stanza: Mapping[str, str]) -> Set[Use]:
    """The search-time settings of a stanza of props.conf."""
    found: Set[Use] = set()
    for key, value in stanza.items():
        kind = re.match(r"EXTRACT|REPORT|FIELDALIAS|EVAL|LOOKUP|rename|KV_MODE", key)
        if kind:
            name = f"KV_MODE={value.strip().lower()}" if key == "KV_MODE" else kind.group()
            found.add(Use("props setting", name))
    return found
