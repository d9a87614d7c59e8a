"""A KV store that is away in the middle of a run is waited for; who lost the lease meanwhile writes nothing."""

import os
import signal
import uuid
from functools import partial

import pytest
from delegation_watch.splunk import checkpoints, inputs, lease
from delegation_watch.splunk.checkpoints import Checkpoints
from delegation_watch.splunk.inputs import Run
from delegation_watch.splunk.session import AwayError, SplunkError, waited
from delegation_watch.splunk.stopping import Stopped
from splunklib.modularinput import EventWriter

from tests.bin.sources.vendor import NOW
from tests.bin.splunk.test_rounds import Output, Script


class Hiccup:
    """Runs of one input, with the KV store of the stand-in; at the first one's second checkpoint it goes away.

    `during` is what comes to pass at each sleep of who waits for it; by itself the third one sees it back.
    """

    def __init__(self, splunkd, service):
        self.kvstore, self.service = splunkd.kvstore, service
        self.name = f"delegation_inventory://{uuid.uuid4().hex[:8]}"
        self.slept = 0

    def during(self):
        self.kvstore.ready = self.slept >= 3

    def go(self, steps=3, pauses=Script.pauses):
        output, script = Output(), Script(lambda: NOW, one=[(steps, None)])
        script.pauses, items, sleep = pauses, script.items, script.stopping.sleep

        def going_away(*given):
            for number, item in enumerate(items(*given)):
                if number == 3 and not self.slept:
                    self.kvstore.ready = False
                yield item

        def slept(seconds):
            self.slept += 1
            self.during()
            sleep(0.01)

        script.items, script.stopping.sleep = going_away, slept
        self.lines = output.lines
        self.run = Run(script, self.name, {}, output, clock=lambda: NOW)
        self.run.go({})
        return script

    @property
    def step(self):
        self.kvstore.ready = True
        return Checkpoints(self.service, self.name).load("one").get("step")

    def told(self, level):
        return [line for one, line in self.lines if one == level]


@pytest.fixture
def hiccup(splunkd, service, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    for name, made in (("connect", lambda metadata: service), ("account_settings", lambda service, account: {}),
                       ("read_secret", lambda *given: "")):  # fmt: skip
        monkeypatch.setattr(inputs, name, made)
    yield Hiccup(splunkd, service)
    splunkd.kvstore.ready = True
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("pauses", [Script.pauses, ()], ids=["inventory", "audit"])
def test_a_run_whose_kv_store_is_away_for_a_moment_goes_on_and_closes_without_an_error(hiccup, pauses):
    script = hiccup.go(pauses=pauses)
    assert (hiccup.slept, script.read_from, hiccup.step) == (3, [("one", 0)], 3)
    assert (hiccup.told(EventWriter.ERROR), hiccup.run.failed) == ([], False)


def test_one_that_stays_away_ends_the_run_and_the_next_one_reads_on(hiccup, monkeypatch):
    monkeypatch.setattr(checkpoints, "waited", partial(waited, longest=0))
    monkeypatch.setattr(inputs, "Lease", partial(lease.Lease, life=0))  # this process, which left one, lives on
    hiccup.go()
    [line] = hiccup.told(EventWriter.ERROR)
    assert line.startswith("the KV store does not answer (HTTP 503")
    assert (hiccup.run.failed, hiccup.step) == (True, 1)
    hiccup.slept = 1  # it is there from now on
    assert hiccup.go(steps=2).read_from == [("one", 1)]
    assert (hiccup.step, hiccup.run.failed) == (3, False)


def test_who_is_told_to_end_waits_for_it_no_longer(hiccup):
    hiccup.during = lambda: os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        hiccup.go()
    assert (hiccup.told(EventWriter.ERROR), hiccup.step) == ([], 1)


def test_who_lost_the_lease_meanwhile_leaves_and_keeps_the_checkpoint_of_the_other(hiccup, monkeypatch):
    monkeypatch.setattr(inputs, "Lease", partial(lease.Lease, life=0))

    def taken():
        hiccup.kvstore.ready = True
        leases = hiccup.service.kvstore[lease.COLLECTION].data
        leases.batch_save({"_key": hiccup.name, "holder": "other", "count": 1})

    hiccup.during = taken
    hiccup.go()
    assert hiccup.told(EventWriter.INFO) == [
        f"input={hiccup.name} another process collects this input now; this one stood still for too long"
    ]
    assert (hiccup.told(EventWriter.ERROR), hiccup.step) == ([], 1)


def test_the_wait_has_an_end_and_is_only_for_what_may_pass():
    now = [0.0]

    def failing(error):
        def ask():
            raise error

        return waited(ask, sleep=lambda seconds: now.__setitem__(0, now[0] + seconds), clock=lambda: now[0])

    with pytest.raises(AwayError):
        failing(AwayError("away"))
    assert now == [300.0]
    with pytest.raises(SplunkError):
        failing(SplunkError("forbidden"))
    assert now == [300.0]
