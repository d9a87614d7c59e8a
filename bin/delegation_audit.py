"""Modular input: the audit feeds of Office 365 and Google Workspace."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.sources.collect import backfills, feeds_of
from delegation_watch.sources.errors import RefusedError, SourceError, UnreachableError, UntrustedError
from delegation_watch.sources.health import HEALTH, Tally, health_events, totals
from delegation_watch.sources.settings import read_account, read_stanza, start_time
from delegation_watch.sources.trial import in_time, try_out
from delegation_watch.splunk.inputs import FeedInput, main


class DelegationAudit(FeedInput):
    """A run reads each content from where the last one stopped, and tells of each feed how it went."""

    title = "Delegation Watch: audit feed"
    description = "Collects audit records of Office 365 or Google Workspace, each once."
    arguments = {  # noqa: RUF012  never changed
        "provider": ("Provider", "o365 or workspace", True),
        "account": ("Account", "name of an account in delegation_watch_accounts.conf", True),
        "content_types": ("Content", "comma list: Audit.Exchange, … for o365; admin, login, … for workspace", False),
        "start": ("Start", "how far back the first run reads: -7d, -31h, or an ISO 8601 time", False),
        "connections": ("Connections", "how many blobs are fetched at once, 1 to 16", False),
        "backfill": ("Backfill", "o365: how far back to read once what is older than the feed: -180d, a time", False),
        "backfill_operations": ("Operations", "o365: comma list of the operations to backfill; * for all", False),
        "backfill_version": ("Graph version", "o365: v1.0 or beta; both are tried when it is empty", False),
    }
    mendable = (SourceError,)
    refused = (RefusedError,)
    tally = Tally

    def read(self, given):
        """The stanza, checked."""
        return read_stanza(given)

    def account(self, stanza, settings):
        """The account, checked."""
        return read_account(stanza.account, settings, stanza.provider)

    def names(self, stanza):
        """One feed a content type or application, and one for what is older than it."""
        return [*stanza.content_types, *backfills(stanza)]

    def feeds(self, stanza, account, secret, tallies, run):
        """Those that can be read."""
        return feeds_of(stanza, account, secret, tallies)

    def items(self, stanza, reader, state, now, tally):
        """What is new since the state was stored."""
        return reader.read(state, start_time(stanza.start, now), now)

    def is_away(self, error):
        """No answer; a certificate that is not trusted is for a person to see to."""
        return isinstance(error, UnreachableError) and not isinstance(error, UntrustedError)

    def trial(self, stanza, account, secret):
        """One sign-in and one small question."""
        in_time(lambda: try_out(stanza, account, secret))

    def end(self, run, started):
        """A health event for each feed, and a warning of what came too late for the searches."""
        for feed, tally in run.tallies.items():
            tally.tell_unjudged(feed)
        for event in health_events(run.name, run.given, run.tenant, run.tallies, started):
            run.output.tell(HEALTH, event)
        return totals(run.tallies.values())


if __name__ == "__main__":
    main(DelegationAudit, sys.argv)
