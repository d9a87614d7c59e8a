"""The book of a sweep: nothing is seen before it began, whatever the clock did meanwhile; what a run tells of it."""

import json

import pytest
from delegation_watch.grants.values import epoch
from delegation_watch.sources.errors import (
    RefusedError,
    SettingsError,
    SignInError,
    UnreachableError,
    UntrustedError,
    of_one,
)
from delegation_watch.sources.health import Tally
from delegation_watch.sources.inventory import patience, told
from delegation_watch.sources.sweep import Sweep, directory, snapshot

from tests.bin.sources.vendor import HOUR, NOW

BACK = NOW - 600  # what the clock says after it was set back


def begun():
    return Sweep.of({}, NOW, "o365", "all")


def shown(sweep, now):
    """The events of something seen now, and of the end of the sweep."""
    return [
        snapshot(sweep, now, "Get-Mailbox", {}),
        directory(sweep, now, "user", {}),
        sweep.closing(now, ["send_as"], "all"),
    ]


@pytest.mark.parametrize("now", [BACK, NOW, NOW + 0.0004, NOW + HOUR])
def test_what_a_sweep_saw_is_never_of_a_time_before_it_began(now):
    """It would count as not seen since then: as gone."""
    sweep = begun()
    seen, known, closing = shown(sweep, now)
    started = epoch(json.loads(closing.raw)["started"])
    assert {one.time for one in (seen, known, closing)} == {max(now, NOW)}
    assert epoch(json.loads(closing.raw)["ended"]) >= started
    for one in (seen, known):
        assert epoch(json.loads(one.raw)["time"]) == pytest.approx(max(now, NOW), abs=0.001)
        assert epoch(json.loads(one.raw)["time"]) >= started


def test_a_clock_that_is_set_back_between_two_runs_begins_a_sweep_anew():
    """Its second part would otherwise bear the time of the first for as long as the clock was wrong."""
    first = begun()
    again = Sweep.of(first.state(NOW), BACK, "o365", "all")
    assert (again.started, again.sweep == first.sweep) == (BACK, False)
    assert [one.time for one in shown(again, BACK + 1)] == [BACK + 1] * 3


@pytest.mark.parametrize(
    ("reached", "now", "goes_on"),
    [(30 * HOUR, 30 * HOUR + 600, True), (0, 19 * HOUR, True), (0, 21 * HOUR, False), (30 * HOUR, 51 * HOUR, False),
     (167 * HOUR, 167 * HOUR + 600, True), (167 * HOUR, 169 * HOUR, False)],
)  # fmt: skip
def test_a_sweep_goes_on_while_it_comes_further_and_for_a_week_at_most(reached, now, goes_on):
    """A very large tenant takes days; what came no further for twenty hours is begun anew."""
    first = begun()
    state = first.state(NOW + reached)
    assert (Sweep.of(state, NOW + now, "o365", "all").sweep == first.sweep) is goes_on
    assert (patience(UnreachableError("silent"), state, NOW, NOW + now) > NOW + now) is goes_on


def test_a_clock_that_is_set_back_within_the_second_run_changes_nothing():
    first = begun()
    again = Sweep.of(first.state(NOW), NOW + HOUR, "o365", "all")
    assert (again.started, again.sweep) == (NOW, first.sweep)
    assert [one.time for one in shown(again, BACK)] == [NOW] * 3


def test_a_checkpoint_that_holds_what_an_earlier_version_kept_there_goes_on_without_it():
    first = begun()
    again = Sweep.of({**first.state(NOW), "audit": {"disabled": ["a@x.example"]}}, NOW + HOUR, "o365", "all")
    assert (again.sweep, "audit" in again.state(NOW)) == (first.sweep, False)


# what is of one object, and what is of the service


@pytest.mark.parametrize("error", [RefusedError("no", 403), RefusedError("busy", 503), UnreachableError("silent")])
def test_a_refusal_and_a_silence_may_be_of_one_object(error):
    assert of_one(raising(error)) is error


@pytest.mark.parametrize("error", [UntrustedError("whose?"), SignInError("busy", 503), SettingsError("no ca_file")])
def test_what_keeps_every_object_back_is_of_none(error):
    with pytest.raises(type(error)):
        of_one(raising(error))


def raising(error):
    def ask():
        raise error

    return ask


# what a run tells of it


def tallied(*items):
    tally = Tally()
    list(told(items, tally))
    return tally


def test_a_kind_that_could_not_be_read_is_the_feeds_failure_and_a_mailbox_a_warning():
    sweep = Sweep.of({}, NOW, "o365", "all")
    sweep.fail("ceo@x.example", "full_access", "no answer")
    assert tallied(sweep.closing(NOW, ["full_access"], "all")).failed == []
    sweep.fail_kind("app_mail", "app_mail", RefusedError("give it Directory.Read.All"))
    tally = tallied(sweep.closing(NOW, ["full_access"], "all"))
    assert tally.failed == ["app_mail, app_mail: give it Directory.Read.All"]
    assert tally.warnings == ["ceo@x.example, full_access: no answer"]
    assert tally.events == 1
