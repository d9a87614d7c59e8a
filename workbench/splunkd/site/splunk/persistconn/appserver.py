"""The driver of persistent REST handlers: takes splunkd's packets from stdin and lets a script's class answer them.

A packet is an opcode byte; behind OPCODE_INIT the number of words of the command, each with its length in front, and
the script's parameter; behind OPCODE_BLOCK the request. Lengths are decimal and end in a line feed. The answer to an
INIT is an empty text, or what went wrong; to a BLOCK, what the handler gave.
Sources: restmap.conf.spec (scripttype = persist); public programs that speak the protocol in place of Python.
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, List, Optional

INIT, BLOCK, END = 1, 2, 4
_BASE = "PersistentServerConnectionApplication"


class ProtocolError(Exception):
    """The other side does not keep to the protocol."""


class Driver:
    """Reads packets until the input ends; scripts stay loaded from one request to the next."""

    def __init__(self, stdin: Any, stdout: Any):
        self._in, self._out = stdin, stdout
        self._classes: Dict[str, Any] = {}
        self._handler: Any = None

    def run(self) -> None:
        """Serve; an error of a handler ends the process, as it ends Splunk's."""
        while True:
            opcode = self._in.read(1)
            if not opcode:
                return
            if opcode != b"\n":
                self._packet(opcode[0])
                self._out.flush()

    def _packet(self, opcode: int) -> None:
        if opcode & INIT:
            if self._handler is not None:
                raise ProtocolError("a request begins within another")
            words = [self._text() for _ in range(self._number())]
            self._begin(words, self._text() or None)
        if opcode & BLOCK:
            block = self._read(self._number())
            if self._handler is None:
                raise ProtocolError("a block without a request")
            self._write(self._handler.handle(block))
        if opcode & END:
            self._handler.done()
            self._handler = None

    def _begin(self, words: List[str], param: Optional[str]) -> None:
        try:
            if words[0] not in self._classes:
                self._classes[words[0]] = handler_class(load(Path(words[0])))
            self._handler = self._classes[words[0]](words[1:], param)
        except Exception as error:
            self._write(str(error) or type(error).__name__)
            self._out.flush()
            raise
        self._write("")

    def _write(self, answer: Any) -> None:
        if isinstance(answer, dict):
            answer = json.dumps(answer, separators=(",", ":"))
        data = answer.encode("utf-8") if isinstance(answer, str) else answer
        if data is None:
            data = b""
        if not isinstance(data, bytes):
            raise TypeError(f"Don't know how to serialize {type(answer).__name__}")
        self._out.write(b"%d\n" % len(data) + data)

    def _number(self) -> int:
        line = self._in.readline().strip() or self._in.readline().strip()
        if not line.isdigit():
            raise ProtocolError(f"expected non-negative integer, got {line!r}")
        return int(line)

    def _text(self) -> str:
        return self._read(self._number()).decode("utf-8")

    def _read(self, size: int) -> bytes:
        data: bytes = self._in.read(size)
        if len(data) != size:
            raise ProtocolError("the input ends within a packet")
        return data


def load(path: Path) -> ModuleType:
    """The script as a module; its name bears its folder, so scripts of two apps may be named alike."""
    name = "handler__" + "".join(sign if sign.isalnum() else "_" for sign in str(path.with_suffix("")))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f'Can\'t load script "{path}"')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def handler_class(module: ModuleType) -> Any:
    """The one class of the script that has Splunk's base class above it, told by name."""
    found = [
        thing
        for _, thing in sorted(vars(module).items())
        if isinstance(thing, type) and thing.__name__ != _BASE and _BASE in (above.__name__ for above in thing.__mro__)
    ]
    if len(found) != 1:
        raise NotImplementedError(f"{'More than one' if found else 'No'} class implements {_BASE}")
    return found[0]


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[2]))  # behind all else, as site-packages is
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a script prints must not come between the packets
    Driver(sys.stdin.buffer, out).run()
