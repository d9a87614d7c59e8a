"""The sweep through Exchange Online and the stand-in: every delegation once, and an error is never read as "none"."""

import time
from dataclasses import replace
from fnmatch import fnmatch

import pytest
from delegation_watch.sources.errors import RefusedError, SignInError
from delegation_watch.sources.exchange import Scope
from delegation_watch.sources.exchange_mailboxes import folder_name
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Tally
from delegation_watch.sources.inventory import told as said

from tests.bin.sources.exchange_tenant import (
    BOSS,
    DELEGATE,
    EXPECTED,
    GERMAN,
    MAILBOXES,
    PLAIN,
    PROJECT,
    SCOPE,
    SHARED,
    STAFF,
    asks,
    bodies,
    closing,
    planned,
    read,
    rows,
    served,
    sweep,
    until,
)
from workbench.tenants import Office365, Rule, Standing, exchange_rows
from workbench.tenants.exchange_cmdlets import Cmdlets
from workbench.tenants.faults import ALL_ROLES
from workbench.tenants.standing import FolderRight, MailboxRight


@pytest.fixture
def tenant():
    with served() as running:
        yield running


# what it gives


def test_a_sweep_finds_every_delegation_once_in_whatever_language_the_folders_are_named(tenant):
    items = read(tenant)
    assert sorted(rows(items)) == sorted(EXPECTED)
    told = closing(items)
    assert (told["status"], told["mailboxes"], told["covered"], told["delegations"]) == ("complete", 30, 30, 12)
    assert told["kinds"] == list(MAILBOXES)
    assert (told["folders"], told["scope"]) == (["root", "inbox", "sent", PROJECT], "all")
    assert (told["provider"], told["tenant"], told["client"]) == ("o365", tenant.tenant, tenant.client_id)
    assert told["requests"] == len([one for one in tenant.requests[tenant.started:] if "adminapi" in one.path])


def test_rows_keep_the_vendors_columns_and_name_the_folder_by_type(tenant):
    [body] = [one for one in bodies(read(tenant), "delegation:snapshot")
              if one["columns"]["Identity"] == GERMAN + ":\\Posteingang"]  # fmt: skip
    columns = body["columns"]
    assert (columns["FolderType"], columns["FolderName"]) == ("Inbox", "Posteingang")
    assert columns["SharingPermissionFlags"] == ["Delegate", "CanViewPrivateItems"]
    assert not [name for name in columns if "@odata" in name]


def test_the_sweep_says_where_the_audit_is_off(tenant):
    assert closing(read(tenant))["audit"] == {"unified": True, "bypassed": [STAFF[5]], "disabled": [STAFF[4]]}
    tenant.faults.audit_off = True
    assert closing(read(tenant, Scope(("send_as",))))["audit"]["unified"] is False


def test_only_the_kinds_and_mailboxes_named_are_read(tenant):
    items = read(tenant, Scope(("send_as", "send_on_behalf"), (), (SHARED, BOSS, "nobody@x.example")))
    assert sorted(one[:3] for one in rows(items)) == [
        ("Get-Mailbox", BOSS, "Person 2"), ("Get-Mailbox", BOSS, "Person 7"),
        ("Get-RecipientPermission", SHARED, DELEGATE),
    ]  # fmt: skip
    told = closing(items)
    assert (told["kinds"], told["folders"], told["status"]) == (["send_as", "send_on_behalf"], [], "complete")
    assert told["scope"] == [SHARED, BOSS, "nobody@x.example"]
    assert told["skipped"] == [{"mailbox": "nobody@x.example", "why": "no such mailbox"}]
    assert (told["mailboxes"], told["covered"]) == (3, 2)


def without(monkeypatch, method, seen):
    """Where the stand-in's own rows are `seen` first."""
    whole = getattr(Cmdlets, method)
    monkeypatch.setattr(Cmdlets, method, lambda self, *given: seen(whole(self, *given)))


def test_a_named_mailbox_of_which_nothing_is_shown_is_named_and_not_taken_for_one_without_delegates(
    tenant, monkeypatch
):
    without(monkeypatch, "_accounts", lambda found: [account for account in found if account.upn != BOSS])
    told = closing(read(tenant, Scope(("full_access", "send_on_behalf"), (), (SHARED, BOSS))))
    [failed] = told["failed"]
    assert (failed["mailbox"], told["status"], told["mailboxes"], told["covered"]) == (BOSS, "partial", 2, 1)
    assert "check the scope of the role" in failed["why"]
    with pytest.raises(RefusedError, match="no mailbox; check the scope of the role"):
        read(tenant, Scope(("full_access",), (), (BOSS,)))


def test_groups_without_the_column_of_who_sends_for_them_are_no_answer(tenant, monkeypatch):
    dropped = "GrantSendOnBehalfTo"
    without(monkeypatch, "_groups", lambda found: [{k: row[k] for k in row if k != dropped} for row in found])
    told = closing(read(tenant, Scope(("send_on_behalf", "full_access"))))
    assert told["kinds"] == ["full_access"]
    assert told["failed_kinds"][0]["why"] == "Exchange Online gives no group's GrantSendOnBehalfTo"


def test_pages_are_followed_by_sending_the_same_body_again(tenant):
    tenant.faults.exchange_page = 7
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)


def test_folders_go_by_the_admin_api_where_the_application_may_and_it_is_there(tenant):
    def paths():
        return {one.path.split("/")[-1] for one in tenant.requests[tenant.started :] if "adminapi/v2.0" in one.path}

    read(tenant)
    assert paths() == {"MailboxFolderPermission"}
    tenant.started = len(tenant.requests)
    tenant.faults.roles = tuple(role for role in ALL_ROLES if role != "Exchange.ManageAsAppV2")
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)
    assert paths() == set()
    tenant.started = len(tenant.requests)
    tenant.faults.roles = ("Exchange.ManageAsAppV2",)
    items = read(tenant, Scope(("send_on_behalf", "full_access"), (), (BOSS,)))
    assert sorted(rows(items)) == [("Get-Mailbox", BOSS, "Person 2", ""), ("Get-Mailbox", BOSS, "Person 7", "")]
    assert closing(items)["kinds"] == ["send_on_behalf"]
    assert paths() == {"Mailbox"}


@pytest.mark.parametrize("status", [False, 403, 404])
def test_without_the_admin_api_all_goes_by_the_modules_own_way(tenant, status):
    tenant.faults.admin_api = status
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)
    assert len([one for one in tenant.requests[tenant.started :] if "adminapi/v2.0" in one.path]) <= 4  # at once


# faults that pass


ONCE = ["401", "429:1", "503", "500", "error_in_200", "html", "truncated", "nothing", "nul", "turned", "cut",
        "cut_chunked", "reset", "reset_at_once", "gzip_broken", "gzip_cut", "empty_next", "token_ends"]  # fmt: skip


@pytest.mark.parametrize("word", ONCE)
def test_an_answer_that_goes_wrong_once_costs_nothing_but_another(tenant, word):
    planned(tenant, Rule("exchange/*", word, every=5, tries=1, calls=1 if word == "token_ends" else 0))
    items = read(tenant, SCOPE._replace(mailboxes=tuple(STAFF[:4])))
    assert sorted(rows(items)) == sorted(one for one in EXPECTED if one[1].partition(":")[0] in STAFF[:4])
    assert closing(items)["status"] == "complete"


def test_a_token_that_ends_in_the_middle_is_renewed(tenant):
    planned(tenant, Rule("exchange/invoke", "token_ends", after=30, calls=1))
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)


# errors are never read as "none"


@pytest.mark.parametrize(
    ("word", "why"),
    [("error_in_200", "HTTP 200"), ("truncated", "no whole JSON"), ("turned", "a JSON list"),
     ("loop", "again and again"), ("endless", "again and again"), ("404", "HTTP 404"), ("503", "HTTP 503"),
     ("reset_at_once", "cannot reach")],
)  # fmt: skip
def test_a_mailbox_that_cannot_be_read_is_named_and_not_taken_for_empty(tenant, word, why):
    planned(tenant, Rule("exchange/invoke", word, key=asks("Get-MailboxPermission", BOSS)))
    tenant.faults.exchange_page = 3
    items = read(tenant, SCOPE._replace(kinds=("full_access",)))
    told = closing(items)
    [failed] = told["failed"]
    assert (failed["mailbox"], failed["kind"]) == (BOSS, "full_access")
    assert why in failed["why"]
    assert (told["status"], told["covered"], told["kinds"]) == ("partial", 29, ["full_access"])
    assert [one[1] for one in rows(items)] == [STAFF[29]]


def test_a_mailbox_that_goes_while_the_sweep_runs_is_skipped(tenant):
    def go(items):
        for item in items:
            if isinstance(item, Checkpoint):
                tenant.standing.accounts[STAFF[28]].licensed = False
            yield item

    try:
        items = list(go(sweep(tenant, Scope(("full_access",))).read({}, 0, time.time())))
    finally:
        tenant.standing.accounts[STAFF[28]].licensed = True
    told = closing(items)
    assert told["skipped"] == [{"mailbox": STAFF[28], "why": "gone since the sweep began"}]
    assert (told["covered"], told["failed"], told["status"]) == (29, [], "complete")


@pytest.mark.parametrize("written", ["\\", exchange_rows.BACKSLASH])
def test_a_folder_with_a_backslash_in_its_name_is_read(tenant, monkeypatch, written):
    """Its path would be asked for as that of a folder in another one, which there is not."""
    monkeypatch.setattr(exchange_rows, "WRITTEN_BACKSLASH", written)
    odd = f"\\Projects\\x{exchange_rows.BACKSLASH}y"
    for path in (odd, odd + "\\within"):
        tenant.standing.grant(FolderRight(BOSS, path, DELEGATE, ("Owner",)))
    items = read(tenant, Scope(("folders",), ("\\Projects\\x\\y", "\\Projects\\x\\y\\within"), (BOSS,)))
    assert {one[1] for one in rows(items)} == {BOSS + ":\\Projects\\x\\y", BOSS + ":\\Projects\\x\\y\\within"}
    assert closing(items)["status"] == "complete"


def test_a_folder_is_asked_for_with_a_slash_in_its_name_however_a_stanza_writes_it(tenant):
    items = read(tenant, Scope(("folders",), (folder_name("/projects/a/b"),), (BOSS,)))
    assert [one[1] for one in rows(items)] == [BOSS + ":" + PROJECT]
    assert closing(items)["folders_missing"] == []


def test_a_folder_that_no_mailbox_has_is_told_also_by_a_sweep_that_was_cut_off(tenant):
    scope = Scope(("folders",), ("sent", PROJECT, "\\Projcts"))
    begun = next(one for one in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(one, Checkpoint))
    assert set(begun.state["met"]) == {"sent", PROJECT}
    tally = Tally()
    told = closing(list(said(sweep(tenant, scope).read(begun.state, 0, time.time()), tally)))
    assert (told["folders_missing"], told["status"]) == (["\\Projcts"], "complete")
    assert tally.warnings == ["no mailbox that was read has a folder \\Projcts; check folders of this input"]


def lists_and_does_not_find(tenant, monkeypatch, meanwhile):
    """Exchange does not find the boss's folder of projects, after what `meanwhile` does with the right on it."""
    found = Cmdlets._folder

    def folder(self, text):
        if text == f"{BOSS}:{PLAIN}":
            meanwhile(right)
            text += "?"
        return found(self, text)

    right = FolderRight(BOSS, PLAIN, DELEGATE, ("Owner",))
    tenant.standing.grant(right)
    monkeypatch.setattr(Cmdlets, "_folder", folder)
    return read(tenant, Scope(("folders",), ("root", PLAIN), (BOSS,)))


def test_a_folder_that_is_listed_and_not_found_is_not_taken_for_removed(tenant, monkeypatch):
    told = closing(lists_and_does_not_find(tenant, monkeypatch, lambda right: None))
    [failed] = told["failed"]
    assert (failed["mailbox"], failed["kind"], told["covered"]) == (BOSS, "folders", 0)
    assert failed["why"] == f"Exchange Online lists folder {PLAIN}, and does not find it"


def test_a_folder_that_is_removed_while_its_mailbox_is_read_keeps_the_others_back_no_longer(tenant, monkeypatch):
    told = closing(lists_and_does_not_find(tenant, monkeypatch, tenant.standing.revoke))
    assert (told["failed"], told["covered"], told["status"]) == ([], 1, "complete")


@pytest.mark.parametrize("kind", ["full_access", "send_as", "send_on_behalf", "folders"])
def test_a_kind_that_is_refused_is_named_and_the_others_go_on(tenant, kind):
    cmdlet = {"full_access": "Get-MailboxPermission", "send_as": "Get-RecipientPermission",
              "send_on_behalf": "Get-UnifiedGroup", "folders": "Get-MailboxFolderStatistics"}[kind]  # fmt: skip
    planned(tenant, Rule("exchange/invoke", "403", key=asks(cmdlet)))
    told = closing(read(tenant, SCOPE._replace(kinds=tuple(dict.fromkeys(("send_on_behalf", kind, "full_access"))))))
    assert [one["kind"] for one in told["failed_kinds"]] == [kind]
    assert "Global Reader" in told["failed_kinds"][0]["why"]
    assert told["status"] == "partial"
    assert kind not in told["kinds"]
    assert told["kinds"]


@pytest.mark.parametrize(
    ("count", "pattern"), [(30, "user029@"), (21, "user020@"), (30, "user02?@"), (30, "user01?@")]
)
def test_mailboxes_that_are_refused_behind_others_are_named_and_the_kind_is_read(tenant, count, pattern):
    planned(tenant, Rule("exchange/invoke", "403", key=asks("Get-MailboxPermission", pattern)))
    items = read(tenant, SCOPE._replace(kinds=("full_access",), mailboxes=tuple(STAFF[:count])))
    told, refused = closing(items), [one for one in STAFF[:count] if fnmatch(one, pattern + "*")]
    assert [one["mailbox"] for one in told["failed"]] == refused
    assert (told["status"], told["kinds"], told["failed_kinds"]) == ("partial", ["full_access"], [])
    assert told["covered"] == count - len(refused)
    assert [one[1] for one in rows(items)] == [one for one in (BOSS, BOSS, STAFF[29]) if one in set(STAFF) - {*refused}
                                               and one in STAFF[:count]]  # fmt: skip


def test_a_sweep_that_goes_on_and_is_refused_its_last_mailbox_has_read_the_kind(tenant):
    scope = SCOPE._replace(kinds=("full_access",), mailboxes=tuple(STAFF[:11]))
    states = [item.state for item in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(item, Checkpoint)]
    state = next(one for one in states if str(one.get("last")).endswith(STAFF[9]))
    planned(tenant, Rule("exchange/invoke", "403", key=asks("Get-MailboxPermission")))
    told = closing(read(tenant, scope, state))
    assert [one["mailbox"] for one in told["failed"]] == [STAFF[10]]
    assert (told["kinds"], told["covered"]) == (["full_access"], 10)


def test_a_sweep_that_goes_on_reads_also_who_was_renamed_meanwhile(tenant):
    scope = SCOPE._replace(kinds=("full_access",))
    begun = next(one for one in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(one, Checkpoint))
    renamed = replace(tenant.standing.accounts.pop(STAFF[29]), upn="aaron@x.example")
    tenant.standing.add(renamed)
    tenant.standing.grant(MailboxRight(renamed.upn, DELEGATE))
    items = read(tenant, scope, begun.state)
    assert [(row[1], row[2]) for row in rows(items)] == [("aaron@x.example", DELEGATE)]
    assert closing(items)["status"] == "complete"


def test_a_clock_that_is_set_back_while_the_sweep_runs_makes_nothing_older_than_it(tenant):
    begun = time.time()
    items = list(sweep(tenant, clock=lambda: begun - 600).read({}, 0, begun))
    told = closing(items)
    assert told["started"] == told["ended"]
    assert {item.time for item in items if isinstance(item, Event)} == {begun}


def test_a_list_of_rights_to_send_that_breaks_off_is_no_list(tenant):
    tenant.faults.exchange_page = 10
    planned(tenant, Rule("exchange/invoke", "error_in_200", after=3, key=asks("Get-RecipientPermission")))
    told = closing(read(tenant, Scope(("send_as", "full_access"))))
    assert told["kinds"] == ["full_access"]


@pytest.mark.parametrize("word", ["error_in_200", "html", "403"])
def test_a_tenant_whose_mailboxes_cannot_be_listed_ends_the_sweep_as_failed(tenant, word):
    planned(tenant, Rule("exchange/*", word))
    items, _ = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    told = closing(items)
    assert (told["status"], told["kinds"], told["covered"]) == ("failed", [], 0)
    assert items[-1] == Checkpoint({})


def test_a_tenant_without_any_mailbox_to_see_is_a_fault_of_the_settings(tenant):
    with Office365(standing=Standing()) as empty:
        _, error = until(sweep(empty).read({}, 0, time.time()), RefusedError)
    assert "shows this application no mailbox" in str(error)


# what is missing, by name


def test_an_application_without_the_permission_is_told_its_name(tenant):
    tenant.faults.roles = ("Directory.Read.All",)
    _, error = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    assert str(error).endswith(
        "give the application the permission Exchange.ManageAsApp of Office 365 Exchange Online, with admin consent"
    )
    assert "\x00" not in str(error)


def test_an_application_without_a_role_is_told_which_would_do(tenant):
    tenant.faults.exchange_role = False
    _, error = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    assert "Global Reader" in str(error)


def test_a_secret_that_ended_ends_the_sweep_with_the_remedy(tenant):
    tenant.faults.secret_expired = True
    items, error = until(sweep(tenant).read({}, 0, time.time()), SignInError)
    assert "the secret has expired" in str(error)
    assert closing(items)["status"] == "failed"


# folders as a stanza names them


@pytest.mark.parametrize(
    ("given", "name"),
    [("Inbox", "inbox"), (" SENT ", "sent"), ("\\Inbox", "inbox"), ("/Projects/2026/", "\\Projects\\2026"),
     ("\\Posteingang", "inbox"), ("Projects", None), ("\\", "root")],
)  # fmt: skip
def test_folders_are_named_by_kind_or_path(given, name):
    assert folder_name(given) == name
