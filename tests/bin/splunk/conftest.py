"""A stand-in for splunkd with the app in it, and the connection that an input has to it."""

from pathlib import Path

import pytest
from delegation_watch.splunk.session import connect

from workbench.splunkd import Splunkd

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("splunk")) as running:
        yield running


@pytest.fixture
def service(splunkd):
    return connect({"server_uri": splunkd.uri, "session_key": splunkd.session_key})
