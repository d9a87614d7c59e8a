"""An outage longer than the vendor keeps its feed: what it cost is told, and a backfill reads it."""

import json

import pytest
from delegation_watch.sources.collect import feeds_of
from delegation_watch.sources.errors import ClockError
from delegation_watch.sources.feed import Checkpoint, Event, Tally
from delegation_watch.sources.settings import read_account, read_stanza

from tests.bin.sources.vendor import DAY, HOUR, NOW, kept, numbers, stamp
from workbench.tenants import Faults, Office365, Record

EXCHANGE = "Audit.Exchange"
LATE = 2 * DAY


class Life:
    """One input over weeks: its runs, each at a time of the test's own, with what they keep in between."""

    def __init__(self, records):
        self.now = NOW
        self.states = {}
        self.tenant = Office365(records, lambda: self.now, Faults(query_polls=1), lambda record: LATE)
        self.tenant.subscriptions[EXCHANGE] = "enabled"

    def __enter__(self):
        self.tenant.__enter__()
        return self

    def __exit__(self, *error):
        self.tenant.__exit__(*error)
        assert self.tenant.unknown == []

    def run(self, now, backfill="", cut=False, back=HOUR):
        """The numbers of the records that a run gives; `tallies` tell of it. `cut`: killed at its first checkpoint.

        back: how far back the first run reads.
        """
        self.now = now
        tenant = self.tenant
        given = {"provider": "o365", "account": "hq", "content_types": EXCHANGE, "backfill": backfill}
        settings = {"tenant": tenant.tenant, "client_id": tenant.client_id, "cloud": "custom", **tenant.roots,
                    "ca_file": str(tenant.ca_file)}  # fmt: skip
        stanza = read_stanza(given)
        names = [EXCHANGE, f"backfill {EXCHANGE}"]
        self.tallies = {name: Tally() for name in names}
        found = []
        for name, _, reader in feeds_of(stanza, read_account("hq", settings, "o365"), tenant.secret, self.tallies):
            for item in reader.read(self.states.get(name, {}), now - back, now):
                if isinstance(item, Checkpoint):
                    self.states[name] = kept(item.state, self.states.get(name))
                    if cut:
                        return found
                else:
                    found += numbers([event.raw for event in ([item] if isinstance(item, Event) else item)])
        return found


def grant(number, days):
    body = {"CreationTime": stamp(NOW + days * DAY), "Id": f"record-{number}", "Operation": "Add-MailboxPermission",
            "RecordType": 1, "Workload": "Exchange", "UserId": "ada@contoso.example", "UserType": 2}  # fmt: skip
    return Record(NOW + days * DAY, EXCHANGE, body)


def test_what_a_long_outage_cost_is_read_by_a_backfill_of_just_that_time_and_nothing_twice():
    records = [grant(number, -3 + number / 2) for number in range(60)]  # from before the first run to 26 days after
    with Life(records) as life:
        assert life.run(NOW) == []  # each record comes two days late
        assert life.run(NOW + 4 * DAY) == list(range(2, 10))
        assert life.run(NOW + 20 * DAY) == list(range(28, 42))
        [gap] = life.tallies[EXCHANGE].gaps
        assert (gap.start, gap.end) == (NOW + 4 * DAY, NOW + 13 * DAY + 300)
        setting = gap.why.partition("set backfill = ")[2].partition(" in the input")[0]
        assert setting == stamp(NOW + 4 * DAY) + "Z"
        assert life.run(NOW + 20 * DAY + HOUR, setting) == [42, *range(10, 28)]
        backfill = life.tallies[f"backfill {EXCHANGE}"]
        assert backfill.covered[1] == backfill.ends == gap.end
        assert life.run(NOW + 26 * DAY, setting) == list(range(43, 54))
        assert life.tallies[EXCHANGE].gaps == []


def test_a_subscription_that_was_off_leaves_a_gap_that_a_backfill_reads_once_late_records_have_come():
    """What became available while it was off is not kept."""
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.run(NOW)
        life.run(NOW + DAY, "-30d")
        life.tenant.subscriptions[EXCHANGE] = "disabled"
        life.run(NOW + 3 * DAY, "-30d")
        [gap] = life.tallies[EXCHANGE].gaps
        assert (gap.start, gap.end) == (NOW + DAY, NOW + 3 * DAY)
        assert "the subscription was off" in gap.why
        assert "backfill = -30d reads it" in gap.why
        life.run(NOW + 4 * DAY, "-30d")
        assert life.tallies[EXCHANGE].gaps == []


def test_that_a_subscription_was_off_is_told_though_the_run_that_started_it_was_killed():
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.run(NOW)
        life.run(NOW + DAY)
        life.tenant.subscriptions[EXCHANGE] = "disabled"
        life.run(NOW + 3 * DAY, cut=True)
        life.run(NOW + 3 * DAY + HOUR)
        [gap] = life.tallies[EXCHANGE].gaps
        assert (gap.start, gap.end) == (NOW + DAY, NOW + 3 * DAY)
        life.run(NOW + 3 * DAY + 2 * HOUR)
        assert life.tallies[EXCHANGE].gaps == []


def test_content_that_is_lost_is_read_by_a_backfill_and_nothing_twice():
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.tenant.faults.blobs = {6: "foreign_host", 9: "expired"}
        found = life.run(NOW, "-30d")
        losses = []
        for days in (3, 6, 9.5, 13):
            found += life.run(NOW + days * DAY, "-30d")
            losses += life.tallies[EXCHANGE].losses
            assert life.tallies[EXCHANGE].gaps == []
        assert sorted(found) == list(range(28))
        assert len(losses) == 2
        assert all(loss.why.endswith("; backfill = -30d reads it, as far as that reaches back") for loss in losses)
        assert life.tallies[f"backfill {EXCHANGE}"].covered[1] == life.tallies[f"backfill {EXCHANGE}"].ends


def test_a_first_start_leaves_all_before_it_to_a_backfill_and_tells_it_as_one_gap():
    """What became available before a subscription is on is not kept, however far back a first run reads."""
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.tenant.subscriptions.clear()
        assert life.run(NOW, "-30d", back=6 * DAY) == []
        feed = life.tallies[EXCHANGE]
        [gap] = feed.gaps
        assert (gap.start, gap.end) == (NOW - 6 * DAY, NOW)
        assert "the subscription was off" in gap.why
        assert "backfill = -30d reads it" in gap.why
        assert feed.covered == (NOW, NOW)
        found = life.run(NOW + 4 * DAY, "-30d")  # the feed's, and those of the days before, three days later
        assert sorted(found) == list(range(10))
        assert life.tallies[EXCHANGE].gaps == []
        assert life.tallies[EXCHANGE].covered == (NOW, NOW + 4 * DAY)
        assert life.tallies[f"backfill {EXCHANGE}"].covered[1] == NOW


def test_a_start_that_is_put_back_is_read_and_none_of_it_again_by_a_backfill_that_is_set_later():
    with Life([grant(number, -10 + number / 2) for number in range(24)]) as life:
        assert life.run(NOW, back=DAY) == [14, 15]  # each record comes two days late
        assert life.tallies[EXCHANGE].warnings == []
        assert life.run(NOW + HOUR, back=6 * DAY) == [16, *range(5, 14)]
        [warning] = life.tallies[EXCHANGE].warnings
        assert "start is put back: what became available since 2026-11-14T13:00:00Z is read" in warning
        assert "what a backfill gave of it comes twice" in warning
        assert life.run(NOW + 2 * HOUR, back=6 * DAY) == []
        assert life.tallies[EXCHANGE].warnings == life.tallies[EXCHANGE].gaps == []
        assert sorted(life.run(NOW + 4 * DAY, "-30d", back=10 * DAY)) == [0, 1, 2, 3, 4, *range(17, 24)]


def test_a_first_start_that_asks_for_more_than_the_vendor_keeps_is_one_gap_as_well():
    with Life([]) as life:
        life.tenant.subscriptions.clear()
        life.run(NOW, back=30 * DAY)
        assert [(gap.start, gap.end) for gap in life.tallies[EXCHANGE].gaps] == [(NOW - 30 * DAY, NOW)]


def test_a_first_start_is_told_though_the_run_that_made_it_was_killed():
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.tenant.subscriptions.clear()
        life.run(NOW, cut=True, back=6 * DAY)
        life.run(NOW + 2 * DAY, "-30d")
        assert [(gap.start, gap.end) for gap in life.tallies[EXCHANGE].gaps] == [(NOW - 6 * DAY, NOW)]
        assert life.tallies[EXCHANGE].covered == (NOW, NOW + 2 * DAY)
        assert life.run(NOW + 4 * DAY, "-30d") == [6, 7, 8, 9, 0, 1]


def test_what_comes_of_the_time_before_a_first_start_all_the_same_is_given_and_not_again_by_the_backfill(monkeypatch):
    """No document says that it never does."""
    with Life([grant(number, -3 + number / 2) for number in range(40)]) as life:
        life.tenant.subscriptions.clear()
        monkeypatch.setattr("workbench.tenants.activity.Activity._listed", generous)
        assert life.run(NOW, "-30d", back=6 * DAY) == [0, 1]
        found = life.run(NOW + 4 * DAY, "-30d")
        assert sorted(found) == list(range(2, 10))


def generous(activity, content_type, window):
    return [blob for blob in activity._blobs if window.start <= blob.created < window.end]


@pytest.mark.parametrize("behind", [10 * DAY, 3000 * DAY])
def test_a_clock_that_is_behind_what_was_read_changes_nothing_until_it_is_right(behind):
    """As of a host that boots without a battery, and before NTP has set it: of the first days, or before all."""
    with Life([grant(number, -10 + number / 2) for number in range(40)]) as life:
        found = life.run(NOW, "-15d", back=6 * DAY) + life.run(NOW + 6 * DAY, "-15d", back=6 * DAY)
        before = json.dumps(life.states)
        life.tenant.faults.skew = behind
        with pytest.raises(ClockError, match=r"read up to 2026-11-26\S+ already; set the clock right"):
            life.run(NOW + 6 * DAY + HOUR - behind, "-15d", back=6 * DAY)
        assert json.dumps(life.states) == before
        life.tenant.faults.skew = 0
        found += life.run(NOW + 6 * DAY + 2 * HOUR, "-15d", back=6 * DAY)
        assert sorted(found) == list(range(29))
        assert life.tallies[EXCHANGE].gaps == []
