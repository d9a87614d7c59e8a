"""Makes what ships of the detections from their pages in docs/detections; `--check` only says what is out of date."""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.content.pages import PageError  # noqa: E402  behind the path that finds it
from scripts.content.stanzas import made  # noqa: E402  behind the path that finds it


def main() -> int:
    """Write the files that differ; 1 when --check finds one, 2 for a page that is not of the form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when something is out of date")
    only_check = parser.parse_args().check
    try:
        files = made(ROOT)
    except PageError as error:
        print(error, file=sys.stderr)
        return 2
    stale = {path: text for path, text in files.items() if _text(ROOT / path) != text}
    for path, text in stale.items():
        print(f"{path} {'is out of date' if only_check else 'written'}")
        if not only_check:
            (ROOT / path).write_text(text, encoding="utf-8")
    return 1 if stale and only_check else 0


def _text(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
