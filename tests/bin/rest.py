"""The app's REST handler as a page asks it, for the tests of both pages."""

from pathlib import Path

import requests

from workbench.splunkd import Splunkd

ROOT = Path(__file__).resolve().parents[2]
BASE = "/servicesNS/nobody/delegation_watch/delegation_watch/"
SETUP, REVIEW = "delegation_watch_setup", "delegation_watch_review"


def started(home):
    """A stand-in for splunkd with the app, an administrator of the cloud, somebody who reviews and somebody else."""
    splunkd = Splunkd(ROOT, home)
    splunkd.users.add("analyst", "p", ("user",))
    splunkd.users.add("cloud", "p", ("sc_admin",))
    splunkd.users.add("reviewer", "p", ("user",), (REVIEW,))
    return splunkd


class Asker:
    """ask(method, address, body, user) -> (status, answer); `said` keeps every answer."""

    def __init__(self, splunkd):
        self.splunkd, self.said = splunkd, []

    def __call__(self, method, address, body=None, user="admin", **given):
        headers = {"Authorization": f"Splunk {self.splunkd.sessions.issue(user)}"}
        given = {"json": body, "headers": headers, "verify": str(self.splunkd.ca_file), "timeout": 60, **given}
        found = requests.request(method, f"{self.splunkd.uri}{BASE}{address}", **given)
        self.said.append(found.text)
        kind = found.headers["Content-Type"]
        return found.status_code, found.json() if "json" in kind else found.text


def refusal(asked):
    """Status and text of a refusal; its text is one line."""
    status, body = asked
    assert status >= 400
    (message,) = body["messages"]
    assert "\n" not in message["text"]
    return status, message["text"]


def lines(splunkd):
    """The log of what was done."""
    return (splunkd.home / "var/log/splunk/delegation_watch_rest.log").read_text(encoding="utf-8")
