"""Builders of Windows events as Splunk's add-on brings them, XML and classic; all synthetic, written from documents.

The order of the values of MSExchange Management is that of one published event and of a public parser's sample.
"""

from xml.sax.saxutils import escape, quoteattr

ADMIN_SID = "S-1-5-21-1148582062-3132321681-773847816-500"
ADMIN = "corp.example.com/Users/Administrator"
EX01 = "ex01.corp.example.com"
TIME = "2026-03-02T09:15:30.231000000Z"
EXCHANGE = "MSExchange Management"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"


def xml(channel, number, data, computer=EX01, record=None, sid=None, time=TIME):
    """An event as `renderXml` writes it; `data`: a list of values without names, or a dict of named ones."""
    named = data.items() if isinstance(data, dict) else [(None, value) for value in data]
    values = "".join(
        f"<Data{' Name=' + quoteattr(name) if name else ''}>{escape(value)}</Data>" for name, value in named
    )
    qualifiers = " Qualifiers='16384'" if channel == EXCHANGE else ""  # providers of the older kind write them
    security = f"<Security UserID='{sid}'/>" if sid else "<Security/>"
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='x'/>"
        f"<EventID{qualifiers}>{number}</EventID><Level>4</Level><TimeCreated SystemTime='{time}'/>"
        f"<EventRecordID>{record or number}</EventRecordID><Channel>{channel}</Channel><Computer>{computer}</Computer>"
        f"{security}</System><EventData>{values}</EventData></Event>"
    )


def classic(channel, number, message, computer=EX01, record=735, **head):
    """An event as text, with the time as the machine writes it."""
    lines = ["03/02/2026 10:15:30 AM", f"LogName={channel}", f"EventCode={number}", "EventType=4"]
    lines += [f"ComputerName={computer}", *(f"{name}={value}" for name, value in head.items())]
    return "\n".join([*lines, f"RecordNumber={record}", "Keywords=Classic", f"Message={message}"])


def cmdlet_ran(cmdlet, parameters, number=1, **fields):
    """Exchange's log of a cmdlet, as XML."""
    values = [cmdlet, parameters, ADMIN, ADMIN_SID, ADMIN_SID, "Remote-ManagementShell-Unknown", "5824 w3wp", "", "38",
              "00:00:00.29", "View Entire Forest: 'True'"]  # fmt: skip
    return xml(EXCHANGE, number, values, **fields)


def cmdlet_ran_classic(cmdlet, parameters, number=1, said="succeeded"):
    """The same as classic text."""
    return classic(EXCHANGE, number, f"Cmdlet {said}. Cmdlet {cmdlet}, parameters {parameters}.")


def piped(cmdlet, values, user="CORP\\admin"):
    """4103: a cmdlet with the values of its parameters."""
    bound = "".join(f'\r\nParameterBinding({cmdlet}): name="{name}"; value="{value}"' for name, value in values.items())
    context = f"        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        User = {user}\r\n"
    payload = f'CommandInvocation({cmdlet}): "{cmdlet}"{bound}\r\n'
    return xml(POWERSHELL, 4103, {"ContextInfo": context, "UserData": "", "Payload": payload}, sid=ADMIN_SID)


def script(text):
    """4104: the text of a script block."""
    data = {"MessageNumber": "1", "MessageTotal": "1", "ScriptBlockText": text, "ScriptBlockId": "4f1c", "Path": ""}
    return xml(POWERSHELL, 4104, data, sid=ADMIN_SID)


FINANCE_DN = "CN=Finance,OU=Mail,DC=corp,DC=example,DC=com"
ALEX_DN = "CN=Alex Doe,OU=People,DC=corp,DC=example,DC=com"


def changed(attribute="publicDelegates", value=ALEX_DN, operation="%%14674"):
    """5136: a value of an attribute of a directory object, added or deleted."""
    data = {
        "OpCorrelationID": "{9B1C4A3E-0000-4000-8000-000000000001}", "SubjectUserSid": ADMIN_SID,
        "SubjectUserName": "admin", "SubjectDomainName": "CORP", "SubjectLogonId": "0x3e7",
        "DSName": "corp.example.com", "ObjectDN": FINANCE_DN, "ObjectGUID": "{288FC35B-236B-4B73-868A-11F9D367BB13}",
        "ObjectClass": "user", "AttributeLDAPDisplayName": attribute, "AttributeValue": value,
        "OperationType": operation,
    }  # fmt: skip
    return xml("Security", 5136, data, computer="dc01.corp.example.com")


def changed_classic(attribute="publicDelegates", value=ALEX_DN, operation="Value Added"):
    """The same as classic text, in English."""
    message = (
        "A directory service object was modified.\n\nSubject:\n"
        f"\tSecurity ID:\t\t{ADMIN_SID}\n\tAccount Name:\t\tadmin\n\tAccount Domain:\t\tCORP\n\n"
        "Directory Service:\n\tName:\tcorp.example.com\n\n"
        f"Object:\n\tDN:\t{FINANCE_DN}\n\tGUID:\t{{288fc35b-236b-4b73-868a-11f9d367bb13}}\n\tClass:\tuser\n\n"
        f"Attribute:\n\tLDAP Display Name:\t{attribute}\n\tValue:\t{value}\n\nOperation:\n\tType:\t{operation}"
    )
    return classic("Security", 5136, message, computer="dc01.corp.example.com")


def group_member(number=4756, member=ALEX_DN):
    """A member added to a group of the directory (4728, 4732, 4756 …), or removed from it."""
    data = {
        "MemberName": member, "MemberSid": "S-1-5-21-1148582062-3132321681-773847816-1104",
        "TargetUserName": "Finance team", "TargetDomainName": "CORP",
        "TargetSid": "S-1-5-21-1148582062-3132321681-773847816-1120", "SubjectUserSid": ADMIN_SID,
        "SubjectUserName": "admin", "SubjectDomainName": "CORP",
    }  # fmt: skip
    return xml("Security", number, data, computer="dc01.corp.example.com")


GRANT = '-Identity "corp.example.com/Mail/Finance" -User "CORP\\alex" -AccessRights ("FullAccess")'

EVERY_EVENT = {
    "cmdlet": cmdlet_ran("Add-MailboxPermission", GRANT),
    "cmdlet, classic": cmdlet_ran_classic("Add-MailboxPermission", GRANT),
    "4103": piped("Add-MailboxPermission", {"Identity": "finance", "User": "alex", "AccessRights": "FullAccess"}),
    "4104": script("Add-MailboxPermission finance -User alex -AccessRights FullAccess"),
    "5136": changed(),
    "5136, classic": changed_classic(),
    "group": group_member(),
}
