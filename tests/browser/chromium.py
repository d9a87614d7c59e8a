"""Chromium for the tests: the system's own, with a fresh profile, and no traffic but to the page server."""

import shutil
import tempfile
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
    # No renderer in reserve and no page kept for a way back: they take a sixth of the processor's time.
    "--disable-features=SpareRendererForSitePerProcess,BackForwardCache,Prerender2,Translate",
    # Nothing resolves but the page server, whatever a page asks for. (Playwright's routes would turn the cache off.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
# What Splunk's packages say on every page, right or wrong.
NOISE = ("strict mode:", "[.WebGL-", "The preset entry for layout type", "Failed to calculate layout scale")
WIDTHS = (1280, 1920)
PATIENCE = 120_000  # milliseconds; a page takes two seconds, but the machine may have much else to do
_QUIET = """([quiet, timeout]) => new Promise((done, failed) => {
    const end = (how, said) => { watch.disconnect(); clearTimeout(limit); how(said); };
    const limit = setTimeout(() => end(failed, new Error('the page never settled')), timeout);
    let idle = 0, looked = performance.now();  // a look that comes late, as the page was kept from it, is one in time
    const watch = new MutationObserver(() => { idle = 0; });
    watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    const look = () => {
        const now = performance.now();
        idle = window.__studio.busy() > 0 ? 0 : idle + Math.min(now - looked, 80);
        looked = now;
        if (idle >= quiet) end(done);
        else requestAnimationFrame(() => setTimeout(look, 40));  // what waits for a frame has its turn
    };
    look();
})"""


def installed():
    """The path of a Chromium; None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def chromium(path):
    """A browser context of a fresh profile, in English and UTC."""
    profile = tempfile.mkdtemp(prefix="chromium-")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=path, headless=True, args=list(FLAGS), locale="en-US", timezone_id="UTC",
            viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        try:
            yield context
        finally:
            context.close()
            shutil.rmtree(profile, ignore_errors=True)


def twice(button):
    """Click it twice at once, as by a hand that double-clicks: no answer comes in between."""
    button.evaluate("(each) => { each.click(); each.click(); }")


class Page:
    """One tab of the browser; whatever goes wrong in it is kept for `problems`."""

    def __init__(self, context, web):
        self.tab, self.web = context.new_page(), web
        self.said, self.crashes, self.refused, self.outside = [], [], [], []
        self.tab.on("console", lambda message: self.said.append((message.type, message.text)))
        self.tab.on("pageerror", lambda error: self.crashes.append(str(error)))
        self.tab.on("response", self._answered)
        self.tab.on("request", self._asked)

    def _answered(self, response):
        if response.status >= 400:
            self.refused.append((response.status, response.url))

    def _asked(self, request):
        if not request.url.startswith((self.web.uri, "data:", "blob:", "about:")):
            self.outside.append(request.url)

    def close(self):
        self.tab.close()

    def open(self, view, width=None, **params):
        """Open a page of the app; parameters of the address, `**{"form.x": "1"}` among them."""
        if width:
            self.tab.set_viewport_size({"width": width, "height": 900})
        self.tab.goto(f"{self.web.address(view)}?{urlencode(params)}")
        return self

    def troubles(self):
        """What a page of any kind must not do: complain, crash, be refused, ask another host."""
        loud = [
            f"console {kind}: {text}" for kind, text in self.said
            if kind in ("error", "warning") and not text.startswith(NOISE)
        ]  # fmt: skip
        return [
            *loud,
            *(f"page error: {text}" for text in self.crashes),
            *(f"HTTP {status}: {url}" for status, url in self.refused),
            *(f"outside request: {url}" for url in self.outside),
        ]


class Dashboard(Page):
    """A tab with a dashboard of Dashboard Studio."""

    def open(self, view, width=None, **params):
        """Open it, and wait until it has settled. Drill-downs are told (`links`) and not followed."""
        super().open(view, width, **{"stay": "1", **params})
        # Splunk's own data sources look after their jobs once a second.
        self.settle(2500 if params.get("sources") == "splunk" else 500)
        return self

    def settle(self, quiet=500, timeout=PATIENCE):
        """Wait until it is drawn, no search runs, and nothing has changed for so many milliseconds."""
        self.tab.wait_for_function(
            "window.__studio && (window.__studio.ready || window.__studio.errors.length)", timeout=timeout
        )
        self.tab.evaluate(_QUIET, [quiet, timeout])

    def resize(self, width):
        """Make the window so wide, and wait until all is drawn anew where it was not."""
        size = {"width": width, "height": 900}
        if self.tab.viewport_size != size:
            self.tab.set_viewport_size(size)
            self.settle()

    def answered(self):
        """Seconds from the first search until the last had answered."""
        runs = self.searches()
        return max(run["began"] + run["seconds"] for run in runs) - min(run["began"] for run in runs)

    def switch_theme(self, theme):
        """Change the theme by the link in the bar, and wait until all is drawn anew."""
        link = self.tab.get_by_role("link", name=f"{theme.capitalize()} theme", exact=True)
        link.click()
        link.wait_for(state="detached")
        self.settle()

    def colours(self):
        """What each element of the dashboard is coloured by, in the order of the page."""
        self.tab.mouse.move(0, 0)
        self.settle()
        return self.tab.evaluate("""() => [...document.querySelectorAll('main *')].map((each) => {
            const { color, backgroundColor, borderTopColor, fill, stroke, opacity } = getComputedStyle(each);
            return [each.tagName, color, backgroundColor, borderTopColor, fill, stroke, opacity].join(' ');
        })""")

    def violations(self, impacts, rules=()):
        """What axe-core finds wrong on the page, of these impacts, one line each; `rules`: these alone."""
        if not self.tab.evaluate("'axe' in window"):
            self.tab.add_script_tag(path=str(self.web.bundle / "axe.js"))
        options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
        found = self.tab.evaluate("(options) => axe.run('main', options).then((r) => r.violations)", options)
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['target'][0]} {node['html'][:160]}"
            for rule in found if rule["impact"] in impacts for node in rule["nodes"]
        ]  # fmt: skip

    def problems(self, allow=("ok",)):
        """Everything that is wrong with it now; a test wants []. `allow`: the states that a panel may be in."""
        return self.tab.evaluate("(allow) => __studio.problems({allow})", list(allow)) + self.troubles()

    def panels(self):
        """Every panel by its id: {type, state, message}."""
        return {each["id"]: each for each in self.tab.evaluate("__studio.panels()")}

    def panel(self, name):
        """The element of a panel."""
        return self.tab.locator(f"[data-test=viz-item][data-id={name}]")

    def text(self, name):
        """What a panel says, in one line."""
        return " ".join(self.panel(name).inner_text().split())

    def table(self, name):
        """The rows of a table as they are shown, without its heads."""
        rows = self.panel(name).locator("[data-test=body] [data-test=row]").all()
        return [[cell.inner_text() for cell in row.locator("[data-test=cell]").all()] for row in rows]

    def searches(self):
        """Every search that ran so far: {id, query, base, earliest, latest, rows, seconds}, or with `error`."""
        return self.tab.evaluate("__studio.searchLog")

    def tokens(self):
        """The default tokens as they are now."""
        return self.tab.evaluate("__studio.tokens.default || {}")

    def links(self):
        """Where drill-downs led so far."""
        return [link["url"] for link in self.tab.evaluate("__studio.links")]

    def field(self, title):
        """An input by its title."""
        return self.tab.locator("[data-test=input-item]").filter(has=self.tab.get_by_text(title, exact=True))

    def choose(self, title, option):
        """Choose an option of a dropdown; the searches that ran because of it."""
        before = len(self.searches())
        self.field(title).locator("[data-test=select]").click()
        self.tab.get_by_role("option", name=option, exact=True).click()
        self.settle()
        return self.searches()[before:]

    def write(self, title, text):
        """Write into a text input; the searches that ran because of it."""
        before = len(self.searches())
        box = self.field(title).locator("input")
        box.fill(text)
        box.press("Enter")
        self.settle()
        return self.searches()[before:]

    def choose_time(self, label):
        """Choose a range of the time picker; the searches that ran because of it."""
        before = len(self.searches())
        self.tab.locator("[data-test=time-range-dropdown]").first.click()
        self.tab.get_by_text(label, exact=True).click()
        self.settle()
        return self.searches()[before:]

    def figure(self, name):
        """The number of a single value."""
        return float(self.panel(name).locator("[data-test=majorValue]").inner_text().replace(",", ""))

    def click(self, name, text=None, row=0, column=None):
        """Click a table's first cell with this text, or its cell in row and column, else the figure of the panel.

        Where that leads, or None.
        """
        before = len(self.links())
        panel = self.panel(name)
        if text is not None:
            panel.locator("[data-test=body] [data-test=cell]", has_text=text).first.click()
        elif column is not None:
            line = panel.locator("[data-test=body] [data-test=row]").nth(row)
            line.locator("[data-test=cell]").nth(column).click()
        else:
            panel.locator("[data-test=majorValue]").click()
        self.settle()
        return (self.links()[before:] or [None])[0]

    def press(self, name):
        """Click the figure of a panel, its largest bar, or the foot of its area; where that is."""
        panel = self.panel(name)
        panel.scroll_into_view_if_needed()
        x, y = panel.evaluate("""(panel) => {
            const box = (each) => each.getBoundingClientRect(), size = (each) => box(each).width * box(each).height;
            const all = panel.querySelectorAll('[data-test=majorValue], .highcharts-series > .highcharts-point');
            const found = [...all].sort((a, b) => size(b) - size(a))[0];
            const { x, y, width, height } = box(found || panel.querySelector('.highcharts-plot-background'));
            return [x + width / 2, found ? y + height / 2 : y + height - 3];
        }""")
        # A chart draws anew what the mouse comes upon, after an eighth of a second; a click amidst that is none.
        self.tab.mouse.move(x, y, steps=2)
        self.settle(300)
        self.tab.mouse.click(x, y)
        return x, y

    def leads(self, *names):
        """Where a click on each of these panels leads (`press`)."""
        for name in names:
            before = len(self.links())
            x, y = self.press(name)
            try:
                self.tab.wait_for_function("(before) => __studio.links.length > before", arg=before)
            except Timeout as error:
                raise AssertionError(f"a click on {name} at {x:.0f}, {y:.0f} leads nowhere") from error
        return self.links()[-len(names) :]

    def shot(self, path):
        """A picture of the whole dashboard: the window grows first, or charts are caught while they redraw."""
        height = self.tab.evaluate("""() => { const c = document.querySelector('[data-test=LayoutContainer]');
            return Math.ceil(c ? c.getBoundingClientRect().top + c.scrollHeight : document.body.scrollHeight); }""")
        size = self.tab.viewport_size
        if height > size["height"]:
            self.tab.set_viewport_size({"width": size["width"], "height": min(height + 8, 6000)})
            self.settle()
        self.tab.screenshot(path=path)
        self.tab.set_viewport_size(size)
