"""Search-time fields, in Splunk's order: EXTRACT, REPORT, automatic, FIELDALIAS, EVAL, LOOKUP."""

from __future__ import annotations

import re
import shlex
from typing import Any, Callable, Dict, List, Optional, Tuple

from workbench.conf import jsonfields
from workbench.conf.files import Conf
from workbench.conf.props import Props
from workbench.errors import BadInput
from workbench.spl.environment import Lookup
from workbench.spl.regex import compile_pattern
from workbench.spl.values import Row, many, one_or_many, text

Step = Callable[[Row], None]
Evaluator = Callable[[str], Callable[[Row], Any]]
Lookups = Callable[[str], Optional[Lookup]]

_PAIR = re.compile(r'(?:^|[\s,;|&(\[{])([\w.:-]*\w)=(?:"([^"]*)"|([^\s",;|&)\]}]+))', re.ASCII)
_IN_FIELD = re.compile(r"(.*)\s+in\s+([\w.{}]+)\s*\Z", re.DOTALL | re.IGNORECASE)
_REFERENCE = re.compile(r"\$(\d)")
_KV_MODES = ("none", "auto", "json")
_ALIAS = re.compile(r'("[^"]+"|[^\s,]+)\s+(AS|ASNEW)\s+("[^"]+"|[^\s,]+)', re.IGNORECASE)


class Fields:
    """Extracts an event's fields by the props in force; the steps for each kind of event are built once."""

    def __init__(self, conf: Conf, evaluator: Evaluator, lookups: Lookups):
        self._conf = conf
        self._props = Props(conf)
        self._evaluator = evaluator
        self._lookups = lookups
        self._known: Dict[Tuple[str, str, str], List[Step]] = {}

    def extract(self, event: Row) -> Row:
        """All fields of the event, its own included. The event has host, source, sourcetype and _raw."""
        key = (str(event.get("host", "")), str(event.get("source", "")), str(event.get("sourcetype", "")))
        steps = self._known.get(key)
        if steps is None:
            steps = self._known[key] = self._steps(self._props.settings(*key))
        fields = dict(event)
        for step in steps:
            step(fields)
        return fields

    def _steps(self, settings: Dict[str, str]) -> List[Step]:
        steps: List[Step] = [_extract(value) for value in _classes(settings, "EXTRACT-")]
        for value in _classes(settings, "REPORT-"):
            steps += [self._report(name.strip()) for name in value.split(",") if name.strip()]
        steps.append(_automatic(settings))
        steps += [_alias(value) for value in _classes(settings, "FIELDALIAS-")]
        evals = {key[5:]: value for key, value in sorted(settings.items()) if key.startswith("EVAL-")}
        if evals:
            steps.append(self._evals(evals))
        steps += [self._lookup(value) for value in _classes(settings, "LOOKUP-")]
        return steps

    def _report(self, name: str) -> Step:
        settings = self._conf.stanza("transforms", name)
        if settings is None or "REGEX" not in settings:
            raise BadInput(f"props.conf: REPORT names {name}, which is no REGEX transform")
        pattern = compile_pattern(settings["REGEX"])
        source = settings.get("SOURCE_KEY", "_raw")
        form = settings.get("FORMAT", "")
        add = settings.get("MV_ADD", "false").lower() in ("true", "1")
        name_as = _clean if settings.get("CLEAN_KEYS", "1").lower() in ("true", "1") else str

        def step(fields: Row) -> None:
            for match in pattern.finditer(text(fields.get(source))):
                for field, value in _formatted(match, form):
                    _add(fields, name_as(field), value, add)
                if not add and "$" not in form.partition("::")[0]:
                    return

        return step

    def _evals(self, expressions: Dict[str, str]) -> Step:
        """All calculated fields see the fields as they were before any of them."""
        compiled = {name: self._evaluator(expression) for name, expression in expressions.items()}

        def step(fields: Row) -> None:
            values = {name: evaluate(fields) for name, evaluate in compiled.items()}
            for name, value in values.items():
                if value is None:
                    fields.pop(name, None)
                else:
                    fields[name] = value

        return step

    def _lookup(self, value: str) -> Step:
        table, inputs, outputs, keep = _lookup_words(value)
        lookup = self._lookups(table)
        if lookup is None:
            raise BadInput(f"props.conf: LOOKUP names {table}, which transforms.conf does not define")

        def step(fields: Row) -> None:
            given = {column: text(fields[field]) for column, field in inputs.items() if fields.get(field)}
            if len(given) < len(inputs):
                return
            found = lookup.match(given, fields.get("_time"))
            wanted = outputs or {column: column for column in lookup.fields if column not in inputs}
            for column, field in wanted.items():
                values = [row[column] for row in found if row.get(column)]
                if values and not (keep and fields.get(field) is not None):
                    fields[field] = one_or_many(values)

        return step


def _classes(settings: Dict[str, str], prefix: str) -> List[str]:
    """Values of EXTRACT-a, EXTRACT-b, … in ASCII order of the class."""
    return [settings[key] for key in sorted(settings) if key.startswith(prefix)]


def _extract(value: str) -> Step:
    match = _IN_FIELD.match(value)
    pattern, source = (match.group(1), match.group(2)) if match else (value, "_raw")
    compiled = compile_pattern(pattern)

    def step(fields: Row) -> None:
        found = compiled.search(text(fields.get(source)))
        for name, word in (found.groupdict() if found else {}).items():
            if word is not None:
                fields[name] = word

    return step


def _formatted(match: re.Match[str], form: str) -> List[Tuple[str, str]]:
    """Fields of one match: named groups, or what FORMAT (`name::$1 $2::$3`) makes of the numbered ones."""
    if not form:
        return [(name, word) for name, word in match.groupdict().items() if word is not None]
    pairs = [word.partition("::")[::2] for word in shlex.split(form)]
    filled = [[_REFERENCE.sub(lambda ref: _group(match, int(ref.group(1))), part) for part in pair] for pair in pairs]
    return [(name, word) for name, word in filled if name and word]


def _group(match: re.Match[str], number: int) -> str:
    """A numbered group; `$0` is none here (captured on 10.4)."""
    return (match.group(number) or "") if number else ""


def _add(fields: Row, name: str, value: str, add: bool) -> None:
    if name not in fields:
        fields[name] = value
    elif add:
        fields[name] = [*many(fields[name]), value]


def _automatic(settings: Dict[str, str]) -> Step:
    mode = settings.get("KV_MODE", "auto").lower()
    if mode not in _KV_MODES:
        raise BadInput(f"props.conf: KV_MODE = {mode} is not simulated")
    pairs = mode == "auto"
    as_json = mode == "json" or (pairs and settings.get("AUTO_KV_JSON", "true").lower() in ("true", "1"))

    def step(fields: Row) -> None:
        raw = text(fields.get("_raw"))
        if as_json:
            for name, value in jsonfields.extract(raw).items():
                fields.setdefault(name, value)
        if pairs:
            for match in _PAIR.finditer(raw):
                name, quoted, bare = _clean(match.group(1)), match.group(2), match.group(3)
                if name:
                    fields.setdefault(name, bare if quoted is None else quoted)

    return step


def _clean(key: str) -> str:
    """A key as automatic extraction names it: other characters are underscores, none or digits in front."""
    return re.sub(r"[^A-Za-z0-9_]", "_", key).lstrip("_0123456789")


def _alias(value: str) -> Step:
    pairs = [(old.strip('"'), how.upper(), new.strip('"')) for old, how, new in _ALIAS.findall(value)]

    def step(fields: Row) -> None:
        for old, how, new in pairs:
            if how == "ASNEW" and new in fields:
                continue
            if old in fields:
                fields[new] = fields[old]
            elif how == "AS":
                fields.pop(new, None)

    return step


def _lookup_words(value: str) -> Tuple[str, Dict[str, str], Dict[str, str], bool]:
    """A LOOKUP setting: table, inputs and outputs (table's column -> event's field), whether to keep values."""
    words = [word.strip(",") for word in shlex.split(value.replace(",", " "))]
    table, rest = words[0], words[1:]
    upper = [word.upper() for word in rest]
    at = next((place for place, word in enumerate(upper) if word in ("OUTPUT", "OUTPUTNEW")), len(rest))
    keep = at < len(rest) and upper[at] == "OUTPUTNEW"
    return table, _renamed(rest[:at]), _renamed(rest[at + 1 :]), keep


def _renamed(words: List[str]) -> Dict[str, str]:
    names: Dict[str, str] = {}
    at = 0
    while at < len(words):
        if at + 2 < len(words) and words[at + 1].upper() == "AS":
            names[words[at]] = words[at + 2]
            at += 3
        else:
            names[words[at]] = words[at]
            at += 1
    return names
