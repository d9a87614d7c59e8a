"""JSON documents and the paths into them (`a.b{0}.c`, `{}.name`), as spath and the JSON functions use them."""

from __future__ import annotations

import json
import re
from typing import Any, List, Optional, Tuple, Union

from workbench.spl.errors import SearchError
from workbench.spl.values import Json

Step = Union[str, int, None]
_STEP = re.compile(r"([^.{}]+)|\{(\d*)\}|\.")


class Written(float):
    """A number with a fraction, as it was written."""

    written: str

    def __new__(cls, written: str) -> Written:
        """Keep the digits beside the value."""
        new = super().__new__(cls, written)
        new.written = written
        return new


def read(written: str) -> Optional[Tuple[Any]]:
    """The document in a 1-tuple, None when the text is no JSON object, array or scalar."""
    try:
        return (json.loads(written, parse_float=Written),)
    except ValueError:
        return None


def write(document: Any) -> str:
    """A document as Splunk writes it: no white space, order kept."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def steps(path: str) -> List[Step]:
    """A path cut into keys (str), places (int) and `{}` for every element (None)."""
    found: List[Step] = []
    place = 0
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            raise SearchError(f"The JSON path '{path}' is invalid.")
        key, index = match.groups()
        if key is not None:
            found.append(key)
        elif index is not None:
            found.append(int(index) if index else None)
        place = match.end()
    return found


def reach(document: Any, path: List[Step]) -> List[Any]:
    """Everything in the document that the path leads to."""
    here = [document]
    for step in path:
        if isinstance(step, str):
            here = [item[step] for item in here if isinstance(item, dict) and step in item]
        elif step is None:
            here = [element for item in here if isinstance(item, list) for element in item]
        else:
            here = [item[step] for item in here if isinstance(item, list) and step < len(item)]
    return here


def plain(document: Any) -> Any:
    """A JSON value as a field's value: texts bare, containers as JSON, null as none."""
    if document is None or isinstance(document, str):
        return document
    if isinstance(document, bool):
        return "true" if document else "false"
    if isinstance(document, (dict, list)):
        return Json(write(document))
    return document.written if isinstance(document, Written) else document
