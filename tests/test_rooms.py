"""The rules between the rooms: who may import whom, and what runs with no more than it is given."""

import ast
import fnmatch
import pathlib
import shutil
import subprocess
import sys

import pytest

from scripts.content import App

PACKAGE = "delegation_watch"
# room: the other rooms it may know
ROOMS = {
    "grants": set(),
    "identity": {"grants"},
    "paths": {"grants", "identity"},
    "response": {"grants", "identity", "sources"},
    "risk": {"grants", "identity"},
    "sources": {"grants", "identity"},
    "splunk": {"grants", "identity"},
}
# module outside the package: the only rooms that may know it; "" stands for the scripts in bin/
HTTP = {"sources", "response", "splunk"}
ONLY_IN = {
    "splunklib": {"splunk", ""},
    **dict.fromkeys(("requests", "urllib3", "msal", "http", "urllib", "socket", "ssl"), HTTP),
}
NEVER = {"workbench", "tests", "scripts"}
ON_INDEXERS = ("delegationgrants.py", "delegationidentities.py")


def module_name(path, root):
    """The dotted name of a file below root; a package's is its folder's."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source, module, is_package=False):
    """The dotted names of all that a source imports, wherever in it, relative ones resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: None if is_package and node.level == 1 else (is_package or 0) - node.level]
            base = ".".join([*(above if node.level else []), *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


def breach(room, name):
    """Why a room ("" for a script in bin/) may not import a dotted name; None when it may."""
    parts = name.split(".")
    if parts[0] in NEVER:
        return f"{name} is never shipped"
    if parts[0] == PACKAGE:
        other = parts[1] if len(parts) > 1 else ""
        if room and other in ROOMS and other != room and other not in ROOMS[room]:
            return f"{room} may not know {other}"
    elif room not in ONLY_IN.get(parts[0], {room}):
        return f"{room or 'a script'} may not know {parts[0]}"
    return None


def files_of(root):
    """Every Python file in bin/, its module's name and its room."""
    for path in App(root).python("bin"):
        module = module_name(path, root / "bin")
        parts = module.split(".")
        yield path, module, parts[1] if len(parts) > 1 else ""


def test_rooms_know_only_the_rooms_below_them(root):
    found = [
        f"{path.relative_to(root)}: {breach(room, name)}"
        for path, module, room in files_of(root)
        for name in imported(path.read_text(encoding="utf-8"), module, path.name == "__init__.py")
        if breach(room, name)
    ]
    assert found == []


def test_every_folder_of_the_package_is_a_room_with_rules(root):
    folders = {path.parent.name for path in (root / "bin" / PACKAGE).glob("*/*.py")}
    assert folders
    assert folders <= set(ROOMS)


def test_the_workbench_never_imports_the_package(root):
    found = [
        f"{path.relative_to(root)}: {name}"
        for path in App(root).python("workbench")
        for name in imported(path.read_text(encoding="utf-8"), module_name(path, root), path.name == "__init__.py")
        if name.split(".")[0] == PACKAGE
    ]
    assert found == []


@pytest.mark.parametrize(
    ("room", "name"),
    [
        ("grants", "delegation_watch.risk.weights"),
        ("identity", "delegation_watch.sources"),
        ("sources", "delegation_watch.splunk"),
        ("risk", "delegation_watch.sources.office"),
        ("grants", "requests"),
        ("risk", "urllib.request"),
        ("sources", "splunklib.client"),
        ("", "requests"),
        ("", "workbench.errors"),
        ("splunk", "tests.helpers"),
    ],
)
def test_an_import_against_the_rules_is_a_breach(room, name):
    assert breach(room, name)


@pytest.mark.parametrize(
    ("room", "name"),
    [
        ("risk", "delegation_watch.grants.rights"),
        ("risk", "delegation_watch.risk.weights"),
        ("", "delegation_watch.sources.office"),
        ("splunk", "splunklib.client"),
        ("", "splunklib.searchcommands"),
        ("sources", "requests"),
        ("grants", "delegation_watch"),
        ("grants", "json"),
    ],
)
def test_an_import_by_the_rules_is_none(room, name):
    assert breach(room, name) is None


@pytest.mark.parametrize(
    ("source", "module", "is_package", "names"),
    [
        ("import a.b", "p.room.module", False, ["a.b"]),
        ("def f():\n    from a import b", "p.room.module", False, ["a.b"]),
        ("from . import b", "p.room.module", False, ["p.room.b"]),
        ("from .c import b", "p.room.module", False, ["p.room.c.b"]),
        ("from ..other import b", "p.room.module", False, ["p.other.b"]),
        ("from .c import b", "p.room", True, ["p.room.c.b"]),
        ("from ..other import b", "p.room", True, ["p.other.b"]),
    ],
)
def test_imports_are_read_with_their_whole_names(source, module, is_package, names):
    assert list(imported(source, module, is_package)) == names


def import_alone(app, files, *beside):
    """Import these files of an app's bin/ as Splunk's Python would, with nothing but lib/ and `beside`; the error."""
    program = (
        "import importlib.util, sys\n"
        "sys.path[:0] = sys.argv[1].split('|')\n"
        "for place, path in enumerate(sys.argv[2:]):\n"
        "    spec = importlib.util.spec_from_file_location(f'file{place}', path)\n"
        "    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
    )
    path = "|".join(map(str, (app / "lib", app / "bin", *beside)))
    alone = [sys.executable, "-S", "-E", "-s", "-B", "-c", program, path]
    done = subprocess.run([*alone, *map(str, files)], capture_output=True, text=True, timeout=600, check=False)
    return done.stderr


def test_all_that_ships_imports_with_the_vendored_libraries_alone(root):
    scripts = sorted((root / "bin").glob("*.py"))
    assert scripts
    splunk = root / "workbench" / "splunkd" / "site"  # what Splunk's own Python has for REST handlers
    assert import_alone(root, scripts, splunk) == ""


def bundle(root, target):
    """What a search head gives the indexers: bin/, and of lib/ what distsearch.conf lists."""
    shutil.copytree(root / "bin", target / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    patterns = App(root).conf("distsearch")["replicationAllowlist"].values()
    for path in (root / "lib").rglob("*.py"):
        name = f"apps/{PACKAGE}/{path.relative_to(root).as_posix()}"
        # In Splunk's patterns * stays within a folder.
        if any(fnmatch.fnmatchcase(name, p) and name.count("/") == p.count("/") for p in patterns):
            copy = target / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return target


def test_commands_that_run_on_indexers_import_with_what_is_replicated(root, tmp_path):
    app = bundle(root, pathlib.Path(tmp_path))
    assert import_alone(app, [app / "bin" / script for script in ON_INDEXERS]) == ""


def test_commands_that_run_on_indexers_fail_without_what_is_replicated(root, tmp_path):
    app = bundle(root, pathlib.Path(tmp_path))
    shutil.rmtree(app / "lib")
    assert "splunklib" in import_alone(app, [app / "bin" / script for script in ON_INDEXERS])
