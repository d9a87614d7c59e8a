"""One process that speaks the chunked protocol, from getinfo to its end.

Conversation and texts: public transcripts of Splunk 8.2.1, messages.conf and commands.conf.spec 10.2.3, and
what splunklib reads and writes.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from workbench.spl.errors import SearchError, in_command
from workbench.spl.values import Row
from workbench.splunkd import frames
from workbench.splunkd.process import Script

CHUNK_ROWS = 10_000
# maxwait = 0 means for ever; a test bench must end.
_CEILING = 600.0
_INDEX = "_chunked_idx"
_TYPES = ("streaming", "stateful", "events", "reporting")

_EXITED = "External search command exited unexpectedly."
_EXIT_CODE = "External search command exited unexpectedly with non-zero error code {}."
_BAD_SETUP = "Invalid message received from external search command during setup, see search.log."
_BAD_SEARCH = "Invalid message received from external search command during search, see search.log."
_BAD_INDEX = f"Invalid '{_INDEX}' from external search process: out of range or out of order."
_NOT_SENT = "Failed to send message to external search command, see search.log."


class Conversation:
    """One process, from getinfo to its end; frames go out and come back in lock-step."""

    def __init__(self, name: str, script: Script, maxwait: int, maxchunksize: int):
        self._name = name
        self._script = script
        self._maxwait = maxwait
        self._maxchunksize = maxchunksize
        self._failures: List[str] = []
        self.messages: List[str] = []
        self.reply: Dict[str, Any] = {}

    def getinfo(self, told: Dict[str, Any]) -> None:
        """First exchange; `reply` holds the command's own settings afterwards."""
        message = {
            "action": "getinfo",
            "preview": False,
            "streaming_command_will_restart": False,
            "searchinfo": told,
        }
        frame = self._exchange(message, b"", _BAD_SETUP)
        if frame.body or frame.metadata.get("type") not in _TYPES:
            raise in_command(self._name, _BAD_SETUP)
        self.reply = frame.metadata
        if self.reply.get("streaming_preop"):
            raise in_command(self._name, "streaming_preop is not simulated")
        self._maxwait = int(self.reply.get("maxwait") or self._maxwait)

    def execute(self, rows: List[Row]) -> List[Row]:
        """All rows through the command, in chunks; the answer in order."""
        if self.reply.get("generating"):
            return self._last([], [])
        wanted = self.reply.get("required_fields")
        fixed = None if not wanted or "*" in wanted or self.reply["type"] == "events" else list(wanted)
        streaming = self.reply["type"] in ("streaming", "stateful")
        chunks = [rows[at : at + CHUNK_ROWS] for at in range(0, len(rows), CHUNK_ROWS)]
        final = [] if streaming or not chunks else chunks.pop()
        answer: List[Row] = []
        columns: List[str] = fixed or []
        for chunk in chunks:
            columns = _columns(chunk) if fixed is None else fixed
            frame = self._send(chunk, columns, finished=False, indexed=streaming)
            answer += self._received(frame, chunk, columns if fixed else None, streaming)
            if frame.metadata.get("finished"):
                return answer
        columns = fixed if fixed is not None else (_columns(final) or columns)
        return answer + self._last(final, columns, indexed=streaming)

    def end(self) -> None:
        """End of input; a command that then leaves with an error is one that failed."""
        code = self._script.finish()
        if code:
            raise self._ended(code)

    def _last(self, chunk: List[Row], columns: List[str], indexed: bool = False) -> List[Row]:
        """The final chunk, and then execute again and again until the command says it is finished."""
        answer: List[Row] = []
        while True:
            frame = self._send(chunk, columns, finished=True, indexed=indexed)
            answer += self._received(frame, chunk, None, indexed)
            if frame.metadata.get("finished"):
                return answer
            chunk = []

    def _send(self, chunk: List[Row], columns: List[str], finished: bool, indexed: bool) -> frames.Frame:
        if indexed:
            sent = [{**{name: row.get(name) for name in columns}, _INDEX: at} for at, row in enumerate(chunk)]
            body = frames.to_csv(sent, [name for name in columns if name != _INDEX] + [_INDEX])
        else:
            body = frames.to_csv(chunk, columns)
        return self._exchange({"action": "execute", "finished": finished}, body, _BAD_SEARCH)

    def _received(
        self, frame: frames.Frame, chunk: List[Row], sent: Optional[List[str]], indexed: bool
    ) -> List[Row]:
        """Rows of a reply. A row that gives its index back keeps the fields that were not sent with it.

        [unverified] beyond one transcript, in which a field outside required_fields is still there after
        the command.
        """
        try:
            rows = frames.from_csv(frame.body)
        except frames.FrameError as error:
            raise self._broken(_BAD_SEARCH, error) from error
        if not indexed:
            return rows
        last = 0
        for row in rows:
            if _INDEX not in row:
                continue
            text = row.pop(_INDEX)
            if not isinstance(text, str) or not text.isdigit() or not last <= int(text) < len(chunk):
                raise in_command(self._name, _BAD_INDEX)
            last = int(text)
            if sent is not None:
                for name, value in dict.items(chunk[last]):
                    if name not in sent:
                        row.setdefault(name, value)
        return rows

    def _exchange(self, metadata: Dict[str, Any], body: bytes, bad: str) -> frames.Frame:
        self._script.arm(self._maxwait or _CEILING)
        try:
            self._script.stdin.write(frames.encode(metadata, body))
            self._script.stdin.flush()
        except OSError as error:
            raise self._ended(self._script.finish(), _NOT_SENT) from error
        try:
            frame = frames.read(self._script.stdout, self._maxchunksize)
        except frames.FrameError as error:
            raise self._broken(bad, error) from error
        if frame is None:
            raise self._ended(self._script.finish())
        self._script.disarm()
        self._note(frame.metadata)
        return frame

    def _note(self, metadata: Dict[str, Any]) -> None:
        """Keep the inspector's messages; raise what the command calls an error."""
        for level, text in (metadata.get("inspector") or {}).get("messages", []):
            self.messages.append(f"{level}: {text}")
            if level in ("ERROR", "FATAL"):
                self._failures.append(str(text))
        if metadata.get("error"):
            raise in_command(self._name, str(metadata["error"]))

    def _broken(self, text: str, error: Exception) -> SearchError:
        self._script.stderr.append(f"ERROR {error}")
        return in_command(self._name, text)

    def _ended(self, code: int, quietly: str = _EXITED) -> SearchError:
        """Why the command is gone, by its own words where it left any."""
        if self._script.timed_out:
            wait = self._maxwait or _CEILING
            return in_command(self._name, f"External search command did not answer within {wait} s.")
        words = " ".join(self._failures)
        return in_command(self._name, words or (_EXIT_CODE.format(code) if code else quietly))


def _columns(rows: List[Row]) -> List[str]:
    """Every field of the rows, in the order they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row.keys()))  # noqa: SIM118  lazy rows fill
