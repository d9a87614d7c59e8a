"""Bad input to commands: refused at once, by the command's name, with the place that is wrong."""

import contextlib
import time

import pytest

from workbench.fuzzing.forms import odd_searches
from workbench.spl import Macro, SearchError, search
from workbench.spl.tables import TableLookup


@pytest.mark.parametrize(
    ("spl", "words"),
    [
        ("stats count frob=1", "'stats' command: The argument 'frob=1' is invalid"),
        ("stats frob(x)", "'stats' command: The argument 'frob' is invalid"),
        ("stats sparkline(count)", "'stats' command: The aggregate 'sparkline' is not implemented"),
        ("stats count BY", "'stats' command: You must specify a field name after 'by'"),
        ("stats sum(x", "'stats' command: Unbalanced parentheses"),
        ("where a=(1", "'where' command"),
        ("eval x=nothere(1)", "'eval' command: The 'nothere' function"),
        ("head x y", "'head' command"),
        ("bin span=x n", "'bin' command: Invalid value for option 'span': 'x'"),
        ("bin bins=10 n", "'bin' command: Bins of numbers without a span"),
        ("bin span=9log5 n", "'bin' command: Invalid value for option 'span': '9log5'"),
        ("timechart span=x count", "'timechart' command: Invalid value for option 'span': 'x'"),
        ("timechart limit=x count", "'timechart' command: Invalid value for option 'limit': 'x'"),
        ("timechart count BY a where frob", "'timechart' command: The argument 'where frob' is invalid"),
        ("timechart count BY a where avg > 3", "'timechart' command: Choosing series by 'avg'"),
        ("chart bins=3 count BY n", "'chart' command: The option 'bins' is not implemented"),
        ("sort 0 x*", "'sort' command: The wildcard in 'x*'"),
        ("top limit=x n", "'top' command: Invalid value for option 'limit': 'x'"),
        ("transaction n maxspan=x", "'transaction' command: Invalid value for option 'maxspan': 'x'"),
        ("transaction n connected=f", "'transaction' command: The option 'connected' is not implemented"),
        ("transaction n endswith=x", "'transaction' command: endswith without startswith"),
        ("streamstats time_window=x count", "'streamstats' command: Invalid value for option 'time_window': 'x'"),
        ("streamstats count reset_after=\"(\"n==1", "'streamstats' command: Unbalanced parentheses"),
        ("eval v=split(\"a,b\", \",\") | stats values(v) AS v | nomv v", "'nomv' command: The values of list"),
        ("eval v=if(n=1, \"a\", 5) | stats max(v)", "'stats' command: The order of numbers and texts"),
        ("stats p90(n)", "'stats' command: A percentile that lies between"),
        ("stats median(n)", "'stats' command: The median between two values"),
        ("stats mode(n)", "'stats' command: The mode of values"),
        ("lookup gone n", "'lookup' command: Could not construct lookup 'gone'"),
        ("inputlookup append=t gone", "'inputlookup' command: Could not construct lookup 'gone'"),
        ("inputlookup append=t here start=1 where n=1", "'inputlookup' command: The options 'start' and 'max'"),
        ("union", "'union' command: At least one subsearch"),
        ("join x", "'join' command: The last argument must be a subsearch"),
        ("frob 1", "Unknown search command 'frob'"),
        ("stats count | | head 1", r"Missing a search command before '\|': '\| head 1'"),
        ("search \"abc", "Unbalanced quotes: '\"abc' is not closed"),
        ("append [ search a", r"Missing closing square bracket behind '\[ search a'"),
        ("search ```note", "Unbalanced comment delimiter"),
        ("search `m", "Unbalanced backticks: the macro `m has no closing"),
        ("savedsearch s", "'savedsearch' command: This command must be the first"),
    ],
)
def test_the_command_and_the_place_are_told(rows, bench, spl, words):
    env = bench(lookups={"here": TableLookup(["n"], [{"n": "1"}], {})})
    with pytest.raises(SearchError, match=words.replace("(", r"\(").replace(")", r"\)").replace("*", r"\*")):
        rows(f"| {spl}", [{"_time": 1000 + n, "n": str(n)} for n in range(4)], env)


@pytest.mark.parametrize(
    "spl",
    [
        "| head 1 " * 10_000,
        "| append " + "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        "search " + "[search x] " * 9,
        "| stats " + "sum(" * 10_000,
        "| stats count BY " + "a," * 10_000,
        "search " + "`" * 9_999,
        '"' * 9_999,
        "|" * 10_000,
        "| stats " + "count, " * 10_000,
        "",
        "|",
        "| []",
        "```",
        "]",
        "\\",
    ],
)
def test_odd_shapes_end_at_once_in_rows_or_in_words(rows, spl):
    begun = time.process_time()
    with contextlib.suppress(SearchError):
        rows(spl, [{"a": "1"}])
    assert time.process_time() - begun < 3


def test_odd_values_in_every_place_end_in_rows_or_in_words(bench):
    env = bench(lookups={"t": TableLookup(["a", "v"], [{"a": "1", "v": "x"}], {})})
    given = [
        {"a": "1", "b": "2", "m": ["x", "y"], "_time": "1700000000", "_raw": "a=1", "": "e"},
        {"a": "", "m": "z", "_time": "bad"},
        {"a": "-5.5e3", "j": '{"a":[1,{"b":null}],"c":""}'},
        {},
    ]
    for spl in odd_searches():
        with contextlib.suppress(SearchError):
            search(spl, env, given)


@pytest.mark.parametrize(
    ("spl", "words"),
    [
        ('user="abc', "Error in 'search' command: Unbalanced quotes"),
        ('| stats count BY "abc', "Error in 'stats' command: Unbalanced quotes"),
        ("| append [ search a | where (x=[1", "Error in 'append' command: Missing closing square bracket"),
        ("| eval a=`gone`", "Error in 'eval' command: The search specifies a macro 'gone' that cannot be found"),
        ("| eval a=`open`", "Error in 'eval' command: In the definition of the macro 'open': Unbalanced quotes"),
        ("| eval a=1 ```abc", "Error in 'eval' command: Unbalanced comment delimiter"),
        ("| rename a AS `m", "Error in 'rename' command: Unbalanced backticks"),
        ("search earliest=+99999999y", "Error in 'search' command: The time modifier '\\+99999999y' leads out"),
        ('| rex "(?<a"', "Error in 'rex' command: Encountered the following error while compiling the regex"),
    ],
)
def test_what_is_not_closed_or_not_there_is_told_with_its_command(rows, bench, spl, words):
    with pytest.raises(SearchError, match=f"^{words}"):
        rows(spl, [{"a": "1"}], bench(macros={("open", 0): Macro('`one "')}))


def test_a_macro_that_calls_itself_is_told_with_the_way_it_does(rows, bench):
    env = bench(macros={("a", 0): Macro("`b`"), ("b", 0): Macro("x `a`")})
    with pytest.raises(SearchError, match=r"infinitely recursive macro definitions\. The macro 'a' is called by a > b"):
        rows("search `a`", env=env)


def test_a_macro_that_grows_without_end_is_told(rows, bench):
    env = bench(macros={("m", 1): Macro('`m("$x$$x$")`', ["x"])})
    with pytest.raises(SearchError, match="infinitely recursive"):
        rows("search `m(x)`", env=env)
    many = {(f"m{n}", 0): Macro(f"`m{n + 1}` `m{n + 1}`") for n in range(40)}
    with pytest.raises(SearchError, match=r"while expanding macros|longer than"):
        rows("search `m0`", env=bench(macros={**many, ("m40", 0): Macro("x")}))


def test_a_saved_search_that_runs_itself_is_told(rows, bench):
    with pytest.raises(SearchError, match="levels deep"):
        rows("| savedsearch s", env=bench(saved={"s": "| savedsearch s"}))


def test_a_subsearch_gives_at_most_ten_thousand_rows(rows):
    given = "| makeresults count=10002 | streamstats count AS n | fields n"
    (row,) = rows(f"| makeresults | eval n=10001 | search NOT [ {given} ]")
    assert row["n"] == 10001


def test_a_search_over_nothing_gives_nothing(rows):
    for command in ("sort 0 a", "dedup a", "top a", "timechart count", "streamstats count", "transaction a"):
        assert rows(f"| {command}", []) == []
    assert rows("| stats count sum(a) AS s", []) == [{"count": 0}]


@pytest.mark.parametrize("time_of", ["1e400", "-1e400", "9e15", "-9e15"])
@pytest.mark.parametrize("command", ["bin span=1d _time", "bin span=1h _time", "timechart span=1mon count"])
def test_a_time_that_no_calendar_knows_is_told(rows, command, time_of):
    with pytest.raises(SearchError, match="out of range"):
        rows(f"| {command}", [{"_time": time_of}])


def test_numbers_without_an_end_fall_into_no_bin(rows):
    assert rows("| bin span=10 n", [{"n": "1e999"}, {"n": "15"}]) == [{"n": "1e999"}, {"n": "10-20"}]
