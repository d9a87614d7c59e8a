"""The shipped weights: which grants must score above which, and which must stay out of sight."""

import itertools

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALL_MAIL,
    DISCOVERY,
    EVERY_SHAPE,
    FINANCE,
    FOREST,
    FULL_ACCESS_AS_APP,
    HELPDESK,
    OTHER_TENANT,
    api_call,
    api_client,
    app_role,
    cmdlet,
    consent,
    event,
    folder_audit,
    folder_cmdlet,
    full_access,
    gmail_forwarding,
    rows,
    send_as,
    switch,
    system_grant,
    workspace,
)
from tests.bin.risk.verdicts import LEVELS, factors, judged, judged_row, level, names, score

GUEST = "jo_example.net#EXT#@example.onmicrosoft.com"

FROM_WORST = [
    ("the Inbox opened to everyone", folder_cmdlet(rights="Reviewer", user="Default")),
    ("a self-grant of FullAccess", full_access(UserId=ALEX)),
    ("FullAccess given by the help desk", full_access()),
    ("a calendar shared with a Reviewer", folder_cmdlet(folder="\\Calendar", user=ALEX, rights="Reviewer")),
    (
        "availability of a calendar",
        folder_cmdlet(folder="\\Calendar", user="Default", rights="AvailabilityOnly"),
    ),
]


@pytest.mark.parametrize(
    ("worse", "better"),
    [pair for pair in itertools.combinations(FROM_WORST, 2) if pair[1][0] != "a self-grant of FullAccess"],
    ids=lambda named: named[0],
)
def test_grants_are_told_apart_by_what_they_confer(worse, better):
    assert score(worse[1]) > score(better[1])


ABOVE = {
    "self-grant above the same by a third party": (full_access(UserId=ALEX), full_access()),
    "SendAs to oneself above SendAs by a third party": (send_as(UserId=ALEX), send_as()),
    "partner above own staff": (full_access(UserType=9), full_access()),
    "token of another tenant above own staff": (full_access(TokenTenantId=OTHER_TENANT), full_access()),
    "guest above member": (full_access(user=GUEST), full_access()),
    "Inbox above calendar": (folder_cmdlet(user=ALEX), folder_cmdlet(folder="\\Calendar", user=ALEX)),
    "French Inbox above calendar": (
        folder_audit(path="\\Boîte de réception"), folder_audit(path="\\Calendrier"),
    ),
    "everyone above one person": (folder_cmdlet(user="Default"), folder_cmdlet(user=ALEX)),
    "anonymous above one person": (folder_cmdlet(user="Anonymous"), folder_cmdlet(user=ALEX)),
    "root for everyone above root for one": (folder_cmdlet("\\"), folder_cmdlet("\\", user=ALEX)),
    "FullAccess above ReadPermission": (full_access(), full_access(rights="ReadPermission")),
    "all mailboxes above one mailbox": (consent("Mail.Read", everyone=True), consent("Mail.Read")),
    "full_access_as_app above consent of one": (
        app_role("full_access_as_app", FULL_ACCESS_AS_APP), consent("Mail.Read"),
    ),
    "impersonation above FullAccess on one": (EVERY_SHAPE["New-RoleGroup"], full_access()),
    "forwarding outside above forwarding inside": (
        EVERY_SHAPE["Set-Mailbox ForwardingSmtpAddress"],
        cmdlet("Set-Mailbox", {"Identity": FINANCE, "ForwardingSmtpAddress": "archive@example.com"}),
    ),
    "private items above a shared calendar": (
        folder_cmdlet("\\Calendar", user=ALEX, rights="Editor", flags="Delegate,CanViewPrivateItems"),
        folder_cmdlet("\\Calendar", user=ALEX, rights="Editor"),
    ),
    "reading above free and busy, for everyone": (
        folder_audit(rights="ReadAny, Visible"), folder_audit(rights="FreeBusySimple"),
    ),
    "switch on above switch inherited": (workspace(switch()), workspace(switch(None, "false", verb="DELETE"))),
    "switch inherited above switch off": (
        workspace(switch(None, "false", verb="DELETE")), workspace(switch("false", "true")),
    ),
    "system on a person's mailbox above system on its own": (system_grant(FOREST + "Finance"), system_grant()),
}  # fmt: skip


@pytest.mark.parametrize(("worse", "better"), ABOVE.values(), ids=ABOVE)
def test_the_worse_of_two_grants_scores_higher(worse, better):
    assert score(worse) > score(better)


HIGH = {
    "Inbox for everyone, by another": folder_cmdlet(user="Default"),
    "Inbox for everyone, by its owner": folder_audit(),
    "root for everyone": folder_audit(path="\\"),
    "Inbox for anonymous": folder_cmdlet(user="Anonymous"),
    "self-grant of FullAccess": full_access(UserId=ALEX),
    "impersonation": EVERY_SHAPE["New-ManagementRoleAssignment"],
    "an application in all mailboxes": app_role("full_access_as_app", FULL_ACCESS_AS_APP),
    "domain-wide delegation of mail": api_client(ALL_MAIL),
    "audit bypass": EVERY_SHAPE["Set-MailboxAuditBypassAssociation"],
}


@pytest.mark.parametrize("record", HIGH.values(), ids=HIGH)
def test_what_intruders_did_is_high_or_critical(record):
    assert level(record) in ("high", "critical")


AT_LEAST_MEDIUM = {
    "FullAccess": full_access(),
    "SendAs": send_as(),
    "send on behalf": EVERY_SHAPE["Set-Mailbox GrantSendOnBehalfTo"],
    "forwarding outside": EVERY_SHAPE["Set-Mailbox ForwardingSmtpAddress"],
    "Gmail forwarding outside": gmail_forwarding(),
    "delegation switched on": workspace(switch()),
    "a Gmail delegate made by the API": api_call(),
    "a right to grant further": full_access(rights="ChangePermission"),
}


@pytest.mark.parametrize("record", AT_LEAST_MEDIUM.values(), ids=AT_LEAST_MEDIUM)
def test_a_grant_that_opens_mail_is_at_least_medium(record):
    assert LEVELS.index(level(record)) >= LEVELS.index("medium")


INFORMATIONAL = {
    "failed": full_access(ResultStatus="False"),
    "failed self-grant": full_access(ResultStatus="False", UserId=ALEX),
    "failed by a partner to a guest": full_access(ResultStatus="False", UserType=9, user=GUEST),
    "failed opening of the Inbox": folder_audit(ResultStatus="Failed"),
    "denied": cmdlet("Add-MailboxPermission", [*full_access()["Parameters"], {"Name": "Deny", "Value": "True"}]),
    "denied to oneself": cmdlet(
        "Add-MailboxPermission", [*full_access()["Parameters"], {"Name": "Deny", "Value": "True"}], UserId=ALEX
    ),
    "denied by a partner": cmdlet(
        "Add-MailboxPermission", [*full_access()["Parameters"], {"Name": "Deny", "Value": "True"}], UserType=9
    ),
    "denied to a guest": cmdlet(
        "Add-MailboxPermission", [*full_access(user=GUEST)["Parameters"], {"Name": "Deny", "Value": "True"}]
    ),
    "None on the Inbox": folder_cmdlet(rights="None"),
    "None on a holiday calendar": folder_audit(rights="None", path="\\Calendar\\Holidays", ClientIP="::1"),
    "removed": full_access(operation="Remove-MailboxPermission"),
    "removed by oneself": full_access(operation="Remove-MailboxPermission", UserId=ALEX),
    "removed from a folder": folder_cmdlet(operation="Remove-MailboxFolderPermission", rights=None),
    "removed in the audit": folder_audit(operation="RemoveFolderPermissions"),
    "SendAs removed": send_as(operation="Remove-RecipientPermission"),
    "forwarding cleared": cmdlet("Set-Mailbox", {"Identity": FINANCE, "ForwardingSmtpAddress": ""}),
    "send on behalf cleared": cmdlet("Set-Mailbox", {"Identity": FINANCE, "GrantSendOnBehalfTo": ""}),
    "audit bypass ended": cmdlet(
        "Set-MailboxAuditBypassAssociation", {"Identity": ALEX, "AuditBypassEnabled": "False"}
    ),
    "switch off": workspace(switch("false", "true")),
    "the mailbox itself": full_access(user="NT AUTHORITY\\SELF"),
    "availability": folder_audit(rights="FreeBusySimple", path="\\Calendar"),
    "Exchange's own grant": system_grant(),
    "the same in the old spelling": system_grant(actor="NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Servicehost)"),
    "a group mailbox being set up": folder_audit(
        rights="ReadAny, Create, EditAny, DeleteAny", member="Member@local", sid="S-1-8-1-2-3-1", path="\\Calendar",
        actor="S-1-5-18", UserType=2, LogonType=1, ExternalAccess=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("record", INFORMATIONAL.values(), ids=INFORMATIONAL)
def test_what_confers_nothing_is_informational(record):
    assert level(record) == "informational"


NOT_NOISE = {
    "SYSTEM on a person's mailbox": system_grant(mailbox=FOREST + "Finance"),
    "SYSTEM giving the search mailbox to a person": system_grant(user=FOREST + "Alex"),
    "a person on the search mailbox": system_grant(actor=HELPDESK, UserType=2, ExternalAccess=False),
    "a person giving himself the search mailbox": system_grant(
        user=ALEX, actor=ALEX, UserType=2, ExternalAccess=False
    ),
    "a partner on the search mailbox": system_grant(actor="tech@partner.example.net", UserType=9),
    "SYSTEM, another right": system_grant(
        Parameters=full_access(DISCOVERY, FOREST + "Discovery Management", "ChangePermission")["Parameters"]
    ),
}


@pytest.mark.parametrize("record", NOT_NOISE.values(), ids=NOT_NOISE)
def test_a_benign_pattern_hides_nothing_that_differs_in_one_condition(record):
    assert level(record) != "informational"


UNKNOWN = {
    "on a mailbox": full_access(rights="Teleport"),
    "on the Inbox": folder_cmdlet(rights="Teleport", user=ALEX),
    "on the Inbox, for everyone": folder_cmdlet(rights="Teleport", user="Default"),
    "on a calendar": folder_cmdlet("\\Calendar", rights="Teleport", user=ALEX),
}


@pytest.mark.parametrize("record", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_right_is_seen_but_at_most_medium_by_itself(record):
    row = judged({**record, "UserId": HELPDESK})
    bases = [points for name, points, _ in factors(row) if points > 0][:1]
    assert LEVELS.index(row["delegation_level"]) >= 1
    assert bases[0] < 70


def test_an_unknown_right_beside_a_known_one_lowers_nothing():
    assert score(folder_audit(rights="ReadAny, Visible, Teleport")) >= score(
        folder_audit(rights="ReadAny, Visible")
    )
    assert score(full_access(rights="FullAccess,Teleport")) >= score(full_access())


def test_an_unknown_right_on_a_calendar_counts_as_reading_that_calendar():
    unknown = folder_cmdlet("\\Calendar", rights="Teleport", user=ALEX)
    assert score(unknown) < score(folder_cmdlet("\\Inbox", rights="Reviewer", user=ALEX))


SHARED = {"mailbox_kind": "shared"}


@pytest.mark.parametrize("record", [full_access(), send_as()], ids=["full access", "send as"])
def test_a_shared_mailbox_lowers_unless_it_is_a_vip_s(record):
    assert score(record, **SHARED) < score(record)
    assert score(record, **SHARED, mailbox_vip="true") == score(record, mailbox_vip="true")


def test_finance_counts_less_where_one_act_takes_mailboxes_of_all_kinds():
    assert score(full_access(), mailbox_sensitive="true", broad="true") == score(full_access())
    assert score(full_access(), mailbox_sensitive="true") > score(full_access())


def test_a_new_address_at_an_odd_hour_is_more_than_either():
    both = score(full_access(), new_address="true", unusual_hour="true")
    assert both > score(full_access(), new_address="true") > score(full_access(), unusual_hour="true")


def test_a_first_pair_in_the_own_team_is_nothing_new():
    assert score(full_access(), first_pair="true", kin="department") == score(full_access())
    assert score(full_access(), first_pair="true") > score(full_access())


def test_a_disabled_account_counts_less_where_the_owner_named_it():
    row = {"right": "folder", "folder_kind": "inbox", "access": "read", "grant_action": "grant", "status": "success"}
    scores = [
        int(judged_row({**row, **more})["delegation_score"])
        for more in ({}, {"grantee_enabled": "false", "relation": "owner"}, {"grantee_enabled": "false"})
    ]
    assert scores == sorted(set(scores))


RULE = {"right": "inbox_rule", "access": "write", "grant_action": "setting", "status": "success", "mailbox_key": ALEX}


def test_a_rule_in_somebody_else_s_mailbox_is_high_where_the_mailbox_is_known():
    hides = judged_row({**RULE, "relation": "third_party"})
    assert hides["delegation_level"] == "high"
    unknown = judged_row({**RULE, "relation": "third_party", "mailbox_key": ""})
    assert unknown["delegation_score"] == judged_row({**RULE, "relation": "owner"})["delegation_score"]


MEMBER = {"right": "group_member", "access": "none", "grant_action": "grant", "status": "success"}


def test_a_member_has_what_the_group_opens():
    scores = [int(judged_row({**MEMBER, **more})["delegation_score"]) for more in (
        {}, {"group_access": "read"}, {"group_access": "own"}, {"group_access": "own", "group_level": "high"},
    )]  # fmt: skip
    assert scores == sorted(set(scores))
    assert scores[0] < 20 <= 70 <= scores[-1]


def test_a_scope_is_less_than_every_mailbox_and_more_again_when_it_is_gone():
    row = {"right": "app_mail", "access": "read", "mailbox": "*", "grant_action": "grant", "status": "success"}
    scores = [int(judged_row({**row, "inheritance": scope})["delegation_score"]) for scope in ("Invoices", "none", "")]
    assert scores[0] < 70 <= scores[1] == scores[2]


def test_receive_as_on_a_database_is_high():
    row = {"right": "full_access", "access": "own", "grant_action": "grant", "status": "success"}
    assert judged_row({**row, "right_native": "Receive-As"})["delegation_level"] == "high"
    assert judged_row({**row, "right_native": "FullAccess"})["delegation_level"] == "medium"


def test_availability_of_a_vip_is_still_availability():
    free_busy = folder_cmdlet(folder="\\Calendar", user="Default", rights="AvailabilityOnly")
    assert score(free_busy, mailbox_vip="true", mailbox_sensitive="true") == score(free_busy)


def test_directory_facts_raise_the_score():
    record = full_access()
    for facts in ({"mailbox_vip": "true"}, {"grantee_enabled": "false"}, {"grantee_privileged": "true"}):
        assert score(record, **facts) > score(record), facts


@pytest.mark.parametrize("name", ["failed", "removed", "denied", "None on the Inbox", "forwarding cleared"])
def test_facts_about_parties_do_not_raise_what_confers_nothing(name):
    facts = {"mailbox_vip": "true", "mailbox_kind": "system", "grantee_enabled": "false"}
    assert level(INFORMATIONAL[name], **facts, grantee_privileged="true") == "informational"


def test_an_approval_brings_a_grant_down_only_while_it_is_current():
    record = full_access()
    assert score(record, approval="current") < score(record)
    assert score(record, approval="ended") == score(record)
    assert score(record, approval="") == score(record)


@pytest.mark.parametrize("record", [*HIGH.values(), *INFORMATIONAL.values(), *EVERY_SHAPE.values()])
def test_factors_always_sum_to_the_score(record):
    row = judged(record)
    assert sum(points for _, points, _ in factors(row)) == int(row["delegation_score"])
    assert 0 <= int(row["delegation_score"]) <= 100
    assert all(name and reason for name, _, reason in factors(row))


def test_every_factor_is_told_once():
    for record in EVERY_SHAPE.values():
        told = [name for name, _, _ in factors(judged(record))]
        assert len(told) == len(set(told))


def test_the_worst_imaginable_grant_shows_the_cap():
    record = folder_cmdlet(user="Anonymous", UserType=9)
    row = judged(record, mailbox_vip="true", mailbox_kind="system", grantee_enabled="false")
    assert int(row["delegation_score"]) == 100
    assert "cap" in names(row)


def test_every_shipped_record_shape_gets_a_base_from_the_table():
    for name, record in EVERY_SHAPE.items():
        assert len(factors(judged(record))) >= 1, name


TOLD = {
    "FullAccess": (full_access(), [HELPDESK, ALEX, FINANCE]),
    "SendAs": (send_as(), [HELPDESK, ALEX, FINANCE]),
    "send on behalf": (EVERY_SHAPE["Set-Mailbox GrantSendOnBehalfTo"], [HELPDESK, ALEX, FINANCE]),
    "Inbox for everyone": (folder_cmdlet(), [HELPDESK, "Default", FINANCE, "Inbox"]),
    "forwarding": (EVERY_SHAPE["Set-Mailbox ForwardingSmtpAddress"], [HELPDESK, "drop@example.net", FINANCE]),
    "impersonation": (EVERY_SHAPE["New-ManagementRoleAssignment"], [HELPDESK, ALEX]),
    "an application": (app_role(), [HELPDESK, "Mail Sync", "Mail.Read"]),
    "audit bypass": (EVERY_SHAPE["Set-MailboxAuditBypassAssociation"], [HELPDESK, ALEX]),
    "switch": (workspace(switch()), [HELPDESK, "Sales"]),
    "removal": (full_access(operation="Remove-MailboxPermission"), [HELPDESK, ALEX, FINANCE]),
    "failure": (full_access(ResultStatus="False"), [HELPDESK, ALEX, FINANCE]),
}


@pytest.mark.parametrize(("record", "words"), TOLD.values(), ids=TOLD)
def test_the_reason_names_who_gave_what_to_whom(record, words):
    reason = judged(record)["delegation_reason"]
    assert [word for word in words if word not in reason] == []
    assert "\n" not in reason
    assert "{" not in reason
    assert "None " not in reason.replace("AccessRights None", "")


def test_the_reason_does_not_say_that_a_failed_or_removed_grant_gives_access():
    given = judged(full_access())["delegation_reason"]
    for record in (full_access(ResultStatus="False"), full_access(operation="Remove-MailboxPermission")):
        assert judged(record)["delegation_reason"] != given


def test_the_reason_of_a_grant_without_parties_is_still_a_sentence():
    reason = judged_row({"right": "full_access", "access": "own", "grant_action": "grant"})[
        "delegation_reason"
    ]
    assert reason
    assert "None" not in reason


def test_what_is_no_grant_is_scored_without_fault_and_never_as_a_danger():
    for row in (*rows("{broken"), *rows(workspace(event("CHANGE_PASSWORD", {}, "USER_SETTINGS")), keep=True)):
        scored = judged_row(row)
        assert scored.get("delegation_level") in (None, "", "informational")
        assert {name: scored[name] for name in row} == row


@pytest.mark.parametrize(
    "value", [None, "", [], ["a", "b"], 5, 1.5, True, "x" * 1000, "a|b\nc", "a\ud800"], ids=repr
)
def test_no_value_of_a_row_makes_scoring_fail(value):
    (row,) = rows(full_access())
    for name in row:
        scored = judged_row({**row, name: value})
        if scored["delegation_score"] is not None:
            assert sum(points for _, points, _ in factors(scored)) == scored["delegation_score"], name


def test_real_records_are_scored_and_the_search_mailbox_alone_is_noise(shared):
    levels = {}
    for path in sorted((shared / "records/o365").glob("*-*Permission__*.json")):
        (row,) = rows(path.read_text(encoding="utf-8"))
        scored = judged_row(row)
        assert sum(points for _, points, _ in factors(scored)) == scored["delegation_score"]
        levels[path.name] = scored["delegation_level"]
    assert [name for name, found in levels.items() if found == "informational"] == [
        "deteng__Add-MailboxPermission__1.json"
    ]
    assert set(levels.values()) == {"informational", "medium"}


def standing(kind="get-mailboxpermission", **columns):
    """A row of an inventory."""
    return {"delegation_watch_inventory": kind, "tenant": "t", "columns": columns}


def test_what_exchange_set_up_is_harmless_as_it_stands_too_and_nobody_else_there_is():
    own = standing(Identity=DISCOVERY, User="Discovery Management", AccessRights="FullAccess")
    assert level(own) == "informational"
    assert level({**own, "columns": {**own["columns"], "User": ALEX}}) == "medium"
    assert level({**own, "columns": {**own["columns"], "Identity": FINANCE}}) == "medium"


def test_a_deleted_account_as_delegate_is_worse_than_one_that_is_there():
    assert "deleted_grantee" in names(judged(full_access(), grantee_deleted="true", grantee_enabled="false"))


OWN_INBOX = folder_cmdlet("\\Inbox", ALEX, "Reviewer", UserId=FINANCE)


def test_a_manager_or_assistant_whom_the_owner_lets_in_is_everyday_work():
    assert level(OWN_INBOX) == "medium"
    assert level(OWN_INBOX, kin=["manager", "department"]) == "informational"


@pytest.mark.parametrize("facts", [{"kin": "department"}, {"kin": "manager", "mailbox_vip": "true"},
                                   {"kin": "manager", "relation": "third_party"}])  # fmt: skip
def test_being_a_manager_excuses_nothing_else(facts):
    assert level(OWN_INBOX, **facts) != "informational"
