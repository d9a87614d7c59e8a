"""Rules say which call goes wrong: by endpoint, thing asked for, try and count, the same in every run."""

from dataclasses import fields

import pytest

from workbench.tenants import faults
from workbench.tenants.mischief import HANDLED, REFUSING, SPOILING
from workbench.tenants.plan import Call, Calls, Rule, words
from workbench.tenants.wire import PACKED, WIRE


def calls(count, endpoint="activity/blob", attempt=1):
    return [Call(endpoint, nth, f"thing {nth}", attempt) for nth in range(1, count + 1)]


def hit(rule, asked):
    return [call.nth for call in asked if rule.hits(call)]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"after": 3}, [4, 5, 6, 7, 8]),
        ({"calls": 2}, [1, 2]),
        ({"after": 3, "calls": 2}, [4, 5]),
        ({"every": 3}, [3, 6]),
        ({"every": 3, "calls": 1}, [3]),
        ({"after": 1, "every": 3}, [4, 7]),
        ({"key": "*4"}, [4]),
        ({"among": frozenset({"thing 2", "thing 7", "another"})}, [2, 7]),
    ],
)
def test_a_rule_hits_within_its_limits(limits, expected):
    assert hit(Rule("activity/blob", "reset", **limits), calls(8)) == expected


def test_a_rule_is_for_its_endpoints_only():
    assert hit(Rule("activity/*", "503"), calls(1)) == [1]
    assert hit(Rule("activity/content", "503"), calls(1)) == []


def test_only_the_first_tries_go_wrong_when_the_rule_says_so():
    rule = Rule("*", "503", tries=2)
    assert [rule.hits(Call("x", 9, "k", attempt)) for attempt in (1, 2, 3)] == [True, True, False]


def test_a_share_is_of_things_and_the_same_whatever_their_order():
    rule = Rule("*", "reset", share=0.1)
    chosen = hit(rule, calls(3000))
    assert 230 < len(chosen) < 370
    assert sorted(hit(rule, reversed(calls(3000)))) == chosen
    assert hit(Rule("*", "reset", share=0.1, seed=1), calls(3000)) != chosen


def test_two_faults_of_the_same_share_choose_different_things():
    one, two = (set(hit(Rule("*", fault, share=0.1), calls(3000))) for fault in ("reset", "cut"))
    assert len(one & two) < 80


def test_all_rules_that_match_apply_in_the_plans_order():
    plan = [Rule("*", "slow"), Rule("x", "429"), Rule("*", "turned")]
    assert words(plan, Call("activity/blob", 1, "k", 1)) == ["slow", "turned"]


def test_calls_are_counted_by_endpoint_and_tries_by_thing():
    counted = Calls()
    assert counted.count("a", "k") == Call("a", 1, "k", 1)
    assert counted.count("a", "l") == Call("a", 2, "l", 1)
    assert counted.count("b", "k") == Call("b", 1, "k", 2)


def test_every_word_and_every_switch_is_in_the_table_of_faults():
    cells = [line.split("|")[1] for line in faults.__doc__.splitlines() if line.startswith("|")]
    named = {word.strip() for cell in cells for word in cell.split(",")}
    assert {*HANDLED, *REFUSING, *SPOILING, *PACKED, *WIRE} <= named
    assert {one.name for one in fields(faults.Faults)} <= named
