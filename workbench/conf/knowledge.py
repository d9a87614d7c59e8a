"""Macros, event types and tags as macros.conf, eventtypes.conf and tags.conf define them."""

from __future__ import annotations

from functools import cached_property
from typing import Callable, Dict, List, Optional, Tuple
from urllib.parse import unquote

from workbench.conf.files import Stanzas, true
from workbench.errors import BadInput
from workbench.spl.environment import Environment, Macro
from workbench.spl.macros import expand_macros
from workbench.spl.searchexpr import SearchExpression, compile_search
from workbench.spl.values import Row, many, one_or_many, put, text

_STATES = ("enabled", "disabled")


class Knowledge:
    """What the stanzas say; `stanzas` gives those of a .conf file by its name, `env` is what searches see."""

    def __init__(self, stanzas: Callable[[str], Stanzas], env: Environment):
        self._stanzas = stanzas
        self._env = env

    def macro(self, name: str, arity: int) -> Optional[Macro]:
        """A macro; `name(2)` is another than `name(1)`. BadInput when `args` does not name as many."""
        full = f"{name}({arity})" if arity else name
        stanza = self._stanzas("macros").get(full)
        if stanza is None:
            return None
        args = [arg.strip() for arg in stanza.get("args", "").split(",") if arg.strip()]
        if len(args) != arity:
            raise BadInput(f"macros.conf [{full}]: args names {len(args)} arguments, the stanza's name {arity}")
        return Macro(
            stanza.get("definition", ""),
            args,
            true(stanza.get("iseval", "0")),
            stanza.get("validation"),
            stanza.get("errormsg"),
        )

    def eventtype(self, name: str) -> Optional[str]:
        """The search of an enabled event type."""
        stanza = self._stanzas("eventtypes").get(name)
        return None if stanza is None or true(stanza.get("disabled", "0")) else stanza.get("search")

    def tagged(self, tag: str) -> List[Tuple[str, str]]:
        """(field, value) pairs whose stanza in tags.conf enables the tag."""
        return [pair for pair, tags in self._tags.items() if tag in tags]

    def annotate(self, fields: Row) -> None:
        """Give an event, its other fields found, its event types and then its tags: `tag` and `tag::<field>`."""
        types = [name for name, expression in self._types if expression.matches(fields)]
        put(fields, "eventtype", one_or_many(types))
        found: Dict[str, Dict[str, None]] = {}
        for (name, value), tags in self._tags.items():
            if tags and value in (text(item) for item in many(fields.get(name))):
                found.setdefault(name, {}).update(dict.fromkeys(tags))
        for name, tags_of in found.items():
            put(fields, f"tag::{name}", one_or_many(sorted(tags_of)))
        put(fields, "tag", one_or_many(sorted({tag for tags_of in found.values() for tag in tags_of})))

    @cached_property
    def _types(self) -> List[Tuple[str, SearchExpression]]:
        """Enabled event types with their searches: by priority, 1 before 10 (eventtypes.conf.spec), then by name."""
        stanzas = self._stanzas("eventtypes")
        names = sorted(name for name in stanzas if self.eventtype(name))
        names.sort(key=lambda name: _priority(stanzas, name))
        searches = [(name, expand_macros(self.eventtype(name) or "", self._env)) for name in names]
        return [(name, compile_search(search, self._env)) for name, search in searches]

    @cached_property
    def _tags(self) -> Dict[Tuple[str, str], List[str]]:
        """Enabled tags by the (field, value) that carries them; stanzas are `[field=value]`, the value URL-encoded."""
        found: Dict[Tuple[str, str], List[str]] = {}
        for stanza, settings in self._stanzas("tags").items():
            name, mark, value = stanza.partition("=")
            states = {tag: state.strip().lower() for tag, state in settings.items()}
            if not mark or not name or not set(states.values()) <= set(_STATES):
                raise BadInput(f"tags.conf [{stanza}]: [<field>=<value>] with tags enabled or disabled is needed")
            found[(name, unquote(value))] = [tag for tag, state in states.items() if state == "enabled"]
        return found


def _priority(stanzas: Stanzas, name: str) -> int:
    written = stanzas[name].get("priority", "1").strip()
    if not written.isdigit() or not 1 <= int(written) <= 10:
        raise BadInput(f"eventtypes.conf [{name}]: priority = {written} is not 1 to 10")
    return int(written)
