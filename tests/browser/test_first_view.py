"""How soon a dashboard is answered, from the demo's 20,000 records: `test_dashboards` asks each that it opens."""

import os
import time
from pathlib import Path
from statistics import mean

SECONDS = 3.0  # from the first search until the last has answered, on two processors
TRIES = 3  # Chromium may have been busy with compiling
_LOAD = Path("/proc/loadavg")


def others():
    """How many tasks of others want a processor, over a second; 0 where the system does not tell."""
    if not _LOAD.is_file():
        return 0.0
    running = []
    for _ in range(20):
        time.sleep(0.05)
        running.append(int(_LOAD.read_text(encoding="ascii").split()[3].partition("/")[0]) - 1)  # but for this one
    return mean(running)


def allowed(busy):
    """The seconds that it may take beside so many tasks of others: those three, unless they leave no processor free."""
    return SECONDS * max(1.0, (busy + 1) / (os.cpu_count() or 1))


def first_view(dashboard, view, width):
    """Open a dashboard; the seconds of each try and how many are allowed."""
    took, limit = [], SECONDS
    while len(took) < TRIES and (not took or took[-1] >= limit):
        dashboard.open(view, width)
        took.append(dashboard.answered())
        limit = SECONDS if took[-1] < SECONDS else allowed(others())
    return took, limit


def test_a_machine_that_has_a_processor_free_is_allowed_no_more_than_was_asked():
    processors = os.cpu_count() or 1
    assert allowed(0.0) == allowed(processors - 1) == SECONDS
    assert allowed(2 * processors) > SECONDS
