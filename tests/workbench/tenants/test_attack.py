"""The attacks that the made-up organisation tells, and the truth about them."""

from collections import Counter

from tests.workbench.tenants.conftest import parameters
from workbench.tenants.blobs import LONGEST_LAG, pack
from workbench.tenants.ledger import workspace_key
from workbench.tenants.records import utc


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
