"""The long trials of collecting. `make soak` runs them in full, `make test` a short form of each."""

import os
from collections import defaultdict

import pytest

_ASKED = os.environ.get("DELEGATION_WATCH_SOAK", "")
# full: every trial at its full size; wide: every trial, at the size of `make test`, where there are a few only.
FULL, WIDE = _ASKED == "full", _ASKED in ("full", "wide")
_KEPT = "records by identity"


class Figures:
    """What a trial measured, for the table at the end; it goes with the report of its test, by whichever worker."""

    def __init__(self, record):
        self._record = record

    def add(self, trial, lost, doubled):
        """One trial more."""
        self._record(_KEPT, [trial, lost, doubled])


@pytest.fixture(scope="session")
def full():
    """Whether the figures are wanted, and not only that the trial still works."""
    return FULL


@pytest.fixture
def figures(record_property):
    """The table that is printed at the end."""
    return Figures(record_property)


def pytest_terminal_summary(terminalreporter):
    """What the trials measured, as one table."""
    rows = defaultdict(lambda: [0, 0, 0])
    reports = [one for ended in ("passed", "failed") for one in terminalreporter.stats.get(ended, ())]
    for name, value in (pair for one in reports if one.when == "call" for pair in one.user_properties):
        if name == _KEPT:
            trial, lost, doubled = value
            rows[trial] = [sum(pair) for pair in zip(rows[trial], (1, lost, doubled))]
    if not WIDE or not rows:
        return
    terminalreporter.section("records by identity")
    terminalreporter.write_line(f"{'trial':<55}{'trials':>8}{'lost':>8}{'doubled':>10}")
    for trial, numbers in sorted(rows.items()):
        terminalreporter.write_line("{:<55}{:>8}{:>8}{:>10}".format(trial, *numbers))


def pytest_collection_modifyitems(items):
    for item in items:
        if "soak" in item.path.parts:
            item.add_marker(pytest.mark.timeout(3600 if WIDE else 900))
