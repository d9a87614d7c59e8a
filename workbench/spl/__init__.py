"""The search engine of the workbench: SPL over rows, for what the app, its users' first questions and the
oracle need. Whatever is not implemented is refused by name, never guessed.

    result = search('search index=main user=alice | stats count BY action', env)
"""

from workbench.spl.environment import (
    Command,
    Environment,
    Event,
    Lookup,
    Macro,
    SearchInfo,
    Terms,
    Window,
)
from workbench.spl.errors import SearchError
from workbench.spl.pipeline import Result, search
from workbench.spl.values import Row, text

__all__ = [
    "Command",
    "Environment",
    "Event",
    "Lookup",
    "Macro",
    "Result",
    "Row",
    "SearchError",
    "SearchInfo",
    "Terms",
    "Window",
    "search",
    "text",
]
