"""What a search sees when it runs in the stand-in: the app's knowledge objects, its events and its commands."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple
from urllib.parse import unquote

from workbench.conf import Conf
from workbench.conf.fields import Fields
from workbench.spl.datamodel import DataModel, data_model
from workbench.spl.environment import Command, Environment, Event, Lookup, Macro, Terms, Window
from workbench.spl.errors import SearchError, in_command
from workbench.spl.evaluate import compile_text
from workbench.spl.macros import expand_macros
from workbench.spl.searchexpr import SearchExpression, compile_search
from workbench.spl.values import Row, many, one_or_many, put, settled, text
from workbench.splunkd.chunked import ChunkedCommand, Host
from workbench.splunkd.index import EventIndex
from workbench.splunkd.tables import Tables

Collect = Callable[[List[Row], Dict[str, str]], None]


class AppEnvironment(Environment):
    """One search's view of an app and its events."""

    def __init__(self, conf: Conf, index: EventIndex, tables: Tables, host: Host, now: float, collect: Collect):
        super().__init__(now)
        self._conf = conf
        self._index = index
        self._tables = tables
        self._host = host
        self._collect = collect
        self._tags = _tags(conf)
        self._compiled: Optional[List[Tuple[str, SearchExpression]]] = None
        self._lookups: Dict[str, Optional[Lookup]] = {}
        self._fields = Fields(conf, self._evaluator, self.lookup)

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """A macro of macros.conf; `name(2)` is another than `name(1)`."""
        stanza = self._conf.stanza("macros", f"{name}({arity})" if arity else name)
        if stanza is None:
            return None
        return Macro(
            stanza.get("definition", ""),
            [arg.strip() for arg in stanza.get("args", "").split(",") if arg.strip()],
            stanza.get("iseval", "0").lower() in ("1", "true"),
            stanza.get("validation"),
            stanza.get("errormsg"),
        )

    def events(self, window: Window, terms: Terms) -> Iterable[Row]:
        """Events within the window, newest first; their search-time fields are extracted when asked for."""
        for event in self._index.find(window, terms, self.now):
            yield Event(event, self._extract)

    def eventtype(self, name: str) -> Optional[str]:
        """The search of an enabled event type."""
        stanza = self._conf.stanza("eventtypes", name)
        return None if stanza is None or _off(stanza) else stanza.get("search")

    def tagged(self, tag: str) -> Optional[List[Tuple[str, str]]]:
        """(field, value) pairs whose stanza in tags.conf enables the tag."""
        return [pair for pair, tags in self._tags.items() if tag in tags]

    def create_lookup(self, name: str) -> Optional[Lookup]:
        """A new CSV table."""
        return self._tables.create(name)

    def lookup(self, name: str) -> Optional[Lookup]:
        """A lookup by its definition or its file name; one search sees it as it was when first asked for."""
        if name not in self._lookups:
            self._lookups[name] = self._tables.get(name)
        return self._lookups[name]

    def command(self, name: str) -> Optional[Command]:
        """A command of commands.conf."""
        stanza = self._conf.stanza("commands", name)
        return None if stanza is None else ChunkedCommand(name, stanza, self._host)

    def collect(self, rows: List[Row], options: Dict[str, str]) -> None:
        """Write rows to a summary index; the stand-in takes output_format=raw alone."""
        if options.get("output_format", "raw").lower() != "raw":
            raise in_command("collect", f"output_format={options['output_format']} is not simulated.")
        self._collect(rows, options)

    def saved_search(self, name: str) -> Optional[str]:
        """The text of a saved search."""
        stanza = self._conf.stanza("savedsearches", name)
        return None if stanza is None else stanza.get("search")

    def data_model(self, name: str) -> Optional[DataModel]:
        """A model of default/data/models."""
        path = self._conf.app_dir / "default" / "data" / "models" / f"{name}.json"
        return data_model(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def _extract(self, event: Row) -> Row:
        """Search-time fields with, last, the event types that the event is of and the tags it carries."""
        fields = self._fields.extract(event)
        types = [name for name, expression in self._types() if expression.matches(fields)]
        put(fields, "eventtype", one_or_many(types))
        tags: Dict[str, None] = {}
        for (name, value), words in self._tags.items():
            if value in (text(item) for item in many(fields.get(name))):
                tags.update(dict.fromkeys(words))
        put(fields, "tag", one_or_many(sorted(tags)))
        return fields

    def _types(self) -> List[Tuple[str, SearchExpression]]:
        """Enabled event types with their searches, compiled once."""
        if self._compiled is None:
            names = [name for name in self._conf.stanzas("eventtypes") if self.eventtype(name)]
            searches = [(name, expand_macros(self.eventtype(name) or "", self)) for name in names]
            self._compiled = [(name, compile_search(search, self)) for name, search in searches]
        return self._compiled

    def _evaluator(self, expression: str) -> Callable[[Row], Any]:
        try:
            get = compile_text(expression, self).get
        except SearchError as error:
            raise SearchError(f"props.conf: EVAL {expression}: {error}") from error
        return lambda row: settled(get(row))


def _off(stanza: Dict[str, str]) -> bool:
    return stanza.get("disabled", "0").lower() in ("1", "true")


def _tags(conf: Conf) -> Dict[Tuple[str, str], List[str]]:
    """Enabled tags by the (field, value) that carries them; stanzas of tags.conf are `[field=value]`."""
    found: Dict[Tuple[str, str], List[str]] = {}
    for stanza, settings in conf.stanzas("tags").items():
        name, _, value = stanza.partition("=")
        found[(name, unquote(value))] = [tag for tag, state in settings.items() if state == "enabled"]
    return found
