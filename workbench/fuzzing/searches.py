"""Searches made from a seed: known ones with pieces cut, doubled, swapped and joined, and new ones from loose words."""

from __future__ import annotations

import random
import re
from typing import Callable, List, Sequence

from workbench.fuzzing.forms import FORMS, ODD_VALUES
from workbench.spl.commands import COMMANDS
from workbench.spl.functions import FUNCTIONS

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|\s+|.', re.DOTALL)
_ODD = [
    '"', "'", "`", "|", "[", "]", "(", ")", "=", ",", "\\", "*", "%", "$", "```", "-", "!=", ">=", ".", "{}", "{",
    "\n", "\t", "\x00", "é", "名", "\u202e", "\ud800", "NOT", "AND", "OR", "AS", "BY", "IN (", "OUTPUT",
    "earliest=-1d@d", "latest=+99999999y", "span=1d", "span=0", "span=-1", "0", "-1", "1e308", "1e-320",
    "99999999999999999999", "nan", "inf", '""', "''", "null()", "true()", "_time", "_raw", "no such", "[ search ]",
    "[ | makeresults ]", "`m`", "`m(1)`", "`self`", "`one`", "limit=0", "window=3", "(a+)+$", "(?<x>.*", "\\1",
    "%Y-%m-%d", "%N", "@w9", "-1mon@y", "1=1", "x{}.y", "a{}",
]  # fmt: skip
_FIELDS = ["a", "b", "c", "n", "t", "mv", "_time", "_raw", "host", "a b", "x.y", "x{}.y", "missing", "*", "a*"]


class SearchMaker:
    """`make(number)` gives the same search for the same seed, number and known searches."""

    def __init__(self, known: Sequence[str], seed: int = 0):
        self._known = [text for text in known if text.strip()] or ["search *"]
        self._functions = sorted(FUNCTIONS)
        self._commands = sorted(COMMANDS)
        self._seed = seed

    def make(self, number: int) -> str:
        """The search with this number."""
        draw = random.Random(f"{self._seed}/{number}")  # noqa: S311 (not for security)
        ways: List[Callable[[random.Random], str]] = [
            self._changed, self._changed, self._joined, self._new, self._deep, self._formed,
        ]  # fmt: skip
        return draw.choice(ways)(draw)

    def _changed(self, draw: random.Random) -> str:
        pieces = _PIECE.findall(draw.choice(self._known))
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(pieces) + 1)
            other = draw.randrange(len(pieces) + 1)
            way = draw.randrange(5)
            if way == 0:
                del pieces[place : place + draw.randint(1, 3)]
            elif way == 1:
                pieces.insert(place, draw.choice(_ODD))
            elif way == 2:
                pieces[place:place] = pieces[other : other + 4]
            elif way == 3 and place < len(pieces) and other < len(pieces):
                pieces[place], pieces[other] = pieces[other], pieces[place]
            elif place < len(pieces):
                pieces[place] = draw.choice([*_ODD, *_FIELDS, *self._functions])
        return "".join(pieces)

    def _formed(self, draw: random.Random) -> str:
        """Known forms of arguments with odd values in their places, several in a row."""
        stages = []
        for _ in range(draw.randint(1, 3)):
            command = draw.choice(sorted(FORMS))
            pieces = draw.choice(FORMS[command]).split("{}")
            filled = "".join(piece + draw.choice([*ODD_VALUES, *_ODD, *_FIELDS]) for piece in pieces[:-1])
            stages.append(f"| {command} {filled}{pieces[-1]}")
        return " ".join(stages)

    def _joined(self, draw: random.Random) -> str:
        one, other = (draw.choice(self._known).split("|") for _ in range(2))
        return "|".join(one[: draw.randint(0, len(one))] + other[draw.randint(0, len(other)) :])

    def _new(self, draw: random.Random) -> str:
        return " | ".join(self._stage(draw) for _ in range(draw.randint(1, 4)))

    def _stage(self, draw: random.Random) -> str:
        words = [draw.choice(self._commands)]
        for _ in range(draw.randint(0, 6)):
            kind = draw.randrange(6)
            if kind == 0:
                words.append(draw.choice(_ODD))
            elif kind == 1:
                words.append(f"{draw.choice(_FIELDS)}={self._expression(draw, 3)}")
            elif kind == 2:
                words.append(self._expression(draw, 2))
            else:
                words.append(draw.choice([*_FIELDS, "count", "as", "by", "x=", "-", "+", "span=1h", "limit=3"]))
        return " ".join(words)

    def _expression(self, draw: random.Random, depth: int) -> str:
        if not depth or not draw.randrange(3):
            return draw.choice([*_FIELDS, "1", "-2.5", '"x"', '"10"', "null()"])
        if draw.randrange(2):
            inside = ", ".join(self._expression(draw, depth - 1) for _ in range(draw.randint(0, 3)))
            return f"{draw.choice(self._functions)}({inside})"
        operator = draw.choice(["+", "-", "*", "/", "%", ".", "=", "!=", "<", ">=", " AND ", " OR ", " XOR ", " LIKE "])
        return f"({self._expression(draw, depth - 1)}{operator}{self._expression(draw, depth - 1)})"

    def _deep(self, draw: random.Random) -> str:
        """The same piece many times over: nesting, long pipelines, long lists."""
        many = draw.choice([50, 500, 5000])
        opening, closing = draw.choice([
            ("(", ")"), ("[ search ", " ]"), ("NOT ", ""), ("| eval a=", ""), ("-", ""), ("a+", ""), ("a OR ", ""),
            ("lower(", ")"), ("`m` ", ""), ("if(a=1,", ",0)"), ('"', '"'), ("\\", ""), ("a,", ""), ("a.", ""),
            ("{", "}"),
        ])  # fmt: skip
        starts = ["search ", "| makeresults | eval x=", "| makeresults | where ", "search a=1 | stats count by "]
        start = draw.choice(starts)
        return f"{start}{opening * many}a{closing * draw.choice([many, many - 1])}"
