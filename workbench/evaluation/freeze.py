"""`python -m workbench.evaluation.freeze`: write down what the stories, the labels and the pairs are, as SHA-256.

Since the weights are fitted with the set in sight, nothing of it may change afterwards in silence. Once it is frozen, a
change needs `--because TEXT`: the correction stands in frozen.json for everyone to read, with the files it touched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from workbench.errors import BadInput, WorkbenchError

HERE = Path(__file__).resolve().parent
FROZEN = "frozen.json"


def digests(folder: Path = HERE) -> Dict[str, str]:
    """File of the set, relative to the folder, and the SHA-256 of its text, whatever its line ends."""
    found = [folder / name for name in ("pairs.py", "plot.py", "story.py")] + sorted((folder / "stories").glob("*.py"))
    return {path.relative_to(folder).as_posix(): _digest(path) for path in found}


def changed(folder: Path = HERE) -> List[str]:
    """The files that are not as they were frozen, missing and new ones among them."""
    now, then = digests(folder), _frozen(folder).get("files", {})
    return sorted(name for name in {*now, *then} if now.get(name) != then.get(name))


def freeze(folder: Path = HERE, because: str = "") -> List[str]:
    """Write frozen.json and give the files that changed; BadInput when it exists and the change has no reason."""
    frozen, touched = _frozen(folder), changed(folder)
    corrections = list(frozen.get("corrections", []))
    if frozen and touched:
        if not because:
            raise BadInput(
                f"the set is frozen, and {', '.join(touched)} differ: undo that, or say what fault of a record's "
                "shape is put right with --because TEXT"
            )
        corrections.append({"because": because, "files": touched})
    text = json.dumps({"files": digests(folder), "corrections": corrections}, indent=2)
    (folder / FROZEN).write_text(text + "\n", encoding="utf-8")
    return touched


def main(argv: Optional[List[str]] = None) -> int:
    """0 when it is frozen, 2 when a change has no reason."""
    parser = argparse.ArgumentParser(prog="python -m workbench.evaluation.freeze", description=__doc__)
    parser.add_argument("--because", default="", metavar="TEXT", help="the fault that is put right")
    args = parser.parse_args(argv)
    try:
        touched = freeze(HERE, args.because)
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"frozen: {len(digests())} files, {len(touched)} of them changed")
    return 0


def _frozen(folder: Path) -> Dict[str, Any]:
    path = folder / FROZEN
    found: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _digest(path: Path) -> str:
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    return hashlib.sha256("\n".join(lines).rstrip().encode("utf-8")).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
