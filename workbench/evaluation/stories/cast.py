"""People whom only one story knows: guests, accounts made during the time, partners' technicians, service accounts."""

from __future__ import annotations

from typing import Dict

from workbench.tenants import names
from workbench.tenants.ledger import Ledger
from workbench.tenants.people import Person
from workbench.tenants.records import utc

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_SID = "S-1-5-21-2107437116-1586319521-3489264017"


def row(person: Person, created: float = 0.0, enabled: bool = True) -> Dict[str, str]:
    """A person as a row of the directory: `Person.row` with `created` (UTC, "" when long ago) and `enabled`."""
    told = {"created": utc(created) + "Z" if created else "", "enabled": "true" if enabled else "false"}
    return {**person.row(), **told}


def join(
    ledger: Ledger,
    upn: str,
    display_name: str,
    kind: str = "user",
    department: str = "",
    title: str = "",
    manager: str = "",
    vip: bool = False,
    created: float = 0.0,
    enabled: bool = True,
    address: str = "198.51.100.10",
) -> Person:
    """Somebody whom this story brings along, entered in its cast; `upn` may be an alias of the organisation."""
    draw = ledger.draw
    object_id = str(10**20 + draw.randrange(10**19)) if kind == "workspace" else ledger.guid()
    person = Person(
        upn=upn if "@" in upn else f"{upn}@{names.DOMAIN}",
        display_name=display_name,
        kind=kind,
        department=department,
        title=title,
        manager=manager,
        vip=vip,
        object_id=object_id,
        puid=f"1003200{draw.randrange(16**9):09X}",
        exchange_name=object_id,
        sid=f"{_SID}-{draw.randrange(50_000, 900_000)}",
        mailbox_guid=ledger.guid(),
        aliases=(),
        language="en",
        address=address,
        browser=_BROWSER,
    )
    ledger.cast.append(row(person, created, enabled))
    return person


def guest(ledger: Ledger, name: str, host: str, created: float = 0.0) -> Person:
    """A guest from another tenant."""
    alias = name.lower().replace(" ", ".")
    return join(ledger, f"{alias}_{host}#EXT#@{names.ORGANIZATION_NAME}", name, kind="guest", created=created)


def service(ledger: Ledger, alias: str, name: str, address: str) -> Person:
    """An account that a machine uses, from one address."""
    return join(ledger, alias, name, department="IT", title="Service Account", address=address)


def technician(ledger: Ledger, name: str, host: str, address: str) -> Person:
    """A partner's technician; he is in the partner's directory, not in ours, so not in the cast."""
    person = join(ledger, name.lower().replace(" ", ".") + "@" + host, name, kind="partner", address=address)
    ledger.cast.pop()
    return person
