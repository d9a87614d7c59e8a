"""The clauses of stats and its kin: `function(field) AS name`, `BY fields`, and groups of aggregates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from workbench.spl.accumulators import Aggregate
from workbench.spl.aggregates import PER_SECONDS, canonical, factory, feed
from workbench.spl.arguments import Arguments
from workbench.spl.commands.fields import fill_wildcards, names_matching
from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.evaluate import compile_text
from workbench.spl.functions.table import Getter
from workbench.spl.values import Row, many, number, text


@dataclass(frozen=True)
class Clause:
    """One aggregate: function, field (None: the rows themselves), output name, maker; `get` for eval."""

    function: str
    field: Optional[str]
    output: str
    make: Callable[[], Aggregate]
    get: Optional[Getter] = None
    boolean: bool = False

    def value(self, row: Row) -> Any:
        """What a row gives to the aggregate."""
        if self.get is None:
            return True if self.field is None else row.get(self.field)
        found = self.get(row)
        if self.boolean:
            return True if found is True else None
        return found


def inside_parentheses(arguments: Arguments) -> str:
    """The text between the parentheses that come next, consumed."""
    begin = arguments.tokens[0].end
    depth = 0
    while not arguments.done:
        token = arguments.tokens.pop(0)
        depth += (token.kind == "(") - (token.kind == ")")
        if not depth:
            return arguments.text[begin : token.start].strip()
    raise arguments.error("Unbalanced parentheses.")


def _clause(arguments: Arguments, env: Environment, rates: bool) -> Clause:
    name = arguments.name()
    opening = arguments.peek()
    try:
        make = factory(name)
    except SearchError as error:
        raise arguments.error(str(error)) from error
    if name.lower() in PER_SECONDS and not rates:
        raise arguments.error(f"The aggregate '{name}' is available in timechart only.")
    function = canonical(name)
    inside = inside_parentheses(arguments) if opening is not None and opening.kind == "(" else None
    if not inside:
        if function == "count":
            return Clause("count", None, arguments.alias("count"), make)
        if inside is not None:
            raise arguments.error(f"The aggregate '{name}' needs a field.")
        # The manual's implicit wildcard: `stats avg` is `stats avg(*)`.
        return Clause(function, "*", f"{name}(*)", make)
    if inside.lower().startswith("eval(") and inside.endswith(")"):
        if arguments.keyword("as") is None:
            raise arguments.error(
                "You must specify a rename for the aggregation specifier on the dynamically evaluated field "
                f"'{name}({inside})'."
            )
        compiled = compile_text(inside[5:-1], env)
        output = arguments.name("You must specify a field name after 'as'.")
        return Clause(function, inside, output, make, compiled.get, compiled.kind == "boolean")
    field = inside[1:-1] if inside[:1] == '"' == inside[-1:] and len(inside) > 1 else inside
    if "'" in field or "(" in field:
        raise arguments.error(f"The field '{field}' of the aggregate '{name}' is not implemented.")
    output = arguments.alias(f"{name}({field})")
    if output != f"{name}({field})" and output.count("*") != field.count("*"):
        raise arguments.error(
            f"The number of wildcards between field specifier '{field}' and rename specifier '{output}' do not match."
        )
    return Clause(function, field, output, make)


def clauses(
    arguments: Arguments,
    env: Environment,
    *until: str,
    rates: bool = False,
    other: Optional[Callable[[], bool]] = None,
) -> List[Clause]:
    """The aggregates up to BY (or OVER) or the end.

    `rates` allows timechart's per_second() and its kin; `other` may take what comes next itself.
    """
    found: List[Clause] = []
    while not arguments.done:
        token = arguments.tokens[0]
        if token.kind == "word" and token.text.lower() in ("by", *until):
            break
        if arguments.accept(",") or (other is not None and other()):
            continue
        found.append(_clause(arguments, env, rates))
    return _distinct(arguments, found)


def _distinct(arguments: Arguments, found: List[Clause]) -> List[Clause]:
    """The clauses, each once; one output for two of them, or two outputs for one field, is refused."""
    kept: Dict[str, Clause] = {}
    renamed: Dict[Tuple[str, Optional[str]], str] = {}
    for clause in found:
        source = (clause.function, clause.field)
        other = kept.setdefault(clause.output, clause)
        if (other.function, other.field) != source:
            raise arguments.error("You have specified duplicate rename field(s).")
        if clause.field is not None and renamed.setdefault(source, clause.output) != clause.output:
            raise arguments.error(
                f"The aggregate '{clause.function}({clause.field})' cannot be given several names: "
                f"'{renamed[source]}', '{clause.output}'."
            )
    return list(kept.values())


def by_fields(arguments: Arguments, found: Sequence[Clause]) -> List[str]:
    """The fields behind BY, if it comes next."""
    if arguments.keyword("by") is None:
        return []
    names = arguments.fields()
    if not names or "by" in map(str.lower, names):
        raise arguments.error("You must specify a field name after 'by'.")
    for name in names:
        if "*" in name:
            raise arguments.error(f"The group-by field '{name}' cannot have a wildcard.")
        if names.count(name) > 1:
            raise arguments.error(f"Repeated group-by field '{name}'.")
        if any(clause.output == name for clause in found):
            raise arguments.error(f"The output field '{name}' cannot have the same name as a group-by field.")
    return names


def spread(found: Sequence[Clause], rows: List[Row], by: Sequence[str]) -> List[Clause]:
    """The clauses with their wildcards replaced by the fields that rows have."""
    wide: List[Clause] = []
    for clause in found:
        if clause.get is not None or clause.field is None or "*" not in clause.field:
            wide.append(clause)
            continue
        for name in names_matching([clause.field], rows):
            if name in by or (name[:1] == "_" and clause.field[:1] != "_"):
                continue
            output = fill_wildcards(clause.field, clause.output, name)
            wide.append(replace(clause, field=name, output=output))
    return wide



_TIMED = ("earliest", "latest", "earliest_time", "latest_time", "rate")
# What these give of a row that has several values no page tells.
_ONE_OF_A_ROW = ("first", "last", "earliest", "latest")


def _check_single(clause: Clause) -> None:
    if clause.function in _ONE_OF_A_ROW:
        raise SearchError(f"{clause.function}() over the multivalue field '{clause.field}' is not implemented.")


class Group:
    """The aggregates of one group of rows."""

    def __init__(self, found: Sequence[Clause]):
        self.pairs = [(clause, clause.make()) for clause in found]

    def add(self, row: Row, time: Optional[float]) -> None:
        """Give a row to every aggregate."""
        for clause, aggregate in self.pairs:
            value = clause.value(row)
            if value is None:
                continue
            if isinstance(value, list):
                _check_single(clause)
                feed(aggregate, value, time)
            else:
                aggregate.add(value, time)

    def take(self, rows: Sequence[Row]) -> Group:
        """Give many rows to every aggregate; the group itself."""
        for clause, aggregate in self.pairs:
            if clause.get is None and clause.field is None:
                aggregate.take(rows, ())
                continue
            values: List[Any] = []
            times: List[Optional[float]] = []
            timed = clause.function in _TIMED
            read = clause.value
            for row in rows:
                value = read(row)
                if value is None:
                    continue
                if isinstance(value, list):
                    _check_single(clause)
                    values += value
                else:
                    values.append(value)
                if timed:
                    times += [number(row.get("_time"))] * len(many(value))
            aggregate.take(values, times if timed else [None] * len(values))
        return self

    def results(self) -> Dict[str, Any]:
        """The results that are not null, by output name."""
        found = ((clause.output, aggregate.result()) for clause, aggregate in self.pairs)
        return {name: value for name, value in found if value is not None}


Key = Tuple[str, ...]


def keys_of(row: Row, by: Sequence[str], distinct: bool = False) -> Iterable[Key]:
    """The groups that a row belongs to: one for each combination of its values, none if one is missing."""
    found = tuple(map(row.get, by))
    for value in found:
        if type(value) is not str:
            break
    else:
        return (found,)  # type: ignore[return-value]  # texts, as the loop has seen
    values = []
    for value in found:
        items = [text(item) for item in many(value)]
        if not items:
            return ()
        values.append(list(dict.fromkeys(items)) if distinct else items)
    return product(*values)


def key_of(row: Row, by: Sequence[str]) -> Optional[Key]:
    """The one group of a row that stays a row; None when a field is missing."""
    keys = list(keys_of(row, by))
    if len(keys) > 1:
        raise SearchError("Grouping rows by a multivalue field is implemented in stats and chart only.")
    return keys[0] if keys else None


def rows_by_key(rows: List[Row], by: Sequence[str], distinct: bool = False) -> Dict[Key, List[Row]]:
    """The rows of every group; without BY there is one, even of no rows."""
    if not by:
        return {(): rows}
    groups: Dict[Key, List[Row]] = defaultdict(list)
    if len(by) > 1:
        for row in rows:
            for key in keys_of(row, by, distinct):
                groups[key].append(row)
        return groups
    (name,) = by
    for row in rows:
        value = row.get(name)
        if type(value) is str:
            groups[(value,)].append(row)
        else:
            for key in keys_of(row, by, distinct):
                groups[key].append(row)
    return groups
