"""What each command does to rows."""

import pytest

from workbench.spl import SearchError, search

PEOPLE = [
    {"n": "1", "who": "ann", "city": "Rome", "age": "30"},
    {"n": "2", "who": "bob", "city": "Oslo", "age": "9"},
    {"n": "3", "who": "cid", "age": "100"},
    {"n": "4", "who": "ann", "city": "Oslo", "age": "x"},
]


def numbers(found):
    return [row.get("n") for row in found]


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("sort 0 n", ["1", "2", "3", "4"]),
        ("sort -age", ["4", "2", "1", "3"]),
        ("sort - num(n), who", ["4", "3", "2", "1"]),
        ("sort 2 -n", ["4", "3"]),
        ("sort city -n", ["4", "2", "1", "3"]),
        ("dedup who", ["1", "2", "3"]),
        ("dedup 2 who", ["1", "2", "3", "4"]),
        ("dedup city", ["1", "2"]),
        ("dedup keepempty=t city", ["1", "2", "3"]),
        ("dedup who sortby -n", ["4", "3", "2"]),
        ("head 2", ["1", "2"]),
        ("head (n<3) keeplast=true", ["1", "2", "3"]),
        ("tail 2", ["4", "3"]),
        ("reverse", ["4", "3", "2", "1"]),
        ('regex who="^[ab]"', ["1", "2", "4"]),
        ('regex city!="Oslo"', ["1", "3"]),
        ("where age>20", ["1", "3", "4"]),
        ("where isnull(city) OR city=\"Rome\"", ["1", "3"]),
    ],
)
def test_rows_kept_and_their_order(rows, command, kept):
    assert numbers(rows(f"| {command}", PEOPLE)) == kept


def test_where_compares_as_numbers_only_what_are_numbers(rows):
    assert numbers(rows("| where age>20", PEOPLE)) == ["1", "3", "4"]  # "x" > "20" as texts


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ("fields who", [{"who": "ann"}]),
        ("fields - n city", [{"who": "ann", "age": "30"}]),
        ("table age w*", [{"age": "30", "who": "ann"}]),
        ('rename who AS "the name" | fields "the name"', [{"the name": "ann"}]),
        ("fields n age | rename n AS age", [{"age": "1"}]),
        ("fields n age | rename gone AS age", [{"n": "1"}]),
        ("fields n age | rename n AS age, age AS n", [{"n": "1"}]),
        ("table n gone | fillnull value=- gone", [{"n": "1", "gone": "-"}]),
        ("table who | replace a* WITH *-a IN who", [{"who": "nn-a"}]),
        ('table who | rex field=who "(?<first>.)(?<rest>.*)"', [{"who": "ann", "first": "a", "rest": "nn"}]),
        ('table who | rex field=who mode=sed "s/n/m/2"', [{"who": "anm"}]),
        ('table who | rex field=who max_match=0 "(?<l>[a-z])"', [{"who": "ann", "l": ["a", "n", "n"]}]),
        ('eval m=split("b,a",",") | table m | mvexpand m', [{"m": "b"}, {"m": "a"}]),
        ('eval m=split("b,a",",") | table m | nomv m', [{"m": "b\na"}]),
        ('table who | makemv delim="n" allowempty=t who', [{"who": ["a", "", ""]}]),
        ("table who | strcat who \"@\" gone mail | table mail", [{"mail": "ann@"}]),
        ("table n | foreach n [eval <<FIELD>>_twice='<<FIELD>>'*2]", [{"n": "1", "n_twice": 2}]),
        ("table n age | addtotals", [{"n": "1", "age": "30", "Total": 31}]),
        ("table n | eval _time=1700000000 | bin _time span=1h", [{"n": "1", "_time": 1699999200}]),
        ("table age | bin age span=20", [{"age": "20-40"}]),
    ],
)
def test_fields_and_values(rows, pipeline, expected):
    assert rows(f"| head 1 | {pipeline}", PEOPLE) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("stats count", [{"count": 4}]),
        (
            "stats count, dc(city) AS cities BY who",
            [{"who": "ann", "count": 2, "cities": 2}, {"who": "bob", "count": 1, "cities": 1},
             {"who": "cid", "count": 1, "cities": 0}],
        ),
        ("stats avg(age) max(who) sum(none)", [{"avg(age)": 46.333333333333336, "max(who)": "cid"}]),
        ("stats values(city) AS c list(who) AS w", [{"c": ["Oslo", "Rome"], "w": ["ann", "bob", "cid", "ann"]}]),
        ("stats count(eval(n>2)) AS late", [{"late": 2}]),
        ("eval k=7 | stats median(k) p75(k) mode(who)", [{"median(k)": 7, "p75(k)": 7, "mode(who)": "ann"}]),
        ("stats max(n*) AS top_*", [{"top_": "4"}]),
        ("top limit=1 who", [{"who": "ann", "count": 2, "percent": "50.000000"}]),
        ("rare limit=1 city showperc=f", [{"city": "Rome", "count": 1}]),
        ("chart count BY city who", [{"city": "Oslo", "ann": 1, "bob": 1}, {"city": "Rome", "ann": 1, "bob": 0}]),
        (
            "where isnotnull(city) | chart count OVER who BY city limit=1",
            [{"who": "ann", "Oslo": 1, "OTHER": 1}, {"who": "bob", "Oslo": 1, "OTHER": 0}],
        ),
        ("eventstats count BY who | where count>1 | table n count", [{"n": "1", "count": 2}, {"n": "4", "count": 2}]),
        ("streamstats sum(n) AS s | table s", [{"s": 1}, {"s": 3}, {"s": 6}, {"s": 10}]),
        ("streamstats current=f last(n) AS p | table p", [{}, {"p": "1"}, {"p": "2"}, {"p": "3"}]),
        ("streamstats window=2 sum(n) AS s | table s", [{"s": 1}, {"s": 3}, {"s": 5}, {"s": 7}]),
    ],
)  # fmt: skip
def test_aggregates(rows, command, expected):
    assert rows(f"| {command}", PEOPLE) == expected


def test_no_rows_give_one_row_of_counts_only_without_by(rows):
    assert rows("| stats count", []) == [{"count": 0}]
    assert rows("| stats count BY who", []) == []


def test_columns_come_in_the_order_of_the_last_table(bench):
    found = search("| stats count AS n, dc(who) BY city | fields n city | rename n AS rows", bench(), PEOPLE)
    assert found.fields == ["rows", "city"]


def test_timechart_covers_the_range_of_the_search(rows, bench):
    from workbench.spl import Window

    env = bench(events=[{"_time": 7200.0}, {"_time": 7300.0}])
    env.window = Window(3600.0, 14400.0)
    found = rows("* | timechart span=1h count | table _time count", env=env)
    assert found == [{"_time": 3600, "count": 0}, {"_time": 7200, "count": 2}, {"_time": 10800, "count": 0}]


def test_a_transaction_runs_from_its_start_to_its_end(rows):
    events = [
        {"_time": "40", "_raw": "end", "id": "a"},
        {"_time": "30", "_raw": "work", "id": "a"},
        {"_time": "20", "_raw": "start", "id": "a"},
        {"_time": "10", "_raw": "stray", "id": "a"},
    ]
    (found,) = rows('| transaction id startswith="start" endswith="end"', events)
    assert (found["_time"], found["duration"], found["eventcount"], found["closed_txn"]) == (20, 20, 3, 1)
    assert found["_raw"] == "start\nwork\nend"


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ("append [| makeresults | eval n=9 | table n]", [{"n": "1"}, {"n": "2"}, {"n": 9}]),
        ("appendpipe [stats sum(n) AS n]", [{"n": "1"}, {"n": "2"}, {"n": 3}]),
        ("appendcols [| makeresults | eval m=7]", [{"n": "1", "m": 7}, {"n": "2"}]),
        ("join n [| makeresults | eval n=2, m=7 | table n m]", [{"n": 2, "m": 7}]),
        ("join type=left n [| makeresults | eval n=2, m=7 | table n m]", [{"n": "1"}, {"n": 2, "m": 7}]),
        ("search [| makeresults | eval n=2 | return n]", [{"n": "2"}]),
        ("eval x=[| makeresults | eval n=2 | return $n] | where n=x", [{"n": "2", "x": 2}]),
        ("format", [{"search": '( ( n="1" ) OR ( n="2" ) )'}]),
        ("head 0 | format", [{"search": "NOT ( )"}]),
        ("return 2 n", [{"search": '(n="1") OR (n="2")'}]),
    ],
)
def test_pipelines_within_pipelines(rows, pipeline, expected):
    assert rows(f"| head 2 | table n | {pipeline}", PEOPLE) == expected


def test_multisearch_merges_by_time(rows, bench):
    env = bench(events=[{"_time": "1", "a": "x"}, {"_time": "3", "a": "y"}, {"_time": "2", "a": "x"}])
    found = rows('| multisearch [search a=x] [search a=y | eval b="new"] | table _time b', env=env)
    assert found == [{"_time": "3", "b": "new"}, {"_time": "2"}, {"_time": "1"}]


def test_a_saved_search_runs_with_its_arguments(rows, bench):
    env = bench(saved={"mine": '| makeresults | eval a="$a$" | table a'})
    assert rows('| savedsearch mine a="x y"', env=env) == [{"a": "x y"}]
    with pytest.raises(SearchError, match="other"):
        rows("| savedsearch other", env=env)


@pytest.mark.parametrize(
    "spl",
    [
        "| stats count frob=1",
        "| sort",
        "| dedup 0 n",
        "| timechart span=7d count",
        "| bin n",
        "| head x y",
        "| makeresults",
        "| mvexpand",
        "| streamstats count time_window=5m",
        "| rename a b",
        "| transaction n keeporphans=t",
        "| collect output=x index=y",
        "| spath output=x",
        "| convert auto(n)",
        "| stats count | tstats count",
        '| eval m=split("a,b", ",") | eventstats count BY m',
        '| eval m=split("a,b", ",") | streamstats count BY m',
    ],
)
def test_unknown_forms_are_refused(rows, spl):
    with pytest.raises(SearchError):
        rows(spl, PEOPLE)
