"""The long trials of collecting. `make soak` runs them in full, `make test` a short form of each."""

import os

import pytest

FULL = os.environ.get("DELEGATION_WATCH_SOAK") == "full"


@pytest.fixture(scope="session")
def full():
    """Whether the figures are wanted, and not only that the trial still works."""
    return FULL


def pytest_collection_modifyitems(items):
    for item in items:
        if "soak" in item.path.parts:
            item.add_marker(pytest.mark.timeout(3600 if FULL else 180))
