"""Modular input: the audit feeds of Office 365 and Google Workspace."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.sources.collect import feeds_of
from delegation_watch.sources.errors import RefusedError, SourceError
from delegation_watch.sources.feed import Event, Tally
from delegation_watch.sources.settings import read_account, read_stanza, start_time
from delegation_watch.splunk.checkpoints import Checkpoints
from delegation_watch.splunk.events import EventXml, event_head
from delegation_watch.splunk.secrets import read_secret
from delegation_watch.splunk.session import SplunkError, account_settings, connect
from splunklib.modularinput import Argument, EventWriter, Scheme, Script

# name → (title, description, required)
ARGUMENTS = {
    "provider": ("Provider", "o365 or workspace", True),
    "account": ("Account", "name of an account in delegation_watch_accounts.conf", True),
    "content_types": ("Content", "comma list: Audit.Exchange, … for o365; admin, login, … for workspace", False),
    "start": ("Start", "how far back the first run reads: -7d, -31h, or an ISO 8601 time", False),
    "connections": ("Connections", "how many blobs are fetched at once, 1 to 16", False),
}


class DelegationAudit(Script):
    """One process for each stanza; it reads what is new, writes it out, and ends."""

    failed = False

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
        read_stanza(definition.parameters)

    def stream_events(self, inputs, ew):
        """Read each stanza; an error that a person can mend is one ERROR line and a non-zero exit."""
        for name, given in inputs.inputs.items():
            tally = Tally()
            try:
                self._collect(name, given, inputs.metadata, ew, tally)
            except (SourceError, SplunkError) as error:
                tally.failed.append(str(error))
            self._tell(name, ew, tally)
            ew.log(EventWriter.INFO, f"input={name} {tally}")

    def _tell(self, name, ew, tally):
        """Log what a person should know while the run goes on, so that its end, whatever it be, costs no line."""
        self.failed = self.failed or bool(tally.failed)
        for level, prefix, lines in ((EventWriter.WARN, f"input={name} ", tally.warnings),
                                     (EventWriter.ERROR, "", tally.failed)):  # fmt: skip
            for line in lines:
                ew.log(level, prefix + line)
            lines.clear()

    def _collect(self, name, given, metadata, ew, tally):
        stanza = read_stanza(given)
        service = connect(metadata)
        account = read_account(stanza.account, account_settings(service, stanza.account), stanza.provider)
        secret = read_secret(service, stanza.account)
        checkpoints = Checkpoints(service, name)
        now = time.time()
        first = start_time(stanza.start, now)
        for feed, sourcetype, reader in feeds_of(stanza, account, secret, tally):
            head = event_head(name, name, sourcetype, given.get("index") or "default")
            try:
                for item in reader.read(checkpoints.load(feed), first, now):
                    if isinstance(item, Event):
                        ew.write_event(EventXml(head, item.time, item.raw))
                    else:
                        sys.stdout.flush()
                        checkpoints.store(feed, item.state)
                        self._tell(name, ew, tally)
            except RefusedError as error:  # one content that is refused keeps none of the others back
                tally.failed.append(f"{feed}: {error}")


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # whatever the host's language is
    script = DelegationAudit()
    code = script.run(sys.argv)
    sys.exit(1 if script.failed else code)
