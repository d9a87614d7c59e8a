"""Exchange Server: its log of cmdlets, PowerShell's logs, and changes of the directory (synthetic events)."""

import xml.etree.ElementTree as ElementTree
from time import process_time

import pytest
from delegation_watch.grants import FIELDS

from tests.bin.grants.records import rows, shown
from tests.bin.grants.windows_records import (
    ADMIN,
    ADMIN_SID,
    ALEX_DN,
    EVERY_EVENT,
    EXCHANGE,
    FINANCE_DN,
    GRANT,
    POWERSHELL,
    changed,
    changed_classic,
    classic,
    cmdlet_ran,
    cmdlet_ran_classic,
    group_member,
    piped,
    script,
    xml,
)


def one(event, **options):
    """The only row of an event that is read without fault."""
    (row,) = rows(event, **options)
    assert not row["parse_error"], row["parse_error"]
    return row


@pytest.mark.parametrize("event", EVERY_EVENT.values(), ids=EVERY_EVENT)
def test_every_event_is_a_row_of_exchange_server(event):
    row = one(event, time=1.0)
    assert set(row) == set(FIELDS)
    assert row["provider"] == "exchange_server"
    assert row["record_id"]
    assert row["row_id"]


def test_a_cmdlet_tells_who_ran_it_with_what_and_when():
    row = one(cmdlet_ran("Add-MailboxPermission", GRANT))
    assert shown(row, "_time", "actor", "actor_id") == (1772442930.231, ADMIN, ADMIN_SID)
    assert shown(row, "mailbox", "grantee", "right", "access") == (
        "corp.example.com/Mail/Finance", "CORP\\alex", "full_access", "own",
    )  # fmt: skip
    assert row["client_app"] == "Remote-ManagementShell-Unknown"


def test_classic_text_grants_the_same_and_takes_its_time_from_splunk():
    text, xml_row = cmdlet_ran_classic("Add-MailboxPermission", GRANT), one(EVERY_EVENT["cmdlet"])
    row = one(text, time=99.0)
    same = ("mailbox", "grantee", "right", "access", "grant_action", "operation")
    assert shown(row, *same) == shown(xml_row, *same)
    assert row["_time"] == 99.0


def test_a_cmdlet_that_failed_gave_nothing():
    assert one(cmdlet_ran("Add-MailboxPermission", GRANT, number=6))["status"] == "failure"
    assert one(cmdlet_ran_classic("Add-MailboxPermission", GRANT, 6, "failed"))["status"] == "failure"


@pytest.mark.parametrize("said", ["succeeded", "suceeded", "erfolgreich ausgeführt"])
def test_the_message_is_read_in_any_wording(said):
    assert one(cmdlet_ran_classic("Add-MailboxPermission", GRANT, said=said))["right"] == "full_access"


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "expected"),
    [
        ("Add-MailboxPermission", "{Identity=Finance, User=alex, AccessRights=FullAccess}", [("full_access", "alex")]),
        ("Add-MailboxPermission", "{Identity=Finance, User=alex, AccessRights={FullAccess, ReadPermission}}",
         [("full_access", "alex"), ("read_permission", "alex")]),
        ("Set-Mailbox", '-Identity "Finance" -GrantSendOnBehalfTo "CORP\\alex","bob@example.com"',
         [("send_on_behalf", "CORP\\alex"), ("send_on_behalf", "bob@example.com")]),
        ("Set-Mailbox", '-Identity "Finance" -GrantSendOnBehalfTo @{Add="alex"}', [("send_on_behalf", "alex")]),
        ("Set-Mailbox", '-Identity "Finance" -GrantSendOnBehalfTo $null', [("send_on_behalf", None)]),
        ("Set-Mailbox", '-Identity "Finance" -Office "Room 1"', []),
        ("Get-Mailbox", '-Identity "Finance"', []),
        ("Add-ADPermission", '-Identity "Finance" -User "alex" -ExtendedRights ("Send-As","Receive-As")',
         [("send_as", "alex"), ("full_access", "alex")]),
        ("Add-ADPermission", '-Identity "Finance" -User "alex" -AccessRights ("GenericAll")',
         [("full_access", "alex")]),
        ("Add-ADPermission", '-Identity "Finance" -User "alex" -AccessRights ("ReadProperty")', []),
        ("Add-ADPermission", '-Identity "Finance" -User "alex" -AccessRights ("ExtendedRight")',
         [("full_access", "alex")]),
        ("New-ManagementRoleAssignment", '-Role "ApplicationImpersonation" -User "alex"', [("impersonation", "alex")]),
    ],
)  # fmt: skip
def test_parameters_are_read_in_the_forms_of_both_generations(cmdlet, parameters, expected):
    found = rows(cmdlet_ran(cmdlet, parameters))
    assert [shown(row, "right", "grantee") for row in found] == expected
    assert not any(row["parse_error"] for row in found)


def test_a_removed_extended_right_is_taken_back_and_a_denied_one_denied():
    given = '-Identity "Finance" -User "alex" -ExtendedRights "Send As"'
    assert one(cmdlet_ran("Remove-ADPermission", given))["grant_action"] == "revoke"
    assert one(cmdlet_ran("Add-ADPermission", given + " -Deny:$true"))["deny"] == "true"


def test_a_pipeline_tells_the_values_that_ran():
    given = {"Identity": "finance@example.com", "User": "alex@example.com", "AccessRights": "FullAccess"}
    row = one(piped("Add-MailboxPermission", given))
    assert shown(row, "mailbox", "grantee", "actor", "actor_id") == (
        "finance@example.com", "alex@example.com", "CORP\\admin", ADMIN_SID,
    )  # fmt: skip
    assert row["client_app"] == "PowerShell (ConsoleHost)"


SCRIPTS = {
    "positional": ("Add-MailboxPermission finance -User alex -AccessRights FullAccess", [("finance", "alex")]),
    "address": ("Add-MailboxPermission fin@example.com -User a@example.com -Acc FullAccess",
                [("fin@example.com", "a@example.com")]),
    "several lines": ("Add-MailboxPermission -Identity finance `\n  -User alex `\n  -AccessRights FullAccess\nGet-Date",
                      [("finance", "alex")]),
    "two commands": ("Add-MailboxPermission a -User x -AccessRights FullAccess; Add-MailboxPermission b -User x "
                     "-AccessRights FullAccess", [("a", "x"), ("b", "x")]),
    "in a block": ("try { Add-MailboxPermission a -User x -AccessRights FullAccess } catch { }", [("a", "x")]),
    "quotes": ("Add-MailboxPermission -Identity 'Finance Dept' -User \"Alex Doe\" -AccessRights 'FullAccess'",
               [("Finance Dept", "Alex Doe")]),
    "comment": ("# Add-MailboxPermission a -User x\n<# Add-MailboxPermission b -User x #>", []),
    "help": ("Get-Help Add-MailboxPermission -Full", []),
    "definition": ("function Add-MailboxPermission { param($Identity) }", []),
    "name only": ("Get-Command Add-MailboxPermission", []),
    "text": ("Write-Host 'Use Add-MailboxPermission -User x'", []),
    "other case": ("add-mailboxpermission finance -user alex -accessrights fullaccess", [("finance", "alex")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_is_read_by_its_calls(text, expected):
    found = rows(script(text))
    assert [shown(row, "mailbox", "grantee") for row in found] == expected
    assert not any(row["parse_error"] for row in found)


def test_a_variable_of_a_script_stays_as_it_is_written():
    row = one(script("Add-MailboxPermission $box -User $who -AccessRights FullAccess"))
    assert shown(row, "mailbox", "grantee", "grantee_kind") == ("$box", "$who", "unknown")


def test_a_mailbox_that_comes_down_a_pipeline_is_told_as_missing():
    (row,) = rows(script("Get-Mailbox finance | Add-MailboxPermission -User alex -AccessRights FullAccess"))
    assert "Identity" in row["parse_error"]


def test_a_classic_script_block_is_read():
    message = "Creating Scriptblock text (1 of 1):\nAdd-MailboxPermission a -User x -AccessRights FullAccess\n\n"
    event = classic("Microsoft-Windows-PowerShell/Operational", 4104, message + "ScriptBlock ID: 4f1c\nPath: ",
                    Sid=ADMIN_SID)  # fmt: skip
    assert shown(one(event, time=1.0), "mailbox", "grantee", "actor") == ("a", "x", ADMIN_SID)


@pytest.mark.parametrize("event", [changed(), changed_classic()], ids=["XML", "classic"])
def test_a_delegate_written_into_the_directory_is_a_grant(event):
    row = one(event, time=1.0)
    assert shown(row, "right", "grant_action", "mailbox", "grantee") == (
        "send_on_behalf", "grant", FINANCE_DN, ALEX_DN,
    )  # fmt: skip
    assert shown(row, "actor", "actor_id") == ("CORP\\admin", ADMIN_SID)
    assert row["mailbox_id"].lower() == "288fc35b-236b-4b73-868a-11f9d367bb13"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (changed(operation="%%14675"), ("send_on_behalf", "revoke", "send")),
        (changed_classic(operation="Value Deleted"), ("send_on_behalf", "revoke", "send")),
        (changed("msExchDelegateListLink"), ("full_access", "grant", "own")),
        (changed("altRecipient"), ("forwarding", "setting", "read")),
        (changed("altRecipient", operation="%%14675"), ("forwarding", "setting", "none")),
    ],
)
def test_other_changes_of_the_directory(event, expected):
    assert shown(one(event, time=1.0), "right", "grant_action", "access") == expected


def test_a_change_that_is_no_delegation_gives_no_row():
    assert rows(changed("description")) == []


@pytest.mark.parametrize(("number", "action"), [(4728, "grant"), (4756, "grant"), (4757, "revoke"), (4762, "revoke")])
def test_members_of_directory_groups_are_told(number, action):
    row = one(group_member(number))
    assert shown(row, "right", "grant_action", "mailbox", "grantee") == (
        "group_member",
        action,
        "CORP\\Finance team",
        ALEX_DN,
    )


def test_a_member_without_a_name_is_told_by_its_sid():
    assert one(group_member(member="-"))["grantee"].startswith("S-1-5-21-")


@pytest.mark.parametrize(
    "event",
    [
        cmdlet_ran("Add-MailboxPermission", GRANT)[:300],
        "<Event><System></System>",
        "<html></html>",
        '<!DOCTYPE x [<!ENTITY a "b">]><Event/>',
        "<Event/>",
    ],
)
def test_an_event_that_cannot_be_read_is_kept_and_told(event):
    (row,) = rows(event, time=1.0)
    assert row["parse_error"]
    assert row["_time"] == 1.0


def test_an_event_that_grants_nothing_gives_a_row_only_when_all_are_kept():
    event = xml(EXCHANGE, 1, ["Get-Mailbox", '-Identity "x"'])
    assert rows(event) == []
    (row,) = rows(event, keep=True)
    assert row["right"] is None


def test_the_same_event_read_twice_is_one_row_and_another_is_another():
    first, again = one(EVERY_EVENT["cmdlet"]), one(EVERY_EVENT["cmdlet"])
    other = one(cmdlet_ran("Add-MailboxPermission", GRANT, record=736))
    assert first["row_id"] == again["row_id"] != other["row_id"]


@pytest.mark.parametrize("cut", range(0, 1400, 37))
@pytest.mark.parametrize("event", [EVERY_EVENT["cmdlet, classic"], EVERY_EVENT["5136, classic"]])
def test_text_that_breaks_off_anywhere_never_raises(event, cut):
    assert rows(event[:cut], keep=True)


@pytest.mark.parametrize(
    "part", ["-Identity ", "@{", '"', "'", "a,", "-User (", "Add-MailboxPermission x -User y\n", "`"]
)
def test_a_long_script_costs_no_more_than_its_length(part):
    event = script("Add-MailboxPermission " + part * (100_000 // len(part)))
    before = process_time()
    assert rows(event, keep=True)
    assert process_time() - before < 2.0


ALEX_SID = "S-1-5-21-1148582062-3132321681-773847816-1104"
SEND_AS, RECEIVE_AS = "ab721a54-1e2f-11d0-9819-00aa0040529b", "ab721a56-1e2f-11d0-9819-00aa0040529b"
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"


@pytest.mark.parametrize(
    ("attribute", "aces", "rights"),
    [
        ("msExchMailboxSecurityDescriptor", f"(A;CI;CCRC;;;PS)(A;CI;CC;;;{ALEX_SID})", ["full_access"]),
        ("msExchMailboxSecurityDescriptor", f"(A;CI;CCDCWD;;;{ALEX_SID})",
         ["full_access", "send_as", "change_permission"]),
        ("msExchMailboxSecurityDescriptor", f"(A;CI;0x1;;;{ALEX_SID})", ["full_access"]),
        ("msExchMailboxSecurityDescriptor", f"(A;CI;RC;;;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(OA;;CR;{SEND_AS};;{ALEX_SID})", ["send_as"]),
        ("nTSecurityDescriptor", f"(OA;;CR;{RECEIVE_AS};;{ALEX_SID})", ["full_access"]),
        ("nTSecurityDescriptor", f"(A;;CR;;;{ALEX_SID})", ["full_access"]),
        ("nTSecurityDescriptor", f"(A;;GA;;;{ALEX_SID})", ["full_access"]),
        ("nTSecurityDescriptor", f"(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;{ALEX_SID})",
         ["full_access", "change_permission", "change_owner"]),
        ("nTSecurityDescriptor", f"(OA;;CR;{RESET_PASSWORD};;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(A;;RPWP;;;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(OA;ID;CR;{SEND_AS};;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(OA;CIIO;CR;{SEND_AS};;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(OD;;CR;{SEND_AS};;{ALEX_SID})", []),
        ("nTSecurityDescriptor", f"(OA;;CR;{SEND_AS};;PS)(A;;GA;;;DA)(A;;GA;;;S-1-5-21-1-2-3-512)", []),
    ],
)  # fmt: skip
def test_a_security_descriptor_tells_who_gets_in_by_entries_of_this_mailbox(attribute, aces, rights):
    found = rows(changed(attribute, f"O:DAG:DAD:PAI{aces}S:AI(AU;CIIDSA;WP;;;WD)"), time=1.0)
    assert [row["right"] for row in found] == rights
    assert {shown(row, "grantee", "grant_action", "mailbox") for row in found} <= {(ALEX_SID, "change", FINANCE_DN)}


def test_a_descriptor_that_lets_everybody_in_says_so():
    row = one(changed("nTSecurityDescriptor", f"O:DAG:DAD:(OA;;CR;{SEND_AS};;AU)"), time=1.0)
    assert row["grantee_kind"] == "everyone"


def test_the_descriptor_that_was_before_gives_no_row():
    old = f"O:DAG:DAD:(OA;;CR;{SEND_AS};;{ALEX_SID})"
    assert rows(changed("nTSecurityDescriptor", old, operation="%%14675"), time=1.0) == []


@pytest.mark.parametrize("sddl", ["", "-", "D:", "D:(", "D:(A)", "D:(A;;0xzz;;;S-1-5-21-1-2-3-1104)", "nonsense"])
def test_what_is_no_descriptor_gives_no_row(sddl):
    assert rows(changed("nTSecurityDescriptor", sddl), time=1.0) == []


def dumped(event):
    """The same event as evtx_dump writes it: attributes under `#attributes`, values without a name as a list."""
    root = ElementTree.fromstring(event.replace("xmlns=", "x="))
    system = {node.tag: node.text for node in root.find("System")}
    system["TimeCreated"] = {"#attributes": dict(root.find("System/TimeCreated").attrib)}
    system["Security"] = {"#attributes": dict(root.find("System/Security").attrib)}
    system["EventID"] = {"#attributes": {"Qualifiers": 16384}, "#text": int(system["EventID"])}
    values = root.findall("EventData/Data")
    named = {node.get("Name"): node.text for node in values if node.get("Name")}
    data = named or {"Data": {"#text": [node.text or "" for node in values]}}
    return {"Event": {"System": system, "EventData": data}}


def shipped(event):
    """The same event as Winlogbeat writes it."""
    system, data = dumped(event)["Event"]["System"], dumped(event)["Event"]["EventData"]
    unnamed = data["Data"]["#text"] if "Data" in data else ()
    return {
        "@timestamp": system["TimeCreated"]["#attributes"]["SystemTime"],
        "winlog": {
            "channel": system["Channel"], "event_id": str(system["EventID"]["#text"]),
            "computer_name": system["Computer"], "record_id": int(system["EventRecordID"]),
            "user": {"identifier": system["Security"]["#attributes"].get("UserID")},
            "event_data": {f"param{at}": text for at, text in enumerate(unnamed, 1)} or data,
        },
    }  # fmt: skip


def flat(event):
    """The same event as NXLog writes it: one object."""
    system, data = dumped(event)["Event"]["System"], dumped(event)["Event"]["EventData"]
    unnamed = data.pop("Data", {}).get("#text", ())
    said = f"Cmdlet succeeded. Cmdlet {unnamed[0]}, parameters {unnamed[1]}." if unnamed else ""
    return {
        "EventTime": system["TimeCreated"]["#attributes"]["SystemTime"], "Channel": system["Channel"],
        "EventID": system["EventID"]["#text"], "Hostname": system["Computer"],
        "RecordNumber": system["EventRecordID"], "UserID": system["Security"]["#attributes"].get("UserID"),
        "Message": said, **data,
    }  # fmt: skip


AS_XML = {name: event for name, event in EVERY_EVENT.items() if event.startswith("<")}


@pytest.mark.parametrize("shape", [dumped, shipped, flat])
@pytest.mark.parametrize("event", AS_XML.values(), ids=AS_XML)
def test_an_event_as_json_gives_the_row_that_it_gives_as_xml(shape, event):
    ours, theirs = one(shape(event), time=1.0), one(event)
    told = ["right", "grant_action", "mailbox", "grantee", "access", "_time", "operation", "row_id"]
    if not (shape is flat and theirs["operation"] == "Add-MailboxPermission"):
        told += ["actor", "actor_id"]  # a message alone does not say who ran the cmdlet
    assert shown(ours, *told) == shown(theirs, *told)


HARDLY = [{"Event": {}}, {"winlog": {}}, {"Channel": "", "EventID": None}, {"Event": {"System": []}}]


@pytest.mark.parametrize("record", HARDLY)
def test_json_that_is_hardly_an_event_raises_nothing(record):
    assert rows(record, time=1.0) == []


def test_a_script_that_is_cut_at_a_call_names_its_block_and_part():
    data = {"MessageNumber": "1", "MessageTotal": "3", "ScriptBlockId": "4f1c", "Path": "",
            "ScriptBlockText": "Get-Mailbox\nAdd-MailboxPermission -Identity finance -Us"}  # fmt: skip
    (row,) = rows(xml(POWERSHELL, 4104, data), time=1.0)
    assert "part 1 of 3 of script block 4f1c" in row["parse_error"]
