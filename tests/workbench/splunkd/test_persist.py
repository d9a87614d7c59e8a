"""The app's own endpoints: persistent REST handlers, who may call them, and the way through Splunk Web."""

from pathlib import Path

import pytest
import requests

from workbench.splunkd import Splunkd
from workbench.splunkd.users import holds
from workbench.splunkd.web import SplunkWeb

APP = Path(__file__).resolve().parent / "rest_app"


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(APP, tmp_path_factory.mktemp("home")) as running:
        running.users.add("analyst", "p", ("user",))
        running.users.add("member", "p", ("resty_user",))
        yield running


@pytest.fixture(scope="module")
def ask(splunkd):
    def send(method, path, user="admin", **given):
        key = splunkd.sessions.issue(user)
        headers = {"Authorization": f"Splunk {key}"} if user else {}
        url = f"{splunkd.uri}/servicesNS/nobody/resty{path}"
        return requests.request(method, url, headers=headers, verify=str(splunkd.ca_file), timeout=60, **given)

    return send


def test_a_handler_is_told_who_asks_what_and_with_which_payload(splunkd, ask):
    answer = ask("POST", "/resty/made/of/parts?a=1", json={"b": "ü"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/x-told")
    request = answer.json()["request"]
    assert request["session"]["user"] == "admin"
    assert splunkd.sessions.user(request["session"]["authtoken"]) == "admin"
    assert (request["rest_path"], request["path_info"]) == ("/resty/made/of/parts", "made/of/parts")
    assert (request["method"], request["query"], request["payload"]) == ("POST", [["a", "1"]], '{"b": "\\u00fc"}')
    assert request["restmap"]["name"] == "script:resty"
    assert request["server"]["rest_uri"] == splunkd.uri
    assert "system_authtoken" not in request
    assert ask("POST", "/resty/made").status_code == 201


def test_a_form_is_handed_on_in_pairs(ask):
    request = ask("POST", "/resty", data={"name": "a b"}).json()["request"]
    assert (request["form"], request["payload"]) == ([["name", "a b"]], "name=a+b")
    assert "path_info" not in request


def test_a_process_stays_for_the_next_request(ask):
    first, second = (ask("GET", "/resty").json() for _ in range(2))
    assert first["pid"] == second["pid"]
    assert second["count"] == first["count"] + 1


def test_the_longest_match_answers_and_the_system_s_token_is_good_for_one_request(splunkd, ask):
    request = ask("GET", "/resty/system").json()["request"]
    assert request["restmap"]["name"] == "script:resty_deeper"
    assert splunkd.sessions.user(request["system_authtoken"]) is None


def test_without_the_capability_nothing_is_started(splunkd, ask):
    assert ask("GET", "/resty", "member").ok
    answer = ask("GET", "/resty?output_mode=json", "analyst")
    assert answer.status_code == 403
    assert "requires capability: resty_use" in answer.json()["messages"][0]["text"]
    assert ask("POST", "/resty/system", "member").status_code == 403
    assert ask("GET", "/resty/system", "member").ok
    assert requests.get(f"{splunkd.uri}/services/resty", verify=str(splunkd.ca_file), timeout=60).status_code == 401


def test_capabilities_come_from_what_authorize_conf_declares(splunkd):
    assert "resty_use" in splunkd.users.get("admin").capabilities
    assert "resty_undeclared" not in splunkd.users.get("admin").capabilities
    assert splunkd.users.get("member").capabilities == ["resty_use", "search"]


@pytest.mark.parametrize(
    ("expression", "held", "result"),
    [("", "", True), ("a", "a", True), ("a", "b", False), ("a or b", "b", True), ("a and b", "b", False),
     ("(a or b) and c", "b c", True), ("a or b and c", "a", True), ("c and (a or b)", "c", False)],
)  # fmt: skip
def test_an_expression_of_capabilities(expression, held, result):
    assert holds(expression, set(held.split())) is result


@pytest.mark.parametrize(
    ("path", "words"),
    [("/resty/breaks", "out of order"), ("/resty/ends", "has ended"), ("/resty/bare", 'reply had no'),
     ("/resty/text", "no JSON"), ("/two", "More than one class")],
)  # fmt: skip
def test_a_handler_that_gives_no_answer_is_an_error_and_the_next_request_goes_on(ask, path, words):
    if path == "/two":
        answer = ask("GET", path)  # its stanza says no output_modes, so it is asked for XML
    else:
        answer = ask("GET", path + "?output_mode=json")
    assert answer.status_code == 500
    assert words in answer.text
    assert ask("GET", "/resty").ok


def test_what_a_handler_prints_is_no_part_of_its_answer(ask):
    assert ask("GET", "/resty/chatty").json()["request"]["path_info"] == "chatty"


def test_what_the_stand_in_cannot_run_it_refuses_by_name(ask):
    answer = ask("GET", "/old?output_mode=json")
    assert answer.status_code == 501
    assert "only scripttype = persist" in answer.text
    assert ask("GET", "/resty?output_mode=xml").status_code == 400
    assert ask("GET", "/nothing").status_code == 404


@pytest.fixture
def web(splunkd):
    return SplunkWeb(splunkd)


def through(web, cookies, method="GET", path="resty/a", **headers):
    return web.ask(method, f"/en-US/splunkd/__raw/servicesNS/nobody/resty/{path}", headers, cookies)


def test_a_page_reaches_what_web_conf_exposes_with_its_session(web):
    cookies = web.sign_in("member")
    assert through(web, cookies).status == 200
    assert through(web, cookies, path="two").status == 404
    assert web.ask("GET", "/en-US/app/resty/page", {}, cookies) is None
    web.sign_out(cookies)
    assert through(web, cookies).status == 401
    assert through(web, {}).status == 401


def test_a_change_needs_the_page_s_own_key_in_a_header(web):
    cookies = web.sign_in("member")
    key = cookies["splunkweb_csrf_token_8000"]
    own = {"X-Requested-With": "XMLHttpRequest"}
    assert through(web, cookies, "POST", **own, **{"X-Splunk-Form-Key": key}).status == 200
    for headers in (own, {"X-Splunk-Form-Key": key}, {**own, "X-Splunk-Form-Key": "1"}):
        refused = through(web, cookies, "POST", **headers)
        assert refused.status == 401
        assert b"CSRF" in refused.body
    other = web.sign_in("admin")["splunkweb_csrf_token_8000"]
    assert through(web, cookies, "POST", **own, **{"X-Splunk-Form-Key": other}).status == 401
    assert through(web, cookies, "DELETE", **own, **{"X-Splunk-Form-Key": key}).status == 404
