"""What goes wrong in the fault matrix, as a table: each trouble by name, what it does, how long it lasts.

Words and endpoints are those of `workbench.tenants.faults`. `every` is used in place of `share`, so that each trouble
is met in each trial, however small; a trial asserts that it was.
"""

import dataclasses
from typing import Any, Callable, Dict, Optional, Tuple

from workbench.tenants.plan import Rule

HOUR = 3600


@dataclasses.dataclass(frozen=True)
class Trouble:
    """One trouble.

    `rules` join the plan. `on_blobs` does so too: word → every how-manyeth blob bears it, at the endpoint `at`; of those
    alone that became available in the last `recent` seconds, where given. `switches` are set at the stand-in; `skews` is by how much its
    clock is ahead, run by run, the last for all that follow. `lasts` says after how many runs it is over, 0 for never;
    `bulk` is how the records are published. `loses` says that the records of those blobs are lost, and have to be told
    by the blob's id; `adds` Ids beside the published ones; `says` what a person has to read in the run. `jumps` moves
    the clock within a run: after so many looks at it, so far ahead.
    """

    rules: Tuple[Rule, ...] = ()
    on_blobs: Dict[str, int] = dataclasses.field(default_factory=dict)
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

    def plan(self, blobs):
        """Its rules for these blobs."""
        rules = list(self.rules)
        for word, every in self.on_blobs.items():
            rules += [Rule(self.at, word, key=f"*{blob.content_id}*") for blob in self.struck(blobs, every)]
        return rules

    def struck(self, blobs, every=None):
        """The blobs that bear one of its words."""
        every = every or next(iter(self.on_blobs.values()))
        since = blobs[-1].created - self.recent if self.recent else 0
        return [blob for blob in blobs if blob.created >= since][1::every]

    @property
    def words(self):
        """The words that have to have taken effect."""
        return {word.partition(":")[0] for word in [*(rule.fault for rule in self.rules), *self.on_blobs]}


def _calls(word: str, every: int, *endpoints: str, **more: Any) -> Trouble:
    given = endpoints or ("activity/list", "activity/content", "activity/blob")
    return Trouble(tuple(Rule(endpoint, word, every=every, **more) for endpoint in given))


_CONTENT, _BLOB, _START, _LIST, _TOKEN = (
    "activity/content", "activity/blob", "activity/start", "activity/list", "entra/token",
)  # fmt: skip
_with: Callable[..., Trouble] = dataclasses.replace

TROUBLES: Dict[str, Trouble] = {
    # content
    "late": Trouble(on_blobs={"late:14400": 3}, recent=4 * HOUR, lasts=1),
    "published again": Trouble(bulk={"again": 0.02, "apart": 3 * HOUR}),
    "rows doubled": _calls("doubled", 2, _CONTENT),
    "rows reordered": _calls("reordered", 1, _CONTENT),
    "expired": Trouble(on_blobs={"expired": 9}, loses=True),
    "missing": Trouble(on_blobs={"missing": 9}, loses=True),
    "endless": _with(_calls("endless", 3, _CONTENT), lasts=2),
    "next page is this one": _with(_calls("loop", 3, _CONTENT), lasts=2),
    "empty page first": _calls("empty_next", 2, _CONTENT),
    "page header in small letters": Trouble(switches={"page_header": "nextpageuri"}),
    "page header of the other page": Trouble(switches={"page_header": "NextPageUrl"}),
    # refusals
    "AF429": _calls("AF429:1", 6),
    "429": _calls("429:1", 6),
    "503": _calls("503:1", 6),
    "503 at the token": Trouble((Rule(_TOKEN, "503:1", calls=2),)),
    "AF20022": Trouble((Rule(_CONTENT, "AF20022", after=2, calls=1),)),
    "AF20023": Trouble((Rule(_CONTENT, "disable", after=2, calls=1),)),
    "AF20023, start refused": Trouble(
        (Rule(_CONTENT, "disable", after=2, calls=1),), switches={"start_interval": 900.0}, lasts=2
    ),
    "AF20024": Trouble((Rule(_LIST, "unlisted"),)),
    "AF20030": Trouble((Rule(_CONTENT, "AF20030", after=2, calls=1),)),
    "AF20031": Trouble((Rule(_CONTENT, "AF20031", after=2, calls=1),)),
    "AF20055": Trouble((Rule(_CONTENT, "AF20055", after=2, calls=1),)),
    "AF50000": _calls("AF50000", 8),
    "AF50000 for long": Trouble(on_blobs={"AF50000:1": 40}, at=_BLOB, lasts=2),
    "401": _calls("401", 11),
    # tokens
    "token ends": _calls("token_ends", 9),
    "token lives for a second": Trouble(switches={"token_seconds": 1, "delay": 0.02}),
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
    "other host": Trouble(on_blobs={"foreign_host": 9}, lasts=1),
    "huge record": Trouble((Rule(_BLOB, "huge", calls=2),), adds=("stand-in-huge",)),
    "deep record": Trouble((Rule(_BLOB, "deep", calls=1),), adds=("stand-in-deep",)),
    "bad UTF-8": Trouble((Rule(_BLOB, "bad_utf8", calls=1),), adds=("stand-in-bad_utf8",)),
    # clocks
    "clock behind, then right": Trouble(skews=(-8 * HOUR, 0)),
    "clock ahead, then right": Trouble(skews=(2 * HOUR, 0)),
    "clock jumps within a run": Trouble(jumps=((60, 2 * HOUR), (120, -HOUR), (180, 0))),
}

# The twelve worst, of which each pair is tried: content that is late, again, gone, without end; refusals for load, of
# the subscription, of single blobs for long; a token that ends; answers that break off, die, lie; a wrong clock.
WORST = (
    "late", "published again", "expired", "endless", "AF429", "AF20023, start refused", "AF50000 for long", "token ends",
    "cut off", "reset", "error in 200", "clock behind, then right",
)  # fmt: skip
