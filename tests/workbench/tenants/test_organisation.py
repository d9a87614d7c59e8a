"""The made-up organisation: the same bytes each time, real shapes, and an attack that can be told."""

import csv
import ipaddress
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from tests.workbench.tenants.conftest import as_json
from workbench.errors import BadInput
from workbench.tenants import Organisation, export_csv
from workbench.tenants.blobs import LONGEST_LAG, pack
from workbench.tenants.export import COLUMNS
from workbench.tenants.ledger import workspace_key
from workbench.tenants.records import utc

END = datetime(2026, 11, 20, 12, 0)
_PRINT_DIGEST = """
import hashlib, json, datetime
from workbench.tenants import Organisation
made = Organisation(7, datetime.datetime(2026, 11, 20, 12, 0), days=5, mailboxes=60)
text = json.dumps([[list(r) for r in made.records], made.people, made.truth])
print(hashlib.sha256(text.encode()).hexdigest())
"""


def bodies(organisation, operation, **wanted):
    found = [record.body for record in organisation.records if record.body.get("Operation") == operation]
    return [body for body in found if all(body.get(name) == value for name, value in wanted.items())]


def parameters(body):
    return {entry["Name"]: entry["Value"] for entry in body["Parameters"]}


def events(organisation, application):
    return [event for body in organisation.workspace_activities(application) for event in body["events"]]


# the same bytes


def test_same_seed_and_end_give_the_same_bytes_whatever_the_hash_seed(root):
    digests = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", _PRINT_DIGEST]
        digests.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(digests) == 1


def test_another_seed_gives_other_people():
    one, two = (Organisation(seed, END, days=4, mailboxes=40) for seed in (1, 2))
    assert one.tenant != two.tenant
    assert one.people != two.people


def test_an_end_in_another_zone_is_the_same_moment():
    elsewhere = datetime(2026, 11, 20, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert Organisation(1, elsewhere, 4, 40).end == Organisation(1, END, 4, 40).end


def test_too_small_an_organisation_is_refused():
    with pytest.raises(BadInput, match="at least 40 mailboxes and 4 days"):
        Organisation(1, END, days=4, mailboxes=12)


# how much, of what


def test_it_is_large_enough_to_be_honest(organisation):
    assert 18_500 < len(organisation.records) < 21_500
    kinds = Counter(person["kind"] for person in organisation.people)
    assert kinds["user"] + kinds["shared"] + kinds["room"] == 240
    types = Counter(record.body.get("RecordType") for record in organisation.records)
    assert {1, 2, 3, 8, 15, 50} <= set(types)


def test_records_are_oldest_first_and_within_the_time(organisation):
    times = [record.time for record in organisation.records]
    assert times == sorted(times)
    assert organisation.start <= times[0]
    assert times[-1] < organisation.end


def test_a_records_time_is_its_own_creation_time(organisation):
    for record in organisation.office365_records():
        assert record.body["CreationTime"] == utc(record.time)


def test_ids_are_unique(organisation):
    ids = [record.body["Id"] for record in organisation.office365_records()]
    assert len(set(ids)) == len(ids)


def test_most_cmdlets_are_the_systems_own(organisation):
    cmdlets = [r.body for r in organisation.records if r.body.get("RecordType") == 1]
    system = [body for body in cmdlets if body["UserType"] == 3]
    assert len(system) > 0.78 * len(cmdlets)


def test_the_noise_of_the_reference_is_there(organisation):
    discovery = [body for body in bodies(organisation, "Add-MailboxPermission") if body["UserType"] == 3]
    assert {body["UserId"].rsplit(".", 1)[1] for body in discovery} == {"ServiceHost)", "Servicehost)"}
    assert 7 <= len(discovery) <= 31
    changed = bodies(organisation, "ModifyFolderPermissions", ClientIP="::1")
    members = Counter(body["Item"]["ParentFolder"]["MemberUpn"] for body in changed)
    assert members["Everyone"] >= 20
    assert members["Member@local"] >= 3
    closed = [body for body in changed if body["Item"]["ParentFolder"]["MemberUpn"] == "Everyone"]
    assert {body["Item"]["ParentFolder"]["MemberRights"] for body in closed} == {"None"}
    assert len({body["Item"]["ParentFolder"]["Path"].split("\\")[1] for body in closed}) == 3


def test_everyday_delegation_comes_in_every_form(organisation):
    grants = [body for body in bodies(organisation, "Add-MailboxPermission") if body["UserType"] == 2]
    assert len({body["AppId"] for body in grants}) == 3
    assert any(body["ResultStatus"] == "False" for body in grants)
    assert any(parameters(body).get("Deny") == "True" for body in grants)
    assert bodies(organisation, "Remove-MailboxPermission")
    assert bodies(organisation, "Remove-RecipientPermission")
    assert any("GrantSendOnBehalfTo" in parameters(body) for body in bodies(organisation, "Set-Mailbox"))
    forwards = [parameters(body) for body in bodies(organisation, "Set-Mailbox", UserType=2)]
    assert {bool(p["ForwardingSmtpAddress"]) for p in forwards if "ForwardingSmtpAddress" in p} == {True, False}
    flags = [parameters(b).get("SharingPermissionFlags") for b in bodies(organisation, "Add-MailboxFolderPermission")]
    assert "Delegate" in flags


def test_old_mailboxes_have_a_name_and_new_ones_their_object_id(organisation):
    users = [person for person in organisation.people if person["kind"] == "user"]
    new = [person for person in users if person["exchange_name"] == person["object_id"]]
    assert 0.5 < len(new) / len(users) < 0.8
    assert len({person["mailbox_guid"] for person in users}) == len(users)


def test_no_address_is_anybodys(organisation):
    allowed = [
        ipaddress.ip_network(text)
        for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2a01:111::/32", "::1/128")
    ]
    seen = set()
    for record in organisation.records:
        for name in ("ClientIP", "ClientIPAddress", "ActorIpAddress", "ipAddress"):
            seen.add(record.body.get(name))
    for text in seen - {None}:
        bare = text.split("]")[0].lstrip("[") if "[" in text else text.split(":")[0] if "." in text else text
        address = ipaddress.ip_address(bare)
        assert any(address in network for network in allowed if network.version == address.version), text


# clients write differently

EAC = "497effe9-df71-4043-a8bb-14cf78c4b63b"
ADMIN_CENTER = "00000006-0000-0ff1-ce00-000000000000"
POWERSHELL = "fb78d390-0c51-40cd-8e17-fdbfab77341b"
ADMIN_CLIENTS = {
    EAC: ("object_id", ["Identity", "User", "AccessRights", "InheritanceType"]),
    ADMIN_CENTER: ("dn", ["Identity", "User", "AccessRights"]),
    POWERSHELL: ("upn", ["Identity", "AccessRights", "User", "InheritanceType"]),
}


@pytest.mark.parametrize("app_id", ADMIN_CLIENTS)
def test_each_admin_client_has_its_own_order_and_identity(organisation, app_id):
    form, order = ADMIN_CLIENTS[app_id]
    known = {person["object_id"] for person in organisation.people} | {p["upn"] for p in organisation.people}
    for body in bodies(organisation, "Add-MailboxPermission", AppId=app_id):
        given = parameters(body)
        if "Deny" not in given:
            assert list(given) == order
        if form == "dn":
            assert "/Microsoft Exchange Hosted Organizations/" in given["User"]
            assert body["ClientIP"].startswith("[2a01:111:")
            assert body["SessionId"] == ""
        else:
            assert {given["Identity"], given["User"]} <= known
            assert ("@" in given["User"]) == (form == "upn")
            assert body["SessionId"]


# real shapes: operation, a condition on ours, the real record whose keys it must have
REAL_SHAPES = [
    ("Add-MailboxPermission", {"UserType": 3}, "deteng__Add-MailboxPermission__1.json"),
    ("Add-MailboxPermission", {"AppId": POWERSHELL}, "deteng__Add-MailboxPermission__2.json"),
    ("Add-MailboxPermission", {"AppId": EAC}, "deteng__Add-MailboxPermission__3.json"),
    ("Add-MailboxPermission", {"AppId": ADMIN_CENTER}, "deteng__Add-MailboxPermission__2.json"),
    ("Add-RecipientPermission", {"AppId": POWERSHELL}, "deteng__Add-RecipientPermission__1.json"),
    ("Set-Mailbox", {"AppId": EAC}, "deteng__Set-Mailbox__1.json"),
    ("Set-MailboxAuditBypassAssociation", {}, "deteng__Set-MailboxAuditBypassAssociation__1.json"),
    ("Set-MailboxPlan", {}, "plaso__Set-MailboxPlan__1.json"),
    ("New-InboxRule", {"AppId": "00000002-0000-0ff1-ce00-000000000000"}, "deteng__New-InboxRule__4.json"),
    ("ModifyFolderPermissions", {"UserType": 0}, "splunkesc__ModifyFolderPermissions__1.json"),
    ("MailItemsAccessed", {}, "splunkesc__MailItemsAccessed__1.json"),
    ("UserLoggedIn", {}, "deteng__UserLoggedIn__1.json"),
    ("UserLoginFailed", {}, "deteng__UserLoginFailed__1.json"),
    ("Reset user password.", {}, "deteng__Reset_user_password__1.json"),
    ("Update user.", {}, "deteng__Update_user__1.json"),
]


@pytest.mark.parametrize(("operation", "wanted", "name"), REAL_SHAPES)
def test_records_have_exactly_the_keys_and_types_of_a_real_one(organisation, shared, operation, wanted, name):
    real = as_json(shared / "records" / "o365" / name)
    ours = bodies(organisation, operation, **wanted)
    assert ours
    for body in ours:
        assert set(body) == set(real)
        assert {key: type(value) for key, value in body.items()} == {k: type(v) for k, v in real.items()}


def test_a_real_set_mailbox_plan_has_our_parameters_in_our_order(organisation, shared):
    real = as_json(shared / "records" / "o365" / "plaso__Set-MailboxPlan__1.json")
    assert list(parameters(bodies(organisation, "Set-MailboxPlan")[0])) == list(parameters(real))


REAL_ACTIVITIES = [
    ("admin", "CREATE_USER", "invictus__CREATE_USER__1.json"),
    ("admin", "AUTHORIZE_API_CLIENT_ACCESS", "invictus__AUTHORIZE_API_CLIENT_ACCESS__1.json"),
    (
        "admin",
        "CHANGE_EMAIL_SETTING",
        "scubagoggles__CHANGE_EMAIL_SETTING__ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN__1.json",
    ),
    (
        "admin",
        "CHANGE_APPLICATION_SETTING",
        "scubagoggles__CHANGE_APPLICATION_SETTING__MailDelegation_mail_delegation_desired__1.json",
    ),
    ("login", "login_success", "invictus__SAMEID_login_success__1.json"),
]


@pytest.mark.parametrize(("application", "event", "name"), REAL_ACTIVITIES)
def test_activities_have_the_keys_of_a_real_one(organisation, shared, application, event, name):
    real = as_json(shared / "records" / "workspace" / name)
    newer = {"networkInfo"} if application == "admin" and "scubagoggles" not in name else set()
    ours = [b for b in organisation.workspace_activities(application) if b["events"][0]["name"] == event]
    assert ours
    for body in ours:
        assert set(body) - newer == set(real)
        assert set(body["actor"]) == set(real["actor"])
        got, wanted = body["events"][0], real["events"][0]
        assert got["type"] == wanted["type"]
        assert [p["name"] for p in got["parameters"]] == [p["name"] for p in wanted["parameters"]]
        assert [set(p) for p in got["parameters"]] == [set(p) for p in wanted["parameters"]]


# the attack


def malicious(organisation, **wanted):
    return [row for row in organisation.truth if all(row[name] == value for name, value in wanted.items())]


def test_the_attack_on_office_365_is_told_from_start_to_end(organisation):
    rows = malicious(organisation, provider="exchange_online")
    assert sorted({row["step"] for row in rows}) == list(range(1, 10))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert set(Counter(row["operation"] for row in rows)) == {
        "UserLoginFailed",
        "UserLoggedIn",
        "Add-MailboxPermission",
        "Set-MailboxFolderPermission",
        "Add-MailboxFolderPermission",
        "ModifyFolderPermissions",
        "MailItemsAccessed",
        "Add-RecipientPermission",
        "SendAs",
        "New-InboxRule",
        "Set-MailboxAuditBypassAssociation",
        "Remove-MailboxPermission",
    }


def test_the_attack_lies_in_the_last_three_days_and_is_published_before_the_end(organisation):
    for row in organisation.truth:
        assert organisation.end - 3 * 86400 <= row["time"] < organisation.end - LONGEST_LAG


def test_the_seven_day_feed_holds_the_whole_attack_at_the_end(organisation):
    blobs = pack(organisation.office365_records())
    listed = [blob for blob in blobs if organisation.end - 7 * 86400 <= blob.created <= organisation.end]
    published = {record.body["Id"] for blob in listed for record in blob.records}
    assert {row["id"] for row in malicious(organisation, provider="exchange_online")} <= published


def test_the_truth_names_records_that_are_there(organisation):
    keys = {record.body.get("Id") or workspace_key(record.body) for record in organisation.records}
    assert {row["id"] for row in organisation.truth} <= keys
    assert all(row["label"] for row in organisation.truth)


def by_id(organisation, row):
    return next(record.body for record in organisation.records if record.body.get("Id") == row["id"])


def test_the_attacker_grants_to_the_account_that_acts(organisation):
    actor = organisation.directory.helpdesk[-1]
    first = by_id(organisation, malicious(organisation, operation="Add-MailboxPermission")[0])
    assert parameters(first)["User"] == actor.object_id
    assert parameters(first)["Identity"] == organisation.directory.cfo.object_id
    assert first["UserId"] == actor.upn
    assert first["ClientIP"].startswith("203.0.113.")


def test_the_chiefs_inbox_and_root_are_opened_to_everyone_in_both_vocabularies(organisation):
    chief = organisation.directory.chief
    cmdlets = [
        parameters(by_id(organisation, row))
        for row in organisation.truth
        if row["operation"].endswith("-MailboxFolderPermission")
    ]
    assert {p["Identity"].split(":")[1] for p in cmdlets} == {f"\\{chief.folder('inbox')}", "\\"}
    assert {(p["User"], p["AccessRights"]) for p in cmdlets} == {("Default", "Reviewer")}
    audited = [by_id(organisation, r) for r in malicious(organisation, operation="ModifyFolderPermissions")]
    assert {body["LogonType"] for body in audited} == {2}
    for body in audited:
        assert body["MailboxOwnerUPN"] == chief.upn
        assert body["Item"]["ParentFolder"]["MemberUpn"] == "Everyone"
        assert "ReadAny" in body["Item"]["ParentFolder"]["MemberRights"]


def test_mail_is_read_before_the_audit_is_bypassed_and_not_after(organisation):
    actor = organisation.directory.helpdesk[-1].upn
    bypass = malicious(organisation, operation="Set-MailboxAuditBypassAssociation")[0]["time"]
    reads = [row["time"] for row in malicious(organisation, operation="MailItemsAccessed")]
    assert reads
    assert max(reads) < bypass
    assert all(
        body["CreationTime"] <= utc(bypass)
        for record_type in (2, 3, 50)
        for body in (r.body for r in organisation.records if r.body.get("RecordType") == record_type)
        if body["UserId"] == actor
    )


def test_an_outsider_may_send_as_the_cfo(organisation):
    trustees = [
        parameters(by_id(organisation, row))["Trustee"]
        for row in malicious(organisation, operation="Add-RecipientPermission")
    ]
    assert any("#EXT#" in trustee for trustee in trustees)


def test_the_attack_on_workspace_is_told(organisation):
    rows = malicious(organisation, provider="workspace")
    assert sorted({row["step"] for row in rows}) == [1, 2, 3, 4]
    keyed = {workspace_key(r.body): r.body for r in organisation.records if r.content_type.startswith("workspace:")}
    switched, granted, *calls = (keyed[row["id"]] for row in rows[1:])
    settings = {p["value"] for e in switched["events"] for p in e["parameters"] if p["name"] == "SETTING_NAME"}
    assert settings == {"MailDelegation mail_delegation_desired", "MailDelegation sender_attribution_desired"}
    scopes = {p["name"]: p["value"] for p in granted["events"][0]["parameters"]}
    assert "https://mail.google.com/" in scopes["API_SCOPES"]
    assert scopes["API_CLIENT_NAME"].isdigit()
    assert len(calls) == 3
    for call in calls:
        said = {p["name"]: p.get("value") for p in call["events"][0]["parameters"]}
        assert said["method_name"] == "gmail.users.settings.delegates.create"
        assert said["client_id"] == scopes["API_CLIENT_NAME"]
        assert "ipAddress" not in call


def test_older_data_show_a_switch_under_both_names_in_the_same_millisecond(organisation):
    legacy = [
        body
        for body in organisation.workspace_activities("admin")
        if body["events"][0]["name"] == "CHANGE_EMAIL_SETTING"
    ]
    assert legacy
    for twin in legacy:
        same_time = [
            body
            for body in organisation.workspace_activities("admin")
            if body["id"]["time"] == twin["id"]["time"] and body is not twin
        ]
        assert len(same_time) == 1
        assert same_time[0]["id"]["uniqueQualifier"] != twin["id"]["uniqueQualifier"]


# the export


def test_the_export_is_a_search_unified_audit_log_csv(organisation, shared, tmp_path):
    path = tmp_path / "old.csv"
    records = organisation.office365_records()[:500]
    assert export_csv(records, path) == 500
    real = next((shared / "exports" / "dataset").glob("t1098.002_ApplicationImpersonation.csv"))
    assert path.read_text("utf-8").splitlines()[0] == real.read_text("utf-8").splitlines()[0]


def test_an_exported_record_comes_back_unchanged(organisation, tmp_path):
    path = tmp_path / "old.csv"
    records = organisation.office365_records()[:300]
    export_csv(records, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    newest_first = sorted(records, key=lambda record: record.time, reverse=True)
    assert [json.loads(row["AuditData"]) for row in rows] == [record.body for record in newest_first]
    assert "/" not in rows[0]["AuditData"].replace("\\/", "")
    assert rows[-1]["ResultIndex"] == rows[0]["ResultCount"] == "300"


@pytest.mark.parametrize(
    ("moment", "text"),
    [("2023-05-28T10:15:33", "5/28/2023 10:15:33 AM"), ("2023-12-03T00:05:07", "12/3/2023 12:05:07 AM")],
)
def test_export_dates_are_american_without_leading_zeros(organisation, tmp_path, moment, text):
    path = tmp_path / "one.csv"
    time = datetime.fromisoformat(moment + "+00:00").timestamp()
    export_csv([organisation.office365_records()[0]._replace(time=time)], path)
    assert f'"{text}"' in path.read_text("utf-8")
