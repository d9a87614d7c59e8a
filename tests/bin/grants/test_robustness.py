"""Whatever a record holds, reading it neither raises nor loses it."""

import json
from time import process_time

import pytest
from delegation_watch.grants import FIELDS

from tests.bin.grants.records import EVERY_SHAPE, cmdlet, full_access, rows

NO_RECORDS = {
    "nothing": "",
    "white space": "  \r\n",
    "prose": "this is no JSON",
    "truncated": json.dumps(full_access())[:200],
    "half a string": '{"Operation": "Add-Mail',
    "a CSV line": '"2026-03-02","Add-MailboxPermission","alex@example.com"',
    "null": "null",
    "a number": "42",
    "text": '"Add-MailboxPermission"',
    "two records on one line": json.dumps(full_access()) + json.dumps(full_access()),
    "NUL bytes": "\x00\x00{}",
    "very deep": "[" * 100_000,
    "very deep, closed": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "a huge number": '{"Operation": ' + "9" * 10_000 + "}",
    "Latin-1 read as UTF-8": '{"Operation": "Add-MailboxPermission", "UserId": "b\ufffdro"',
}


@pytest.mark.parametrize("text", NO_RECORDS.values(), ids=NO_RECORDS)
@pytest.mark.parametrize("keep", [False, True])
def test_a_text_that_is_no_record_gives_a_row_with_parse_error(text, keep):
    found = rows(text, evidence="export.json:7", time=99.0, keep=keep)
    assert len(found) == 1
    row = found[0]
    assert set(row) == set(FIELDS)
    assert isinstance(row["parse_error"], str)
    assert row["parse_error"]
    assert row["evidence"] == "export.json:7"
    assert float(row["_time"]) == 99.0
    assert row["row_id"]


@pytest.mark.parametrize("text", NO_RECORDS.values(), ids=NO_RECORDS)
def test_what_is_wrong_is_said_in_one_short_line(text):
    said = rows(text)[0]["parse_error"]
    assert "\n" not in said
    assert len(said) < 300


@pytest.mark.parametrize("text", ["{}", "[]", '{"a": 1}', "[[]]", "[1, 2]", '[{"Operation": 5}]'])
def test_json_that_says_nothing_is_never_lost(text):
    assert rows(text, keep=True)


LONG = "x" * 20_000
DEEP = json.loads("[" * 50 + "]" * 50)
REPLACEMENTS = {
    "null": None, "empty list": [], "empty object": {}, "empty text": "", "zero": 0, "minus": -1, "big": 10**400,
    "fraction": 1.5, "true": True, "text": "x", "long text": LONG, "nested lists": DEEP, "list of null": [None],
    "list of lists": [[1], ["a", {}]], "strange object": {"Name": {}, "Value": [None]},
    "JSON text": '[{"Name": 1}]', "broken JSON text": '[{"Name":', "control characters": "\x00\n\t\x7f",
}  # fmt: skip


def places(value, path=()):
    """The path of every value within a record, the containers included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def replaced(value, path, new):
    """A copy of a record with one value exchanged."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def without(value, path):
    """A copy of a record with one key or element left out."""
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(value[path[0]], path[1:])
    return copy


def faults(record):
    """Texts of a record, each with one value left out or exchanged."""
    for path in places(record):
        yield f"without {path}", json.dumps(without(record, path))
        for name, new in REPLACEMENTS.items():
            yield f"{path} = {name}", json.dumps(replaced(record, path, new))


def writable(value):
    """Whether a column can go out to Splunk: nothing, a number, a text, a list of texts."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, (str, int, float))


@pytest.mark.parametrize("record", EVERY_SHAPE.values(), ids=EVERY_SHAPE)
def test_no_damaged_value_raises_or_loses_the_record(record):
    for fault, text in faults(record):
        try:
            found = rows(text, keep=True)
        except Exception as error:
            raise AssertionError(f"{fault}: {type(error).__name__}: {error}") from error
        assert found, fault
        for row in found:
            assert set(row) == set(FIELDS), fault
            assert row["row_id"], fault
            assert row["parse_error"] is None or isinstance(row["parse_error"], str), fault
            assert {name: value for name, value in row.items() if not writable(value)} == {}, fault


def test_many_parameters_and_many_members_are_read():
    members = ",".join(f"user{number}@example.com" for number in range(2000))
    assert (
        len(rows(cmdlet("New-RoleGroup", {"Roles": "ApplicationImpersonation", "Members": members}))) == 2000
    )


LONG_PARAMETERS = ["-Identity ", "-", '-User "\\', "-User @{", "-User '", "x"]


@pytest.mark.parametrize("part", LONG_PARAMETERS)
def test_a_parameter_string_of_great_length_costs_no_more_than_its_length(part):
    record = cmdlet("Add-MailboxPermission", part * (45_000 // len(part)))
    before = process_time()
    assert rows(record)
    assert process_time() - before < 0.2


def test_half_a_surrogate_pair_neither_raises_nor_leaves_text_that_cannot_be_written():
    for record in EVERY_SHAPE.values():
        for path in places(record):
            for row in rows(json.dumps(replaced(record, path, "a\ud800")), keep=True):
                assert json.dumps(row, ensure_ascii=False).encode("utf-8"), path
