"""The long trials of collecting. `make soak` runs them in full, `make test` a short form of each."""

import os
from collections import defaultdict

import pytest

_ASKED = os.environ.get("DELEGATION_WATCH_SOAK", "")
# full: every trial at its full size; wide: every trial, at the size of `make test`, where there are a few only.
FULL, WIDE = _ASKED == "full", _ASKED in ("full", "wide")
_KEPT = pytest.StashKey()


class Figures:
    """What the trials measured, for the table at the end."""

    def __init__(self):
        self.rows = defaultdict(lambda: [0, 0, 0])

    def add(self, trial, lost, doubled):
        """One trial more."""
        row = self.rows[trial]
        row[:] = [row[0] + 1, row[1] + lost, row[2] + doubled]


@pytest.fixture(scope="session")
def full():
    """Whether the figures are wanted, and not only that the trial still works."""
    return FULL


@pytest.fixture(scope="session")
def figures(pytestconfig):
    """The table that is printed at the end."""
    return pytestconfig.stash.setdefault(_KEPT, Figures())


def pytest_terminal_summary(terminalreporter, config):
    """What the trials measured, as one table."""
    measured = config.stash.get(_KEPT, None)
    if not WIDE or measured is None:
        return
    terminalreporter.section("records by identity")
    terminalreporter.write_line(f"{'trial':<55}{'trials':>8}{'lost':>8}{'doubled':>10}")
    for trial, numbers in sorted(measured.rows.items()):
        terminalreporter.write_line("{:<55}{:>8}{:>8}{:>10}".format(trial, *numbers))


def pytest_collection_modifyitems(items):
    for item in items:
        if "soak" in item.path.parts:
            item.add_marker(pytest.mark.timeout(3600 if WIDE else 180))
            item.add_marker(pytest.mark.once)
