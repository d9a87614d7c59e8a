"""Rows of the inventory: a Gmail delegate as `users.settings.delegates.list` shows it, whose fields are documented."""

from __future__ import annotations

from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import INVENTORY, Record, milliseconds


def gmail_delegate(
    ledger: Ledger, time: float, owner: Person, delegate: str, status: str = "accepted", sweep: str = ""
) -> Record:
    """A delegate that a sweep found; `status` is accepted, pending, rejected or expired."""
    body = {
        "delegation_watch_inventory": "Gmail",
        "time": milliseconds(time),
        "tenant": ledger.people.customer,
        "sweep": sweep or milliseconds(time),
        "columns": {"user": owner.upn, "delegateEmail": delegate, "verificationStatus": status},
    }
    return ledger.add(round(time, 3), INVENTORY + "gmail", body)
