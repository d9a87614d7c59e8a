"""Whatever goes wrong at Office 365, and whatever two things at once: nothing is lost, nothing is doubled, or it is told.

A trial runs the input as a scheduler would, until a run finds nothing more and no trouble lasts; the state is kept
from run to run. Each trouble must be seen to have happened.
"""

import itertools
import time
from collections import Counter

import pytest

from tests.soak.conftest import WIDE
from tests.soak.trial import Trial
from tests.soak.troubles import TROUBLES, WORST
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk

MOST_RUNS = 9
PAGE = 7
PAIRS = list(itertools.combinations(WORST, 2))
SMALL = [
    ("late", "cut off"), ("published again", "AF429"), ("expired", "token ends"), ("endless", "error in 200"),
    ("AF20023, start refused", "reset"), ("AF50000 for long", "clock behind, then right"),
]  # fmt: skip
TRIALS = [(name,) for name in TROUBLES] + PAIRS if WIDE else SMALL


class Clock:
    """The service's clock, which jumps after so many looks at it."""

    def __init__(self, jumps=()):
        self._jumps = jumps
        self.looks = 0

    def __call__(self):
        self.looks += 1
        ahead = [by for after, by in self._jumps if self.looks > after]
        return time.time() + (ahead[-1] if ahead else 0)


class Matrix:
    """A tenant in which some troubles happen, and the runs of an input against it."""

    def __init__(self, names, count):
        self.troubles = {name: TROUBLES[name] for name in names}
        made = {key: value for one in self.troubles.values() for key, value in one.bulk.items()}
        self.bulk = Bulk(count, end=time.time() - 60, per_blob=max(50, count // 100), **made)
        self.clock = Clock([jump for one in self.troubles.values() for jump in one.jumps])
        self.tenant = Office365(self.bulk, clock=self.clock)
        self.tenant.faults.page_size = PAGE
        self._usual = dict(vars(self.tenant.faults))
        self.skewed = Counter()

    def set_up(self, number):
        """What is wrong in the run of this number, counted from 0."""
        faults = self.tenant.faults
        faults.plan = []
        for trouble in self.troubles.values():
            over = 0 < trouble.lasts <= number
            if not over:
                faults.plan += trouble.plan(self.bulk.blobs)
            for name, value in trouble.switches.items():
                setattr(faults, name, self._usual[name] if over else value)
            if trouble.skews:
                faults.skew = trouble.skews[min(number, len(trouble.skews) - 1)]

    def last(self):
        """The run after which nothing changes any more."""
        return max([0, *(max(one.lasts, len(one.skews) - 1) for one in self.troubles.values())])

    def happened(self, name):
        """How often a trouble took effect."""
        trouble = self.troubles[name]
        seen = [self.tenant.fired[word] for word in trouble.words]
        if trouble.skews:
            seen.append(self.skewed[True])
        if trouble.jumps:
            seen.append(self.clock.looks > trouble.jumps[-1][0])
        if trouble.bulk:
            seen.append(sum(len(blob.numbers) for blob in self.bulk.blobs) - self.bulk.count)
        if trouble.switches and not trouble.words:
            seen.append(len(self.tenant.requests))
        return min(seen)

    def collect(self, trial):
        """Runs until one finds nothing more; False when there is no such."""
        for number in range(MOST_RUNS):
            self.set_up(number)
            before = len(self.tenant.requests)
            ended = trial.run()
            self.skewed[self.tenant.faults.skew != 0] += len(self.tenant.requests) - before
            if number >= self.last() and ended.code == 0 and ended.events == 0:
                return True
        return False


@pytest.mark.parametrize("names", TRIALS, ids=" + ".join)
def test_nothing_is_lost_and_nothing_doubled(tmp_path, full, figures, names):
    matrix = Matrix(names, 50_000 if full else 1_200)
    with matrix.tenant, Trial.of_office365(tmp_path, matrix.tenant, start="-2d") as trial:
        ended = matrix.collect(trial)
    found = matrix.bulk.compare(trial.seen)
    gone = [blob for one in matrix.troubles.values() if one.loses for blob in one.struck(matrix.bulk.blobs)]
    kept = {number for blob in matrix.bulk.blobs if blob not in gone for number in blob.numbers}
    untold = [blob.content_id for blob in gone if blob.content_id not in trial.told]
    lost = set(found.lost) - {matrix.bulk.identity(number) for number in range(matrix.bulk.count) if number not in kept}
    figures.add("faults", len(lost), len(found.doubled))
    assert ended, f"no run found an end of it: {trial.runs}"
    assert {name: matrix.happened(name) for name in names if not matrix.happened(name)} == {}
    assert (sorted(lost)[:5], found.doubled[:5]) == ([], []), trial.told
    assert sorted(found.strange) == sorted(text for one in matrix.troubles.values() for text in one.adds)
    assert untold == []
    assert [run for run in trial.runs if run.code and not any(line.startswith("ERROR ") for line in run.told)] == []
    assert "Traceback" not in trial.told
    assert matrix.tenant.unknown == []
