"""The bench command: both sides of a ratio are measured, over rows that are what they claim to be; and the engine."""

import pathlib

import pytest

from workbench.__main__ import main
from workbench.bench import audit, commands, engine, inventory
from workbench.spl import Environment, search

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


def test_the_engine_is_given_rows_of_ten_fields_that_its_searches_do_something_with():
    rows = engine.rows_of(3000)
    assert {len(row) for row in rows} == {10}
    found = {name: search(spl, Environment(), rows).rows for name, spl in (*engine.RATES, *engine.STREAMS)}
    assert 0 < len(found["search"]) < 3000
    assert len(found["stats"]) == 3
    assert {row["_time"] % 3600 for row in found["bin"]} == {0}
    assert len({row["avg(bytes)"] for row in found["streamstats in a window"]}) > 1000
    assert found["streamstats"][-1]["count"] == sum(row["user"] == rows[-1]["user"] for row in rows)


def test_every_figure_of_the_engine_tells_its_goal():
    figures = list(engine.engine_figures(2000, 1))
    assert [figure.what for figure in figures] == [
        "search", "eval", "stats", "bin", "sort of 2,000 rows", "streamstats", "streamstats in a window",
    ]  # fmt: skip
    assert all(figure.value > 0 and "goal at" in str(figure) for figure in figures)


@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize("value", [9.0, 11.0])
def test_a_speed_is_measured_against_its_goal(more, value):
    reached = more == (value > 10)
    assert ("reached" if reached else "MISSED") in str(engine.Speed("x", value, "rows", 10.0, more))


def test_a_sweep_of_workspace_is_counted_whole():
    speed = inventory.inventory_figure(APP, 60)
    assert speed.reached
    assert 3 / 60 < speed.value < 16 / 60


@pytest.mark.parametrize(("ours", "word"), [(300.0, "reached"), (299.0, "MISSED")])
def test_a_throughput_is_measured_against_its_goal(ours, word):
    told = str(audit.Throughput(0.05, ours, 100.0, 600.0, 3.0, 2.5))
    assert word in told
    assert "answers after 50 ms" in told
    assert "2.5 times the processor time" in told
    assert f"{ours / 600:.2f} times a thread that only parses" in told


def test_all_sides_collect_the_same_records_whole():
    with audit._stand_ins(APP, 500, 0.0) as site:
        for side in audit._SIDES:
            spent = side(APP, site, 500)
            assert spent.passed > 0
            assert spent.processor > 0
        with pytest.raises(audit.WorkbenchError, match="500 of 501 records came"):
            audit._thread("events", APP, site, 501)


def test_too_few_rows_are_bad_input(capsys):
    assert main(["bench", "--engine-rows", "5"]) == 2
    assert "at least 100 rows" in capsys.readouterr().err
