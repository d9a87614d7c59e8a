"""The connection to splunkd that an input is given, in the namespace of this app."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Mapping
from urllib.parse import urlsplit

from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from .. import APP
from .line import Line

ACCOUNTS = "delegation_watch_accounts"


class SplunkError(Exception):
    """splunkd did not give what the app keeps in it; one line that says what to do."""


@contextmanager
def one_line(failed: str) -> Iterator[None]:
    """What splunkd refuses, and that it does not answer at all, as a SplunkError: `failed`, with why in place of {}."""
    try:
        yield
    except (HTTPError, AuthenticationError, OSError) as error:
        raise SplunkError(failed.format(" ".join(str(error).split()))) from None


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
