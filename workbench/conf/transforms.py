"""REPORT: the search-time transforms of transforms.conf, by regular expression or by delimiters."""

from __future__ import annotations

import re
import shlex
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from workbench.conf.files import true
from workbench.conf.steps import Step, add, capturing, clean, source_text
from workbench.errors import BadInput
from workbench.spl.values import Row

Pairs = Iterator[Tuple[str, str]]

_REFERENCE = re.compile(r"\$(\d+)\Z")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s,"]+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}
_KEY, _VALUE = "_KEY_", "_VAL_"
_MARKS = 0xF0000  # first of the characters that stand for quoted values: none that a text has
_REFUSED = ("MATCH_LIMIT", "DEPTH_LIMIT", "DEST_KEY", "WRITE_META", "INGEST_EVAL")


def report(name: str, settings: Optional[Mapping[str, str]]) -> Step:
    """The step of one transform; BadInput for one that is not there or that is not simulated."""
    where = f"transforms.conf [{name}]"
    if settings is None:
        raise BadInput(f"props.conf: REPORT names {name}, which transforms.conf does not define")
    refused = next((key for key in _REFUSED if key in settings), None)
    if refused is not None:
        raise BadInput(f"{where}: {refused} in a REPORT is not simulated")
    source = settings.get("SOURCE_KEY") or "_raw"
    if ":" in source:
        raise BadInput(f"{where}: SOURCE_KEY = {source} is not simulated")
    find = _finder(where, settings)
    several = true(settings.get("MV_ADD", "false"))
    cleaned = true(settings.get("CLEAN_KEYS", "true"))
    # Delimiters drop empty values even so (captured on 10.4).
    keep_empty = true(settings.get("KEEP_EMPTY_VALS", "false")) and bool(settings.get("REGEX"))

    def step(fields: Row) -> None:
        written = source_text(fields, source, where)
        for key, value in find(written) if written is not None else ():
            named = clean(key) if cleaned else key
            if named and (value or keep_empty):
                add(fields, named, value, several, where)

    return step


def _finder(where: str, settings: Mapping[str, str]) -> Callable[[str], Pairs]:
    regex, delimiters = settings.get("REGEX", ""), settings.get("DELIMS", "")
    if bool(regex) == bool(delimiters):
        raise BadInput(f"{where}: a REPORT needs either REGEX or DELIMS")
    return _by_regex(where, settings) if regex else _by_delimiters(where, settings)


def _by_regex(where: str, settings: Mapping[str, str]) -> Callable[[str], Pairs]:
    """Named groups, or what FORMAT makes of the numbered ones; MV_ADD or a variable name asks for every match."""
    pattern = capturing(settings["REGEX"], "", where)
    form = _format(where, settings.get("FORMAT", ""), pattern)
    named = _named(where, pattern)
    if form and named:
        raise BadInput(f"{where}: FORMAT beside named groups is not simulated")
    pairs = form or named
    if not pairs:
        raise BadInput(f"{where}: REGEX has no named groups and there is no FORMAT")
    every = true(settings.get("MV_ADD", "false")) or any(callable(part) for part, _ in pairs)

    def find(written: str) -> Pairs:
        for match in pattern.finditer(written):
            for key, value in pairs:
                found = _filled(value, match)
                if found is not None:
                    yield _filled(key, match) or "", found
            if not every:
                return

    return find


Part = object  # a fixed text, or a function of the match


def _filled(part: Part, match: re.Match[str]) -> Optional[str]:
    return part(match) if callable(part) else str(part)


def _group(number: object) -> Callable[[re.Match[str]], Optional[str]]:
    return lambda match: match.group(number)  # type: ignore[call-overload]  # a name or a number


def _format(where: str, form: str, pattern: re.Pattern[str]) -> List[Tuple[Part, Part]]:
    """`name::$1 $2::$3` as pairs. `$0` is nothing at search time (captured on 10.4)."""
    pairs: List[Tuple[Part, Part]] = []
    for word in shlex.split(form):
        name, mark, value = word.partition("::")
        if not mark:
            raise BadInput(f"{where}: FORMAT needs <field>::<value>, not {word}")
        pairs.append((_part(where, name, pattern), _part(where, value, pattern)))
    return pairs


def _part(where: str, written: str, pattern: re.Pattern[str]) -> Part:
    reference = _REFERENCE.match(written)
    if reference is None:
        if re.search(r"\$\d", written):
            raise BadInput(f"{where}: FORMAT cannot join values at search time: {written}")
        return written
    number = int(reference.group(1))
    if number > pattern.groups:
        raise BadInput(f"{where}: FORMAT names {written}, a group that REGEX does not have")
    return _group(number) if number else ""


def _named(where: str, pattern: re.Pattern[str]) -> List[Tuple[Part, Part]]:
    """The named groups as fields; `_KEY_x` names the field that takes the value of `_VAL_x`."""
    pairs: List[Tuple[Part, Part]] = []
    for name in pattern.groupindex:
        if name.startswith(_VALUE):
            continue
        if name.startswith(_KEY):
            value = _VALUE + name[len(_KEY) :]
            if value not in pattern.groupindex:
                raise BadInput(f"{where}: REGEX has {name} without {value}")
            pairs.append((_group(name), _group(value)))
        else:
            pairs.append((name, _group(name)))
    return pairs


def _by_delimiters(where: str, settings: Mapping[str, str]) -> Callable[[str], Pairs]:
    """One set of delimiters and FIELDS, one set alone (names and values in turn), or one for pairs and one within."""
    groups = [_unescaped(piece) for piece in _QUOTED.findall(settings["DELIMS"])]
    if len(groups) not in (1, 2) or not all(groups):
        raise BadInput(f"{where}: DELIMS needs one or two sets of characters in double quotes")
    names = [_unescaped(quoted) if quoted else bare for quoted, bare in _ITEM.findall(settings.get("FIELDS", ""))]
    if names and len(groups) == 2:
        raise BadInput(f"{where}: FIELDS beside two sets of DELIMS is not simulated")
    unclean = [name for name in names if true(settings.get("CLEAN_KEYS", "true")) and clean(name) != name]
    if unclean:
        raise BadInput(f"{where}: cleaning the name {unclean[0]!r} of FIELDS is not simulated")


    def find(written: str) -> Pairs:
        text, held = _shielded(where, written, "".join(groups))
        if names:
            pairs: Pairs = zip(names, _columns(where, text, groups[0]))
        elif len(groups) == 1:
            tokens = _tokens(text, groups[0])
            pairs = zip(tokens[::2], tokens[1::2])
        else:
            pairs = _within(where, _tokens(text, groups[0]), groups[1])
        for name, value in pairs:
            if any(char in held for char in name):
                raise BadInput(f"{where}: DELIMS over a quoted name is not simulated")
            yield name, held.get(value, value)

    return find


def _shielded(where: str, written: str, delimiters: str) -> Tuple[str, Dict[str, str]]:
    """The text with one character in the place of each quoted value, and the values by these characters.

    Quotes around a whole value keep delimiters inside it from parting it and are no part of it; one that stands
    elsewhere is what transforms.conf.spec warns of.
    """
    held: Dict[str, str] = {}
    if '"' not in written:
        return written, held

    def hold(match: re.Match[str]) -> str:
        mark = chr(_MARKS + len(held))
        held[mark] = match.group(1)
        return mark

    either = f"[{re.escape(delimiters)}]"
    text = re.sub(rf'(?:\A|(?<={either}))"([^"\\]*)"(?={either}|\Z)', hold, written)
    if '"' in text or any(mark in written for mark in held):
        raise BadInput(f"{where}: DELIMS over a value with double quotes inside is not simulated")
    return text, held


def _columns(where: str, written: str, delimiters: str) -> List[str]:
    """Values by place; an empty one keeps its place."""
    places = [place for place, char in enumerate(written) if char in delimiters]
    if any(after == place + 1 and written[place] != written[after] for place, after in zip(places, places[1:])):
        raise BadInput(f"{where}: two different delimiters beside each other are not simulated")
    return re.split(f"[{re.escape(delimiters)}]", written)


def _tokens(written: str, delimiters: str) -> List[str]:
    """What stands between delimiters; those beside each other are one."""
    return [token for token in re.split(f"[{re.escape(delimiters)}]+", written) if token]


def _within(where: str, pairs: List[str], delimiters: str) -> Pairs:
    for pair in pairs:
        found = re.search(f"[{re.escape(delimiters)}]", pair)
        if found is None:
            continue
        name, value = pair[: found.start()], pair[found.end() :]
        if value != value.strip() or any(char in delimiters for char in value):
            raise BadInput(f"{where}: DELIMS over {pair!r} is not simulated: blanks or another delimiter in the value")
        yield name, value


def _unescaped(written: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), written)


def names_of(classes: Dict[str, str]) -> List[str]:
    """The transforms that REPORT settings name, in ASCII order of their classes and then as listed."""
    listed = [value for _, value in sorted(classes.items())]
    return [name.strip() for value in listed for name in value.split(",") if name.strip()]
