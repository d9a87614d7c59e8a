"""The pages of docs/detections: each is one detection, and everything else that is said of it is made from its page.

A page has a title, what the detection finds, a table of settings, and sections: `Search` with the search itself in a
block of code, `What it cannot see`, `Known to be benign`, `How to verify` and `How to respond`. The commands at the
end of a page come from lookups/delegation_watch_response.csv, for the rights that the page's table names.
"""

import csv
import io
import pathlib
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

FOLDER = "docs/detections"
RESPONSE = "lookups/delegation_watch_response.csv"
# Section of a page: the field of the alert that carries it.
SECTIONS = {
    "What it cannot see": "delegation_blind",
    "Known to be benign": "delegation_benign",
    "How to verify": "delegation_verify",
    "How to respond": "delegation_respond",
}
SETTINGS = ("type", "severity", "runs", "mitre", "risk", "headline", "rights")
# What the table of a page may say under `runs`.
NEW_ROWS, WINDOW, STANDING = "every 10 minutes, on new rows", "hourly, over three days", "daily, on what stands"
TYPES = ("TTP", "Anomaly")
SEVERITIES = ("low", "medium", "high", "critical")
PROVIDERS = {"exchange_online": "Exchange Online", "exchange_server": "Exchange Server", "workspace": "Workspace"}
_START, _END = "<!-- commands -->", "<!-- end of commands -->"


class PageError(ValueError):
    """A page that is not of the form; the message names the page and what to change."""


class Page(NamedTuple):
    """One detection as its page tells it; `sections` by their headings, as Markdown."""

    name: str
    title: str
    finds: str
    settings: Dict[str, str]
    search: str
    sections: Dict[str, str]

    @property
    def rule(self) -> str:
        """The name of its saved search."""
        return f"Delegation Watch - {self.title} - Rule"

    @property
    def techniques(self) -> List[str]:
        """The techniques of MITRE ATT&CK, the one that the app is about first."""
        return re.findall(r"T\d{4}(?:\.\d{3})?", self.settings["mitre"])

    @property
    def risk(self) -> List[Tuple[str, int]]:
        """(actor, grantee or mailbox, points) of each risk object."""
        found = re.findall(r"(actor|grantee|mailbox) (\d+)", self.settings["risk"])
        return [(who, int(points)) for who, points in found]


def case_folder(name: str) -> str:
    """The name of a search's page and of its folder in tests/cases: small letters and underscores."""
    middle = re.sub("^Delegation Watch - | - Rule$", "", name)
    return re.sub(r"\W+", "_", middle.lower()).strip("_")


def pages(root: pathlib.Path) -> List[Page]:
    """All pages, by name; PageError for the first that is not of the form."""
    paths = sorted((root / FOLDER).glob("*.md"))
    return [read_page(path.stem, path.read_text(encoding="utf-8")) for path in paths if path.stem != "README"]


def read_page(name: str, text: str) -> Page:
    """One page; PageError when something is missing or not of the form."""
    head, *rest = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    sections = {title.strip(): body.partition(_START)[0].strip() for title, body in zip(rest[::2], rest[1::2])}
    title = re.match(r"# (.+)\n", head)
    rows = dict(re.findall(r"^\| (\w+) \| (.+?) \|$", head, flags=re.MULTILINE))
    search = re.fullmatch(r"```\n(.+)\n```", sections.pop("Search", ""), flags=re.DOTALL)
    if not title or not search:
        raise PageError(f"{FOLDER}/{name}.md: it needs a title and a section Search with one block of code")
    finds = flat(head[title.end() : head.index("\n|") if "\n|" in head else None])
    page = Page(name, title[1].strip(), finds, rows, search[1], sections)
    faults = list(_faults(page))
    if faults:
        raise PageError(f"{FOLDER}/{name}.md: {'; '.join(faults)}")
    return page


def _faults(page: Page) -> Iterator[str]:
    if case_folder(page.rule) != page.name:
        yield f"its name should be {case_folder(page.rule)}.md, after its title"
    if not page.finds:
        yield "nothing between title and table says what it finds"
    for key in SETTINGS:
        if not page.settings.get(key):
            yield f"the table has no line {key}"
    for key, allowed in (("type", TYPES), ("severity", SEVERITIES), ("runs", (NEW_ROWS, WINDOW, STANDING))):
        if page.settings.get(key, allowed[0]) not in allowed:
            yield f"{key} is {page.settings[key]!r} and should be one of: {'; '.join(allowed)}"
    if page.settings.get("mitre") and page.techniques[:1] != ["T1098.002"]:
        yield "mitre names the techniques, T1098.002 first"
    if not page.risk if page.settings.get("risk") else False:
        yield "risk names no object: actor, grantee or mailbox, each with its points"
    for section in SECTIONS:
        if not page.sections.get(section):
            yield f"there is no section {section}"


def flat(markdown: str) -> str:
    """Markdown as one paragraph of plain text."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)
    text = re.sub(r"^\s*(?:-|\d+\.)\s+", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"\*\*|`", "", text).split())


class Response(NamedTuple):
    """How a right is taken back, and how that is undone, on one platform."""

    right: str
    provider: str
    revoke: str
    undo: str


def responses(root: pathlib.Path) -> List[Response]:
    """The lines of the table of commands."""
    text = (root / RESPONSE).read_text(encoding="utf-8")
    return [Response(**row) for row in csv.DictReader(io.StringIO(text))]


def with_commands(text: str, page: Page, table: List[Response]) -> str:
    """The page's text with the commands for its rights at its end, in place of those that are there."""
    rights = page.settings["rights"].split()
    lines = [line for right in rights for line in table if line.right == right]
    body = text.partition(_START)[0].rstrip()
    blocks = (
        f"`{line.right}`, {PROVIDERS[line.provider]}:\n\n```\n# revoke\n{line.revoke}\n# undo\n{line.undo}\n```\n"
        for line in lines
    )
    return f"{body}\n\n{_START}\n\n" + "\n".join(blocks) + f"\n{_END}\n"
