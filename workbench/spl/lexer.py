"""Cuts search text: comments, stages between pipes, and the tokens of one command's arguments.

What a token means is decided by the command that reads it. Expressions have a lexer of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Tuple

from workbench.spl.errors import Unclosed

_COMMENT = "```"
_WORD = re.compile(r'(?:\\.|\\\Z|[^\s,=()"\[\\])+', re.DOTALL)
_COMMAND_NAME = re.compile(r"\s*([\w.:-]+)")
_ESCAPE = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class Token:
    """One piece of a command's arguments; kind is word, string, subsearch or one of `,` `=` `(` `)`."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool

    @property
    def is_name(self) -> bool:
        """Whether the token can name a field or hold a value."""
        return self.kind in ("word", "string")


def command_at(text: str, place: int) -> str:
    """The command in whose arguments a place of a search stands; empty when none is written there."""
    begin = max((at + 1 for at, char in outside_quotes(text[:place]) if char in "|["), default=0)
    word = _COMMAND_NAME.match(text, begin)
    if word is not None and (begin or word.group(1).lower() == "search"):
        return word.group(1).lower()
    return "" if begin else "search"


def _place(text: str, start: int) -> str:
    """The text at a place, for a person to find it."""
    return f"'{text[start : start + 30]}{'...' if len(text) > start + 30 else ''}'"


def quoted_end(text: str, start: int) -> int:
    """Index just behind the double-quoted text that begins at `start`."""
    place = start + 1
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] == '"':
            return place + 1
        place += 1
    raise Unclosed(f"Unbalanced quotes: {_place(text, start)} is not closed.", start)


def bracket_end(text: str, start: int) -> int:
    """Index just behind the subsearch that begins with `[` at `start`."""
    depth = 0
    for place, char in outside_quotes(text, start):
        depth += (char == "[") - (char == "]")
        if depth == 0:
            return place + 1
    raise Unclosed(f"Missing closing square bracket behind {_place(text, start)}.", start)


def outside_quotes(text: str, start: int = 0) -> Iterator[Tuple[int, str]]:
    """Places and characters that are not inside double quotes (the quotes themselves left out)."""
    place = start
    while place < len(text):
        if text[place] == '"':
            place = quoted_end(text, place)
            continue
        if text[place] == "\\":
            place += 2
            continue
        yield place, text[place]
        place += 1


def unescape(quoted: str) -> str:
    """The text between the quotes: an escaped quote or backslash stands for itself, the rest stays."""
    return _ESCAPE.sub(r"\1", quoted)


def strip_comments(text: str) -> str:
    """The search without its ``` comments ```."""
    pieces: List[str] = []
    begin = place = 0
    while place < len(text):
        if text[place] == '"':
            place = quoted_end(text, place)
        elif text.startswith(_COMMENT, place):
            pieces.append(text[begin:place])
            close = text.find(_COMMENT, place + 3)
            if close < 0:
                raise Unclosed(f"Unbalanced comment delimiter '```' before {_place(text, place + 3)}.", place)
            begin = place = close + 3
            pieces.append(" ")
        else:
            place += 2 if text[place] == "\\" else 1
    return "".join([*pieces, text[begin:]])


def split_stages(text: str) -> List[str]:
    """The texts between the pipes that stand outside quotes and brackets; the first may be empty."""
    stages: List[str] = []
    begin = depth = opened = 0
    for place, char in outside_quotes(text):
        if char in "[]" and (char == "[" or depth):
            opened = place if not depth else opened
            depth += 1 if char == "[" else -1
        elif char == "|" and not depth:
            stages.append(text[begin:place].strip())
            begin = place + 1
    if depth:
        raise Unclosed(f"Missing closing square bracket behind {_place(text, opened)}.", opened)
    return [*stages, text[begin:].strip()]


def tokens(text: str) -> List[Token]:
    """The tokens of a command's arguments; words end at white space, quotes, brackets and `,=()`."""
    found: List[Token] = []
    place = 0
    spaced = True
    while place < len(text):
        char = text[place]
        if char.isspace():
            place, spaced = place + 1, True
            continue
        if char == '"':
            end = quoted_end(text, place)
            found.append(Token("string", unescape(text[place + 1 : end - 1]), place, end, spaced))
        elif char == "[":
            end = bracket_end(text, place)
            found.append(Token("subsearch", text[place + 1 : end - 1].strip(), place, end, spaced))
        elif char in ",=()":
            end = place + 1
            found.append(Token(char, char, place, end, spaced))
        else:
            match = _WORD.match(text, place)
            end = match.end() if match else place + 1
            found.append(Token("word", text[place:end], place, end, spaced))
        place, spaced = end, False
    return found
