"""Runs the inventory against a stand-in, one run after another, and says what a sweep owes: all, or why not.

The readers run as the input runs them, with the state kept from run to run.
"""

import json
import time
from collections import Counter, defaultdict
from typing import NamedTuple

from delegation_watch.sources import inventory
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Checkpoint
from delegation_watch.sources.settings import read_account

from tests.bin.sources.vendor import kept

FEEDS = ("directory", "delegations")
# The kind that a sweep's event names, by what a delegation was found with.
KINDS = {
    "Get-MailboxPermission": "full_access", "Get-RecipientPermission": "send_as",
    "Get-MailboxFolderPermission": "folders", "Gmail": "gmail_delegates",
}  # fmt: skip


class Thing(NamedTuple):
    """A delegation, or what is known of a user or group: its kind, whose it is, all of it but moment and sweep."""

    kind: str
    owner: str
    text: str


class Run(NamedTuple):
    """One run: by feed the events that closed a sweep, and the error that ended it, if any.

    `whole` are the feeds of which the sweep began and closed in this run.
    """

    closed: dict
    errors: dict
    whole: set


class Sweeper:
    """The inventory of one stand-in; `given` is what each sweep gave, by its id."""

    def __init__(self, service):
        google = hasattr(service, "key_file")
        roots = {"api_root": service.uri} if google else service.roots
        known = {**roots, "cloud": "custom", "ca_file": str(service.ca_file)}
        names = ("customer", "subject") if google else ("tenant", "client_id")
        provider = "workspace" if google else "o365"
        self._account = read_account("soak", {**known, **{name: getattr(service, name) for name in names}}, provider)
        self._secret = json.dumps(service.key_file()) if google else service.secret
        self._stanza = inventory.read_inventory_stanza({"provider": provider, "account": "soak"})
        self._states = {}
        self.given = defaultdict(Counter)

    def run(self):
        """One run of the feeds that are due."""
        now, states, closed, errors = time.time(), dict(self._states), {}, {}
        begun = {feed for feed in FEEDS if not states.get(feed)}
        for feed in inventory.sweeps_of(self._stanza, self._account, self._secret, "delegation_inventory://soak"):
            if not inventory.due(feed.name, states, now):
                continue
            try:
                for item in feed.reader.read(states.get(feed.name, {}), 0, now):
                    if isinstance(item, Checkpoint):
                        self._states[feed.name] = kept(item.state, self._states.get(feed.name))
                        continue
                    event = json.loads(item.raw)
                    if "delegation_watch_sweep" in event:
                        closed[feed.name] = event
                    else:
                        self.given[event["sweep"]][_thing(event)] += 1
            except SourceError as error:
                errors[feed.name] = str(error)
        return Run(closed, errors, begun & closed.keys())


def _thing(event):
    known = {name: value for name, value in event.items() if name not in ("time", "sweep")}
    text = json.dumps(known, sort_keys=True)
    if "columns" not in event:
        return Thing("directory", event["identity"], text)
    columns, kind = event["columns"], KINDS.get(event["delegation_watch_inventory"], "")
    if event["delegation_watch_inventory"] == "Get-Mailbox":
        kind = "send_on_behalf" if "GrantSendOnBehalfTo" in columns else "forwarding"
    owner = str(columns.get("user") or columns.get("Identity") or "").partition(":\\")[0]
    return Thing(kind or "app_mail", owner, text)


def doubled(due, given):
    """How often a sweep gave things beyond what stands; facts on somebody may be without a part of them."""
    return sum((_counted(given) - _counted(due)).values())


def _counted(things):
    counted = Counter()
    for thing, times in things.items():
        counted[thing._replace(text="") if thing.kind == "directory" else thing] += times
    return counted


def owed(told, due, given):
    """What of `due` a closed sweep neither gave nor named as not read; what it gave that does not stand."""
    unread = {one["mailbox"] for one in (*told["failed"], *told["skipped"])}
    parts = {one["part"] for one in told["failed_kinds"]}
    missing, strange = due.keys() - given.keys(), given.keys() - due.keys()

    def named(thing):
        if thing.kind == "directory" and parts:  # without roles or mailboxes, or a part of it, it is another text
            return True
        return thing.kind not in told["kinds"] or thing.owner in unread

    return [one for one in missing if not named(one)], [one for one in strange if one.kind != "directory"]
