"""sort, dedup, head, tail, reverse: order and number of rows."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.evaluate import compile_text
from workbench.spl.sorting import SortKey, sort_rows
from workbench.spl.values import Row, text

SORT_LIMIT = 10_000
_KINDS = ("auto", "str", "num", "ip")


def sort_keys(arguments: Arguments) -> List[SortKey]:
    """Sort fields up to the end: sign, kind, name; a sign on its own holds for those without one."""
    keys: List[SortKey] = []
    descending = False
    while not arguments.done:
        if arguments.accept(","):
            continue
        token = arguments.peek()
        if token is None or not token.is_name:
            raise arguments.invalid(token.text if token else "")
        word = arguments.name()
        own = descending
        if token.kind == "word" and word[:1] in ("+", "-"):
            sign, word = word[0] == "-", word[1:]
            if not word and (behind := arguments.peek()) is not None and behind.spaced:
                descending = sign
                continue
            own = sign
            word = word or arguments.name()
        kind = "auto"
        if token.kind == "word" and word in _KINDS and arguments.accept("("):
            kind, word = word, arguments.name()
            if not arguments.accept(")"):
                raise arguments.error("Unbalanced parentheses.")
        if "*" in word:
            raise arguments.error(f"The wildcard in '{word}' is not implemented.")
        keys.append((word, own, kind))
    return keys


@command("sort")
def read_sort(arguments: Arguments, context: Context) -> Stage:
    """Sort by fields; at most 10,000 rows unless a limit (0: all) comes first."""
    options = arguments.options({"limit": whole})
    limit = options.get("limit")
    first = arguments.peek()
    if limit is None and first is not None and first.kind == "word" and first.text.isdigit():
        limit = int(arguments.name())
    limit = SORT_LIMIT if limit is None else limit
    backwards = False
    if arguments.tokens and arguments.tokens[-1].text.lower() in ("d", "desc") and len(arguments.tokens) > 1:
        backwards = True
        del arguments.tokens[-1]
    keys = sort_keys(arguments)
    if not keys:
        raise arguments.error("At least one field must be given as an argument.")

    def sort(rows: List[Row]) -> List[Row]:
        ordered = sort_rows(rows, keys)
        ordered = ordered[::-1] if backwards else ordered
        return ordered[:limit] if limit else ordered

    return sort


@command("dedup")
def read_dedup(arguments: Arguments, context: Context) -> Stage:
    """Keep the first rows of each combination of values."""
    options = arguments.options({"keepevents": boolean, "keepempty": boolean, "consecutive": boolean})
    first = arguments.peek()
    count = 1
    if first is not None and first.kind == "word" and first.text.isdigit():
        count = int(arguments.name())
        if not count:
            raise arguments.error("The number of events to keep must be a positive number.")
    names = arguments.plain_fields("sortby")
    sorting = arguments.keyword("sortby") is not None
    keys = sort_keys(arguments)
    if not names or (sorting and not keys):
        raise arguments.error("At least one field must be given as an argument.")
    if names[0][:1] == "-" and names[0][1:].isdigit():
        raise arguments.error("The number of events to keep must be a positive number.")
    return lambda rows: _deduplicate(sort_rows(rows, keys) if keys else rows, names, count, options)


def _deduplicate(rows: List[Row], names: List[str], count: int, options: Dict[str, Any]) -> List[Row]:
    kept: List[Row] = []
    seen: Dict[Tuple[str, ...], int] = {}
    for row in rows:
        values = [row.get(name) for name in names]
        if any(value is None for value in values):
            if options.get("keepempty"):
                kept.append(row)
            continue
        key = tuple(text(value) for value in values)
        if options.get("consecutive") and key not in seen:
            seen.clear()
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= count:
            kept.append(row)
        elif options.get("keepevents"):
            for name in names:
                row.pop(name, None)
            kept.append(row)
    return kept


@command("head")
def read_head(arguments: Arguments, context: Context) -> Stage:
    """The first rows: a number of them, or as long as an expression is true."""
    options = arguments.options({"limit": whole, "null": boolean, "keeplast": boolean}, strict=False)
    first = arguments.peek()
    if first is None:
        return lambda rows: rows[: options.get("limit", 10)]
    if first.kind == "word" and len(arguments.tokens) == 1:
        return _count_of_rows(arguments, "head")
    compiled = compile_text(arguments.text[first.start : arguments.tokens[-1].end], context.env)
    if compiled.kind != "boolean":
        raise arguments.error("The argument must be a positive number or a boolean expression.")

    def lead(rows: List[Row]) -> List[Row]:
        kept: List[Row] = []
        for row in rows:
            verdict = compiled.get(row)
            if not (verdict is True or (verdict is None and options.get("null"))):
                kept += [row] if options.get("keeplast") else []
                break
            kept.append(row)
        return kept[: options["limit"]] if "limit" in options else kept

    return lead


def _count_of_rows(arguments: Arguments, command_name: str) -> Stage:
    written = arguments.name()
    arguments.end()
    if not written.isdigit():
        raise arguments.error(f"The number of rows must be a positive number, not '{written}'.")
    count = int(written)
    if command_name == "head":
        return lambda rows: rows[:count]
    return lambda rows: rows[::-1][:count]


@command("tail")
def read_tail(arguments: Arguments, context: Context) -> Stage:
    """The last rows, last first."""
    if arguments.done:
        return lambda rows: rows[::-1][:10]
    return _count_of_rows(arguments, "tail")


@command("reverse")
def read_reverse(arguments: Arguments, context: Context) -> Stage:
    """The rows, last first."""
    arguments.end()
    return lambda rows: rows[::-1]
