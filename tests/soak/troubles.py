"""What goes wrong in the fault matrix, as tables: each trouble by name, what it does, how long it lasts.

Words and endpoints are those of `workbench.tenants.faults`. `every` is used in place of `share`, so that each trouble
is met in each trial, however small.
"""

import dataclasses
from typing import Any, Callable, Dict, Optional, Tuple

from workbench.tenants.plan import Rule

HOUR = 3600


@dataclasses.dataclass(frozen=True)
class Trouble:
    """One trouble.

    | field | meaning |
    |---|---|
    | rules | they join the plan |
    | on | word → every how-manyeth thing bears it, at the endpoint `at`; things are blobs, or activities |
    | recent | of those alone that are of the last so many seconds |
    | switches | set at the stand-in |
    | skews | by how much its clock is ahead, run by run, the last for all that follow |
    | jumps | its clock within a run: after so many looks at it, so far ahead |
    | lasts | so many runs from the one in which it first takes effect; 0: always |
    | bulk | how the records are published |
    | loses | the records of what `on` strikes are lost, and have to be told by its key |
    | adds | Ids beside the published ones |
    | says | what a person has to read |
    | shown | switches that have to have taken effect |
    """

    rules: Tuple[Rule, ...] = ()
    on: Dict[str, int] = dataclasses.field(default_factory=dict)
    at: str = "activity/row"
    recent: Optional[float] = None
    switches: Dict[str, Any] = dataclasses.field(default_factory=dict)
    skews: Tuple[float, ...] = ()
    jumps: Tuple[Tuple[int, float], ...] = ()
    lasts: int = 0
    bulk: Dict[str, Any] = dataclasses.field(default_factory=dict)
    loses: bool = False
    adds: Tuple[str, ...] = ()
    says: str = ""
    shown: Tuple[str, ...] = ()

    def plan(self, things):
        """Its rules for these things, (key, time) each."""
        struck = self.struck(things) if self.on else []
        if self.at == _BLOB:  # the key of a call only contains that of its thing
            return [*self.rules, *(Rule(self.at, word, key=f"*{key}*") for word in self.on for key in struck)]
        return [*self.rules, *(Rule(self.at, word, among=frozenset(struck)) for word in self.on if struck)]

    def struck(self, things):
        """The keys of the things that bear its words."""
        since = things[-1][1] - self.recent if self.recent else 0
        return [key for key, time in things if time >= since][1 :: min(self.on.values())]

    @property
    def words(self):
        """The words that have to have taken effect."""
        return {word.partition(":")[0] for word in [*(rule.fault for rule in self.rules), *self.on]}


def _calls(word: str, every: int, *endpoints: str) -> Trouble:
    """Each so manyeth call at these endpoints; those of the feed where none is named."""
    given = endpoints or ("activity/list", _CONTENT, _BLOB)
    return Trouble(tuple(Rule(endpoint, word, every=every) for endpoint in given))


_CONTENT, _BLOB, _LIST, _TOKEN = "activity/content", "activity/blob", "activity/list", "entra/token"
_START, _REPORTS, _GOOGLE_TOKEN = "activity/start", "reports/list", "google/token"
_GRAPH = ("graph/query", "graph/status", "graph/records")
_with: Callable[..., Trouble] = dataclasses.replace
_DISABLED = Trouble((Rule(_CONTENT, "disable", after=2, calls=1),))

OFFICE365: Dict[str, Trouble] = {
    # content
    "late": Trouble(on={"late:14400": 3}, recent=4 * HOUR, lasts=1),
    "published again": Trouble(bulk={"again": 0.02, "apart": 3 * HOUR}),
    "rows doubled": _calls("doubled", 2, _CONTENT),
    "rows reordered": _calls("reordered", 1, _CONTENT),
    "expired": Trouble(on={"expired": 9}, loses=True),
    "missing": Trouble(on={"missing": 9}, loses=True),
    "endless": _with(_calls("endless", 3, _CONTENT), lasts=2),
    "next page is this one": _with(_calls("loop", 3, _CONTENT), lasts=2),
    "empty page first": _calls("empty_next", 2, _CONTENT),
    "page header in small letters": Trouble(switches={"page_header": "nextpageuri"}, shown=("page_header",)),
    "page header of the other name": Trouble(switches={"page_header": "NextPageUrl"}, shown=("page_header",)),
    # refusals
    "AF429": _calls("AF429:1", 6),
    "429": _calls("429:1", 6),
    "503": _calls("503:1", 6),
    "503 at the token": Trouble((Rule(_TOKEN, "503:1", calls=2),)),
    "AF20022": Trouble((Rule(_CONTENT, "AF20022", after=2, calls=1),)),
    "AF20023": _DISABLED,
    "AF20023, start refused": Trouble(  # the second one: it comes within a quarter of an hour of the first
        (Rule(_CONTENT, "disable", after=2, calls=2),), switches={"start_interval": 900.0}, shown=("start_interval",),
        lasts=2,
    ),
    "AF20024": Trouble((Rule(_LIST, "unlisted"),)),
    "AF20030": Trouble((Rule(_CONTENT, "AF20030", after=2, calls=1),)),
    "AF20031": Trouble((Rule(_CONTENT, "AF20031", after=2, calls=1),)),
    "AF20055": Trouble((Rule(_CONTENT, "AF20055", after=2, calls=1),)),
    "AF50000": _calls("AF50000", 8),
    "AF50000 for long": Trouble(on={"AF50000:1": 40}, at=_BLOB, lasts=2),
    "401": _calls("401", 11),
    # what a person must mend
    "no permission": Trouble((Rule(_CONTENT, "AF10001"),), lasts=1, says="ActivityFeed.Read"),
    "unified audit is off": Trouble(
        (Rule(_LIST, "unlisted"),), switches={"audit_off": True}, lasts=1, says="unified audit", shown=("audit_off",)
    ),
    "secret has expired": Trouble(
        switches={"secret_expired": True}, lasts=1, says="make a new one and store it", shown=("secret_expired",)
    ),
    # tokens
    "token ends": _calls("token_ends", 9),
    "token cut off, then reset": Trouble((Rule(_TOKEN, "cut", calls=2), Rule(_TOKEN, "reset", after=2, calls=1))),
    "page of a proxy at the token": Trouble((Rule(_TOKEN, "html"),), lasts=1),
    "error in 200 at the token": Trouble((Rule(_TOKEN, "error_in_200"),), lasts=1),
    # answers
    "cut off": _calls("cut", 7),
    "cut off, chunked": _calls("cut_chunked", 7),
    "slow by the byte": Trouble((Rule(_CONTENT, "slow:0.001", calls=2), Rule(_TOKEN, "slow:0.001", calls=1))),
    "reset": _calls("reset", 7),
    "reset at once": _calls("reset_at_once", 7),
    "silent": Trouble((Rule(_CONTENT, "silent", calls=1), Rule(_BLOB, "silent", calls=1))),
    "gzip": _calls("gzip", 1, _CONTENT, _BLOB),
    "gzip broken": _calls("gzip_broken", 7),
    "gzip cut off": _calls("gzip_cut", 7),
    "error in 200": _calls("error_in_200", 7),
    "page of a proxy": _calls("html", 7),
    "half a text": _calls("truncated", 7, _CONTENT, _BLOB),
    "no text": _calls("nothing", 7, _CONTENT, _BLOB),
    "NUL bytes": _calls("nul", 7, _CONTENT, _BLOB),
    "a map for a list": _calls("turned", 7, _CONTENT, _BLOB),
    "redirect": Trouble((Rule(_BLOB, "redirect", every=10), Rule(_CONTENT, "redirect", after=2, calls=1)), lasts=2),
    "redirect at the token": Trouble((Rule(_TOKEN, "redirect"),), lasts=1, says="redirect"),
    "redirect of the start": Trouble((Rule(_START, "redirect"), Rule(_LIST, "unlisted")), lasts=1, says="redirect"),
    "other host": Trouble(on={"foreign_host": 9}, lasts=1),
    "huge blobs": Trouble(bulk={"per_blob": 25_000}),
    "huge record": Trouble((Rule(_BLOB, "huge", calls=2),), adds=("stand-in-huge",)),
    "deep record": Trouble((Rule(_BLOB, "deep", calls=1),), adds=("stand-in-deep",)),
    "bad UTF-8": Trouble((Rule(_BLOB, "bad_utf8", calls=1),), adds=("stand-in-bad_utf8",)),
    # clocks
    "clock behind, then right": Trouble(skews=(-8 * HOUR, 0)),
    "clock ahead, then right": Trouble(skews=(2 * HOUR, 0)),
    "clock jumps within a run": Trouble(jumps=((20, 2 * HOUR), (40, -HOUR), (60, 0))),
}

# The twelve worst, of which each pair is tried: content that is late, again, gone, without end; refusals for load, of
# the subscription, of single blobs for long; a token that ends; answers that break off, die, lie; a wrong clock.
OFFICE365_WORST = (
    "late", "published again", "expired", "endless", "AF429", "AF20023, start refused", "AF50000 for long",
    "token ends", "cut off", "reset", "error in 200", "clock behind, then right",
)  # fmt: skip

_PAGE_REFUSED = Rule(_REPORTS, "400", key="*pageToken=*", every=4)
WORKSPACE: Dict[str, Trouble] = {
    # content
    "late": Trouble(on={"late:18000": 3}, at="reports/row", recent=5 * HOUR, lasts=1),
    "pages shifting": Trouble(
        (Rule(_REPORTS, "shifting"),), on={"late:900": 3}, at="reports/row", recent=900, bulk={"days": 0.1},
        jumps=((40, 240), (60, 480), (80, 720), (100, 960)),
    ),
    "rows doubled": _calls("doubled", 2, _REPORTS),
    "rows reordered": _calls("reordered", 1, _REPORTS),
    "empty page first": _calls("empty_next", 1, _REPORTS),
    "endless": _with(_calls("endless", 3, _REPORTS), lasts=2),
    "next page is this one": _with(_calls("loop", 3, _REPORTS), lasts=2),
    # refusals
    "503": _calls("503:1", 5, _REPORTS),
    "429": _calls("429:1", 5, _REPORTS),
    "403 for quota": _calls("403:1", 5, _REPORTS),
    "500": _calls("500", 9, _REPORTS),
    "503 at the token": Trouble((Rule(_GOOGLE_TOKEN, "503:1", calls=2),)),
    "page token refused": Trouble((_PAGE_REFUSED,), lasts=2),
    "page tokens expire": Trouble(switches={"page_tokens_last": 5}, shown=("page_tokens_last",), lasts=2),
    "token ends": _calls("token_ends", 9, _REPORTS),
    "token cut off, then reset": Trouble(
        (Rule(_GOOGLE_TOKEN, "cut", calls=2), Rule(_GOOGLE_TOKEN, "reset", after=2, calls=1))
    ),
    "page of a proxy at the token": Trouble((Rule(_GOOGLE_TOKEN, "html"),), lasts=1),
    # what a person must mend
    "no administrator any more": Trouble((Rule(_REPORTS, "401"),), lasts=1, says="needs an administrator's role"),
    "delegation is withdrawn": Trouble(
        switches={"unauthorized_after": 0}, lasts=1, says="domain-wide delegation with exactly this scope",
        shown=("unauthorized_after",),
    ),
    # answers
    "cut off": _calls("cut", 7, _REPORTS),
    "cut off, chunked": _calls("cut_chunked", 7, _REPORTS),
    "slow by the byte": Trouble((Rule(_GOOGLE_TOKEN, "slow:0.001", calls=3), Rule(_REPORTS, "slow:0", calls=3))),
    "reset": _calls("reset", 7, _REPORTS),
    "reset at once": _calls("reset_at_once", 7, _REPORTS),
    "silent": Trouble((Rule(_REPORTS, "silent", calls=2),)),
    "gzip": _calls("gzip", 1, _REPORTS),
    "gzip broken": _calls("gzip_broken", 7, _REPORTS),
    "gzip cut off": _calls("gzip_cut", 7, _REPORTS),
    "error in 200": _calls("error_in_200", 7, _REPORTS),
    "page of a proxy": _calls("html", 7, _REPORTS),
    "half a text": _calls("truncated", 7, _REPORTS),
    "no text": _calls("nothing", 7, _REPORTS),
    "NUL bytes": _calls("nul", 7, _REPORTS),
    "a list for a map": _calls("turned", 7, _REPORTS),
    "redirect": _with(_calls("redirect", 7, _REPORTS), lasts=2),
    "redirect at the token": Trouble((Rule(_GOOGLE_TOKEN, "redirect"),), lasts=1, says="redirect"),
    "huge record": Trouble((Rule(_REPORTS, "huge", after=3, calls=1),), adds=("stand_in_huge",)),
    "deep record": Trouble((Rule(_REPORTS, "deep", after=3, calls=1),), adds=("stand_in_deep",)),
    "bad UTF-8": Trouble((Rule(_REPORTS, "bad_utf8", after=3, calls=1),), adds=("stand_in_bad_utf8",)),
    # clocks
    "clock behind, then right": Trouble(skews=(-240, 0)),
    "clock ahead, then right": Trouble(skews=(240, 0)),
    "clock far behind, then right": Trouble(skews=(-8 * HOUR, 0), says="clock"),
    "clock jumps within a run": Trouble(jumps=((20, 240), (40, -HOUR), (60, 0))),
}
WORKSPACE_WORST = ("late", "pages shifting", "503", "page token refused", "cut off", "reset")

# What is older than the feed of Office 365, by Graph's audit log query.
BACKFILL: Dict[str, Trouble] = {
    # content
    "empty page first": _calls("empty_next", 1, _GRAPH[2]),
    "endless": _with(_calls("endless", 3, _GRAPH[2]), lasts=2),
    "next page is this one": _with(_calls("loop", 3, _GRAPH[2]), lasts=2),
    "page refused": Trouble((Rule(_GRAPH[2], "400", key="*skiptoken*", every=4),), lasts=2),
    "queries fail": Trouble(switches={"query_outcome": "failed"}, lasts=1, shown=("query_outcome",), says="failed"),
    "queries run on": Trouble(switches={"query_outcome": "running"}, lasts=1, shown=("query_outcome",)),
    # refusals
    "429": _calls("429:1", 6, *_GRAPH),
    "503": _calls("503:1", 6, *_GRAPH),
    "500": _calls("500", 8, *_GRAPH),
    "token ends": _calls("token_ends", 9, *_GRAPH),
    "query is gone": Trouble((Rule(_GRAPH[1], "404", every=3),), lasts=2),
    # what a person must mend
    "no permission": Trouble((Rule(_GRAPH[0], "403"),), lasts=1, says="of Microsoft Graph"),
    # answers
    "cut off": _calls("cut", 7, *_GRAPH),
    "cut off, chunked": _calls("cut_chunked", 7, *_GRAPH),
    "slow by the byte": Trouble((Rule(_GRAPH[1], "slow:0.001", calls=2),)),
    "reset": _calls("reset", 7, *_GRAPH),
    "reset at once": _calls("reset_at_once", 7, *_GRAPH),
    "silent": Trouble((Rule(_GRAPH[2], "silent", calls=2),)),
    "gzip": _calls("gzip", 1, *_GRAPH),
    "gzip broken": _calls("gzip_broken", 7, *_GRAPH),
    "gzip cut off": _calls("gzip_cut", 7, *_GRAPH),
    "error in 200": _calls("error_in_200", 7, *_GRAPH),
    "page of a proxy": _calls("html", 7, *_GRAPH),
    "half a text": _calls("truncated", 7, *_GRAPH),
    "no text": _calls("nothing", 7, *_GRAPH),
    "NUL bytes": _calls("nul", 7, *_GRAPH),
    "a list for a map": _calls("turned", 7, *_GRAPH),
    "redirect": _with(_calls("redirect", 7, *_GRAPH), lasts=2),
    "huge record": Trouble((Rule(_GRAPH[2], "huge", calls=1),), adds=("stand-in-huge",)),
    "deep record": Trouble((Rule(_GRAPH[2], "deep", calls=1),), adds=("stand-in-deep",)),
    "bad UTF-8": Trouble((Rule(_GRAPH[2], "bad_utf8", calls=1),), adds=("stand-in-bad_utf8",)),
    # clocks
    "clock behind, then right": Trouble(skews=(-8 * HOUR, 0)),
    "clock ahead, then right": Trouble(skews=(2 * HOUR, 0)),
    "clock jumps within a run": Trouble(jumps=((80, 2 * HOUR), (120, -HOUR), (160, 0))),
}
