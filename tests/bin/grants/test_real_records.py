"""The collected real records and exports, where they are present: all are read, and the grants found."""

import csv
import json
import sys

import pytest
from delegation_watch.grants import FIELDS, grant_rows
from delegation_watch.identity import identity_rows

csv.field_size_limit(sys.maxsize)

HOSTED = "APCPR03A010.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/contoso.onmicrosoft.com/"
STINGER = "stinger@contoso.onmicrosoft.com"
ADAM = "adam@contosomovement.onmicrosoft.com"
SCUBA = "pearsonchad@example.net"
WORKSPACE = "workspace@cloud-response.com"
SYSTEM = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"

DISCOVERY = (
    "full_access",
    HOSTED + "Discovery Management",
    HOSTED + "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}",
    SYSTEM,
)
LIDIA = ("full_access", "Lidia@contoso.onmicrosoft.com", "Henrietta@contoso.onmicrosoft.com", STINGER)
AFTER_RESET = (
    "full_access", "51eb55af-6419-4551-a56f-64f63a068fca", "288fc35b-236b-4b73-868a-11f9d367bb13", STINGER,
)  # fmt: skip
SEND_AS = ("send_as", "311b45d6-1a3e-46ac-8434-721367961e19", "e4ad2d28-703e-4189-9752-6b827ef9107d", STINGER)
IMPERSONATION = ("impersonation", "0a1b7ab4-e3c2-4e75-93ad-6ea6d16cffbf", "*", STINGER)
MATT = (
    "forwarding",
    "bla@bla.com",
    HOSTED + "311b45d6-1a3e-46ac-8434-721367961e19",
    "Matt@contoso.onmicrosoft.com",
)


def johndoe(mailbox):
    return ("forwarding", "johndoe@gmail.com", mailbox, ADAM)


def admin(who, actor=STINGER):
    """A directory role that can give itself the right to every mailbox."""
    return ("role", who, "*", actor)


ALEX = admin("Alex@contoso.onmicrosoft.com")
DELTATANGO = admin("deltatango@contoso.onmicrosoft.com")

# file: (right, grantee, mailbox, actor) of every row that confers something
RECORDS = {
    "o365/deteng__Add-MailboxPermission__1.json": [DISCOVERY],
    "o365/deteng__Add-MailboxPermission__2.json": [LIDIA],
    "o365/deteng__Add-MailboxPermission__3.json": [AFTER_RESET],
    "o365/deteng__Add-RecipientPermission__1.json": [SEND_AS],
    "o365/deteng__New-RoleGroup__1.json": [IMPERSONATION],
    "o365/deteng__Add_member_to_role__1.json": [ALEX],
    "o365/deteng__Add_member_to_role__2.json": [DELTATANGO],
    "o365/deteng__Add_member_to_role__3.json": [ALEX],
    "o365/deteng__Remove_member_from_role__1.json": [ALEX],
    "o365/splunkesc__Add_member_to_role__1.json": [
        admin("lowpriv@splunkresearch.onmicrosoft.com", "attacker@splunkresearch.onmicrosoft.com")
    ],
    "o365/deteng__Set-Mailbox__1.json": [johndoe("08226516-6d9d-4aef-8dd0-f9a93e8ed646")],
    "o365/deteng__Set-Mailbox__2.json": [johndoe("ebd5d4ee-78ef-4404-a3e8-a6784bd128c7")],
    "o365/deteng__Set-Mailbox__3.json": [johndoe("288fc35b-236b-4b73-868a-11f9d367bb13")],
    "o365/deteng__Set-Mailbox__4.json": [MATT],
    "o365/splunkesc__Add-MailboxPermission__1.json": [
        ("full_access", "Patrick Bareiss", "jhernan", "pbareiss@rodsoto.onmicrosoft.com")
    ],
    "o365/splunkesc__Add_app_role_assignment_to_service_principal__1.json": [
        ("app_mail", "STRT_Oauth", "*", "ServicePrincipal_fc8c8125-bc0c-499d-8344-e53c6e3caa81")
    ],
    "o365/splunkesc__ModifyFolderPermissions__1.json": [
        ("folder", "Everyone", "user1@contoso.onmicrosoft.com", "user1@contoso.onmicrosoft.com")
    ],
    **{
        f"workspace/invictus__email_forwarding_out_of_domain__{number}.json": [
            ("forwarding", destination, WORKSPACE, WORKSPACE)
        ]
        for number, destination in enumerate(
            ["korstiaanstam@gmail.com", "sleneguthu@memsg.site", "apt1337@throwawaymail.com"] * 2, 1
        )
    },
    "workspace/panther__email_forwarding_out_of_domain__2.json": [
        ("forwarding", "HSimpsone@gmail.com", "homer.simpson@springfield.io", "homer.simpson@springfield.io")
    ],
    "workspace/scubagoggles__CHANGE_APPLICATION_SETTING__MailDelegation_mail_delegation_desired__2.json": [
        ("delegation_switch", None, "Cool Example Org", SCUBA)
    ],
    "workspace/scubagoggles__CHANGE_EMAIL_SETTING__ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN__2.json": [
        ("delegation_switch", None, "Cool Example Org", SCUBA)
    ],
}
NOTHING_CONFERRED = [
    "o365/splunkesc__Set-Mailbox__1.json",
    "workspace/scubagoggles__CHANGE_APPLICATION_SETTING__MailDelegation_mail_delegation_desired__1.json",
    "workspace/scubagoggles__CHANGE_EMAIL_SETTING__ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN__1.json",
]
EXPORTS = {
    "t1098.001_Add a user to company administrator role.csv": [ALEX],
    "t1098.003_add_role_global_admin.json": [DELTATANGO],
    "t1098_Add a user to company administrator role.json": [ALEX],
    "t1531_Remove-Admin members from a group.csv": [ALEX],
    "t1098.002_ApplicationImpersonation.csv": [IMPERSONATION],
    "t1098.002_Mail Account Delegation full access permissions.csv": [DISCOVERY],
    "t1098.002_Mail Account Delegation full access permissions.json": [LIDIA],
    "t1098.002_Mail account delegation-SendAs permission.csv": [SEND_AS],
    "t1098.002_user-reset_mailbox_full_access.json": [AFTER_RESET],
    "t1114.003_Forward_Rule_Multi_Users_Same_Forward_dest.json": [
        johndoe("08226516-6d9d-4aef-8dd0-f9a93e8ed646"),
        johndoe("ebd5d4ee-78ef-4404-a3e8-a6784bd128c7"),
        johndoe("288fc35b-236b-4b73-868a-11f9d367bb13"),
    ],
    "t1114_Set-Mailbox-ForwardSMTPAddress.csv": [MATT],
}


def records(path):
    """The single records of a file: rows of a CSV, JSON values one after another, lists and answers taken apart."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".csv":
        yield from csv.DictReader(text.splitlines(keepends=True))
        return
    decoder, at = json.JSONDecoder(), 0
    text = text.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        inner = value.get("activities", [value]) if isinstance(value, dict) else value
        yield from inner


def conferring(path):
    """(right, grantee, mailbox, actor) of the rows of a file that confer something, each once."""
    found = (row for record in records(path) for row in grant_rows(json.dumps(record)))
    return {
        (row["right"], row["grantee"], row["mailbox"], row["actor"])
        for row in found
        if row["access"] != "none" and row["right"] not in ("audit_bypass", "inbox_rule")
    }


@pytest.fixture(scope="module")
def all_files(shared):
    folders = ("records/o365", "records/workspace", "exports/dataset", "datasets")
    found = [path for folder in folders for path in sorted((shared / folder).rglob("*"))]
    return [path for path in found if path.suffix in (".json", ".csv", ".ndjson")]


def test_every_record_is_read(all_files):
    assert len(all_files) > 150
    unread = {
        (path.name, row["parse_error"])
        for path in all_files
        for record in records(path)
        for row in grant_rows(json.dumps(record), keep=True)
        if row["parse_error"] and not path.name.startswith("scubagoggles__POLICY_rule")
    }
    assert unread == set()


def test_every_record_gives_rows_when_all_are_kept(all_files):
    for path in all_files:
        for record in records(path):
            found = grant_rows(json.dumps(record), keep=True)
            assert found, path.name
            assert all(set(row) == set(FIELDS) for row in found), path.name


def test_every_record_gives_its_identity_facts_without_fault(all_files):
    assert sum(len(identity_rows(json.dumps(record))) for path in all_files for record in records(path)) > 100


def test_every_record_with_a_time_has_that_time(shared):
    for path in sorted((shared / "records/o365").glob("*.json")):
        for record in records(path):
            row = grant_rows(json.dumps(record), keep=True, time=-1.0)[0]
            assert 1_500_000_000 < float(row["_time"]) < 1_800_000_000, path.name


@pytest.mark.parametrize(("name", "expected"), RECORDS.items(), ids=RECORDS)
def test_a_record_that_grants_tells_who_gets_what(shared, name, expected):
    assert conferring(shared / "records" / name) == set(expected)


@pytest.mark.parametrize("name", NOTHING_CONFERRED)
def test_a_record_that_takes_back_confers_nothing(shared, name):
    found = [row for record in records(shared / "records" / name) for row in grant_rows(json.dumps(record))]
    assert {row["access"] for row in found} == {"none"}


@pytest.mark.parametrize("number", [1, 2])
def test_a_record_of_audit_bypass_names_whose_acts_go_unlogged(shared, number):
    path = shared / f"records/o365/deteng__Set-MailboxAuditBypassAssociation__{number}.json"
    (row,) = (row for record in records(path) for row in grant_rows(json.dumps(record)))
    assert row["right"] == "audit_bypass"
    assert "Alex@contoso.onmicrosoft.com" in (row["mailbox"], row["grantee"])


def test_inbox_rules_that_send_mail_on_or_hide_it_are_told(shared):
    found = {}
    for path in sorted((shared / "records/o365").glob("*InboxRule*.json")):
        for record in records(path):
            for row in grant_rows(json.dumps(record)):
                found.setdefault(path.name, []).append((row["grantee"], row["grantee_kind"], row["access"]))
    assert len(found) == 6
    assert all(
        row in [("alpha@localhost.com", "external", "read"), (None, "unknown", "write")]
        for rows in found.values()
        for row in rows
    )
    assert found["deteng__Set-InboxRule__1.json"] == [(None, "unknown", "write")]


def test_no_other_office_record_grants_anything(shared):
    granting = {name.split("/")[1] for name in [*RECORDS, *NOTHING_CONFERRED] if name.startswith("o365/")}
    for path in sorted((shared / "records/o365").glob("*.json")):
        if path.name not in granting and "AuditBypass" not in path.name:
            assert conferring(path) == set(), path.name


def test_no_record_marked_as_no_delegation_grants_anything(shared):
    for path in sorted((shared / "records/workspace").glob("scubagoggles__NEG_*.json")):
        assert conferring(path) == set(), path.name


def test_exports_show_the_grants_in_them_and_no_more(shared):
    found = {path.name: conferring(path) for path in sorted((shared / "exports/dataset").iterdir())}
    assert {name: grants for name, grants in found.items() if grants} == {
        name: set(grants) for name, grants in EXPORTS.items()
    }


def test_one_record_in_two_exports_is_one_row(shared):
    folder = shared / "exports/dataset"
    ids = [
        {row["row_id"] for record in records(folder / name) for row in grant_rows(json.dumps(record))}
        for name in (
            "t1562-Set-MailboxAuditBypassAssociation.json",
            "t1562.008_Set-MailboxAuditBypassAssociation.csv",
        )
    ]
    assert len(ids[0]) == 1
    assert ids[0] == ids[1]


def test_the_twins_of_the_delegation_switch_fold_to_six_changes(shared):
    path = shared / "datasets/workspace_scubagoggles/admin_activities_merged.ndjson"
    found = [row for record in records(path) for row in grant_rows(json.dumps(record))]
    assert {row["right"] for row in found} == {"delegation_switch"}
    assert len({row["row_id"] for row in found}) == 6
    assert len({row["record_id"] for row in found}) > 6


def test_forwarding_in_user_accounts_is_the_same_as_in_login(shared):
    login, accounts = (
        {
            row["row_id"]
            for record in records(shared / f"datasets/workspace_invictus/{name}.json")
            for row in grant_rows(json.dumps(record))
        }
        for name in ("login", "user_accounts")
    )
    assert len(login) == 3
    assert accounts == login


def test_records_with_the_same_time_and_qualifier_keep_their_own_id(shared):
    for pair in (
        (("login_success", 1), ("login_verification", 1)),
        (("login_success", 2), ("login_challenge", 1)),
    ):
        ids = set()
        for name, number in pair:
            path = shared / f"records/workspace/invictus__SAMEID_{name}__{number}.json"
            ids.update(row["record_id"] for row in grant_rows(path.read_text(encoding="utf-8"), keep=True))
        assert len(ids) == 2
