"""MailboxPermission and RecipientPermission cmdlets: who gets which right on which mailbox."""

import json

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    FINANCE,
    FINANCE_ID,
    FOREST,
    cmdlet,
    empty,
    full_access,
    is_true,
    named,
    one,
    rows,
    send_as,
    shown,
)

PARTIES = ("mailbox", "grantee", "right", "grant_action")


@pytest.mark.parametrize(
    ("record", "right", "action"),
    [
        (full_access(), "full_access", "grant"),
        (full_access(operation="Remove-MailboxPermission"), "full_access", "revoke"),
        (send_as(), "send_as", "grant"),
        (send_as(operation="Remove-RecipientPermission"), "send_as", "revoke"),
    ],
    ids=lambda value: value["Operation"] if isinstance(value, dict) else None,
)
def test_a_permission_cmdlet_gives_one_row_with_both_parties(record, right, action):
    row = one(record)
    assert shown(row, *PARTIES) == (FINANCE, ALEX, right, action)
    assert shown(row, "provider", "operation", "status") == (
        "exchange_online",
        record["Operation"],
        "success",
    )


@pytest.mark.parametrize(
    "record", [full_access(), send_as()], ids=["Add-MailboxPermission", "Add-RecipientPermission"]
)
def test_parameters_may_come_in_any_order(record):
    expected = one(record)
    for turn in range(len(record["Parameters"])):
        turned = record["Parameters"][turn:] + record["Parameters"][:turn]
        assert one({**record, "Parameters": turned}) == expected
    assert one({**record, "Parameters": record["Parameters"][::-1]}) == expected


FORMS = {
    "a dict": {"Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess"},
    "JSON text": json.dumps(named({"Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess"})),
    "JSON text of a dict": json.dumps({"Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess"}),
    "one string, all values quoted": f'-Identity "{FINANCE}" -User "{ALEX}" -AccessRights "FullAccess"',
    "one string, quoted where needed": f'-Identity "{FINANCE}" -User {ALEX} -AccessRights FullAccess',
    "one string in another order": f'-AccessRights FullAccess -User {ALEX} -Identity "{FINANCE}"',
    "a list of strings": [f'-Identity "{FINANCE}"', f'-User "{ALEX}"', '-AccessRights "FullAccess"'],
    "an entry without Value": [
        {"Name": "DomainController"},
        *named({"Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess"}),
    ],
    "an empty value first": named(
        {"DomainController": "", "Identity": FINANCE, "User": ALEX, "AccessRights": "FullAccess"}
    ),
    "names in another case": named({"identity": FINANCE, "USER": ALEX, "accessrights": "FullAccess"}),
    "rights as a list": [
        *named({"Identity": FINANCE, "User": ALEX}),
        {"Name": "AccessRights", "Value": ["FullAccess"]},
    ],
}


@pytest.mark.parametrize("parameters", FORMS.values(), ids=FORMS)
def test_parameters_may_come_in_any_form(parameters):
    row = one(cmdlet("Add-MailboxPermission", parameters))
    assert shown(row, *PARTIES) == (FINANCE, ALEX, "full_access", "grant")


def test_names_with_spaces_survive_in_a_parameter_string():
    row = one(
        cmdlet(
            "Add-MailboxPermission", '-Identity "Finance Team" -User "Alex Doe" -AccessRights "FullAccess"'
        )
    )
    assert shown(row, "mailbox", "grantee") == ("Finance Team", "Alex Doe")


@pytest.mark.parametrize(
    ("native", "right"),
    [
        ("FullAccess", "full_access"),
        ("ChangePermission", "change_permission"),
        ("ChangeOwner", "change_owner"),
        ("ReadPermission", "read_permission"),
        ("DeleteItem", "delete_item"),
        ("ExternalAccount", "external_account"),
        ("fullaccess", "full_access"),
        ("TeleportMailbox", "unknown"),
    ],
)
def test_each_right_has_its_word_in_the_closed_list(native, right):
    assert [shown(row, "right", "right_native") for row in rows(full_access(rights=native))] == [
        (right, native)
    ]


def test_an_unknown_right_counts_as_reading():
    assert [row["access"] for row in rows(full_access(rights="TeleportMailbox"))] == ["read"]


def test_a_known_right_beside_an_unknown_one_keeps_its_row():
    found = rows(full_access(rights="FullAccess,TeleportMailbox"))
    assert {row["right"] for row in found} == {"full_access", "unknown"}


@pytest.mark.parametrize(
    "rights",
    ["FullAccess, ReadPermission", "FullAccess,ReadPermission", ["FullAccess", "ReadPermission"]],
    ids=["with a blank", "without a blank", "a list"],
)
def test_a_list_of_rights_gives_a_row_for_each(rights):
    found = rows(full_access(rights=rights))
    assert {shown(row, "right", "right_native") for row in found} == {
        ("full_access", "FullAccess"), ("read_permission", "ReadPermission"),
    }  # fmt: skip
    assert len({row["row_id"] for row in found}) == len(found) == 2
    assert {row["grantee"] for row in found} == {ALEX}


def test_the_owner_parameter_makes_its_value_the_grantee():
    row = one(cmdlet("Add-MailboxPermission", {"Identity": FINANCE, "Owner": ALEX}))
    assert shown(row, "mailbox", "grantee", "access") == (FINANCE, ALEX, "own")


@pytest.mark.parametrize("value", ["True", True], ids=["word", "flag"])
def test_a_deny_entry_is_marked(value):
    parameters = [*full_access()["Parameters"], {"Name": "Deny", "Value": value}]
    assert is_true(one(cmdlet("Add-MailboxPermission", parameters))["deny"])


def test_deny_false_is_no_deny():
    parameters = [*full_access()["Parameters"], {"Name": "Deny", "Value": "False"}]
    assert not is_true(one(cmdlet("Add-MailboxPermission", parameters))["deny"])
    assert not is_true(one(full_access())["deny"])


def test_the_inheritance_is_kept_as_recorded():
    assert one(full_access())["inheritance"] == "All"


@pytest.mark.parametrize(
    ("written", "status"), [("True", "success"), ("False", "failure"), (True, "success"), (False, "failure")]
)
def test_a_failed_cmdlet_is_a_grant_with_status_failure(written, status):
    assert shown(one(full_access(ResultStatus=written)), "grant_action", "status") == ("grant", status)


IDENTITIES = {
    "UPN": FINANCE,
    "GUID": FINANCE_ID,
    "canonical DN": FOREST + "Finance",
    "canonical DN of a new user": FOREST + FINANCE_ID,
    "legacy DN": "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=0a1b-finance",
    "alias": "finance",
    "display name": "Finance Team",
    "name with a collision suffix": "finance_1ea0eb0f93",
    "name with an apostrophe": "o'neill@example.com",
    "name outside ASCII": "Büro Zürich",
}


@pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
def test_both_parties_are_kept_as_recorded(identity):
    assert one(full_access(mailbox=identity))["mailbox"] == identity
    assert one(full_access(user=identity))["grantee"] == identity


@pytest.mark.parametrize(
    "identity", [FINANCE_ID, FOREST + FINANCE_ID], ids=["GUID", "canonical DN of a new user"]
)
def test_a_guid_in_a_name_is_the_stable_id(identity):
    assert one(full_access(mailbox=identity))["mailbox_id"] == FINANCE_ID
    assert one(full_access(user=identity))["grantee_id"] == FINANCE_ID


@pytest.mark.parametrize(
    "identity", ["finance", FINANCE, "Finance Team", "finance_1ea0eb0f93", FOREST + "Finance"]
)
def test_a_name_alone_is_no_stable_id(identity):
    assert empty(one(full_access(mailbox=identity))["mailbox_id"])


def test_the_identity_names_the_mailbox_rather_than_object_id():
    row = one(full_access(mailbox=FINANCE_ID, ObjectId="stinger_1ea0eb0f93"))
    assert shown(row, "mailbox", "mailbox_id") == (FINANCE_ID, FINANCE_ID)


def test_object_id_names_the_mailbox_when_there_is_no_identity():
    record = cmdlet("Add-MailboxPermission", {"User": ALEX, "AccessRights": "FullAccess"}, ObjectId="finance")
    assert rows(record)[0]["mailbox"] == "finance"


def test_escaped_slashes_are_slashes():
    text = json.dumps(full_access(mailbox=FOREST + "Finance")).replace("/", "\\/")
    assert one(text)["mailbox"] == FOREST + "Finance"


GRANTEES = {
    "an address": (ALEX, {"user"}),
    "a guest": ("jo_example.net#EXT#@example.onmicrosoft.com", {"guest"}),
    "the mailbox itself": ("NT AUTHORITY\\SELF", {"mailbox_self"}),
    "a GUID, of which nothing more is known": (ALEX_ID, {"unknown", "user"}),
    "an orphaned SID": ("S-1-5-21-1148582062-3132321681-773847816-45339891", {"unknown", "user"}),
    "everyone, by SID": ("S-1-1-0", {"everyone"}),
    "everyone, by name": ("Everyone", {"everyone"}),
    "anonymous, by SID": ("S-1-5-7", {"anonymous"}),
    "anonymous, by name": ("NT AUTHORITY\\ANONYMOUS LOGON", {"anonymous"}),
    "the system": ("NT AUTHORITY\\SYSTEM", {"system"}),
}


@pytest.mark.parametrize(("user", "kinds"), GRANTEES.values(), ids=GRANTEES)
def test_the_kind_of_the_grantee_is_told_where_the_name_tells_it(user, kinds):
    assert one(full_access(user=user))["grantee_kind"] in kinds


@pytest.mark.parametrize(
    "parameters",
    [None, [], "", {"Identity": FINANCE}, {"User": ALEX}, "no parameters at all", [None, 7, "x"]],
    ids=["null", "empty list", "empty text", "no grantee", "no right", "prose", "junk"],
)
def test_a_grant_that_names_too_little_is_kept_with_what_is_missing(parameters):
    found = rows(cmdlet("Add-MailboxPermission", parameters))
    assert found
    assert all(row["parse_error"] for row in found)
    assert {row["operation"] for row in found} == {"Add-MailboxPermission"}
    assert {row["actor"] for row in found} == {"helpdesk@example.com"}
