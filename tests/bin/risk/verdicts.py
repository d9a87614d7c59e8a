"""What the tests of the score share: judging records with the shipped tables, or rows with tables of a test's own."""

import csv
import json
import pathlib

from delegation_watch.grants import grant_rows
from delegation_watch.risk import Judge, load_tables

SHIPPED = pathlib.Path(__file__).resolve().parents[3] / "lookups"
WEIGHTS = "delegation_watch_weights"
BENIGN = "delegation_watch_benign"
WEIGHT_COLUMNS = ("factor", "family", "points", "when", "reason", "why")
BENIGN_COLUMNS = ("pattern", "score", "when", "allows", "reason", "why")
LEVELS = ["informational", "low", "medium", "high", "critical"]

_SHIPPED = Judge(load_tables(str(SHIPPED)))


def factors(row):
    """(name, points, reason) of each factor of a scored row."""
    found = row["delegation_factors"]
    parts = [text.split("|", 2) for text in ([found] if isinstance(found, str) else found)]
    return [(name, int(points), reason) for name, points, reason in parts]


def names(row):
    return {name for name, _, _ in factors(row)}


def judged(record, judge=_SHIPPED, **facts):
    """The worst row of a record, scored; `facts` are columns that lookups would add."""
    rows = [{**row, **facts} for row in grant_rows(json.dumps(record))]
    for row in rows:
        judge.score(row)
    assert rows
    return max(rows, key=lambda row: int(row["delegation_score"]))


def judged_row(row, judge=_SHIPPED):
    """A row of its own, scored."""
    scored = dict(row)
    judge.score(scored)
    return scored


def score(record, judge=_SHIPPED, **facts):
    return int(judged(record, judge, **facts)["delegation_score"])


def level(record, **facts):
    return judged(record, **facts)["delegation_level"]


def write(folder, name, columns, lines):
    """One table of a lookups folder."""
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(lines)


def tables(folder, weights, benign=()):
    """A lookups folder of weights (factor, family, points, when) and patterns (name, score, when, allows)."""
    write(
        folder,
        WEIGHTS,
        WEIGHT_COLUMNS,
        [(*weight, f"because of {weight[0]}", "for the test") for weight in weights],
    )
    write(folder, BENIGN, BENIGN_COLUMNS, [(*line, f"known as {line[0]}", "for the test") for line in benign])
    return str(folder)


def judge_with(folder, weights, benign=()):
    return Judge(load_tables(tables(folder, weights, benign)))


def verdict(judge, **row):
    """A row given by its columns, scored."""
    judge.score(row)
    return row
