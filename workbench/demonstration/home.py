"""The folder that a run works in: made afresh, and never in place of anything that is not a demo's."""

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from workbench.errors import BadInput

_MARK = ".delegation_watch_demo"


@contextmanager
def fresh(home: Path, keep: bool) -> Iterator[Path]:
    """The folder, empty but for a mark; removed in the end unless it is to be kept.

    BadInput when something stands there that no demo made, or when it cannot be made.
    """
    foreign = home.is_symlink() or home.is_file() or (home.is_dir() and any(home.iterdir()))
    if foreign and not (home / _MARK).is_file():
        raise BadInput(f"--home {home}: holds something that is not an earlier demo; name an empty or a new folder")
    try:
        if home.is_dir():
            shutil.rmtree(home)
        home.mkdir(parents=True)
        (home / _MARK).touch()
    except OSError as error:
        raise BadInput(f"--home {home}: cannot be made ({error.strerror})") from error
    try:
        yield home
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
