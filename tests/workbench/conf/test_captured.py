"""Search-time extraction against events captured on a real Splunk (the reference's props cases)."""

import json
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError

CASES = Path(__file__).resolve().parents[4] / "shared" / "oracle" / "props_captured.jsonl"


@pytest.mark.skipif(not CASES.is_file(), reason="the captured props cases lie outside the repository")
def test_search_time_cases_are_right_or_refused(extract):
    wrong, right, refused = [], 0, []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["phase"] != "search-time":
            continue
        props = "[st]\n" + case["props"]
        for event in case["expected_events"]:
            try:
                found = extract(event["_raw"], props, case.get("transforms") or "", _time=event["_time"])
            except WorkbenchError as error:
                refused.append(f"{case['id']}: {error}")
                break
            shown = {k: v for k, v in found.items() if k not in ("host", "source", "sourcetype") and k[0] != "_"}
            if {k: v if isinstance(v, list) else str(v) for k, v in shown.items()} != event["fields"]:
                wrong.append((case["id"], event["_raw"], event["fields"], shown))
                break
        else:
            right += 1
    assert (wrong, refused) == ([], [])
    assert right == 19
