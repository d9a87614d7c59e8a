"""The expressions of eval, where and their kin: a lexer and a Pratt parser that make a tree.

Precedence, loosest first: XOR, OR, AND, NOT, comparison, + - ., * / %, sign (Search Reference, eval).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple, Union

from workbench.spl.errors import SearchError
from workbench.spl.lexer import unescape

MALFORMED = "The expression is malformed."
# How deep parentheses and functions may nest, and the tree of operators be; chains of AND and OR may be longer.
MAX_DEPTH = 100
MAX_HEIGHT = 250
_SHOWN = 40


@dataclass(frozen=True)
class Literal:
    """A text or a number as written; `written` keeps the digits."""

    value: Union[str, float]
    written: str


@dataclass(frozen=True)
class Field:
    """The value of a field."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    name: str
    args: Tuple[Node, ...]


@dataclass(frozen=True)
class Unary:
    """NOT, or a sign."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands; comparison operators are written `==` even where the text has `=`."""

    operator: str
    left: Node
    right: Node


Node = Union[Literal, Field, Call, Unary, Binary]

_LEXEME = re.compile(
    r"""\s*(?:
    (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<field>'(?:[^'\\]|\\.)*')
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
  | (?P<name>[^\W\d]\w*)
  | (?P<operator>==|!=|<=|>=|[-+*/%.,()=<>!])
    )""",
    re.VERBOSE | re.DOTALL,
)
_TARGET = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s=,"'()]+))\s*=(?!=)""")
_WORDS = ("AND", "OR", "XOR", "NOT", "LIKE", "IN")
_POWERS = {
    "XOR": 1, "OR": 2, "AND": 3,
    "==": 5, "!=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "LIKE": 5, "IN": 5,
    "+": 6, "-": 6, ".": 6, "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_NOT_POWER = 4
_SIGN_POWER = 8
_ENDLESS = ("AND", "OR")
_FIELD_ESCAPE = re.compile(r"\\(['\\])")


@dataclass(frozen=True)
class Lexeme:
    """One piece of an expression: kind (string, field, number, name, operator, end) and text."""

    kind: str
    text: str
    end: int


class Parser:
    """Reads one expression after another from a text, as eval's assignments need."""

    def __init__(self, text: str):
        self.text = text
        self.place = 0
        self._depth = 0
        self._heights: Dict[int, int] = {}
        self._ahead: Optional[Lexeme] = None

    @property
    def current(self) -> Lexeme:
        """The lexeme that comes next."""
        if self._ahead is None:
            self._ahead = self._lex()
        return self._ahead

    def malformed(self) -> SearchError:
        """Splunk's words for an expression that cannot be read, with the place where it cannot."""
        rest = self.text[self.place :].strip()
        if not rest:
            return SearchError(f"{MALFORMED} It ends too early: '{self.text.strip()[-_SHOWN:]}'.")
        return SearchError(f"{MALFORMED} An unexpected character is reached at '{_short(rest)}'.")

    def _lex(self) -> Lexeme:
        match = _LEXEME.match(self.text, self.place)
        if match is None or match.lastgroup is None:
            if self.text[self.place :].strip():
                raise self.malformed()
            return Lexeme("end", "", len(self.text))
        kind, piece = match.lastgroup, match.group(match.lastgroup)
        if kind == "name" and piece.upper() in _WORDS:
            return Lexeme("operator", piece.upper(), match.end())
        return Lexeme(kind, piece, match.end())

    def take(self) -> Lexeme:
        """The lexeme that comes next, consumed."""
        lexeme = self.current
        self.place, self._ahead = lexeme.end, None
        return lexeme

    def target(self) -> Optional[str]:
        """The field before an assignment's `=`, consumed; None when no assignment comes next."""
        match = _TARGET.match(self.text, self.place)
        if match is None:
            return None
        self.place, self._ahead = match.end(), None
        string, field, bare = match.groups()
        return bare if bare is not None else unescape(string if string is not None else field)

    def accept(self, operator: str) -> bool:
        """Consume the operator when it comes next."""
        if self.current.kind == "operator" and self.current.text == operator:
            self.take()
            return True
        return False

    def expression(self, power: int = 0) -> Node:
        """An expression whose operators bind tighter than `power`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep()
        left = self._prefix()
        while True:
            operator = self._operator()
            if operator is None or _POWERS[operator] <= power:
                self._depth -= 1
                return left
            self.take()
            left = self._infix(operator, left)

    def _too_deep(self) -> SearchError:
        return SearchError(f"The expression is nested too deeply at '{_short(self.text[self.place :])}'.")

    def _built(self, node: Node, *below: Node) -> Node:
        """A node over others; SearchError when the tree gets too high to be run."""
        heights = [self._heights.get(id(child), 1) for child in below]
        if isinstance(node, Binary) and node.operator in _ENDLESS:
            height = max(heights[0], heights[1] + 1)
        else:
            height = max(heights, default=0) + 1
        if height > MAX_HEIGHT:
            raise self._too_deep()
        self._heights[id(node)] = height
        return node

    def _operator(self) -> Optional[str]:
        if self.current.kind != "operator":
            return None
        operator = "==" if self.current.text == "=" else self.current.text
        return operator if operator in _POWERS else None

    def _infix(self, operator: str, left: Node) -> Node:
        if operator == "IN":
            if not self.accept("("):
                raise self.malformed()
            return self._call("in", (left, *self._arguments()))
        right = self.expression(_POWERS[operator])
        if operator == "LIKE":
            return self._call("like", (left, right))
        return self._built(Binary(operator, left, right), left, right)

    def _call(self, name: str, args: Tuple[Node, ...]) -> Node:
        return self._built(Call(name, args), *args)

    def _signed(self, operator: str, power: int) -> Node:
        operand = self.expression(power)
        return self._built(Unary(operator, operand), operand)

    def _prefix(self) -> Node:
        if self.current.kind == "end":
            raise self.malformed()
        begun = self.place
        lexeme = self.take()
        if lexeme.kind == "string":
            return Literal(unescape(lexeme.text[1:-1]), lexeme.text)
        if lexeme.kind == "field":
            return Field(_FIELD_ESCAPE.sub(r"\1", lexeme.text[1:-1]))
        if lexeme.kind == "number":
            return Literal(float(lexeme.text), lexeme.text)
        if lexeme.kind == "name":
            return self._named(lexeme.text)
        if lexeme.text in ("IN", "LIKE") and self.accept("("):
            return self._call(lexeme.text.lower(), self._arguments())
        if lexeme.text == "NOT":
            return self._signed("NOT", _NOT_POWER)
        # `!` stands before a function (mvfilter) or an expression in parentheses (searchbnf, eval-bool-exp).
        if lexeme.text == "!" and (self.current.kind == "name" or self.current.text == "("):
            return self._signed("NOT", _SIGN_POWER)
        if lexeme.text in ("-", "+"):
            return self._signed(lexeme.text, _SIGN_POWER)
        if lexeme.text == "(":
            inside = self.expression()
            if not self.accept(")"):
                raise self.malformed()
            return inside
        self.place, self._ahead = begun, None
        raise self.malformed()

    def _named(self, name: str) -> Node:
        if self.accept("("):
            return self._call(name.lower(), self._arguments())
        return Field(name)

    def _arguments(self) -> Tuple[Node, ...]:
        found: List[Node] = []
        if self.accept(")"):
            return ()
        while True:
            found.append(self.expression())
            if self.accept(")"):
                return tuple(found)
            if not self.accept(","):
                raise self.malformed()


def parse_expression(text: str) -> Node:
    """The tree of one whole expression."""
    parser = Parser(text)
    node = parser.expression()
    if parser.current.kind != "end":
        raise parser.malformed()
    return node


def fields_of(node: Node) -> Iterator[str]:
    """The fields that an expression names, from the left."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Field):
            yield here.name
        elif isinstance(here, Call):
            waiting.extend(reversed(here.args))
        elif isinstance(here, Unary):
            waiting.append(here.operand)
        elif isinstance(here, Binary):
            waiting.extend((here.right, here.left))


def _short(rest: str) -> str:
    rest = rest.strip()
    return rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}..."
