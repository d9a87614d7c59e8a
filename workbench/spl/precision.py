"""Numbers that know how many of their digits count, and how a calculation with them shows.

"Results are rounded to a precision appropriate to the precision of the input results" (Search Reference,
eval, Rounding). Only numbers written with a decimal point are imprecise: 2.2*1024 is 2253 and 2*0.9 is 2,
while 5/2 is 2.5 (Splunk Answers, "Why is Splunk sometimes rounding to the next integer"). The digits in
front of the point always show. Products keep the figures of the least precise input, sums its decimals
(sigfig). What becomes of nested calculations, of remainders and of ties no document settles.
"""

from __future__ import annotations

import math
from typing import Any, Optional, Tuple

from workbench.spl.errors import SearchError

_SAME = 1e-9


class Fixed(float):
    """A number that prints with a fixed number of decimals: a literal, a rounded number, a time read from text."""

    __slots__ = ("places",)
    places: int

    def __new__(cls, value: float, places: int) -> Fixed:
        """Keep the number of decimals beside the value."""
        new = super().__new__(cls, value)
        new.places = places
        return new

    def __getnewargs__(self) -> Tuple[float, int]:  # type: ignore[override]  # typeshed: float gives one
        """What a copy is made of."""
        return float(self), self.places

    def written(self) -> str:
        """The number as it prints."""
        return f"{float(self):.{self.places}f}"


class Rounded(Fixed):
    """A number that round() made: its decimals show; how they count in what follows only a thread tells."""

    __slots__ = ()


class Measured(float):
    """The result of a calculation: whole for further ones, rounded to `places` where it shows."""

    __slots__ = ("places", "unsettled")
    places: int
    unsettled: bool

    def __new__(cls, value: float, places: int, unsettled: bool) -> Measured:
        """Keep the decimals that count beside the value."""
        new = super().__new__(cls, value)
        new.places, new.unsettled = places, unsettled
        return new

    def shown(self) -> Fixed:
        """The rounded number; SearchError where no document says how it is rounded."""
        found = float(self)
        rounded = _round(found, self.places)
        tie = _differ(rounded, float(f"{found:.{max(self.places, 0)}f}"))
        if _differ(rounded, found) and (self.unsettled or tie):
            raise SearchError(
                f"How Splunk rounds {found!r}, calculated from numbers with decimals, is not implemented: "
                "use exact() or round()."
            )
        return Fixed(rounded, max(self.places, 0))


_IMPRECISE = (Fixed, Rounded, Measured)
_UNSETTLED = (Rounded, Measured)


def digits(written: str) -> Tuple[int, int]:
    """Significant figures and decimals of a number as written."""
    mantissa = written.lower().split("e")[0].lstrip("+-")
    return len(mantissa.replace(".", "").lstrip("0")) or 1, len(mantissa.partition(".")[2])


def imprecise(value: Any) -> bool:
    """Whether a number, as text or not, has a limited precision."""
    return "." in value if value.__class__ is str else value.__class__ in _IMPRECISE


def combined(operator: str, found: float, left: Any, right: Any) -> float:
    """The result of an operation on two values of which at least one is imprecise."""
    known = [item for item in (_figures(left), _figures(right)) if item is not None]
    if not known or not math.isfinite(found):
        return found
    places = min(item[1] for item in known)
    if operator in "*/%":
        places = min(item[0] for item in known) - _whole_digits(found)
        places = max(places, 0) if abs(found) >= 1 else places
    unsettled = operator == "%" or left.__class__ in _UNSETTLED or right.__class__ in _UNSETTLED
    return Measured(found, places, unsettled)


def negative(value: Any, found: float) -> float:
    """A number with another sign, as precise as it was."""
    if value.__class__ is Measured:
        return Measured(found, value.places, value.unsettled)
    known = _figures(value)
    if known is None:
        return found
    return Rounded(found, known[1]) if value.__class__ is Rounded else Fixed(found, known[1])


def _figures(value: Any) -> Optional[Tuple[int, int]]:
    if value.__class__ is str:
        return digits(value) if "." in value else None
    if isinstance(value, Fixed):
        return digits(value.written()) if value.places else None
    if value.__class__ is Measured:
        return value.places + _whole_digits(value), value.places
    return None


def _whole_digits(value: float) -> int:
    """Digits in front of the point; for 0.003, which has zeros behind it, -2."""
    return math.floor(math.log10(abs(value))) + 1 if value else 1


def _differ(one: float, other: float) -> bool:
    return not math.isclose(one, other, rel_tol=_SAME)


def _round(value: float, places: int) -> float:
    if abs(value) >= 2**53 or places > 15:
        return value
    nearest = math.floor(abs(value) * 10.0**places + 0.5 + _SAME)
    return math.copysign(nearest / 10.0**places, value)
