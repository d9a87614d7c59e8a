"""A search command of commands.conf (chunked protocol), started as a process for each search that uses it."""

from __future__ import annotations

import shutil
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from workbench.spl.environment import Command, SearchInfo
from workbench.spl.errors import in_command
from workbench.spl.values import Row
from workbench.splunkd.conversation import Conversation
from workbench.splunkd.process import Script
from workbench.splunkd.sessions import Sessions

MAX_RESULT_ROWS = 50_000
VERSION = "9.4.0"
_ENDINGS = ("", ".py", ".sh")
_FIRST = "This command must be the first command of a search."


@dataclass
class Host:
    """What a command is told about the splunkd that starts it; `log` stands for search.log."""

    app: str
    app_dir: Path
    home: Path
    uri: str
    sessions: Sessions
    log: List[str] = field(default_factory=list)
    messages: List[str] = field(default_factory=list)
    probed: Set[Tuple[str, ...]] = field(default_factory=set)


class ChunkedCommand(Command):
    """A stanza of commands.conf; `run` starts it and passes rows through it."""

    def __init__(self, name: str, settings: Dict[str, str], host: Host):
        self.name = name
        self._settings = settings
        self._host = host

    def run(self, args: List[str], rows: List[Row], info: SearchInfo) -> List[Row]:
        """Rows that the command answers; SearchError in Splunk's words when it fails or breaks the rules."""
        if self._settings.get("chunked", "").lower() not in ("true", "1"):
            raise in_command(self.name, "only chunked = true is simulated")
        with self._host.sessions.issued() as key, self._dispatch(info) as folder:
            told = self._getinfo(args, info, key, folder)
            self._probe(args, told)
            with self._started(told) as conversation:
                if conversation.reply.get("generating") and not info.generating:
                    raise in_command(self.name, _FIRST)
                answer = conversation.execute(rows)
                conversation.end()
        return answer

    def _probe(self, args: List[str], told: Dict[str, Any]) -> None:
        """A start with getinfo alone, as splunkd's parser does; here at the first use of these arguments."""
        use = (self.name, *args)
        if use not in self._host.probed:
            with self._started(dict(told, dispatch_dir="")) as probe:
                probe.end()
            self._host.probed.add(use)

    def _script(self) -> Path:
        folder = self._host.app_dir / "bin"
        given = self._settings.get("filename")
        names = [given] if given else [self.name + ending for ending in _ENDINGS]
        for name in names:
            if (folder / name).is_file():
                return folder / name
        raise in_command(self.name, f"Could not find file: '{given or self.name}'.")

    def _number(self, key: str) -> int:
        text = self._settings.get(key, "0")
        if not text.isdigit():
            raise in_command(
                self.name, f"Invalid {key} value in commands.conf: must be a non-negative integer."
            )
        return int(text)

    def _fixed_arguments(self) -> List[str]:
        numbered = {
            int(key.rpartition(".")[2]): value
            for key, value in self._settings.items()
            if key.startswith("command.arg.")
        }
        return [numbered[number] for number in sorted(numbered)]

    @contextmanager
    def _started(self, told: Dict[str, Any]) -> Iterator[Conversation]:
        limits = self._number("maxwait"), self._number("maxchunksize")
        script = Script(self._script(), self._fixed_arguments(), self._host.home)
        conversation = Conversation(self.name, script, *limits)
        try:
            conversation.getinfo(told)
            yield conversation
        finally:
            script.kill()
            self._host.log += [f"{self.name}: {line}" for line in script.stderr]
            self._host.messages += conversation.messages

    @contextmanager
    def _dispatch(self, info: SearchInfo) -> Iterator[Path]:
        """The search's dispatch folder, named by its sid; it goes with the search."""
        folder = self._host.home / "var" / "run" / "splunk" / "dispatch" / f"{info.now:.0f}.{id(info)}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _getinfo(self, args: List[str], info: SearchInfo, key: str, folder: Path) -> Dict[str, Any]:
        window = info.window
        return {
            "args": [word for word in (_unquoted(arg) for arg in args) if word],
            "raw_args": args,
            "dispatch_dir": str(folder),
            "sid": folder.name,
            "app": self._host.app,
            "owner": "admin",
            "username": "admin",
            "session_key": key,
            "splunkd_uri": self._host.uri,
            "splunk_version": VERSION,
            "search": urllib.parse.quote(info.search, safe=""),
            "command": self.name,
            "maxresultrows": MAX_RESULT_ROWS,
            "earliest_time": _epoch(window.earliest),
            "latest_time": _epoch(window.latest),
        }


def _unquoted(token: str) -> str:
    """A raw argument as `args` has it: quotes removed, commas between arguments dropped."""
    outside = token.strip(",") if not token.endswith('"') else token.lstrip(",")
    return outside.replace('\\"', "\0").replace('"', "").replace("\0", '"')


def _epoch(value: Optional[float]) -> str:
    """A bound of the search as the command is told it: text, "0" when open."""
    return "0" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
