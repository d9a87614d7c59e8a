"""The demo's data, the page server and a Chromium, once for each process of the tests."""

import shutil
from pathlib import Path

import pytest

from tests.browser.chromium import Dashboard, Page, chromium, installed
from workbench.demonstration.steps import Steps
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb
from workbench.viewer.web import BUNDLE
from workbench.viewer.world import HOME, clock, held, ready

ROOT = Path(__file__).resolve().parents[2]
FIRST_VIEW = "first view answered after"


@pytest.fixture(scope="session")
def bundle():
    """What `make viewer` made. It must be there: a dashboard that nothing drew was not tested."""
    if not (BUNDLE / "main.js").is_file():
        pytest.fail(f"{BUNDLE} is missing: `make viewer` makes it, `make test-browser` all that these tests need")
    return BUNDLE


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory):
    """A copy of the demo's data, and the time at which it ends; made first where it is not kept yet."""
    with held(HOME, wait=True):
        now = ready(HOME, Steps()).now
        home = tmp_path_factory.mktemp("demo") / "home"
        shutil.copytree(HOME, home)
    return home, now


@pytest.fixture(scope="session")
def root_dir():
    """The app's folder."""
    return ROOT


@pytest.fixture(scope="session")
def splunkd(demo_home):
    home, now = demo_home
    with Splunkd(ROOT, home, clock=clock(now)) as running:
        yield running


@pytest.fixture(scope="session")
def web(splunkd, bundle):
    with SplunkWeb(splunkd, bundle=bundle) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    path = installed()
    if path is None:
        pytest.fail("no Chromium here: install it (Debian: apt-get install chromium fonts-liberation)")
    with chromium(path) as context:
        yield context


@pytest.fixture
def dashboard(browser, web):
    opened = Dashboard(browser, web)
    yield opened
    opened.close()


@pytest.fixture
def page(browser, web):
    opened = Page(browser, web)
    yield opened
    opened.close()


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the marks
def pytest_collection_modifyitems(items):
    """A file's tests run in one process, which makes its fixtures once; those of every dashboard are shared out."""
    for item in items:
        if item.path.name != "test_dashboards.py":
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_terminal_summary(terminalreporter):
    """How soon each dashboard was answered."""
    reports = [one for ended in ("passed", "failed") for one in terminalreporter.stats.get(ended, ())]
    lines = {value for one in reports for name, value in one.user_properties if name == FIRST_VIEW}
    if lines:
        terminalreporter.section(FIRST_VIEW)
        terminalreporter.write_line("\n".join(sorted(lines)))
