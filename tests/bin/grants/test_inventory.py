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


@pytest.mark.parametrize("mark", ["delegation_watch_sweep", "delegation_watch_directory", "delegation_watch_health"])
def test_what_the_inputs_write_beside_delegations_is_no_grant_and_no_error(mark):
    text = json.dumps({mark: "x", "time": "2026-03-02T12:00:00.000Z"})
    assert grant_rows(text) == []
    [row] = grant_rows(text, keep=True)
    assert (row["operation"], row["right"], row["parse_error"]) == (mark, None, None)
