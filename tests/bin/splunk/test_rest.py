"""Requests of the pages as splunkd hands them over: whatever happens, there is an answer, and no secret is in it."""

import json

import pytest
from delegation_watch.splunk.accounts import Accounts, Vendors
from delegation_watch.splunk.rest import Area, Refusal, Route, answer
from delegation_watch.splunk.trace import Trace

KEY = {"secret": "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----", "write_secret": "an0ther 'secret'"}


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


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "get"])
@pytest.mark.parametrize("address", ["x", "x/one", "x/none", "x/..", "x/%2e%2e/y", "y", "y/x"])
def test_without_the_capability_nothing_is_called_by_any_method_at_any_address(splunkd, tmp_path, method, address):
    called = []
    routes = [Route("GET", "", called.append), Route("POST", "", called.append), Route("POST", "*", called.append)]
    areas = {"x": Area("no_such_capability", routes)}
    given = request(splunkd, method=method, rest_path=f"/delegation_watch/{address}", payload="{}")
    assert answer(json.dumps(given), areas, Trace(str(tmp_path)))["status"] == (403 if address[0] == "x" else 404)
    assert called == []


def test_no_secret_of_a_request_gets_into_the_log_of_a_fault_or_the_answer(splunkd, tmp_path):
    def fails(asked):
        raise ValueError(f"{asked.body} and {asked.body['secret']} and {asked.body['secret'].splitlines()[1]}")

    def refuses(asked):
        raise Refusal(400, f"{asked.body['secret'].splitlines()[1]} is no key, {asked.body['write_secret']} no secret")

    area = Area("search", [Route("POST", "", fails), Route("PUT", "", refuses)])
    said = ""
    for method in ("POST", "PUT"):
        given = request(splunkd, method=method, payload=json.dumps(KEY))
        said += answer(json.dumps(given), {"x": area}, Trace(str(tmp_path)))["payload"]
    said += (tmp_path / "var/log/splunk/delegation_watch_rest.log").read_text(encoding="utf-8")
    assert "ValueError" in said
    assert [piece for piece in ("MIIEvQIBADANBgkqhkiG9w0", "an0ther") if piece in said] == []


def test_what_a_vendor_sends_back_of_a_stored_secret_is_not_shown(splunkd, tmp_path):
    def examined(use, account, secret, content_types):
        return [("Sign in", "fails", f"invalid_client: {secret} is wrong")]

    vendors = Vendors(("provider",), lambda name, given: given, lambda account, secret: None, examined, ())
    area = Area("search", Accounts(vendors, Trace(str(tmp_path))).routes())
    for path, body in (("", {"provider": "o365", "secret": "hunter2-hunter2"}), ("/test", {"use": "audit"})):
        given = request(splunkd, method="POST", rest_path=f"/delegation_watch/x/accounts/echo{path}")
        told = answer(json.dumps({**given, "payload": json.dumps(body)}), {"x": area}, Trace(str(tmp_path)))
        assert told["status"] == 200
    assert json.loads(told["payload"])["findings"][0]["text"] == "invalid_client: (secret) is wrong"
