"""`make serve` as a user starts it: an address, stand-ins to try accounts on, clear words when it cannot, an end."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

VIEWS = "/en-US/app/delegation_watch/"


def command(root_dir, home, port=0):
    return [sys.executable, "-m", "workbench", "serve", "--home", str(home), "--port", str(port)]


@contextmanager
def started(root_dir, home):
    """A server and what it says first."""
    with subprocess.Popen(
        command(root_dir, home), cwd=root_dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            greeting = [server.stdout.readline() for _ in range(3)]
            assert greeting[0], server.stderr.read()
            yield server, "".join(greeting)
        finally:
            server.kill()


def once(root_dir, home, port=0):
    """Exit code and words of a server that should not start."""
    done = subprocess.run(
        command(root_dir, home, port), cwd=root_dir, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def home(demo_home, tmp_path_factory):
    """One of its own: a stand-in for splunkd leaves its certificate there, and each has another."""
    return Path(shutil.copytree(demo_home[0], tmp_path_factory.mktemp("served") / "home"))


@pytest.fixture(scope="module")
def serving(home, bundle, root_dir):
    with started(root_dir, home) as running:
        yield running


@pytest.fixture(scope="module")
def address(serving):
    return re.match(r"http://127\.0\.0\.1:\d+(?=  )", serving[1]).group()


def until(seconds, look):
    """What `look` gives once it gives something."""
    end = time.monotonic() + seconds
    while not look() and time.monotonic() < end:
        time.sleep(0.2)
    return look()


def test_the_address_that_it_prints_leads_to_the_start_page_and_each_view(address, root_dir):
    first = requests.get(address, timeout=120)
    assert (first.status_code, first.url) == (200, f"{address}{VIEWS}delegation_watch_overview")
    for path in (root_dir / "default" / "data" / "ui" / "views").glob("*.xml"):
        assert requests.get(f"{address}{VIEWS}{path.stem}", timeout=120).status_code == 200


def test_the_accounts_reach_the_stand_ins_and_an_input_that_is_added_runs(address, home, browser):
    tab = browser.new_page()
    tab.goto(f"{address}{VIEWS}delegation_watch_setup")
    for name in ("office365", "workspace"):
        tab.get_by_role("button", name=f"Test: Audit feed, account {name}", exact=True).click()
        tab.get_by_role("heading", name=f"Audit feed, account {name}").wait_for()
        assert tab.locator(f"[data-account={name}] .dw-findings li.dw-works").count() > 0
        assert tab.locator(f"[data-account={name}] .dw-findings li.dw-fails").count() == 0
    tab.get_by_role("button", name="Add an input", exact=True).click()
    tab.locator("form [name=name]").fill("added")
    tab.locator("form [name=account]").select_option("workspace")
    tab.locator("form [name=content_types]").fill("login")
    tab.get_by_role("button", name="Save input", exact=True).click()
    tab.get_by_text("Input added is saved and runs.").wait_for()

    def arrived():
        tab.get_by_role("button", name="Look again", exact=True).click()
        tab.get_by_role("list", name="Progress").wait_for()
        return tab.get_by_text("last success").count()

    assert until(300, arrived)
    tab.close()


def test_a_file_says_what_to_enter_for_the_stand_ins(serving, home):
    path = home / "accounts.txt"
    assert str(path) in serving[1]
    told = path.read_text(encoding="utf-8")
    for field in ("tenant", "client_id", "authority", "api_root", "exchange_root", "ca_file", "customer", "subject"):
        assert re.search(rf"^{field} +\S", told, re.MULTILINE)


def test_a_second_server_on_the_same_data_is_refused(serving, home, root_dir):
    code, said = once(root_dir, home)
    assert (code, said.count("\n")) == (2, 1)
    assert f"error: {home} is in use by another `serve`" in said


def test_a_port_that_is_taken_is_said_before_any_data_is_made(tmp_path, root_dir, bundle):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = once(root_dir, tmp_path / "new", taken.getsockname()[1])
    assert code == 2
    assert re.match(r"error: port \d+ of 127\.0\.0\.1 cannot be had \(Address already in use\); name another", said)
    assert not (tmp_path / "new").exists()


def test_ctrl_c_ends_it_in_order(serving):
    server = serving[0]
    server.send_signal(signal.SIGINT)
    assert server.wait(120) == 0
    said = server.stderr.read()
    assert "ending" in said.splitlines(), said  # what had begun may tell its end after it
    assert "Traceback" not in said, said
