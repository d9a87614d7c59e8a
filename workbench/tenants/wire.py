"""Answers that go wrong below HTTP: cut off, reset, dripping byte by byte, packed badly. Works on cheroot's connection.

Each fault of WIRE writes an answer to the socket by itself and says whether the connection ends with it.
"""

from __future__ import annotations

import contextlib
import gzip
import select
import socket
import struct
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from cheroot.wsgi import Gateway_10

REQUEST = "workbench.request"  # in the WSGI environment: cheroot's request
FAULTS = "workbench.faults"  # the wire faults of this answer, as words
_GZIP_HEADER = 10
_LINGER_OFF = struct.pack("ii", 1, 0)  # closing sends RST


class Answer(NamedTuple):
    """An answer as the application made it; `status` such as "200 OK"."""

    status: str
    headers: List[Tuple[str, str]]
    body: bytes

    def head(self, length: Optional[int] = None, *extra: Tuple[str, str]) -> bytes:
        """Status line and headers; `length` in place of the body's own, none when negative."""
        kept = [pair for pair in self.headers if pair[0].lower() not in ("content-length", "connection")]
        size = len(self.body) if length is None else length
        kept += [("Connection", "close"), *extra]
        if size >= 0:
            kept.append(("Content-Length", str(size)))
        return "\r\n".join([f"HTTP/1.1 {self.status}", *(f"{k}: {v}" for k, v in kept), "", ""]).encode("latin-1")


class Gateway(Gateway_10):
    """cheroot's gateway, which lets the application reach the connection."""

    def get_environ(self) -> Any:
        """The WSGI environment with the request of cheroot in it."""
        environ: Dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]  # as cheroot has it
        environ[REQUEST] = self.req
        return environ


def spoiling(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application, whose answers are spoilt as `environ[FAULTS]` says when it has run."""

    def run(environ: Dict[str, Any], start_response: Callable[..., Any]) -> Any:
        kept: List[Any] = []

        def start(status: str, headers: List[Tuple[str, str]], exc_info: object = None) -> None:
            kept[:] = [status, headers]

        body = application(environ, start)
        faults = [word.partition(":") for word in environ.get(FAULTS, ())]
        if not faults:
            start_response(*kept)
            return body
        answer = Answer(kept[0], kept[1], b"".join(body))
        body.close()
        for name, _, _argument in faults:
            answer = PACKED[name](answer) if name in PACKED else answer
        ending = [(WIRE[name], argument) for name, _, argument in faults if name in WIRE]
        if not ending:
            start_response(answer.status, answer.headers)
            return [answer.body]
        request = environ[REQUEST]
        request.sent_headers = request.close_connection = True
        with contextlib.suppress(OSError):  # the client did not wait
            ending[0][0](request.conn, answer, ending[0][1])
        return []

    return run


def _send(connection: Any, data: bytes) -> None:
    connection.wfile.write(data)
    connection.wfile.flush()


def _cut(connection: Any, answer: Answer, argument: str) -> None:
    _send(connection, answer.head() + answer.body[: len(answer.body) // 2])


def _cut_chunked(connection: Any, answer: Answer, argument: str) -> None:
    half = answer.body[: len(answer.body) // 2]
    head = answer.head(-1, ("Transfer-Encoding", "chunked"))
    _send(connection, head + f"{len(half):x}\r\n".encode() + half + b"\r\n")


def _reset(connection: Any, answer: Answer, argument: str) -> None:
    _send(connection, answer.head() + answer.body[: len(answer.body) // 2])
    _abort(connection)


def _reset_at_once(connection: Any, answer: Answer, argument: str) -> None:
    _abort(connection)


def _abort(connection: Any) -> None:
    raw = connection.socket
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
    connection.linger = True  # cheroot leaves the closing to us: its own would say FIN first
    raw.close()


def _slow(connection: Any, answer: Answer, argument: str) -> None:
    _send(connection, answer.head())
    pause = float(argument or 0.01)
    for place in range(len(answer.body)):
        _send(connection, answer.body[place : place + 1])
        time.sleep(pause)


def _silent(connection: Any, answer: Answer, argument: str) -> None:
    select.select([connection.socket], [], [], float(argument or 1))  # sooner where the client hangs up


WIRE: Dict[str, Callable[[Any, Answer, str], None]] = {
    "cut": _cut,
    "cut_chunked": _cut_chunked,
    "reset": _reset,
    "reset_at_once": _reset_at_once,
    "slow": _slow,
    "silent": _silent,
}


def _packed(answer: Answer, body: bytes) -> Answer:
    kept = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    return Answer(answer.status, [*kept, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))], body)


def _gzip(answer: Answer) -> Answer:
    return _packed(answer, gzip.compress(answer.body, 1))


def _gzip_broken(answer: Answer) -> Answer:
    packed = gzip.compress(answer.body, 1)
    return _packed(answer, packed[:_GZIP_HEADER] + b"\xff" * 8 + packed[_GZIP_HEADER + 8 :])


def _gzip_cut(answer: Answer) -> Answer:
    packed = gzip.compress(answer.body, 1)
    return _packed(answer, packed[: len(packed) // 2])


PACKED: Dict[str, Callable[[Answer], Answer]] = {"gzip": _gzip, "gzip_broken": _gzip_broken, "gzip_cut": _gzip_cut}
