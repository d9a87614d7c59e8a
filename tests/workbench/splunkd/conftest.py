"""A throw-away app with a small input and small commands, and a stand-in that runs it."""

import shutil
from pathlib import Path

import pytest
from splunklib import client
from splunklib.binding import HTTPError

from workbench.splunkd import Splunkd

LIB = Path(__file__).resolve().parents[3] / "lib"
APP = Path(__file__).resolve().parent / "tiny_app"


@pytest.fixture(scope="session")
def app_dir(tmp_path_factory):
    """The app as it would be installed, its lib/ in place."""
    folder = tmp_path_factory.mktemp("apps") / "tiny"
    shutil.copytree(APP, folder)
    (folder / "lib").symlink_to(LIB)
    return folder


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def sdk(splunkd, user=None, **given):
    """splunk-sdk's client of a stand-in: as its administrator, or as a user that `splunkd.users` has."""
    host, port = splunkd.uri[len("https://") :].split(":")
    options = {"host": host, "port": int(port), "app": "tiny", "owner": "nobody", **given}
    if user is None:
        return client.Service(token=splunkd.session_key, **options)
    return client.connect(username=user.name, password=user.password, **options)


def refused(call, *args, **kwargs):
    """Status and text of the refusal that a call meets."""
    with pytest.raises(HTTPError) as caught:
        call(*args, **kwargs)
    return caught.value.status, str(caught.value).partition(" -- ")[2]


@pytest.fixture(name="sdk")
def sdk_fixture():
    return sdk


@pytest.fixture(name="refused")
def refused_fixture():
    return refused


@pytest.fixture
def splunkd(app_dir, home):
    with Splunkd(app_dir, home) as running:
        yield running


@pytest.fixture(scope="module")
def shared_splunkd(app_dir, tmp_path_factory):
    """One stand-in for tests that leave nothing behind."""
    with Splunkd(app_dir, tmp_path_factory.mktemp("home")) as running:
        yield running
