"""foreach: a pipeline once for each of several fields, or for each value of one."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List

from workbench.spl.arguments import Arguments, Reader, choice, pop_subsearch
from workbench.spl.commands.evaluating import read_eval
from workbench.spl.commands.fields import names_matching
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.documents import plain, read
from workbench.spl.lexer import quoted_end
from workbench.spl.values import Row, many, text

_OPTIONS: Dict[str, Reader] = {
    "mode": choice("multifield", "multivalue", "json_array", "auto_collections"), "fieldstr": str,
    "matchstr": str, "matchseg1": str, "matchseg2": str, "matchseg3": str, "itemstr": str, "iterstr": str,
}  # fmt: skip
_ITEM, _ITER = "<<ITEM>>", "<<ITER>>"
_IN_A_NAME = re.compile(rf"(?<=\w){_ITEM}|{_ITEM}(?=\w)")


@command("foreach", pipelines=True)
def read_foreach(arguments: Arguments, context: Context) -> Stage:
    """Run the pipeline in brackets for each field, or for each value of a field."""
    template = pop_subsearch(arguments)
    options = arguments.options(_OPTIONS)
    patterns = arguments.fields()
    if not patterns:
        raise arguments.error("At least one field must be given as an argument.")
    mode = options.get("mode", "multifield")
    if mode == "multifield":
        return _each_field(patterns, template, options, context)
    if len(patterns) > 1:
        raise arguments.error(f"More than one field was provided for the 'foreach' command in mode={mode}.")
    return _each_value(arguments, patterns[0], template, options, context)


def _each_field(patterns: List[str], template: str, options: Dict[str, Any], context: Context) -> Stage:
    def repeat(rows: List[Row]) -> List[Row]:
        for pattern in patterns:
            for name in names_matching([pattern], rows):
                if "*" in pattern and name[:1] == "_" and pattern[:1] != "_":
                    continue
                rows = context.subsearch(_for_field(template, pattern, name, options), rows)
        return rows

    return repeat


def _for_field(template: str, pattern: str, name: str, options: Dict[str, Any]) -> str:
    match = re.fullmatch("(.*?)".join(re.escape(piece) for piece in pattern.split("*")), name, re.DOTALL)
    caught = list(match.groups()) if match else []
    values = {"fieldstr": ("<<FIELD>>", name), "matchstr": ("<<MATCHSTR>>", "".join(caught))}
    for place, piece in enumerate(caught[:3], 1):
        values[f"matchseg{place}"] = (f"<<MATCHSEG{place}>>", piece)
    for option, (mark, value) in values.items():
        template = template.replace(options.get(option, mark), value)
    return template


def _each_value(
    arguments: Arguments, name: str, template: str, options: Dict[str, Any], context: Context
) -> Stage:
    match = re.match(r"eval\s+(.*)\Z", template, re.DOTALL)
    if match is None:
        raise arguments.error("In this mode the subsearch must be a single eval command.")
    body = match.group(1).replace(options.get("itemstr", _ITEM), _ITEM)
    body = body.replace(options.get("iterstr", _ITER), _ITER)
    stages: Dict[str, Stage] = {}

    def stage(item: Any, place: int) -> Stage:
        expression = _filled(body.replace(_ITER, str(place)), text(item))
        if expression not in stages:
            stages[expression] = read_eval(Arguments("eval", expression), context)
        return stages[expression]

    items = _ITEMS[options["mode"]]

    def repeat(rows: List[Row]) -> List[Row]:
        for row in rows:
            for place, item in enumerate(items(row.get(name))):
                row[_ITEM] = item
                stage(item, place)([row])
            row.pop(_ITEM, None)
        return rows

    stage("", 0)
    return repeat


def _filled(body: str, item: str) -> str:
    """Marks of the item inside double quotes or names become text, others the field that holds the item."""
    pieces: List[str] = []
    place = 0
    while place < len(body):
        quote = body.find('"', place)
        end = len(body) if quote < 0 else quote
        outside, inside = body[place:end], ""
        if quote >= 0:
            end = quoted_end(body, quote)
            inside = body[quote:end]
        outside = _IN_A_NAME.sub(lambda match: item, outside)
        outside = outside.replace(f"'{_ITEM}'", _ITEM).replace(_ITEM, f"'{_ITEM}'")
        pieces += [outside, inside.replace(_ITEM, item.replace("\\", "\\\\").replace('"', '\\"'))]
        place = end
    return "".join(pieces)


def _elements(value: Any) -> List[Any]:
    parsed = None if value is None else read(text(value))
    return [plain(item) for item in parsed[0]] if parsed is not None and isinstance(parsed[0], list) else []


def _either(value: Any) -> List[Any]:
    return _elements(value) or many(value)


_ITEMS: Dict[str, Callable[[Any], List[Any]]] = {
    "multivalue": many,
    "json_array": _elements,
    "auto_collections": _either,
}
