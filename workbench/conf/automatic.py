"""Automatic extraction by KV_MODE and AUTO_KV_JSON, as far as captures and documents settle it."""

from __future__ import annotations

import re
from typing import Mapping

from workbench.conf import jsonfields
from workbench.conf.files import true
from workbench.conf.steps import Step, clean
from workbench.errors import BadInput
from workbench.spl.values import Row, text

# limits.conf [kv] maxchars: of a longer event only so much is read for pairs.
_MAX_CHARS = 10_240
_MODES = ("none", "auto", "auto_escaped", "json")
# `?` and `&`: the Search Tutorial's web logs get fields of their query strings by themselves.
_BACKSLASH = re.compile(r'="[^"]*\\')
_PAIR = re.compile(r'(?:^|[\s,;|&?(\[{])([\w.:-]*\w)=(?:"([^"]*)"|([^\s",;|&)\]}]+))', re.ASCII)
# What neither a capture nor a document settles.
_UNSETTLED = re.compile(
    r"""\w[ \t]+=(?!=)            # blanks before the sign
      | \w==                     # two signs
      | \w='                     # single quotes
      | \w="[^"]*\Z              # double quotes that do not end
      | \w[.:][\w.:-]*=[^\s]     # a name with dots or colons
      | \w=[^\s",]*[()\[\]{}<>]  # a value with brackets
      | [^\x00-\x7f]\w*=         # a name with letters that are not ASCII
      | \w=[^\s",]*[;|][\w-]+=   # pairs with nothing but a semicolon or a bar between them
      | \w=[^\s",;|]*\?[^\s",;|]*=  # an address as the value
    """,
    re.ASCII | re.VERBOSE,
)


# The same, looked for when the quoted values are out of the way: quotes within a value, and a quoted name.
_QUOTED = re.compile(r'(?<==)"[^"]*"')
_UNSETTLED_QUOTES = re.compile(r'\w=[^\s",;|&]+"|"[ \t]*=')


def automatic(settings: Mapping[str, str]) -> Step:
    """The step that the props in force ask for; fields that are there already stay as they are.

    auto_escaped differs from auto in quoted values with backslashes alone, and of these no page tells the outcome.

    `auto` takes name=value pairs, the first of a name, and the fields of an event that is JSON. Empty values give
    no field (transforms.conf.spec, KEEP_EMPTY_VALS); blanks around a quoted value go unless KV_TRIM_SPACES=false.
    """
    mode = settings.get("KV_MODE", "auto").strip().lower()
    if mode not in _MODES:
        raise BadInput(f"props.conf: KV_MODE = {mode} is not simulated")
    if mode == "json" and "AUTO_KV_JSON" in settings and not true(settings["AUTO_KV_JSON"]):
        raise BadInput("props.conf: KV_MODE = json with AUTO_KV_JSON = false is not simulated")
    pairs, escaped = mode in ("auto", "auto_escaped"), mode == "auto_escaped"
    as_json = mode == "json" or (pairs and true(settings.get("AUTO_KV_JSON", "true")))
    trim = true(settings.get("KV_TRIM_SPACES", "true"))

    def step(fields: Row) -> None:
        raw = text(fields.get("_raw"))
        found = jsonfields.extract(raw) if as_json else {}
        for name, value in found.items():
            fields.setdefault(name, value)
        if escaped and _BACKSLASH.search(raw):
            raise BadInput("props.conf: KV_MODE = auto_escaped over a quoted value with a backslash is not simulated")
        if pairs:
            _pairs(fields, raw[:_MAX_CHARS], trim, bool(found))

    return step


def _pairs(fields: Row, raw: str, trim: bool, document: bool) -> None:
    unsettled = None
    if not document:
        unsettled = _UNSETTLED.search(raw) or ('"' in raw and _UNSETTLED_QUOTES.search(_QUOTED.sub('""', raw)))
    if unsettled:
        raise BadInput(
            f"props.conf: automatic extraction from {unsettled.group()!r} is not settled; "
            "set KV_MODE and extract by EXTRACT or REPORT"
        )
    for match in _PAIR.finditer(raw):
        name, quoted, bare = clean(match.group(1)), match.group(2), match.group(3)
        value = (quoted.strip(" ") if trim else quoted) if quoted is not None else bare
        if name and value:
            fields.setdefault(name, value)
