"""What an entry of the function table is, and what functions share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Node
from workbench.spl.values import Row, many, number, text

Getter = Callable[[Row], Any]
Plain = TypeVar("Plain", bound=Callable[..., Any])


@dataclass(frozen=True)
class Compiled:
    """An expression ready to run; kind is any, boolean, number or string as far as the text tells."""

    get: Getter
    kind: str
    node: Node


Build = Callable[[Environment, Tuple[Compiled, ...]], Tuple[Getter, str]]


@dataclass(frozen=True)
class Function:
    """A function of eval: number of arguments, what it gives, and how it is built.

    `plain` is called with the values of a row; `build` instead is called once with the compiled
    arguments and gives the getter and the kind. From the place `numeric` on its arguments must be numbers.
    """

    least: int
    most: Optional[int]
    kind: str = "any"
    numeric: Optional[int] = None
    plain: Optional[Callable[..., Any]] = None
    build: Optional[Build] = None


@dataclass
class Table:
    """Functions by name, filled by the modules of this folder."""

    functions: Dict[str, Function] = field(default_factory=dict)

    def plain(
        self, name: str, least: int, most: Optional[int], kind: str = "any", numeric: Optional[int] = None
    ) -> Callable[[Plain], Plain]:
        """Decorator: a function of values; from the place `numeric` on, it refuses arguments that are no numbers."""

        def register(function: Plain) -> Plain:
            self.functions[name] = Function(least, most, kind, numeric, plain=function)
            return function

        return register

    def built(self, name: str, least: int, most: Optional[int]) -> Callable[[Build], Build]:
        """Decorator: a function that needs the environment or its arguments unevaluated."""

        def register(function: Build) -> Build:
            self.functions[name] = Function(least, most, build=function)
            return function

        return register


def bad_arguments(name: str) -> SearchError:
    """Splunk's words for arguments that a function does not take."""
    return SearchError(f"The arguments to the '{name}' function are invalid.")


def single(value: Any, function: str) -> Any:
    """The value, which must not be a multivalue: what Splunk does then no document settles."""
    if isinstance(value, list):
        raise SearchError(f"The '{function}' function over a multivalue field is not implemented.")
    return value


def each(value: Any, change: Callable[[str], Any]) -> Any:
    """A text function over a field, value by value where it is a multivalue."""
    if value is None:
        return None
    if isinstance(value, list):
        return [change(text(item)) for item in value]
    return change(text(value))


def numbers(values: Tuple[Any, ...], function: str) -> List[float]:
    """All numbers of the arguments, multivalues included; whether a text among them counts no page tells."""
    found: List[float] = []
    for item in (item for value in values for item in many(value)):
        parsed = number(item)
        if parsed is None:
            raise SearchError(f"The '{function}' function over '{text(item)}' is not implemented.")
        found.append(parsed)
    return found
