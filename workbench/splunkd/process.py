"""How splunkd starts an app's scripts: bare interpreter, short environment, stderr drained, an end for sure."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Dict, List, Optional, Sequence, Tuple

_STARTER = Path(__file__).with_name("starter.py")
_KEPT = ("PATH", "HOME", "LANG", "TZ")


def environment(home: Path) -> Dict[str, str]:
    """What a script sees: a few variables of ours, and SPLUNK_HOME."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "SPLUNK_HOME": str(home)}


@cache
def interpreter() -> Tuple[str, ...]:
    """How a script is started: no site-packages and no PYTHON* variables, as in the Python that Splunk ships.

    Compiled modules are kept, as there, but beside the app: in a folder that goes with this process.
    """
    folder = tempfile.TemporaryDirectory(prefix="workbench-pyc-")
    atexit.register(folder.cleanup)
    return (sys.executable, "-S", "-E", "-s", "-X", f"pycache_prefix={folder.name}", str(_STARTER))


class Script:
    """A running script with piped stdin and stdout; stderr is collected line by line.

    After `timeout` seconds since `arm()` it is killed, and `timed_out` says so.
    """

    def __init__(self, path: Path, arguments: Sequence[str], home: Path):
        self._process = subprocess.Popen(
            [*interpreter(), str(path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=str(home),
            env=environment(home),
            start_new_session=True,  # Ctrl-C at a terminal reaches us alone; we end the script in order
        )
        self.stderr: List[str] = []
        self.timed_out = False
        self._timer: Optional[threading.Timer] = None
        self._drain = threading.Thread(target=self._read_errors, daemon=True)
        self._drain.start()

    @property
    def stdin(self) -> IO[bytes]:
        """The script's input."""
        assert self._process.stdin is not None  # noqa: S101  made by PIPE
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The script's output."""
        assert self._process.stdout is not None  # noqa: S101  made by PIPE
        return self._process.stdout

    def arm(self, timeout: Optional[float]) -> None:
        """Start the clock anew: after so many seconds the script is killed; None or 0 is never."""
        self.disarm()
        if timeout:
            self._timer = threading.Timer(timeout, self._expire)
            self._timer.daemon = True
            self._timer.start()

    def disarm(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def signal(self, number: int) -> bool:
        """Send a signal; False when the script has ended."""
        self._process.send_signal(number)
        return self._process.returncode is None

    def terminate(self, grace: float) -> None:
        """SIGTERM now, and SIGKILL after `grace` seconds if it is still there; does not wait."""
        self._process.send_signal(signal.SIGTERM)
        self.arm(grace)

    def close_input(self) -> None:
        """End of input; a script that is gone already does not matter."""
        with suppress(OSError):
            self.stdin.close()

    def finish(self, grace: float = 60.0) -> int:
        """Close the pipes, wait for the end (killing after `grace` seconds) and return the exit code."""
        self.close_input()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
        code = self._process.wait()
        self.disarm()
        self._drain.join()
        self.stdout.close()
        return code

    def kill(self) -> int:
        """End it now."""
        self._process.kill()
        return self.finish()

    def _expire(self) -> None:
        self.timed_out = True
        self._process.kill()

    def _read_errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None  # noqa: S101  made by PIPE
        with stream:
            for line in stream:
                self.stderr.append(line.decode("utf-8", "replace").rstrip("\r\n"))
