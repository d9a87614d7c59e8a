"""One connection to splunkd for many requests: splunklib opens one, with its handshake, for each checkpoint else."""

import io
import ssl
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Dict, List, Mapping
from urllib.parse import urlsplit

# Seconds without an answer after which splunkd is taken for dead.
_TIMEOUT = 60.0


class Line:
    """A `handler` for splunklib's Service: a connection of each thread is kept, and made anew when splunkd closed it.

    As splunklib does by itself, splunkd's certificate is not verified: it is its own, on this host.
    """

    def __init__(self) -> None:
        self._of_thread = threading.local()
        self._made: List[HTTPConnection] = []

    def __del__(self) -> None:
        for connection in self._made:
            connection.close()

    def __call__(self, url: str, message: Mapping[str, Any], **_: Any) -> Dict[str, Any]:
        """Send one request and take its whole answer; OSError when there is none."""
        kept = getattr(self._of_thread, "connection", None)
        if kept is not None:
            try:
                return self._sent(kept, url, message)
            except (ConnectionError, HTTPException):
                self._made.remove(kept)
        self._of_thread.connection = fresh = _connect(url)
        self._made.append(fresh)
        try:
            return self._sent(fresh, url, message)
        except HTTPException as error:
            raise ConnectionError(f"splunkd broke off its answer: {type(error).__name__}") from None

    def _sent(self, connection: HTTPConnection, url: str, message: Mapping[str, Any]) -> Dict[str, Any]:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(
                str(message.get("method", "GET")), path, message.get("body") or None, dict(message["headers"])
            )
            answer = connection.getresponse()
            body = answer.read()
        except BaseException:
            connection.close()  # nothing of this answer may be taken for the next one
            self._of_thread.connection = None
            raise
        return {
            "status": answer.status, "reason": answer.reason, "headers": answer.getheaders(), "body": io.BytesIO(body),
        }  # fmt: skip


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "http":
        return HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    context = ssl._create_unverified_context()  # noqa: S323  see Line
    return HTTPSConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT, context=context)
