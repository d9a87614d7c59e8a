"""Windows events of an Exchange server and its directory, as XML (`renderXml`).

| what | backed by |
|---|---|
| MSExchange Management 1: the order of its values | one published event and the sample of a public parser |
| Security 5136 | the vendor's reference of the event |
| everything in them | synthetic |
"""

from __future__ import annotations

from typing import Dict, List, Tuple, Union
from xml.sax.saxutils import escape, quoteattr

from workbench.tenants.ledger import Ledger
from workbench.tenants.records import WINDOWS, Record, utc

EXCHANGE_LOG = "MSExchange Management"
SYSTEM = ("NT AUTHORITY\\SYSTEM", "S-1-5-18")
_SERVER = "ex01.harbourfinch.example"
_DC = "dc01.harbourfinch.example"


def cmdlet(
    ledger: Ledger, time: float, who: Tuple[str, str], name: str, parameters: Dict[str, str], process: str = "w3wp"
) -> Record:
    """A cmdlet that ran on the server: event 1. `who` is name and SID; `process` is what ran it."""
    text = " ".join(f'-{key} "{value}"' for key, value in parameters.items())
    host = "Remote-ManagementShell-Unknown" if process == "w3wp" else "ManagementShell-Unknown"
    user, sid = who
    values = [name, text, user, sid, sid, host, f"{ledger.draw.randrange(1000, 9999)} {process}", "", "38",
              "00:00:00.29", "View Entire Forest: 'True'"]  # fmt: skip
    return _event(ledger, time, EXCHANGE_LOG, 1, values, name, _SERVER)


def attribute(
    ledger: Ledger, time: float, who: Tuple[str, str], owner: Tuple[str, str], name: str, value: str
) -> Record:
    """A value added to an attribute of a directory object: event 5136. `owner`: its distinguished name and GUID."""
    account, sid = who
    domain, _, login = account.rpartition("\\")
    data = {
        "OpCorrelationID": "{" + ledger.guid() + "}",
        "SubjectUserSid": sid,
        "SubjectUserName": login,
        "SubjectDomainName": domain,
        "SubjectLogonId": hex(ledger.draw.getrandbits(32)),
        "DSName": "harbourfinch.example",
        "ObjectDN": owner[0],
        "ObjectGUID": "{" + owner[1] + "}",
        "ObjectClass": "user",
        "AttributeLDAPDisplayName": name,
        "AttributeValue": value,
        "OperationType": "%%14674",
    }
    return _event(ledger, time, "Security", 5136, data, "5136 " + name, _DC)


def _event(
    ledger: Ledger,
    time: float,
    channel: str,
    number: int,
    data: Union[List[str], Dict[str, str]],
    operation: str,
    computer: str,
) -> Record:
    named = list(data.items()) if isinstance(data, dict) else [("", value) for value in data]
    values = "".join(
        f"<Data{' Name=' + quoteattr(name) if name else ''}>{escape(value)}</Data>" for name, value in named
    )
    record = str(ledger.draw.randrange(10**6, 10**8))
    xml = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='{channel if channel == EXCHANGE_LOG else 'Microsoft-Windows-Security-Auditing'}'/>"
        f"<EventID>{number}</EventID><Level>4</Level><TimeCreated SystemTime='{utc(time)}.000000000Z'/>"
        f"<EventRecordID>{record}</EventRecordID><Channel>{channel}</Channel><Computer>{computer}</Computer>"
        f"<Security/></System><EventData>{values}</EventData></Event>"
    )
    body = {"Id": f"{computer}/{channel}/{record}", "Operation": operation, "xml": xml}
    return ledger.add(time, WINDOWS + channel, body)
