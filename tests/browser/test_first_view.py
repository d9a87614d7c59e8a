"""How soon each dashboard is answered, from the demo's 20,000 records; `make test-browser` runs this alone."""

import os

import pytest

from tests.browser.test_dashboards import DASHBOARDS

SECONDS = 3.0  # from the first search until the last has answered, on two processors
TRIES = 3  # the machine may have been busy with something else, or Chromium with compiling


@pytest.mark.parametrize("view", DASHBOARDS)
def test_a_first_view_is_answered_soon(dashboard, view):
    took = []
    while len(took) < TRIES and (not took or took[-1] >= SECONDS):
        dashboard.open(view)
        took.append(dashboard.answered())
    print(f"{view}: {took[-1]:.2f} s")
    assert took[-1] < SECONDS, f"{took} s, with a load of {os.getloadavg()[0]:.1f} on the machine"
