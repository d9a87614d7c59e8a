"""Calendars shown to others, resets, and audit that is switched off."""

import pytest

from tests.bin.grants.records import ALEX, FINANCE, HELPDESK, audited, cmdlet, folder_audit, one, rows, shown

CALENDAR = f"{FINANCE}:\\Kalender"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"PublishEnabled": "True"}, ("grant", "availability")),
        ({"PublishEnabled": "True", "DetailLevel": "FullDetails"}, ("grant", "read")),
        ({"PublishEnabled": "True", "DetailLevel": "LimitedDetails"}, ("grant", "availability")),
        ({"DetailLevel": "FullDetails"}, ("change", "read")),
        ({"PublishEnabled": "False"}, ("revoke", "availability")),
    ],
)
def test_a_published_calendar_is_open_to_anyone(parameters, expected):
    row = one(cmdlet("Set-MailboxCalendarFolder", {"Identity": CALENDAR, **parameters}))
    assert shown(row, "grant_action", "access") == expected
    assert shown(row, "grantee_kind", "folder_kind", "mailbox") == ("anonymous", "calendar", FINANCE)


def test_other_settings_of_a_calendar_grant_nothing():
    assert rows(cmdlet("Set-MailboxCalendarFolder", {"Identity": CALENDAR, "PublishDateRangeFrom": "OneYear"})) == []


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        ("*:CalendarSharingFreeBusySimple", [("*", "external", "availability")]),
        ("Anonymous:CalendarSharingFreeBusyReviewer", [("Anonymous", "anonymous", "read")]),
        ("example.net:CalendarSharingFreeBusySimple,ContactsSharing", [("example.net", "external", "read")]),
        (
            "a.example:CalendarSharingFreeBusySimple, b.example:CalendarSharingFreeBusyReviewer, ContactsSharing",
            [("a.example", "external", "availability"), ("b.example", "external", "read")],
        ),
    ],
)
def test_a_sharing_policy_is_a_row_for_each_domain(domains, expected):
    found = rows(cmdlet("Set-SharingPolicy", {"Identity": "Default", "Domains": domains}))
    assert [shown(row, "grantee", "grantee_kind", "access") for row in found] == expected
    assert {(row["right"], row["mailbox"]) for row in found} == {("sharing_policy", "*")}


def test_free_and_busy_times_for_another_organisation_are_sharing():
    given = {"DomainNames": "example.net", "FreeBusyAccessEnabled": "True", "FreeBusyAccessLevel": "LimitedDetails"}
    row = one(cmdlet("New-OrganizationRelationship", given))
    assert shown(row, "right", "grantee", "access") == ("sharing_policy", "example.net", "availability")


@pytest.mark.parametrize(
    ("value", "expected"), [(f"{ALEX},{HELPDESK}", [(ALEX, "write"), (HELPDESK, "write")]), ("$null", [(None, "none")])]
)
def test_who_books_a_room_stands_in_place_of_those_before(value, expected):
    found = rows(cmdlet("Set-CalendarProcessing", {"Identity": "room", "ResourceDelegates": value}))
    assert [shown(row, "grantee", "access") for row in found] == expected
    assert {row["grant_action"] for row in found} == {"replace"}


def test_a_reset_of_a_mailbox_takes_the_right_from_everyone():
    row = one(cmdlet("Remove-MailboxPermission", {"Identity": FINANCE, "ResetDefault": "True"}))
    assert shown(row, "grant_action", "right", "access", "grantee") == ("replace", "full_access", "none", None)


def test_automapping_that_is_cleared_takes_no_right():
    assert rows(cmdlet("Remove-MailboxPermission", {"Identity": FINANCE, "ClearAutoMapping": "True"})) == []


def test_a_reset_of_the_calendars_delegates_takes_them_all():
    given = {"Identity": CALENDAR, "ResetDelegateUserCollection": "True"}
    row = one(cmdlet("Remove-MailboxFolderPermission", given))
    assert shown(row, "grant_action", "right", "access", "folder_kind") == ("replace", "folder", "none", "calendar")


def test_a_calendar_delegate_is_told_although_the_record_may_not_name_him():
    row = one(audited("UpdateCalendarDelegation", actor=FINANCE, logon_type=0))
    assert shown(row, "right", "folder_kind", "access", "sharing_flags", "grantee") == (
        "folder", "calendar", "write", "Delegate", None,
    )  # fmt: skip


def test_outlooks_delegate_wizard_is_one_actor_one_delegate_one_mailbox():
    """The four records of the wizard agree in what case_key is made of: actor, delegate, mailbox and day."""
    editor = "ReadAny, Create, EditOwned, DeleteOwned, EditAny, DeleteAny, Visible"
    inbox = folder_audit(rights=editor, member=ALEX, sid="S-1-5-21-1-2-3-4", operation="AddFolderPermissions")
    calendar = folder_audit(
        rights=editor, member=ALEX, sid="S-1-5-21-1-2-3-4", path="\\Calendar", operation="AddFolderPermissions"
    )
    delegation = audited("UpdateCalendarDelegation", actor=FINANCE, logon_type=0, Item=calendar["Item"])
    behalf = cmdlet("Set-Mailbox", {"Identity": FINANCE, "GrantSendOnBehalfTo": ALEX}, UserId=FINANCE)
    acts = [one(record) for record in (inbox, calendar, delegation, behalf)]
    assert len({shown(row, "actor", "grantee", "mailbox") for row in acts}) == 1


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("Set-Mailbox", {"AuditEnabled": "False"}, [("AuditEnabled=False", "own")]),
        ("Set-Mailbox", {"AuditEnabled": "True"}, []),
        ("Set-Mailbox", {"AuditDelegate": "None"}, [("AuditDelegate=None", "own")]),
        ("Set-Mailbox", {"AuditDelegate": "SendAs,SendOnBehalf"}, []),
        ("Set-Mailbox", {"AuditLogAgeLimit": "1.00:00:00"}, [("AuditLogAgeLimit=1.00:00:00", "own")]),
        ("Set-Mailbox", {"AuditLogAgeLimit": "180.00:00:00"}, [("AuditLogAgeLimit=180.00:00:00", "none")]),
        ("Set-OrganizationConfig", {"AuditDisabled": "True"}, [("AuditDisabled=True", "own")]),
        ("Set-OrganizationConfig", {"EwsEnabled": "True"}, []),
        (
            "Set-AdminAuditLogConfig",
            {"UnifiedAuditLogIngestionEnabled": "False"},
            [("UnifiedAuditLogIngestionEnabled=False", "own")],
        ),
        ("Set-AdminAuditLogConfig", {"AdminAuditLogEnabled": "True"}, [("AdminAuditLogEnabled=True", "none")]),
    ],
)
def test_audit_that_is_switched_off_is_told(operation, parameters, expected):
    found = rows(cmdlet(operation, {"Identity": FINANCE, **parameters}))
    assert [shown(row, "right_native", "access") for row in found] == expected
    assert {row["right"] for row in found} <= {"audit_bypass"}


@pytest.mark.parametrize("cleared", ["", "$null"])
def test_a_linked_account_that_is_cleared_is_taken_back(cleared):
    row = one(cmdlet("Set-User", {"Identity": FINANCE, "LinkedMasterAccount": cleared}))
    assert shown(row, "right", "grant_action") == ("external_account", "revoke")


def test_an_account_of_another_forest_owns_the_mailbox():
    row = one(cmdlet("Set-Mailbox", {"Identity": FINANCE, "LinkedMasterAccount": "OTHER\\eve"}))
    assert shown(row, "right", "access", "grantee") == ("external_account", "own", "OTHER\\eve")
