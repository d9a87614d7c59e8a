"""Turns the tree of an expression into a function of a row."""

from __future__ import annotations

import operator as operators
from typing import Any, Callable, List

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Binary, Call, Field, Literal, Node, Unary, parse_expression
from workbench.spl.functions import FUNCTIONS
from workbench.spl.functions.table import Compiled, Getter, bad_arguments
from workbench.spl.operators import BOOLEAN, arithmetic, comparison, either, every, need_boolean, some
from workbench.spl.precision import Fixed, imprecise, negative
from workbench.spl.values import Row, number

__all__ = ["BOOLEAN", "compile_condition", "compile_node", "compile_text"]
_LOGIC = {"AND": every, "OR": some}
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


def compile_text(expression: str, env: Environment) -> Compiled:
    """Parse and compile an expression."""
    return compile_node(parse_expression(expression), env)


def compile_condition(expression: str, env: Environment) -> Callable[[Row], bool]:
    """An expression that must be boolean; null counts as false."""
    compiled = compile_text(expression, env)
    if compiled.kind not in (BOOLEAN, "null"):
        raise SearchError("The expression is invalid. The result of a 'where' expression must be boolean.")
    get = compiled.get
    return lambda row: get(row) is True


def compile_node(node: Node, env: Environment) -> Compiled:
    """Compile one node of the tree."""
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Field):
        return Compiled(operators.methodcaller("get", node.name), "any", node)
    if isinstance(node, Call):
        return _call(node, env)
    if isinstance(node, Unary):
        return _unary(node, env)
    return _chain(node, env)


def _literal(node: Literal) -> Compiled:
    value: Any = node.value
    if not isinstance(value, str) and "." in node.written and node.written.replace(".", "").isdigit():
        value = Fixed(value, len(node.written.partition(".")[2]))
    return Compiled(lambda row: value, "string" if isinstance(value, str) else "number", node)


def _chain(node: Binary, env: Environment) -> Compiled:
    """Operators that follow each other, from the left; a chain of AND or of OR is one step."""
    spine: List[Binary] = []
    first: Node = node
    while isinstance(first, Binary):
        spine.append(first)
        first = first.left
    left = compile_node(first, env)
    while spine:
        here = spine.pop()
        if here.operator not in _LOGIC:
            left = _pair(here, left, compile_node(here.right, env))
            continue
        parts = [left, compile_node(here.right, env)]
        while spine and spine[-1].operator == here.operator:
            here = spine.pop()
            parts.append(compile_node(here.right, env))
        need_boolean(here.operator, *parts)
        left = Compiled(_LOGIC[here.operator]([part.get for part in parts]), BOOLEAN, here)
    return left


def _pair(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    if node.operator == "XOR":
        need_boolean("XOR", left, right)
        return Compiled(either(left.get, right.get), BOOLEAN, node)
    return comparison(node, left, right) if node.operator in _COMPARISONS else arithmetic(node, left, right)


def _call(node: Call, env: Environment) -> Compiled:
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise SearchError(f"The '{node.name}' function is unsupported or undefined.")
    if len(node.args) < function.least or (function.most is not None and len(node.args) > function.most):
        raise bad_arguments(node.name)
    args = tuple([compile_node(arg, env) for arg in node.args])
    if function.numeric is not None and any(map(_never_number, args[function.numeric :])):
        raise bad_arguments(node.name)
    if function.build is not None:
        get, kind = function.build(env, args)
        return Compiled(get, kind, node)
    plain = function.plain
    assert plain is not None  # noqa: S101 - the table holds one of the two
    return Compiled(_spread(plain, [arg.get for arg in args]), function.kind, node)


def _never_number(arg: Compiled) -> bool:
    literal = isinstance(arg.node, Literal) and number(arg.node.value) is None
    return literal or arg.kind == BOOLEAN


def _spread(plain: Callable[..., Any], gets: List[Getter]) -> Getter:
    if len(gets) == 1:
        first = gets[0]
        return lambda row: plain(first(row))
    if len(gets) == 2:
        one, other = gets
        return lambda row: plain(one(row), other(row))
    return lambda row: plain(*[get(row) for get in gets])


def _unary(node: Unary, env: Environment) -> Compiled:
    operand = compile_node(node.operand, env)
    get = operand.get
    if node.operator == "NOT":
        need_boolean("NOT", operand)
        return Compiled(lambda row: _negate(get(row)), BOOLEAN, node)
    if operand.kind in ("string", BOOLEAN):
        raise SearchError(f"Type checking failed. Unary '{node.operator}' only takes numbers.")
    sign = -1.0 if node.operator == "-" else 1.0

    def signed(row: Row) -> Any:
        value = get(row)
        found = number(value)
        if found is None:
            return None
        return negative(value, sign * found) if imprecise(value) else sign * found

    return Compiled(signed, "number", node)


def _negate(value: Any) -> Any:
    return None if value is None else not value
