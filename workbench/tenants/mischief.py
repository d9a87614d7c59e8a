"""What the words of a plan do to a call above the wire: refuse it, or spoil the answer that was made.

`faults` says what each word means; `wire` has those that need the connection.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Optional, Tuple

from flask import Response

from workbench.tenants.af_errors import ERRORS
from workbench.tenants.wire import PACKED, WIRE

Speak = Callable[[int, str], Dict[str, Any]]  # status and the vendor's code ("" for none) -> the error's body

HUGE = 20 * 1024 * 1024
DEEP = 10_000

# words that the stand-ins' own rules look for, by `Served.has` and `Served.planned`
HANDLED = (
    "reordered", "doubled", "endless", "loop", "empty_next", "token_ends", "late", "expired", "missing", "foreign_host",
    "disable", "unlisted", "shifting",
)


def split(word: str) -> Tuple[str, str]:
    """`429:5` is 429 with the argument 5."""
    name, _, argument = word.partition(":")
    return name, argument


def known(word: str) -> bool:
    """Whether there is such a fault."""
    name = split(word)[0]
    tables = (REFUSING, SPOILING, PACKED, WIRE)
    return name in HANDLED or name in ERRORS or any(name in table for table in tables) or name.isdigit()


def plain(status: int, code: str) -> Dict[str, Any]:
    """The error body of a service that has no words of its own."""
    return {"error": {"code": code or status, "message": f"The stand-in was told to answer {code or status}."}}


def refusal(words: List[str], speak: Speak) -> Tuple[str, Optional[Response]]:
    """The first word that refuses the call, and its answer; "" and None when none does."""
    for word in words:
        name, argument = split(word)
        if name.isdigit():
            return word, _refused(int(name), speak(int(name), ""), argument)
        if name in ERRORS:
            body = speak(0, name)
            return word, _refused(body.pop("status"), body, argument)
        if name in REFUSING:
            return word, REFUSING[name](argument, speak)
    return "", None


def spoilt(words: List[str], response: Response) -> Tuple[List[str], Response]:
    """The words that spoil the answer's body, and the answer after all of them."""
    spoiling = [word for word in words if split(word)[0] in SPOILING and response.status_code == 200]
    for word in spoiling:
        response.set_data(SPOILING[split(word)[0]](response.get_data()))
    return spoiling, response


def below(words: List[str]) -> List[str]:
    """The words that are the wire's business."""
    return [word for word in words if split(word)[0] in WIRE or split(word)[0] in PACKED]


def as_json(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def _refused(status: int, body: Dict[str, Any], retry_after: str) -> Response:
    response = as_json(body, status)
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response


def _redirect(target: str, speak: Speak) -> Response:
    return Response(status=302, headers={"Location": target})


def _error_in_200(argument: str, speak: Speak) -> Response:
    return as_json(speak(503, ""), 200)


def _html(argument: str, speak: Speak) -> Response:
    return Response("<html><body>Sign in to the guest network</body></html>", 200, content_type="text/html")


REFUSING: Dict[str, Callable[[str, Speak], Response]] = {
    "redirect": _redirect,
    "error_in_200": _error_in_200,
    "html": _html,
}


def _turned(body: bytes) -> bytes:
    """A list where a map is due, and the other way."""
    value = json.loads(body)
    return json.dumps({"value": value} if isinstance(value, list) else [value]).encode()


def _beside(name: str, text: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    """One record more at the end of a list of records; `text` makes JSON for it, or nearly so."""

    def spoil(body: bytes) -> bytes:
        value = json.loads(body)
        for key, shape in _SHAPES.items():
            rows = value.get(key) if isinstance(value, dict) else None if key else value
            if isinstance(rows, list):
                rows.append(shape(name, rows))
        return json.dumps(value, ensure_ascii=False).encode().replace(_HERE, text())

    return spoil


# where the text of such a record goes, as JSON has it
_HERE = b'"-here-"'


def _blob_record(name: str, rows: List[Any]) -> Dict[str, Any]:
    known_fields = {"Operation": "Send", "RecordType": 2, "CreationTime": "2026-01-01T00:00:00"}
    return {"Id": f"stand-in-{name}", **known_fields, "Subject": "-here-"}


def _activity(name: str, rows: List[Any]) -> Dict[str, Any]:
    """Of the time of the first one on its page."""
    identity = {**(rows[0]["id"] if rows else {}), "uniqueQualifier": name}
    parameters = [{"name": "USER_EMAIL", "value": f"member-stand_in_{name}@subsidiary.example"}]
    return {"id": identity, "events": [{"name": "ADD_GROUP_MEMBER", "parameters": parameters, "more": "-here-"}]}


def _row(name: str, rows: List[Any]) -> Dict[str, Any]:
    """Of the time of the first one on its page, if there is any."""
    filed = {"createdDateTime": rows[0]["createdDateTime"]} if rows else {}
    return {"id": f"stand-in-{name}", **filed, "auditData": _blob_record(name, rows)}


# the member of a page that lists records, "" where the page is the list; a record of that vendor's shape
_SHAPES: Dict[str, Callable[[str, List[Any]], Dict[str, Any]]] = {
    "": _blob_record, "items": _activity, "value": _row,
}  # fmt: skip


SPOILING: Dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda body: body[: len(body) // 2],
    "nothing": lambda body: b"",
    "turned": _turned,
    "nul": lambda body: b"\x00" * len(body),
    "huge": _beside("huge", lambda: b'"' + b"x" * HUGE + b'"'),
    "deep": _beside("deep", lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "bad_utf8": _beside("bad_utf8", lambda: b'"\xff\xfe\xe9"'),
}
