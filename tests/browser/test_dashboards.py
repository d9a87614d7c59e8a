"""Every dashboard, whatever it shows: drawn without a fault in both themes and widths, readable by all."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.browser.chromium import WIDTHS
from tests.browser.conftest import FIRST_VIEW
from tests.browser.test_first_view import first_view

ROOT = Path(__file__).resolve().parents[2]
VIEWS = sorted((ROOT / "default" / "data" / "ui" / "views").glob("delegation_watch_*.xml"))
DASHBOARDS = [path.stem for path in VIEWS if ET.parse(path).getroot().get("version") == "2"]
DRAWN = ("ok", "empty")
GRAVE = ("serious", "critical")
# What no definition can change: Splunk's grey for every panel's description, its icon on every panel without data.
NOT_OURS = (("color-contrast", "viz-description"), ("button-name", 'data-test="clickable"'))


def fits(dashboard):
    """Panels whose content is cut off at their right edge, by their ids."""
    return dashboard.tab.evaluate(
        """() => [...document.querySelectorAll('[data-test=viz-item]')].filter((panel) => {
            const right = panel.getBoundingClientRect().right;
            return right > document.documentElement.clientWidth + 1;
        }).map((panel) => panel.dataset.id)"""
    )


def faults(dashboard, widths):
    """What is wrong with how it is drawn, at each width."""
    found = []
    for width in widths:
        dashboard.resize(width)
        found += [f"{width}: {fault}" for fault in [*dashboard.problems(DRAWN), *fits(dashboard)]]
    return found


def barriers(dashboard, *rules):
    """What keeps somebody from using it, of what a definition can change."""
    found = dashboard.violations(GRAVE, rules)
    return [each for each in found if not any(all(map(each.__contains__, parts)) for parts in NOT_OURS)]


@pytest.mark.parametrize("view", DASHBOARDS)
def test_it_is_soon_drawn_whole_in_both_themes_and_can_be_used_by_keyboard_and_screen_reader(
    dashboard, view, record_property
):
    took, limit = first_view(dashboard, view, WIDTHS[0])
    record_property(FIRST_VIEW, f"{view:<30}{took[-1]:6.2f} s")
    assert took[-1] < limit, f"{took} s, {limit:.1f} s are allowed"
    empty = {name for name, panel in dashboard.panels().items() if panel["state"] == "empty"}
    assert {name for name in empty if not re.search(r"Empty: |\b0 (when|until)", dashboard.text(name))} == set()
    assert len(empty) * 3 <= len(dashboard.panels()), f"mostly empty with the demo's data: {sorted(empty)}"
    assert barriers(dashboard) == []
    assert faults(dashboard, WIDTHS) == []
    dashboard.switch_theme("dark")
    assert faults(dashboard, WIDTHS[::-1]) == []
    assert barriers(dashboard, "color-contrast") == []  # all that a theme changes


@pytest.mark.parametrize("view", ["delegation_watch_overview"])  # it has figures, charts and tables
def test_a_theme_that_is_switched_to_looks_as_one_that_the_page_is_opened_in(dashboard, view):
    dashboard.open(view, WIDTHS[0], theme="light")
    light = dashboard.colours()
    dashboard.switch_theme("dark")
    switched = dashboard.colours()
    dashboard.open(view, WIDTHS[0], theme="dark")
    assert dashboard.colours() == switched != light


@pytest.mark.parametrize("view", DASHBOARDS[:1])
def test_splunks_own_data_sources_draw_it_as_well(dashboard, web, view):
    before = len(web.asked)
    dashboard.open(view, WIDTHS[0], sources="splunk")
    assert dashboard.problems(DRAWN) == []
    calls = web.asked[before:]
    assert [call for call in calls if call[2] >= 400] == []
    sources = dashboard.tab.evaluate("Object.values(__studio.definition.dataSources)")
    bases = [source for source in sources if source["type"] == "ds.search"]
    assert len([path for method, path, _ in calls if (method, path[-12:]) == ("POST", "/search/jobs")]) == len(bases)
