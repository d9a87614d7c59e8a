"""A search engine with events of its own, and where the conformance cases are."""

from pathlib import Path

import pytest

from workbench.spl import Environment, search

ORACLE = Path(__file__).resolve().parents[4] / "shared" / "oracle"


class Bench(Environment):
    """An environment whose knowledge objects are plain attributes."""

    def __init__(self, **given):
        super().__init__(now=given.pop("now", 1_700_000_000.0))
        self.given = given
        self.collected = []
        self.asked = []

    def macro(self, name, arity):
        return self.given.get("macros", {}).get((name, arity))

    def events(self, window, terms, among=None):
        self.asked.append((window, list(terms), among))
        return [dict(event) for event in self.given.get("events", ())]

    def eventtype(self, name):
        return self.given.get("eventtypes", {}).get(name)

    def tagged(self, tag):
        return self.given["tags"].get(tag, []) if "tags" in self.given else None

    def lookup(self, name):
        return self.given.get("lookups", {}).get(name)

    def command(self, name):
        return self.given.get("commands", {}).get(name)

    def saved_search(self, name):
        return self.given.get("saved", {}).get(name)

    def collect(self, rows, options):
        self.collected.append((list(rows), options))


@pytest.fixture
def bench():
    return Bench


@pytest.fixture
def rows():
    """Rows of a search over rows, or over a bench's events."""

    def run(spl, given=None, env=None):
        return search(spl, env or Bench(), given).rows

    return run


@pytest.fixture
def oracle_folder():
    if not ORACLE.is_dir():
        pytest.skip("the conformance cases (../shared/oracle) are not beside the repository")
    return ORACLE
