"""Reads the arguments of a command: declared options, field lists, `AS`; whatever else is refused."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from workbench.spl.errors import SearchError, in_command
from workbench.spl.lexer import Token, tokens
from workbench.spl.timemods import SECONDS, span

Reader = Callable[[str], Any]
_CALENDAR = {"d": 86400.0, "w": 604800.0}
_TRUE = ("t", "true", "1", "y", "yes")
_FALSE = ("f", "false", "0", "n", "no")


def boolean(written: str) -> bool:
    """t, true, 1 and their kin; f, false, 0."""
    if written.lower() in _TRUE:
        return True
    if written.lower() in _FALSE:
        return False
    raise ValueError("a boolean")


def whole(written: str) -> int:
    """A whole number that is not negative."""
    value = int(written)
    if value < 0:
        raise ValueError("a non-negative integer")
    return value


def seconds(written: str) -> float:
    """A span of time in seconds; without a unit, seconds."""
    parsed = span(written)
    if parsed is None or parsed[1] not in ("", *SECONDS, *_CALENDAR):
        raise ValueError("a time span")
    return parsed[0] * (_CALENDAR.get(parsed[1]) or SECONDS.get(parsed[1], 1.0))


def choice(*allowed: str) -> Reader:
    """One word of a closed list."""

    def read(written: str) -> str:
        if written.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return written.lower()

    return read


class Arguments:
    """The tokens of one command, consumed from the left."""

    def __init__(self, command: str, text: str):
        self.command, self.text = command, text
        self.tokens: List[Token] = tokens(text)

    def error(self, text: str) -> SearchError:
        """An error of this command."""
        return in_command(self.command, text)

    def invalid(self, what: str) -> SearchError:
        """Splunk's words for an argument that a command does not know."""
        return self.error(f"The argument '{what}' is invalid.")

    @property
    def done(self) -> bool:
        """Whether everything is consumed."""
        return not self.tokens

    def peek(self, place: int = 0) -> Optional[Token]:
        """The token at a place ahead, or None."""
        return self.tokens[place] if place < len(self.tokens) else None

    def accept(self, kind: str) -> bool:
        """Consume the next token when it is of this kind."""
        if self.tokens and self.tokens[0].kind == kind:
            del self.tokens[0]
            return True
        return False

    def keyword(self, *words: str) -> Optional[str]:
        """Consume the next word when it is one of these, in any case; give it in lower case."""
        token = self.peek()
        if token is None or token.kind != "word" or token.text.lower() not in words:
            return None
        del self.tokens[0]
        return token.text.lower()

    def name(self, missing: str = "A field name is missing.") -> str:
        """The next word or quoted text."""
        token = self.peek()
        if token is None or not token.is_name:
            raise self.error(missing)
        del self.tokens[0]
        return token.text

    def options(self, allowed: Mapping[str, Reader], strict: bool = True) -> Dict[str, Any]:
        """Take every `name=value` out of the tokens; one that is not declared is refused when strict."""
        found: Dict[str, Any] = {}
        place = depth = 0
        while place + 2 < len(self.tokens):
            token, sign, value = self.tokens[place : place + 3]
            depth += (token.kind == "(") - (token.kind == ")")
            pair = not depth and token.kind == "word" and sign.kind == "=" and value.is_name
            name = token.text.lower()
            if pair and name in allowed:
                found[name] = self._value(name, value.text, allowed[name])
                del self.tokens[place : place + 3]
                continue
            if pair and strict:
                raise self.invalid(f"{token.text}={value.text}")
            place += 1
        return found

    def _value(self, name: str, written: str, reader: Reader) -> Any:
        try:
            return reader(written)
        except ValueError as error:
            raise self.error(f"Invalid value for option '{name}': '{written}' ({error}).") from error

    def plain_fields(self, *words: str) -> List[str]:
        """Field names without wildcards up to one of these words, which stays, or to the end."""
        found = self.fields_until(*words)
        wild = next((name for name in found if "*" in name), None)
        if wild is not None:
            raise self.error(f"The wildcard in '{wild}' is not implemented.")
        return found

    def fields(self) -> List[str]:
        """Field names up to the end, commas between them or not."""
        found: List[str] = []
        while not self.done:
            if self.accept(","):
                continue
            token = self.peek()
            if token is None or not token.is_name:
                raise self.invalid(token.text if token else "")
            found.append(self.name())
        return found

    def fields_until(self, *words: str) -> List[str]:
        """Field names up to one of these words, which stays."""
        found: List[str] = []
        while not self.done:
            token = self.tokens[0]
            if token.kind == "word" and token.text.lower() in words:
                break
            if self.accept(","):
                continue
            if not token.is_name:
                raise self.invalid(token.text)
            found.append(self.name())
        return found

    def alias(self, field: str) -> str:
        """The name behind AS when it comes next, else the field's own."""
        return self.name("You must specify a field name after 'as'.") if self.keyword("as") else field

    def end(self) -> None:
        """Refuse what is left."""
        if self.tokens:
            raise self.invalid(self.tokens[0].text)


def pop_subsearch(arguments: Arguments) -> str:
    """The pipeline that the last argument must be."""
    if arguments.done or arguments.tokens[-1].kind != "subsearch":
        raise arguments.error("The last argument must be a subsearch.")
    return arguments.tokens.pop().text
