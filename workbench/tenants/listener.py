"""A web server over TLS on 127.0.0.1, and a host of its own that shows whether anybody was led astray to it."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple

from cheroot.ssl import Adapter
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from workbench.tenants import wire

THREADS = 16
_ANSWER = b'[{"Id":"elsewhere","Operation":"Send","RecordType":2,"CreationTime":"2026-01-01T00:00:00"}]'


class _Adapter(BuiltinSSLAdapter):
    """cheroot's own, but for the connection to itself by which it reads what is in its certificate."""

    def __init__(self, chain: Path) -> None:
        Adapter.__init__(self, str(chain), str(chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(chain))
        self.context = context
        self._server_env: Dict[str, str] = {}


class Listener:
    """Serves a WSGI application at 127.0.0.1:`port` until it is closed; `chain` is a PEM of certificate and key."""

    def __init__(self, application: Callable[..., Any], chain: Path, threads: int = THREADS) -> None:
        # A request may take long to arrive whole where the machine is busy.
        self._server = Server(("127.0.0.1", 0), wire.spoiling(application), numthreads=threads, timeout=60)
        self._server.gateway = wire.Gateway
        self._server.ssl_adapter = _Adapter(chain)
        self._server.expiration_interval = 0.05  # seconds until stop() is noticed
        self._server.prepare()
        self.port = int(self._server.bind_addr[1])
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    @property
    def uri(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Serve no longer."""
        self._server.stop()
        self._thread.join()


class Stray(NamedTuple):
    """A call that reached a host where it had no business: all that its sender gave away."""

    method: str
    path: str
    authorization: str
    body: bytes


class Elsewhere:
    """A host that is not the vendor's, though its certificate is as good: https://localhost:<port> until it is closed.

    It answers anything with one record, as somebody would who wants to be taken for the vendor. `calls` are those that
    came, in order.
    """

    def __init__(self, chain: Path) -> None:
        self.calls: List[Stray] = []
        self._listener = Listener(self._answer, chain, threads=2)
        self.uri = f"https://localhost:{self._listener.port}"

    def close(self) -> None:
        """Listen no longer."""
        self._listener.close()

    def _answer(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> List[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        given = environ.get("HTTP_AUTHORIZATION", "")
        self.calls.append(Stray(environ["REQUEST_METHOD"], environ["PATH_INFO"], given, body))
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(_ANSWER)))])
        return [_ANSWER]
