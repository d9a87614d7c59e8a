"""Requests of the pages as splunkd hands them over: whatever happens, there is an answer, and no secret is in it."""

import json

from delegation_watch.splunk.rest import Area, Refusal, Route, answer
from delegation_watch.splunk.trace import Trace


def request(splunkd, **changes):
    return {"method": "GET", "rest_path": "/delegation_watch/x", "server": {"rest_uri": splunkd.uri},
            "session": {"user": "admin", "authtoken": splunkd.session_key}, "query": [], **changes}  # fmt: skip


def test_an_error_nobody_foresaw_is_an_answer_without_its_text_and_a_line_of_the_log(splunkd, tmp_path):
    def fails(asked):
        raise ValueError("the secret is hunter2")

    def echoes(asked):
        raise Refusal(400, f"{asked.body['secret']} is wrong")

    area = Area("search", [Route("GET", "", fails), Route("POST", "", echoes)])
    found = answer(json.dumps(request(splunkd)), {"x": area}, Trace(str(tmp_path)))
    assert found["status"] == 500
    assert "hunter2" not in found["payload"]
    assert "ValueError" in (tmp_path / "var/log/splunk/delegation_watch_rest.log").read_text(encoding="utf-8")
    brought = request(splunkd, method="POST", payload=json.dumps({"secret": 'a "b'}))
    told = json.loads(answer(json.dumps(brought), {"x": area}, Trace(str(tmp_path)))["payload"])
    assert told["messages"][0]["text"] == "(secret) is wrong"
    ended = request(splunkd, session={"user": "admin", "authtoken": "gone"})
    assert answer(json.dumps(ended), {"x": area}, Trace(str(tmp_path)))["status"] == 401
    for broken in (b"", b"{}", b"[]", b"no json"):
        assert answer(broken, {"x": area}, Trace(str(tmp_path)))["status"] >= 400
