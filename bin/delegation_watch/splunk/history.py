"""What was done to approvals: an event of the summary index for each, and the way back to read them.

The register holds no more than what stands now. Who approved, changed or withdrew what, and why, stays in the index,
where neither a reviewer nor the page can change it.

Source: REST API reference, receivers/simple. Which capability that needs is [unverified]; Splunk's own token has all.
"""

import json
import time
from typing import Any, Dict, List

from splunklib import client

from .rest import listed
from .session import one_line

SOURCE = "delegation_watch:approval"
INDEX = "delegation_watch_summary_index"
_FAILED = "cannot write into the summary index what is done to an approval ({}), so nothing was done"
_READ = "search `delegation_watch_approval_history`"
_LOOK_BACK = "-90d"
_MOST = 200


def tell(system: client.Service, reviewer: str, action: str, **about: str) -> None:
    """Write down what somebody does to an approval; SplunkError when that cannot be.

    system: acts as Splunk itself, since reviewers need no right to write into an index.
    """
    given = {name: value for name, value in {"reviewer": reviewer, "approval_action": action, **about}.items() if value}
    # Its time first, with three decimals, as props.conf has the index look for it.
    body = f'{{"time": {time.time():.3f}, {json.dumps(given, ensure_ascii=False)[1:]}'.encode()
    with one_line(_FAILED):
        (macro,) = listed(system, f"configs/conf-macros/{INDEX}")
        index = str(macro["content"]["definition"]).strip().strip('"')
        system.post("/services/receivers/simple", body=body, index=index, source=SOURCE, sourcetype="stash")


def lately(service: client.Service) -> List[Dict[str, Any]]:
    """What was done in the last 90 days as far as whoever asks may see it, the latest first."""
    found = service.jobs.oneshot(_READ, earliest_time=_LOOK_BACK, count=_MOST, output_mode="json")
    return list(json.loads(found.read())["results"])
