"""The connection to splunkd that an input is given, in the namespace of this app."""

import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Mapping, TypeVar
from urllib.parse import urlsplit

from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from .. import APP
from .line import Line

ACCOUNTS = "delegation_watch_accounts"
# So many seconds splunkd or its KV store is waited for while it does not answer, and so many lie between two looks:
# splunkd starts inputs before the KV store is ready, and a cluster that changes its captain is away for a while.
AWAY, LOOK = 300.0, 0.5
# 503 is what users quote of a KV store that still starts; what it says while it ends is [unverified].
_FAULT = 500

Answer = TypeVar("Answer")


class SplunkError(Exception):
    """splunkd did not give what the app keeps in it; one line that says what to do."""


class AwayError(SplunkError):
    """It does not answer, or with a fault of its own: a moment later it may."""


@contextmanager
def one_line(failed: str) -> Iterator[None]:
    """What splunkd refuses, and that it does not answer at all, as a SplunkError: `failed`, with why in place of {}."""
    try:
        yield
    except (HTTPError, AuthenticationError, OSError) as error:
        is_away = isinstance(error, OSError) or error.status >= _FAULT
        raise (AwayError if is_away else SplunkError)(failed.format(" ".join(str(error).split()))) from None


def waited(
    ask: Callable[[], Answer], sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic, longest: float = AWAY, look: float = LOOK,
) -> Answer:  # fmt: skip
    """What `ask` gives, asked again while it raises AwayError; that stands after `longest` seconds."""
    begun = clock()
    while True:
        try:
            return ask()
        except AwayError:
            if clock() - begun >= longest:
                raise
        sleep(look)


def connect(metadata: Mapping[str, str]) -> client.Service:
    """splunkd's REST API for an input's own session; nobody's objects in this app."""
    parts = urlsplit(metadata["server_uri"])
    return client.Service(
        scheme=parts.scheme, host=parts.hostname, port=parts.port, token=metadata["session_key"],
        owner="nobody", app=APP, autologin=False, handler=Line(),
    )  # fmt: skip


def account_settings(service: client.Service, name: str) -> Dict[str, Any]:
    """The settings of one account; SplunkError when there is none of this name."""
    with one_line(f"cannot read {ACCOUNTS}.conf: {{}}"):
        try:
            return dict(service.confs[ACCOUNTS][name].content)
        except KeyError:
            raise SplunkError(f"there is no account {name}; set it up in {ACCOUNTS}.conf") from None
