"""Whatever goes wrong in a sweep: it gives all that stands, or its event names what it could not read.

What it names counts as not read, and nothing of it as gone; so no delegation that stands may be missing unnamed. Each
fault must be seen to have struck, and a sweep after it is whole. A sweep that began and ended in one run gives nothing
more often than it stands; one that goes on may give again what was behind its last checkpoint.
"""

from functools import cache, partial

import pytest
from delegation_watch.sources import inventory

from tests.soak.conftest import FULL, WIDE
from tests.soak.sweeper import FEEDS, Sweeper, doubled, owed
from tests.soak.test_sweeps import office365, workspace
from workbench.tenants.plan import Rule
from workbench.tenants.standing import Group

RUNS = 6
REFUSALS = ("401", "403", "404", "429", "500", "503", "redirect")
ANSWERS = (
    "token_ends", "cut", "cut_chunked", "reset", "reset_at_once", "slow:0.0002", "gzip", "gzip_broken", "gzip_cut",
    "error_in_200", "html", "truncated", "nothing", "nul",
)  # fmt: skip
PAGES = ("turned", "endless", "loop", "empty_next")
AGAIN = ("endless", "loop")  # the service gives a page twice before it shows that it goes in a circle
TOKENS = tuple(word for word in (*REFUSALS, *ANSWERS) if word != "token_ends")
PARTS = ("401", "403", "404", "429", "500", "missing", "error_in_200", "turned", "not_a_list", "nameless", "nothing")
# Where what goes wrong, by vendor.
PLACES = {
    office365: {
        "exchange/invoke": (*REFUSALS, *ANSWERS, *PAGES), "graph/*": (*REFUSALS, *ANSWERS, "turned"),
        "graph/users": PAGES[1:], "entra/token": TOKENS,
    },
    workspace: {
        "gmail/batch": (*REFUSALS, *ANSWERS), "gmail/part": PARTS,
        "directory/*": (*REFUSALS, *ANSWERS, "turned"), "directory/users": PAGES[1:], "google/token": TOKENS,
    },
}  # fmt: skip


TEAM = Group("team0004@x.example").object_id
SOME = ("*user0003@*", "*user0007@*", f"*{TEAM}*", f"*0{TEAM.replace('-', '')[:14]}*")
SELDOM = ("/users", "/token")  # of these there may be one call in a run
ALIKE = ("entra/token", "google/token", "gmail/batch")  # what is asked for there is always the same


def once_and_again(place, word):
    """Every seventh call, in all runs but the last ones; more of them where there are few."""
    return [Rule(place, word, every=2 if place.endswith(SELDOM) else 7 if FULL else 3)]


def for_a_run(place, word):
    """Every call of the first run, but for the first few, so that it strikes in the middle."""
    return [Rule(place, word, after=0 if place.endswith(SELDOM) else 2)]


def for_some(place, word):
    """Whatever is asked of two mailboxes and a group, each time; of a listing of users, each time."""
    return [Rule(place, word, key=key) for key in (("*",) if place.endswith("/users") else SOME)]


WAYS = {once_and_again: 2, for_a_run: 1, for_some: 2}  # so many runs it lasts
ALL = [
    (vendor, place, word, way)
    for vendor, places in PLACES.items()
    for place, words in places.items()
    for word in words
    for way in WAYS
    if way is not for_some or place not in ALIKE
]
FEW = [
    (office365, "exchange/invoke", "html", for_some), (office365, "graph/*", "503", for_a_run),
    (workspace, "gmail/part", "500", for_some), (workspace, "directory/*", "cut", once_and_again),
]  # fmt: skip
assert set(FEW) <= set(ALL)


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits between two tries."""
    for name in ("Http", "GraphApi", "GmailSweep", "GoogleDirectorySweep"):
        monkeypatch.setattr(inventory, name, partial(getattr(inventory, name), sleep=lambda seconds: None))


def named(trial):
    vendor, place, word, way = trial
    return f"{vendor.__name__} {place} {word} {way.__name__}"


def swept_whole(sweeper):
    """What each feed gave in a run in which every sweep was closed as complete."""
    run = sweeper.run()
    assert run.errors == {}
    assert {feed: told["status"] for feed, told in run.closed.items()} == dict.fromkeys(FEEDS, "complete")
    return {feed: sweeper.given[told["delegation_watch_sweep"]] for feed, told in run.closed.items()}


@cache
def undisturbed(vendor, count):
    """What a sweep gives when nothing goes wrong: the same for every stand-in of a vendor and a size."""
    service, standing = vendor(count)
    with service:
        due = swept_whole(Sweeper(service))
    assert sum(due["delegations"].values()) >= standing
    return due


@pytest.mark.parametrize("trial", ALL if WIDE else FEW, ids=named)
def test_a_sweep_gives_all_that_stands_or_names_what_it_could_not_read(impatient, full, figures, trial):
    vendor, place, word, way = trial
    count = 60 if full else 12
    due = undisturbed(vendor, count)
    service, _ = vendor(count)
    with service:
        sweeper = Sweeper(service)
        service.faults.graph_page, service.faults.exchange_page, service.faults.page_size = 5, 20, 5
        told, lost, twice = [], [], 0
        for number in range(RUNS):
            service.faults.plan = way(place, word) if number < WAYS[way] else []
            run = sweeper.run()
            for feed, closing in run.closed.items():
                given = sweeper.given[closing["delegation_watch_sweep"]]
                missing, strange = owed(closing, due[feed], given)
                lost += missing
                twice += doubled(due[feed], given) if feed in run.whole else 0
                assert strange == []
                told += [one["why"] for key in ("failed", "skipped", "failed_kinds") for one in closing[key]]
                assert closing["status"] != "failed" or closing["failed_kinds"]
            told += run.errors.values()
            if number >= WAYS[way] and run.closed.keys() == set(FEEDS):
                break
        figures.add(f"a sweep, {way.__name__.replace('_', ' ')}", len(lost), twice)
        assert lost == []
        assert twice == 0 or word in AGAIN
        assert service.fired[word.partition(":")[0]] > 0
        assert all(line and "\n" not in line and "Traceback" not in line for line in told)
        assert swept_whole(sweeper) == due
    assert (service.strays, service.unknown) == ([], [])
