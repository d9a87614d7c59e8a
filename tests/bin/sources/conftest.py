"""A collector and its vendor for each test."""

import pytest

from tests.bin.sources.ground import TEN, Ground
from tests.bin.sources.vendor import Collector


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.session.close()


@pytest.fixture
def ten():
    """A tenant with ten records that are older than the feed, and a backfill."""
    with Ground(TEN) as ground:
        yield ground
