"""What the time range picker asks for: the ranges it offers, and which moment a written time is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from workbench.spl.timemods import moment
from workbench.splunkd.rest.messages import (
    Call,
    Endpoints,
    Entry,
    Feed,
    Plain,
    RestError,
    as_json,
    only_arguments,
    page,
)

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

# Some of the ranges that Splunk offers by default (times.conf).
_OFFERED = (
    ("Last 24 hours", "-24h@h", "now"),
    ("Last 7 days", "-7d@h", "now"),
    ("Last 30 days", "-30d@d", "now"),
    ("Today", "@d", "now"),
    ("Yesterday", "-1d@d", "@d"),
    ("All time", "0", ""),
)


def _times(splunkd: Splunkd, call: Call) -> Feed:
    if call.method != "GET":
        raise RestError(501, "The ranges of the time range picker are not to be changed here.")
    entries = [
        Entry(
            label.lower().replace(" ", "_"),
            "data/ui/times",
            {
                "label": label, "earliest_time": earliest, "latest_time": latest, "order": place * 10,
                "disabled": False, "is_sub_menu": False,
            },
        )
        for place, (label, earliest, latest) in enumerate(_OFFERED)
    ]  # fmt: skip
    return page(entries, call, "data/ui/times", "system")


def _parser(splunkd: Splunkd, call: Call) -> Plain:
    """One `time` as ISO 8601, or as seconds for output_time_format=%s."""
    only_arguments(call, ("time", "now", "output_time_format"))
    written = call.required("time")
    given = call.params.get("now")
    now = splunkd.clock() if given is None else moment(given, splunkd.clock(), splunkd.tz)
    found = None if now is None else moment(written, now, splunkd.tz)
    if found is None:
        raise RestError(400, f"Invalid time: {written}")  # [unverified] text
    form = call.params.get("output_time_format", "")
    if form not in ("", "%s"):
        raise RestError(501, f"output_time_format={form} is not simulated.")
    shown = f"{found:.0f}" if form else datetime.fromtimestamp(found, splunkd.tz).isoformat(timespec="milliseconds")
    return as_json({written: shown})


ENDPOINTS: Endpoints = {"data/ui/times": (_times, True), "search/timeparser": (_parser, True)}
