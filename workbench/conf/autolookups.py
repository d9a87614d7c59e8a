"""LOOKUP settings of props.conf: lookups that every event of a kind goes through."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from workbench.conf.steps import Step
from workbench.errors import BadInput
from workbench.spl.environment import Lookup
from workbench.spl.values import Row, number, one_or_many, put, text

Lookups = Callable[[str], Optional[Lookup]]


@dataclass(frozen=True)
class AutoLookup:
    """One LOOKUP setting: its key, the table, inputs and outputs (table's column -> event's field), OUTPUTNEW."""

    key: str
    table: str
    inputs: Dict[str, str]
    outputs: Dict[str, str]
    keep: bool


def automatic_lookups(settings: Dict[str, str], lookups: Lookups) -> List[Step]:
    """The steps of the lookups in force, in ASCII order of their keys.

    Nested ones are refused: Splunk does not support them (Knowledge Manager Manual, Make your lookup automatic).
    """
    found = [read(key, value) for key, value in sorted(settings.items()) if key.lower().startswith("lookup")]
    tables = [_table(one, lookups) for one in found]
    written = {
        field: one.key for one, table in zip(found, tables) for field in _outputs(one, table.fields).values()
    }
    for one in found:
        for field in one.inputs.values():
            if written.get(field, one.key) != one.key:
                raise BadInput(f"props.conf {one.key}: {field} comes from {written[field]}; lookups cannot be nested")
    return [_step(one, table) for one, table in zip(found, tables)]


def read(key: str, value: str) -> AutoLookup:
    """Read `table column [AS field]… [OUTPUT|OUTPUTNEW column [AS field]…]`; BadInput when it is no such thing."""
    words = shlex.split(value.replace(",", " "))
    upper = [word.upper() for word in words]
    at = next((place for place, word in enumerate(upper) if word in ("OUTPUT", "OUTPUTNEW")), len(words))
    inputs = _renamed(words[1:at])
    if not inputs:
        raise BadInput(f"props.conf {key}: a lookup needs its table and at least one field to match: {value}")
    return AutoLookup(key, words[0], inputs, _renamed(words[at + 1 :]), upper[at : at + 1] == ["OUTPUTNEW"])


def _table(one: AutoLookup, lookups: Lookups) -> Lookup:
    lookup = lookups(one.table)
    if lookup is None:
        raise BadInput(
            f"Could not load lookup={one.key}: LOOKUP names {one.table}, which transforms.conf does not define "
            "or whose table is not there"
        )
    missing = [column for column in (*one.inputs, *one.outputs) if column not in lookup.fields]
    if missing:
        raise BadInput(f"Could not load lookup={one.key}: {one.table} has no field {missing[0]}")
    return lookup


def _outputs(one: AutoLookup, columns: Sequence[str]) -> Dict[str, str]:
    return one.outputs or {column: column for column in columns if column not in one.inputs}


def _step(one: AutoLookup, lookup: Lookup) -> Step:
    """An event with every input gets what is found; OUTPUT clears what is not (props.conf.spec)."""
    outputs = _outputs(one, lookup.fields)

    def step(fields: Row) -> None:
        given: Dict[str, str] = {}
        for column, field in one.inputs.items():
            value = fields.get(field)
            if value is None or value == "":
                return
            if isinstance(value, list):
                raise BadInput(f"props.conf {one.key}: {field} has several values, which is not simulated")
            given[column] = text(value)
        found = lookup.match(given, number(fields.get("_time")))
        values: Dict[str, Tuple[str, ...]] = {
            field: tuple(row[column] for row in found if row.get(column)) for column, field in outputs.items()
        }
        for field, cells in values.items():
            if not one.keep or fields.get(field) is None:
                put(fields, field, one_or_many(list(cells)))

    return step


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
