"""Turns the tree of an expression into a function of a row."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Binary, Call, Field, Literal, Node, Unary, parse_expression
from workbench.spl.functions import FUNCTIONS
from workbench.spl.functions.table import Compiled, Getter, bad_arguments
from workbench.spl.values import Row, number, text

BOOLEAN = "boolean"


def compile_text(expression: str, env: Environment) -> Compiled:
    """Parse and compile an expression."""
    return compile_node(parse_expression(expression), env)


def compile_condition(expression: str, env: Environment) -> Callable[[Row], bool]:
    """An expression that must be boolean; null counts as false."""
    compiled = compile_text(expression, env)
    if compiled.kind not in (BOOLEAN, "null"):
        raise SearchError("The expression is invalid. The result of a 'where' expression must be boolean.")
    return lambda row: compiled.get(row) is True


def compile_node(node: Node, env: Environment) -> Compiled:
    """Compile one node of the tree."""
    if isinstance(node, Literal):
        value = node.value
        return Compiled(lambda row: value, "string" if isinstance(value, str) else "number", node)
    if isinstance(node, Field):
        name = node.name
        return Compiled(lambda row: row.get(name), "any", node)
    if isinstance(node, Call):
        return _call(node, env)
    if isinstance(node, Unary):
        return _unary(node, env)
    left, right = compile_node(node.left, env), compile_node(node.right, env)
    if node.operator in ("AND", "OR", "XOR"):
        return _logic(node, left, right)
    if node.operator in _COMPARE:
        return _comparison(node, left, right)
    return _arithmetic(node, left, right)


def _call(node: Call, env: Environment) -> Compiled:
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise SearchError(f"The '{node.name}' function is unsupported or undefined.")
    if len(node.args) < function.least or (function.most is not None and len(node.args) > function.most):
        raise bad_arguments(node.name)
    args = tuple(compile_node(arg, env) for arg in node.args)
    if function.numeric and any(_never_number(arg) for arg in args):
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


def _spread(plain: Callable[..., Any], gets: list[Getter]) -> Getter:
    if len(gets) == 1:
        first = gets[0]
        return lambda row: plain(first(row))
    return lambda row: plain(*[get(row) for get in gets])


def _unary(node: Unary, env: Environment) -> Compiled:
    operand = compile_node(node.operand, env)
    get = operand.get
    if node.operator == "NOT":
        _need_boolean("NOT", operand)
        return Compiled(lambda row: _negate(get(row)), BOOLEAN, node)
    if operand.kind in ("string", BOOLEAN):
        raise SearchError(f"Type checking failed. Unary '{node.operator}' only takes numbers.")
    sign = -1.0 if node.operator == "-" else 1.0

    def signed(row: Row) -> Any:
        value = number(get(row))
        return None if value is None else sign * value

    return Compiled(signed, "number", node)


def _negate(value: Any) -> Any:
    return None if value is None else not value


def _need_boolean(operator: str, *operands: Compiled) -> None:
    if any(operand.kind not in (BOOLEAN, "null") for operand in operands):
        raise SearchError(f"'{operator}' only takes boolean arguments.")


def _and(left: Any, right: Getter, row: Row) -> Any:
    if left is False:
        return False
    other = right(row)
    return other if left is True or other is False else None


def _or(left: Any, right: Getter, row: Row) -> Any:
    if left is True:
        return True
    other = right(row)
    return other if left is False or other is True else None


def _xor(left: Any, right: Getter, row: Row) -> Any:
    other = right(row)
    return None if left is None or other is None else left is not other


_LOGIC: Dict[str, Callable[[Any, Getter, Row], Any]] = {"AND": _and, "OR": _or, "XOR": _xor}


def _logic(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    _need_boolean(node.operator, left, right)
    a, b, decide = left.get, right.get, _LOGIC[node.operator]
    return Compiled(lambda row: decide(a(row), b, row), BOOLEAN, node)


_COMPARE: Dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def compare(operator: str, left: Any, right: Any) -> Any:
    """True, false, or None when a side is null; numbers when both sides are, texts otherwise."""
    if left is None or right is None:
        return None
    if isinstance(left, list) or isinstance(right, list):
        raise SearchError(f"The '{operator}' operator over a multivalue field is not implemented.")
    a, b = number(left), number(right)
    if a is None or b is None:
        return _COMPARE[operator](text(left), text(right))
    return _COMPARE[operator](a, b)


def _comparison(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    if {left.kind, right.kind} == {"string", "number"} and isinstance(node.left, Literal) == isinstance(
        node.right, Literal
    ):
        raise SearchError(
            f"Type checking failed. The '{node.operator}' operator received different types."
        )
    a, b, operator = left.get, right.get, node.operator
    return Compiled(lambda row: compare(operator, a(row), b(row)), BOOLEAN, node)


def _divide(a: float, b: float) -> Any:
    return a / b if b else None


def _modulo(a: float, b: float) -> Any:
    return math.fmod(a, b) if b else None


_ARITHMETIC: Dict[str, Callable[[float, float], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": _modulo,
}


def _arithmetic(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    a, b, operator = left.get, right.get, node.operator
    if BOOLEAN in (left.kind, right.kind):
        raise SearchError(f"Type checking failed. '{operator}' does not take boolean arguments.")
    if operator == ".":
        return Compiled(lambda row: _concatenate(a(row), b(row)), "string", node)
    kinds = {left.kind, right.kind}
    if operator == "+":
        if kinds == {"string", "number"}:
            raise SearchError("Type checking failed. '+' only takes two strings or two numbers.")
        texts = left.kind == "string" and right.kind == "string"
        kind = left.kind if left.kind == right.kind else "any"
        return Compiled(lambda row: _plus(a(row), b(row), texts), kind, node)
    if "string" in kinds and any(isinstance(side, Literal) for side in (node.left, node.right)):
        raise SearchError(f"Type checking failed. '{operator}' only takes numbers.")
    compute = _ARITHMETIC[operator]

    def run(row: Row) -> Any:
        x, y = _operand(a(row), operator), _operand(b(row), operator)
        if x is None or y is None:
            return None
        return compute(x, y)

    return Compiled(run, "number", node)


def _operand(value: Any, operator: str) -> Any:
    if isinstance(value, list):
        raise SearchError(f"The '{operator}' operator over a multivalue field is not implemented.")
    return number(value)


def _concatenate(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, list) or isinstance(right, list):
        raise SearchError("The '.' operator over a multivalue field is not implemented.")
    return text(left) + text(right)


def _plus(left: Any, right: Any, texts: bool) -> Any:
    if texts:
        return _concatenate(left, right)
    x, y = _operand(left, "+"), _operand(right, "+")
    if x is not None and y is not None:
        return x + y
    if left is None or right is None:
        return None
    if x is None and y is None:
        return text(left) + text(right)
    raise SearchError("The '+' operator over a number and a text, both from fields, is not implemented.")
