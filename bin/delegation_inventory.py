"""Modular input: who can open which mailbox now, and who is who, of Office 365 and Google Workspace."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.health import HEALTH, Tally, health_events, totals
from delegation_watch.sources.inventory import due, names, patience, read_inventory_stanza, sweeps_of, told
from delegation_watch.sources.inventory_trial import try_out
from delegation_watch.sources.settings import read_account
from delegation_watch.sources.trial import in_time
from delegation_watch.splunk.inputs import FeedInput, main


class DelegationInventory(FeedInput):
    """A run sweeps through the tenant once, or goes on with the sweep that was cut off.

    Where an outage cuts it off it goes on when that is over: by the time of the next run the sweep may be stale.
    """

    title = "Delegation Watch: inventory"
    description = "Reads who can open which mailbox of Office 365 or Google Workspace now, and who is who."
    arguments = {  # noqa: RUF012  never changed
        "provider": ("Provider", "o365 or workspace", True),
        "account": ("Account", "name of an account in delegation_watch_accounts.conf", True),
        "kinds": ("Kinds", "o365, comma list of what to read: full_access, send_as, …; all when empty", False),
        "folders": ("Folders", "o365, comma list: root, inbox, calendar, contacts, sent, or paths: \\Projects", False),
        "mailboxes": ("Mailboxes", "comma list of addresses; all mailboxes when empty", False),
        "directory": ("Directory", "yes or no: whether to read users, groups and roles as well", False),
        "connections": ("Connections", "how many calls are made at once, 1 to 16", False),
    }
    mendable = (SourceError,)
    refused = (SourceError,)
    pauses = (300.0, 600.0, 1200.0, 1800.0)
    tally = Tally

    def read(self, given):
        """The stanza, checked."""
        return read_inventory_stanza(given)

    def account(self, stanza, settings):
        """The account, checked."""
        return read_account(stanza.account, settings, stanza.provider)

    def names(self, stanza):
        """The directory where it is asked for, and the delegations."""
        return names(stanza)

    def feeds(self, stanza, account, secret, tallies, run):
        """What of these is due."""
        states = {feed: run.load(feed) for feed in tallies}
        sweeps = sweeps_of(stanza, account, secret, run.name)
        return (one for one in sweeps if due(one.name, states, time.time()))

    def items(self, stanza, reader, state, now, tally):
        """A sweep, from where the state says."""
        return told(reader.read(state, 0, time.time()), tally)

    def patience(self, error, state, began, now):
        """As long as the sweep is not stale."""
        return patience(error, state, began, now)

    def trial(self, stanza, account, secret):
        """One sign-in, and one small question for each permission."""
        in_time(lambda: try_out(stanza, account, secret))

    def end(self, run, started):
        """A health event for each feed; what a sweep covered, its own event says."""
        for event in health_events(run.name, run.given, run.tenant, run.tallies, started):
            run.output.tell(HEALTH, event)
        return totals(run.tallies.values())


if __name__ == "__main__":
    main(DelegationInventory, sys.argv)
