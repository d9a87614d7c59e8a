"""A run that is killed at any moment loses nothing, and repeats at most what one blob holds."""

import random
import signal
import time

import pytest

from tests.soak.collector import Collector
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk

PER_BLOB = 200


@pytest.mark.parametrize(
    ("number", "kills", "doubled_each"),
    [(signal.SIGKILL, 200, PER_BLOB), (signal.SIGTERM, 50, 0)],
    ids=["KILL", "TERM"],
)
def test_a_run_that_is_ended_loses_nothing(tmp_path, full, number, kills, doubled_each):
    draw = random.Random(f"kills/{number}")
    wanted = kills if full else 2
    done = tenants = 0
    while done < wanted:
        tenants += 1
        bulk = Bulk(20_000 if full else 4_000, end=time.time() - 60, per_blob=PER_BLOB, seed=tenants)
        folder = tmp_path / str(tenants)
        folder.mkdir()
        with Office365(bulk) as tenant:
            tenant.faults.delay = 0.02
            collector = Collector(folder, tenant, start="-2d")
            here = 0
            while done < wanted and collector.end(draw.uniform(0.5, 4.0), number):
                done, here = done + 1, here + 1
            code, said = collector.run()
            assert code == 0, said
        found = bulk.compare(collector.ids())
        assert (found.lost, found.strange) == ([], [])
        assert len(found.doubled) <= here * doubled_each
