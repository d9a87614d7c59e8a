"""Names of one recipient that a record ties together: mailboxes made, users changed, groups, directory events."""

import json

import pytest
from delegation_watch.identity import identity_rows
from delegation_watch.identity.windows import canonical

from tests.bin.grants.records import ALEX, ALEX_ID, FINANCE, cmdlet, entra, group_change, user_ids
from tests.bin.grants.windows_records import ADMIN_SID, EVERY_EVENT, changed, changed_classic, cmdlet_ran, group_member

ALEX_CANONICAL = "corp.example.com/people/alex doe"


def pairs(record):
    text = record if isinstance(record, str) else json.dumps(record)
    return {(row["id"], row["identity"], row["id_kind"]) for row in identity_rows(text)}


def test_a_mailbox_that_is_made_has_all_its_names_told():
    given = {"Name": "Alex Doe", "Alias": "alex.d", "DisplayName": "Doe, Alex", "MicrosoftOnlineServicesID": ALEX}
    assert pairs(cmdlet("New-Mailbox", given, ObjectId=ALEX_ID)) >= {
        ("alex doe", ALEX, "name"), ("alex.d", ALEX, "alias"), (ALEX_ID, ALEX, "guid"),
    }  # fmt: skip


def test_addresses_of_mail_are_aliases_and_others_are_not():
    given = {"Identity": ALEX, "EmailAddresses": "SMTP:alex.doe@example.com,smtp:a@example.com,X500:/o=x/cn=alex"}
    ids = {identifier for identifier, _, kind in pairs(cmdlet("Set-Mailbox", given)) if kind == "alias"}
    assert ids == {"alex.doe@example.com", "a@example.com"}


def test_a_mailbox_named_by_its_guid_ties_no_name_to_it():
    given = {"Identity": ALEX_ID, "Alias": "alex.d"}
    assert not [pair for pair in pairs(cmdlet("Set-Mailbox", given, ObjectId="x")) if "alex.d" in pair]


@pytest.mark.parametrize("operation", ["Add user.", "Update user.", "Invite external user."])
def test_a_user_of_the_directory_has_names_and_addresses(operation):
    properties = {
        "DisplayName": '["Alex Doe"]',
        "ProxyAddresses": '["smtp:a.doe@example.com"]',
        "Mail": '["a@example.com"]',
    }
    record = entra(operation, properties, target=user_ids(ALEX, ALEX_ID), ObjectId=ALEX)
    assert pairs(record) >= {
        ("alex doe", ALEX, "display_name"), ("a.doe@example.com", ALEX, "alias"), ("a@example.com", ALEX, "alias"),
        (ALEX_ID, ALEX, "guid"),
    }  # fmt: skip


def test_a_groups_id_and_name_are_one():
    assert ("7c1a2b3d-0000-4000-8000-9e8d7c6b5a41", "Finance team", "guid") in pairs(group_change())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=Alex Doe,OU=People,DC=corp,DC=example,DC=com", "corp.example.com/People/Alex Doe"),
        ("CN=Doe\\, Alex,OU=People,DC=example,DC=com", "example.com/People/Doe, Alex"),
        ("corp.example.com/Users/Ann", "corp.example.com/Users/Ann"),
        ("CORP\\alex", None), ("alex@example.com", None), ("", None), (None, None), ("CN=", None), ("CN=x", None),
        ("S-1-5-21-1", None),
    ],
)  # fmt: skip
def test_a_distinguished_name_and_a_canonical_one_are_the_same(name, expected):
    assert canonical(name) == expected


def test_who_ran_a_cmdlet_is_known_by_sid_and_by_name():
    assert pairs(cmdlet_ran("Get-Mailbox", '-Identity "x"')) == {
        (ADMIN_SID.lower(), "corp.example.com/users/administrator", "sid"),
        ("administrator", "corp.example.com/users/administrator", "name"),
    }


@pytest.mark.parametrize("event", [changed(), changed_classic()], ids=["XML", "classic"])
def test_a_directory_change_ties_object_and_delegate_to_their_names(event):
    assert pairs(event) == {
        ("finance", "corp.example.com/mail/finance", "name"),
        ("288fc35b-236b-4b73-868a-11f9d367bb13", "corp.example.com/mail/finance", "guid"),
        ("alex doe", ALEX_CANONICAL, "name"),
    }


def test_a_member_of_a_directory_group_is_known_by_sid():
    assert ("s-1-5-21-1148582062-3132321681-773847816-1104", ALEX_CANONICAL, "sid") in pairs(group_member())


@pytest.mark.parametrize("event", EVERY_EVENT.values(), ids=EVERY_EVENT)
@pytest.mark.parametrize("cut", [0, 1, 50, 300, 700])
def test_an_event_that_breaks_off_gives_no_fact_and_no_error(event, cut):
    assert identity_rows(event[:cut]) == [] or cut > 300


def test_names_that_several_share_stay_apart_by_identity():
    """Two mailboxes with one display name make two facts of one id, which the search then keeps as ambiguous."""
    found = set()
    for upn in (ALEX, FINANCE):
        found |= pairs(cmdlet("New-Mailbox", {"DisplayName": "Doe", "UserPrincipalName": upn, "Name": upn}))
    assert {("doe", ALEX, "display_name"), ("doe", FINANCE, "display_name")} <= found
