"""What spath reads: JSON and XML by path, and all paths of a document at once."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional
from xml.etree import ElementTree

from workbench.spl.documents import plain, reach, read, steps
from workbench.spl.errors import SearchError
from workbench.spl.values import Json, one_or_many, text

_XML_STEP = re.compile(r"([^.{}]+)|\{(?:(\d+)|@([^{}]+)|)\}|\.")
CUTOFF = 5000
Found = Dict[str, List[Any]]


def _xml(written: str) -> Optional[ElementTree.Element]:
    try:
        return ElementTree.fromstring(written)  # noqa: S314 - the test bench's own events
    except ElementTree.ParseError:
        return None


def extract_path(written: str, path: str) -> Any:
    """The value or values at a path of a JSON or XML text; null when there is none."""
    if written.lstrip()[:1] == "<":
        root = _xml(written)
        return None if root is None else one_or_many(_reach_xml(root, path))
    parsed = read(written)
    if parsed is None or not isinstance(parsed[0], (dict, list)):
        return None
    # A path that names an array without {} means the array itself.
    found = [plain(item) for item in reach(parsed[0], steps(path))]
    if any(isinstance(item, Json) and item not in written for item in found):
        raise SearchError(f"How spath writes what is at '{path}', which has white space, is not implemented.")
    return one_or_many([item for item in found if item is not None])


def _reach_xml(root: ElementTree.Element, path: str) -> List[str]:
    holder = ElementTree.Element("")
    holder.append(root)
    here = [holder]
    for match in _XML_STEP.finditer(path):
        key, place, attribute = match.groups()
        if attribute is not None:
            return [item.attrib[attribute] for item in here if attribute in item.attrib]
        if key is not None:
            here = [child for item in here for child in item if child.tag == key]
        elif place is not None:
            here = here[int(place) - 1 : int(place)]
    return [_inner(item) for item in here]


def _inner(item: ElementTree.Element) -> str:
    if not len(item):
        return (item.text or "").strip()
    children = "".join(ElementTree.tostring(child, encoding="unicode") for child in item)
    return ((item.text or "") + children).strip()


def extract_all(written: str) -> Dict[str, Any]:
    """Every leaf of the first 5,000 bytes of a JSON or XML text, by path; arrays are named with `{}`.

    The cut is limits.conf's `[spath] extraction_cutoff`; of XML beyond it nothing is read.
    """
    found: Found = {}
    data = written.encode()
    if len(data) > CUTOFF:
        written = _closed(data[:CUTOFF].decode(errors="ignore"))
    if written.lstrip()[:1] == "<":
        root = _xml(written)
        if root is not None:
            _walk_xml(root, root.tag, found)
    else:
        parsed = read(written)
        if parsed is not None and isinstance(parsed[0], (dict, list)):
            _walk(parsed[0], "", found)
    return {name: one_or_many(values) for name, values in found.items()}


def _closed(cut: str) -> str:
    """A JSON text that was cut off, without its last, incomplete member and with its brackets closed."""
    open_brackets: List[str] = []
    complete = ("", "")
    quoted = escaped = False
    for place, char in enumerate(cut):
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            open_brackets.append("]" if char == "[" else "}")
            complete = (cut[: place + 1], "".join(reversed(open_brackets)))
        elif char in "]}" and open_brackets:
            open_brackets.pop()
            complete = (cut[: place + 1], "".join(reversed(open_brackets)))
        elif char == ",":
            complete = (cut[:place], "".join(reversed(open_brackets)))
    return "".join(complete)


def _walk(document: Any, path: str, found: Found) -> None:
    if isinstance(document, dict):
        for key, value in document.items():
            _walk(value, f"{path}.{key}" if path else key, found)
    elif isinstance(document, list):
        for value in document:
            _walk(value, path + "{}", found)
    else:
        found.setdefault(path, []).append("null" if document is None else text(plain(document)))


def _walk_xml(item: ElementTree.Element, path: str, found: Found) -> None:
    for name, value in item.attrib.items():
        found.setdefault(f"{path}{{@{name}}}", []).append(value)
    own = (item.text or "").strip()
    if own:
        found.setdefault(path, []).append(own)
    for child in item:
        _walk_xml(child, f"{path}.{child.tag}", found)

