"""The connection to splunkd: what it does not give is one line, whether it refuses or is not there at all."""

import socket

import pytest
from delegation_watch.splunk.checkpoints import Checkpoints
from delegation_watch.splunk.secrets import read_secret
from delegation_watch.splunk.session import SplunkError, account_settings, connect


@pytest.fixture
def nobody():
    """A service at a port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield connect({"server_uri": f"https://127.0.0.1:{taken.getsockname()[1]}", "session_key": "k"})


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda service: account_settings(service, "a"), r"^cannot read delegation_watch_accounts\.conf: .*refused"),
        (lambda service: read_secret(service, "a"), r"^cannot read storage/passwords: .*refused"),
        (lambda service: Checkpoints(service, "s"), r"^the KV store does not answer \(.*refused\); it must be enabled"),
    ],
    ids=["account", "secret", "checkpoint"],
)
def test_a_splunkd_that_does_not_answer_is_one_line(nobody, ask, text):
    with pytest.raises(SplunkError, match=text) as caught:
        ask(nobody)
    assert "\n" not in str(caught.value)
