"""A stand-in in which some troubles happen, and the runs of an input against it until a run finds nothing more.

The input is run as a scheduler would run it, with the state kept from run to run.
"""

import time

from tests.soak.trial import Trial
from workbench.tenants import Office365
from workbench.tenants.bulk import Bulk
from workbench.tenants.google_bulk import GoogleBulk, identity_of
from workbench.tenants.records import EXCHANGE
from workbench.tenants.workspace import Workspace

MOST_RUNS = 9


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
    """Troubles by name, and `things` that may bear one: (key in a plan, time) in order of time."""

    def __init__(self, troubles, count):
        self.troubles = troubles
        self.bulk = self._made(count, {key: value for one in troubles.values() for key, value in one.bulk.items()})
        self.clock = Clock([jump for one in troubles.values() for jump in one.jumps])
        self.tenant = self._served()
        self._usual = dict(vars(self.tenant.faults))
        self._skewed = 0
        self._met = {}  # trouble -> the run in which it first took effect; another one may keep it from that at first

    def trial(self, folder):
        """The input that is tried."""
        raise NotImplementedError

    def gone(self):
        """Things whose records are lost, whatever a collector does: (key, numbers of its records)."""
        return []

    def collect(self, trial):
        """Runs until one finds nothing more; False when there is no such."""
        for number in range(MOST_RUNS):
            self._set_up(number)
            before = len(self.tenant.requests)
            ended = trial.run()
            self._skewed += len(self.tenant.requests) - before if self.tenant.faults.skew else 0
            self._meet(number)
            if self._settled(number) and ended.code == 0 and ended.events == 0:
                return True
        return False

    def happened(self, name):
        """How often a trouble took effect: the rarest of its parts."""
        trouble = self.troubles[name]
        seen = [self.tenant.fired[word] for word in trouble.words] + [self.tenant.fired[name] for name in trouble.shown]
        if trouble.skews:
            seen.append(self._skewed)
        if trouble.jumps:
            seen.append(self.clock.looks > trouble.jumps[-1][0])
        if "per_blob" in trouble.bulk:
            seen.append(max(len(blob.numbers) for blob in self.bulk.blobs) // 1_000)
        if "again" in trouble.bulk:
            seen.append(sum(len(blob.numbers) for blob in self.bulk.blobs) - self.bulk.count)
        return min(seen)

    def _set_up(self, number):
        """What is wrong in the run of this number, counted from 0."""
        faults = self.tenant.faults
        faults.plan = []
        for name, trouble in self.troubles.items():
            over = 0 < trouble.lasts <= number - self._met.get(name, number)
            faults.plan += [] if over else trouble.plan(self.things)
            for name, value in trouble.switches.items():
                setattr(faults, name, self._usual[name] if over else value)
            if trouble.skews:
                faults.skew = trouble.skews[min(number, len(trouble.skews) - 1)]

    def _meet(self, number):
        for name in self.troubles:
            if name not in self._met and self.happened(name):
                self._met[name] = number

    def _settled(self, number):
        """Whether this run was one of those in which nothing changes any more."""
        return all(
            number >= max(len(one.skews) - 1, self._met.get(name, number) + one.lasts)
            for name, one in self.troubles.items()
        )


class OfficeMatrix(Matrix):
    """The feed of Office 365; things are blobs, 100 of them or so, three on a page."""

    def _made(self, count, given):
        bulk = Bulk(count, end=time.time() - 60, **{"per_blob": max(50, count // 100), **given})
        self.things = [(blob.content_id, blob.created) for blob in bulk.blobs]
        return bulk

    def _served(self):
        tenant = Office365(self.bulk, clock=self.clock, subscribed=[EXCHANGE])
        tenant.faults.page_size = 3
        tenant.faults.start_interval = 0  # runs follow within seconds; that starts lie apart is a trouble
        return tenant

    def trial(self, folder):
        return Trial.of_office365(folder, self.tenant, start="-2d")

    def gone(self):
        keys = {key for one in self.troubles.values() if one.loses for key in one.struck(self.things)}
        return [(blob.content_id, blob.numbers) for blob in self.bulk.blobs if blob.content_id in keys]


class BackfillMatrix(OfficeMatrix):
    """Half a year before the feed, by Graph's audit log query, in sixty pages or so; a blob has a day's records."""

    def _made(self, count, given):
        return super()._made(count, {"days": 175, "per_blob": count // 175, **given})

    def _served(self):
        tenant = super()._served()
        tenant.faults.graph_page, tenant.faults.query_polls = max(1, self.bulk.count // 60), 1
        return tenant

    def trial(self, folder):
        return Trial.of_office365(folder, self.tenant, backfill="-178d")


class WorkspaceMatrix(Matrix):
    """The Reports API; things are activities, a twentieth of them on a page."""

    def _made(self, count, given):
        # Five minutes and more: by then Google has all of `admin`.
        bulk = GoogleBulk(count, end=time.time() - 300, **given)
        self.things = [(record.body["id"]["uniqueQualifier"], record.time) for record in bulk.records]
        return bulk

    def _served(self):
        customer = Workspace(self.bulk.records, clock=self.clock)
        customer.faults.page_size = max(1, len(self.bulk.records) // 20)
        return customer

    def trial(self, folder):
        return Trial.of_workspace(folder, self.tenant, identity_of, start="-2d")
