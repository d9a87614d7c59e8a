"""What an outage cuts off is read on in the same run, after pauses, behind the other feeds; all else ends as ever."""

import os
import signal

import pytest
from delegation_audit import DelegationAudit
from delegation_inventory import DelegationInventory
from delegation_watch.sources.errors import OutError, RefusedError, SignInError, UnreachableError, UntrustedError
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Tally
from delegation_watch.sources.inventory import patience
from delegation_watch.sources.sweep import STALE
from delegation_watch.splunk import inputs
from delegation_watch.splunk.inputs import FeedInput, Run
from delegation_watch.splunk.stopping import Stopped
from splunklib.modularinput import EventWriter

from tests.bin.sources.vendor import NOW

MINUTE, HOUR = 60, 3600
DOWN = UnreachableError("cannot reach outlook.example: Connection refused")


class Store:
    """Checkpoints, as the KV store would keep them."""

    def __init__(self, service, stanza, check, sleep):
        self._states = {}
        self._check = check

    def load(self, feed):
        return dict(self._states.get(feed, {}))

    def made(self, feed, state):
        def keep():
            self._check()
            self._states[feed] = dict(state)

        return keep


class Holder:
    """A lease that nobody else wants."""

    def __init__(self, service, stanza):
        self.held = False

    def __enter__(self):
        self.held = True
        return self

    def __exit__(self, *error):
        self.held = False

    def check(self):
        assert self.held


class Account:
    tenant, customer, of = "t", "", ["t"]


class Script(FeedInput):
    """An input whose feeds go as a test lays out: for each attempt an error, or a number of steps and an error."""

    mendable, refused = DelegationInventory.mendable, DelegationInventory.refused
    pauses = (5 * MINUTE, 10 * MINUTE, 30 * MINUTE)
    tally = Tally

    def __init__(self, clock, **attempts):
        super().__init__()
        self.clock, self.attempts, self.read_from = clock, attempts, []

    def read(self, given):
        return type("Stanza", (), {"account": "a"})

    def account(self, stanza, settings):
        return Account

    def names(self, stanza):
        return list(self.attempts)

    def feeds(self, stanza, account, secret, tallies, run):
        return ((name, "made:up", name) for name in self.attempts)

    def items(self, stanza, reader, state, now, tally):
        self.read_from.append((reader, state.get("step", 0)))
        steps, error = self.attempts[reader].pop(0) if self.attempts[reader] else (0, None)
        for step in range(state.get("step", 0), state.get("step", 0) + steps):
            yield Event("{}", self.clock())
            yield Checkpoint({"step": step + 1, "sweep": "s", "started": state.get("started", self.clock())})
        yield Event("{}", self.clock())
        if error:
            raise error

    def patience(self, error, state, began, now):
        return patience(error, state, began, now)

    def end(self, run, started):
        return "done"


class Output:
    def __init__(self):
        self.lines = []

    def log(self, level, line):
        self.lines.append((level, line))

    def made(self, sourcetype, events):
        return events

    def write(self, events):
        """Nowhere."""

    def flush(self):
        """Nothing is kept back."""


class Trial:
    """One run of a Script, by a clock of its own; `slept` are its pauses."""

    def __init__(self, script=Script, **attempts):
        self.now, self.slept, self.output = NOW, [], Output()
        self.script = script(lambda: self.now, **attempts)
        self.run = Run(self.script, "inventory://x", {}, self.output, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds):
        self.slept.append(seconds / MINUTE)
        self.now += seconds

    def go(self):
        self.run.go({})
        return self

    def told(self, level):
        return [line for one, line in self.output.lines if one == level]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    for name, made in (("connect", lambda metadata: None), ("account_settings", lambda service, account: {}),
                       ("read_secret", lambda *given: ""), ("Checkpoints", Store), ("Lease", Holder)):  # fmt: skip
        monkeypatch.setattr(inputs, name, made)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_feed_that_an_outage_cut_off_goes_on_from_its_checkpoint_with_a_warning_for_each_pause():
    trial = Trial(one=[(2, DOWN), (0, DOWN), (3, None)]).go()
    assert trial.script.read_from == [("one", 0), ("one", 2), ("one", 2)]
    assert trial.slept == [5, 10]
    assert trial.told(EventWriter.WARN) == [
        f"input=inventory://x one: {DOWN}; it is read on in 5 minutes",
        f"input=inventory://x one: {DOWN}; it is read on in 10 minutes",
    ]
    assert (trial.told(EventWriter.ERROR), trial.run.failed) == ([], False)


def test_the_other_feeds_are_read_before_the_pause():
    trial = Trial(directory=[(0, DOWN), (1, None)], delegations=[(1, None)]).go()
    assert trial.script.read_from == [("directory", 0), ("delegations", 0), ("directory", 0)]
    assert (trial.slept, trial.run.failed) == ([5], False)


def test_a_feed_that_came_further_waits_as_at_first():
    trial = Trial(one=[(1, DOWN), (0, DOWN), (0, DOWN), (1, DOWN), (0, None)]).go()
    assert trial.slept == [5, 10, 30, 5]


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_is_patient_until_its_sweep_would_be_stale_and_then_fails(steps):
    trial = Trial(one=[(steps, DOWN)] + [(0, DOWN)] * 99, two=[(1, None)]).go()
    assert STALE - 2 * 30 * MINUTE < trial.now - NOW < STALE
    assert trial.slept[-1] == 30
    assert trial.told(EventWriter.ERROR) == [f"one: {DOWN}"]
    assert (trial.run.tallies["one"].failed, trial.run.tallies["two"].failed) == ([f"one: {DOWN}"], [])


@pytest.mark.parametrize(
    "error",
    [OutError("out"), RefusedError("busy", 503), RefusedError("busy", 429), SignInError("busy", 503),
     RefusedError("quota", 403, "rateLimitExceeded")],
)  # fmt: skip
def test_a_service_that_is_out_of_breath_is_waited_for(error):
    trial = Trial(one=[(0, error), (1, None)]).go()
    assert (trial.slept, trial.run.failed) == ([5], False)


@pytest.mark.parametrize(
    "error", [UntrustedError("the certificate is not trusted"), RefusedError("no", 403), SignInError("secret", 401)]
)
def test_what_a_person_must_mend_is_not_waited_for_and_keeps_no_other_feed_back(error):
    trial = Trial(one=[(0, error)], two=[(1, None)]).go()
    assert (trial.slept, trial.told(EventWriter.ERROR)) == ([], [f"one: {error}"])
    assert trial.script.read_from == [("one", 0), ("two", 0)]


def test_an_input_without_pauses_waits_for_nothing():
    class Hasty(Script):
        pauses = ()

    trial = Trial(Hasty, one=[(1, DOWN), (1, None)]).go()
    assert (trial.slept, trial.told(EventWriter.ERROR)) == ([], [f"one: {DOWN}"])


def test_a_sweep_of_the_day_before_does_not_shorten_the_patience():
    assert patience(DOWN, {"sweep": "s", "started": NOW - STALE}, NOW, NOW + HOUR) == NOW + STALE
    assert patience(DOWN, {"sweep": "s", "started": NOW - HOUR}, NOW, NOW + HOUR) == NOW - HOUR + STALE


def test_sigterm_ends_the_pause_at_once_though_events_behind_the_checkpoint_are_out():
    trial = Trial(one=[(1, DOWN), (1, None)])
    trial.run._sleep = lambda seconds: os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        trial.go()
    assert trial.script.read_from == [("one", 0)]
    assert trial.output.lines[-1] == (EventWriter.INFO, "input=inventory://x done")


def test_where_an_account_names_no_tenant_the_feed_gets_its_state_to_find_out(monkeypatch):
    monkeypatch.setattr(Account, "of", [])
    monkeypatch.setattr(Store, "load", lambda self, feed: {"step": 2, "of": ["contoso.com"]})
    trial = Trial(one=[(1, None)]).go()
    assert (trial.script.read_from, trial.told(EventWriter.WARN)) == ([("one", 2)], [])


# no answer, where a run has no pauses


class Audit(Script):
    """An input that goes by the rules of the audit feed."""

    mendable, refused, pauses = DelegationAudit.mendable, DelegationAudit.refused, ()

    def is_away(self, error):
        return DelegationAudit.is_away(self, error)


def failures(trial):
    return {feed: tally.failed for feed, tally in trial.run.tallies.items()}


@pytest.mark.parametrize("after", [None, RefusedError("no", 403)])
def test_a_feed_to_which_no_answer_comes_keeps_none_of_the_others_back_and_blames_none(after):
    trial = Trial(Audit, one=[(1, DOWN)], two=[(1, after)], three=[(1, None)]).go()
    assert [feed for feed, _ in trial.script.read_from] == ["one", "two", "three"]
    others = [f"two: {after}"] if after else []
    assert failures(trial) == {"one": [f"one: {DOWN}"], "two": others, "three": []}
    assert trial.told(EventWriter.ERROR) == [f"one: {DOWN}", *others]


def test_an_outage_ends_the_run_at_the_second_feed_and_is_told_once():
    trial = Trial(Audit, zero=[(1, None)], one=[(1, DOWN)], two=[(1, DOWN)], three=[(1, None)]).go()
    assert [feed for feed, _ in trial.script.read_from] == ["zero", "one", "two"]
    assert failures(trial) == {"zero": [], **{feed: [str(DOWN)] for feed in ("one", "two", "three")}}
    assert trial.told(EventWriter.ERROR) == [str(DOWN)]


def test_a_feed_to_which_no_answer_comes_is_told_by_its_own_words_where_the_next_meets_something_else():
    secret = SignInError("the secret has ended", 401)
    trial = Trial(Audit, one=[(1, DOWN)], two=[(1, secret)], three=[(1, None)]).go()
    assert failures(trial) == {"one": [f"one: {DOWN}"], "two": [str(secret)], "three": [str(secret)]}


def test_the_last_feed_is_told_too_and_a_certificate_ends_a_run_at_once():
    assert failures(Trial(Audit, one=[(1, None)], two=[(1, DOWN)]).go()) == {"one": [], "two": [f"two: {DOWN}"]}
    error = UntrustedError("the certificate is not trusted")
    assert [feed for feed, _ in Trial(Audit, one=[(1, error)], two=[]).go().script.read_from] == ["one"]
