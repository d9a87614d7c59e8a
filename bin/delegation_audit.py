"""Modular input: the audit feeds of Office 365 and Google Workspace."""

import os
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.sources.collect import feeds_of
from delegation_watch.sources.errors import RefusedError, SourceError
from delegation_watch.sources.feed import Event
from delegation_watch.sources.health import HEALTH, Feed, Tally, health_event, totals
from delegation_watch.sources.settings import read_account, read_stanza, start_time
from delegation_watch.sources.trial import in_time, try_out
from delegation_watch.splunk.checkpoints import Checkpoints
from delegation_watch.splunk.events import Output
from delegation_watch.splunk.lease import Lease, TakenError
from delegation_watch.splunk.secrets import read_secret
from delegation_watch.splunk.session import SplunkError, account_settings, connect
from delegation_watch.splunk.stopping import Stopped, Stopping
from splunklib.modularinput import Argument, EventWriter, Scheme, Script

# name → (title, description, required)
ARGUMENTS = {
    "provider": ("Provider", "o365 or workspace", True),
    "account": ("Account", "name of an account in delegation_watch_accounts.conf", True),
    "content_types": ("Content", "comma list: Audit.Exchange, … for o365; admin, login, … for workspace", False),
    "start": ("Start", "how far back the first run reads: -7d, -31h, or an ISO 8601 time", False),
    "connections": ("Connections", "how many blobs are fetched at once, 1 to 16", False),
}

# Seconds for the trial of an input that is about to be saved.
TRIAL = 25


class DelegationAudit(Script):
    """One process for each stanza; it reads what is new, writes it out, and ends."""

    def __init__(self):
        super().__init__()
        self.failed = False
        self.stopping = Stopping()

    def get_scheme(self):
        """What splunkd shows and asks for."""
        scheme = Scheme("Delegation Watch: audit feed")
        scheme.description = "Collects audit records of Office 365 or Google Workspace, each once."
        scheme.use_external_validation = True
        scheme.use_single_instance = False
        for name, (title, description, required) in ARGUMENTS.items():
            scheme.add_argument(
                Argument(name, title=title, description=description, required_on_create=required)
            )
        return scheme

    def validate_input(self, definition):
        """Refuse a stanza that cannot be right; the message is for the person who writes it."""
        stanza = read_stanza(definition.parameters)
        service = connect(definition.metadata)
        account = read_account(stanza.account, account_settings(service, stanza.account), stanza.provider)
        secret = read_secret(service, stanza.account)
        Checkpoints(service, "")
        in_time(lambda: try_out(stanza, account, secret), TRIAL)

    def stream_events(self, inputs, ew):
        """Read each stanza; an error that a person can mend is one ERROR line and a non-zero exit."""
        for name, given in inputs.inputs.items():
            run = Run(name, given, Output(ew, name, given), self.stopping)
            try:
                run.go(inputs.metadata)
            finally:
                self.failed = self.failed or run.failed


class Run:
    """One stanza's run: its feeds one after another, and at its end, however that comes, a line on each of them."""

    def __init__(self, name, given, output, stopping):
        self.name = name
        self.given = given
        self.output = output
        self.stopping = stopping
        self.tallies = {"-": Tally()}
        self.tenant = ""
        self.done = set()
        self.told = Counter()

    @property
    def failed(self):
        """Whether there is something that a person, or another run, has to mend."""
        return any(tally.failed for tally in self.tallies.values())

    def go(self, metadata):
        """Run to the end; what a person can mend is logged and told in the health events."""
        started = time.time()
        try:
            self._collect(metadata, started)
        except TakenError as taken:
            self.output.log(EventWriter.INFO, f"input={self.name} {taken}")
            return
        except (SourceError, SplunkError) as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}, a fault of this app; the log has more")
            self._end(started)
            raise
        except Stopped:
            self._end(started)
            raise
        self._end(started)

    def _collect(self, metadata, now):
        stanza = read_stanza(self.given)
        self.tallies = {feed: Tally() for feed in stanza.content_types}
        service = connect(metadata)
        account = read_account(stanza.account, account_settings(service, stanza.account), stanza.provider)
        self.tenant = account.tenant or account.customer
        secret = read_secret(service, stanza.account)
        checkpoints = Checkpoints(service, self.name)
        first = start_time(stanza.start, now)
        with Lease(service, self.name) as lease:
            for feed, sourcetype, reader in feeds_of(stanza, account, secret, self.tallies):
                try:
                    self._read(feed, sourcetype, reader.read(checkpoints.load(feed), first, now), checkpoints, lease)
                except RefusedError as error:  # one content that is refused keeps none of the others back
                    self.tallies[feed].failed.append(f"{feed}: {error}")
                self.done.add(feed)

    def _read(self, feed, sourcetype, items, checkpoints, lease):
        for item in items:
            self.stopping.begin()
            if isinstance(item, Event):
                self.output.event(item.sourcetype or sourcetype, item.time, item.raw)
                continue
            self.output.flush()
            lease.check()
            checkpoints.store(feed, item.state)
            self._tell()
            self.stopping.end()

    def _fail(self, line):
        """What keeps all feeds back that are not read yet: one line of the log, and one in each of their events."""
        self._tell()
        self.output.log(EventWriter.ERROR, line)
        for feed, tally in self.tallies.items():
            if feed not in self.done:
                tally.failed.append(line)
                self.told[feed, EventWriter.ERROR] += 1

    def _tell(self):
        """Log what a person should know while the run goes on, so that its end, whatever it be, costs no line."""
        for feed, tally in self.tallies.items():
            for level, prefix, lines in ((EventWriter.WARN, f"input={self.name} ", tally.warnings),
                                         (EventWriter.ERROR, "", tally.failed)):  # fmt: skip
                for line in lines[self.told[feed, level] :]:
                    self.output.log(level, prefix + line)
                self.told[feed, level] = len(lines)

    def _end(self, started):
        self._tell()
        for feed, tally in self.tallies.items():
            about = Feed(self.name, feed, self.given.get("provider") or "", self.tenant)
            self.output.tell(HEALTH, health_event(about, tally, started, time.time()))
        self.output.log(EventWriter.INFO, f"input={self.name} {totals(self.tallies.values())}")


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # whatever the host's language is
    script = DelegationAudit()
    try:
        code = script.run(sys.argv)
    except Stopped as stopped:
        code = stopped.code
        sys.stdout.flush()
        os._exit(code)  # what is still on its way from the vendor is not waited for
    sys.exit(1 if script.failed else code)
