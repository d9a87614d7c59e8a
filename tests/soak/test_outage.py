"""A week's outage: all that waits is caught up with, in hardly more memory than a quiet run takes."""

import pathlib
import time

from tests.soak.trial import Trial
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk
from workbench.tenants.records import EXCHANGE

MOST = 1.3
SCRIPT = b"delegation_audit.py"


EACH = 100  # events; fewer than that are on their way when a process ends


class Peak:
    """The most memory (VmHWM, kB) that a process of the input had, of the one whose SPLUNK_HOME is the folder."""

    def __init__(self, folder):
        self.most = 0
        self._home = f"SPLUNK_HOME={folder}".encode()
        self._events = 0

    def look(self):
        """Called for each event: the process that wrote it still runs, as it has more to write."""
        self._events += 1
        if self._events % EACH == 0:
            processes = [one for one in pathlib.Path("/proc").iterdir() if one.name.isdigit()]
            self.most = max(self.most, *map(self._of, processes))

    def _of(self, process):
        try:
            if SCRIPT not in (process / "cmdline").read_bytes():
                return 0
            if self._home not in (process / "environ").read_bytes().split(b"\0"):
                return 0
            lines = (process / "status").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def caught_up(folder, count):
    """Records lost and doubled, and the peak, of one run over all that waits."""
    bulk = Bulk(count, end=time.time() - 60, days=6.9, per_blob=500)
    folder.mkdir()
    tenant = Office365(bulk, subscribed=[EXCHANGE])
    with tenant, Trial.of_office365(folder, tenant) as trial:
        peak = Peak(folder)
        trial.taken = peak.look
        ended = trial.run()
    assert ended.code == 0, ended.told
    return bulk.compare(trial.seen), peak.most


def test_a_week_of_records_is_caught_up_with_in_the_memory_of_a_quiet_run(tmp_path, full, figures):
    quiet, usual = caught_up(tmp_path / "quiet", 1_000)
    found, most = caught_up(tmp_path / "week", 1_000_000 if full else 10_000)
    figures.add(f"a week's outage, {most / usual:.2f} times the memory", len(found.lost), len(found.doubled))
    assert (quiet.lost, quiet.doubled, found.lost, found.doubled) == ([], [], [], [])
    assert usual > 0
    assert most <= MOST * usual, f"{most} kB against {usual} kB"
