"""Modular input: who can open which mailbox now, and who is who, of Office 365 and Google Workspace."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.sources.errors import RefusedError, SourceError
from delegation_watch.sources.feed import Event, Tally
from delegation_watch.sources.inventory import due, read_inventory_stanza, sweeps_of, tell
from delegation_watch.sources.settings import read_account
from delegation_watch.splunk.checkpoints import Checkpoints
from delegation_watch.splunk.inputs import FeedInput, run
from delegation_watch.splunk.secrets import read_secret
from delegation_watch.splunk.session import SplunkError, account_settings, connect


class DelegationInventory(FeedInput):
    """A run sweeps through the tenant once, or goes on with the sweep that was cut off."""

    title = "Delegation Watch: inventory"
    description = "Reads who can open which mailbox of Office 365 or Google Workspace now, and who is who."
    arguments = {  # noqa: RUF012  never changed
        "provider": ("Provider", "o365 or workspace", True),
        "account": ("Account", "name of an account in delegation_watch_accounts.conf", True),
        "kinds": ("Kinds", "o365, comma list: full_access, send_as, send_on_behalf, folders; all when empty", False),
        "folders": ("Folders", "o365, comma list: root, inbox, calendar, contacts, sent, or paths: \\Projects", False),
        "mailboxes": ("Mailboxes", "comma list of addresses; all mailboxes when empty", False),
        "directory": ("Directory", "yes or no: whether to read users, groups and roles as well", False),
        "connections": ("Connections", "how many calls are made at once, 1 to 16", False),
    }
    mendable = (SourceError, SplunkError)
    tally = Tally

    def check(self, parameters):
        """Raise a SettingsError for a stanza that cannot be right."""
        read_inventory_stanza(parameters)

    def collect(self, name, given, metadata, ew, tally):
        """Sweep; one thing that is refused keeps the other from nothing."""
        stanza = read_inventory_stanza(given)
        service = connect(metadata)
        account = read_account(stanza.account, account_settings(service, stanza.account), stanza.provider)
        secret = read_secret(service, stanza.account)
        checkpoints = Checkpoints(service, name)
        feeds = list(sweeps_of(stanza, account, secret, name))
        states = {feed.name: checkpoints.load(feed.name) for feed in feeds}
        now = time.time()
        for feed in (one for one in feeds if due(one.name, states, now)):
            items = feed.reader.read(states[feed.name], 0, now)
            try:
                self.copy(name, given, ew, tally, checkpoints, feed.name, feed.sourcetype, counted(items, tally))
            except RefusedError as error:
                tally.failed.append(f"{feed.name}: {error}")


def counted(items, tally):
    """The items, each event of them told to the tally."""
    for item in items:
        if isinstance(item, Event):
            tell(item, tally)
        yield item


if __name__ == "__main__":
    sys.exit(run(DelegationInventory, sys.argv))
