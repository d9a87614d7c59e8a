"""splunkd's side of a modular input: introspection, validation and a run, each as a process."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

from workbench.splunkd.eventstream import EventStream, StreamError, Written
from workbench.splunkd.process import Script

# [unverified] how long splunkd waits between SIGTERM and SIGKILL; no document states it.
GRACE = 5.0
_STARTUP = 60.0
_PIECE = 65_536
_LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_LINE = re.compile(rf"({'|'.join(_LEVELS)})\s+(.*)", re.DOTALL)


class InputError(Exception):
    """The input cannot be introspected, or refuses its arguments; the text is its own or splunkd's."""


@dataclass(frozen=True)
class Argument:
    """One `<arg>` of a scheme."""

    name: str
    required_on_create: bool


@dataclass(frozen=True)
class Scheme:
    """What `--scheme` answered."""

    title: str
    arguments: Dict[str, Argument]
    validates: bool
    single_instance: bool
    streaming_mode: str


@dataclass
class InputRun:
    """How a run went: events taken, exit code, texts of its ERROR and FATAL lines, all its log lines."""

    events: int = 0
    exit_code: int = 0
    errors: List[str] = field(default_factory=list)
    log: List[str] = field(default_factory=list)

    def note(self, lines: List[str]) -> None:
        """Sort stderr lines by level; a line without one counts as ERROR."""
        for line in lines:
            match = _LINE.match(line)
            level, text = match.groups() if match else ("ERROR", line)
            self.log.append(f"{level} {text}")
            if level in ("ERROR", "FATAL"):
                self.errors.append(text)


@dataclass(frozen=True)
class Server:
    """What an input is told about the splunkd that starts it."""

    host: str
    uri: str
    session_key: str
    home: Path

    def checkpoint_dir(self, scheme: str) -> Path:
        """Folder for the input's own files, made when absent."""
        path = self.home / "var" / "lib" / "splunk" / "modinputs" / scheme
        path.mkdir(parents=True, exist_ok=True)
        return path


class ModularInput:
    """One script in bin/, named like its scheme."""

    def __init__(self, scheme: str, script: Path, home: Path):
        self.name = scheme
        self._script = script
        self._home = home
        self._running: Optional[Script] = None

    def introspect(self) -> Scheme:
        """Run `--scheme`; InputError in splunkd's words when it gives none."""
        run, output = self._once("--scheme", b"")
        reason = " ".join(run.errors) or "Introspecting scheme failed"
        try:
            if run.exit_code:
                raise self._unusable(f"{reason}, script exited with code {run.exit_code}")
            return _scheme(ET.fromstring(output))  # noqa: S314  the app's own script wrote it
        except (ET.ParseError, ValueError) as error:
            raise self._unusable(f"{reason}: {error}") from error

    def validate(self, server: Server, name: str, params: Dict[str, str]) -> None:
        """Run `--validate-arguments`; InputError with the input's own message when it refuses."""
        root = _told("items", server, self.name)
        _params(ET.SubElement(root, "item", name=name), params)
        run, output = self._once("--validate-arguments", ET.tostring(root, encoding="utf-8"))
        if run.exit_code == 0:
            return
        try:
            message = ET.fromstring(output).findtext("message")  # noqa: S314  the app's own script wrote it
        except ET.ParseError:
            message = None
        raise InputError(message or " ".join(run.errors) or f"validation exited with code {run.exit_code}")

    def run(
        self,
        server: Server,
        stanza: str,
        app: str,
        params: Dict[str, str],
        take: Callable[[Written], None],
        timeout: Optional[float] = None,
    ) -> InputRun:
        """Start the input for one stanza and hand on each event when it is complete, until it ends.

        An exception in `take` ends the process by SIGTERM, then SIGKILL.
        """
        root = _told("input", server, self.name)
        configuration = ET.SubElement(root, "configuration")
        _params(ET.SubElement(configuration, "stanza", name=stanza, app=app), params)
        script = self._running = Script(self._script, (), self._home)
        run = InputRun()
        try:
            script.arm(timeout)
            _write(script, ET.tostring(root, encoding="utf-8"))
            _drain(script, take, run)
        except BaseException:
            script.terminate(GRACE)
            raise
        finally:
            self._running = None
            run.exit_code = script.finish(GRACE)
            run.note(script.stderr)
        if script.timed_out:
            run.note(["ERROR the input did not end in time and was killed"])
        return run

    def stop(self) -> bool:
        """Ask a running input to end (SIGTERM, then SIGKILL); what it wrote until then is still taken."""
        script = self._running
        if script is not None:
            script.terminate(GRACE)
        return script is not None

    def signal(self, number: int) -> bool:
        """Send a signal to the script; False when it has ended."""
        script = self._running
        return script is not None and script.signal(number)

    def _once(self, argument: str, sent: bytes) -> Tuple[InputRun, bytes]:
        """A short start with an argument: exit code and log, and what it wrote."""
        script = Script(self._script, (argument,), self._home)
        run = InputRun()
        try:
            script.arm(_STARTUP)
            _write(script, sent)
            output = script.stdout.read()
        finally:
            run.exit_code = script.finish()
            run.note(script.stderr)
        return run, output

    def _unusable(self, why: str) -> InputError:
        return InputError(
            f'Unable to initialize modular input "{self.name}" defined in the app: {why}.'
        )


def _drain(script: Script, take: Callable[[Written], None], run: InputRun) -> None:
    """Read the stream to its end; output that is no event stream is reported once and the input stopped."""
    stream = EventStream()
    read = getattr(script.stdout, "read1", script.stdout.read)
    try:
        while True:
            piece = read(_PIECE)
            if not piece and not stream.broken:
                return
            for event in stream.feed(piece):
                take(event)
                run.events += 1
    except StreamError as error:
        run.note([f"ERROR the input's output is no event stream: {error}"])
        script.terminate(GRACE)


def _write(script: Script, sent: bytes) -> None:
    """Send a document and end the input; a script that does not read it is no error."""
    with suppress(OSError):
        script.stdin.write(sent)
    script.close_input()


def _told(tag: str, server: Server, scheme: str) -> ET.Element:
    root = ET.Element(tag)
    ET.SubElement(root, "server_host").text = server.host
    ET.SubElement(root, "server_uri").text = server.uri
    ET.SubElement(root, "checkpoint_dir").text = str(server.checkpoint_dir(scheme))
    ET.SubElement(root, "session_key").text = server.session_key
    return root


def _params(parent: ET.Element, params: Dict[str, str]) -> None:
    for name, value in params.items():
        ET.SubElement(parent, "param", name=name).text = value


def _scheme(root: ET.Element) -> Scheme:
    """A `<scheme>` document; ValueError when it is something else."""
    if root.tag != "scheme":
        raise ValueError(f"<{root.tag}> where <scheme> was expected")
    found = [
        Argument(arg.get("name", ""), _flag(arg, "required_on_create", True))
        for arg in root.iterfind("./endpoint/args/arg")
    ]
    return Scheme(
        title=root.findtext("title") or "",
        arguments={argument.name: argument for argument in found},
        validates=_flag(root, "use_external_validation", False),
        single_instance=_flag(root, "use_single_instance", False),
        streaming_mode=(root.findtext("streaming_mode") or "simple").lower(),
    )


def _flag(element: ET.Element, name: str, default: bool) -> bool:
    text = element.findtext(name)
    return default if text is None else text.strip().lower() in ("1", "true")
