"""Pictures of the dashboards for README and docs, out of the demo's data: `make screenshots`.

The data is made up anew each time, so the pictures change a little with every run; commit them when a page has changed.
"""

import sys
from pathlib import Path

from tests.browser.chromium import Dashboard, chromium, installed
from workbench.demonstration.steps import Steps
from workbench.splunkd import Splunkd
from workbench.viewer import SplunkWeb
from workbench.viewer.world import HOME, clock, held, ready

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screenshots"
# Name of the picture: dashboard, theme.
PICTURES = {"overview": ("overview", "light"), "alerts": ("alerts", "dark")}


def main():
    """Draw all of them."""
    path = installed()
    if path is None:
        sys.exit("no Chromium here: install it (Debian: apt-get install chromium fonts-liberation)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with held(HOME):
        draw(path, ready(HOME, Steps()).now)


def draw(path, now):
    """Draw them with this Chromium, at this time of the data."""
    with Splunkd(ROOT, HOME, clock=clock(now)) as splunkd, SplunkWeb(splunkd) as web, chromium(path) as context:
        for name, (view, theme) in PICTURES.items():
            page = Dashboard(context, web).open(f"delegation_watch_{view}", 1280, theme=theme)
            problems = page.problems(("ok", "empty"))
            if problems:
                sys.exit(f"{view}: {'; '.join(problems)}")
            page.shot(FOLDER / f"{name}.png")
            page.close()
            print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
