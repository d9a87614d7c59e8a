"""Whatever goes wrong at a vendor, and whatever two things at once: nothing is lost, nothing doubled, or it is told.

Each trouble must be seen to have happened: one that never strikes is a trial that cannot fail.
"""

import itertools

import pytest

from tests.soak.conftest import WIDE
from tests.soak.matrix import BackfillMatrix, OfficeMatrix, WorkspaceMatrix
from tests.soak.troubles import BACKFILL, OFFICE365, OFFICE365_WORST, WORKSPACE, WORKSPACE_WORST

OFFICE365_FEW = [
    ("late", "cut off"), ("published again", "token ends"), ("expired", "AF429"),
    ("AF50000 for long", "clock behind, then right"),
]  # fmt: skip
WORKSPACE_FEW = [("late", "503"), ("pages shifting", "reset")]
BACKFILL_FEW = [("error in 200",)]


def trials(troubles, worst, few):
    """Each trouble alone and each pair of the worst; a few pairs where not all are asked for."""
    return [(name,) for name in troubles] + list(itertools.combinations(worst, 2)) if WIDE else few


def try_(matrix, folder, figures):
    """Collect all there is, and compare it with what was published."""
    with matrix.tenant, matrix.trial(folder) as trial:
        ended = matrix.collect(trial)
    found = matrix.bulk.compare(trial.seen)
    gone = {matrix.bulk.identity(number) for _, numbers in matrix.gone() for number in numbers}
    lost = sorted(set(found.lost) - gone)
    figures.add(type(matrix).__name__, len(lost), len(found.doubled))
    assert ended, f"no run found an end of it: {trial.runs}"
    assert [name for name in matrix.troubles if not matrix.happened(name)] == []
    assert (lost[:5], found.doubled[:5]) == ([], []), trial.told
    assert sorted(found.strange) == sorted(text for one in matrix.troubles.values() for text in one.adds)
    assert [key for key, _ in matrix.gone() if key not in trial.told] == []
    assert [run for run in trial.runs if run.code and not any(line.startswith("ERROR ") for line in run.told)] == []
    assert [one.says for one in matrix.troubles.values() if one.says not in trial.told] == []
    assert "Traceback" not in trial.told
    assert matrix.tenant.strays == []  # no call, and so no token, went where nobody meant it to go
    assert matrix.tenant.unknown == []


@pytest.mark.parametrize("names", trials(OFFICE365, OFFICE365_WORST, OFFICE365_FEW), ids=" + ".join)
def test_office_365(tmp_path, full, figures, names):
    try_(OfficeMatrix({name: OFFICE365[name] for name in names}, 50_000 if full else 1_200), tmp_path, figures)


@pytest.mark.parametrize("names", trials(WORKSPACE, WORKSPACE_WORST, WORKSPACE_FEW), ids=" + ".join)
def test_workspace(tmp_path, full, figures, names):
    try_(WorkspaceMatrix({name: WORKSPACE[name] for name in names}, 50_000 if full else 1_200), tmp_path, figures)


@pytest.mark.parametrize("names", trials(BACKFILL, (), BACKFILL_FEW), ids=" + ".join)
def test_backfill(tmp_path, full, figures, names):
    try_(BackfillMatrix({name: BACKFILL[name] for name in names}, 50_000 if full else 1_200), tmp_path, figures)
