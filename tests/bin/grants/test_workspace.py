"""Google Workspace: delegation switches, domain-wide delegation, API calls, forwarding, in every shape."""

import json

import pytest

from tests.bin.grants.records import (
    ALL_MAIL,
    CUSTOMER,
    EPOCH,
    FINANCE,
    GMAIL_SETTINGS,
    HELPDESK,
    MOMENT,
    REPORTS_ONLY,
    api_call,
    api_client,
    event,
    gmail_forwarding,
    legacy_switch,
    one,
    rows,
    shown,
    switch,
    workspace,
)

EVERY_MAILBOX = "*"


def test_the_switch_tells_unit_actor_and_address():
    row = one(workspace(switch()))
    assert shown(row, "provider", "right", "grant_action", "mailbox", "actor", "actor_kind", "src", "tenant") == (
        "workspace", "delegation_switch", "setting", "Sales", HELPDESK, "user", "2001:db8::25", CUSTOMER,
    )  # fmt: skip
    assert "mail_delegation_desired" in row["right_native"]


SWITCHES = {
    "on": (switch("true", "false"), "send"),
    "off": (switch("false", "true"), "none"),
    "on, for a unit that had no value of its own": (switch("true", None, verb="CREATE"), "send"),
    "on, under its old name": (legacy_switch("true", "false"), "send"),
    "off, under its old name": (legacy_switch("false", "true"), "none"),
    "groups on": (switch("true", "false", "mailbox_group_delegation_desired"), "send"),
}


@pytest.mark.parametrize(("change", "access"), SWITCHES.values(), ids=SWITCHES)
def test_a_switch_confers_something_only_when_it_is_on(change, access):
    assert one(workspace(change))["access"] == access


@pytest.mark.parametrize(
    "change",
    [switch(None, "false", verb="DELETE"), legacy_switch("INHERIT_FROM_PARENT", "false")],
    ids=["DELETE_APPLICATION_SETTING", "INHERIT_FROM_PARENT"],
)
def test_a_switch_that_follows_its_parent_may_be_on(change):
    row = one(workspace(change))
    assert row["right"] == "delegation_switch"
    assert row["access"] != "none"


def test_the_switch_may_be_set_on_a_group():
    assert one(workspace(switch(unit=("GROUP_EMAIL", "staff@example.com"))))["mailbox"] == "staff@example.com"


TWINS = {
    "ENABLE_MAIL_DELEGATION_WITHIN_DOMAIN": "mail_delegation_desired",
    "ENABLE_MAILBOX_GROUP_DELEGATION": "mailbox_group_delegation_desired",
    "ENABLE_SENDER_ATTRIBUTION": "sender_attribution_desired",
    "ALLOW_SENDER_ATTRIBUTION_CUSTOMIZATION": "allow_custom_sender_attribution",
}


@pytest.mark.parametrize(("old", "new"), TWINS.items(), ids=TWINS)
@pytest.mark.parametrize("value", ["true", "false"])
def test_old_and_new_name_of_one_change_fold_to_one_row(old, new, value):
    before = {"true": "false", "false": "true"}[value]
    old_row = one(workspace(legacy_switch(value, before, old), qualifier="-4761907046558555840"))
    new_row = one(workspace(switch(value, before, new), qualifier="-4852127980639806062"))
    assert old_row["row_id"] == new_row["row_id"]
    same = ("right", "right_native", "access", "mailbox", "actor", "_time", "tenant")
    assert shown(old_row, *same) == shown(new_row, *same)


@pytest.mark.parametrize(("old", "new"), TWINS.items(), ids=TWINS)
def test_a_deleted_setting_folds_with_its_inherited_twin(old, new):
    old_row = one(workspace(legacy_switch("INHERIT_FROM_PARENT", "true", old), qualifier="-1"))
    new_row = one(workspace(switch(None, "true", new, verb="DELETE"), qualifier="-2"))
    assert old_row["row_id"] == new_row["row_id"]


def test_what_differs_in_time_actor_unit_or_setting_does_not_fold():
    base = workspace(switch())
    others = [
        {**base, "id": {**base["id"], "time": "2026-03-02T09:16:30.231Z"}},
        workspace(switch(), actor="other@example.com"),
        workspace(switch(unit=("ORG_UNIT_NAME", "Legal"))),
        workspace(switch(setting="mailbox_group_delegation_desired")),
    ]
    assert len({one(record)["row_id"] for record in [base, *others]}) == 5


def test_one_save_may_change_several_switches():
    found = rows(workspace(switch(), switch(setting="mailbox_group_delegation_desired")))
    assert len({row["row_id"] for row in found}) == 2
    assert {row["right"] for row in found} == {"delegation_switch"}


def test_a_hidden_sender_is_a_change_around_delegation():
    row = one(workspace(switch("false", "true", "sender_attribution_desired")))
    assert row["right"] == "delegation_switch"
    assert "sender_attribution_desired" in row["right_native"]


OTHER_SETTINGS = {
    "another setting of Gmail": workspace(
        event(
            "CHANGE_APPLICATION_SETTING",
            {"APPLICATION_NAME": "Gmail", "SETTING_NAME": "ImapSettings disable_imap"},
        )
    ),
    "a routing rule": workspace(
        event("CREATE_GMAIL_SETTING", {"SETTING_NAME": "MESSAGE_SECURITY_RULE"}, "EMAIL_SETTINGS")
    ),
    "delegated administration": workspace(
        event(
            "ASSIGN_ROLE",
            {"ROLE_NAME": "_HELP_DESK_ADMIN_ROLE", "USER_EMAIL": FINANCE},
            "DELEGATED_ADMIN_SETTINGS",
        )
    ),
    "a sign-in": workspace(
        event("login_success", {"login_type": "google_password"}, "login"), application="login"
    ),
}


@pytest.mark.parametrize("record", OTHER_SETTINGS.values(), ids=OTHER_SETTINGS)
def test_what_is_no_mail_delegation_gives_no_row(record):
    assert rows(record) == []


@pytest.mark.parametrize(
    "scopes",
    [
        f"{GMAIL_SETTINGS},{REPORTS_ONLY},{ALL_MAIL}",
        f"{GMAIL_SETTINGS}, {ALL_MAIL}",
        f"{GMAIL_SETTINGS} {ALL_MAIL}",
        [GMAIL_SETTINGS, REPORTS_ONLY, ALL_MAIL],
    ],
    ids=["comma", "comma and blank", "blank", "multiValue"],
)
def test_domain_wide_delegation_with_mail_scopes_reaches_every_mailbox(scopes):
    found = rows(api_client(scopes))
    assert {shown(row, "right", "grant_action", "mailbox", "grantee", "grantee_kind") for row in found} == {
        ("app_mail", "grant", EVERY_MAILBOX, "106850843410684334493", "application")
    }
    native = " ".join(row["right_native"] for row in found)
    assert GMAIL_SETTINGS in native
    assert ALL_MAIL in native
    assert REPORTS_ONLY not in native


def test_domain_wide_delegation_without_mail_scopes_gives_no_row():
    assert rows(api_client(REPORTS_ONLY)) == []
    assert rows(api_client([REPORTS_ONLY, "https://www.googleapis.com/auth/drive"])) == []


@pytest.mark.parametrize(
    ("scope", "access"),
    [
        (ALL_MAIL, "send"),
        ("https://www.googleapis.com/auth/gmail.readonly", "read"),
        ("https://www.googleapis.com/auth/gmail.send", "send"),
    ],
)
def test_a_scope_says_what_it_allows(scope, access):
    assert one(api_client(scope))["access"] == access


@pytest.mark.parametrize("scope", ["gmail.modify", "gmail.settings.sharing", "gmail.settings.basic"])
def test_the_scopes_of_high_risk_are_all_seen(scope):
    row = one(api_client("https://www.googleapis.com/auth/" + scope))
    assert row["right"] == "app_mail"
    assert row["access"] not in ("none", "availability")


def test_domain_wide_delegation_that_is_removed_is_a_revoke():
    row = one(api_client(ALL_MAIL, verb="REMOVE"))
    assert shown(row, "grant_action", "right", "grantee") == ("revoke", "app_mail", "106850843410684334493")


def test_a_delegate_made_by_the_api_names_the_owner_and_the_client():
    row = one(api_call())
    assert shown(row, "right", "grant_action", "mailbox") == ("gmail_delegate", "grant", FINANCE)
    assert "109303849349009433243" in shown(row, "actor", "actor_id", "client_app")
    assert row["grantee_kind"] == "unknown"


def test_a_delegate_removed_by_the_api_is_a_revoke():
    assert shown(one(api_call("gmail.users.settings.delegates.delete")), "right", "grant_action") == (
        "gmail_delegate", "revoke",
    )  # fmt: skip


@pytest.mark.parametrize(
    "method",
    ["gmail.users.settings.delegates.list", "gmail.users.settings.delegates.get", "gmail.users.history.list"],
)
def test_reading_by_the_api_grants_nothing(method):
    assert rows(api_call(method)) == []


@pytest.mark.parametrize(
    ("destination", "external"),
    [("drop@example.net", True), ("archive@example.com", False), ("archive@sub.example.net", True)],
)
def test_gmail_forwarding_is_by_the_owner_to_the_destination(destination, external):
    row = one(gmail_forwarding(destination))
    assert shown(row, "right", "mailbox", "grantee", "relation") == (
        "forwarding",
        FINANCE,
        destination,
        "owner",
    )
    assert (row["grantee_kind"] == "external") is external


def test_the_twins_of_login_and_user_accounts_fold():
    twins = [one(gmail_forwarding(application=application)) for application in ("login", "user_accounts")]
    assert twins[0]["row_id"] == twins[1]["row_id"]
    assert one(gmail_forwarding("other@example.net"))["row_id"] != twins[0]["row_id"]


def test_automatic_changes_are_by_the_system():
    record = workspace(switch())
    record["actor"] = {"callerType": "KEY", "key": "SYSTEM"}
    assert one(record)["actor_kind"] == "system"


def single(record):
    """The official add-on's event: one element, under the key `event`."""
    found = {key: value for key, value in record.items() if key != "events"}
    return {**found, "event": record["events"][0]}


def elastic(record):
    """`events` as one object."""
    return {**record, "events": record["events"][0]}


def panther(record):
    """Panther's flat record: name, type and a dict of parameters beside the activity's own keys."""
    only = record["events"][0]
    parameters = {item["name"]: item.get("multiValue", item.get("value")) for item in only["parameters"]}
    flat = {key: value for key, value in record.items() if key != "events"}
    return {**flat, "name": only["name"], "type": only["type"], "parameters": parameters}


def cloud_logging(record):
    """A Cloud Logging entry, as the GCP add-on writes it."""
    only = record["events"][0]
    return {
        "insertId": "-1a2b3c",
        "logName": "organizations/1/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": record["id"]["time"],
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "admin.googleapis.com",
            "methodName": "google.admin.AdminService.changeApplicationSetting",
            "authenticationInfo": {"principalEmail": record["actor"]["email"]},
            "requestMetadata": {"callerIp": record.get("ipAddress", "")},
            "metadata": {
                "@type": "type.googleapis.com/ccc_hosted_reporting.ActivityProto",
                "activityId": {
                    "uniqQualifier": record["id"]["uniqueQualifier"],
                    "timeUsec": f"{EPOCH}231000",
                },
                "event": [
                    {"eventName": only["name"], "eventType": only["type"], "parameter": only["parameters"]}
                ],
            },
        },
    }


SHAPES = {
    "single event": single,
    "events object": elastic,
    "Panther": panther,
    "Cloud Logging": cloud_logging,
}
SEEN = {
    "switch": workspace(switch()),
    "old switch": workspace(legacy_switch()),
    "API client": api_client([GMAIL_SETTINGS, REPORTS_ONLY]),
    "forwarding": gmail_forwarding(),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("record", SEEN.values(), ids=SEEN)
def test_every_shape_says_the_same(record, shape):
    same = (
        "_time",
        "operation",
        "right",
        "right_native",
        "access",
        "mailbox",
        "grantee",
        "actor",
        "grant_action",
    )
    assert shown(one(shape(record)), *same) == shown(one(record), *same)


@pytest.mark.parametrize("shape", [single, elastic], ids=["single event", "events object"])
@pytest.mark.parametrize("record", SEEN.values(), ids=SEEN)
def test_a_split_event_is_the_same_row_as_in_its_activity(record, shape):
    assert rows(shape(record)) == rows(record)


def test_each_of_several_events_is_the_same_row_when_it_comes_alone():
    changes = [switch(), switch("false", "true", "sender_attribution_desired")]
    whole = rows(workspace(*changes))
    alone = [row for change in changes for row in rows(single(workspace(change)))]
    assert [row["row_id"] for row in alone] == [row["row_id"] for row in whole]


def test_two_grants_in_one_activity_have_the_row_ids_that_each_has_alone():
    scopes = {"API_SCOPES": ALL_MAIL}
    grants = [
        event("AUTHORIZE_API_CLIENT_ACCESS", {"API_CLIENT_NAME": client, **scopes}, "DOMAIN_SETTINGS")
        for client in ("1", "2")
    ]
    whole = rows(workspace(*grants))
    alone = [row for grant in grants for row in rows(single(workspace(grant)))]
    assert [row["row_id"] for row in alone] == [row["row_id"] for row in whole]
    assert len({row["row_id"] for row in whole}) == 2


def test_every_event_of_an_activity_is_read():
    record = workspace(
        event("CHANGE_USER_PASSWORD", {"USER_EMAIL": FINANCE}, "USER_SETTINGS"),
        switch(),
        switch("false", "true", "sender_attribution_desired"),
    )
    assert len(rows(record)) == 2
    assert len(rows(record, keep=True)) >= 2


@pytest.mark.parametrize(
    "time", [MOMENT + ".231Z", "2026-03-02 09:15:30.231000000"], ids=["Reports API", "Panther"]
)
def test_times_are_read_with_their_fractions(time):
    record = workspace(switch())
    assert float(one({**record, "id": {**record["id"], "time": time}})["_time"]) == pytest.approx(
        EPOCH + 0.231
    )


def test_parameters_without_any_value_do_no_harm():
    record = workspace(switch())
    record["events"][0]["parameters"].insert(0, {"name": "source"})
    record["events"][0]["parameters"].append({"name": "COUNT", "intValue": "5"})
    record["events"][0]["parameters"].append({"name": "FLAG", "boolValue": True})
    assert shown(one(record), "right", "mailbox", "access") == ("delegation_switch", "Sales", "send")


def test_a_switch_without_its_setting_is_kept_with_what_is_missing_or_is_none():
    broken = workspace(event("CHANGE_APPLICATION_SETTING", {}))
    assert rows(broken, keep=True)


def test_a_delegation_policy_as_it_stands_is_a_snapshot():
    state = {"Sales": {"enableMailDelegation": True, "allowCustomDelegateAttribution": False}}
    found = rows(json.dumps(state))
    assert all(row["grant_action"] == "snapshot" and not row["parse_error"] for row in found)
