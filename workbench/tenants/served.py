"""A TLS server on 127.0.0.1 with a throw-away authority, and the log of what was asked of it.

Knows nothing of Microsoft or Google: `office365` and `workspace` put their rules on top.
"""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Callable, Dict, List, NamedTuple, Optional, Type, Union

import trustme
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from workbench.errors import WorkbenchError
from workbench.tenants.faults import Faults, GoogleFaults

THREADS = 16


class Request(NamedTuple):
    """One request: method, path, query (last value wins), the answer's status, known to the stand-in."""

    method: str
    path: str
    query: Dict[str, str]
    status: int
    known: bool


class UnknownRequestError(WorkbenchError):
    """A request the stand-in has no rule for; answered 501 and kept in `Served.unknown`."""


class Served:
    """A Flask app on https://127.0.0.1:<port> while the `with` block lasts.

    `uri` is scheme, host and port; `ca_file` the PEM to verify it with; `requests` every request in order of
    arrival; `unknown` those for which there was no rule (answered 501, never guessed).
    """

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        faults: Union[Faults, GoogleFaults],
        ca: Optional[trustme.CA] = None,
    ) -> None:
        self.clock = clock
        self.requests: List[Request] = []
        self.uri = ""
        self._faults = faults
        self._ca = ca or trustme.CA()
        self._lock = threading.Lock()
        self.app = Flask(name)
        self.app.json.sort_keys = False  # type: ignore[attr-defined]
        self.app.after_request(self._log)
        self.app.register_error_handler(HTTPException, _no_such_route)
        self.app.register_error_handler(UnknownRequestError, _not_known)

    def __enter__(self) -> Served:
        self._folder = tempfile.TemporaryDirectory(prefix="tenant-")
        folder = Path(self._folder.name)
        self.ca_file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))
        certificate = self._ca.issue_cert("127.0.0.1", "localhost")
        chain = folder / "server.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
        self._server = Server(("127.0.0.1", 0), self.app, numthreads=THREADS)
        self._server.ssl_adapter = _adapter(chain)
        self._server.expiration_interval = 0.05  # seconds until stop() is noticed
        self._server.prepare()
        self.uri = f"https://127.0.0.1:{self._server.bind_addr[1]}"
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._server.stop()
        self._thread.join()
        self._folder.cleanup()

    @property
    def unknown(self) -> List[Request]:
        """The requests that were answered 501."""
        return [entry for entry in self.requests if not entry.known]

    def _log(self, response: Response) -> Response:
        if self._faults.delay:
            time.sleep(self._faults.delay)
        entry = Request(
            request.method,
            request.path,
            request.args.to_dict(),
            response.status_code,
            response.status_code != 501,
        )
        with self._lock:
            self.requests.append(entry)
        return response


def only(known: str) -> None:
    """Raise UnknownRequestError when a query parameter is not among the words of `known`."""
    strange = sorted(set(request.args) - set(known.split()))
    if strange:
        raise UnknownRequestError(f"no rule for the query parameter {strange[0]!r} of {request.method} {request.path}")


def _adapter(chain: Path) -> BuiltinSSLAdapter:
    adapter = BuiltinSSLAdapter(str(chain), str(chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(chain))
    adapter.context = context
    return adapter


def _no_such_route(error: HTTPException) -> Response:
    return _not_known(UnknownRequestError(f"no rule for {request.method} {request.path} ({error.code})"))


def _not_known(error: UnknownRequestError) -> Response:
    response = jsonify({"error": {"code": "StandInDoesNotKnow", "message": str(error)}})
    response.status_code = 501
    return response
