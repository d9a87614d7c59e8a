"""Office 365 records as the portal exports them."""

import csv
import json
from datetime import datetime

import pytest

from workbench.tenants import export_csv
from workbench.tenants.export import COLUMNS


def test_the_export_is_a_search_unified_audit_log_csv(organisation, shared, tmp_path):
    path = tmp_path / "old.csv"
    records = organisation.office365_records()[:500]
    assert export_csv(records, path) == 500
    real = next((shared / "exports" / "dataset").glob("t1098.002_ApplicationImpersonation.csv"))
    assert path.read_text("utf-8").splitlines()[0] == real.read_text("utf-8").splitlines()[0]


def test_an_exported_record_comes_back_unchanged(organisation, tmp_path):
    path = tmp_path / "old.csv"
    records = organisation.office365_records()[:300]
    export_csv(records, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    newest_first = sorted(records, key=lambda record: record.time, reverse=True)
    assert [json.loads(row["AuditData"]) for row in rows] == [record.body for record in newest_first]
    assert "/" not in rows[0]["AuditData"].replace("\\/", "")
    assert rows[-1]["ResultIndex"] == rows[0]["ResultCount"] == "300"


@pytest.mark.parametrize(
    ("moment", "text"),
    [("2023-05-28T10:15:33", "5/28/2023 10:15:33 AM"), ("2023-12-03T00:05:07", "12/3/2023 12:05:07 AM")],
)
def test_export_dates_are_american_without_leading_zeros(organisation, tmp_path, moment, text):
    path = tmp_path / "one.csv"
    time = datetime.fromisoformat(moment + "+00:00").timestamp()
    export_csv([organisation.office365_records()[0]._replace(time=time)], path)
    assert f'"{text}"' in path.read_text("utf-8")
