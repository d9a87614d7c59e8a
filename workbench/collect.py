"""Start one modular input as splunkd does, against a real tenant or a stand-in, and write its events to a file.

What the input remembers stays in the --state folder, so that the next call goes on where this one ended.
Events are appended, one JSON object a line: time, host, source, sourcetype, index, data.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import hashlib
import json
import os
import re
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterator, List, Optional

from rich.console import Console

from workbench.errors import BadInput, WorkbenchError
from workbench.splunkd import InputRun, Splunkd

HELP = "run one input from the command line and keep its events in a file"

APP = Path(__file__).resolve().parents[1]
# splunkd's own parameters of a modular input that make sense here.
_STANDARD = ("index", "host", "source", "sourcetype", "interval")
# Splunk of old encrypts at most this many characters, so that the app reads a secret in parts.
_PART = 255
_TRACEBACK = re.compile(r"\s*-\s*Traceback \(most recent call last\):.*", re.DOTALL)
_SETTING = re.compile(r"\s*([A-Za-z][\w.]*)\s*=")


class Interrupted(WorkbenchError):
    """The person stopped the run; what was collected is written and remembered."""

    exit_code = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    pairs: Dict[str, Any] = {"nargs": "+", "action": "extend", "default": [], "metavar": "KEY=VALUE"}
    parser.add_argument("input", metavar="INPUT", help="delegation_audit, for example")
    parser.add_argument("--set", **pairs, help="the stanza's parameters, as in README/inputs.conf.spec")
    parser.add_argument("--account", **pairs, help="the account, as in README/delegation_watch_accounts.conf.spec")
    parser.add_argument("--secret-file", required=True, type=Path, metavar="FILE", help="holds the secret alone")
    parser.add_argument("--state", required=True, type=Path, metavar="DIR", help="what the input remembers")
    parser.add_argument("--events", required=True, type=Path, metavar="OUT.jsonl", help="events are appended here")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="so many runs, one after another")


def run(args: argparse.Namespace) -> int:
    """Collect; 0 when every run ended well. BadInput for what cannot be used and for what the input refuses."""
    known = _known_inputs()
    there = args.input in known if known else (APP / "bin" / f"{args.input}.py").is_file()
    if not there:
        raise BadInput(f"unknown input {args.input}; there are: {', '.join(known) or 'none'}")
    if args.runs < 1:
        raise BadInput("--runs must be at least 1")
    params = _pairs(args.set, "--set", _stanza_keys(args.input))
    account = params.get("account")
    if not account:
        raise BadInput("the input needs an account: --set account=NAME")
    settings = _settled(_pairs(args.account, "--account", _account_keys()))
    secret = _secret(args.secret_file)
    with _locked(args.state) as home, _Output(args.events) as output, Splunkd(APP, home) as splunkd:
        set_account(splunkd, account, settings, secret)
        with _stopping(splunkd) as stopped, _progress(output):
            for _ in range(args.runs):
                ended = splunkd.run_input(f"{args.input}://{account}", params, output.write)
                if stopped:
                    raise Interrupted(f"interrupted; {_count(output.written, 'event')} written to {args.events}")
                _check(args.input, ended, output)
        output.open()
        print(f"{_count(output.written, 'event')} from {_count(feeds(splunkd), 'feed')} appended to {args.events}")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _check(name: str, ended: InputRun, output: _Output) -> None:
    """Turn an input's errors into one line; its warnings are shown as they are."""
    for line in dict.fromkeys(line for line in ended.log if line.startswith("WARN ")):
        print(f"warning: {line[len('WARN ') :]}", file=sys.stderr)
    if not ended.errors and ended.exit_code == 0:
        return
    texts = dict.fromkeys(" ".join(_TRACEBACK.sub("", text).split()) for text in ended.errors)
    why = "; ".join(text for text in texts if text) or f"it ended with exit code {ended.exit_code}"
    kept = f" ({_count(output.written, 'event')} collected before)" if output.written else ""
    raise BadInput(f"{name}: {why}{kept}")


def _pairs(words: List[str], option: str, known: List[str]) -> Dict[str, str]:
    """KEY=VALUE words as a mapping; a later one wins. `known` is empty where no spec file says the keys."""
    found: Dict[str, str] = {}
    for word in words:
        key, mark, value = word.partition("=")
        if not mark or not key:
            raise BadInput(f"{option} {word}: write KEY=VALUE")
        if known and key not in known:
            raise BadInput(f"{option} {key}: no such key; there are: {', '.join(known)}")
        found[key] = value
    return found


def _settled(settings: Dict[str, str]) -> Dict[str, str]:
    """Files are named as seen from here; the input runs in a folder of its own."""
    return {
        key: os.path.abspath(value) if value and key.endswith("_file") else value
        for key, value in settings.items()
    }


def _spec(name: str) -> List[str]:
    path = APP / "README" / f"{name}.conf.spec"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _known_inputs() -> List[str]:
    """Inputs that inputs.conf.spec describes."""
    return [line[1:].partition("://")[0] for line in _spec("inputs") if line.startswith("[") and "://" in line]


def _stanza_keys(name: str) -> List[str]:
    """Parameters of one input, splunkd's own last."""
    keys: List[str] = []
    inside = False
    for line in _spec("inputs"):
        if line.startswith("["):
            inside = line.startswith(f"[{name}://")
        match = _SETTING.match(line)
        if inside and match:
            keys.append(match.group(1))
    return [*dict.fromkeys(keys), *(key for key in _STANDARD if key not in keys)] if keys else []


def _account_keys() -> List[str]:
    matches = (_SETTING.match(line) for path in sorted((APP / "README").glob("*_accounts.conf.spec"))
               for line in _spec(path.name[: -len(".conf.spec")]))  # fmt: skip
    return list(dict.fromkeys(match.group(1) for match in matches if match))


def _secret(path: Path) -> str:
    """The file's text without one line end behind it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read the secret file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the secret file {path} is not UTF-8 text") from error
    text = text[:-1] if text.endswith("\n") else text
    if not text.strip():
        raise BadInput(f"the secret file {path} is empty")
    return text


def set_account(splunkd: Splunkd, account: str, settings: Dict[str, str], secret: str) -> None:
    """The account's stanza as given now, and its secret in checksummed parts as the app stores it."""
    conf = f"{splunkd.app}_accounts"
    splunkd.conf.remove(conf, account)
    splunkd.conf.update(conf, account, settings)
    whole = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{secret}"
    for number, at in enumerate(range(0, len(whole), _PART)):
        splunkd.set_secret(splunkd.app, f"{account}#{number}", whole[at : at + _PART])


def feeds(splunkd: Splunkd) -> int:
    """How many feeds the input keeps its place in."""
    name = f"{splunkd.app}_checkpoints"
    if name not in splunkd.kvstore.names():
        return 0
    return sum("digests" not in document for document in splunkd.kvstore.collection(name).all())


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """The state folder, made when absent, for one collector at a time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise BadInput(f"cannot use the state folder {folder}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadInput(f"another collector is using the state folder {folder}") from error
        yield folder


@contextmanager
def _stopping(splunkd: Splunkd) -> Iterator[List[int]]:
    """SIGINT and SIGTERM end the input in order: what it has written is kept. The list names the signal."""
    stopped: List[int] = []

    def stop(number: int, frame: object) -> None:
        stopped.append(number)
        if not splunkd.inputs.stop():
            raise Interrupted("interrupted before the input had started")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(output: _Output) -> Iterator[None]:
    """Shows how many events there are already, where a terminal is there."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status("waiting for the first event") as status:
        output.tell = lambda written: status.update(_count(written, 'event'))
        yield


class _Output:
    """The events file: made with the first event, whole lines only, each written before the next is taken."""

    def __init__(self, path: Path):
        self._path = path
        self._stream: Optional[IO[bytes]] = None
        self.written = 0
        self.tell: Callable[[int], None] = lambda written: None
        if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise BadInput(f"cannot write events to {path}: no writable file there")

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *error: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def open(self) -> IO[bytes]:
        """The stream; a last line that an earlier run could not finish is cut off."""
        if self._stream is None:
            self._stream = self._path.open("ab", buffering=0)
            _cut(self._path)
        return self._stream

    def write(self, event: Dict[str, Any]) -> None:
        """Append one event; BadInput when the disk takes no more."""
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        try:
            if self.open().write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise BadInput(f"cannot write events to {self._path}: {error.strerror}") from error
        self.written += 1
        self.tell(self.written)


def _cut(path: Path) -> None:
    """Drop what stands behind the last line end."""
    with path.open("rb+") as stream:
        size = end = stream.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65_536)
            stream.seek(start)
            place = stream.read(end - start).rfind(b"\n")
            if place >= 0:
                end = start + place + 1
                break
            end = start
        if end < size:
            stream.truncate(end)
