"""eval, rex: new values from those of a row."""

from __future__ import annotations

import re
from typing import Callable, List, Pattern, Tuple

from workbench.spl.arguments import Arguments, choice, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.evaluate import compile_node
from workbench.spl.expressions import MALFORMED, Parser
from workbench.spl.functions.table import Getter
from workbench.spl.regex import compile_pattern, replacement
from workbench.spl.values import Row, many, one_or_many, text

_USAGE = "Usage: eval dest_key = expression."
_BOOLEAN = (
    "Fields cannot be assigned a boolean result. Instead, try if([bool expr], [expr], [expr])."
)
_DYNAMIC = re.compile(r"\{([^{}]+)\}")
_TRUTH = {True: "True", False: "False"}
Assignment = Tuple[str, Getter]


def assignments(arguments: Arguments, context: Context) -> List[Assignment]:
    """The fields and expressions of an eval, in order."""
    parser = Parser(arguments.text)
    found: List[Assignment] = []
    while True:
        target = parser.target()
        if target is None:
            raise arguments.error(_USAGE if not found and not arguments.text.strip() else MALFORMED)
        compiled = compile_node(parser.expression(), context.env)
        if compiled.kind == "boolean":
            raise arguments.error(_BOOLEAN)
        found.append((target, compiled.get))
        if parser.current.kind == "end":
            return found
        if not parser.accept(","):
            raise arguments.error(MALFORMED)


@command("eval")
def read_eval(arguments: Arguments, context: Context) -> Stage:
    """Assign expressions to fields, left to right."""
    steps = [(target, get, "{" in target) for target, get in assignments(arguments, context)]

    def evaluate(rows: List[Row]) -> List[Row]:
        for row in rows:
            for target, get, dynamic in steps:
                value = get(row)
                name = _named(target, row) if dynamic else target
                if value is None:
                    row.pop(name, None)
                else:
                    row[name] = _TRUTH[value] if value.__class__ is bool else value
        return rows

    return evaluate


def _named(target: str, row: Row) -> str:
    return _DYNAMIC.sub(lambda match: text(row.get(match[1])), target)


@command("rex")
def read_rex(arguments: Arguments, context: Context) -> Stage:
    """Extract named groups from a field, or edit it in sed's way."""
    options = arguments.options(
        {"field": str, "mode": choice("sed"), "max_match": whole, "offset_field": str}, strict=False
    )
    expression = arguments.name("A regular expression is missing.")
    arguments.end()
    source = options.get("field", "_raw")
    if options.get("mode"):
        return _editor(source, sed(arguments, expression))
    pattern = compile_pattern(expression)
    if not pattern.groupindex:
        raise arguments.error(
            f"The regex '{expression}' does not extract anything. It should specify at least one named group. "
            "Format: (?<name>...)."
        )
    if "offset_field" in options:
        raise arguments.error("The option 'offset_field' is not implemented.")
    limit = options.get("max_match", 1)
    return lambda rows: [_extracted(row, source, pattern, limit) for row in rows]


def _extracted(row: Row, source: str, pattern: Pattern[str], limit: int) -> Row:
    found = []
    for item in many(row.get(source)):
        for match in pattern.finditer(text(item)):
            found.append(match)
            if limit and len(found) >= limit:
                break
        if limit and len(found) >= limit:
            break
    for name in pattern.groupindex if found else ():
        values = [match[name] for match in found if match[name]]
        if values:
            row[name] = one_or_many(values)
    return row


def sed(arguments: Arguments, expression: str) -> Callable[[str], str]:
    """A sed expression, `s/regex/new/flags` or `y/from/to/`, as a change of text."""
    kind, mark = expression[:1], expression[1:2]
    pieces = re.split(rf"(?<!\\){re.escape(mark)}", expression[2:]) if mark else []
    if kind not in ("s", "y") or len(pieces) != 3:
        raise arguments.error(f"Failed to initialize sed. Invalid option string: {expression}")
    old, new, flags = pieces
    if kind == "y":
        if len(old) != len(new) or flags:
            raise arguments.error("Failed to initialize sed. The strings of 'y' differ in length.")
        return lambda written: written.translate(str.maketrans(old, new))
    if re.fullmatch(r"g|\d*", flags) is None:
        raise arguments.error(f"Failed to initialize sed. Invalid option string: {flags}")
    pattern, expand = compile_pattern(old), replacement(new)
    if not flags.isdigit():
        return lambda written: pattern.sub(expand, written, count=0 if flags else 1)
    wanted = int(flags)

    def nth(written: str) -> str:
        matches = list(pattern.finditer(written))
        if len(matches) < wanted:
            return written
        match = matches[wanted - 1]
        return written[: match.start()] + expand(match) + written[match.end() :]

    return nth


def _editor(source: str, edit: Callable[[str], str]) -> Stage:
    def change(rows: List[Row]) -> List[Row]:
        for row in rows:
            value = row.get(source)
            if value is not None:
                row[source] = one_or_many([edit(text(item)) for item in many(value)])
        return rows

    return change
