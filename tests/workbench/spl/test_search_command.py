"""What a search expression keeps, of events and of rows."""

import pytest

from workbench.spl import Event, Macro, SearchError, Window, search

RAW = [
    {"n": "1", "_raw": '{"Operation":"Add-MailboxPermission","User":"CONTOSO\\\\Eve"}', "index": "main"},
    {"n": "2", "_raw": '{"Operation":"Add-MailboxPermissionX"}', "index": "main"},
    {"n": "3", "_raw": "login failed for bob", "index": "other"},
]


def numbers(found):
    return [row["n"] for row in found]


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("TERM(Add-MailboxPermission)", ["1"]),
        ("TERM(add-mailboxpermission)", ["1"]),
        ("TERM(MailboxPermission)", []),
        ("TERM(Add-Mailbox*)", ["1", "2"]),
        ("MailboxPermission", ["1"]),
        ("mailbox*", ["1", "2"]),
        ("mailbox", []),
        ('"failed for"', ["3"]),
        ('"failed bob"', []),
        ("CASE(Login)", []),
        ("CASE(login)", ["3"]),
        ("NOT TERM(Add-MailboxPermission)", ["2", "3"]),
        ("index=main NOT login", ["1", "2"]),
        ("index=main OR index=other login", ["3"]),
        ("(index=main eve) OR login", ["1", "3"]),
        ("n IN (1, 3)", ["1", "3"]),
        ("n>1 n<=2", ["2"]),
        ("n!=2", ["1", "3"]),
        ("nothing!=2", []),
        ("NOT nothing=2", ["1", "2", "3"]),
        ("*", ["1", "2", "3"]),
        ("index::main", ["1", "2"]),
        ('n="3"', ["3"]),
    ],
)
def test_an_expression_keeps(rows, bench, expression, kept):
    assert numbers(rows(expression, env=bench(events=RAW))) == kept
    assert numbers(rows(f"| search {expression}", RAW)) == kept


@pytest.mark.parametrize(
    ("expression", "scanned"),
    [
        ("TERM(Add-MailboxPermission)", {"main": 1}),
        ("index=main n=1", {"main": 2}),
        ("index=main login", {}),
        ("n=1", {"main": 2, "other": 1}),
        ("TERM(Add-MailboxPermission) OR n=3", {"main": 2, "other": 1}),
        ("index=other OR eve", {"main": 1, "other": 1}),
        ("index=main NOT eve", {"main": 2}),
        ("index!=main", {"main": 2, "other": 1}),
        ("CASE(Login)", {"other": 1}),
        ("index=none | append [search bob]", {"other": 1}),
    ],
)
def test_what_words_and_indexed_fields_do_not_rule_out_is_read(bench, expression, scanned):
    assert search(expression, bench(events=RAW)).scanned == scanned


def test_the_environment_is_told_what_raw_text_must_hold(bench):
    env = bench(events=RAW)
    search("index=main (TERM(Add-X) OR TERM(Set*Y)) login n=1", env)
    (_, terms, _) = env.asked[0]
    assert terms == [frozenset({"add-x", "set"}), frozenset({"login"})]


def test_no_hint_is_given_where_an_alternative_has_none(bench):
    env = bench(events=RAW)
    search("TERM(a) OR n=1", env)
    assert env.asked[0][1] == []


def test_time_terms_override_the_window(bench):
    env = bench()
    search("earliest=-1h@h latest=now _index_earliest=1600000000 x=1", env)
    assert env.asked[0][0] == Window(1_699_995_600.0, 1_700_000_000.0, 1_600_000_000.0, None)


def test_an_event_type_stands_for_its_search(rows, bench):
    env = bench(events=RAW, eventtypes={"mine": "index=main TERM(Add-MailboxPermission)"})
    assert numbers(rows("eventtype=mine", env=env)) == ["1"]
    with pytest.raises(SearchError, match="Eventtype 'other' does not exist"):
        rows("eventtype=other", env=env)


def test_a_tag_stands_for_the_values_that_carry_it(rows, bench):
    tags = {"change": [("eventtype", "mine"), ("n", "3")]}
    env = bench(events=RAW, eventtypes={"mine": "TERM(Add-MailboxPermission)"}, tags=tags)
    assert numbers(rows("tag=change", env=env)) == ["1", "3"]
    assert numbers(rows("tag::n=change", env=env)) == ["3"]
    assert rows("tag=other", env=env) == []
    assert numbers(rows("tag=x", env=bench(events=[{"n": "1", "tag": ["x", "y"]}, {"n": "2"}]))) == ["1"]


def test_a_subsearch_becomes_terms(rows, bench):
    env = bench(events=RAW)
    spl = 'index=* [| makeresults | eval n="1" | table n] | table n'
    assert rows(spl, env=env) == [{"n": "1"}]
    assert rows("index=* [| makeresults count=0]", env=env) == []


def test_a_macro_is_text_and_comments_are_nothing(rows, bench):
    macros = {
        ("base", 0): Macro("index=main `op(Add-MailboxPermission)`"),
        ("op", 1): Macro("TERM($name$)", ["name"]),
    }
    env = bench(events=RAW, macros=macros)
    assert numbers(rows("search `base` ```only | these``` | head 5", env=env)) == ["1"]


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ("index=main", ["main"]),
        ("index=sum* login", ["summary"]),
        ("index=main OR index=summary", ["main", "summary"]),
        ("(index=main a=1) OR (index=SUMMARY b=2)", ["main", "summary"]),
        ("index=main index=summary", []),
        ("index IN (summary, other)", ["summary"]),
        ("index=*", ["main", "summary"]),
        # where another side of an OR, or a NOT, lets any index in
        ("index=main OR login", ["main", "summary", "_internal"]),
        ("NOT index=main", ["main", "summary", "_internal"]),
        ("index!=main", ["main", "summary", "_internal"]),
        ("login", ["main", "summary", "_internal"]),
    ],
)
def test_events_of_an_index_that_is_ruled_out_are_not_asked_for(rows, bench, expression, read):
    env = bench()
    rows(expression, env=env)
    ((_, _, among),) = env.asked
    assert [name for name in ("main", "summary", "_internal") if among is None or among(name)] == read


def test_search_time_fields_are_extracted_only_when_asked_for(bench):
    extracted = []

    def extract(event):
        extracted.append(event["_raw"])
        return {"user": event["_raw"].split("=")[1], "_raw": "never replaces"}

    class Lazy(bench):
        def events(self, window, terms, among=None):
            return [Event({"_raw": f"user={name}"}, extract) for name in ("ann", "bob")]

    assert search("ann user=ann | table user _raw", Lazy()).rows == [{"user": "ann", "_raw": "user=ann"}]
    assert extracted == ["user=ann"]


def test_extraction_sees_the_event_and_not_what_the_search_made_of_it(bench):
    class Lazy(bench):
        def events(self, window, terms, among=None):
            return [Event({"_raw": "x", "host": "h"}, lambda event: {"server": event["host"], "host": "other"})]

    found = search('x | eval host="mine" | table host server', Lazy()).rows
    assert found == [{"host": "mine", "server": "h"}]


def test_a_removed_field_does_not_come_back(bench):
    class Lazy(bench):
        def events(self, window, terms, among=None):
            return [Event({"_raw": "x"}, lambda event: {"user": "ann", "city": "Rome"})]

    assert search("x | fields - user | eval again=user", Lazy()).rows == [{"_raw": "x", "city": "Rome"}]


@pytest.mark.parametrize(
    ("spl", "text"),
    [
        ("| frob", "Unknown search command 'frob'."),
        ("x=1 | where x=", "malformed"),
        ('index="main', "Unbalanced quotes"),
        ("(index=main", "parentheses"),
        ("a=1 | search earliest=-1d", "time modifier"),
        ("savedsearch=x", "not implemented"),
        ("| makeresults | eval n=\"1.0\" | search n=1", "not implemented"),
        ('| makeresults | regex a="b(?i)c"', "not implemented"),
        ("earliest=soon", "Invalid value"),
        ("a IN b", "IN operator"),
        ("a=1 AND", "both sides"),
        ("a*=1", "not implemented"),
        ("| multisearch [search a | stats count] [search b]", "streaming"),
        ("a=1 OR", "missing"),
        ("a=1 | makeresults", "first command"),
        ("a=1 | stats count [", "bracket"),
        ("| eval x=1", "cannot be the first command"),
    ],
)
def test_what_is_not_understood_is_refused(rows, spl, text):
    with pytest.raises(SearchError, match=text):
        rows(spl)
