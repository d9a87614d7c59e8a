"""Identity facts: which ids a record ties to which name, and which it must not tie."""

import json

import pytest
from delegation_watch.identity import identity_rows

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    APP_ID,
    APP_NAME,
    APP_OBJECT,
    CUSTOMER,
    EPOCH,
    EVERY_SHAPE,
    FINANCE,
    HELPDESK,
    HELPDESK_ID,
    TENANT,
    app_role,
    entra,
    folder_audit,
    full_access,
    gmail_forwarding,
    switch,
    system_grant,
    user_ids,
    workspace,
)

COLUMNS = {"_time", "tenant", "id", "id_kind", "identity", "identity_kind", "source_operation"}


def facts(record, **options):
    text = record if isinstance(record, str) else json.dumps(record)
    return identity_rows(text, **options)


def pairs(record):
    """(id, identity) of each fact; ids in small letters, since records write them in either."""
    return {(row["id"].casefold(), row["identity"]) for row in facts(record)}


def tied(*expected):
    return {(identifier.casefold(), identity) for identifier, identity in expected}


def kinds(record):
    return {(row["identity"], row["identity_kind"]) for row in facts(record)}


RESET = entra(
    "Reset user password.",
    {},
    target=user_ids(FINANCE, "288fc35b-236b-4b73-868a-11f9d367bb13", "10037FFEADAB0C95"),
)


def test_every_fact_has_the_columns_of_an_identity():
    for record in EVERY_SHAPE.values():
        for row in facts(record):
            assert set(row) == COLUMNS
            assert all(
                row[name] for name in ("id", "id_kind", "identity", "identity_kind", "source_operation")
            )


def test_a_directory_record_ties_guid_and_puid_of_target_and_actor_to_their_names():
    assert pairs(RESET) >= tied(
        ("288fc35b-236b-4b73-868a-11f9d367bb13", FINANCE),
        ("10037FFEADAB0C95", FINANCE),
        (HELPDESK_ID, HELPDESK),
        ("10037FFEA938FB92", HELPDESK),
    )


def test_people_are_users():
    assert kinds(RESET) == {(FINANCE, "user"), (HELPDESK, "user")}


def test_target_and_actor_are_not_taken_for_each_other():
    assert (HELPDESK_ID, FINANCE) not in pairs(RESET)
    assert ("288fc35b-236b-4b73-868a-11f9d367bb13", HELPDESK) not in pairs(RESET)


@pytest.mark.parametrize("word", ["User", "ServicePrincipal", "NotAgentic", "Not Available", ""])
def test_words_among_the_ids_are_no_ids(word):
    record = {**RESET, "Actor": [word, *RESET["Actor"], {"ID": word, "Type": 2}], "UserKey": word or None}
    assert word not in {value for pair in pairs(record) for value in pair}
    assert pairs(record) == pairs(RESET)


def test_the_order_of_the_ids_does_not_matter():
    turned = {**RESET, "Actor": RESET["Actor"][::-1], "Target": RESET["Target"][::-1]}
    assert pairs(turned) == pairs(RESET)


def test_a_name_after_another_is_not_tied_to_the_first():
    record = {**RESET, "Actor": [], "Target": []}
    assert {identity for _, identity in pairs(record)} <= {HELPDESK}


def test_an_application_is_an_application_under_its_name():
    record = entra("Add service principal.", {})
    assert (APP_NAME, "application") in kinds(record)
    assert pairs(record) >= {(APP_OBJECT, APP_NAME), (APP_ID, APP_NAME)}


def test_a_service_principal_that_acts_is_an_application():
    actor = [
        {"ID": "Mail Sync", "Type": 1},
        {"ID": APP_ID, "Type": 2},
        {"ID": f"ServicePrincipal_{APP_OBJECT}", "Type": 2},
        {"ID": APP_OBJECT, "Type": 2},
        {"ID": "ServicePrincipal", "Type": 2},
    ]
    name = f"ServicePrincipal_{APP_OBJECT}"
    record = app_role(Actor=actor, UserType=4, UserKey="Not Available", UserId=name)
    assert (APP_OBJECT, "Mail Sync") in pairs(record)
    assert {kind for identity, kind in kinds(record) if identity == "Mail Sync"} == {"application"}
    assert "Not Available" not in {value for pair in pairs(record) for value in pair}


def test_a_cmdlet_ties_the_puid_in_user_key_to_the_actor():
    assert ("1003200126677019", HELPDESK) in pairs(full_access())


def test_the_puid_is_the_same_in_both_spellings_of_user_key():
    record = entra("Update user.", {}, target=[], Actor=[])
    assert pairs(record) >= tied(("10037FFEA938FB92", HELPDESK))


def test_a_record_of_the_mailbox_audit_ties_guid_and_sid_to_the_owner():
    assert pairs(folder_audit()) >= tied(
        ("8e942cc1-73d8-4483-9def-7d9579d615a7", FINANCE),
        ("S-1-5-21-1148582062-3132321681-773847816-45339891", FINANCE),
    )


def test_the_sid_of_who_logs_on_is_the_actors_not_the_owners():
    record = folder_audit(owner=FINANCE, actor=ALEX, LogonUserSid="S-1-5-21-9-9-9-9", LogonType=2)
    assert pairs(record) >= tied(("S-1-5-21-9-9-9-9", ALEX))
    assert not pairs(record) & tied(("S-1-5-21-9-9-9-9", FINANCE))


def test_the_member_of_a_folder_is_tied_to_its_sid():
    assert pairs(folder_audit(member=ALEX, sid="S-1-5-21-1-2-3-4")) >= tied(("S-1-5-21-1-2-3-4", ALEX))


def test_the_object_id_in_the_token_is_the_actors():
    assert (HELPDESK_ID, HELPDESK) in pairs(full_access(TokenObjectId=HELPDESK_ID))


def test_the_system_is_nobody_to_learn():
    assert not {identity for _, identity in pairs(system_grant()) if "SYSTEM" in identity}
    assert not [
        pair for pair in pairs(folder_audit(actor="S-1-5-18", UserKey="S-1-5-18")) if "s-1-5-18" in pair
    ]


def test_everyone_is_nobody_to_learn():
    for member, sid in (("Everyone", "S-1-1-0"), ("Anonymous", "S-1-5-7")):
        assert sid.casefold() not in {
            identifier for identifier, _ in pairs(folder_audit(member=member, sid=sid))
        }


def test_an_object_name_that_does_not_fit_the_identity_makes_no_fact():
    record = full_access(mailbox="288fc35b-236b-4b73-868a-11f9d367bb13", ObjectId="stinger_1ea0eb0f93")
    assert not [pair for pair in pairs(record) if "288fc35b-236b-4b73-868a-11f9d367bb13" in pair]


def test_the_guid_that_exchange_writes_for_an_address_is_learned():
    record = full_access(mailbox=FINANCE, ObjectId="e4ad2d28-703e-4189-9752-6b827ef9107d")
    assert ("e4ad2d28-703e-4189-9752-6b827ef9107d", FINANCE) in pairs(record)


def test_two_people_in_a_quoted_actor_are_not_tied_to_one_key():
    name = '"host/x/admin.user" on behalf of "host/x/user1"'
    assert not [pair for pair in pairs(full_access(UserId=name, UserKey=name)) if name in pair]


@pytest.mark.parametrize(
    "record", [workspace(switch()), gmail_forwarding(owner=HELPDESK)], ids=["admin", "forwarding"]
)
def test_a_workspace_record_ties_the_profile_to_the_address(record):
    assert ("102509620547980436027", HELPDESK) in pairs(record)
    assert {row["tenant"] for row in facts(record)} == {CUSTOMER}


def test_an_actor_without_address_makes_no_fact():
    record = workspace(switch())
    record["actor"] = {"callerType": "KEY", "key": "SYSTEM"}
    assert facts(record) == []


def test_facts_carry_time_tenant_and_source():
    for row in facts(RESET):
        assert float(row["_time"]) == EPOCH
        assert row["tenant"] == TENANT
        assert row["source_operation"] == "Reset user password."


def test_the_time_given_is_used_when_the_record_has_none():
    record = {key: value for key, value in RESET.items() if key != "CreationTime"}
    assert {float(row["_time"]) for row in facts(record, time=12.5)} == {12.5}
    assert {float(row["_time"]) for row in facts(RESET, time=12.5)} == {EPOCH}


def test_no_fact_is_told_twice():
    for record in (RESET, folder_audit(), full_access(), app_role()):
        told = [(row["id"], row["identity"], row["id_kind"]) for row in facts(record)]
        assert len(told) == len(set(told))


@pytest.mark.parametrize("wrap", ["AuditData", "auditData"])
def test_a_wrapped_record_gives_the_same_facts(wrap):
    assert pairs({wrap: json.dumps(RESET), "Operations": RESET["Operation"]}) == pairs(RESET)


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "null", "[]", "42", "{}", '{"Operation":', "[" * 100_000],
    ids=lambda text: text[:12],
)
def test_a_text_that_is_no_record_gives_no_fact(text):
    assert facts(text) == []


DAMAGE = (None, [], {}, "", 0, True, [[]], [None], {"ID": []}, "x" * 10_000, 10**400)


def damaged(value):
    """Copies of a record, each with one value exchanged, however deep it stands."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        others = [*DAMAGE, *(damaged(inner) if isinstance(inner, (dict, list)) else ())]
        for other in others:
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[key] = other
            yield copy


INVENTORIED = {
    "delegation_watch_directory": "user", "time": "2026-03-02T12:00:00.500Z", "tenant": TENANT, "identity": ALEX,
    "kind": "user",
    "ids": [{"id": ALEX_ID, "kind": "guid"}, {"id": "Alex Example", "kind": "display_name"},
            {"id": ALEX, "kind": "upn"}],
}  # fmt: skip


def test_what_the_inventory_says_of_somebody_ties_all_his_ids_to_him():
    assert pairs(INVENTORIED) == tied((ALEX_ID, ALEX), ("alex example", ALEX))
    [first, *_] = facts(INVENTORIED)
    assert (first["tenant"], first["id_kind"], first["identity_kind"]) == (TENANT, "guid", "user")
    assert first["_time"] == 1772452800.5


@pytest.mark.parametrize(
    "record",
    [RESET, folder_audit(), full_access(), workspace(switch()), INVENTORIED],
    ids=["directory", "mailbox audit", "cmdlet", "workspace", "inventory"],
)
def test_no_damaged_value_raises_or_makes_an_id_of_what_is_no_text(record):
    for copy in damaged(record):
        for row in facts(copy):
            assert isinstance(row["id"], str), copy
            assert isinstance(row["identity"], str), copy
            assert row["id"], copy


def test_half_a_surrogate_pair_leaves_no_text_that_cannot_be_written():
    for record in (RESET, folder_audit(), full_access(), workspace(switch())):
        broken = json.dumps(record).replace("example.com", "example.com\\ud800")
        for row in facts(broken):
            assert json.dumps(row, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("identifier", [ALEX_ID.upper(), ALEX_ID])
def test_a_guid_is_learned_whatever_its_letters(identifier):
    record = entra("Update user.", {}, target=user_ids(ALEX, identifier, "1003BFFD98415B4E"))
    assert pairs(record) >= tied((ALEX_ID, ALEX))
