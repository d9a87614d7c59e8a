"""The cases of this repository, written from Splunk's pages: each comes out right, what is refused included."""

import pathlib

import pytest

from workbench.oracle import judge, read_cases

FILES = sorted((pathlib.Path(__file__).parent / "cases").glob("cmd_*.jsonl"))
CASES = [case for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_comes_out_right(case):
    verdict, detail = judge(case)
    assert (verdict, detail) == ("right", detail)


def test_every_case_tells_its_source_and_has_a_name_of_its_own():
    assert all(case["source"] and case["basis"] in ("example", "statement") for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES)
