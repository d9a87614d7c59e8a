"""The report as one HTML file: nothing loaded, no script, readable in light, dark and on paper."""

import os
import tempfile
from html import escape
from pathlib import Path
from typing import List

from workbench.errors import BadInput
from workbench.report.coverage import gaps
from workbench.report.ranking import Finding, clean, utc
from workbench.report.reading import Reading
from workbench.report.terminal import file_lines, heading, operations, totals

UNREADABLE_SHOWN = 200

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --line: #c8ccd4; --soft: #5b6472; --critical: #a3001e; --high: #c2410c;
  --medium: #8a6100; --low: #1d5fa8; --informational: #5b6472; }
@media (prefers-color-scheme: dark) { :root { --line: #3d4450; --soft: #a3acba; --critical: #ff6b81;
  --high: #ff9a5c; --medium: #e8c15a; --low: #7cb7ff; --informational: #a3acba; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
article { border-top: 1px solid var(--line); padding: .8rem 0; break-inside: avoid; overflow-wrap: anywhere; }
h3 { margin: 0; font-size: 1rem; } p { margin: .2rem 0; } .soft { color: var(--soft); }
table { border-collapse: collapse; margin: .3rem 0; font-size: .9rem; }
td { padding: .05rem .8rem .05rem 0; vertical-align: top; } td:first-child { text-align: right; }
.score { font-weight: 700; } .critical { color: var(--critical); } .high { color: var(--high); }
.medium { color: var(--medium); } .low { color: var(--low); } .informational { color: var(--informational); }
@media print { body { max-width: none; margin: 0; font-size: 10pt; } }
"""


def write_page(path: Path, reading: Reading, findings: List[Finding], of: int, now: float) -> None:
    """Write the page whole or not at all. Raises BadInput when the place cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(page(reading, findings, of, now))
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise BadInput(f"--report {path}: cannot be written ({error.strerror})") from error


def page(reading: Reading, findings: List[Finding], of: int, now: float) -> str:
    """The page's text; `now` in epoch seconds."""
    body = "\n".join(
        [
            "<h1>Mailbox delegations</h1>",
            f"<p class=soft>Delegation Watch, made {escape(utc(now))}. All times are UTC.</p>",
            "<h2>What was read</h2>",
            _list(file_lines(reading.files)),
            f"<p>{escape(totals(reading))}</p>",
            f"<p>Operations: {escape(operations(reading) or 'none')}</p>",
            _unreadable(reading),
            "<h2>What this export cannot show</h2>",
            _list(gaps(reading.signs.seen)),
            f"<h2>{escape(heading(findings, of))}</h2>",
            *[_article(each) for each in findings],
        ]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>Mailbox delegations</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _list(items: List[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>" if items else "<p>Nothing.</p>"


def _unreadable(reading: Reading) -> str:
    if not reading.unreadable:
        return ""
    shown = [f"{clean(source)}: {clean(why)}" for source, why in reading.unreadable[:UNREADABLE_SHOWN]]
    hidden = len(reading.unreadable) - len(shown)
    return "<h2>What could not be read</h2>" + _list(shown + [f"and {hidden} more"] * (hidden > 0))


def _article(each: Finding) -> str:
    level = each.level if each.level.isalpha() else ""
    rows = "".join(
        f"<tr><td>{escape(factor.points)}</td><td>{escape(factor.name)}</td><td>{escape(factor.reason)}</td></tr>"
        for factor in each.factors
    )
    return (
        f'<article><h3><span class="score {escape(level)}">{each.score} {escape(each.level)}</span> '
        f"{escape(each.parties)}: {escape(each.what)}</h3>"
        f"<p class=soft>{escape(each.time)}, {escape(each.act)}</p><p>{escape(each.reason)}</p>"
        f"<table>{rows}</table><p class=soft>Evidence: {escape(each.evidence)}</p></article>"
    )
