"""What a search sees when it runs in the stand-in: the app's knowledge objects, its events and its commands."""

from __future__ import annotations

import json
from typing import Callable, Dict, Iterable, List, Optional, Tuple

from workbench.conf import Conf
from workbench.conf.fields import Fields
from workbench.conf.knowledge import Knowledge
from workbench.spl.datamodel import DataModel, data_model
from workbench.spl.environment import Among, Command, Environment, Event, Lookup, Macro, Terms, Window
from workbench.spl.errors import in_command
from workbench.spl.values import Row
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
        self._lookups: Dict[str, Optional[Lookup]] = {}
        self._knowledge = Knowledge(conf.stanzas, self)
        self._fields = Fields(conf, self)

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """A macro of macros.conf."""
        return self._knowledge.macro(name, arity)

    def events(self, window: Window, terms: Terms, among: Optional[Among] = None) -> Iterable[Row]:
        """Events within the window, newest first; their search-time fields are extracted when asked for."""
        for event in self._index.find(window, terms, self.now, among):
            yield Event(self._fields.renamed(event), self._extract)

    def eventtype(self, name: str) -> Optional[str]:
        """The search of an enabled event type."""
        return self._knowledge.eventtype(name)

    def tagged(self, tag: str) -> Optional[List[Tuple[str, str]]]:
        """(field, value) pairs whose stanza in tags.conf enables the tag."""
        return self._knowledge.tagged(tag)

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
        self._knowledge.annotate(fields)
        return fields
