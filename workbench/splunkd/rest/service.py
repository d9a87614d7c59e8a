"""The HTTPS server: addresses, authentication and namespaces; the endpoints stand in their own modules."""

from __future__ import annotations

import tempfile
import threading
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple, Union
from urllib.parse import parse_qsl, unquote_plus

import trustme
from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

from workbench.errors import WorkbenchError
from workbench.splunkd.kvstore import KVError
from workbench.splunkd.rest import scripts
from workbench.splunkd.rest.access import ENDPOINTS as ACCESS
from workbench.splunkd.rest.access import check_capability
from workbench.splunkd.rest.configs import ENDPOINTS as CONFIGS
from workbench.splunkd.rest.jobs import ENDPOINTS as JOBS
from workbench.splunkd.rest.knowledge import ENDPOINTS as KNOWLEDGE
from workbench.splunkd.rest.messages import (
    Call,
    Endpoints,
    Feed,
    Handler,
    Namespace,
    Plain,
    RestError,
    render,
    render_messages,
)
from workbench.splunkd.rest.server import ENDPOINTS as SERVER
from workbench.splunkd.rest.storage import ENDPOINTS as STORAGE
from workbench.splunkd.rest.tables import ENDPOINTS as TABLES
from workbench.splunkd.rest.times import ENDPOINTS as TIMES
from workbench.splunkd.users import User

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

# Endpoint -> (handler, whether a session is needed); the longest matching beginning wins.
ENDPOINTS: Endpoints = {**SERVER, **ACCESS, **STORAGE, **CONFIGS, **KNOWLEDGE, **TABLES, **JOBS, **TIMES}
# Where the REST reference has endpoints; those that are not here are not simulated.
_ROOTS = ("admin", "alerts", "apps", "auth", "authentication", "authorization", "cluster", "collector", "configs",
          "data", "deployment", "kvstore", "licenser", "messages", "properties", "receivers", "saved", "search",
          "server", "shcluster", "storage", "workloads")  # fmt: skip
# [unverified] the app of a plain `services` address: the default app of whoever asks.
DEFAULT_APP = "search"


class RestService:
    """Serves one stand-in on a free port of the loopback address until it is closed."""

    def __init__(self, splunkd: Splunkd, folder: Path):
        self._splunkd = splunkd
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / "cacert.pem"
        self._server = wsgi.Server(("127.0.0.1", 0), self.application, numthreads=8, timeout=60)
        self._server.ssl_adapter, authority = _tls()
        self.ca_file.write_bytes(authority)
        # As splunkd: a connection is kept (server.conf, keepAliveIdleTimeout) unless the caller asks for its end, as
        # splunklib by itself does, which then relies on `connection: close` in the answer.
        self._server.keep_alive_conn_limit = 100
        self._server.expiration_interval = 0.05  # how soon it notices that it shall stop
        self._server.error_log = _quiet  # type: ignore[method-assign, assignment]  # cheroot means it so
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    @property
    def uri(self) -> str:
        """Where it listens."""
        host, port = self._server.bind_addr[:2]
        return f"https://{host}:{port}"

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.stop()
        self._thread.join()

    def application(self, environ: Dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One request, as WSGI has it."""
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        params = dict(query)
        if "json" not in environ.get("CONTENT_TYPE", ""):
            params.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        mode = params.get("output_mode", "")
        try:
            answer = self._answer(environ, query, params, body)
            plain = render(answer, mode) if isinstance(answer, Feed) else answer
        except (RestError, KVError) as error:
            level = getattr(error, "level", "ERROR")
            plain = render_messages([(level, error.text)], error.status, mode)
        except WorkbenchError as error:
            plain = render_messages([("ERROR", str(error))], 500, mode)
        headers = [("Content-Type", plain.content_type), ("Content-Length", str(len(plain.body)))]
        headers.append(("Connection", environ.get("HTTP_CONNECTION", "close").lower()))
        start_response(f"{plain.status} {HTTPStatus(plain.status).phrase}", headers)
        return [plain.body]

    def _answer(
        self, environ: Dict[str, Any], query: Dict[str, str], params: Dict[str, str], body: bytes
    ) -> Union[Feed, Plain]:
        raw = environ["REQUEST_URI"].partition("?")[0]
        segments = [unquote_plus(part) for part in raw.split("/") if part]
        namespace, path = _namespace(segments)
        (handler, closed), endpoint, rest = self._endpoint(path, environ.get("CONTENT_TYPE", ""))
        key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2].strip()
        user = self._user(environ.get("HTTP_AUTHORIZATION", ""))
        if closed and user is None:
            raise RestError(401, "call not properly authenticated", "WARN")
        known = (self._splunkd.app, DEFAULT_APP, "system", "-")
        if namespace.app not in known:
            raise RestError(404, f"Application does not exist: {namespace.app}")
        if namespace.private and self._splunkd.users.get(namespace.owner) is None:
            raise RestError(404, f"User does not exist: {namespace.owner}")  # [unverified] text
        repeated = tuple(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        call = Call(environ["REQUEST_METHOD"], namespace, rest, query, params, body, user, key, repeated)
        if user is not None:
            check_capability(user, endpoint, call.method)
        return handler(self._splunkd, call)

    def _endpoint(self, path: List[str], content_type: str) -> Tuple[Tuple[Handler, bool], str, List[str]]:
        """The handler of an address, splunkd's own before the app's; whether it needs a session; what follows it."""
        own = _own_endpoint(path)
        if own is not None:
            return own
        found = scripts.find(self._splunkd, path)
        closed = found.flag("requireAuthentication", True)
        return (lambda splunkd, call: scripts.serve(splunkd, found, call, content_type), closed), found.name, path

    def _user(self, header: str) -> Optional[User]:
        kind, _, key = header.partition(" ")
        name = self._splunkd.sessions.user(key.strip()) if kind in ("Splunk", "Bearer") else None
        return self._splunkd.users.get(name) if name else None


def _namespace(segments: List[str]) -> Tuple[Namespace, List[str]]:
    """Owner and app of the address, and what follows them."""
    if segments[:1] == ["services"]:
        return Namespace("", DEFAULT_APP, explicit=False), segments[1:]
    if segments[:1] == ["servicesNS"] and len(segments) >= 3:
        return Namespace(segments[1], segments[2], explicit=True), segments[3:]
    raise RestError(404, "Not Found")


def built_in(path: List[str]) -> bool:
    """Whether an address is splunkd's own, not an app's."""
    return bool(path) and path[0] in _ROOTS


def _own_endpoint(path: List[str]) -> Optional[Tuple[Tuple[Handler, bool], str, List[str]]]:
    for size in range(len(path), 0, -1):
        endpoint = "/".join(path[:size])
        if endpoint in ENDPOINTS:
            return ENDPOINTS[endpoint], endpoint, path[size:]
    if path and path[0] in _ROOTS:
        raise RestError(501, f"{'/'.join(path)} is not simulated, if there is such a thing.")
    return None


@cache
def _tls() -> Tuple[BuiltinSSLAdapter, bytes]:
    """A certificate for the loopback address, and the authority behind it, which lives as long as this process."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    with tempfile.TemporaryDirectory(prefix="workbench-tls-") as folder:
        chain, key = Path(folder, "server.pem"), Path(folder, "server.key")
        chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        key.write_bytes(certificate.private_key_pem.bytes())
        return BuiltinSSLAdapter(str(chain), str(key)), authority.cert_pem.bytes()


def _quiet(message: str = "", level: int = 20, traceback: bool = False) -> None:
    """Connections that a client drops are no news."""
