"""What every dashboard keeps to, read from its definition; what it looks like is tests/browser's business."""

import json
import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from scripts.content import App

FOLDER = "default/data/ui/views"
PREFIX = "delegation_watch_"
PLACE = f"/app/delegation_watch/{PREFIX}"
SEARCH = "/app/search/search"
# The dashboards there are to be, with the tokens that another one may hand them, beside `time.earliest` and so on.
DASHBOARDS = {
    "overview": {"provider"},
    "alerts": {"provider", "level", "text", "case"},
    "mailbox": {"mailbox"},
    "identity": {"identity"},
    "exposure": {"provider"},
    "review": {"provider", "explained", "reach", "text", "right", "kind", "level"},
    "hunt": {"field", "value", "text"},
    "health": set(),
    "tuning": {"factor"},
}
# Pages of the app that are none, with what they take of their address; tests/browser/test_review_page.py opens them so.
PAGES = {"review_approve": {"search"}}
TIME = {"time.earliest", "time.latest"}
MOST_SEARCHES = 12
WIDTH = 1440
# Of a window 1280 wide: what the grid has beside the scroll bar, what a panel needs around its table, and what a column
# of no width takes. A table whose columns all have widths stays that wide, whatever room there is.
NARROW, AROUND, UNSET = 1256, 16, 90
LEVELS = {"critical": "#B3161B", "high": "#DB5C1E", "medium": "#C79A00", "low": "#4C9A6A", "informational": "#7B8794"}
# What reads records as they came; only the searches that collect do.
RAW = ("delegation_watch_index", "delegation_watch_windows_index")
TOKEN = re.compile(r"\$(?!\$)([\w.]+)((?:\|\w)*)\$")
CLICKED = r"row\.(\w+)\.value"  # of a table: what the row that was clicked has in this column
OF_SERIES = "name"  # of a chart: the series that was clicked, "Setting tokens on a visualization click", 9.3 and 9.4
# What "Configure field-level drilldowns in a table" names, Splunk Enterprise 10.0, beside switchToTab, which is newer
# than 9.3. For 9.3 and 9.4 [unverified]. Where `fields` is not heeded, a click on any column follows the link.
OF_COLUMNS = {"drilldown.customUrl", "drilldown.setToken"}


def read(path):
    root = ET.parse(path).getroot()
    if root.get("version") != "2":
        return None
    definition = json.loads(root.findtext("definition"))
    return SimpleNamespace(
        name=path.stem[len(PREFIX) :], path=path, label=root.findtext("label"), definition=definition,
        panels=definition.get("visualizations", {}), inputs=definition.get("inputs", {}),
        sources=definition.get("dataSources", {}), layout=definition["layout"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def dashboards(root):
    found = [read(path) for path in sorted((root / FOLDER).glob("*.xml"))]
    assert any(found)
    return [one for one in found if one]


@pytest.fixture(scope="module")
def macros(root):
    return {name.partition("(")[0]: stanza["definition"] for name, stanza in App(root).conf("macros").items()}


def queries(board):
    return {name: source["options"]["query"] for name, source in board.sources.items()}


def texts(node):
    """Every text in a part of a definition."""
    if isinstance(node, str):
        return [node]
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [text for value in values for text in texts(value)]


def handlers(board):
    return [
        (name, handler) for name, panel in board.panels.items() for handler in panel.get("eventHandlers", [])
    ]  # fmt: skip


def to_search(handler):
    """Whether it opens a search that the handler itself has, and no address."""
    return handler["type"] == "drilldown.linkToSearch"


def links(board):
    """Every link: the panel, the path that it leads to, and the tokens that it hands on."""
    for name, handler in handlers(board):
        options = handler["options"]
        if handler["type"] == "drilldown.customUrl":
            parts = urlsplit(options["url"])
            given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
            yield name, parts.path, {re.sub(r"^form\.", "", key) for key, _ in given}
        elif handler["type"] == "drilldown.linkToDashboard":
            tokens = {each["token"] for each in options["tokens"]}
            yield name, f"/app/{options['app']}/{options['dashboard']}", tokens


def told(dashboards, faults):
    """Every fault of every dashboard, with its name."""
    return [f"{board.name}: {fault}" for board in dashboards for fault in faults(board)]


def test_a_dashboard_is_named_after_what_it_is(dashboards):
    names = {board.path.name for board in dashboards}
    assert names <= {f"{PREFIX}{name}.xml" for name in DASHBOARDS}
    assert told(dashboards, lambda board: [] if board.label == board.definition["title"] else [board.label]) == []


def test_no_dashboard_runs_more_searches_than_it_may(dashboards):
    assert {board.name: len(board.sources) for board in dashboards if len(board.sources) > MOST_SEARCHES} == {}


def expanded(text, macros, depth=0):
    """The text and all that its macros stand for."""
    names = re.findall(r"`(\w+)", text)
    return [text, *(part for name in names if depth < 9 for part in expanded(macros.get(name, ""), macros, depth + 1))]


def test_no_search_reads_records_as_they_came(dashboards, macros):
    def faults(board):
        for name, query in queries(board).items():
            whole = expanded(query, macros)
            names = {found for text in whole for found in re.findall(r"`(\w+)", text)}
            yield from (f"{name} reads `{raw}`" for raw in RAW if raw in names)
            if re.search(r"\b(index|sourcetype|source)\s*=", query):
                yield f"{name} names an index or a source by itself"

    assert told(dashboards, faults) == []


def test_no_search_adds_events_by_a_subsearch(dashboards):
    """Of which Splunk leaves out, with no message, what is beyond its limits of rows and of time."""

    def faults(board):
        return [name for name, query in queries(board).items() if re.search(r"\[\s*search\b", query)]

    assert told(dashboards, faults) == []


def test_a_search_that_others_build_on_says_which_fields_they_need(dashboards):
    """Splunk gives a chain search only the fields that its base names or makes."""

    def faults(board):
        bases = {source["options"].get("extend") for source in board.sources.values()}
        roots = {name for name in bases - {None} if board.sources[name]["type"] == "ds.search"}
        shaping = re.compile(r"\|\s*(fields|table|stats|chart|timechart|eventstats)\b")
        return [name for name in roots if not shaping.search(board.sources[name]["options"]["query"])]

    assert told(dashboards, faults) == []


def test_a_token_in_a_search_is_quoted(dashboards):
    def faults(board):
        leading = {name: handler["options"]["query"] for name, handler in handlers(board) if to_search(handler)}
        for name, query in {**queries(board), **leading}.items():
            yield from (f"{name}: ${token}$" for token, filters in TOKEN.findall(query) if filters != "|s")

    assert told(dashboards, faults) == []


def test_a_text_that_somebody_entered_is_compared_as_it_is(dashboards):
    """In `like`, % and _ of a name would stand for anything."""
    pattern = re.compile(r'\blike\((?![^()]*, "[^"%]*%"\))')

    def faults(board):
        return [name for name, query in queries(board).items() if pattern.search(query)]

    assert told(dashboards, faults) == []


def test_a_macro_is_given_fields_and_texts_and_no_function(dashboards):
    """No source says how Splunk cuts arguments that have parentheses of their own."""

    def faults(board):
        for query in queries(board).values():
            yield from re.findall(r"`\w+\([^`]*\([^`]*`", query)

    assert told(dashboards, faults) == []


def test_every_token_comes_from_somewhere(dashboards):
    def faults(board):
        given = {item["options"]["token"] for item in board.inputs.values()}
        given |= set(board.definition.get("defaults", {}).get("tokens", {}).get("default", {}))
        for _, handler in handlers(board):
            given |= {each["token"] for each in handler["options"].get("tokens", []) if "key" in each}
        used = {token for text in texts(board.definition) for token, _ in TOKEN.findall(text)}
        return {token.partition(".")[0] for token in used if not re.fullmatch(CLICKED, token)} - given - {OF_SERIES}

    assert told(dashboards, faults) == []


def test_a_panel_says_what_it_shows_and_why_it_may_be_empty(dashboards):
    def faults(board):
        for name, panel in board.panels.items():
            if not panel.get("dataSources"):
                continue
            if not panel.get("title"):
                yield f"{name} has no title"
            if not re.search(r"\bEmpty: |\b0 (when|until)\b|\bFrom 0\b|chosen above", panel.get("description", "")):
                yield f"{name} does not say why it may be empty"

    assert told(dashboards, faults) == []


def test_a_link_leads_to_a_dashboard_that_takes_its_tokens(dashboards):
    def faults(board):
        for name, path, tokens in links(board):
            target = path[len(PLACE) :]
            if path == SEARCH and tokens == {"q", "earliest", "latest"}:
                continue
            taken = PAGES.get(target) or DASHBOARDS.get(target, set()) | TIME
            if not path.startswith(PLACE) or target not in {*DASHBOARDS, *PAGES}:
                yield f"{name} leads to {path}"
            elif not tokens <= taken:
                yield f"{name} gives {target} {sorted(tokens - taken)}"

    assert told(dashboards, faults) == []


def test_every_panel_leads_to_the_next_question(dashboards):
    """But the flow of Exposure: a click on a node of it gives no row, and the lists beside it lead on."""

    def faults(board):
        shown = [name for name, panel in board.panels.items() if panel["type"] != "splunk.markdown"]
        return [name for name in shown if not board.panels[name].get("eventHandlers")]

    assert told(dashboards, faults) == ["exposure: viz_flow"]


def test_a_search_that_a_panel_opens_says_of_which_time(dashboards):
    """Else it runs over what the search page has by itself."""

    def faults(board):
        for name, handler in handlers(board):
            if to_search(handler) and handler["options"].get("queryParameters", {}).keys() != {"earliest", "latest"}:
                yield name

    assert told(dashboards, faults) == []


def test_a_link_from_an_event_leads_to_a_dashboard_and_puts_in_what_the_event_must_have(root):
    """Of `fields` all must be there (workflow_actions.conf.spec), and what is put in is encoded unless `!` stands."""
    actions = App(root).conf("workflow_actions")
    assert actions
    for name, action in actions.items():
        parts = urlsplit(action["link.uri"])
        given = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)}
        tokens = {key[len("form.") :] for key in given if key.startswith("form.")}
        assert len(tokens) == len(given), name
        assert parts.path.startswith(PLACE), name
        assert tokens - TIME <= DASHBOARDS[parts.path[len(PLACE) :]], name
        put_in = set(re.findall(r"\$([^$]+)\$", action["label"] + action["link.uri"]))
        needed = set(action["fields"].split(", "))
        assert put_in <= needed, name
        assert {"case_key", "row_case"} & needed, f"{name} would be offered on the events of others"


def test_a_click_on_a_column_does_one_thing_and_that_is_documented_for_columns(dashboards):
    """Else every handler of a table may follow one click, and what it chose is gone with the page."""

    def faults(board):
        for name, panel in board.panels.items():
            given = panel.get("eventHandlers", [])
            named = [field for handler in given for field in handler["options"].get("fields", [])]
            yield from (f"{name}: {field} has two" for field in set(named) if named.count(field) > 1)
            for handler in given:
                if not handler["options"].get("fields"):
                    yield from [f"{name}: one handler is for every column"] * (len(given) > 1)
                elif handler["type"] not in OF_COLUMNS:
                    yield f"{name}: {handler['type']} for a column"

    assert told(dashboards, faults) == []


def test_a_handler_names_columns_of_its_table_and_hands_on_the_one_that_is_clicked(dashboards):
    def faults(board):
        for name, handler in handlers(board):
            if board.panels[name]["type"] == "splunk.table":
                shown = set(columns(queries(board)[board.panels[name]["dataSources"]["primary"]]))
                clicked = set(handler["options"].get("fields", []))
                given = {found for text in texts(handler) for found in re.findall(CLICKED, text)}
                yield from (f"{name}: {field} is no column" for field in {*clicked, *given} - shown)
                if len(clicked) == 1 and clicked != given:
                    yield f"{name}: {clicked} hands on {given}"

    assert told(dashboards, faults) == []


def test_a_value_that_is_clicked_is_one(dashboards):
    """Of two, Splunk hands on both with a comma between them, and nothing is called so."""
    lists = ("src", "folder", "client_app", "operation")  # of a row: several, where records were summed up

    def faults(board):
        searches = queries(board)
        for name, handler in handlers(board):
            query = searches.get(board.panels[name].get("dataSources", {}).get("primary"), "")
            single = set(re.findall(r"\| mvexpand (\w+)|\bBY (\w+) \|", query))
            for column in {found for text in texts(handler) for found in re.findall(CLICKED, text)}:
                several = [
                    field for field in re.findall(rf"\b(\w+) AS {column}\b", query)
                    if field in lists and not any(field in found for found in single)
                ]  # fmt: skip
                if several or re.search(rf"\bvalues\(\w+\) AS {column}\b|\b{column}=mvjoin\(", query):
                    yield f"{name}: {column}"

    assert told(dashboards, faults) == []


def test_a_field_that_is_expanded_is_made_sure_of_before(dashboards):
    """Of one that no row has Splunk may say, above the panel, that it does not exist in the data [unverified]."""

    def faults(board):
        for name, query in queries(board).items():
            for found in re.finditer(r"\| mvexpand (\w+)", query):
                field, before = found[1], query[: found.start()]
                if not re.search(rf"\b{field}=(coalesce|mvappend)\(|\bisnotnull\({field}\)", before):
                    yield f"{name}: {field}"

    assert told(dashboards, faults) == []


def test_a_chart_hands_on_a_row_where_its_points_are_clicked_alone(dashboards):
    """A legend, and a node of a flow, give a click no row: the name of the token would be handed on."""

    def faults(board):
        for name, handler in handlers(board):
            given = [text for text in texts(handler) if re.search(rf"{CLICKED}|\${OF_SERIES}\b", text)]
            if board.panels[name]["type"] != "splunk.table" and given:
                yield from [f"{name}: {given}"] * (handler["options"].get("events") != ["point.click"])

    assert told(dashboards, faults) == []


def test_a_bar_hands_on_what_stands_beneath_it_and_its_series_and_no_other_field(dashboards):
    """A chart that is clicked tells of the fields that it draws, and of no other that its search has."""

    def faults(board):
        for name, handler in handlers(board):
            axis = re.search(r'seriesByName\("(\w+)"\)', board.panels[name].get("options", {}).get("x", ""))
            if axis:
                found = {each for text in texts(handler) for each in re.findall(CLICKED, text)}
                yield from (f"{name}: {each} is not beneath its bars" for each in found - {axis[1]})

    assert told(dashboards, faults) == []


def test_review_offers_every_right_and_kind_of_delegate_that_a_row_can_have(dashboards, root):
    text = (root / "docs" / "fields.md").read_text(encoding="utf-8")
    (review,) = (board for board in dashboards if board.name == "review")

    def offered(name):
        return [item["value"] for item in review.inputs[name]["options"]["items"]]

    rights = text.partition("\n### Rights\n")[2].partition("\n## ")[0]
    firsts = re.findall(r"^\| (`[^|]+) \|", rights, re.MULTILINE)
    known = {each for first in firsts for each in re.findall(r"`(\w+)`", first)}
    assert set(offered("input_right")) == known - {"right"} | {"*"}
    kinds = re.search(r"^\| `grantee_kind` \|(.*)\|$", text, re.MULTILINE)[1]
    assert set(offered("input_kind")) == {*re.findall(r"`(\w+)`", kinds), "*"}
    assert set(offered("input_level")) == {*LEVELS, "worst", "*"}


def test_a_token_in_an_address_is_encoded(dashboards):
    """A name with & or # in it would end the value, or hand the next dashboard a token of its own."""

    def faults(board):
        for name, handler in handlers(board):
            found = TOKEN.findall(handler["options"].get("url", ""))
            yield from (f"{name}: ${token}$" for token, filters in found if filters != "|u")

    assert told(dashboards, faults) == []


def test_a_link_to_alerts_says_from_which_score_it_counts(dashboards):
    """Else the list begins at a score of its own, and does not hold what was clicked."""

    def faults(board):
        return [name for name, path, tokens in links(board) if path == f"{PLACE}alerts" and "level" not in tokens]

    assert told(dashboards, faults) == []


def test_a_link_takes_the_time_along(dashboards):
    """Where both have one, what was clicked is in the list that it leads to."""
    timed = {f"{PLACE}{board.name}" for board in dashboards if "input_time" in board.inputs}

    def faults(board):
        for name, path, tokens in links(board):
            if f"{PLACE}{board.name}" in timed and path in timed and not tokens >= TIME:
                yield f"{name} leads to {path} without the time"

    assert told(dashboards, faults) == []


def test_hunt_leads_to_no_list_that_forgets_what_was_hunted(dashboards):
    """Alerts takes a time and a score, and would show everybody's cases."""
    (hunt,) = (board for board in dashboards if board.name == "hunt")
    assert [name for name, path, _ in links(hunt) if path == f"{PLACE}alerts"] == []


# What the macros of the state say, and of a part what its last sweep said.
STATES = {
    "viz_feed": {"on time", "behind", "empty", "silent", "failing", "losing", "twice"},
    "viz_part": {"complete", "partial", "overdue", "cannot be read"},
}


def test_each_state_that_can_occur_has_a_colour_and_no_other(dashboards, macros):
    (health,) = (board for board in dashboards if board.name == "health")
    for name, states in STATES.items():
        said = macros[f"{PREFIX}{name[len('viz_') :]}_state"]
        assert {state for state in states - {"complete", "partial"} if f'"{state}"' not in said} == set()
        for colours in ("stateColors", "stateTextColors"):
            assert {each["match"] for each in health.panels[name]["context"][colours]} == states


def test_a_dashboard_takes_the_tokens_that_are_handed_to_it(dashboards):
    def faults(board):
        given = {item["options"]["token"] for item in board.inputs.values()}
        given |= set(board.definition.get("defaults", {}).get("tokens", {}).get("default", {}))
        return DASHBOARDS[board.name] - given

    assert told(dashboards, faults) == []


def test_panels_stand_on_the_grid_beside_each_other_and_not_upon(dashboards):
    def faults(board):
        places = [(item["item"], item["position"]) for item in board.layout["structure"]]
        for name, at in places:
            if at["x"] < 0 or at["x"] + at["w"] > WIDTH:
                yield f"{name} stands beyond {WIDTH}"
            for other, place in places:
                if other < name and not (
                    at["x"] + at["w"] <= place["x"] or place["x"] + place["w"] <= at["x"]
                    or at["y"] + at["h"] <= place["y"] or place["y"] + place["h"] <= at["y"]
                ):  # fmt: skip
                    yield f"{name} stands upon {other}"

    assert told(dashboards, faults) == []


def columns(query):
    """The columns of a search that ends in a table."""
    return [name.strip('"') for name in re.findall(r'"[^"]+"|\w+', query.rpartition("| table ")[2])]


def test_a_table_fills_its_panel_and_has_every_column_in_sight(dashboards):
    def faults(board):
        at = {item["item"]: item["position"] for item in board.layout["structure"]}
        for name, panel in board.panels.items():
            if panel["type"] != "splunk.table":
                continue
            shown = columns(queries(board)[panel["dataSources"]["primary"]])
            set_to = {key: one["width"] for key, one in panel["options"]["columnFormat"].items() if "width" in one}
            yield from (f"{name}: {key} is no column" for key in set(set_to) - set(shown))
            # The handle that makes a column wider names it by an id, which a space ends: screen readers lose it.
            yield from (f"{name}: {key} is more than a word" for key in shown if " " in key)
            if set(shown) <= set(set_to):
                yield f"{name}: every column has a width"
            wide = sum(set_to.get(key, UNSET) for key in shown)
            room = at[name]["w"] * NARROW // WIDTH - AROUND
            if wide > room:
                yield f"{name}: {wide} wide, with room for {room}"

    assert told(dashboards, faults) == []


def test_a_list_that_is_cut_says_how_long_it_is(dashboards):
    words = {"8": "eight", "10": "ten"}

    def faults(board):
        for name, panel in board.panels.items():
            query = queries(board).get(panel.get("dataSources", {}).get("primary"), "")
            said = f"{panel.get('title')} {panel.get('description')}".lower().split()
            for most in re.findall(r"\| (?:sort|head) ([1-9][0-9]*)\b", query):
                if most != "1" and words.get(most, most) not in [word.strip(".,:") for word in said]:
                    yield f"{name} is cut to {most}"

    assert told(dashboards, faults) == []


# What one entry of Hunt's list of fields stands for, beside those that are named as they are.
PARTIES = {
    "mailbox": ("mailbox", "mailbox_key", "mailbox_id"),
    "identity": ("grantee", "grantee_key", "grantee_id", "actor", "actor_key", "actor_id"),
}


def test_hunt_knows_every_field_that_a_row_can_have(dashboards, root):
    text = (root / "docs" / "fields.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)}
    rows = [row for name in ("A grant row", "Who is who", "The score") for row in sections[name].splitlines()]
    documented = {field for row in rows for field in re.findall(r"`(\w+)`", row.partition("|")[2].partition("|")[0])}
    (hunt,) = (board for board in dashboards if board.name == "hunt")
    offered = {item["value"] for item in hunt.inputs["input_field"]["options"]["items"]}
    offered |= {field for entry in PARTIES.values() for field in entry}
    looked = queries(hunt)["ds_rows"]
    assert documented - offered - {"_time"} == set()
    assert {field for field in offered - {"*", *PARTIES} if f'wanted_field="{field}", {field}' not in looked} == {
        field for entry in PARTIES.values() for field in entry if field != "mailbox"
    }  # fmt: skip


def test_levels_have_the_same_colours_everywhere(dashboards):
    def faults(board):
        for name, panel in board.panels.items():
            by_field = panel.get("options", {}).get("seriesColorsByField", {})
            yield from (f"{name}: {key}" for key, colour in by_field.items() if LEVELS.get(key, colour) != colour)
            for match in panel.get("context", {}).get("levelColors", []):
                if LEVELS.get(match["match"]) != match["value"]:
                    yield f"{name}: {match['match']}"

    assert told(dashboards, faults) == []


def test_a_figure_that_is_green_at_0_is_coloured_by_a_number_of_its_own(dashboards):
    """It is grey where nothing is known; of a text, as `-` is, a range makes no colour."""
    judging = {"overview", "mailbox", "identity", "exposure", "review"}

    def faults(board):
        for name, panel in board.panels.items():
            colour = panel.get("options", {}).get("majorColor", "")
            if board.name in judging and colour and not re.search(r'seriesByName\("\w+_colour"\)', colour):
                yield name

    assert told(dashboards, faults) == []


def test_the_time_is_one_input_and_one_token(dashboards):
    def faults(board):
        for name, item in board.inputs.items():
            if item["type"] == "input.timerange" and item["options"]["token"] != "time":
                yield name

    assert told(dashboards, faults) == []
