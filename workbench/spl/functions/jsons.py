"""Functions of JSON.

JSON is kept as text. `Json` marks what these functions made, so that it nests instead of being quoted.
"""

from __future__ import annotations

import json
from typing import Any, List

from workbench.spl.documents import Step, plain, reach, read, steps, write
from workbench.spl.errors import SearchError
from workbench.spl.functions.table import Table, bad_arguments, single
from workbench.spl.values import Json, many, number, one_or_many, text

TABLE = Table()
_ABSENT = object()


def _embed(value: Any) -> Any:
    """A value of the search as JSON."""
    if isinstance(value, Json):
        return json.loads(value)
    if isinstance(value, list):
        return [_embed(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _document(value: Any, function: str) -> Any:
    parsed = None if value is None else read(text(single(value, function)))
    return _ABSENT if parsed is None else parsed[0]


@TABLE.plain("json_object", 0, None)
def _object(*members: Any) -> Any:
    if len(members) % 2:
        raise bad_arguments("json_object")
    return Json(write({text(key): _embed(value) for key, value in zip(members[::2], members[1::2])}))


@TABLE.plain("json_array", 0, None)
def _array(*values: Any) -> Any:
    return Json(write([_embed(single(value, "json_array")) for value in values]))


@TABLE.plain("json", 1, 1)
def _json(value: Any) -> Any:
    document = _document(value, "json")
    return None if document is _ABSENT else Json(write(document))


@TABLE.plain("json_valid", 1, 1, "boolean")
def _valid(value: Any) -> Any:
    return None if value is None else read(text(single(value, "json_valid"))) is not None


@TABLE.plain("json_extract", 1, None)
def _extract(value: Any, *paths: Any) -> Any:
    document = _document(value, "json_extract")
    if document is _ABSENT:
        return None
    if not paths:
        return plain(document)
    if len(paths) == 1:
        found = reach(document, steps(text(paths[0])))
        wide = None in steps(text(paths[0]))
        return Json(write(found)) if wide and found else plain(found[0]) if found else None
    each = [reach(document, steps(text(path))) for path in paths]
    return Json(write([found[0] if found else None for found in each]))


@TABLE.plain("json_extract_exact", 1, None)
def _extract_exact(value: Any, *keys: Any) -> Any:
    document = _document(value, "json_extract_exact")
    if document is _ABSENT or (keys and not isinstance(document, dict)):
        return None
    if not keys:
        return plain(document)
    found = [document.get(text(key)) for key in keys]
    return plain(found[0]) if len(found) == 1 else Json(write(found))


@TABLE.plain("json_has_key_exact", 2, 2, "boolean")
def _has_key(value: Any, key: Any) -> Any:
    document = _document(value, "json_has_key_exact")
    return None if not isinstance(document, dict) or key is None else text(key) in document


@TABLE.plain("json_keys", 1, 1)
def _keys(value: Any) -> Any:
    document = _document(value, "json_keys")
    return Json(write(list(document))) if isinstance(document, dict) else None


@TABLE.plain("json_entries", 1, 1)
def _entries(value: Any) -> Any:
    document = _document(value, "json_entries")
    if not isinstance(document, dict):
        return None
    return Json(write([{"key": key, "value": item} for key, item in document.items()]))


def _change(document: Any, path: List[Step], value: Any, how: str) -> None:
    if not path:
        raise SearchError("A change at the empty path of a JSON document is not implemented.")
    *way, last = path
    for owner in reach(document, way) if not way or how != "set" else _made(document, way):
        places = range(len(owner)) if last is None and isinstance(owner, list) else [last]
        for place in places:
            _CHANGES[how](owner, place, value)


def _made(document: Any, way: List[Step]) -> List[Any]:
    here = document
    for step in way:
        if isinstance(step, str) and isinstance(here, dict):
            here = here.setdefault(step, {})
        else:
            return reach(document, way)
    return [here]


def _set(owner: Any, place: Any, value: Any) -> None:
    fits = isinstance(place, int) and isinstance(owner, list) and place < len(owner)
    if fits or (isinstance(place, str) and isinstance(owner, dict)):
        owner[place] = value


def _append(owner: Any, place: Any, value: Any) -> None:
    for target in reach(owner, [place]):
        if isinstance(target, list):
            target.append(value)


def _extend(owner: Any, place: Any, value: Any) -> None:
    for target in reach(owner, [place]):
        if isinstance(target, list):
            target.extend(value if isinstance(value, list) else [value])


def _delete(owner: Any, place: Any, value: Any) -> None:
    fits = isinstance(place, int) and isinstance(owner, list) and place < len(owner)
    if fits or (isinstance(owner, dict) and place in owner):
        del owner[place]


_CHANGES = {"set": _set, "append": _append, "extend": _extend, "delete": _delete}


def _changer(name: str, how: str, exact: bool) -> None:
    def change(value: Any, *pairs: Any) -> Any:
        if len(pairs) % 2:
            raise bad_arguments(name)
        document = _document(value, name)
        if document is _ABSENT:
            return None
        for path, new in zip(pairs[::2], pairs[1::2]):
            way: List[Step] = [text(path)] if exact else steps(text(path))
            _change(document, way, _embed(new), how)
        return Json(write(document))

    TABLE.plain(name, 3, None)(change)


_changer("json_set", "set", exact=False)
_changer("json_set_exact", "set", exact=True)
_changer("json_append", "append", exact=False)
_changer("json_extend", "extend", exact=False)


@TABLE.plain("json_delete", 2, None)
def _json_delete(value: Any, *paths: Any) -> Any:
    document = _document(value, "json_delete")
    if document is _ABSENT:
        return None
    for path in paths:
        _change(document, steps(text(path)), None, "delete")
    return Json(write(document))


@TABLE.plain("json_array_to_mv", 1, 2)
def _array_to_mv(value: Any, quoted: Any = False) -> Any:
    document = _document(value, "json_array_to_mv")
    if not isinstance(document, list):
        return None
    items = [item if isinstance(item, str) and not quoted else write(item) for item in document]
    return one_or_many(items)


def _inferred(item: Any) -> Any:
    parsed = read(text(item))
    return text(item) if parsed is None else parsed[0]


@TABLE.plain("mv_to_json_array", 1, 2)
def _mv_to_array(value: Any, infer: Any = False) -> Any:
    if value is None:
        return None
    items: List[Any] = many(value)
    if infer:
        return Json(write([_inferred(item) for item in items]))
    return Json(write([_embed(item) if number(item) is None else text(item) for item in items]))


