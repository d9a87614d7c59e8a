"""What the README and docs/ say of fields, tables and files is what there is."""

import csv
import re

import pytest
from delegation_watch.grants.fields import FIELDS, RIGHTS
from delegation_watch.risk.tables import FAMILIES
from delegation_watch.splunk.searches import GROUPS, RULES

from scripts.content.pages import pages, responses

PAGES = (
    "README.md", "docs/fields.md", "docs/weights.md", "docs/collecting.md", "docs/setup.md", "docs/records.md",
    "docs/replay.md", "docs/questions.md",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(root, page):
    text = (root / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("https://")]
    assert links
    for link in links:
        path, _, heading = link.partition("#")
        target = ((root / page).parent / path) if path else root / page
        assert target.is_file(), link
        assert not heading or heading in anchors(target.read_text(encoding="utf-8")), link


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_every_field_and_every_right_is_described(root):
    text = (root / "docs" / "fields.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.+?) \|", text, re.MULTILINE))))
    assert {*FIELDS, *RIGHTS} - described == set()


def test_every_field_that_the_summary_adds_is_named(root):
    text = (root / "docs" / "fields.md").read_text(encoding="utf-8")
    props = (root / "default" / "props.conf").read_text(encoding="utf-8")
    ours = props.partition("[source::delegation_watch:grant]")[2]
    added = re.findall(r"^(?:EVAL-|FIELDALIAS-\S+ = .* AS )(\w+)", ours, re.MULTILINE)
    assert {"action", "src_user"} <= set(added)
    assert [name for name in added if f"`{name}`" not in text] == []


def test_the_families_and_the_columns_of_the_tables_are_described(root):
    text = (root / "docs" / "weights.md").read_text(encoding="utf-8")
    assert [family for family in FAMILIES if f"`{family}`" not in text] == []
    for path in sorted((root / "lookups").glob("*.csv")):
        header = path.read_text(encoding="utf-8").splitlines()[0]
        assert f"`{path.stem}" in text
        assert f"`{header}`" in text, path.name


def test_families_without_lines_are_those_that_the_page_names(root):
    with (root / "lookups" / "delegation_watch_weights.csv").open(encoding="utf-8", newline="") as stream:
        used = {row["family"] for row in csv.DictReader(stream)}
    text = (root / "docs" / "weights.md").read_text(encoding="utf-8")
    named = re.search(r"No line is of (`\w+`(?: or `\w+`)*) yet", text)[1]
    assert set(re.findall(r"`(\w+)`", named)) == set(FAMILIES) - used


# Rights that Exchange has and Workspace has not, and the other way round.
WORKSPACE = {"gmail_delegate", "delegation_switch", "app_mail", "role", "group_member", "forwarding", "inbox_rule"}
EXCHANGE = set(RIGHTS) - {"gmail_delegate", "delegation_switch"}
PLATFORMS = {"exchange_online": EXCHANGE, "exchange_server": EXCHANGE, "workspace": WORKSPACE}


@pytest.mark.parametrize("provider", PLATFORMS)
def test_every_right_has_the_commands_that_take_it_back_and_that_undo_it(root, provider):
    table = [one for one in responses(root) if one.provider == provider]
    assert {one.right for one in table} == PLATFORMS[provider]
    assert len(table) == len(PLATFORMS[provider])
    assert [one for one in table if not one.revoke or not one.undo] == []


def test_every_detection_is_led_to_from_the_page_of_questions(root):
    text = (root / "docs" / "questions.md").read_text(encoding="utf-8")
    assert [page.name for page in pages(root) if f"(detections/{page.name}.md)" not in text] == []


def test_every_search_and_macro_that_is_named_is_there(root):
    defaults = (root / "default" / "savedsearches.conf").read_text(encoding="utf-8")
    macros = (root / "default" / "macros.conf").read_text(encoding="utf-8")
    text = " ".join((root / page).read_text(encoding="utf-8").replace("\n", " ") for page in PAGES)
    searches = {name for name in re.findall(r"`(Delegation Watch - [^`]+)`", text) if "…" not in name}
    assert searches
    assert [name for name in searches if f"[{name}]" not in defaults] == []
    known = {*re.findall(r"\[(\w+)\]", macros), *lookups_and_confs(root)}
    assert [name for name in re.findall(r"`(delegation_watch_\w+)`", text) if name not in known] == []


def test_every_search_that_ships_disabled_is_named_where_it_is_told_what_to_enable(root):
    conf = (root / "default" / "savedsearches.conf").read_text(encoding="utf-8")
    stanzas = re.findall(r"^\[(Delegation Watch - [^\]]+)\]$(.*?)(?=^\[|\Z)", conf, re.MULTILINE | re.DOTALL)
    disabled = [name for name, body in stanzas if re.search(r"^disabled = 1$", body, re.MULTILINE)]
    steps = numbered(root, "docs/collecting.md", "4. Enable the searches")
    named = {name for step in steps for name in re.findall(r"`(Delegation Watch - [^`]+)`", step)}
    assert "Delegation Watch - … - Rule" in named
    assert {name for name in disabled if not name.endswith(" - Rule")} == named - {"Delegation Watch - … - Rule"}


def test_the_setup_page_enables_the_searches_in_the_order_that_is_told(root):
    steps = numbered(root, "docs/collecting.md", "4. Enable the searches")
    assert [re.match(r"\*\*(.+?)\*\*", step)[1] for step in steps] == [group.title for group in GROUPS]
    told = [name for step in steps for name in re.findall(r"`Delegation Watch - ([^`]+)`", step)]
    assert [name for group in GROUPS for name in group.names] == told
    inventory = re.findall(r"`Delegation Watch - ([^`]+)`", " ".join(step for step in steps if "inventory" in step))
    assert [name for group in GROUPS if not group.needed for name in group.names] == [*inventory, RULES]


def test_what_was_there_before_is_taken_in_between_the_searches_that_collect_and_the_detections(root):
    """Else nothing judges what is indexed between the backfill and the first run of Collect grants."""
    text = (root / "docs" / "collecting.md").read_text(encoding="utf-8")
    assert text.index("\n## 4. Enable the searches\n") < text.index("\n## 5. What was there before\n")
    *earlier, last = numbered(root, "docs/collecting.md", "4. Enable the searches")
    assert "once [what was there before](#5-what-was-there-before) is taken in" in last
    assert not any("Rule" in step for step in earlier)
    readme = (root / "README.md").read_text(encoding="utf-8")
    places = [readme.index(text) for text in ("#4-enable-the-searches", "#5-what-was-there-before", "the detections.")]
    assert places == sorted(places)


def test_only_what_reads_sweeps_waits_for_the_inventory(root):
    """A site that collects the audit alone must see what stands, and be told when its feed fails."""
    steps = numbered(root, "docs/collecting.md", "4. Enable the searches")
    (inventory,) = (step for step in steps if "inventory" in step)
    waiting = "|".join(re.findall(r"`Delegation Watch - ([^`]+)`", inventory))
    assert waiting == "Keep directory|Keep group members|Keep state from sweeps|Compare sweeps|Keep sweeps"


def test_how_far_back_detections_look_is_said_where_old_records_are_taken_in(root):
    conf = (root / "default" / "savedsearches.conf").read_text(encoding="utf-8")
    rules = re.findall(r"^\[Delegation Watch - [^\]]+ - Rule\]$(.*?)(?=^\[|\Z)", conf, re.MULTILINE | re.DOTALL)
    days = {int(re.search(r"^dispatch\.earliest_time = -(\d+)d$", body, re.MULTILINE)[1]) for body in rules}
    assert max(days) == 8
    text = (root / "docs" / "collecting.md").read_text(encoding="utf-8").partition("## 5. What was there before")[2]
    before = text.partition("\n## ")[0]
    assert "raises no alert" in before
    assert "at most eight days back" in before


def test_what_a_role_must_be_let_into_to_set_up_is_what_the_app_closes_to_it(root):
    """Each stanza of default.meta that names roles, with a role of the site's own added to all but writing the view."""
    closed = accesses((root / "metadata" / "default.meta").read_text(encoding="utf-8"))
    text = (root / "docs" / "setup.md").read_text(encoding="utf-8")
    shown = accesses(text.partition("`metadata/local.meta`")[2].partition("```\n")[2].partition("```")[0])
    assert set(closed) == {"", "delegation_watch_accounts", "views/delegation_watch_setup"}
    added = {stanza: access.replace("sc_admin ]", "sc_admin, mail_admins ]") for stanza, access in closed.items()}
    read, _, write = closed["views/delegation_watch_setup"].partition("write")
    added["views/delegation_watch_setup"] = read.replace("sc_admin ]", "sc_admin, mail_admins ]") + "write" + write
    assert shown == added


def test_every_lookup_over_a_file_that_ships_empty_is_told_how_to_read_another_one(root):
    empty = {path.name for path in (root / "lookups").glob("*.csv") if len(path.read_text().splitlines()) == 1}
    transforms = (root / "default" / "transforms.conf").read_text(encoding="utf-8")
    theirs = {name for name, filename in filenames(transforms) if filename in empty}
    text = (root / "docs" / "setup.md").read_text(encoding="utf-8").partition("## Tables of your own")[2]
    shown = filenames(text.partition("\n## ")[0].replace("\n   ", "\n"))
    assert {name for name, _ in shown} == theirs
    assert not {filename for _, filename in shown} & {path.name for path in (root / "lookups").iterdir()}


def filenames(transforms):
    """(stanza, filename) of each lookup over a file."""
    return re.findall(r"^\[(\w+)\]\nfilename = (\S+)$", transforms, re.MULTILINE)


def accesses(meta):
    """Stanza of a .meta file to its access."""
    return dict(re.findall(r"^\[(.*)\]\naccess = (.+)$", meta, re.MULTILINE))


def numbered(root, page, heading):
    """The numbered steps below a heading of a page."""
    text = (root / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [" ".join(step.split()) for step in re.findall(r"^\d+\. (.+\n(?:   .+\n)*)", text, re.MULTILINE)]


def lookups_and_confs(root):
    transforms = (root / "default" / "transforms.conf").read_text(encoding="utf-8")
    authorize = (root / "default" / "authorize.conf").read_text(encoding="utf-8")
    capabilities = re.findall(r"\[capability::(\w+)\]", authorize)
    specs = [path.stem for path in (root / "README").glob("*.spec")]
    return [*re.findall(r"\[(\w+)\]", transforms), *specs, *(path.partition(".")[0] for path in specs), *capabilities]


def test_every_address_of_the_rest_handler_is_described_and_no_other(root):
    text = (root / "docs" / "setup.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (GET|POST) \| `(\S+)`", text, re.MULTILINE)
    described = {(method, re.sub(r"\b[A-Z]+\b", "*", path)) for method, path in rows}
    routes = set()
    for module, area in (("setup", "setup"), ("accounts", "setup"), ("searches", "setup"), ("review", "review")):
        source = (root / "bin" / "delegation_watch" / "splunk" / f"{module}.py").read_text(encoding="utf-8")
        found = re.findall(r'Route\("(\w+)", "([^"]*)"', source)
        routes |= {(method, "/".join(filter(None, (area, pattern)))) for method, pattern in found}
    assert described == routes
