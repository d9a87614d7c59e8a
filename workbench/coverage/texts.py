"""The searches and expressions that an app holds: where each stands, and its text with tokens filled in."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Container, Dict, Iterable, Iterator, Mapping, Optional, Tuple

from workbench.conf import Conf
from workbench.errors import BadInput

SEARCH, EXPRESSION, FRAGMENT = "search", "expression", "fragment"

_TOKEN = re.compile(r"\$(?:form\.|row\.|result\.)?([\w.:]+)((?:\|\w+)*)\$")
# What a token stands for is not told by the text around it: a name, or a number.
_PLACEHOLDERS = ("token", "1")


@dataclass(frozen=True)
class Text:
    """A search, an expression of eval, or a fragment: either, or a pipeline that goes on from another search.

    `readings` are the texts that it may be, with one or another thing where its tokens stand.
    """

    place: str
    kind: str
    readings: Tuple[str, ...]


def texts_of(conf: Conf) -> Iterator[Text]:
    """Every text of an app that the engine must be able to read."""
    yield from _saved(conf)
    for name, stanza in conf.stanzas("macros").items():
        yield Text(f"macros.conf [{name}]", FRAGMENT, _arguments(stanza))
        if stanza.get("validation"):
            yield Text(f"macros.conf [{name}] validation", EXPRESSION, filled(stanza["validation"], {}))
    for name, stanza in conf.stanzas("eventtypes").items():
        yield Text(f"eventtypes.conf [{name}]", SEARCH, (stanza.get("search", ""),))
    for name, stanza in conf.layered("props").items():
        for key in (key for key in stanza if key.startswith("EVAL-")):
            yield Text(f"props.conf [{name}] {key}", EXPRESSION, (stanza[key],))
    for name, stanza in conf.stanzas("transforms").items():
        if stanza.get("filter"):
            yield Text(f"transforms.conf [{name}] filter", SEARCH, (stanza["filter"],))
    data = conf.app_dir / "default" / "data"
    for path in sorted((data / "models").glob("*.json")):
        yield from _model(path)
    for path in sorted((data / "ui" / "views").glob("*.xml")):
        yield from _dashboard(path, conf.stanzas("savedsearches"))


def _arguments(stanza: Mapping[str, str]) -> Tuple[str, ...]:
    """A macro's definition with something in the places of its arguments."""
    text = stanza.get("definition", "")
    names = [name.strip() for name in stanza.get("args", "").split(",") if name.strip()]
    return _unique(re.sub("|".join(rf"\${re.escape(name)}\$" for name in names) or "(?!)", placeholder, text)
                   for placeholder in _PLACEHOLDERS)  # fmt: skip


def _saved(conf: Conf) -> Iterator[Text]:
    for name, stanza in conf.stanzas("savedsearches").items():
        place = f"savedsearches.conf [{name}]"
        if stanza.get("search"):
            yield Text(place, SEARCH, (stanza["search"],))
        if stanza.get("alert_condition"):
            yield Text(f"{place} alert_condition", FRAGMENT, (stanza["alert_condition"],))
        for key in (key for key in stanza if key.endswith("drilldown_searches")):
            for drilldown in _json(stanza[key], f"{place} {key}"):
                yield Text(f"{place} {key}", SEARCH, filled(str(drilldown["search"]), {}))


def _model(path: Path) -> Iterator[Text]:
    for one in _json(path.read_text(encoding="utf-8"), path.name)["objects"]:
        place = f"{path.name} {one['objectName']}"
        for constraint in one.get("constraints", []):
            yield Text(place, SEARCH, (str(constraint["search"]),))
        if one.get("baseSearch"):
            yield Text(place, SEARCH, (str(one["baseSearch"]),))
        for calculation in one.get("calculations", []):
            if calculation.get("calculationType") == "Eval":
                yield Text(place, EXPRESSION, (str(calculation["expression"]),))


def _dashboard(path: Path, saved: Container[str]) -> Iterator[Text]:
    """The queries of a dashboard, in Simple XML or, within <definition>, of Dashboard Studio.

    Saved searches that it refers to are read where they stand; one that does not exist is a text to be refused.
    """
    try:
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  the app's own file
    except ET.ParseError as error:
        raise BadInput(f"{path}: no readable XML: {error}") from error
    definition = root.findtext("definition")
    if definition is not None:
        yield from _studio(path.name, _json(definition, path.name), saved)
        return
    values = {
        str(one.get("token")): one.findtext("default") or one.findtext("initialValue") or ""
        for one in root.iter("input")
    }
    for search in root.iter("search"):
        yield from _referred(path.name, search.get("ref"), saved)
        query = search.findtext("query")
        if query:
            kind = SEARCH if search.get("base") is None else FRAGMENT
            yield Text(path.name, kind, filled(query, values))


def _studio(name: str, definition: Mapping[str, Any], saved: Container[str]) -> Iterator[Text]:
    tokens = definition.get("defaults", {}).get("tokens", {}).get("default", {})
    values: Dict[str, str] = {name: str(one.get("value") or "") for name, one in tokens.items()}
    for one in definition.get("inputs", {}).values():
        options = one.get("options", {})
        values[str(options.get("token"))] = str(options.get("defaultValue") or "")
    for key, source in definition.get("dataSources", {}).items():
        options, place = source.get("options", {}), f"{name} {source.get('name', key)}"
        yield from _referred(place, options.get("ref"), saved)
        if options.get("query"):
            kind = FRAGMENT if source.get("type") == "ds.chain" else SEARCH
            yield Text(place, kind, filled(str(options["query"]), values))
    for key, shown in definition.get("visualizations", {}).items():
        for handler in shown.get("eventHandlers", []):
            query = handler.get("options", {}).get("query")
            if query:  # drilldown.linkToSearch
                yield Text(f"{name} {key} drilldown", SEARCH, filled(str(query), values))


def _referred(place: str, name: Optional[str], saved: Container[str]) -> Iterator[Text]:
    if name is not None and name not in saved:
        yield Text(place, SEARCH, (f"| savedsearch {json.dumps(name)}",))


def filled(text: str, values: Mapping[str, str]) -> Tuple[str, ...]:
    """The text with its tokens replaced by their defaults; `$token|s$` comes in quotes, `$$` is a dollar sign.

    Tokens without a default are once a name, once a number.
    """

    def fill(placeholder: str) -> str:
        def value(match: re.Match[str]) -> str:
            found = values.get(match.group(1)) or placeholder
            return json.dumps(found) if "|s" in match.group(2) else found

        return "$".join(_TOKEN.sub(value, part) for part in text.split("$$"))

    return _unique(fill(placeholder) for placeholder in _PLACEHOLDERS)


def _unique(texts: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"{place}: no readable JSON: {error}") from error
