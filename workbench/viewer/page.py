"""The HTML around a view: a bar with the app's navigation, and what a dashboard or a Simple XML page is loaded by."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, Dict, Iterable, List, Tuple
from urllib.parse import urlencode

from workbench.viewer.views import Link, View

_TEMPLATE = (Path(__file__).resolve().parent / "page.html").read_text(encoding="utf-8")
_THEMES = {"light": "dark", "dark": "light"}


def page(
    view: View, params: Dict[str, str], links: List[Link], config: Dict[str, Any], app: str, app_label: str
) -> str:
    """The whole page; `?theme=` takes the place of the view's own theme."""
    theme = params.get("theme", view.theme)
    theme = theme if theme in _THEMES else view.theme
    other = _THEMES[theme]
    head, body = _studio() if view.definition is not None else _simple(view, app)
    return _TEMPLATE.format(
        theme=theme,
        label=escape(view.label),
        name=escape(view.name),
        app=escape(app),
        app_label=escape(app_label),
        kind="studio" if view.definition is not None else "simple",
        config=json.dumps(config).replace("<", "\\u003c"),
        links=_bar(links, view.name, app, theme),
        other=escape("?" + urlencode({**params, "theme": other})),
        other_theme=f"{other.capitalize()} theme",
        head=head,
        body=body,
    )


def _studio() -> Tuple[str, str]:
    head = '<link rel="stylesheet" href="/viewer/main.css">'
    return head, '<div id="root"></div><script src="/viewer/main.js"></script>'


def _simple(view: View, app: str) -> Tuple[str, str]:
    """As Splunk Web does, scripts are loaded by RequireJS, so that one which calls define() without a name breaks."""
    static = f"/static/app/{app}/"
    head = "".join(f'<link rel="stylesheet" href="{static}{escape(name)}">' for name in view.styles)
    scripts = json.dumps([static + name for name in view.scripts]).replace("<", "\\u003c")
    load = f'<script src="/viewer/require.js"></script><script>require({scripts});</script>'
    title = f'<div class="dashboard-header"><h2>{escape(view.label)}</h2></div>'
    return head, f'{title}<div class="dashboard-body">{view.html}</div>{load}'


def _bar(links: Iterable[Link], current: str, app: str, theme: str) -> str:
    flat = [link for entry in links for link in (entry.children or [entry])]
    return "".join(
        f'<a href="/en-US/app/{app}/{escape(link.view)}?theme={theme}"'
        f'{" aria-current=page" if link.view == current else ""}>{escape(link.label)}</a>'
        for link in flat
    )
