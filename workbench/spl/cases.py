"""The surroundings of one conformance case: its lookups, macros, event types and tags as an Environment."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from workbench.conf.files import Stanzas
from workbench.conf.knowledge import Knowledge
from workbench.conf.lookups import RuledLookup
from workbench.spl.environment import Environment, Event, Lookup, Macro
from workbench.spl.errors import SearchError
from workbench.spl.values import Row

Extract = Callable[[Row], Row]

# What a case may bring, and which of its settings are understood; others are refused, never ignored.
_SETTINGS: Dict[str, Optional[Tuple[str, ...]]] = {
    "macros": ("definition", "args", "iseval", "validation", "errormsg", "description"),
    "eventtypes": ("search", "priority", "disabled", "description", "color"),
    "tags": None,
    "props": None,
    "transforms": None,
    "lookups": None,
}
_PLAIN = ("tz", "now")


class CaseEnvironment(Environment):
    """An Environment made of a case's `env` object."""

    def __init__(self, given: Mapping[str, Any], tz: tzinfo):
        super().__init__(now=given.get("now"), tz=tz)
        self._stanzas = {conf: _stanzas(conf, given.get(conf) or {}) for conf in _SETTINGS if conf != "lookups"}
        unknown = [name for name in given if name not in (*_PLAIN, *_SETTINGS)]
        if unknown:
            raise SearchError(f"The case's environment has '{unknown[0]}', which is not implemented.")
        self._tables: Dict[str, Mapping[str, Any]] = dict(given.get("lookups") or {})
        self._lookups: Dict[str, Lookup] = {}
        self._knowledge = Knowledge(self.stanzas, self)

    def stanzas(self, conf: str) -> Stanzas:
        """The stanzas of a .conf file of the case."""
        return self._stanzas.get(conf, {})

    @property
    def of_events(self) -> bool:
        """Whether the rows must be events of an index: only these go through props, event types and tags."""
        return any(self._stanzas[conf] for conf in ("props", "transforms", "tags"))

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """A macro of the case."""
        return self._knowledge.macro(name, arity)

    def lookup(self, name: str) -> Optional[Lookup]:
        """A lookup of the case, by stanza or by file name."""
        for stanza, settings in self._tables.items():
            if name in (stanza, settings.get("filename")):
                if stanza not in self._lookups:
                    self._lookups[stanza] = _table(settings)
                return self._lookups[stanza]
        return None

    def eventtype(self, name: str) -> Optional[str]:
        """The search of an event type of the case."""
        return self._knowledge.eventtype(name)

    def tagged(self, tag: str) -> Optional[List[Tuple[str, str]]]:
        """What carries a tag; None for a case without tags."""
        return self._knowledge.tagged(tag) if self._stanzas["tags"] else None

    def indexed(self, rows: Iterable[Row], extract: Extract) -> List[Row]:
        """The rows as events of an index: with search-time fields, event types and tags, in this order."""

        def fields(event: Row) -> Row:
            found = extract(event)
            self._knowledge.annotate(found)
            return found

        return [Event(row, fields) for row in rows]


def _stanzas(conf: str, given: Mapping[str, Any]) -> Stanzas:
    known = _SETTINGS[conf]
    for stanza, settings in given.items():
        unknown = [name for name in settings if known is not None and name not in known]
        if unknown:
            raise SearchError(f"The case's {conf} [{stanza}] has '{unknown[0]}', which is not implemented.")
    return {stanza: {name: _written(value) for name, value in settings.items()} for stanza, settings in given.items()}


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(settings: Mapping[str, Any]) -> RuledLookup:
    rows = settings.get("rows", [])
    fields = list(dict.fromkeys(name for row in rows for name in row))
    plain = {name: _written(value) for name, value in settings.items() if name not in ("rows", "fields")}
    return RuledLookup(settings.get("fields") or fields, rows, plain)
