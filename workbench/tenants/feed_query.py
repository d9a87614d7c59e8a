"""What a call of the Management Activity API may ask: content types, windows, pages, GUIDs; ApiError for all else."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from typing import NamedTuple

from flask import request

from workbench.tenants.af_errors import ApiError
from workbench.tenants.records import CONTENT_TYPES

DAY = 86400
KEPT_DAYS = 7
_TIME_FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_PAGE = re.compile(r"\d{10}R(\d{12})$")


class Window(NamedTuple):
    """A span of availability: from `start` up to but not including `end`, epoch seconds."""

    start: float
    end: float


def asked_window(now: float, long_windows: bool) -> Window:
    """The window a listing asks for; with `long_windows` one over a day is cut to its first."""
    given = [request.args.get(name) for name in ("startTime", "endTime")]
    if given == [None, None]:
        return Window(float(int(now)) - DAY, float(int(now)))
    if None in given:
        raise ApiError("AF20030")
    start, end = _time("startTime"), _time("endTime")
    if start >= end:
        raise ApiError("AF20055")
    if start < now - KEPT_DAYS * DAY:
        raise ApiError("AF20030")
    if end - start > DAY:
        if not long_windows:
            raise ApiError("AF20030")
        end = start + DAY
    return Window(start, end)


def asked_content_type() -> str:
    """The content type a call names."""
    given = request.args.get("contentType")
    if given is None:
        raise ApiError("AF20001", "contentType")
    if given not in CONTENT_TYPES:
        raise ApiError("AF20020")
    return given


def _time(name: str) -> float:
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(request.args[name], form).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    raise ApiError("AF20002", name, "datetime")


def offset_of(page: str) -> int:
    """Where a page begins."""
    match = _PAGE.match(page)
    if match is None:
        raise ApiError("AF20031", page)
    return int(match.group(1))


def is_guid(text: str) -> bool:
    """Whether a text is a GUID with hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def minutes(seconds: float) -> str:
    """A span as the service words it."""
    return f"{int(seconds) // 60}m {int(seconds) % 60}s"
