"""Perl-compatible patterns in the syntax of the `regex` package; what the two read differently is refused."""

from __future__ import annotations

import re
from typing import Dict, List, Set

from workbench.spl.errors import SearchError

_POSIX: Dict[str, str] = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "xdigit": "0-9A-Fa-f", "word": r"\w", "punct": r"!-/:-@\[-`{-~", "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f", "print": r"\x20-\x7e", "graph": r"\x21-\x7e",
}  # fmt: skip
_BLANK, _VERTICAL = r" \t\xa0", r"\n\x0b\f\r\x85"
_OUTSIDE: Dict[str, str] = {
    "z": r"\Z", "Z": r"(?=\n?\Z)", "h": f"[{_BLANK}]", "H": f"[^{_BLANK}]", "v": f"[{_VERTICAL}]",
    "V": f"[^{_VERTICAL}]", "R": r"(?>\r\n|[\n\x0b\f\r\x85])", "N": r"[^\n]", "e": r"\x1b", "a": r"\x07",
}  # fmt: skip
_INSIDE: Dict[str, str] = {"h": _BLANK, "v": _VERTICAL, "e": r"\x1b", "a": r"\x07", "b": r"\x08"}
_PLAIN_OUTSIDE = frozenset("dDwWsSbBAnrtfKX")
_PLAIN_INSIDE = frozenset("dDwWsSnrtf")
_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_HEX = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))")
_PROPERTY = re.compile(r"\\[pP](?:\{\^?[A-Za-z_]+\}|[A-Z])")
_NAMED_REFERENCE = re.compile(r"\\(?:k(?:<(\w+)>|'(\w+)'|\{(\w+)\})|g\{([A-Za-z_]\w*)\})")
_NUMBERED_REFERENCE = re.compile(r"\\g(?:\{(\d+)\}|(\d))")
_GROUP_NAME = re.compile(r"\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_GROUP_PLAIN = re.compile(r"\(\?(?:[:>|=!]|<[=!]|[imsx]*(?:-[imsx]+)?:|P=\w+\)|#[^)]*\)|\((?:\d+|[A-Za-z_]\w*)\))")
_FLAGS = re.compile(r"\(\?[imsx]+(?:-[imsx]+)?\)")
_TIMES = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MAX_TIMES, _MAX_DEPTH = 65535, 250


def _refused(piece: str) -> SearchError:
    return SearchError(f"The regular expression uses '{piece}', which is not implemented.")


class Translation:
    """Reads one pattern from the left; `text` is its translation, ValueError says that PCRE refuses it."""

    def __init__(self, pattern: str):
        self.pattern, self.place = pattern, 0
        self.names: Set[str] = set()
        # For each open group, whether it is within a lookbehind.
        self.open: List[bool] = []
        self.text = "".join(self._pieces())

    def _pieces(self) -> List[str]:
        found: List[str] = []
        while self.place < len(self.pattern):
            found.append(self._piece())
        return found

    def _take(self, match: re.Match[str]) -> str:
        self.place = match.end()
        return match.group()

    def _piece(self) -> str:
        char = self.pattern[self.place]
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        if char in "{*+?":
            return self._repeat(char)
        self.place += 1
        if char == ")" and self.open:
            self.open.pop()
        return char

    def _repeat(self, char: str) -> str:
        match = _TIMES.match(self.pattern, self.place) if char == "{" else None
        if char == "{" and match is None:
            if self.pattern.startswith("{,", self.place):
                raise _refused("{,")
            self.place += 1
            return r"\{"
        if match is not None and max(int(match[1]), int(match[3] or 0)) > _MAX_TIMES:
            raise ValueError("number too big in {} quantifier")
        fixed = match is not None and (match[2] is None or match[1] == match[3])
        if any(self.open) and not fixed:
            raise ValueError("lookbehind assertion is not fixed length")
        if match is not None:
            return self._take(match)
        self.place += 1
        return char

    def _escape(self) -> str:
        for known in (_HEX, _PROPERTY, _NAMED_REFERENCE, _NUMBERED_REFERENCE):
            match = known.match(self.pattern, self.place)
            if match is not None:
                self._take(match)
                return self._matched(known, match)
        char = self.pattern[self.place + 1 : self.place + 2]
        if char == "Q":
            end = self.pattern.find("\\E", self.place)
            literal = self.pattern[self.place + 2 : end if end >= 0 else None]
            self.place = end + 2 if end >= 0 else len(self.pattern)
            return re.escape(literal)
        if not char:
            raise ValueError("\\ at end of pattern")
        self.place += 2
        if char.isalpha() and char not in _PLAIN_OUTSIDE and char not in _OUTSIDE:
            raise _refused("\\" + char)
        return _OUTSIDE.get(char, "\\" + char)

    @staticmethod
    def _matched(known: re.Pattern[str], match: re.Match[str]) -> str:
        if known is _HEX:
            return re.escape(chr(int(match[1] or match[2] or "0", 16)))
        if known is _PROPERTY:
            return match.group()
        if known is _NAMED_REFERENCE:
            return f"(?P={next(name for name in match.groups() if name)})"
        return f"(?:\\{match[1] or match[2]})"

    def _class(self) -> str:
        found = ["["]
        self.place += 1
        for opening in ("^", "]"):
            if self.pattern.startswith(opening, self.place):
                found.append("^" if opening == "^" else r"\]")
                self.place += 1
        while self.place < len(self.pattern):
            char = self.pattern[self.place]
            if char == "]":
                self.place += 1
                return "".join([*found, "]"])
            found.append(self._member(char))
        raise ValueError("missing terminating ] for character class")

    def _member(self, char: str) -> str:
        if char == "[":
            match = _CLASS.match(self.pattern, self.place)
            if match is not None:
                return self._posix(match)
            if self.pattern.startswith(("[.", "[="), self.place):
                raise _refused(self.pattern[self.place : self.place + 2])
            self.place += 1
            return r"\["
        if char != "\\":
            self.place += 1
            return char
        match = _HEX.match(self.pattern, self.place) or _PROPERTY.match(self.pattern, self.place)
        if match is not None:
            self._take(match)
            return match.group() if match.re is _PROPERTY else self._matched(_HEX, match)
        letter = self.pattern[self.place + 1 : self.place + 2]
        self.place += 2
        if letter.isalpha() and letter not in _PLAIN_INSIDE and letter not in _INSIDE:
            raise _refused("\\" + letter)
        return _INSIDE.get(letter, "\\" + letter)

    def _posix(self, match: re.Match[str]) -> str:
        self._take(match)
        if match[1]:
            raise _refused(match.group())
        if match[2] not in _POSIX:
            raise ValueError(f"unknown POSIX class name {match[2]}")
        return _POSIX[match[2]]

    def _group(self) -> str:
        if len(self.open) >= _MAX_DEPTH:
            raise ValueError("parentheses are too deeply nested")
        behind = self.pattern.startswith(("(?<=", "(?<!"), self.place)
        if not self.pattern.startswith(("(?", "(*"), self.place):
            return self._opened("(", 1)
        named = _GROUP_NAME.match(self.pattern, self.place)
        if named is not None:
            name = named[1] or named[2]
            if name in self.names:
                raise ValueError("two named subpatterns have the same name")
            self.names.add(name)
            return self._opened(f"(?P<{name}>", len(named.group()))
        flags = _FLAGS.match(self.pattern, self.place)
        if flags is not None and self.place:
            raise SearchError(
                f"The regular expression has '{flags.group()}' behind its beginning, which is not implemented."
            )
        match = flags or _GROUP_PLAIN.match(self.pattern, self.place)
        if match is None and self.pattern.startswith(("(?<", "(?P<", "(?'"), self.place):
            raise ValueError("syntax error in subpattern name (missing terminator?)")
        if match is None:
            raise _refused(self.pattern[self.place : self.place + 4])
        piece = match.group()
        if piece.endswith(")") and not piece.startswith("(?("):
            return self._take(match)
        return self._opened(piece, len(piece), behind)

    def _opened(self, piece: str, length: int, behind: bool = False) -> str:
        self.place += length
        self.open.append(behind or any(self.open[-1:]))
        return piece
