"""Rows in the order of fields: as numbers, addresses or texts, which `auto` tells from all values of a field."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from workbench.spl.errors import SearchError
from workbench.spl.values import Row, address, number, text

# Field, descending, kind: auto, str, num or ip.
SortKey = Tuple[str, bool, str]


def _texts(values: List[Any]) -> List[Any]:
    return [text(value) for value in values]


def _read(kind: str, values: List[Any], reader: Callable[[Any], Any]) -> List[Any]:
    found = list(map(reader, values))
    if None in found:
        raise SearchError(f"{kind}() over '{text(values[found.index(None)])}' is not implemented.")
    return found


def _numbers(values: List[Any]) -> List[Any]:
    return _read("num", values, number)


def _addresses(values: List[Any]) -> List[Any]:
    return _read("ip", values, lambda value: address(text(value)))


def _auto(values: List[Any]) -> List[Any]:
    """Numbers when all are, else addresses when all are, else texts (searchbnf, `sort`)."""
    parsed = list(map(number, values))
    if None not in parsed:
        return parsed
    if all(found is None for found in parsed):
        places = []
        for value in values:
            place = address(text(value))
            if place is None:
                return _texts(values)
            places.append(place)
        return places
    return _texts(values)


_KEYS: Dict[str, Callable[[List[Any]], List[Any]]] = {
    "auto": _auto, "str": _texts, "num": _numbers, "ip": _addresses,
}  # fmt: skip


def sort_rows(rows: List[Row], keys: List[SortKey]) -> List[Row]:
    """Rows sorted by the keys, the first of them foremost; a missing value comes last, up or down."""
    for name, descending, kind in reversed(keys):
        found = [row.get(name) for row in rows]
        present = [place for place, value in enumerate(found) if value is not None]
        values = [value for value in found if value is not None]
        if any(isinstance(value, list) for value in values):
            raise SearchError(f"The order of the values of '{name}', a multivalue field, is not implemented.")
        prepared = dict(zip(present, _KEYS[kind](values)))
        absent = [row for row, value in zip(rows, found) if value is None]
        present.sort(key=prepared.__getitem__, reverse=descending)
        rows = [rows[place] for place in present] + absent
    return rows
