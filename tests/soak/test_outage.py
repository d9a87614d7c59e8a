"""A week's outage: all that waits is caught up with, in hardly more memory than a quiet run takes."""

import pathlib
import threading
import time

from tests.soak.trial import Trial
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk
from workbench.tenants.records import EXCHANGE

MOST = 1.3
SCRIPT = b"delegation_audit.py"


class Peak:
    """The most memory (VmHWM, kB) that a process of the input had, of the one whose SPLUNK_HOME is the folder."""

    def __init__(self, folder):
        self.most = 0
        self._home = f"SPLUNK_HOME={folder}".encode()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.05):
            for process in pathlib.Path("/proc").iterdir():
                if process.name.isdigit():
                    self.most = max(self.most, self._of(process))

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
    with tenant, Trial.of_office365(folder, tenant) as trial, Peak(folder) as peak:
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
