"""eval and where: types, nulls, precedence, printing, refusals."""

import pytest

from workbench.spl import SearchError, text


def value(rows, expression, **row):
    (found,) = rows(f"| eval result={expression}", [row])
    result = found.get("result")
    return [text(item) for item in result] if isinstance(result, list) else None if result is None else text(result)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1+2*3", "7"),
        ("-(1+2)", "-3"),
        ("7%3", "1"),
        ("5/2", "2.5"),
        ("1/0", None),
        ("0.1+0.2", "0.3"),
        ("pow(10,20)", "100000000000000000000"),
        ('"5"+"6"', "56"),
        ("a.b", "1x"),
        ("a+n", "11"),
        ("a+missing", None),
        ('"x".missing', None),
        ("'a b'", "spaced"),
        ('"a b"', "a b"),
        ("if(missing=1,2,3)", "3"),
        ("if(NOT missing=1,2,3)", "3"),
        ("if(missing=1 OR a=1,2,3)", "2"),
        ("if(a=1 XOR n=10,2,3)", "3"),
        ('if(b LIKE "x%" AND b IN ("x","y"),2,3)', "2"),
        ("if(n>a,2,3)", "2"),
        ('if("B"<"a","yes","no")', "yes"),
        ('case(a=2,"two",true(),"other")', "other"),
        ('coalesce(missing,b,"z")', "x"),
        ('nullif(a,"1")', None),
        ("substr(word,-3,2)", "in"),
        ('replace(word,"(s)(t)","\\2\\1")', "tsring"),
        ('tostring(93661,"duration")', "1+02:01:01"),
        ('tostring(255,"hex")', "0xFF"),
        ('tonumber("0A4",16)', "164"),
        ("round(2.675,2)", "2.68"),
        ('split("a,b",",")', ["a", "b"]),
        ("mvindex(m,-1)", "q"),
        ("mvindex(m,5)", None),
        ("mvmap(m, m.b)", ["px", "qx"]),
        ('mvfilter(m!="p")', "q"),
        ("mvrange(1,4)", ["1", "2", "3"]),
        ('mvfind(m,"^q")', "1"),
        ("max(n,3)", "10"),
        ('json_object("k",a,"l",json_array(1,"x"))', '{"k":"1","l":[1,"x"]}'),
        ('json_extract("{\\"a\\":{\\"b\\":[1.50,true]}}","a.b{0}")', "1.50"),
        ('strftime(0,"%Y-%m-%dT%H:%M:%S.%3N%z")', "1970-01-01T00:00:00.000+0000"),
        ('strptime("2023-11-14T22:13:20Z","%Y-%m-%dT%H:%M:%S%Z")', "1700000000.000000"),
        ('relative_time(1700000000,"-1mon@mon+2d")', "1696291200"),
        ("typeof(missing)", "Invalid"),
        ("now()", "1700000000"),
    ],
)
def test_an_expression_gives(rows, expression, expected):
    row = {"a": "1", "n": "10", "b": "x", "a b": "spaced", "m": ["p", "q"], "word": "string"}
    assert value(rows, expression, **row) == expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('1+"a"', "only takes two strings or two numbers"),
        ("a+b", "number and a text"),
        ('m="p"', "boolean result"),
        ('if(m="p",1,2)', "multivalue"),
        ("m.a", "multivalue"),
        ("frob(1)", "'frob' function is unsupported or undefined"),
        ("len(m)", "multivalue"),
        ("len()", "arguments to the 'len' function are invalid"),
        ("if(a,1,2)", "arguments to the 'if' function are invalid"),
        ('strptime("10 CET","%H %Z")', "zone name 'CET'"),
        ('abs("x")', "arguments to the 'abs' function are invalid"),
        ('-"x"', "only takes numbers"),
        ("1 2", "malformed"),
        ("(1", "malformed"),
        ('match(a,"[")', "compiling the regex"),
        ('strftime(0,"%E")', "not implemented"),
        ('tonumber("seven")', "arguments to the 'tonumber' function"),
    ],
)
def test_an_expression_is_refused(rows, expression, text):
    with pytest.raises(SearchError, match=text):
        rows(f"| eval result={expression}", [{"a": "1", "b": "x", "m": ["p", "q"]}])


def test_null_removes_a_field_and_later_assignments_see_earlier_ones(rows):
    assert rows("| eval a=null(), b=c.c, d=b", [{"a": "1", "c": "x"}]) == [{"c": "x", "b": "xx", "d": "xx"}]


def test_a_target_may_be_named_by_a_field(rows):
    assert rows('| eval {k}=1, "new {k}"=2', [{"k": "a b"}]) == [{"k": "a b", "a b": 1, "new a b": 2}]


@pytest.mark.parametrize("condition", ['"a"', "a", "len(a)"])
def test_where_needs_a_condition(rows, condition):
    with pytest.raises(SearchError, match="must be boolean"):
        rows(f"| where {condition}", [{"a": "1"}])
