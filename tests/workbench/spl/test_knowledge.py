"""Macros, lookups, summary indexing and custom commands."""

import pytest

from workbench.spl import Command, Macro, SearchError, text
from workbench.spl.tables import TableLookup

GROUPS = [{"user": "ann", "group": "admins"}, {"user": "bob", "group": "users"}, {"user": "bob", "group": "devs"}]


def groups(**settings):
    return {"groups": TableLookup(["user", "group"], GROUPS, settings)}


@pytest.mark.parametrize(
    ("macro", "call", "expected"),
    [
        (Macro("upper($x$)", ["x"]), "`m(who)`", "ANN"),
        (Macro('"$x$!"', ["x"]), '`m("a, b")`', "a, b!"),
        (Macro('"$x$!"', ["x"]), "`m(x=ann)`", "ann!"),
        (Macro('if("$x$"=="a","1","2")', ["x"], iseval=True), "`m(a)`", "1"),
        (Macro("len(\"$x$\")", ["x"], validation='isnum($x$)'), "`m(12)`", "2"),
    ],
)
def test_a_macro_stands_for(rows, bench, macro, call, expected):
    (row,) = rows(f"| eval r={call}", [{"who": "ann"}], bench(macros={("m", 1): macro}))
    assert text(row["r"]) == expected


def test_a_macro_refuses_arguments_that_do_not_validate(rows, bench):
    macro = Macro("$x$", ["x"], validation='match("$x$","^\\d+$")', errormsg="x must be a number")
    with pytest.raises(SearchError, match="x must be a number"):
        rows("| eval r=`m(a)`", [{}], bench(macros={("m", 1): macro}))


def test_arity_tells_macros_apart(rows, bench):
    env = bench(macros={("m", 0): Macro("1"), ("m", 2): Macro("$a$+$b$", ["a", "b"])})
    assert rows("| eval r=`m`, s=`m(1,2)`", [{}], env) == [{"r": 1, "s": 3}]
    with pytest.raises(SearchError, match=r"macro 'm\(1\)' that cannot be found"):
        rows("| eval r=`m(1)`", [{}], env)


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ("lookup groups user", {"user": "ann"}, {"user": "ann", "group": "admins"}),
        ("lookup groups user AS who OUTPUT group AS g", {"who": "bob"}, {"who": "bob", "g": ["users", "devs"]}),
        ("lookup groups user", {"user": "zoe", "group": "old"}, {"user": "zoe", "group": "old"}),
        ("lookup groups user OUTPUTNEW group", {"user": "ann", "group": "old"}, {"user": "ann", "group": "old"}),
        ("lookup groups user OUTPUTNEW group", {"user": "ann"}, {"user": "ann", "group": "admins"}),
        ("lookup groups user", {"user": "ANN"}, {"user": "ANN"}),
    ],
)
def test_lookup(rows, bench, spl, row, expected):
    assert rows(f"| {spl}", [row], bench(lookups=groups())) == [expected]


def test_a_lookup_matches_wildcards_and_networks(rows, bench):
    table = [{"net": "10.0.0.0/8", "name": "a*", "site": "home"}]
    lookup = TableLookup(["net", "name", "site"], table, {"match_type": "CIDR(net), WILDCARD(name)"})
    env = bench(lookups={"sites": lookup})
    given = [{"net": "10.1.2.3", "name": "ann"}, {"net": "10.1.2.3", "name": "bob"}, {"net": "11.1.2.3", "name": "a"}]
    assert [row.get("site") for row in rows("| lookup sites net name", given, env)] == ["home", None, None]


def test_inputlookup_reads_and_outputlookup_writes(rows, bench):
    env = bench(lookups=groups())
    assert rows("| inputlookup groups where user=b* | stats count", env=env) == [{"count": 2}]
    rows('| inputlookup groups | where user="ann" | eval group="none" | outputlookup groups', env=env)
    assert rows("| inputlookup groups", env=env) == [{"user": "ann", "group": "none"}]
    rows("| outputlookup append=t key_field=user groups", [{"user": "ann", "group": "x"}, {"user": "cid"}], env)
    assert rows("| inputlookup groups", env=env) == [{"user": "ann", "group": "x"}, {"user": "cid"}]


def test_unknown_lookups_and_fields_are_refused(rows, bench):
    for spl in ("inputlookup none.csv", "lookup none user", "lookup groups nobody", "outputlookup none.csv"):
        with pytest.raises(SearchError, match=r"'none|'nobody"):
            rows(f"| {spl}", None if spl.startswith("input") else [{"user": "ann"}], bench(lookups=groups()))


def test_a_multivalue_input_is_refused(rows, bench):
    with pytest.raises(SearchError, match="multivalue"):
        rows("| lookup groups user", [{"user": ["ann", "bob"]}], bench(lookups=groups()))


def test_collect_hands_rows_over_and_passes_them_on(rows, bench):
    env = bench()
    given = [{"_raw": "{}", "a": "1"}]
    assert rows("| collect index=summary source=x:y output_format=raw", given, env) == given
    assert env.collected == [(given, {"index": "summary", "source": "x:y", "output_format": "raw"})]
    rows("| collect index=summary testmode=true", given, env)
    assert len(env.collected) == 1


class Spy(Command):
    def run(self, args, rows, info):
        self.args, self.info = args, info
        return [{**row, "seen": "yes"} for row in rows] or [{"made": "yes"}]


def test_a_custom_command_is_given_raw_arguments_and_rows(rows, bench):
    spy = Spy()
    env = bench(commands={"spy": spy}, events=[{"a": "1"}])
    assert rows('earliest=5 a=1 | spy keep=true "x y", b = "c"', env=env) == [{"a": "1", "seen": "yes"}]
    assert spy.args == ["keep=true", '"x y"', "b", "=", '"c"']
    assert (spy.info.command, spy.info.generating, spy.info.window.earliest) == ("spy", False, 5.0)
    assert rows("| spy", env=env) == [{"made": "yes"}]
    assert spy.info.generating
