"""splunkd's side of persistent REST handlers: the stanzas of restmap.conf, and the processes that answer for them."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from workbench.conf import Conf
from workbench.conf.files import true
from workbench.splunkd.process import Script

DRIVER = Path(__file__).with_name("site") / "splunk" / "persistconn" / "appserver.py"
_PACKET = 1 | 2 | 4  # a request's beginning, its only block and its end
# [unverified] how long splunkd waits for an answer; server.conf's httpServer has no such limit for scripts.
_SECONDS = 120.0
_KNOWN = {
    "match", "script", "scripttype", "handler", "python.version", "python.required", "requireAuthentication",
    "output_modes", "passPayload", "passSystemAuth", "passConf", "passSession", "capability", "capability.get",
    "capability.post", "capability.put", "capability.delete", "script.param",
}  # fmt: skip


class HandlerError(Exception):
    """The handler gives no answer that splunkd can hand on."""


@dataclass(frozen=True)
class Answer:
    """What a handler gave: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Endpoint:
    """A stanza `script:` of restmap.conf, and what of the address lies below it."""

    name: str
    settings: Dict[str, str]
    below: List[str]

    @property
    def match(self) -> str:
        """Its place below /services."""
        return "/" + self.settings["match"].strip("/")

    def flag(self, name: str, default: bool) -> bool:
        """A setting that is on or off."""
        return true(self.settings.get(name, "1" if default else "0"))

    def capability(self, method: str) -> str:
        """The expression of capabilities that a method needs; empty for none."""
        return self.settings.get(f"capability.{method.lower()}") or self.settings.get("capability", "")


class Persistent:
    """The handlers of one stand-in. Each process answers one request at a time; a further one is started when all
    are busy, and one that ended is replaced.
    """

    def __init__(self, conf: Conf, app_dir: Path, home: Path):
        self._conf, self._app_dir, self._home = conf, app_dir, home
        self._lock = threading.Lock()
        self._idle: List[_Process] = []
        self.log: List[str] = []

    def find(self, path: List[str]) -> Optional[Endpoint]:
        """The endpoint of an address; the longest match wins. HandlerError for a stanza that is not simulated."""
        found: Optional[Endpoint] = None
        for name, settings in self._conf.stanzas("restmap").items():
            parts = settings.get("match", "").strip("/").split("/")
            if name.startswith("script:") and path[: len(parts)] == parts:
                endpoint = Endpoint(name, settings, path[len(parts) :])
                if found is None or len(endpoint.match) > len(found.match):
                    found = endpoint
        if found is not None:
            _check(found)
        return found

    def ask(self, endpoint: Endpoint, request: Dict[str, Any]) -> Answer:
        """The handler's answer to a request; HandlerError where there is none, with what the script said."""
        script = self._app_dir / "bin" / endpoint.settings["script"]
        process = self._take()
        try:
            said = process.ask(script, endpoint.settings.get("script.param", ""), json.dumps(request).encode())
        except HandlerError as error:
            self.log += [f"{script.name}: {line}" for line in process.end()]
            raise HandlerError(f"{error} {self.log[-1] if self.log else ''}".strip()) from None
        with self._lock:
            self._idle.append(process)
        return _answer(said)

    def close(self) -> None:
        """End every process."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _take(self) -> _Process:
        with self._lock:
            return self._idle.pop() if self._idle else _Process(self._home)


class _Process:
    """A driver that runs."""

    def __init__(self, home: Path) -> None:
        self._script = Script(DRIVER, (), home)

    def ask(self, script: Path, param: str, block: bytes) -> bytes:
        """One request and its answer."""
        words = [str(script).encode()]
        packet = bytes([_PACKET]) + b"%d\n" % len(words)
        packet += b"".join(b"%d\n" % len(text) + text for text in (*words, param.encode(), block))
        self._script.arm(_SECONDS)
        try:
            self._script.stdin.write(packet)
            self._script.stdin.flush()
            refused = self._read()
            if refused:
                raise HandlerError(refused.decode("utf-8", "replace"))
            return self._read()
        except OSError:
            raise HandlerError("the handler's process has ended") from None
        finally:
            self._script.disarm()

    def end(self) -> List[str]:
        """End it; the lines of its stderr."""
        self._script.finish()
        return self._script.stderr

    def _read(self) -> bytes:
        head = self._script.stdout.readline().strip()
        if not head.isdigit():
            raise HandlerError("the handler's process has ended")
        data = self._script.stdout.read(int(head))
        if len(data) != int(head):
            raise HandlerError("the handler's process has ended")
        return data


def _check(endpoint: Endpoint) -> None:
    settings = endpoint.settings
    if settings.get("scripttype") != "persist" or not settings.get("script"):
        raise HandlerError(f"restmap.conf [{endpoint.name}]: only scripttype = persist with a script is simulated")
    unknown = sorted(settings.keys() - _KNOWN)
    if unknown:
        raise HandlerError(f"restmap.conf [{endpoint.name}]: {', '.join(unknown)} is not simulated")


def _answer(said: bytes) -> Answer:
    """What splunkd makes of a handler's text: JSON with a payload, a status and headers."""
    try:
        reply = json.loads(said)
    except ValueError:
        raise HandlerError("the handler's reply is no JSON") from None
    if not isinstance(reply, dict) or "payload" not in reply:
        raise HandlerError('JSON reply had no "payload" value')
    payload, status, headers = reply["payload"], reply.get("status", 200), reply.get("headers") or {}
    if not isinstance(status, int) or not isinstance(headers, dict):
        raise HandlerError("the handler's status is no number, or its headers are no object")
    body = payload if isinstance(payload, str) else json.dumps(payload)
    return Answer(status, {str(name): str(value) for name, value in headers.items()}, body.encode())


def exposed(conf: Conf, path: List[str], method: str) -> bool:
    """Whether Splunk Web hands an app's own endpoint on to splunkd: web.conf, stanzas `expose:`."""
    return any(
        _matches(settings.get("pattern", "").split("/"), path)
        and method in [name.strip().upper() for name in settings.get("methods", "GET").split(",")]
        for name, settings in conf.stanzas("web").items()
        if name.startswith("expose:")
    )


def _matches(pattern: List[str], path: List[str]) -> bool:
    """`*` is one part of the address, `**` any number of them, and a trailing `*` any ending. Source: web.conf.spec."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_matches(pattern[1:], path[at:]) for at in range(len(path) + 1))
    head = pattern[0]
    fits = bool(path) and (path[0] == head or (head.endswith("*") and path[0].startswith(head[:-1])))
    return fits and _matches(pattern[1:], path[1:])
