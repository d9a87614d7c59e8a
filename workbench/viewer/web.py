"""What Splunk Web does for the app's pages: it serves them, and hands their calls on to splunkd.

A page stands at Splunk Web's own address, /en-US/app/<app>/<view>; `/en-US/splunkd/__raw/…` is splunkd's REST with the
session of whoever is signed in. What changes something needs Splunk Web's form key, in a header and a cookie alike.
"""

from __future__ import annotations

import json
import mimetypes
import threading
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Type
from urllib.parse import parse_qsl, unquote

from cheroot import wsgi

from workbench.errors import WorkbenchError
from workbench.splunkd import Splunkd
from workbench.splunkd.web import SplunkWeb as Gate
from workbench.viewer.page import page
from workbench.viewer.views import navigation, start_page, views

HERE = Path(__file__).resolve().parent
BUNDLE = HERE.parents[1] / "build" / "viewer"
RAW = "/en-US/splunkd/__raw"
_JSON = "application/json; charset=UTF-8"
_FRAME = ("frame.css",)
Headers = List[Tuple[str, str]]


class Answer(NamedTuple):
    """Status, body, kind of content, more headers."""

    status: int
    body: bytes
    content_type: str = "text/html; charset=UTF-8"
    headers: Sequence[Tuple[str, str]] = ()


class SplunkWeb:
    """A context manager: serves the app of a stand-in for splunkd on a port of the loopback address.

    Every page that is opened has the session of whoever is signed in, from the start the stand-in's administrator.
    `sign_in` makes it another user, for pages opened from then on; `sign_out` ends the session, as a time-out does.
    `asked` lists the calls handed to splunkd: (method, address, status).
    """

    def __init__(self, splunkd: Splunkd, port: int = 0, bundle: Path = BUNDLE):
        self.splunkd, self.bundle = splunkd, bundle
        self.asked: List[Tuple[str, str, int]] = []
        self._server = wsgi.Server(("127.0.0.1", port), self._application, numthreads=10, timeout=60)
        self._server.expiration_interval = 0.05  # how soon it notices that it shall stop
        self._server.error_log = _quiet  # type: ignore[method-assign, assignment]  # cheroot means it so
        self._server.prepare()
        self.port = int(self._server.bind_addr[1])
        self.uri = f"http://127.0.0.1:{self.port}"
        self._gate = Gate(splunkd, self.port)
        self.sign_in(splunkd.username)
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> SplunkWeb:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.stop()
        self._thread.join()

    def address(self, view: str) -> str:
        """Where a view stands."""
        return f"{self.uri}/en-US/app/{self.splunkd.app}/{view}"

    def sign_in(self, username: str) -> None:
        """Pages that are opened from now on are this user's."""
        self.username, self._cookies = username, self._gate.sign_in(username)

    def sign_out(self) -> None:
        """The session is over; splunkd refuses what comes with it."""
        self._gate.sign_out(self._cookies)

    def config(self) -> Dict[str, Any]:
        """$C, of which Splunk's packages and the app's pages read these."""
        return {
            "LOCALE": "en-US", "MRSPARKLE_ROOT_PATH": "", "MRSPARKLE_PORT_NUMBER": str(self.port),
            "SPLUNKD_PATH": RAW, "USERNAME": self.username, "VERSION_LABEL": "9.4.0", "BUILD_NUMBER": "0",
            "SERVER_TIMEZONE_OFFSET": 0,
            # Splunk's own way to write a time zone; this one is UTC.
            "SERVER_ZONEINFO": "### SERIALIZED TIMEZONE FORMAT 1.0;C0;Y0 NW 55 54 43;",
        }  # fmt: skip

    def _application(self, environ: Dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environ["REQUEST_URI"].partition("?")[0]
        try:
            if raw.startswith(f"{RAW}/"):
                answer = self._hand_on(environ)
            else:
                answer = self._answer(environ["REQUEST_METHOD"], unquote(raw), environ.get("QUERY_STRING", ""))
        except WorkbenchError as error:
            answer = _failed(500, str(error))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", _headers(answer))
        return [answer.body]

    def _answer(self, method: str, path: str, query: str) -> Answer:
        app, static = self.splunkd.app, self.splunkd.app_dir / "appserver" / "static"
        if method != "GET":
            return _failed(405, "only splunkd's addresses take anything but GET")
        if path in ("/", "/en-US/", f"/en-US/app/{app}", f"/en-US/app/{app}/"):
            first = start_page(navigation(self.splunkd.app_dir))
            return Answer(303, b"", headers=[("Location", f"/en-US/app/{app}/{first}")])
        folder, _, name = path.rpartition("/")
        if folder == f"/en-US/app/{app}":
            return self._page(name, query)
        if folder == "/viewer/definition":
            known = views(self.splunkd.app_dir)
            found = known[name].definition if name in known else None
            return Answer(200, json.dumps(found).encode(), _JSON) if found else _failed(404, f"no dashboard {name}")
        if folder == "/viewer":
            return _file(HERE if name in _FRAME else self.bundle, name, cache=True)
        for beginning in (f"/static/app/{app}/", f"/en-US/static/app/{app}/"):
            if path.startswith(beginning):
                return _file(static, path[len(beginning) :])
        return _failed(404, f"{path} is not simulated")

    def _page(self, name: str, query: str) -> Answer:
        known = views(self.splunkd.app_dir)
        if name not in known:
            return _failed(404, f"there is no page {name} here; Splunk Web has it if it is one of its own")
        params = dict(parse_qsl(query, keep_blank_values=True))
        label = self.splunkd.conf.stanza("app", "ui") or {}
        text = page(known[name], params, navigation(self.splunkd.app_dir), self.config(),
                    self.splunkd.app, label.get("label", self.splunkd.app))  # fmt: skip
        cookies = [("Set-Cookie", f"{name}={value}; Path=/; SameSite=Strict") for name, value in self._cookies.items()]
        return Answer(200, text.encode(), headers=cookies)

    def _hand_on(self, environ: Dict[str, Any]) -> Answer:
        """A call of splunkd's REST, with the session of the browser's cookies."""
        method, address = environ["REQUEST_METHOD"], environ["REQUEST_URI"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        headers = {key[5:].replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        cookies = {name: morsel.value for name, morsel in SimpleCookie(environ.get("HTTP_COOKIE", "")).items()}
        reply = self._gate.ask(method, address, headers, cookies, body)
        answer = Answer(reply.status, reply.body, reply.content_type) if reply else _failed(404, "Not Found")
        self.asked.append((method, address[len(RAW) :], answer.status))
        return answer


def _headers(answer: Answer) -> Headers:
    head = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
    caching = [] if any(name == "Cache-Control" for name, _ in answer.headers) else [("Cache-Control", "no-store")]
    return [*head, *caching, *answer.headers]


def _failed(status: int, text: str) -> Answer:
    return Answer(status, json.dumps({"error": text}).encode(), _JSON)


def _file(folder: Path, name: str, cache: bool = False) -> Answer:
    """A file below the folder. The bundle may be cached: a browser then keeps it compiled, too."""
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents or not path.is_file():
        return _failed(404, f"no file {name}")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = [("Cache-Control", "max-age=3600")] if cache else []
    return Answer(200, path.read_bytes(), kind, headers)


def _quiet(message: str = "", level: int = 20, traceback: bool = False) -> None:
    """Connections that a browser drops are no news."""


