"""People added to groups, and taken out: whoever is in a group that is a delegate gets what the group has.

The row's mailbox is the group, `access` is none, since a membership by itself opens no mailbox: what the group can open
stands in the grants whose grantee is the group.
"""

from typing import Callable, Dict, List, Optional

from .columns import add_error, to_grantee
from .fields import Row
from .office import cmdlet
from .parties import Party, party
from .shapes import Body
from .values import each_of, text_of

Reader = Callable[[Row, Body], List[Row]]


def member_row(row: Row, action: str, group: Optional[str], group_id: Optional[str], who: Party, native: str) -> Row:
    """The row of one member of a group."""
    one = dict(row, grant_action=action, right="group_member", right_native=native, access="none", mailbox=group,
               mailbox_id=group_id, mailbox_kind="group")  # fmt: skip
    to_grantee(one, who)
    if not (group and who.name):
        add_error(one, "group membership without " + ("a member" if group else "its group"))
    return one


def group_members(action: str, parameter: str, native: str = "member") -> Reader:
    """Distribution groups and Microsoft 365 groups, by Exchange's cmdlets."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        identity = given.get("identity") or text_of(body.get("ObjectId"))
        group = party(identity)
        kind = (given.get("linktype") or native).lower().rstrip("s")
        if kind not in ("member", "owner"):
            return []  # subscribers and aggregators of a group get no right from it
        return [
            member_row(row, action, group.name, group.id, party(name), kind)
            for name in each_of(given.get(parameter))
        ]

    return read


OPERATIONS: Dict[str, Reader] = {
    "Add-DistributionGroupMember": group_members("grant", "member"),
    "Remove-DistributionGroupMember": group_members("revoke", "member"),
    "Update-DistributionGroupMember": group_members("replace", "members"),
    "Add-UnifiedGroupLinks": group_members("grant", "links"),
    "Remove-UnifiedGroupLinks": group_members("revoke", "links"),
}
