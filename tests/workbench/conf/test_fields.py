import json

import pytest

from workbench.conf import jsonfields
from workbench.errors import BadInput
from workbench.spl.environment import Lookup


def test_json_names_follow_objects_and_arrays():
    text = json.dumps({"a": {"b": 1}, "c": [{"d": "x"}, {"d": "y"}], "e": [1, [2]], "f": None, "g": True, "h": {}})
    assert jsonfields.extract(text) == {
        "a.b": "1", "c{}.d": ["x", "y"], "e{}": "1", "e{}{}": "2", "f": "null", "g": "true",
    }  # fmt: skip


def test_a_repeated_key_is_a_multivalue():
    assert jsonfields.extract('{"a": 1, "a": {"b": 2}, "a": "x"}') == {"a": ["1", "x"], "a.b": "2"}


@pytest.mark.parametrize(
    "value",
    ['{"a":[1,{"b":[true,null,"\\u00e9"]}],"c":{"d":-1.50e3},"e":[],"f":""}', "[1,[2]]", '{"":{"a":1}}'],
)
def test_whole_and_cut_text_are_read_alike(value):
    assert jsonfields.extract(value) == jsonfields.extract(value + " oops")


def test_json_scalars_keep_their_spelling_and_strings_are_decoded():
    assert jsonfields.extract('{"a": 1.50, "b": "\\u00e9\\n\\"", "c": -2e3}') == {
        "a": "1.50", "b": 'é\n"', "c": "-2e3",
    }  # fmt: skip


def test_text_that_is_not_json_gives_nothing():
    assert jsonfields.extract("user=alice") == {}
    assert jsonfields.extract("") == {}


def test_what_stands_in_front_of_an_error_is_kept():
    assert jsonfields.extract('{"a": 1, "b": [1, 2}, "c') == {"a": "1", "b{}": ["1", "2"]}


def test_only_the_first_5000_bytes_are_read():
    text = json.dumps({"a": "1", "long": "é" * 2486, "b": "2"}, ensure_ascii=False)
    assert 5000 < len(text.encode()) < 5100
    assert set(jsonfields.extract(text)) == {"a", "long"}
    assert set(jsonfields.extract(text.replace("é", "e"))) == {"a", "long", "b"}


def test_a_number_that_the_cut_halves_is_no_field():
    text = json.dumps({"long": "x" * 4980, "n": 1234567890})
    assert text.index("1234567890") < 5000 < text.index("1234567890") + 10
    assert "n" not in jsonfields.extract(text)


def test_kv_mode_decides_what_is_extracted_by_itself(extract):
    raw = '{"a": 1, "b": "k=v"}'
    assert extract(raw, "[st]\nKV_MODE = json\n")["a"] == "1"
    assert "a" not in extract(raw, "[st]\nKV_MODE = none\n")
    assert extract('x user=alice say="a b"', "[st]\n")["say"] == "a b"
    assert "user" not in extract("user=alice", "[st]\nKV_MODE = json\n")
    with pytest.raises(BadInput, match="KV_MODE = xml is not simulated"):
        extract(raw, "[st]\nKV_MODE = xml\n")


def test_extract_takes_named_groups_of_raw_or_of_a_field(extract):
    props = "[st]\nKV_MODE = none\nEXTRACT-a = id=(?<id>\\d+)\nEXTRACT-b = (?<half>\\d) in id\n"
    row = extract("id=42", props)
    assert (row["id"], row["half"]) == ("42", "4")


def test_report_applies_transforms(extract):
    transforms = "[pairs]\nREGEX = (\\w+):(\\w+)\nFORMAT = $1::$2\n[many]\nREGEX = #(?<tag>\\w+)\nMV_ADD = true\n"
    row = extract("a:1 b:2 #x #y", "[st]\nKV_MODE = none\nREPORT-r = pairs, many\n", transforms)
    assert (row["a"], row["b"], row["tag"]) == ("1", "2", ["x", "y"])
    with pytest.raises(BadInput, match="REPORT names nope"):
        extract("a", "[st]\nREPORT-r = nope\n")


def test_aliases_copy_and_clear_and_spare(extract):
    props = "[st]\nFIELDALIAS-a = user AS account, none AS status z AS y\nFIELDALIAS-b = user ASNEW x\n"
    row = extract("user=alice status=200 x=1 z=2", props)
    assert (row["user"], row["account"], row["x"], row["y"]) == ("alice", "alice", "1", "2")
    assert "status" not in row


def test_calculated_fields_see_the_fields_before_any_of_them(extract):
    row = extract("a=1 b=2", '[st]\nEVAL-a = b\nEVAL-b = a\nEVAL-c = upper(a."x")\n')
    assert (row["a"], row["b"], row["c"]) == ("2", "1", "1X")


def test_a_calculated_null_removes_the_field(extract):
    assert "a" not in extract("a=1", "[st]\nEVAL-a = missing\n")


class Users(Lookup):
    fields = ("name", "team", "boss")

    def match(self, inputs, at):
        return [{"name": "alice", "team": "red", "boss": ""}] if inputs == {"name": "alice"} else []


def test_automatic_lookups_come_last_and_may_spare_what_is_there(extract):
    props = "[st]\nLOOKUP-u = users name AS user OUTPUT team AS group\n"
    assert extract("user=alice", props, lookups={"users": Users()})["group"] == "red"
    assert "group" not in extract("user=bob", props, lookups={"users": Users()})
    new = "[st]\nLOOKUP-u = users name AS user OUTPUTNEW team\n"
    assert extract("user=alice team=blue", new, lookups={"users": Users()})["team"] == "blue"
    with pytest.raises(BadInput, match="LOOKUP names users"):
        extract("user=alice", props)


def test_a_lookup_without_outputs_gives_every_other_column(extract):
    row = extract("name=alice", "[st]\nLOOKUP-u = users name\n", lookups={"users": Users()})
    assert row["team"] == "red"
    assert "boss" not in row


@pytest.mark.parametrize(
    "raw", ["a='b c'", 'a=x"y z"', '"user name"=ann', "a=<x>", "näme=x", "a = b", "a==b", "a=1;b=2", 'a="x', "a.b=1"]
)
def test_automatic_extraction_refuses_what_nothing_settles(extract, raw):
    with pytest.raises(BadInput, match="is not settled"):
        extract(raw, "[st]\nKV_MODE = auto\n")


def test_escapes_in_quoted_values_are_refused(extract):
    with pytest.raises(BadInput, match="backslash"):
        extract(r'a="say \"hi\""', "[st]\nKV_MODE = auto_escaped\n")


@pytest.mark.parametrize("raw", ['a,x"y,b', 'a,"x"y,b', 'a,"x\\"y",b', '"a,b'])
def test_quotes_inside_delimited_values_are_refused(extract, raw):
    transforms = '[t]\nDELIMS = ","\nFIELDS = a, b, c\n'
    with pytest.raises(BadInput, match="double quotes inside"):
        extract(raw, "[st]\nREPORT-r = t\n", transforms)


def test_a_quoted_name_before_a_delimiter_is_refused(extract):
    with pytest.raises(BadInput, match="a quoted name"):
        extract('"a b"=1,c=2', "[st]\nREPORT-r = t\n", '[t]\nDELIMS = ",", "="\n')
