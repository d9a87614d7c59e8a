"""The setup page's searches: which of them run, in the order in which docs/collecting.md has them enabled."""

from typing import Any, Dict, List, NamedTuple, Tuple

from splunklib import client
from splunklib.binding import UrlEncoded

from .. import APP
from .rest import Refusal, Request, Route, is_off, listed
from .trace import Trace

_PREFIX = "Delegation Watch - "
_RULE = " - Rule"
# In place of names: all the detections that there are.
RULES = f"…{_RULE}"


class Group(NamedTuple):
    """Searches that are enabled together: what for, and whether every site needs them; names without the prefix."""

    key: str
    title: str
    why: str
    needed: bool
    names: Tuple[str, ...]


GROUPS = (
    Group("collect", "Learn and collect", "Without these nothing that arrives is scored.", True,
          ("Learn identities", "Collect grants", "Learn accounts", "Collect uses")),
    Group("state", "Who has which right now", "Exposure, Review, Approve delegations and Mailbox read it.", True,
          ("Keep state from events", "Close replaced delegates")),
    Group("health", "Whether collecting works", "Nothing else tells that a feed fails, as when a secret expires.", True,
          ("Keep ledger", "Learn what usually comes", "Collection health")),
    Group("tables", "Tables, approvals and what is usual", "What is told as a first time rests on it.", True,
          ("Check tables", "Tell ended approvals", "Learn baselines", "Forget old baselines")),
    Group("inventory", "With the inventory", "Only where an inventory is collected, by whichever host.", False,
          ("Keep directory", "Keep group members", "Keep state from sweeps", "Compare sweeps", "Keep sweeps")),
    Group("rules", "Detections", "Last, once the backfills have run. Each raises alerts of its own.", False,
          (RULES,)),
)  # fmt: skip


class Searches:
    """The route of the searches, and how they stand."""

    def __init__(self, trace: Trace):
        self._trace = trace

    def routes(self) -> List[Route]:
        """What answers what."""
        return [Route("POST", "searches/*/enable", self.enable)]

    def shown(self, service: client.Service) -> List[Dict[str, Any]]:
        """Each group, with its searches in order: `name`, `on`, `scheduled`, and in one sentence what it is `for`."""
        found = _found(service)
        return [
            {
                "key": group.key, "title": group.title, "why": group.why, "needed": group.needed,
                "searches": [found[name] for name in _names(group, found)],
            }
            for group in GROUPS
        ]  # fmt: skip

    def enable(self, request: Request) -> Dict[str, Any]:
        """Enable those of a group that are off, in order, by the right of whoever asks."""
        group = next((one for one in GROUPS if one.key == request.path[1]), None)
        if group is None:
            raise Refusal(404, f"There are no searches {request.path[1]}; {', '.join(one.key for one in GROUPS)} are")
        found = _found(request.service)
        off = [name for name in _names(group, found) if not found[name]["on"]]
        for name in off:
            address = UrlEncoded("saved/searches/") + UrlEncoded(name, encode_slash=True)
            # Its text, which splunklib would send along, would stay as it is through upgrades. [unverified] alone.
            if not found[name]["scheduled"]:
                request.service.post(address, is_scheduled=1)
            request.service.post(address + UrlEncoded("/enable"))
            self._trace.note(request.user, "enable search", search=name)
        return {"enabled": off}


def _found(service: client.Service) -> Dict[str, Dict[str, Any]]:
    """The app's own searches by name. One runs only if it is enabled and scheduled as well, which are two switches."""
    found = {}
    for entry in listed(service, "saved/searches", search=APP):
        name, content = entry["name"], entry["content"]
        if name.startswith(_PREFIX) and (entry.get("acl") or {}).get("app", APP) == APP:
            scheduled = not is_off(content.get("is_scheduled"))
            found[name] = {
                "name": name, "on": scheduled and is_off(content.get("disabled")), "scheduled": scheduled,
                "for": str(content.get("description") or "").partition(". ")[0].rstrip("."),
            }  # fmt: skip
    return found


def _names(group: Group, found: Dict[str, Dict[str, Any]]) -> List[str]:
    if group.names == (RULES,):
        return sorted(name for name in found if name.endswith(_RULE))
    return [_PREFIX + name for name in group.names if _PREFIX + name in found]
