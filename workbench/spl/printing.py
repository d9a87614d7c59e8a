"""Trees and tokens back to text, such that reading the text again gives the same tree or the same tokens."""

from __future__ import annotations

import re
from typing import Iterable, List

from workbench.spl.expressions import Binary, Call, Field, Literal, Node, Unary
from workbench.spl.lexer import Token

_BARE = re.compile(r"[^\W\d]\w*\Z")
_WORDS = ("AND", "OR", "XOR", "NOT", "LIKE", "IN")


def print_expression(node: Node) -> str:
    """An expression of eval, with every operation in parentheses."""
    if isinstance(node, Literal):
        return node.written
    if isinstance(node, Field):
        return _field(node.name)
    if isinstance(node, Call):
        return f"{node.name}({', '.join(map(print_expression, node.args))})"
    if isinstance(node, Unary):
        return f"({node.operator} {print_expression(node.operand)})"
    if isinstance(node, Binary):
        return f"({print_expression(node.left)} {node.operator} {print_expression(node.right)})"
    raise TypeError(node)


def print_tokens(given: Iterable[Token]) -> str:
    """The arguments of a command, one blank where there was white space."""
    pieces: List[str] = []
    for token in given:
        pieces.append(" " if token.spaced and pieces else "")
        pieces.append(_token(token))
    return "".join(pieces)


def print_stages(stages: Iterable[str]) -> str:
    """A pipeline from the texts of its stages."""
    return " | ".join(stages).strip()


def _field(name: str) -> str:
    if _BARE.match(name) and name.upper() not in _WORDS:
        return name
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _token(token: Token) -> str:
    if token.kind == "string":
        return '"' + token.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if token.kind == "subsearch":
        return f"[{token.text}]"
    return token.text
