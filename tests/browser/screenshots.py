"""Pictures of the dashboards and pages for README and docs, out of the demo's data: `make screenshots`.

The data is made up anew each time, so the pictures change a little with every run; commit them when a page has changed.
"""

import sys
from pathlib import Path
from typing import NamedTuple, Tuple

from tests.browser.chromium import Dashboard, Page, chromium, installed
from workbench.demonstration.steps import Steps
from workbench.serve import world
from workbench.viewer import SplunkWeb
from workbench.viewer.world import HOME, held, ready

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDTH = 1280


class Picture(NamedTuple):
    """A dashboard with the tokens that a drill-down gives it, or a page; its uppermost pixels, where not all.

    `pressed`: a button of the page that is pressed before, and has done its work.
    """

    view: str
    theme: str = "light"
    tokens: Tuple[Tuple[str, str], ...] = ()
    height: int = 0
    page: bool = False
    pressed: str = ""


PICTURES = {
    "overview": Picture("overview"),
    "alerts": Picture("alerts", "dark", height=1100),
    "mailbox": Picture("mailbox", tokens=(("mailbox", "ada.brandt@harbourfinch.example"),), height=1160),
    "identity": Picture("identity", tokens=(("identity", "maarten.hendriks@harbourfinch.example"),), height=1290),
    "exposure": Picture("exposure", "dark", height=920),
    "review": Picture("review", height=860),
    "approve": Picture("review_approve", page=True),
    "setup": Picture("setup", page=True, pressed="Test: Audit feed, account office365", height=1000),
}


def take(picture, context, web, path):
    """Draw one; SystemExit where the dashboard has a problem."""
    if picture.page:
        shown = Page(context, web).open(f"delegation_watch_{picture.view}", WIDTH, theme=picture.theme)
        if picture.pressed:
            shown.tab.get_by_role("button", name=picture.pressed, exact=True).click()
        shown.tab.wait_for_load_state("networkidle")
    else:
        tokens = {f"form.{name}": value for name, value in picture.tokens}
        shown = Dashboard(context, web).open(f"delegation_watch_{picture.view}", WIDTH, theme=picture.theme, **tokens)
    problems = shown.troubles() if picture.page else shown.problems(("ok", "empty"))
    if problems:
        sys.exit(f"{picture.view}: {'; '.join(problems)}")
    if picture.height:
        shown.tab.set_viewport_size({"width": WIDTH, "height": picture.height})
    if picture.page:
        shown.tab.screenshot(path=path)
    elif picture.height:
        shown.settle()
        shown.tab.screenshot(path=path)
    else:
        shown.shot(path)
    shown.close()


def main():
    """Draw all of them, or those that are named."""
    browser = installed()
    if browser is None:
        sys.exit("no Chromium here: install it (Debian: apt-get install chromium fonts-liberation)")
    wanted = sys.argv[1:] or list(PICTURES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with held(HOME):
        made = ready(HOME, Steps())
        with world(made, HOME) as (splunkd, _), SplunkWeb(splunkd) as web, chromium(browser) as context:
            for name in wanted:
                take(PICTURES[name], context, web, FOLDER / f"{name}.png")
                print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
