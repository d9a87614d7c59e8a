"""What was done by the pages, line by line: `delegation_watch_rest.log` in Splunk's own log folder, so in _internal.

A line has the time in UTC, who did it, what, to what, and how it came out. No secret and no request's body is in it.
"""

import logging
import os
import time
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Iterable, Optional

_SIZE, _KEPT = 25 * 1024 * 1024, 5
_NAME = "delegation_watch_rest"
_LINE = "%(asctime)s.%(msecs)03d +0000 %(levelname)s %(message)s"


class Trace:
    """The log; it is open only while a line is written, since several processes may write it."""

    def __init__(self, home: Optional[str] = None):
        self._path = Path(home or os.environ.get("SPLUNK_HOME", ""), "var", "log", "splunk", f"{_NAME}.log")
        self._format = logging.Formatter(_LINE, "%Y-%m-%d %H:%M:%S")
        self._format.converter = time.gmtime

    def note(self, user: str, action: str, outcome: str = "success", **about: object) -> None:
        """One line; values are quoted, so that none can pass for another field or line."""
        fields = {"user": user, "action": action, "outcome": outcome, **about}
        self._write(logging.INFO, " ".join(f"{name}={_quoted(value)}" for name, value in fields.items() if value != ""))

    def fault(self, error: BaseException, secrets: Iterable[str] = ()) -> None:
        """An error that nobody foresaw, with where it arose; its words may be of whoever asked, but for his secrets."""
        told = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()
        for secret in secrets:
            for written in (secret, repr(secret)[1:-1]):
                told = told.replace(written, "(secret)")
        self._write(logging.ERROR, f"a fault of this app: {type(error).__name__}\n{told}")

    def _write(self, level: int, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(self._path, maxBytes=_SIZE, backupCount=_KEPT, encoding="utf-8")
        handler.setFormatter(self._format)
        try:
            handler.emit(logging.LogRecord(_NAME, level, "", 0, line, None, None))
        finally:
            handler.close()


def _quoted(value: object) -> str:
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
