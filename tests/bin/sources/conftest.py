"""A collector and its vendor for each test."""

import pytest

from tests.bin.sources.vendor import Collector


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.session.close()
