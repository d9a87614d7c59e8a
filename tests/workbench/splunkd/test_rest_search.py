"""Searches, saved searches, inputs and the rest of the interface, with splunk-sdk's own client."""

import json

import pytest
from splunklib import client, results
from splunklib.binding import HTTPError


@pytest.fixture
def service(splunkd):
    host, port = splunkd.uri[len("https://") :].split(":")
    splunkd.index(
        {"time": 1000.0 + n, "host": "h", "source": "s", "sourcetype": "web", "index": "main", "data": f'{{"n": {n}}}'}
        for n in range(5)
    )
    return client.Service(host=host, port=int(port), token=splunkd.session_key, app="tiny", owner="nobody")


def rows(stream):
    with stream:
        return [row for row in results.JSONResultsReader(stream) if isinstance(row, dict)]


def refusal(call, *args, **kwargs):
    with pytest.raises(HTTPError) as caught:
        call(*args, **kwargs)
    return caught.value.status, str(caught.value).partition(" -- ")[2]


def test_a_job_runs_and_gives_its_results_by_pages(service):
    job = service.jobs.create("search index=main | table _time n", earliest_time="1001", latest_time="1004")
    assert (job.is_done(), job["resultCount"], job["dispatchState"]) == (True, "3", "DONE")
    assert rows(job.results(output_mode="json", count=2)) == [
        {"_time": "1970-01-01T00:16:43.000+00:00", "n": "3"}, {"_time": "1970-01-01T00:16:42.000+00:00", "n": "2"},
    ]  # fmt: skip
    assert [row["n"] for row in rows(job.results(output_mode="json", count=0, offset=2))] == ["1"]
    assert [other.sid for other in service.jobs] == [job.sid]
    job.cancel()
    assert refusal(job.refresh) == (404, "Unknown sid.")


def test_a_job_tells_how_many_events_it_read(service):
    job = service.jobs.create("search index=main n=3", earliest_time="1001", latest_time="1005")
    assert (job["scanCount"], job["eventCount"], job["resultCount"]) == ("4", "1", "1")


def test_oneshot_and_export_give_results_at_once(service):
    assert rows(service.jobs.oneshot("| makeresults | eval a=1, _b=2 | table a _b", output_mode="json")) == [{"a": "1"}]
    found = rows(service.jobs.export("search index=main | table n", output_mode="json"))
    assert [row["n"] for row in found] == ["4", "3", "2", "1", "0"]
    with service.jobs.oneshot("search index=main | head 1 | table n", output_mode="csv") as stream:
        assert stream.read() == b"n\n4\n"


def test_a_search_by_rest_begins_with_search_or_a_pipe(service):
    assert refusal(service.jobs.create, "index=main") == (400, "Unknown search command 'index'.")
    assert refusal(service.jobs.create, "| nope") == (400, "Unknown search command 'nope'.")


def test_what_is_not_simulated_says_so(service):
    assert refusal(service.jobs.oneshot, "| makeresults")[0] == 501
    job = service.jobs.create("| makeresults")
    assert refusal(job.events)[0] == 501


def test_saved_searches_are_listed_changed_and_dispatched(service, splunkd):
    assert [search.name for search in service.saved_searches] == ["Collect", "Alert", "Each", "Off"]
    saved = service.saved_searches["Alert"]
    assert saved["search"].startswith("index=main action=login")
    job = saved.dispatch()
    assert (job.is_done(), [past.sid for past in saved.history()]) == (True, [job.sid])
    saved.update(is_scheduled="0")
    assert (saved.refresh()["is_scheduled"], "enableSched" in saved.content) == ("0", False)
    assert splunkd.conf.stanza("savedsearches", "Alert")["enableSched"] == "0"
    saved.disable()
    assert splunkd.conf.stanza("savedsearches", "Alert")["disabled"] == "1"
    service.saved_searches.create("Mine", "index=main | head 1")
    assert splunkd.conf.stanza("savedsearches", "Mine") == {"search": "index=main | head 1"}


def test_an_input_is_validated_before_it_is_kept(service, splunkd):
    assert service.inputs.kinds == ["tiny_input"]
    made = service.inputs.create("main", "tiny_input", account="a", count="2")
    assert (made.name, made.kind, made["account"]) == ("main", "tiny_input", "a")
    assert splunkd.conf.stanza("inputs", "tiny_input://main") == {"account": "a", "count": "2"}
    status, text = refusal(service.inputs.create, "bad", "tiny_input", account="a", count="many")
    assert (status, text) == (400, "Encountered the following error while trying to save: count must be a number")
    assert refusal(service.inputs.create, "bad", "tiny_input", colour="red")[0] == 400
    assert splunkd.conf.stanza("inputs", "tiny_input://bad") is None


def test_the_app_can_be_marked_as_configured(service):
    app = service.apps["tiny"]
    assert app["configured"] == "0"
    app.update(configured="1")
    assert service.apps["tiny"]["configured"] == "1"
    assert "other" not in service.apps


def test_messages_come_and_go(service):
    service.messages.create("delegation", value="look here")
    assert service.messages["delegation"].value == "look here"
    service.messages.delete("delegation")
    assert list(service.messages) == []


def test_one_event_is_received_as_it_is(service, splunkd):
    service.indexes.create("mail")
    meta = {"index": "mail", "sourcetype": "x", "host": "h", "source": "s"}
    service.post("/services/receivers/simple", body="a=1&index=evil", **meta)
    row = splunkd.search("index=mail").rows[0]
    assert (row["_raw"], row["sourcetype"], row["host"], row["source"]) == ("a=1&index=evil", "x", "h", "s")


def test_macros_are_entities(service):
    assert service.macros["tiny_index"].definition == "index=main"


def test_answers_are_json_when_asked(service):
    answer = service.get("saved/searches", output_mode="json", count=2)
    feed = json.loads(answer.body.read())
    assert [entry["name"] for entry in feed["entry"]] == ["Collect", "Alert"]
    assert feed["paging"] == {"total": 4, "perPage": 2, "offset": 0}
