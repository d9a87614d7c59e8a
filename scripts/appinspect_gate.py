"""Runs Splunk's AppInspect on the package, with all its checks and as Splunk Cloud does, and judges it.

AppInspect exits with 0 although checks failed, so the judgement is made from its JSON: no error, no failure,
no future failure, and no warning but those that ACCEPTED names with a reason. Runs in .venv-inspect.
"""

import json
import pathlib
import subprocess
import sys
from typing import Any, Dict, Iterator, List, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS: Dict[str, List[str]] = {"all": [], "cloud": ["--included-tags", "cloud"]}
REFUSED = ("error", "failure", "future_failure")
# pylibmagic brings the libmagic that AppInspect loads; it must be imported first.
START = "import pylibmagic; from splunk_appinspect.main import execute; execute()"


class Accepted(NamedTuple):
    """A warning that stays: the files it may be about ("": any, or none named) and why."""

    place: str
    reason: str


ACCEPTED = {
    "check_for_indexer_synced_configs": Accepted("default/inputs.conf", "rightly: inputs are not for indexers"),
    "check_for_python_script_existence": Accepted("", "raised by any Python file"),
    "check_for_modular_inputs": Accepted("README/inputs.conf.spec", "raised by any input; no action required"),
    "check_for_datamodel_acceleration": Accepted("default/datamodels.conf", "raised by any; ours is not accelerated"),
    "check_collections_conf": Accepted("default/collections.conf", "raised by any collection; no action required"),
    "check_python_sdk_version": Accepted("lib/splunk", "3.x needs a Python that Splunk 9.3 to 10.0 lack"),
    "check_for_possible_threading": Accepted("lib/msal/", "it can open a browser; the app never asks it to"),
    "check_hostnames_and_ips": Accepted("lib/msal/", "it knows Azure's metadata address, never asked"),
}


def checks(report: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """Every check of AppInspect's JSON report: name, result, messages."""
    for app in report["reports"]:
        for group in app["groups"]:
            yield from group["checks"]


def excused(check: Dict[str, Any]) -> bool:
    """Whether a check's warnings are all of those that stay."""
    known = ACCEPTED.get(check["name"])
    warnings = [message for message in check["messages"] if message["result"] == "warning"]
    return (
        check["result"] == "warning"
        and known is not None
        and all(str(warning["message_filename"]).startswith(known.place) for warning in warnings)
    )


def objections(report: Dict[str, Any]) -> List[str]:
    """What keeps a package from passing, one line each, by AppInspect's JSON report."""
    summary = report["summary"]
    found = [f"{summary[result]} {result}" for result in REFUSED if summary[result]]
    for check in checks(report):
        if check["result"] in (*REFUSED, "warning") and not excused(check):
            words = [m["message"] for m in check["messages"] if m["result"] == check["result"]]
            found.append(": ".join([check["result"], check["name"], *words]))
    if not summary["success"]:
        found.append("not one check succeeded: was anything inspected?")
    return found


def start(package: pathlib.Path, report: pathlib.Path, tags: List[str]) -> "subprocess.Popen[str]":
    """Start AppInspect on the package; its JSON goes to the file report."""
    options = ["--mode", "precert", "--data-format", "json", "--output-file", str(report)]
    offline = ["--skip-trusted-libraries-update", "--max-messages", "all"]
    command = [sys.executable, "-c", START, "inspect", str(package), *options, *offline, *tags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def judge(run: str, process: "subprocess.Popen[str]", report: pathlib.Path) -> List[str]:
    """Wait for one run, print its summary and return the objections to it."""
    output, _ = process.communicate()
    if process.returncode or not report.exists():
        return [f"AppInspect broke off with exit code {process.returncode}:\n{output[-3000:]}"]
    content = json.loads(report.read_text(encoding="utf-8"))
    counted = ", ".join(f"{count} {result}" for result, count in content["summary"].items())
    print(f"AppInspect, {run}: {counted}")
    return objections(content)


def main() -> int:
    """Inspect the package in dist/; 0 when it passes, 1 when it does not, 2 when it is not there."""
    identity = json.loads((ROOT / "app.manifest").read_text(encoding="utf-8"))["info"]["id"]
    package = ROOT / "dist" / "{name}-{version}.tar.gz".format(**identity)
    if not package.exists():
        print(f"{package} is not there; make it with: make package", file=sys.stderr)
        return 2
    folder = ROOT / "build" / "appinspect"
    folder.mkdir(parents=True, exist_ok=True)
    reports = {run: folder / f"{run}.json" for run in RUNS}
    for report in reports.values():
        report.unlink(missing_ok=True)
    started = {run: start(package, reports[run], tags) for run, tags in RUNS.items()}
    found = [f"{run}: {line}" for run in RUNS for line in judge(run, started[run], reports[run])]
    print("\n".join(found) or f"{package.name} passes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
