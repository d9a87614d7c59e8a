"""Search-time fields, in Splunk's order: EXTRACT, REPORT, automatic, FIELDALIAS, EVAL, LOOKUP."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Tuple

from workbench.conf.autolookups import automatic_lookups
from workbench.conf.automatic import automatic
from workbench.conf.files import Conf
from workbench.conf.props import Props
from workbench.conf.steps import Step, add, capturing, source_text
from workbench.conf.transforms import names_of, report
from workbench.errors import BadInput
from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.evaluate import BOOLEAN, compile_text
from workbench.spl.values import Row, settled

_IN_FIELD = re.compile(r"(.*)\s+in\s+([A-Za-z0-9_]+)\s*\Z", re.DOTALL)
# What changes which fields an event has, by limits of PCRE or at index time.
_REFUSED = ("MATCH_LIMIT", "DEPTH_LIMIT", "INDEXED_EXTRACTIONS", "TRANSFORMS-", "FIELD_NAMES", "CHECK_FOR_HEADER")
_NAME = r'("[^"]+"|[^\s,"]+)'
_ALIAS = re.compile(rf"{_NAME}\s+(AS|ASNEW)\s+{_NAME}(?:\s*,\s*|\s+|\Z)", re.IGNORECASE)


class Fields:
    """Extracts an event's fields by the props in force; the steps for each kind of event are built once.

    `env` is where calculated fields and automatic lookups find what they refer to.
    """

    def __init__(self, conf: Conf, env: Environment):
        self._conf = conf
        self._props = Props(conf)
        self._renamed = self._props.renamed()
        self._env = env
        self._known: Dict[Tuple[str, str, str], List[Step]] = {}

    def extract(self, event: Row) -> Row:
        """All fields of the event, its own included. The event has host, source, sourcetype and _raw."""
        event = self.renamed(event)
        key = (str(event.get("host", "")), str(event.get("source", "")), str(event.get("sourcetype", "")))
        steps = self._known.get(key)
        if steps is None:
            steps = self._known[key] = self._steps(self._props.settings(*key))
        fields = dict(event)
        for step in steps:
            step(fields)
        return fields

    def renamed(self, event: Row) -> Row:
        """The event under its source type's name at search time (`rename`); `_sourcetype` keeps the old one.

        Only the settings of the new name apply then (props.conf.spec).
        """
        new = self._renamed.get(str(event.get("sourcetype", "")))
        return event if new is None else {**event, "sourcetype": new, "_sourcetype": event["sourcetype"]}

    def _steps(self, settings: Dict[str, str]) -> List[Step]:
        refused = next((key for key in settings if key.startswith(_REFUSED)), None)
        if refused is not None:
            raise BadInput(f"props.conf: {refused} is not simulated")
        steps = [_extracts(_classes(settings, "EXTRACT-"))]
        for name in names_of(_classes(settings, "REPORT-")):
            steps.append(report(name, self._conf.stanza("transforms", name)))
        steps.append(automatic(settings))
        steps.append(_aliases(_classes(settings, "FIELDALIAS-")))
        evals = {key[len("EVAL-") :]: value for key, value in _classes(settings, "EVAL-").items()}
        if evals:
            steps.append(self._evals(evals))
        return steps + automatic_lookups(settings, self._env.lookup)

    def _evals(self, expressions: Dict[str, str]) -> Step:
        """All calculated fields see the fields as they were before any of them."""
        compiled = {name: _calculated(name, expression, self._env) for name, expression in expressions.items()}

        def step(fields: Row) -> None:
            values = {name: evaluate(fields) for name, evaluate in compiled.items()}
            for name, value in values.items():
                if value is None:
                    fields.pop(name, None)
                else:
                    fields[name] = value

        return step


def _calculated(name: str, expression: str, env: Environment) -> Callable[[Row], Any]:
    try:
        compiled = compile_text(expression, env)
    except SearchError as error:
        raise SearchError(f"props.conf: EVAL-{name} = {expression}: {error}") from error
    if compiled.kind == BOOLEAN:
        raise SearchError(f"props.conf: EVAL-{name} = {expression}: Fields cannot be assigned a boolean result.")
    return lambda row: settled(compiled.get(row))


def _classes(settings: Dict[str, str], prefix: str) -> Dict[str, str]:
    """EXTRACT-a, EXTRACT-b, … in ASCII order of the class."""
    return {key: settings[key] for key in sorted(settings) if key.startswith(prefix)}


def _extracts(classes: Dict[str, str]) -> Step:
    """Inline extractions one after the other; no page says which of two wins that find different values."""
    parts = [_extract(f"props.conf {key}", value) for key, value in classes.items()]

    def step(fields: Row) -> None:
        by: Dict[str, str] = {}
        for where, pattern, source in parts:
            written = source_text(fields, source, where)
            match = None if written is None else pattern.search(written)
            for name, value in (match.groupdict() if match else {}).items():
                if not value:
                    continue
                if fields.get(name, value) != value and name in by:
                    raise BadInput(f"{where} and {by[name]} find different values of {name}, which is not simulated")
                add(fields, name, value, False, where)
                by[name] = where

    return step


def _extract(where: str, value: str) -> Tuple[str, re.Pattern[str], str]:
    """(setting, pattern, field to read). The pattern goes over lines, and `.` matches their ends (props.conf.spec)."""
    match = _IN_FIELD.match(value)
    pattern, source = (match.group(1), match.group(2)) if match else (value, "_raw")
    compiled = capturing(pattern, "(?ms)", where)
    if not compiled.groupindex or any(name.startswith(("_KEY_", "_VAL_")) for name in compiled.groupindex):
        raise BadInput(f"{where}: an extraction needs named groups, other than _KEY_ and _VAL_: {pattern}")
    return where, compiled, source


def _aliases(classes: Dict[str, str]) -> Step:
    """AS takes the place of a field and clears it when the original is missing; ASNEW leaves what is there."""
    aliases: List[Tuple[str, str, str]] = []
    for key, value in classes.items():
        if _ALIAS.sub("", value).strip() or "*" in value:
            raise BadInput(f"props.conf {key}: <field> AS|ASNEW <alias> is needed, without wildcards: {value}")
        aliases += [(old.strip('"'), how.upper(), new.strip('"')) for old, how, new in _ALIAS.findall(value)]
    _plain(aliases)

    def step(fields: Row) -> None:
        for old, how, new in aliases:
            if how == "ASNEW" and new in fields:
                continue
            if old in fields:
                fields[new] = fields[old]
            elif how == "AS":
                fields.pop(new, None)

    return step


def _plain(aliases: List[Tuple[str, str, str]]) -> None:
    """Refuse aliases of aliases, and two originals for one alias: the order in which Splunk takes them is not told."""
    made: Dict[str, str] = {}
    for old, _, new in aliases:
        if made.setdefault(new, old) != old:
            raise BadInput(f"props.conf: {made[new]} and {old} have the same alias {new}, which is not simulated")
    for old, _, new in aliases:
        if old in made and old != new:
            raise BadInput(f"props.conf: {new} is an alias of the alias {old}, which is not simulated")
