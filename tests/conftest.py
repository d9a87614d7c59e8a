"""What every test may ask for."""

import pathlib
import time
from typing import Any, Callable

import pytest


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    """The repository, which is the app's folder too."""
    return pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared(root: pathlib.Path) -> pathlib.Path:
    """The collected records beside the repository; a test that reads them is left out where they are absent."""
    folder = root.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared here: the collected records that this test reads")
    return folder


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Waits until a condition holds; the test fails where that takes too long, even on a machine that is busy."""

    def wait(condition: Callable[[], Any], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.05)

    return wait
