"""The operators of expressions, each compiled to a function of a row: logic, comparison, arithmetic.

A truth value is True, False or None, which stands for a comparison with null.
"""

from __future__ import annotations

import math
import operator as operators
from typing import Any, Callable, Dict, List

from workbench.spl.errors import SearchError
from workbench.spl.expressions import Binary, Literal
from workbench.spl.functions.table import Compiled, Getter
from workbench.spl.precision import combined, imprecise
from workbench.spl.values import Row, number, text

BOOLEAN = "boolean"
Holds = Callable[[Any, Any], bool]
_COMPARE: Dict[str, Holds] = {
    "==": operators.eq, "!=": operators.ne, "<": operators.lt, ">": operators.gt, "<=": operators.le,
    ">=": operators.ge,
}  # fmt: skip


def need_boolean(operator: str, *operands: Compiled) -> None:
    """Refuse operands that are no truth values."""
    if any(operand.kind not in (BOOLEAN, "null") for operand in operands):
        raise SearchError(f"'{operator}' only takes boolean arguments.")


def every(gets: List[Getter]) -> Getter:
    """AND over any number of conditions: false as soon as one is, null when one is null."""

    def run(row: Row) -> Any:
        found: Any = True
        for get in gets:
            value = get(row)
            if value is False:
                return False
            if value is None:
                found = None
        return found

    return run


def some(gets: List[Getter]) -> Getter:
    """OR over any number of conditions: true as soon as one is, null when one is null."""

    def run(row: Row) -> Any:
        found: Any = False
        for get in gets:
            value = get(row)
            if value is True:
                return True
            if value is None:
                found = None
        return found

    return run


def either(left: Getter, right: Getter) -> Getter:
    """XOR of two conditions."""

    def run(row: Row) -> Any:
        one, other = left(row), right(row)
        return None if one is None or other is None else one is not other

    return run


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


def comparison(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    """A comparison; a constant on the right, the usual case, is read once."""
    if BOOLEAN in (left.kind, right.kind):
        raise SearchError(f"Type checking failed. The '{node.operator}' operator does not take boolean arguments.")
    both = isinstance(node.left, Literal) == isinstance(node.right, Literal)
    if {left.kind, right.kind} == {"string", "number"} and both:
        raise SearchError(f"Type checking failed. The '{node.operator}' operator received different types.")
    a, b, operator = left.get, right.get, node.operator
    if isinstance(node.right, Literal):
        return Compiled(_with_constant(operator, a, right.get({})), BOOLEAN, node)
    return Compiled(lambda row: compare(operator, a(row), b(row)), BOOLEAN, node)


def _with_constant(operator: str, get: Getter, constant: Any) -> Getter:
    holds, parsed, written = _COMPARE[operator], number(constant), text(constant)

    def with_text(row: Row) -> Any:
        value = get(row)
        return holds(value, written) if value.__class__ is str else compare(operator, value, constant)

    def with_number(row: Row) -> Any:
        value = get(row)
        if value.__class__ is not str:
            return compare(operator, value, constant)
        found = number(value)
        return holds(value, written) if found is None else holds(found, parsed)

    return with_text if parsed is None else with_number


def _divide(a: float, b: float) -> Any:
    return a / b if b else None


def _modulo(a: float, b: float) -> Any:
    return math.fmod(a, b) if b and math.isfinite(a) else None


_ARITHMETIC: Dict[str, Callable[[float, float], Any]] = {
    "+": operators.add, "-": operators.sub, "*": operators.mul, "/": _divide, "%": _modulo,
}  # fmt: skip


def arithmetic(node: Binary, left: Compiled, right: Compiled) -> Compiled:
    """Arithmetic and concatenation."""
    a, b, operator = left.get, right.get, node.operator
    if BOOLEAN in (left.kind, right.kind):
        raise SearchError(f"Type checking failed. '{operator}' does not take boolean arguments.")
    if operator == ".":
        return Compiled(lambda row: _concatenate(a(row), b(row)), "string", node)
    kinds = {left.kind, right.kind}
    if operator == "+" and kinds == {"string", "number"}:
        raise SearchError("Type checking failed. '+' only takes two strings or two numbers.")
    if operator == "+" and kinds == {"string"}:
        return Compiled(lambda row: _concatenate(a(row), b(row)), "string", node)
    if "string" in kinds and any(isinstance(side, Literal) for side in (node.left, node.right)) and operator != "+":
        raise SearchError(f"Type checking failed. '{operator}' only takes numbers.")
    kind = "any" if operator == "+" and left.kind != right.kind else "number"
    return Compiled(_calculation(operator, a, b), left.kind if operator == "+" and len(kinds) == 1 else kind, node)


def _calculation(operator: str, a: Getter, b: Getter) -> Getter:
    compute = _ARITHMETIC[operator]

    def run(row: Row) -> Any:
        left, right = a(row), b(row)
        x = left if left.__class__ is float else number(left)
        y = right if right.__class__ is float else number(right)
        if x is None or y is None:
            return _without_number(operator, left, right)
        found = compute(x, y)
        if found is not None and (imprecise(left) or imprecise(right)):
            return combined(operator, found, left, right)
        return found

    return run


def _without_number(operator: str, left: Any, right: Any) -> Any:
    """What an operation gives of which a side is no number."""
    for value in (left, right):
        if isinstance(value, list):
            raise SearchError(f"The '{operator}' operator over a multivalue field is not implemented.")
        if isinstance(value, str) and value.lower() == "nan":
            raise SearchError(f"The '{operator}' operator over the text '{value}' is not implemented.")
    if operator != "+" or left is None or right is None:
        return None
    if number(left) is None and number(right) is None:
        return text(left) + text(right)
    raise SearchError("The '+' operator over a number and a text, both from fields, is not implemented.")


def _concatenate(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, list) or isinstance(right, list):
        raise SearchError("The '.' operator over a multivalue field is not implemented.")
    return text(left) + text(right)
