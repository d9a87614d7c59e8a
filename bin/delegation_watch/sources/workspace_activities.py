"""An activity of the Reports API taken apart into single events, and by what an event is known again."""

import json
from typing import Any, Dict, List, Tuple

# Activities that another application has too, with the same time, qualifier and event. Source: six pairs of a real
# tenant, which are all it had; that there is none in `user_accounts` alone no document says, so both are read.
FOLDED = {"user_accounts": "login"}

# Kept, since making one for each event would cost more than the sorting.
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def singles(activity: Any) -> List[Any]:
    """One record for each event of an activity, with a singular `event`, as Splunk's own add-on writes them.

    What has no list of events is given as it is.
    """
    events = activity.get("events") if isinstance(activity, dict) else None
    if not isinstance(events, list) or not events:
        return [activity]
    rest = {name: value for name, value in activity.items() if name != "events"}
    return [{**rest, "event": event} for event in events]


def named(single: Any) -> Tuple[str, List[str]]:
    """An event's name and the names of its parameters, for the count of what came."""
    event = single.get("event") if isinstance(single, dict) else None
    if not isinstance(event, dict):
        return "(unreadable)", []
    listed = event.get("parameters")
    names = [entry.get("name") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return str(event.get("name") or "(none)"), [str(name) for name in names if name]


def identity(activity: Any) -> Dict[str, Any]:
    """The `id` of an activity, empty where it has none."""
    told = activity.get("id") if isinstance(activity, dict) else None
    return told if isinstance(told, dict) else {}


def key(single: Any) -> str:
    """By what an event is known: customer, application, time, qualifier and the event itself; never the etag.

    An application that is folded into another goes by the other's name. In whatever order the keys of an object come,
    it is the same event.
    """
    told = identity(single)
    customer, application, *rest = map(told.get, ("customerId", "applicationName", "time", "uniqueQualifier"))
    event = single.get("event", single) if isinstance(single, dict) else single
    return _canonical([customer, FOLDED.get(str(application), application), *rest, event])
