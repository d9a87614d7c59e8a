"""One connection to splunkd for many requests; by itself splunklib makes one, with its handshake, for each."""

import io
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import urlsplit

from splunklib import binding

# Seconds without an answer after which splunkd is taken for dead.
_TIMEOUT = 60
_KEEP = ("Connection", "keep-alive")


class Line:
    """A `handler` for splunklib's Service: the connection that splunklib has made for a thread is used again.

    How splunkd is reached and trusted stays splunklib's business. Where splunkd closes the connection, or says nothing
    of keeping it, the next request makes a new one.
    """

    def __init__(self) -> None:
        self._open = binding.handler(timeout=_TIMEOUT)
        self._of_thread = threading.local()
        self._made: List[HTTPConnection] = []

    def __del__(self) -> None:
        for connection in self._made:
            connection.close()

    def __call__(self, url: str, message: Mapping[str, Any], **_: Any) -> Dict[str, Any]:
        """Send one request and take its whole answer; OSError when there is none."""
        message = {**message, "headers": [*message["headers"], _KEEP]}
        connection: Optional[HTTPConnection] = getattr(self._of_thread, "connection", None)
        if connection is not None:
            self._of_thread.connection = None
            self._made.remove(connection)
            try:
                return self._again(connection, url, message)
            except (ConnectionError, HTTPException):
                connection.close()
        try:
            answer = self._open(url, message)
            reader = answer["body"]
            connection = getattr(reader, "_connection", None)
            if connection is not None:
                reader._connection = None  # or its end would close it
            return self._whole(answer, reader, connection)
        except HTTPException as error:
            raise ConnectionError(f"splunkd broke off its answer: {type(error).__name__}") from None

    def _again(self, connection: HTTPConnection, url: str, message: Mapping[str, Any]) -> Dict[str, Any]:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        method, body = str(message.get("method", "GET")), message.get("body") or None
        try:
            connection.request(method, path, body, dict(message["headers"]))
            answer = connection.getresponse()
            known = {"status": answer.status, "reason": answer.reason, "headers": answer.getheaders()}
            return self._whole(known, answer, connection)
        except BaseException:
            connection.close()  # nothing of this answer may be taken for the next one
            raise

    def _whole(self, answer: Mapping[str, Any], body: Any, connection: Optional[HTTPConnection]) -> Dict[str, Any]:
        """The answer with all its body; the connection is kept where there is one."""
        read = io.BytesIO(body.read())
        if connection is not None:
            self._of_thread.connection = connection
            self._made.append(connection)
        return {**answer, "body": read}
