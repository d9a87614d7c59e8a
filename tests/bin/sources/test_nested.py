"""JSON that is nested deeper than Python reads keeps nothing back that stands beside it."""

import pytest
from delegation_watch.sources.nested import Deep, loads

DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000


@pytest.mark.parametrize("text", ['{"items":[{"a":[1,"]"]}],"next":"x"}', "[1,null]", '"text"', '{"a":"\n"}'])
def test_what_python_reads_is_what_it_reads(text):
    assert loads(text) == loads(text.replace("\n", "\\n"))
    assert not isinstance(loads(text), Deep)


def test_one_element_of_a_list_in_a_map_stands_as_its_text_and_all_else_is_read():
    value = loads(f' {{"kind" : "k",\n "items": [{{"id":1}}, {DEEP} ,{{"id":2}}], "next":"x" }}')
    assert value == {"kind": "k", "items": [{"id": 1}, DEEP, {"id": 2}], "next": "x"}
    assert [isinstance(row, Deep) for row in value["items"]] == [False, True, False]


def test_a_member_that_is_no_list_stands_as_its_text():
    value = loads(f'{{"error":{DEEP},"x":1}}')
    assert (value["error"], value["x"]) == (DEEP, 1)
    assert isinstance(value["error"], Deep)


def test_its_text_is_of_one_line():
    [row] = loads('{"items":[{"x":\n' + DEEP + "\r\n}]}")["items"]
    assert row == '{"x": ' + DEEP + " }"


@pytest.mark.parametrize("text", ["", "{", '{"a":1', f'{{"a":{DEEP}', f'{{"a" {DEEP}}}', f"[{DEEP}]", f'{{"a":[{DEEP}'])
def test_what_is_no_json_or_no_map_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  JSONDecodeError is one
        loads(text)
