"""The expressions of eval, where and their kin: a lexer and a Pratt parser that make a tree.

Precedence, loosest first: OR XOR, AND, NOT, comparison, + - ., * / %, sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Optional, Tuple, Union

from workbench.spl.errors import SearchError
from workbench.spl.lexer import unescape

MALFORMED = "The expression is malformed."


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
  | (?P<operator>==|!=|<=|>=|[-+*/%.,()=<>])
    )""",
    re.VERBOSE | re.DOTALL,
)
_TARGET = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s=,"'()]+))\s*=(?!=)""")
_WORDS = ("AND", "OR", "XOR", "NOT", "LIKE", "IN")
_POWERS = {
    "OR": 1, "XOR": 1, "AND": 2,
    "==": 4, "!=": 4, "<": 4, ">": 4, "<=": 4, ">=": 4, "LIKE": 4, "IN": 4,
    "+": 5, "-": 5, ".": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_NOT_POWER = 3
_SIGN_POWER = 7
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
        self._ahead: Optional[Lexeme] = None

    @property
    def current(self) -> Lexeme:
        """The lexeme that comes next."""
        if self._ahead is None:
            self._ahead = self._lex()
        return self._ahead

    def _lex(self) -> Lexeme:
        match = _LEXEME.match(self.text, self.place)
        if match is None or match.lastgroup is None:
            if self.text[self.place :].strip():
                raise SearchError(MALFORMED)
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
        left = self._prefix()
        while True:
            operator = self._operator()
            if operator is None or _POWERS[operator] <= power:
                return left
            self.take()
            left = self._infix(operator, left)

    def _operator(self) -> Optional[str]:
        if self.current.kind != "operator":
            return None
        operator = "==" if self.current.text == "=" else self.current.text
        return operator if operator in _POWERS else None

    def _infix(self, operator: str, left: Node) -> Node:
        if operator == "IN":
            if not self.accept("("):
                raise SearchError(MALFORMED)
            return Call("in", (left, *self._arguments()))
        right = self.expression(_POWERS[operator])
        if operator == "LIKE":
            return Call("like", (left, right))
        return Binary(operator, left, right)

    def _prefix(self) -> Node:
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
            return Call(lexeme.text.lower(), self._arguments())
        if lexeme.text == "NOT":
            return Unary("NOT", self.expression(_NOT_POWER))
        if lexeme.text in ("-", "+"):
            return Unary(lexeme.text, self.expression(_SIGN_POWER))
        if lexeme.text == "(":
            inside = self.expression()
            if not self.accept(")"):
                raise SearchError(MALFORMED)
            return inside
        raise SearchError(MALFORMED)

    def _named(self, name: str) -> Node:
        if self.accept("("):
            return Call(name.lower(), self._arguments())
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
                raise SearchError(MALFORMED)


def parse_expression(text: str) -> Node:
    """The tree of one whole expression."""
    parser = Parser(text)
    node = parser.expression()
    if parser.current.kind != "end":
        raise SearchError(MALFORMED)
    return node
