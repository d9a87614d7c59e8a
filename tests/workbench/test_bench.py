"""The bench command: both sides of a ratio are measured, over rows that are what they claim to be."""

import pathlib

import pytest

from workbench.bench import commands

APP = pathlib.Path(__file__).resolve().parents[2]


def test_the_records_are_of_one_kilobyte_and_all_of_them_are_grants():
    rows = [commands._record(number) for number in range(50)]
    assert all(950 <= len(row["_raw"]) <= 1300 for row in rows)
    found = commands.run_command(APP, APP / "bin" / "delegationgrants.py", rows, [])
    assert [row["right"] for row in found] == ["full_access"] * 50
    assert not any(row.get("parse_error") for row in found)


def test_the_rows_to_be_scored_have_forty_fields():
    given = commands.run_command(APP, APP / "bin" / "delegationgrants.py", [commands._record(1)], [])
    assert len(commands._forty(given[0])) == 40


@pytest.mark.parametrize("figure", [commands.grants_figure, commands.risk_figure])
def test_a_figure_tells_its_goal_and_whether_it_is_reached(figure):
    measured = figure(APP, 2000, 1)
    assert measured.ours > 0
    assert measured.theirs > 0
    assert measured.reached == (measured.ratio <= measured.goal)
    assert ("reached" if measured.reached else "MISSED") in str(measured)


def test_the_reference_writes_as_many_columns_as_it_is_told():
    rows = [commands._record(number) for number in range(3)]
    found = commands.run_command(APP, commands.REFERENCE / "parse.py", rows, ["columns=38", "filled=25"])
    assert [len(row) for row in found] == [25] * 3
