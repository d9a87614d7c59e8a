"""splunkd's side of a modular input, and the events it takes in."""

import json
import os
import time

import pytest

from workbench.errors import BadInput
from workbench.splunkd.eventstream import EventStream, StreamError
from workbench.splunkd.intervals import Interval
from workbench.splunkd.modinput import Server


@pytest.fixture
def ready(splunkd):
    splunkd.conf.set("tiny_accounts", "a", "tenant", "T1")
    splunkd.set_secret("tiny", "a#0", "secret")
    return splunkd


def stored(splunkd):
    return splunkd.search("index=* | reverse | table _time host source sourcetype index _raw").rows


def test_an_input_is_introspected_validated_and_run(ready):
    run = ready.run_input("tiny_input://x", {"account": "a", "count": "2"})
    assert (run.events, run.exit_code, run.errors) == (2, 0, [])
    assert run.log == ["INFO tenant=T1"]


def test_what_an_event_leaves_out_comes_from_the_stanza_and_its_time_from_props(ready):
    ready.run_input("tiny_input://x", {"account": "a", "count": "2", "index": "mail"})
    first, second = stored(ready)
    assert first == {
        "_time": 1772359200, "host": "workbench", "source": "tiny_input://x", "sourcetype": "tiny:event",
        "index": "mail", "_raw": '{"n":0,"t":"2026-03-01T10:00:00Z"}',
    }  # fmt: skip
    assert (second["host"], second["_time"]) == ("h", 1772359201)


def test_the_next_run_goes_on_where_the_last_one_ended(ready):
    for _ in range(2):
        ready.run_input("tiny_input://x", {"account": "a", "count": "2"})
    assert [row["_raw"][5] for row in stored(ready)] == ["0", "1", "2", "3"]


def test_events_may_be_taken_by_someone_else_than_the_index(ready):
    taken = []
    ready.run_input("tiny_input://x", {"account": "a", "count": "1"}, taken.append)
    assert taken == [{
        "time": 1772359200.0, "host": "workbench", "source": "tiny_input://x", "sourcetype": "tiny:event",
        "index": "main", "data": '{"n":0,"t":"2026-03-01T10:00:00Z"}',
    }]  # fmt: skip
    assert len(ready.events) == 0


def test_an_event_in_pieces_is_one_event(ready):
    ready.run_input("tiny_input://x", {"account": "a", "count": "0", "mode": "pieces"})
    assert [(row["_time"], row["_raw"]) for row in stored(ready)] == [(12.5, "one two")]


def test_the_inputs_own_validation_message_is_the_error(ready):
    run = ready.run_input("tiny_input://x", {"account": "a", "count": "many"})
    assert (run.events, run.exit_code, run.errors) == (0, 1, ["count must be a number"])


def test_error_lines_and_the_exit_code_are_reported(ready):
    run = ready.run_input("tiny_input://x", {"account": "a", "mode": "refused"})
    assert (run.exit_code, run.errors) == (1, ["the tenant refused the secret ******"])
    assert run.log[-1] == "ERROR the tenant refused the secret ******"


def test_output_that_is_no_event_stream_ends_the_run_after_the_good_events(ready):
    run = ready.run_input("tiny_input://x", {"account": "a", "count": "1", "mode": "garbage"})
    assert run.events == 1
    assert run.errors[0].startswith("the input's output is no event stream: malformed XML")


def test_a_running_input_can_be_stopped_and_its_events_are_kept(ready):
    taken = []

    def take(event):
        taken.append(event)
        if len(taken) == 2:
            assert ready.inputs.stop()

    run = ready.run_input("tiny_input://x", {"account": "a", "count": "2", "mode": "sleeps"}, take)
    assert (run.events, run.exit_code) == (2, -15)
    assert not ready.inputs.stop()


def test_an_input_that_takes_too_long_is_killed(ready):
    run = ready.run_input("tiny_input://x", {"account": "a", "mode": "sleeps"}, timeout=0.5)
    assert run.errors == ["the input did not end in time and was killed"]
    assert run.exit_code == -9


def test_an_error_while_taking_events_ends_the_input(ready):
    def full(event):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ready.run_input("tiny_input://x", {"account": "a", "mode": "sleeps"}, full)


def test_an_input_waits_while_its_events_are_slowly_taken_and_nothing_is_lost(ready):
    taken = []

    def slowly(event):
        if not len(taken) % 2_000:
            time.sleep(0.2)
        taken.append(event["data"])

    # Some 600 KB: many times what the pipe holds.
    run = ready.run_input("tiny_input://x", {"account": "a", "count": "6000"}, slowly)
    assert (run.events, run.exit_code, run.errors) == (6000, 0, [])
    assert [json.loads(data)["n"] for data in taken] == list(range(6000))


def test_a_scheme_says_the_same_at_a_start_and_at_a_reload(ready):
    assert ready.inputs._input("tiny_input").introspect() == ready.inputs._input("tiny_input").introspect()


def test_an_input_that_needs_no_folder_of_its_own_runs_without_one(ready, monkeypatch, tmp_path):
    monkeypatch.setattr(Server, "checkpoint_dir", lambda self, scheme: tmp_path / "nowhere")
    run = ready.run_input("tiny_input://x", {"account": "a", "count": "1"})
    assert (run.events, run.errors) == (1, [])
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("interval", "starts"),
    [
        ("60", [0, 60, 120, 180]),
        ("90.5", [0, 90.5]),
        ("-1", [0]),
        ("*/2 * * * *", [120]),
        ("0 0 * * *", []),
    ],
)
def test_an_input_starts_by_its_interval(interval, starts):
    assert list(Interval(interval).starts(0, 180 if interval == "60" else 179)) == starts


@pytest.mark.parametrize("interval", ["", "soon", "-5", "5m", "* * * *", "61 * * * *", "1e3"])
def test_an_interval_that_is_none_is_refused_before_the_input_starts(ready, interval):
    with pytest.raises(BadInput, match=r"interval|cron"):
        ready.run_input("tiny_input://x", {"account": "a", "interval": interval})


def test_an_input_without_a_pause_cannot_be_simulated():
    with pytest.raises(BadInput, match="interval = 0 starts the input again"):
        list(Interval("0").starts(0, 10))


def test_enabled_stanzas_are_due_each_by_its_own_interval(splunkd):
    for name, settings in {
        "a": {"interval": "100", "disabled": "0"}, "b": {"interval": "150", "disabled": "0"}, "off": {"interval": "1"},
    }.items():  # fmt: skip
        splunkd.conf.update("inputs", f"tiny_input://{name}", {"account": "shipped", **settings})
    assert list(splunkd.inputs.due(1000, 1200)) == [
        (1000, "tiny_input://a"), (1000, "tiny_input://b"), (1100, "tiny_input://a"), (1150, "tiny_input://b"),
        (1200, "tiny_input://a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stanza", "params", "text"),
    [
        ("nothing://x", {"account": "a"}, "unknown input nothing"),
        ("tiny_input://x", {}, "The following required arguments are missing: account."),
        ("tiny_input://x", {"account": "a", "colour": "red"}, 'Argument "colour" is not supported by tiny_input.'),
    ],
)
def test_what_splunkd_refuses_is_refused(splunkd, stanza, params, text):
    with pytest.raises(BadInput, match=text):
        splunkd.run_input(stanza, params)


def test_a_script_that_is_no_input_is_named(app_dir, splunkd):
    with pytest.raises(BadInput, match='Unable to initialize modular input "tinyraw"'):
        splunkd.inputs.scheme("tinyraw")


def test_an_input_keeps_its_files_below_splunk_home(ready, home):
    ready.run_input("tiny_input://x", {"account": "a"})
    assert os.path.isdir(home / "var/lib/splunk/modinputs/tiny_input")


def written(text, step):
    stream = EventStream()
    data = text.encode()
    return [event for at in range(0, len(data), step) for event in stream.feed(data[at : at + step])]


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_events_are_complete_however_the_bytes_arrive(step):
    text = "<stream>" + "".join(
        f'<event stanza="s" unbroken="1"><time>{n}.5</time><data>é&lt;{n}</data><done/></event>' for n in range(20)
    )
    events = written(text + "</stream>", step)
    assert [(event.time, event.data) for event in events] == [(n + 0.5, f"é<{n}") for n in range(20)]


def test_broken_events_of_two_stanzas_do_not_mix():
    piece = '<event stanza="{}" unbroken="1"><data>{}</data>{}</event>'
    text = "<stream>" + piece.format("a", 1, "") + piece.format("b", 2, "<done/>") + piece.format("a", 3, "<done/>")
    assert [(event.stanza, event.data) for event in written(text, 10_000)] == [("b", "2"), ("a", "13")]


@pytest.mark.parametrize(
    "text",
    ["hello", "<error/>", "<stream><item/></stream>", "<stream><event><time>soon</time><data/></event>", "<stream>&x;"],
)
def test_other_output_is_no_event_stream(text):
    stream = EventStream()
    with pytest.raises(StreamError):
        stream.feed(text.encode())
