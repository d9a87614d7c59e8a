"""A right being used: mail read, sent and filed by delegates (synthetic records, by the schema's fields)."""

import pytest

from tests.bin.grants.records import ALEX, FINANCE, HELPDESK, accessed, audited, cmdlet, one, rows, shown
from tests.bin.grants.windows_records import ADMIN, cmdlet_ran


def test_mail_that_a_delegate_reads_is_a_use_of_his_right():
    row = one(accessed())
    assert shown(row, "grant_action", "grantee", "mailbox", "right", "access") == (
        "use",
        ALEX,
        FINANCE,
        "folder",
        "read",
    )
    assert shown(row, "folder", "folder_kind", "right_native") == ("\\Inbox", "inbox", "MailItemsAccessed Bind")
    assert row["relation"] is None


def test_each_folder_that_was_read_is_a_row():
    found = rows(accessed(kind="Sync", paths=("\\Inbox", "\\Gesendete Elemente", "\\Inbox")))
    assert [row["folder_kind"] for row in found] == ["inbox", "sent"]
    assert len({row["row_id"] for row in found}) == 2


@pytest.mark.parametrize("logon_type", [0, 1, 3, 4, 5, None, "Owner"])
def test_what_an_owner_reads_is_no_use_of_a_delegation(logon_type):
    assert rows(accessed(logon_type=logon_type)) == []


@pytest.mark.parametrize("logon_type", [2, "2", "Delegated", "Delegate"])
def test_a_delegate_is_told_by_number_or_by_word(logon_type):
    assert one(accessed(logon_type=logon_type))["grant_action"] == "use"


def test_what_a_partners_administrator_reads_is_told_as_his():
    row = one(accessed(logon_type=6, ExternalAccess=True))
    assert shown(row, "grant_action", "actor_kind", "logon_type") == ("use", "partner", "delegated_admin")


@pytest.mark.parametrize(
    ("operation", "access"), [("HardDelete", "write"), ("Create", "write"), ("FolderBind", "read"), ("Move", "write")]
)
def test_items_touched_by_a_delegate_are_use(operation, access):
    item = {"Id": "x", "ParentFolder": {"Path": "\\Inbox"}}
    assert shown(one(audited(operation, Item=item)), "grant_action", "folder_kind", "access") == (
        "use",
        "inbox",
        access,
    )


def test_a_login_of_a_delegate_opens_the_mailbox():
    assert shown(one(audited("MailboxLogin")), "grant_action", "right", "grantee") == ("use", "full_access", ALEX)


@pytest.mark.parametrize(
    ("operation", "field", "right"),
    [
        ("SendAs", "SendAsUserSmtp", "send_as"),
        ("SendOnBehalf", "SendOnBehalfOfUserSmtp", "send_on_behalf"),
        ("SendOnBehalf", "SendonBehalfOfUserSmtp", "send_on_behalf"),
    ],
)
def test_mail_sent_as_another_names_whose_name_was_used(operation, field, right):
    row = one(audited(operation, owner=ALEX, **{field: FINANCE}))
    assert shown(row, "right", "mailbox", "grantee", "access") == (right, FINANCE, ALEX, "send")


def test_mail_sent_as_oneself_is_no_use_of_a_right():
    assert rows(audited("SendAs", owner=ALEX, SendAsUserSmtp=ALEX)) == []


def test_a_delegate_that_is_an_application_is_one():
    assert one(audited("SendAs", UserType=5, SendAsUserSmtp=FINANCE))["grantee_kind"] == "application"


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("New-MailboxExportRequest", {"Mailbox": FINANCE, "FilePath": "\\\\ex01\\c$\\a.pst"}, [FINANCE]),
        ("Search-Mailbox", {"Identity": FINANCE, "TargetMailbox": HELPDESK}, [FINANCE]),
        ("New-MailboxSearch", {"SourceMailboxes": f"{FINANCE},{ALEX}", "TargetMailbox": HELPDESK}, [FINANCE, ALEX]),
        ("New-ComplianceSearch", {"Name": "case", "ExchangeLocation": "All"}, ["*"]),
        ("New-ComplianceSearchAction", {"SearchName": "case", "Export": "True"}, ["*"]),
    ],
)
def test_a_search_or_an_export_is_the_use_of_a_role(operation, parameters, expected):
    found = rows(cmdlet(operation, parameters))
    assert [row["mailbox"] for row in found] == expected
    assert {(row["grant_action"], row["right"], row["grantee"], row["relation"]) for row in found} == {
        ("use", "role", HELPDESK, None)
    }
    assert not any(row["parse_error"] for row in found)


def test_an_export_on_an_exchange_server_names_where_the_mail_went():
    row = one(cmdlet_ran("New-MailboxExportRequest", '-Mailbox "finance" -FilePath "\\\\ex01\\c$\\a.pst"'))
    assert shown(row, "grant_action", "mailbox", "grantee") == ("use", "finance", ADMIN)
    assert "a.pst" in row["right_native"]
