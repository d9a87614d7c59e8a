"""Permissions on folders, by cmdlet and in the mailbox audit: roles, flags, members, names of folders."""

import pytest

from tests.bin.grants.records import (
    FINANCE,
    FINANCE_ID,
    FOREST,
    folder_audit,
    folder_cmdlet,
    one,
    rows,
    shown,
)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("Add-MailboxFolderPermission", "grant"),
        ("Set-MailboxFolderPermission", "change"),
        ("Remove-MailboxFolderPermission", "revoke"),
    ],
)
def test_a_cmdlet_tells_mailbox_folder_and_member(operation, action):
    row = one(folder_cmdlet(operation=operation, user="alex@example.com"))
    assert shown(row, "grant_action", "right", "mailbox", "folder", "folder_kind", "grantee") == (
        action, "folder", FINANCE, "\\Inbox", "inbox", "alex@example.com",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("AddFolderPermissions", "grant"),
        ("ModifyFolderPermissions", "change"),
        ("RemoveFolderPermissions", "revoke"),
    ],
)
def test_the_mailbox_audit_tells_the_same(operation, action):
    row = one(folder_audit(operation=operation, member="alex@example.com", sid="S-1-5-21-1-2-3-4"))
    assert shown(row, "grant_action", "right", "mailbox", "folder", "folder_kind", "grantee", "grantee_id") == (
        action, "folder", FINANCE, "\\Inbox", "inbox", "alex@example.com", "S-1-5-21-1-2-3-4",
    )  # fmt: skip
    assert row["mailbox_id"] == "8e942cc1-73d8-4483-9def-7d9579d615a7"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (folder_cmdlet(user="Default"), "everyone"),
        (folder_cmdlet(user="default"), "everyone"),
        (folder_cmdlet(user="Anonymous"), "anonymous"),
        (folder_audit(member="Everyone", sid="S-1-1-0"), "everyone"),
        (folder_audit(member="", sid="S-1-1-0"), "everyone"),
        (folder_audit(member="Anonymous", sid="S-1-5-7"), "anonymous"),
        (folder_audit(member="", sid="S-1-5-7"), "anonymous"),
        (folder_cmdlet(user="alex@example.com"), "user"),
        (folder_audit(member="alex@example.com", sid="S-1-5-21-1-2-3-4"), "user"),
    ],
    ids=[
        "Default",
        "default",
        "Anonymous",
        "Everyone",
        "S-1-1-0",
        "Anonymous, audited",
        "S-1-5-7",
        "user",
        "user, audited",
    ],
)
def test_members_that_are_everyone_are_told_from_people(record, kind):
    assert one(record)["grantee_kind"] == kind


ROLES = {
    "None": "none",
    "FolderVisible": "none",
    "FolderContact": "none",
    "AvailabilityOnly": "availability",
    "LimitedDetails": "availability",
    "Reviewer": "read",
    "ReadItems": "read",
    "Contributor": "write",
    "NonEditingAuthor": "write",
    "Author": "write",
    "Editor": "write",
    "PublishingAuthor": "write",
    "PublishingEditor": "write",
    "Owner": "own",
    "FolderOwner": "own",
    "editor": "write",
    "ReadItems, FolderVisible": "read",
    "CreateItems,EditAllItems,DeleteAllItems,ReadItems,FolderVisible": "write",
}


@pytest.mark.parametrize(("role", "access"), ROLES.items(), ids=ROLES)
def test_a_role_of_the_cmdlets_says_what_it_allows(role, access):
    row = one(folder_cmdlet(rights=role))
    assert shown(row, "right", "access") == ("folder", access)
    assert row["right_native"].replace(" ", "") == role.replace(" ", "")


FLAGS = {
    "None": "none",
    "Visible": "none",
    "Contact, Visible": "none",
    "FreeBusySimple": "availability",
    "FreeBusySimple, FreeBusyDetailed": "availability",
    "ReadAny": "read",
    "ReadAny, Visible": "read",
    "ReadAny, Visible, FreeBusySimple, FreeBusyDetailed": "read",
    "Create, Visible": "write",
    "ReadAny, Create, EditOwned, DeleteOwned, EditAny, DeleteAny, Visible": "write",
    "ReadAny, CreateSubfolder, Visible": "write",
    "ReadAny, Create, EditOwned, DeleteOwned, EditAny, DeleteAny, CreateSubfolder, Owner, Contact, Visible": "own",
}


@pytest.mark.parametrize(("flags", "access"), FLAGS.items(), ids=FLAGS)
def test_the_flags_of_the_audit_say_the_same_in_other_words(flags, access):
    assert shown(one(folder_audit(rights=flags)), "right", "right_native", "access") == (
        "folder",
        flags,
        access,
    )


def test_a_role_that_nobody_knows_counts_as_reading():
    found = rows(folder_cmdlet(rights="Teleporter"))
    assert [shown(row, "right", "right_native", "access") for row in found] == [
        ("unknown", "Teleporter", "read")
    ]


@pytest.mark.parametrize(
    ("record", "access"),
    [
        (folder_cmdlet(rights="ReadItems,Teleport"), "read"),
        (folder_cmdlet(rights="EditAllItems,ReadItems,Teleport"), "write"),
        (folder_audit(rights="ReadAny, Create, EditAny, Visible, Teleport"), "write"),
        (folder_audit(rights="ReadAny, Owner, Visible, Teleport"), "own"),
    ],
    ids=["read", "write", "write, audited", "own, audited"],
)
def test_a_right_that_nobody_knows_takes_nothing_from_those_beside_it(record, access):
    assert access in {row["access"] for row in rows(record) if row["right"] == "folder"}


def test_roles_may_come_as_a_list():
    row = one(folder_cmdlet(rights=["ReadItems", "FolderVisible"]))
    assert shown(row, "right", "access") == ("folder", "read")


def test_a_removal_needs_no_right():
    row = one(folder_cmdlet(operation="Remove-MailboxFolderPermission", rights=None, user="alex@example.com"))
    assert shown(row, "grant_action", "right", "grantee") == ("revoke", "folder", "alex@example.com")


def test_sharing_flags_are_kept():
    row = one(folder_cmdlet(folder="\\Calendar", rights="Editor", flags="Delegate,CanViewPrivateItems"))
    assert "CanViewPrivateItems" in row["sharing_flags"]
    assert "Delegate" in row["sharing_flags"]


NAMES = {
    "\\": "root",
    "\\Inbox": "inbox",
    "\\INBOX": "inbox",
    "\\Boîte de réception": "inbox",
    "\\Posteingang": "inbox",
    "\\Bandeja de entrada": "inbox",
    "\\Posta in arrivo": "inbox",
    "\\Postvak IN": "inbox",
    "\\Caixa de Entrada": "inbox",
    "\\受信トレイ": "inbox",
    "\\Calendar": "calendar",
    "\\Kalender": "calendar",
    "\\Calendrier": "calendar",
    "\\Calendario": "calendar",
    "\\Agenda": "calendar",
    "\\Contacts": "contacts",
    "\\Kontakte": "contacts",
    "\\Contactos": "contacts",
    "\\Sent Items": "sent",
    "\\Gesendete Elemente": "sent",
    "\\Éléments envoyés": "sent",
    "\\Elementos enviados": "sent",
    "\\Brouillons": "other",
    "\\Projects": "other",
    "\\Inbox\\Invoices": "other",
    "\\Projects\\Inbox": "other",
}


@pytest.mark.parametrize(("path", "kind"), NAMES.items(), ids=NAMES)
def test_a_folder_is_known_in_the_language_of_its_mailbox(path, kind):
    assert shown(one(folder_audit(path=path)), "folder", "folder_kind") == (path, kind)
    assert shown(one(folder_cmdlet(folder=path)), "folder", "folder_kind") == (path, kind)


def test_letters_with_their_accents_apart_are_the_same_letters():
    assert one(folder_audit(path="\\Boi\u0302te de re\u0301ception"))["folder_kind"] == "inbox"


MAILBOXES = {
    "UPN": FINANCE,
    "GUID": FINANCE_ID,
    "alias": "finance",
    "display name": "Finance Team",
    "canonical DN": FOREST + "Finance",
}


@pytest.mark.parametrize("mailbox", MAILBOXES.values(), ids=MAILBOXES)
def test_mailbox_and_folder_are_parted_whatever_names_the_mailbox(mailbox):
    for folder, kind in (("\\Inbox", "inbox"), ("\\", "root"), ("\\Projects\\2026", "other")):
        row = one(folder_cmdlet(mailbox=mailbox, folder=folder))
        assert shown(row, "mailbox", "folder", "folder_kind") == (mailbox, folder, kind)


def test_a_mailbox_named_without_a_folder_is_its_root():
    record = folder_cmdlet()
    record["Parameters"][0]["Value"] = FINANCE
    assert shown(one(record), "mailbox", "folder_kind") == (FINANCE, "root")


def test_backslashes_in_a_parameter_string_stay():
    record = folder_cmdlet()
    record["Parameters"] = f'-Identity "{FINANCE}:\\Inbox" -User "Default" -AccessRights "Reviewer"'
    assert shown(one(record), "mailbox", "folder", "grantee") == (FINANCE, "\\Inbox", "Default")


def test_the_owner_who_opens_his_folder_is_the_owner():
    assert one(folder_audit(owner=FINANCE, actor=FINANCE))["relation"] == "owner"
    assert one(folder_audit(owner=FINANCE, actor="Finance@Example.com"))["relation"] == "owner"
    assert one(folder_audit(owner=FINANCE, actor="alex@example.com"))["relation"] == "third_party"


@pytest.mark.parametrize(
    ("written", "status"),
    [("Succeeded", "success"), ("PartiallySucceeded", "success"), ("Failed", "failure")],
)
def test_the_audit_says_whether_it_succeeded(written, status):
    assert one(folder_audit(ResultStatus=written))["status"] == status


@pytest.mark.parametrize("item", [None, "", {}, {"Id": "x"}, {"ParentFolder": None}, "no JSON {", [1]])
def test_an_audit_record_without_its_folder_is_kept_with_what_is_missing(item):
    found = rows({**folder_audit(), "Item": item})
    assert found
    assert all(row["parse_error"] and row["operation"] == "ModifyFolderPermissions" for row in found)


@pytest.mark.parametrize("name", ["Member@local", "Owner@local"])
def test_the_members_of_a_group_mailbox_are_a_group(name):
    assert one(folder_audit(member=name, sid="S-1-8-1-2-3-1"))["grantee_kind"] in ("group", "unknown")
