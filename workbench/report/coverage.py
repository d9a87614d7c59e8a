"""What an export cannot show, told from what is and is not in it; see `gaps`.

The gaps are facts about the vendors' audit logs: Exchange records tell what was asked for (the schema's
ModifiedProperties is empty in practice), Exchange Online names people by GUID which only Entra's records
translate, and no Reports API application records a Gmail delegate.
"""

import re
from typing import Dict, List, NamedTuple, Pattern, Set, Tuple


def _named(field: str, values: str) -> Pattern[str]:
    """A field whose name ends so, with one of the values, also in a record that stands as text inside another.

    The name comes first and as it is: with a literal in front, `re` is ten times faster.
    """
    return re.compile(rf'{field}\\?"\s*:\s*\\?"?(?:{values})\b')


# What is looked for in the text of each record, until it was seen once. Graph writes names in camel case.
SIGNS: Dict[str, Tuple[Pattern[str], ...]] = {
    "office365": (_named("RecordType", r"\w+"), _named("Workload", r"\w+")),
    "workspace": (_named("applicationName", r"\w+"), re.compile('"protoPayload"')),
    "inventory": (re.compile('"delegation_watch_inventory"'),),
    "delegates": (_named("delegation_watch_inventory", "gmail"),),
    "admin cmdlets": (_named("RecordType", "1|[Ee]xchangeAdmin"),),
    "directory": (_named("RecordType", "8|15|[Aa]zureActiveDirectory|[Aa]zureActiveDirectoryStsLogon"),),
    "use": (_named("perations?", "MailItemsAccessed|SendAs|SendOnBehalf"),),
    "folders": (
        _named("perations?", "(?:Add|Modify|Remove)FolderPermissions|(?:Add|Set|Remove)-MailboxFolderPermission"),
    ),
    "admin console": (_named("applicationName", "admin"),),
    "tokens": (_named("applicationName", "token"),),
}


class Gap(NamedTuple):
    """A sentence to say when the sign `has` was seen and the sign `lacks` was not ("" for none)."""

    has: str
    lacks: str
    text: str


GAPS: Tuple[Gap, ...] = (
    Gap(
        "office365",
        "use",
        "whether a delegation was used: no MailItemsAccessed, SendAs or SendOnBehalf record is here (mailbox "
        "audit, record types 2, 3 and 50)",
    ),
    Gap(
        "office365",
        "directory",
        "who is behind a GUID: no Entra record (record types 8 and 15) is here, so people named by GUID stay "
        "unresolved unless --directory names them",
    ),
    Gap(
        "office365",
        "folders",
        "folders opened to other people or to everyone: no folder-permission record is here",
    ),
    Gap(
        "admin cmdlets",
        "",
        "what stood before: an ExchangeAdmin record tells what was asked for, not the earlier permission",
    ),
    Gap(
        "office365",
        "inventory",
        "grants older than the records: an audit log holds changes, not what stands; add the output of "
        "Get-MailboxPermission, Get-RecipientPermission and Get-MailboxFolderPermission as CSV",
    ),
    Gap(
        "workspace",
        "delegates",
        "Gmail delegates: adding one leaves no audit event at all; add the output of GAM's `print delegates`",
    ),
    Gap(
        "workspace",
        "admin console",
        "the delegation switch and domain-wide delegation: no event of the application admin is here",
    ),
    Gap(
        "workspace",
        "tokens",
        "delegates made through the API: no event of the application token is here",
    ),
    Gap("inventory", "", "who made a standing grant, and when: a permission list does not say"),
)


class Signs:
    """Collects the signs over all records."""

    def __init__(self) -> None:
        self.seen: Set[str] = set()
        self._open = dict(SIGNS)

    def look(self, raw: str) -> None:
        """Take in the text of one record."""
        found = [name for name, sign in self._open.items() if any(each.search(raw) for each in sign)]
        self.seen.update(found)
        for name in found:
            del self._open[name]


def gaps(seen: Set[str]) -> List[str]:
    """What cannot be shown, given the signs that were seen."""
    return [gap.text for gap in GAPS if gap.has in seen and gap.lacks not in seen]
