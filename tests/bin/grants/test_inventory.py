"""Standing delegations as the inventory writes them: folders by their type, the sweep's times, what is no grant."""

import json

import pytest
from delegation_watch.grants.reader import grant_rows


def snapshot(kind, columns, **more):
    return {"delegation_watch_inventory": kind, "time": "2026-03-02T12:00:00.500Z", "tenant": "t", "sweep": "s",
            "columns": columns, **more}  # fmt: skip


def folder(path, folder_type, name="Ordner"):
    columns = {"Identity": f"ceo@example.com:{path}", "FolderName": name, "FolderType": folder_type, "User": "Default",
               "AccessRights": ["Reviewer"]}  # fmt: skip
    [row] = grant_rows(json.dumps(snapshot("Get-MailboxFolderPermission", columns)))
    return row["folder"], row["folder_kind"]


def test_a_snapshot_has_the_time_at_which_it_was_seen():
    columns = {"Identity": "ceo@example.com", "User": "ann@example.com", "AccessRights": ["FullAccess"]}
    [row] = grant_rows(json.dumps(snapshot("Get-MailboxPermission", columns)))
    assert (row["_time"], row["grant_action"], row["tenant"]) == (1772452800.5, "snapshot", "t")
    [row] = grant_rows(json.dumps(snapshot("Get-MailboxPermission", columns, time="noon")))
    assert row["parse_error"] == "no time: noon"


@pytest.mark.parametrize(
    ("path", "folder_type", "kind"),
    [
        ("\\Eingang auf Klingonisch", "Inbox", "inbox"),
        ("\\Gesendetes", "SentItems", "sent"),
        ("\\Inbox", "User Created", "inbox"),
        ("\\Projects", "User Created", "other"),
    ],
)
def test_a_folder_is_of_the_kind_that_its_type_says_in_any_language(path, folder_type, kind):
    assert folder(path, folder_type) == (path, kind)


def test_the_root_is_named_as_a_cmdlet_takes_it():
    assert folder("\\", "Root", "Oberste Ebene des Informationsspeichers") == ("\\", "root")


def test_forwarding_that_stands_is_a_row_for_each_way_it_goes():
    columns = {"Identity": "ceo@example.com", "ForwardingSmtpAddress": "smtp:box@outside.example",
               "ForwardingAddress": "ann@example.com", "DeliverToMailboxAndForward": False}  # fmt: skip
    rows = grant_rows(json.dumps(snapshot("Get-Mailbox", columns)))
    assert [(row["right"], row["grantee"], row["grantee_kind"], row["access"]) for row in rows] == [
        ("forwarding", "box@outside.example", "external", "read"), ("forwarding", "ann@example.com", "user", "read"),
    ]  # fmt: skip
    assert {(row["grant_action"], row["relation"]) for row in rows} == {("snapshot", None)}


def application(**columns):
    given = {"Application": "Helper", "ServicePrincipalId": "11111111-2222-3333-4444-555555555555",
             "PrincipalId": None, "AppRoles": [], "Scopes": [], **columns}  # fmt: skip
    [row] = grant_rows(json.dumps(snapshot("graph:mailPermissions", given)))
    return row


def test_an_application_is_one_row_with_the_strongest_of_what_it_may_do():
    row = application(AppRoles=["Mail.Read", "full_access_as_app"], Scopes=["Mail.ReadWrite"])
    assert (row["right"], row["access"], row["mailbox"]) == ("app_mail", "send", "*")
    assert row["right_native"] == "Mail.Read, full_access_as_app, Mail.ReadWrite"
    assert (row["grantee"], row["grantee_kind"], row["parse_error"]) == ("Helper", "application", None)
    assert row["grantee_id"] == "11111111-2222-3333-4444-555555555555"


def test_one_that_a_person_consented_to_reaches_that_persons_mail():
    row = application(Scopes=["Mail.Read"], PrincipalId="99999999-2222-3333-4444-555555555555")
    assert (row["mailbox"], row["access"]) == ("99999999-2222-3333-4444-555555555555", "read")


def test_a_permission_that_nobody_knows_counts_as_reading_and_is_told():
    row = application(AppRoles=["12345678-2222-3333-4444-555555555555"])
    assert (row["access"], row["right_native"]) == ("read", "12345678-2222-3333-4444-555555555555")
    assert row["parse_error"] == "unknown application permission 12345678-2222-3333-4444-555555555555"


@pytest.mark.parametrize("mark", ["delegation_watch_sweep", "delegation_watch_directory", "delegation_watch_health"])
def test_what_the_inputs_write_beside_delegations_is_no_grant_and_no_error(mark):
    text = json.dumps({mark: "x", "time": "2026-03-02T12:00:00.000Z"})
    assert grant_rows(text) == []
    [row] = grant_rows(text, keep=True)
    assert (row["operation"], row["right"], row["parse_error"]) == (mark, None, None)
