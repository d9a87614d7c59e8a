"""What must hold for the app's content, its conf files, searches and shipped files, whoever writes them.

A check takes the app and gives its faults, one line each. It runs no search and no script.
"""

from typing import Callable, Dict, Iterator

from scripts.content.app import App
from scripts.content.files import FILES
from scripts.content.references import REFERENCES
from scripts.content.searches import SEARCHES

Check = Callable[[App], Iterator[str]]

CHECKS: Dict[str, Check] = {
    check.__name__: check for checks in (REFERENCES, SEARCHES, FILES) for check in checks
}

__all__ = ["CHECKS", "App", "Check"]
