"""What chart and timechart compute in each cell: aggregates, and expressions over aggregates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, Dict, List, Optional, Tuple

from workbench.spl.aggregates import PER_SECONDS, canonical, factory, is_aggregate
from workbench.spl.aggregation import Clause, clauses, inside_parentheses
from workbench.spl.arguments import Arguments
from workbench.spl.environment import Environment
from workbench.spl.evaluate import compile_node
from workbench.spl.expressions import Binary, Call, Field, Node, Unary, parse_expression
from workbench.spl.values import Row, Value, number

# From the results of a cell's clauses and the seconds of its bin.
Give = Callable[[Row, float], Value]
_ZERO = ("count", "dc")


@dataclass(frozen=True)
class Term:
    """One visible value of a cell: its column's name (None: an expression without AS), whether 0 stands for none."""

    output: Optional[str]
    zero: bool
    give: Give


def read_terms(
    arguments: Arguments, env: Environment, *until: str, rates: bool = False
) -> Tuple[List[Term], List[Clause]]:
    """The terms up to BY (or OVER) or the end, and the clauses that they are made of."""
    expressions: List[Term] = []
    hidden: List[Clause] = []

    def expression() -> bool:
        opening = arguments.peek(1)
        if arguments.tokens[0].text.lower() != "eval" or opening is None or opening.kind != "(":
            return False
        arguments.name()
        expressions.append(_expression(arguments, env, hidden))
        return True

    found = clauses(arguments, env, *until, rates=rates, other=expression)
    return [*(_plain(clause) for clause in found), *expressions], [*found, *hidden]


def _plain(clause: Clause) -> Term:
    output, per = clause.output, PER_SECONDS.get(clause.function)

    def give(results: Row, seconds: float) -> Value:
        value = results.get(output)
        if per is None or value is None:
            return value
        return (number(value) or 0.0) * per / seconds

    return Term(output, clause.function in _ZERO, give)


def _expression(arguments: Arguments, env: Environment, hidden: List[Clause]) -> Term:
    """`eval(expression over aggregates) [AS name]`; the aggregates become hidden clauses."""
    inside = inside_parentheses(arguments)
    names: Dict[str, str] = {}
    compiled = compile_node(_without_aggregates(arguments, parse_expression(inside), hidden, names), env)
    if not names:
        raise arguments.error(f"The expression '{inside}' has no aggregate.")
    output = arguments.name("You must specify a field name after 'as'.") if arguments.keyword("as") else None
    return Term(output, False, lambda results, seconds: compiled.get(results))


def _without_aggregates(arguments: Arguments, node: Node, hidden: List[Clause], names: Dict[str, str]) -> Node:
    """The tree with every aggregate replaced by the field that will hold its result."""
    if isinstance(node, Call) and is_aggregate(node.name):
        if len(node.args) > 1 or not all(isinstance(arg, Field) for arg in node.args):
            raise arguments.error(f"The aggregate '{node.name}' of other than a field is not implemented.")
        field = next((arg.name for arg in node.args if isinstance(arg, Field)), None)
        written = f"{node.name}({field or ''})"
        if written not in names:
            names[written] = f" {len(hidden)}"
            hidden.append(Clause(canonical(node.name), field, names[written], factory(node.name)))
        return Field(names[written])
    if isinstance(node, Call):
        return replace(node, args=tuple(_without_aggregates(arguments, arg, hidden, names) for arg in node.args))
    if isinstance(node, Unary):
        return replace(node, operand=_without_aggregates(arguments, node.operand, hidden, names))
    if isinstance(node, Binary):
        left = _without_aggregates(arguments, node.left, hidden, names)
        return replace(node, left=left, right=_without_aggregates(arguments, node.right, hidden, names))
    if isinstance(node, Field):
        raise arguments.error(f"The field '{node.name}' outside an aggregate is not implemented.")
    return node
