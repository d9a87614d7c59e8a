"""Runs an input against a stand-in as a scheduler would, one run after another, and keeps what came of it.

The input is a process of its own each time, as splunkd starts it; what it remembers stays in the trial's folder.
"""

import json
import pathlib
import re
import threading
from typing import NamedTuple

from workbench.collect import set_account
from workbench.splunkd import Splunkd

APP = pathlib.Path(__file__).resolve().parents[2]
STANZA, SWEEP = "delegation_audit://soak", "delegation_inventory://soak"
_ID = re.compile(r'"Id":\s*"([^"]*)"')
RECORD, EVENT = "o365:management:activity", "gws:reports:admin"
FOUND = ("delegation:snapshot", "delegation:directory", "delegation:sweep")


class Run(NamedTuple):
    """One run of the input: its exit code, what it told (log lines and health events), events of the feed."""

    code: int
    told: list
    events: int


class Trial:
    """A context manager. `identity` gives a record's identity from its text; `seen` is every identity so far."""

    def __init__(self, folder, account, secret, parameters, sourcetypes, identity, stanza=STANZA):
        self.seen = []
        self.runs = []
        self.taken = lambda: None  # called for each event
        self._stanza = stanza
        self._folder = folder
        self._account = account
        self._secret = secret
        self._parameters = {"account": "soak", **parameters}
        self._sourcetypes = sourcetypes
        self._identity = identity
        self._told = []

    @classmethod
    def of_office365(cls, folder, tenant, **parameters):
        """A trial of one content type of an Office 365 tenant."""
        account = _office365(tenant)
        given = {"provider": "o365", "content_types": "Audit.Exchange", **parameters}
        return cls(folder, account, tenant.secret, given, (RECORD,), record_id)

    @classmethod
    def of_workspace(cls, folder, customer, identity, **parameters):
        """A trial of one application of a Workspace customer."""
        given = {"provider": "workspace", "content_types": "admin", **parameters}
        return cls(folder, _workspace(customer), json.dumps(customer.key_file()), given, (EVENT,), identity)

    @classmethod
    def of_sweep(cls, folder, service):
        """A trial of the inventory of an Office 365 tenant or a Workspace customer; `seen` are its events, as maps."""
        google = hasattr(service, "key_file")
        account = _workspace(service) if google else _office365(service)
        secret = json.dumps(service.key_file()) if google else service.secret
        return cls(folder, account, secret, {"provider": account["provider"]}, FOUND, json.loads, SWEEP)

    def __enter__(self):
        self._splunkd = Splunkd(APP, self._folder)
        set_account(self._splunkd, "soak", self._account, self._secret)
        refused = self._splunkd.inputs.save(self._stanza, self._parameters)  # before anything goes wrong
        assert not refused, refused
        return self

    def __exit__(self, *error):
        self._splunkd.close()

    def run(self):
        """One run, to its end."""
        before, self._told = len(self.seen), []
        ended = self._splunkd.run_input(self._stanza, self._parameters, self._take, timeout=3000)
        self.runs.append(Run(ended.exit_code, [*ended.log, *self._told], len(self.seen) - before))
        return self.runs[-1]

    def end(self, after, number, service=None):
        """A run whose process gets a signal so many seconds after its start, or after its first call of `service`.

        Gives where it was: "sign-in" before the first event, "events" from then on; None when it had ended.
        """
        hit, over = [], threading.Event()

        def strike():
            while service and len(service.requests) == asked and not over.wait(0.01):
                pass
            if not over.wait(after) and self._splunkd.inputs.signal(number):
                hit.append("events" if len(self.seen) > before else "sign-in")

        before, asked = len(self.seen), len(service.requests) if service else 0
        thread = threading.Thread(target=strike)
        thread.start()
        self.run()
        over.set()
        thread.join()
        return hit[0] if hit else None

    @property
    def told(self):
        """All that the runs told, as one text."""
        return "\n".join(line for run in self.runs for line in run.told)

    def _take(self, event):
        self.taken()
        if event["sourcetype"] in self._sourcetypes:
            self.seen.append(self._identity(event["data"]))
        else:
            self._told.append(event["data"])


def _office365(tenant):
    return {"provider": "o365", "cloud": "custom", "tenant": tenant.tenant, "client_id": tenant.client_id,
            **tenant.roots, "ca_file": str(tenant.ca_file)}  # fmt: skip


def _workspace(customer):
    return {"provider": "workspace", "cloud": "custom", "customer": customer.customer, "subject": customer.subject,
            "api_root": customer.uri, "ca_file": str(customer.ca_file)}  # fmt: skip


def record_id(text):
    """The Id of a record; the beginning of a text that is none."""
    try:
        return str(json.loads(text)["Id"])
    except RecursionError:
        return _ID.search(text)[1]
    except (ValueError, KeyError, TypeError):
        return text[:60]
