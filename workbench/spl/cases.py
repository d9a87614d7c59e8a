"""The surroundings of one conformance case: its lookups, macros and event types as an Environment."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from workbench.spl.environment import Environment, Event, Lookup, Macro
from workbench.spl.errors import SearchError
from workbench.spl.searchexpr import compile_search
from workbench.spl.tables import TableLookup
from workbench.spl.values import Row, many, one_or_many, put, text

Extract = Callable[[Row], Row]

_KNOWN = ("tz", "lookups", "macros", "eventtypes", "tags", "props", "transforms", "now")


class CaseEnvironment(Environment):
    """An Environment made of a case's `env` object."""

    def __init__(self, given: Mapping[str, Any], tz: tzinfo):
        super().__init__(now=given.get("now"), tz=tz)
        unknown = [name for name in given if name not in _KNOWN]
        if unknown:
            raise SearchError(f"The case's environment has '{unknown[0]}', which is not implemented.")
        self.given = given
        self._lookups: Dict[str, Lookup] = {}

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """A macro of the case."""
        stanza = self.given.get("macros", {}).get(f"{name}({arity})" if arity else name)
        if stanza is None:
            return None
        args = [item.strip() for item in stanza.get("args", "").split(",") if item.strip()]
        return Macro(
            stanza["definition"],
            args,
            str(stanza.get("iseval", "0")).lower() in ("1", "true"),
            stanza.get("validation"),
            stanza.get("errormsg"),
        )

    def lookup(self, name: str) -> Optional[Lookup]:
        """A lookup of the case, by stanza or by file name."""
        for stanza, settings in self.given.get("lookups", {}).items():
            if name in (stanza, settings.get("filename")):
                if stanza not in self._lookups:
                    self._lookups[stanza] = _table(settings)
                return self._lookups[stanza]
        return None

    def eventtype(self, name: str) -> Optional[str]:
        """The search of an event type of the case."""
        stanza = self.given.get("eventtypes", {}).get(name)
        return None if stanza is None else str(stanza["search"])

    def indexed(self, rows: Iterable[Row], extract: Extract) -> List[Row]:
        """The rows as events of an index: with search-time fields, event types and tags, in this order."""
        events = [Event(row, extract) for row in rows]
        types = {name: compile_search(stanza["search"], self) for name, stanza in self._stanzas("eventtypes")}
        for event in events:
            put(event, "eventtype", one_or_many([name for name, fits in types.items() if fits.matches(event)]))
            self._tag(event)
        return list(events)

    def _tag(self, event: Row) -> None:
        """`tags`: stanza `field=value` with names of tags and `enabled` or `disabled`, as in tags.conf."""
        found: Dict[str, List[str]] = {}
        for stanza, settings in self._stanzas("tags"):
            name, _, value = stanza.partition("=")
            if any(text(item) == value for item in many(event.get(name))):
                enabled = [tag for tag, state in settings.items() if state == "enabled"]
                found.setdefault(name, []).extend(enabled)
        for name, tags in found.items():
            put(event, f"tag::{name}", one_or_many(tags))
        put(event, "tag", one_or_many(sorted({tag for tags in found.values() for tag in tags})))

    def _stanzas(self, conf: str) -> List[Tuple[str, Dict[str, str]]]:
        return list(self.given.get(conf, {}).items())


def _table(settings: Mapping[str, Any]) -> TableLookup:
    rows = settings.get("rows", [])
    fields = list(dict.fromkeys(name for row in rows for name in row))
    plain = {name: str(value) for name, value in settings.items() if name not in ("rows", "fields")}
    return TableLookup(settings.get("fields") or fields, rows, plain)
