"""Who may do what over REST: users and capabilities, private objects, indexes, tables; by splunk-sdk's client."""

import json

import pytest


@pytest.fixture
def service(splunkd, sdk):
    return sdk(splunkd)


@pytest.fixture
def analyst(splunkd):
    return splunkd.users.add("analyst", "p w", ("user",))


def rows_of(service, spl, **given):
    return json.loads(service.jobs.oneshot(spl, output_mode="json", **given).read())["results"]


def test_one_asks_who_one_is_and_what_one_may(splunkd, sdk, analyst):
    answer = sdk(splunkd, analyst).get("authentication/current-context", output_mode="json")
    content = json.loads(answer.body.read())["entry"][0]["content"]
    assert (content["username"], content["roles"], content["capabilities"]) == ("analyst", ["user"], ["search"])


def test_users_roles_and_capabilities_are_listed_but_not_changed(splunkd, service, sdk, analyst, refused):
    assert [user.name for user in service.users] == ["admin", "analyst"]
    assert service.users["analyst"]["roles"] == ["user"]
    assert "indexes_edit" in service.roles["admin"]["capabilities"]
    assert "list_storage_passwords" in service.capabilities
    assert refused(service.users.create, "eve", "p", ["admin"])[0] == 501
    assert "eve" not in service.users


def test_secrets_need_their_capability(splunkd, service, sdk, analyst, refused):
    service.storage_passwords.create("p", "a", "tiny")
    asks = sdk(splunkd, analyst)
    status, text = refused(asks.storage_passwords.list)
    assert status == 403
    assert text.startswith("You (user=analyst) do not have permission to perform this operation (requires capability: ")
    assert "list_storage_passwords" in text
    reader = sdk(splunkd, splunkd.users.add("reader", "p", ("user",), ["list_storage_passwords"]))
    assert [found.clear_password for found in reader.storage_passwords] == ["p"]
    assert refused(reader.storage_passwords.create, "p", "b", "tiny")[0] == 403
    assert refused(reader.storage_passwords.delete, "a", "tiny")[0] == 403
    assert len(splunkd.passwords.items()) == 1


def test_an_app_is_seen_by_everybody_and_changed_by_those_who_may_edit_apps(splunkd, sdk, analyst, refused):
    asks = sdk(splunkd, analyst)
    assert asks.get("/services/apps/local/tiny").status == 200
    status, text = refused(asks.post, "/services/apps/local/tiny", configured="true")
    assert (status, "requires capability: edit_local_apps" in text) == (403, True)
    editor = sdk(splunkd, splunkd.users.add("editor", "p", ("user",), ["edit_local_apps"]))
    assert editor.post("/services/apps/local/tiny", configured="true").status == 200


def test_without_the_capability_to_search_there_is_no_search(splunkd, sdk, refused):
    nobody = sdk(splunkd, splunkd.users.add("mute", "p", ()))
    assert refused(nobody.jobs.create, "| makeresults")[0] == 403


def test_what_default_meta_does_not_let_is_refused(splunkd, sdk, analyst, refused):
    asks = sdk(splunkd, analyst)
    status, text = refused(asks.confs["macros"].create, "mine", definition="x")
    assert (status, text.startswith("User 'analyst' with roles { user } cannot write: /nobody/tiny/macros/mine")) == (
        403, True,
    )  # fmt: skip
    assert refused(asks.saved_searches["Alert"].disable)[0] == 403
    assert refused(asks.post, "storage/collections/config", name="c")[0] == 403
    assert refused(asks.indexes.create, "mine")[0] == 403
    assert splunkd.conf.stanza("macros", "mine") is None


def test_a_private_object_is_seen_by_its_owner_alone(splunkd, service, sdk, analyst):
    own = sdk(splunkd, analyst, owner="analyst")
    made = own.confs["macros"].create("tiny_index", definition="index=secret")
    assert (made.access["sharing"], made.access["owner"]) == ("user", "analyst")
    assert own.macros["tiny_index"].definition == "index=secret"
    assert service.macros["tiny_index"].definition == "index=main"
    splunkd.indexes.add("secret")
    splunkd.index([{"time": 1, "index": "secret", "data": "a=1"}, {"time": 1, "index": "main", "data": "a=2"}])
    assert [row["a"] for row in rows_of(own, "search `tiny_index` | table a")] == ["1"]
    assert [row["a"] for row in rows_of(service, "search `tiny_index` | table a")] == ["2"]
    own.confs["macros"].delete("tiny_index")
    assert own.macros["tiny_index"].definition == "index=main"


def test_nobody_writes_in_the_context_of_another(splunkd, service, sdk, analyst, refused):
    splunkd.users.add("bob", "p")
    asks = sdk(splunkd, analyst, owner="bob")
    assert refused(asks.confs["macros"].create, "m", definition="x")[0] == 403
    assert sdk(splunkd, owner="bob").confs["macros"].create("m", definition="x").access["owner"] == "bob"
    assert refused(sdk(splunkd, owner="eve").get, "configs/conf-macros")[0] == 404


def test_private_fields_and_lookups_belong_to_their_owners_searches(splunkd, service, sdk):
    splunkd.index([{"time": 1, "sourcetype": "x", "index": "main", "data": "who:ann"}])
    own = sdk(splunkd, owner="admin")
    own.confs["props"].create("x", **{"EXTRACT-w": r"who:(?<who>\w+)"})
    assert rows_of(own, "search sourcetype=x | table who") == [{"who": "ann"}]
    other = sdk(splunkd, splunkd.users.add("bob", "p"))
    assert [row for row in rows_of(other, "search sourcetype=x | table who") if row] == []


def test_an_index_is_made_filled_and_deleted_with_its_events(splunkd, service, refused):
    made = service.indexes.create("trial")
    assert refused(service.indexes.create, "trial")[0] == 409
    assert refused(service.indexes.create, "No Index")[0] == 400
    made.submit("a=1", sourcetype="x", source="s", host="h")
    service.indexes["main"].submit("a=2", sourcetype="x")
    assert service.indexes["trial"]["totalEventCount"] == "1"
    assert rows_of(service, "search index=trial | table a host source") == [{"a": "1", "host": "h", "source": "s"}]
    service.indexes.delete("trial")
    assert "trial" not in service.indexes
    assert rows_of(service, "search index=trial OR index=main | table a") == [{"a": "2"}]
    assert refused(service.indexes["main"].delete)[0] == 400


def test_deleted_events_are_gone_from_the_disk_too(splunkd, service, home):
    service.indexes.create("trial").submit("a very odd word")
    service.indexes.delete("trial")
    assert "a very odd word" not in (home / "var" / "lib" / "splunk" / "events.jsonl").read_text()
    service.indexes["main"].submit("a=1")
    assert len(splunkd.events) == 1


def test_events_for_an_index_that_is_not_there_are_refused(service, refused, splunkd):
    status, text = refused(service.post, "/services/receivers/simple", body="a=1", index="nowhere")
    assert (status, "nowhere" in text) == (400, True)
    assert len(splunkd.events) == 0


def test_lookup_files_are_listed_and_deleted(splunkd, service, refused):
    rows_of(service, "| makeresults | eval a=1 | table a | outputlookup mine.csv")
    feed = json.loads(service.get("data/lookup-table-files", output_mode="json").body.read())
    assert "mine.csv" in [entry["name"] for entry in feed["entry"]]
    service.delete("data/lookup-table-files/mine.csv")
    assert refused(service.get, "data/lookup-table-files/mine.csv")[0] == 404
    assert refused(service.jobs.oneshot, "| inputlookup mine.csv")[0] == 400
    assert refused(service.post, "data/lookup-table-files", name="x.csv", **{"eai:data": "/tmp/x.csv"})[0] == 501


def test_a_collection_is_made_used_and_deleted(splunkd, service, refused):
    service.kvstore.create("mine", fields={"n": "number"}, accelerated_fields={"by_n": {"n": 1}})
    assert "mine" in service.kvstore
    assert refused(service.kvstore.create, "mine")[0] == 409
    service.kvstore["mine"].data.insert({"n": 1})
    assert splunkd.conf.stanza("collections", "mine")["field.n"] == "number"
    service.kvstore["mine"].update_field("m", "string")
    assert splunkd.conf.stanza("collections", "mine")["field.m"] == "string"
    assert refused(service.kvstore.create, "odd", fields={"n": "integer"})[0] == 400
    assert refused(service.post, "storage/collections/config", name="odd", colour="red") == (
        400, 'Argument "colour" is not supported by this handler.',
    )  # fmt: skip
    service.kvstore.delete("mine")
    assert "mine" not in service.kvstore
    service.kvstore.create("mine")
    assert service.kvstore["mine"].data.query() == []
    assert refused(service.kvstore["tiny_state"].delete)[0] == 400


def test_documents_of_a_user_are_not_those_of_nobody(splunkd, service, sdk, refused):
    service.kvstore["tiny_state"].data.insert({"user": "a"})
    assert refused(sdk(splunkd, owner="admin").get, "storage/collections/data/tiny_state")[0] == 501


def test_an_unknown_setting_of_a_saved_search_is_refused(splunkd, service, refused):
    assert refused(service.saved_searches.create, "S", "index=main", colour="red") == (
        400, 'Argument "colour" is not supported by this handler.',
    )  # fmt: skip
    service.saved_searches.create("S", "index=main", cron_schedule="1 * * * *", **{"dispatch.earliest_time": "-1h"})
    assert refused(service.saved_searches.create, "S", "index=main")[0] == 409
    service.saved_searches.delete("S")
    assert "S" not in service.saved_searches


def test_a_saved_search_takes_times_and_arguments_when_dispatched(splunkd, service, refused):
    splunkd.index({"time": 1000.0 + n, "index": "main", "data": f"n={n}"} for n in range(5))
    service.saved_searches.create("S", "index=main n=$which$ | table n")
    job = service.saved_searches["S"].dispatch(**{"args.which": "3", "dispatch.earliest_time": "1001"})
    assert json.loads(job.results(output_mode="json").read())["results"] == [{"n": "3"}]
    job = service.saved_searches["S"].dispatch(**{"args.which": "0", "dispatch.earliest_time": "1001"})
    assert json.loads(job.results(output_mode="json").read())["results"] == []
    assert refused(service.saved_searches["S"].dispatch, **{"dispatch.ttl": "5"})[0] == 501


@pytest.mark.parametrize(("given", "alerts"), [({}, 0), ({"trigger_actions": "1"}, 1)])
def test_a_dispatched_search_alerts_only_when_it_is_told_to(splunkd, service, given, alerts):
    now = splunkd.clock()
    for user in ("ann", "bob"):
        splunkd.index([{"time": now - 60, "index": "main", "data": f"action=login user={user}"}])
    service.saved_searches["Alert"].dispatch(**given)
    assert len(splunkd.alerts) == alerts


def test_a_job_belongs_to_who_made_it(splunkd, service, sdk, analyst, refused):
    mine = service.jobs.create("| makeresults", id="my_job")
    assert mine.sid == "my_job"
    assert refused(service.jobs.create, "| makeresults", id="my_job")[0] == 409
    other = sdk(splunkd, analyst)
    assert list(other.jobs) == []
    assert refused(other.get, "search/jobs/my_job")[0] == 404
    theirs = other.jobs.create("| makeresults")
    assert {job.sid for job in service.jobs} == {"my_job", theirs.sid}


def test_a_job_can_be_controlled(splunkd, service, refused):
    job = service.jobs.create("| makeresults")
    for act in (job.pause, job.unpause, job.finalize, job.touch, job.enable_preview, job.disable_preview):
        act()
    job.set_ttl(1000)
    job.set_priority(5)
    assert job.refresh()["ttl"] == "1000"
    assert refused(job.set_priority, 11)[0] == 400
    assert refused(job.post, "control", action="explode")[0] == 400


def test_a_search_takes_its_now_and_its_bounds_of_index_time(splunkd, service, refused):
    splunkd.index([{"time": 1000, "indextime": 5000, "index": "main", "data": "a=1"}])
    splunkd.index([{"time": 1000, "indextime": 6000, "index": "main", "data": "a=2"}])
    found = rows_of(service, "search index=main | table a", index_earliest="5500", index_latest="6500")
    assert found == [{"a": "2"}]
    assert rows_of(service, "search index=main | table a", now="6500", earliest_time="-5400s", latest_time="now") == []
    assert len(rows_of(service, "search index=main | table a", now="6500", earliest_time="-5500s")) == 2
    assert refused(service.jobs.create, "search index=main", now="soonish")[0] == 400
    assert refused(service.jobs.create, "search index=main", search_mode="realtime")[0] == 501
    assert refused(service.jobs.create, "search index=main", sample_ratio="2")[0] == 501


def test_events_of_a_search_are_given_until_it_makes_other_rows_of_them(splunkd, service, refused):
    splunkd.index([{"time": 1000, "index": "main", "data": "a=1"}])
    job = service.jobs.create("search index=main | eval b=a+1")
    assert [row["b"] for row in json.loads(job.events(output_mode="json").read())["results"]] == ["2"]
    assert refused(service.jobs.create("search index=main | stats count").events)[0] == 501


def test_any_object_can_be_switched_off_and_on(splunkd, service, refused):
    service.confs["macros"]["tiny_index"].disable()
    assert splunkd.conf.stanza("macros", "tiny_index")["disabled"] == "1"
    service.inputs.create("x", "tiny_input", account="shipped").enable()
    assert splunkd.conf.stanza("inputs", "tiny_input://x")["disabled"] == "0"
    assert refused(service.post, "saved/searches/Alert/acl", **{"perms.read": "*"})[0] == 501
    assert refused(service.saved_searches["Alert"].acknowledge)[0] == 501


def test_modular_inputs_say_what_they_take(service):
    kind = service.modular_input_kinds["tiny_input"]
    assert kind.name == "tiny_input"
    assert kind["title"] == "Tiny"
    assert kind.arguments["account"]["required_on_create"] == "1"
    assert kind.arguments["count"]["required_on_create"] == "0"


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("storage/passwords", {"name": "a", "password": "p", "colour": "red"}),
        ("messages", {"name": "a", "value": "b", "colour": "red"}),
    ],
)
def test_a_parameter_that_a_handler_lacks_is_refused(service, refused, path, given):
    status, text = refused(service.post, path, **given)
    assert (status, text.endswith("is not supported by this handler.")) == (400, True)


def test_the_log_of_a_search_is_text(service):
    job = service.jobs.create("| makeresults")
    assert isinstance(job.searchlog().read(), bytes)
