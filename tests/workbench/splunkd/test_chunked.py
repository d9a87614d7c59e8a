"""splunkd's side of the chunked protocol, against commands of splunklib and against rule breakers."""

import pytest

from workbench.spl import SearchError, SearchInfo, Window
from workbench.splunkd import conversation
from workbench.splunkd.chunked import ChunkedCommand


@pytest.fixture
def run(shared_splunkd):
    def start(name, *args, rows=(), generating=False, window=None):
        info = SearchInfo(f"search index=x | {name}", name, 1_700_000_000.0, window or Window(), generating)
        settings = shared_splunkd.conf.stanza("commands", name)
        return ChunkedCommand(name, settings, shared_splunkd.host).run(list(args), list(rows), info)

    return start


@pytest.fixture
def refused(run):
    def text(name, *args, **kwargs):
        with pytest.raises(SearchError) as caught:
            run(name, *args, **kwargs)
        return str(caught.value).replace(f"Error in '{name}' command: ", "")

    return text


def test_rows_go_through_a_command_and_multivalues_survive(run):
    rows = [{"a": "1", "b": ["x", "y$z"]}, {"a": "é\n2", "c": 3}]
    answer = run("tinystream", rows=rows)
    assert [(row["a"], row.get("b"), row.get("c"), row["number"]) for row in answer] == [
        ("1", ["x", "y$z"], None, "0"), ("é\n2", None, "3", "1"),
    ]  # fmt: skip
    assert all("_chunked_idx" not in row for row in answer)


def test_arguments_lose_their_quotes(run):
    answer = run("tinystream", 'say="x y"', "times=2", rows=[{"a": "1"}])
    assert [row["told"] for row in answer] == ["tinystream|say=x y|times=2"] * 2


def test_messages_of_the_inspector_are_kept(run, shared_splunkd):
    run("tinystream", 'say="for the record"', rows=[{"a": "1"}])
    assert "INFO: for the record" in shared_splunkd.host.messages


def test_large_inputs_go_in_chunks(run, monkeypatch):
    monkeypatch.setattr(conversation, "CHUNK_ROWS", 100)
    answer = run("tinystream", rows=[{"a": str(n)} for n in range(250)])
    assert [row["a"] for row in answer] == [str(n) for n in range(250)]
    assert [row["number"] for row in answer[:3] + answer[100:102]] == ["0", "1", "2", "0", "1"]


def test_a_command_gets_only_the_fields_it_requires_and_the_others_stay_with_the_row(run, shared_splunkd):
    assert run("tinyraw", rows=[{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]) == [
        {"a": "1", "b": "2"}, {"a": "3", "b": "4"},
    ]  # fmt: skip


def test_a_generating_command_makes_rows_and_reaches_splunkd_with_its_key(run):
    answer = run("tinygenerate", "count=2", generating=True)
    assert answer == [{"number": str(n), "collections": ["tiny_checkpoints", "tiny_state"]} for n in range(2)]


def test_a_generating_command_stands_first(refused):
    assert refused("tinygenerate", "count=2") == "This command must be the first command of a search."


def test_a_command_without_rows_gives_none(run):
    assert run("tinystream") == []


def test_the_process_is_told_about_the_search(app_dir, home, shared_splunkd):
    info = SearchInfo("search index=x | tinystream", "tinystream", 5.0, Window(1.5, None), False)
    told = ChunkedCommand("tinystream", {}, shared_splunkd.host)._getinfo(['a="b c",', ",", "d"], info, "key", home)
    assert told["args"] == ["a=b c", "d"]
    assert told["raw_args"] == ['a="b c",', ",", "d"]
    assert (told["earliest_time"], told["latest_time"]) == ("1.5", "0")
    assert told["search"] == "search%20index%3Dx%20%7C%20tinystream"
    assert told["splunkd_uri"] == shared_splunkd.uri


def test_a_command_refuses_options_in_its_own_words(refused):
    assert refused("tinystream", "bad=2") == "Unrecognized option: bad=2"
    assert refused("tinystream", "times=9") == "Illegal value: times=9"


def test_an_exception_in_a_command_is_the_searchs_error(refused):
    assert refused("tinystream", "fail=true", rows=[{"a": "1"}]).endswith(": no good")


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("badindex", "Invalid '_chunked_idx' from external search process: out of range or out of order."),
        ("garbage", "Invalid message received from external search command during setup, see search.log."),
        ("badtype", "Invalid message received from external search command during setup, see search.log."),
        ("partial", "Invalid message received from external search command during search, see search.log."),
        ("big", "Invalid message received from external search command during search, see search.log."),
        ("crash", "External search command exited unexpectedly with non-zero error code 3."),
        ("quits", "External search command exited unexpectedly."),
        ("error", "the moon is full"),
        ("infoerror", "no licence for this"),
        ("infoquits", "External search command exited unexpectedly."),
        ("slow", "External search command did not answer within 1 s."),
        ("lost", "Could not find file: 'tinylost'."),
        ("old", "only chunked = true is simulated"),
    ],
)
def test_a_command_that_breaks_the_rules_ends_the_search_with_splunks_words(refused, mode, text):
    assert refused(f"tiny{mode}", rows=[{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]) == text


def test_a_reply_may_come_byte_by_byte(run):
    assert run("tinybytes", rows=[{"a": "é", "b": "2"}]) == [{"a": "é", "b": "2"}]


def test_a_command_is_probed_before_its_first_use_and_told_of_no_folder_then(run, shared_splunkd, monkeypatch):
    folders = []
    getinfo = conversation.Conversation.getinfo

    def noted(self, told):
        folders.append(told["dispatch_dir"])
        getinfo(self, told)

    monkeypatch.setattr(conversation.Conversation, "getinfo", noted)
    shared_splunkd.host.probed.clear()
    for _ in range(2):
        run("tinystream", rows=[{"a": "1"}])
    assert [folder == "" for folder in folders] == [True, False, False]


def test_a_command_that_stops_reading_is_noticed(refused):
    assert refused("tinyunread", rows=[{"a": "x" * 200_000}]) in (
        "Failed to send message to external search command, see search.log.",
        "External search command exited unexpectedly.",
    )


def test_stderr_goes_to_the_search_log(refused, shared_splunkd):
    refused("tinycrash", rows=[{"a": "1"}])
    assert "tinycrash: ERROR lost my way" in shared_splunkd.host.log


def test_a_bad_number_in_commands_conf_is_refused(shared_splunkd):
    settings = {"chunked": "true", "filename": "tinyraw.py", "maxwait": "soon"}
    command = ChunkedCommand("tinyraw", settings, shared_splunkd.host)
    with pytest.raises(SearchError, match=r"Invalid maxwait value in commands\.conf: must be a non-negative integer"):
        command.run([], [], SearchInfo("", "tinyraw", 0.0, Window(), False))


def test_a_commands_session_and_folder_end_with_it(run, shared_splunkd):
    before = len(shared_splunkd.sessions._users)
    run("tinystream")
    assert len(shared_splunkd.sessions._users) == before
    assert list((shared_splunkd.home / "var/run/splunk/dispatch").iterdir()) == []
