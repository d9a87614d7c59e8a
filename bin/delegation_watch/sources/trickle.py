"""An answer that comes in dribs is given up: a limit on each wait alone lets a byte now and then hold a run for ever.

How much has come is looked at where the connection is read, so that status line, headers and body are all under watch,
however they are packed, at the price of one look at the clock for each read of the socket.
"""

import io
import time
from http.client import HTTPResponse
from typing import Any, Callable

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool


class TrickleError(ConnectionError):
    """An answer comes so slowly that nobody should wait for its end."""


class Watched(io.RawIOBase):
    """What a connection brings, as long as each `span` seconds bring `least` bytes; TrickleError where they do not.

    They are counted from the first bytes on: a service thinks before it answers, and has the limit on a single wait
    for that. clock (monotonic, seconds) is given by tests.
    """

    def __init__(self, raw: io.RawIOBase, least: int, span: float, clock: Callable[[], float] = time.monotonic):
        self._raw = raw
        self._least = least
        self._span = span
        self._clock = clock
        self._came = 0
        self._until = 0.0

    def readable(self) -> bool:
        """As io has it."""
        return True

    def readinto(self, into: Any) -> Any:
        """What has come, once it is seen that it came fast enough."""
        count = self._raw.readinto(into)
        now = self._clock()
        self._came += count or 0
        if now >= self._until and count:
            if self._until and self._came < self._least:
                came, spent = f"{self._came} of at least {self._least}", now - self._until + self._span
                raise TrickleError(f"its answer trickles, {came} bytes in {spent:.0f} seconds")
            self._came, self._until = 0, now + self._span
        return count

    def fileno(self) -> int:
        """The connection's."""
        return self._raw.fileno()

    def close(self) -> None:
        """This, and what it watches."""
        super().close()
        self._raw.close()


class WatchingAdapter(HTTPAdapter):
    """requests' own adapter, whose https answers end with TrickleError, as requests wraps it, when they trickle.

    least: bytes that each `span` seconds of an answer have to bring, its last ones aside.
    """

    def __init__(self, least: int, span: float, **given: Any):
        class Response(HTTPResponse):
            def __init__(self, *args: Any, **named: Any):
                super().__init__(*args, **named)
                self.fp = io.BufferedReader(Watched(self.fp.detach(), least, span))

        class Connection(HTTPSConnection):
            response_class = Response

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self._pools = {"https": Pool}
        super().__init__(**given)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """As requests has it, with these pools."""
        super().init_poolmanager(*given, **named)  # type: ignore[no-untyped-call]  # of requests' stubs
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        """The same behind a proxy."""
        manager = super().proxy_manager_for(proxy, **named)  # type: ignore[no-untyped-call]  # as requests has it
        manager.pool_classes_by_scheme = self._pools
        return manager
