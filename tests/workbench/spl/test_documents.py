"""spath over JSON and XML."""

import json

import pytest

DOCUMENT = {"a": {"b": [{"c": 1, "d": "x"}, {"c": 2.50}], "e": None, "f": True}, "g": []}


def one(rows, spl, **row):
    (found,) = rows(f"| {spl}", [row])
    return found


def test_every_leaf_is_named_by_its_path(rows):
    found = one(rows, "spath | fields - _raw", _raw=json.dumps(DOCUMENT))
    assert found == {"a.b{}.c": ["1", "2.5"], "a.b{}.d": "x", "a.e": "null", "a.f": "true"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b{}.c", ["1", "2.50"]),
        ("a.b{0}.d", "x"),
        ("a.b{0}", '{"c":1,"d":"x"}'),
        ("a.f", "true"),
        ("a.none", None),
    ],
)
def test_a_path_leads_to(rows, path, expected):
    raw = '{"a":{"b":[{"c":1,"d":"x"},{"c":2.50}],"f":true}}'
    assert one(rows, f"spath output=o path={path} | table o", _raw=raw).get("o") == expected


def test_attributes_and_places_of_xml_count_from_one(rows):
    raw = '<r><i k="1">a</i><i k="2">b</i></r>'
    assert one(rows, "spath output=o path=r.i{2} | table o", _raw=raw) == {"o": "b"}
    assert one(rows, "spath output=o path=r.i{@k} | table o", _raw=raw) == {"o": ["1", "2"]}
    assert one(rows, "spath | table r.i", _raw=raw) == {"r.i": ["a", "b"]}


def test_only_the_first_5000_bytes_are_read_without_a_path(rows):
    raw = json.dumps({"first": 1, "long": "x" * 4900, "list": [{"n": i} for i in range(40)], "last": 2})
    found = one(rows, "spath | spath path=last output=named", _raw=raw)
    assert (found["first"], found["named"]) == ("1", 2)
    assert "last" not in found
    assert 0 < len(found["list{}.n"]) < 40


def test_what_is_no_document_gives_nothing(rows):
    assert one(rows, "spath", _raw='{"cut": ') == {"_raw": '{"cut": '}
    assert one(rows, "spath path=a", _raw="<r") == {"_raw": "<r"}
