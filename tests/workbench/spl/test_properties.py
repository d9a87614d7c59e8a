"""What holds of any search: it reads back as it prints, and it ends, in rows or in one line that says why not."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.fuzz import known_searches
from workbench.fuzzing import OddWorld, SearchMaker, Trials, odd_rows, trial, try_case
from workbench.spl import SearchError, search
from workbench.spl.expressions import Binary, Call, Field, Literal, Unary, parse_expression
from workbench.spl.lexer import split_stages, tokens
from workbench.spl.printing import print_expression, print_stages, print_tokens

quick = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

NAMES = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=8)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=8)


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return Literal(text, f'"{escaped}"')


LEAVES = st.one_of(
    NAMES.map(Field), TEXTS.map(literal), st.integers(0, 10**9).map(lambda n: Literal(float(n), str(n)))
)
OPERATORS = ["OR", "XOR", "AND", "==", "!=", "<", ">", "<=", ">=", "+", "-", ".", "*", "/", "%"]
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from(OPERATORS), inner, inner),
        st.builds(Unary, st.sampled_from(["NOT", "-", "+"]), inner),
        st.builds(Call, st.sampled_from(["if", "coalesce", "lower", "like", "in"]), st.lists(inner).map(tuple)),
    ),
    max_leaves=12,
)
PIECES = st.sampled_from([
    "search ", "| ", "eval ", "stats ", "a", "b=", '"', "'", "[", "]", "(", ")", ",", "\\", "`", "```", " AS ", " BY ",
    "*", "count", "x y", "\n", "é", "=", "!=", "{}", ".",
])  # fmt: skip
SEARCHES = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join))


@quick
@given(TREES)
def test_an_expression_reads_back_as_it_was_printed(tree):
    assert parse_expression(print_expression(tree)) == tree


@quick
@given(SEARCHES)
def test_an_expression_that_was_read_prints_the_same_for_good(text):
    try:
        tree = parse_expression(text)
    except SearchError:
        return
    printed = print_expression(tree)
    assert print_expression(parse_expression(printed)) == printed


@quick
@given(SEARCHES)
def test_arguments_and_stages_read_back_as_they_were_printed(text):
    try:
        stages = split_stages(text)
        cut = [tokens(stage) for stage in stages]
    except SearchError:
        return
    assert split_stages(print_stages(stages)) == (stages if any(stages[:1]) else ["", *stages[1:]])
    for found in cut:
        again = tokens(print_tokens(found))
        assert [(token.kind, token.text) for token in again] == [(token.kind, token.text) for token in found]


@quick
@given(SEARCHES, st.integers(0, 50))
def test_any_text_ends_in_rows_or_in_words(text, number):
    said = "rows"
    try:
        search(text, OddWorld(number), odd_rows(number))
    except WorkbenchError as error:
        said = str(error)
    assert said.strip()


def test_odd_searches_neither_hang_nor_die():
    maker = SearchMaker(known_searches([]))
    assert [found for found in (try_case(maker, number) for number in range(400)) if found] == []


def test_the_same_number_makes_the_same_search():
    one, other = SearchMaker(["search a=1"], 7), SearchMaker(["search a=1"], 7)
    assert [one.make(number) for number in range(20)] == [other.make(number) for number in range(20)]
    assert len({SearchMaker(["search a=1"], seed).make(3) for seed in range(20)}) > 5


class Fixed(SearchMaker):
    def __init__(self, text):
        super().__init__([])
        self.text = text

    def make(self, number):
        return self.text


@pytest.fixture
def broken(monkeypatch):
    monkeypatch.setattr(trial, "LONGEST", 60)

    def run(how):
        monkeypatch.setattr(trial, "search", how)
        return next(Trials(Fixed("search a")).until(time.monotonic() + 300)).what

    return run


def test_a_search_that_dies_is_found(broken):
    assert "ZeroDivisionError" in broken(lambda *given: 1 // 0)


def test_a_search_that_hangs_is_found(broken, monkeypatch):
    monkeypatch.setattr(trial, "LONGEST", 0.5)
    assert broken(lambda *given: time.sleep(60)) == "no answer within 0 seconds"


def test_a_search_that_ends_its_process_is_found(broken):
    def die(*given):
        import os

        os._exit(3)

    assert broken(die) == "its process died"
