"""JSON that is nested deeper than Python reads: what of it can be read, and the rest as its text.

A page of records is read by it, so that one record beyond all measure keeps none of the others back.
"""

import json
from typing import Any, Iterator, Tuple

import requests

from .feed import DEEP, elements, end_of, skip

_SCAN = json.JSONDecoder(strict=False).raw_decode


class Deep(str):
    """The text, on one line, of a value that is nested too deep to be read."""


def body_of(response: requests.Response) -> Any:
    """The JSON of an answer as `loads` reads it, None where it is none; a byte that is no UTF-8 is U+FFFD."""
    try:
        return loads(response.content.decode("utf-8-sig", errors="replace"))
    except ValueError:
        return None


def loads(text: str) -> Any:
    """The value of a JSON text, in which Deep stands for what is nested too deep.

    Where it does not read as a whole, so do the members of the map that it is, and the elements of its lists.
    ValueError where it is no JSON.
    """
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        return {name: _rows(value) if isinstance(value, Deep) else value for name, value in _members(text)}


def _rows(text: Deep) -> Any:
    return [Deep(raw) if value is DEEP else value for raw, value in elements(text)] if text[0] == "[" else text


def _members(text: str) -> Iterator[Tuple[str, Any]]:
    """(name, value) of each member of a JSON map. ValueError where the text is none."""
    at = _behind(text, 0, "{")
    while not text.startswith("}", at):
        name, end = _SCAN(text, at)
        at = _behind(text, end, ":")
        try:
            value, end = _SCAN(text, at)
        except RecursionError:
            end = end_of(text, at)
            value = Deep(" ".join(text[at:end].splitlines()))
        yield str(name), value
        at = skip(text, end)
        if not text.startswith("}", at):
            at = _behind(text, at, ",")


def _behind(text: str, at: int, mark: str) -> int:
    """Where the text goes on behind a mark that has to stand here."""
    at = skip(text, at)
    if not text.startswith(mark, at):
        raise ValueError(f"JSON map broken at character {at}")
    return skip(text, at + 1)
