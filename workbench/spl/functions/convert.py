"""Functions that convert: numbers to text and back, printf, JSON types."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from workbench.spl.documents import read, write
from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Literal
from workbench.spl.functions.maths import half_up
from workbench.spl.functions.table import Compiled, Getter, Table, bad_arguments, single
from workbench.spl.values import Json, Row, many, number, one_or_many, text

TABLE = Table()
_FORMAT = re.compile(r"%([-+ #0']*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])")


def _based(written: str, base: int) -> Any:
    try:
        return float(int(written, base)) if re.fullmatch(r"-?[0-9A-Za-z]+", written) else None
    except ValueError:
        return None


@TABLE.built("tonumber", 1, 2)
def _tonumber(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    def convert(row: Row) -> Any:
        value = single(args[0].get(row), "tonumber")
        base = number(args[1].get(row)) if len(args) > 1 else 10.0
        if base is None or not 2 <= base <= 36:
            raise bad_arguments("tonumber")
        if value is None:
            return None
        if len(args) == 1 or base == 10:
            return number(value)
        return _based(text(value), int(base))

    if isinstance(args[0].node, Literal) and convert({}) is None:
        raise bad_arguments("tonumber")
    return convert, "number"


def _unsettled(value: Any, form: str) -> SearchError:
    return SearchError(f"tostring({text(value)}, \"{form}\") is not implemented: no document shows such a number.")


def _commas(value: Any) -> str:
    """At most two decimals; whether one decimal becomes two, the manual and Splunk Community tell differently."""
    parsed, decimals = number(value) or 0.0, len(text(value).partition(".")[2])
    if decimals == 1 or "e" in text(value).lower():
        raise _unsettled(value, "commas")
    return f"{half_up(parsed, 2):,.2f}" if decimals else f"{int(parsed):,}"


def _duration(value: Any) -> str:
    seconds = number(value) or 0.0
    if seconds < 0 or not seconds.is_integer():
        raise _unsettled(value, "duration")
    days, rest = divmod(int(seconds), 86400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days}+{clock}" if days else clock


def _in_base(form: str, letter: str, prefix: str = "") -> Callable[[Any], str]:
    def written(value: Any) -> str:
        parsed = number(value) or 0.0
        if parsed < 0 or not parsed.is_integer():
            raise _unsettled(value, form)
        return prefix + format(int(parsed), letter)

    return written


_FORMS: Dict[str, Callable[[Any], str]] = {
    "hex": _in_base("hex", "X", "0x"),
    "binary": _in_base("binary", "b"),
    "commas": _commas,
    "duration": _duration,
}


@TABLE.plain("tostring", 1, 2, "string")
def _tostring(value: Any, form: Any = None) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return "True" if value else "False"
    if form is None:
        return text(single(value, "tostring"))
    if form not in _FORMS:
        raise bad_arguments("tostring")
    parsed = number(single(value, "tostring"))
    if parsed is None:
        return text(value)
    if not math.isfinite(parsed):
        raise _unsettled(value, form)
    return _FORMS[form](value)


@TABLE.plain("ipmask", 2, 2, "string")
def _ipmask(mask: Any, address: Any) -> Any:
    if mask is None or address is None:
        return None
    try:
        bits = int(ipaddress.IPv4Address(text(mask))) & int(ipaddress.IPv4Address(text(single(address, "ipmask"))))
    except ValueError:
        return None
    return str(ipaddress.IPv4Address(bits))


def _hex_float(value: float, precision: Optional[int]) -> str:
    mantissa, exponent = value.hex().split("p")
    lead, _, digits = mantissa.partition(".")
    if precision is None:
        digits = digits.rstrip("0")
    else:
        sign = "-" if lead.startswith("-") else ""
        scaled = round(abs(float.fromhex(f"{mantissa}p0")) * 16**precision)
        lead = f"{sign}0x{scaled >> (4 * precision):x}"
        digits = f"{scaled & (16**precision - 1):0{precision}x}" if precision else ""
    return f"{lead}{'.' if digits else ''}{digits}p{exponent}"


def _number(value: Any) -> float:
    parsed = number(value)
    if parsed is None or not math.isfinite(parsed):
        raise SearchError(f"'{text(value)}' as a number of the 'printf' function is not implemented.")
    return parsed


def _integer(value: Any) -> int:
    return int(_number(value))


def _unsigned(value: Any) -> int:
    found = _integer(value)
    if found < 0:
        raise SearchError(f"{found} as an unsigned number of the 'printf' function is not implemented.")
    return found


def _grouped(printed: str, flags: str) -> str:
    if "'" not in flags:
        return printed
    return re.sub(r"\d+", lambda match: f"{int(match[0]):,}", printed, count=1)


def _one(flags: str, width: Optional[int], precision: Optional[int], letter: str, value: Any) -> str:
    plain = flags.replace("'", "").replace("#", "") if letter in "sczdiu" else flags.replace("'", "")
    if width is not None:
        plain += str(width)
    if precision is not None:
        plain += f".{precision}"
    if letter in "sz":
        return f"%{plain}s" % text(value)
    if letter == "c":
        code = number(value)
        return f"%{plain}s" % (text(value)[:1] if code is None else chr(int(code)))
    if letter in "diu":
        return _grouped(f"%{plain}d" % (_unsigned(value) if letter == "u" else _integer(value)), flags)
    if letter in "oxXp":
        item = "%" + plain + ("X" if letter == "p" else letter)
        printed = item % _unsigned(value)
        return re.sub(r"^(\s*)0o", r"\g<1>0", printed)
    if letter in "aA":
        printed = _hex_float(_number(value), precision)
        return printed.upper() if letter == "A" else printed
    if letter in "eEfFgG":
        return _grouped(f"%{plain}{letter}" % _number(value), flags)
    raise SearchError(f"The conversion '%{letter}' of the 'printf' function is not implemented.")


@TABLE.plain("printf", 1, None, "string")
def _printf(form: Any, *values: Any) -> Any:
    if form is None:
        return None
    given: List[Any] = [single(value, "printf") for value in values]

    def taken() -> Any:
        if not given:
            raise SearchError(f"printf() with fewer values than '{text(form)}' has places is not implemented.")
        return given.pop(0)

    def piece(match: re.Match[str]) -> str:
        flags, width, precision, letter = match.groups()
        if letter == "%":
            return "%"
        sizes: List[Optional[int]] = []
        for size in (width, precision):
            sizes.append(_integer(taken()) if size == "*" else int(size) if size else None)
        if "." in match.group() and precision is None:
            sizes[1] = 0
        return _one(flags, sizes[0], sizes[1], letter, taken())

    printed = _FORMAT.sub(piece, text(form))
    if given:
        raise SearchError(f"printf() with more values than '{text(form)}' has places is not implemented.")
    return printed


@TABLE.plain("toint", 1, 2, "number")
def _toint(value: Any, base: Any = 10) -> Any:
    if isinstance(value, bool):
        return float(value)
    if number(base) not in (10.0, None) and value is not None:
        return _based(text(value), int(number(base) or 10))
    parsed = number(single(value, "toint"))
    return None if parsed is None or not math.isfinite(parsed) else float(int(parsed))


@TABLE.plain("todouble", 1, 1, "number")
def _todouble(value: Any) -> Any:
    return float(value) if isinstance(value, bool) else number(single(value, "todouble"))


@TABLE.plain("tobool", 1, 1, "boolean")
def _tobool(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    parsed = number(single(value, "tobool"))
    if parsed is not None:
        return parsed != 0
    return {"true": True, "t": True, "false": False, "f": False}.get(text(value).strip().lower())


def _typed_json(value: Any, kind: type) -> Any:
    parsed = None if value is None else read(text(value))
    return Json(write(parsed[0])) if parsed is not None and isinstance(parsed[0], kind) else None


@TABLE.plain("toarray", 1, 1)
def _toarray(value: Any) -> Any:
    if isinstance(value, list):
        return Json(write([text(item) for item in value]))
    return _typed_json(value, list)


@TABLE.plain("toobject", 1, 1)
def _toobject(value: Any) -> Any:
    return _typed_json(value, dict)


@TABLE.plain("tomv", 1, 1)
def _tomv(value: Any) -> Any:
    parsed = None if value is None or isinstance(value, list) else read(text(value))
    if parsed is not None and isinstance(parsed[0], list):
        return one_or_many([item if isinstance(item, str) else write(item) for item in parsed[0]])
    return one_or_many(many(value))
