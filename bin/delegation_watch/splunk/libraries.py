"""The app's own libraries in a process that is shared with other apps, as splunkd's for REST handlers is.

Whoever imports splunklib or requests first there has it kept in sys.modules for all. Source: restmap.conf.spec, driver:
"Endpoints that share the same driver configuration can share processes."
"""

import sys
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Dict, Iterator


@contextmanager
def own_libraries(folder: str) -> Iterator[None]:
    """While this lasts, what `folder` holds is imported from there; afterwards other apps find theirs again."""
    sys.path.insert(0, folder)
    names = {path.stem for path in Path(folder).iterdir()}
    others: Dict[str, ModuleType] = {
        name: module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in names and not str(getattr(module, "__file__", None) or "").startswith(folder)
    }
    for name in others:
        del sys.modules[name]
    try:
        yield
    finally:
        shared = {name.partition(".")[0] for name in others}
        for name in [name for name in sys.modules if name.partition(".")[0] in shared]:
            del sys.modules[name]
        sys.modules.update(others)
