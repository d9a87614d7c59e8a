"""Functions of numbers: arithmetic, trigonometry, bits, and statistics over arguments."""

from __future__ import annotations

import math
import random
from typing import Any, Callable, Dict, Optional, Tuple

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Binary, Call, Field, Literal, Node, Unary
from workbench.spl.functions.table import Compiled, Getter, Table, numbers, single
from workbench.spl.precision import Fixed, Measured
from workbench.spl.values import Row, many, number, order_key, text

TABLE = Table()
Compute = Callable[..., Any]
# A double ends long before.
_MOST_BITS = 2000
# Beyond these a double has no digits left to round.
_WIDEST, _WHOLE = 15, 2.0**53

_ONE: Dict[str, Compute] = {
    "abs": abs, "ceiling": math.ceil, "ceil": math.ceil, "floor": math.floor, "exp": math.exp,
    "ln": math.log, "sqrt": math.sqrt, "exact": float, "acos": math.acos, "acosh": math.acosh,
    "asin": math.asin, "asinh": math.asinh, "atan": math.atan, "atanh": math.atanh, "cos": math.cos,
    "cosh": math.cosh, "sin": math.sin, "sinh": math.sinh, "tan": math.tan, "tanh": math.tanh,
}  # fmt: skip
_TWO: Dict[str, Compute] = {"pow": math.pow, "atan2": math.atan2, "hypot": math.hypot}
_BITS: Dict[str, Compute] = {
    "bit_and": lambda a, b: a & b, "bit_or": lambda a, b: a | b, "bit_xor": lambda a, b: a ^ b,
    "bit_shift_left": lambda a, b: a << min(b, _MOST_BITS), "bit_shift_right": lambda a, b: a >> b,
}  # fmt: skip


def _register(name: str, count: int, compute: Compute, whole: bool = False) -> None:
    def run(*values: Any) -> Any:
        given = [number(single(value, name)) for value in values]
        if any(item is None or (whole and item < 0) for item in given):
            return None
        try:
            return float(compute(*[int(item or 0) if whole else item for item in given]))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    TABLE.plain(name, count, count, "number", numeric=0)(run)


for _name, _compute in _ONE.items():
    _register(_name, 1, _compute)
for _name, _compute in _TWO.items():
    _register(_name, 2, _compute)
for _name, _compute in _BITS.items():
    _register(_name, 2, _compute, whole=True)


@TABLE.plain("pi", 0, 0, "number")
def _pi() -> float:
    return math.pi


@TABLE.plain("log", 1, 2, "number", numeric=0)
def _log(value: Any, base: Any = 10) -> Any:
    x, b = number(single(value, "log")), number(base)
    if x is None or b is None or x <= 0 or b <= 0 or b == 1:
        return None
    return math.log10(x) if b == 10 else math.log(x, b)


def half_up(value: float, digits: int) -> float:
    """A number rounded at a decimal place, halves away from zero, of the scaled double.

    So 10.275 and 22.275 are rounded up to two places, but 16.275, of which 100 times is 1627.4999999999998 as a
    double, down (Splunk Community, "Eval round gives inconsistent half-rounding results").
    """
    if not math.isfinite(value) or digits > _WIDEST or (abs(value) >= _WHOLE and digits >= 0):
        return value
    if digits < -_WIDEST:
        raise SearchError(f"Rounding to 10 to the power of {-digits} is not implemented.")
    scale = 10.0 ** abs(digits)
    if digits < 0:
        return math.copysign(math.floor(abs(value) / scale + 0.5) * scale, value)
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


@TABLE.plain("round", 1, 2, "number", numeric=0)
def _round(value: Any, digits: Any = 0) -> Any:
    """A number that shows so many decimals, and counts with them in what follows.

    The result of a calculation with decimals has no more of them than count in it ("Rounding Currency to Two Digits
    After Decimal", and for the first sentence "Why is Splunk sometimes rounding to the next integer", both Splunk
    Community).
    """
    x, places = number(single(value, "round")), number(digits)
    if x is None or places is None or not math.isfinite(places):
        return None
    shown, found = int(places), half_up(x, int(places))
    if isinstance(value, Measured):
        if not math.isclose(half_up(float(value.shown()), shown), found, rel_tol=1e-9):
            raise SearchError(
                f"How round() treats {x!r}, calculated from numbers with decimals, is not implemented: use exact()."
            )
        shown = min(shown, max(value.places, 0))
    return Fixed(found, shown) if 0 < shown <= _WIDEST and math.isfinite(found) else found


@TABLE.plain("random", 0, 0, "number")
def _random() -> float:
    return float(random.randrange(2**31))  # noqa: S311 - no secret


@TABLE.plain("max", 1, None)
def _max(*values: Any) -> Any:
    given = [item for value in values for item in many(value)]
    return max(given, key=order_key, default=None)


@TABLE.plain("min", 1, None)
def _min(*values: Any) -> Any:
    given = [item for value in values for item in many(value)]
    return min(given, key=order_key, default=None)


@TABLE.plain("sum", 1, None, "number")
def _sum(*values: Any) -> Any:
    found = numbers(values, "sum")
    return sum(found) if found else None


@TABLE.plain("avg", 1, None, "number")
def _avg(*values: Any) -> Any:
    found = numbers(values, "avg")
    return sum(found) / len(found) if found else None


def _digits(written: str) -> Tuple[int, int]:
    """Significant figures and decimal places of a number as written."""
    mantissa = written.lower().split("e")[0].lstrip("+-")
    return len(mantissa.replace(".", "").lstrip("0")) or 1, len(mantissa.partition(".")[2])


def _precision(node: Node, row: Row) -> Optional[Tuple[int, int]]:
    if isinstance(node, Literal):
        return _digits(node.written)
    if isinstance(node, Field):
        return _digits(text(row.get(node.name))) if number(row.get(node.name)) is not None else None
    if isinstance(node, Unary):
        return _precision(node.operand, row)
    if isinstance(node, Call):
        raise SearchError(f"The 'sigfig' function over the function '{node.name}' is not implemented.")
    if not isinstance(node, Binary):
        return None
    sides = [side for side in (_precision(node.left, row), _precision(node.right, row)) if side]
    if not sides:
        return None
    return min(side[0] for side in sides), min(side[1] for side in sides)


@TABLE.built("sigfig", 1, 1)
def _sigfig(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    get, node = args[0].get, args[0].node

    def rounded(row: Row) -> Any:
        value = number(get(row))
        precision = _precision(node, row)
        if value is None or precision is None or not value or not math.isfinite(value):
            return value
        figures, decimals = precision
        if isinstance(node, Binary) and node.operator in "+-":
            return half_up(value, decimals)
        return half_up(value, figures - 1 - math.floor(math.log10(abs(value))))

    return rounded, "number"
