"""The REST interface, with splunk-sdk's own client as the client."""

import json
import ssl

import pytest
import requests
from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from workbench.splunkd import Splunkd


def connected(splunkd, **given):
    host, port = splunkd.uri[len("https://") :].split(":")
    options = {"host": host, "port": int(port), "token": splunkd.session_key, "app": "tiny", "owner": "nobody"}
    options.update(given)
    return client.Service(**options)


@pytest.fixture
def service(splunkd):
    return connected(splunkd)


@pytest.fixture
def ask(splunkd):
    """A plain request: ask(method, address, …) -> response."""

    def send(method, address, key=splunkd.session_key, **given):
        headers = {"Authorization": f"Splunk {key}"} if key else {}
        return requests.request(
            method, splunkd.uri + address, headers=headers, verify=str(splunkd.ca_file), timeout=60, **given
        )

    return send


def refusal(call, *args, **kwargs):
    with pytest.raises(HTTPError) as caught:
        call(*args, **kwargs)
    return caught.value.status, str(caught.value).partition(" -- ")[2]


def test_the_certificate_holds_for_its_own_authority_alone(splunkd):
    assert requests.get(splunkd.uri + "/services/server/info", verify=str(splunkd.ca_file), timeout=60).ok
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(splunkd.uri + "/services/server/info", timeout=60)
    context = ssl.create_default_context(cafile=str(splunkd.ca_file))
    assert connected(splunkd, verify=True, context=context).info["version"]


def test_a_name_and_a_password_give_a_session(splunkd):
    host, port = splunkd.uri[len("https://") :].split(":")
    service = client.connect(host=host, port=int(port), username=splunkd.username, password=splunkd.password)
    assert service.info["serverName"] == "workbench"
    assert [kind.name for kind in service.storage_passwords] == []
    with pytest.raises(AuthenticationError, match=r"Login failed\."):
        client.connect(host=host, port=int(port), username="admin", password="changeme")


@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_a_session_there_is_no_answer(ask, key):
    answer = ask("GET", "/services/storage/passwords", key=key)
    assert answer.status_code == 401
    assert '<msg type="WARN">call not properly authenticated</msg>' in answer.text


def test_unknown_addresses_and_apps_are_not_found(ask):
    assert ask("GET", "/services/nothing/at/all").status_code == 404
    assert ask("GET", "/nothing").status_code == 404
    assert ask("GET", "/services/search/parser?q=x").status_code == 501
    answer = ask("GET", "/servicesNS/nobody/other/storage/passwords?output_mode=json")
    assert answer.status_code == 404
    assert answer.json() == {"messages": [{"type": "ERROR", "text": "Application does not exist: other"}]}


def test_a_secret_can_be_created_read_changed_and_deleted(service, splunkd):
    made = service.storage_passwords.create("p:1", "acct#0", "tiny")
    assert (made.name, made.clear_password, made.realm, made.username) == ("tiny:acct#0:", "p:1", "tiny", "acct#0")
    service.storage_passwords["tiny:acct#0:"].update(password="p2")
    assert splunkd.passwords.items() == [(("tiny", "acct#0"), "p2")]
    service.storage_passwords.delete("acct#0", "tiny")
    assert splunkd.passwords.items() == []


def test_an_entity_of_a_list_can_be_updated_and_deleted_itself(service, splunkd):
    service.storage_passwords.create("x" * 255, "a b:c#0", "tiny")
    found = next(iter(service.storage_passwords))
    found.update(password="y")
    assert splunkd.passwords.items() == [(("tiny", "a b:c#0"), "y")]
    found.delete()
    assert splunkd.passwords.items() == []


def test_secrets_are_found_by_realm_and_all_are_listed_when_asked(service, splunkd):
    for number in range(40):
        splunkd.set_secret("tiny" if number % 2 else "other", f"a#{number}", "p")
    assert len(service.storage_passwords.list(count=-1)) == 40
    assert len(service.storage_passwords.list(count=-1, search="realm=tiny")) == 20


def test_secrets_belong_to_the_apps_namespace(splunkd, service):
    splunkd.set_secret("tiny", "a", "p")
    assert connected(splunkd, app=None, owner=None).storage_passwords.list() == []


def test_a_secret_cannot_be_made_twice_or_without_a_password(service):
    service.storage_passwords.create("p", "a", "tiny")
    assert refusal(service.storage_passwords.create, "p", "a", "tiny")[0] == 409
    assert refusal(service.storage_passwords.create, "", "b", "tiny")[0] == 400
    with pytest.raises(KeyError):
        service.storage_passwords.delete("nobody", "tiny")


def test_no_secret_reaches_the_disk(splunkd, home):
    splunkd.set_secret("tiny", "a", "a very secret word")
    assert not [path for path in home.rglob("*") if path.is_file() and b"a very secret word" in path.read_bytes()]


def test_only_collections_of_collections_conf_exist(service):
    assert [collection.name for collection in service.kvstore] == ["tiny_checkpoints", "tiny_state"]
    assert "tiny_state" in service.kvstore
    with pytest.raises(KeyError):
        service.kvstore["other"]
    assert refusal(service.get, "storage/collections/data/other/")[0] == 404


def test_collections_are_configured_in_the_context_of_nobody_alone(splunkd):
    admin = connected(splunkd, owner="admin")
    status, text = refusal(admin.get, "storage/collections/config")
    assert status == 400
    assert text.startswith("Must use user context of 'nobody'")


def test_documents_are_inserted_found_replaced_and_deleted(service):
    data = service.kvstore["tiny_checkpoints"].data
    key = data.insert(json.dumps({"state": "s", "count": 1}))["_key"]
    assert data.query_by_id(key) == {"_key": key, "_user": "nobody", "state": "s", "count": 1}
    data.update(key, {"state": "t", "count": 2})
    assert data.batch_save({"_key": "a://b/c d", "count": 5}, {"count": 7}) == ["a://b/c d", data.query()[2]["_key"]]
    assert data.query(query={"count": {"$gte": 5}}, sort="count:-1", fields="count", limit=1)[0]["count"] == 7
    assert data.query_by_id("a://b/c d")["count"] == 5
    data.delete_by_id("a://b/c d")
    assert refusal(data.query_by_id, "a://b/c d") == (404, "Could not find object.")
    data.delete(query=json.dumps({"count": 7}))
    assert [document["count"] for document in data.query()] == [2]
    data.delete()
    assert data.query() == []


def test_several_queries_are_answered_at_once(service):
    data = service.kvstore["tiny_state"].data
    data.batch_save({"user": "a"}, {"user": "b"})
    answers = data.batch_find({"query": {"user": "a"}}, {})
    assert [[row["user"] for row in answer] for answer in answers] == [["a"], ["a", "b"]]


@pytest.mark.parametrize(
    "document", [{"count": "five"}, {"state": 5}, {"count": True}, {"_key": 5}, "[1]", "{"], ids=str
)
def test_what_does_not_fit_an_enforced_type_is_refused(service, document):
    data = service.kvstore["tiny_checkpoints"].data
    assert refusal(data.insert, document)[0] == 400
    assert data.query() == []


def test_without_enforcement_only_the_wrong_field_is_dropped(service):
    data = service.kvstore["tiny_state"].data
    data.insert({"user": 5, "seen": 1.5, "more": [1]})
    stored = data.query()[0]
    assert (stored.get("user"), stored["seen"], stored["more"]) == (None, 1.5, [1])


def test_a_batch_is_all_or_nothing_and_has_a_limit(service):
    data = service.kvstore["tiny_checkpoints"].data
    assert refusal(data.batch_save, {"count": 1}, {"count": "x"})[0] == 400
    assert refusal(data.batch_save, *({"count": n} for n in range(1001)))[0] == 400
    assert data.query() == []


def test_a_key_is_taken_once(service):
    data = service.kvstore["tiny_checkpoints"].data
    data.insert({"_key": "a"})
    assert refusal(data.insert, {"_key": "a"})[0] == 409


@pytest.mark.parametrize("query", ['{"a": {"$regex": "x"}}', '{"$nor": []}', '{"$and": 1}', "[", "[1]"])
def test_a_query_that_the_kv_store_does_not_know_is_refused(ask, query):
    answer = ask("GET", "/servicesNS/nobody/tiny/storage/collections/data/tiny_state", params={"query": query})
    assert answer.status_code == 400


def test_documents_outlive_the_process(app_dir, home):
    with Splunkd(app_dir, home) as first:
        first.kvstore.collection("tiny_state").insert({"_key": "k", "user": "é"})
    with Splunkd(app_dir, home) as second:
        assert second.kvstore.collection("tiny_state").get("k")["user"] == "é"


def test_settings_are_read_and_written_in_the_local_layer(service, splunkd, app_dir):
    accounts = service.confs["tiny_accounts"]
    assert accounts["shipped"]["tenant"] == "t0"
    accounts.create("a b", tenant="T1", provider="o365").update(tenant="T2")
    assert splunkd.conf.stanza("tiny_accounts", "a b") == {"tenant": "T2", "provider": "o365"}
    assert sorted(stanza.name for stanza in accounts) == ["a b", "shipped"]
    assert refusal(accounts.create, "a b", tenant="T3") == (409, "An object with name=a b already exists")
    assert (app_dir / "default" / "tiny_accounts.conf").read_text() == "[shipped]\ntenant = t0\n"
    accounts.delete("a b")
    assert "a b" not in accounts


def test_a_shipped_stanza_cannot_be_deleted(service):
    assert refusal(service.confs["tiny_accounts"].delete, "shipped")[0] == 400


def test_absent_settings_are_not_found(service):
    with pytest.raises(KeyError):
        service.confs["nothing"]
    with pytest.raises(KeyError):
        service.confs["tiny_accounts"]["nothing"]


def test_settings_are_the_apps_own_unless_it_exports_them(splunkd):
    elsewhere = connected(splunkd, app="search")
    with pytest.raises(KeyError):
        elsewhere.confs["tiny_accounts"]
    assert elsewhere.confs["macros"]["tiny_index"]["definition"] == "index=main"
