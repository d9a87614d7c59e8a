"""Who is who in a replay: learned from all the files before anything is judged, whatever stands first."""

import json
import subprocess
import sys

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    FINANCE,
    FINANCE_ID,
    FOREST,
    cmdlet,
    entra,
    folder_audit,
    folder_cmdlet,
    full_access,
    user_ids,
)

ALEX_SID = "S-1-5-21-1148582062-3132321681-773847816-1104"
MAILBOX_GUID = "8e942cc1-73d8-4483-9def-7d9579d615a7"
# The grants come first, and what ties their names to people afterwards, in another file.
GRANTS = {
    "by GUID": full_access(FINANCE_ID, ALEX_ID),
    "by address": full_access(FINANCE, ALEX, operation="Remove-MailboxPermission"),
    "by canonical name": full_access(FOREST + FINANCE_ID, FOREST + ALEX_ID),
    "by distinguished name": full_access(f"CN={FINANCE_ID},OU=x,DC=example,DC=com", ALEX),
    "by suffixed name": full_access(FINANCE, f"{ALEX_ID}_1ea0eb0f93"),
    "by display name": full_access(FINANCE, "Doe, Alex"),
    "denied": cmdlet("Add-MailboxPermission", {"Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess",
                                               "Deny": "True"}),
    "by a shared name": full_access(FINANCE, "Sam Smith"),
    "folder, cmdlet": folder_cmdlet("\\Posteingang", ALEX, "Reviewer", mailbox=FINANCE_ID),
    "folder, by SID": folder_audit("ReadAny, Visible", "", ALEX_SID, "\\Boîte de réception",
                                   operation="RemoveFolderPermissions"),
    "orphan": folder_cmdlet("\\Inbox", "NT:S-1-5-21-9-9-9-1109", "Reviewer"),
    "by a name alone": full_access(FINANCE, "Payables"),
}  # fmt: skip
NAMES = [
    entra("Update user.", {"DisplayName": '["Doe, Alex"]'}, target=user_ids(ALEX, ALEX_ID, "1003BFFD98415B4E"),
          ObjectId=ALEX, Id="n1"),
    entra("Update user.", {}, target=user_ids(FINANCE, FINANCE_ID, "10037FFEADAB0C95"), ObjectId=FINANCE, Id="n2"),
    entra("Update user.", {"DisplayName": '["Sam Smith"]'}, target=user_ids("sam@example.com", "1" * 8 + ALEX_ID[8:]),
          ObjectId="sam@example.com", Id="n3"),
    entra("Update user.", {"DisplayName": '["Sam Smith"]'}, ObjectId="s.smith@example.com", Id="n4",
          target=user_ids("s.smith@example.com", "2" * 8 + ALEX_ID[8:])),
    folder_audit("None", ALEX, ALEX_SID, "\\Notes", Id="n5"),
    entra("Disable account.", {}, target=user_ids(ALEX, ALEX_ID, "1003BFFD98415B4E"), ObjectId=ALEX, Id="n6"),
]  # fmt: skip


@pytest.fixture(scope="module")
def replayed(root, tmp_path_factory):
    """The rows of each grant, by its name above."""
    folder = tmp_path_factory.mktemp("replayed")
    grants = [{**record, "Id": name} for name, record in GRANTS.items()]
    (folder / "grants.json").write_text("\n".join(map(json.dumps, grants)), encoding="utf-8")
    (folder / "names.json").write_text("\n".join(map(json.dumps, NAMES)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "replay", folder / "grants.json", folder / "names.json", "--json"],
        cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {row["record_id"]: row for row in map(json.loads, done.stdout.splitlines())}


FORMS = ("by GUID", "by address", "by canonical name", "by distinguished name", "by suffixed name", "by display name")


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_name_is_the_same_person_and_mailbox(replayed, name):
    row = replayed[name]
    assert (row["mailbox_key"], row["grantee_key"], row["identity_status"]) == (FINANCE, ALEX, "known")


def test_a_name_that_nothing_tells_stays_unknown(replayed):
    row = replayed["by a name alone"]
    assert row.get("grantee_key") is None
    assert row["identity_status"] == "unknown"


def test_a_grant_and_its_removal_have_one_key_whatever_they_call_the_parties(replayed):
    assert replayed["by GUID"]["grant_key"] == replayed["by address"]["grant_key"]
    assert replayed["by GUID"]["grant_key"] == replayed["by display name"]["grant_key"]


def test_a_denied_right_is_another_one(replayed):
    assert replayed["denied"]["grant_key"] != replayed["by address"]["grant_key"]


def test_a_folder_has_one_key_in_every_language_and_by_sid(replayed):
    cmdlet_row, audit_row = replayed["folder, cmdlet"], replayed["folder, by SID"]
    assert audit_row["grantee_key"] == ALEX
    assert cmdlet_row["grant_key"] == audit_row["grant_key"]


def test_a_name_that_two_share_stays_ambiguous_and_joins_nothing(replayed):
    row = replayed["by a shared name"]
    assert row["identity_status"] == "ambiguous"
    assert row.get("grant_key") is None


def test_an_orphan_is_known_by_its_sid(replayed):
    assert replayed["orphan"]["grantee_key"] == "s-1-5-21-9-9-9-1109"


def test_what_becomes_of_the_account_later_is_told_with_the_grant(replayed):
    assert (replayed["by GUID"]["grantee_enabled"], replayed["by GUID"]["grantee_source"]) == (
        "false", "Disable account.",
    )  # fmt: skip
