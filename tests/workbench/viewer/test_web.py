"""What Splunk Web does for the pages, without a browser: pages, static files, splunkd behind the form key."""

import pytest
import requests

from workbench.errors import BadInput
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb, views
from workbench.viewer.views import navigation, read, start_page

STUDIO = """<dashboard version="2" theme="dark"><label>Odd &amp; even</label><definition><![CDATA[
{"title": "Odd", "visualizations": {}}]]></definition></dashboard>"""
SIMPLE = """<dashboard script="setup.js" stylesheet="setup.css"><label>Set up</label><row><panel><html>
<p id="here">Hello <b>there</b></p><div id="empty"></div></html></panel></row></dashboard>"""
NAV = """<nav><view name="odd"/><collection label="More"><view name="set_up" default="true"/></collection></nav>"""
CONF = "[ui]\nlabel = Tiny & <co>\n[package]\nid = tiny\n"
JOBS = "/en-US/splunkd/__raw/servicesNS/admin/tiny/search/v2/jobs"


@pytest.fixture(scope="module")
def app_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("app") / "tiny"
    files = {
        "default/app.conf": CONF, "default/data/ui/views/odd.xml": STUDIO, "default/data/ui/views/set_up.xml": SIMPLE,
        "default/data/ui/nav/default.xml": NAV, "appserver/static/setup.js": "1", "secret.txt": "no",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def web(app_dir, tmp_path_factory):
    with Splunkd(app_dir, tmp_path_factory.mktemp("home")) as splunkd, SplunkWeb(splunkd) as running:
        yield running


def opened(web):
    """A session that has opened a page, with the headers that Splunk's pages send."""
    session = requests.Session()
    session.get(web.address("odd"), timeout=30)
    key = session.cookies[f"splunkweb_csrf_token_{web.port}"]
    session.headers.update({"X-Splunk-Form-Key": key, "X-Requested-With": "XMLHttpRequest"})
    return session


@pytest.fixture
def browser(web):
    return opened(web)


def test_the_app_opens_with_the_page_that_its_navigation_says(web):
    answer = requests.get(web.uri, timeout=30)
    assert answer.url == web.address("set_up")


def test_a_simple_page_has_its_markup_and_files_in_a_frame_with_the_navigation(web):
    text = requests.get(web.address("set_up"), timeout=30).text
    assert '<p id="here">Hello <b>there</b></p><div id="empty"></div>' in text
    assert 'href="/static/app/tiny/setup.css"' in text
    assert 'require(["/static/app/tiny/setup.js"])' in text
    assert "Odd &amp; even</a>" in text
    assert "Tiny &amp; &lt;co&gt;" in text


def test_a_dashboard_gives_its_definition_and_takes_a_theme_from_the_address(web):
    assert 'data-theme="dark"' in requests.get(web.address("odd"), timeout=30).text
    assert 'data-theme="light"' in requests.get(web.address("odd") + "?theme=light", timeout=30).text
    assert requests.get(f"{web.uri}/viewer/definition/odd", timeout=30).json()["title"] == "Odd"


def test_static_files_are_those_of_the_app_and_no_others(web):
    assert requests.get(f"{web.uri}/static/app/tiny/setup.js", timeout=30).text == "1"
    for path in ("/static/app/tiny/%2e%2e/%2e%2e/secret.txt", "/viewer/..%2fviews.py", "/en-US/app/tiny/nothing"):
        assert requests.get(web.uri + path, timeout=30).status_code == 404


def test_a_change_needs_the_form_key_in_cookie_and_header(web, browser):
    form = {"search": "| makeresults", "output_mode": "json"}
    assert browser.post(web.uri + JOBS, data=form, timeout=30).status_code == 201
    for missing in ("X-Splunk-Form-Key", "X-Requested-With"):
        answer = browser.post(web.uri + JOBS, data=form, headers={missing: None}, timeout=30)
        assert (answer.status_code, "CSRF" in answer.text) == (401, True)
    browser.cookies.clear()
    assert browser.post(web.uri + JOBS, data=form, timeout=30).status_code == 401


def test_pages_have_the_session_of_whoever_is_signed_in_until_it_ends(web, browser):
    context = f"{web.uri}/en-US/splunkd/__raw/services/authentication/current-context?output_mode=json"
    assert browser.get(context, timeout=30).json()["entry"][0]["content"]["username"] == "admin"
    web.splunkd.users.add("ann", "secret", ("user",))
    web.sign_in("ann")
    other = opened(web)
    assert other.get(context, timeout=30).json()["entry"][0]["content"]["username"] == "ann"
    assert '"USERNAME": "ann"' in other.get(web.address("odd"), timeout=30).text
    web.sign_out()
    assert other.get(context, timeout=30).status_code == 401
    web.sign_in("admin")


def test_a_job_gives_columns_and_what_a_post_process_search_makes_of_them(web, browser):
    spl = "| makeresults count=3 | streamstats count AS n | eval many=split(\"a b\", \" \") | table n many"
    sid = browser.post(web.uri + JOBS, data={"search": spl, "output_mode": "json"}, timeout=30).json()["sid"]
    form = {"output_mode": "json_cols", "count": 0}
    whole = browser.post(f"{web.uri}{JOBS}/{sid}/results", data=form, timeout=30).json()
    assert [field["name"] for field in whole["fields"]] == ["n", "many"]
    assert whole["columns"] == [["1", "2", "3"], [["a", "b"]] * 3]
    post = {**form, "search": "stats sum(n) AS all"}
    assert browser.post(f"{web.uri}{JOBS}/{sid}/results", data=post, timeout=30).json()["columns"] == [["6"]]
    wrong = browser.post(f"{web.uri}{JOBS}/{sid}/results", data={**form, "search": "| nope"}, timeout=30)
    assert (wrong.status_code, wrong.json()["messages"][0]["text"]) == (400, "Unknown search command 'nope'.")


def test_the_time_picker_gets_its_ranges_and_what_a_time_means(web, browser):
    raw = f"{web.uri}/en-US/splunkd/__raw/services"
    ranges = browser.get(f"{raw}/data/ui/times?output_mode=json", timeout=30).json()["entry"]
    assert ("Last 7 days", "-7d@h", "now") in [
        tuple(each["content"][name] for name in ("label", "earliest_time", "latest_time")) for each in ranges
    ]
    asked = {"time": "-1d@d", "now": "1000000", "output_mode": "json"}
    assert browser.get(f"{raw}/search/timeparser", params=asked, timeout=30).json() == {
        "-1d@d": "1970-01-11T00:00:00.000+00:00"
    }
    assert browser.get(f"{raw}/search/timeparser?time=tomorrow&output_mode=json", timeout=30).status_code == 400


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<dashboard><row>", "no XML"),
        ('<dashboard version="2"><definition>[1]</definition></dashboard>', "no JSON object"),
        ('<dashboard version="2"><definition>{</definition></dashboard>', "no JSON"),
        ("<form><row><panel><table/></panel></row></form>", "<table> in a row is not simulated"),
        ("<html/>", "<html> is not simulated"),
    ],
)
def test_a_view_that_cannot_be_shown_is_refused(tmp_path, text, why):
    path = tmp_path / "wrong.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        read(path)


def test_a_navigation_that_names_no_view_is_refused(app_dir, tmp_path):
    nav = tmp_path / "default" / "data" / "ui" / "nav" / "default.xml"
    nav.parent.mkdir(parents=True)
    nav.write_text('<nav><view name="none"/></nav>', encoding="utf-8")
    with pytest.raises(BadInput, match="there is no view none"):
        navigation(tmp_path)
    assert start_page(navigation(app_dir)) == "set_up"
    assert set(views(app_dir)) == {"odd", "set_up"}
