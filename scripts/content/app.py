"""The app as the checks see it: its conf files read strictly, and the list of files that ship."""

import pathlib
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

from scripts import build

SPL_KEYS = {
    "eventtypes": {"search"},
    "macros": {"definition"},
    "savedsearches": {"search", "action.notable.param.drilldown_searches"},
}
SCRIPT_CONFS = {"inputs", "commands", "restmap", "alert_actions", "transforms"}


class Setting(NamedTuple):
    """One setting of a conf file as it stands there; a stanza's head is a setting without key."""

    line: int
    stanza: str
    key: str
    value: str


def settings(text: str) -> Iterator[Setting]:
    """The stanzas and settings of a conf file's text, in order; continued lines are joined by a line feed."""
    stanza = ""
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        head = re.fullmatch(r"\[(.*)\]", line.strip())
        if head:
            stanza = head[1]
            yield Setting(number, stanza, "", "")
            continue
        whole = line
        while whole.endswith("\\"):
            whole = whole[:-1] + "\n" + next(lines, (0, ""))[1]
        key, _, value = whole.partition("=")
        yield Setting(number, stanza, key.strip(), value.strip())


class App:
    """The app in the folder root; conf files by name without ending, as in `app.conf("inputs")`."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.confs = sorted(path.stem for path in (root / "default").glob("*.conf"))

    def text(self, path: str) -> str:
        """A file's text, by its path in the app; empty when there is none."""
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def conf(self, name: str) -> Dict[str, Dict[str, str]]:
        """default/<name>.conf: stanza, key, value."""
        stanzas: Dict[str, Dict[str, str]] = {}
        for setting in settings(self.text(f"default/{name}.conf")):
            stanza = stanzas.setdefault(setting.stanza, {})
            if setting.key:
                stanza[setting.key] = setting.value
        return stanzas

    def spl(self) -> Iterator[Tuple[str, str]]:
        """Every text of the app that holds SPL, with where it stands; comments are taken out."""
        for conf, spl_keys in SPL_KEYS.items():
            for stanza, keys in self.conf(conf).items():
                for key in spl_keys & keys.keys():
                    yield f"{conf}.conf [{stanza}] {key}", re.sub(r"(?s)```.*?```", "", keys[key])
        for path in sorted((self.root / "default/data/ui").rglob("*.*ml")):
            yield path.name, path.read_text(encoding="utf-8")

    def python(self, *folders: str) -> Iterator[pathlib.Path]:
        """The Python files in these folders of the repository."""
        for folder in folders:
            yield from sorted((self.root / folder).rglob("*.py"))

    def shipped(self) -> List[pathlib.Path]:
        """The app's own files that ship; lib/ is others' and left out."""
        files: List[pathlib.Path] = []
        for name in build.SHIPPED:
            path = self.root / name
            if name != "lib":
                files.extend(build.contents(path) if path.is_dir() else [path])
        return [path for path in files if path.is_file()]
