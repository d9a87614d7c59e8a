"""Fields of JSON text by Splunk's names (`a.b`, `list{}.b`), also of text that is cut off in the middle."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, Tuple

from workbench.spl.values import Row, one_or_many

# limits.conf [spath] extraction_cutoff: automatic extraction reads this many bytes of an event.
CUTOFF = 5_000
_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\]:,"]+))', re.DOTALL)

_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str, strict=False)
_WORDS = {True: "true", False: "false", None: "null"}


def extract(text: str) -> Row:
    """Fields in the first 5,000 bytes; scalars as their text, true, false and null as those words.

    Values that repeat under one name become a multivalue. Empty objects and arrays give no field. What
    follows the first error or the cut is ignored.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return {}
    found: Dict[str, List[str]] = {}
    whole = len(text) <= CUTOFF // 4 or len(text.encode()) <= CUTOFF
    try:
        if not whole:
            raise ValueError
        _flatten(_DECODER.decode(text), "", found)
    except ValueError:
        found = {}
        for name, value in _scalars(text if whole else text.encode()[:CUTOFF].decode("utf-8", "ignore")):
            found.setdefault(name, []).append(value)
    return {name: one_or_many(values) for name, values in found.items()}


def _flatten(value: Any, name: str, found: Dict[str, List[str]]) -> None:
    """Scalars of decoded JSON; objects come as tuples of pairs, so that a repeated key is not lost."""
    if isinstance(value, tuple):
        for key, item in value:
            _flatten(item, f"{name}.{key}" if name else key, found)
    elif isinstance(value, list):
        for item in value:
            _flatten(item, name + "{}", found)
    elif name:
        found.setdefault(name, []).append(value if isinstance(value, str) else _WORDS[value])


def _scalars(text: str) -> Iterator[Tuple[str, str]]:
    """(name, value) of each scalar, in order. The stack holds the name of each open object or array."""
    stack: List[Tuple[str, str]] = []  # (bracket, name so far)
    name, key = "", True
    for string, mark, bare in _tokens(text):
        if mark in ("{", "["):
            inner = name if mark == "{" else name + "{}"
            stack.append((mark, inner))
            name, key = inner, mark == "{"
        elif mark in ("}", "]"):
            if not stack:
                return
            stack.pop()
        elif mark == ",":
            if not stack:
                return
            name, key = stack[-1][1], stack[-1][0] == "{"
        elif mark == ":":
            key = False
        elif key and stack and string:
            parent = stack[-1][1]
            word = _text(string)
            name = f"{parent}.{word}" if parent else word
        elif name:
            yield name, _text(string) if string else bare


def _tokens(text: str) -> Iterator[Tuple[str, str, str]]:
    place = 0
    while True:
        match = _TOKEN.match(text, place)
        if match is None or (match.group(3) and match.end() == len(text)):
            return
        yield match.group(1) or "", match.group(2) or "", match.group(3) or ""
        place = match.end()


def _text(string: str) -> str:
    """The value of a JSON string token; its bare inside when an escape in it is wrong."""
    if "\\" not in string:
        return string[1:-1]
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string[1:-1]
