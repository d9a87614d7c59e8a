"""What every test may ask for."""

import pathlib
import time
from typing import Any, Callable, Iterator
from zoneinfo import ZoneInfo

import pytest

from tests import collected as ledger
from tests.standing import DAY, NOW, Tenant
from workbench.splunkd import Splunkd


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


@pytest.fixture
def tenant(root: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Tenant]:
    """A made-up tenant, with the app's searches run by hand; where the search head is says nothing of what stands."""
    with Splunkd(root, tmp_path, clock=lambda: NOW + 31 * DAY) as splunkd:
        splunkd.tz = ZoneInfo("America/New_York")
        yield Tenant(splunkd)


@pytest.fixture
def collected(root: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[ledger.Collected]:
    """A splunkd that holds what inputs wrote."""
    with Splunkd(root, tmp_path, clock=lambda: ledger.NOW + 60 * ledger.DAY) as splunkd:
        splunkd.tz = ZoneInfo("America/New_York")  # the ledger's times are right wherever a search head is
        yield ledger.Collected(splunkd)
