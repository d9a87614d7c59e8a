"""Checks of the files themselves: their form, what may not ship, versions that agree, code Splunk can run."""

import ast
import json
import re
import struct
from collections import Counter
from typing import Any, Dict, Iterator, Optional, Pattern, Tuple

from scripts.content.app import App, settings

# What no text that ships may hold. AppInspect warns of each address, and sees neither of the others.
UNSHIPPABLE = {
    "an address": re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE KEY"),
    "an unfinished merge": re.compile("^(<<<<<<<|>>>>>>>) ", re.MULTILINE),
}
# What no code that ships may do. AppInspect no longer sees it once lib/ carries requests.
UNSAFE = {
    "TLS is not verified": re.compile(
        r"\b(verify|check_hostname)\s*=\s*False|CERT_NONE|_create_unverified_context"
    ),
    "a shell is started": re.compile(r"\bshell\s*=\s*True|os\.system|os\.popen"),
    "an address without TLS": re.compile(r"[\"']http://"),
}
ICONS = {
    "static/appIcon.png": 36,
    "static/appIcon_2x.png": 72,
    "static/appIconAlt.png": 36,
    "static/appIconAlt_2x.png": 72,
    "appserver/static/appIcon.png": 36,
}
VERSIONS = {
    "app.manifest": r'"name": "delegation_watch",\s*"version": "([^"]*)"',
    "default/app.conf [id]": r"\[id\][^\[]*?\nversion = (\S+)",
    "default/app.conf [launcher]": r"\[launcher\][^\[]*?\nversion = (\S+)",
    "pyproject.toml": r'\nversion = "([^"]*)"',
    "CHANGELOG.md": r"\n## \[(\d[^\]]*)\]",
    "bin/delegation_watch/__init__.py": r'\n__version__ = "([^"]*)"',
}


def conf_files_are_well_formed(app: App) -> Iterator[str]:
    """Each setting stands once, below a stanza that stands once; no blank hides a continuation."""
    for conf in app.confs:
        text = app.text(f"default/{conf}.conf")
        found = list(settings(text))
        for (stanza, key), count in Counter((setting.stanza, setting.key) for setting in found).items():
            if count > 1:
                yield f"{conf}.conf [{stanza}] {key}: stands {count} times"
            if stanza in ("", "default"):
                yield f"{conf}.conf: {key or stanza} would hold for every other app too"
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\\[ \t]+$", line):
                yield f"{conf}.conf line {number}: blanks after the backslash end the setting"


def shipped_texts(app: App) -> Iterator[Tuple[str, str]]:
    """Path and text of every text file that ships."""
    for path in app.shipped():
        if path.suffix != ".png":
            yield path.relative_to(app.root).as_posix(), path.read_text(encoding="utf-8")


def nothing_ships_that_may_not(app: App) -> Iterator[str]:
    """No network address, no private key, no mark of an unfinished merge."""
    for name, text in shipped_texts(app):
        yield from hits(name, text, UNSHIPPABLE)


def hits(name: str, text: str, patterns: Dict[str, Pattern[str]]) -> Iterator[str]:
    """Where a text holds what a pattern describes."""
    for what, pattern in patterns.items():
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name} line {line}: {what} ({match[0]})"


def icons_have_their_sizes(app: App) -> Iterator[str]:
    """Splunk's five icons are PNGs, 36 pixels a side or 72."""
    for name, side in ICONS.items():
        path = app.root / name
        data = path.read_bytes() if path.is_file() else b""
        if data[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", data[16:24]) != (side, side):
            yield f"{name}: is no PNG of {side} x {side} pixels"


def found_version(app: App, place: str) -> Optional[str]:
    """The version that one place states."""
    match = re.search(VERSIONS[place], "\n" + app.text(place.split(" ")[0]))
    return match[1] if match else None


def versions_agree(app: App) -> Iterator[str]:
    """One version, of three numbers, in all the places that state it; the changelog's is its newest."""
    stated = {place: found_version(app, place) for place in VERSIONS}
    wanted = stated["app.manifest"]
    if not re.fullmatch(r"\d+\.\d+\.\d+", wanted or ""):
        yield f"app.manifest: its version is {wanted}, not three numbers"
    for place, version in stated.items():
        if version != wanted:
            yield f"{place}: its version is {version}, app.manifest's is {wanted}"


def manifest_matches(app: App) -> Iterator[str]:
    """app.manifest is JSON and names the app as app.conf does; AppInspect looks at neither."""
    try:
        info: Dict[str, Any] = json.loads(app.text("app.manifest"))["info"]
    except (ValueError, KeyError) as wrong:
        yield f"app.manifest: {wrong!r}"
        return
    conf = app.conf("app")
    names = {conf.get("package", {}).get("id"), conf.get("id", {}).get("name"), info["id"]["name"]}
    if len(names) != 1:
        yield f"app.manifest and app.conf name the app differently: {names}"
    if info["title"] != conf.get("ui", {}).get("label"):
        yield "app.manifest's title is not app.conf's label"


def python_runs_on_39(app: App) -> Iterator[str]:
    """All Python of ours is in the dialect of the oldest Python that Splunk runs apps with."""
    for path in app.python("bin", "workbench", "scripts", "tests"):
        try:
            ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
        except SyntaxError as wrong:
            yield f"{path.relative_to(app.root).as_posix()} line {wrong.lineno}: {wrong.msg}"


def shipped_code_is_safe(app: App) -> Iterator[str]:
    """Nothing in bin/ leaves TLS unverified, starts a shell or speaks plain HTTP."""
    for name, text in shipped_texts(app):
        if name.endswith(".py"):
            yield from hits(name, text, UNSAFE)


def rights_are_narrow(app: App) -> Iterator[str]:
    """default.meta lets admin and sc_admin write, both, and nobody else."""
    stanzas: Dict[str, Dict[str, str]] = {}
    for setting in settings(app.text("metadata/default.meta")):
        stanzas.setdefault(setting.stanza, {})[setting.key] = setting.value
    if "access" not in stanzas.get("", {}):
        yield "metadata/default.meta: the stanza [] has no access"
    for stanza, keys in stanzas.items():
        if not keys.get("access", "write : [ admin, sc_admin ]").endswith("write : [ admin, sc_admin ]"):
            yield f"metadata/default.meta [{stanza}]: write is for admin and sc_admin"


FILES = (
    conf_files_are_well_formed,
    nothing_ships_that_may_not,
    icons_have_their_sizes,
    versions_agree,
    manifest_matches,
    python_runs_on_39,
    shipped_code_is_safe,
    rights_are_narrow,
)
