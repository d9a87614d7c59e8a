"""The app's views and its navigation, read from default/data/ui as Splunk Web reads them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from workbench.errors import BadInput

FOLDER = Path("default", "data", "ui", "views")
NAV = Path("default", "data", "ui", "nav", "default.xml")
# The pages that each Splunk app has without a view of its own.
BUILT_IN = {"search": "Search", "reports": "Reports", "alerts": "Alerts", "dashboards": "Dashboards"}


@dataclass(frozen=True)
class View:
    """One view. A dashboard of Dashboard Studio has a `definition`; a Simple XML page has `html` and files to load.

    `scripts` and `styles` are names in appserver/static.
    """

    name: str
    label: str
    theme: str = "light"
    definition: Optional[Dict[str, Any]] = None
    html: str = ""
    scripts: Sequence[str] = ()
    styles: Sequence[str] = ()


@dataclass(frozen=True)
class Link:
    """One entry of the navigation; `children` for a menu."""

    view: str
    label: str
    default: bool = False
    children: Sequence[Link] = ()


def views(app_dir: Path) -> Dict[str, View]:
    """All views by name; BadInput for the first that cannot be read."""
    return {path.stem: read(path) for path in sorted((app_dir / FOLDER).glob("*.xml"))}


def read(path: Path) -> View:
    """One view; BadInput when it is neither a Studio dashboard nor a Simple XML page of html panels."""
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - the app's own file
    except ET.ParseError as error:
        raise BadInput(f"{path.name}: no XML ({error})") from error
    label = root.findtext("label") or path.stem
    if root.tag == "dashboard" and root.get("version") == "2":
        return View(path.stem, label, root.get("theme") or "light", _definition(path, root.findtext("definition")))
    if root.tag in ("dashboard", "form"):
        return _page(path, root, label)
    raise BadInput(f"{path.name}: a <{root.tag}> is not simulated")


def _definition(path: Path, text: Optional[str]) -> Dict[str, Any]:
    try:
        found = json.loads(text or "")
    except ValueError as error:
        raise BadInput(f"{path.name}: its <definition> is no JSON ({error})") from error
    if not isinstance(found, dict):
        raise BadInput(f"{path.name}: its <definition> is no JSON object")
    return found


def _page(path: Path, root: ET.Element, label: str) -> View:
    """A page of html panels; whatever else Simple XML has is refused, since nothing here draws it."""
    parts: List[str] = []
    for row in root.findall("row"):
        for panel in row:
            other = next((each.tag for each in panel if each.tag not in ("html", "title")), None)
            if panel.tag != "panel" or other:
                raise BadInput(f"{path.name}: <{other or panel.tag}> in a row is not simulated, only panels of html")
            parts.extend(_inner(html) for html in panel.findall("html"))
    names = ("script", "stylesheet")
    scripts, styles = ([name.strip() for name in (root.get(key) or "").split(",") if name.strip()] for key in names)
    return View(path.stem, label, root.get("theme") or "light", None, "\n".join(parts), scripts, styles)


def _inner(element: ET.Element) -> str:
    """The markup inside an element, as HTML, so that an empty element keeps its end."""
    inside = "".join(ET.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + inside


def navigation(app_dir: Path) -> List[Link]:
    """The entries of the app's navigation; BadInput for an entry that names no view."""
    known = views(app_dir)
    path = app_dir / NAV
    if not path.is_file():
        return [Link(name, view.label, not place) for place, (name, view) in enumerate(known.items())]
    return _links(ET.parse(path).getroot(), known)  # noqa: S314 - the app's own file


def _links(parent: ET.Element, known: Dict[str, View]) -> List[Link]:
    found: List[Link] = []
    for entry in parent:
        if entry.tag == "collection":
            found.append(Link("", entry.get("label") or "", False, _links(entry, known)))
        elif entry.tag == "view":
            name = entry.get("name") or ""
            if name not in known and name not in BUILT_IN:
                raise BadInput(f"{NAV.name}: there is no view {name}")
            label = known[name].label if name in known else BUILT_IN[name]
            found.append(Link(name, label, entry.get("default") == "true"))
        else:
            raise BadInput(f"{NAV.name}: <{entry.tag}> is not simulated")
    return found


def start_page(links: List[Link]) -> str:
    """The view that the app opens with."""
    flat = [link for entry in links for link in (entry.children or [entry])]
    chosen = [link for link in flat if link.default] or flat
    return chosen[0].view if chosen else ""
