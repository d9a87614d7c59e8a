"""Checks of names: what one file names, another defines, and nothing is defined for nobody."""

import re
from typing import Dict, Iterator, List, Tuple

from scripts.content.app import SCRIPT_CONFS, App, settings

# Macros that people's own searches are meant to use, though nothing in the app does.
EXPORTED_MACROS: Tuple[str, ...] = ("delegation_watch_changes", "delegation_watch_state")
PYTHON = {"python.version": "python3", "python.required": "3.13, 3.9"}
# Settings of any input that Splunk itself documents.
INPUT_SETTINGS = {"disabled", "host", "index", "interval", "python.version", "source", "sourcetype"}
# conf: what its stanzas' names start with; a name without our prefix may be another app's.
PREFIXES = {
    "collections": "delegation_watch",
    "commands": "delegation",
    "eventtypes": "delegation_watch",
    "inputs": "delegation_",
    "macros": "delegation_watch",
    "props": "source::",
    "savedsearches": "Delegation Watch - ",
    "tags": "eventtype=delegation_watch",
    "transforms": "delegation_watch",
    "workflow_actions": "delegation_watch",
}


def macro_calls(spl: str) -> Iterator[str]:
    """The macros a text calls, named as in macros.conf: `name` or `name(2)` by the number of arguments."""
    for name, arguments in re.findall(r"`([\w.:-]+)(?:\((.*?)\))?`", spl, flags=re.DOTALL):
        quoted = re.sub(r'\\?"(?:[^"\\]|\\[^"])*\\?"', "", arguments)
        yield f"{name}({quoted.count(',') + 1})" if arguments else name


def macros_are_defined_and_used(app: App) -> Iterator[str]:
    """Every macro that is called exists with that many arguments, and every one that exists is called."""
    defined = set(app.conf("macros"))
    called = {(where, name) for where, spl in app.spl() for name in macro_calls(spl)}
    for where, name in sorted(called):
        if name not in defined:
            yield f"{where}: macro {name} is not defined"
    elsewhere = "".join(path.read_text(encoding="utf-8") for path in app.python("bin", "workbench"))
    used = {name for _, name in called} | set(macro_calls(elsewhere)) | set(EXPORTED_MACROS)
    for name in sorted(defined - used):
        yield f"macros.conf [{name}]: nothing uses it; EXPORTED_MACROS names those for people's own searches"


def lookup_names(app: App) -> Iterator[Tuple[str, str]]:
    """Every lookup that searches and props name, with where."""
    for where, spl in app.spl():
        for name in re.findall(r"\b(?:input|output)?lookup\s+(?:\w+=\S+\s+)*([\w.]+)(?![\w.]*\s*=)", spl):
            yield where, name
    for stanza, keys in app.conf("props").items():
        for key, value in keys.items():
            if key.startswith("LOOKUP-"):
                yield f"props.conf [{stanza}] {key}", value.split()[0]


def lookups_have_their_tables(app: App) -> Iterator[str]:
    """Every lookup is defined, with a file or collection that exists; no file or collection is left over."""
    transforms = app.conf("transforms")
    for where, name in lookup_names(app):
        if name not in transforms:
            yield f"{where}: lookup {name} is not defined in transforms.conf"
    files = {path.name for path in (app.root / "lookups").glob("*") if not path.name.startswith(".")}
    collections = set(app.conf("collections"))
    for kind, present in (("filename", files), ("collection", collections)):
        wanted = {keys[kind]: stanza for stanza, keys in transforms.items() if kind in keys}
        for name in sorted(wanted.keys() - present):
            yield f"transforms.conf [{wanted[name]}]: {kind} {name} does not exist"
        code = "".join(path.read_text(encoding="utf-8") for path in app.python("bin"))
        for name in sorted(present - wanted.keys()):
            if f'"{name}"' not in code:
                yield f"{name}: nothing uses this {kind}"


def transforms_are_defined(app: App) -> Iterator[str]:
    """Every REPORT- and TRANSFORMS- of props.conf names a stanza of transforms.conf."""
    transforms = app.conf("transforms")
    for stanza, keys in app.conf("props").items():
        for key, value in keys.items():
            if key.startswith(("REPORT-", "TRANSFORMS-")):
                for name in re.split(r"[,\s]+", value):
                    if name not in transforms:
                        yield f"props.conf [{stanza}] {key}: {name} is not in transforms.conf"


def scripts_of(app: App) -> Dict[Tuple[str, str], str]:
    """(conf, stanza) of everything that starts a script, and the script's name in bin/."""
    found = {}
    for conf in sorted(SCRIPT_CONFS):
        for stanza, keys in app.conf(conf).items():
            script = keys.get("filename" if conf == "commands" else "script", "")
            script = keys.get("alert.execute.cmd", keys.get("external_cmd", script)).split(" ")[0]
            if conf == "inputs" and stanza != "default":
                script = stanza.partition("://")[0] + ".py"
            if script:
                found[conf, stanza] = script
    return found


def scripts_exist(app: App) -> Iterator[str]:
    """Every script that a conf names is in bin/, and every script in bin/ is named by a conf."""
    named = scripts_of(app)
    present = {path.name for path in (app.root / "bin").glob("*.py")}
    for (conf, stanza), script in named.items():
        if script not in present:
            yield f"{conf}.conf [{stanza}]: bin/{script} does not exist"
    for script in sorted(present - set(named.values())):
        yield f"bin/{script}: no conf file starts it"


def scripts_say_their_python(app: App) -> Iterator[str]:
    """Splunk 9 and 10.0 read python.version, later ones python.required; each script stanza has both."""
    for conf, stanza in scripts_of(app):
        keys = app.conf(conf)[stanza]
        if "://" not in stanza:
            for key, value in PYTHON.items():
                if keys.get(key) != value:
                    yield f"{conf}.conf [{stanza}]: {key} = {value} is missing"


def spec(app: App, conf: str) -> List[str]:
    """The settings that README/<conf>.conf.spec describes."""
    return [setting.key for setting in settings(app.text(f"README/{conf}.conf.spec")) if setting.key]


def settings_are_specified(app: App) -> Iterator[str]:
    """Every setting of our own that Splunk's spec files do not know is in one of ours."""
    for conf in app.confs:
        own = conf.startswith("delegation_watch")
        known = set(spec(app, conf)) | INPUT_SETTINGS
        for stanza, keys in app.conf(conf).items():
            for key in keys:
                if (own or conf == "inputs" or key == "python.required") and key not in known:
                    yield f"{conf}.conf [{stanza}]: README/{conf}.conf.spec does not describe {key}"


def names_are_ours(app: App) -> Iterator[str]:
    """Names that the whole Splunk sees start with our prefix; other add-ons' sourcetypes are left alone."""
    for conf, prefix in PREFIXES.items():
        for stanza in app.conf(conf):
            if not stanza.startswith(prefix) or (conf == "props" and "delegation_" not in stanza):
                yield f"{conf}.conf [{stanza}]: the name should start with {prefix}"


REFERENCES = (
    macros_are_defined_and_used,
    lookups_have_their_tables,
    transforms_are_defined,
    scripts_exist,
    scripts_say_their_python,
    settings_are_specified,
    names_are_ours,
)
