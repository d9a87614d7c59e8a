"""A throw-away app with a small input and small commands, and a stand-in that runs it."""

import shutil
from pathlib import Path

import pytest

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


@pytest.fixture
def splunkd(app_dir, home):
    with Splunkd(app_dir, home) as running:
        yield running


@pytest.fixture(scope="module")
def shared_splunkd(app_dir, tmp_path_factory):
    """One stand-in for tests that leave nothing behind."""
    with Splunkd(app_dir, tmp_path_factory.mktemp("home")) as running:
        yield running
