"""Who there is in the made-up organisation: people, shared and room mailboxes, guests, and every id they
bear.

Ids have the forms of real ones: Entra object GUIDs, PUIDs (`1003…` hexadecimal), Exchange Names (a new
mailbox's is its object GUID, an old one's its alias), SIDs, mailbox GUIDs (not the object GUID), Google
profile ids.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import asdict, dataclass
from typing import Dict, List, Tuple

from workbench.tenants import names

OFFICE_ADDRESS = "198.51.100.10"
FOREST = "EURPR05A007.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations"
_SID = "S-1-5-21-2107437116-1586319521-3489264017"
_LANGUAGES = ("en", "en", "en", "de", "fr")
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
    "Safari/605.1.15",
)
_OLD_SHARE = 0.35  # mailboxes made before Exchange Online began to use the object GUID as Name
_SUBSIDIARY_STAFF = 24
_UNITS = ("Finance", "Research", "Sales")


@dataclass(frozen=True)
class Person:
    """One entry of the directory. `kind` is user, shared, room, guest or workspace; `address` where it signs in."""

    upn: str
    display_name: str
    kind: str
    department: str
    title: str
    manager: str
    vip: bool
    object_id: str
    puid: str
    exchange_name: str
    sid: str
    mailbox_guid: str
    aliases: Tuple[str, ...]
    language: str
    address: str
    browser: str

    @property
    def dn(self) -> str:
        """Exchange's canonical name."""
        return f"{FOREST}/{names.ORGANIZATION_NAME}/{self.exchange_name}"

    def folder(self, kind: str) -> str:
        """The folder's name in this mailbox's language."""
        return names.FOLDERS[self.language][kind]

    def row(self) -> Dict[str, str]:
        """The entry as a row of text fields; `aliases` joined by semicolons, `vip` true or false."""
        plain = asdict(self)
        plain["aliases"] = ";".join(self.aliases)
        plain["vip"] = "true" if self.vip else "false"
        return {name: str(value) for name, value in plain.items() if name != "browser"}


class Directory:
    """Everyone, and the roles the stories need: `chief`, `cfo`, `assistants`, `helpdesk`, `shared`, `rooms`,
    …

    `workspace` are the people of the subsidiary on Google; their `department` is their organisational unit.
    """

    def __init__(self, seed: int, mailboxes: int) -> None:
        self._draw = random.Random(f"{seed}/people")  # noqa: S311 (not for security)
        self._taken: Dict[str, int] = {}
        self._serial = 4100
        self.tenant = self._guid()
        self.customer = f"C0{self._draw.randrange(36**6):07x}"[:9]
        rooms = names.ROOMS[: max(1, mailboxes // 20)]
        shared = names.SHARED[: max(2, mailboxes // 8)]
        self.shared = [self._mailbox(alias, "shared") for alias in shared]
        self.rooms = [self._mailbox(f"room.{room.lower()}", "room") for room in rooms]
        self.users = self._staff(mailboxes - len(self.shared) - len(self.rooms))
        self.chief = self.users[0]
        self.executives = [person for person in self.users if person.vip]
        self.cfo = next(person for person in self.executives if person.department == "Finance")
        self.assistants = [p for p in self.users if p.title == "Executive Assistant"]
        self.helpdesk = [p for p in self.users if p.title == "Help Desk"]
        self.guests = [self._guest(host) for host in ("freightpartner.example", "auditfirm.example")]
        self.outsider = self._guest("harbour-finch.example")
        self.workspace = self._subsidiary()

    def everyone(self) -> List[Person]:
        """All entries, in a fixed order."""
        return [*self.users, *self.shared, *self.rooms, *self.guests, self.outsider, *self.workspace]

    def _staff(self, count: int) -> List[Person]:
        """Chief, heads, assistants, help desk, then everyone else by the departments' shares."""
        chief = self._person("Board", "Chief Executive Officer", "", vip=True)
        heads = {
            department: self._person(department, title, chief.upn, vip=title.startswith("Chief"))
            for department, (_, title, _) in names.DEPARTMENTS.items()
        }
        staff = [chief, *heads.values()]
        staff += [self._person("Board", "Executive Assistant", chief.upn) for _ in range(3)]
        staff += [self._person("IT", "Help Desk", heads["IT"].upn) for _ in range(4)]
        wanted = [name for name, (share, _, _) in names.DEPARTMENTS.items() for _ in range(share)]
        while len(staff) < count:
            department = self._draw.choice(wanted)
            title = names.DEPARTMENTS[department][2]
            staff.append(self._person(department, title, heads[department].upn))
        return staff

    def _person(self, department: str, title: str, manager: str, vip: bool = False) -> Person:
        first, last = self._draw.choice(names.FIRST), self._draw.choice(names.LAST)
        alias = f"{first}.{last}".lower()
        self._taken[alias] = self._taken.get(alias, 0) + 1
        if self._taken[alias] > 1:
            alias += str(self._taken[alias])
        domain = names.LOGISTICS_DOMAIN if department == "Operations" else names.DOMAIN
        other = f"{first[0]}{last}@{names.DOMAIN}".lower()
        return self._entry(
            upn=f"{alias}@{domain}",
            display_name=f"{first} {last}",
            kind="user",
            department=department,
            title=title,
            manager=manager,
            vip=vip,
            aliases=(other,),
            old_name=first + last[0],
        )

    def _mailbox(self, alias: str, kind: str) -> Person:
        title = alias.split(".")[-1].capitalize()
        return self._entry(
            upn=f"{alias}@{names.DOMAIN}",
            display_name=title if kind == "shared" else f"Room {title}",
            kind=kind,
            old_name=alias.replace(".", ""),
        )

    def _guest(self, host: str) -> Person:
        first, last = self._draw.choice(names.FIRST), self._draw.choice(names.LAST)
        outside = f"{first}.{last}".lower()
        return self._entry(
            upn=f"{outside}_{host}#EXT#@{names.ORGANIZATION_NAME}",
            display_name=f"{first} {last}",
            kind="guest",
            aliases=(f"{outside}@{host}",),
            old_name=f"{outside}_{host}#EXT#",
        )

    def _subsidiary(self) -> List[Person]:
        people = []
        for number in range(_SUBSIDIARY_STAFF):
            first, last = self._draw.choice(names.FIRST), self._draw.choice(names.LAST)
            admin = number < 2
            people.append(
                self._entry(
                    upn=f"{first}.{last}{number}@{names.SUBSIDIARY_DOMAIN}".lower(),
                    display_name=f"{first} {last}",
                    kind="workspace",
                    department="IT" if admin else _UNITS[number % len(_UNITS)],
                    title="Super Admin" if admin else "Staff",
                    old_name="",
                )
            )
        return people

    def _entry(
        self,
        upn: str,
        display_name: str,
        kind: str,
        old_name: str,
        department: str = "",
        title: str = "",
        manager: str = "",
        vip: bool = False,
        aliases: Tuple[str, ...] = (),
    ) -> Person:
        object_id = self._guid()
        self._serial += self._draw.randrange(1, 40)
        number = 10**20 + self._draw.randrange(10**19)
        return Person(
            upn=upn,
            display_name=display_name,
            kind=kind,
            department=department,
            title=title,
            manager=manager,
            vip=vip,
            object_id=str(number) if kind == "workspace" else object_id,
            puid=f"1003200{self._draw.randrange(16**9):09X}",
            exchange_name=old_name if self._draw.random() < _OLD_SHARE else object_id,
            sid=f"{_SID}-{self._serial}",
            mailbox_guid=self._guid(),
            aliases=aliases,
            language=self._draw.choice(_LANGUAGES),
            address=OFFICE_ADDRESS if self._draw.random() < 0.6 else f"192.0.2.{self._draw.randrange(1, 255)}",
            browser=self._draw.choice(_BROWSERS),
        )

    def _guid(self) -> str:
        return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))
