"""Reading and writing .conf files: stanzas, continuations, the default stanza, default/ below local/."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Dict, List, Optional

from workbench.errors import BadInput

Stanzas = Dict[str, Dict[str, str]]

DEFAULT = "default"
_HEADER = re.compile(r"\[(.*)\]\s*$")
_LINE_END = re.compile(r"\r\n|\n|\r")
_TRUE = ("1", "true", "t", "yes", "y")


def true(value: str) -> bool:
    """Whether a setting is switched on: 1, t, true, y or yes, in any case."""
    return value.strip().lower() in _TRUE


def parse(text: str, where: str) -> Stanzas:
    """Stanzas of one file, in file order; keys in front of the first header belong to `default`.

    A repeated stanza or key adds to or replaces the earlier one. Continued lines keep their line break.
    Raises BadInput, naming `where` and the line, for a line that is neither header, setting nor comment.
    """
    stanzas: Stanzas = {}
    stanza = DEFAULT
    lines = iter(enumerate(_LINE_END.split(text.lstrip("\ufeff")), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        header = _HEADER.match(line.strip())
        if header:
            stanza = header.group(1)
            stanzas.setdefault(stanza, {})
            continue
        key, mark, value = line.partition("=")
        if not mark or not key.strip():
            raise BadInput(f"{where}:{number}: neither a [stanza] nor a setting: {line.strip()[:80]}")
        parts = [value]
        while parts[-1].endswith("\\"):
            parts[-1] = parts[-1][:-1]
            parts.append(next(lines, (0, ""))[1])
        stanzas.setdefault(stanza, {})[key.strip()] = "\n".join(parts).strip()
    return stanzas


def render(stanzas: Stanzas) -> str:
    """The text of a .conf file; `parse` reads back what was given. BadInput for a value that a file cannot hold."""
    blocks: List[str] = []
    for name, settings in stanzas.items():
        bad = next((key for key, value in settings.items() if value.endswith("\\")), None)
        if bad is not None:
            raise BadInput(f"[{name}] {bad}: a value cannot end in a backslash, which continues the line")
        lines = [f"[{name}]"]
        lines += ["{} = {}".format(key, value.replace("\n", "\\\n")) for key, value in settings.items()]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old or the new content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}.new")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)


class Conf:
    """The .conf files of one app: its default/ folder, and a local layer above it.

    `local` may lie outside the app, so that an app's checkout is never written to. `below` gives the layers under
    the local one in place of default/: those that a user's private settings lie above.
    """

    def __init__(self, app_dir: Path, local: Optional[Path] = None, below: Optional[Conf] = None):
        self.app_dir = Path(app_dir)
        self.local = Path(local) if local is not None else self.app_dir / "local"
        self._below = below
        self._layered: Dict[str, Stanzas] = {}
        self._cache: Dict[str, Stanzas] = {}

    @property
    def _default(self) -> Path:
        return self.app_dir / "default"

    def names(self) -> List[str]:
        """Names of the .conf files in any layer, without the ending."""
        below = self._below.names() if self._below else [path.stem for path in self._default.glob("*.conf")]
        return sorted({*below, *(path.stem for path in self.local.glob("*.conf"))})

    def private(self, local: Path) -> Conf:
        """These settings with a further layer above them, as a user sees them who has private ones."""
        return Conf(self.app_dir, local, self)

    def own(self, conf: str, stanza: str) -> bool:
        """Whether the local layer itself has the stanza."""
        return stanza in self._layer(self.local, conf)

    def layered(self, conf: str) -> Stanzas:
        """All stanzas as written, the local layer over the shipped one; `default` is one of them."""
        if conf not in self._layered:
            below = self._below.layered(conf) if self._below else self._layer(self._default, conf)
            merged = {name: dict(settings) for name, settings in below.items()}
            for name, settings in self._layer(self.local, conf).items():
                merged.setdefault(name, {}).update(settings)
            self._layered[conf] = merged
        return self._layered[conf]

    def stanzas(self, conf: str) -> Stanzas:
        """All stanzas with the `default` one folded in; an absent file has none."""
        if conf not in self._cache:
            layered = self.layered(conf)
            base = layered.get(DEFAULT, {})
            self._cache[conf] = {
                name: {**base, **settings} for name, settings in layered.items() if name != DEFAULT
            }
        return self._cache[conf]

    def stanza(self, conf: str, name: str) -> Optional[Dict[str, str]]:
        """One stanza, or None."""
        return self.stanzas(conf).get(name)

    def set(self, conf: str, stanza: str, key: str, value: str) -> None:
        """Write one setting to the local layer."""
        self.update(conf, stanza, {key: value})

    def update(self, conf: str, stanza: str, settings: Dict[str, str]) -> None:
        """Write settings of one stanza to the local layer, making the stanza when it is new."""
        layer = self._layer(self.local, conf)
        layer.setdefault(stanza, {}).update(settings)
        self._write(conf, layer)

    def remove(self, conf: str, stanza: str) -> bool:
        """Drop a stanza from the local layer; False when it is not there (shipped ones stay, as in Splunk)."""
        layer = self._layer(self.local, conf)
        if layer.pop(stanza, None) is None:
            return False
        self._write(conf, layer)
        return True

    def _write(self, conf: str, layer: Stanzas) -> None:
        write_whole(self.local / f"{conf}.conf", render(layer))
        self._layered.pop(conf, None)
        self._cache.pop(conf, None)

    @staticmethod
    def _layer(folder: Path, conf: str) -> Stanzas:
        path = folder / f"{conf}.conf"
        if not path.is_file():
            return {}
        try:
            return parse(path.read_bytes().decode("utf-8"), path.name)
        except UnicodeDecodeError as error:
            raise BadInput(f"{path}: not UTF-8 text") from error
